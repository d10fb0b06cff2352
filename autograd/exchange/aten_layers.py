"""PyTorch's operators that are layers, in gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import UnsupportedError
from autograd.exchange.aten_rules import Rules
from autograd.exchange.resizing import mixed
from autograd.gates.attention import scaled_dot_product_attention
from autograd.gates.convolutions import conv, conv_transpose
from autograd.gates.embeddings import embedding
from autograd.gates.pooling import avg_pool, max_pool

__all__ = ["RULES"]

RULES = Rules()
rule = RULES.enter


@rule("mm", "bmm", "matmul", "mv", "dot")
def product(a: Any, b: Any) -> Any:
    return a @ b


@rule("addmm", "baddbmm", "addmv")
def addmm(c: Any, a: Any, b: Any, beta: float = 1, alpha: float = 1) -> Any:
    scaled = a @ b if alpha == 1 else alpha * (a @ b)
    return scaled + (c if beta == 1 else beta * c)


@rule("linear")
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    return x @ weight.T if bias is None else x @ weight.T + bias


@rule("embedding")
def looked_up(weight: Any, indices: Any, padding_idx: int = -1, *_: Any) -> Any:
    return embedding(indices, weight, None if padding_idx < 0 else padding_idx)


@rule("_embedding_bag", "_embedding_bag_forward_only")
def looked_up_in_bags(
    weight: Any, indices: Any, offsets: Any, _: bool = False, mode: int = 0, _sparse: bool = False,
    scales: Any = None, with_end: bool = False, padding_idx: int = -1,
) -> tuple[Any]:  # fmt: skip
    """A sum, mean or maximum of the rows in each bag; zeros for an empty one."""
    rows = embedding(indices, weight)
    rows = rows if scales is None else rows * scales[:, None]
    ends = offsets[1:] if with_end else [*offsets[1:], len(indices)]
    bags = []
    for start, end in zip(offsets, ends, strict=False):
        bag = rows[start:end]
        bag = bag[indices[start:end] != padding_idx] if padding_idx >= 0 else bag
        bags.append((np.sum, np.mean, np.max)[mode](bag, axis=0) if len(bag) else 0 * weight[0])
    return (np.stack(bags),)


@rule("_trilinear")
def bilinear(
    a: Any, b: Any, c: Any, new_a: Sequence[int], new_b: Sequence[int], new_c: Sequence[int],
    over: Sequence[int], *_: Any,
) -> Any:  # fmt: skip
    """A sum of products, with axes put in where each has none."""
    pairs = zip((a, b, c), (new_a, new_b, new_c), strict=True)
    a, b, c = (np.expand_dims(one, tuple(new)) if new else one for one, new in pairs)
    return np.sum(a * b * c, axis=tuple(over))


@rule("_cdist_forward")
def distances(a: Any, b: Any, p: float, *_: Any) -> Any:
    return np.linalg.vector_norm(a[..., :, None, :] - b[..., None, :, :], axis=-1, ord=p)


def along_channels(values: Any, ndim: int) -> Any:
    """One value for each channel, against images of so many spatial axes."""
    return np.reshape(values, (-1, *(1,) * ndim))


@rule("conv1d", "conv2d", "conv3d")
def convolved(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
    groups: int = 1,
) -> Any:  # fmt: skip
    out = conv(x, weight, one_each(stride), one_each(padding), one_each(dilation), groups)
    return out if bias is None else out + along_channels(bias, weight.ndim - 2)


@rule("convolution")
def convolution(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, transposed: bool,
    output_padding: Any, groups: int,
) -> Any:  # fmt: skip
    if not transposed:
        return convolved(x, weight, bias, stride, padding, dilation, groups)
    out = conv_transpose(
        x, weight, one_each(stride), one_each(padding), one_each(output_padding), groups,
        one_each(dilation),
    )  # fmt: skip
    return out if bias is None else out + along_channels(bias, weight.ndim - 2)


def one_each(setting: Any) -> Any:
    """A setting of spatial axes; a list of one counts for all of them, an empty one says none."""
    if not isinstance(setting, list):
        return setting
    return (setting[0] if len(setting) == 1 else tuple(setting)) if setting else None


@rule("max_pool1d", "max_pool2d", "max_pool3d")
def max_pooled(
    x: Any, size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:  # fmt: skip
    return max_pool(
        x, one_each(size), one_each(stride), one_each(padding), one_each(dilation), ceil_mode
    )


@rule("max_pool2d_with_indices", "max_pool3d_with_indices")
def max_pooled_alone(*given: Any) -> tuple[Any]:
    return (max_pooled(*given),)


@rule("avg_pool1d", "avg_pool2d", "avg_pool3d")
def avg_pooled(
    x: Any, size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: Any = None,
) -> Any:  # fmt: skip
    return avg_pool(
        x, one_each(size), one_each(stride), one_each(padding), ceil_mode, count_include_pad,
        divisor_override,
    )  # fmt: skip


def in_windows(x: Any, sizes: Sequence[int], pool: Any, along: Any) -> Any:
    """What windows give that are as many as `sizes` says; where they differ in length, axis by
    axis."""
    first = x.ndim - len(sizes)
    if all(n % size == 0 for n, size in zip(x.shape[first:], sizes, strict=True)):
        return pool(x, tuple(n // size for n, size in zip(x.shape[first:], sizes, strict=True)))
    for axis, size in enumerate(sizes, first):
        n, before = x.shape[axis], (slice(None),) * axis
        spans = [slice(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]
        x = np.stack([along(x[(*before, span)], axis=axis) for span in spans], axis)
    return x


@rule("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
@rule("_adaptive_avg_pool2d", "_adaptive_avg_pool3d")
def averaged(x: Any, sizes: list[int]) -> Any:
    if set(sizes) == {1}:
        return np.mean(x, axis=tuple(range(-len(sizes), 0)), keepdims=True)
    return in_windows(x, sizes, avg_pool, np.mean)


@rule("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def greatest(x: Any, sizes: list[int]) -> tuple[Any]:
    """Without their places."""
    return (in_windows(x, sizes, max_pool, np.max),)


def steps_of(
    x: Any, output_size: Any, scales: Any, spatial: int
) -> list[tuple[int, int, int, float]]:
    """Of each spatial axis: which it is, how long it is and will be, and the step between."""
    lengths = x.shape[-spatial:]
    wanted = output_size or [int(n * s) for n, s in zip(lengths, scales, strict=True)]
    steps = (
        [1.0 / s for s in scales]
        if scales
        else [n / m for n, m in zip(lengths, wanted, strict=True)]
    )
    return list(zip(range(x.ndim - spatial, x.ndim), lengths, wanted, steps, strict=True))


@rule("upsample_nearest1d.vec", "upsample_nearest2d.vec", "upsample_nearest3d.vec")
def nearest(x: Any, output_size: Any, scales: Any = None) -> Any:
    for axis, length, wanted, step in steps_of(x, output_size, scales, x.ndim - 2):
        places = np.floor(np.arange(wanted, dtype=np.float32) * np.float32(step)).astype(np.int64)
        x = np.take(x, np.minimum(places, length - 1), axis=axis)
    return x


@rule("upsample_linear1d.vec", "upsample_bilinear2d.vec", "upsample_trilinear3d.vec")
def interpolated(x: Any, output_size: Any, align_corners: bool, scales: Any = None) -> Any:
    """A product with the weights of each axis."""
    for axis, length, wanted, step in steps_of(x, output_size, scales, x.ndim - 2):
        if align_corners:
            places = np.linspace(0.0, length - 1.0, wanted)
        else:
            places = np.clip((np.arange(wanted) + 0.5) * step - 0.5, 0.0, length - 1.0)
        x = mixed(x, axis, places)
    return x


@rule("linalg_det")
def det(a: Any) -> Any:
    return np.linalg.det(a)


@rule("linalg_inv")
def inv(a: Any) -> Any:
    return np.linalg.inv(a)


@rule("linalg_cholesky")
def cholesky(a: Any, *, upper: bool = False) -> Any:
    lower = np.linalg.cholesky(a)
    return np.swapaxes(lower, -1, -2) if upper else lower


@rule("_linalg_slogdet")
def slogdet(a: Any) -> tuple[Any, Any]:
    return tuple(np.linalg.slogdet(a))


@rule("linalg_solve_triangular")
def solve_triangular(
    a: Any, b: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    if unitriangular:
        raise UnsupportedError("it takes the diagonal for ones: write them there")
    return solve((np.triu if upper else np.tril)(a), b, left=left)


@rule("linalg_solve")
def solve(a: Any, b: Any, *, left: bool = True) -> Any:
    if not left:
        raise UnsupportedError("it solves from the right: transpose both")
    return np.linalg.solve(a, b)


def standardised(x: Any, mean: Any, variance: Any, eps: float, weight: Any, bias: Any) -> Any:
    out = (x - mean) / np.sqrt(variance + eps)
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


@rule("layer_norm")
def layer_norm(
    x: Any, shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5,
    *_: Any,
) -> Any:  # fmt: skip
    over = tuple(range(-len(shape), 0))
    mean, variance = (f(x, axis=over, keepdims=True) for f in (np.mean, np.var))
    return standardised(x, mean, variance, eps, weight, bias)


@rule("group_norm")
def group_norm(
    x: Any, groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5, *_: Any
) -> Any:
    parts = np.reshape(x, (x.shape[0], groups, -1))
    mean, variance = (f(parts, axis=-1, keepdims=True) for f in (np.mean, np.var))
    out = np.reshape(standardised(parts, mean, variance, eps, None, None), x.shape)
    out = out if weight is None else out * along_channels(weight, x.ndim - 2)
    return out if bias is None else out + along_channels(bias, x.ndim - 2)


@rule("batch_norm")
def batch_norm(
    x: Any, weight: Any, bias: Any, mean: Any, variance: Any, training: bool, _: float,
    eps: float, *_rest: Any,
) -> Any:  # fmt: skip
    if training and mean is None:  # it keeps none, and takes those of the batch
        return instance_norm(x, weight, bias, True, 0.0, eps)[0]
    if training:
        raise UnsupportedError("it moves its running averages: call module.eval() first")
    mean, variance, weight, bias = (
        None if value is None else along_channels(value, x.ndim - 2)
        for value in (mean, variance, weight, bias)
    )
    return standardised(x, mean, variance, eps, weight, bias)


@rule("_native_batch_norm_legit.no_stats")
def instance_norm(x: Any, weight: Any, bias: Any, _: bool, _m: float, eps: float) -> tuple[Any]:
    """By the numbers of each channel, which instance normalisation has of its own for each row."""
    over = (0, *range(2, x.ndim))
    mean, variance = (f(x, axis=over, keepdims=True) for f in (np.mean, np.var))
    weight, bias = (
        None if value is None else along_channels(value, x.ndim - 2) for value in (weight, bias)
    )
    return (standardised(x, mean, variance, eps, weight, bias),)


@rule("native_layer_norm")
def native_layer_norm(*given: Any) -> tuple[Any]:
    return (layer_norm(*given),)


@rule("_native_batch_norm_legit_no_training")
def native_batch_norm(
    x: Any, weight: Any, bias: Any, mean: Any, variance: Any, momentum: float, eps: float
) -> tuple[Any]:
    return (batch_norm(x, weight, bias, mean, variance, False, momentum, eps),)


@rule("scaled_dot_product_attention")
def attention(
    q: Any, k: Any, v: Any, mask: Any = None, p: float = 0.0, causal: bool = False, *,
    scale: float | None = None, enable_gqa: bool = False,
) -> Any:  # fmt: skip
    if p:
        raise UnsupportedError("it drops weights at random: call module.eval() first")
    if enable_gqa:  # several heads share keys and values
        k, v = (np.repeat(one, q.shape[-3] // one.shape[-3], axis=-3) for one in (k, v))
    return scaled_dot_product_attention(q, k, v, mask, causal, scale=scale)
