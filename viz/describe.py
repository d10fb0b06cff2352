"""A Figure in words: the description for screen readers, and what hovers say."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.extend import (
    added,
    full,
    in_its_language,
    is_as_printed,
    number,
    phrase,
    say,
    say_count,
)

from .figure import Figure, Gradient, Shown, Wire
from .labels import chip
from .languages import listed
from .names import printable

MOST_STEPS = 60  # A longer derivation is told from its inputs and its output alone.


@in_its_language
def title_of(figure: Figure) -> str:
    if figure.title:
        return figure.title
    name = printable(figure.output.name) if figure.output else ""
    if not name:
        return say_count(
            "Computational graph, {count:,} gate", "Computational graph, {count:,} gates",
            figure.gate_count,
        )  # fmt: skip
    return say_count(
        "Computational graph of {name}, {count:,} gate",
        "Computational graph of {name}, {count:,} gates", figure.gate_count, name=name,
    )  # fmt: skip


@in_its_language
def description_of(figure: Figure, *, digits: int | None = None, values: bool = True) -> str:
    """The derivation in words, one sentence a line."""
    called = _spoken_names(figure)

    def told(wire: Wire, plain: str, with_state: str, **names: str) -> str:
        """A sentence about a wire, or the one that tells its value and its gradient, too."""
        names["wire"] = called[wire.key]
        if not values or wire.value_shown is not Shown.FULLY:
            return say(plain, **names)
        told = {"value": _short(wire.value, digits), "gradient": _gradient(wire, digits)}
        return say(with_state, **names, **told)

    lines = [told(wire, *_LEAF) for wire in figure.wires if wire.is_leaf]
    operands: dict[str, list[str]] = {}
    for link in figure.links:
        operands.setdefault(link.target.key, []).append(called[link.source.key])
    if len(figure.feeds) <= MOST_STEPS:
        for gate, wire in figure.feeds:
            of = listed(operands.get(gate.key, [""]))
            lines.append(told(wire, *_MADE, gate=gate.name, symbol=gate.symbol, operands=of))
    elif figure.output:
        lines.append(told(figure.output, *_OUTPUT))
    return "\n".join([*lines, *figure.notes])


_LEAF = phrase("{wire}."), phrase("{wire} is {value}, {gradient}.")
_MADE = (
    phrase("{wire}, {gate} ({symbol}) of {operands}."),
    phrase("{wire}, {gate} ({symbol}) of {operands}, is {value}, {gradient}."),
)
_OUTPUT = phrase("The output, {wire}."), phrase("The output, {wire} is {value}, {gradient}.")


@in_its_language
def hovers_of(figure: Figure, *, values: bool = True) -> dict[str, str]:
    """What a wire or a gate says when the pointer rests on it, by its key."""
    hovers = {}
    for wire in figure.wires:
        lines = [printable(wire.name)] if wire.name else []
        if values and wire.value_shown is Shown.FULLY:
            lines += [say("value {value}", value=in_full(wire.value))]
            if wire.has_gradient and wire.gradient_shown is not Shown.FULLY:
                lines += [say("gradient not yet computed")]
            elif wire.has_gradient:
                lines += [say("gradient {gradient}", gradient=in_full(wire.gradient))]
            elif wire.gradient is Gradient.NOT_WANTED:
                lines += [say("a constant, without gradient")]
            else:
                lines += [say("gradient not computed")]
        elif np.ndim(wire.value):
            lines += [say("shape {shape}", shape=chip(np.shape(wire.value)))]
        lines += [wire.note] if wire.note else []
        if lines:
            hovers[wire.key] = "\n".join(lines)
    for index, link in enumerate(figure.links):
        if values and link.shown is Shown.FULLY and not isinstance(link.gradient, Gradient):
            lines = [say(
                "{wire} into {gate}: gradient {gradient}", wire=printable(link.source.name),
                gate=link.target.symbol, gradient=in_full(link.gradient),
            ).strip()]  # fmt: skip
            if "×" in link.product:
                lines.append(say("upstream × local: {product}", product=link.product))
            hovers[f"l{index}"] = "\n".join(lines)
            hovers[f"b{index}"] = hovers[f"l{index}"]
    for gate in figure.gates:
        lines = [gate.name if gate.count == 1 else f"{gate.name}: {gate.held}"]
        if gate.weights:
            lines.append(say_count("{count:,} weight", "{count:,} weights", gate.weights))
        hovers[gate.key] = "\n".join([*lines, *(t for t in (gate.rule, gate.line) if t)])
    return hovers


def _spoken_names(figure: Figure) -> dict[str, str]:
    """Names as they are; wires without one are numbered in the order of the picture."""
    called, count = {}, 0
    for wire in figure.wires:
        if not wire.name:
            count += 1
        called[wire.key] = printable(wire.name) or f"({count})"
    return called


def _gradient(wire: Wire, digits: int | None) -> str:
    if wire.has_gradient and wire.gradient_shown is not Shown.FULLY:
        return say("gradient not yet computed")
    if isinstance(wire.gradient, Gradient):
        is_constant = wire.gradient is Gradient.NOT_WANTED
        return say("constant") if is_constant else say("gradient not computed")
    gradient = _short(wire.gradient, digits)
    if wire.is_fork and np.ndim(wire.gradient) == 0:
        terms = added(wire.terms, digits, limit=8)
        return say("gradient {gradient}, the sum {terms}", gradient=gradient, terms=terms)
    return say("gradient {gradient}", gradient=gradient)


def _short(content: Any, digits: int | None) -> str:
    if np.ndim(content) == 0:
        text = number(float(content), digits)
        return text if is_as_printed(content, digits) else say("about {number}", number=text)
    shape, numbers = chip(np.shape(content)), _statistics(content)
    return say("of shape {shape} with {numbers}", shape=shape, numbers=numbers)


def in_full(content: Any) -> str:
    if np.ndim(content) == 0:
        return full(float(content))
    return f"{chip(np.shape(content))}: {_statistics(content)}"


def _statistics(content: Any) -> str:
    values = np.asarray(content, dtype=float)
    if values.size == 0:
        return say("no elements")
    with np.errstate(all="ignore"):
        found = (np.min(values), np.mean(values), np.max(values))
    low, mean, high = (number(value, 6) for value in found)
    text = say("min {low}, mean {mean}, max {high}", low=low, mean=mean, high=high)
    strange = int(np.sum(~np.isfinite(values)))
    return say("{numbers}, {count:,} not finite", numbers=text, count=strange) if strange else text
