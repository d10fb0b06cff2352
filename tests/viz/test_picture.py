"""Files of every kind, safe text in them, and what notebooks get."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from xml.etree import ElementTree

import pytest

import autograd as ag
import viz
import viz.dot.render
from autograd import Tensor
from viz.faces import korean
from viz.svg import size_of
from viz.themes import THEMES

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<b>&"\n</script>'
KINDS = {
    ".svg": b"<svg ",
    ".png": b"\x89PNG",
    ".pdf": b"%PDF",
    ".dot": b"digraph",
    ".html": b"<!DOCTYPE html>",
}


def product(name="x"):
    x, y = Tensor(2.0, name=name), Tensor(3.0, name="y")
    return x * y


@pytest.mark.parametrize(("suffix", "start"), KINDS.items())
def test_each_suffix_writes_a_file_of_its_kind(tmp_path, suffix, start):
    path = viz.draw(product()).save(tmp_path / f"f{suffix}")
    assert path.read_bytes().startswith(start)
    assert os.listdir(tmp_path) == [path.name]


def test_a_suffix_in_capitals_and_a_plain_string_do(tmp_path):
    viz.draw(product()).save(str(tmp_path / "F.SVG"))
    assert (tmp_path / "F.SVG").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("name", ["f.gif", "f", "f.svg.bak"])
def test_an_unknown_suffix_leaves_nothing_and_lists_the_known(tmp_path, name):
    with pytest.raises(viz.VizError, match=r"\.svg, \.png, \.pdf, \.dot, \.html"):
        viz.draw(product()).save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_save_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "f.svg"
    path.write_text("old")

    def fail(*paths):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        viz.draw(product()).save(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f.svg"]


@pytest.mark.parametrize(
    "name", [HOSTILE, "\\N \\G", "'] ]]> -->", "a\x00b\x1f", "</svg>", "\ud800", "x" * 500, "&amp;"]
)
def test_names_come_out_as_text_in_every_kind(name):
    with ag.scope(name):
        picture = viz.draw(product(name), title=name)
    root = ElementTree.fromstring(picture.svg)
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "g", "title", "desc", "text", "path", "polygon", "polyline", "ellipse"}
    assert "<b>" not in picture.html
    assert "</script>" not in picture.html
    assert picture.png.startswith(KINDS[".png"])
    assert picture.pdf.startswith(KINDS[".pdf"])


def test_markup_in_names_is_shown_as_it_was_written():
    texts = [t.text for t in ElementTree.fromstring(viz.draw(product(HOSTILE)).svg).iter()]
    assert '<b>&" </script>' in texts
    texts = [t.text for t in ElementTree.fromstring(viz.draw(product("\\N&amp;")).svg).iter()]
    assert "\\N&amp;" in texts


def test_svg_has_presentation_attributes_only_and_no_trace_of_its_maker():
    svg = viz.draw(product(), theme="dark").svg
    for forbidden in (" style=", "<style", " class=", "<!--", "<!DOCTYPE", "raphviz",
                      "xlink", "baseline-shift", "<script"):  # fmt: skip
        assert forbidden not in svg
    assert 'fill="#111111"' in svg


def test_subscripts_are_smaller_and_lower():
    svg = viz.draw(product("w0")).svg
    letter = re.search(r'font-size="([\d.]+)"[^>]*>w<tspan (.*?)>0</tspan></text>', svg)
    index = dict(re.findall(r'(\S+)="(\S+)"', letter[2]))
    assert float(index["dy"]) > 0 and float(index["font-size"]) < float(letter[1])
    assert "x" not in index  # It stands where the letter ends, in whatever font a reader has.


def test_the_html_page_stands_alone():
    page = viz.draw(product(), title="A & B").html
    assert "<title>A &amp; B</title>" in page
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_graphviz_object_holds_the_same_description():
    graphviz = pytest.importorskip("graphviz")
    picture = viz.draw(product())
    assert isinstance(picture.graphviz, graphviz.Source)
    assert picture.graphviz.source.strip() == picture.dot.strip()


def test_notebooks_get_pictures_of_three_kinds_and_the_derivation():
    bundle = viz.draw(product())._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "image/png", "application/pdf", "text/plain"}
    assert "x × y" in bundle["text/plain"]


@pytest.mark.parametrize("count", [1, 4, 20])
def test_notebooks_have_long_pictures_in_rows(count):
    f = Tensor(1.0, name="x")
    for _ in range(count):
        f = ag.exp(-f)
    picture = viz.draw(f, values=False)
    shown = ElementTree.fromstring(
        picture._repr_mimebundle_(include=["image/svg+xml"])["image/svg+xml"]
    )
    wide, high = (float(side) for side in shown.get("viewBox").split()[2:])
    if count == 20:
        assert shown.get("width") is None and high > 2 * size_of(picture.svg)[1]
    else:
        assert (wide, high) == size_of(picture.svg)
    assert (shown.get("width") is None) == (wide > 800)
    letters = [float(text.get("font-size")) for text in shown.iter(f"{SVG}text")]
    assert min(letters) * min(900 / wide, 1) >= 7


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ({"include": ["image/svg+xml"]}, {"image/svg+xml"}),
        ({"exclude": ["image/png", "application/pdf"]}, {"image/svg+xml", "text/plain"}),
        ({"include": {"image/png", "text/plain"}, "exclude": {"text/plain"}}, {"image/png"}),
        ({"include": ["text/html"]}, set()),
        (
            {"include": None, "exclude": ["image/svg+xml"]},
            {"image/png", "application/pdf", "text/plain"},
        ),
    ],
)
def test_notebooks_get_what_they_include_and_not_what_they_exclude(wanted, kinds):
    assert set(viz.draw(product())._repr_mimebundle_(**wanted)) == kinds


def test_what_a_notebook_does_not_want_is_not_rendered(monkeypatch):
    monkeypatch.setattr(viz.picture, "png_of", lambda *of: pytest.fail("rendered"))
    bundle = viz.draw(product())._repr_mimebundle_(include=["text/plain"])
    assert set(bundle) == {"text/plain"}


def test_without_a_renderer_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    picture = viz.draw(product())
    with pytest.raises(viz.RendererError, match="pip install resvg-py"):
        picture.png
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "application/pdf", "text/plain"}
    assert "pip install resvg-py" in bundle["text/plain"]


def test_without_graphviz_its_layout_says_what_to_install(monkeypatch):
    monkeypatch.setattr(viz.dot.render, "graphviz_library", lambda: None)
    monkeypatch.setattr(viz.dot.render.shutil, "which", lambda name: None)
    picture = viz.draw(product(), layout="dot")
    with pytest.raises(viz.RendererError, match=r"pip install pygraphviz.*apt-get install"):
        picture.svg
    assert picture.dot.startswith("digraph")
    assert "pip install pygraphviz" in picture._repr_mimebundle_()["text/plain"]


def test_without_pygraphviz_a_dot_on_the_path_serves(monkeypatch, tmp_path):
    program = tmp_path / "dot"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.stdin.read()\n"
        """print('<svg width="9pt" height="8pt" xmlns="http://www.w3.org/2000/svg"><g/></svg>')\n"""
    )
    program.chmod(0o755)
    monkeypatch.setattr(viz.dot.render, "graphviz_library", lambda: None)
    monkeypatch.setattr(viz.dot.render.shutil, "which", lambda name: str(program))
    assert size_of(viz.draw(product(), layout="dot").svg) == (9, 8)


def test_a_png_needs_no_fonts_of_the_machine():
    """Letters stand out from the white even where there is no font but ours."""
    program = (
        "import viz, viz.faces as f, autograd as ag\n"
        "f.FOLDERS = ()\n"
        "x = ag.Tensor(2.0, name='x')\n"
        "import warnings; warnings.simplefilter('error')\n"
        "p = viz.draw(x * 3)\n"
        "print(len(p.png), p.svg.count('<text'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          env={"PYTHONPATH": ":".join(sys.path), "HOME": "/nonexistent"},
                          check=True)  # fmt: skip
    assert done.stderr == ""


def test_rendering_leaves_the_environment_alone():
    before = dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        viz.draw(product("입력"), layout="dot").png
    assert dict(os.environ) == before


def test_importing_viz_loads_no_renderer():
    program = (
        "import sys, viz\n"
        "loaded = ('pygraphviz', 'graphviz', 'fontTools', 'resvg_py', 'xml.etree')\n"
        "print([m for m in loaded if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          env={"PYTHONPATH": ":".join(sys.path)}, check=True)  # fmt: skip
    assert done.stdout == "[]\n"


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_is_readable_on_every_ground(theme):
    for text in (theme.ink, theme.value, theme.gradient, theme.quiet, theme.warning):
        for ground in (theme.ground, theme.box):
            assert contrast(text, ground) >= 4.5
    assert contrast(theme.ink, theme.gate) >= 4.5
    assert contrast(theme.quiet, theme.composite) >= 4.5
    assert contrast(theme.quiet, theme.chip) >= 4.5
    assert contrast(theme.line, theme.ground) >= 3


# ---- letters


def neuron_in_korean():
    weight, given = Tensor(2.0, name="가중치0"), Tensor(-1.0, name="x")
    output = weight * given
    output.name = "출력"
    return output


with_korean = pytest.mark.skipif(not korean(), reason="needs the extra ko")


@with_korean
def test_a_font_is_asked_for_by_name_and_has_to_be_there():
    for picture in (
        viz.draw(neuron_in_korean(), font="NanumGothic"),
        viz.step(neuron_in_korean(), font="Nanum Gothic")[-1],
        viz.draw_network(inputs=["키"], layers=[1], font="나눔고딕"),
    ):
        family = re.search(r"font-family=\"'(.*?)', Helvetica", picture.svg)[1]
        assert family in ("NanumGothic", "Nanum Gothic", "나눔고딕")
        assert picture.png.startswith(b"\x89PNG") and picture.pdf.startswith(b"%PDF")
    assert b"NanumGothic" in viz.draw(product(), font="NanumGothic").pdf
    assert b"NanumGothic" not in viz.draw(product()).pdf
    for font in ("no such font", "'", 3):
        with pytest.raises(
            viz.VizError, match=r"font is .* installed here; received .*gategrad\[ko"
        ):
            viz.draw(neuron_in_korean(), font=font)


def test_hangul_is_upright_and_in_a_sans_by_name():
    svg = viz.draw(neuron_in_korean()).svg
    assert "'Malgun Gothic', NanumGothic, sans-serif" in svg
    assert "Malgun" not in viz.draw(product()).svg
    assert not re.search(r"italic[^>]*>[가-힣]", svg) and re.search(r"italic[^>]*>x<", svg)
