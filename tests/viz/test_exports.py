"""TikZ and Mermaid: the same shapes and numbers, in texts that TeX and Mermaid can read."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from autograd.numerals import number
from viz import examples
from viz.svg import size_of
from viz.tikz import tex

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ['<b>&"', "a_b^c", "50% $x$ #1", "{\\write18}", "~|`'", "</script>", "x\ny"]


def balanced(text):
    """Whether braces open and close, those behind a backslash aside."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace("\\\\", "")):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


# ---- TikZ


def test_every_shape_and_text_of_the_svg_is_in_the_tikz():
    picture = viz.draw(examples.build("E4"))
    root = ElementTree.fromstring(picture.svg)
    drawn = picture.tikz
    texts = list(root.iter(f"{SVG}text"))
    assert drawn.count(r"\node[") == len(texts)
    for text in texts:
        is_name = text.get("font-style") == "italic" and len(text.text) == 1
        content = f"${text.text}$" if is_name else tex(text.text)
        assert f"at ({text.get('x')},{text.get('y')}) {{{content}}};" in drawn
    circles = list(root.iter(f"{SVG}ellipse"))
    assert drawn.count(" ellipse [") == len(circles)
    for circle in circles:
        assert f"({circle.get('cx')},{circle.get('cy')}) ellipse" in drawn
    for path in root.iter(f"{SVG}path"):
        start, *_, end = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d"))
        assert f"({','.join(start)})" in drawn
        assert path.get("d").endswith("Z") or f"({','.join(end)});" in drawn


def test_colours_widths_and_dashes_are_the_pictures():
    w = Tensor(0.0, name="w")
    drawn = viz.draw(ag.relu(w * 2.0 - 1.0), theme="dark").tikz
    assert "{HTML}{34D399}" in drawn
    assert "{HTML}{111111}" in drawn
    assert "dash pattern=on" in drawn  # w is dead
    net = viz.draw_network(nn.MLP(2, [2], 1, rng=0))
    widths = {float(w) for w in re.findall(r"line width=([\d.]+)bp", net.tikz)}
    assert len(widths) > 3


@pytest.mark.parametrize("name", NAMES)
def test_names_are_text_to_tex(name):
    x = Tensor(2.0, name=name)
    picture = viz.draw(x * 3.0, title=name)
    assert balanced(picture.tex)
    assert "write18" not in picture.tex.replace(r"\textbackslash{}write18", "")
    body = picture.tikz.replace(r"\textbackslash{}", "")
    assert not re.search(r"(?<!\\)[%&#]", body)
    assert len(re.findall(r"(?<!\\)\$", body)) % 2 == 0


def test_the_document_holds_the_picture_and_has_its_size(tmp_path):
    picture = viz.draw(examples.build("E1"))
    path = picture.save(tmp_path / "chain.tex")
    text = path.read_text(encoding="utf-8")
    assert picture.tikz in text
    paper = re.search(r"paperwidth=([\d.]+)bp, paperheight=([\d.]+)bp", text)
    assert tuple(map(float, paper.groups())) == pytest.approx(size_of(picture.svg), abs=8)


def test_a_smaller_picture_is_smaller_in_tex():
    f = Tensor(1.0, name="x")
    for _ in range(6):
        f = ag.tanh(f)
    wide = 0.9 * size_of(viz.draw(f).svg)[0]
    whole, small = viz.draw(f).tikz, viz.draw(f, width=wide).tikz
    scale = float(re.search(r"x=([\d.]+)bp", small)[1])
    assert 0.7 < scale < 1
    for length in (r"fontsize\{([\d.]+)\}", r"x radius=([\d.]+)bp", r"line width=([\d.]+)bp"):
        sizes = [[float(n) for n in re.findall(length, text)] for text in (whole, small)]
        assert sizes[1] == pytest.approx([scale * size for size in sizes[0]], rel=1e-3)


# ---- Mermaid


def read(text):
    """A flowchart's nodes (label by key), links (source, label, target) and subgraphs."""
    nodes = dict(re.findall(r'(\w+)\(+\[?"([^"]*)"', text))
    links = re.findall(r'^  (\w+) -->(?:\|"([^"]*)"\|)? (\w+)', text, re.MULTILINE)
    return nodes, links, re.findall(r'subgraph \w+\["([^"]*)"\]', text)


def test_a_flowchart_has_the_graphs_gates_links_and_numbers():
    output = examples.build("E4")
    trace = ag.trace(output)
    nodes, links, boxes = read(viz.draw(output).mermaid)
    gates = [node for node in trace.nodes if node.gate]
    assert len([key for key in nodes if key.startswith("g")]) == len(gates)
    assert {"x", "y", "f", "÷", "σ", "x²"} <= set(nodes.values())
    assert boxes == []
    told = sorted(label for _, label, _ in links)
    expected = [f"{number(e.value)}<br/>{number(e.grad)}" for e in trace.edges]
    expected.append(f"{number(output.data)}<br/>1")
    assert told == sorted(expected)
    assert all(source in nodes and target in nodes for source, _, target in links)


def test_open_gates_are_subgraphs_and_bare_graphs_have_shapes():
    _, _, boxes = read(viz.draw(examples.build("E4"), expand="sigmoid").mermaid)
    assert boxes == ["sigmoid", "sigmoid"]
    _, links, _ = read(viz.draw(examples.build("E5"), values=False, direction="TB").mermaid)
    assert {label for _, label, _ in links} == {"2×2", "2", ""}
    text = viz.draw(examples.build("E5"), values=False, direction="TB").mermaid
    assert text.startswith("flowchart TB\n")


def test_what_is_not_computed_and_what_is_constant_differ():
    x = Tensor(2.0, name="x") * Tensor(3.0, name="c", requires_grad=False)
    _, links, _ = read(viz.draw(x, backward=False).mermaid)
    assert {label for _, label, _ in links} == {"2<br/>○", "3", "6<br/>○"}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_text_to_mermaid(name):
    with ag.scope(name):
        text = viz.draw(Tensor(2.0, name=name) * 3.0).mermaid
    for label in re.findall(r'"([^"]*)"', text):
        assert not set("<>&`") & set(label.replace("<br/>", ""))
    nodes, links, _ = read(text)
    assert len(links) == 2 and len(nodes) >= 3


def test_modules_and_programs_have_flowcharts_and_networks_say_they_have_none(tmp_path):
    model = nn.MLP(3, [4], 1, rng=0)
    nodes, _, boxes = read(viz.draw(model, np.ones((1, 3))).mermaid)
    assert boxes == ["mlp"] and "linear1<br/>16 weights" in nodes.values()
    _, _, boxes = read(viz.draw(ag.compile(Tensor(2.0, name="x") * 2.0)).mermaid)
    assert boxes == ["forward", "backward"]
    picture = viz.draw_network(model)
    with pytest.raises(viz.VizError, match=r"writes \.svg, .*\.tikz, \.gv by suffix"):
        picture.save(tmp_path / "net.mmd")
    assert picture.save(tmp_path / "net.tex").stat().st_size > 1000


def test_a_kind_of_file_has_the_suffixes_that_people_give_it(tmp_path):
    picture = viz.draw(Tensor(2.0, name="x") * 3.0)
    for suffix, text in {".gv": picture.dot, ".dot": picture.dot, ".tikz": picture.tikz}.items():
        assert picture.save(tmp_path / f"f{suffix}").read_text(encoding="utf-8") == text


def test_a_mermaid_file_is_the_text(tmp_path):
    picture = viz.draw(examples.build("E1"))
    assert picture.save(tmp_path / "f.mmd").read_text(encoding="utf-8") == picture.mermaid


def test_latex_sets_the_font_that_is_asked_for_first(nanum):
    x = Tensor(2.0, name="가중치")
    picture, stepper = viz.draw(x * x, font=nanum), viz.step(x * x, font=nanum)
    beamer = stepper.formats[".tex"](stepper, None).decode()
    for document in (picture.tex, beamer):
        assert re.findall(r"\\ggtry\{(.*?)\}", document)[0] == "NanumGothic"
    assert r"% Set with \setsansfont{NanumGothic}." in picture.tikz
    assert "setsansfont{Nanum" not in viz.draw(x * x).tikz
