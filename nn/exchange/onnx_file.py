"""A model in a file of ONNX, for engines that run what is trained here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

import autograd as ag
from autograd import DataError, ShapeError, Tensor
from autograd.extend import ReadModel
from nn.exchange.read_models import AsModule
from nn.exchange.rows import rows_to_try
from nn.files import as_path
from nn.modes import evaluating
from nn.module import Module

__all__ = ["export_onnx"]


def export_onnx(
    model: Module | ReadModel,
    example: Any,
    path: str | os.PathLike[str],
    *,
    opset: int = 18,
    batch: bool = True,
) -> Path:
    """Write what a model computes as an ONNX file, whole or not at all: needs the extra `onnx`.

    It is the model as in use: nothing is dropped, running averages stand still. Parameters stand in
    the file under the names of `named_parameters`, in their dtypes; nodes are called by module and
    gate. onnxruntime gives the same numbers to rounding, in single precision of erf and det, which
    it has in no other.

    Parameters
    ----------
    model : a module, or what `ag.from_torch` or `ag.from_onnx` read, which may be trained since.
    example : an input as the model takes it, rows first, or a tuple of inputs: its shape and its
        dtype are the file's, its numbers do not matter. Lists and Tensors are taken as arrays.
    path : of the file; one that is there is replaced.
    opset : of ONNX' operator sets, from 18 to 22.
    batch : whether the model takes any number of rows, the first axis of every input; otherwise it
        takes as many as `example` has. A model computes the same for 2 rows and for 3, then; one
        with code of your own that reads lengths, such as ``x.shape[0]``, also for 1, as many as
        `example` has, and all numbers up to 1,024 that stand in that code, and their neighbours.
        What turns at none of these is not noticed.

    Returns the path. The model's inputs are called ``input``, or ``input0``, ``input1``, ...; its
    outputs ``output``, or ``output0``, ....

    Raises
    ------
    DependencyError (an ImportError): the package onnx is missing.
    CompileError (a TypeError): ONNX has no words for a gate, by name, or what the model does
        depends on the number of rows.
    ShapeError (a ValueError): an example without rows. DataError (a TypeError): no module, or an
        example that is no array.
    OutOfRangeError (a ValueError): another opset. OSError: no such folder, or no room.

    >>> import tempfile
    >>> import nn
    >>> model = nn.MLP(4, [8], 3, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:  # doctest: +SKIP
    ...     nn.export_onnx(model, [[0.0, 0.0, 0.0, 0.0]], f"{folder}/model.onnx")
    """
    if isinstance(model, ReadModel):
        model = AsModule.of(model)
    if not isinstance(model, Module):
        raise DataError(f"export_onnx(model, ...) expects a module, received {model!r}")
    examples = [_as_array(one) for one in (example if type(example) is tuple else (example,))]
    sizes = [0]
    if batch:
        tried = rows_to_try(model)
        given = {len(one) for one in examples if one.ndim}
        sizes = [2, 3, *sorted({*tried, *(given if tried else ())} - {2, 3})]
    programs = [
        _program(model, [_with_rows(one, rows) if rows else one for one in examples])
        for rows in sizes
    ]
    several = len(programs[0].outputs) > 1
    names = {parameter: name for name, parameter in model.named_parameters()}
    inputs = ["input"] if len(examples) == 1 else [f"input{i}" for i in range(len(examples))]
    return programs[0].export_onnx(
        as_path("export_onnx", path), opset=opset, other=programs[1:] if batch else None,
        inputs=inputs, outputs=() if several else ("output",), names=names,
        metadata={"model": repr(model)},
    )  # fmt: skip


def _as_array(example: Any) -> np.ndarray:
    try:
        return np.asarray(example.data if isinstance(example, Tensor) else example)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"export_onnx(model, example, ...) expects an array, or a tuple of them: {error}"
        ) from error


def _with_rows(example: np.ndarray, rows: int) -> np.ndarray:
    """An input of that many rows."""
    if example.ndim == 0 or not len(example):
        raise ShapeError(
            "export_onnx(model, example, ...) expects an example with rows, or batch=False; "
            f"received one of shape {example.shape}"
        )
    return np.resize(example, (rows, *example.shape[1:]))


def _program(model: Module, examples: list[np.ndarray]) -> Any:
    with ag.no_grad(), evaluating():
        fast = ag.compile(lambda *inputs: model(*inputs))
        fast(*examples)
    return fast.program
