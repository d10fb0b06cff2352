"""Which gates stand for themselves, and which are folded into one closed box.

A graph's gates, in the order of their creation, are a sequence in which every stretch is a
sensible box: no path leaves a stretch and comes back into it. So a large graph is closed in three
steps, each only as far as needed: scopes, the innermost first; stretches that repeat, as ×12; and
what is left in stretches of equal length.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from autograd import Tensor

MOST_GATES = 150  # More than this are not drawn unless asked for.
LONGEST_PERIOD = 60
_FEWEST_REPEATS = 3


@dataclass
class Unit:
    """One gate, or a closed group of them under a label; `scopes` are the open boxes around.

    `repeats` are the stretches of gates of a group whose content repeats.
    """

    gates: list[Tensor]
    scopes: tuple[Any, ...] = ()
    label: str = ""
    repeats: list[list[Tensor]] = field(default_factory=list)
    is_asked_for: bool = False  # By name: it stays as it is.

    @property
    def times(self) -> int:
        return max(len(self.repeats), 1)

    @property
    def is_group(self) -> bool:
        return bool(self.label)

    @property
    def likeness(self) -> tuple[Any, ...]:
        """Equal for two units with the same gates, in the same order, in the same open boxes."""
        if self.is_asked_for:
            return (id(self),)
        scopes = tuple(id(scope) for scope in self.scopes)
        return (self.label, scopes, *(node.gate.name for node in self.gates))


@dataclass
class Opening:
    """What `expand` asks for: everything, scopes down to a depth, or scopes by name."""

    everything: bool = False
    depth: int | None = None
    names: frozenset[str] = frozenset()

    def opens(self, chain: tuple[Any, ...]) -> bool | None:
        """Whether the innermost scope of `chain` is open; None where nothing was said."""
        path = "/".join(scope.name for scope in chain)
        if self.everything or {path, chain[-1].name} & self.names:
            return True
        if any(name.startswith(f"{path}/") for name in self.names):
            return True
        return None if self.depth is None else len(chain) <= self.depth


def arrange(gates: list[Tensor], opening: Opening) -> tuple[list[Unit], list[str]]:
    """The units of a graph in order, and notes that say what was closed and how to open it."""
    deepest = max((len(node.scopes) for node in gates), default=0)
    units = closed_below(gates, opening, deepest)
    if len(gates) <= MOST_GATES or opening.everything:
        return units, _notes(units, len(gates))
    if opening.depth is None:
        for depth in range(deepest - 1, -1, -1):
            if len(units) <= MOST_GATES:
                break
            units = closed_below(gates, opening, depth)
    units = like_boxes_folded(units)
    if opening.depth is None:
        units = cut_into_stretches(repeats_folded(units))
    return units, _notes(units, len(gates))


def closed_below(gates: list[Tensor], opening: Opening, depth: int) -> list[Unit]:
    """Scopes deeper than `depth` closed, unless the reader asked for them."""

    def visible(chain: tuple[Any, ...]) -> int:
        for level in range(1, len(chain) + 1):
            asked = opening.opens(chain[:level])
            if not (level <= depth if asked is None else asked):
                return level - 1
        return len(chain)

    units: list[Unit] = []
    closed: dict[int, Unit] = {}
    for node in gates:
        chain = tuple(node.scopes)
        level = visible(chain)
        if level == len(chain):
            asked = any(opening.opens(chain[: i + 1]) for i in range(level) if opening.names)
            units.append(Unit([node], chain, is_asked_for=asked))
        elif id(chain[level]) in closed:
            closed[id(chain[level])].gates.append(node)
        else:
            unit = Unit([node], chain[:level], label=chain[level].name)
            closed[id(chain[level])] = unit
            units.append(unit)
    return units


def like_boxes_folded(units: list[Unit]) -> list[Unit]:
    """Closed boxes of the same contents in a row, as one: block ×12."""
    folded = []
    for _, run in groupby(units, key=lambda unit: unit.likeness):
        alike = list(run)
        if alike[0].is_group and len(alike) > 1:
            folded.append(_merged(alike, alike[0].label, period=1))
        else:
            folded += alike
    return folded


def repeats_folded(units: list[Unit]) -> list[Unit]:
    """Stretches that repeat folded into one box each, the longest first, until few are left."""
    while len(units) > MOST_GATES:
        found = longest_repeat([unit.likeness for unit in units])
        if found is None:
            break
        start, period, times = found
        stretch = units[start : start + period * times]
        box = _merged(stretch, _stretch_label(stretch[:period]), period)
        units = [*units[:start], box, *units[start + period * times :]]
    return units


def longest_repeat(signatures: list[Any]) -> tuple[int, int, int] | None:
    """Start, period and count of the repetition that covers most; None if there is none.

    >>> longest_repeat(list("xabababy"))
    (1, 2, 3)
    """
    best, most = None, 0
    for period in range(1, min(LONGEST_PERIOD, len(signatures) // _FEWEST_REPEATS) + 1):
        run = 0
        for index in range(period, len(signatures) + 1):
            alike = index < len(signatures) and signatures[index] == signatures[index - period]
            if alike:
                run += 1
                continue
            times = run // period + 1
            if times >= _FEWEST_REPEATS and times * period > most:
                best, most = (index - run - period, period, times), times * period
            run = 0
    return best


def cut_into_stretches(units: list[Unit]) -> list[Unit]:
    """What nothing else shortens: a box for every so many gates, the last ones left open."""
    if len(units) <= MOST_GATES:
        return units
    kept = MOST_GATES // 3
    head, tail = units[:-kept], units[-kept:]
    length = -(-len(head) // kept)
    boxes: list[Unit] = []
    for asked, run in groupby(head, key=lambda unit: unit.is_asked_for):
        stretch = list(run)
        starts = range(0, len(stretch), length)
        boxes += stretch if asked else [_merged(stretch[i : i + length], "…") for i in starts]
    return [*boxes, *tail]


def _merged(units: list[Unit], label: str, period: int | None = None) -> Unit:
    """One box for several units, whose content repeats every `period` of them."""
    step = period or len(units)
    repeats = [_gates(units[start : start + step]) for start in range(0, len(units), step)]
    scopes = _common([unit.scopes for unit in units])
    return Unit(_gates(units), scopes, label, repeats if period else [])


def _gates(units: list[Unit]) -> list[Tensor]:
    return [node for unit in units for node in unit.gates]


def _stretch_label(units: list[Unit]) -> str:
    names = [unit.label or unit.gates[0].gate.symbol for unit in units]
    return " ".join(names) if len(names) <= 4 else f"{names[0]} {names[1]} … {names[-1]}"


def _common(chains: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The scopes that all of them share."""
    level = 0
    for scopes in zip(*chains, strict=False):
        if any(scope is not scopes[0] for scope in scopes):
            break
        level += 1
    return chains[0][:level]


def _notes(units: list[Unit], gates: int) -> list[str]:
    """What is closed, and how to open it."""
    names = {}
    for unit in units:
        if unit.is_group:
            names[f"{unit.label} ×{unit.times}" if unit.times > 1 else unit.label] = unit
    if not names:
        return []
    listed = ", ".join(list(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    scope = next((u.label for u in names.values() if u.times == 1 and u.label != "…"), None)
    first = f'expand="{scope}" or ' if scope else ""
    return [f'{gates:,} gates; closed: {listed}. To open: {first}expand="all"']
