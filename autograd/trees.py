"""Nested arguments: lists, tuples, dicts and dataclasses of numbers, arrays and Tensors."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

__all__ = ["Rebuild", "children_by_name", "flatten", "flatten_like", "spread_prefix", "structure"]

Rebuild = Callable[[Sequence[Any]], Any]


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """The leaves of a nest in its order, and the function that builds such a nest of others.

    >>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": (3.0,)})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> rebuild([10.0, 20.0, 30.0])
    {'w': [10.0, 20.0], 'b': (30.0,)}
    """
    leaves: list[Any] = []
    _collect(tree, leaves)

    def rebuild(others: Sequence[Any]) -> Any:
        source = iter(others)
        return _rebuilt(tree, lambda _: next(source))

    return leaves, rebuild


def structure(tree: Any) -> Hashable:
    """A nest without its leaves: equal for those whose leaves stand in the same places.

    >>> structure([1.0, (2.0,)]) == structure([5.0, (6.0,)])
    True
    """
    children = _children(tree)
    if children is None:
        return None
    keys = tuple(tree) if isinstance(tree, dict) else None
    return (type(tree), keys, *map(structure, children))


def flatten_like(tree: Any, pattern: Any) -> list[Any] | None:
    """The parts of `tree` that stand where `pattern` has its leaves; None if they do not match.

    >>> flatten_like([[1.0, 2.0], 3.0], [0.0, 0.0])
    [[1.0, 2.0], 3.0]
    """
    if _children(pattern) is None:
        return [tree]
    pairs = _beside(pattern, tree)
    return None if pairs is None else _joined(flatten_like(part, below) for below, part in pairs)


def spread_prefix(prefix: Any, tree: Any) -> list[Any] | None:
    """An entry for each leaf of `tree`, of a nest like its outer part; None if they do not match.

    >>> spread_prefix((0, None), ([1.0, 2.0], 3.0))
    [0, 0, None]
    """
    if _children(prefix) is None:
        return [prefix] * len(flatten(tree)[0])
    pairs = _beside(tree, prefix)
    return None if pairs is None else _joined(spread_prefix(part, below) for below, part in pairs)


def children_by_name(tree: Any) -> list[tuple[str, Any]] | None:
    """The parts of a nest, each with what is written to get it; None of a leaf.

    >>> children_by_name({"w": 1.0, "b": (2.0,)})
    [("['w']", 1.0), ("['b']", (2.0,))]
    """
    if isinstance(tree, (list, tuple)):
        return [(f"[{i}]", child) for i, child in enumerate(tree)]
    if isinstance(tree, dict):
        return [(f"[{key!r}]", child) for key, child in tree.items()]
    names = _field_names(tree)
    return None if names is None else [(f".{name}", getattr(tree, name)) for name in names]


def _collect(tree: Any, leaves: list[Any]) -> None:
    children = _children(tree)
    if children is None:
        leaves.append(tree)
    else:
        for child in children:
            _collect(child, leaves)


def _children(tree: Any) -> list[Any] | None:
    if isinstance(tree, (list, tuple)):
        return list(tree)
    if isinstance(tree, dict):
        return list(tree.values())
    names = _field_names(tree)
    return None if names is None else [getattr(tree, name) for name in names]


def _beside(tree: Any, other: Any) -> list[tuple[Any, Any]] | None:
    """The parts of two nests in pairs, in the order of the first; None if they do not match."""
    parts, others = _children(tree), _children(other)
    if parts is None or others is None or len(parts) != len(others):
        return None
    if isinstance(tree, dict) or isinstance(other, dict):
        if not (isinstance(tree, dict) and isinstance(other, dict)) or tree.keys() != other.keys():
            return None
        others = [other[key] for key in tree]
    return list(zip(parts, others, strict=True))


def _joined(lists: Iterable[list[Any] | None]) -> list[Any] | None:
    """All entries in one list; None if a list is missing."""
    joined: list[Any] = []
    for entries in lists:
        if entries is None:
            return None
        joined += entries
    return joined


def _rebuilt(tree: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(_rebuilt(child, function) for child in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(_rebuilt(child, function) for child in tree)
    if isinstance(tree, dict):
        return {key: _rebuilt(child, function) for key, child in tree.items()}
    names = _field_names(tree)
    if names is None:
        return function(tree)
    from dataclasses import replace

    return replace(tree, **{name: _rebuilt(getattr(tree, name), function) for name in names})


def _field_names(tree: Any) -> list[str] | None:
    """The fields of a dataclass instance; None of anything else."""
    fields = getattr(tree, "__dataclass_fields__", None)
    return None if fields is None or isinstance(tree, type) else list(fields)
