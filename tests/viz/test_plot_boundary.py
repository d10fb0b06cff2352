"""`plot_decision_boundary`: what it shows is what the model decides."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import nn
import viz
from viz.plots.palette import series
from viz.themes import LIGHT

SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def regions(ax):
    """The class whose colour each point of the grid is nearest to, from the lowest row up."""
    image = np.asarray(ax.images[0].get_array())
    colours = np.array([to_rgb(c) for c in series(LIGHT, 3)])
    tint = 1 - image  # The ground is white: what is taken away tells the hue.
    wanted = 1 - colours
    cosines = tint @ wanted.T / np.linalg.norm(wanted, axis=1)
    return np.argmax(cosines, axis=-1)


def test_regions_are_where_the_model_decides_for_each_class():
    model = lambda x: np.stack([x[:, 0], x[:, 1], 0.5 - x[:, 0] - x[:, 1]], axis=1)
    ax = viz.plot_decision_boundary(model, SQUARE, [2, 1, 0, 0], resolution=40)
    x, y = np.linspace(*ax.get_xlim(), 40), np.linspace(*ax.get_ylim(), 40)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    assert np.array_equal(regions(ax).ravel(), np.argmax(model(grid), axis=1))
    assert ax.get_title(loc="left") == "Decision boundary: 4 of 4 right"


def boundary_points(ax):
    return np.concatenate(
        [path.vertices for c in ax.collections if hasattr(c, "levels") for path in c.get_paths()]
    )


@pytest.mark.parametrize(
    ("outputs", "threshold"),
    [(lambda x: 3 * x[:, :1] - 1.5, 0.0), (lambda x: x[:, 0], 0.5)],
)
def test_the_line_of_a_single_output_is_where_it_meets_the_threshold(outputs, threshold):
    ax = viz.plot_decision_boundary(outputs, SQUARE, [0, 0, 1, 1], threshold=threshold)
    assert np.allclose(boundary_points(ax)[:, 0], 0.5)


def test_classes_of_minus_one_and_one_and_predicted_classes_do():
    ax = viz.plot_decision_boundary(lambda x: x[:, 0] - 0.5, SQUARE, [-1, -1, 1, -1])
    assert ax.get_title(loc="left").endswith("3 of 4 right")
    ax = viz.plot_decision_boundary(lambda x: (x[:, 0] > 0.5).astype(int), SQUARE, [0, 0, 1, 1])
    assert ax.get_title(loc="left").endswith("4 of 4 right")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["0", "1"]


@pytest.mark.parametrize("scalar", [False, True])
def test_a_module_is_asked_for_its_raw_outputs(scalar):
    model = nn.MLP(2, [], 1, scalar=scalar)
    weights = {"layers.0.weight": np.array([[1.0], [1.0]]), "layers.0.bias": np.array([-1.5])}
    model.load_state_dict(weights)
    ax = viz.plot_decision_boundary(model, SQUARE, [0, 0, 0, 1], resolution=20)
    assert ax.get_title(loc="left").endswith("4 of 4 right")
    assert np.allclose(boundary_points(ax).sum(axis=1), 1.5)


def test_every_example_is_a_point_and_the_wrong_ones_have_an_edge_of_ink():
    ax = viz.plot_decision_boundary(lambda x: x[:, 0] - 0.5, SQUARE, [0, 1, 1, 1])
    points = [c for c in ax.collections if not hasattr(c, "levels")]
    assert sum(len(c.get_offsets()) for c in points) == 4
    wrong = [c for c in points if np.allclose(c.get_edgecolors()[0, :3], to_rgb(LIGHT.ink))]
    assert [c.get_offsets().tolist() for c in wrong] == [[[0.0, 1.0]]]


@pytest.mark.parametrize(
    ("model", "X", "y", "message"),
    [
        (lambda x: x, np.ones((0, 3)), None, "a row an example"),
        (lambda x: x[:, 0], SQUARE, [0.2, 0.7, 1.5, 3.0], "y holds classes"),
        (lambda x: x[:, 0], SQUARE, [0, 1], "each of 4 rows of X; received 2"),
        (lambda x: x[:2], SQUARE, None, "received shape"),
        (lambda x: x[:, 0], SQUARE * np.nan, None, "NaN or infinity"),
        ("model", SQUARE, None, "nn.Module, or a function"),
    ],
)
def test_a_boundary_that_cannot_be_drawn_says_why(model, X, y, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_decision_boundary(model, X, y)


def test_of_one_feature_the_regions_are_stretches_of_a_line():
    X = np.array([[0.0], [1.0], [2.0], [4.0]])
    ax = viz.plot_decision_boundary(lambda x: x - 1.5, X, [0, 0, 1, 0], resolution=101)
    (line,) = ax.lines
    assert np.allclose(line.get_xdata(), 1.5)
    (row,) = regions(ax)
    assert np.array_equal(row, np.linspace(*ax.get_xlim(), 101) > 1.5)
    assert ax.get_title(loc="left").endswith("3 of 4 right")


def test_of_more_features_a_slice_is_drawn():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 4))
    model = lambda x: x[:, 3] + 2 * x[:, 1] - x[:, 0]
    ax = viz.plot_decision_boundary(model, X, features=(3, 1), at=[0.5, np.nan, 7.0, np.nan])
    assert np.allclose(boundary_points(ax) @ [1, 2], 0.5)
    ax = viz.plot_decision_boundary(model, X, features=(3, 1))
    assert np.allclose(boundary_points(ax) @ [1, 2], X[:, 0].mean())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$x_{4}$", "$x_{2}$")


@pytest.mark.parametrize("options", [{"features": (0, 4)}, {"features": (1, 1)}, {"at": [1.0]},
                                     {"features": "ab"}, {"features": (0, 1, 2)}])  # fmt: skip
def test_a_slice_that_cannot_be_is_refused(options):
    with pytest.raises(viz.VizError, match=r"features are one or two|at has a number for each"):
        viz.plot_decision_boundary(lambda x: x[:, 0], np.ones((3, 4)), **options)


def test_estimators_of_scikit_learn_are_asked_for_their_classes():
    svm, neighbors = pytest.importorskip("sklearn.svm"), pytest.importorskip("sklearn.neighbors")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    names = np.array(["left", "right", "top"])[np.where(X[:, 1] > 0.7, 2, X[:, 0] > 0)]
    for y in (names, (X[:, 0] > 0) * 2.0 + 1):
        for model in (svm.SVC(), neighbors.KNeighborsClassifier(), OnlyPredicts(svm.SVC())):
            ax = viz.plot_decision_boundary(model.fit(X, y), X, y, resolution=50)
            right = round(model.score(X, y) * 60)
            assert ax.get_title(loc="left").endswith(f"{right} of 60 right")
            grid = np.stack(np.meshgrid(np.linspace(*ax.get_xlim(), 50),
                                        np.linspace(*ax.get_ylim(), 50)), -1)  # fmt: skip
            told = np.searchsorted(np.unique(y), model.predict(grid.reshape(-1, 2)))
            assert np.mean(regions(ax).ravel() == told) > 0.99


class OnlyPredicts:
    """A classifier without scores."""

    def __init__(self, model):
        self.model = model

    def fit(self, X, y):
        self.model.fit(X, y)
        self.classes_ = self.model.classes_
        return self

    def predict(self, X):
        return self.model.predict(X)

    def score(self, X, y):
        return self.model.score(X, y)


def test_a_frame_names_the_axes_and_reaches_the_estimator():
    pandas, svm = pytest.importorskip("pandas"), pytest.importorskip("sklearn.svm")
    X = pandas.DataFrame({"a_1": [0.0, 1.0, 2.0, 3.0], "b": [0.0, 1.0, 0.0, 1.0], "c": 1.0})
    y = [0, 0, 1, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = viz.plot_decision_boundary(svm.SVC().fit(X, y), X, y, resolution=20)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a_1", "b")


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_a_legend_is_not_on_the_next_subplot(layout):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3), layout=layout)
    first, second = figure.subplots(1, 2)
    for ax in (first, second):
        viz.plot_decision_boundary(
            lambda x: x[:, 0], SQUARE - 0.5, [0, 0, 1, 1], ax=ax, names=["low", "high"]
        )
    figure.draw_without_rendering()
    legend, other = first.get_legend().get_window_extent(), second.get_tightbbox()
    assert not legend.overlaps(other)
