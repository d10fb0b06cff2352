"""What it costs to compile: seconds of the processor for each instruction of the program.

`ag.compile(ag.value_and_grad(f))` at its first call, of loops that are written out: recording, the
passes, the plan of the memory, the text and Python's own compilation of it, which is a fifth. The
cost of an instruction stays the same however long the program is.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

TITLE = "Compile, an instruction"
FAMILY = "Compiling"
VARIANTS = {
    "1,000 instructions of Runge-Kutta": {"loop": "runge_kutta", "steps": 12},
    "34,000 of Runge-Kutta, 400 steps": {"loop": "runge_kutta", "steps": 400},
    "13,000 of a Kalman filter, 200 steps": {"loop": "kalman", "steps": 200},
}
SLOW = ("34,000 of Runge-Kutta, 400 steps",)
OWN_CLOCK = True

Loop = tuple[Callable[..., Any], tuple[np.ndarray, ...]]


def runge_kutta(steps: int) -> Loop:
    """The classical method on three equations, differentiated for their coefficients."""
    coefficients = 0.3 * np.random.default_rng(0).normal(size=(3, 3))
    h = 0.01

    def slope(a: Any, y: Any) -> Any:
        return np.tanh(a @ y) - 0.1 * y

    def f(a: Any, y: Any) -> Any:
        for _ in range(steps):
            k1 = slope(a, y)
            k2 = slope(a, y + h / 2 * k1)
            k3 = slope(a, y + h / 2 * k2)
            k4 = slope(a, y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return np.sum(y * y)

    return f, (coefficients, np.ones(3))


def kalman(steps: int) -> Loop:
    """A filter's negative log-likelihood, differentiated for the logarithms of two variances."""
    observed = np.random.default_rng(1).normal(size=steps)
    move, see = np.array([[1.0, 0.1], [0.0, 1.0]]), np.array([[1.0, 0.0]])

    def f(logarithms: Any) -> Any:
        q, r = np.exp(logarithms[0]), np.exp(logarithms[1])
        x: Any = np.zeros((2, 1))
        p: Any = np.eye(2)
        total: Any = 0.0
        for z in observed:
            x = move @ x
            p = move @ p @ move.T + q * np.eye(2)
            s = see @ p @ see.T + r
            gain = p @ see.T / s
            error = z - see @ x
            x = x + gain @ error
            p = p - gain @ see @ p
            total = total + np.sum(np.log(s) + error * error / s)
        return total

    return f, (np.array([-1.0, 0.5]),)


LOOPS = {"runge_kutta": runge_kutta, "kalman": kalman}


class Compiling:
    """Compile anew, and say what an instruction took."""

    def __init__(self, loop: str, steps: int) -> None:
        self.f, self.arguments = LOOPS[loop](steps)
        self.instructions = 0

    def __call__(self) -> float:
        import autograd as ag

        fast = ag.compile(ag.value_and_grad(self.f))
        start = process_time()
        fast(*self.arguments)
        seconds = process_time() - start
        self.instructions = len(fast.program.instructions)
        return seconds / self.instructions

    def facts(self) -> dict[str, int]:
        """How long the program is."""
        return {"instructions": self.instructions}


gategrad = Compiling
