"""Which gates run together: those of one kind that can run at the same time, in one array call.

Gates with the same history (the same gate, on operands with the same history) are copies of each
other, as the neurons of a layer are over all the rows of a batch. Their operands lie in memory in
the same pattern, so a large class of copies is a group of its own. What is left is grouped by kind
and depth, the length of the longest way down to an input. Gates too few for an array call are
narrow: they run as Python code.

A sum is a chain of additions: s + t, then + u, then + v. It runs as one: a partial sum that nothing
else reads belongs to its chain, which needs its first operand and all its terms, and gives its last
sum: to the rest of the graph it is one gate.

All members of a group have the same depth, and operands are less deep than the gate that reads
them: in the order of their depths, groups can run one after another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from autograd.program.scalars.table import Table

__all__ = ["Chains", "Group", "find_groups"]


class Chains:
    """Every addition, as a link of a chain of one or more.

    Attributes
    ----------
    links : by the row of its last link, each chain's rows in order. A chain starts with the first
        operand of its first row.
    inner : which rows are links that another one follows.
    term : of a link, the register that it adds to the sum so far.
    """

    def __init__(self, table: Table) -> None:
        adds = table.rows_of("a + b")
        writer = table.writer
        alone = (writer >= 0) & (table.uses == 1)
        alone[alone] = adds[writer[alone]]  # the registers that are partial sums
        first, second = table.first, table.second
        continues = adds & (alone[first] | alone[second])
        by_first = alone[first]
        self.term = np.where(continues & ~by_first, first, second)
        before = np.where(continues, writer[np.where(by_first, first, second)], -1)
        self.inner = np.zeros(len(first), bool)
        self.inner[before[continues]] = True
        self.links: dict[int, list[int]] = {}
        previous = before.tolist()
        for row in np.flatnonzero(adds).tolist():
            links = self.links.pop(previous[row]) if previous[row] >= 0 else []
            links.append(row)
            self.links[row] = links


LARGE = 1024
"""From so many gates on, a class of copies is a group of its own."""

WIDE = 32
"""Gates for which array calls pay: fewer are faster in Python."""

SHARED = 32
"""A narrow gate that is read this often is a group: its gradient is a sum for an array call."""

INPUT, CONSTANT, NO_CLASS = 0, 1, 2


class Group:
    """Gates that run together.

    Attributes
    ----------
    rows : the instructions, in columns: chains of equal length side by side, link after link; of
        other gates, one row.
    depth : theirs.
    """

    __slots__ = ("depth", "rows")

    def __init__(self, rows: np.ndarray, depth: int) -> None:
        self.rows = rows
        self.depth = depth


def find_groups(
    table: Table, chains: Chains, constants: Sequence[int]
) -> tuple[list[Group], np.ndarray, np.ndarray]:
    """The groups, in the order of their depths; the narrow rows, and the depth of each row."""
    histories, depths = _histories(table, chains, constants), _depths(table, chains)
    size: dict[int, int] = defaultdict(int)
    together: dict[tuple[int, int], int] = defaultdict(int)
    for end, links in chains.links.items():
        size[histories[end]] += len(links)
        together[depths[end], len(links)] += len(links)
    dissolved = {
        end
        for end, links in chains.links.items()
        if len(links) > 1 and together[depths[end], len(links)] < WIDE
    }
    if dissolved:
        depths = _depths(table, chains, dissolved)
    kept = {end: links for end, links in chains.links.items() if end not in dissolved}
    inside = np.zeros(len(table.kind), bool)
    for links in kept.values():
        inside[links] = True
    rest = np.flatnonzero(~inside)
    counts = np.bincount(_array(histories)[rest], minlength=3)
    counts[NO_CLASS] = 0
    members: dict[tuple, list[list[int]]] = defaultdict(list)
    kinds = table.kind.tolist()
    for row in rest.tolist():
        if counts[histories[row]] >= LARGE:
            members["copies", histories[row]].append([row])
        else:
            members[depths[row], kinds[row]].append([row])
    for end, links in kept.items():
        if size[histories[end]] >= LARGE:
            members["copies", histories[end]].append(links)
        elif len(links) == 1:
            members[depths[end], kinds[end]].append(links)
        else:
            members["chains", depths[end], len(links)].append(links)
    groups, narrow = [], []
    shared = (table.uses[table.out] >= SHARED).tolist()
    for columns in members.values():
        depth = depths[columns[0][-1]]
        if len(columns) >= WIDE or len(columns[0]) > 1:
            groups.append(Group(np.array(columns, np.intp).T, depth))
        else:
            groups += [Group(np.array([[row]]), depth) for (row,) in columns if shared[row]]
            narrow += [row for (row,) in columns if not shared[row]]
    groups.sort(key=lambda group: group.depth)
    return groups, _array(sorted(narrow)), _array(depths)


def _histories(table: Table, chains: Chains, constants: Sequence[int]) -> list[int]:
    """By row, the number of its class of copies; a chain is one gate, and its inner links none."""
    known: dict[tuple[int, ...], int] = {}
    history = [INPUT] * table.registers
    for register in constants:
        history[register] = CONSTANT
    classes = []
    first, term, inner = table.first.tolist(), chains.term.tolist(), chains.inner.tolist()
    columns = zip(table.kind.tolist(), table.second.tolist(), table.out.tolist(), strict=True)
    for row, (kind, second, out) in enumerate(columns):
        if inner[row]:
            classes.append(NO_CLASS)
            continue
        links = chains.links.get(row)
        if links is not None and len(links) > 1:
            key = (kind, history[first[links[0]]], *[history[term[link]] for link in links])
        elif second >= 0:
            key = (kind, history[first[row]], history[second])
        else:
            key = (kind, history[first[row]])
        history[out] = known.setdefault(key, len(known) + 3)
        classes.append(history[out])
    return classes


def _depths(table: Table, chains: Chains, dissolved: Collection[int] = ()) -> list[int]:
    """By row, its depth; the chains that end in `dissolved` rows are single gates after all."""
    whole = {
        end: links for end, links in chains.links.items() if len(links) > 1 and end not in dissolved
    }
    inner = chains.inner.copy()
    for end in dissolved:
        inner[chains.links[end]] = False
    skipped, term = inner.tolist(), chains.term.tolist()
    first, second, out = table.first.tolist(), table.second.tolist(), table.out.tolist()
    depth = [0] * table.registers
    depths = []
    for row, register in enumerate(out):
        if skipped[row]:
            depths.append(0)
            continue
        if row in whole:
            links = whole[row]
            deep = max(depth[first[links[0]]], max([depth[term[link]] for link in links]))
        else:
            deep, other = depth[first[row]], second[row]
            if other >= 0 and depth[other] > deep:
                deep = depth[other]
        depth[register] = deep = deep + 1
        depths.append(deep)
    return depths


def _array(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, np.intp)
