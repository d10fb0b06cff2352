"""Every gate of the table, compiled: the bits of eager, for values and derivatives of two orders."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from tests.autograd.samples import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def weighted(sample, weights):
    """The sample as a function that returns one number, and depends on every entry."""

    def f(*inputs):
        out = sample.f(*inputs)
        parts = out if isinstance(out, (tuple, list)) else [out]
        return sum((np.sum(part * w) for part, w in zip(parts, weights, strict=True)), 0.0)

    return f


def weights_of(sample):
    rng = np.random.default_rng(5)
    out = sample.f(*[ag.Tensor(v.astype(float)) for v in sample.inputs])
    parts = out if isinstance(out, (tuple, list)) else [out]
    return [rng.normal(size=part.shape) for part in parts]


def moved(inputs):
    """Other values of the same shapes, from the same region."""
    return tuple(v * 1.0625 for v in inputs)


def same(compiled, eager) -> None:
    if isinstance(eager, (tuple, list)):
        for one, other in zip(compiled, eager, strict=True):
            same(one, other)
    else:
        assert np.shape(compiled) == np.shape(eager)
        np.testing.assert_array_equal(compiled, eager)


FUNCTIONS = {
    "value": lambda f, all_of: f,
    "gradient": lambda f, all_of: ag.value_and_grad(f, argnums=all_of),
    "tangent": lambda f, all_of: lambda *x: ag.jvp(f, x, x)[1],
    "second derivative": lambda f, all_of: (
        lambda *x: ag.jvp(ag.grad(f, argnums=all_of), x, x)[1]
    ),
    "gradient of a gradient": lambda f, all_of: ag.grad(
        lambda *x: sum((np.sum(g * g) for g in ag.grad(f, argnums=all_of)(*x)), 0.0),
        argnums=all_of,
    ),
}


@pytest.mark.parametrize("order", FUNCTIONS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)
def test_a_program_has_the_bits_of_eager(sample, order):
    inputs = tuple(np.asarray(v, dtype=float) for v in sample.inputs)
    f = FUNCTIONS[order](weighted(sample, weights_of(sample)), tuple(range(len(inputs))))
    fast = ag.compile(f)
    same(fast(*inputs), plain(f(*map(constant, inputs)) if order == "value" else f(*inputs)))
    same(fast(*moved(inputs)), plain(f(*map(constant, moved(inputs)))
                                     if order == "value" else f(*moved(inputs))))
    assert fast.cache_info().misses == 1


def constant(value):
    return ag.Tensor(value, requires_grad=False)


def plain(value):
    return value.data if isinstance(value, ag.Tensor) else value
