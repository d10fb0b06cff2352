"""Forward mode: a tangent that is exactly 0 adds nothing, whatever the local gradient is."""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np
import pytest

import autograd as ag
from autograd.families import all_gates

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

SPECIAL = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.5, math.inf, -math.inf, math.nan]
"""Kinks, poles, ends of domains, and beyond them."""

UNARY = [gate for gate in all_gates() if gate.floats and len(gate.floats.local) == 1]
BINARY = [gate for gate in all_gates() if gate.floats and len(gate.floats.local) == 2]
A, B = (np.array(column) for column in zip(*itertools.product(SPECIAL, repeat=2), strict=True))


def named(gate):
    return gate.name


def tangent(f, primals, tangents):
    with np.errstate(all="ignore"):
        return ag.jvp(f, primals, tangents)[1]


def some(size, seed):
    """Tangents, half of which are zeros of either sign."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=size) * rng.choice([0.0, 1.0], size)


def alike(found, expected):
    np.testing.assert_array_equal(found, expected)
    assert np.shape(found) == np.shape(expected)


# ---- the rule


@pytest.mark.parametrize("compiled", [False, True])
def test_a_power_of_a_negative_base_moves_along_the_base(compiled):
    """d(x^y)/dy is nan there, d(x^y)/dx is y·x^(y−1)."""
    along = partial(tangent, ag.power)
    along = ag.compile(along) if compiled else along
    assert along((-2.0, 2.0), (1.0, 0.0)) == -4.0
    assert math.isnan(along((-2.0, 2.0), (1.0, 1.0)))
    x, y = np.array([-2.0, -3.0, 2.0]), np.array([2.0, 3.0, 2.0])
    got = along((x, y), (np.array([1.0, 1.0, 0.0]), np.array([0.0, 2.0, 1.0])))
    np.testing.assert_allclose(got, [-4.0, math.nan, 4.0 * math.log(2.0)])


@pytest.mark.parametrize("gate", UNARY, ids=named)
def test_what_stands_still_moves_nothing(gate):
    x, t = np.array(SPECIAL), some(len(SPECIAL), 1)
    along_all = tangent(gate, (x,), (np.where(t == 0.0, 1.0, t),))
    alike(tangent(gate, (x,), (t,)), np.where(t == 0.0, 0.0, along_all))
    for number in SPECIAL:
        assert tangent(gate, (number,), (0.0,)) == 0.0
        assert tangent(gate, (number,), (-0.0,)) == 0.0


@pytest.mark.parametrize("gate", BINARY, ids=named)
def test_an_operand_that_stands_still_is_as_a_constant(gate):
    t = np.random.default_rng(2).normal(size=A.shape)
    zero = np.zeros_like(A)
    alike(tangent(gate, (A, B), (t, zero)), tangent(lambda a: gate(a, B), (A,), (t,)))
    alike(tangent(gate, (A, B), (zero, t)), tangent(lambda b: gate(A, b), (B,), (t,)))
    for a, b in zip(A[::5].tolist(), B[::5].tolist(), strict=True):
        alike(tangent(gate, (a, b), (1.5, 0.0)), tangent(lambda a, b=b: gate(a, b), (a,), (1.5,)))
        alike(tangent(gate, (a, b), (0.0, 1.5)), tangent(lambda b, a=a: gate(a, b), (b,), (1.5,)))


@pytest.mark.parametrize("gate", BINARY, ids=named)
def test_an_array_computes_entry_by_entry(gate):
    """Where both stand still nothing moves, where one does the other moves alone."""
    t, u = some(A.size, 3), some(A.size, 4)
    first = tangent(lambda a: gate(a, B), (A,), (np.where(t == 0.0, 1.0, t),))
    second = tangent(lambda b: gate(A, b), (B,), (np.where(u == 0.0, 1.0, u),))
    alone = np.where(t == 0.0, 0.0, first) + np.where(u == 0.0, 0.0, second)
    alike(tangent(gate, (A, B), (t, u)), alone)


@pytest.mark.parametrize("gate", UNARY + BINARY, ids=named)
def test_a_program_has_the_bits_of_eager(gate):
    count = len(gate.floats.local)
    x, t = (A, B)[:count], (some(A.size, 5), some(A.size, 6))[:count]
    replay = ag.compile(lambda x, t: ag.jvp(gate, x, t)[1])
    with np.errstate(all="ignore"):
        for given in (t, (np.zeros_like(A),) * count):
            found, expected = replay(x, given), ag.jvp(gate, x, given)[1]
            alike(found, expected)
            alike(np.signbit(found), np.signbit(expected))
        assert replay.cache_info().misses == 1
        for i in range(0, A.size, 11):
            numbers, moves = ([float(v[i]) for v in part] for part in (x, t))
            alike(replay(numbers, moves), ag.jvp(gate, numbers, moves)[1])


def test_gates_of_ones_own_follow_the_rule():
    root = ag.gate(lambda a: np.sqrt(a), local=lambda out, a: 0.5 / out, name="my_root")
    product = ag.gate(lambda a, b: a * b, local=lambda out, a, b: (b, a), name="my_product")
    x, t = np.array([-1.0, 0.0, 0.0, 4.0]), np.array([0.0, 0.0, 1.0, 1.0])
    alike(tangent(root, (x,), (t,)), [0.0, 0.0, np.inf, 0.25])
    alike(tangent(product, (2.0, math.inf), (0.0, 1.0)), 2.0)
    alike(tangent(product, (2.0, math.inf), (1.0, 0.0)), math.inf)


MATRIX, BAD = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[np.inf, 0.0], [np.nan, 1.0]])


@pytest.mark.parametrize("f", [np.matmul, np.dot, np.outer, np.kron, np.inner, np.convolve,
                               lambda a, b: np.einsum("ij,jk->ki", a, b)])  # fmt: skip
def test_a_whole_operand_that_stands_still_is_as_a_constant(f):
    """Of what is not elementwise: no entry of it adds anything, whatever the other one holds."""
    a, b = (MATRIX[0], BAD[0]) if f is np.convolve else (MATRIX, BAD)
    zero = np.zeros_like(a)
    replay = ag.compile(lambda a, b, t, u: ag.jvp(f, (a, b), (t, u))[1])
    with np.errstate(all="ignore"):
        alone = {
            (True, False): ag.jvp(lambda a: f(a, b), (a,), (a,))[1],
            (False, True): ag.jvp(lambda b: f(a, b), (b,), (a,))[1],
            (False, False): np.zeros_like(f(a, b)),
        }
        for (along_a, along_b), expected in alone.items():
            moves = (a if along_a else zero, a if along_b else zero)
            alike(ag.jvp(f, (a, b), moves)[1], expected)
            alike(replay(a, b, *moves), expected)


@pytest.mark.parametrize("f", [np.prod, np.std, np.var, np.cumprod, np.linalg.norm, ag.softmax,
                               ag.logsumexp, np.max, np.sum, np.sort, np.linalg.inv])  # fmt: skip
def test_a_rule_for_whole_tangents_makes_nothing_of_zeros(f):
    replay = ag.compile(lambda a, t: ag.jvp(f, (a,), (t,))[1])
    with np.errstate(all="ignore"):
        moved = ag.jvp(f, (BAD,), (np.zeros_like(BAD),))[1]
        alike(moved, np.zeros_like(moved))
        alike(replay(BAD, np.zeros_like(BAD)), moved)


def test_large_arrays_are_looked_at_in_the_same_way():
    """Past the length up to which a local gradient is looked at, and past that of a block."""
    for size in (20_000, 300_000):
        x = np.full(size, -1.0)
        x[1::2] = 4.0
        t = (x > 0.0).astype(float)
        t[0] = -0.0

        def f(x, t):
            return ag.jvp(lambda x: np.sqrt(x) * np.exp(x), (x,), (t,))[1]

        with np.errstate(all="ignore"):
            eager, replayed = f(x, t), ag.compile(f)(x, t)
        alike(eager, np.where(x > 0.0, 2.25 * math.exp(4.0), 0.0))
        alike(replayed, eager)


X, T = np.array([-1.0, 4.0, 0.0, 9.0]), np.array([0.0, 1.0, -0.0, 2.0])


def of_roots(x, t):
    """A tangent that 0·nan and 0·∞ meet."""
    return ag.jvp(np.sqrt, (x,), (t,))[1]


@pytest.mark.parametrize(
    "f",
    [
        lambda x, t: np.where(of_roots(x, t) > 0.0, 1.0, -1.0),
        lambda x, t: np.fmax(of_roots(x, t), -1.0) + of_roots(x, t),
        lambda x, t: np.cumsum(of_roots(x, t)) * np.max(of_roots(x, t)),
        lambda x, t: (of_roots(x, t)[::-1], of_roots(x, t)[1:3].reshape(2, 1), of_roots(x, t)),
        lambda x, t: np.broadcast_to(of_roots(x, t)[:1], (2, 1)) @ np.ones((1, 3)),
        lambda x, t: ag.jvp(lambda x: np.outer(np.sqrt(x), x) @ x, (x,), (t,))[1],
        lambda x, t: ag.jvp(lambda x: np.linalg.norm(np.sqrt(x)[1:] * x[1:]), (x,), (t,))[1],
        lambda x, t: ag.vmap(lambda x, t: ag.jvp(np.sqrt, (x,), (t,))[1])(x, t),
        lambda x, t: of_roots(x, of_roots(x, t)),
    ],
)
def test_a_program_looks_wherever_tangents_go(f):
    """NumPy's back end multiplies plainly, and again with care where a nan would be handed out."""
    replay, calm = ag.compile(f), np.array([1.0, 4.0, 2.0, 9.0])
    with np.errstate(all="ignore"):
        for x in (calm, X, calm):
            for found, expected in zip(leaves(replay(x, T)), leaves(f(x, T)), strict=True):
                alike(found, expected)
                assert not np.isnan(found).all()
    assert replay.cache_info().misses == 1


def leaves(nest):
    return nest if isinstance(nest, tuple) else (nest,)


def test_a_program_that_assigns_looks_at_what_it_assigns():
    state = ag.Tensor(X.copy(), requires_grad=False)

    @ag.compile
    def step(t):
        state.data = of_roots(state, t).data
        return np.sum(state.data)

    with np.errstate(all="ignore"):
        assert step(T) == 0.25 + 2.0 / 6.0
    alike(state.data, [0.0, 0.25, 0.0, 2.0 / 6.0])


# ---- what is built on it


def test_a_jacobian_leaves_masked_operands_out():
    """√ of what relu closed has no derivative, and nothing moves there."""
    x = np.array([-1.0, 4.0, -2.0, 9.0])

    def f(x):
        return np.sqrt(np.maximum(x, 0.0)) * x

    expected = np.diag([0.0, 3.0, 0.0, 4.5])
    for differentiate in (ag.jacobian(f, mode="forward"), ag.jacobian(f)):
        alike(differentiate(x), expected)
        alike(ag.compile(differentiate)(x), expected)
    blocks = ag.jacobian(lambda a, b: a**b, argnums=(0, 1), mode="forward")
    a, b = np.array([-2.0, 2.0]), np.array([2.0, 3.0])
    by_a, by_b = blocks(a, b)
    alike(by_a, np.diag([-4.0, 12.0]))
    np.testing.assert_allclose(by_b, np.diag([math.nan, 8.0 * math.log(2.0)]))


def test_second_derivatives_off_the_diagonal_are_0():
    """Σ x^1.5, whose second derivative at 0 is infinite."""
    x = np.array([0.0, 1.0, 4.0])

    def f(x):
        return np.sum(x**1.5)

    expected = np.diag([np.inf, 0.75, 0.375])
    forward = ag.jacobian(ag.jacobian(f, mode="forward"), mode="forward")
    for differentiate in (ag.hessian(f), forward):
        alike(differentiate(x), expected)
        alike(ag.compile(differentiate)(x), expected)
    v = np.array([0.0, 1.0, -1.0])
    alike(ag.hvp(f, x, v), [0.0, 0.75, -0.375])
    alike(ag.compile(lambda x, v: ag.hvp(f, x, v))(x, v), [0.0, 0.75, -0.375])
    third = ag.jacobian(ag.hessian(lambda x: np.sum(x**2.5)), mode="forward")(x)
    alike(third, np.where(third == 0.0, 0.0, third))
    alike(np.einsum("iii->i", third), [np.inf, 1.875, 0.9375])
    alike(np.count_nonzero(third), 3)


@pytest.mark.parametrize("gate", BINARY, ids=named)
def test_a_direction_of_second_order_that_stands_still_is_as_a_constant(gate):
    """Forward over forward and forward over reverse, along one operand of the two."""
    t, zero = np.random.default_rng(7).normal(size=A.shape), np.zeros_like(A)

    def twice(f, primals, along):
        return tangent(lambda *x: ag.jvp(f, x, along)[1], primals, along)

    alike(twice(gate, (A, B), (t, zero)), twice(lambda a: gate(a, B), (A,), (t,)))
    alike(twice(gate, (A, B), (zero, t)), twice(lambda b: gate(A, b), (B,), (t,)))
    replay = ag.compile(lambda a, b, t, u: twice(gate, (a, b), (t, u)))
    u = some(A.size, 8)
    for along in ((t, zero), (t, u)):
        found, expected = replay(A, B, *along), twice(gate, (A, B), along)
        alike(found, expected)
        for i in range(0, A.size, 29):
            numbers = [float(v[i]) for v in (A, B, *along)]
            expected = twice(gate, numbers[:2], numbers[2:])
            np.testing.assert_allclose(replay(*numbers), expected, rtol=4e-15)


def test_a_tangent_is_differentiated_where_it_is_0_itself():
    """d/dv of f'(x)·v is f'(x), at v = 0 too, by reverse and by forward mode."""
    x = np.array([1.0, 4.0])

    def along(v):
        return np.sum(ag.jvp(np.sqrt, (x,), (v,))[1])

    alike(ag.grad(along)(np.zeros(2)), 0.5 / np.sqrt(x))
    alike(ag.jacobian(along, mode="forward")(np.zeros(2)), 0.5 / np.sqrt(x))
    assert ag.grad(lambda v: ag.jvp(ag.sqrt, (4.0,), (v,))[1])(0.0) == 0.25


def test_tangents_may_depend_on_what_is_differentiated_for():
    """d/dx of 2x·x^(2x−1), which is the tangent of x^y along (1, 0) at y = 2x."""

    def along(x):
        return np.sum(ag.jvp(ag.power, (x, 2.0 * x), (np.ones(1), 0.0 * x))[1])

    x = np.array([2.0])
    np.testing.assert_allclose(ag.grad(along)(x), 4.0 * x ** (2.0 * x) * (np.log(x) + 1.0))


def test_what_does_not_move_at_all_is_not_differentiated_by():
    """Reverse over forward: constants of which it is known that they are 0 are left out."""
    assert ag.grad(lambda x: ag.jvp(ag.power, (x, 2.0), (1.0, 0.0))[1])(-2.0) == 2.0
    x, y = np.array([-2.0, 3.0]), np.array([2.0, 2.0])
    gradient = ag.grad(lambda x: ag.jvp(ag.power, (x, y), (np.ones(2), np.zeros(2)))[1].sum())
    alike(gradient(x), [2.0, 2.0])
    alike(ag.compile(gradient)(x), [2.0, 2.0])


def test_scans_push_by_the_same_rule():
    x, t = np.array([-1.0, 4.0]), np.array([0.0, 1.0])

    def looped(x):
        return ag.scan(lambda total, x: (total + np.sqrt(x), total), 0.0, x)[0]

    assert tangent(looped, (x,), (t,)) == 0.25
    f = ag.compile(lambda x, t: ag.jvp(looped, (x,), (t,))[1])
    assert f(x, t) == 0.25


def test_reverse_mode_says_what_it_did():
    a, b = np.array([-2.0]), np.array([2.0])
    by_a, by_b = ag.grad(lambda a, b: np.sum(a**b), argnums=(0, 1))(a, b)
    alike(by_a, [-4.0])
    assert np.isnan(by_b).all()
    alike(ag.grad(lambda x: 0.0 * np.sum(np.sqrt(x)))(np.zeros(1)), [math.nan])
