"""Optimisers: the lecture's rules by hand, in-place steps on arrays of every kind, groups."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

import nn
from autograd import AutogradError, StaleGraphError, Tensor
from nn import optim

ALL = [*optim.KINDS.values()]
EVERY_STATE = [
    *((kind, {}) for kind in ALL),
    (optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (optim.RMSProp, {"momentum": 0.9, "centered": True, "weight_decay": 0.1}),
    (optim.Adadelta, {"weight_decay": 0.1, "maximize": True}),
    (optim.Adam, {"amsgrad": True, "weight_decay": 0.1}),
    (optim.Lion, {"weight_decay": 0.1, "maximize": True}),
]


def slope(p):
    """The gradient of a function whose curvature changes along the way."""
    return p + 0.3 * np.sin(3.0 * p)


def path(optimizer, parameter, steps):
    """The values of `parameter` after each step down that function."""
    values = []
    for _ in range(steps):
        parameter.grad = slope(parameter.data)
        optimizer.step()
        values.append(np.array(parameter.data))
    return np.array(values)


# ---- the lecture's rules


def by_hand(rule, state, p, steps):
    values = []
    for _ in range(steps):
        p, state = rule(p, *state)
        values.append(p)
    return np.array(values)


START = np.array([1.0, -2.0, 0.3])
ZERO = np.zeros(3)


@pytest.mark.parametrize(
    ("optimizer", "rule", "state"),
    [
        (optim.SGD(lr=0.1), lambda p: (p - 0.1 * slope(p), ()), ()),
        (
            optim.SGD(lr=0.1, momentum=0.9),
            lambda p, v: (p - (v := 0.9 * v + 0.1 * slope(p)), (v,)),
            (ZERO,),
        ),
        (
            optim.Adagrad(lr=0.1, eps=0.01, eps_inside=True),
            lambda p, G: (p - 0.1 * slope(p) / np.sqrt((G := G + slope(p) ** 2) + 0.01), (G,)),
            (ZERO,),
        ),
        (
            optim.RMSProp(lr=0.1, alpha=0.9, eps=0.01, eps_inside=True),
            lambda p, G: (
                p - 0.1 * slope(p) / np.sqrt((G := 0.9 * G + 0.1 * slope(p) ** 2) + 0.01),
                (G,),
            ),
            (ZERO,),
        ),
        (
            optim.Adadelta(rho=0.9, eps=0.01),
            lambda p, G, D: (
                p
                - (
                    d := np.sqrt((D + 0.01) / ((G := 0.9 * G + 0.1 * slope(p) ** 2) + 0.01))
                    * slope(p)
                ),
                (G, 0.9 * D + 0.1 * d**2),
            ),
            (ZERO, ZERO),
        ),
    ],
    ids=["sgd", "momentum", "adagrad", "rmsprop", "adadelta"],
)
def test_the_lectures_rules(optimizer, rule, state):
    p = Tensor(START.copy())
    found = path(optimizer.bind([p]), p, 30)
    np.testing.assert_allclose(found, by_hand(rule, state, START, 30), rtol=1e-12)


def test_nesterovs_parameters_are_the_lectures_look_ahead_points():
    p = Tensor(START.copy())
    found = path(optim.SGD([p], lr=0.1, momentum=0.9, nesterov=True), p, 30)
    q, v = START, ZERO  # g at the look-ahead q - 0.9 v; then v and q as momentum
    for value in found:
        v = 0.9 * v + 0.1 * slope(q - 0.9 * v)
        q = q - v
        np.testing.assert_allclose(value, q - 0.9 * v, rtol=1e-12)


def test_where_eps_stands_makes_the_difference_of_the_two_conventions():
    for kind, share in ((optim.Adagrad, 1.0), (optim.RMSProp, 0.01)):
        outside, inside = Tensor(np.zeros(1)), Tensor(np.zeros(1))
        outside.grad = inside.grad = np.array([2.0])
        kind([outside], lr=1.0, eps=0.5).step()
        kind([inside], lr=1.0, eps=0.5, eps_inside=True).step()
        assert outside.data[0] == pytest.approx(-2.0 / (math.sqrt(share * 4.0) + 0.5))
        assert inside.data[0] == pytest.approx(-2.0 / math.sqrt(share * 4.0 + 0.5))


@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW])
@pytest.mark.parametrize("gradient", [1e-6, 1.0, 1e6])
def test_adams_steps_along_a_constant_gradient_are_lr_long(kind, gradient):
    p = Tensor(0.0)
    optimizer = kind([p], lr=0.1, eps=0.0, weight_decay=0.0)
    for step in range(1, 50):
        p.grad = gradient
        optimizer.step()
        assert p.data == pytest.approx(-0.1 * step)


def test_radam_descends_along_the_mean_for_its_first_five_steps():
    p, q = Tensor(2.0), 2.0
    optimizer, mean = optim.RAdam([p], lr=0.1), 0.0
    for step in range(1, 7):
        mean = 0.9 * mean + 0.1 * slope(q)
        q -= 0.1 * mean / (1 - 0.9**step)
        p.grad = float(slope(p.data))
        optimizer.step()
        assert bool(abs(p.data - q) < 1e-12) is (step <= 5)


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.3, "betas": (0.5, 0.8)}])
def test_lion_is_the_algorithm_of_its_paper(options):
    """Chen et al., 2023, algorithm 2, along gradients of both signs."""
    beta1, beta2 = options.get("betas", (0.9, 0.99))
    rng = np.random.default_rng(4)
    theta, m, p, turned = START, ZERO, Tensor(START.copy()), 0
    optimizer = optim.Lion([p], lr=0.01, **options)
    for g in rng.normal(size=(200, 3)) + [0.1, 0.0, -0.3]:
        p.grad = g
        optimizer.step()
        c = beta1 * m + (1.0 - beta1) * g
        theta = theta - 0.01 * (np.sign(c) + options.get("weight_decay", 0.0) * theta)
        m = beta2 * m + (1.0 - beta2) * g
        np.testing.assert_allclose(p.data, theta, rtol=1e-12)
        turned += np.sum(np.sign(c) != np.sign(g))
    assert turned > 50  # where the average decides


def test_decoupled_weight_decay_shrinks_whatever_the_gradient():
    p = Tensor(np.array([1.0, -2.0]))
    optimizer = optim.AdamW([p], lr=0.1, weight_decay=0.5)
    for _ in range(3):
        p.grad = np.zeros(2)
        optimizer.step()
    np.testing.assert_allclose(p.data, np.array([1.0, -2.0]) * 0.95**3, rtol=1e-15)


# ---- arrays of every kind


@pytest.mark.parametrize(("kind", "options"), EVERY_STATE)
def test_a_large_array_steps_as_its_rows_do_to_the_bit(kind, options):
    """150,000 float32 are three blocks, the last of them ragged."""
    start = np.random.default_rng(0).normal(size=(5, 30_000)).astype(np.float32)
    whole = Tensor(start.copy())
    rows = [Tensor(row.copy()) for row in start]
    path(kind([whole], lr=0.1, **options), whole, 3)
    for row in rows:
        path(kind([row], lr=0.1, **options), row, 3)
    assert not np.array_equal(whole.data, start)
    assert whole.data.tobytes() == b"".join(row.data.tobytes() for row in rows)


def every_second_of_a_larger_one(array):
    return np.repeat(np.repeat(array, 2, axis=0), 2, axis=1)[::2, ::2]


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("size", [6, 300])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("lay_out", [np.asfortranarray, every_second_of_a_larger_one, read_only])
def test_layouts_of_parameter_and_gradient_do_not_matter(lay_out, order, size):
    start = np.random.default_rng(0).normal(size=(size, size))
    gradients = np.random.default_rng(1).normal(size=(3, size, size))
    array = lay_out(start)
    mine, expected, another = Tensor(array), Tensor(start.copy()), Tensor(np.ones(3))
    another.grad = np.ones(3)
    for p in (mine, expected):
        # Small arrays are stepped together where there are several.
        optimizer = optim.Adam([p] if p is expected else [another, p], lr=0.1)
        for g in gradients:
            p.grad = g.copy() if p is expected else np.array(g, order=order)
            optimizer.step()
    assert mine.data.tobytes() == expected.data.tobytes()
    if lay_out is read_only:
        np.testing.assert_array_equal(array, start)
    else:
        assert mine.data is array


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 1, 3)])
@pytest.mark.parametrize("kind", ALL)
def test_dtype_shape_and_array_stay(kind, shape, dtype):
    array = np.full(shape, 0.5, dtype)
    p = Tensor(array)
    p.grad = np.ones(shape, dtype)
    kind([p], lr=0.1).step()
    assert p.data is array
    assert np.all(array < 0.5)


@pytest.mark.parametrize("size", [3, 3000])
@pytest.mark.parametrize("gradient", [0.0, 1e-4, 1e3])
@pytest.mark.parametrize(("kind", "options"), EVERY_STATE)
def test_half_precision_steps_as_single_does(kind, options, gradient, size):
    """Where the gradient's square is 0 or infinite in it, and eps is 0: rounded, once a step."""
    half, single = Tensor(np.full(size, 0.5, np.float16)), Tensor(np.full(size, 0.5, np.float32))
    mine, expected = kind([half], lr=0.01, **options), kind([single], lr=0.01, **options)
    for _ in range(3):
        half.grad = np.full(size, gradient, np.float16)
        single.grad = half.grad.astype(np.float32)
        mine.step()
        expected.step()
        np.testing.assert_array_equal(half.data, single.data.astype(np.float16))
        single.data = half.data.astype(np.float32)
    again = kind([half], lr=0.01, **options)
    again.load_state_dict(mine.state_dict())
    assert half.data.dtype == np.float16


@pytest.mark.parametrize(("kind", "options"), EVERY_STATE)
def test_arrays_step_together_as_they_do_alone_to_the_bit(kind, options):
    """Among them more small ones than are packed into one array, and several dtypes."""
    rng = np.random.default_rng(0)
    shapes = [(1500,)] * 60 + [(3, 1), (), (0,), (3000,), (2,)]
    starts = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    starts += [rng.normal(size=4), rng.normal(size=(2, 2))]
    alone, together = ([Tensor(start.copy()) for start in starts] for _ in range(2))
    optimizers = [kind([p], lr=0.1, **options) for p in alone]
    common = kind(together, lr=0.1, **options)
    for _ in range(3):
        for p, q, optimizer in zip(alone, together, optimizers, strict=True):
            p.grad, q.grad = slope(p.data), slope(q.data)
            optimizer.step()
        common.step()
        assert [p.data.tobytes() for p in together] == [p.data.tobytes() for p in alone]


@pytest.mark.parametrize(("kind", "options"), EVERY_STATE)
def test_scalar_nodes_step_as_an_array_does_to_the_bit(kind, options):
    whole = Tensor(START.copy())
    nodes = [Tensor(float(value)) for value in START]
    array_optimizer, optimizer = kind([whole], **options), kind(nodes, **options)
    for _ in range(20):
        whole.grad = slope(whole.data)
        for node, g in zip(nodes, whole.grad.tolist(), strict=True):
            node.grad = g
        array_optimizer.step()
        optimizer.step()
        assert [node.data for node in nodes] == whole.data.tolist()
        assert {type(node.data) for node in nodes} == {float}


@pytest.mark.parametrize("kind", ALL)
def test_a_step_makes_no_arrays_once_the_state_is_there(kind):
    p = Tensor(np.ones(10**6, np.float32))
    p.grad = np.ones(10**6, np.float32)
    optimizer = kind([p])
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000


def test_data_can_be_assigned_between_steps():
    p = Tensor(np.ones(2))
    optimizer = optim.SGD([p], lr=0.1)
    path(optimizer, p, 1)
    p.data = np.array([10.0, 20.0])
    p.grad = np.ones(2)
    optimizer.step()
    np.testing.assert_array_equal(p.data, [9.9, 19.9])


def test_a_graph_recorded_before_a_step_is_stale():
    for p in (Tensor(np.ones(2)), Tensor(1.0)):
        loss = np.sum(p * p)
        loss.backward()
        optim.SGD([p], lr=0.1).step()
        with pytest.raises(StaleGraphError):
            loss.backward()


def test_recorded_gradients_are_stepped_by_their_values():
    for start in (np.ones(2), 1.0):
        p = Tensor(start)
        np.sum(p * p).backward(create_graph=True)
        optim.SGD([p], lr=0.25, clip_norm=1e9, clip_value=1e9).step()
        assert np.all(p.data == 0.5)


# ---- who is stepped


@pytest.mark.parametrize("make", [float, np.array], ids=["scalar", "array"])
def test_a_parameter_without_a_gradient_keeps_value_state_and_count(make):
    """As if it had been alone with an optimiser of its own all along."""
    together = [Tensor(make(1.0)) for _ in range(3)]
    alone = [Tensor(make(1.0)) for _ in range(3)]
    common = optim.Adam(together, lr=0.1)
    own = [optim.Adam([p], lr=0.1) for p in alone]
    for step in range(12):
        common.zero_grad()
        for i, p in enumerate(together):
            if (step >> i) & 1 or i == 2:
                p.grad = make(i + 0.1 * step)
                alone[i].grad = make(i + 0.1 * step)
                own[i].step()
        common.step()
        assert [float(p.data) for p in together] == [float(p.data) for p in alone]
    counts = [entry["step"] for entry in common.state_dict()["state"]]
    assert counts == [6, 6, 12]


def test_zero_grad_forgets_all_gradients():
    parameters = [Tensor(1.0), Tensor(np.ones(2))]
    for p in parameters:
        p.grad = p.data
    optim.SGD(parameters).zero_grad()
    assert [p.grad for p in parameters] == [None, None]


def test_groups_have_their_own_settings_and_keep_the_ratio_of_their_rates():
    w, b = Tensor(1.0), Tensor(1.0)
    optimizer = optim.SGD([{"params": [w]}, {"params": b, "lr": 0.5}], lr=0.1)
    w.grad = b.grad = 1.0
    optimizer.step()
    assert (w.data, b.data) == (0.9, 0.5)
    optimizer.lr = 0.2
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 1.0]
    assert optimizer.lr == 0.2
    with pytest.raises(AutogradError, match="lr must be a number of 0 or more"):
        optimizer.lr = -1.0
    assert optimizer.lr == 0.2


def test_bound_again_to_the_same_parameters_it_goes_on():
    p = Tensor(1.0)
    optimizer = optim.SGD(lr=0.1, momentum=0.9).bind([p])
    p.grad = 1.0
    optimizer.step()
    assert optimizer.bind([p]) is optimizer
    optimizer.step()
    assert p.data == pytest.approx(1.0 - 0.1 - 0.19)
    with pytest.raises(optim.OptimizerError, match="bound to other parameters already"):
        optimizer.bind([Tensor(1.0)])


def test_betas_cannot_change_under_sums_that_are_weighted_with_them():
    p = Tensor(1.0)
    p.grad = 1.0
    optimizer = optim.Adam([p])
    optimizer.step()
    optimizer.param_groups[0]["betas"] = (0.5, 0.999)
    before = p.data
    with pytest.raises(optim.OptimizerError, match="betas cannot change once it is bound"):
        optimizer.step()
    assert p.data == before


# ---- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optim.SGD(0.1), r"write SGD\(lr=0.1\)"),
        (lambda: optim.SGD([]), "there is no parameter to step"),
        (lambda: optim.SGD(Tensor(1.0)), "expects a list of Tensors"),
        (lambda: optim.SGD(nn.Sequential(nn.Linear(1, 1))), r"expects model.parameters\(\), or"),
        (lambda: optim.SGD([1.0]), "parameter 0 must be a Tensor, and is float"),
        (lambda: optim.SGD([Tensor(1.0, name="w") * 2.0]), "parameter 0 was computed by multiply"),
        (lambda: optim.SGD([w := Tensor(1.0, name="w"), w]), "'w' is given twice"),
        (lambda: optim.SGD([{"params": [Tensor(1.0)], "mu": 1}]), "SGD has no setting 'mu'"),
        (lambda: optim.SGD([{"lr": 1.0}]), "has the keys 'lr'"),
        (lambda: optim.SGD([{"params": [Tensor(1.0)], "lr": 1.0}], lr=0.0), "ratio is unknown"),
        (lambda: optim.SGD(lr=-0.1), "SGD: lr must be a number of 0 or more, received -0.1"),
        (lambda: optim.SGD(lr=math.nan), "received nan"),
        (lambda: optim.SGD(lr="fast"), "SGD: lr must be a number, received 'fast'"),
        (lambda: optim.SGD(nesterov=True), "nesterov needs a momentum above 0 and no dampening"),
        (lambda: optim.SGD(clip_norm=0.0), "SGD: clip_norm must be above 0"),
        (lambda: optim.Adam(betas=(0.9, 1.0)), r"betas\[1\] must be a number of 0 or more and"),
        (lambda: optim.Adam(betas=0.9), r"betas must be a pair like \(0.9, 0.999\)"),
        (lambda: optim.Adam(amsgrad=1), "amsgrad must be True or False"),
        (lambda: optim.RMSProp(alpha=1.5), "alpha must be a number of 0 or more and at most 1"),
        (lambda: optim.SGD().step(), "has no parameters yet"),
        (lambda: optim.SGD().zero_grad(), "has no parameters yet"),
        (lambda: optim.SGD().state_dict(), "has no parameters yet"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(make, message):
    with pytest.raises(AutogradError, match=message) as caught:
        make()
    assert isinstance(caught.value, (ValueError, TypeError))


def test_an_optimiser_shows_the_settings_that_the_next_step_reads():
    w, v = Tensor(np.ones(2)), Tensor(np.ones(2))
    free = optim.SGD(lr=0.1)
    free.lr = 0.05
    assert repr(free).startswith("SGD(lr=0.05, ")
    bound = optim.SGD([w], lr=0.1, momentum=0.9)
    bound.param_groups[0]["momentum"] = 0.5
    bound.lr = 0.02
    assert repr(bound).startswith("SGD(lr=0.02, momentum=0.5")
    groups = optim.SGD([{"params": [w]}, {"params": [v], "lr": 0.25}], lr=0.5)
    groups.lr = 1.0
    assert repr(groups).startswith("SGD(lr=[1.0, 0.5], momentum=0.0")
