"""Which gates stand for themselves, and which are folded into one closed box.

A graph's gates, in the order of their creation, are a sequence in which every stretch is a
sensible box: no path leaves a stretch and comes back into it. So a large graph is closed in three
steps, each only as far as needed: scopes, the innermost first; stretches that repeat, as ×12; and
where there is neither, by levels: the first and the last are shown, one box stands for the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from typing import Any

from autograd import Scope, Tensor
from autograd.extend import say

from .errors import VizError
from .repeats import repeats_of

MOST_GATES = 150  # More than this are not drawn unless asked for.
MOST_LEVELS = 5  # Shown at either end of what is closed by levels, with at most so many gates:
MOST_AT_AN_END = 30
MIDDLE = "…"  # The label of what is closed by levels.


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
    """What `expand` asks for: everything, scopes down to a depth, or scopes by name.

    `default` is the depth down to which scopes are open where nothing was asked; None is all the
    way, as long as there are not too many gates. `repeats` are those of the names that are none of
    the `known` ones, such as "× tanh[3]": one of a stretch of gates that repeats without scopes.
    """

    everything: bool = False
    depth: int | None = None
    names: frozenset[str] = frozenset()
    default: int | None = None
    repeats: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()

    def opens(self, chain: tuple[Any, ...], calls: dict[int, set[str]]) -> bool | None:
        """Whether the innermost scope of `chain` is open; None where nothing was said.

        `calls` are those that `calls_of` found, empty where no names were given.
        """
        path = path_of(chain)
        asked = {path, chain[-1].name, *calls.get(id(chain[-1]), ())}
        if self.everything or asked & self.names:
            return True
        if any(name.startswith(f"{path}/") for name in self.names):
            return True
        return None if self.depth is None else len(chain) <= self.depth


def path_of(chain: tuple[Any, ...]) -> str:
    """The names of scopes from the outermost, as `expand` has them: mlp/linear."""
    return "/".join(scope.name for scope in chain)


def calls_of(gates: Iterable[Tensor]) -> dict[int, set[str]]:
    """How `expand` asks for one scope of several of a name, by its id: step[3] is the third."""
    calls: dict[int, set[str]] = {}
    counts: dict[str, int] = {}
    for node in gates:
        for level, scope in enumerate(node.scopes, 1):
            if id(scope) not in calls:
                names = {scope.name, path_of(node.scopes[:level])}
                for name in names:
                    counts[name] = counts.get(name, 0) + 1
                calls[id(scope)] = {f"{name}[{counts[name]}]" for name in names}
    return calls


def arrange(gates: list[Tensor], opening: Opening) -> tuple[list[Unit], list[str]]:
    """The units of a graph in order, and notes that say what was closed and how to open it."""
    deepest = max((len(node.scopes) for node in gates), default=0)
    if opening.default is not None:
        deepest = min(deepest, opening.default)
    units = closed_below(gates, opening, deepest)
    folds = Folds(opening.repeats)
    if len(gates) <= MOST_GATES or opening.everything:
        folds.check(opening)
        return units, _notes(units, gates)
    if opening.depth is None:
        for depth in range(deepest - 1, -1, -1):
            if len(units) <= MOST_GATES:
                break
            units = closed_below(gates, opening, depth)
    units = like_boxes_folded(units)
    if opening.depth is None:
        units = middle_closed(folds.folded(units))
    folds.check(opening)
    return units, _notes(units, gates)


def closed_below(gates: list[Tensor], opening: Opening, depth: int) -> list[Unit]:
    """Scopes deeper than `depth` closed, unless the reader asked for them."""
    calls = calls_of(gates) if opening.names else {}

    @cache
    def visible(chain: tuple[Any, ...]) -> int:
        for level in range(1, len(chain) + 1):
            asked = opening.opens(chain[:level], calls)
            if not (level <= depth if asked is None else asked):
                return level - 1
        return len(chain)

    units: list[Unit] = []
    closed: dict[int, Unit] = {}
    for node in gates:
        chain = node.scopes
        level = visible(chain)
        if level == len(chain):
            asked = opening.names and any(
                opening.opens(chain[: i + 1], calls) for i in range(level)
            )
            units.append(Unit([node], chain, is_asked_for=bool(asked)))
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


class Folds:
    """Stretches that repeat folded into one box each, as long as there are more than a few units.

    A stretch that repeats may hold boxes of the same kind: neurons, and in them products. Of the
    repetitions of one label, those that were `asked` for by their number stay open.
    """

    def __init__(self, asked: frozenset[str]):
        self.asked, self.opened = asked, set[str]()
        self.counts: dict[str, int] = {}

    def folded(self, units: list[Unit]) -> list[Unit]:
        while len(units) > MOST_GATES:
            chosen = repeats_of([unit.likeness for unit in units])
            if not chosen:
                break
            folded, done = [], 0
            for start, period, times in chosen:
                end = start + period * times
                folded += [*units[done:start], *self.stretch(units[start:end], period)]
                done = end
            units = [*folded, *units[done:]]
        return units

    def stretch(self, units: list[Unit], period: int) -> list[Unit]:
        """One box for all repetitions, or one for those on either side of one that is open."""
        label = _stretch_label(units[:period])
        count = self.counts.get(label, 0)
        self.counts[label] = count + len(units) // period
        turns = [
            (f"{label}[{count + i // period + 1}]", units[i : i + period])
            for i in range(0, len(units), period)
        ]
        if self.asked.isdisjoint(name for name, _ in turns):
            return [_merged(units, label, period)]
        found: list[Unit] = []
        for is_asked, run in groupby(turns, key=lambda turn: turn[0] in self.asked):
            if not is_asked:
                found.append(_merged([unit for _, turn in run for unit in turn], label, period))
                continue
            for name, turn in run:
                self.opened.add(name)
                found += _in_scope(turn, name)
        return found

    def check(self, opening: Opening) -> None:
        """Raise VizError where there is no such repetition."""
        for name in sorted(self.asked - self.opened):
            known = [*sorted(opening.known), *(f"{k} ×{n}" for k, n in self.counts.items())]
            raise VizError(
                f"expand={name!r}: this graph has no scope, composite gate or repetition of that "
                f"name; it has {', '.join(known) or 'none at all'}"
            )


def _in_scope(units: list[Unit], name: str) -> list[Unit]:
    """The units of a repetition as if they had been made in a scope."""
    shared = _common([unit.scopes for unit in units])
    scope = Scope(name, shared[-1] if shared else None)
    return [
        replace(unit, scopes=(*shared, scope, *unit.scopes[len(shared) :]), is_asked_for=True)
        for unit in units
    ]


def middle_closed(units: list[Unit]) -> list[Unit]:
    """What nothing else shortens: the first levels and the last, and a box for all between.

    A gate's level is the length of the longest way to it from an input, so no way leads from the
    last levels back into the middle, nor from the middle into the first.
    """
    if len(units) <= MOST_GATES:
        return units
    by_level = [list(level) for _, level in groupby(_leveled(units), key=lambda pair: pair[0])]
    first = {id(unit) for unit in _end(by_level)}
    last = {id(unit) for unit in _end(by_level[::-1])} - first
    middle = [unit for unit in units if id(unit) not in first | last]
    boxes: list[Unit] = []
    for asked, run in groupby(middle, key=lambda unit: unit.is_asked_for):
        stretch = list(run)
        boxes += stretch if asked or len(stretch) == 1 else [_merged(stretch, MIDDLE)]
    head = [unit for unit in units if id(unit) in first]
    return [*head, *boxes, *(unit for unit in units if id(unit) in last)]


def _leveled(units: list[Unit]) -> list[tuple[int, Unit]]:
    """Each unit with its level, sorted by it."""
    home = {id(node): index for index, unit in enumerate(units) for node in unit.gates}
    levels = [0] * len(units)
    for index, unit in enumerate(units):
        sources = {home.get(id(operand), index) for node in unit.gates for operand in node.inputs}
        levels[index] = 1 + max((levels[source] for source in sources - {index}), default=0)
    return sorted(zip(levels, units, strict=True), key=lambda pair: pair[0])


def _end(levels: list[list[tuple[int, Unit]]]) -> list[Unit]:
    """The units of the first few levels, as many whole levels as fit."""
    shown: list[Unit] = []
    for level in levels[:MOST_LEVELS]:
        if len(shown) + len(level) > MOST_AT_AN_END:
            break
        shown += [unit for _, unit in level]
    return shown


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


def _notes(units: list[Unit], gates: list[Tensor]) -> list[str]:
    """What is closed, and how to open it."""
    names = {}
    for unit in units:
        if unit.label == MIDDLE:
            names[say("the levels in the middle")] = unit
        elif unit.is_group:
            names[f"{unit.label} ×{unit.times}" if unit.times > 1 else unit.label] = unit
    if not names:
        return []
    listed = ", ".join(list(names)[:5])
    if len(names) > 5:
        listed = say("{names} and {count} more", names=listed, count=len(names) - 5)
    scopes = {scope.name for node in gates for scope in node.scopes}
    unit = next((unit for unit in names.values() if unit.label in scopes), None)
    told: dict[str, Any] = {"count": len(gates), "names": listed}
    if unit is None:
        unit = next((unit for unit in names.values() if unit.times > 1), None)
        if unit is None:
            return [say('{count:,} gates; closed: {names}. To open: expand="all"', **told)]
        return [
            say(
                '{count:,} gates; closed: {names}. To open: expand="{label}[1]" for one of them, '
                'or expand="all"',
                label=unit.label, **told,
            )
        ]  # fmt: skip
    told["label"] = unit.label
    if unit.times == 1:
        return [
            say(
                '{count:,} gates; closed: {names}. To open: expand="{label}" or expand="all"',
                **told,
            )
        ]
    return [
        say(
            '{count:,} gates; closed: {names}. To open: expand="{label}[1]" for one of them, '
            'expand="{label}" or expand="all"',
            **told,
        )
    ]
