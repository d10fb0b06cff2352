"""Convolution, pooling and embedding against PyTorch: values, gradients, gradients of those."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional

import autograd as ag
from autograd import Tensor

RNG = np.random.default_rng(3)


def normal(*shape):
    return RNG.normal(size=shape)


def compare(ours, torchs, *inputs):
    """Value, gradients of a cubic of it, and gradients of a square of those."""
    nodes = list(map(Tensor, inputs))
    tensors = [torch.tensor(a, requires_grad=True) for a in inputs]
    out, expected = ours(*nodes), torchs(*tensors)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-10, atol=1e-11)
    g = RNG.normal(size=out.shape)
    (np.sum(out**3 * g)).backward(create_graph=True)
    wanted = torch.autograd.grad((expected**3 * torch.tensor(g)).sum(), tensors, create_graph=True)
    for node, want in zip(nodes, wanted, strict=True):
        np.testing.assert_allclose(node.grad.data, want.detach().numpy(), rtol=1e-9, atol=1e-9)
    slopes = [node.grad for node in nodes]
    for node in nodes:
        node.zero_grad()
    sum(np.sum(s * s) for s in slopes).backward()
    seconds = torch.autograd.grad(sum((w * w).sum() for w in wanted), tensors)
    for node, want in zip(nodes, seconds, strict=True):
        np.testing.assert_allclose(node.grad, want.numpy(), rtol=1e-8, atol=1e-7)


CONVS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
TRANSPOSED = {
    1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d,
}  # fmt: skip
MAXIMA = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
MEANS = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}
LENGTHS = {1: (9,), 2: (7, 6), 3: (4, 5, 4)}


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "groups"),
    list(itertools.product((1, 2), (0, 1, "same", "valid"), (1, 2), (1, 2))),
)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_a_convolution_is_pytorchs(axes, stride, padding, dilation, groups):
    if padding == "same" and stride > 1:
        with pytest.raises(ValueError, match="same"):
            ag.conv(normal(1, 2, *LENGTHS[axes]), normal(2, 2, *(2,) * axes), 2, "same")
        return
    for length in (1, 2):
        x = normal(2, 4, *LENGTHS[axes])
        w = normal(6, 4 // groups, *(length,) * (axes - 1), 2)
        compare(
            lambda x, w: ag.conv(x, w, stride, padding, dilation, groups),
            lambda x, w: CONVS[axes](x, w, None, stride, padding, dilation, groups),
            x, w,
        )  # fmt: skip


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "groups"),
    list(itertools.product((1, 2, 3), (0, 1), (1, 2), (1, 2))),
)
def test_a_transposed_convolution_is_pytorchs(axes, stride, padding, dilation, groups):
    extra = max(stride, dilation) - 1
    x, w = normal(2, 4, *LENGTHS[axes][::-1]), normal(4, 3, *(2,) * (axes - 1), 3)
    compare(
        lambda x, w: ag.conv_transpose(x, w, stride, padding, extra, groups, dilation),
        lambda x, w: TRANSPOSED[axes](x, w, None, stride, padding, extra, groups, dilation),
        x, w,
    )  # fmt: skip


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("length", "stride", "padding", "ceil"),
    list(itertools.product((2, 3), (None, 1, 2), (0, 1), (False, True))),
)
def test_pooling_is_pytorchs(axes, length, stride, padding, ceil):
    x = normal(2, 3, *LENGTHS[axes])
    for dilation in (1, 2):
        if dilation * (length - 1) < min(LENGTHS[axes]):
            compare(
                lambda x, d=dilation: ag.max_pool(x, length, stride, padding, d, ceil),
                lambda x, d=dilation: MAXIMA[axes](x, length, stride, padding, d, ceil),
                x,
            )
    for counts in (True, False):
        compare(
            lambda x, counts=counts: ag.avg_pool(x, length, stride, padding, ceil, counts),
            lambda x, counts=counts: MEANS[axes](x, length, stride, padding, ceil, counts),
            x,
        )
    if axes > 1:
        compare(
            lambda x: ag.avg_pool(x, length, stride, padding, ceil, divisor_override=5),
            lambda x: MEANS[axes](x, length, stride, padding, ceil, True, 5),
            x,
        )


def test_only_ties_differ_they_share_and_in_pytorch_the_first_has_all():
    x, t = Tensor(np.zeros((1, 1, 4))), torch.zeros(1, 1, 4, requires_grad=True)
    ag.max_pool(x, 2).sum().backward()
    functional.max_pool1d(t, 2).sum().backward()
    np.testing.assert_array_equal(x.grad, [[[0.5, 0.5, 0.5, 0.5]]])
    np.testing.assert_array_equal(t.grad.numpy(), [[[1.0, 0.0, 1.0, 0.0]]])


@pytest.mark.parametrize(
    ("length", "dilation", "padding", "stride"),
    [(2, 1, 0, 1), ((2, 3), (2, 1), (1, 0), (1, 2)), (3, 1, 1, 2)],
)
def test_windows_are_pytorchs(length, dilation, padding, stride):
    given = length, dilation, padding, stride
    compare(
        lambda x: ag.unfold(x, *given), lambda x: functional.unfold(x, *given), normal(2, 3, 6, 5)
    )


@pytest.mark.parametrize("row", [None, 0, 3, -2])
def test_rows_of_a_table_are_pytorchs(row):
    numbers = np.array([[0, 3, 3], [2, 0, 1]])
    compare(
        lambda w: ag.embedding(numbers, w, row),
        lambda w: functional.embedding(torch.tensor(numbers), w, padding_idx=row),
        normal(4, 3),
    )


MASK = np.array([[True, False, True, True], [False] * 4, [True, True, False, False]])


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize(
    ("how", "theirs"),
    [
        ({}, {}),
        ({"causal": True}, {"is_causal": True}),
        ({"mask": MASK}, {"attn_mask": torch.tensor(MASK)}),
        ({"scale": 0.3}, {"scale": 0.3}),
    ],
    ids=["plain", "causal", "mask", "scale"],
)
def test_attention_is_pytorchs(dims, how, theirs):
    lead = (2, 3)[:dims]
    compare(
        lambda *a: ag.scaled_dot_product_attention(*a, **how),
        lambda *a: functional.scaled_dot_product_attention(*a, **theirs),
        normal(*lead, 3, 2), normal(*lead, 4, 2), normal(*lead, 4, 5),
    )  # fmt: skip


def test_what_is_added_to_the_scores_has_pytorchs_gradient():
    compare(
        lambda q, k, v, m: ag.scaled_dot_product_attention(q, k, v, m),
        lambda q, k, v, m: functional.scaled_dot_product_attention(q, k, v, m),
        normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 5), normal(3, 4),
    )  # fmt: skip
