"""One peer on one variant of a case, in a process of its own: builds it, then times on request.

Run by path, never imported by the harness: `python -I worker.py '{"case": ..., "peer": ...}'`.
It answers one line of JSON for the building, then one for each line of JSON it reads, and ends
with its input. Only `benchmarks` can be imported from the checkout, unless the peer is ours.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import platform
import sys
import types
from collections.abc import Callable
from importlib.metadata import version
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

HERE = Path(__file__).resolve().parent
SHORTEST = 0.02  # seconds: a repetition of a faster step calls it several times
WARM_CALLS = 10  # before timing; fewer where they take longer than this many seconds
WARM_SECONDS = 2.0


def _warm_allocator() -> None:
    """Free one large block, as any program that has loaded data has done.

    Until then glibc gives memory back to the system after every step of some megabytes, and each
    step takes longer by its page faults: for every peer, but by chance more or less.
    """
    bytearray(30 << 20)


def main() -> None:
    """Build, answer, then time once for every line that comes in."""
    order = json.loads(sys.argv[1])
    answers = _private_stdout()
    try:
        job = Job(order)
        _answer(answers, job.description())
        for line in sys.stdin:
            _answer(answers, job.repetition(**json.loads(line)))
    except BaseException as error:  # a peer may fail in any way; the table says how
        _answer(answers, {"error": _describe(error)})


class Job:
    """A step ready to be timed, and the values of the calls that warmed it up."""

    def __init__(self, order: dict[str, Any]) -> None:
        _import_paths(order["checkout"])
        _warm_allocator()
        case = importlib.import_module(order["case"])
        self.step: Callable[[], Any] = getattr(case, order["peer"])(**order["params"])
        self.versions = _versions(order["distributions"])
        self.own_clock: bool = getattr(case, "OWN_CLOCK", False)
        _check_origin(order["checkout"])
        self.values, seconds = self._warm_up()
        self.number = 1 if self.own_clock else max(1, ceil(SHORTEST / seconds))

    def _warm_up(self) -> tuple[list[Any], float]:
        """The values of the first calls, to compare between peers, and the shortest's seconds."""
        values: list[Any] = []
        durations: list[float] = []
        while len(values) < WARM_CALLS and sum(durations) < WARM_SECONDS:
            start = perf_counter()
            values.append(self.step())
            durations.append(perf_counter() - start)
        return values, max(min(durations), 1e-9)

    def description(self) -> dict[str, Any]:
        """What is known before timing: facts of the step, versions, values of the first calls."""
        facts: dict[str, Any] = getattr(self.step, "facts", dict)()
        return {"facts": facts, "versions": self.versions, "values": self.values}

    def repetition(self, collector: bool) -> dict[str, float]:
        """Seconds a call, with the cyclic collector at its defaults or switched off.

        With the collector on, an untimed call comes first: who leaves cycles behind pays for
        the cycles of the step before, as in any loop.
        """
        gc.collect()
        if not collector:
            gc.disable()
        elif not self.own_clock:
            self.step()
        try:
            return {"seconds": self._timed()}
        finally:
            gc.enable()
            gc.collect()

    def _timed(self) -> float:
        step, calls = self.step, range(self.number)
        if self.own_clock:
            return step()
        start = perf_counter()
        for _ in calls:
            step()
        return (perf_counter() - start) / self.number


def _private_stdout() -> TextIO:
    """The pipe to the harness; whatever a peer prints goes to standard error instead."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _answer(answers: TextIO, answer: dict[str, Any]) -> None:
    print(json.dumps(answer), file=answers, flush=True)


def _describe(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _import_paths(checkout: bool) -> None:
    """Make `benchmarks` importable, and the rest of the checkout only where asked."""
    if checkout:
        sys.path.insert(0, str(HERE.parent))
    package = types.ModuleType("benchmarks")
    package.__path__ = [str(HERE)]
    sys.modules["benchmarks"] = package


def _check_origin(checkout: bool) -> None:
    """Two libraries are called autograd: raise ImportError if the wrong one was imported."""
    module = sys.modules.get("autograd")
    origin = getattr(module, "__file__", None) or ""
    if module is not None and checkout != Path(origin).is_relative_to(HERE.parent / "autograd"):
        raise ImportError(f"the wrong autograd was imported: {origin}")


def _versions(distributions: dict[str, str]) -> dict[str, str]:
    found = {title: version(name) for title, name in distributions.items()}
    return {"Python": platform.python_version(), **found}


if __name__ == "__main__":
    main()
