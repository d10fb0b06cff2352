"""The listing: a program as text, one call a line, as anyone can read it."""

from __future__ import annotations

from typing import Any

from autograd.numerals import number
from autograd.program.instruction import Instruction, Recording, Ref
from autograd.program.planner import Plan

__all__ = ["listing"]


MOST = 6
"""Entries of a list among the arguments that are written out."""


def listing(
    recording: Recording,
    found: Plan | None = None,
    title: str = "recording",
    called: dict[int, str] | None = None,
) -> str:
    """A line for each instruction: its slot, the call, the value's kind, the buffer, the gate.

    `called` are the names of inputs.
    """
    called = called or {}
    given = [(slot, f"input {called.get(slot, '')}".rstrip()) for slot in recording.inputs]
    given += [(slot, "constant") for slot in recording.constants]
    rows = [(f"%{slot}", what, recording.values[slot].kind, "", "", "") for slot, what in given]
    halves: list[list[tuple[str, ...]]] = [[*rows], []]
    if recording.seed is not None:
        kind = recording.values[recording.seed].kind
        halves[1].append((f"%{recording.seed}", "seed", kind, "", "", ""))
    for instruction in recording.instructions:
        half = halves[recording.in_second_half(instruction)]
        for i, slot in enumerate(instruction.outputs):
            call = f"{instruction.name}({_arguments(instruction)})" if i == 0 else '"'
            where = _place(recording, found, slot)
            gate = ("← " if instruction.backward else "") + instruction.gate
            half.append(
                (f"%{slot}", call, recording.values[slot].kind, where, gate, instruction.scope)
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
    slot, call, kind, where, gate, scope = row
    text = f"{slot:>{widths[0]}} = {call:<{widths[1]}}  {kind:<{widths[2]}}"
    return f"{text}  {where:<{widths[3]}}  {gate:<{widths[4]}}  {scope}"


def _place(recording: Recording, found: Plan | None, slot: int) -> str:
    """Where a slot lives, such as ``"b3"``, ``"view of %4"``, ``"over %2"``, ``"new"``."""
    value = recording.values[slot]
    if value.weak:
        return "float"
    if value.view_of is not None:
        return f"view of %{value.view_of}"
    if found is None:
        return ""
    if slot in found.over:
        return f"over %{found.over[slot]}"
    number = found.buffer.get(slot)
    return "new" if number is None else f"b{number}"


def _arguments(instruction: Instruction) -> str:
    parts = [_text(arg) for arg in instruction.args]
    parts += [f"{name}={_text(value)}" for name, value in instruction.kwargs.items()]
    return ", ".join(parts)


def _text(arg: Any) -> str:
    kind = type(arg)
    if kind is Ref:
        return f"%{arg.slot}"
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
        f"{verb} {', '.join(f'%{slot}' for slot in slots) or 'nothing'}"
        for verb, slots in handed.items()
        if slots or verb == "returns"
    ]
