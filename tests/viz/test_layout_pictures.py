"""Pictures that this package lays out itself: in SVG, PNG, PDF and TikZ, with the same numbers."""

from __future__ import annotations

import io
import re
import struct
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
import viz
import viz.faces
import viz.themes
from autograd import Tensor
from tests.viz import pdf_reading
from viz import examples
from viz.__main__ import main
from viz.svg import size_of

SVG = "{http://www.w3.org/2000/svg}"


def drawn(target, *args, **options):
    return viz.draw(target, *args, **options)


def words(picture):
    texts = ElementTree.fromstring(picture.svg).iter(f"{SVG}text")
    return [piece for text in texts for piece in text.itertext()]


def element(picture, name):
    return next(e for e in ElementTree.fromstring(picture.svg).iter() if e.get("id") == name)


@pytest.mark.parametrize("name", examples.EXAMPLES)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_both_layouts_write_the_same_words(name, direction):
    ours = drawn(examples.build(name), direction=direction)
    graphviz = viz.draw(examples.build(name), direction=direction, layout="dot")
    spaced = re.sub(r"\s", "", "".join(sorted("".join(words(ours)))))
    assert spaced == re.sub(r"\s", "", "".join(sorted("".join(words(graphviz)))))
    assert ours.description == graphviz.description


def test_ids_say_what_an_element_is():
    x, y = Tensor(3.0, name="x"), Tensor(2.0, name="y")
    picture = drawn((x * y) + x)
    assert element(picture, "w0_value").findtext(f"{SVG}text") == "3"
    assert element(picture, "w0_gradient").findtext(f"{SVG}text") == "3"
    assert element(picture, "g1").findtext(f"{SVG}text") == "+"
    assert element(picture, "b3").findtext(f"{SVG}text") == "1"  # What comes back from the sum.
    assert element(picture, "g0").findtext(f"{SVG}title").startswith("multiply")


def test_operands_stand_in_order_whichever_was_made_first():
    a, b = Tensor(2.0, name="a"), Tensor(3.0, name="b")
    picture = drawn(b - a)
    ends = [
        float(re.findall(r"[\d.]+", element(picture, link).find(f"{SVG}path").get("d"))[-1])
        for link in ("l0", "l1")
    ]
    assert [e.findtext(f"{SVG}text") for e in (element(picture, "w1_name"),)] == ["b"]
    assert element(picture, "w1_line").find(f"{SVG}g").get("id") == "l0"
    assert ends[0] < ends[1]


ordinary = st.integers(4, 16).map(lambda quarters: quarters / 4)


@given(ordinary, ordinary, ordinary, ordinary)
@settings(max_examples=15, deadline=None)
def test_a_change_of_values_of_ordinary_size_moves_nothing(a, b, c, d):
    def places(a, b):
        x, y = Tensor(a, name="x"), Tensor(-b, name="y")
        root = ElementTree.fromstring(drawn(ag.square(x * y) - x).svg)
        return [(e.tag, e.get("d"), e.get("cx"), e.get("cy"), e.get("x"), e.get("y"))
                for e in root.iter() if e.tag != f"{SVG}text"]  # fmt: skip

    assert places(a, b) == places(c, d)


def test_dead_wires_are_dashed():
    picture = drawn(examples.build("max-router"))
    dashed = [e.get("id") for e in ElementTree.fromstring(picture.svg).iter()
              if any(child.get("stroke-dasharray") for child in e)]  # fmt: skip
    assert dashed == ["w3_line", "l3"]


def test_names_are_escaped():
    picture = drawn(Tensor(1.0, name='<b>&"') * 2.0)
    assert '<b>&"' in words(picture)


@pytest.mark.parametrize("theme", ["light", "dark", "colorblind"])
def test_modules_and_programs_are_laid_out(theme):
    model = nn.MLP(3, [4], 2, rng=0)
    assert "linear1" in words(drawn(model, [[1.0, 2.0, 3.0]], theme=theme))
    x = Tensor([1.0, 2.0], name="x")
    program = ag.compile(ag.sum(ag.tanh(x) * x))
    assert {"forward", "backward"} <= set(words(drawn(program, theme=theme)))


def test_title_and_notes():
    picture = drawn(ag.exp(Tensor([1.0, 2.0], name="x")), title="A title")
    assert "A title" in words(picture)
    assert "pass gradient=" in " ".join(words(picture))


def test_every_file_says_how_large_it_is(tmp_path):
    """The same on paper, whatever its kind; a PNG has two pixels a point, or as many as asked."""
    picture = drawn(examples.build("fork"))
    width, height = size_of(picture.svg)
    assert pdf_reading.sizes(picture.pdf) == [(width, height)]
    files = [(picture.png, 144), (picture.save(tmp_path / "f.png", dpi=300).read_bytes(), 300)]
    for png, dpi in files:
        pixels = struct.unpack(">II", png[16:24])
        assert pixels == pytest.approx((width * dpi / 72, height * dpi / 72), abs=1)
        each = struct.unpack(">IIB", png[png.index(b"pHYs") + 4 :][:9])
        assert each == (round(dpi / 0.0254), round(dpi / 0.0254), 1)
        pytest.importorskip("PIL.Image").open(io.BytesIO(png)).verify()


@pytest.mark.parametrize("dpi", [0, -1, True, "300", float("nan")])
def test_a_resolution_that_is_none_is_refused(dpi, tmp_path):
    with pytest.raises(viz.VizError, match="dpi is how many pixels"):
        drawn(Tensor(1.0) * 2.0).save(tmp_path / "f.png", dpi=dpi)
    with pytest.raises(viz.VizError, match="pixels along a side"):
        drawn(Tensor(1.0) * 2.0).save(tmp_path / "f.png", dpi=20_000)


def test_the_texts_of_a_pdf_can_be_searched():
    picture = drawn(examples.build("sigmoid-neuron"), title="σ(w·x)")
    assert pdf_reading.words(picture.pdf) == words(picture)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_have_no_border(theme):
    picture = drawn(examples.build("chain-rule"), theme=theme)
    width, height = size_of(picture.svg)
    ground = viz.themes.theme_named(theme).ground
    root = ElementTree.fromstring(picture.svg)
    corners = {tuple(map(float, pair.split(","))) for pair in root[2].get("points").split()}
    assert corners == {(0, 0), (width, 0), (width, height), (0, height)}
    assert root[2].get("fill") == ground


def test_letters_of_other_scripts_come_from_the_machines_fonts():
    picture = drawn(Tensor(1.0, name="입력") * 2.0, title="x から")
    if not all(viz.faces.face_of(letter) is not viz.faces.own() for letter in "입か"):
        pytest.skip("no font with Hangul and kana here")
    assert pdf_reading.words(picture.pdf) == words(picture)
    assert len(picture.pdf) < 40_000  # Of that font a few glyphs alone.


def test_tikz_draws_the_same_texts():
    assert "0.7311" in drawn(examples.build("sigmoid-neuron")).tikz


@pytest.mark.parametrize("width", ["slide", "page", 300])
def test_a_width_is_kept_and_letters_stay_at_seven_points(width):
    h, w = Tensor(0.1, name="h"), Tensor(0.5, name="w")
    for step in range(8):
        with ag.scope(f"step {step}"):
            h = ag.tanh(w * h)
    picture = drawn(h, width=width)
    root = ElementTree.fromstring(picture.svg)
    asked = {"slide": 960, "page": 451}.get(width, width)
    assert size_of(picture.svg)[0] <= asked
    scale = size_of(picture.svg)[0] / float(root.get("viewBox").split()[2])
    sizes = [float(text.get("font-size")) for text in root.iter(f"{SVG}text")]
    assert min(sizes) * scale >= 6.99
    assert words(picture).count("w") > 1  # The mark of the wire that goes on.
    names = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(names) == len(set(names))


def recurrence(steps):
    h, w = Tensor(0.1, name="h"), Tensor(0.5, name="w")
    for step in range(steps):
        with ag.scope(f"step {step}"):
            h = ag.tanh(w * h)
    return h


def test_a_long_picture_from_top_to_bottom_goes_on_in_columns():
    whole = drawn(recurrence(9), direction="TB")
    columns = drawn(recurrence(9), direction="TB", width="slide")
    (wide, high), (least, _) = size_of(columns.svg), size_of(whole.svg)
    assert wide <= 960 and high < 0.7 * size_of(whole.svg)[1]
    assert wide > 1.5 * least
    assert words(columns).count("w") > 1  # The mark of the wire that goes on.
    assert size_of(drawn(recurrence(9), direction="TB", width="column").svg)[0] <= 241


def test_wires_that_go_on_have_marks_of_their_own():
    """Names, unless another wire has the same; letters that are no names for the rest."""
    a, first, second = Tensor(1.0, name="A"), Tensor(2.0, name="x"), Tensor(3.0, name="x")
    f = ag.exp(a * first) * second
    for _ in range(4):
        f = ag.tanh(f * first + second * a)
    marks = [g.findtext(f"{SVG}text")
             for g in ElementTree.fromstring(drawn(f, width=350).svg).iter(f"{SVG}g")
             if not g.get("id") and not g.get("transform")]  # fmt: skip
    assert {"A", "x", "B"} <= set(marks)


@pytest.mark.parametrize("width", [0, "wall", True, float("inf")])
def test_a_width_that_is_none_is_refused(width):
    with pytest.raises(viz.VizError, match="width is a number of points or one of 'slide'"):
        drawn(Tensor(1.0) * 2.0, width=width)
    with pytest.raises(viz.VizError, match="options of layout='gategrad'"):
        drawn(Tensor(1.0) * 2.0, width=100, layout="dot")


def test_an_unknown_layout_is_refused():
    with pytest.raises(viz.VizError, match=r"layout is 'gategrad' or 'dot'; received 'elk'"):
        viz.draw(Tensor(1.0) * 2.0, layout="elk")


def test_leaves_are_repeated_where_they_are_used():
    x = Tensor(3.0, name="x")
    picture = drawn(ag.exp(x) * x + x, leaves="repeat")
    assert words(picture).count("x") == 3
    assert [w for w in words(picture) if "/" in w] == ["1/3", "2/3", "3/3"]
    own = [element(picture, f"w0{end}_gradient").findtext(f"{SVG}text") for end in ("", "_2", "_3")]
    total = np.exp(3.0) * 3 + np.exp(3.0) + 1  # Through exp, beside it, and through the sum.
    assert own == [f"{total:.4g}", f"{np.exp(3.0):.4g}", "1"]
    assert picture.description == drawn(ag.exp(x) * x + x).description
    with pytest.raises(viz.VizError, match="leaves is 'once' or 'repeat'"):
        drawn(x * x, leaves="twice")


# ---- steps


def test_steps_are_laid_out_alike():
    stepper = viz.step(examples.build("sigmoid-neuron"))
    places = [
        [(e.tag, e.get("d"), e.get("cx"), e.get("cy")) for e in element(one, "g3").iter()
         if e.tag != f"{SVG}text"] for one in stepper
    ]  # fmt: skip
    assert all(place == places[0] for place in places)


def test_a_sheet_of_steps_has_the_words_of_all_of_them(tmp_path):
    stepper = viz.step(examples.build("chain-rule"), theme="dark")
    sheet = stepper.save(tmp_path / "steps.pdf").read_bytes()
    told = pdf_reading.words(sheet)
    assert told.count("×") == told.count("+") == len(stepper)
    for i in range(1, len(stepper)):
        assert any(word.startswith(f"Step {i} of 4") for word in told)
    ground = "0.0667 0.0667 0.0667 rg 0 0 595 842 re f"
    assert all(ground in content for content in pdf_reading.contents(sheet))


def test_raised_letters_are_in_the_packages_font():
    e = viz.step(ag.sigmoid(Tensor(1.0, name="x")))[1]  # Its rule has an eˣ.
    assert any("ˣ" in text for text in words(e))
    assert all(ord(letter) in viz.faces.own().glyphs for letter in "".join(words(e)))


def test_the_command_line_has_the_layout_and_its_options(tmp_path, capsys):
    file = tmp_path / "f.svg"
    given = ["(x+y)*x", "x=1", "y=2", "-o", str(file), "--width", "120"]
    assert main([*given, "--leaves", "repeat"]) == 0
    assert {"1/2", "2/2"} <= {t.text for t in ElementTree.parse(file).getroot().iter(f"{SVG}text")}
    assert main([*given, "--layout", "dot"]) == 2
    assert "options of layout='gategrad'" in capsys.readouterr().err
