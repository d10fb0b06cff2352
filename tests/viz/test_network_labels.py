"""Names in pictures of networks, and where labels stand."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_pictures import (
    SVG,
    Branches,
    Residual,
    boxes,
    circles,
    places,
    runs_through,
    segments,
    words,
)

import nn
import viz


@pytest.fixture
def model():
    return nn.MLP(2, [3], 1, activation="tanh", rng=0, dtype=np.float64)


# ---- networks without a model


def test_names_and_sizes_are_a_network():
    picture = viz.draw_network(
        inputs=["키", "몸무게"], layers=[("은닉층", 3), ("출력층", ["비만도"])], bias=True
    )
    assert picture.title == "Network, 2 → 3 → 1 units, 13 parameters"
    assert len(circles(picture)) == 2 + 1 + 3 + 1 + 1
    assert {"키", "몸무게", "은닉층", "출력층", "비만도"} <= set(words(picture))
    root = ElementTree.fromstring(picture.svg)
    assert len(list(root.iter(f"{SVG}path"))) == 3 * 3 + 4 * 1
    assert "input: 2 units (키, 몸무게)." in picture.description


def test_sizes_alone_and_titles_by_a_dict():
    plain = viz.draw_network(inputs=3, layers=[4, 4, 2], outputs=["a", "b"])
    assert {"input", "hidden 1", "hidden 2", "output", "a", "b"} <= set(words(plain))
    assert plain.title == "Network, 3 → 4 → 4 → 2 units, 36 parameters"
    titled = viz.draw_network(inputs=3, layers={"encoder": 2, "decoder": ["u", "v", "w"]})
    assert {"encoder", "decoder", "u", "v", "w"} <= set(words(titled))


def test_units_between_have_names_in_their_circles():
    picture = viz.draw_network(inputs=2, layers=[["h_1", "a long name"], 1])
    at, texts = places(picture), {}
    for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"):
        texts[text.text] = float(text.get("x")), float(text.get("y"))
    (x, y), name = at["hidden, unit 1 of 2: h_1"], texts["h"]
    assert abs(name[0] - x) < 17 and abs(name[1] - y) < 17
    (x, y), name = at["hidden, unit 2 of 2: a long name"], texts["a long name"]
    assert max(abs(name[0] - x), abs(name[1] - y)) > 17


def test_a_model_knows_the_names_that_it_was_trained_with(model):
    model.feature_names_in_ = ["height", "weight"]
    assert {"height", "weight", "y"} <= set(words(viz.draw_network(model)))
    assert "height" not in words(viz.draw_network(model, inputs=["a", "b"]))
    three = nn.MLP(2, [2], 3, rng=0)
    three.classes_ = np.array(["cat", "dog", "owl"])
    assert {"cat", "dog", "owl"} <= set(words(viz.draw_network(three)))


def test_an_estimator_is_its_model_with_its_names():
    pandas = pytest.importorskip("pandas")
    estimators = pytest.importorskip("nn.estimators")
    frame = pandas.DataFrame({"height": [1.0, 2.0, 3.0], "weight": [3.0, 2.0, 1.0]})
    network = estimators.NetworkClassifier(hidden=(3,), epochs=1, random_state=0)
    network.fit(frame, ["cat", "dog", "owl"])
    picture = viz.draw_network(network)
    assert {"height", "weight", "cat", "dog", "owl"} <= set(words(picture))
    with pytest.raises(viz.UnsupportedTargetError, match="received NetworkClassifier"):
        viz.draw_network(estimators.NetworkClassifier())


def test_a_row_of_a_frame_names_its_columns(model):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1.0], "income": [2.0]})
    for example in (frame, frame.iloc[0]):
        assert {"age", "income"} <= set(words(viz.draw_network(model, example)))


# ---- where labels stand


@st.composite
def networks(draw):
    """Models with a sample, or names and sizes, and how they are drawn."""
    options = {"direction": draw(st.sampled_from(["LR", "TB"])), "bias": draw(st.booleans())}
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=4))
    kind = draw(st.sampled_from(["names", "chain", "skip", "branches"]))
    letters = st.text("가나다wx_1", min_size=1, max_size=9)
    if kind == "names":
        inputs = draw(st.lists(letters, min_size=1, max_size=6))
        return viz.draw_network(inputs=inputs, layers=sizes, **options)
    options["values"] = draw(st.booleans())
    names = [draw(letters) for _ in range(sizes[0])]
    if kind == "chain":
        model = nn.MLP(sizes[0], sizes[1:-1], sizes[-1], rng=rng)
    else:
        model = {"skip": Residual, "branches": Branches}[kind]()
        names = names[:1] * (3 if kind == "skip" else 2)
    for parameter in model.parameters():
        parameter.data = rng.normal(size=parameter.shape) * rng.choice([0.01, 1.0, 100.0])
    return viz.draw_network(model, rng.normal(size=len(names)), inputs=names, **options)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(networks())
def test_no_label_is_on_another_or_on_a_strong_line(picture):
    found = boxes(picture)
    for i, (key, *box) in enumerate(found):
        for other, *its in found[i + 1 :]:
            apart = box[0] >= its[2] or its[0] >= box[2] or box[1] >= its[3] or its[1] >= box[3]
            assert key == other or apart, (key, other)
        for line, start, end, wide in segments(picture):
            if wide >= 1 and key not in (f"w{line}", line):
                assert not runs_through(start, end, wide, box), (key, line)


def test_the_numbers_of_a_unit_are_in_its_circle(model):
    picture = viz.draw_network(model, [1.0, -0.5], values=True)
    groups = ElementTree.fromstring(picture.svg).iter(f"{SVG}g")
    centre = {group.get("id"): group.find(f"{SVG}ellipse") for group in groups}
    for key, *box in boxes(picture):
        if key.startswith("vu"):
            x, y, r = (float(centre[key[1:]].get(name)) for name in ("cx", "cy", "rx"))
            corners = [np.hypot(a - x, b - y) for a in box[::2] for b in box[1::2]]
            assert max(corners) < r


def test_a_column_without_a_title_has_its_count():
    picture = viz.draw_network(inputs=2, layers=[("", 3), 1])
    assert [text for text in words(picture) if text in ("3", "hidden")] == ["3"]
