"""Models as pictures see them: called on an example, every call of a module within noted."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.extend import ReadModel, as_data, stranger

from .errors import VizError


class Called(NamedTuple):
    """What a model made of an example: its inputs, its output, and the calls within, in order.

    The calls are as nn notes them: module, label, depth, inputs, output; `calls` are those of
    modules that call no other, `nested` all, outer ones before those that they make.
    """

    inputs: tuple[Any, ...]
    output: Any
    calls: list[Any]
    nested: list[Any]


def nodes_of(given: Any) -> list[Tensor]:
    """The Tensors of one input: itself, or those of a list or a dict."""
    if isinstance(given, dict):
        return [node for one in given.values() for node in nodes_of(one)]
    return list(given) if isinstance(given, list) else [given]


def is_module(target: Any) -> bool:
    """Whether `target` is an nn.Module; a program that never loaded nn has none."""
    if "nn.module" not in sys.modules:
        return False
    from nn.module import Module

    return isinstance(target, Module)


def is_read(target: Any) -> bool:
    """Whether `target` is a model that `ag.from_onnx` or `ag.from_torch` read."""
    return isinstance(target, ReadModel)


def called(model: Any, example: Any) -> Called:
    """The model's calls on an example, in evaluation mode: no dropout, no running averages moved.
    A model that was read calls no modules of ours, and names its inputs itself.

    An example is what the model takes: an array, a list of numbers for a model of scalars, a dict
    of arrays, or a tuple of several inputs. What is no Tensor becomes one named x, or as its key
    is, that wants no gradient.
    """
    several = example if isinstance(example, tuple) else (example,)
    if is_read(model):
        given = model.taken(**example) if isinstance(example, dict) else model.taken(*several)
        return Called(tuple(given.values()), model.compute(given), [], [])
    from nn.calls import Calls, calls
    from nn.modes import evaluating

    names = ["x"] if len(several) == 1 else [f"x{i}" for i in range(1, len(several) + 1)]
    inputs = tuple(_given(model, one, name) for one, name in zip(several, names, strict=True))
    log = Calls()
    token = calls.set(log)
    try:
        with evaluating():
            output = model(*inputs)
    finally:
        calls.reset(token)
    made = [call for call in log.made if call is not None]
    after = [*(call.depth for call in made[1:]), 0]
    inner = [call for call, next_one in zip(made, after, strict=True) if next_one <= call.depth]
    return Called(inputs, output, inner, made)


def _given(model: Any, example: Any, name: str) -> Any:
    """One input, as a Tensor, a dict of them, or for a model of scalars a list."""
    if isinstance(example, Tensor):
        return example
    if isinstance(example, dict):
        return {key: _given(model, one, str(key)) for key, one in example.items()}
    if model.is_scalar:
        values = example if type(example) is list else np.ravel(np.asarray(example)).tolist()
        return [
            value
            if isinstance(value, Tensor)
            else Tensor(float(value), name=f"{name}{i}", requires_grad=False)
            for i, value in enumerate(values, 1)
        ]
    values = np.asarray(example if stranger(example) is None else as_data(example, None))
    if values.dtype.kind not in "biuf":
        raise VizError(f"an example is an array of numbers; received {type(example).__name__}")
    if values.dtype.kind == "f" or (values.dtype.kind in "iu" and not _takes_indices(model)):
        values = values.astype(model.dtype or float)
    return Tensor(values, name=name, requires_grad=False)


def _takes_indices(model: Any) -> bool:
    return any(type(module).__name__ == "Embedding" for module in model.modules())
