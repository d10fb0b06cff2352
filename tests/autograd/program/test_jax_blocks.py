"""Large arrays on JAX: elementwise calls run in pieces, with the values of eager to rounding."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

pytestmark = pytest.mark.parity

LOOP = "stablehlo.while"
SHAPE = 512, 300
WEIGHTS = np.linspace(0.5, 1.0, 153_600).reshape(SHAPE)


@pytest.fixture
def small(monkeypatch):
    """Pieces of few numbers, and of arrays that would not fill the memory."""
    blocks = pytest.importorskip("autograd.program.lowering.jax_blocks")
    monkeypatch.setattr(blocks, "PIECE", 1 << 14)
    monkeypatch.setattr(blocks, "MUCH", 1 << 20)


def chain(x, scale=0.99, links=2):
    for _ in range(links):
        x = np.exp(np.tanh(x * scale)) + 0.01
    return x


def numbers(*shape, kind=float):
    return np.random.default_rng(0).uniform(-1.0, 1.0, shape).astype(kind)


def close(found, expected, bound=1e-12):
    for one, other in zip(found, expected, strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        np.testing.assert_allclose(one, other, rtol=bound, atol=bound)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(chain(x)),
        lambda x: np.sum(chain(x, WEIGHTS)) + np.sum(x * x),  # a constant array
        lambda x: np.sum(chain(x, np.sum(x[0]) * 1e-3)),  # a number that is computed
        lambda x: np.sum(chain(x, x[0]) * 0.5),  # and rows that are not the array's shape
        lambda x: np.sum(chain(x.T)),
        lambda x: np.sum(chain(np.broadcast_to(x[0, 0], SHAPE))),
        lambda x: np.sum(chain(x)) + np.sum(x[::2] @ x[0]),
    ],
    ids=["sum", "constant", "number", "rows", "columns", "one", "product"],
)
def test_a_value_and_its_gradient_are_those_of_eager(f, small):
    x = numbers(*SHAPE)
    both = ag.value_and_grad(f)
    fast = ag.compile(both, backend="jax")
    close(fast(x), both(x))
    assert LOOP in fast.program.source


def test_only_what_would_fill_the_memory_runs_in_pieces():
    def program(f, *shape):
        fast = ag.compile(f, backend="jax")
        fast(np.zeros(shape))
        return fast.program.source

    gradient = ag.grad(lambda x: np.sum(chain(x, links=5)))
    assert LOOP in program(gradient, 512, 600)
    assert LOOP not in program(gradient, 64, 60)
    assert LOOP not in program(gradient, 300_007)  # of no parts, being prime
    assert LOOP not in program(lambda x: x * 0.5 + x * x * 2.0 - 1.0, 4096, 600)
    assert LOOP not in program(lambda x: np.sum(np.exp(x)), 4096, 600)


def test_numbers_keep_their_precision(small):
    x = numbers(1024, 300, kind=np.float32)
    both = ag.value_and_grad(lambda x: np.mean(chain(x)))
    fast = ag.compile(both, backend="jax")
    close(fast(x), both(x), 1e-5)
    assert LOOP in fast.program.source


def test_a_graph_has_both_halves(small):
    x = Tensor(numbers(*SHAPE))
    y = np.sum(chain(x) ** 2)
    y.backward()
    expected, x.grad = x.grad, None
    program = ag.compile(y, backend="jax")
    close([program.run()], [y.data])
    program.backward()
    close([x.grad], [expected])


def test_new_data_of_a_tensor_may_come_in_pieces(small):
    start = numbers(*SHAPE)
    x, gradient = Tensor(start.copy()), ag.grad(lambda x: np.sum(chain(x)))

    def step():
        x.data -= 0.5 * gradient(x.data)

    fast = ag.compile(step, backend="jax")
    fast(), fast()
    once = start - 0.5 * gradient(start)
    close([x.data], [once - 0.5 * gradient(once)])
    assert LOOP in fast.program.source
