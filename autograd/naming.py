"""What the nodes of a graph are called in formulas, tables and pictures' words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cached_property

from autograd.tensor import Tensor

__all__ = ["Names", "numbered"]

LONGEST_NAME = 20
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Line breaks, and what no file of text can hold."""


class Names:
    """Each node's own name, `f` for the output, and q1, q2, ... for the rest.

    Of nodes with the same name the later ones are numbered: w, w′2.

    >>> import autograd as ag
    >>> x, y = ag.Tensor(3.0, name="x"), ag.Tensor(-4.0)
    >>> f = (x + y) * y
    >>> names = Names(ag.Graph(f).nodes, f)
    >>> [names[node] for node in ag.Graph(f).nodes]
    ['x', 'leaf', 'q', 'f']
    """

    def __init__(self, nodes: Iterable[Tensor], output: Tensor) -> None:
        self._nodes = list(nodes)
        self._output = output

    def __getitem__(self, node: Tensor) -> str:
        return self.texts[id(node)]

    @cached_property
    def taken(self) -> set[str]:
        """The names that nodes have of their own."""
        return {node.name for node in self._nodes if node.name}

    @cached_property
    def texts(self) -> dict[int, str]:
        """The names by the nodes' `id`."""
        texts: dict[int, str] = {}
        nameless = [node for node in self._nodes if not node.name and node is not self._output]
        for stem, leaf in (("leaf", True), ("q", False)):
            group = [node for node in nameless if node.is_leaf is leaf]
            names = numbered(stem, len(group), self.taken)
            texts.update((id(node), text) for node, text in zip(group, names, strict=True))
        if not self._output.name:
            free = (stem for stem in ("f", "L", "out") if stem not in self.taken)
            texts[id(self._output)] = next(free, "output")
        seen: dict[str, int] = {}
        for node in self._nodes:
            if node.name:
                text = _fitting(node.name)
                seen[text] = seen.get(text, 0) + 1
                texts[id(node)] = text if seen[text] == 1 else f"{text}′{seen[text]}"
        return texts


def numbered(stem: str, count: int, taken: Collection[str]) -> list[str]:
    """`count` names that are not taken: q for one, q1, q2, ... for several.

    >>> numbered("q", 2, {"x"}), numbered("q", 1, {"q"})
    (['q1', 'q2'], ['q1'])
    """
    if count == 1 and stem not in taken:
        return [stem]
    while any(f"{stem}{i}" in taken for i in range(1, count + 1)):
        stem += "_"
    return [f"{stem}{i}" for i in range(1, count + 1)]


def _fitting(name: str) -> str:
    """A name on one line, and not longer than fits a formula."""
    text = _UNFIT.sub(" ", name).strip()
    return (text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…") or "·"
