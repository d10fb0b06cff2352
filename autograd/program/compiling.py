"""`compile`: record a function at its first call with new shapes, replay it at the later ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

import numpy as np

from autograd.errors import CompileError, DataError
from autograd.graph import Graph
from autograd.inside import argument_among, is_inside
from autograd.program.backend import find_backend
from autograd.program.building import of_graph
from autograd.program.compiled import Compiled
from autograd.program.crew import as_threads
from autograd.program.placement import Placement
from autograd.program.program import Program
from autograd.tensor import Tensor, describe

__all__ = ["compile"]

Result = TypeVar("Result")


@overload
def compile(
    target: Tensor,
    *,
    reuse_outputs: bool = ...,
    blas_threads: int | None = ...,
    threads: int | None = ...,
    backend: str = ...,
    devices: Any = ...,
    shard: Any = ...,
) -> Program: ...
@overload
def compile(
    target: Callable[..., Tensor],
    *,
    reuse_outputs: bool = ...,
    blas_threads: int | None = ...,
    threads: int | None = ...,
    backend: str = ...,
    devices: Any = ...,
    shard: Any = ...,
) -> Compiled[np.ndarray[Any, Any]]: ...
@overload
def compile(
    target: Callable[..., Result],
    *,
    reuse_outputs: bool = ...,
    blas_threads: int | None = ...,
    threads: int | None = ...,
    backend: str = ...,
    devices: Any = ...,
    shard: Any = ...,
) -> Compiled[Result]: ...
def compile(
    target: Callable[..., Any] | Tensor,
    *,
    reuse_outputs: bool = False,
    blas_threads: int | None = None,
    threads: int | None = None,
    backend: str = "numpy",
    devices: Any = None,
    shard: Any = None,
) -> Any:
    """Record once, replay: a function as a flat program, or the program of a recorded graph.

    The first call with new shapes and dtypes runs `f` and records it; later ones replay the same
    calls to NumPy, into memory that is there already, with the same bits. `f` gets Tensors in
    place of arrays and floats, and what it returns comes back as arrays and numbers. Ints, bools,
    strings and None are part of what a program is made for, and so is what the names in `f` stand
    for: variables of outer functions, globals, attributes, entries of lists, dicts and sets. Where
    one is set anew, another program is recorded; 128 are kept. (Not seen are what `getattr` finds
    by a computed name, and what the entries of a container hold that has more than 64.) The
    entries of an array from outside are constants; Tensors from outside are read at each call.

    Draw at random with `ag.sample`, and give Tensors new data with `ag.assign`, so that a replay
    does too. On JAX's devices ``ag.sample(rng.normal, size=3)`` draws other numbers of the same
    distribution, the same for the same seed. While it is recorded, `f` may run twice, and what
    differs is refused. Under `detect_anomaly`, inside of another compiled function, and on Tensors
    that are differentiated further, as in `ag.grad(ag.compile(f))`, a call is one of `f` itself.

    Parameters
    ----------
    target : a function; or a Tensor, whose leaves are then the inputs of the `Program` returned.
    reuse_outputs : whether results may lie in memory that the next run writes over, and that
        `program.backward()` reads.
    blas_threads : for products of matrices; by default one where they are small.
    threads : how many share an array of 2¹⁸ numbers or more, in runs of elementwise calls: each
        computes its part, with the same bits. By default one, and with "numba" as many as there
        are processors, four at most.
    backend : "numpy", "numba" with the extra `jit`, "jax" with the extra of that name, or one that
        `ag.register_backend` added; "wide", for graphs of single numbers alone, is what "numpy"
        takes for large ones.
    devices : for "jax": how many, a list of JAX's devices, or a `jax.sharding.Mesh`, over whose
        first axis is split. Results are the same on all, and so is what is not split.
    shard : the arguments that are split along their first axis, a part for each device: their
        numbers or names, one or several. What devices cannot share equally is whole on each.

    Raises
    ------
    CompileError (a TypeError): at the call, where `f` branches on a traced value or needs its
        numbers otherwise, writes into arrays from outside, draws at random or reads a clock in its
        own way, or takes something else than numbers; the message names the line.

    >>> import autograd as ag
    >>> fast = ag.compile(ag.value_and_grad(lambda x: np.sum(np.tanh(x) ** 2)))
    >>> value, gradient = fast(np.array([0.0, 1.0]))
    >>> value, gradient = fast(np.array([0.0, 2.0]))
    >>> fast.cache_info()
    CacheInfo(hits=1, misses=1, currsize=1)
    >>> print(fast.program)
    <lambda>: 6 instructions, 2 buffers, 152 B at the peak
    <BLANKLINE>
    forward
      %0 = input                                      float64 2
      %1 = tanh(%0)                                   float64 2   b0   tanh
      %2 = square(%1)                                 float64 2   b1   power
      %3 = add.reduce(%2, axis=None, keepdims=False)  float64 ()  new  sum
      %4 = multiply(2, %1)                            float64 2   b1   ← power
      %7 = slope_of_tanh(%1, %0)                      float64 2   b0   ← tanh
      %8 = multiply(%4, %7)                           float64 2   new  ← tanh
    <BLANKLINE>
    returns %3, %8
    """
    find_backend(backend)
    placement = Placement.of(devices, shard, backend)
    options: dict[str, Any] = {
        "reuse_outputs": reuse_outputs, "blas_threads": blas_threads,
        "threads": as_threads("compile()", threads), "backend": backend,
    }  # fmt: skip
    if type(target) is Tensor:
        argument = argument_among(Graph(target).nodes) if is_inside(target) else None
        if argument is not None:
            raise CompileError(
                f"compile() of {describe(target)} in a function that is differentiated for "
                f"{describe(argument)}: its program would return plain numbers, through which no "
                "gradient flows. Compile the derivative of the function, ag.compile(ag.grad(f))"
            )
        if placement is not None:
            raise DataError(
                "compile() of a Tensor has leaves for inputs and no arguments to split: compile "
                "the function, as in ag.compile(f, devices=4, shard=0)"
            )
        return of_graph(target, **options)
    if not callable(target):
        raise DataError(f"compile() expects a function or a Tensor and received {target!r}")
    return Compiled(target, options, placement=placement)
