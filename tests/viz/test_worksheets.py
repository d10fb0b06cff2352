"""Worksheets: what is asked and what is given, in each kind of file; high pictures in pieces."""

from __future__ import annotations

import io
import os
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from tests.viz import pdf_reading
from viz import examples
from viz.layout.ink import wide
from viz.layout.tearing import torn
from viz.stepping.pdf_pages import HEIGHT
from viz.svg import SVG, size_of, texts_of

KINDS = {".pdf": b"%PDF", ".docx": b"PK", ".html": b"<!DOCTYPE html>", ".svg": b"<svg"}
BLANK = "_______"


def chain():
    return examples.build("chain-rule")


@pytest.mark.parametrize(("suffix", "start"), KINDS.items())
def test_every_kind_is_written_whole_and_alike(suffix, start, tmp_path):
    pytest.importorskip("docx") if suffix == ".docx" else None
    first, second = (viz.worksheet(chain(), tmp_path / f"{i}{suffix}").read_bytes() for i in "ab")
    assert first.startswith(start) and first == second
    assert sorted(os.listdir(tmp_path)) == [f"a{suffix}", f"b{suffix}"]


@pytest.mark.parametrize("name", ["f", "f.png", "f.pdf.bak"])
def test_other_kinds_are_refused(name, tmp_path):
    with pytest.raises(viz.VizError, match=r"a \.pdf file, or a \.docx, \.html or \.svg"):
        viz.worksheet(chain(), tmp_path / name)
    assert os.listdir(tmp_path) == []


def told(path):
    """The texts of an SVG worksheet: before the key, and from it on."""
    texts = texts_of(path.read_text("utf-8"))
    at = next((i for i, text in enumerate(texts) if re.match("Key|정답", text)), len(texts))
    return texts[:at], texts[at:]


def test_values_and_seed_are_given_and_gradients_asked(tmp_path):
    asked, key = told(viz.worksheet(chain(), tmp_path / "f.svg"))  # q = −1, f = −1; 1, 1, −1.
    assert "Name" in asked and "df/df" in asked and "= 1" in asked
    assert f"= 1 × {BLANK} = {BLANK}" in asked  # df/dq = df/df × z
    assert not any("−1 = " in text for text in asked)
    assert "= 1 × (−1) = −1" in key and not any(BLANK in text for text in key)


def test_values_are_asked_for_too(tmp_path):
    f = Tensor(2.0, name="x") * Tensor(3.5, name="y")
    given, _ = told(viz.worksheet(f, tmp_path / "f.svg"))
    asked, key = told(viz.worksheet(f, tmp_path / "f.svg", values=False))
    assert "7" in given and "7" not in asked
    assert f"= {BLANK} × {BLANK} = {BLANK}" in asked and "= 2 × 3.5 = 7" in key


def test_the_class_has_its_own_words_and_language(tmp_path):
    words = ["기울기를 구하라.\n풀이를 쓰라.", "기한: 금요일"]
    path = viz.worksheet(
        chain(), tmp_path / "f.svg", instructions=words, language="ko", title="연습"
    )
    asked, key = told(path)
    assert {"기울기를 구하라.", "풀이를 쓰라.", "기한: 금요일", "이름", "연습"} <= set(asked)
    assert key[0] == "정답: 연습"
    with pytest.raises(viz.VizError, match="instructions are a sentence"):
        viz.worksheet(chain(), tmp_path / "g.svg", instructions=[3])


def test_the_key_can_be_left_out(tmp_path):
    assert len(pdf_reading.sizes(viz.worksheet(chain(), tmp_path / "f.pdf").read_bytes())) == 2
    alone = viz.worksheet(chain(), tmp_path / "f.pdf", key=False).read_bytes()
    assert len(pdf_reading.sizes(alone)) == 1
    assert told(viz.worksheet(chain(), tmp_path / "f.svg", key=False))[1] == []


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_each_example_takes_a_page_and_its_key_another(name, language, tmp_path):
    path = viz.worksheet(examples.build(name), tmp_path / "f.pdf", language=language)
    assert len(pdf_reading.sizes(path.read_bytes())) == 2


def test_lines_go_on_where_the_page_ends(tmp_path):
    f = sum((Tensor(float(i), name=f"x{i}") ** 2 for i in range(8)), 0.0)
    made = viz.worksheet(f, tmp_path / "f.pdf", values=False, key=False).read_bytes()
    whole = viz.worksheet(f, tmp_path / "f.svg", values=False, key=False).read_text("utf-8")
    asked = [text for text in texts_of(whole) if BLANK in text]
    assert [text for text in pdf_reading.words(made) if BLANK in text] == asked
    lines = [page.count("BT") for page in pdf_reading.contents(made)]
    assert len(lines) > 1 and min(lines[:-1]) > 40  # Under the picture, too.


def test_no_letter_is_cut_where_lines_are_long_and_numbers_short(tmp_path):
    x, y = Tensor(1e-8, name="a_rather_long_name"), Tensor(3e9, name="another_long_name")
    f = ag.exp(-(x * y)) + x / y + ag.maximum(x, 0.0)
    svg = viz.worksheet(f, tmp_path / "f.svg", key=False).read_text("utf-8")
    table = [*ElementTree.fromstring(svg).iter(f"{SVG}svg")][-1]
    room = float(table.get("viewBox").split()[2])
    ends = {
        "".join(text.itertext()): float(text.get("x"))
        + wide("".join(text.itertext()), float(text.get("font-size")))
        for text in table.iter(f"{SVG}text")
    }
    assert max(ends.values()) == ends["= df/dq1 × ∂q1/∂a_rather_long_name"] < room


def test_names_have_their_indices_in_lines_as_in_the_picture(tmp_path):
    f = Tensor(2.0, name="가중치0") * Tensor(3.0, name="x_{ij}")
    svg = viz.worksheet(f, tmp_path / "f.svg", key=False).read_text("utf-8")
    found = {
        "".join(text.itertext()): [span.text for span in text.iter(f"{SVG}tspan") if span.get("dy")]
        for text in ElementTree.fromstring(svg).iter(f"{SVG}text")
    }
    assert found["df/d가중치0"] == ["0"] and found["= df/df × ∂f/∂xij"] == ["ij"]


def test_it_is_set_in_the_font_that_is_asked_for(tmp_path, nanum):
    path = viz.worksheet(chain(), tmp_path / "f.svg", language="ko", font=nanum)
    families = set(re.findall('font-family="([^"]*)"', path.read_text("utf-8")))
    assert len(families) <= 2 and all(family.startswith("'NanumGothic'") for family in families)
    with pytest.raises(viz.VizError, match="font is the name of a family"):
        viz.worksheet(chain(), tmp_path / "g.svg", font="no such font")


def test_word_has_lines_of_text_and_the_picture(tmp_path):
    docx = pytest.importorskip("docx")
    path = viz.worksheet(examples.build("matrix"), tmp_path / "f.docx", title="Norm", values=False)
    document = docx.Document(path)
    said = document.core_properties  # Nothing of the library's template.
    assert [said.title, said.author, said.comments, said.language] == ["Norm", "", "", "en"]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0].startswith("Name ___") and {"Norm", "Key: Norm"} <= set(texts)
    exercise, key = ([[cell.text for cell in row.cells] for row in t.rows] for t in document.tables)
    assert ["", "df/df", "= 1"] in exercise and ["", "df/df", "= 1"] in key
    assert len(exercise) == len(key) == 8  # Three values, the seed, four gradients.
    assert ["Σ", "f", f"= sum(q1) = {BLANK}"] in exercise
    assert ["Σ", "f", "= sum(q1) = 0.116"] in key
    assert len(document.inline_shapes) == 2
    blip = document.inline_shapes[0]._inline.find(".//{*}svgBlip")
    svg = document.part.related_parts[blip.get(blip.keys()[0])]
    assert svg.content_type == "image/svg+xml" and ElementTree.fromstring(svg.blob) is not None


# ---- pictures that are higher than a page


@pytest.fixture(scope="module")
def high():
    """A picture in rows of boxes, and one whose one row is far higher than a page."""
    xs = [Tensor(float(i), name=f"x{i}") for i in range(60)]
    model = nn.MLP(3, [4, 4], 1, scalar=True, rng=0)
    return [
        viz.draw(model, [1.0, 2.0, 3.0], expand="all", width=523).svg,
        viz.draw(np.stack(xs).sum(), width=523).svg,
    ]


def test_pieces_hold_every_text_once_and_cut_none(high):
    for svg in high:
        pieces = torn(svg, 500.0, HEIGHT)
        assert len(pieces) > 1
        heights = [size_of(piece)[1] for piece in pieces]
        assert heights[0] <= 500 and max(heights) <= HEIGHT
        views = [list(map(float, re.search('viewBox="([^"]*)"', p)[1].split())) for p in pieces]
        scale = size_of(svg)[0] / views[0][2]
        assert all(
            tall * scale == pytest.approx(h) for (*_, tall), h in zip(views, heights, strict=True)
        )
        for top, low in texts_at(svg):
            assert sum(y <= top and low <= y + tall for _, y, _, tall in views) == 1


def texts_at(svg):
    """From where to where each line of letters reaches, by its size."""
    root = ElementTree.fromstring(svg)
    shift = next(g.get("transform") for g in root.iter(f"{SVG}g") if g.get("transform"))
    down = float(re.findall(r"[\d.]+", shift)[1])
    return [
        (float(t.get("y")) + down - 0.74 * float(t.get("font-size")), float(t.get("y")) + down)
        for t in root.iter(f"{SVG}text")
    ]


def test_letters_are_7_points_and_pages_show_no_more_than_their_piece(tmp_path):
    model = nn.MLP(2, [4], 1, scalar=True, rng=0)
    path = viz.worksheet(model, tmp_path / "f.pdf", example=[1.0, 2.0], expand="all", key=False)
    made = path.read_bytes()
    pages = pdf_reading.contents(made)
    assert len(pages) > 2
    sizes = [
        float(scale) * float(size)
        for page in pages
        for scale, shapes in re.findall(r"\nq ([\d.]+) 0 0 (.*?)\nQ(?=\n|$)", page, re.DOTALL)
        for size in re.findall(r"/F\d+ ([\d.]+) Tf", shapes)
    ]
    assert min(sizes) >= 6.99
    drawn = viz.draw(model, [1.0, 2.0], expand="all", width=523).svg
    names = [text for text in pdf_reading.words(made) if text == "linear1"]
    assert names == [text for text in texts_of(drawn) if text == "linear1"]


def test_a_png_of_a_piece_is_as_high_as_it_says(high):
    image = pytest.importorskip("PIL.Image")
    from viz.layout.bitmap import png_of

    for piece in torn(high[1], 500.0, HEIGHT):
        shot = image.open(io.BytesIO(png_of(piece, 72)))
        assert shot.size == pytest.approx(size_of(piece), abs=1)
