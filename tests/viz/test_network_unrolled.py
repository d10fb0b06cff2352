"""Recurrent networks, folded and unrolled along time."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from network_pictures import SVG, boxes, words

import nn
import viz


def ids(picture, start):
    """The ids of elements that begin so."""
    return [i for i in re.findall(r'id="([^"]*)"', picture.svg) if re.match(start, i)]


def ends(picture, key):
    """First and last x of a line's path."""
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        if group.get("id") == key:
            numbers = re.findall(r"-?[\d.]+", group.find(f"{SVG}path").get("d"))
            return float(numbers[0]), float(numbers[-2])
    raise KeyError(key)


def indices(picture, letter):
    """What stands below a letter, in order."""
    texts = words(picture)
    return [texts[i + 1] for i, text in enumerate(texts[:-1]) if text == letter]


class Head(nn.Module):
    """What `pick` makes of a recurrent layer's outputs and state, and a linear layer."""

    def __init__(self, rnn, pick, features):
        self.rnn, self.pick, self.head = rnn, pick, nn.Linear(features, 2, rng=1)

    def forward(self, x):
        return self.head(self.pick(*self.rnn(x)))


def test_a_layer_is_a_box_with_a_loop_and_a_row_of_as_many_boxes_as_steps():
    picture = viz.draw_network(nn.Sequential(nn.RNN(3, 8, rng=0)), np.ones((6, 3)))
    assert indices(picture, "x") == indices(picture, "h") == ["t", *"123456"]
    assert ids(picture, "r") == ["r1_0"]
    assert ids(picture, "t1_") == [f"t1_{i}_0" for i in range(5)]
    assert all(start < end for start, end in (ends(picture, key) for key in ids(picture, "t1_")))
    assert {"rnn", "6×8", "input", "6×3", "="} <= set(words(picture))
    assert picture.title == "Network Sequential, 6×3 → 6×8, 2 stages, 104 parameters"


def test_long_sequences_are_left_out_in_the_middle():
    picture = viz.draw_network(nn.Sequential(nn.RNN(3, 8, rng=0)), np.ones((28, 3)), most=6)
    assert indices(picture, "h") == ["t", "1", "2", "3", "27", "28"]
    assert len(ids(picture, "t1_")) == 5  # To the dots and from them, too.


def test_cells_have_a_line_of_their_own_and_layers_a_row():
    picture = viz.draw_network(nn.Sequential(nn.LSTM(3, 8, num_layers=2, rng=0)), np.ones((4, 3)))
    assert len(ids(picture, "t")) == 2 * 3 * 2
    assert ids(picture, "r") == ["r1_0", "r2_0"]
    assert "c, the cells" in picture.svg
    texts = words(picture)
    assert [texts[i + 1 : i + 3] for i, t in enumerate(texts) if t == "h"][:3] == [
        ["t", "1"], ["1", "1"], ["2", "1"],
    ]  # fmt: skip


def test_both_ways_are_lines_both_ways():
    model = nn.Sequential(nn.GRU(3, 8, bidirectional=True, rng=0))
    picture = viz.draw_network(model, np.ones((3, 3)))
    forward, backward = ends(picture, "t1_0_0"), ends(picture, "t1_0_1")
    assert forward[0] < forward[1] and backward[0] > backward[1]
    assert len(ids(picture, "r1_")) == 2
    assert "gru: 3 steps of 16, each step after the one before, both ways." in picture.description


PICKS = {
    "last": lambda out, state: out[:, -1],
    "state": lambda out, state: state[-1],
    "module": lambda out, state: nn.LastStep()(out),
}


@pytest.mark.parametrize("pick", PICKS.values(), ids=PICKS)
def test_what_reads_the_last_step_has_an_arrow_from_it_alone(pick):
    picture = viz.draw_network(Head(nn.RNN(3, 4, rng=0), pick, 4), np.ones((5, 3)))
    assert [key for key in ids(picture, "u3") if "_" in key] == ["u3_4"]


def test_what_reads_all_steps_is_a_box_over_all_of_them():
    model = Head(nn.RNN(3, 4, rng=0), lambda out, state: out.mean(axis=1), 4)
    picture = viz.draw_network(model, np.ones((5, 3)))
    assert [key for key in ids(picture, "u2") if "_" in key] == [f"u2_{i}" for i in range(5)]
    assert ids(picture, "s2") == ["s2"]
    first = Head(nn.RNN(3, 4, rng=0), lambda out, state: out[:, 0], 4)
    assert ids(viz.draw_network(first, np.ones((5, 3))), "s2") == ["s2"]


def test_what_works_on_each_step_has_a_box_a_step():
    picture = viz.draw_network(Head(nn.GRU(3, 4, rng=0), lambda out, state: out, 4))
    assert indices(picture, "y") == ["t", *"1234"]


def test_tokens_and_their_vectors_are_rows_too():
    model = nn.Sequential(nn.Embedding(10, 3, rng=0), nn.RNN(3, 4, rng=0), nn.LastStep())
    picture = viz.draw_network(model, np.array([3, 1, 4]))
    assert {"embedding", "3×3", "3×4"} <= set(words(picture))


def test_a_way_past_a_recurrence_is_drawn_as_it_is():
    class Past(nn.Module):
        def __init__(self):
            self.rnn = nn.RNN(4, 4, rng=0)

        def forward(self, x):
            return x + self.rnn(x)[0]

    picture = viz.draw_network(Past(), np.ones((3, 4)))
    assert "+: 3 steps of 4, of input and rnn." in picture.description
    assert "r1" in ids(picture, "r") and "+" in words(picture)


def test_tokens_are_steps_and_a_model_of_letters_is_unrolled():
    picture = viz.draw_network(nn.CharRNN("abc", hidden_size=4, embedding=2, rng=0))
    assert indices(picture, "x") == indices(picture, "y") == ["t", *"1234"]
    assert picture.description.startswith("input: 4 tokens.\ntable: 4 steps of 2.")


def test_a_transformer_is_blocks_and_ways_past_them():
    model = nn.TinyGPT(5, 8, dim=4, heads=2, blocks=1, rng=0)
    picture = viz.draw_network(model, np.array([1, 4, 2]))
    assert picture.description.split("\n") == [
        "input: 3 tokens.", "tokens: 3 steps of 4.", "places: 3 steps of 4.",
        "+: 3 steps of 4, of tokens and places.", "norm1: 3 steps of 4.",
        "self_attn: 3 steps of 4.", "+: 3 steps of 4, of + and self_attn.",
        "norm2: 3 steps of 4.", "linear1 → function: 3 steps of 16.", "linear2: 3 steps of 4.",
        "+ → norm: 3 steps of 4, of + and linear2.", "output: 3 steps of 5.",
    ]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_escaped_ids_apart_and_labels_apart(tmp_path, theme):
    model = nn.Sequential(nn.LSTM(3, 8, num_layers=2, rng=0), nn.LastStep(), nn.Linear(8, 2, rng=0))
    picture = viz.draw_network(model, theme=theme, layers=["<x>", "순환층", "마지막", "출력"])
    assert "&lt;x&gt;" in picture.svg and {"순환층", "마지막"} <= set(words(picture))
    found = re.findall(r'id="([^"]*)"', picture.svg)
    assert len(found) == len(set(found))
    for suffix, part in {
        ".png": b"\x89PNG",
        ".dot": b"digraph",
        ".tex": b"\\documentclass",
    }.items():
        assert part in picture.save(tmp_path / f"net{suffix}").read_bytes()
    labels = boxes(picture)
    for i, (key, *box) in enumerate(labels):
        for other, *its in labels[i + 1 :]:
            apart = box[0] >= its[2] or its[0] >= box[2] or box[1] >= its[3] or its[1] >= box[3]
            assert key == other or apart, (key, other)


def test_what_is_not_told_of_steps_says_so():
    model = nn.Sequential(nn.RNN(3, 8, rng=0))
    with pytest.raises(viz.VizError, match="outputs are not named"):
        viz.draw_network(model, outputs=["a"] * 8)
    with pytest.raises(viz.VizError, match="gradient is for networks of units"):
        viz.draw_network(model, np.ones((4, 3)), gradient=[1.0])
    with pytest.raises(viz.VizError, match=r"write X\[0\]"):
        viz.draw_network(model, np.ones((2, 4, 3)))
