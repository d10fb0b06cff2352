"""Convolutional networks as stacked sheets, windows and units."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_pictures import SVG, boxes, runs_through, segments, words

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
    picture = viz.draw_network(nn.LeNet5(rng=0), IMAGE)
    sizes = [text for text in words(picture) if re.fullmatch(r"\d+@\d+×\d+|\d+", text)]
    assert sizes == [
        "1@28×28", "6@28×28", "6@14×14", "16@10×10", "16@5×5", "400", "120", "84", "10",
    ]  # fmt: skip
    assert [text for text in words(picture) if re.fullmatch(r"\d×\d", text)] == [
        "5×5", "2×2", "5×5", "2×2",
    ]  # fmt: skip
    assert picture.title == "Network LeNet5, 1@28×28 → 10, 9 stages, 61,706 parameters"
    assert "conv2d1 → relu1: 6 maps of 28×28, of windows 5×5." in picture.description


def test_a_stack_has_a_sheet_a_channel_up_to_seven():
    found = shapes(viz.draw_network(nn.LeNet5(rng=0), IMAGE), "polygon")
    counts = [sum(key.startswith(f"s{i}_") for key in found) for i in range(5)]
    assert counts == [1, 6, 6, 7, 7]


def test_a_window_is_as_large_beside_its_map_as_it_is():
    found = shapes(viz.draw_network(nn.LeNet5(rng=0), IMAGE), "polygon")
    for stage, front, share in ((1, "s0_0", 5 / 28), (2, "s1_5", 2 / 28), (3, "s2_5", 5 / 14)):
        (left, top, right, low), sheet = found[f"k{stage}"], found[front]
        assert (right - left) / (sheet[2] - sheet[0]) == pytest.approx(share, abs=1e-5)
        assert (low - top) / (sheet[3] - sheet[1]) == pytest.approx(share, abs=1e-5)
        assert sheet[0] <= left and right <= sheet[2] and sheet[1] <= top and low <= sheet[3]


def test_what_goes_past_layers_is_an_arrow_to_where_it_is_added():
    class Block(nn.Module):
        def __init__(self):
            self.first, self.conv = (
                nn.Conv2d(1, 4, 3, padding=1, rng=1),
                nn.Conv2d(4, 4, 3, padding=1, rng=2),
            )
            self.relu, self.drop = nn.ReLU(), nn.Dropout(0.5, rng=0)

        def forward(self, x):
            x = self.first(x)
            return self.relu(x + self.drop(self.conv(x)))

    picture = viz.draw_network(Block(), IMAGE)
    assert "+ → relu: 4 maps of 28×28, of first and conv → drop." in picture.description
    assert {"l1_3", "l2_3"} <= set(shapes(picture, "path"))
    assert "+" in words(picture)


def test_stages_and_outputs_have_names_of_ones_own():
    model = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(196, 2, rng=0))
    picture = viz.draw_network(
        model, IMAGE, layers=["그림", "풀링", "벡터", "분류"], outputs=["고양이", "개"]
    )
    assert {"그림", "풀링", "벡터", "분류", "고양이", "개"} <= set(words(picture))
    with pytest.raises(viz.VizError, match="of 4 stages"):
        viz.draw_network(model, IMAGE, layers=["a"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_file(tmp_path, theme):
    picture = viz.draw_network(nn.LeNet5(rng=0), IMAGE, theme=theme, title="<LeNet>")
    assert picture.title == "<LeNet>" and "&lt;LeNet&gt;" in picture.svg
    for suffix, start in {".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"digraph",
                          ".tikz": b"\\begin{tikzpicture}"}.items():  # fmt: skip
        assert picture.save(tmp_path / f"net{suffix}").read_bytes().startswith(start)
    ids = re.findall(r'id="([^"]*)"', picture.svg)
    assert len(ids) == len(set(ids))


def test_no_label_is_on_another_or_on_a_sheet():
    picture = viz.draw_network(nn.LeNet5(rng=0), IMAGE, outputs=list("0123456789"))
    found = boxes(picture)
    sheets = shapes(picture, "polygon")
    for i, (key, *box) in enumerate(found):
        others = [(k, b) for k, *b in found[i + 1 :] if k != key]
        others += list(sheets.items())
        for other, its in others:
            apart = box[0] >= its[2] or its[0] >= box[2] or box[1] >= its[3] or its[1] >= box[3]
            assert apart, (key, other)


@pytest.mark.parametrize(
    ("model", "example", "options", "message"),
    [
        (nn.Sequential(nn.Conv2d(1, 1, 2, rng=0)), None, {}, "Sequential are those of an image"),
        (nn.LeNet5(rng=0), np.zeros((3, 1, 28, 28)), {}, r"write X\[0\]"),
        (nn.LeNet5(rng=0), IMAGE, {"values": True}, "values is for networks of units"),
        (nn.LeNet5(rng=0), IMAGE, {"direction": "TB"}, "direction is for networks of units"),
        (nn.Sequential(*[nn.MaxPool2d(1) for _ in range(130)]), IMAGE, {}, "120 layers is too"),
    ],
)
def test_a_network_that_cannot_be_drawn_says_why(model, example, options, message):
    with pytest.raises(viz.VizError, match=message):
        viz.draw_network(model, example, **options)


def test_a_residual_block_norms_and_dropout_are_shown_as_they_are():
    block = nn.Sequential(
        nn.Conv2d(8, 8, 3, padding=1, rng=1), nn.BatchNorm2d(8), nn.Dropout2d(0.5, rng=2)
    )
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=0), nn.ReLU(), nn.Residual(block), nn.ReLU(),
        nn.GlobalAvgPool2d(), nn.Linear(8, 3, rng=3),
    )  # fmt: skip
    picture = viz.draw_network(model, IMAGE)
    stages = [line.split(": ")[0] for line in picture.description.split("\n")]
    assert stages == [
        "input", "conv2d → relu1", "conv2d → batchnorm2d → dropout2d", "+ → relu2",
        "globalavgpool2d", "linear",
    ]  # fmt: skip
    assert "relu2: 8 maps of 28×28, of conv2d → relu1 and conv2d → batch" in picture.description
    before = model.state_dict()
    assert all(np.array_equal(v, before[k]) for k, v in model.state_dict().items())
    assert all(module.training for module in model.modules())


def test_sequences_of_one_axis_and_frozen_layers():
    model = nn.Sequential(nn.Conv1d(2, 8, 5, rng=0), nn.MaxPool1d(2), nn.Flatten(),
                          nn.Linear(384, 3, rng=0))  # fmt: skip
    for parameter in model.parameters():
        parameter.requires_grad = False
    picture = viz.draw_network(model, np.zeros((2, 100)))
    assert {"2@100", "8@96", "8@48", "384", "3"} <= set(words(picture))


@st.composite
def convolutional(draw):
    """Random networks of convolutions, pooling, ways past them and units."""
    side, channels = draw(st.integers(9, 40)), draw(st.integers(1, 9))
    layers, read, size = [nn.Conv2d(channels, channels, 1, rng=0)], channels, side
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["conv", "pool", "past", "branch", "norm"]))
        made = draw(st.integers(1, 9))
        if kind == "conv" and size > 3:
            layers += [nn.Conv2d(read, made, 3, rng=0), nn.ReLU()]
            read, size = made, size - 2
        elif kind == "pool" and size > 3:
            layers.append(nn.MaxPool2d(2))
            size //= 2
        elif kind == "norm":
            layers += [nn.BatchNorm2d(read), nn.Dropout2d(0.5, rng=0)]
        else:
            inner = nn.Conv2d(read, read, 3, padding=1, rng=0)
            shortcut = nn.Conv2d(read, read, 1, rng=0) if kind == "branch" else None
            layers += [nn.Residual(nn.Sequential(inner, nn.ReLU()), shortcut)]
    layers += [nn.Flatten(), nn.Linear(read * size**2, draw(st.integers(1, 12)), rng=0)]
    return nn.Sequential(*layers), np.zeros((channels, side, side))


@settings(max_examples=25)
@given(convolutional())
def test_no_label_is_on_another_a_sheet_or_a_line_past_it(made):
    picture = viz.draw_network(*made)
    found, sheets = boxes(picture), shapes(picture, "polygon")
    sheets = {key: box for key, box in sheets.items() if key[0] in "sk"}
    for i, (key, *box) in enumerate(found):
        others = [(k, b) for k, *b in found[i + 1 :] if k != key]
        for other, its in [*others, *sheets.items()]:
            apart = box[0] >= its[2] or its[0] >= box[2] or box[1] >= its[3] or its[1] >= box[3]
            assert apart, (key, other)
        for line, start, end, wide in segments(picture):
            if line and line.startswith("l") and not key.startswith("g"):
                assert not runs_through(start, end, wide, box), (key, line)


def test_a_transposed_convolution_has_no_window_on_what_it_reads():
    model = nn.Sequential(nn.ConvTranspose2d(2, 3, 3, stride=2, rng=0), nn.ReLU())
    picture = viz.draw_network(model, np.zeros((2, 4, 4)))
    assert "convtranspose2d → relu: 3 maps of 9×9." in picture.description
    assert "l0_1" in shapes(picture, "path")
