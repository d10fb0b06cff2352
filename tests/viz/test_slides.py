"""Steps for slides: pictures on one canvas, with or without captions, in folders."""

from __future__ import annotations

import io
import os
import re
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import viz
from autograd import Tensor
from viz import __main__ as command_line
from viz import examples
from viz.stepping.slides import size_of_letters
from viz.svg import SVG, size_of, texts_of

IN_ROWS = sum((np.sin(Tensor(float(i), name=f"x{i}")) for i in range(9)), Tensor(1.0, name="x"))


def shapes(svg):
    """Gates, wires and dots with their places on the page, by id."""
    root = ElementTree.fromstring(svg)
    shift = next(g.get("transform") for g in root.iter(f"{SVG}g") if g.get("transform"))
    numbers = {g for g in root.iter(f"{SVG}g") if g.get("id", "").endswith(("value", "gradient"))}
    inside = {shape for group in numbers for shape in group.iter()}
    return [
        (kind, *(shape.get(name) for name in names))
        for kind, names in (("ellipse", ["cx", "cy", "rx"]), ("path", ["d"]), ("rect", "xy"))
        for shape in root.iter(SVG + kind)
        if shape not in inside
    ] + [shift, size_of(svg)]


@pytest.mark.parametrize("caption", [True, False])
@pytest.mark.parametrize("name", ["fork", "matrix"])
def test_nothing_moves_from_step_to_step(name, caption):
    stepper = viz.step(examples.build(name), caption=caption)
    whole = shapes(stepper[-1].svg)
    assert len(whole) > 8
    assert all(shapes(picture.svg) == whole for picture in stepper)


def test_nothing_moves_on_paper_where_a_graph_goes_on_in_rows():
    stepper = viz.step(IN_ROWS)
    drawn = [stepper.steps.picture(moment, width=240.0) for moment in stepper.story.moments]
    assert drawn[0].drawing.layout.marks  # Letters mark the wires that go on.
    whole = shapes(drawn[-1].svg)
    assert all(shapes(picture.svg) == whole for picture in drawn)


def test_frames_and_bitmaps_are_of_one_size_and_gates_stay_where_they_are(tmp_path):
    image = pytest.importorskip("PIL.Image")
    stepper = viz.step(examples.build("chain-rule"), caption=False)
    shots = [np.asarray(image.open(io.BytesIO(step.png)).convert("L"), float) for step in stepper]
    assert len({shot.shape for shot in shots}) == 1
    dark = shots[0] < 120  # Lines and names of the bare graph are dark in every step.
    assert dark.sum() > 500
    assert all((shot[dark] < 160).mean() > 0.99 for shot in shots)
    with image.open(stepper.save(tmp_path / "f.gif", dpi=72)) as film:
        assert film.n_frames == len(stepper)
        assert film.size == tuple(int(side) for side in size_of(stepper[0].svg))


def test_a_caption_can_be_left_to_screen_readers():
    f = examples.build("fork")
    told, bare = viz.step(f)[3], viz.step(f, caption=False)[3]
    assert "Step 3 of 14 · Forward 3 of 7 · sigmoid" in texts_of(told.svg)
    assert bare.title == told.title and f"<title>{told.title}</title>" in bare.svg
    assert not any("Step" in text for text in texts_of(bare.svg))
    assert size_of(bare.svg)[1] < size_of(told.svg)[1]


@pytest.mark.parametrize("layout", ["gategrad", "dot"])
def test_notes_of_a_picture_can_be_left_out(layout):
    pytest.importorskip("pygraphviz") if layout == "dot" else None
    chain = Tensor(0.5, name="x")
    for _ in range(160):
        chain = np.sin(chain)
    told = viz.draw(chain, layout=layout, title="Sines")
    bare = viz.draw(chain, layout=layout, title="Sines", caption=False)
    shown, left = ("\n".join(texts_of(picture.svg)) for picture in (told, bare))
    assert "Sines" in shown and "closed" in shown
    assert "Sines" not in left and "closed" not in left
    assert bare.title == "Sines" and "closed" in bare.description


# ---- a folder of steps


def test_a_folder_gets_a_numbered_picture_a_step(tmp_path):
    stepper = viz.step(examples.build("chain-rule"))
    folder = stepper.save(f"{tmp_path}/steps/", dpi=72)
    names = [f"step-{i:02}.png" for i in range(5)]
    assert sorted(os.listdir(folder)) == names and os.listdir(tmp_path) == ["steps"]
    assert all((folder / name).read_bytes()[1:4] == b"PNG" for name in names)
    (folder / "notes.txt").write_text("mine")
    stepper.save(folder, suffix=".svg")
    assert (folder / "step-03.svg").read_text() == stepper[3].svg
    assert (folder / "notes.txt").read_text() == "mine" and len(os.listdir(folder)) == 11


def test_steps_of_another_derivation_are_not_left_among_these(tmp_path):
    viz.step(examples.build("max-router")).save(tmp_path, suffix=".tikz")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(viz.VizError, match=r"has step-05\.tikz of another derivation"):
        viz.step(examples.build("chain-rule")).save(tmp_path, suffix=".tikz")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("place", "suffix", "error", "words"),
    [
        ("steps/", ".doc", viz.VizError, r"received '\.doc'"),
        ("steps/", 3, viz.VizError, "received 3"),
        ("none/steps/", ".svg", FileNotFoundError, "no folder .*none"),
        ("file/", ".svg", NotADirectoryError, "file' is a file"),
    ],
)
def test_a_folder_that_cannot_be_written_leaves_nothing(place, suffix, error, words, tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(error, match=words):
        viz.step(examples.build("chain-rule")).save(f"{tmp_path}/{place}", suffix=suffix)
    assert os.listdir(tmp_path) == ["file"] and (tmp_path / "file").read_text() == "kept"


def test_a_file_takes_no_suffix_beside_its_own(tmp_path):
    for suffix in (".png", ".svg"):
        with pytest.raises(viz.VizError, match="a file's own name says its kind"):
            viz.step(examples.build("chain-rule")).save(tmp_path / "f.pdf", suffix=suffix)
    assert os.listdir(tmp_path) == []


# ---- slides


def test_powerpoint_has_a_slide_a_step_with_text_picture_and_notes(tmp_path):
    pptx = pytest.importorskip("pptx")
    stepper = viz.step(Tensor(2.0, name="가중치") * Tensor(3.0, name="x"), title="곱")
    path = stepper.save(tmp_path / "f.pptx")
    assert stepper.save(tmp_path / "g.pptx").read_bytes() == path.read_bytes()
    deck = pptx.Presentation(path)
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9)
    slides = list(deck.slides)
    assert len(slides) == len(stepper) == 3
    places = set()
    for index, slide in enumerate(slides):
        title, picture, text = slide.shapes
        assert title.text == stepper.steps.caption(stepper.story.moments[index])[0]
        assert slide.notes_slide.notes_text_frame.text == stepper.text(index)
        places.add((picture.left, picture.top, picture.width, picture.height))
        assert picture.left >= 0 and picture.left + picture.width <= deck.slide_width
        assert picture.image.blob[1:4] == b"PNG"
        blip = picture._element.find(".//{*}svgBlip")
        svg = slide.part.related_part(blip.get(blip.keys()[0]))
        assert svg.content_type == "image/svg+xml"
        root = ElementTree.fromstring(svg.blob)
        assert not any("Step" in (t.text or "") for t in root.iter(f"{SVG}text"))
    assert len(places) == 1
    said = deck.core_properties  # Nothing of the library's template, and its author.
    assert [said.title, said.author, said.last_modified_by, said.comments] == ["곱", "", "", ""]
    assert "df/d가중치 = df/df × ∂f/∂가중치 = 1 × 3 = 3" in text.text_frame.text


def test_beamer_shows_the_steps_as_overlays_of_one_frame(tmp_path):
    stepper = viz.step(examples.build("chain-rule"))
    text = stepper.save(tmp_path / "f.tex").read_text("utf-8")
    assert text.startswith("\\documentclass[aspectratio=169]{beamer}\n")
    assert text.count(r"\begin{frame}") == 1
    assert text.count(r"\begin{tikzpicture}") == text.count(r"\frametitle<") == len(stepper)
    assert len(set(re.findall(r"\\scalebox\{(.*?)\}", text))) == 1
    assert len(set(re.findall(r"\\useasboundingbox (.*);", text))) == 1
    assert r"df/dz = df/df $\times$ $\partial$f/$\partial$z" in text


def test_letters_are_larger_in_rows_where_a_slide_has_room_for_them():
    f = examples.build("sigmoid-neuron")
    [shown, *_] = viz.step(f).steps.slides()
    in_one = viz.draw(f, caption=False).svg
    assert size_of_letters(in_one) < 1 < 1.15 < size_of_letters(shown.svg)


def test_the_command_line_writes_slides(tmp_path):
    pytest.importorskip("pptx")
    path = tmp_path / "f.pptx"
    assert command_line.main(["xy", "x=1", "y=2", "-o", str(path)]) == 0
    assert path.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("module", "write"),
    [
        ("pptx", lambda f, folder: viz.step(f).save(folder / "f.pptx")),
        ("docx", lambda f, folder: viz.worksheet(f, folder / "f.docx")),
    ],
)
def test_what_is_not_installed_is_named_and_nothing_is_written(
    module, write, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(viz.VizError, match=f"pip install python-{module}"):
        write(examples.build("chain-rule"), tmp_path)
    assert os.listdir(tmp_path) == []


UNFIT = "a\x00b\x0b\ud800"  # What XML cannot hold, and UTF-8.


@pytest.mark.parametrize("suffix", [".pptx", ".tex", ".html", ".svg", ".json"])
def test_slides_hold_names_and_titles_with_any_letters(suffix, tmp_path):
    if suffix == ".pptx":
        pytest.importorskip("pptx")
    target = Tensor(1.0, name=UNFIT) * Tensor(2.0, name="y")
    path = viz.step(target, title=f"of {UNFIT}").save(tmp_path / f"deck{suffix}")
    assert path.stat().st_size > 100


@pytest.mark.parametrize("suffix", [".docx", ".html", ".svg"])
def test_worksheets_hold_names_and_instructions_with_any_letters(suffix, tmp_path):
    if suffix == ".docx":
        pytest.importorskip("docx")
    target = Tensor(1.0, name=UNFIT) * Tensor(2.0, name="y")
    path = tmp_path / f"sheet{suffix}"
    assert viz.worksheet(target, path, title=UNFIT, instructions=[UNFIT]).stat().st_size > 100


@pytest.mark.parametrize("shown", ["draw", "step", "draw_network", "playground"])
def test_a_title_is_a_text(shown):
    target = () if shown in ("draw_network", "playground") else (Tensor(2.0) * 3.0,)
    options = {"inputs": 2, "layers": [2], "outputs": 1} if shown == "draw_network" else {}
    with pytest.raises(viz.VizError, match="title is a text, or None; received 3"):
        getattr(viz, shown)(*target, title=3, **options)


def test_instructions_are_sentences(tmp_path):
    for instructions in (3, [3], {"a"}):
        with pytest.raises(viz.VizError, match="instructions are a sentence"):
            viz.worksheet(Tensor(2.0) * 3.0, tmp_path / "a.svg", instructions=instructions)
    assert not list(tmp_path.iterdir())


def test_slides_are_set_in_the_font_that_is_asked_for(tmp_path, nanum):
    pptx = pytest.importorskip("pptx")
    stepper = viz.step(examples.build("chain-rule"), language="ko", font=nanum)
    deck = pptx.Presentation(stepper.save(tmp_path / "f.pptx"))
    runs = [run for slide in deck.slides for shape in slide.shapes if shape.has_text_frame
            for paragraph in shape.text_frame.paragraphs for run in paragraph.runs]  # fmt: skip
    assert runs and {run.font.name for run in runs} == {"NanumGothic"}
    assert all(run.font._element.find(".//{*}ea").get("typeface") == "NanumGothic" for run in runs)
