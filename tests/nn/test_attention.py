"""Attention, Transformers and models of text: what they promise."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from nn import optim

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 8))
DOUBLE = {"rng": 0, "dtype": np.float64}


def test_a_head_is_a_mean_weighted_by_a_softmax():
    """By hand, for one head whose maps are the identity."""
    layer = nn.MultiHeadAttention(3, 1, **DOUBLE)
    identity = np.eye(3)
    layer.load_state_dict(
        {
            "in_proj_weight": np.concatenate([identity] * 3), "in_proj_bias": np.zeros(9),
            "out_proj.weight": identity, "out_proj.bias": np.zeros(3),
        }
    )  # fmt: skip
    x = RNG.normal(size=(1, 4, 3))
    scores = np.exp(x[0] @ x[0].T / np.sqrt(3.0))
    weights = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(layer.weights(x).data[0, 0], weights, rtol=1e-12)
    np.testing.assert_allclose(layer(x).data[0], weights @ x[0], rtol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "mask",
    [
        None,
        [[True, False, True, True, True], [False] * 5, *[[True] * 5] * 3],
        np.where(np.eye(5) > 0, -np.inf, np.arange(5.0) / 4),
    ],
    ids=["all", "chosen", "added"],
)
def test_what_comes_out_is_the_values_weighted_by_the_weights(mask, causal):
    layer = nn.MultiHeadAttention(8, 2, causal=causal, **DOUBLE)
    layer.out_proj.load_state_dict({"weight": np.eye(8), "bias": np.zeros(8)})
    weights = layer.weights(X, mask=mask).data
    sums = weights.sum(axis=-1)
    assert np.all(np.isclose(sums, 1.0) | (sums == 0.0))
    values = X @ layer.in_proj_weight.data[16:].T
    heads = values.reshape(2, 5, 2, 4).swapaxes(1, 2)
    means = (weights @ heads).swapaxes(1, 2).reshape(2, 5, 8)
    np.testing.assert_allclose(layer(X, mask=mask).data, means, rtol=1e-12, atol=1e-14)


def test_steps_in_another_order_give_the_same_in_that_order():
    """Attention knows no order; the encoding of places gives it one."""
    layer, order = nn.MultiHeadAttention(8, 2, **DOUBLE), np.array([3, 0, 4, 1, 2])
    np.testing.assert_allclose(layer(X[:, order]).data, layer(X).data[:, order], rtol=1e-12)
    placed = nn.Sequential(nn.PositionalEncoding(8), layer)
    assert np.abs(placed(X[:, order]).data - placed(X).data[:, order]).max() > 1e-3


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.MultiHeadAttention(8, 2, causal=True, **DOUBLE),
        lambda: nn.TransformerBlock(8, 2, causal=True, **DOUBLE),
        lambda: nn.TransformerBlock(8, 2, causal=True, norm_first=False, **DOUBLE),
    ],
)
def test_what_is_causal_looks_back_alone(make):
    layer, x = make(), Tensor(X)
    (layer(x)[:, 2] * RNG.normal(size=8)).sum().backward()
    assert (np.abs(x.grad).max(axis=(0, 2)) > 0).tolist() == [True] * 3 + [False] * 2


def test_a_tiny_gpt_looks_back_alone():
    model = nn.TinyGPT(6, 8, dim=8, heads=2, rng=0)
    tokens = np.array([[1, 2, 3, 4, 5]])
    other = tokens.copy()
    other[0, 3:] = 0
    np.testing.assert_array_equal(model(tokens).data[..., :3], model(other).data[..., :3])


SAMPLES = {
    "MultiHeadAttention": lambda: nn.MultiHeadAttention(4, 2, **DOUBLE),
    "causal": lambda: nn.MultiHeadAttention(4, 2, causal=True, bias=False, **DOUBLE),
    "TransformerBlock": lambda: nn.TransformerBlock(4, 2, hidden=3, **DOUBLE),
    "sums normalised": lambda: nn.TransformerBlock(
        4, 1, hidden=3, norm_first=False, activation="tanh", **DOUBLE
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_derivatives_by_differences(name):
    from as_functions import functional

    call, values = functional(SAMPLES[name]())
    assert ag.gradcheck(call, X[:1, :3, :4], *values, rtol=1e-4)


@pytest.mark.parametrize("name", SAMPLES)
def test_second_derivatives_by_differences(name):
    layer = SAMPLES[name]()
    assert ag.gradcheck(layer, X[:1, :2, :4], order=2, rtol=1e-4)


def test_second_derivatives_of_a_blocks_parameters_by_differences():
    from as_functions import functional

    call, values = functional(nn.TransformerBlock(2, 1, hidden=2, **DOUBLE))
    assert ag.gradcheck(call, X[:1, :2, :2], *values, order=2, rtol=1e-3, atol=1e-5)


def copying(n, rng):
    """Rows of three digits, a bar, and the digits again; where nothing is to be learnt −1."""
    digits = rng.integers(0, 5, (n, 3))
    rows = np.concatenate([digits, np.full((n, 1), 5), digits], axis=1)
    targets = rows[:, 1:].copy()
    targets[:, :3] = -1
    return rows[:, :-1], targets


def test_a_tiny_gpt_learns_to_copy():
    from functools import partial

    x, y = copying(512, np.random.default_rng(0))
    model = nn.TinyGPT(6, 6, dim=16, heads=2, blocks=2, rng=0)
    loss = partial(nn.losses.cross_entropy, ignore_index=-1)
    nn.fit(model, x, y, loss=loss, optimizer=optim.Adam(lr=0.01), epochs=12, rng=0)
    fresh, _ = copying(50, np.random.default_rng(1))
    right = [(model.generate(row[:4], 3)[4:] == row[:3]).all() for row in fresh]
    assert np.mean(right) > 0.9


TEXT = "the cat sat on the mat. " * 12


def test_a_letter_model_learns_a_text_by_heart():
    model = nn.CharRNN(TEXT, hidden_size=24, embedding=8, rng=0)
    x, y = model.windows(TEXT, 24, step=5)
    history = nn.fit(
        model, x, y, loss="cross_entropy", optimizer=optim.Adam(lr=0.02), epochs=15,
        batch_size=16, metrics=["accuracy"], rng=0,
    )  # fmt: skip
    assert history.notes == []
    assert history.history["accuracy"][-1] > 0.9
    assert model.sample("the cat ", 16, temperature=0.0) == TEXT[:24]
    assert model.sample("the ", 8, rng=3) == model.sample("the ", 8, rng=3)


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_letters_go_in_and_out(kind):
    model = nn.CharRNN("hello world", hidden_size=4, kind=kind, num_layers=2, rng=0)
    assert model.decode(model.encode("hello")) == "hello"
    x, y = model.windows("hello world", 4)
    assert x.shape == y.shape == (2, 4)
    np.testing.assert_array_equal(x[0, 1:], y[0, :-1])
    assert model(x).shape == (2, 8, 4)
    whole, _ = model.steps(x)
    first, state = model.steps(x[:, :2])
    second, _ = model.steps(x[:, 2:], state)
    np.testing.assert_allclose(
        np.concatenate([first.data, second.data], axis=1), whole.data, rtol=1e-5, atol=1e-7
    )


def test_training_has_the_bits_of_eager_steps():
    x, y = copying(64, np.random.default_rng(0))
    found = []
    for compiled in (True, False):
        model = nn.TinyGPT(6, 6, dim=8, heads=2, blocks=1, dropout=0.1, rng=0)
        history = nn.fit(
            model, x, np.abs(y), loss="cross_entropy", optimizer=optim.Adam(lr=0.01), epochs=3,
            batch_size=16, metrics=["accuracy"], rng=0, compiled=compiled,
        )  # fmt: skip
        assert history.notes == []
        found.append((history.history["loss"], model.state_dict()))
    assert found[0][0] == found[1][0]
    for name, value in found[0][1].items():
        np.testing.assert_array_equal(value, found[1][1][name])


def test_a_number_that_no_row_has_is_refused_by_a_program_too():
    layer = nn.Embedding(3, 2, rng=0)
    fast = ag.compile(lambda x: layer(x))
    fast(np.array([0.0, 2.0]))
    with pytest.raises(ag.OutOfRangeError, match="0 to 2"):
        fast(np.array([0.0, 3.0]))


def test_summaries_count_attention():
    block = nn.TransformerBlock(8, 2, rng=0)
    summary = block.summary(input_shape=(5, 8))
    assert summary.parameters == sum(p.size for p in block.parameters())
    attention = 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8
    assert summary.multiply_adds == attention + 2 * 5 * 8 * 32 + 2 * 5 * 8


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: nn.MultiHeadAttention(8, 3), nn.OptionError, "3 heads do not divide 8"),
        (lambda: nn.MultiHeadAttention(8, 2)(X[0]), ag.ShapeError, r"write x\[None\]"),
        (
            lambda: nn.MultiHeadAttention(8, 2).weights(X, mask=np.ones((5, 5), int)),
            ag.DataError, "mask != 0",
        ),
        (lambda: nn.TransformerBlock(4, 2)(X), ag.ShapeError, r"\(N, T, 4\)"),
        (lambda: nn.TransformerBlock(4, 2, dropout=2.0), nn.OptionError, "dropout"),
        (lambda: nn.TinyGPT(6, 4)(np.zeros((1, 5))), ag.ShapeError, "T of 4 at most"),
        (lambda: nn.TinyGPT(6, 4)([[1, 6]]), ag.OutOfRangeError, "0 to 5"),
        (lambda: nn.TinyGPT(6, 4).generate([1.5], 2), ag.DataError, "numbers of tokens"),
        (lambda: nn.TinyGPT(6, 4).generate([[1, 2]], 2), ag.ShapeError, "a row of tokens"),
        (lambda: nn.TinyGPT(6, 4).generate([], 2), ag.ShapeError, "a row of tokens"),
        (lambda: nn.TinyGPT(6, 4).generate([1, [2]], 2), ag.DataError, "data must be"),
        (lambda: nn.TinyGPT(6, 4).generate("12", 2), ag.DataError, "data must be numbers"),
        (lambda: nn.TinyGPT(6, 4).generate([6], 2), ag.ShapeError, "from 0 to 5"),
        (lambda: nn.CharRNN("abc").sample(3), ag.DataError, "reads a text"),
        (lambda: nn.CharRNN("abc").decode([-1]), ag.ShapeError, "from 0 to 2"),
        (lambda: nn.CharRNN("aaa"), nn.OptionError, "two different"),
        (lambda: nn.CharRNN(["a", "b"]), ag.DataError, "a text"),
        (lambda: nn.CharRNN("abc", kind="mamba"), nn.UnknownNameError, "gru, lstm, rnn"),
        (lambda: nn.CharRNN("abc").encode("abx"), nn.OptionError, "does not know 'x'"),
        (lambda: nn.CharRNN("abc").windows("ab", 2), ag.ShapeError, "longer than 2"),
        (lambda: nn.CharRNN("abc").sample(""), ag.ShapeError, "a letter to start from"),
        (
            lambda: nn.CharRNN("abc").sample("a", temperature=-1.0),
            nn.OptionError, "temperature must be",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make, kind, words):
    with pytest.raises(kind, match=words) as caught:
        make()
    assert isinstance(caught.value, ag.AutogradError)
