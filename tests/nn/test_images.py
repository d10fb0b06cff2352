"""Layers of images: what they promise of windows, draws, shapes, and training."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from nn import optim
from nn.layers.inputs import mapped
from nn.layers.pooling import windows

RNG = np.random.default_rng(0)


def test_a_convolution_is_a_neuron_that_slides():
    layer = nn.Conv2d(2, 3, 3, bias_initializer="normal", rng=0, dtype=np.float64)
    x = RNG.normal(size=(2, 2, 5, 6))
    out = layer(x).data
    w, b = layer.weight.data, layer.bias.data
    for n, k, i, j in np.ndindex(out.shape):
        window = x[n, :, i : i + 3, j : j + 3]
        assert out[n, k, i, j] == pytest.approx((w[k] * window).sum() + b[k], rel=1e-12)


def test_the_way_back_of_a_transposed_convolution_is_the_convolution():
    """⟨conv(x), y⟩ = ⟨x, conv_transpose(y)⟩ with the same weights."""
    there = nn.Conv2d(2, 3, 3, stride=2, padding=1, bias=False, rng=0, dtype=np.float64)
    back = nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, bias=False, dtype=np.float64)
    back.load_state_dict(there.state_dict())
    x, y = RNG.normal(size=(1, 2, 7, 7)), RNG.normal(size=(1, 3, 4, 4))
    assert (there(x).data * y).sum() == pytest.approx((x * back(y).data).sum(), rel=1e-12)


def test_initialisers_count_the_inputs_of_a_window():
    layer = nn.Conv2d(16, 32, 5, initializer="he_normal", rng=0)
    assert layer.weight.data.var() == pytest.approx(2 / (16 * 25), rel=0.05)
    deep = nn.Conv2d(32, 32, 3, groups=32, initializer="lecun_uniform", rng=0)
    assert np.abs(deep.weight.data).max() <= np.sqrt(3 / 9)
    back = nn.ConvTranspose2d(32, 8, 4, initializer="lecun_uniform", rng=0)
    assert back.weight.data.var() == pytest.approx(1 / (32 * 16), rel=0.05)


@pytest.mark.parametrize(("n", "k", "m"), [(20, 2, 14), (9, 3, 3), (5, 2, 4), (5, 2, 1), (4, 4, 1)])
def test_fractional_windows_cover_the_ends_and_shrink_by_the_factor(n, k, m):
    for u in (0.0, 0.3, 0.99):
        places = windows(u, n, k, m)
        starts = places[:, 0]
        assert places.shape == (m, k)
        assert starts[-1] == n - k
        assert starts[0] == 0 or m == 1
        if m > 2:
            alpha = (n - k) / (m - 1)
            assert set(np.diff(starts)) <= {int(alpha), int(alpha) + 1}


def test_fractional_pooling_draws_in_training_alone_and_is_the_largest_of_its_windows():
    layer, x = nn.FractionalMaxPool2d(2, output_ratio=0.6, rng=0), RNG.normal(size=(1, 2, 11, 11))
    drawn = [layer(x).data for _ in range(6)]
    assert any((one != drawn[0]).any() for one in drawn)
    np.testing.assert_array_equal(
        drawn[0], nn.FractionalMaxPool2d(2, output_ratio=0.6, rng=0)(x).data
    )
    layer.eval()
    np.testing.assert_array_equal(layer(x).data, layer(x).data)
    rows = windows(0.5, 11, 2, 6)
    expected = x[:, :, rows][..., rows].max(axis=(3, 5))
    np.testing.assert_array_equal(layer(x).data, expected)


def test_dropout_of_maps_drops_whole_maps():
    out = nn.Dropout2d(0.5, rng=0)(np.ones((8, 16, 3, 3))).data
    assert (out == out[:, :, :1, :1]).all()
    assert set(np.unique(out)) == {0.0, 2.0}


def test_stochastic_depth_leaves_out_whole_samples_and_keeps_the_mean():
    layer = nn.StochasticDepth(nn.Identity(), 0.25, rng=0)
    out = layer(np.ones((4000, 2))).data
    np.testing.assert_allclose(np.unique(out), [0.0, 4 / 3], rtol=1e-6)
    assert (out[:, 0] == out[:, 1]).all()
    assert abs(out.mean() - 1.0) < 4 * np.sqrt(1 / 3 / 4000)
    np.testing.assert_array_equal(layer.eval()(np.ones((3, 2))).data, 1.0)


def test_group_norm_lies_between_layer_norm_and_instance_norm():
    x = RNG.normal(2.0, 3.0, size=(2, 6, 4, 5))
    one = nn.GroupNorm(1, 6, dtype=float)(x).data
    np.testing.assert_allclose(one, nn.LayerNorm((6, 4, 5), dtype=float)(x).data, rtol=1e-12)
    each = nn.GroupNorm(6, 6, eps=0.0, dtype=float)(x).data
    np.testing.assert_allclose(each.mean(axis=(2, 3)), 0.0, atol=1e-12)
    np.testing.assert_allclose(each.std(axis=(2, 3)), 1.0, rtol=1e-12)


def test_batch_norm_of_images_is_that_of_their_pixels():
    x = RNG.normal(size=(3, 4, 2, 5))
    ours, rows = nn.BatchNorm2d(4, dtype=float), nn.BatchNorm(4, dtype=float)
    expected = rows(np.moveaxis(x, 1, -1)).data
    np.testing.assert_allclose(np.moveaxis(ours(x).data, 1, -1), expected, rtol=1e-12)
    for name, value in rows.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], value, rtol=1e-13)


def test_a_residual_network_of_zero_layers_passes_all_on():
    layer = nn.Residual(nn.Conv2d(2, 2, 3, padding=1, initializer="zeros", rng=0))
    x = Tensor(RNG.normal(size=(1, 2, 4, 4)).astype(np.float32))
    out = layer(x)
    np.testing.assert_array_equal(out.data, x.data)
    out.backward(gradient=np.ones(out.shape))
    np.testing.assert_array_equal(x.grad, 1.0)


def test_the_summary_of_lenet_counts_and_says_what_its_layers_see():
    summary = nn.LeNet5(rng=0).summary()
    assert (summary.parameters, summary.multiply_adds) == (61_706, 416_520)
    seen = {row.name: row.receptive_field for row in summary.rows if row.receptive_field}
    assert seen == {
        "conv2d1": (5, 5), "maxpool2d1": (6, 6), "conv2d2": (14, 14), "maxpool2d2": (16, 16),
    }  # fmt: skip
    assert "16×16" in str(summary)


def test_receptive_fields_go_both_ways_round_a_block():
    rows = nn.SmallResNet(widths=(4, 8), rng=0).summary((1, 16, 16)).rows
    fields = [row.receptive_field for row in rows if row.receptive_field]
    assert fields == [(n, n) for n in (3, 5, 7, 9, 13, 7)]


def test_the_receptive_field_is_where_gradients_come_from():
    model = nn.Sequential(
        nn.Conv2d(1, 1, 3, dilation=2, initializer="ones", rng=0), nn.AvgPool2d(2),
        nn.Conv2d(1, 1, (2, 3), stride=2, initializer="ones", rng=0),
    )  # fmt: skip
    x = Tensor(np.ones((1, 1, 24, 24), np.float32))
    model(x)[0, 0, 1, 1].backward()
    touched = np.argwhere(x.grad[0, 0])
    sizes = tuple(int(n) for n in touched.max(axis=0) - touched.min(axis=0) + 1)
    assert model.summary((1, 24, 24)).rows[-1].receptive_field == sizes


def test_images_of_no_size_ask_for_one():
    with pytest.raises(nn.OptionError, match=r"\(1, 28, 28\) of an image"):
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 2)).summary()


def bars(n):
    """Images with a bar across or upright, and which."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(0.0, 0.3, (n, 1, 8, 8)), np.arange(n) % 2
    for image, upright, place in zip(x, y, rng.integers(0, 8, n), strict=True):
        if upright:
            image[0, :, place] += 1.0
        else:
            image[0, place] += 1.0
    return x.astype(np.float32), y


def test_training_learns_and_has_the_bits_of_eager_steps():
    x, y = bars(128)
    found = []
    for compiled in (True, False):
        model = nn.SmallResNet(classes=2, widths=(4, 8), drop=0.1, rng=0)
        model = nn.Sequential(nn.Dropout2d(0.01, rng=1), *model.layers)
        history = nn.fit(
            model, x, y, loss="cross_entropy", optimizer=optim.Adam(lr=0.01), epochs=9,
            batch_size=32, metrics=["accuracy"], rng=0, compiled=compiled,
        )  # fmt: skip
        assert history.notes == []
        found.append((history.history["loss"], model.state_dict()))
    assert found[0][0] == found[1][0]
    for name, value in found[0][1].items():
        np.testing.assert_array_equal(value, found[1][1][name])
    assert history.history["accuracy"][-1] > 0.95
    assert nn.predict_classes(model, x).shape == (128,)


def test_an_estimator_of_rows_takes_them_as_images():
    from nn.estimators import NetworkClassifier

    x, y = bars(96)

    def network(features, outputs, rng):
        return nn.Sequential(
            nn.Reshape((1, 8, 8)), nn.Conv2d(1, 4, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(36, outputs, rng=rng),
        )  # fmt: skip

    rows = x.reshape(96, 64)
    estimator = NetworkClassifier(model=network, epochs=10, lr=0.02, random_state=0).fit(rows, y)
    assert estimator.score(rows, y) > 0.95


def test_float64_stays_and_float32_is_the_default():
    x = np.zeros((1, 1, 28, 28))
    assert nn.LeNet5(rng=0)(x).dtype == np.float32
    assert nn.LeNet5(rng=0, dtype=np.float64)(x).dtype == np.float64
    assert ag.grad(lambda v: nn.LeNet5(rng=0)(v).sum())(x).dtype == np.float64


@pytest.mark.parametrize(
    "options",
    [
        {"stride": 2},
        {"padding": 1, "bias": False},
        {"padding": "same", "dilation": 2},
        {"groups": 2, "padding": "valid"},
        {"padding": 3, "stride": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_scalar_form_is_the_tensor_form(axes, options):
    window, sizes = ((2,), (2, 3), (1, 2, 2))[axes - 1], ((6,), (4, 5), (2, 3, 4))[axes - 1]
    options = {"bias_initializer": "normal", "rng": 0, **options}
    kind = getattr(nn, f"Conv{axes}d")
    scalar = kind(2, 4, window, scalar=True, **options)
    layer = kind(2, 4, window, dtype=np.float64, **options)
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, scalar.state_dict()[name])
    x = RNG.normal(size=(2, *sizes))
    expected = layer(x[None])
    out = scalar(x)
    values = np.array(mapped(lambda node: node.data, out))
    np.testing.assert_allclose(values, expected.data[0], rtol=1e-12)
    squares = mapped(lambda node: node * node, out)
    sum(nn.Flatten()(squares)).backward()
    ag.sum(expected * expected).backward()
    grads = np.array(mapped(lambda node: node.grad, scalar.weight))
    np.testing.assert_allclose(grads, layer.weight.grad, rtol=1e-11)


def test_a_scalar_network_of_images_learns():
    x, y = bars(24)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=2, rng=0, scalar=True), nn.Tanh(), nn.Flatten(),
        nn.Linear(18, 1, rng=1, scalar=True),
    )  # fmt: skip
    history = nn.fit(
        model, x, y[:, None], loss="binary_cross_entropy", optimizer=optim.Adam(lr=0.1), epochs=6,
        batch_size=12, rng=0,
    )  # fmt: skip
    losses = history.history["loss"]
    assert losses[-1] < 0.7 * losses[0]


def test_a_scalar_convolution_says_what_it_expects():
    layer = nn.Conv2d(2, 1, 2, rng=0, scalar=True)
    for x in ([[[1.0, 2.0], [3.0, 4.0]]], [[1.0, 2.0]], 1.0, [[[1.0]], [[2.0]]]):
        with pytest.raises(ag.ShapeError, match="2 channels of 2 × 2 numbers or more"):
            layer(x)
    with pytest.raises(ag.DataError, match="computes with scalars"):
        layer([[["a", 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]])
