"""Checkpoints: the same bits and less memory, and what a function does besides computing, once."""

from __future__ import annotations

import random

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor


def test_checkpoint_gives_the_same_bits():
    rng = np.random.default_rng(0)
    w = Tensor(rng.normal(size=(3, 3)), name="w")
    f = lambda x: np.sum(np.tanh(np.tanh(x @ w) @ w))
    x = Tensor(rng.normal(size=(4, 3)), name="x")
    plain = f(x)
    plain.backward()
    expected = plain.data, x.grad, w.grad
    x.grad = w.grad = None
    again = ag.checkpoint(f)(x)
    again.backward()
    for a, b in zip((again.data, x.grad, w.grad), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_checkpoint_composes_to_second_order_and_forward_mode():
    f = lambda x: np.sum(np.tanh(x) * x)
    x = np.array([0.3, -0.7])
    np.testing.assert_allclose(
        ag.hessian(ag.checkpoint(f))(x), ag.hessian(f)(x), rtol=1e-13, atol=1e-15
    )
    v = np.array([1.0, 2.0])
    assert ag.jvp(ag.checkpoint(f), (x,), (v,))[1] == pytest.approx(ag.jvp(f, (x,), (v,))[1])


def test_checkpoint_keeps_less_memory():
    import tracemalloc

    def deep(x):
        for _ in range(20):
            x = np.tanh(x)
        return np.sum(x)

    def held(f):
        x = Tensor(np.ones(100_000))
        tracemalloc.start()
        out = f(x)
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert out.size == 1
        return kept

    assert held(ag.checkpoint(deep)) < held(deep) / 10


def test_a_checkpointed_function_must_return_one_tensor():
    with pytest.raises(ag.UnsupportedError, match=r"ag\.stack"):
        ag.checkpoint(lambda x: (x, x))(Tensor(1.0))


# ---- what a function does besides computing is done once

X = np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)


def noisy_model():
    return nn.Sequential(
        nn.Linear(4, 8, rng=0), nn.BatchNorm(8), nn.ReLU(), nn.Dropout(0.5, rng=1),
        nn.DropConnect(8, 3, p=0.3, rng=2), nn.GaussianNoise(0.3, rng=4),
    )  # fmt: skip


def trained(wrap, compiled):
    """Three steps without an update: values, gradients, states, and where the generators stand."""
    model = noisy_model()
    net = wrap(model)
    f = lambda x: np.sum(np.square(net(x)))
    if compiled:
        f = ag.compile(f)
    seen = []
    for _ in range(3):
        model.zero_grad()
        if compiled:
            seen.append(f(X))
            f.program.backward()
        else:
            loss = f(Tensor(X))
            loss.backward()
            seen.append(loss.data)
        seen += [np.copy(p.grad) for p in model.parameters()]
        seen += [np.copy(s) for s in model.state_dict().values()]
        seen += [model.layers[i].rng.random() for i in (3, 4, 5)]
    return seen


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_dropout_and_batch_normalisation_are_those_without_a_checkpoint(compiled):
    def layer_by_layer(model):
        blocks = [ag.checkpoint(layer) for layer in model.layers]

        def net(x):
            for block in blocks:
                x = block(x)
            return x

        return net

    expected = trained(lambda model: model, compiled=False)
    for wrap in (ag.checkpoint, layer_by_layer, lambda model: ag.checkpoint(ag.checkpoint(model))):
        found = trained(wrap, compiled)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_fit_trains_a_checkpointed_model_to_the_same_bits():
    class Checkpointed(nn.Module):
        def __init__(self):
            self.inner = noisy_model()

        def forward(self, x):
            return ag.checkpoint(self.inner)(x)

    class Plain(Checkpointed):
        def forward(self, x):
            return self.inner(x)

    weights = []
    for kind in (Plain, Checkpointed):
        model = kind()
        target = X[:, :3].copy()
        nn.fit(
            model, X, target, loss="mse", optimizer=nn.optim.Adam(), epochs=3, batch_size=3, rng=0
        )
        weights.append(model.state_dict())
    assert weights[0].keys() == weights[1].keys()
    for name, value in weights[0].items():
        np.testing.assert_array_equal(weights[1][name], value)


RNG = np.random.default_rng(0)


class Holder:
    """Keeps a generator in an attribute, or in a slot."""

    __slots__ = ("rng",)

    def __init__(self, rng):
        self.rng = rng

    def draw(self):
        return self.rng.normal()


def _of_global():
    return RNG.random()


CLOSED, HOLDER, PYTHONS = (
    np.random.default_rng(1),
    Holder(np.random.default_rng(2)),
    random.Random(3),
)
LEGACY = np.random.RandomState(4)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: RNG.random(),
        _of_global,
        CLOSED.normal,
        HOLDER.draw,
        lambda rngs={"a": [HOLDER]}: rngs["a"][0].rng.random(),
        lambda: np.random.random(),  # noqa: NPY002
        lambda: random.random(),
        lambda: PYTHONS.gauss(0.0, 1.0),
        lambda: LEGACY.randn(),
        lambda: ag.sample(lambda: CLOSED.normal(size=())),
        lambda: ag.sample(lambda: np.random.default_rng().normal(size=())),  # out of sight
        lambda: ag.sample(lambda: HOLDER.rng.normal(size=())) * HOLDER.rng.random(),
    ],
)
def test_the_second_time_the_same_is_drawn_and_nothing_is_used_up(draw):
    seen = []

    def f(v):
        factor = draw()
        seen.append(getattr(factor, "data", factor))
        return v * v * factor

    x = Tensor(3.0)
    first, second = ag.checkpoint(f)(x), ag.checkpoint(f)(x)
    before = draw()
    second.backward()
    first.backward()
    assert seen[2:] == [seen[1], seen[0]]
    assert seen[0] != seen[1]
    assert x.grad == pytest.approx(6.0 * (seen[0] + seen[1]), rel=1e-15)
    assert draw() != before


def test_a_generator_goes_on_from_where_it_was():
    def drawn(wrap):
        rng = np.random.default_rng(7)
        x = Tensor(2.0)
        y = wrap(lambda v: v * rng.normal())(x)
        between = rng.normal()
        y.backward()
        return y.data, x.grad, between, rng.normal()

    assert drawn(ag.checkpoint) == drawn(lambda f: f)


def test_a_generator_that_is_an_argument():
    x, rng = Tensor(2.0), np.random.default_rng(0)
    y = ag.checkpoint(lambda v, g, *, other: v * g["rng"].normal() * other.normal())(
        x, {"rng": rng}, other=np.random.default_rng(1)
    )
    y.backward()
    assert x.grad == pytest.approx(y.data / 2.0, rel=1e-15)


def updates():
    """Ways to give a state new data that are read in the same call."""

    def assigned(state, v):
        before = state * 1.0
        ag.assign(state, 0.5 * state + 1.0)
        return v * v * state + before * v

    def twice(state, v):
        ag.assign(state, state * 3.0)
        middle = state * 1.0
        state.data = state.data - 1.0
        return v * middle * v * state

    def in_place(state, v):
        state.data *= 2.0
        state.data += 1.0
        return v * v * state

    return [assigned, twice, in_place]


@pytest.mark.parametrize("kind", ["array", "scalar", "float32"])
@pytest.mark.parametrize("update", updates(), ids=lambda f: f.__name__)
def test_a_state_is_updated_once_and_read_as_it_was(update, kind):
    made = {"array": np.array, "scalar": lambda v: v[0], "float32": np.float32}[kind]

    def run(wrap, at_once):
        state = Tensor(made([2.0, 5.0]), requires_grad=False, name="state")
        x = Tensor(np.array([1.0, -3.0]))
        f = wrap(lambda v: np.sum(update(state, v)))
        values, waiting = [], []
        for _ in range(2):
            waiting.append(f(x))
            values.append(waiting[-1].data)
            if at_once:
                waiting.pop().backward()
        values.append(np.copy(state.data))
        for y in reversed(waiting):
            y.backward()
        np.testing.assert_array_equal(state.data, values[-1])
        assert type(state.data) is type(made([2.0, 5.0]))
        return *values, x.grad, ag.hessian(f)(np.array([1.0, 2.0])), np.copy(state.data)

    for at_once in (True, False):  # a graph without a checkpoint is stale after the next call
        for found, expected in zip(
            run(ag.checkpoint, at_once), run(lambda f: f, True), strict=True
        ):
            np.testing.assert_array_equal(found, expected)


def test_a_state_among_the_arguments_is_updated_too():
    x, state = Tensor(3.0), Tensor(2.0, requires_grad=False)

    def f(v, s):
        ag.assign(s, s * 10.0)
        return v * s

    y = ag.checkpoint(f)(x, state)
    y.backward()
    assert (y.data, x.grad, state.data) == (60.0, 20.0, 20.0)


def test_whole_numbers_among_the_arguments_are_constants():
    x, places = Tensor([1.0, 2.0, 3.0]), Tensor(np.array([2, 0]), requires_grad=False)
    ag.checkpoint(lambda v, i: np.sum(np.take(v * v, i.data)))(x, places).backward()
    np.testing.assert_array_equal(x.grad, [2.0, 0.0, 6.0])


def test_an_argument_that_wants_a_gradient_is_not_assigned_to():
    x = Tensor(3.0)
    with pytest.raises(ag.UnsupportedError, match="assigns to its argument"):
        ag.checkpoint(lambda v: (ag.assign(v, 1.0), v * v)[1])(x)
    assert x.data == 3.0


def test_a_parameter_that_is_normalised_on_the_way_is_so_once():
    def run(wrap):
        w, x = Tensor(np.array([3.0, 4.0]), name="w"), Tensor(np.array([1.0, 2.0]))

        def f(v):
            w.data = w.data / np.sqrt(np.sum(w.data**2)) * 2.0
            return np.sum(w * v * w)

        wrap(f)(x).backward()
        return w.data, w.grad, x.grad

    for found, expected in zip(run(ag.checkpoint), run(lambda f: f), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_every_order_and_mode_sees_one_mask():
    rng = np.random.default_rng(0)
    masks = []

    def f(v):
        mask = rng.random(3) < 0.5
        masks.append(mask)
        return np.sum(mask * v**3)

    x = np.array([1.0, 2.0, 3.0])
    hessian = ag.hessian(ag.checkpoint(f))(x)
    assert len(masks) > 1
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
    np.testing.assert_allclose(hessian, np.diag(6.0 * x * masks[0]), rtol=1e-14)
    value, tangent = ag.jvp(ag.checkpoint(f), (x,), (np.ones(3),))
    np.testing.assert_array_equal(masks[-1], masks[-2])
    assert value == np.sum(masks[-1] * x**3)
    assert tangent == pytest.approx(np.sum(3.0 * masks[-1] * x**2))


def test_a_recorded_graph_with_a_checkpoint_replays_the_mask_that_was_drawn():
    rng, state = np.random.default_rng(0), Tensor(1.0, requires_grad=False)
    w = Tensor(np.ones(8), name="w")

    def f(v):
        ag.assign(state, state + 1.0)
        return np.sum(np.square(ag.sample(lambda: rng.normal(size=8)) * v)) * state

    loss = ag.checkpoint(f)(w)
    stood = rng.bit_generator.state
    program = ag.compile(loss)
    assert program.run() == loss.data
    w.data = 2.0 * w.data
    assert program.run() == pytest.approx(4.0 * loss.data, rel=1e-14)
    assert (state.data, rng.bit_generator.state) == (2.0, stood)


def test_a_checkpoint_under_no_grad_is_the_function_itself():
    calls = []
    with ag.no_grad():
        y = ag.checkpoint(lambda v: (calls.append(1), v * 2.0)[1])(Tensor(3.0))
    assert (y.data, y.requires_grad, len(calls)) == (6.0, False, 1)


def test_looking_for_generators_runs_no_code_of_ones_own():
    class Lazy(list):
        """A data set that must not be loaded for this."""

        def __iter__(self):
            raise AssertionError("was gone through")

        __len__ = __getitem__ = __iter__

    class Proxy:
        """Fails at whatever is asked of it."""

        def __getattribute__(self, name):
            raise RuntimeError("not bound")

    class Named(dict):
        """Keeps a generator beside its items."""

        __slots__ = ("rng", "unset")

    named = Named(a=1)
    named.rng = np.random.default_rng(0)
    around = Lazy([named]), Proxy(), random.SystemRandom(), property(lambda self: None)
    x = Tensor(2.0)
    y = ag.checkpoint(lambda v, around=around: v * named.rng.normal())(x)
    y.backward()
    assert x.grad == pytest.approx(y.data / 2.0, rel=1e-15)


# ---- the net: another value the second time


def counting():
    calls = []
    return lambda v: (calls.append(1), v * float(len(calls)))[1]


def writing():
    array = np.ones(2)

    def f(v):
        array[:] += 1.0
        return np.sum(v * array)

    return f


@pytest.mark.parametrize(
    "f",
    [
        counting(),
        writing(),
        lambda v: np.sum(v * np.random.default_rng().normal()),
        lambda v: (
            np.sum(v * v) * (0.0 if np.random.default_rng().random() < 2.0 else 1.0)
            + Tensor(np.random.default_rng().random(), requires_grad=False)
        ),
    ],
)
def test_another_value_the_second_time_is_an_error_that_says_what_to_write(f):
    x = Tensor(np.array([1.0, 2.0]))
    y = ag.checkpoint(f)(x)
    y = y if y.size == 1 else np.sum(y)
    with pytest.raises(ag.GradientError, match=r"another value.*ag\.sample.*ag\.assign"):
        y.backward()
    assert x.grad is None
    with pytest.raises(ag.GradientError, match="another value"):
        ag.jvp(ag.checkpoint(f), (np.ones(2),), (np.ones(2),))


def test_the_net_compares_bits_and_takes_nan_for_nan():
    x, sign = Tensor(0.0), [1.0]
    y = ag.checkpoint(lambda v: v * sign[0])(x)
    sign[0] = -1.0  # 0 · −1 is −0, which equals 0
    with pytest.raises(ag.GradientError, match="another value"):
        y.backward()
    x = Tensor([np.nan, np.inf])
    np.sum(ag.checkpoint(lambda v: v * 2.0)(x)).backward()
    np.testing.assert_array_equal(x.grad, [2.0, 2.0])


def test_the_generators_are_put_back_when_the_second_time_fails():
    rng, calls = np.random.default_rng(0), []
    state = Tensor(1.0, requires_grad=False)

    def f(v):
        calls.append(1)
        ag.assign(state, state + rng.random())
        if len(calls) > 1:
            raise KeyError
        return v * state

    y = ag.checkpoint(f)(Tensor(2.0))
    stood = rng.bit_generator.state, state.data
    with pytest.raises(KeyError):
        y.backward()
    assert (rng.bit_generator.state, state.data) == stood


def test_a_function_that_returns_a_tensor_from_outside_or_its_argument():
    w, x = Tensor(np.ones(2), name="w"), Tensor(np.ones(2), name="x")
    tripled = 3.0 * w
    for f, of_w, of_x in (
        (lambda v: w, 2.0, 0.0),
        (lambda v: tripled, 6.0, 0.0),
        (lambda v: v, 0.0, 2.0),
    ):
        w.grad = x.grad = None
        np.sum(ag.checkpoint(f)(x) * 2.0).backward()
        np.testing.assert_array_equal(w.grad if of_w else np.zeros(2), [of_w] * 2)
        np.testing.assert_array_equal(x.grad, [of_x] * 2)


def test_data_that_are_written_in_place_after_a_gate_read_them_are_refused():
    q = Tensor([2.0, 3.0], requires_grad=False)

    def stepped(x):
        y = x * q
        q.data -= 0.5
        return (y * y).sum()

    def replaced(x):
        y = x * q
        q.data = q.data - 0.5
        return (y * y).sum()

    for f in (ag.grad(ag.checkpoint(stepped)), ag.grad(stepped), ag.grad(replaced)):
        with pytest.raises(ag.StaleGraphError, match="assigned to after"):
            f(np.ones(2))
    q.data = np.array([2.0, 3.0])
    np.testing.assert_array_equal(ag.grad(ag.checkpoint(replaced))(np.ones(2)), [8.0, 18.0])


def test_where_nothing_wants_a_gradient_it_is_the_function_itself():
    x = np.array([1.0, 2.0])

    def f(a):
        return np.sum(a**3)

    loss = ag.checkpoint(f)
    assert type(loss(x)) is np.float64
    assert loss(2.0) == 8.0
    assert loss(x) == loss(Tensor(x, requires_grad=False)).data == ag.compile(loss)(x) == 9.0
    assert loss(Tensor(x)).gate.name == "checkpoint"
    pair = ag.checkpoint(lambda a: (a, {"twice": 2.0 * a}))(x)
    np.testing.assert_array_equal(pair[1]["twice"], 2.0 * x)
    for once_more in (lambda g: g, ag.compile):
        slope = once_more(ag.checkpoint(ag.grad(f)))
        np.testing.assert_array_equal(slope(x), 3.0 * x**2)


def test_results_that_would_lose_their_gradient_are_refused():
    w, x = Tensor(2.0), np.array([1.0, 2.0])
    for f, given in ((lambda a: (a, a), Tensor(x)), (lambda a: a.data, Tensor(x)),
                     (lambda a: (a, w * a), x)):  # fmt: skip
        with pytest.raises(ag.UnsupportedError, match="must return one Tensor"):
            ag.checkpoint(f)(given)
