"""Every gate of the table, compiled: the bits of eager, for values and two derivatives.

By NumPy's back end, and by one from outside of the package.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from samples import SAMPLES

import autograd as ag

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def outputs_of(f, inputs):
    out = f(*inputs)
    return out if isinstance(out, (tuple, list)) else [out]


def weighted(f, inputs):
    """The call as a function that returns one number, and depends on every entry."""
    rng = np.random.default_rng(5)
    weights = [rng.normal(size=np.shape(o)) for o in outputs_of(f, map(ag.Tensor, inputs))]

    def total(*given):
        parts = zip(outputs_of(f, given), weights, strict=True)
        return sum((np.sum(part * w) for part, w in parts), 0.0)

    return total


def moved(inputs):
    """Other values of the same shapes, from the same region."""
    return tuple(np.asarray(v * 1.0625) for v in inputs)


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
    "second derivative": lambda f, all_of: lambda *x: ag.jvp(ag.grad(f, argnums=all_of), x, x)[1],
    "gradient of a gradient": lambda f, all_of: ag.grad(
        lambda *x: sum((np.sum(g * g) for g in ag.grad(f, argnums=all_of)(*x)), 0.0),
        argnums=all_of,
    ),
}


def check(call, inputs, order, backend):
    """Compile a call, or a derivative of it, and replay it with other values."""
    inputs = tuple(np.array(v, dtype=float, order="C") for v in inputs)
    f = FUNCTIONS[order](weighted(call, inputs), tuple(range(len(inputs))))
    fast = ag.compile(f, backend=backend)
    for given in (inputs, moved(inputs)):
        nodes = [ag.Tensor(v, requires_grad=False) for v in given]
        eager = f(*nodes).data if order == "value" else f(*given)
        same(fast(*given), eager)
    assert fast.cache_info().misses == 1


@pytest.mark.parametrize("order", FUNCTIONS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)
def test_a_program_has_the_bits_of_eager(sample, order, backend):
    check(sample.f, sample.inputs, order, backend)


FAMILIES = [f"samples_{n}" for n in ("elementwise", "linear_algebra", "movement", "reductions")]
REFUSED = {
    **dict.fromkeys(  # it returns a rank, a number that Python branches on
        ("linalg.lstsq", "linalg.lstsq.S", "linalg.lstsq.residuals"), "lstsq"
    ),
    "polymul": "nonzero",  # zeros of the highest powers are left out
    "piecewise": "piecewise",  # each function is given as many entries as the numbers say
}


def calls_of_families():
    for module in FAMILIES:
        for name, calls in importlib.import_module(module).SAMPLES.items():
            for number, (f, inputs) in enumerate(calls):
                yield pytest.param(name, f, inputs, id=f"{name} {number}")


@pytest.mark.slow
@pytest.mark.parametrize("order", FUNCTIONS)
@pytest.mark.parametrize(("name", "f", "inputs"), list(calls_of_families()))
def test_a_program_of_a_late_family_has_the_bits_of_eager(name, f, inputs, order, backend):
    try:
        outputs_of(f, [ag.Tensor(np.array(v, dtype=float)) for v in inputs])
    except ImportError as error:  # an extra that is not installed
        pytest.skip(str(error))
    if name in REFUSED:
        with pytest.raises(ag.CompileError, match=REFUSED[name]):
            check(f, inputs, order, backend)
        return
    try:
        check(f, inputs, order, backend)
    except ag.UnsupportedError:
        pytest.skip("the function takes no arguments moved like this")


def test_all_families_have_samples_here():
    assert len(list(calls_of_families())) > 500
