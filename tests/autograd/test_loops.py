"""`ag.scan` against the loop written out: values to the bit, derivatives of every order."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor, modes
from autograd.trees import flatten

RNG = np.random.default_rng(8)
N = 5


def normal(*shape):
    return RNG.normal(size=shape)


def written_out(f, state, xs, length=None):
    """The loop that a scan stands for, in plain Python."""
    leaves, nest = flatten(xs)
    steps = len(leaves[0]) if length is None else length
    rows = []
    for t in range(steps):
        x = None if xs is None else nest([leaf[t] for leaf in map(as_tensor, leaves)])
        state, y = f(state, x)
        rows.append(y)
        if type(state) is dict:
            state = {key: state[key] for key in sorted(state)}
    columns = zip(*(flatten(y)[0] for y in rows), strict=True)
    stacked = [None if column[0] is None else np.stack(column) for column in columns]
    return state, flatten(rows[0])[1](stacked) if rows[0] is not None else None


def as_tensor(leaf):
    return leaf if type(leaf) is Tensor else Tensor(leaf, requires_grad=False)


def plain(nest):
    leaves, _ = flatten(nest)
    return [v.data if type(v) is Tensor else v for v in leaves if v is not None]


def same(one, other):
    for a, b in zip(plain(one), plain(other), strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        assert a.tobytes() == b.tobytes()


def close(one, other):
    for a, b in zip(plain(one), plain(other), strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def total(nest):
    """One number that depends on every entry of every result."""
    parts = [as_tensor(v) for v in flatten(nest)[0] if v is not None]
    return sum((np.sum(np.sin(0.3 * part + i)) for i, part in enumerate(parts)), 0.0)


# ---- loops, each as (function of a loop and operands, operands)


def rnn(loop, w, u, h, xs):
    def step(h, x):
        h = np.tanh(w @ h + u @ x)
        return h, np.sum(h * h)

    return loop(step, h, xs)


def runge_kutta(loop, a, y):
    def slope(y):
        return np.tanh(a @ y) - 0.1 * y

    def step(y, _):
        k1 = slope(y)
        k2 = slope(y + 0.05 * k1)
        k3 = slope(y + 0.05 * k2)
        k4 = slope(y + 0.1 * k3)
        return y + 0.1 / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return loop(step, y, None, length=N)


def kalman(loop, logarithms, observed):
    q, r = np.exp(logarithms[0]), np.exp(logarithms[1])
    move, see = np.array([[1.0, 0.1], [0.0, 1.0]]), np.array([[1.0, 0.0]])

    def step(state, z):
        x, p, total = state
        x = move @ x
        p = move @ p @ move.T + q * np.eye(2)
        s = see @ p @ see.T + r
        gain = p @ see.T / s
        error = z - see @ x
        score = np.sum(np.log(s) + error * error / s)
        return (x + gain @ error, p - gain @ see @ p, total + score), x

    return loop(step, (np.zeros((2, 1)), np.eye(2), np.zeros(())), observed)


def running_sums(loop, xs):
    def step(state, x):
        state = {"sum": state["sum"] + x, "product": state["product"] * x}
        return state, {"sum": state["sum"], "both": (state["product"], state["sum"] * x)}

    return loop(step, {"product": np.ones(3), "sum": np.zeros(3)}, xs)


def of_numbers(loop, a, b):
    return loop(lambda y, _: (np.sin(a * y) + b, y * y), b, None, length=N)


def several_xs(loop, w, xs, more):
    def step(state, x):
        first, (second, third) = x
        state = state * w + np.maximum(first, second) @ third
        return state, (state, None, [first * 2.0])

    return loop(step, np.zeros(3), (xs, (more, np.arange(9.0 * N).reshape(N, 3, 3))))


def transposed(loop, a, xs):
    """A state that comes out of a step in another order in memory than it went in."""
    return loop(lambda p, x: ((a @ p.T).T + x, p[:, ::-1]), np.eye(3), xs)


def nested(loop, a, xs):
    def step(s, x):
        q, ys = loop(lambda q, z: (q * a + z, q * z), s, x)
        return np.tanh(q), np.sum(ys)

    return loop(step, np.zeros(2), xs)


def unread(loop, a, b, xs):
    """Operands that nothing depends on, and results that depend on nothing."""
    return loop(lambda s, x: (s * a, (np.ones(2), x)), np.ones(2), xs)


LOOPS = {
    "rnn": (rnn, (normal(3, 3), normal(3, 2), normal(3), normal(N, 2))),
    "runge_kutta": (runge_kutta, (normal(3, 3), normal(3))),
    "kalman": (kalman, (np.array([-1.0, 0.5]), normal(N))),
    "running_sums": (running_sums, (normal(N, 3),)),
    "of_numbers": (of_numbers, (0.7, 0.3)),
    "several_xs": (several_xs, (normal(3), normal(N, 3), normal(N, 3))),
    "transposed": (transposed, (normal(3, 3) * 0.3, normal(N, 3, 3))),
    "nested": (nested, (normal(2), normal(N, 3, 2))),
    "unread": (unread, (normal(2), normal(2), normal(N, 4))),
}

every_loop = pytest.mark.parametrize(("loop", "operands"), LOOPS.values(), ids=LOOPS)
kept_or_not = pytest.mark.parametrize("checkpoint", [False, True])


def scanning(checkpoint):
    return lambda f, state, xs, length=None: ag.scan(
        f, state, xs, length=length, checkpoint=checkpoint
    )


def functions(loop, checkpoint=False):
    """A number as a function of the operands: by a scan, and written out."""
    scan = scanning(checkpoint)
    return (lambda *o: total(loop(scan, *o))), (lambda *o: total(loop(written_out, *o)))


@every_loop
def test_values_have_the_bits_of_the_loop_written_out(loop, operands):
    nodes = [Tensor(o) for o in operands]
    scanned = loop(ag.scan, *nodes)
    same(scanned, loop(written_out, *nodes))
    same(loop(ag.scan, *map(as_tensor, operands)), scanned)


@every_loop
def test_one_node_stands_for_all_steps(loop, operands):
    nodes = ag.Graph(total(loop(ag.scan, *map(Tensor, operands)))).nodes
    scans = [node for node in nodes if node.gate and node.gate.name == "scan"]
    assert len(scans) == 1
    assert scans[0].gate.symbol == f"scan ×{N}"


@every_loop
@kept_or_not
def test_gradients_are_those_of_the_loop_written_out(loop, operands, checkpoint):
    scan, plainly = functions(loop, checkpoint)
    every = tuple(range(len(operands)))
    close(ag.value_and_grad(scan, every)(*operands), ag.value_and_grad(plainly, every)(*operands))


@every_loop
def test_tangents_are_those_of_the_loop_written_out(loop, operands):
    scan, plainly = functions(loop)
    tangents = [normal(*np.shape(o)) if np.shape(o) else 0.5 for o in operands]
    close(ag.jvp(scan, operands, tangents), ag.jvp(plainly, operands, tangents))


@pytest.mark.slow
@every_loop
@kept_or_not
def test_second_derivatives_are_those_of_the_loop_written_out(loop, operands, checkpoint):
    scan, plainly = functions(loop, checkpoint)
    v = [normal(*np.shape(o)) if np.shape(o) else 0.5 for o in operands]
    every = tuple(range(len(operands)))

    def forward_over_reverse(f):
        return ag.jvp(ag.grad(f, every), operands, v)[1]

    def reverse_over_forward(f):
        return ag.grad(lambda *o: ag.jvp(f, o, v)[1], every)(*operands)

    def reverse_over_reverse(f):
        return ag.grad(lambda *o: sum((np.sum(g * g) for g in ag.grad(f, every)(*o)), 0.0), every)(
            *operands
        )

    for twice in (forward_over_reverse, reverse_over_forward, reverse_over_reverse):
        close(twice(scan), twice(plainly))


def test_third_derivatives():
    cube = ag.grad(ag.grad(ag.grad(lambda a: ag.scan(lambda y, _: (a * y, None), 1.0, None,
                                                      length=4)[0])))  # fmt: skip
    assert cube(2.0) == pytest.approx(24.0 * 2.0)  # a⁴


SMALL = {
    "rnn": (normal(2, 2), normal(2, 1), normal(2), normal(2, 1)),
    "running_sums": (normal(2, 3),),
    "of_numbers": (0.7, 0.3),
    "nested": (normal(2), normal(2, 2, 2)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_differences_agree(name):
    assert ag.gradcheck(functions(LOOPS[name][0])[0], *SMALL[name], order=2)


# ---- compiled


@every_loop
@kept_or_not
def test_compiled_it_is_one_instruction_with_the_bits_of_eager(loop, operands, checkpoint):
    every = tuple(range(len(operands)))
    differentiate = ag.value_and_grad(functions(loop, checkpoint)[0], every)
    fast = ag.compile(differentiate)
    for factor in (1.0, 1.125, 0.75):
        moved = [o * factor for o in operands]
        same(fast(*moved), differentiate(*moved))
    names = [i.name for i in fast.program.instructions]
    assert names.count(f"scan[{N}]") == 1
    assert names.count(f"scan[{N}] back") == 1
    assert f"scan[{N}]" in str(fast.program)


@every_loop
def test_compiled_second_derivatives(loop, operands):
    scan, plainly = functions(loop)
    every = tuple(range(len(operands)))
    v = [o * 0.5 for o in operands]
    fast = ag.compile(lambda *o: ag.jvp(ag.grad(scan, every), o, v)[1])
    fast(*operands)
    moved = [o * 1.125 for o in operands]
    close(fast(*moved), ag.jvp(ag.grad(plainly, every), moved, v)[1])


def test_what_compiling_costs_does_not_depend_on_the_length():
    def instructions(steps):
        fast = ag.compile(ag.grad(lambda a: ag.scan(lambda y, _: (a * y, y), 1.0, None,
                                                    length=steps)[0]))  # fmt: skip
        fast(0.5)
        return len(fast.program.instructions)

    assert instructions(3) == instructions(3000)


def test_the_program_of_a_recorded_graph_replays_it():
    w, xs = Tensor(normal(3, 3)), normal(N, 3)
    state, ys = ag.scan(lambda h, x: (np.tanh(w @ h + x), h), np.zeros(3), xs)
    loss = np.sum(state) + np.sum(ys * ys)
    program = ag.compile(loss)
    w.data = w.data * 0.5
    value = program.run()
    program.backward()
    again, got = w.grad, ag.scan(lambda h, x: (np.tanh(w @ h + x), h), np.zeros(3), xs)
    w.zero_grad()
    fresh = np.sum(got[0]) + np.sum(got[1] * got[1])
    fresh.backward()
    same([value, again], [fresh, w.grad])


def test_a_tensor_computed_in_the_compiled_function_is_read_by_the_step():
    def f(a, xs):
        b = np.exp(a)
        return ag.scan(lambda s, x: (s * b + x, None), np.zeros(2), xs)[0]

    fast = ag.compile(f)
    for factor in (1.0, 2.0):
        a, xs = np.array([0.1, 0.2]) * factor, normal(N, 2)
        expected = np.zeros(2)
        for x in xs:
            expected = expected * np.exp(a) + x
        np.testing.assert_array_equal(fast(a, xs), expected)


# ---- what is read from outside


def test_tensors_from_outside_have_gradients():
    w, b = Tensor(normal(3, 3), name="w"), Tensor(0.3, name="b")
    frozen = Tensor(np.ones(3), requires_grad=False)
    xs = normal(N, 3)

    def step(h, x):
        return np.tanh(w @ h + b * x + frozen), None

    ag.scan(step, np.zeros(3), xs)[0].sum().backward()
    got = w.grad, b.grad
    w.zero_grad()
    b.zero_grad()
    written_out(step, np.zeros(3), xs)[0].sum().backward()
    close(got, (w.grad, b.grad))
    assert type(got[1]) is float
    assert frozen.grad is None


def test_a_leaf_assigned_to_after_the_scan_makes_it_stale():
    w = Tensor(np.ones(2))
    out = ag.scan(lambda s, _: (s * w, None), np.ones(2), None, length=2)[0].sum()
    w.data = w.data * 2.0
    with pytest.raises(ag.StaleGraphError):
        out.backward()


def test_under_checkpoint_and_in_a_scope():
    w, xs = Tensor(normal(2)), normal(N, 2)

    def f(v):
        with ag.scope("loop"):
            return ag.scan(lambda s, x: (np.tanh(s * v * w + x), None), np.zeros(2), xs)[0].sum()

    v = Tensor(normal(2))
    ag.checkpoint(f)(v).backward()
    got = w.grad, v.grad
    w.zero_grad()
    v.zero_grad()
    out = f(v)
    out.backward()
    close(got, (w.grad, v.grad))
    scan = next(n for n in ag.Graph(out).nodes if n.gate and n.gate.name == "scan")
    assert scan.scope == "loop"


# ---- kinds of results


def test_arrays_give_arrays_and_numbers_numbers():
    state, ys = ag.scan(lambda s, x: (s + x, s), np.zeros(2), np.ones((3, 2)))
    assert type(state) is type(ys) is np.ndarray
    state, ys = ag.scan(lambda s, _: (s * 2.0, s), 1.0, None, length=3)
    assert (state, type(state)) == (8.0, float)
    np.testing.assert_array_equal(ys, [1.0, 2.0, 4.0])


def test_no_grad_gives_leaves():
    w = Tensor(2.0)
    with ag.no_grad():
        state, _ = ag.scan(lambda s, _: (s * w, None), w, None, length=3)
    assert (state.data, state.requires_grad, state.gate) == (16.0, False, None)


def test_float32_stays_and_whole_numbers_are_carried():
    def step(state, x):
        h, n = state
        h = h * np.float32(0.5) + x[0]
        return (h, n + 1), (h, n * x[1], h > 0.5)

    w = Tensor(np.ones(2, np.float32))
    xs = np.ones((3, 2), np.float32), np.arange(3)
    (h, n), (hs, products, large) = ag.scan(step, (w, np.array(0)), xs)
    assert [v.dtype for v in (h, n, hs, products, large)] == [
        np.float32, np.int64, np.float32, np.int64, bool,
    ]  # fmt: skip
    assert n.data == 3
    np.testing.assert_array_equal(products.data, [0, 1, 4])
    np.sum(hs).backward()
    np.testing.assert_array_equal(w.grad, np.full(2, 0.875, np.float32))
    assert w.grad.dtype == np.float32


def test_dtypes_can_be_mixed():
    def f(a, b):
        (x, y), zs = ag.scan(lambda s, _: ((s[0] * a, s[1] * b), s[1]), (a, b), None, length=3)
        return np.sum(x) + np.sum(y.astype(np.float64)) + np.sum(zs.astype(np.float64))

    a, b = np.array([1.1, 0.9]), np.array([1.5], np.float32)
    da, db = ag.grad(f, (0, 1))(a, b)
    assert (da.dtype, db.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(da, 4 * a**3)
    np.testing.assert_allclose(db, 4 * b**3 + 1 + 2 * b + 3 * b**2)


@dataclass
class State:
    """A pair of values."""

    x: object
    v: object


def test_a_state_is_any_nest():
    def step(s, _):
        return State(s.x + 0.1 * s.v, s.v - 0.1 * s.x), [s.x, None, (s.v,)]

    out, ys = ag.scan(step, State(np.ones(2), np.zeros(2)), None, length=3)
    assert type(out) is State
    assert ys[1] is None
    assert ys[0].shape == ys[2][0].shape == (3, 2)


@pytest.mark.parametrize("length", [0, 1])
def test_no_step_and_one_step(length):
    def f(s, xs):
        state, ys = ag.scan(lambda s, x: (s * x, (s, np.sum(x))), s, xs)
        assert ys[0].shape == (length, 2)
        assert ys[1].shape == (length,)
        return np.sum(state) + np.sum(ys[0])

    s, xs = np.array([2.0, 3.0]), np.full((length, 2), 4.0)
    for call in (ag.value_and_grad(f, (0, 1)), ag.compile(ag.value_and_grad(f, (0, 1)))):
        value, (ds, dxs) = call(s, xs)
        assert value == (5.0 if length == 0 else 25.0)
        np.testing.assert_array_equal(ds, [1.0, 1.0] if length == 0 else [5.0, 5.0])
        np.testing.assert_array_equal(dxs, np.broadcast_to(s, (length, 2)))
    assert ag.hessian(lambda s: f(s, xs))(s).shape == (2, 2)


# ---- what cannot be a program


def test_a_step_that_branches_runs_written_out():
    def f(s):
        return ag.scan(lambda s, x: (s * 2.0 if x > 0 else s * s, s), s, np.array([1.0, -1.0]))[0]

    assert ag.value_and_grad(f)(np.array(3.0)) == (36.0, 24.0)
    with pytest.raises(ag.CompileError, match="branching"):
        ag.compile(f)(np.array(3.0))


def test_an_anomaly_is_found_at_its_gate():
    with ag.detect_anomaly(), pytest.raises(ag.AnomalyError, match=r"log made"):
        ag.scan(lambda s, x: (np.log(s - x), None), Tensor(np.array(2.0)), np.array([1.0, 5.0]))


def test_a_step_has_no_effects():
    rng, count, tensor = np.random.default_rng(0), np.zeros(3), Tensor(0.0, requires_grad=False)

    def draws(s, x):
        return s + ag.sample(lambda: rng.normal()), None

    def draws_behind(s, x):
        return s + rng.normal(), None

    def counts(s, x):
        count[0] += 1.0
        return s, None

    def assigns(s, x):
        ag.assign(tensor, s)
        return s, None

    class Noise:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def step(self, s, x):
            return s + self.rng.normal(), None

    held = Noise()

    def draws_from_what_is_held(s, x):
        return s + held.rng.normal(), None

    steps = draws, draws_behind, draws_from_what_is_held, held.step, counts, assigns
    for step in steps:
        for call in (ag.scan, ag.compile(lambda s, xs, step=step: ag.scan(step, s, xs))):
            with pytest.raises(ag.UnsupportedError, match="the step of a scan"):
                call(step, 0.0, np.ones(3)) if call is ag.scan else call(0.0, np.ones(3))
    assert tensor.data == 0.0
    for each in (rng, held.rng):  # stands where it stood
        assert each.normal() == np.random.default_rng(0).normal()


def test_a_step_that_counts_is_refused():
    given = iter(range(100))

    def takes_the_next(s, x):
        return s + float(next(given)), None

    def draws_anew(s, x):
        return s + np.random.default_rng().normal(), None

    for step in (takes_the_next, draws_anew):
        with pytest.raises(ag.UnsupportedError, match="something else each time"):
            ag.scan(step, np.zeros(()), np.ones(3))


def test_a_step_that_draws_and_branches_draws_what_the_loop_draws():
    def run(loop, state):
        rng = np.random.default_rng(0)
        return loop(lambda s, x: (s + rng.normal() if s < 9.0 else s, None), state, np.ones(3))[0]

    assert run(ag.scan, np.zeros(())) == run(written_out, as_tensor(np.zeros(()))).data


def wrong(error, match, f, state=0.0, xs=None, length=3):
    with pytest.raises(error, match=match):
        ag.scan(f, state, xs, length=length)


def test_errors_name_the_part_that_is_wrong():
    def keep(s, x):
        return s, None

    wrong(ag.DataError, r"expects a function", 3)
    wrong(ag.DataError, r"needs length=", keep, length=None)
    wrong(ag.DataError, r"whole number", keep, length=2.5)
    wrong(ag.ShapeError, r"negative", keep, length=-1)
    wrong(ag.ShapeError, r"length= has 3, xs\['a'\] 2", keep, xs={"a": np.ones(2)})
    wrong(
        ag.ShapeError, r"xs\[0\] has 2, xs\[1\] 4", keep, xs=(np.ones(2), np.ones(4)), length=None
    )
    wrong(ag.ShapeError, r"xs\[1\] is one number", keep, xs=(np.ones(2), 1.0), length=None)
    wrong(ag.DataError, r"pair \(state, y\).*a Tensor", lambda s, x: s)
    wrong(ag.DataError, r"left out state\['b'\]", lambda s, x: ({"a": s["a"]}, None),
          {"a": 1.0, "b": 2.0})  # fmt: skip
    wrong(ag.DataError, r"added state\[1\]", lambda s, x: ((*s, s[0]), None), (1.0,))
    wrong(ag.ShapeError, r"\[1\], which was float64 of shape \(3,\) and became .* \(3, 3\)",
          lambda s, x: ((s[0], np.ones((3, 3)) * s[1]), None), (1.0, np.ones(3)))  # fmt: skip
    wrong(ag.DataError, r"of state, which was float32 of .* and became float64 of",
          lambda s, x: (s.astype(np.float64), None), np.ones(3, np.float32))  # fmt: skip
    wrong(ag.ShapeError, r"was a number and became float64 of shape \(2,\)",
          lambda s, x: (s * np.ones(2), None))  # fmt: skip
    wrong(ag.DataError, r"numbers", keep, "no number")


def test_an_error_of_the_users_own_comes_through():
    def step(s, x):
        raise KeyError("mine")

    wrong(KeyError, "mine", step)


# ---- memory, calls, threads


def test_a_checkpoint_keeps_less():
    xs = normal(200, 50)

    def held(checkpoint):
        w = Tensor(normal(50, 50) * 0.1)

        def step(h, x):
            h = w @ h + x
            for _ in range(8):
                h = np.tanh(h * 1.1)
            return h, None

        tracemalloc.start()
        out = ag.scan(step, np.zeros(50), xs, checkpoint=checkpoint)[0].sum()
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        out.backward()
        return kept, w.grad

    RNG_STATE = RNG.bit_generator.state
    much, gradient = held(False)
    RNG.bit_generator.state = RNG_STATE
    little, again = held(True)
    assert little < 0.5 * much
    close([gradient], [again])


def test_a_scan_leaves_nothing_for_the_collector():
    w = Tensor(normal(3))

    def once():
        ag.scan(lambda s, x: (s * w + x, s), np.zeros(3), np.ones((4, 3)))[0].sum().backward()

    once()
    gc.collect()
    gc.disable()
    try:
        out = ag.scan(lambda s, x: (s * w + x, s), np.zeros(3), np.ones((4, 3)))[0]
        import weakref

        node = weakref.ref(out)
        del out
        assert node() is None
    finally:
        gc.enable()


def test_the_step_is_called_a_few_times_however_many_steps_there_are():
    calls = []

    def step(s, x):
        calls.append(1)
        return s * x, None

    ag.grad(lambda s: ag.scan(step, s, np.full(1000, 0.99))[0])(np.array(1.0))
    assert len(calls) <= 4


def test_no_mode_is_left_behind():
    before = modes.current()
    ag.scan(lambda s, x: (s * x, None), Tensor(1.0), np.ones(3))
    with pytest.raises(KeyError):
        ag.scan(lambda s, x: {}["nothing"], 1.0, np.ones(3))
    assert modes.current() is before
    assert modes.open_blocks == 0


def test_warnings_are_those_of_the_loop():
    with pytest.warns(RuntimeWarning, match="divide by zero") as caught:
        ag.scan(lambda s, x: (1.0 / x, None), np.array(1.0), np.array([1.0, 0.0, 2.0]))
    assert len(caught) == 1


# ---- at random


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_random_steps(seed, checkpoint, compiled):
    rng = np.random.default_rng(seed)
    size, steps = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    unary = [np.tanh, np.sin, np.exp, lambda v: v * v, lambda v: np.maximum(v, 0.1),
             lambda v: v[::-1], lambda v: v - np.mean(v), lambda v: np.sort(v)]  # fmt: skip
    binary = [np.add, np.multiply, np.subtract, np.maximum, lambda a, b: a * np.sum(b)]
    picks = [
        (rng.integers(2), rng.integers(8), rng.integers(5), rng.integers(10)) for _ in range(6)
    ]

    def step(state, x, w):
        values = [state["a"], state["b"], x, w]
        for kind, u, b, at in picks:
            one, other = values[at % len(values)], values[-1 - at % 2]
            new = unary[u](one) if kind else binary[b](one, other)
            values.append(np.tanh(new))
        return {"b": values[-1] * w, "a": values[-2]}, (values[-3], np.sum(values[-1]))

    def by(loop):
        def f(a, b, xs, w):
            return total(loop(lambda s, x: step(s, x, w), {"a": a, "b": b}, xs))

        return f

    operands = [rng.normal(size=shape) for shape in ((size,), (size,), (steps, size), (size,))]
    ours = ag.value_and_grad(by(scanning(checkpoint)), (0, 1, 2, 3))
    theirs = ag.value_and_grad(by(written_out), (0, 1, 2, 3))(*operands)
    got = (ag.compile(ours) if compiled else ours)(*operands)
    same(got[0], theirs[0])
    close(got, theirs)
