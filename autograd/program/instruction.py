"""The Wengert list: a computation as a flat list of calls, each of which writes new registers.

A register is assigned once. An instruction names the function that it calls, its arguments, in
which a `Ref` stands for a register, and the registers of its results. Nothing here knows how a
program was recorded, or how it runs; passes turn one `Recording` into another.

Source: Wengert, A simple automatic derivative evaluation program, 1964.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from autograd.numerals import number

__all__ = [
    "Instruction", "Plan", "Recording", "Ref", "Value", "collect", "listing", "with_registers",
]  # fmt: skip


class Ref(NamedTuple):
    """Stands for a register among an instruction's arguments."""

    register: int


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a register before the program runs.

    Attributes
    ----------
    shape, dtype : of the array; a weak value is a Python float.
    order : its axes from the slowest in memory to the fastest, as the recorded result had them.
    dense : whether its entries follow each other in that order without gaps.
    view_of : the register whose memory it lies in, or None where it has its own.
    spread : whether every entry is the same element of that memory, as of a broadcast number.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    order: tuple[int, ...]
    dense: bool = True
    weak: bool = False
    view_of: int | None = None
    spread: bool = False

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def kind(self) -> str:
        """As a listing says it, such as ``"float32 64×10"``."""
        shape = "×".join(map(str, self.shape)) or "()"
        return "number" if self.weak else f"{self.dtype} {shape}"


@dataclass(slots=True, eq=False)
class Instruction:
    """One call: ``outputs = function(*args, **kwargs)``. Nobody changes one.

    It is not frozen all the same: recording spends most of its time on making them, and a frozen
    one takes thrice as long to make.

    Attributes
    ----------
    function : NumPy's, or a gate's own where that could not be taken apart.
    args, kwargs : its arguments; `Ref`s stand for registers, in lists, tuples and slices too.
    outputs : the registers of its results.
    several : whether it returns a nest of results, of which `outputs` are the leaves.
    gate : the name of the gate that it belongs to.
    backward : whether it belongs to a backward pass.
    scope : the path of the scopes that it was recorded in.
    quiet : whether floating-point warnings are off while it runs.
    effect : whether it does something besides computing, such as drawing at random; it then runs
        at each replay, in its order.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: tuple[int, ...]
    several: bool = False
    gate: str = ""
    backward: bool = False
    scope: str = ""
    quiet: bool = False
    effect: bool = False
    _reads: tuple[int, ...] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def output(self) -> int:
        """The register of its result, where it has one."""
        return self.outputs[0]

    @property
    def reads(self) -> tuple[int, ...]:
        """The registers among its arguments, in order, repeated ones repeated."""
        known = self._reads
        if known is None:
            found: list[Ref] = []
            collect(Ref, self.args, found)
            if self.kwargs:
                collect(Ref, self.kwargs, found)
            known = tuple([ref.register for ref in found])
            self._reads = known
        return known

    @property
    def name(self) -> str:
        """The function's name, as NumPy calls it."""
        owner = getattr(self.function, "__self__", None)
        name = getattr(self.function, "__name__", "call")
        if name == "<lambda>" and self.gate:
            name = self.gate  # a gate's own function, which has no other name
        return f"{owner.__name__}.{name}" if isinstance(owner, np.ufunc) else name

    def reading(self, change: Callable[[int], Any]) -> Instruction:
        """The same call with other arguments in place of its registers."""
        return replace(
            self,
            args=with_registers(self.args, change),
            kwargs=with_registers(self.kwargs, change),
        )

    def renamed(self, same: Mapping[int, int]) -> Instruction:
        """The same call with one register in place of another."""
        if not same or same.keys().isdisjoint(self.reads):
            return self
        return self.reading(lambda register: Ref(same.get(register, register)))


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole computation.

    Attributes
    ----------
    values : what is known of each register, by its number.
    inputs : the registers that are given at each run.
    constants : the registers whose arrays were recorded once and for all.
    instructions : in the order in which they run.
    outputs : the registers of the results.
    gradients : the registers of the gradients of the first output, which the second half computes.
    seed : the register of the gradient that it starts from; None where there is no second half.
    assigned : the registers of the new data of Tensors from outside.
    """

    values: list[Value]
    inputs: tuple[int, ...]
    constants: dict[int, Any]
    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    gradients: tuple[int, ...] = ()
    seed: int | None = None
    assigned: tuple[int, ...] = field(default=())
    _homes: list[int] | None = field(default=None, init=False, repr=False, compare=False)

    def __str__(self) -> str:
        return listing(self)

    @property
    def kept(self) -> tuple[int, ...]:
        """The registers that are handed out."""
        return (*self.outputs, *self.gradients, *self.assigned)

    def in_second_half(self, task: Any) -> bool:
        """Whether an instruction or a block was recorded after the seed: runs in `backward`."""
        return self.seed is not None and max(task.outputs or task.reads) > self.seed

    def storage(self, register: int) -> int:
        """The register whose memory `register` lies in."""
        homes = self._homes
        if homes is None:
            homes = []
            for home in range(len(self.values)):
                while (base := self.values[home].view_of) is not None:
                    if base < len(homes):
                        home = homes[base]
                        break
                    home = base
                homes.append(home)
            object.__setattr__(self, "_homes", homes)
        return homes[register]


def with_registers(tree: Any, change: Callable[[int], Any]) -> Any:
    """A nest of arguments with `change(register)` for each `Ref` in it."""
    kind = type(tree)
    if kind is Ref:
        return change(tree.register)
    if kind is tuple or kind is list:
        return kind([with_registers(item, change) for item in tree])
    if kind is dict:
        return {key: with_registers(item, change) for key, item in tree.items()}
    return tree


def collect(sought: type, tree: Any, found: list[Any]) -> None:
    """Append what is of a type in a nest of arguments, in order, repeated ones repeated."""
    kind = type(tree)
    if kind is sought:
        found.append(tree)
    elif kind is tuple or kind is list:
        for item in tree:
            collect(sought, item, found)
    elif kind is dict:
        for item in tree.values():
            collect(sought, item, found)


# ---- where registers live, and the whole as text


@dataclass(slots=True)
class Plan:
    """Where registers live.

    Attributes
    ----------
    buffer : the number of the buffer that a register is written into; the other registers are
        inputs, constants, views, Python floats, or arrays that a call returns.
    sizes : the bytes of each buffer.
    over : the register of the input whose memory a register is written into: a Tensor's old data.
    returned : the bytes of the arrays that calls return anew at each run.
    """

    buffer: dict[int, int] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    over: dict[int, int] = field(default_factory=dict)
    returned: int = 0

    @property
    def peak(self) -> int:
        """The most bytes that buffers and returned arrays can hold at one time."""
        return sum(self.sizes) + self.returned


MOST = 6
"""Entries of a list among the arguments that are written out."""


def listing(
    recording: Recording,
    found: Plan | None = None,
    title: str = "recording",
    called: dict[int, str] | None = None,
) -> str:
    """A line for each instruction: its register, the call, the value's kind, the buffer, the gate.

    `called` are the names of inputs.
    """
    called = called or {}
    given = [
        (register, f"input {called.get(register, '')}".rstrip()) for register in recording.inputs
    ]
    given += [(register, "constant") for register in recording.constants]
    rows = [
        (f"%{register}", what, recording.values[register].kind, "", "", "")
        for register, what in given
    ]
    halves: list[list[tuple[str, ...]]] = [[*rows], []]
    if recording.seed is not None:
        kind = recording.values[recording.seed].kind
        halves[1].append((f"%{recording.seed}", "seed", kind, "", "", ""))
    for instruction in recording.instructions:
        half = halves[recording.in_second_half(instruction)]
        for i, register in enumerate(instruction.outputs):
            call = f"{instruction.name}({_arguments(instruction)})" if i == 0 else '"'
            where = _place(recording, found, register)
            gate = ("← " if instruction.backward else "") + instruction.gate
            half.append(
                (
                    f"%{register}",
                    call,
                    recording.values[register].kind,
                    where,
                    gate,
                    instruction.scope,
                )
            )
    widths = [max((len(row[i]) for row in halves[0] + halves[1]), default=0) for i in range(6)]
    lines = [title]
    for half, heading in zip(halves, ("forward", "backward"), strict=True):
        if half:
            lines += ["", heading]
            lines += ["  " + _row(row, widths) for row in half]
    lines += ["", *_results(recording)]
    return "\n".join(line.rstrip() for line in lines)


def _row(row: tuple[str, ...], widths: list[int]) -> str:
    register, call, kind, where, gate, scope = row
    text = f"{register:>{widths[0]}} = {call:<{widths[1]}}  {kind:<{widths[2]}}"
    return f"{text}  {where:<{widths[3]}}  {gate:<{widths[4]}}  {scope}"


def _place(recording: Recording, found: Plan | None, register: int) -> str:
    """Where a register lives, such as ``"b3"``, ``"view of %4"``, ``"over %2"``, ``"new"``."""
    value = recording.values[register]
    if value.weak:
        return "float"
    if value.view_of is not None:
        return f"view of %{value.view_of}"
    if found is None:
        return ""
    if register in found.over:
        return f"over %{found.over[register]}"
    buffer = found.buffer.get(register)
    return "new" if buffer is None else f"b{buffer}"


def _arguments(instruction: Instruction) -> str:
    parts = [_text(arg) for arg in instruction.args]
    parts += [f"{name}={_text(value)}" for name, value in instruction.kwargs.items()]
    return ", ".join(parts)


def _text(arg: Any) -> str:
    kind = type(arg)
    if kind is Ref:
        return f"%{arg.register}"
    if kind is float:
        return number(arg)
    if kind is slice:
        parts = ("" if v is None else str(v) for v in (arg.start, arg.stop))
        return ":".join(parts) + ("" if arg.step is None else f":{arg.step}")
    if kind in (tuple, list):
        shown = map(_text, arg if len(arg) <= MOST else arg[: MOST - 1])
        inside = ", ".join(shown) + (f", … {len(arg)} in all" if len(arg) > MOST else "")
        return f"[{inside}]" if kind is list else f"({inside}{',' if len(arg) == 1 else ''})"
    if kind is dict:
        return "{" + ", ".join(f"{key}: {_text(value)}" for key, value in arg.items()) + "}"
    text = getattr(arg, "__name__", None) or repr(arg)
    return text if len(text) <= 24 else text[:21] + "..."


def _results(recording: Recording) -> list[str]:
    """What a run hands out: results always, the others where there are any."""
    handed = {
        "returns": recording.outputs,
        "assigns": recording.assigned,
        "gradients": recording.gradients,
    }
    return [
        f"{verb} {', '.join(f'%{register}' for register in registers) or 'nothing'}"
        for verb, registers in handed.items()
        if registers or verb == "returns"
    ]
