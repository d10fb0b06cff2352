"""A sum is a chain of additions: s + t, then + u, then + v. Found here, it runs as one.

A partial sum that nothing else reads belongs to its chain. A chain then needs its first operand
and all its terms, and gives its last sum: to the rest of the graph it is one gate.
"""

from __future__ import annotations

import numpy as np

from autograd.program.scalars.table import Table

__all__ = ["Chains"]


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
