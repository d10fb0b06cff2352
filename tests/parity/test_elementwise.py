"""The elementwise families beside PyTorch: values, first and second derivatives, kinks."""

from __future__ import annotations

import math

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag

rng = np.random.default_rng(4)


def between(low, high):
    return rng.uniform(low, high, (3, 4))


UNARY = [
    (np.sin, torch.sin, between(-4, 4)),
    (np.cos, torch.cos, between(-4, 4)),
    (np.tan, torch.tan, between(-1.2, 1.2)),
    (np.arcsin, torch.asin, between(-0.9, 0.9)),
    (np.arccos, torch.acos, between(-0.9, 0.9)),
    (np.arctan, torch.atan, between(-3, 3)),
    (np.sinh, torch.sinh, between(-2, 2)),
    (np.cosh, torch.cosh, between(-2, 2)),
    (np.arcsinh, torch.asinh, between(-3, 3)),
    (np.arccosh, torch.acosh, between(1.2, 4)),
    (np.arctanh, torch.atanh, between(-0.8, 0.8)),
    (np.degrees, torch.rad2deg, between(-4, 4)),
    (np.deg2rad, torch.deg2rad, between(-90, 90)),
    (np.sinc, torch.sinc, between(-3, 3)),
    (np.expm1, torch.expm1, between(-2, 2)),
    (np.log1p, torch.log1p, between(-0.5, 2)),
    (np.exp2, torch.exp2, between(-2, 2)),
    (np.log2, torch.log2, between(0.5, 4)),
    (np.log10, torch.log10, between(0.5, 4)),
    (ag.softplus, torch.nn.functional.softplus, between(-5, 5)),
    (ag.erf, torch.erf, between(-3, 3)),
    (ag.erfc, torch.erfc, between(-3, 5)),
    (np.reciprocal, torch.reciprocal, between(0.5, 2)),
    (np.square, torch.square, between(-2, 2)),
    (np.sqrt, torch.sqrt, between(0.5, 2)),
    (np.exp, torch.exp, between(-2, 2)),
    (np.log, torch.log, between(0.5, 2)),
    (np.tanh, torch.tanh, between(-2, 2)),
    (ag.sigmoid, torch.sigmoid, between(-4, 4)),
    (ag.relu, torch.relu, between(-2, 2)),
    (np.absolute, torch.absolute, between(-2, 2)),
    (np.fabs, torch.abs, between(-2, 2)),
    (np.negative, torch.negative, between(-2, 2)),
    (np.positive, torch.positive, between(-2, 2)),
    (np.conj, torch.conj, between(-2, 2)),
    (np.rad2deg, torch.rad2deg, between(-4, 4)),
    (np.radians, torch.deg2rad, between(-90, 90)),
    (ag.fix, torch.fix, between(-2, 2)),
    (np.rint, torch.round, between(-2, 2)),
    (lambda a: np.round(a, 1), lambda a: torch.round(a, decimals=1), between(-2, 2)),
    (lambda a: np.modf(a)[0], torch.frac, between(-2, 2)),
    (np.nan_to_num, torch.nan_to_num, between(-2, 2)),
    (
        lambda a: np.select([a.data > 0], [a * a], np.sin(a)),
        lambda a: torch.where(a > 0, a * a, torch.sin(a)),
        between(-2, 2),
    ),
    (lambda a: np.float_power(a, 2.5), lambda a: torch.float_power(a, 2.5), between(0.5, 2)),
    (lambda a: 2.0**a, lambda a: 2.0**a, between(-2, 2)),
    (np.sign, torch.sign, between(-2, 2)),
    (np.floor, torch.floor, between(-2, 2)),
    (np.ceil, torch.ceil, between(-2, 2)),
    (np.trunc, torch.trunc, between(-2, 2)),
    (np.round, torch.round, between(-2, 2)),
    (lambda a: np.clip(a, -1.0, 0.5), lambda a: torch.clamp(a, -1.0, 0.5), between(-2, 2)),
]
REDUCED = [(np.logaddexp.reduce, lambda a: torch.logsumexp(a, 0), between(-2, 2))]
GAMMA = [
    (ag.gammaln, torch.lgamma, between(0.5, 5)),
    (ag.digamma, torch.digamma, between(0.5, 5)),
    (lambda a: ag.polygamma(1, a), lambda a: torch.polygamma(1, a), between(0.5, 5)),
]
BINARY = [
    (np.add, torch.add),
    (np.subtract, torch.subtract),
    (np.multiply, torch.multiply),
    (np.divide, torch.divide),
    (lambda a, b: np.power(a * a + 0.5, b), lambda a, b: torch.pow(a * a + 0.5, b)),
    (lambda a, b: np.float_power(a * a + 0.5, b), lambda a, b: torch.float_power(a * a + 0.5, b)),
    (np.maximum, torch.maximum),
    (np.minimum, torch.minimum),
    (np.remainder, torch.remainder),
    (lambda a, b: np.divmod(a, b)[1], torch.remainder),
    (lambda a, b: np.where(a.data > 0, a, b), lambda a, b: torch.where(a > 0, a, b)),
    (np.hypot, torch.hypot),
    (np.arctan2, torch.atan2),
    (np.logaddexp, torch.logaddexp),
    (np.logaddexp2, torch.logaddexp2),
    (np.fmax, torch.fmax),
    (np.fmin, torch.fmin),
    (np.copysign, torch.copysign),
    (np.fmod, torch.fmod),
    (lambda a, b: np.clip(a, b, 0.7), lambda a, b: torch.clamp(a, b, torch.full_like(b, 0.7))),
]


def both_orders(ours, theirs, *inputs):
    """Values, gradients, and gradients of a function of the gradients: ours and theirs."""
    nodes = [ag.Tensor(a) for a in inputs]
    twins = [torch.tensor(a, requires_grad=True) for a in inputs]
    out, twin = ours(*nodes), theirs(*twins)
    yield out.data, twin.detach().numpy()
    upstream = np.random.default_rng(1).normal(size=out.shape)
    gradients = ag.vjp(ours, *nodes)[1](ag.Tensor(upstream, requires_grad=False))
    expected = torch.autograd.grad(
        twin, twins, torch.tensor(upstream), create_graph=True, materialize_grads=True
    )
    for got, want in zip(gradients, expected, strict=True):
        yield got.data, want.detach().numpy()
    total = sum(np.sum(np.sin(g)) for g in gradients)
    twin = sum(torch.sum(torch.sin(g)) for g in expected)
    if not twin.requires_grad:
        return
    second = torch.autograd.grad(twin, twins, materialize_grads=True)
    if total.requires_grad:
        total.backward()
    for node, want in zip(nodes, second, strict=True):
        yield np.zeros(node.shape) if node.grad is None else node.grad, want.numpy(force=True)


@pytest.mark.parametrize(("ours", "theirs", "a"), [*UNARY, *REDUCED])
def test_functions_of_one_operand(ours, theirs, a):
    for got, want in both_orders(ours, theirs, a):
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("ours", "theirs", "a"), GAMMA)
def test_gamma_functions(ours, theirs, a):
    """To eight digits: PyTorch's trigamma has no more, where SciPy's has all."""
    pytest.importorskip("scipy")
    for got, want in both_orders(ours, theirs, a):
        np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(("ours", "theirs"), BINARY)
@pytest.mark.parametrize("shapes", [((3, 4), (3, 4)), ((3, 1), (4,)), ((), (3,))])
def test_functions_of_two_operands(ours, theirs, shapes):
    inputs = [rng.normal(size=shape) for shape in shapes]
    for got, want in both_orders(ours, theirs, *inputs):
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs", "at"),
    [
        (np.arctan2, torch.atan2, (0.0, 0.0)),
        (np.arcsin, torch.asin, (1.0,)),
        (np.arccosh, torch.acosh, (1.0,)),
        (np.sinc, torch.sinc, (0.0,)),
        (np.sign, torch.sign, (0.0,)),
        (np.copysign, torch.copysign, (0.0, -1.0)),
        (lambda a: np.clip(a, -1.0, 1.0), lambda a: torch.clamp(a, -1.0, 1.0), (1.0,)),
        (lambda a: np.clip(a, 0.0, None), lambda a: torch.clamp(a, min=0.0), (0.0,)),
        (np.nan_to_num, torch.nan_to_num, (math.nan,)),
        (np.logaddexp, torch.logaddexp, (-math.inf, 1.0)),
    ],
)
def test_kinks(ours, theirs, at):
    nodes = [ag.Tensor(np.array([a])) for a in at]
    twins = [torch.tensor([a], dtype=torch.float64, requires_grad=True) for a in at]
    ours(*nodes).backward()
    theirs(*twins).backward()
    for node, twin in zip(nodes, twins, strict=True):
        expected = np.zeros(1) if twin.grad is None else twin.grad.numpy()
        np.testing.assert_array_equal(node.grad, expected)


@settings(max_examples=400)
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.data())
def test_functions_of_both_tables_on_random_shapes(shapes, data):
    ours, theirs, *domain = data.draw(st.sampled_from([*UNARY, *BINARY]))
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    if domain:
        inputs = [draw.choice(domain[0].ravel(), shapes.input_shapes[0])]
    else:
        inputs = [draw.normal(size=shape) for shape in shapes.input_shapes]
    for got, want in both_orders(ours, theirs, *map(np.asarray, inputs)):
        scale = np.max(np.abs(want), initial=1e-2)
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10 * scale)
