"""Every gate of the table, compiled: the bits of eager, for values and two derivatives.

By NumPy's back end, and by one from outside of the package.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from samples import SAMPLES, calls_of_families

import autograd as ag
from autograd.program.opaque import Opaque

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
    assert not opaque_calls(fast), "recording stopped at what looks at the numbers"


def opaque_calls(fast):
    """The gates that a compiled function calls as a whole, and where recording them stopped."""
    functions = [instruction.function for instruction in fast.program.instructions]
    return {(f.gate.removesuffix("'"), f.stopped) for f in functions if isinstance(f, Opaque)}


@pytest.mark.parametrize("order", FUNCTIONS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)
def test_a_program_has_the_bits_of_eager(sample, order, backend):
    check(sample.f, sample.inputs, order, backend)


REFUSED = {
    **dict.fromkeys(  # it returns a rank, a number that Python branches on
        ("linalg.lstsq", "linalg.lstsq.S", "linalg.lstsq.residuals"), "lstsq"
    ),
    "polymul": "nonzero",  # zeros of the highest powers are left out
    "piecewise": "piecewise",  # each function is given as many entries as the numbers say
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "f", "inputs"), list(calls_of_families()))
def test_a_program_of_a_late_family_has_the_bits_of_eager(name, f, inputs, backend):
    try:
        outputs_of(f, [ag.Tensor(np.array(v, dtype=float)) for v in inputs])
    except ImportError as error:  # an extra that is not installed
        pytest.skip(str(error))
    for order in FUNCTIONS:
        try:
            if name in REFUSED:
                with pytest.raises(ag.CompileError, match=REFUSED[name]):
                    check(f, inputs, order, backend)
            else:
                check(f, inputs, order, backend)
        except Exception as error:
            error.add_note(f"of the {order}")
            raise


def test_what_stopped_the_recorder_is_told():
    def rule(g, out, x):
        return g * 2.0 if x[0] > 0.0 else g

    looking = ag.gate(lambda x: x * 1.0, vjp=rule, name="looking")
    fast = ag.compile(ag.grad(lambda x: np.sum(looking(x))))
    np.testing.assert_array_equal(fast(np.array([1.0, 2.0])), [2.0, 2.0])
    np.testing.assert_array_equal(fast(np.array([-1.0, 2.0])), [1.0, 1.0])
    [(gate, stopped)] = opaque_calls(fast)
    assert gate == "looking"
    assert re.match(r"test_every_gate\.py:\d+: .* needs the numbers of a traced value", stopped)


CALLED_BY_NAME = {
    "largest": (np.max, "equal"),
    "read twice": (lambda x: x[[0, 0, 1]].sum() ** 2, "scatter"),
    "a traced index": (lambda x: x[np.argmax(x)], "scatter"),
    "two of them": (lambda x: np.outer(x, x)[np.argmax(x), np.argmin(x)] ** 2, "scatter"),
    "windows": (lambda x: ag.sum(ag.sliding_window_view(x, 2) ** 2), "overlap_add"),
    "diagonal": (lambda x: np.sum(np.diagonal(np.outer(x, x)) ** 2), "diag"),
    "running product": (lambda x: np.sum(np.cumprod(x)), "recurrence"),
    "running maximum": (lambda x: np.sum(np.maximum.accumulate(x)), "carry"),
    "error function": (lambda x: np.sum(ag.erf(x) * x), "erf"),
    "transform": (lambda x: np.sum(ag.fft.rfft(x)[0] ** 2), "irfftn of pairs"),
    "factors": (lambda x: np.sum(ag.linalg.svdvals(np.outer(x, x) + np.eye(4)) ** 2), "svd"),
    "list": (lambda x: np.sum(ag.array([x[0], x[1] * x[2]]) ** 2), "array"),
    "middle": (np.median, "sort"),
    "chosen": (lambda x: np.sum(np.compress([True, False, True, True], x) ** 2), "compress"),
}


@pytest.mark.parametrize(("f", "name"), CALLED_BY_NAME.values(), ids=CALLED_BY_NAME)
def test_what_numpy_has_no_function_for_is_called_by_its_name(f, name):
    fast = ag.compile(ag.grad(f))
    fast(np.array([3.0, 1.0, 2.0, 5.0]))
    assert name in [instruction.name for instruction in fast.program.instructions]
    assert f" {name}(" in str(fast.program)


def test_what_decides_on_a_shape_is_no_traced_value():
    x = np.arange(4.0)
    kept = ag.compile(lambda x: np.compress(np.array([True, False, True, True]), x))
    np.testing.assert_array_equal(kept(x), [0.0, 2.0, 3.0])
    for refused in (lambda x: np.compress(x > 1.0, x), lambda x: np.extract(x > 1.0, x)):
        with pytest.raises(ag.CompileError, match="needs the numbers"):
            ag.compile(refused)(x)


def test_all_families_have_samples_here():
    assert len(list(calls_of_families())) > 500
