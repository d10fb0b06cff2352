"""A model as a module of PyTorch's, to be called inside of models that are written there."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from threading import RLock
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import DataError, Tensor
from autograd.extend import Request, find_backend, flatten
from nn.modes import modes_kept
from nn.module import Module
from nn.state import named_tensors

__all__ = ["as_torch"]

CONSTANTS = (int, bool, str, type(None))
"""Types of what a model may return beside arrays."""

_recording = RLock()
"""Held while a model is recorded, which moves its averages and its modes."""


def as_torch(model: Module) -> Any:
    """A `torch.nn.Module` that computes what the model does, by PyTorch's calls.

    Its parameters are PyTorch's own, copies that start from the model's numbers, under its names
    and in its layouts; running averages are buffers. Gradients flow through by PyTorch's rules: at
    kinks the derivative is the one that PyTorch has there. It follows `train()` and `eval()`, and
    what drops draws from a copy of the model's generator. Each shape and dtype of inputs is
    recorded once; copies, by `deepcopy` and by pickle, record anew. It computes in the model's
    dtypes: for PyTorch's `double()` make the model with ``dtype=np.float64``.

    Parameters
    ----------
    model : takes and returns arrays, or tuples of them.

    Raises DependencyError (an ImportError) without PyTorch, DataError (a TypeError) for what is no
    module, or holds something by a name that PyTorch's modules have themselves; when it is called,
    CompileError (a TypeError) for a gate that PyTorch has no counterpart of, DataError (a
    TypeError) for inputs that are no tensors or of a dtype that NumPy has not, and for parameters
    that were cast.

    >>> import nn
    >>> import torch  # doctest: +SKIP
    >>> body = nn.as_torch(nn.MLP(4, [8], 3, rng=0))  # doctest: +SKIP
    >>> net = torch.nn.Sequential(body, torch.nn.Linear(3, 1))  # doctest: +SKIP
    """
    if not isinstance(model, Module):
        raise DataError(f"as_torch expects a module, received {model!r}")
    find_backend("torch")
    return _kind()(deepcopy(model))  # recording moves averages and generators


def _unpickled() -> Any:
    """A module without anything, to which its state comes."""
    return _kind().__new__(_kind())


@cache
def _kind() -> Any:
    """The class of what `as_torch` returns, made where PyTorch is wanted."""
    import torch

    class AsTorch(torch.nn.Module):
        """What `as_torch` returns."""

        def __init__(self, model: Module) -> None:
            super().__init__()
            self._gategrad_model = model
            self._gategrad_programs: dict[Any, _Recorded] = {}
            for path, tensor in named_tensors(model):
                *folders, name = path.split(".")
                home: Any = self
                value = torch.tensor(tensor.data)
                try:
                    for folder in folders:
                        if folder not in home._modules:
                            home.add_module(folder, torch.nn.Module())
                        home = home._modules[folder]
                    if tensor.requires_grad:
                        home.register_parameter(name, torch.nn.Parameter(value))
                    else:
                        home.register_buffer(name, value)
                except KeyError as error:
                    raise DataError(
                        f"as_torch cannot call something {path!r} as the model does, since "
                        f"PyTorch's modules have such a name themselves: {error.args[0]}"
                    ) from error

        def forward(self, *inputs: Any) -> Any:
            for given in inputs:
                if not isinstance(given, torch.Tensor):
                    raise DataError(
                        "a module of as_torch expects tensors of PyTorch's, and received "
                        f"{type(given).__name__}: write torch.tensor(x)"
                    )
            programs, model = self._gategrad_programs, self._gategrad_model
            key = self.training, tuple((tuple(map(int, v.shape)), v.dtype) for v in inputs)
            with _recording:
                if key not in programs:
                    programs[key] = _record(model, self.training, inputs)
            recorded, arguments = programs[key], iter(inputs)
            results = recorded.run.differentiable(
                [next(arguments) if p is None else _value(self, p) for p in recorded.places]
            )
            count = len(results) - len(recorded.assigned)
            for place, new in zip(recorded.assigned, results[count:], strict=True):
                _value(self, place).data.copy_(new.detach())
            return recorded.rebuild(results[:count])

        def __getstate__(self) -> dict[str, Any]:
            return {**self.__dict__, "_gategrad_programs": {}}

        def __reduce_ex__(self, protocol: Any) -> Any:
            return _unpickled, (), self.__getstate__()

        def extra_repr(self) -> str:
            return repr(self._gategrad_model)

    return AsTorch


class _Place(NamedTuple):
    """Where a Tensor's data are: under its name in PyTorch's module, or, without one, outside of
    the model."""

    name: str
    tensor: Tensor


def _value(module: Any, place: _Place) -> Any:
    """PyTorch's tensor in the place of one of ours."""
    import torch

    ours = torch.as_tensor(place.tensor.data)
    if not place.name:
        return ours
    *folders, name = place.name.split(".")
    for folder in folders:
        module = module._modules[folder]
    value = getattr(module, name)
    if value.dtype != ours.dtype:
        raise DataError(
            f"{place.name} was cast to {value.dtype}, and the model computes in {ours.dtype}: make "
            "the model with another dtype, as in nn.MLP(..., dtype=np.float64), for nn.as_torch"
        )
    return value


class _Recorded(NamedTuple):
    """A program of the model, for inputs of one kind: what runs it, the places of what it reads,
    None for an argument, those that have new data afterwards, and what makes a nest of its results.
    """

    run: Any
    places: list[_Place | None]
    assigned: list[_Place]
    rebuild: Callable[[list[Any]], Any]


def _numbers(tensor: Any) -> Any:
    """Its array; zeros in place of numbers that it has not, under `torch.vmap`."""
    try:
        return tensor.detach().numpy()
    except RuntimeError:
        return np.zeros(tensor.shape, str(tensor.dtype).removeprefix("torch."))


def _record(model: Module, training: bool, inputs: Any) -> _Recorded:
    nests: list[tuple[list[Any], Any]] = []

    def called(*arrays: Any) -> Any:
        leaves, nest = flatten(model(*arrays))
        plain = [leaf if type(leaf) in CONSTANTS else CONSTANTS for leaf in leaves]
        nests.append((plain, nest))
        return tuple(leaf for leaf in leaves if type(leaf) not in CONSTANTS)

    def rebuild(results: list[Any]) -> Any:
        plain, nest = nests[0]
        found = iter(results)
        return nest([next(found) if leaf is CONSTANTS else leaf for leaf in plain])

    try:
        arrays = [_numbers(v) for v in inputs]
    except TypeError as error:
        raise DataError(f"a module of as_torch has inputs that NumPy has not: {error}") from error
    with ag.no_grad(), modes_kept(model):
        model.train(training)
        fast = ag.compile(called)
        fast(*arrays)
    program = fast.program
    names = {id(tensor): name for name, tensor in named_tensors(model)}

    def place(tensor: Tensor) -> _Place:
        return _Place(names.get(id(tensor), ""), tensor)

    run = find_backend("torch")(program.recording, Request())
    places = [None if i.tensor is None else place(i.tensor) for i in program.inputs]
    return _Recorded(run, places, list(map(place, program.assigned)), rebuild)
