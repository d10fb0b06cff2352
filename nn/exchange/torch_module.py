"""A model as a module of PyTorch's, to be called inside of models that are written there."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import autograd as ag
from autograd import DataError, Tensor
from autograd.extend import Request, find_backend, flatten
from nn.modes import modes_kept
from nn.module import Module
from nn.state import Grid, entries

__all__ = ["as_torch"]


def as_torch(model: Module) -> Any:
    """A `torch.nn.Module` that computes what the model does, by PyTorch's calls.

    Its parameters are PyTorch's own, copies that start from the model's numbers, under its names
    and in its layouts; running averages are buffers. Gradients flow through by PyTorch's rules: at
    kinks the derivative is the one that PyTorch has there. It follows `train()` and `eval()`, and
    what drops draws from the model's generator. Each shape and dtype of inputs is recorded once.

    Parameters
    ----------
    model : takes and returns arrays, or tuples of them.

    Raises DependencyError (an ImportError) without PyTorch, DataError (a TypeError) for what is no
    module; when it is called, CompileError (a TypeError) for a gate that PyTorch has no counterpart
    of.

    >>> import nn
    >>> import torch  # doctest: +SKIP
    >>> body = nn.as_torch(nn.MLP(4, [8], 3, rng=0))  # doctest: +SKIP
    >>> net = torch.nn.Sequential(body, torch.nn.Linear(3, 1))  # doctest: +SKIP
    """
    if not isinstance(model, Module):
        raise DataError(f"as_torch expects a module, received {model!r}")
    engine = find_backend("torch")
    import torch

    own = deepcopy(model)  # what is recorded: recording moves averages and generators

    class AsTorch(torch.nn.Module):
        """What `as_torch` returns."""

        def __init__(self) -> None:
            super().__init__()
            self.recorded: dict[Any, _Recorded] = {}
            self.places: dict[int, tuple[Any, str]] = {}
            for path, tensor in _tensors(own):
                *folders, name = path.split(".")
                home: Any = self
                for folder in folders:
                    if folder not in home._modules:
                        home.add_module(folder, torch.nn.Module())
                    home = home._modules[folder]
                value = torch.tensor(tensor.data)
                if tensor.requires_grad:
                    home.register_parameter(name, torch.nn.Parameter(value))
                else:
                    home.register_buffer(name, value)
                self.places[id(tensor)] = home, name

        def forward(self, *inputs: Any) -> Any:
            key = self.training, tuple((tuple(v.shape), v.dtype) for v in inputs)
            if key not in self.recorded:
                self.recorded[key] = _record(engine, own, self.training, inputs)
            recorded, arguments = self.recorded[key], iter(inputs)
            results = recorded.run.differentiable(
                [next(arguments) if t is None else self.value(t) for t in recorded.tensors]
            )
            count = len(results) - len(recorded.assigned)
            for tensor, new in zip(recorded.assigned, results[count:], strict=True):
                self.value(tensor).data.copy_(new.detach())
            return recorded.rebuild(results[:count])

        def value(self, tensor: Tensor) -> Any:
            """PyTorch's tensor in the place of one of ours."""
            place = self.places.get(id(tensor))
            return torch.as_tensor(tensor.data) if place is None else getattr(*place)

        def extra_repr(self) -> str:
            return repr(model)

    return AsTorch()


def _tensors(model: Module) -> Iterator[tuple[str, Tensor]]:
    """Parameters and state by name."""
    for name, entry in entries(model):
        if isinstance(entry, Grid):
            yield from entry.named(name)
        else:
            yield name, entry


class _Recorded(NamedTuple):
    """A program of the model, for inputs of one kind: what runs it, the Tensors that it reads, None
    for an argument, those that have new data afterwards, and what makes a nest of its results."""

    run: Any
    tensors: list[Tensor | None]
    assigned: list[Tensor]
    rebuild: Any


def _record(engine: Any, model: Module, training: bool, inputs: Any) -> _Recorded:
    rebuilds: list[Any] = []

    def called(*arrays: Any) -> Any:
        leaves, rebuild = flatten(model(*arrays))
        rebuilds.append(rebuild)
        return tuple(leaves)

    with ag.no_grad(), modes_kept(model):
        model.train(training)
        fast = ag.compile(called)
        fast(*[v.detach().numpy() for v in inputs])
    program = fast.program
    run = engine(program.recording, Request())
    return _Recorded(run, [i.tensor for i in program.inputs], program.assigned, rebuilds[0])
