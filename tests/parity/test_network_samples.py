"""The gates of networks on the samples of PyTorch's own list of functions, with all options that
both have: values, gradients, and gradients of a function of those."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.testing._internal.common_methods_invocations import op_db

import autograd as ag
from autograd import Tensor

LISTED = {op.name: op for op in op_db}


def plain(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def convolved(function):
    """Theirs adds a bias, and takes it third."""

    def call(x, w, b=None, *args, **options):
        out = function(x, w, *args, **options)
        return out if b is None else out + np.reshape(b, (-1, *(1,) * (w.ndim - 2)))

    return call


def attention(q, k, v, attn_mask=None, is_causal=False, **options):
    return ag.scaled_dot_product_attention(q, k, v, attn_mask, is_causal)


def pooled(axes):
    """In theirs one number counts for as many axes as its name says, also of one example."""

    def call(x, kernel_size, **options):
        size = kernel_size if isinstance(kernel_size, tuple) else (kernel_size,) * axes
        return ag.max_pool(x, size, **options)

    return call


def averaged(x, kernel_size, stride=None, *args, **options):
    """In theirs a stride of no numbers is that of the windows."""
    return ag.avg_pool(x, kernel_size, None if stride == () else stride, *args, **options)


OURS = {
    **{f"nn.functional.conv{n}d": convolved(ag.conv) for n in (1, 2, 3)},
    **{f"nn.functional.conv_transpose{n}d": convolved(ag.conv_transpose) for n in (1, 2, 3)},
    **{f"nn.functional.max_pool{n}d": pooled(n) for n in (1, 2, 3)},
    **{f"nn.functional.avg_pool{n}d": averaged for n in (1, 2, 3)},
    "nn.functional.unfold": ag.unfold,
    "nn.functional.embedding": lambda w, indices, **options: ag.embedding(indices, w, **options),
    "nn.functional.scaled_dot_product_attention": attention,
}
THEIRS_ALONE = ("scale_grad_by_freq", "max_norm", "sparse")
MOST = 60
"""Samples of a function: there are a thousand of max_pool, in which few options are combined."""


def samples(name):
    found = []
    for sample in LISTED[name].sample_inputs("cpu", torch.float64, requires_grad=False):
        options = dict(sample.kwargs)
        if options.pop("return_indices", False) or options.pop("dropout_p", 0.0):
            continue
        if any(options.pop(key, False) for key in THEIRS_ALONE):
            continue
        options.pop("norm_type", None)
        found.append(((sample.input, *sample.args), options))
    return found[:: max(1, len(found) // MOST)]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_a_function_is_pytorchs_on_its_own_samples(name):
    calls = samples(name)
    assert calls
    for args, options in calls:
        floats = [
            i for i, a in enumerate(args) if isinstance(a, torch.Tensor) and a.is_floating_point()
        ]
        theirs = [a.clone().requires_grad_() if i in floats else a for i, a in enumerate(args)]
        ours = [Tensor(plain(a)) if i in floats else plain(a) for i, a in enumerate(args)]
        try:  # the other way of attention has no second derivative
            with sdpa_kernel(SDPBackend.MATH):
                expected = LISTED[name].op(*theirs, **options)
        except RuntimeError:
            continue
        out = OURS[name](*ours, **{key: plain(value) for key, value in options.items()})
        np.testing.assert_allclose(out.data, plain(expected), rtol=1e-10, atol=1e-11)
        g = np.random.default_rng(2).normal(size=out.shape)
        np.sum(out**2 * g).backward(create_graph=True)
        leaves = [theirs[i] for i in floats]
        wanted = torch.autograd.grad(
            (expected**2 * torch.tensor(g)).sum(), leaves, create_graph=True
        )
        for i, want in zip(floats, wanted, strict=True):
            scale = 1e-10 * max(1.0, float(want.detach().abs().max()) if want.numel() else 0.0)
            np.testing.assert_allclose(ours[i].grad.data, plain(want), rtol=1e-9, atol=scale)
        slopes = [ours[i].grad for i in floats]
        for i in floats:
            ours[i].zero_grad()
        sum(np.sum(s * s) for s in slopes).backward()
        seconds = torch.autograd.grad(sum((w * w).sum() for w in wanted), leaves)
        for i, want in zip(floats, seconds, strict=True):
            scale = 1e-10 * max(1.0, float(want.detach().abs().max()) if want.numel() else 0.0)
            np.testing.assert_allclose(ours[i].grad, plain(want), rtol=1e-8, atol=scale)
