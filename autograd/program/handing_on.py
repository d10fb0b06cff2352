"""Programs for other engines: as a file of ONNX, and as the text that XLA compiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from autograd.program.backend import ONNX, Request, of_place, prepare
from autograd.program.instruction import Recording
from autograd.tensor import Tensor

__all__ = ["export_onnx", "stablehlo"]


class Handed(Protocol):
    """A program, as far as this needs to know it."""

    inputs: tuple[Any, ...]

    @property
    def recording(self) -> Recording:
        """What runs."""


def export_onnx(
    program: Handed, path: str | Path, *, opset: int = 18,
    other: Handed | Sequence[Handed] | None = None,
    inputs: Sequence[str] = (), outputs: Sequence[str] = (),
    names: Mapping[Tensor, str] = {}, metadata: Mapping[str, str] = {},
) -> Path:  # fmt: skip
    """Write the forward half as an ONNX model, which other engines run: needs the extra `onnx`.

    Arguments are the model's inputs, in their dtypes and shapes; Tensors that the program reads
    stand in the file with the data that they have now. What a gate checks is not checked there. A
    gate is ONNX' own operator where there is one, or a function of the model's own of its name, in
    the domain ``gategrad``; `ag.from_onnx` reads both as the gate.

    Parameters
    ----------
    path : of the file, which appears whole or not at all.
    opset : of ONNX' operator sets, from 18 to 22.
    other : the program of the same function for another size of the batch. What is longer in it
        than here becomes an axis with a symbol, ``batch``, and the model takes any size. Of a
        list the first program says so, and the rest, for further sizes, are to do the same.
    inputs, outputs : names of the arguments and the results; ``input0``, ... where there are
        fewer.
    names : of Tensors, in place of their own.
    metadata : texts that the model carries.

    Returns the path.

    Raises DependencyError (an ImportError) without the package onnx, CompileError (a TypeError)
    for a gate that ONNX has no words for, by name, and where two sizes of the batch are
    computed in two ways, OutOfRangeError (a ValueError) for another opset, and OSError where
    the file cannot be written.

    >>> import autograd as ag
    >>> import numpy as np
    >>> w = ag.Tensor([[1.0], [-1.0]], name="w")
    >>> with ag.no_grad():
    ...     fast = ag.compile(lambda x: np.tanh(x @ w))
    ...     _ = fast(np.ones((2, 2)))
    ...     two = fast.program
    ...     _ = fast(np.ones((3, 2)))
    >>> two.export_onnx("tanh.onnx", other=fast.program, inputs=["x"])  # doctest: +SKIP
    """
    called, taken = {}, 0
    for i in program.inputs:
        if i.tensor is None:
            called[i.register] = inputs[taken] if taken < len(inputs) else f"input{taken}"
            taken += 1
        else:
            called[i.register] = names.get(i.tensor) or i.name or "tensor"
    data = {i.register: i.tensor.data for i in program.inputs if i.tensor is not None}
    made: Path = of_place(ONNX)(
        path, program.recording, called, data, opset=opset, outputs=outputs, metadata=metadata,
        others=[one.recording for one in as_list(other)],
    )  # fmt: skip
    return made


def as_list(other: Any) -> list[Handed]:
    """Programs for other sizes, of one or of none."""
    return [] if other is None else list(other) if isinstance(other, (list, tuple)) else [other]


def stablehlo(program: Handed) -> str:
    """The forward half as StableHLO, the text that XLA compiles: needs the extra `jax`.

    Raises DependencyError (an ImportError) without JAX, and CompileError (a TypeError) for a
    gate that has no counterpart there.
    """
    source: str = prepare("jax", program.recording, Request()).source
    return source
