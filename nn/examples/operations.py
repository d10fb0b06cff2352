"""What the delta rule costs: additions and multiplications of one sample, by formula and by count.

The lecture counts neither the activations and their slopes, nor the update of the biases.

>>> forward_cost(784, 128, 10), backward_cost(784, 128, 10)
(203264, 307476)
>>> round(ratio(784, 128, 10), 2)
1.51
"""

from __future__ import annotations

from typing import Any, NamedTuple

from nn.examples.delta_rule import (
    LOGISTIC,
    Tau,
    backward_in_loops,
    forward_in_loops,
    update_in_loops,
)

__all__ = ["Cost", "backward_cost", "counted", "forward_cost", "ratio"]


def forward_cost(d: int, p: int, c: int) -> int:
    """2(dp + pc): a multiplication and an addition for each weight."""
    return 2 * (d * p + p * c)


def backward_cost(d: int, p: int, c: int) -> int:
    """2c + 5cp + 3dp: δ 2c, ∂J/∂U2 cp, η 2cp, ∂J/∂U1 dp, the update 2(cp + dp)."""
    return 2 * c + 5 * c * p + 3 * d * p


def ratio(d: int, p: int, c: int) -> float:
    """Backward over forward: 1.5 + c(p+1)/(p(d+c)), from 1.5 up to 2.5 + 1/p."""
    return backward_cost(d, p, c) / forward_cost(d, p, c)


class Cost(NamedTuple):
    """Operations of one sample: forward, backward with the update, and those of the biases'."""

    forward: int
    backward: int
    biases: int


class Tally:
    """A running number of operations."""

    def __init__(self) -> None:
        self.operations = 0


class Counted(float):
    """A number whose additions, subtractions and multiplications are counted; signs are free."""

    tally: Tally

    def __new__(cls, value: float, tally: Tally) -> Counted:
        number = super().__new__(cls, value)
        number.tally = tally
        return number

    def _after(self, value: float) -> Counted:
        self.tally.operations += 1
        return Counted(value, self.tally)

    def __add__(self, other: Any) -> Counted:
        return self._after(float(self) + float(other))

    def __sub__(self, other: Any) -> Counted:
        return self._after(float(self) - float(other))

    def __mul__(self, other: Any) -> Counted:
        return self._after(float(self) * float(other))

    __rmul__ = __mul__

    def __neg__(self) -> Counted:
        return Counted(-float(self), self.tally)


def counted(d: int, p: int, c: int) -> Cost:
    """The operations of the scalar loops, counted while they run on a sample.

    >>> counted(3, 2, 2) == (forward_cost(3, 2, 2), backward_cost(3, 2, 2) + 8, 8)
    True
    """
    tally = Tally()

    def number(value: float) -> Counted:
        return Counted(value, tally)

    tau = Tau(
        "sigmoid",
        lambda s: number(LOGISTIC.value(float(s))),
        lambda s: number(LOGISTIC.slope(float(s))),
    )
    U1 = [[number(0.01 * (i + j)) for i in range(d + 1)] for j in range(p)]
    U2 = [[number(0.01 * (j - k)) for j in range(p + 1)] for k in range(c)]
    x, y = [number(0.1 * i) for i in range(d)], [number(float(k == 0)) for k in range(c)]
    zsum, z, osum, o = forward_in_loops(U1, U2, x, tau)
    forward = tally.operations
    dU1, dU2 = backward_in_loops(U2, x, y, zsum, z, osum, o, tau)
    update_in_loops(U1, dU1, 0.1)
    update_in_loops(U2, dU2, 0.1)
    return Cost(forward, tally.operations - forward, 2 * (p + c))
