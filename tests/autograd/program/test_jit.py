"""Programs of arrays through Numba, against eager and against the same program on NumPy."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest
from samples import SAMPLES

import autograd as ag
from autograd import Tensor
from autograd.errors import DependencyError, OutOfRangeError

if not find_spec("numba"):
    pytest.skip("the extra jit is not installed", allow_module_level=True)

pytestmark = pytest.mark.slow  # Numba compiles each program anew


def both(f, *inputs):
    """What a function and its compiled form return, the latter run twice; and the program."""
    fast = ag.compile(f, backend="numba")
    fast(*inputs)
    return f(*inputs), fast(*inputs), fast.program


def leaves(nest):
    if isinstance(nest, (tuple, list)):
        return [leaf for part in nest for leaf in leaves(part)]
    return [np.asarray(nest.data if isinstance(nest, Tensor) else nest)]


def assert_close(found, expected, tolerance):
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        assert one.shape == other.shape
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def assert_same_bits(found, expected):
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


# ---- small arrays: kernels


def zeros_but(g, x, k):
    out = np.zeros_like(x)
    out[np.arange(len(k)), k] = g
    return out


pick = ag.gate(
    lambda x, k: x[np.arange(len(k)), k],
    vjp=(lambda g, out, x, k: zeros_but(g, x, k), lambda g, out, x, k: g * 0.0),
    name="pick",
)


def network(parameters, x, y):
    """Two layers and cross-entropy, written with all that a kernel can hold."""
    w, b, v, c = parameters
    scores = ag.relu(x @ w + b) @ v + c
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(shifted), axis=1)) - pick(shifted, y))


def task(batch, dtype):
    rng = np.random.default_rng(batch)
    shapes = [(3, 8), (8,), (8, 4), (4,)]
    parameters = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    return parameters, rng.normal(size=(batch, 3)).astype(dtype), rng.integers(4, size=batch)


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(np.float64, 1e-13), pytest.param(np.float32, 1e-5, marks=pytest.mark.slow)],
)
def test_a_network_and_its_gradients(dtype, tolerance):
    expected, found, program = both(ag.value_and_grad(network), *task(20, dtype))
    assert_close(found, expected, tolerance)
    assert program.source.count("kernel") <= 2  # the maximum's gradient is NumPy's
    assert "matmul" not in program.source


@pytest.mark.slow
def test_batches_of_all_sizes_share_what_was_compiled():
    """Sizes are arguments: the text of the kernel is the same."""
    texts = set()
    for batch in (20, 21, 50):
        fast = ag.compile(network, backend="numba")
        found = fast(*task(batch, np.float64))
        assert_close(found, network(*task(batch, np.float64)), 1e-13)
        texts |= {
            step.writer.text for step in fast.program._prepared.tasks if hasattr(step, "writer")
        }
    assert len(texts) == 1


def test_training_writes_over_the_parameters():
    def trained(compile):
        arrays, x, y = task(20, np.float64)
        parameters = [Tensor(array) for array in arrays]

        def step(x, y):
            value, gradients = ag.value_and_grad(network)([p.data for p in parameters], x, y)
            for p, gradient in zip(parameters, gradients, strict=True):
                p.data -= 0.1 * gradient
            return value

        step = compile(step)
        losses = [float(step(x, y)) for _ in range(5)]
        assert losses[-1] < losses[0]
        return losses, [p.data for p in parameters]

    assert_close(trained(lambda f: ag.compile(f, backend="numba")), trained(lambda f: f), 1e-12)


def everything(x, a, condition):
    """Calls of all the kinds that a kernel writes as loops."""
    turned = x.T @ a
    flat = np.reshape(turned * 2.0, (-1,))
    chosen = np.where(condition, x, -x)
    rows = np.sum(chosen, axis=0) + np.max(x, axis=0)
    columns = np.sum(chosen, axis=1, keepdims=True) * np.ones(3)
    total = np.sum(x * x) + np.sum(np.sign(x)) + np.max(a)
    clipped = np.minimum(np.maximum(x, -0.5), 0.5) / (1.0 + np.abs(x))
    powers = np.sqrt(np.square(x)) + x**3 + np.exp(-x) * np.tanh(x)
    return [flat[2:5] + 1.0, rows - 1.0, columns + clipped, total * 0.5, powers, (x > a) * x]


@pytest.mark.slow
def test_calls_of_all_kinds():
    rng = np.random.default_rng(0)
    x, a = rng.normal(size=(2, 4, 3))
    expected, found, program = both(everything, x, a, x > 0.1)
    assert_close(found, expected, 1e-13)
    assert program.source.count("kernel") <= 2
    other = ag.compile(everything, backend="numba")(np.asfortranarray(x), a[::-1], x > 0.1)
    assert_close(other, everything(x, a[::-1], x > 0.1), 1e-13)


def test_extremes_are_those_of_ieee_754():
    x = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e308])
    f = lambda x: [1.0 / x + 0.0, np.maximum(x, 0.0) * 1.0, np.sqrt(x) + 1.0, np.log(x) - 1.0]
    with np.errstate(all="ignore"):
        expected, found, _ = both(f, x)
    assert_same_bits(found, expected)


def test_an_index_out_of_bounds_is_refused_and_the_program_stays_usable():
    f = lambda x, k: pick(x * 2.0, k) + 1.0
    x = np.arange(6.0).reshape(2, 3)
    fast = ag.compile(f, backend="numba")
    expected = fast(x, np.array([0, -1]))
    assert fast.program.source.count("kernel") == 1
    for wrong in ([0, 3], [-4, 0]):
        with pytest.raises(OutOfRangeError, match="out of bounds"):
            fast(x, np.array(wrong))
    np.testing.assert_array_equal(fast(x, np.array([0, -1])), expected)
    np.testing.assert_array_equal(expected, [1.0, 11.0])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("sample", SAMPLES[::4], ids=lambda sample: sample.label)
def test_gates_and_their_gradients(sample):
    """Whatever a kernel cannot hold stays NumPy's."""

    def total(*inputs):
        out = sample.f(*inputs)
        parts = out if isinstance(out, (tuple, list)) else [out]
        return sum((np.sum(part * 1.5 - part * part) for part in parts), 0.0)

    inputs = [np.asarray(array) for array in sample.inputs]
    argnums = tuple(range(len(inputs)))
    expected, found, _ = both(ag.value_and_grad(total, argnums=argnums), *inputs)
    assert_close(found, expected, 1e-9)


# ---- large arrays: sweeps


def chain(x, a, b):
    for _ in range(3):
        x = x * a + b
    return x.sum()


@pytest.mark.parametrize("shape", [(300_007,), (601, 499)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arithmetic_and_its_gradients_are_one_pass_with_eagers_bits(shape, dtype):
    x, a, b = np.random.default_rng(0).uniform(-1, 1, (3, *shape)).astype(dtype)
    differentiate = ag.value_and_grad(chain, argnums=(0, 1, 2))
    expected, found, program = both(differentiate, x, a, b)
    assert_same_bits(found, expected)
    assert program.source.count("sweep") == 1
    assert "multiply" not in program.source


def test_sums_of_all_lengths_add_as_numpy_does():
    """The tree of halves is NumPy's for every length."""
    from autograd.program.arrays.totals import halves, leaves_of
    from autograd.program.jit.sweeps import add_up

    rng = np.random.default_rng(0)
    numbers = rng.normal(size=50_000) * 10.0 ** rng.integers(-8, 8, 50_000)
    for n in (1, 7, 8, 9, 127, 128, 129, 1000, 4096, 4097, 8191, 8200, 32_769, 49_999):
        ends = np.cumsum([0, *leaves_of(n, 4096)])
        sums = np.array([add_up()(numbers[i:j]) for i, j in pairwise(ends)])
        assert halves(sums, n, 4096) == np.add.reduce(numbers[:n])


def test_what_a_sum_leads_to_waits_for_the_pass():
    def f(x, a):
        y = x * a - 1.0
        total = y.sum()
        z = y * y + a
        return total * z, z.sum(), total

    x, a = np.random.default_rng(0).uniform(-1, 1, (2, 200_000))
    expected, found, program = both(f, x, a)
    assert_same_bits(found, expected)
    assert program.source.count("sweep") == 1


def test_masks_numbers_and_transposes_in_a_pass():
    def f(x, a, s):
        picked = np.where(x > a, x, 2.0 * a)
        return picked * s + np.ones_like(x), np.abs(picked.T) + a.T

    x, a = np.random.default_rng(0).uniform(-1, 1, (2, 400, 500))
    expected, found, _ = both(f, x, a, 0.7)
    assert_same_bits(found, expected)
    expected, found, _ = both(f, np.asfortranarray(x), np.asfortranarray(a), np.array(0.7))
    assert_same_bits(found, expected)


def test_other_functions_than_arithmetic_stay_numpys():
    x = np.random.default_rng(0).uniform(-1, 1, 200_000)
    expected, found, program = both(lambda x: np.tanh(x * 2.0) + np.exp(x) * x, x)
    assert_same_bits(found, expected)
    assert "sweep" not in program.source


def test_large_parameters_are_written_over():
    def stepped(compile):
        w = Tensor(np.linspace(-1, 1, 200_000))

        def step(x):
            loss = lambda w: (w * x * x - w).sum()
            value, gradient = ag.value_and_grad(loss)(w.data)
            w.data -= 0.1 * gradient
            return value

        step = compile(step)
        x = np.random.default_rng(0).normal(size=200_000)
        return [float(step(x)) for _ in range(3)], w.data

    assert_same_bits(stepped(lambda f: ag.compile(f, backend="numba")), stepped(lambda f: f))


# ---- without Numba


def test_numba_is_asked_for_and_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    for size in (3, 200_000):
        with pytest.raises(DependencyError, match=r"gategrad\[jit\]"):
            ag.compile(lambda x: (x * 2.0 + 1.0) * x, backend="numba")(np.ones(size))
