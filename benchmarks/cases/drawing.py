"""Drawing a graph and saving it as SVG, by number of gates; the first call is not counted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

TITLE = "Draw and save as SVG"
FAMILY = "Drawing and importing"
VARIANTS: dict[str, dict[str, Any]] = {
    "sigmoid neuron": {"gates": 0, "expand": None},
    "1,000 gates, collapsed": {"gates": 1_000, "expand": None},
    "1,000 gates, in full": {"gates": 1_000, "expand": "all"},
}
SLOW = ("1,000 gates, in full",)

PER_NEURON = 10  # gates: four products, four sums, tanh and an offset


def sigmoid_neuron() -> Any:
    """The course's neuron, 1/(1 + exp(−(w0·x0 + w1·x1 + w2)))."""
    import autograd as ag

    values = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    w0, x0, w1, x1, w2 = (ag.Tensor(value, name=name) for name, value in values.items())
    return 1 / (1 + ag.exp(-(w0 * x0 + w1 * x1 + w2)))


def layered(gates: int, width: int = 10) -> Any:
    """About `gates` gates in layers of neurons, a scope each.

    A neuron takes four outputs of the layer before; the last layer is added up.
    """
    import autograd as ag

    row = [ag.Tensor(0.1 * i, name=f"x{i}") for i in range(width)]
    weights = [ag.Tensor(0.3 * (k + 1), name=f"w{k}") for k in range(4)]
    for layer in range(gates // (PER_NEURON * width)):
        with ag.scope(f"layer{layer}"):
            row = [_neuron(row[i:] + row[:i], weights) for i in range(width)]
    return sum(row[1:], row[0])


def _neuron(inputs: list[Any], weights: list[Any]) -> Any:
    products = [w * x for w, x in zip(weights, inputs, strict=False)]
    total: Any = sum(products, 0.5)
    return total.tanh() + 0.1


class DrawAndSave:
    """Draw the graph, backward pass included, and save it."""

    def __init__(self, gates: int, expand: str | None) -> None:
        import viz

        self.draw: Callable[..., Any] = viz.draw
        self.root = layered(gates) if gates else sigmoid_neuron()
        self.expand = expand
        self.folder = tempfile.TemporaryDirectory()

    def __call__(self) -> None:
        self.draw(self.root, expand=self.expand).save(Path(self.folder.name) / "graph.svg")

    def facts(self) -> dict[str, int]:
        """How many gates the graph has, and the size of its picture."""
        import autograd as ag

        nodes = ag.Graph(self.root).nodes
        size = (Path(self.folder.name) / "graph.svg").stat().st_size
        return {"gates": sum(not node.is_leaf for node in nodes), "bytes": size}


gategrad = DrawAndSave
