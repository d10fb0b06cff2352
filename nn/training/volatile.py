"""What a forward pass changes besides the graph: generators and running statistics of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["Volatile", "generators"]


class Volatile:
    """A copy of them, to put back after a forward pass that should not have been."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.states = [(rng, rng.bit_generator.state) for rng in generators(model)]
        self.arrays = model.state_dict()

    def restore(self) -> None:
        """Put them back."""
        for rng, state in self.states:
            rng.bit_generator.state = state
        self.model.load_state_dict(self.arrays)


def generators(model: Any) -> list[np.random.Generator]:
    """The random generators on a model's modules, each once, in the order of the attributes."""
    found = (rng for module in model.modules() for rng in _inside(vars(module), 0))
    return list({id(rng): rng for rng in found}.values())


def _inside(value: Any, depth: int) -> Iterator[np.random.Generator]:
    if isinstance(value, np.random.Generator):
        yield value
    elif isinstance(value, dict) and depth < 3:
        for item in value.values():
            yield from _inside(item, depth + 1)
    elif isinstance(value, (list, tuple)) and depth < 3:
        for item in value:
            yield from _inside(item, depth + 1)
