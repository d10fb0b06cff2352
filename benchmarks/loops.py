"""Two loops, written out and as scans: what the cases of compiling and of loops have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Loop = tuple[Callable[..., Any], tuple[np.ndarray, ...]]
"""A function that returns one number, and the arguments to call it with."""


def written_out(step: Callable[..., Any], state: Any, xs: Any, length: int) -> tuple[Any, None]:
    """What `ag.scan` does with a step that puts nothing out, in plain Python."""
    for t in range(length):
        state, _ = step(state, None if xs is None else xs[t, ...])
    return state, None


def _along(scan: bool) -> Callable[..., Any]:
    if not scan:
        return written_out
    import autograd as ag

    return lambda step, state, xs, length: ag.scan(step, state, xs, length=length)


def runge_kutta(steps: int, scan: bool = False) -> Loop:
    """The classical method on three equations, to differentiate for their coefficients."""
    coefficients = 0.3 * np.random.default_rng(0).normal(size=(3, 3))
    h = 0.01

    def f(a: Any, y: Any) -> Any:
        def slope(y: Any) -> Any:
            return np.tanh(a @ y) - 0.1 * y

        def step(y: Any, _: Any) -> Any:
            k1 = slope(y)
            k2 = slope(y + h / 2 * k1)
            k3 = slope(y + h / 2 * k2)
            k4 = slope(y + h * k3)
            return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

        y, _ = _along(scan)(step, y, None, steps)
        return np.sum(y * y)

    return f, (coefficients, np.ones(3))


def kalman(steps: int, scan: bool = False) -> Loop:
    """A filter's negative log-likelihood, to differentiate for the logarithms of two variances."""
    observed = np.random.default_rng(1).normal(size=steps)
    move, see = np.array([[1.0, 0.1], [0.0, 1.0]]), np.array([[1.0, 0.0]])

    def f(logarithms: Any) -> Any:
        q, r = np.exp(logarithms[0]), np.exp(logarithms[1])

        def step(state: Any, z: Any) -> Any:
            x, p, total = state
            x = move @ x
            p = move @ p @ move.T + q * np.eye(2)
            s = see @ p @ see.T + r
            gain = p @ see.T / s
            error = z - see @ x
            score = np.sum(np.log(s) + error * error / s)
            return (x + gain @ error, p - gain @ see @ p, total + score), None

        start = np.zeros((2, 1)), np.eye(2), np.zeros(())
        return _along(scan)(step, start, observed, steps)[0][2]

    return f, (np.array([-1.0, 0.5]),)


LOOPS = {"runge_kutta": runge_kutta, "kalman": kalman}
