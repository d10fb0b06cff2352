"""PyTorch's operators that move entries, and those that make constants, in gates."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.exchange.aten_rules import Rules
from autograd.exchange.placing import added, along, places_in, replaced, spread, widened

__all__ = ["RULES"]

RULES = Rules()
rule = RULES.enter


@rule("view", "reshape", "_unsafe_view", "_reshape_copy", "view_copy")
def reshaped(x: Any, shape: Sequence[int]) -> Any:
    return np.reshape(x, tuple(shape))


@rule("flatten.using_ints")
def flattened(x: Any, start: int = 0, end: int = -1) -> Any:
    start, end = start % max(x.ndim, 1), end % max(x.ndim, 1)
    return np.reshape(x, (*x.shape[:start], -1, *x.shape[end + 1 :]))


@rule("unflatten.int")
def unflattened(x: Any, dim: int, sizes: Sequence[int]) -> Any:
    dim %= x.ndim
    return np.reshape(x, (*x.shape[:dim], *sizes, *x.shape[dim + 1 :]))


@rule("permute")
def permuted(x: Any, dims: Sequence[int]) -> Any:
    return np.transpose(x, tuple(dims))


@rule("transpose.int")
def transposed(x: Any, one: int, other: int) -> Any:
    return np.swapaxes(x, one, other) if x.ndim else x


@rule("t", "numpy_T")
def turned(x: Any) -> Any:
    return x.T


@rule("expand")
def expanded(x: Any, sizes: Sequence[int], **_: Any) -> Any:
    own = (1,) * (len(sizes) - x.ndim) + x.shape
    return spread(x, [n if size == -1 else size for size, n in zip(sizes, own, strict=True)])


@rule("repeat")
def repeated(x: Any, repeats: Sequence[int]) -> Any:
    return np.tile(x, tuple(repeats))


@rule("squeeze", "squeeze.dim", "squeeze.dims")
def squeezed(x: Any, dim: Any = None) -> Any:
    dims = range(x.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    single = tuple(d for d in dims if x.shape[d] == 1)
    return np.squeeze(x, single) if single else x


@rule("unsqueeze")
def unsqueezed(x: Any, dim: int) -> Any:
    return np.expand_dims(x, dim)


@rule("cat")
def joined(parts: Sequence[Any], dim: int = 0) -> Any:
    return np.concatenate(list(parts), axis=dim)


@rule("stack")
def stacked(parts: Sequence[Any], dim: int = 0) -> Any:
    return np.stack(list(parts), axis=dim)


@rule("slice.Tensor")
def sliced(x: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    piece = slice(start, end, step)
    if piece.indices(x.shape[dim]) == (0, x.shape[dim], 1):
        return x
    return x[(slice(None),) * (dim % x.ndim) + (piece,)]


@rule("select.int")
def selected(x: Any, dim: int, index: int) -> Any:
    return x[(slice(None),) * (dim % x.ndim) + (index,)]


@rule("split.Tensor")
def split(x: Any, size: int, dim: int = 0) -> list[Any]:
    return [sliced(x, dim, at, at + size) for at in range(0, x.shape[dim], size)]


@rule("split_with_sizes")
def split_with_sizes(x: Any, sizes: Sequence[int], dim: int = 0) -> list[Any]:
    starts = np.cumsum([0, *sizes]).tolist()
    return [sliced(x, dim, start, end) for start, end in pairwise(starts)]


@rule("chunk")
def chunks(x: Any, count: int, dim: int = 0) -> list[Any]:
    return split(x, -(-x.shape[dim] // count), dim)


@rule("unbind.int")
def unbound(x: Any, dim: int = 0) -> list[Any]:
    return [selected(x, dim, index) for index in range(x.shape[dim])]


@rule("index_select")
def index_select(x: Any, dim: int, index: Any) -> Any:
    return np.take(x, index, axis=dim)


@rule("index.Tensor")
def indexed(x: Any, indices: Sequence[Any]) -> Any:
    return x[tuple(slice(None) if index is None else index for index in indices)]


@rule("gather")
def gathered(x: Any, dim: int, index: Any, **_: Any) -> Any:
    return np.take(x, along(x.shape, index, dim % x.ndim))


# ---- entries in place of others, which is also how PyTorch writes down `x[key] = values`


@rule("copy")
def copied(x: Any, source: Any, *_: Any) -> Any:
    return spread(source, x.shape)


@rule("index_put")
def put(x: Any, indices: Sequence[Any], values: Any, accumulate: bool = False) -> Any:
    return (added if accumulate else replaced)(x, indexed(places_in(x.shape), indices), values)


@rule("slice_scatter")
def put_slice(x: Any, values: Any, *where: Any, **how: Any) -> Any:
    return replaced(x, sliced(places_in(x.shape), *where, **how), values)


@rule("select_scatter")
def put_selected(x: Any, values: Any, dim: int, index: int) -> Any:
    return replaced(x, selected(places_in(x.shape), dim, index), values)


@rule("masked_scatter")
def put_masked(x: Any, mask: Any, values: Any) -> Any:
    places = places_in(x.shape)[np.broadcast_to(mask, x.shape)]
    return replaced(x, places, np.reshape(values, -1)[: len(places)])


@rule("scatter.src", "scatter.value")
def scattered(x: Any, dim: int, index: Any, values: Any, by: Any = replaced) -> Any:
    values = values[tuple(map(slice, index.shape))] if np.ndim(values) else values
    return by(x, along(x.shape, index, dim % x.ndim), values)


@rule("scatter_add")
def scattered_sums(x: Any, dim: int, index: Any, values: Any) -> Any:
    return scattered(x, dim, index, values, added)


@rule("flip")
def flipped(x: Any, dims: Sequence[int]) -> Any:
    return np.flip(x, tuple(dims))


@rule("tril")
def lower(x: Any, diagonal: int = 0) -> Any:
    return np.tril(x, diagonal)


@rule("triu")
def upper(x: Any, diagonal: int = 0) -> Any:
    return np.triu(x, diagonal)


@rule("constant_pad_nd")
def padded(x: Any, widths: Sequence[int], value: float = 0) -> Any:
    ends = list(zip(widths[::2], widths[1::2], strict=True))[::-1]
    return widened(x, [(0, 0)] * (x.ndim - len(ends)) + ends, constant_values=value)


@rule("roll")
def rolled(x: Any, shifts: Sequence[int], dims: Sequence[int] = ()) -> Any:
    return np.roll(x, tuple(shifts), tuple(dims)) if dims else np.roll(x, *shifts)


@rule("diagonal")
def diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    return np.diagonal(x, offset, dim1, dim2)


@rule("unfold")
def windows(x: Any, dim: int, size: int, step: int) -> Any:
    found = np.lib.stride_tricks.sliding_window_view(x, size, axis=dim)
    return found[(slice(None),) * (dim % x.ndim) + (slice(None, None, step),)]


# ---- lengths


@rule("sym_size.int")
def length(x: Any, dim: int) -> int:
    return int(x.shape[dim])


@rule("sym_numel")
def count(x: Any) -> int:
    return int(x.size)


for name in ("add", "sub", "mul", "floordiv", "mod", "neg", "pow", "eq", "ne", "lt", "le", "gt",
             "ge", "and_", "or_", "not_", "truediv"):  # fmt: skip
    RULES[f"operator.{name}"] = getattr(operator, name)
RULES |= {
    "math.ceil": math.ceil, "math.floor": math.floor, "math.trunc": math.trunc,
    "torch.sym_float": float, "torch.sym_int": int, "torch.sym_max": max, "torch.sym_min": min,
    "torch.sym_not": operator.not_, "torch._sym_sqrt": math.sqrt,
}  # fmt: skip


# ---- constants


@rule("empty.memory_format")
def empty(shape: Sequence[int], dtype: Any = None) -> Any:
    """For a model to write into."""
    return np.zeros(tuple(shape), dtype)


@rule("tril_indices")
def lower_places(rows: int, columns: int, offset: int = 0, dtype: Any = None) -> Any:
    return np.stack(np.tril_indices(rows, offset, columns))


@rule("triu_indices")
def upper_places(rows: int, columns: int, offset: int = 0, dtype: Any = None) -> Any:
    return np.stack(np.triu_indices(rows, offset, columns))


@rule("full")
def full(shape: Sequence[int], value: float, dtype: Any = None) -> Any:
    return np.full(tuple(shape), value, dtype)


@rule("full_like")
def full_like(x: Any, value: float, dtype: Any = None) -> Any:
    return np.full(x.shape, value, dtype or x.dtype)


@rule("arange.start_step")
def arange(start: Any, end: Any, step: Any = 1, dtype: Any = None) -> Any:
    return np.asarray(np.arange(start, end, step), dtype)


@rule("scalar_tensor")
def scalar_tensor(value: float, dtype: Any = None) -> Any:
    return np.asarray(value, dtype)
