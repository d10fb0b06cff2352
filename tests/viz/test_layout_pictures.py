"""Pictures that this package lays out itself: in SVG, PNG, PDF and TikZ, with the same numbers."""

from __future__ import annotations

import re
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from viz import examples
from viz.__main__ import main
from viz.layout.pdf import font

SVG = "{http://www.w3.org/2000/svg}"


def drawn(target, *args, **options):
    return viz.draw(target, *args, layout="gategrad", **options)


def words(picture):
    return [text.text for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


def element(picture, name):
    return next(e for e in ElementTree.fromstring(picture.svg).iter() if e.get("id") == name)


@pytest.mark.parametrize("name", examples.EXAMPLES)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_both_layouts_write_the_same_words(name, direction):
    ours = drawn(examples.build(name), direction=direction)
    graphviz = viz.draw(examples.build(name), direction=direction)
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


def test_a_change_of_values_of_ordinary_size_moves_nothing():
    def places(a, b):
        x, y = Tensor(a, name="x"), Tensor(b, name="y")
        root = ElementTree.fromstring(drawn(ag.tanh(x * y) + x).svg)
        return [(e.tag, e.get("d"), e.get("cx"), e.get("cy"), e.get("x"), e.get("y"))
                for e in root.iter() if e.tag != f"{SVG}text"]  # fmt: skip

    assert places(1.5, -0.5) == places(0.25, 0.125)


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
    assert any("pass gradient=" in text for text in words(picture))


def test_png_is_two_pixels_a_point():
    pytest.importorskip("resvg_py")
    picture = drawn(examples.build("fork"))
    root = ElementTree.fromstring(picture.svg)
    assert struct.unpack(">II", picture.png[16:24]) == tuple(
        round(2 * float(root.get(side))) for side in ("width", "height")
    )


def test_pdf_has_the_size_of_the_picture_and_letters_that_can_be_searched():
    picture = drawn(examples.build("sigmoid-neuron"))
    root = ElementTree.fromstring(picture.svg)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", picture.pdf)
    assert [float(box[1]), float(box[2])] == pytest.approx(
        [float(root.get("width")), float(root.get("height"))], abs=0.01
    )
    streams = re.findall(rb"stream\n(.*?)\nendstream", picture.pdf, re.DOTALL)
    content = zlib.decompress(streams[0]).decode()
    glyphs = "".join(f"{font(False).glyphs[ord(letter)]:04x}" for letter in "0.7311")
    assert f"<{glyphs}> Tj" in content
    assert content.count(" Tj") == len(words(picture))


def test_letters_that_the_font_has_not_are_named():
    with pytest.warns(UserWarning, match="가"):
        assert drawn(Tensor(1.0, name="가") * 2.0).pdf[:5] == b"%PDF-"


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
    assert float(root.get("width")) <= asked
    scale = float(root.get("width")) / float(root.get("viewBox").split()[2])
    sizes = [float(text.get("font-size")) for text in root.iter(f"{SVG}text")]
    assert min(sizes) * scale >= 6.99
    assert words(picture).count("w") > 1  # The mark of the wire that goes on.
    names = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("width", [0, "wall", True, float("inf")])
def test_a_width_that_is_none_is_refused(width):
    with pytest.raises(viz.VizError, match="width is a number of points or one of 'slide'"):
        drawn(Tensor(1.0) * 2.0, width=width)
    with pytest.raises(viz.VizError, match="pass layout='gategrad'"):
        viz.draw(Tensor(1.0) * 2.0, width=100)


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


def test_a_stepper_of_either_layout_names_the_same_parts():
    def parts(layout):
        page = viz.step(examples.build("fork"), layout=layout)._data[0]["views"][0]["svg"]
        return set(re.findall(r'data-k="(\w+)"', page)), set(re.findall(r'data-l="(\w+)"', page))

    assert parts("gategrad") == parts("dot")
    with pytest.raises(viz.VizError, match="layout is 'gategrad' or 'dot'"):
        viz.step(examples.build("fork"), layout="elk")


def test_steps_are_laid_out_alike():
    stepper = viz.step(examples.build("sigmoid-neuron"), layout="gategrad")
    places = [
        [(e.tag, e.get("d"), e.get("cx"), e.get("cy")) for e in element(one, "g3").iter()
         if e.tag != f"{SVG}text"] for one in stepper
    ]  # fmt: skip
    assert all(place == places[0] for place in places)


def test_a_sheet_of_steps_is_made_of_their_pdfs(tmp_path):
    stepper = viz.step(examples.build("chain-rule"), layout="gategrad")
    sheet = stepper.save(tmp_path / "steps.pdf").read_bytes()
    assert sheet.count(b"/Subtype /Form") == len(stepper)


def test_letters_that_only_stand_raised_are_raised():
    e = viz.step(ag.sigmoid(Tensor(1.0, name="x")), layout="gategrad")[1]  # Its rule has an eˣ.
    content = zlib.decompress(re.findall(rb"stream\n(.*?)\nendstream", e.pdf, re.DOTALL)[0])
    assert re.search(rb" 3\.96 Ts <[0-9a-f]+> Tj", content)


def test_the_command_line_has_the_layout_and_its_options(tmp_path, capsys):
    file = tmp_path / "f.svg"
    given = ["(x+y)*x", "x=1", "y=2", "-o", str(file), "--width", "120"]
    assert main([*given, "--layout", "gategrad", "--leaves", "repeat"]) == 0
    assert {"1/2", "2/2"} <= {t.text for t in ElementTree.parse(file).getroot().iter(f"{SVG}text")}
    assert main(given) == 2
    assert "pass layout='gategrad'" in capsys.readouterr().err
