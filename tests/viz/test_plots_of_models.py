"""Plots that call a model, an optimiser or a function: what they show is what those compute."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor
from nn import optim

SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def words(ax):
    return [text.get_text() for text in ax.texts]


def set_to(model, **arrays):
    """The model with these arrays in place of its weights."""
    model.load_state_dict({name.replace("__", "."): value for name, value in arrays.items()})
    return model


# ---- plot_loss_surface


def bowl(x, y):
    return x**2 + 3.0 * y**2


def test_the_path_of_gradient_descent_on_a_bowl_is_its_closed_form():
    ax = viz.plot_loss_surface(bowl, {"SGD": optim.SGD(lr=0.1)}, start=(-1.0, 2.0), steps=20)
    (path,) = [line for line in ax.lines if line.get_label() == "SGD"]
    k = np.arange(21)
    expected = np.stack([-(0.8**k), 2 * 0.4**k])
    assert np.allclose(path.get_xydata().T, expected)
    assert words(ax)[0].startswith("SGD: ")


def test_a_path_that_runs_away_ends_where_it_is_no_longer_finite():
    ax = viz.plot_loss_surface(lambda x, y: x**4 + y**4, {"SGD": optim.SGD(lr=1.0)}, start=(3, 3))
    (path,) = [line for line in ax.lines if line.get_label() == "SGD"]
    points = path.get_xydata()
    assert 2 <= len(points) < 101
    assert np.all(np.isfinite(points))


def test_contours_are_those_of_the_function_also_of_one_that_takes_no_arrays():
    def branching(x, y):
        return bowl(x, y) if x > 0 else x * x + 3.0 * y * y

    for f in (bowl, branching):
        ax = viz.plot_loss_surface(f, xlim=(-1, 1), ylim=(-1, 1))
        lines = [c for c in ax.collections if not c.filled]
        (contours,) = lines
        for level, path in zip(contours.levels[1:-1], contours.get_paths()[1:-1], strict=True):
            x, y = path.vertices.T
            assert np.allclose(bowl(x, y), level, rtol=0.05, atol=0.01)


@pytest.mark.parametrize(
    ("f", "options", "message"),
    [
        ("f", {}, "function of two variables"),
        (lambda x: x, {}, "cannot be computed at two numbers"),
        (bowl, {"paths": {"a": [[1, 2, 3]]}}, r"points of shape \(steps, 2\)"),
        (bowl, {"start": (1, 2, 3)}, "start is a point"),
        (bowl, {"steps": 0}, "steps is 1 or more"),
        (bowl, {"xlim": (1, 0)}, "xlim is two numbers"),
    ],
)
def test_a_surface_that_cannot_be_drawn_says_why(f, options, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_loss_surface(f, **options)


# ---- plot_activations


def test_a_unit_that_never_fires_is_counted_as_dead():
    model = set_to(
        nn.MLP(2, [3], 1, dtype=np.float64),
        layers__0__weight=np.eye(2, 3),
        layers__0__bias=np.array([-9.0, 0.0, 1.0]),
        layers__1__weight=np.ones((3, 1)),
        layers__1__bias=np.zeros(1),
    )
    ax = viz.plot_activations(model, SQUARE)
    outputs = np.maximum(SQUARE @ np.eye(2, 3) + [-9, 0, 1], 0)
    zero = 100 * np.mean(outputs == 0)
    assert words(ax)[0] == f"zero {zero:.0f}% · 1 of 3 units dead"
    (bars,) = [p for p in ax.patches if p.get_label() == "relu"]
    heights, edges, _ = bars.get_data()
    counts, _ = np.histogram(outputs[outputs > 0], edges)
    assert np.allclose(heights, 0.82 * counts / counts.max())


def test_the_saturated_share_is_that_of_the_slopes():
    """tanh′ ≤ 1/20 from |x| = arcosh √20 on."""
    model = set_to(nn.Sequential(nn.Linear(1, 1, dtype=np.float64), nn.Tanh()),
                   layers__0__weight=np.ones((1, 1)), layers__0__bias=np.zeros(1))  # fmt: skip
    X = np.linspace(-4, 4, 201)[:, None]
    share = np.mean(np.abs(X) >= math.acosh(math.sqrt(20.0)))
    assert f"{100 * share:.1f}% saturated" in words(viz.plot_activations(model, X))[0]


def test_a_model_of_scalars_has_the_activations_of_its_tensor_form():
    tensor = nn.MLP(2, [3, 2], 1, activation="sigmoid", rng=0, dtype=np.float64)
    scalar = nn.MLP(2, [3, 2], 1, activation="sigmoid", scalar=True)
    scalar.load_state_dict(tensor.state_dict())
    X = np.random.default_rng(0).standard_normal((20, 2))
    assert words(viz.plot_activations(tensor, X)) == words(viz.plot_activations(scalar, X))


def test_an_activation_that_is_learnt_has_its_slopes():
    model = nn.Sequential(nn.Linear(2, 4, rng=0), nn.PReLU(initial=0.0))
    ax = viz.plot_activations(model, SQUARE)
    hidden = model.layers[0](SQUARE).data
    assert f"{np.sum(np.all(hidden <= 0, axis=0))} of 4 units dead" in words(ax)[0]


def test_an_activation_of_ones_own_is_shown_where_it_says_that_it_is_one():
    class Squashed(nn.Module):
        elementwise = True

        def forward(self, x):
            return np.tanh(x)

    X = np.linspace(-4, 4, 201)[:, None]
    shown = [words(viz.plot_activations(nn.Sequential(f), X))[0] for f in (Squashed(), nn.Tanh())]
    assert "saturated" in shown[0] and shown[0] == shown[1]


def test_modes_and_gradients_of_the_model_stay():
    model = nn.Sequential(nn.Linear(2, 4, rng=0), nn.BatchNorm(4), nn.Dropout(0.5, rng=0))
    before = model.state_dict()
    viz.plot_activations(model, SQUARE)
    assert all(module.training for module in model.modules())
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_what_is_not_finite_is_said():
    ax = viz.plot_activations({"a": [[np.nan, 1.0], [np.inf, 2.0]]})
    assert "⚠ 2 not finite" in words(ax)[0]


@pytest.mark.parametrize(
    ("model", "X", "message"),
    [
        (nn.MLP(2, [2], 1, rng=0), None, "takes examples X"),
        ({}, None, "no activations to show"),
        ({"a": []}, None, "no activations to show"),
        (3, SQUARE, "nn.Module with examples"),
    ],
)
def test_activations_that_cannot_be_shown_say_why(model, X, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_activations(model, X)


# ---- GradientFlow and plot_gradient_flow


def test_norms_are_those_of_each_layers_gradients():
    model, flow = nn.MLP(2, [3], 1, rng=0, dtype=np.float64), viz.GradientFlow()
    for _ in range(2):
        model.zero_grad()
        model(SQUARE).sum().backward()
        flow.record(model)
    for i, layer in enumerate(model.layers):
        together = np.concatenate([layer.weight.grad.ravel(), layer.bias.grad])
        assert np.allclose(flow.norms[f"layers.{i}"], np.linalg.norm(together))
    ax = viz.plot_gradient_flow(flow)
    drawn = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert drawn == flow.norms
    assert flow.steps == [1, 2]


def test_as_a_callback_it_records_every_so_many_steps():
    model, flow = nn.MLP(2, [3], 2, rng=0), viz.GradientFlow(every=2)
    nn.fit(model, SQUARE, np.array([0, 1, 1, 0]), loss="cross_entropy", epochs=5, batch_size=2,
           optimizer=optim.SGD(lr=0.1), rng=0, callbacks=[flow], compiled=False,
           progress=False)  # fmt: skip
    assert flow.steps == [2, 4, 6, 8, 10]
    assert {len(values) for values in flow.norms.values()} == {5}
    last = np.concatenate([p.grad.ravel() for p in model.layers[1].parameters()])
    assert np.isclose(flow.norms["layers.1"][-1], np.linalg.norm(last))
    copy = viz.GradientFlow()
    copy.load_state_dict(flow.state_dict())
    assert (copy.norms, copy.steps) == (flow.norms, flow.steps)


def test_scalar_and_tensor_models_have_the_same_norms():
    tensor = nn.MLP(2, [3], 1, rng=0, dtype=np.float64)
    scalar = nn.MLP(2, [3], 1, scalar=True)
    scalar.load_state_dict(tensor.state_dict())
    tensor(SQUARE[3:]).sum().backward()
    scalar(SQUARE[3].tolist()).backward()
    flows = []
    for model in (tensor, scalar):
        flows.append(viz.GradientFlow())
        flows[-1].record(model)
    for name, norms in flows[0].norms.items():
        assert np.allclose(flows[1].norms[name], norms)


def test_many_steps_are_smoothed_by_a_geometric_mean_over_the_norms():
    norms = np.exp(np.random.default_rng(0).standard_normal(200))
    raw, smooth = viz.plot_gradient_flow({"a": norms}).lines
    assert np.array_equal(raw.get_ydata(), norms)
    half = 200 // 40
    middle = np.exp(np.mean(np.log(norms[100 - half : 100 + half + 1])))
    assert np.isclose(smooth.get_ydata()[100], middle)


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        ({}, "no gradients were recorded"),
        ({"a": [], "b": []}, "no gradients were recorded"),
        ({"a": [1.0], "b": [1.0, 2.0]}, "as many norms"),
        ([1.0], "takes a viz.GradientFlow"),
        (nn.MLP(2, [2], 1, rng=0), "no gradients were recorded"),
    ],
)
def test_a_flow_that_cannot_be_plotted_says_why(flow, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_gradient_flow(flow)


def test_a_recorder_keeps_to_one_model():
    flow = viz.GradientFlow()
    flow.record(nn.MLP(2, [3], 1, rng=0))
    with pytest.raises(viz.VizError, match="another model"):
        flow.record(nn.MLP(2, [3, 3], 1, rng=0))
    with pytest.raises(TypeError, match=r"takes an nn\.Module"):
        flow.record(Tensor(1.0))
    with pytest.raises(viz.VizError, match="1 or more"):
        viz.GradientFlow(every=0)


def test_the_first_layer_of_a_model_is_the_one_whose_weights_are_shown():
    model = nn.MLP(16, [5], 2, rng=0)
    ax = viz.plot_weights(model)
    tile = ax.images[0].get_array()[:4, :4]
    assert np.allclose(tile, model.layers[0].weight.data[:, 0].reshape(4, 4))


def test_an_activation_module_is_plotted_under_its_label_with_its_gates_rule():
    ax = viz.plot_function(nn.Tanh(), (-1, 1))
    assert ax.get_title(loc="left").startswith("tanh:  tanh x →")
    x, slope = ax.lines[1].get_xydata().T
    assert np.allclose(slope, 1 - np.tanh(x) ** 2)


def test_the_units_of_maps_are_their_channels_and_of_a_recurrence_its_features():
    X = np.random.default_rng(0).normal(size=(6, 1, 8, 8))
    model = nn.Sequential(nn.Conv2d(1, 5, 3, rng=0), nn.ReLU())
    model.layers[0].bias.data = np.array([0, -99, 0, -99, 0], np.float32)
    assert words(viz.plot_activations(model, X))[0].endswith("2 of 5 units dead")
    line = nn.Sequential(nn.Conv1d(2, 4, 3, rng=0), nn.ReLU())
    assert " of 4 units dead" in words(viz.plot_activations(line, np.ones((2, 2, 9))))[0]
    outputs = nn.RNN(3, 4, rng=0)
    ax = viz.plot_activations(outputs, np.ones((2, 5, 3)))
    assert ax.get_yticklabels()[0].get_text().endswith("\n4")


def test_weights_of_a_first_layer_that_is_no_linear_one():
    layer = nn.GRU(3, 4, rng=0)
    (image,) = viz.plot_weights(layer).images
    assert np.allclose(image.get_array(), layer.weight_ih_l0.data.T)
    with pytest.raises(viz.VizError, match="plot_kernels shows them"):
        viz.plot_weights(nn.LeNet5(rng=0))
