"""ONNX' operators that are layers of networks: activations, products, windows, normalisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import UnsupportedError
from autograd.exchange.onnx_operators import Call, plain
from autograd.exchange.resizing import cubic, mixed
from autograd.tensor import Tensor

__all__ = ["LAYERS"]


# ---- activations


def leaky(call: Call, x: Any) -> Any:
    """At 0 with the slope from below, as every one with a slope here."""
    return np.where(is_above(x), x, x * call.get("alpha", 0.01))


def is_above(x: Any) -> Any:
    return np.greater(x, 0)


def exponential_below(x: Any) -> Any:
    return np.expm1(np.where(is_above(x), 0.0, x))


def elu(call: Call, x: Any) -> Any:
    return np.where(is_above(x), x, call.get("alpha", 1.0) * exponential_below(x))


def selu(call: Call, x: Any) -> Any:
    alpha, gamma = call.get("alpha", 1.6732632423543772), call.get("gamma", 1.0507009873554805)
    return gamma * np.where(is_above(x), x, alpha * exponential_below(x))


def celu(call: Call, x: Any) -> Any:
    alpha = call.get("alpha", 1.0)
    return np.where(is_above(x), x, alpha * exponential_below(x / alpha))


def gelu(call: Call, x: Any) -> Any:
    if call.get("approximate", "none") == "tanh":
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1.0 + ag.erf(x / math.sqrt(2.0)))


def shrink(call: Call, x: Any) -> Any:
    bias, limit = call.get("bias", 0.0), call.get("lambd", 0.5)
    return np.where(x < -limit, x + bias, np.where(x > limit, x - bias, 0.0))


def hard_sigmoid(call: Call, x: Any) -> Any:
    return np.clip(call.get("alpha", 0.2) * x + call.get("beta", 0.5), 0.0, 1.0)


def soft(function: str) -> Callable[..., Any]:
    """Before operator set 13 all axes from the named one on are one."""

    def computed(call: Call, x: Any) -> Any:
        axis = call.get("axis", -1 if call.opset >= 13 else 1)
        if call.opset < 13:
            axis = tuple(range(axis % max(np.ndim(x), 1), np.ndim(x)))
            axis = axis[0] if len(axis) == 1 else axis
        return getattr(ag, function)(x, axis=axis)

    return computed


ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "Relu": lambda call, x: ag.relu(x),
    "Sigmoid": lambda call, x: ag.sigmoid(x),
    "Softplus": lambda call, x: ag.softplus(x),
    "Softsign": lambda call, x: ag.softsign(x),
    "Erf": lambda call, x: ag.erf(x),
    "LeakyRelu": leaky, "Elu": elu, "Selu": selu, "Celu": celu, "Gelu": gelu,
    "PRelu": lambda call, x, slope: np.where(is_above(x), x, x * slope),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": lambda call, x: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0),
    "Mish": lambda call, x: x * np.tanh(ag.softplus(x)),
    "Swish": lambda call, x: x * ag.sigmoid(call.get("alpha", 1.0) * x),
    "Shrink": shrink,
    "ThresholdedRelu": lambda call, x: np.where(x > call.get("alpha", 1.0), x, 0.0),
    "Softmax": soft("softmax"), "LogSoftmax": soft("log_softmax"),
}  # fmt: skip


# ---- products and windows


def gemm(call: Call, a: Any, b: Any, c: Any = None) -> Any:
    """αAB + βC."""
    a = np.transpose(a) if call.get("transA") else a
    b = np.transpose(b) if call.get("transB") else b
    alpha, beta = call.get("alpha", 1.0), call.get("beta", 1.0)
    product = np.matmul(a, b)
    product = product if alpha == 1.0 else alpha * product
    if c is None or beta == 0.0:
        return product
    return product + (c if beta == 1.0 else beta * c)


def borders(call: Call, lengths: Sequence[int], kernel: Sequence[int]) -> list[tuple[int, int]]:
    """What is added before and after each spatial axis."""
    n = len(kernel)
    auto = call.get("auto_pad", "NOTSET")
    if auto == "VALID":
        return [(0, 0)] * n
    if auto == "NOTSET":
        pads = call.get("pads") or [0] * (2 * n)
        return list(zip(pads[:n], pads[n:], strict=True))
    found = []
    for length, k, step, apart in zip(
        lengths, kernel, call.get("strides") or [1] * n, call.get("dilations") or [1] * n,
        strict=True,
    ):  # fmt: skip
        whole = max((-(-length // step) - 1) * step + (k - 1) * apart + 1 - length, 0)
        small, large = whole // 2, whole - whole // 2
        found.append((small, large) if auto == "SAME_UPPER" else (large, small))
    return found


def bordered(x: Any, pairs: Sequence[tuple[int, int]], value: float) -> Any:
    return np.pad(x, [(0, 0), (0, 0), *pairs], constant_values=value)


def is_even(pairs: Sequence[tuple[int, int]]) -> bool:
    return all(before == after for before, after in pairs)


def with_bias(x: Any, bias: Any) -> Any:
    return x if bias is None else x + along_channels(bias, x)


def along_channels(vector: Any, x: Any) -> Any:
    """One number for each channel, the second axis, against `x`."""
    return np.reshape(vector, (-1, *[1] * (np.ndim(x) - 2)))


def convolution(call: Call, x: Any, w: Any, bias: Any = None) -> Any:
    kernel = np.shape(w)[2:]
    n = len(kernel)
    pairs = borders(call, np.shape(x)[2:], kernel)
    if not is_even(pairs):
        x, pairs = bordered(x, pairs, 0.0), [(0, 0)] * n
    made = ag.conv(
        x, w, stride=tuple(call.get("strides") or [1] * n),
        padding=tuple(before for before, _ in pairs),
        dilation=tuple(call.get("dilations") or [1] * n), groups=call.get("group", 1),
    )  # fmt: skip
    return with_bias(made, bias)


def transposed_convolution(call: Call, x: Any, w: Any, bias: Any = None) -> Any:
    kernel = np.shape(w)[2:]
    n = len(kernel)
    stride, more = call.get("strides") or [1] * n, call.get("output_padding") or [0] * n
    if call.get("output_shape") or call.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise UnsupportedError("a ConvTranspose whose padding follows from its shape is not read")
    pairs = borders(call, np.shape(x)[2:], kernel)
    even = is_even(pairs)
    made = ag.conv_transpose(
        x, w, stride=tuple(stride), padding=tuple(b for b, _ in pairs) if even else 0,
        output_padding=tuple(more), groups=call.get("group", 1),
        dilation=tuple(call.get("dilations") or [1] * n),
    )  # fmt: skip
    if not even:
        inner = [slice(before, np.shape(made)[2 + i] - after)
                 for i, (before, after) in enumerate(pairs)]  # fmt: skip
        made = made[(slice(None), slice(None), *inner)]
    return with_bias(made, bias)


def windows(call: Call, x: Any) -> tuple[list[tuple[int, int]], dict[str, Any]]:
    kernel = call.attributes["kernel_shape"]
    how = {
        "kernel_size": tuple(kernel), "stride": tuple(call.get("strides") or [1] * len(kernel)),
        "ceil_mode": bool(call.get("ceil_mode")),
    }  # fmt: skip
    return borders(call, np.shape(x)[2:], kernel), how


def largest(call: Call, x: Any) -> Any:
    if len(call.outputs) > 1:
        raise UnsupportedError("the places of a MaxPool's maxima, its second output, are not read")
    pairs, how = windows(call, x)
    how["dilation"] = tuple(call.get("dilations") or [1] * len(pairs))
    fits = all(2 * b <= k for (b, _), k in zip(pairs, how["kernel_size"], strict=True))
    if is_even(pairs) and fits:
        return ag.max_pool(x, padding=tuple(before for before, _ in pairs), **how)
    return ag.max_pool(bordered(x, pairs, -np.inf), **how)


def averaged(call: Call, x: Any) -> Any:
    pairs, how = windows(call, x)
    if any(n != 1 for n in call.get("dilations") or ()):
        raise UnsupportedError("an AveragePool with dilations cannot be read")
    counted = bool(call.get("count_include_pad"))
    fits = all(2 * b <= k for (b, _), k in zip(pairs, how["kernel_size"], strict=True))
    if is_even(pairs) and fits:
        padding = tuple(before for before, _ in pairs)
        return ag.avg_pool(x, padding=padding, count_include_pad=counted, **how)
    made = ag.avg_pool(bordered(x, pairs, 0.0), **how)
    if counted:
        return made
    ones = np.ones((1, 1, *np.shape(x)[2:]), x.dtype)
    return made / ag.avg_pool(bordered(ones, pairs, 0.0), **how).data


def over_space(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda call, x: function(x, axis=tuple(range(2, np.ndim(x))), keepdims=True)


NEAREST: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "round_prefer_floor": lambda at: np.ceil(at - 0.5),
    "round_prefer_ceil": lambda at: np.floor(at + 0.5), "floor": np.floor, "ceil": np.ceil,
}  # fmt: skip


def places_of(how: str, length: int, count: int, scale: Any) -> np.ndarray:
    """Where entries of the result lie among those that there are."""
    new = np.arange(count, dtype=np.asarray(scale).dtype)
    if how == "half_pixel" or (how == "pytorch_half_pixel" and count > 1):
        return (new + 0.5) / scale - 0.5
    if how == "align_corners":
        return np.linspace(0.0, length - 1.0, count)
    if how in ("asymmetric", "pytorch_half_pixel"):
        return new / scale
    raise UnsupportedError(f"a Resize with coordinate_transformation_mode={how} cannot be read")


def upsampled(call: Call, x: Any, scales: Any = None) -> Any:
    """What Resize was before operator set 11."""
    how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    older = call._replace(attributes={**call.attributes, **how}, opset=11)
    return resized(older, x, None, np.asarray(call.option("scales", scales)))


def resized(call: Call, x: Any, roi: Any = None, scales: Any = None, sizes: Any = None) -> Any:
    if call.opset < 11:
        return upsampled(call, x, roi)
    if call.get("antialias") or call.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise UnsupportedError(
            "a Resize with antialias or an aspect ratio that it keeps is not read"
        )
    mode, axes = call.get("mode", "nearest"), call.get("axes") or range(np.ndim(x))
    how = call.get("coordinate_transformation_mode", "half_pixel")
    given = scales if sizes is None or not np.size(sizes) else sizes
    for axis, one in zip(axes, plain(given).tolist(), strict=True):
        length = np.shape(x)[axis]
        scale, count = (one, int(length * one)) if given is scales else (one / length, one)
        if scale == 1.0:
            continue
        # What is half-way between two is said in single precision.
        places = places_of(how, length, count, np.float32(scale) if mode == "nearest" else scale)
        if mode == "nearest":
            near = NEAREST[call.get("nearest_mode", "round_prefer_floor")](places)
            x = np.take(x, np.clip(near, 0, length - 1).astype(int), axis=axis)
        elif mode == "linear":
            x = mixed(x, axis, np.clip(places, 0.0, length - 1.0))
        elif call.get("exclude_outside"):
            raise UnsupportedError("a Resize with exclude_outside=1 is not read")
        else:
            x = mixed(x, axis, places, cubic(call.get("cubic_coeff_a", -0.75)))
    return x


# ---- normalisation


def normalised(x: Any, axes: tuple[int, ...], epsilon: float) -> tuple[Any, Any, Any]:
    """With mean 0 and variance 1 over some axes; the mean, and 1 through the deviation."""
    mean = np.mean(x, axis=axes, keepdims=True)
    inverse = 1.0 / np.sqrt(np.var(x, axis=axes, keepdims=True) + epsilon)
    return (x - mean) * inverse, mean, inverse


def batch_norm(call: Call, x: Any, scale: Any, bias: Any, mean: Any, variance: Any) -> Any:
    """As in use, with the statistics that the file keeps."""
    if call.get("training_mode"):
        raise UnsupportedError(
            "a BatchNormalization in training mode is not read: export the model as it is in use"
        )
    mean, variance = (  # PyTorch writes equal arrays once: one may be a parameter besides
        ag.stop_gradient(v) if isinstance(v, Tensor) and v.requires_grad else v
        for v in (mean, variance)
    )
    scale, bias, mean, variance = (along_channels(v, x) for v in (scale, bias, mean, variance))
    return (x - mean) / np.sqrt(variance + call.get("epsilon", 1e-5)) * scale + bias


def layer_norm(call: Call, x: Any, scale: Any, bias: Any = None) -> tuple[Any, ...]:
    axes = tuple(range(call.get("axis", -1) % np.ndim(x), np.ndim(x)))
    made, *rest = normalised(x, axes, call.get("epsilon", 1e-5))
    made = made * scale
    return (made if bias is None else made + bias, *rest)


def rms_norm(call: Call, x: Any, scale: Any) -> Any:
    axes = tuple(range(call.get("axis", -1) % np.ndim(x), np.ndim(x)))
    squares = np.mean(np.square(x), axis=axes, keepdims=True)
    return x / np.sqrt(squares + call.get("epsilon", 1e-5)) * scale


def instance_norm(call: Call, x: Any, scale: Any, bias: Any) -> Any:
    made, *_ = normalised(x, tuple(range(2, np.ndim(x))), call.get("epsilon", 1e-5))
    return made * along_channels(scale, x) + along_channels(bias, x)


def group_norm(call: Call, x: Any, scale: Any, bias: Any) -> Any:
    """Scales are of channels from operator set 21 on, before of groups."""
    shape, groups = np.shape(x), call.attributes["num_groups"]
    grouped = np.reshape(x, (shape[0], groups, -1))
    made, *_ = normalised(grouped, (2,), call.get("epsilon", 1e-5))
    if call.opset < 21:
        scale, bias = (np.repeat(v, shape[1] // groups) for v in (scale, bias))
    return np.reshape(made, shape) * along_channels(scale, x) + along_channels(bias, x)


def response_norm(call: Call, x: Any) -> Any:
    """By the squares in the channels around each."""
    size, n = call.attributes["size"], np.shape(x)[1]
    before = (size - 1) // 2
    squares = np.pad(np.square(x), [(0, 0), (before, size - 1 - before), *[(0, 0)] * (x.ndim - 2)])
    total = sum(squares[:, i : i + n] for i in range(size))
    scale = call.get("bias", 1.0) + call.get("alpha", 1e-4) / size * total
    return x / scale ** call.get("beta", 0.75)


LAYERS: dict[str, Callable[..., Any]] = {
    **ACTIVATIONS,
    "Gemm": gemm, "Conv": convolution, "ConvTranspose": transposed_convolution,
    "MaxPool": largest, "AveragePool": averaged,
    "GlobalAveragePool": over_space(np.mean), "GlobalMaxPool": over_space(np.max),
    "BatchNormalization": batch_norm, "LayerNormalization": layer_norm,
    "RMSNormalization": rms_norm, "InstanceNormalization": instance_norm,
    "GroupNormalization": group_norm, "LRN": response_norm, "Resize": resized,
    "Upsample": upsampled,
}  # fmt: skip
