"""What a measurement leaves: times, failures and what the peers told."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose
from typing import Any


@dataclass(frozen=True)
class Failure:
    """Why a peer has no time."""

    reason: str


@dataclass(frozen=True)
class Timing:
    """Seconds of the repetitions of one peer."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle repetition, in seconds."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, relative to the median; 0 for one sample."""
        if len(self.samples) < 2:
            return 0.0
        lower, _, upper = statistics.quantiles(self.samples, n=4, method="inclusive")
        return (upper - lower) / 2 / self.median


Cell = Timing | Failure


@dataclass
class Outcome:
    """What one peer told about one variant, besides its times."""

    facts: dict[str, Any] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    timings: dict[bool, Cell] = field(default_factory=dict)  # by collector on, off


@dataclass(frozen=True)
class Row:
    """A line of the table: the peers' times on one variant, with the collector on or off."""

    case: str
    variant: str
    collector: bool | None  # None where the case does not tell the two apart
    cells: Mapping[str, Cell]
    unit: str = ""  # what the times are for one of: "gate" makes them times a gate
    divisor: float = 1.0
    family: str = ""  # what its table is about
    bytes: bool = False  # whether what was measured is memory, in bytes


def disagreements(outcomes: Mapping[str, Outcome], tolerance: float) -> list[str]:
    """Peers whose values, floats or lists of floats, are not the first peer's, call by call."""
    known = {key: outcome.values for key, outcome in outcomes.items() if outcome.values}
    if not known:
        return []
    (first, expected), *rest = known.items()
    return [
        f"{key} and {first} disagree"
        for key, values in rest
        if not all(_close(u, v, tolerance) for u, v in zip(values, expected, strict=False))
    ]


def _close(one: float | list[float], other: float | list[float], tolerance: float) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_close(u, v, tolerance) for u, v in pairs)
    if isinstance(one, list) or isinstance(other, list):
        return False
    return isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
