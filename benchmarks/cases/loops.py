"""Value and gradient through a loop: its steps written out, or one gate, `ag.scan`.

Compiled, both replay; what compiling takes is the case `compile_time`, and for a scan the same
whatever its length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.loops import LOOPS
from benchmarks.results import Outcome, disagreements

TITLE = "Value and gradient of a loop"
FAMILY = "Loops"
VARIANTS: dict[str, dict[str, Any]] = {
    "Runge-Kutta, 400 steps, written out": {"loop": "runge_kutta", "steps": 400, "scan": False},
    "Runge-Kutta, 400 steps, ag.scan": {"loop": "runge_kutta", "steps": 400, "scan": True},
    "Kalman filter, 200 steps, written out": {"loop": "kalman", "steps": 200, "scan": False},
    "Kalman filter, 200 steps, ag.scan": {"loop": "kalman", "steps": 200, "scan": True},
}
Step = Callable[[], list[float]]


def gategrad(loop: str, steps: int, scan: bool) -> Step:
    """Eager; a scan records and writes its step at each call."""
    import autograd as ag

    return _step(ag.value_and_grad, loop, steps, scan)


def gategrad_compiled(loop: str, steps: int, scan: bool) -> Step:
    """Recorded once and replayed."""
    import autograd as ag

    return _step(lambda f: ag.compile(ag.value_and_grad(f)), loop, steps, scan)


def _step(differentiated: Callable[..., Any], loop: str, steps: int, scan: bool) -> Step:
    f, arguments = LOOPS[loop](steps, scan)
    both = differentiated(f)

    def step() -> list[float]:
        value, gradient = both(*arguments)
        return [float(value), *map(float, gradient.ravel())]

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose value or gradients are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-9)]
