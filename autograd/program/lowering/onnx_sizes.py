"""Lengths that grow with the batch."""

from __future__ import annotations

from typing import Any

__all__ = ["Size", "symbol"]


class Size(int):
    """A length that is `per`·batch + `plus`; as an int, what it was when recorded."""

    per: int
    plus: int

    def __new__(cls, value: int, per: int, plus: int) -> Size:
        made = super().__new__(cls, value)
        made.per, made.plus = per, plus
        return made

    def __mul__(self, other: Any) -> Any:
        if type(other) is Size:
            raise ValueError("a length that grows with the square of the batch is no symbol's")
        return Size(int(self) * other, self.per * other, self.plus * other) if other else 0

    __rmul__ = __mul__

    def __add__(self, other: Any) -> Any:
        per, plus = (other.per, other.plus) if type(other) is Size else (0, int(other))
        return Size(int(self) + int(other), self.per + per, self.plus + plus)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + -1 * other

    def __eq__(self, other: object) -> bool:
        if type(other) is Size:
            return (self.per, self.plus) == (other.per, other.plus)
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.per, self.plus))


def symbol(length: Size) -> str:
    """How a file names it: ``batch``, ``2*batch+1``."""
    times = "batch" if length.per == 1 else f"{length.per}*batch"
    return times if not length.plus else f"{times}{length.plus:+d}"
