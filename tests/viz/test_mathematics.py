"""LaTeX in names and titles: letters, accents, indices and powers; and back for TeX."""

from __future__ import annotations

import re
import unicodedata
import warnings
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
import viz
import viz.faces
from autograd import Tensor
from viz.mathematics import ACCENTS, COMMANDS, in_latex, readable
from viz.names import parts
from viz.svg import written_in

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("latex", "letters", "index", "power"),
    [
        (r"\theta_{ij}", "θ", "ij", ""),
        (r"$\alpha$", "α", "", ""),
        (r"\hat y", "ŷ", "", ""),
        (r"\hat{\beta}_0", "β\u0302", "0", ""),
        (r"\bar{x}^2", "x\u0304", "", "2"),
        (r"W^{(1)}_{in}", "W", "in", "(1)"),
        (r"\mathbf{W}_k", "W", "k", ""),
        (r"\Delta t", "Δt", "", ""),
        (r"\mathrm{loss}", "loss", "", ""),
    ],
)
def test_latex_is_letters_with_indices_and_powers(latex, letters, index, power):
    assert parts(readable(latex)) == (unicodedata.normalize("NFC", letters), index, power)


@pytest.mark.parametrize(
    "text",
    ["learning_rate", "x^2", r"C:\users", r"\N", "a{b", r"\theta_{ij", "w0", "50%", r"\hat", ""],
)
def test_what_is_no_latex_stays(text):
    assert readable(text) == text


def test_braces_in_braces_and_with_nothing_in_them():
    assert [readable(text) for text in ("x^{{1}}", "x_{{{ij}}}", "^{{}}")] == [
        "x^{1}",
        "x_{ij}",
        "^{}",
    ]


@given(st.text(st.sampled_from(r"\{}_^$ xhatθ1"), max_size=12))
def test_any_text_is_read(text):
    assert readable(readable(text)) == readable(text)


@pytest.mark.parametrize("command", sorted({*COMMANDS} - {r"\top", r"\star", r"\ast"}))
def test_tex_has_the_commands_back(command):
    again = in_latex(*parts(readable(rf"{command}_{{ij}}")))
    assert readable(again) == readable(rf"{command}_{{ij}}")
    assert re.fullmatch(r"\\[A-Za-z]+_\{ij\}|'_\{ij\}", again.replace(" ", ""))


@pytest.mark.parametrize("accent", sorted(ACCENTS))
def test_tex_has_the_accents_back(accent):
    for letter in ("y", r"\theta"):
        again = in_latex(*parts(readable(rf"{accent}{{{letter}}}")))
        assert readable(again) == readable(rf"{accent}{{{letter}}}")


def graph():
    t, y = Tensor(2.0, name=r"\theta_{ij}"), Tensor(0.5, name=r"\hat y^{2}")
    return t * y


@pytest.mark.parametrize("layout", ["dot", "gategrad"])
def test_svg_sets_indices_lower_and_powers_higher(layout):
    picture = viz.draw(graph(), layout=layout, title=r"Of $\theta_{ij}$")
    texts = [written_in(text) for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]
    said = [[piece.text for piece in text] for text in texts]
    assert not any("\\" in piece or "{" in piece for text in said for piece in text)
    title, theta, y = (texts[said.index(t)] for t in (["Of θ", "ij"], ["θ", "ij"], ["ŷ", "2"]))
    assert title[1].below > 0 and theta[1].below > 0 and y[1].below < 0
    assert y[0].italic and y[0].size == 13 and not y[1].italic and y[1].size < 10
    assert picture.description.startswith("θ_{ij} is 2")


@pytest.mark.parametrize("layout", ["dot", "gategrad"])
def test_tex_output_is_mathematics(layout):
    tikz = viz.draw(graph(), layout=layout).tikz
    assert r"{$\theta_{ij}$}" in tikz and r"{$\hat{y}^{2}$}" in tikz


def test_stages_pages_and_networks_have_them_too():
    stepper = viz.step(graph(), title=r"\theta")
    assert "θ_{ij} × ŷ^{2}" in viz.table(graph())
    assert stepper.story.labels[:2] == ["θ_{ij}", "ŷ^{2}"] and stepper.title == "θ"
    names = {
        "inputs": [r"x_{in}", r"\sigma"],
        "outputs": [r"\hat y"],
        "layers": ["a", r"h_{1}", "b"],
    }
    said = viz.draw_network(nn.MLP(2, [2], 1, rng=0), **names).svg
    assert {">in<", ">σ<", ">ŷ<"} <= set(re.findall(r">[^<>]+<", said))


def test_the_users_own_names_stay_theirs():
    f = graph()
    assert viz.draw(f).svg
    assert f.inputs[0].name == r"\theta_{ij}"


@pytest.mark.parametrize("kind", ["png", "pdf"])
@pytest.mark.parametrize("letter", ["\U00010f00", "\u20d7", "\ue000", "가"])
def test_glyphs_that_no_font_has_are_named(letter, kind, monkeypatch):
    """On a machine without fonts of its own."""
    monkeypatch.setattr(viz.faces, "_other", lambda letter: None)
    name = "Hangul letters" if letter == "가" else f"{letter} |letters"
    with pytest.warns(UserWarning, match=rf"no font here has .*({name}).*fonts-noto"):
        getattr(viz.draw(Tensor(1.0, name=f"x{letter}") * 2.0), kind)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(viz.draw(Tensor(1.0, name="θ_{ij}") * 2.0, title="∇f ∈ xʸ ×"), kind)
