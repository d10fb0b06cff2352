"""Plots of what convolutions, recurrences and attention do: the numbers are the model's own."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor

CONV = partial(nn.Conv2d, dtype=np.float64)
IMAGE = np.random.default_rng(0).normal(size=(1, 12, 12))


class Chain(nn.Module):
    """h = u·h + w·x: the gradient by x of the step t is w·uᵀ⁻ᵗ, whatever x is."""

    def __init__(self, u):
        self.u, self.w = Tensor(u), Tensor(2.0)

    def forward(self, x):
        h = 0.0
        for t in range(x.shape[1]):
            h = self.u * h + self.w * x[:, t]
        return h


@pytest.fixture
def images():
    return nn.Sequential(CONV(1, 3, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), CONV(3, 4, 2, rng=1))


def shown(ax):
    return [np.asarray(image.get_array()) for image in ax.images]


# ---- plot_feature_maps


def test_feature_maps_are_the_layers_outputs(images):
    ax = viz.plot_feature_maps(images, IMAGE, most=2)
    first = images.layers[0](IMAGE[None])
    pooled = images.layers[2](images.layers[1](first))
    rows = [IMAGE[None], first.data, np.maximum(first.data, 0), pooled.data,
            images.layers[3](pooled).data]  # fmt: skip
    expected = [channel for row in rows for channel in row[0][:2]]
    assert len(shown(ax)) == len(expected) == 9
    for found, maps in zip(shown(ax), expected, strict=True):
        assert np.allclose(found, maps)
    assert ax.texts[1].get_text() == "conv2d1\n3×10×10, 2 shown"


def test_each_row_of_feature_maps_has_a_scale_of_its_own(images):
    ax = viz.plot_feature_maps({"a": np.full((1, 2, 2), 7.0), "b": np.full((2, 2, 2), -0.1)})
    assert [image.get_clim() for image in ax.images] == [(-7, 7), (-0.1, 0.1), (-0.1, 0.1)]


# ---- plot_kernels


def test_kernels_are_the_weights_a_column_a_channel_that_is_made(images):
    weight = images.layers[3].weight.data
    ax = viz.plot_kernels(images, "layers.3")
    (picture,) = shown(ax)
    for made in range(4):
        for read in range(3):
            tile = picture[3 * read : 3 * read + 2, 3 * made : 3 * made + 2]
            assert np.array_equal(tile, weight[made, read])
    assert ax.get_title(loc="left") == "Kernels 2×2 of layers.3: 4 channels of 3"
    few = viz.plot_kernels(weight, most=2)
    assert few.get_title(loc="left") == "Kernels 2×2: 4 channels of 3, 2 of 2 shown"


def test_kernels_of_a_transposed_convolution_are_by_what_they_make():
    layer = nn.ConvTranspose2d(2, 3, 2, rng=0)
    ax = viz.plot_kernels(layer)
    assert ax.get_title(loc="left") == "Kernels 2×2: 3 channels of 2"
    assert np.allclose(shown(ax)[0][:2, 3:5], layer.weight.data[0, 1])


# ---- plot_receptive_field


def frame(ax):
    """First and last row, first and last column of the frame."""
    (box,) = ax.patches
    left, top = box.get_x() + 0.5, box.get_y() + 0.5
    return top, top + box.get_height() - 1, left, left + box.get_width() - 1


def test_the_field_of_stacked_convolutions_is_by_their_sizes(images):
    """3 + 1 of the pooling, and for the second row of the window 2 more."""
    ax = viz.plot_receptive_field(images, IMAGE, unit=(0, 1, 2))
    assert frame(ax) == (2, 7, 4, 9)
    assert ax.get_title(loc="left").endswith("of conv2d2: 6×6 of 12×12 pixels")
    first = viz.plot_receptive_field(images, IMAGE, "conv2d1", unit=(2, 0, 9))
    assert frame(first) == (0, 2, 9, 11)


def test_the_effective_field_is_the_gradient(images):
    """By finite differences, which are exact where no maximum changes hands."""
    ax = viz.plot_receptive_field(images, IMAGE, unit=(1, 2, 2))
    slopes, step = np.zeros((12, 12)), 1e-6
    for i in range(12):
        for j in range(12):
            moved = np.zeros((1, 1, 12, 12))
            moved[0, 0, i, j] = step
            ends = [images(IMAGE[None] + sign * moved).data[0, 1, 2, 2] for sign in (1, -1)]
            slopes[i, j] = (ends[0] - ends[1]) / (2 * step)
    assert np.allclose(shown(ax)[1], slopes, atol=1e-6)


def test_weights_of_zero_do_not_shrink_the_field(images):
    images.layers[0].weight.data = np.zeros((3, 1, 3, 3))
    assert frame(viz.plot_receptive_field(images, IMAGE, unit=(0, 0, 0))) == (0, 5, 0, 5)


def test_a_field_of_a_dense_unit_is_the_whole_image():
    model = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5, rng=0, dtype=np.float64))
    ax = viz.plot_receptive_field(model, IMAGE, "linear", unit=3)
    assert frame(ax) == (0, 11, 0, 11)


# ---- plot_attention


def test_attention_is_shown_as_it_is_and_written_where_it_is_not_zero():
    weights = np.array([[1.0, 0.0, 0.0], [0.25, 0.75, 0.0], [0.4, 0.599, 0.001]])
    ax = viz.plot_attention(weights, queries=["the", "cat", "sat"])
    assert np.array_equal(shown(ax)[0], weights)
    texts = {text.get_text() for text in ax.texts}
    assert texts == {"1", "0.25", "0.75", "0.4", "0.6", "≈0"}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["the", "cat", "sat"]


def test_heads_stand_side_by_side():
    weights = np.random.default_rng(0).dirichlet(np.ones(5), size=(1, 3, 4))
    ax = viz.plot_attention(weights, queries="abcd", keys="vwxyz")
    assert all(np.array_equal(a, b) for a, b in zip(shown(ax), weights[0], strict=True))
    extents = [image.get_extent()[:2] for image in ax.images]
    assert all(end < start for (_, end), (start, _) in pairwise(extents))
    assert [label.get_text() for label in ax.get_xticklabels()] == list("vwxyz" * 3)


def test_a_models_attention_is_softmax_of_queries_times_keys():
    block = nn.TransformerBlock(8, 2, causal=True, rng=0, dtype=np.float64)
    x = np.random.default_rng(0).normal(size=(5, 8))
    ax = viz.plot_attention(nn.Sequential(block), x)
    inner, normed = block.self_attn, block.norm1(x[None]).data[0]
    joined = normed @ inner.in_proj_weight.data.T + inner.in_proj_bias.data
    for head, found in enumerate(shown(ax)):
        q, k = (joined[:, start + 4 * head : start + 4 * head + 4] for start in (0, 8))
        scores = np.where(np.tri(5, dtype=bool), np.exp(q @ k.T / 2), 0)
        assert np.allclose(found, scores / scores.sum(axis=1, keepdims=True))


def test_the_mask_of_a_call_and_the_layer_are_what_is_shown():
    class Masked(nn.Module):
        def __init__(self):
            self.first = nn.MultiHeadAttention(4, 1, rng=0, dtype=np.float64)
            self.second = nn.MultiHeadAttention(4, 1, rng=1, dtype=np.float64)

        def forward(self, x):
            return self.second(self.first(x), mask=np.eye(3, dtype=bool))

    x = np.random.default_rng(0).normal(size=(1, 3, 4))
    model = Masked()
    ax = viz.plot_attention(model, x, layer=1, queries="abc")
    assert np.allclose(shown(ax)[0], np.eye(3))
    assert ax.get_title(loc="left") == "Attention, layer 2 of 2"
    first = shown(viz.plot_attention(model, x))[0]
    assert np.allclose(first, model.first.weights(x).data[0, 0])


# ---- plot_gradient_through_time


@pytest.mark.parametrize("u", [0.5, 1.0, 1.5])
def test_a_linear_recurrence_has_the_gradient_of_its_closed_form(u):
    x = np.random.default_rng(0).normal(size=(2, 10, 1))
    ax = viz.plot_gradient_through_time({"chain": Chain(u)}, x)
    (line,) = ax.lines
    assert line.get_xdata().tolist() == list(range(1, 11))
    assert np.allclose(line.get_ydata(), 2 * u ** np.arange(9.0, -1, -1))
    assert ax.texts[0].get_text() == f"chain: ×{u:g} a step back"


def test_tokens_have_the_gradient_of_what_the_first_layer_makes_of_them():
    model = nn.Sequential(
        nn.Embedding(7, 3, rng=0, dtype=np.float64), nn.RNN(3, 4, rng=1, dtype=np.float64)
    )
    tokens = np.array([[1, 5, 2, 1], [0, 6, 3, 4]])
    ax = viz.plot_gradient_through_time(model, tokens)
    vectors = model.layers[0](tokens).data
    by = viz.plot_gradient_through_time(model.layers[1], vectors)
    assert np.allclose(ax.lines[0].get_ydata(), by.lines[0].get_ydata())
    classes = nn.CharRNN("abcdefg", hidden_size=4, rng=0)
    logits = classes(tokens)
    last = viz.plot_gradient_through_time(classes, tokens)
    said = viz.plot_gradient_through_time(classes, tokens, loss=lambda out: out[:, :, -1].sum())
    assert logits.shape == (2, 7, 4)
    assert np.array_equal(last.lines[0].get_ydata(), said.lines[0].get_ydata())
    with pytest.raises(viz.VizError, match="two axes of 4, of which either"):
        viz.plot_gradient_through_time(nn.CharRNN("abcd", rng=1), tokens % 4)


def test_a_loss_of_ones_own_is_what_is_derived():
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    ax = viz.plot_gradient_through_time(Chain(1.0), x, loss=lambda out: (out[:, 0] * 5.0).sum())
    assert np.allclose(ax.lines[0].get_ydata(), 10)
    assert ax.get_title(loc="left").endswith("step 1 gets 1 × that of the last")


def test_models_and_gradients_stay_as_they_are(images):
    before = images.state_dict()
    viz.plot_feature_maps(images, IMAGE)
    viz.plot_receptive_field(images, IMAGE)
    assert all(np.array_equal(before[name], value) for name, value in images.state_dict().items())
    assert images.training and all(p.grad is None for p in images.parameters())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: viz.plot_feature_maps(3.0), "takes an nn.Module with an image"),
        (lambda: viz.plot_feature_maps(nn.ReLU()), "takes an image x"),
        (lambda: viz.plot_feature_maps(nn.ReLU(), np.ones((2, 1, 3, 3))), r"write x\[0\]"),
        (lambda: viz.plot_feature_maps(nn.Flatten(), IMAGE), "no layer of Flatten makes images"),
        (lambda: viz.plot_feature_maps({}), "no feature maps"),
        (lambda: viz.plot_feature_maps({"a": np.ones((1, 2, 2))}, most=0), "1 or more"),
        (lambda: viz.plot_kernels(np.ones((3, 3))), "4 axes"),
        (lambda: viz.plot_kernels(np.ones((0, 1, 3, 3))), "empty"),
        (lambda: viz.plot_kernels(nn.Linear(2, 2, rng=0)), "no kernels of two axes"),
        (lambda: viz.plot_kernels(CONV(1, 1, 2, rng=0), "a"), "layer is one of.*received 'a'"),
        (lambda: viz.plot_receptive_field(lambda x: x, IMAGE), "takes an nn.Module"),
        (lambda: viz.plot_receptive_field(nn.ReLU(), IMAGE, "conv9"), "layer is one of 'relu'"),
        (lambda: viz.plot_receptive_field(nn.ReLU(), IMAGE, unit=(0, 12, 0)), "unit is an index"),
        (lambda: viz.plot_attention([[0.5, 0.6]]), "sums to 1.1"),
        (lambda: viz.plot_attention([[-0.5, 1.5]]), "none negative"),
        (lambda: viz.plot_attention(np.ones((2, 2, 2, 1))), "of one sequence"),
        (lambda: viz.plot_attention([[1.0]], queries=["a", "b"]), "a name for each of 1"),
        (lambda: viz.plot_attention(nn.ReLU(), IMAGE), "ReLU has no attention"),
        (lambda: viz.plot_attention([[1.0]], [1.0]), "x goes with an nn.Module"),
        (lambda: viz.plot_attention(nn.MultiHeadAttention(4, 2, rng=0)), "takes a sequence x"),
        (lambda: viz.plot_attention(nn.MultiHeadAttention(4, 2, rng=0), np.ones((3, 4)), layer=1),
         "layer is from 0 to 0"),
        (lambda: viz.plot_gradient_through_time(3.0), "takes an nn.Module with sequences"),
        (lambda: viz.plot_gradient_through_time({}), "no norms"),
        (lambda: viz.plot_gradient_through_time(Chain(1.0)), "takes sequences x"),
        (lambda: viz.plot_gradient_through_time(Chain(1.0), np.ones((2, 3))), r"x\[\.\.\., None\]"),
    ],
)  # fmt: skip
def test_what_cannot_be_plotted_says_why(make, message):
    with pytest.raises(viz.VizError, match=message):
        make()
