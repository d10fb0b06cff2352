"""Summaries: the slides' counts, and tables for models of every kind."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor


@pytest.mark.parametrize(
    ("sizes", "parameters", "multiply_adds"),
    [((3, [4], 2), 26, 20), ((3, [4, 4], 1), 41, 32), ((784, [128, 64], 10), 109_386, 109_184)],
)
def test_the_slides_networks(sizes, parameters, multiply_adds):
    summary = nn.MLP(*sizes).summary()
    assert (summary.parameters, summary.multiply_adds) == (parameters, multiply_adds)
    assert summary.memory == 4 * parameters
    assert f"{parameters:,}" in str(summary)


def test_the_whole_table():
    expected = """\
MLP(784, [128, 64], 10)
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
Layer                      Output shape  Parameters     Memory  Multiply-adds
─────────────────────────────────────────────────────────────────────────────
linear1  Linear(784, 128)  (N, 128)         100,480  392.5 KiB        100,352
relu1    ReLU()            (N, 128)               –          –              –
linear2  Linear(128, 64)   (N, 64)            8,256   32.2 KiB          8,192
relu2    ReLU()            (N, 64)                –          –              –
linear3  Linear(64, 10)    (N, 10)              650    2.5 KiB            640
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
Total                                       109,386  427.3 KiB        109,184
float32; a sample takes 109,184 multiply-adds and 1.5 KiB for the layers' outputs"""
    summary = nn.MLP(784, [128, 64], 10).summary()
    assert str(summary) == repr(summary) == expected


def test_a_forward_pass_by_hand_takes_so_many_multiply_adds():
    """dp + pc of the slides, for 784-128-10."""
    assert nn.MLP(784, [128], 10).summary().multiply_adds == 784 * 128 + 128 * 10 == 203_264 // 2


def test_modules_inside_modules_are_indented_below_them():
    model = nn.Autoencoder(8, [4, 2], rng=0)
    rows = model.summary().rows
    assert [(row.depth, row.name) for row in rows] == [
        (0, "encoder"), (1, "linear1"), (1, "sigmoid1"), (1, "linear2"), (1, "sigmoid2"),
        (0, "decoder"), (1, "linear1"), (1, "sigmoid"), (1, "linear2"),
    ]  # fmt: skip
    assert [row.is_group for row in rows].count(True) == 2
    assert model.summary().parameters == sum(p.size for p in model.parameters())
    assert "\n  linear1   Linear(8, 4)" in str(model.summary())


def test_state_is_counted_apart():
    summary = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm(2)).summary()
    assert (summary.parameters, summary.state) == (8 + 4, 4)
    assert "12 trained, 4 kept" in str(summary)


def test_what_is_shared_counts_once_and_what_is_not_called_counts_too():
    class Odd(nn.Module):
        def __init__(self):
            self.twice, self.never = nn.Linear(2, 2), [nn.Linear(5, 6)]
            self.own = Tensor([1.0, 2.0])

        def forward(self, x):
            return self.twice(self.twice(x)) * self.own

    summary = Odd().summary()
    assert summary.parameters == 6 + 36 + 2
    assert [row.parameters for row in summary.rows] == [2, 6, 0, 36]
    assert "never.0" in str(summary)
    assert "not called" in str(summary)


def test_a_model_is_afterwards_as_it_was():
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm(2), nn.Dropout(rng=0))
    model.layers[1].eval()
    before, rng = model.state_dict(), model.layers[2].rng.bit_generator.state
    model.summary()
    assert [m.training for m in model.modules()] == [True, True, False, True]
    assert model.layers[2].rng.bit_generator.state == rng
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_the_scalar_form_counts_its_numbers():
    summary = nn.MLP(2, [16, 16], 1, scalar=True).summary()
    assert (summary.parameters, summary.multiply_adds) == (337, 304)
    assert [row.output_shape for row in summary.rows] == [(16,), (16,), (16,), (16,), (1,)]
    assert "16 numbers" in str(summary)
    assert "1 number " in str(summary)
    assert "Python floats" in str(summary)


def test_an_input_shape_that_no_layer_tells_is_asked_for():
    model = nn.Sequential(nn.Flatten(), nn.ReLU())
    with pytest.raises(nn.OptionError, match="input_shape"):
        model.summary()
    rows = model.summary(input_shape=(28, 28)).rows
    assert [row.output_shape for row in rows] == [(784,), (784,)]
    assert nn.ReLU().summary(3).rows[0].output_shape == (3,)
    assert nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).summary().parameters == 7850


@pytest.mark.parametrize("shape", [0, (3, -1), "wide", (2.5,)])
def test_a_shape_that_is_none_is_refused(shape):
    with pytest.raises((ValueError, TypeError), match="input_shape"):
        nn.ReLU().summary(input_shape=shape)


def test_an_input_shape_that_does_not_fit_leaves_no_mode_behind():
    model = nn.Linear(3, 2)
    with pytest.raises(ValueError, match="expects 3 features"):
        model.summary(input_shape=4)
    assert model.training
    assert model.summary().parameters == 8
