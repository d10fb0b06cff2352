"""Time a case: a living process for every peer, each asked in turn for one repetition.

Interleaving lets a busy moment of the machine fall on every peer alike, so the ratios hold where
the times do not. A peer that is missing, fails, dies or hangs becomes a `Failure` with its
reason and the others go on.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from time import perf_counter
from types import ModuleType
from typing import Any

from benchmarks import cases
from benchmarks.environment import (
    ENVIRONMENTS,
    PEERS,
    EnvironmentCreationError,
    Peer,
    environment_variables,
    python_for,
)
from benchmarks.results import Cell, Failure, Outcome, Row, Timing

WORKER = ENVIRONMENTS.parent / "worker.py"
FEWEST_ROUNDS = 3  # measured whatever the time limit


@dataclass(frozen=True)
class Settings:
    """How long to measure: at most `rounds`, fewer once a variant has taken `seconds`."""

    rounds: int = 9
    seconds: float = 60.0
    timeout: float = 300.0  # for one answer of one worker, in seconds
    threads: int = 1
    quick: bool = False
    only: tuple[str, ...] = ()  # keys of the peers to run; empty for all


class WorkerError(RuntimeError):
    """A worker answered with an error, died, or gave no answer in time."""


@dataclass(frozen=True)
class Case:
    """A module of `benchmarks.cases`, with the defaults of what it leaves out."""

    name: str
    module: ModuleType

    def _get(self, attribute: str, default: Any) -> Any:
        return getattr(self.module, attribute, default)

    @property
    def title(self) -> str:
        """The first column of the table."""
        return self.module.TITLE

    @property
    def peers(self) -> list[Peer]:
        """The peers that the module has a function for, in the table's order."""
        return [peer for key, peer in PEERS.items() if hasattr(self.module, key)]

    @property
    def variants(self) -> dict[str, dict[str, Any]]:
        """The parameters of the peers' functions by the variant's label."""
        return self._get("VARIANTS", {"": {}})

    @property
    def collector_states(self) -> tuple[bool | None, ...]:
        """Whether the collector runs: both where the case says so, else its default alone."""
        return (True, False) if self._get("COLLECTOR", False) else (None,)

    def selected(self, quick: bool) -> list[str]:
        """The labels to measure: all, or without the slow ones."""
        slow = self._get("SLOW", ()) if quick else ()
        return [label for label in self.variants if label not in slow]

    def row(self, label: str, collector: bool | None, cells: dict[str, Cell]) -> Row:
        """The line of the table for `cells`."""
        per = self._get("PER", None)
        divisor = self.variants[label][per] if per else 1.0
        unit = per.rstrip("s") if per else ""
        family, of_memory = self._get("FAMILY", ""), self._get("BYTES", False)
        return Row(self.title, label, collector, cells, unit, divisor, family, of_memory)

    def remarks(self, label: str, outcomes: dict[str, Outcome]) -> list[str]:
        """What the case has to say about its results, below the table."""
        remark: Callable[[str, dict[str, Outcome]], list[str]] = self._get("remarks", _no_remarks)
        return remark(label, outcomes)


def _no_remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    return []


def find_cases() -> dict[str, Case]:
    """Every case by its module's name."""
    names = sorted(module.name for module in pkgutil.iter_modules(cases.__path__))
    return {name: Case(name, importlib.import_module(f"{cases.__name__}.{name}")) for name in names}


class Worker:
    """A process that holds one peer ready to be timed on one variant."""

    def __init__(self, case: Case, label: str, peer: Peer, settings: Settings) -> None:
        order = {
            "case": case.module.__name__,
            "peer": peer.key,
            "params": case.variants[label],
            "checkout": peer.checkout,
            "distributions": peer.distributions,
        }
        # -I shuts out PYTHONPATH and user packages; our own interpreter may need them, hence -P.
        command = [str(python_for(peer)), "-I" if peer.requirements else "-P", str(WORKER)]
        self.timeout, self.expired = settings.timeout, False
        self.complaints = tempfile.TemporaryFile(  # noqa: SIM115, open as long as the process
            "w+", encoding="utf-8", errors="replace"
        )
        self.process = subprocess.Popen(
            [*command, json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
            encoding="utf-8",
            env=environment_variables(settings.threads),
        )

    def describe(self) -> dict[str, Any]:
        """Wait until the peer is built and warm: its facts, versions and first values."""
        return self._read()

    def repetition(self, collector: bool) -> dict[str, Any]:
        """One timed repetition: its seconds a call."""
        assert self.process.stdin
        with suppress(OSError):  # it has died: reading tells how
            print(json.dumps({"collector": collector}), file=self.process.stdin, flush=True)
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        watch = threading.Timer(self.timeout, self._expire)
        watch.start()
        line = self.process.stdout.readline()
        watch.cancel()
        if self.expired:
            raise WorkerError(f"no answer within {self.timeout:g} s")
        if not line:
            raise WorkerError(self._last_words())
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def _expire(self) -> None:
        self.expired = True
        self.process.kill()

    def _last_words(self) -> str:
        code = self.process.wait()
        self.complaints.seek(0)
        lines = self.complaints.read().strip().splitlines()
        return f"the process ended with {code}" + (f": {lines[-1]}" if lines else "")

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()
        self.complaints.close()


def measure(case: Case, label: str, settings: Settings) -> tuple[list[Row], dict[str, Outcome]]:
    """Time every peer on one variant: the rows of the table, and what the peers told."""
    wanted = [peer for peer in case.peers if not settings.only or peer.key in settings.only]
    outcomes = {peer.key: Outcome() for peer in wanted}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for peer in wanted:
            try:
                worker = Worker(case, label, peer, settings)
                stack.callback(worker.close)
                answer = worker.describe()
            except (WorkerError, EnvironmentCreationError, OSError) as error:
                _fail(outcomes[peer.key], case, error)
                continue
            outcomes[peer.key].facts = answer["facts"]
            outcomes[peer.key].versions = answer["versions"]
            outcomes[peer.key].values = answer["values"]
            workers[peer.key] = worker
        _interleave(case, workers, outcomes, settings)
    rows = [
        case.row(label, state, {key: o.timings[state is not False] for key, o in outcomes.items()})
        for state in case.collector_states
    ]
    return rows, outcomes


def _interleave(
    case: Case, workers: dict[str, Worker], outcomes: dict[str, Outcome], settings: Settings
) -> None:
    """Ask each worker in turn, round after round; a worker that fails is asked no more."""
    states = [state is not False for state in case.collector_states]
    samples: dict[tuple[str, bool], list[float]] = {}
    start = perf_counter()
    for turn in _turns(settings, start):
        for state in states:
            for key in _rotated(list(workers), turn):
                try:
                    answer = workers[key].repetition(state)
                except WorkerError as error:
                    _fail(outcomes[key], case, error)
                    del workers[key]
                    continue
                samples.setdefault((key, state), []).append(answer["seconds"])
    for key in workers:
        for state in states:
            outcomes[key].timings[state] = Timing(tuple(samples[key, state]))


def _turns(settings: Settings, start: float) -> Iterator[int]:
    for turn in range(settings.rounds):
        if turn >= FEWEST_ROUNDS and perf_counter() - start > settings.seconds:
            print(f"stopped after {turn} rounds", file=sys.stderr)
            return
        yield turn


def _rotated(keys: list[str], turn: int) -> list[str]:
    """The peers in another order each round, so that none always follows the same neighbour."""
    cut = turn % len(keys) if keys else 0
    return keys[cut:] + keys[:cut]


def _fail(outcome: Outcome, case: Case, error: Exception) -> None:
    for state in case.collector_states:
        outcome.timings[state is not False] = Failure(str(error))
