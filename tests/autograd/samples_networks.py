"""Sample calls of the gates of networks: convolution, pooling, windows, rows of a table.

Each is a function of Tensors, and of arrays, of which it makes a leaf.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.eager import apply
from autograd.gates import convolutions, pooling, windows

_rng = np.random.default_rng(15)


def normal(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape)


def apart(*shape: int) -> np.ndarray:
    """No two equal, so that a small step changes no winner."""
    n = int(np.prod(shape))
    return ((_rng.permutation(n) - n // 2) * 0.13 + 0.031).reshape(shape)


def how(**settings: Any) -> Callable[..., Any]:
    return lambda x, w: ag.conv(x, w, **settings)


def attend(**settings: Any) -> Callable[..., Any]:
    return lambda q, k, v: ag.scaled_dot_product_attention(q, k, v, **settings)


def conv_weights(x: Any, g: Any) -> Any:
    """The gradient by a kernel of three by two, of stride two along the second axis."""
    settings = {
        "stride": (1, 2), "padding": ((1, 0), (0, 1)), "groups": 2, "lengths": (3, 2),
    }  # fmt: skip
    return apply(convolutions._conv_weights, (x, g), settings)


def fold(a: Any) -> Any:
    settings = {
        "kernel_size": (2, 2), "stride": (2, 1), "padding": ((0, 1), (1, 0)), "inputs": (3, 3),
    }  # fmt: skip
    return apply(windows._fold, (a,), settings)


IMAGES = apart(2, 2, 4, 5)
LARGEST = {
    "kernel_size": (2, 2), "stride": (1, 2), "padding": ((1, 1), (0, 0)),
    "inputs": IMAGES, "largest": pooling.largest_of_each(
        IMAGES, kernel_size=(2, 2), stride=(1, 2), padding=((1, 1), (0, 0))
    ),
}  # fmt: skip
MEAN = {
    "kernel_size": (2, 3), "stride": (1, 2), "padding": ((1, 1), (0, 0)),
    "without_padding": True, "inputs": (4, 5),
}  # fmt: skip
MASK = np.array([[True, False, True, True], [False] * 4, [True, True, False, False]])
BIAS = np.where(MASK, 0.3, -np.inf)
KEEP = np.where(np.arange(12).reshape(3, 4) % 3, 1.5, 0.0)
WORDS = np.array([[2, 0, 3], [2, 2, 1]])

SAMPLES: dict[str, list[tuple[Callable[..., Any], tuple[np.ndarray, ...]]]] = {
    "conv": [
        (how(), (normal(2, 3, 5, 4), normal(2, 3, 3, 2))),
        (how(stride=2, padding=1), (normal(2, 1, 5, 5), normal(3, 1, 3, 3))),
        (how(padding="same", dilation=(2, 1)), (normal(1, 2, 4, 5), normal(2, 2, 2, 4))),
        (how(groups=2, stride=(2, 3)), (normal(2, 4, 4, 5), normal(2, 2, 2, 1))),
        (how(groups=3, padding=2), (normal(1, 3, 3, 3), normal(6, 1, 2, 2))),
        (how(), (normal(33, 1, 3, 3), normal(2, 1, 2, 2))),
        (how(stride=3, padding=1), (normal(2, 2, 7), normal(1, 2, 2))),
        (how(padding="valid"), (normal(2, 5), normal(3, 2, 3))),
        (how(stride=(1, 2, 1), padding=(0, 1, 1)), (normal(1, 2, 3, 3, 4), normal(1, 2, 2, 2, 3))),
        (how(), (normal(2, 3, 2, 2), normal(2, 3, 1, 1))),
        (how(), (normal(0, 2, 3, 3), normal(1, 2, 2, 2))),
    ],
    "conv_transpose": [
        (lambda x, w: ag.conv_transpose(x, w), (normal(2, 3, 2, 3), normal(3, 2, 3, 2))),
        (
            lambda x, w: ag.conv_transpose(x, w, 2, 1, output_padding=1),
            (normal(2, 2, 3, 2), normal(2, 1, 3, 3)),
        ),
        (
            lambda x, w: ag.conv_transpose(x, w, (3, 1), (0, 1), groups=2, dilation=(1, 2)),
            (normal(1, 4, 2, 3), normal(4, 1, 2, 2)),
        ),
        (lambda x, w: ag.conv_transpose(x, w, 2), (normal(2, 3), normal(2, 1, 2))),
        (
            lambda x, w: ag.conv_transpose(x, w, 1, 1, dilation=2),
            (normal(1, 1, 2, 2, 2), normal(1, 2, 2, 2, 2)),
        ),
    ],
    "conv_weights": [(conv_weights, (normal(2, 4, 4, 5), normal(2, 2, 3, 3)))],
    "unfold": [
        (lambda x: ag.unfold(x, 2), (normal(2, 2, 3, 4),)),
        (
            lambda x: ag.unfold(x, (2, 3), dilation=(2, 1), padding=1, stride=2),
            (normal(1, 2, 4, 5),),
        ),
        (lambda x: ag.unfold(x, (3,), padding="same"), (normal(2, 4),)),
        (lambda x: ag.unfold(x, 2), (normal(1, 1, 2, 3, 2),)),
    ],
    "fold": [(fold, (normal(2, 8, 6),))],
    "max_pool": [
        (lambda x: ag.max_pool(x, 2), (apart(2, 2, 4, 6),)),
        (lambda x: ag.max_pool(x, 3, stride=1, padding=1), (apart(1, 2, 4, 5),)),
        (lambda x: ag.max_pool(x, (2, 3), stride=(3, 2), dilation=(2, 1)), (apart(2, 1, 7, 6),)),
        (lambda x: ag.max_pool(x, 2, ceil_mode=True), (apart(2, 1, 5, 3),)),
        (lambda x: ag.max_pool(x, (3,), 2, 1), (apart(3, 8),)),
        (lambda x: ag.max_pool(x, 4, padding=1), (apart(2, 1, 4),)),
        (lambda x: ag.max_pool(x, 2), (apart(1, 1, 4, 2, 4),)),
    ],
    "max_unpool": [(lambda g: apply(pooling._max_unpool, (g,), LARGEST), (normal(2, 2, 5, 2),))],
    "max_taken": [(lambda t: apply(pooling._max_taken, (t,), LARGEST), (normal(2, 2, 4, 5),))],
    "avg_pool": [
        (lambda x: ag.avg_pool(x, 2), (normal(2, 2, 4, 5),)),
        (lambda x: ag.avg_pool(x, 3, 2, 1), (normal(1, 2, 5, 4),)),
        (lambda x: ag.avg_pool(x, 3, 2, 1, count_include_pad=False), (normal(1, 2, 5, 4),)),
        (lambda x: ag.avg_pool(x, 2, ceil_mode=True), (normal(2, 1, 5, 3),)),
        (lambda x: ag.avg_pool(x, 2, divisor_override=3), (normal(2, 1, 2, 4),)),
        (lambda x: ag.avg_pool(x, (2,), 1), (normal(3, 4),)),
        (lambda x: ag.avg_pool(x, (2, 1, 2)), (normal(1, 1, 2, 2, 5),)),
    ],
    "avg_unpool": [(lambda g: apply(pooling._avg_unpool, (g,), MEAN), (normal(2, 2, 5, 2),))],
    "scaled_dot_product_attention": [
        (attend(), (normal(3, 2), normal(4, 2), normal(4, 3))),
        (attend(), (normal(2, 2, 3, 2), normal(2, 1, 4, 2), normal(2, 4, 1))),
        (attend(causal=True), (normal(3, 2), normal(4, 2), normal(4, 3))),
        (attend(causal=True, scale=2.0), (normal(2, 4, 2), normal(2, 3, 2), normal(2, 3, 2))),
        (attend(mask=MASK), (normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 3))),
        (attend(mask=BIAS), (normal(3, 2), normal(4, 2), normal(4, 3))),
        (attend(mask=MASK, causal=True), (normal(3, 2), normal(4, 2), normal(4, 3))),
        (
            lambda q, k, v, m: ag.scaled_dot_product_attention(q, k, v, m, True),
            (normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 3), normal(3, 4)),
        ),
        (attend(mask=MASK, keep=KEEP), (normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 3))),
        (
            lambda q, k, v, m, w: ag.scaled_dot_product_attention(q, k, v, m, keep=w),
            (normal(3, 2), normal(4, 2), normal(4, 3), normal(3, 4), normal(3, 1)),
        ),
    ],
    "embedding": [
        (lambda w: ag.embedding(WORDS, w), (normal(4, 3),)),
        (lambda w: ag.embedding([], w), (normal(2, 3),)),
    ],
    "embedding without a row": [  # whose derivative is taken to be 0
        (lambda w: ag.embedding(WORDS, w, padding_idx=2), (normal(4, 3),)),
        (lambda w: ag.embedding(1, w, padding_idx=-1), (normal(2, 3),)),
    ],
}
