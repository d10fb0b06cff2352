"""Convolutional networks as stacked sheets, windows and units."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from image_layers import Convolution, Pool, lenet
from network_pictures import SVG, boxes, words

import nn
import viz

IMAGE = np.zeros((28, 28))


def shapes(picture, kind):
    """Bounding boxes of the marks of a kind, by their ids."""
    found = {}
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        for shape in group.findall(f"{SVG}{kind}"):
            if group.get("id") and kind == "polygon":
                x, y = np.array(
                    [list(map(float, p.split(","))) for p in shape.get("points").split()]
                ).T
                found[group.get("id")] = (x.min(), y.min(), x.max(), y.max())
            elif group.get("id"):
                found[group.get("id")] = shape
    return found


def test_lenet_has_the_stages_and_sizes_of_its_paper():
    picture = viz.draw_network(lenet(), IMAGE)
    sizes = [text for text in words(picture) if re.fullmatch(r"\d+@\d+×\d+|\d+", text)]
    assert sizes == [
        "1@28×28", "6@28×28", "6@14×14", "16@10×10", "16@5×5", "400", "120", "84", "10",
    ]  # fmt: skip
    assert [text for text in words(picture) if re.fullmatch(r"\d×\d", text)] == [
        "5×5", "2×2", "5×5", "2×2",
    ]  # fmt: skip
    assert picture.title == "Network Sequential, 1@28×28 → 10, 9 stages, 61,684 parameters"
    assert "convolution1 → relu1: 6 maps of 28×28, of windows 5×5." in picture.description


def test_a_stack_has_a_sheet_a_channel_up_to_seven():
    found = shapes(viz.draw_network(lenet(), IMAGE), "polygon")
    counts = [sum(key.startswith(f"s{i}_") for key in found) for i in range(5)]
    assert counts == [1, 6, 6, 7, 7]


def test_a_window_is_as_large_beside_its_map_as_it_is():
    found = shapes(viz.draw_network(lenet(), IMAGE), "polygon")
    for stage, front, share in ((1, "s0_0", 5 / 28), (2, "s1_5", 2 / 28), (3, "s2_5", 5 / 14)):
        (left, top, right, low), sheet = found[f"k{stage}"], found[front]
        assert (right - left) / (sheet[2] - sheet[0]) == pytest.approx(share, abs=1e-5)
        assert (low - top) / (sheet[3] - sheet[1]) == pytest.approx(share, abs=1e-5)
        assert sheet[0] <= left and right <= sheet[2] and sheet[1] <= top and low <= sheet[3]


def test_what_goes_past_layers_is_an_arrow_to_where_it_is_added():
    class Block(nn.Module):
        def __init__(self):
            self.first, self.conv = Convolution(1, 4, 3, 1, padding=1), Convolution(4, 4, 3, 2, 1)
            self.relu, self.drop = nn.ReLU(), nn.Dropout(0.5, rng=0)

        def forward(self, x):
            x = self.first(x)
            return self.relu(x + self.drop(self.conv(x)))

    picture = viz.draw_network(Block(), IMAGE)
    assert "relu: 4 maps of 28×28, of first and conv → drop." in picture.description
    assert {"l1_3", "l2_3"} <= set(shapes(picture, "path"))
    assert "+" in words(picture)


def test_stages_and_outputs_have_names_of_ones_own():
    model = nn.Sequential(Pool(), nn.Flatten(), nn.Linear(196, 2, rng=0))
    picture = viz.draw_network(
        model, IMAGE, layers=["그림", "풀링", "벡터", "분류"], outputs=["고양이", "개"]
    )
    assert {"그림", "풀링", "벡터", "분류", "고양이", "개"} <= set(words(picture))
    with pytest.raises(viz.VizError, match="of 4 stages"):
        viz.draw_network(model, IMAGE, layers=["a"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_file(tmp_path, theme):
    picture = viz.draw_network(lenet(), IMAGE, theme=theme, title="<LeNet>")
    assert picture.title == "<LeNet>" and "&lt;LeNet&gt;" in picture.svg
    for suffix, start in {".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"digraph",
                          ".tikz": b"\\begin{tikzpicture}"}.items():  # fmt: skip
        assert picture.save(tmp_path / f"net{suffix}").read_bytes().startswith(start)
    ids = re.findall(r'id="([^"]*)"', picture.svg)
    assert len(ids) == len(set(ids))


def test_no_label_is_on_another_or_on_a_sheet():
    picture = viz.draw_network(lenet(), IMAGE, outputs=list("0123456789"))
    found = boxes(picture)
    sheets = shapes(picture, "polygon")
    for i, (key, *box) in enumerate(found):
        others = [(k, b) for k, *b in found[i + 1 :] if k != key]
        others += list(sheets.items())
        for other, its in others:
            apart = box[0] >= its[2] or its[0] >= box[2] or box[1] >= its[3] or its[1] >= box[3]
            assert apart, (key, other)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: viz.draw_network(lenet()), "sizes in Sequential are those of an image: pass one"),
        (lambda: viz.draw_network(lenet(), np.zeros((3, 1, 28, 28))), r"write X\[0\]"),
        (lambda: viz.draw_network(lenet(), IMAGE, values=True), "values is for networks of units"),
        (lambda: viz.draw_network(lenet(), IMAGE, direction="TB"), "direction is for networks of"),
        (lambda: viz.draw_network(nn.Sequential(*[nn.Sequential(Convolution(1, 1, 1, 0))] * 130),
                                  IMAGE), "more than 120 layers is too long"),
    ],
)  # fmt: skip
def test_a_network_that_cannot_be_drawn_says_why(make, message):
    with pytest.raises(ValueError, match=message):
        make()
