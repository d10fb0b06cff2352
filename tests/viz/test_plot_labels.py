"""Labels of plots stand off curves and off each other, and straight lines are straight."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import nn
import viz
from nn import optim


def valley(x, y):
    return x**2 + 10 * y**2


def optimisers(*rates):
    return {f"SGD {rate}": optim.SGD(lr=rate) for rate in rates}


def falling(epochs, way):
    t = np.linspace(0, 1, epochs)
    training, validation = 2 * np.exp(-4 * t), 2 * np.exp(-4 * t) + 0.3 + way * t**2
    return {"loss": training, "val_loss": validation, "accuracy": 1 - training / 2,
            "val_accuracy": 0.9 - training / 2.2}  # fmt: skip


def soon_over(epochs):
    """A validation that is best after a twentieth of the epochs, and ends above its beginning."""
    t = np.arange(1, epochs + 1) * 1000 / epochs
    validation = 0.3 + 0.4 * np.exp(-t / 12) + 0.001 * np.maximum(t - 47, 0)
    return {"loss": 0.7 * np.exp(-t / 200) + 0.005, "val_loss": validation}


PLOTS = {
    "at one minimum": lambda **o: viz.plot_loss_surface(
        valley, {"Adam": optim.Adam(lr=0.1), **optimisers(0.02, 0.05, 0.09)}, **o
    ),
    "apart": lambda **o: viz.plot_loss_surface(valley, optimisers(0.001, 0.002, 0.004), **o),
    "one that runs away": lambda **o: viz.plot_loss_surface(valley, optimisers(0.05, 0.11), **o),
    **{
        f"{epochs} epochs": lambda n=epochs, **o: viz.plot_history(falling(n, 0.6), **o)
        for epochs in (3, 12, 3000)
    },
    "no over-fitting": lambda **o: viz.plot_history(falling(40, 0.0), **o),
    "soon over-fitting": lambda **o: viz.plot_history(soon_over(1000), **o),
    "NaN": lambda **o: viz.plot_history({"loss": [3, 2, 1.5, 1.2] + [np.nan] * 4}, **o),
}
each_plot = pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)


@each_plot
@pytest.mark.parametrize("language", ["en", pytest.param("ko", marks=pytest.mark.slow)])
def test_no_label_stands_on_another_and_none_on_a_curve(plot, language):
    first = plot(language=language)
    first.figure.draw_without_rendering()
    for ax in first.figure.axes:
        boxes = {text.get_text(): Text.get_window_extent(text) for text in ax.texts}
        for (one, box), (other, second) in combinations(boxes.items(), 2):
            assert not box.padded(-2).overlaps(second.padded(-2)), (one, other)
        for line in ax.lines:
            points = line.get_transform().transform(line.get_xydata())
            points = points[np.all(np.isfinite(points), axis=1)]
            if len(points) > 1 and np.ptp(points, axis=0).max() > 1:
                between = np.linspace(points[:-1], points[1:], 20).reshape(-1, 2)
                for text, box in boxes.items():
                    inside = np.all((between > box.min + 3) & (between < box.max - 3), axis=1)
                    assert not inside.any(), text


def test_a_path_that_leaves_the_picture_is_named_where_it_does():
    ax = viz.plot_loss_surface(valley, {"far": [[-1, 1], [0, 0], [9, 9]]}, xlim=(-2, 2))
    (label,) = ax.texts
    assert label.get_text() == "far: 891" and tuple(label.xy) == (0, 0)


def test_a_figure_of_the_callers_is_not_laid_out():
    figure = Figure(layout="constrained")
    ax = figure.add_subplot()
    before = ax.get_position().bounds
    viz.plot_loss_surface(valley, optimisers(0.05), ax=ax)
    assert ax.get_position().bounds == before


# ---- straight lines


def boundary(model, X, y):
    """The points of the line between two classes."""
    ax = viz.plot_decision_boundary(model, X, y)
    paths = [path for made in ax.collections for path in made.get_paths()
             if made.get_facecolor().size == 0]  # fmt: skip
    patches = [patch.get_path() for patch in ax.patches]
    return np.concatenate([path.vertices for path in paths + patches if len(path.vertices) > 2])


@pytest.mark.parametrize("kind", [float, int])
@pytest.mark.parametrize(
    "made", [lambda z: z, lambda z: (z > 0).astype(int), lambda z: np.where(z > 0, 1.0, -1.0)],
    ids=["logits", "classes", "signs"],
)  # fmt: skip
def test_the_boundary_of_a_linear_model_is_straight(made, kind):
    X = np.array([[0, 0], [0, 3], [3, 0], [3, 3]], kind)
    found = boundary(lambda x: made(x[:, 0] - 0.3 * x[:, 1] - 1.2), X, [0, 0, 1, 1])
    across, up = found.T
    assert np.allclose(across - 0.3 * up, 1.2, atol=1e-4)
    assert np.ptp(up) > 3


def test_where_three_classes_meet_there_is_no_gap():
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    ax = viz.plot_decision_boundary(
        lambda x: (x[:, 0] > 0.5).astype(int) + (x[:, 0] > 0.5) * (x[:, 1] > x[:, 0]), X, [0, 1]
    )
    ends = ax.patches[0].get_path().vertices.round(6)
    _, counts = np.unique(ends, axis=0, return_counts=True)
    assert np.sum(counts == 1) == 3  # Where the three lines leave the picture.


@pytest.mark.parametrize("name", ["relu", "absolute", "sign"])
def test_a_step_of_a_slope_is_a_gap_and_not_a_slanted_line(name):
    for line in viz.plot_function(name).lines[:2]:
        x, y = line.get_xdata(), line.get_ydata()
        rise, run = np.abs(np.diff(y)), np.diff(x)
        assert np.all((rise <= 1.01 * run) | np.isnan(rise))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "exp", "softplus", "square"])
def test_a_smooth_function_has_no_gaps(name):
    for line in viz.plot_function(name).lines[:2]:
        assert np.all(np.isfinite(line.get_ydata()))


def test_the_identity_is_one_straight_line():
    value, slope = viz.plot_function(nn.Identity()).lines[:2]
    assert np.allclose(value.get_ydata(), value.get_xdata()) and np.all(slope.get_ydata() == 1)


def test_numbers_of_a_short_logarithmic_axis_are_where_they_say():
    ax = viz.plot_gradient_flow({"a": [1.05, 0.95, 1.12]})
    ax.figure.draw_without_rendering()
    labels = [*ax.get_yticklabels(minor=True), *ax.get_yticklabels()]
    told = [(t.get_text(), t.get_position()[1]) for t in labels if t.get_text()]
    assert len(told) > 3 and all(float(text) == pytest.approx(at) for text, at in told)
