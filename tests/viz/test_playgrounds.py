"""viz.playground: what it takes, what it refuses, and what is in its page."""

from __future__ import annotations

import re

import numpy as np
import pytest

import nn
import viz
from viz import expression
from viz.playing import gate_table
from viz.stepping.javascript import Gates

X, y = nn.data.moons(200, rng=0)


def small(outputs=1, **options):
    return nn.MLP(2, [4, 4], outputs, activation="tanh", rng=0, **options)


def test_the_page_of_a_small_network_is_below_120_kilobytes_and_runs_no_text(tmp_path):
    path = viz.playground(small(), X, y).save(tmp_path / "page.html")
    html = path.read_text("utf-8")
    assert len(html.encode()) <= 120_000
    assert not re.search(r"\beval\(|\bFunction\(", html)  # Which policies of content forbid.


def test_a_notebook_shows_the_page_and_elsewhere_the_network():
    bundle = viz.playground(small(), X, y)._repr_mimebundle_()
    assert "data-gategrad" in bundle["text/html"]
    assert bundle["image/svg+xml"].lstrip().startswith(("<svg", "<?xml"))
    assert "2–4–4–1" in bundle["text/plain"]


@pytest.mark.parametrize("given", [(), (small(), X, y)])
def test_a_notebook_is_told_the_language_of_the_page(given):
    shown = viz.playground(*given, language="ko")._repr_mimebundle_()["text/html"]
    assert re.findall(r'lang="(\w+)"', shown) == ["ko"]


def test_the_model_stays_as_it_was():
    model = small()
    before = {name: value.copy() for name, value in model.state_dict().items()}
    assert viz.playground(model, X, y).html
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize(
    "model, targets, loss",
    [
        (small(), y, "binary_cross_entropy"),
        (small(), 2 * y - 1, "hinge"),
        (small(), y + 0.5, "mse"),
        (small(output_activation="sigmoid"), y, "mse"),
        (small(3), np.arange(200) % 3, "cross_entropy"),
    ],
)
def test_the_loss_is_the_one_that_fits_the_targets(model, targets, loss):
    shown = {"binary_cross_entropy": "BCE", "mse": "MSE", "cross_entropy": "CE"}.get(loss, loss)
    assert f'"gate":"{shown}"' in viz.playground(model, X, targets).html


MODEL, ROWS = small(), X[:5]
REFUSED = {
    "no model": (lambda: viz.playground(np.tanh, X, y), TypeError, "nn.Module"),
    "a convolution": (
        lambda: viz.playground(nn.Sequential(nn.Conv1d(1, 1, 3, rng=0)), X, y),
        ValueError, "linear layers.*received Conv1d",
    ),
    "weights in an activation": (
        lambda: viz.playground(nn.Sequential(nn.Linear(2, 2, rng=0), nn.PReLU()), X, y),
        ValueError, "received PReLU",
    ),
    "a softmax": (
        lambda: viz.playground(small(output_activation=nn.Softmax()), X, y).html,
        ValueError, "Softmax",
    ),
    "no samples": (lambda: viz.playground(MODEL), ValueError, "playground.model, X, y"),
    "no model but samples": (lambda: viz.playground(X=X), ValueError, "go with a model"),
    "other columns": (lambda: viz.playground(MODEL, X[:, :1], y), ValueError, "2 inputs"),
    "no rows": (lambda: viz.playground(MODEL, X[:0], y[:0]), ValueError, "row a sample"),
    "a nan": (lambda: viz.playground(MODEL, X * np.nan, y), ValueError, "not finite"),
    "other targets": (lambda: viz.playground(MODEL, X, y[:3]), ValueError, "200 rows"),
    "a class too many": (
        lambda: viz.playground(small(2), X, y + 1), ValueError, "classes from 0 to 1",
    ),
    "signs that are none": (
        lambda: viz.playground(MODEL, X, y, loss="hinge"), ValueError, "-1 and 1",
    ),
    "no shares": (
        lambda: viz.playground(MODEL, X, y + 1, loss="binary_cross_entropy"),
        ValueError, "from 0 to 1",
    ),
    "classes of one output": (
        lambda: viz.playground(MODEL, X, y, loss="cross_entropy"), ValueError, "several outputs",
    ),
    "a loss of another kind": (
        lambda: viz.playground(MODEL, X, y, loss="huber"), ValueError, "losses binary_cross",
    ),
    "a loss of one's own": (
        lambda: viz.playground(MODEL, X, y, loss=lambda a, b: a), ValueError, "losses binary_cross",
    ),
    "no step": (
        lambda: viz.playground(MODEL, X, y, learning_rate=0), ValueError, "learning_rate",
    ),
    "no batch": (lambda: viz.playground(MODEL, X, y, batch_size=201), ValueError, "batch_size"),
    "one axis": (lambda: viz.playground(MODEL, X[:, 0], y), ValueError, r"X\[:, None\]"),
    "an expression": (lambda: viz.playground("x*y"), ValueError, r"write playground\(\)"),
    "no theme": (lambda: viz.playground(MODEL, X, y, theme="pink"), ValueError, "theme is one of"),
    "no seed": (lambda: viz.playground(MODEL, X, y, rng=None), ValueError, "seed"),
    "another suffix": (
        lambda: viz.playground(MODEL, X, y).save("page.svg"), ValueError, "saved as .html",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_page_cannot_do_is_refused_in_words(case):
    call, kind, words = REFUSED[case]
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, viz.VizError)


def test_options_may_be_numbers_of_numpy():
    given = {"learning_rate": np.float32(0.25), "batch_size": np.int64(8), "rng": np.array(3)}
    plain = viz.playground(MODEL, X, y, learning_rate=0.25, batch_size=8, rng=3)
    assert viz.playground(MODEL, X, y, **given).html == plain.html
    with pytest.raises(viz.VizError, match="learning_rate"):
        viz.playground(MODEL, X, y, learning_rate=np.array([0.1]))


def test_classes_go_by_their_names_too_in_the_order_that_the_model_has_learnt():
    moons = np.where(y == 0, "upper", "lower")
    page = viz.playground(MODEL, X, moons).html
    numbered = viz.playground(MODEL, X, (y == 0).astype(int)).html
    assert page.replace('"names":["lower","upper"]', '"names":null') == numbered != page
    model = nn.MLP(2, [2], 3, rng=0)
    model.classes_ = np.array(["a", "lower", "upper"])
    targets = (1 + (y == 0)).tolist()
    assert f'"targets":{targets}'.replace(" ", "") in viz.playground(model, X, moons).html
    with pytest.raises(viz.VizError, match="'b', none of the model's classes"):
        viz.playground(model, X, np.where(y == 0, "a", "b"))


def test_one_input_and_many_have_pages_too():
    line = viz.playground(nn.MLP(1, [3], 1, rng=0), X[:, :1], X[:, 1])
    many = viz.playground(nn.MLP(5, [3], 2, rng=0), np.ones((4, 5)), [0, 1, 1, 0])
    assert "1–3–1" in line.html and "5–3–2" in many.html


# ---- expressions that are typed


def test_the_page_that_is_typed_into_is_below_120_kilobytes_too(tmp_path):
    path = viz.playground(title="My <b>lecture</b>").save(tmp_path / "page.html")
    html = path.read_text("utf-8")
    assert len(html.encode()) <= 120_000
    assert "<title>My &lt;b&gt;lecture&lt;/b&gt;</title>" in html


def test_the_command_line_writes_it(tmp_path, capsys):
    from viz.__main__ import main

    path = tmp_path / "page.html"
    assert main(["--playground", "-o", str(path)]) == 0
    assert "wrote" in capsys.readouterr().out
    assert path.read_text("utf-8") == viz.playground().html


@pytest.mark.parametrize("name", ["+", "-", "*", "/", "**", "max"])
@pytest.mark.parametrize("shape", ["xc", "cx"])
def test_a_constant_of_any_look_is_told_from_the_table(name, shape):
    """Each entry with its gaps filled is that of a graph with this very constant."""
    build = gate_table.OPERATORS.get(name) or expression.FUNCTIONS[name].build
    gates = Gates()
    cases = gate_table.gate_table(gates)[name][shape]
    for value in (4.0, -5.0, 1.25, -0.3, 6.02e23, -2.5e-9, 1.0, 2.0, -1.0, 0.104, 1210.0, 1 / 3):
        if name == "**" and abs(value) > 1e6:
            continue  # One less is not told apart from it.
        placed = tuple(value if letter == "c" else "x" for letter in shape)
        found = cases.get(str(value).removesuffix(".0"))
        found = found or cases.get(gate_table.look_of(value)) or cases[""]
        expected = gate_table.entry_of(build, placed, gates)
        assert gate_table._filled(found, value) == expected, value


# ---- in another language


def test_pages_speak_the_language_that_is_asked_for():
    words = {"typed": ["식을 써 보기", "순전파", "상류 기울기"], "learnt": ["학습률", "배치"]}
    with viz.language("ko"):
        typed = viz.playground()
    learnt = viz.playground(small(), X, y, language="ko")
    for page, said in zip((typed, learnt), words.values(), strict=True):
        assert all(word in page.html for word in said)
        assert '<html lang="ko">' in page.html
    assert "Forward" not in typed.html.split("FRAMES")[1][:600]
    assert len(learnt.html.encode()) <= 120_000
