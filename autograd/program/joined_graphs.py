"""Graphs whose scalar nodes end in arrays, such as a network of scalars under a loss of a batch.

The scalars run in groups, and what arrays are made of them is a program of its own. Forward, the
first hands its results to the second; backward, the second's gradients are the first's seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from autograd.program.backend import Request, find_backend
from autograd.program.instruction import Recording
from autograd.program.program import Input, Program
from autograd.program.scalars.table import flattened
from autograd.program.threads import Threads
from autograd.tensor import Tensor

__all__ = ["JoinedProgram"]


class JoinedProgram(Program):
    """Scalar nodes in groups, then the arrays that are made of them.

    `arrays` is the program of the latter; those of its inputs that are among `scalars` come from
    the former.
    """

    def __init__(self, scalars: Sequence[Tensor], arrays: Program, **options: Any) -> None:
        register = {node: number for number, node in enumerate(scalars)}
        self._arrays = arrays
        self._joints = [node for node in arrays.tensors if node in register]
        self._own = [i for i in arrays.inputs if i.tensor not in register]
        others = [node for node in arrays._wanted if node not in register]
        reached = len(others) < len(arrays._wanted)
        flat = flattened(scalars, self._joints)
        self._flat = flat = flat._replace(wanted=flat.wanted if reached else [])
        self._leaves = [leaf for leaf in flat.leaves if leaf._wants and reached]
        inputs = [
            Input(number, leaf, leaf.name or "", (), leaf.dtype)
            for leaf, number in flat.leaves.items()
        ]
        wanted = [*self._leaves, *others]
        used = [*flat.leaves, *(node for node in arrays._used if node not in register)]
        super().__init__(
            None, [*inputs, *self._own], wanted=wanted, used=used, title="graph", **options
        )

    @property
    def stages(self) -> list[tuple[str, Recording]]:
        """Those of the arrays' part."""
        return self._arrays.stages

    @cached_property
    def _scalars(self) -> Any:
        factory: Any = find_backend(self._backend)
        return factory(self._flat, Request())

    @cached_property
    def _prepared(self) -> Any:
        return _Joined(self)

    @cached_property
    def _threads(self) -> Threads:
        return self._arrays._threads

    @property
    def peak(self) -> int:
        return self._prepared.peak

    def __str__(self) -> str:
        return f"{self._scalars.source}\n\n{self._arrays}"


class _Joined:
    """Both programs in the form in which one runs: two functions."""

    def __init__(self, program: JoinedProgram) -> None:
        arrays = program._arrays
        self.source = f"{program._scalars.source}\n\n{arrays.source}"
        self.peak = program._scalars.peak + arrays.peak
        self._scalars, self._push = program._scalars, arrays._prepared.forward
        self._pull: Any = arrays._prepared.backward
        self._count = len(program._flat.leaves)
        self._joints = len(program._joints)
        # Where the arrays' part finds each of its inputs: first the joints, then its own.
        place = {node: number for number, node in enumerate(program._joints)}
        own = [node for node in arrays.tensors if node not in place]
        place.update({node: self._joints + number for number, node in enumerate(own)})
        self._order = [place[node] for node in arrays.tensors]
        joints = set(program._joints)
        self._to = [place[node] if node in joints else None for node in arrays._wanted]

    def forward(self, *given: Any) -> tuple[Any, Any]:
        numbers, _ = self._scalars.forward(*given[: self._count])
        made = [*numbers, *given[self._count :]]
        reads = [made[place] for place in self._order]
        results, left = self._push(*reads)
        return results, (reads, left)

    def backward(self, seed: Any, *rest: Any) -> list[Any]:
        *_, reads, left = rest
        seeds = [0.0] * self._joints
        others = []
        gradients = self._pull(seed, *reads, *left)
        for gradient, place in zip(gradients, self._to, strict=True):
            if place is None:
                others.append(gradient)
            else:
                seeds[place] = gradient
        return [*self._scalars.backward(seeds), *others]
