"""What every plot keeps to: its data, the caller's Axes, the look, and nobody else's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import interactive, is_interactive, rc_context, rcParams
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from test_dark import luminance

import autograd as ag
import nn
import viz
from nn.training import Rates
from viz.faces import korean
from viz.labels import width
from viz.plots.canvas import house
from viz.plots.history import phases_of
from viz.plots.labelling import End, label_ends, spaced
from viz.themes import THEMES

HISTORY = {
    "loss": [2.0, 1.0, 0.5, 0.3, 0.2, 0.1],
    "val_loss": [2.1, 1.2, 0.8, 0.75, 0.9, 1.1],
    "accuracy": [0.2, 0.5, 0.7, 0.8, 0.9, 0.95],
    "val_accuracy": [0.2, 0.4, 0.6, 0.65, 0.62, 0.6],
    "epoch_seconds": [1.0] * 6,
}

RATES = Rates(
    np.geomspace(1e-3, 10.0, 41),
    np.r_[np.full(20, 2.0), np.linspace(2.0, 0.5, 16), 3, 9, 20, 50, 90],
)

PLOTS = {
    "history": lambda **o: viz.plot_history(HISTORY, **o),
    "boundary": lambda **o: viz.plot_decision_boundary(
        lambda x: x[:, 0] - x[:, 1], np.eye(2), [1, 0], resolution=20, **o
    ),
    "confusion": lambda **o: viz.plot_confusion([0, 1, 1], [0, 1, 0], **o),
    "weights": lambda **o: viz.plot_weights(np.arange(48.0).reshape(16, 3), **o),
    "function": lambda **o: viz.plot_function("sigmoid", **o),
    "surface": lambda **o: viz.plot_loss_surface(
        lambda x, y: x * x + y * y, {"path": [[1, 1], [0, 0]]}, **o
    ),
    "activations": lambda **o: viz.plot_activations({"relu": [[0.0, 1.0], [0.0, 2.0]]}, **o),
    "rates": lambda **o: viz.plot_rates(RATES, **o),
    "kernels": lambda **o: viz.plot_kernels(np.arange(54.0).reshape(3, 2, 3, 3), **o),
    "maps": lambda **o: viz.plot_feature_maps({"a": np.eye(3)[None], "b": np.ones((2, 2, 2))}, **o),
    "attention": lambda **o: viz.plot_attention([[1.0, 0.0], [0.3, 0.7]], queries="ab", **o),
    "time": lambda **o: viz.plot_gradient_through_time({"a": [1.0, 2.0], "b": [0.1, 0.2]}, **o),
    "field": lambda **o: viz.plot_receptive_field(nn.ReLU(), np.ones((3, 3)), **o),
    "flow": lambda **o: viz.plot_gradient_flow({"a": [1.0, 2.0], "b": [0.1, 0.2]}, **o),
}

every_plot = pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)


def words(ax):
    """The texts that stand in the Axes themselves."""
    return [text.get_text() for text in ax.texts]


@every_plot
def test_a_plot_draws_on_the_axes_it_is_given_and_returns_them(plot):
    figure = Figure()
    ax = figure.add_subplot()
    assert plot(ax=ax, title="mine") is ax
    assert ax.get_title(loc="left") == "mine"
    assert ax.has_data()


@pytest.mark.slow
@every_plot
@pytest.mark.parametrize("theme", THEMES)
def test_a_plot_has_its_themes_ground(plot, theme):
    ax = plot(theme=theme)
    ax.figure.draw_without_rendering()
    assert to_hex(ax.figure.get_facecolor()) == THEMES[theme].ground


@every_plot
def test_axes_that_a_plot_is_given_have_labels_like_its_own(plot):
    own, given = plot().xaxis.label, plot(ax=Figure().add_subplot()).xaxis.label
    assert given.get_fontfamily() == own.get_fontfamily()
    assert (given.get_fontsize(), given.get_color()) == (own.get_fontsize(), own.get_color())


@every_plot
def test_a_plot_leaves_matplotlibs_settings_alone(plot):
    before = rcParams.copy()
    plot()
    assert rcParams == before


@every_plot
def test_a_plot_is_set_in_the_fonts_that_a_course_has_asked_for(plot):
    with rc_context({"font.family": "DejaVu Serif"}):
        ax = plot(title="mine")
    texts = [ax._left_title, ax.xaxis.label, *ax.texts, *ax.get_xticklabels()]
    assert {text.get_fontfamily()[0] for text in texts} == {"DejaVu Serif"}
    with rc_context({"font.sans-serif": ["DejaVu Sans Mono", "DejaVu Sans"]}):
        assert plot().xaxis.label.get_fontfamily()[0] == "DejaVu Sans Mono"


@every_plot
def test_a_plot_refuses_what_is_no_axes_and_no_theme(plot):
    with pytest.raises(viz.VizError, match="ax is a Matplotlib Axes"):
        plot(ax=Figure())
    with pytest.raises(viz.VizError, match="theme is one of"):
        plot(theme="sepia")


@every_plot
def test_without_matplotlib_the_error_says_what_to_install(plot, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "gategrad\[plot\]"') as caught:
        plot()
    assert isinstance(caught.value, ag.AutogradError)


@pytest.mark.slow
@every_plot
def test_the_same_plot_has_the_same_bytes(plot, tmp_path):
    for name in ("a.png", "b.png"):
        plot().figure.savefig(tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_plots_need_no_display_and_no_pyplot(tmp_path):
    program = (
        "import sys, viz\n"
        "ax = viz.plot_history({'loss': [2.0, 1.0]})\n"
        "ax.figure.savefig(sys.argv[1])\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    path = tmp_path / "history.png"
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "MPLBACKEND")}
    subprocess.run([sys.executable, "-c", program, path], check=True, env=bare)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_where_pyplot_is_in_use_it_knows_the_figure():
    program = (
        "import matplotlib.pyplot as plt, viz\n"
        "ax = viz.plot_history({'loss': [2.0, 1.0]})\n"
        "assert plt.gcf() is ax.figure\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_notebooks_backend_that_loads_with_a_plot_still_shows_the_later_ones():
    before = is_interactive()
    try:
        with house("plot"):
            interactive(True)  # as matplotlib_inline does when it is loaded
        assert is_interactive()
        with house("plot"):
            interactive(False)
        assert not is_interactive()
    finally:
        interactive(before)


def test_importing_viz_loads_no_matplotlib():
    program = "import sys, viz; viz.draw; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_names_are_never_read_as_formulas():
    """A formula in them would be wrong, and raise when it is drawn."""
    wrong = r"$\bad{$"
    ax = viz.plot_confusion([0, 1], [0, 1], names=[wrong, "$y$"], title=wrong)
    ax.figure.draw_without_rendering()
    viz.plot_gradient_flow({wrong: [1.0], "b": [1.0]}).figure.draw_without_rendering()
    viz.plot_activations({wrong: [[1.0]]}).figure.draw_without_rendering()


# ---- labels at the ends of lines


@given(st.lists(st.floats(0, 200), min_size=1, max_size=12))
def test_labels_are_spread_apart_in_their_order(heights):
    places = spaced(heights, 12, 200)
    pairs = sorted(zip(heights, places, strict=True))
    gaps = np.diff([place for _, place in pairs])
    assert np.all(gaps >= 12 - 1e-9)
    if len(heights) * 12 <= 200:
        assert min(places) >= -1e-9
        assert max(places) <= 200 + 1e-9


def test_no_two_labels_of_ends_overlap_and_none_leaves_the_axes():
    ax = Figure(figsize=(5, 3)).add_subplot()
    ax.plot([0, 1], [0, 1])
    label_ends(ax, [End(1, y, f"line {i}", "black") for i, y in enumerate((0.5, 0.5, 0.51, 0.52))])
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
        assert box.x1 <= ax.get_window_extent().x1 + 1


# ---- plot_rates


def test_the_rate_of_the_steepest_fall_is_marked():
    ax = viz.plot_rates(RATES)
    losses, means, mark = ax.lines
    np.testing.assert_array_equal(losses.get_ydata(), RATES.losses)
    np.testing.assert_array_equal(means.get_ydata(), RATES.means)
    best = mark.get_xdata()[0]
    assert best == RATES.suggestion
    assert RATES.rates[20] < best < RATES.rates[35]
    assert ax.get_xscale() == "log"
    assert f"steepest at {best:.2g}" in words(ax)
    low, high = ax.get_ylim()
    assert low < RATES.means.min() < 2.0 < high < 9  # where the search ended is out of the picture


def test_what_is_no_search_is_refused():
    with pytest.raises(viz.UnsupportedTargetError, match="find_rate"):
        viz.plot_rates(HISTORY)
    with pytest.raises(viz.VizError, match="2 rates"):
        viz.plot_rates(Rates(np.array([0.1, 0.2]), np.ones(2)))


# ---- plot_history


def test_the_curves_are_the_histories_lists():
    ax = viz.plot_history(HISTORY)
    loss, accuracy = ax.figure.axes
    assert loss is ax
    for panel, name in ((loss, "loss"), (accuracy, "accuracy")):
        curves = {line.get_label(): line for line in panel.lines}
        assert curves["training"].get_ydata().tolist() == HISTORY[name]
        assert curves["validation"].get_ydata().tolist() == HISTORY[f"val_{name}"]
        assert curves["training"].get_xdata().tolist() == [1, 2, 3, 4, 5, 6]
        assert panel.get_ylabel() == name


def test_the_best_epoch_is_marked_in_every_panel():
    ax = viz.plot_history(HISTORY)
    for panel, name in zip(ax.figure.axes, ("val_loss", "val_accuracy"), strict=True):
        (dot,) = [line for line in panel.lines if line.get_label() == "best epoch"]
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (4, HISTORY[name][3])
    assert "best epoch 4: 0.75" in words(ax)


def test_the_phases_of_training_are_named():
    assert {"under-fitting", "over-fitting"} <= set(words(viz.plot_history(HISTORY)))
    falling = {"loss": [5, 4, 3, 2, 1, 0.5], "val_loss": [5.1, 4.1, 3.1, 2.1, 1.1, 0.6]}
    assert "over-fitting" not in words(viz.plot_history(falling))
    flat = {"loss": [1.0] * 6, "val_loss": [1.0] * 6}
    assert not {"under-fitting", "over-fitting"} & set(words(viz.plot_history(flat)))


losses = st.lists(st.floats(0.01, 100), min_size=5, max_size=40)


@given(losses, st.data())
def test_phases_are_where_their_definitions_say(validation, data):
    training = data.draw(st.lists(st.floats(0.01, 100), min_size=len(validation),
                                  max_size=len(validation)))  # fmt: skip
    found = phases_of({"loss": np.array(training), "val_loss": np.array(validation)})
    assert validation[found.best - 1] == min(validation)
    if found.under is not None:
        low = min(validation)
        assert all(v > low + 0.1 * (validation[0] - low) for v in validation[: found.under])
    if found.over is not None:
        assert found.over == found.best
        assert training[-1] < training[found.best - 1]


def test_without_validation_there_are_no_phases():
    ax = viz.plot_history({"loss": [3.0, 2.0, 1.0, 0.9, 0.8, 0.8]})
    assert [line.get_label() for line in ax.lines] == ["training"]
    assert words(ax) == ["0.8"]


def test_a_loss_that_is_not_finite_is_said_and_what_is_missing_is_left_out():
    ax = viz.plot_history({"loss": [1.0, np.inf, np.nan], "accuracy": [None, 0.5, 0.6]})
    assert "⚠ NaN or infinite from epoch 2" in words(ax)
    assert np.isnan(ax.figure.axes[1].lines[0].get_ydata()[0])


def test_losses_over_more_than_two_decades_have_a_logarithmic_axis():
    assert viz.plot_history({"loss": [100.0, 1.0, 0.1]}).get_yscale() == "log"
    assert viz.plot_history({"loss": [10.0, 1.0]}).get_yscale() == "linear"


def test_keys_choose_the_panels_and_their_order():
    ax = viz.plot_history(HISTORY, ["val_accuracy", "loss"])
    assert [panel.get_ylabel() for panel in ax.figure.axes] == ["accuracy", "loss"]
    assert viz.plot_history(HISTORY, "epoch_seconds").get_ylabel() == "epoch seconds"


@pytest.mark.parametrize(
    ("history", "keys", "message"),
    [
        ({}, None, "no epochs yet"),
        ({"loss": []}, None, "no epochs yet"),
        ({"loss": [1.0], "accuracy": [1.0, 2.0]}, None, "equally long"),
        (HISTORY, "recall", "this history has loss, accuracy"),
        (HISTORY, [], "name one of them"),
    ],
)
def test_a_history_that_cannot_be_plotted_says_why(history, keys, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_history(history, keys)


def test_what_is_no_history_is_refused():
    with pytest.raises(TypeError, match=r"what nn\.fit returns"):
        viz.plot_history([0.9, 0.4])


# ---- plot_function


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "exp", "relu", "softplus"])
def test_the_curves_are_the_function_and_its_derivative(name):
    ax = viz.plot_function(name, (-3, 3))
    value, slope = ax.lines[:2]
    x, y = value.get_xdata(), value.get_ydata()
    f = getattr(ag, name)
    assert np.array_equal(y, f(x).data)
    h, x = 1e-6, slope.get_xdata()
    smooth = np.abs(x) > 0.02
    difference = (f(x + h).data - f(x - h).data) / (2 * h)
    assert np.allclose(slope.get_ydata()[smooth], difference[smooth], atol=1e-6)


def test_a_jump_is_a_gap_and_a_pole_does_not_fill_the_axis():
    y = viz.plot_function("sign").lines[0].get_ydata()
    assert np.sum(np.isnan(y)) >= 1
    assert set(y[np.isfinite(y)]) <= {-1.0, 0.0, 1.0}
    ax = viz.plot_function(lambda x: 1 / x)
    assert max(map(abs, ax.get_ylim())) < 50
    assert not np.any(np.isnan(viz.plot_function(lambda x: x**3).lines[0].get_ydata()))


def test_a_gate_of_ones_own_has_its_name_and_rule():
    cube = ag.gate(lambda a: a**3, local=lambda out, a: 3 * a**2, name="cube", rule="x³ → 3x²")
    ax = viz.plot_function(cube, (-1, 1))
    assert ax.get_title(loc="left") == "cube:  x³ → 3x²"
    assert [line.get_label() for line in ax.lines[:2]] == ["cube(x)", "cube′(x)"]
    alone = viz.plot_function(cube, derivative=False)
    assert [text.get_text() for text in alone.texts] == ["cube(x)"]


def test_a_function_with_parameters_that_want_gradients_is_plotted():
    slope = ag.Tensor(2.0)
    ax = viz.plot_function(lambda x: slope * x**2, (-1, 1))
    x = ax.lines[0].get_xdata()
    assert np.allclose(ax.lines[1].get_ydata(), 4.0 * x)


@pytest.mark.parametrize(
    ("function", "xlim", "message"),
    [
        ("sigmoidd", (-1, 1), "no function 'sigmoidd'"),
        (3.0, (-1, 1), "takes a function of one Tensor"),
        (ag.sum, (-1, 1), "elementwise"),
        (lambda x: ag.reshape(x, (7, 7)), (-1, 1), "cannot be plotted"),
        ("exp", (1, 1), "xlim is two numbers"),
        ("exp", (0, np.inf), "xlim is two numbers"),
        ("exp", "ab", "xlim is an array of real numbers"),
    ],
)
def test_what_cannot_be_plotted_as_a_function_says_why(function, xlim, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_function(function, xlim)


# ---- plot_confusion


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_cells_hold_the_counts_of_pairs(pairs):
    truth, guess = zip(*pairs, strict=True)
    ax = viz.plot_confusion(truth, guess)
    classes = sorted({*truth, *guess})
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    for i, row in enumerate(classes):
        for j, column in enumerate(classes):
            count = pairs.count((row, column))
            assert shown.get((j, i), "0") == f"{count}"
    right = sum(a == b for a, b in pairs)
    assert ax.get_title(loc="left").endswith(f"{right} of {len(pairs)}")


def test_logits_names_and_a_matrix_of_counts_do():
    logits = [[3.0, 0.0], [0.0, 1.0], [2.0, 0.0]]
    ax = viz.plot_confusion([0, 1, 1], logits, names=["no", "yes"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["no", "yes"]
    again = viz.plot_confusion(np.array([[1, 0], [1, 1]]))
    assert again.get_title(loc="left") == ax.get_title(loc="left") == "Accuracy 66.7%: 2 of 3"
    assert "50%" in words(again)


def boxes_of(texts):
    """Where texts stand in a figure that has been drawn, as names and boxes."""
    return [(t.get_text(), t.get_window_extent()) for t in texts if t.get_text()]


def counted(classes, largest):
    """A matrix of counts of every size, up to `largest`."""
    sizes = np.geomspace(1, largest, classes**2).astype(int)
    return np.random.default_rng(0).permutation(sizes).reshape(classes, classes)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("by_hand", [False, True])
def test_counts_are_legible_on_every_shade(theme, by_hand):
    ax = Figure((6, 6)).add_subplot() if by_hand else None
    ax = viz.plot_confusion(counted(8, 99999), theme=theme, ax=ax)
    shades = ax.images[0].get_array()
    for text in ax.texts:
        j, i = text.get_position()
        if text.get_ha() == "center":
            shade, ink = (luminance(to_hex(c)) + 0.05 for c in (shades[i, j], text.get_color()))
            assert max(shade, ink) / min(shade, ink) >= 4.5


NAMES = ["{}", "class {}", "키와 몸무게의 관계 {}"]
CLASSES = [(1, NAMES[0]), (3, NAMES[2]), (10, NAMES[1])]


@pytest.mark.parametrize(
    ("classes", "name"),
    [*CLASSES,
     *(pytest.param(count, name, marks=pytest.mark.slow)
       for count in (1, 3, 10, 20, 45) for name in NAMES if (count, name) not in CLASSES)],
)  # fmt: skip
def test_counts_and_names_of_classes_stand_apart(classes, name):
    counts = counted(classes, 99999)
    ax = viz.plot_confusion(counts, names=[name.format(i) for i in range(classes)])
    ax.figure.draw_without_rendering()
    side = ax.transData.transform([(0, 0), (1, 1)])
    cell = abs(side[1] - side[0])
    cells = [t for t in ax.texts if t.get_ha() == "center"]
    for _, box in boxes_of(cells):
        assert box.width < cell[0] and box.height < cell[1]
    for axis in (ax.xaxis, ax.yaxis):
        names = [t for t in axis.get_ticklabels() if t.get_rotation() == 0]
        for (_, one), (_, other) in pairwise(boxes_of(names)):
            assert not one.overlaps(other)
    whole = ax.figure.bbox
    for _, box in boxes_of([*ax.texts, ax.xaxis.label, ax.yaxis.label, *ax.get_yticklabels()]):
        assert box.x0 >= whole.x0 - 1 and box.x1 <= whole.x1 + 1


@pytest.mark.parametrize(
    ("target", "prediction", "options", "message"),
    [
        ([0, 1], [0], {}, "same length; received 2 and 1"),
        ([[1, 2, 3]], None, {}, "square"),
        ([[-1, 0], [0, 1]], None, {}, "no negative"),
        ([[0, 0], [0, 0]], None, {}, "not all zero"),
        ([0, 1], [0, 1], {"names": ["a"]}, "2 classes; received 1"),
        ([], [], {}, "a class for each example"),
    ],
)
def test_counts_that_cannot_be_say_why(target, prediction, options, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_confusion(target, prediction, **options)


# ---- plot_weights


def test_each_units_weights_stand_in_its_own_image():
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((25, 7))
    image = viz.plot_weights(weights).images[0].get_array()
    found = [
        image[top : top + 5, left : left + 5]
        for top in range(0, image.shape[0], 6)
        for left in range(0, image.shape[1], 6)
    ]
    for unit, tile in zip(weights.T, found, strict=False):
        assert np.array_equal(tile.compressed().reshape(5, 5), unit.reshape(5, 5))
    shown = sum(tile.count() for tile in found)
    assert shown == weights.size


def test_many_units_are_cut_short_and_other_shapes_are_a_matrix():
    ax = viz.plot_weights(np.ones((16, 9)), most=4)
    assert ax.get_title(loc="left") == "Weights into 9 units, the first 4 of 9"
    matrix = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(viz.plot_weights(matrix).images[0].get_array(), matrix)
    image = viz.plot_weights(np.ones((6, 2)), (2, 3)).images[0]
    assert image.get_array().count() == 12
    assert image.get_clim() == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        (np.ones((16, 2)), {"shape": (4, 5)}, "other than the 16 inputs"),
        (np.ones(3), {}, "has 2 axes"),
        (np.ones((0, 2)), {}, "empty"),
        (np.ones((4, 2)), {"most": 0}, "1 or more"),
        (["a"], {}, "real numbers"),
    ],
)
def test_weights_that_cannot_be_shown_say_why(target, options, message):
    with pytest.raises(viz.VizError, match=message):
        viz.plot_weights(target, **options)


def test_labels_are_measured_in_the_font_they_are_set_in():
    """`label_ends` makes room by `viz.labels.width`: it must not be less than Matplotlib needs."""
    ax = viz.plot_function("sigmoid")
    ax.figure.draw_without_rendering()
    for text in ax.texts:
        points = text.get_window_extent().width * 72 / ax.figure.dpi
        assert points <= width(text.get_text(), text.get_size()) + 2


with_korean = pytest.mark.skipif(not korean(), reason="needs the extra ko")


@with_korean
def test_a_font_that_is_asked_for_comes_first_and_has_to_be_there():
    ax = viz.plot_history(HISTORY, font="NanumGothic", title="학습 곡선")
    assert ax.title.get_fontfamily()[0] == ax.yaxis.label.get_fontfamily()[0] == "NanumGothic"
    with pytest.raises(viz.VizError, match="font is a family that is installed"):
        viz.plot_history(HISTORY, font="no such font")


@with_korean
def test_hangul_has_a_font_of_its_own_after_the_house():
    families = viz.plot_history(HISTORY, language="ko").title.get_fontfamily()
    assert "NanumGothic" in families and families[0] != "NanumGothic"
