"""Elementwise programs on ten million numbers, by one thread and by two.

Each thread computes a half of every run of elementwise calls; the bits are the same. A chain of
products and sums waits for memory, which both threads share, and one of tanh and exp does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.environment import PEERS
from benchmarks.results import Outcome, Timing, disagreements

TITLE = "Elementwise program on 10⁷ float64"
FAMILY = "Arrays"
CHAINS = {"ten times x·a + b": "affine", "ten gates of tanh and exp among × and +": "mixed"}
COUNTS = {"one thread": 1, "two threads": 2}
VARIANTS = {
    f"{chain}, {count}": {"kind": kind, "threads": threads}
    for chain, kind in CHAINS.items()
    for count, threads in COUNTS.items()
}
SIZE = 10_000_000
A, B = 0.99, 0.01
GOAL = 1.8  # times as fast on two threads
Step = Callable[[], float]

_alone: dict[tuple[str, str], float] = {}
"""Seconds on one thread, by chain and peer, for the remark on two."""


def chain(maths: Any, kind: str) -> Callable[[Any], Any]:
    """The function, in the words of a library that has NumPy's names."""

    def affine(x: Any) -> Any:
        for _ in range(10):
            x = x * A + B
        return x

    def mixed(x: Any) -> Any:
        for _ in range(5):
            x = maths.exp(maths.tanh(x * A)) + B
        return x

    return affine if kind == "affine" else mixed


def point() -> np.ndarray:
    """The numbers to start from."""
    return np.random.default_rng(0).uniform(-1.0, 1.0, SIZE)


def timed(f: Callable[[Any], Any], x: Any) -> Step:
    """A step that looks at two of the results."""

    def step() -> float:
        out = f(x)
        return float(out[0]) + float(out[-1])

    return step


def gategrad(kind: str, threads: int, **options: Any) -> Step:
    """Compiled: pieces by NumPy's calls, into memory that the next run writes over."""
    import autograd as ag

    return timed(
        ag.compile(chain(np, kind), threads=threads, reuse_outputs=True, **options), point()
    )


def gategrad_jit(kind: str, threads: int) -> Step:
    """The same; arithmetic is one loop."""
    return gategrad(kind, threads, backend="numba")


def numpy(kind: str, threads: int) -> Step:
    """Pieces by hand, on one thread whatever is asked for."""
    x, out, spare = point(), np.empty(SIZE), np.empty(8192)

    def step() -> float:
        for start in range(0, SIZE, spare.size):
            piece = slice(start, start + spare.size)
            given = x[piece]
            y = spare[: given.size]
            for _ in range(10 if kind == "affine" else 5):
                np.multiply(given, A, y)
                if kind == "mixed":
                    np.exp(np.tanh(y, y), y)
                given = np.add(y, B, y)
            out[piece] = given
        return float(out[0]) + float(out[-1])

    return step


def torch_compiled(kind: str, threads: int) -> Step:
    """Through torch.compile."""
    import torch

    torch.set_num_threads(threads)
    return timed(torch.compile(chain(torch, kind)), torch.from_numpy(point()))


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose numbers are not the others', and how much faster two threads are."""
    found = [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-9)]
    kind, _, count = label.rpartition(", ")
    for key, outcome in outcomes.items():
        timing = outcome.timings.get(True)
        if not isinstance(timing, Timing) or key == "numpy":
            continue
        fastest = min(timing.samples)  # another process on a core falls on one of the two
        if COUNTS[count] == 1:
            _alone[kind, key] = fastest
        elif (kind, key) in _alone:
            ratio = f"{_alone[kind, key] / fastest:.2f} times as fast on two threads"
            goal = f" (to reach: {GOAL:g})" if key.startswith("gategrad") else ""
            found.append(f"{TITLE}, {kind}: {PEERS[key].title} is {ratio}{goal}.")
    return found
