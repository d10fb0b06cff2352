"""Reductions, running sums, sorts and signals against PyTorch: values, gradients, kinks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import autograd as ag
from autograd import Tensor

_rng = np.random.default_rng(31)
MATRIX, ROW, SHORT = _rng.normal(size=(3, 4)), _rng.normal(size=7), _rng.normal(size=3)
ZEROS = np.array([[1.5, 0.0, -2.0], [0.0, 2.0, 0.0], [0.5, 1.0, 2.0]])
HOLES = np.where(MATRIX > 0.9, np.nan, MATRIX)
PLACES = np.array([0.0, 0.4, 1.5])
conv = torch.nn.functional.conv1d

CASES = [
    ("prod", np.prod, torch.prod, (MATRIX,)),
    ("prod of zeros", lambda a: np.prod(a, 0), lambda a: torch.prod(a, 0), (ZEROS,)),
    ("var", np.var, lambda a: torch.var(a, correction=0), (MATRIX,)),
    ("var ddof", lambda a: np.var(a, 1, ddof=1), lambda a: torch.var(a, 1), (MATRIX,)),
    ("std", lambda a: np.std(a, 0, ddof=1), lambda a: torch.std(a, 0), (MATRIX,)),
    ("std of equals", np.std, lambda a: torch.std(a, correction=0), (np.full(4, 2.0),)),
    ("median", lambda a: np.median(a, 0), lambda a: torch.quantile(a, 0.5, 0), (MATRIX,)),
    ("median, odd", np.median, torch.median, (ROW,)),
    ("median of equals", np.median, torch.median, (np.array([1.0, 2.0, 2.0, 2.0, 3.0]),)),
    ("max with nan", np.max, torch.max, (np.array([1.0, np.nan, 3.0]),)),
    ("amax of ties", np.max, torch.amax, (np.array([3.0, 1.0, 3.0]),)),
    ("nansum", np.nansum, torch.nansum, (HOLES,)),
    ("nanmean", lambda a: np.nanmean(a, 1), lambda a: torch.nanmean(a, 1), (HOLES,)),
    ("cumsum", lambda a: np.cumsum(a, 1), lambda a: torch.cumsum(a, 1), (MATRIX,)),
    ("cumprod", lambda a: np.cumprod(a, 1), lambda a: torch.cumprod(a, 1), (MATRIX,)),
    ("cumprod of zeros", lambda a: np.cumprod(a, 1), lambda a: torch.cumprod(a, 1), (ZEROS,)),
    ("diff", lambda a: np.diff(a, 2), lambda a: torch.diff(a, 2), (MATRIX,)),
    ("trapezoid", np.trapezoid, lambda y, x: torch.trapezoid(y, x), (MATRIX, MATRIX + 1.0)),
    (
        "gradient",
        lambda a: np.gradient(a, PLACES, axis=0, edge_order=2),
        lambda a: torch.gradient(a, spacing=(torch.tensor(PLACES),), dim=0, edge_order=2)[0],
        (MATRIX,),
    ),
    ("sort", lambda a: np.sort(a, 0), lambda a: torch.sort(a, 0)[0], (MATRIX,)),
    ("logsumexp", lambda a: ag.logsumexp(a, 0), lambda a: torch.logsumexp(a, 0), (MATRIX,)),
    ("softmax", ag.softmax, lambda a: torch.softmax(a, -1), (300.0 * MATRIX,)),
    ("log_softmax", ag.log_softmax, lambda a: torch.log_softmax(a, -1), (300.0 * MATRIX,)),
    ("-inf in logsumexp", ag.logsumexp, lambda a: a.logsumexp(0), (np.array([-np.inf, 0.0]),)),
    (
        "correlate",
        np.correlate,
        lambda a, v: conv(a[None, None], v[None, None])[0, 0],
        (ROW, SHORT),
    ),
    (
        "convolve",
        np.convolve,
        lambda a, v: conv(a[None, None], v.flip(0)[None, None], padding=2)[0, 0],
        (ROW, SHORT),
    ),
    *(
        (
            f"quantile {m}",
            lambda a, m=m: np.quantile(a, [0.2, 0.55], 1, method=m),
            lambda a, m=m: torch.quantile(
                a, torch.tensor([0.2, 0.55], dtype=a.dtype), 1, interpolation=m
            ),
            (MATRIX,),
        )
        for m in ("linear", "lower", "higher", "nearest", "midpoint")
    ),
]


@pytest.mark.parametrize(
    ("f", "theirs", "inputs"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_values_first_and_second_derivatives_are_pytorchs(f, theirs, inputs):
    nodes = [Tensor(a) for a in inputs]
    leaves = [torch.tensor(a, requires_grad=True) for a in inputs]
    out, expected = f(*nodes), theirs(*leaves)
    np.testing.assert_allclose(out.data, expected.detach(), rtol=1e-10, atol=1e-12)
    g = np.random.default_rng(3).normal(size=out.shape)
    out.backward(gradient=g, create_graph=True)
    slopes = torch.autograd.grad(expected, leaves, torch.tensor(g), create_graph=True)
    for node, slope in zip(nodes, slopes, strict=True):
        np.testing.assert_allclose(node.grad.data, slope.detach(), rtol=1e-10, atol=1e-12)
    if any(np.ptp(a) == 0.0 or not np.all(np.isfinite(a)) for a in inputs):
        return
    total = sum(np.sum(np.square(node.grad)) for node in nodes)
    target = sum((slope**2).sum() for slope in slopes)
    if not total.requires_grad:
        return
    for node in nodes:
        node.zero_grad()
    total.backward()
    seconds = torch.autograd.grad(target, leaves, allow_unused=True)
    for node, second in zip(nodes, seconds, strict=True):
        want = np.zeros(node.shape) if second is None else second
        got = np.zeros(node.shape) if node.grad is None else node.grad
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)
