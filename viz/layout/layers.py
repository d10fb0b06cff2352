"""When: the layer of each item, so that every wire runs forward in time."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush


def topological(after: Sequence[Sequence[int]]) -> list[int]:
    """Indices so that each comes before those `after` it, else in their own order.

    What stands in a circle is missing, and all that comes after it.

    >>> topological([[2], [0], []])
    [1, 0, 2]
    """
    if all(not later or min(later) > index for index, later in enumerate(after)):
        return list(range(len(after)))
    waiting = [0] * len(after)
    for later in after:
        for target in later:
            waiting[target] += 1
    ready = [index for index, count in enumerate(waiting) if not count]
    heapify(ready)
    order = []
    while ready:
        index = heappop(ready)
        order.append(index)
        for target in after[index]:
            waiting[target] -= 1
            if not waiting[target]:
                heappush(ready, target)
    return order


def layers_of(
    order: Sequence[int],
    sources: Sequence[Sequence[int]],
    users: Sequence[Sequence[int]],
    shared: Sequence[int],
    *,
    first: int,
    near: bool,
) -> list[int]:
    """The layer of each item: as early as its operands allow.

    Where `near`, an item that comes from nothing stands right before its first use, and what is
    made of such items alone goes along, if that makes wires no longer.

    Parameters
    ----------
    order : topological; sources, users : of each item the distinct others that it reads, and that
        read it. A source of −1 is the border.
    shared : how many wires each item reads that others read too, or that come from the border.
    first : the layer of items that come from nothing.
    """
    layer = [first] * len(sources)
    for item in order:
        for source in sources[item]:
            earliest = (layer[source] if source >= 0 else 0) + 1
            if layer[item] < earliest:
                layer[item] = earliest
    if not near:
        return layer
    # Moved to a later layer, with the leaves that it alone reads, an item has a shorter wire, and
    # makes another one longer where it reads what others read too: one at most, for balance.
    free = [False] * len(sources)
    for item in order:
        own = all(source < 0 or free[source] for source in sources[item])
        free[item] = own and shared[item] <= 1
    for item in reversed(order):
        if free[item] and users[item]:
            layer[item] = min(layer[user] for user in users[item]) - 1
    return layer
