"""What a forward pass changes besides the graph: generators and running statistics of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.extend import EVERYBODYS, is_plain, set_state, state
from autograd.extend import generators as reached

__all__ = ["Volatile", "generators"]


class Volatile:
    """A copy of them, to put back after a forward pass that should not have been."""

    def __init__(self, objective: Any) -> None:
        self.model = objective.model
        known = (*EVERYBODYS, *reached(objective))
        self.states = [(rng, state(rng)) for rng in {id(rng): rng for rng in known}.values()]
        self.settings = [
            (vars(module), {key: value for key, value in vars(module).items() if is_plain(value)})
            for module in self.model.modules()
        ]
        self.arrays = self.model.state_dict()

    def restore(self) -> None:
        """Put them back."""
        for rng, before in self.states:
            set_state(rng, before)
        for space, values in self.settings:
            space.update(values)
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
