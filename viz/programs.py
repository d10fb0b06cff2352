"""A compiled program as a Figure: each call a gate, each register a wire, in two halves."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import Instruction, Ref, bytes_in_words, say, say_count

from .collapse import MOST_GATES
from .errors import VizError
from .figure import Box, Figure, Gate, Gradient, Link, Wire
from .symbols import folded

MOST_WIRES = 3  # More than this between closed boxes are one.
MOST_STRETCHES = 4  # Of a half that nothing else shortens.
_SYMBOLS = {
    "matmul": "@", "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negative": "×(−1)",
    "maximum": "max", "minimum": "min", "reciprocal": "1/x", "square": "x²", "sqrt": "√",
    "log": "ln", "power": "xʸ", "absolute": "|x|", "getitem": "[ ]", "swapaxes": "ᵀ",
    "transpose": "ᵀ", "add.reduce": "Σ", "maximum.reduce": "max", "minimum.reduce": "min",
    "multiply.reduce": "Π", "greater": ">", "less": "<", "greater_equal": "≥", "less_equal": "≤",
    "equal": "=",
}  # fmt: skip
_LOCAL = re.compile(r"(\w+)\.local\[(\d+)\]")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass
class Stretch:
    """Calls in a row that one gate stands for; `label` is empty where it is a single call."""

    calls: list[Instruction]
    label: str = ""


def figure_of_program(program: Any, expand: Any = None) -> Figure:
    """The Figure of a Program: its calls, the shapes and buffers of what they make.

    Of more than 150 calls, those in a row that were recorded in one scope are one box; of still
    more, longer stretches are. ``expand="all"`` shows every call.

    Raises
    ------
    VizError : `expand` is anything else.
    """
    if expand not in (None, "all"):
        raise VizError(
            f'expand={expand!r}: a program has no scopes to open by name; write expand="all" '
            "for every call of it"
        )
    return _Builder(program, expand == "all").figure


class _Builder:
    def __init__(self, program: Any, everything: bool):
        self.program, self.recording = program, program.recording
        self.figure = Figure(title=_title(program))
        self.wires: dict[int, Wire] = {}
        first, second = self.halves()
        stretches = [_stretches(half, everything) for half in (first, second)]
        self.boxes = [Box(say("forward"), role="value"), Box(say("backward"), role="gradient")]
        self.home: dict[int, int] = {}
        gates = [self.gate(stretch, half) for half in (0, 1) for stretch in stretches[half]]
        both = [stretch for half in stretches for stretch in half]
        for number, stretch in enumerate(both):
            self.home.update(
                (register, number) for call in stretch.calls for register in call.outputs
            )
        self.figure.boxes = [box for box, half in zip(self.boxes, stretches, strict=True) if half]
        self.name_inputs()
        for (maker, reader), registers in self.ways(both).items():
            self.connect(gates, maker, reader, registers)
        if any(gate.count > 1 for gate in gates):
            self.note(gates)
        given = [
            self.wires[register] for register in sorted(self.wires) if self.wires[register].is_leaf
        ]
        self.figure.wires = [*given, *(w for w in self.figure.wires if w not in given)]
        for link in self.figure.links:
            link.source.parts.append(Gradient.NOT_WANTED)

    def halves(self) -> tuple[list[Instruction], list[Instruction]]:
        second = self.recording.in_second_half
        calls = self.recording.instructions
        return [c for c in calls if not second(c)], [c for c in calls if second(c)]

    def gate(self, stretch: Stretch, half: int) -> Gate:
        key = f"g{len(self.figure.gates)}"
        if stretch.label:
            gate = Gate(key, stretch.label, stretch.label, opens=True, count=len(stretch.calls))
            gate.noun = "calls"
        else:
            (call,) = stretch.calls
            gate = Gate(key, symbol_of_call(call), call.name)
            gate.rule = " ".join(filter(None, [say("of gate {gate}", gate=call.gate), call.scope]))
        gate.box = self.boxes[half]
        self.figure.gates.append(gate)
        return gate

    def name_inputs(self) -> None:
        """Inputs by their names; the gradient that the second half starts from is the seed."""
        self.names = {given.register: given.name for given in self.program.inputs}
        if self.recording.seed is not None:
            self.names[self.recording.seed] = "seed"

    def ways(self, stretches: list[Stretch]) -> dict[tuple[int, int], list[int]]:
        """The registers that go from one stretch into another, an operand twice where read twice.

        −1 stands for the inputs on one side, and for whoever gets the results on the other.
        """
        ways: dict[tuple[int, int], list[int]] = {}
        for number, stretch in enumerate(stretches):
            for call in stretch.calls:
                for register in call.reads:
                    maker = self.home.get(register, -1)
                    registers = ways.setdefault((maker, number), [])
                    if maker != number and not (stretch.label and register in registers):
                        registers.append(register)
        for register in dict.fromkeys(self.recording.kept):
            ways.setdefault((self.home.get(register, -1), -1), []).append(register)
        return ways

    def connect(self, gates: list[Gate], maker: int, reader: int, registers: list[int]) -> None:
        """A wire for each register, or one for very many between closed boxes."""
        made_by = gates[maker] if maker >= 0 else None
        read_by = gates[reader] if reader >= 0 else None
        closed = all(gate is None or gate.count > 1 for gate in (made_by, read_by))
        if len(registers) > MOST_WIRES and closed:
            wire = Wire(f"m{maker + 1}_{reader + 1}", "", 0.0, Gradient.NOT_WANTED, maker < 0)
            wire.note = say("{count:,} registers", count=len(registers))
            self.figure.wires.append(wire)
            wires = [wire]
        else:
            wires = [self.wire(register) for register in registers]
        for wire in wires:
            if made_by is not None and (made_by, wire) not in self.figure.feeds:
                self.figure.feeds.append((made_by, wire))
            if read_by is not None:
                self.figure.links.append(Link(wire, read_by, Gradient.NOT_WANTED))

    def wire(self, register: int) -> Wire:
        if register not in self.wires:
            value = self.recording.values[register]
            shape = np.broadcast_to(np.zeros((), value.dtype), value.shape)
            wire = Wire(f"w{register}", self.name_of(register), shape, Gradient.NOT_WANTED)
            wire.is_leaf = register not in self.home and register != self.recording.seed
            wire.note = " ".join(filter(None, [f"%{register}", self.place(register)]))
            self.wires[register] = wire
            self.figure.wires.append(wire)
            if register in self.recording.outputs[:1]:
                self.figure.output = wire
        return self.wires[register]

    def name_of(self, register: int) -> str:
        """An input's name; of a result ``out``, of a gradient d and its leaf's name."""
        if register in self.recording.outputs:
            place = self.recording.outputs.index(register)
            return "out" if len(self.recording.outputs) == 1 else f"out{place + 1}"
        if register in self.recording.gradients:
            leaf = self.program._wanted[self.recording.gradients.index(register)]
            return f"d{leaf.name or 'leaf'}"
        return self.names.get(register) or ""

    def place(self, register: int) -> str:
        """Where a register lives: its buffer, the register that it is a view of, memory of its
        own."""
        value, buffer = self.recording.values[register], self.program.plan.buffer
        if value.view_of is not None:
            return say("view of {register}", register=f"%{value.view_of}")
        if register in self.recording.inputs or value.weak:
            return ""
        if register in self.recording.constants:
            return say("constant")
        found = buffer.get(register)
        return say("new") if found is None else f"b{found}"

    def note(self, gates: list[Gate]) -> None:
        count = sum(gate.count for gate in gates)
        closed = len([gate for gate in gates if gate.count > 1])
        self.figure.notes.append(
            say(
                '{count:,} calls, most of them in {closed} closed boxes. To open: expand="all"; '
                "print(program) lists them",
                count=count,
                closed=closed,
            )
        )


def symbol_of_call(call: Instruction) -> str:
    """What stands in a call's circle: the slides' symbol where there is one, constants folded in.

    >>> x = ag.Tensor([3.0], name="x")
    >>> program = ag.compile(x * 2.0)
    >>> symbol_of_call(program.instructions[0])
    '×2'
    """
    local = _LOCAL.fullmatch(call.name)
    if local:  # One derivative of a gate on Python floats: ×′₁.
        which = str(int(local[2]) + 1).translate(_SUBSCRIPTS)
        return f"{_SYMBOLS.get(local[1], local[1])}′{which}"
    symbol = _SYMBOLS.get(call.name, call.name.removesuffix(".reduce"))
    register = ag.Tensor(0.0)  # Is no number to fold in.
    return folded(call.name, symbol, [register if type(arg) is Ref else arg for arg in call.args])


def _stretches(calls: list[Instruction], everything: bool) -> list[Stretch]:
    """One for each call where they are few; else for each scope, or for what fits."""
    single = [Stretch([call]) for call in calls]
    if everything or len(calls) <= MOST_GATES // 2:
        return single
    for key in (lambda c: c.scope or c.gate, lambda c: c.scope.split("/")[0] or c.gate):
        found = _grouped(calls, key)
        if len(found) <= MOST_GATES // 2:
            return found
    edges = np.linspace(0, len(calls), MOST_STRETCHES + 1).round().astype(int)
    return [
        Stretch(calls[start:end], _first_and_last(calls[start:end]))
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def _grouped(calls: list[Instruction], key: Callable[[Instruction], Hashable]) -> list[Stretch]:
    found = []
    for label, run in groupby(calls, key=key):
        together = list(run)
        short = str(label).rsplit("/", 1)[-1]
        found.append(Stretch(together, short if len(together) > 1 else ""))
    return found


def _first_and_last(calls: list[Instruction]) -> str:
    return f"{symbol_of_call(calls[0])} … {symbol_of_call(calls[-1])}"


def _title(program: Any) -> str:
    name = str(program).split(":", 1)[0]
    count, buffers = len(program.instructions), len(program.plan.sizes)
    words = [say_count("{count:,} call", "{count:,} calls", count)]
    if buffers:
        words += [say_count("{count} buffer", "{count} buffers", buffers)]
        words += [say("{memory} at the peak", memory=bytes_in_words(program.peak))]
    return f"{name}: {', '.join(words)}"
