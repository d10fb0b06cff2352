"""The worked examples of the lectures, by name: each is built anew, at its classic numbers.

>>> import viz.examples
>>> f = viz.examples.build("chain-rule")
>>> f.backward()
>>> f.data, f.inputs[1].grad
(-1.0, -1.0)
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import NamedTuple

import autograd as ag
from autograd import Tensor
from autograd.extend import phrase

from .errors import VizError

__all__ = ["EXAMPLES", "Example", "build", "named"]


class Example(NamedTuple):
    """A worked example: its name and number, a title, one sentence, the formula, the graph.

    `build()` returns a fresh output each time, with named leaves.
    """

    name: str
    alias: str
    title: str
    text: str
    expression: str
    build: Callable[[], Tensor]


def _scalars(**values: float) -> list[Tensor]:
    return [Tensor(value, name=name) for name, value in values.items()]


def _called(node: Tensor, name: str) -> Tensor:
    node.name = name
    return node


def chain_rule() -> Tensor:
    """E1: f = (x+y)·z at (1, −2, 1)."""
    x, y, z = _scalars(x=1.0, y=-2.0, z=1.0)
    q = _called(x + y, "q")
    return _called(q * z, "f")


def sigmoid_neuron() -> Tensor:
    """E2: f = 1/(1+e^−(w0x0+w1x1+w2)), in eight gates, at the classic numbers."""
    w0, x0, w1, x1, w2 = _scalars(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    s = _called(w0 * x0 + w1 * x1 + w2, "s")
    return _called(1.0 / (1.0 + ag.exp(-s)), "f")


def max_router() -> Tensor:
    """E3: f = 2(xy + max(z, w)) at (3, −4, 2, −1)."""
    x, y, z, w = _scalars(x=3.0, y=-4.0, z=2.0, w=-1.0)
    return _called((x * y + ag.maximum(z, w)) * 2.0, "f")


def fork() -> Tensor:
    """E4: f = (x+σ(y))/(σ(x)+(x+y)²) at (3, −4)."""
    x, y = _scalars(x=3.0, y=-4.0)
    numerator = _called(x + y.sigmoid(), "num")
    denominator = _called(x.sigmoid() + ag.square(x + y), "den")
    return _called(numerator / denominator, "f")


def matrix() -> Tensor:
    """E5: f = ‖Wx‖² of a 2×2 matrix and a vector."""
    W = Tensor([[0.1, 0.5], [-0.3, 0.8]], name="W")
    x = Tensor([0.2, 0.4], name="x")
    q = _called(W @ x, "q")
    return _called(ag.sum(ag.square(q)), "f")


_ALL = (
    Example(
        "chain-rule", "E1", phrase("The chain rule, gate by gate"),
        phrase(
            "Each gate multiplies the gradient that reaches it by its own derivative and passes "
            "the product on."
        ),
        "(x + y)·z", chain_rule,
    ),
    Example(
        "sigmoid-neuron", "E2", phrase("A sigmoid neuron, gate by gate"),
        phrase(
            "One neuron as eight gates: + hands its gradient on to both inputs, × swaps its "
            "inputs and scales."
        ),
        "1/(1 + e^−(w0·x0 + w1·x1 + w2))", sigmoid_neuron,
    ),
    Example(
        "max-router", "E3", phrase("max is a router"),
        phrase(
            "max sends the whole gradient to the larger input; the other one, w, receives "
            "nothing."
        ),
        "2·(x·y + max(z, w))", max_router,
    ),
    Example(
        "fork", "E4", phrase("Forks add"),
        phrase(
            "x is used three times and y twice: the gradients that come back along the branches "
            "are added."
        ),
        "(x + σ(y)) / (σ(x) + (x + y)²)", fork,
    ),
    Example(
        "matrix", "E5", phrase("A matrix product"),
        phrase(
            "The same rules with arrays: each gradient has the shape of its value, and no "
            "Jacobian is built."
        ),
        "‖W·x‖²", matrix,
    ),
)  # fmt: skip

EXAMPLES: dict[str, Example] = {example.name: example for example in _ALL}
"""Name -> example, in the order of the lectures."""


def named(name: str) -> Example:
    """The example called `name`, or by its number, such as E1; capitals do not matter.

    Raises
    ------
    VizError (a ValueError) : there is none; the message lists them.
    """
    wanted = str(name).strip().lower().replace("_", "-")
    for example in _ALL:
        if wanted in (example.name, example.alias.lower()):
            return example
    near = get_close_matches(wanted, EXAMPLES, n=1)
    hint = f"; perhaps {near[0]}" if near else ""
    known = ", ".join(f"{example.name} ({example.alias})" for example in _ALL)
    raise VizError(f"no example is called {name!r}{hint}; there are {known}")


def build(name: str) -> Tensor:
    """A fresh graph of the example called `name`.

    >>> round(build("E2").item(), 8)
    0.73105858
    """
    return named(name).build()
