"""What a picture shows, before any drawing: wires, gates, links between them, boxes, notes.

Every target that `viz.draw` accepts is turned into one `Figure`; the DOT, the hovers and the
description for screen readers are written from it and from nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from autograd.extend import current_language, phrase, say, say_count

from .arrays import Numbers


class Gradient(Enum):
    """Why a wire has no gradient to show."""

    NOT_COMPUTED = phrase("not computed")
    NOT_WANTED = phrase("constant")

    @property
    def words(self) -> str:
        """The reason, as readers are told."""
        return say(self.value)


class Shown(Enum):
    """How much of a number is drawn: a picture of one step holds back what comes later.

    What is held back keeps its room, so that all steps of a graph are laid out alike.
    """

    FULLY = "fully"
    HOLLOW = "hollow"
    BLANK = "a line to write it on"
    NOT_AT_ALL = "not at all"


def _is_zero(content: Any) -> bool:
    """Whether a number, or every number of an array, is zero."""
    return bool(content == 0.0) if isinstance(content, float) else not np.any(content)


@dataclass(eq=False)
class Wire:
    """One value on its way: written above its line, the gradient below it.

    `parts` holds the contribution of each link out of it, in the order of `links`; a wire with
    two or more is a fork, whose gradient is their sum. A bundle stands for many scalars at once.
    `node` is the Tensor whose value it is; None of a constant and of a bundle. A `note` stands
    under the line of a bare picture; `repeat` says which one it is of a leaf that is drawn several
    times, such as "2/3".
    """

    key: str
    name: str
    value: Any
    gradient: Any = Gradient.NOT_COMPUTED
    is_leaf: bool = False
    is_bundle: bool = False
    parts: list[Any] = field(default_factory=list)
    node: Any = None
    note: str = ""
    repeat: str = ""
    value_shown: Shown = Shown.FULLY
    gradient_shown: Shown = Shown.FULLY

    @property
    def is_fork(self) -> bool:
        return len(self.parts) > 1

    @property
    def terms(self) -> list[float]:
        """The contributions of a scalar, in the order in which the backward pass adds them."""
        return [float(part) for part in reversed(self.parts)]

    @property
    def has_gradient(self) -> bool:
        return not isinstance(self.gradient, Gradient)

    @property
    def is_dead(self) -> bool:
        """Whether the gradient was computed and is exactly zero, everywhere."""
        shown = self.gradient_shown is Shown.FULLY
        return shown and self.has_gradient and _is_zero(self.gradient)


@dataclass(eq=False)
class Gate:
    """A circle with one symbol, or (`opens`) a rounded box that holds other gates.

    `count` is the number of gates (or what `noun` says) a closed box stands for, `times` how often
    its content repeats; `rule` is the function and its derivative as text; `line` the user's line
    that made it. `weights` is how many trained numbers a closed module keeps inside; `nodes` are
    the Tensors that it made; `is_lit` marks the gate that a step is about.
    """

    key: str
    symbol: str
    name: str
    opens: bool = False
    count: int = 1
    noun: str = "gates"
    times: int = 1
    weights: int = 0
    rule: str = ""
    line: str = ""
    box: Box | None = None
    nodes: list[Any] = field(default_factory=list)
    is_lit: bool = False

    @property
    def inside(self) -> str:
        """What a closed box holds, such as "12 gates" or "650 weights"; nothing for one gate."""
        if self.weights:
            return say_count("{count:,} weight", "{count:,} weights", self.weights)
        return self.held if self.count > 1 else ""

    @property
    def held(self) -> str:
        """How many gates, or calls of a program, a closed box stands for."""
        if self.noun == "calls":
            return say_count("{count:,} call", "{count:,} calls", self.count)
        return say_count("{count:,} gate", "{count:,} gates", self.count)


@dataclass(eq=False)
class Link:
    """An operand's way from its wire into a gate, with this gate's own contribution.

    `product` is how the contribution comes about, such as "1 × (−4) = −4".
    """

    source: Wire
    target: Gate
    gradient: Any = Gradient.NOT_COMPUTED
    shown: Shown = Shown.FULLY
    product: str = ""

    @property
    def is_dead(self) -> bool:
        if self.shown is not Shown.FULLY:
            return False
        return not isinstance(self.gradient, Gradient) and _is_zero(self.gradient)


@dataclass(eq=False)
class Box:
    """An open scope, or an open composite gate, drawn around its gates.

    `role` is "value" or "gradient" for the halves of a program, which have those colours.
    """

    name: str
    outer: Box | None = None
    role: str = ""


@dataclass(frozen=True)
class Before:
    """A figure in which boxes were closed that are open now, and what its parts have become.

    `gates` has for each gate the key of the one that it was, or that it stood in; `opened` are keys
    of the latter. `wires` goes from keys of wires then to those now; `hidden` from leaves that came
    to be seen to the gates that they stood in; `boxes` from indices of boxes now to those then.
    """

    figure: Figure
    gates: dict[str, str]
    opened: set[str]
    wires: dict[str, str]
    hidden: dict[str, str]
    boxes: dict[int, int]


@dataclass(eq=False)
class Figure:
    """A picture's content. `feeds` joins each gate to the wires that leave it.

    `trace` is the backward pass whose gradients are drawn, None where there is none; `numbers`
    says which arrays are written out (`arrays.is_written`); its words are in its `language`, set in
    `font`, a family, where it is not the package's own. `before` is the figure that it was opened
    from, beside which it is laid out.
    """

    wires: list[Wire] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    feeds: list[tuple[Gate, Wire]] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = ""
    output: Wire | None = None
    trace: Any = None
    numbers: Numbers = "auto"
    language: str = field(default_factory=current_language)
    before: Before | None = None
    font: str = ""

    @property
    def gate_count(self) -> int:
        return sum(gate.count for gate in self.gates)

    @property
    def words(self) -> str:
        """All text that a picture of this figure holds."""
        parts = [self.title, *self.notes, *(box.name for box in self.boxes)]
        return " ".join([*parts, *(w.name for w in self.wires), *(g.symbol for g in self.gates)])
