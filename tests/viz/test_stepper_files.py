"""What a stepper saves, what notebooks get of it, and worksheets."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import viz
from autograd import Tensor
from autograd.gates.special import erf
from tests.viz import pdf_reading
from viz import __main__ as command_line
from viz import examples
from viz.faces import korean
from viz.stepping import page, pdf_pages
from viz.stepping.contact_sheet import contact_sheet
from viz.stepping.javascript import Gates

HOSTILE = '</script><img src=x onerror="window.hacked=1">--><!--'
KINDS = {
    ".html": b"<!DOCTYPE html>",
    ".svg": b"<svg ",
    ".png": b"\x89PNG",
    ".pdf": b"%PDF",
    ".json": b"{",
    ".gif": b"GIF89a",
}


def product():
    return Tensor(2.0, name="x") * Tensor(3.0, name="y")


@pytest.mark.parametrize(("suffix", "start"), KINDS.items())
def test_each_suffix_writes_a_file_of_its_kind(suffix, start, tmp_path):
    path = viz.step(product()).save(tmp_path / f"f{suffix}")
    assert path.read_bytes().startswith(start)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("name", ["f.dot", "f", "f.html.bak"])
def test_an_unknown_suffix_leaves_nothing_and_lists_the_known(name, tmp_path):
    with pytest.raises(viz.VizError, match=r"\.html, \.svg, \.png, \.pdf, \.json, \.gif"):
        viz.step(product()).save(tmp_path / name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", [".html", ".svg", ".json", ".pdf"])
def test_the_same_graph_gives_the_same_bytes(suffix, tmp_path):
    first, second = (
        viz.step(examples.build("fork")).save(tmp_path / f"{i}{suffix}").read_bytes() for i in "ab"
    )
    assert re.sub(rb"CreationDate \([^)]*\)", b"", first) == re.sub(
        rb"CreationDate \([^)]*\)", b"", second
    )


# ---- the page


class Elements(HTMLParser):
    """The tags of a page with their attributes, and its scripts."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "script":
            self.scripts.append(data)


def test_the_page_of_the_sigmoid_neuron_is_small(tmp_path):
    html = viz.step(examples.build("sigmoid-neuron")).html
    assert len(html.encode()) <= 60_000
    assert len(Elements(html).scripts[0].encode()) <= 38_000


def test_a_script_grows_with_its_graphs_gates_alone():
    """Of 38 KB, more than 1 KB is left for them: enough for fifteen at once."""
    assert len(page.program(Gates().javascript).encode()) <= 36_700
    a, b = Tensor(0.5, name="a"), Tensor(1.5, name="b")
    f = ag.sigmoid(a * b - a / b) + np.tanh(a**b) * np.exp(-a) + np.log(b) * np.sqrt(a + b)
    f = np.maximum(f, np.sin(a) * np.cos(b)) - np.minimum(abs(a - b), ag.relu(a) ** 2)
    assert len({node.gate for node in ag.Graph(f).nodes}) > 15
    assert len(Elements(viz.step(f).html).scripts[0].encode()) <= 38_000


@pytest.mark.parametrize("name", list(examples.EXAMPLES))
def test_the_element_is_an_image_with_words_then_one_classic_script(name):
    bundle = viz.step(examples.build(name))._repr_mimebundle_()
    tags = Elements(bundle["text/html"]).tags
    assert [tag for tag, _ in tags] == ["div", "img", "div", "pre", "div", "script"]
    assert tags[5][1] == {} and tags[3][1] == {"hidden": None}
    assert tags[1][1]["alt"] and tags[0][1]["data-lm-suppress-shortcuts"]
    kind, data = tags[1][1]["src"].split(",")
    assert kind == "data:image/svg+xml;base64"
    image = ElementTree.fromstring(base64.b64decode(data))
    assert "".join(image.itertext()).count("○") == 0


@pytest.mark.parametrize("name", list(examples.EXAMPLES))
def test_nothing_is_fetched(name):
    html = viz.step(examples.build(name)).html
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", html))
    assert addresses <= {"http://www.w3.org"}
    assert "import(" not in html and 'type="module"' not in html


def test_a_notebook_gets_html_one_still_picture_and_text():
    stepper = viz.step(product())
    assert list(stepper._repr_mimebundle_()) == ["text/html", "image/png", "text/plain"]
    assert list(stepper._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]
    assert "text/html" not in stepper._repr_mimebundle_(exclude=["text/html"])
    x = Tensor(1.0, name="x")
    f = x
    for _ in range(70):
        f = f * x
    assert "image/svg+xml" in viz.step(f)._repr_mimebundle_(exclude=["text/html"])


def test_a_quiz_tells_no_answer_where_no_script_runs():
    """A notebook that nobody trusts yet has the picture, its words, and text."""
    bundle = viz.step(examples.build("fork"), quiz=True)._repr_mimebundle_()
    answers = ("0.5121", "0.7916", "1.583", "2.06", "1.592")
    html, (script,) = bundle["text/html"], Elements(bundle["text/html"]).scripts
    image = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)[1])
    seen = re.sub(r"data-gategrad='[^']*'", "", html.replace(script, ""))
    for place in (seen, image.decode(), bundle["text/plain"]):
        assert not [answer for answer in answers if answer in place]
    assert "3.018" in image.decode() and "○" in image.decode()  # The values are there.
    finished = viz.step(examples.build("fork"))._repr_mimebundle_()
    assert "0.5121" in finished["text/html"] and bundle["image/png"] != finished["image/png"]


def test_what_has_no_gradient_is_no_quiz():
    with pytest.raises(viz.VizError, match="quiz=True asks for gradients"):
        viz.step(Tensor([1.0, 2.0], name="x") * 2, quiz=True)


def test_names_stay_text():
    x, y = Tensor(2.0, name=HOSTILE), Tensor(3.0, name="'\"&amp;<b>")
    stepper = viz.step(x * y, title=HOSTILE)
    tags = Elements(stepper.html).tags
    assert [tag for tag, _ in tags if tag not in ("html", "head", "meta", "title", "body")] == [
        "main", "div", "img", "div", "div", "script"
    ]  # fmt: skip
    data = json.loads(dict(tags[-5][1])["data-gategrad"])
    assert HOSTILE[:19] in data["views"][0]["labels"][0]
    script = Elements(stepper.html).scripts[0]
    assert "onerror" not in script


def test_words_in_place_of_the_picture_are_few():
    f = sum((Tensor(float(i), name="n" * 500) for i in range(120)), start=0.0)
    html = viz.step(f)._repr_mimebundle_(include=["text/html"])["text/html"]
    words = re.search(r"<pre hidden>(.*?)</pre>", html, re.DOTALL)[1].splitlines()
    assert len(words) == 100 and max(map(len, words)) == 200


def test_names_of_any_length_are_cut():
    x, y = Tensor(2.0, name="n" * 10_000), Tensor(3.0, name="가" * 10_000)
    stepper = viz.step(x * y, title="t" * 10_000)
    assert len(stepper.html.encode()) < 64_000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Whether a font here has these letters is not asked.
        assert stepper[2].png


def test_the_script_holds_nothing_that_could_end_it():
    text = page.program("const GATES=[],CHOOSES=[];")
    assert text.startswith("<!--\n") and text.endswith("\n//-->")
    inner = text[4:-3]
    assert "</" not in inner and "-->" not in inner and "<!--" not in inner


def test_a_page_holds_the_helpers_that_its_gates_call():
    x = Tensor(0.5, name="x")
    assert "function erf(" in viz.step(erf(x)).html
    assert "function logistic(" in viz.step(ag.sigmoid(x)).html
    assert "function logistic(" not in viz.step(x * x).html


def test_squeezing_keeps_strings_templates_and_regular_expressions():
    source = """
    // a comment
    const a = "// kept  ",  b = `  ${c + 1} `;  /* gone */
    const d = /[/ ]  x/g.test(a) ? - -1 : + +1;
    return  a
    b()
    """
    assert page.squeezed_script(source) == (
        'let a="// kept  ",b=`  ${c + 1} `;let d=/[/ ]  x/g.test(a)?- -1:+ +1;return a\nb()'
    )


def test_the_source_of_the_page_is_packaged():
    folder = Path(page.__file__).parent
    for name in (*(f"{name}.js" for name in page.SCRIPTS), "gates.js", "stepper.css"):
        assert (folder / name).stat().st_size > 1000
    # Nested templates would confuse the squeezing.
    source = "".join((folder / f"{name}.js").read_text("utf-8") for name in page.SCRIPTS)
    templates = re.findall(r"`(?:\\.|[^`\\])*`", source)
    assert len(templates) > 20 and not [t for t in templates if "\n" in t]


# ---- sheets


def test_the_contact_sheet_shows_every_step(tmp_path):
    stepper = viz.step(examples.build("max-router"))
    svg = stepper.save(tmp_path / "f.svg").read_text("utf-8")
    root = ElementTree.fromstring(svg)
    assert len(root.findall("{http://www.w3.org/2000/svg}svg")) == len(stepper)
    text = stepper.save(tmp_path / "f.pdf").read_bytes()
    assert pdf_reading.words(text).count("max") >= len(stepper)


@pytest.mark.parametrize("font", [None, "NanumGothic"])
def test_every_picture_of_a_sheet_has_its_letters(font):
    image = pytest.importorskip("PIL.Image")
    if font and not korean():
        pytest.skip("needs the extra ko")
    svg = viz.draw(examples.build("fork"), font=font).svg

    def ink(count):
        sheet = contact_sheet([svg] * count, "png", "", "#ffffff")
        return np.sum(np.asarray(image.open(io.BytesIO(sheet)).convert("L")) < 200)

    assert ink(3) == pytest.approx(3 * ink(1), rel=0.02)


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf", ".gif"])
def test_a_sheet_of_very_many_steps_is_refused_before_anything_is_drawn(suffix, tmp_path):
    f = x = Tensor(1.0, name="x")
    for _ in range(60):
        f = f * x + 1.0
    with pytest.raises(viz.VizError, match="241 steps are too many"):
        viz.step(f, expand="all").save(tmp_path / f"f{suffix}")
    assert os.listdir(tmp_path) == []


def test_the_animation_has_a_frame_for_each_step(tmp_path):
    image = pytest.importorskip("PIL.Image")
    stepper = viz.step(product())
    with image.open(stepper.save(tmp_path / "f.gif")) as gif:
        assert gif.n_frames == len(stepper)
        assert gif.info["loop"] == 0


def test_without_pillow_the_animation_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(viz.VizError, match="pip install pillow"):
        viz.step(product()).save(tmp_path / "f.gif")
    assert os.listdir(tmp_path) == []


def test_pages_of_paper_are_well_formed():
    svg = viz.draw(product()).svg
    made = pdf_pages.sheets([[svg, svg], [svg]], title="Two (pages)")
    assert pdf_reading.sizes(made) == [(595, 842)] * 2
    assert [page.count("q ") - page.count(" q ") for page in pdf_reading.contents(made)]
    assert all(page.count("\nq ") == page.count("\nQ") for page in pdf_reading.contents(made))
    assert pdf_reading.words(made) == 3 * words_of(svg)


def words_of(svg):
    root = ElementTree.fromstring(svg)
    return [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_picture_that_is_too_wide_is_made_smaller():
    f = x = Tensor(1.0, name="x")
    for _ in range(20):
        f = f * x
    (page,) = pdf_reading.contents(pdf_pages.sheets([[viz.draw(f).svg]]))
    scale = float(re.search(r"\nq ([\d.]+) 0 0", page)[1])
    assert 0 < scale < 0.5


# ---- worksheets


def test_a_worksheet_has_an_exercise_and_a_key(tmp_path):
    path = viz.worksheet(examples.build("fork"), tmp_path / "fork.pdf", title="Forks add")
    made = path.read_bytes()
    assert set(pdf_reading.sizes(made)) == {(595, 842)} and len(pdf_reading.sizes(made)) >= 2
    assert b"/Title <feff" in made
    told = pdf_reading.words(made)
    assert {"Forks add", "Key: Forks add"} <= set(told)
    assert told.count("2.06") == 1 and "_______" in told


def test_a_worksheet_needs_gradients_to_ask_for(tmp_path):
    x = Tensor([1.0, 2.0], name="x")
    with pytest.raises(viz.VizError, match="no gradients to ask for"):
        viz.worksheet(x * x, tmp_path / "f.pdf")
    assert viz.worksheet(x * x, tmp_path / "f.pdf", gradient=[1.0, 1.0]).exists()


# ---- the command line


@pytest.mark.parametrize(
    ("options", "walks"), [([], True), (["--no-backward"], False), (["--direction", "TB"], False)]
)
def test_the_command_line_writes_a_page_that_steps(options, walks, tmp_path, capsys):
    file = tmp_path / "neuron.html"
    assert command_line.main(["--example", "sigmoid-neuron", "-o", str(file), *options]) == 0
    assert ("data-gategrad" in file.read_text("utf-8")) is walks
    assert capsys.readouterr().out == f"wrote {file}\n"


def test_a_picture_still_saves_a_bare_page(tmp_path):
    assert "script" not in viz.draw(product()).save(tmp_path / "f.html").read_text("utf-8")
