"""Layers: what they compute, by definition and by differences, and what they refuse."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from as_functions import functional
from samples_layers import LAYERS, OPTIONS

import autograd as ag
import nn
from autograd import Tensor

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(5, 3))


ALL = {name: getattr(nn, name) for name in nn.__all__ if name[0].isupper()}

every_layer = pytest.mark.parametrize("name", LAYERS)


@every_layer
@pytest.mark.parametrize("size", [1.0, 40.0])
def test_derivatives_of_inputs_and_parameters_by_differences(name, size):
    call, values = functional(LAYERS[name]())
    assert ag.gradcheck(call, size * ROWS, *values, rtol=1e-4)


@pytest.mark.slow
@every_layer
def test_second_derivatives_by_differences(name):
    call, values = functional(LAYERS[name]())
    assert ag.gradcheck(call, ROWS[:2], *values, order=2, rtol=1e-4, atol=1e-6)


@every_layer
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_far_inputs_give_no_nan_and_no_warning(name, size):
    module = LAYERS[name]()
    x = Tensor(size * ROWS)
    out = module(x)
    out.backward(gradient=np.ones(out.shape))
    for node in (out.data, x.grad, *(p.grad for p in module.parameters())):
        assert np.isfinite(node).all()


@pytest.mark.parametrize(
    "written",
    [
        "Linear(3, 2)", "Linear(3, 2, bias=False, dtype=np.float64)", "Dropout()", "Dropout(p=0.2)",
        "Maxout(3, 2)", "Maxout(3, 2, pieces=3)", "LeakyReLU(slope=0.1)", "PReLU(features=3)",
        "MLP(2, [16, 16], 1, activation='tanh', scalar=True)", "MLP(2, [], 1, bias=False)",
        "Sequential(Linear(3, 2), Tanh())", "BatchNorm(3, eps=0.001)", "Neuron(2)",
        "BatchNorm(3, momentum=None, affine=False)", "BatchNorm(3, track_running_stats=False)",
        "BatchNorm(3, axis=1)", "LayerNorm(3)", "LayerNorm((2, 3), eps=0.001, bias=False)",
        "BatchNorm(3, affine=False, track_running_stats=False, dtype=np.float64)",
        "PReLU(features=3, axis=1)", "Softplus(beta=2.0, threshold=20.0)", "Flatten(start=2)",
        "Flatten()", "GELU(approximate='tanh')",
        "Perceptron(2, activation='step')", "Autoencoder(9, [3], corruption=Dropout(p=0.3))",
        "Linear(3, 2, initializer='he_normal')", "BatchNorm2d(3, momentum=None)",
        "GroupNorm(2, 4, eps=0.001)", "Residual(Linear(3, 3))", "Dropout2d(p=0.2)",
        "StochasticDepth(Sequential(ReLU()), p=0.1)", "LastStep()", "GRU(3, 4, bidirectional=True)",
        "RNN(3, 4, activation='relu', num_layers=2, dropout=0.1)", "LSTM(3, 4, bias=False)",
        "Conv2d(1, 6, 5, padding=2)", "Conv1d(3, 4, (3,), padding='same', dilation=2)",
        "Conv3d(4, 4, (1, 2, 2), groups=2, bias=False)", "MaxPool2d(2)", "AvgPool2d(3, stride=2)",
        "ConvTranspose2d(4, 2, 4, stride=2, padding=1)", "MaxPool1d(3, stride=2, padding=1)",
        "FractionalMaxPool2d(2, output_ratio=0.7)", "FractionalMaxPool2d((2, 3), output_size=4)",
        "GlobalAvgPool2d()", "Reshape((1, 28, 28))", "LeNet5()", "LeNet5(classes=3)",
        "SmallResNet(widths=(8, 16), drop=0.1)", "RNN(1, 2, bias=False, scalar=True)",
        "Conv2d(1, 2, (2, 1), stride=2, scalar=True)",
        "LSTM(3, 4, dtype=np.float64)", "Embedding(10, 4)", "PositionalEncoding(4, base=100.0)",
        "MultiHeadAttention(8, 2, causal=True)", "TransformerBlock(8, 2, norm_first=False)",
        "TinyGPT(6, 8, blocks=3)", "CharRNN('ab', hidden_size=8)",
    ],
)  # fmt: skip
def test_a_layer_is_written_as_it_is_made(written):
    """`repr` is Python, without what is as by default."""
    assert repr(eval(written, {**ALL, "np": np})) == written


def test_a_long_model_is_written_line_by_line():
    model = nn.Sequential(*(nn.Linear(100, 100) for _ in range(5)))
    assert repr(model).splitlines()[:2] == ["Sequential(", "    Linear(100, 100),"]
    assert repr(eval(repr(model), ALL)) == repr(model)


# ---- options


def test_the_mean_of_all_batches_is_kept_where_there_is_no_momentum():
    layer = nn.BatchNorm(2, momentum=None, dtype=np.float64)
    batches = np.random.default_rng(3).normal(size=(4, 6, 2))
    fast = nn.BatchNorm(2, momentum=None, dtype=np.float64)
    program = ag.compile(fast)
    for batch in batches:
        np.testing.assert_array_equal(program(batch), layer(batch).data)
    for each in (layer, fast):
        np.testing.assert_allclose(each.running_mean.data, batches.mean((0, 1)), rtol=1e-13)
        variance = batches.var(1, ddof=1).mean(0)
        np.testing.assert_allclose(each.running_var.data, variance, rtol=1e-13)
        assert each.state_dict()["batches"] == 4.0
    layer.eval()(batches[0])
    assert layer.batches.data == 4.0


def test_what_batch_normalisation_does_without_is_not_there():
    plain = nn.BatchNorm(3, affine=False, track_running_stats=False)
    assert plain.state_dict() == {}
    assert plain(ROWS).dtype == np.float32
    np.testing.assert_array_equal(plain.eval()(ROWS).data, plain.train()(ROWS).data)
    assert list(nn.BatchNorm(3, affine=False).state_dict()) == ["running_mean", "running_var"]
    assert list(nn.BatchNorm(3).state_dict()) == ["gamma", "beta", "running_mean", "running_var"]


def test_layer_normalisation_in_half_precision_is_that_in_single():
    x = np.array([[-6e4, 0.0, 6e4], [1e-3, 0.0, -1e-3]])
    half, single = nn.LayerNorm(3, dtype=np.float16), nn.LayerNorm(3)
    assert half(x).dtype == np.float16
    np.testing.assert_allclose(half(x).data, single(x).data, rtol=1e-3)


def test_batch_normalisation_in_half_precision_is_that_in_single():
    x = np.array([[-700.0, 1e-3], [0.0, 0.0], [700.0, -1e-3], [350.0, 2e-3]])
    half, single = nn.BatchNorm(2, dtype=np.float16), nn.BatchNorm(2)
    found = half(x)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found.data, single(x).data, rtol=2e-3, atol=1e-6)
    ag.sum(found * found).backward()
    assert half.gamma.grad.dtype == half.running_mean.dtype == np.float16


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.GroupNorm(2, 4), (0, 4, 3)), (nn.LayerNorm(4), (0, 4)),
        (nn.BatchNorm(4).eval(), (0, 4)), (nn.Reshape((2, -1)), (0, 6)),
        (nn.Flatten(), (0, 2, 3)), (nn.Linear(3, 2), (0, 5, 3)), (nn.Maxout(3, 2), (0, 5, 3)),
        (nn.Conv2d(1, 2, 3), (0, 1, 8, 8)), (nn.MaxPool2d(2), (0, 1, 4, 4)),
        (nn.TransformerBlock(4, 2), (0, 3, 4)),
    ],
)  # fmt: skip
def test_a_batch_of_no_samples_gives_none_and_gets_a_gradient_of_its_shape(layer, shape):
    x = Tensor(np.zeros(shape))
    out = layer(x)
    out.sum().backward()
    assert (len(out), x.grad.shape) == (0, shape)


@pytest.mark.parametrize(
    "given",
    [
        np.ones((2, 3), complex),
        np.array([["1", "2", "3"]]),
        np.ones((1, 3), "M8[D]"),
        np.array([[1.0, None, 2.0]], object),
    ],
    ids=["complex", "text", "dates", "objects"],
)
@pytest.mark.parametrize(
    "layer",
    [nn.Linear(3, 2), nn.ReLU(), nn.BatchNorm(3), nn.LayerNorm(3), nn.Dropout(), nn.Flatten()],
)
def test_arrays_of_anything_but_real_numbers_are_refused_and_not_cast(layer, given):
    with pytest.raises(TypeError, match=r"real numbers.*dtype") as caught:
        layer(given)
    assert isinstance(caught.value, ag.AutogradError)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.LayerNorm((2, 3))(ROWS), r"shape \(\.\.\., 2, 3\) and received \(5, 3\)"),
        (lambda: nn.LayerNorm(3)(1.0), r"shape \(\.\.\., 3\) and received \(\)"),
        (lambda: nn.LayerNorm(()), "one axis or more"),
        (lambda: nn.LayerNorm(0), r"shape\[0\] must be 1 or more"),
        (lambda: nn.LayerNorm(3, -1e-5), "eps must be"),
    ],
)
def test_layer_normalisation_says_which_axes_it_takes(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_flatten_joins_the_axes_that_are_named():
    x = np.arange(120.0).reshape(2, 3, 4, 5)
    for start, end, shape in [
        (1, -1, (2, 60)), (0, -1, (120,)), (1, 2, (2, 12, 5)), (-2, -1, (2, 3, 20)),
        (2, 2, (2, 3, 4, 5)), (0, 1, (6, 4, 5)),
    ]:  # fmt: skip
        np.testing.assert_array_equal(nn.Flatten(start, end)(x).data, x.reshape(shape))
    assert nn.Flatten()(np.zeros(3)).shape == (3, 1)


# ---- Linear


def test_linear_is_the_affine_map():
    layer = nn.Linear(3, 2, **OPTIONS)
    w, b = layer.weight.data, layer.bias.data
    np.testing.assert_array_equal(layer(ROWS).data, ROWS @ w + b)
    np.testing.assert_array_equal(layer(ROWS[0]).data, ROWS[0] @ w + b)
    np.testing.assert_allclose(layer(ROWS.reshape(5, 1, 3)).data[:, 0], ROWS @ w + b, rtol=1e-15)


def test_two_linear_layers_without_activation_are_one():
    first, second = nn.Linear(3, 4, **OPTIONS), nn.Linear(4, 2, **OPTIONS)
    w = first.weight.data @ second.weight.data
    b = first.bias.data @ second.weight.data + second.bias.data
    np.testing.assert_allclose(second(first(ROWS)).data, ROWS @ w + b, rtol=1e-13)


def test_linear_starts_as_glorot_says_with_zero_biases():
    layer = nn.Linear(784, 128, rng=0)
    limit = np.sqrt(6 / (784 + 128))
    w = layer.weight.data
    assert w.dtype == layer.bias.dtype == np.float32
    assert 0.99 * limit < np.abs(w).max() <= limit
    assert w.var() == pytest.approx(limit**2 / 3, rel=0.02)
    assert not layer.bias.data.any()


@pytest.mark.parametrize(
    "make",
    [
        nn.Linear,
        nn.Maxout,
        nn.DropConnect,
        partial(nn.Linear, scalar=True),
    ],
)
def test_the_same_seed_gives_the_same_bits(make):
    one, two, other = make(4, 3, rng=7), make(4, 3, rng=7), make(4, 3, rng=8)
    for name, value in one.state_dict().items():
        np.testing.assert_array_equal(value, two.state_dict()[name])
    assert (one.state_dict()["weight"] != other.state_dict()["weight"]).any()


def test_one_generator_goes_on_from_layer_to_layer():
    rng = np.random.default_rng(0)
    one, two = nn.Linear(4, 3, rng=rng), nn.Linear(4, 3, rng=rng)
    assert (one.weight.data != two.weight.data).any()
    np.testing.assert_array_equal(one.weight.data, nn.Linear(4, 3, rng=0).weight.data)


@pytest.mark.parametrize("kind", ["float64", "float16", "int64", "uint8", "bool"])
def test_inputs_are_cast_to_the_models_dtype(kind):
    layer = nn.Linear(3, 2, rng=0)
    x = np.array([[0, 1, 1], [1, 0, 1]]).astype(kind)
    assert layer(x).dtype == np.float32
    np.testing.assert_array_equal(layer(x).data, layer(x.astype(np.float32)).data)


def test_a_cast_input_gets_its_gradient_in_its_own_dtype():
    layer, x = nn.Linear(3, 2, rng=0), Tensor(ROWS)
    layer(x).sum().backward()
    assert x.grad.dtype == np.float64
    np.testing.assert_allclose(x.grad, np.tile(layer.weight.data.sum(axis=1), (5, 1)), rtol=1e-6)


# ---- Maxout, neurons, Flatten


def test_maxout_is_the_largest_of_its_pieces():
    layer = nn.Maxout(3, 2, 3, **OPTIONS)
    w, b = layer.weight.data, layer.bias.data
    expected = np.max([ROWS @ w[i] + b[i] for i in range(3)], axis=0)
    np.testing.assert_allclose(layer(ROWS).data, expected, rtol=1e-15)
    np.testing.assert_allclose(layer(ROWS[0]).data, expected[0], rtol=1e-14)
    np.testing.assert_allclose(layer(ROWS.reshape(1, 5, 3)).data, expected[None], rtol=1e-15)


def test_two_pieces_double_the_parameters():
    """As the slides say; and two units of three pieces each are drawn."""

    def count(layer):
        return sum(p.size for p in layer.parameters())

    assert count(nn.Maxout(5, 4)) == 2 * count(nn.Linear(5, 4))
    assert count(nn.Maxout(3, 2, pieces=3)) == 3 * 2 * (3 + 1)


def test_maxout_pieces_approximate_a_convex_function():
    """Tangents of the parabola: between their points it lies above them by at most a little."""
    points = np.linspace(-1, 1, 9)
    layer = nn.Maxout(1, 1, 9, dtype=np.float64)
    layer.load_state_dict(
        {"weight": 2 * points[:, None, None], "bias": -(points**2)[:, None, None]}
    )
    x = np.linspace(-1, 1, 161)
    gap = x**2 - layer(x[:, None]).data[:, 0]
    assert gap.min() >= -1e-15
    assert gap.max() == pytest.approx(0.125**2, rel=1e-12)


def test_a_neuron_is_the_slides():
    """E2: w = [2, −3, −3], x = [−1, −2]."""
    neuron = nn.Neuron(2, dtype=np.float64)
    neuron.load_state_dict({"weight": [2.0, -3.0], "bias": -3.0})
    x = Tensor([-1.0, -2.0])
    out = neuron(x)
    out.backward()
    assert out.item() == pytest.approx(0.73105858, abs=5e-9)
    np.testing.assert_allclose(neuron.weight.grad, [-0.19661193, -0.39322387], atol=5e-9)
    np.testing.assert_allclose(x.grad, [0.39322387, -0.58983580], atol=5e-9)
    assert neuron.bias.grad == pytest.approx(0.19661193, abs=5e-9)


POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.mark.parametrize("classes", [[-1, 1, 1, 1], [-1, -1, -1, 1], [0, 1, 1, 1], [1, 0, 0, 0]])
def test_a_perceptron_learns_what_a_line_separates(classes):
    step = "step" if 0 in classes else "bipolar_step"
    perceptron = nn.Perceptron(2, activation=step, rng=1)
    mistakes = perceptron.learn(POINTS, classes)
    assert mistakes[-1] == 0
    np.testing.assert_array_equal(perceptron(POINTS).data, classes)


def test_one_perceptron_reaches_three_quarters_of_xor_at_most():
    xor = np.array([-1, 1, 1, -1])
    perceptron = nn.Perceptron(2, rng=0)
    mistakes = perceptron.learn(POINTS, xor, epochs=20)
    assert len(mistakes) == 20
    assert min(mistakes) > 0
    assert (perceptron(POINTS).data == xor).mean() <= 0.75


def test_what_a_perceptron_cannot_learn_leaves_it_as_it_was():
    perceptron = nn.Perceptron(2, rng=0)
    before = perceptron.state_dict()
    for x, y, kind in [(POINTS, [1, 1, 1], ag.ShapeError), (POINTS, [0, 1, 2, 1], ag.DataError),
                       (POINTS, [-1, 0, 1, 1], ag.DataError),
                       ([[1.0, 2.0, 3.0]], [1], ag.ShapeError)]:  # fmt: skip
        with pytest.raises(kind):
            perceptron.learn(x, y)
    for name, value in perceptron.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_flatten_keeps_the_batch():
    x = RNG.normal(size=(4, 2, 3))
    np.testing.assert_array_equal(nn.Flatten()(x).data, x.reshape(4, 6))
    assert nn.Flatten()(np.zeros((0, 2, 3))).shape == (0, 6)
    assert nn.Flatten()(np.zeros(3)).shape == (3, 1)
    with pytest.raises(ag.ShapeError, match="batch"):
        nn.Flatten()(1.0)


# ---- what is refused


def three(shape, rng, dtype):
    """An initialiser that looks at nothing."""
    return np.zeros(3)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((64, 28, 28), r"Linear\(784, 10\) expects 784 features.*\(64, 28, 28\).*reshape.*Flatten"),
        ((784, 64), r"write x\.T"),
        ((64, 700), "make the layer for 700 inputs"),
        ((), "784 features"),
    ],
)
def test_a_wrong_number_of_features_names_the_layer_and_the_remedy(shape, words):
    with pytest.raises(ag.ShapeError, match=words):
        nn.Linear(784, 10)(np.zeros(shape))


def test_a_layer_inside_a_model_is_named_with_its_place():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(5, 2))
    with pytest.raises(ag.ShapeError, match=r"sequential/linear2, which is Linear\(5, 2\)"):
        model(np.zeros((1, 4)))


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: nn.Linear(0, 2), nn.OptionError, "inputs must be 1 or more, received 0"),
        (lambda: nn.Linear(2, -1), nn.OptionError, "outputs"),
        (lambda: nn.Linear(2.0, 1), ag.DataError, "inputs must be an integer"),
        (lambda: nn.Linear(True, 1), ag.DataError, "inputs"),
        (lambda: nn.Linear(2, 1, bias="no"), ag.DataError, "True or False"),
        (lambda: nn.Linear(2, 1, dtype=int), ag.DataError, "floats"),
        (lambda: nn.Linear(2, 1, dtype="float33"), ag.DataError, "dtype"),
        (lambda: nn.Linear(2, 1, rng="seed"), ag.DataError, "rng"),
        (lambda: nn.Linear(2, 1, initializer="glorot"), nn.UnknownNameError, "did you mean"),
        (lambda: nn.Linear(2, 1, initializer=three), ag.ShapeError, r"\(2, 1\)"),
        (lambda: nn.Maxout(2, 1, 0), nn.OptionError, "pieces"),
        (lambda: nn.Dropout(1.0), nn.OptionError, "0 or more and below 1"),
        (lambda: nn.Dropout(-0.1), nn.OptionError, "p must be"),
        (lambda: nn.Dropout("half"), ag.DataError, "number"),
        (lambda: nn.DropConnect(2, 1, p=2), nn.OptionError, "p must be"),
        (lambda: nn.GaussianNoise(-1.0), nn.OptionError, "std"),
        (lambda: nn.GaussianNoise(10**400), nn.OptionError, "std"),
        (lambda: nn.BatchNorm(3, momentum=1.5), nn.OptionError, "at most 1"),
        (lambda: nn.BatchNorm(3, eps=-1), nn.OptionError, "eps"),
        (lambda: nn.BatchNorm(3, axis=None), ag.DataError, "axis"),
        (
            lambda: nn.BatchNorm(3, axis=1)(np.zeros((2, 4, 3))),
            ag.ShapeError, "3 features on axis 1",
        ),
        (lambda: nn.BatchNorm(3, affine=1), ag.DataError, "affine must be True or False"),
        (lambda: nn.BatchNorm(3, track_running_stats=None), ag.DataError, "track_running_stats"),
        (lambda: nn.Flatten(start=1.0), ag.DataError, "start"),
        (lambda: nn.Flatten(2, 1)(np.zeros((2, 3, 4))), ag.ShapeError, "from 2 to 1"),
        (lambda: nn.Flatten(3)(np.zeros((2, 3, 4))), ag.ShapeError, r"\(2, 3, 4\)"),
        (lambda: nn.PReLU(3, axis=1)(np.zeros((2, 4, 3))), ag.ShapeError, "3 features on axis 1"),
        (lambda: nn.PReLU(3, axis=2)(np.zeros((2, 3))), ag.ShapeError, "on axis 2"),
        (
            lambda: nn.BatchNorm(3, track_running_stats=False).eval()(np.zeros((1, 3))),
            ag.ShapeError, "two samples",
        ),
        (lambda: nn.BatchNorm2d(3)(np.zeros((2, 4, 4, 3))), ag.ShapeError, r"moveaxis\(x, -1, 1\)"),
        (lambda: nn.BatchNorm2d(1)(np.zeros((2, 4, 4))), ag.ShapeError, r"write x\[:, None\]"),
        (lambda: nn.GroupNorm(2, 3), nn.OptionError, "3 channels do not make 2 groups"),
        (lambda: nn.GroupNorm(1, 3)(np.zeros((2, 4, 3))), ag.ShapeError, "3 features on axis 1"),
        (lambda: nn.Dropout2d()(np.zeros((2, 4))), ag.ShapeError, "expects maps"),
        (lambda: nn.Residual(nn.ReLU), ag.DataError, "the class ReLU"),
        (lambda: nn.Residual(nn.Linear(3, 1))(np.zeros((4, 3))), ag.ShapeError, "shortcut="),
        (lambda: nn.StochasticDepth(nn.ReLU(), 1.0), nn.OptionError, "p must be"),
        (lambda: nn.Conv2d(1, 2, 0), nn.OptionError, "kernel_size must be 1 or more"),
        (lambda: nn.Conv2d(1, 2, (3, 3, 3)), nn.OptionError, "one for each of 2 axes"),
        (lambda: nn.Conv2d(3, 2, 3, groups=2), nn.OptionError, "2 groups of one size"),
        (lambda: nn.Conv2d(3, 2, 3, padding="full"), nn.OptionError, '"same" or "valid"'),
        (lambda: nn.Conv2d(3, 2, 3, padding="same", stride=2), nn.OptionError, "keeps the size"),
        (lambda: nn.Conv2d(3, 2, 3, padding=-1), nn.OptionError, "padding must be 0 or more"),
        (lambda: nn.Conv2d(1, 2, 3)(np.zeros((4, 784))), ag.ShapeError, "rows are no images"),
        (lambda: nn.Conv2d(1, 2, 3)(np.zeros((4, 8, 8))), ag.ShapeError, r"write x\[:, None\]"),
        (lambda: nn.Conv2d(3, 2, 3)(np.zeros((3, 8, 8))), ag.ShapeError, r"write x\[None\]"),
        (lambda: nn.Conv2d(3, 2, 3)(np.zeros((4, 8, 8, 3))), ag.ShapeError, "moveaxis"),
        (lambda: nn.Conv2d(3, 2, 5)(np.zeros((4, 3, 4, 8))), ag.ShapeError, "conv"),
        (lambda: nn.ConvTranspose1d(3, 2, 2)(np.zeros((4, 2, 8))), ag.ShapeError, r"\(N, 3, T\)"),
        (lambda: nn.MaxPool2d(2, padding=2), nn.OptionError, "half of the window"),
        (lambda: nn.MaxPool2d(2)(np.zeros((4, 8))), ag.ShapeError, r"\(N, C, H, W\)"),
        (lambda: nn.GlobalAvgPool()(np.zeros((4, 8))), ag.ShapeError, "expects maps"),
        (lambda: nn.FractionalMaxPool2d(2), nn.OptionError, "one of the two"),
        (lambda: nn.FractionalMaxPool2d(2, 3, 0.5), nn.OptionError, "one of the two"),
        (
            lambda: nn.FractionalMaxPool2d(3, 4)(np.zeros((1, 1, 5, 5))),
            ag.ShapeError, "1 to 3 windows along 5 numbers, and should give 4",
        ),
        (lambda: nn.Embedding(3, 2)([3]), ag.OutOfRangeError, r"\(3, 2\), expects.*0 to 2"),
        (lambda: nn.Embedding(3, 2)([-1]), ag.OutOfRangeError, "received -1"),
        (lambda: nn.Embedding(3, 2)([0.5]), ag.DataError, "whole numbers, and received 0.5"),
        (lambda: nn.PositionalEncoding(3)(np.zeros((2, 4))), ag.ShapeError, r"\(\.\.\., T, 3\)"),
        (lambda: nn.Reshape(784), ag.DataError, "must be a tuple"),
        (lambda: nn.Reshape((2, 3))(np.zeros((4, 7))), ag.ShapeError, r"samples of shape \(7,\)"),
        (lambda: nn.RNN(0, 2), nn.OptionError, "input_size must be 1 or more"),
        (lambda: nn.RNN(3, 2, activation="sine"), nn.UnknownNameError, "relu, tanh"),
        (lambda: nn.LSTM(3, 2, dropout=1.0), nn.OptionError, "dropout"),
        (lambda: nn.GRU(3, 2)(np.zeros((5, 3))), ag.ShapeError, r"write x\[None\]"),
        (lambda: nn.GRU(1, 2)(np.zeros((5, 3))), ag.ShapeError, r"write x\[:, :, None\]"),
        (lambda: nn.GRU(3, 2)(np.zeros((5, 0, 3))), ag.ShapeError, "one step or more"),
        (
            lambda: nn.LSTM(3, 2)(np.zeros((1, 4, 3)), np.zeros((1, 1, 2))),
            ag.ShapeError, r"a pair of states \(h, c\) of shape \(1, 1, 2\)",
        ),
        (
            lambda: nn.RNN(3, 2)(np.zeros((1, 4, 3)), np.zeros((1, 2))),
            ag.ShapeError, r"a state of shape \(1, 1, 2\), received \[\(1, 2\)\]",
        ),
        (
            lambda: nn.RNN(3, 2)(np.zeros((2, 4, 3)), lengths=[4]),
            ag.ShapeError, "a length for each of 2",
        ),
        (lambda: nn.RNN(1, 2, scalar=True)([1.0, 2.0]), ag.ShapeError, "a list of 1 numbers"),
        (lambda: nn.RNN(1, 2, scalar=True)(1.0), ag.ShapeError, "a list of steps"),
        (lambda: nn.RNN(1, 2, scalar=True, bidirectional=True), nn.OptionError, "one nn.RNN for"),
        (
            lambda: nn.RNN(1, 2, scalar=True)([[1.0]], lengths=[1]), nn.OptionError,
            "one sequence at a time",
        ),
        (lambda: nn.LastStep()(np.zeros((2, 3))), ag.ShapeError, r"\(N, T, features\)"),
        (lambda: nn.MLP(2, 16, 1), ag.DataError, r"write \[16\]"),
        (lambda: nn.MLP(2, [16, 0], 1), nn.OptionError, r"hidden\[1\]"),
        (lambda: nn.MLP(2, [16], 1, scalar=1), ag.DataError, "scalar"),
        (lambda: nn.Sequential(), nn.OptionError, "at least one"),
        (lambda: nn.Sequential([nn.ReLU()]), ag.DataError, r"Sequential\(\*layers\)"),
        (lambda: nn.Sequential(nn.ReLU), ag.DataError, r"write nn\.ReLU\(\)"),
        (lambda: nn.Sequential("relu"), ag.DataError, "modules or functions"),
        (lambda: nn.Autoencoder(4, []), nn.OptionError, "code"),
        (lambda: nn.Autoencoder(4, [2], corruption=0.3), ag.DataError, "GaussianNoise"),
        (lambda: nn.StackedAutoencoder(4, []), nn.OptionError, "hidden"),
    ],
)  # fmt: skip
def test_a_layer_that_cannot_be_is_refused(make, kind, words):
    with pytest.raises(kind, match=words) as caught:
        make()
    assert isinstance(caught.value, ag.AutogradError)
