"""Reductions, running sums, sorts and signals against PyTorch: values, gradients, kinks."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor

_rng = np.random.default_rng(31)
MATRIX, ROW, SHORT = _rng.normal(size=(3, 4)), _rng.normal(size=7), _rng.normal(size=3)
ZEROS = np.array([[1.5, 0.0, -2.0], [0.0, 2.0, 0.0], [0.5, 1.0, 2.0]])
HOLES = np.where(MATRIX > 0.9, np.nan, MATRIX)
PLACES = np.array([0.0, 0.4, 1.5])
conv = torch.nn.functional.conv1d

CASES = [
    ("sum", lambda a: np.sum(a, 1), lambda a: torch.sum(a, 1), (MATRIX,)),
    ("mean", lambda a: np.mean(a, 0), lambda a: torch.mean(a, 0), (MATRIX,)),
    ("max", lambda a: np.max(a, 0), lambda a: torch.amax(a, 0), (MATRIX,)),
    ("min", lambda a: np.min(a, 1), lambda a: torch.amin(a, 1), (MATRIX,)),
    ("ptp", lambda a: np.ptp(a, 1), lambda a: torch.amax(a, 1) - torch.amin(a, 1), (MATRIX,)),
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
    ("cumulative_sum", lambda a: ag.cumulative_sum(a, axis=0), lambda a: a.cumsum(0), (MATRIX,)),
    ("cumulative_prod", lambda a: ag.cumulative_prod(a, axis=0), lambda a: a.cumprod(0), (MATRIX,)),
    ("cumprod", lambda a: np.cumprod(a, 1), lambda a: torch.cumprod(a, 1), (MATRIX,)),
    ("cumprod of zeros", lambda a: np.cumprod(a, 1), lambda a: torch.cumprod(a, 1), (ZEROS,)),
    ("nanquantile", lambda a: np.nanquantile(a, 0.3, 1), lambda a: a.nanquantile(0.3, 1), (HOLES,)),
    ("nanmedian, odd", np.nanmedian, torch.nanmedian, (np.append(ROW, np.nan),)),
    ("cov", np.cov, torch.cov, (MATRIX,)),
    (
        "cov, weighted",
        lambda a, w: np.cov(a, aweights=w * w),
        lambda a, w: torch.cov(a, aweights=w * w),
        (MATRIX, ROW[:4]),
    ),
    (
        "corrcoef",
        lambda a: np.corrcoef(a)[0, 1:],
        lambda a: torch.corrcoef(a)[0, 1:],
        (MATRIX,),
    ),
    # PyTorch's own vander cannot be differentiated: it writes into what it needs again.
    (
        "vander",
        lambda a: np.vander(a, 4),
        lambda a: torch.stack([a**3, a**2, a, a**0], 1),
        (ROW,),
    ),
    (
        "maximum.accumulate",
        lambda a: np.maximum.accumulate(a, 1),
        lambda a: torch.cummax(a, 1)[0],
        (MATRIX,),
    ),
    (
        "logaddexp.accumulate",
        lambda a: np.logaddexp.accumulate(a, 1),
        lambda a: torch.logcumsumexp(a, 1),
        (MATRIX,),
    ),
    ("i0", np.i0, torch.special.i0, (MATRIX,)),
    ("diff", lambda a: np.diff(a, 2), lambda a: torch.diff(a, 2), (MATRIX,)),
    ("trapezoid", np.trapezoid, lambda y, x: torch.trapezoid(y, x), (MATRIX, MATRIX + 1.0)),
    (
        "gradient",
        lambda a: np.gradient(a, PLACES, axis=0, edge_order=2),
        lambda a: torch.gradient(a, spacing=(torch.tensor(PLACES),), dim=0, edge_order=2)[0],
        (MATRIX,),
    ),
    (
        "average",
        lambda a, w: np.average(a, 1, w * w),
        lambda a, w: (a * w * w).sum(1) / (w * w).sum(1),
        (MATRIX, MATRIX[::-1] + 2.0),
    ),
    (
        "percentile",
        lambda a: np.percentile(a, 30.0, 0),
        lambda a: torch.quantile(a, 0.3, 0),
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
    compare(f, theirs, inputs)


ALONG_AXES = {
    "sum": (np.sum, torch.sum),
    "mean": (np.mean, torch.mean),
    "prod": (np.prod, torch.prod),
    "max": (np.max, torch.amax),
    "min": (np.min, torch.amin),
    "ptp": (np.ptp, lambda a, i: torch.amax(a, i) - torch.amin(a, i)),
    "var": (np.var, lambda a, i: torch.var(a, i, correction=0)),
    "nansum": (np.nansum, torch.nansum),
    "nanmean": (np.nanmean, torch.nanmean),
    "median": (np.median, lambda a, i: torch.quantile(a, 0.5, i)),
    "quantile": (lambda a, i: np.quantile(a, 0.3, i), lambda a, i: torch.quantile(a, 0.3, i)),
    "cumsum": (np.cumsum, torch.cumsum),
    "cumprod": (np.cumprod, torch.cumprod),
    "sort": (np.sort, lambda a, i: torch.sort(a, i)[0]),
    "diff": (lambda a, i: np.diff(a, axis=i), lambda a, i: torch.diff(a, dim=i)),
    "trapezoid": (
        lambda a, i: np.trapezoid(a, axis=i),
        lambda a, i: torch.trapezoid(a, dim=i),
    ),
    "logsumexp": (lambda a, i: ag.logsumexp(a, i), torch.logsumexp),
    "softmax": (ag.softmax, torch.softmax),
    "log_softmax": (ag.log_softmax, torch.log_softmax),
    "norm": (
        lambda a, i: np.linalg.norm(a, axis=i),
        lambda a, i: torch.linalg.vector_norm(a, dim=i),
    ),
}


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(ALONG_AXES)),
    hnp.array_shapes(max_dims=4, max_side=4),
    st.data(),
)
def test_functions_along_an_axis_on_random_shapes(name, shape, data):
    f, theirs = ALONG_AXES[name]
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    a = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))).normal(size=shape)
    compare(lambda t: np.sin(f(t, axis)), lambda t: torch.sin(theirs(t, axis)), (a,))


def compare(f, theirs, inputs):
    """Values, gradients, and the gradient of the sum of the gradients' squares."""
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
