"""What a program assigns stays on JAX's device, and is as if it did not."""

from __future__ import annotations

import copy
import pickle
import signal
import threading
import time

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.program.lowering.jax_backend import Jitted
from nn import optim


@pytest.fixture
def fetched(monkeypatch):
    """The arrays that were brought back."""
    found, fetch = [], Jitted.fetch

    def noted(there):
        found.append(fetch(there))
        return found[-1]

    monkeypatch.setattr(Jitted, "fetch", staticmethod(noted))
    return found


def loss(weights, x):
    w, b = weights
    return np.mean(np.tanh(x @ w + b) ** 2)


def descent(backend, rate=0.5):
    """Two parameters, and a step of theirs: one in place, the other with momentum, by `assign`."""
    rng = np.random.default_rng(0)
    w, b, m = (
        Tensor(rng.normal(size=size), name="wbm"[len(size)]) for size in [(3, 4), (4,), (4,)]
    )
    differentiate = ag.value_and_grad(loss)

    def step(x):
        value, (dw, db) = differentiate([w.data, b.data], x)
        w.data -= rate * dw
        ag.assign(m, 0.9 * m + db)
        ag.assign(b, b - rate * m)
        return value

    return (w, b, m), ag.compile(step, backend=backend)


X = np.random.default_rng(1).normal(size=(5, 3))


def same(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.data, other.data, rtol=1e-12, atol=1e-14)


def test_steps_are_those_of_numpy_and_bring_nothing_back(fetched):
    (kept, by_jax), (known, by_numpy) = descent("jax"), descent("numpy")
    for _ in range(3):
        assert abs(by_jax(X) - by_numpy(X)) < 1e-12
    fetched.clear()
    for _ in range(10):
        assert abs(by_jax(X) - by_numpy(X)) < 1e-12
    assert not fetched
    same(kept, known)
    assert len(fetched) == 3
    assert [t.data.flags.writeable for t in kept] == [True] * 3


def test_what_looks_in_between_sees_the_step_before():
    (kept, by_jax), (known, by_numpy) = descent("jax"), descent("numpy")
    for turn in range(12):
        assert abs(by_jax(X) - by_numpy(X)) < 1e-12
        w, other = kept[0], known[0]
        looks = [
            lambda t: t.data[0, 0], lambda t: t.item(1, 2), lambda t: np.sum(t).data,
            lambda t: float((t * t)[0, 1].data), lambda t: copy.deepcopy(t).data[2, 3],
            lambda t: pickle.loads(pickle.dumps(t)).data[2, 3],
            lambda t: t.detach().data[0, 3],
            lambda t: np.asarray(t.numpy())[0, 3], lambda t: (2.0 - t).data[0, 3],
            lambda t: ag.grad(np.sum)(t)[0, 0], lambda t: float(repr(t)[9:13]),
            lambda t: next(iter(t)).data[0],
        ]  # fmt: skip
        assert w.shape == (3, 4) and w.ndim == 2 and w.size == 12 and w.dtype == float
        np.testing.assert_allclose(looks[turn](w), looks[turn](other), rtol=1e-12)
    same(kept, known)


def test_an_array_that_was_looked_at_is_the_truth_again():
    (kept, by_jax), (known, by_numpy) = descent("jax"), descent("numpy")
    for turn in range(8):
        by_jax(X), by_numpy(X)
        if turn % 2:
            for w, *_ in (kept, known):
                w.data[0] += 0.25  # behind the compiler's back
        if turn == 4:
            for _, b, _ in (kept, known):
                b.data = b.data * 2.0
    same(kept, known)


def test_who_holds_the_array_sees_each_step_in_place():
    (w, *_), step = descent("jax")
    held = w.data
    for _ in range(4):
        before = held.copy()
        step(X)
        assert w.data is held and not np.array_equal(held, before)
        held[0] += 1.0
        np.testing.assert_array_equal(w.data, held)
    part = w.data[1:]
    del held
    for _ in range(3):
        step(X)
    np.testing.assert_array_equal(part, w.data[1:])


def test_other_programs_read_it_where_it_is(fetched):
    (kept, by_jax), (known, by_numpy) = descent("jax"), descent("numpy")
    there = ag.compile(lambda x: loss([t.data for t in kept[:2]], x), backend="jax")
    here = ag.compile(lambda x: np.sum(kept[1] * kept[2]) * x[0, 0])
    expected = ag.compile(lambda x: loss(known[:2], x))
    also = ag.compile(lambda x: np.sum(known[1] * known[2]) * x[0, 0])
    there(X), here(X)
    for _ in range(3):
        by_jax(X), by_numpy(X)
    for _ in range(6):
        by_jax(X), by_numpy(X)
        fetched.clear()
        assert abs(there(X) - expected(X)) < 1e-12
        assert not fetched
        assert abs(here(X) - also(X)) < 1e-12
        assert len(fetched) == 2
    few = X[:2]  # another program, which takes the data over
    for _ in range(3):
        by_jax(few), by_numpy(few), by_jax(X), by_numpy(X)
    same(kept, known)


def test_a_graph_of_a_value_that_was_stepped_over_is_stale():
    (w, *_), step = descent("jax")
    step(X)
    y = np.sum(w * w)
    step(X)
    with pytest.raises(ag.StaleGraphError, match="assigned"):
        y.backward()


def test_a_step_that_is_refused_changes_nothing():
    w, seen = Tensor(np.arange(3.0)), Tensor(np.zeros(3))

    def step(i):
        seen.data += 1.0
        w.data -= 0.5 * w[i].data
        return np.sum(w.data)

    fast = ag.compile(step, backend="jax")
    for _ in range(3):
        fast(np.array([0, 1, 2]))
    before = w.data.copy()
    fast(np.array([0, 0, 0]))
    for _ in range(2):
        with pytest.raises(IndexError, match="index 3 is out of bounds"):
            fast(np.array([0, 3, 1]))
    np.testing.assert_array_equal(seen.data, np.full(3, 4.0))
    np.testing.assert_array_equal(w.data, before - 0.5 * before[0])


def test_tensors_that_are_given_one_value_have_memory_of_their_own():
    p, q, r = (Tensor(np.full(3, float(i))) for i in range(3))

    def turn():
        ag.assign(p, q)
        ag.assign(r, q)
        q.data += 1.0

    fast = ag.compile(turn, backend="jax")
    for i in range(5):
        fast()
        if i == 2:
            p.data[:] = -7.0
        found = [set(t.data.tolist()) for t in (p, q, r)]
        assert found == [{-7.0} if i == 2 else {i + 1.0}, {i + 2.0}, {i + 1.0}]


class StopError(Exception):
    pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
def test_an_interrupt_leaves_the_step_before_or_the_step_after():
    many = [Tensor(np.zeros(2000)) for _ in range(8)]

    def step():
        for t in many:
            t.data += 1.0

    fast = ag.compile(step, backend="jax")
    for _ in range(3):
        fast()

    def stop(*_):
        raise StopError

    rng, before = np.random.default_rng(0), signal.signal(signal.SIGALRM, stop)
    try:
        done = 0
        for _ in range(60):
            try:
                signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-4, 4e-3))
                for _ in range(1000):  # where what the handler raises is swallowed
                    fast()
            except StopError:
                found = {float(n) for t in many for n in t.data}
                assert len(found) == 1, found
                assert found.pop() >= done
                done = many[0].data[0]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert done > 3


def test_threads_look_while_it_steps():
    t = Tensor(np.zeros(1000))

    def step():
        ag.assign(t, t + 1.0)

    fast, found, wrong = ag.compile(step, backend="jax"), [], []
    stop = threading.Event()

    def look():
        while not stop.is_set():
            array = t.data
            if len({*array.tolist()}) != 1:
                wrong.append(array)
            found.append(array[0])
            time.sleep(0)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(300):
            fast()
    finally:
        stop.set()
        looking.join()
    assert not wrong
    assert found == sorted(found)
    assert t.data[0] == 300.0


# ---- training


def fitted(optimizer, backend, callbacks=(), epochs=2, model=None, n=70):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(n, 5)).astype("f"), rng.integers(3, size=n)
    if model is None:
        model = nn.Sequential(nn.Linear(5, 8, rng=0), nn.BatchNorm(8), nn.Linear(8, 3, rng=1))
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=optimizer, epochs=epochs, batch_size=32,
        backend=backend, callbacks=list(callbacks), rng=0, progress=False,
    )  # fmt: skip
    assert not history.notes
    return model, history.history["loss"]


def near(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=1e-5)


class Counts(nn.Callback):
    def __init__(self, found):
        self.found, self.counts = found, []

    def after_batch(self, run, logs):
        self.counts.append(len(self.found))


def test_training_brings_nothing_back_between_its_steps(fetched):
    counts = Counts(fetched)
    optimizer, known = (optim.SGD(lr=0.05, momentum=0.9) for _ in range(2))
    model, losses = fitted(optimizer, "jax", [counts], n=96)
    assert len(counts.counts) == 6
    assert counts.counts[3] == counts.counts[5]
    other, expected = fitted(known, "numpy", n=96)
    near(losses, expected)
    near(model.state_dict().values(), other.state_dict().values())

    # The optimiser's state goes on, by whatever takes the next steps.
    for backend in ("numpy", "jax"):
        _, losses = fitted(optimizer, backend, epochs=1, model=model)
        _, expected = fitted(known, "numpy", epochs=1, model=other)
        near(losses, expected)
        for one, two in zip(
            optimizer.state_dict()["state"], known.state_dict()["state"], strict=True
        ):
            assert one["step"] == two["step"]
            near([one["momentum_buffer"]], [two["momentum_buffer"]])


class Meddles(nn.Callback):
    """Reads, writes behind the back, assigns, and takes the optimiser's state, between batches."""

    def after_batch(self, run, logs):
        p, q, *_ = run.model.parameters()
        kind = run.steps % 4
        if kind == 0:
            p.data[0] *= 0.5
        elif kind == 1:
            q.data = q.data + 0.25
        elif kind == 2:
            state = run.optimizer.state_dict()
            state["state"][0]["momentum_buffer"] *= 0.5
            run.optimizer.load_state_dict(state)


def test_what_callbacks_do_between_batches_counts():
    by_jax, by_numpy = (
        fitted(optim.SGD(lr=0.05, momentum=0.9), backend, [Meddles()], epochs=3)
        for backend in ("jax", "numpy")
    )
    near(by_jax[1], by_numpy[1])
    near(by_jax[0].state_dict().values(), by_numpy[0].state_dict().values())


def test_what_was_given_may_be_written_over_after_a_step():
    """JAX reads arrays where they lie, while Python goes on."""
    p = Tensor(np.zeros((500, 500), np.float32))
    given = np.random.default_rng(0).normal(size=(500, 500)).astype("f")

    def step(x):
        y = x.data
        for _ in range(10):
            y = y @ x.data * np.float32(0.04)
        p.data = y + x.data

    fast = ag.compile(step, backend="jax")
    for _ in range(4):
        x = given.copy()
        fast(x)
        x[:] = 0.0
        found = p.data.copy()
        step(Tensor(given))
        np.testing.assert_allclose(found, p.data, atol=1e-4)


def test_what_was_given_may_be_written_over_after_a_call():
    """The first result is there at once; the last takes all of what was given, and some time."""
    given = np.random.default_rng(0).normal(size=(500, 500)).astype("f")

    def f(x):
        y = x
        for _ in range(10):
            y = y @ x * np.float32(0.04)
        return x[0, 0], x, y + x

    fast, expected = ag.compile(f, backend="jax"), f(given)
    for _ in range(4):
        x = given.copy()
        found = fast(x)
        x[:] = 0.0
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)
