"""Shortcuts: what must hold for a program to be replayed, written out for one kind of call.

A compiled function looks at its arguments, its surroundings and the Tensors that it reads before a
program runs. In general code that takes as long as ten calls of a small program; as straight-line
Python, made once calls have come a few times, it takes a few comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import floats, modes
from autograd.program.program import Program
from autograd.program.settings import GONE, Settings

__all__ = ["MISSED", "Shortcut"]

MISSED = object()
"""What a shortcut returns where it does not lead to the program."""

MOST = 64
"""Settings that are written out; more of them are looked at in a loop."""


class Shortcut:
    """A function of the arguments that replays a program, or returns MISSED.

    Attributes: `call`, that function, None where the arguments are of kinds that are not written
    out.

    Parameters
    ----------
    args : those of a call that the program is for.
    around : the surroundings that are to be as they are now; None if nobody need look.
    """

    def __init__(self, program: Program, around: Settings | None, args: Sequence[Any]) -> None:
        self._known: dict[str, Any] = {
            "modes": modes, "ndarray": np.ndarray, "MISSED": MISSED, "GONE": GONE,
            "replayed": program.direct, "held": program.held,
        }  # fmt: skip
        self._settings: list[str] = []
        self._given: list[str] = []
        self._lines: list[str] = []
        self.call: Callable[[Sequence[Any]], Any] | None = None
        if self._write_nest("args", args):
            if around is not None:
                self._write_settings(around)
            self._write_tensors(program)
            self._lines.append(f"    return replayed({', '.join(self._given)})")
            lines = ["def call(args):", "    if modes.open_blocks:", "        return MISSED"]
            source = "\n".join([*lines, *self._lines]) + "\n"
            self.call = floats.define("call", source, self._known)

    def refresh(self, around: Settings) -> None:
        """The settings are those that they should be, though some are other objects."""
        self._known.update(zip(self._settings, around.latest, strict=False))

    def _constant(self, thing: Any) -> str:
        name = f"k{len(self._known)}"
        self._known[name] = thing
        return name

    def _unless(self, conditions: Sequence[str]) -> None:
        """The program is for calls where all of them hold."""
        if conditions:
            self._lines += [f"    if not ({' and '.join(conditions)}):", "        return MISSED"]

    def _write_nest(self, name: str, nest: Any) -> bool:
        """An argument, or a list, tuple or dict of such; False where anything else is among them.

        What an array is looked at for is what `compiled` tells programs apart by.
        """
        kind = type(nest)
        conditions = [f"type({name}) is {kind.__name__}"]
        if kind in (list, tuple, dict):
            parts = [f"{name}_{i}" for i in range(len(nest))]
            if kind is dict:
                conditions.append(f"[*{name}] == {self._constant([*nest])}")
            else:
                conditions.append(f"len({name}) == {len(nest)}")
            self._unless(conditions)
            values = ".values()" if kind is dict else ""
            if parts:
                self._lines.append(f"    {', '.join(parts)}, = {name}{values}")
            return all(map(self._write_nest, parts, nest.values() if values else nest))
        if kind is np.ndarray and nest.dtype.kind in "fiub":
            conditions.append(f"{name}.dtype is {self._constant(nest.dtype)}")
            looks = [(part, self._constant(getattr(nest, part))) for part in ("shape", "strides")]
            conditions += [f"{name}.{part} == {constant}" for part, constant in looks]
        elif kind in (int, bool, str):
            conditions.append(f"{name} == {self._constant(nest)}")
        elif nest is None:
            conditions = [f"{name} is None"]
        elif kind is not float:
            return False
        self._unless(conditions)
        if kind in (np.ndarray, float):
            self._given.append(name)
        return True

    def _write_settings(self, around: Settings) -> None:
        values = around.latest
        if len(values) > MOST:
            self._unless([f"{self._constant(around.are_as_before)}()"])
        elif values:
            self._settings = [self._constant(value) for value in values]
            pairs = zip(around.written(self._constant), self._settings, strict=True)
            mark = len(self._lines)
            self._unless([f"{read} is {name}" for read, name in pairs if read])
            inside = [f"    {line}" for line in self._lines[mark:]]
            self._lines[mark:] = ["    try:", *inside, "    except GONE:", "        return MISSED"]

    def _write_tensors(self, program: Program) -> None:
        """Those that are read want gradients as before, and their data lie as they did: most often
        they are the very arrays."""
        if program.fetch is not None:  # nobody else may hold on to those
            self._lines += ["    now = held()", "    if now is None:", "        return MISSED"]
            self._given.append("*now")
            return
        places = [self._constant(tensor) for tensor in program.tensors]
        wants = [self._constant(tensor._wants) for tensor in program.tensors]
        self._unless([f"{p}._wants is {w}" for p, w in zip(places, wants, strict=True)])
        held = [f"h{i}" for i in range(len(places))]
        before = [self._constant(value) for value in program.data()]
        self._lines += [f"    {h} = {p}._value" for h, p in zip(held, places, strict=True)]
        if held:
            others = " or ".join(f"{h} is not {b}" for h, b in zip(held, before, strict=True))
            self._lines[:0] = [f"    global {', '.join(before)}"]
            self._lines += [
                f"    if {others}:",
                "        now = held()",
                "        if now is None:",
                "            return MISSED",
                f"        {', '.join(held)}, = now",
                *(f"        {b} = {h}" for h, b in zip(held, before, strict=True)),
            ]
        self._given += held
