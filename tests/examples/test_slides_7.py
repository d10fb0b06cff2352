"""Slides, section 7: architectures, with the lecture's weights, counts and figures."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import autograd as ag
import nn
import nn.examples
from nn import optim

RNG = np.random.default_rng(0)
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def sigma(s):
    return 1 / (1 + np.exp(-s))


def size(model):
    return sum(p.size for p in model.parameters())


# ---- networks and their parameters


def test_a_single_neuron():
    neuron = nn.Neuron(2, dtype=float)
    neuron.load_state_dict({"weight": [2.0, -3.0], "bias": -3.0})
    assert neuron([-1.0, -2.0]).data == pytest.approx(0.73105858, abs=5e-9)


def test_three_layers_forward():
    model = nn.examples.three_layers(rng=0)
    x = RNG.normal(size=(5, 3)).astype(np.float32)
    h = x
    for i, layer in enumerate(model.layers):
        h = h @ layer.weight.data + layer.bias.data
        h = sigma(h) if i < 2 else h  # none after the last
    np.testing.assert_allclose(model(x).data, h, rtol=1e-5)


@pytest.mark.parametrize(
    ("model", "parts", "count"),
    [
        (nn.MLP(3, [4], 2), (20, 6), 26),
        (nn.examples.three_layers(), (32, 9), 41),
        (nn.examples.mnist(), (784 * 128 + 128 * 64 + 64 * 10, 128 + 64 + 10), 109_386),
    ],
)
def test_weights_and_biases_are_counted(model, parts, count):
    shapes = {name: value.size for name, value in model.state_dict().items()}
    weights = sum(n for name, n in shapes.items() if name.endswith("weight"))
    assert (weights, sum(shapes.values()) - weights) == parts
    assert size(model) == model.summary().parameters == sum(parts) == count
    assert f"{count:,}" in str(model.summary())


def test_two_linear_layers_are_one_linear_map():
    model = nn.Sequential(nn.Linear(4, 7, rng=0, dtype=float), nn.Linear(7, 3, rng=1, dtype=float))
    first, second = model.layers
    x = RNG.normal(size=(6, 4))
    w = first.weight.data @ second.weight.data
    b = first.bias.data @ second.weight.data + second.bias.data
    np.testing.assert_allclose(model(x).data, x @ w + b, rtol=1e-12, atol=1e-14)
    derivative = ag.jacobian(model)(x[0])
    np.testing.assert_allclose(derivative.data, w.T, rtol=1e-12, atol=1e-14)


# ---- the eleven-neuron classifier


def test_the_eleven_neurons_classify_the_slides_points():
    model = nn.examples.eleven_neurons()
    inside = [(1.25, 1.25), (3.75, 1.75), (4.4, 1.6), (4.5, 1.0)]
    outside = [(0, 0), (4, 1.25), (3.5, 1)]
    np.testing.assert_array_equal(model(inside).data.ravel(), 1.0)
    np.testing.assert_array_equal(model(outside).data.ravel(), -1.0)
    assert [layer.weight.shape for layer in model.layers] == [(2, 11), (11, 4), (4, 1)]


def test_they_say_or_of_and_of_lines():
    """On a grid, by the inequalities themselves."""
    x, y = (v.ravel() for v in np.meshgrid(np.linspace(-1, 7, 161), np.linspace(-1, 5, 121)))
    over = {
        1: x + y >= 2, 2: -x - y >= -3, 3: x - y >= -0.5, 4: -x + y >= -0.5,
        5: x - y >= 1.75, 6: -x + y >= -2.25, 7: x - y >= 3.25, 8: -x + y >= -3.75,
        9: -x - y >= -6.25, 10: x + y >= 5.75, 11: x + y >= 4.75,
    }  # fmt: skip
    squares = ((1, 2, 3, 4), (5, 6, 9, 11), (5, 8, 9, 10), (7, 8, 9, 11))
    wanted = np.any([np.all([over[line] for line in lines], axis=0) for lines in squares], axis=0)
    got = nn.examples.eleven_neurons()(np.stack([x, y], axis=1)).data.ravel()
    on_a_line = np.zeros(len(x), bool)
    for a, b, c in zip(*nn.examples.eleven_neurons().layers[0].weight.data,
                       nn.examples.eleven_neurons().layers[0].bias.data, strict=True):  # fmt: skip
        on_a_line |= np.abs(a * x + b * y + c) < 1e-9
    np.testing.assert_array_equal((got > 0)[~on_a_line], wanted[~on_a_line])
    assert 0.02 < wanted.mean() < 0.2


# ---- the function approximator 1-2-1


def approximation(p, **changes):
    """The network's outputs, with some of its numbers changed: ``w2_0``, ``b1_1`` or ``b2_0``."""
    model = nn.examples.approximator()
    for name, value in changes.items():
        kind, index = name.split("_")
        layer = model.layers[int(kind[1]) - 1]
        (layer.weight if kind[0] == "w" else layer.bias).data.flat[int(index)] = value
    return model(np.reshape(p, (-1, 1))).data.ravel()


def test_its_values_at_the_centres_and_between():
    values = approximation([-1.0, 0.0, 1.0])
    np.testing.assert_allclose(values, [0.5000000021, 1.0, 1.4999999979], rtol=0, atol=5e-11)
    model = nn.examples.approximator()
    first = model.layers[0]
    np.testing.assert_array_equal(-first.bias.data / first.weight.data[0], [1.0, -1.0])


def test_a_step_is_steepest_at_its_centre():
    p = np.linspace(-2, 2, 4001)
    slopes = np.diff(approximation(p)) / np.diff(p)
    steep = p[:-1][slopes > 0.999 * slopes.max()]
    assert {round(at, 1) for at in steep} == {-1.0, 1.0}
    assert slopes.max() == pytest.approx(10 / 4, rel=1e-3)  # w/4


@pytest.mark.parametrize("w2", [-1.0, 0.0, 0.5, 2.0])
def test_sweeping_w2_scales_a_step(w2):
    """The second neuron's step is the one at −1; to the left of both, nothing changes."""
    at = approximation([-2.0, 0.0, 2.0], w2_1=w2)
    np.testing.assert_allclose(at, [0.0, w2, w2 + 1.0], atol=1e-4)


@pytest.mark.parametrize("b", [0.0, 5.0, 10.0, 20.0])
def test_sweeping_b1_moves_a_step(b):
    """From 0 to 20 the second step moves from 0 to −2."""
    centre = -b / 10
    before, at, after = approximation([centre - 0.5, centre, centre + 0.5], b1_1=b)
    assert at - before == pytest.approx(0.5, abs=0.01)
    assert after - at == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("b2", [-1.0, 0.5, 3.0])
def test_sweeping_b2_lifts_everything(b2):
    p = np.linspace(-2, 2, 41)
    np.testing.assert_allclose(approximation(p, b2_0=b2), approximation(p) + b2, atol=1e-14)


# ---- XOR, and what lines can cut


def test_xor_of_perceptrons():
    model = nn.examples.xor()
    np.testing.assert_array_equal(model(CORNERS).data.ravel(), [-1, 1, 1, -1])
    hidden = model.activations[0](model.layers[0](CORNERS)).data
    np.testing.assert_array_equal(hidden, [[-1, 1], [1, 1], [1, 1], [1, -1]])  # OR, NAND


def test_one_perceptron_reaches_three_quarters():
    """Of all lines, and by Rosenblatt's rule, which never ends."""
    either = np.array([-1, 1, 1, -1])
    directions = np.linspace(0, 2 * np.pi, 73)
    best = max(
        np.mean(np.where(CORNERS @ [np.cos(a), np.sin(a)] + b >= 0, 1, -1) == either)
        for a in directions
        for b in np.linspace(-2, 2, 81)
    )
    assert best == 0.75
    perceptron = nn.Perceptron(2, rng=0, dtype=float)
    assert 0 not in perceptron.learn(CORNERS, either, epochs=200)
    assert np.mean(perceptron(CORNERS).data == either) <= 0.75


def test_hidden_neurons_make_it_separable():
    """In the plane of z1 and z2 one perceptron is enough."""
    model = nn.examples.xor()
    hidden = model.activations[0](model.layers[0](CORNERS)).data
    perceptron = nn.Perceptron(2, rng=0, dtype=float)
    assert perceptron.learn(hidden, [-1, 1, 1, -1])[-1] == 0
    np.testing.assert_array_equal(perceptron(hidden).data, [-1, 1, 1, -1])


def test_a_trained_network_learns_xor():
    model = nn.MLP(2, [4], 1, activation="tanh", rng=0)
    target = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    for _ in range(150):
        model.zero_grad()
        nn.losses.binary_cross_entropy(model(CORNERS), target).backward()
        optimizer.step()
    assert nn.metrics.accuracy(model(CORNERS), target) == 1.0


def regions(normals, offsets, reach=30.0, n=700):
    """How many pieces lines cut the plane into: the patterns of sides on a fine grid."""
    grid = np.linspace(-reach, reach, n)
    points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    sides = points @ normals.T + offsets > 0
    return len(np.unique(sides @ (1 << np.arange(len(normals)))))


@pytest.mark.parametrize(("p", "most"), [(0, 1), (1, 2), (2, 4), (3, 7), (4, 11), (5, 16)])
def test_p_lines_cut_the_plane_into_at_most_so_many_regions(p, most):
    """1 + (1 + … + p); tangents of a circle, no three through a point, reach it."""
    assert most == 1 + sum(range(1, p + 1))
    angles = np.linspace(0, np.pi, p, endpoint=False) + 0.1
    tangents = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert regions(tangents, -np.ones(p)) == most
    assert regions(RNG.normal(size=(p, 2)), RNG.normal(size=p)) <= most
    assert regions(np.tile([1.0, 0.0], (p, 1)), -np.arange(float(p))) == p + 1  # parallel ones


# ---- approximation: width, depth, capacity


def steps_for(f, n):
    """A network of n steep logistic steps that follows f on [−2, 2]: no training needed."""
    edges = np.linspace(-2, 2, n + 1)
    centres, values = (edges[:-1] + edges[1:]) / 2, f(edges)
    model = nn.MLP(1, [n], 1, activation="sigmoid", dtype=float)
    steep = 40.0 * n
    model.layers[0].load_state_dict({"weight": np.full((1, n), steep), "bias": -steep * centres})
    model.layers[1].load_state_dict({"weight": np.diff(values)[:, None], "bias": values[:1]})
    return model


def test_one_wide_layer_approximates_any_continuous_function():
    """The gap is the largest step of f between neighbours: it halves with twice the width."""
    p = np.linspace(-2, 2, 2001)[:, None]
    gaps = [np.abs(steps_for(np.sin, n)(p).data - np.sin(p)).max() for n in (10, 20, 40, 80, 160)]
    for narrow, wide in pairwise(gaps):
        assert wide == pytest.approx(narrow / 2, rel=0.1)
    assert gaps[-1] < 0.02


def pieces(model, n=4096):
    """How many straight pieces a network of ReLUs has on [0, 1]: runs of equal slopes."""
    x = np.linspace(0, 1, n + 1)[:, None]
    slopes = (np.diff(model(x).data.ravel()) * n).round(6)
    bend = np.abs(np.diff(slopes)) > 1e-6
    return 1 + int((bend & ~np.append(False, bend[:-1])).sum())  # one that lies between two points


def test_depth_bends_more_than_width():
    """k layers of two ReLUs fold [0, 1] into 2ᵏ pieces; one layer has a bend a neuron."""
    for k in (1, 2, 3, 4):
        deep = nn.MLP(1, [2] * k, 1, dtype=float)
        for i, layer in enumerate(deep.layers):
            tent = np.array([[2.0], [-4.0]])  # 2·relu(x) − 4·relu(x − ½)
            weight = np.ones((1, 1)) if i == 0 else tent
            if i < k:
                layer.load_state_dict({"weight": weight @ np.ones((1, 2)), "bias": [0.0, -0.5]})
            else:
                layer.load_state_dict({"weight": tent, "bias": [0.0]})
        assert pieces(deep) == 2**k
    for n in (2, 4, 8):
        wide = nn.MLP(1, [n], 1, rng=n, dtype=float)
        bends = (np.arange(n) + 0.5) / n + 1e-3  # between the points of the grid
        wide.layers[0].load_state_dict({"weight": np.ones((1, n)), "bias": -bends})
        assert pieces(wide) == n + 1


def fitted(model, X, y, epochs, rate=0.05, penalty=None, loss="binary_cross_entropy"):
    history = nn.fit(
        model, X, y, loss=loss, optimizer=optim.Adam(lr=rate), epochs=epochs, batch_size=len(X),
        penalty=penalty, metrics=["accuracy"], progress=False, shuffle=False, rng=0,
    )  # fmt: skip
    return history.history


def test_too_little_capacity_underfits():
    X, y = nn.data.circles(120, rng=0)
    line = fitted(nn.MLP(2, [], 1, rng=0), X, y, 100)
    curve = fitted(nn.MLP(2, [8], 1, activation="tanh", rng=0), X, y, 100)
    assert line["accuracy"][-1] < 0.7 < 0.99 < curve["accuracy"][-1]


def test_a_bad_start_stalls_training():
    """Weights far out saturate sigmoids: the loss hardly moves in the time a good start needs."""
    X, y = nn.data.moons(120, rng=0)
    starts = {"glorot_uniform": "fine", 30.0: "saturated"}
    gains = {}
    for initializer, name in starts.items():
        model = nn.MLP(2, [8, 8], 1, activation="sigmoid", initializer=initializer, rng=0)
        losses = fitted(model, X, y, 150, rate=0.03)["loss"]
        gains[name] = 1 - losses[-1] / losses[0]
    assert gains["fine"] > 0.4
    hidden = nn.MLP(2, [8, 8], 1, activation="sigmoid", initializer=30.0)
    first = ag.sigmoid(hidden.layers[0](X)).data
    assert np.mean(first * (1 - first)) < 0.02  # of 0.25 at best: next to nothing comes back


def test_rising_l2_smooths_the_decision_regions():
    """Twenty hidden units on noisy moons: the logit's slope over the plane falls with lambda."""
    X, y = nn.data.moons(100, noise=0.35, rng=0)
    grid = np.stack(np.meshgrid(np.linspace(-2, 3, 25), np.linspace(-2, 2, 21)), -1).reshape(-1, 2)
    slopes, fits = [], []
    for strength in (0.0, 0.001, 0.01, 0.1):
        model = nn.MLP(2, [20], 1, activation="tanh", rng=0, dtype=float)
        penalty = nn.penalties.L2(strength) if strength else None
        fits.append(fitted(model, X, y, 300, penalty=penalty)["accuracy"][-1])
        slope = ag.grad(lambda points, model=model: ag.sum(model(points)))(grid).data
        slopes.append(np.linalg.norm(slope, axis=1).mean())
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[-1] < 0.2 * slopes[0]
    assert fits[0] > fits[-1] > 0.75
