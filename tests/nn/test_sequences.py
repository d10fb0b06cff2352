"""Recurrent layers: what they promise of time, length, direction and their scalar form."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from nn import optim, recurrence

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 6, 3))


def normal(shape, rng, dtype):
    """An initialiser whose biases are not zero."""
    return rng.normal(size=shape).astype(dtype)


OPTIONS = {
    "initializer": normal, "recurrent_initializer": normal, "bias_initializer": normal, "rng": 0,
    "dtype": np.float64,
}  # fmt: skip
KINDS = [nn.RNN, nn.LSTM, nn.GRU]

every_kind = pytest.mark.parametrize("kind", KINDS)


def leaves(state):
    return [part.data for part in (state if isinstance(state, tuple) else (state,))]


@every_kind
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
def test_a_sequence_in_two_parts_is_the_whole(kind, options):
    layer = kind(3, 5, **options, **OPTIONS)
    if layer.bidirectional:  # whose way back would need the rest: it is told apart by the way ahead
        layer = kind(3, 5, num_layers=2, **OPTIONS)
    whole, end = layer(X)
    first, state = layer(X[:, :2])
    second, last = layer(X[:, 2:], state)
    np.testing.assert_allclose(np.concatenate([first.data, second.data], 1), whole.data, rtol=1e-12)
    for a, b in zip(leaves(end), leaves(last), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@every_kind
@pytest.mark.parametrize(
    ("lengths", "error", "words"),
    [
        ([6, 2.5, 1, 1], TypeError, "whole numbers"),
        ([True] * 4, TypeError, "whole numbers"),
        ([6, 7, 1, 1], ValueError, "from 0 to 6.* 1 to 7"),
        ([6, -1, 1, 1], ValueError, "from 0 to 6.* -1 to 6"),
        ([6, 2], ValueError, "each of 4 sequences"),
    ],
)
def test_lengths_that_no_sequence_has_are_refused(kind, lengths, error, words):
    layer = kind(3, 5, rng=0)
    with pytest.raises(error, match=words) as caught:
        layer(X, lengths=lengths)
    assert isinstance(caught.value, ag.AutogradError)
    program = ag.compile(lambda x, n: layer(x, lengths=n)[0])
    assert program(X, np.array([6, 0, 1, 6])).shape == (4, 6, 5)
    with pytest.raises(error, match=words):
        program(X, np.array(lengths))


@every_kind
def test_lengths_give_what_the_sequences_give_alone(kind):
    """Both directions, two layers: outputs, states and gradients."""
    layer = kind(3, 5, num_layers=2, bidirectional=True, **OPTIONS)
    lengths = [6, 1, 3, 5]
    x = Tensor(X)
    outputs, state = layer(x, lengths=lengths)
    ag.sum(outputs * outputs).backward()
    for i, n in enumerate(lengths):
        alone = Tensor(X[i : i + 1, :n])
        out, end = layer(alone)
        ag.sum(out * out).backward()
        np.testing.assert_allclose(outputs.data[i, :n], out.data[0], rtol=1e-12)
        assert not outputs.data[i, n:].any()
        for a, b in zip(leaves(state), leaves(end), strict=True):
            np.testing.assert_allclose(a[:, i], b[:, 0], rtol=1e-12)
        np.testing.assert_allclose(x.grad[i, :n], alone.grad[0], rtol=1e-9, atol=1e-12)
        assert not x.grad[i, n:].any()


@every_kind
def test_from_the_end_it_reads_the_sequence_backwards(kind):
    both = kind(3, 5, bidirectional=True, **OPTIONS)
    one = kind(3, 5, **OPTIONS)
    one.load_state_dict(
        {
            name.removesuffix("_reverse"): value
            for name, value in both.state_dict().items()
            if name.endswith("_reverse")
        }
    )
    np.testing.assert_allclose(
        both(X)[0].data[:, ::-1, 5:], one(X[:, ::-1])[0].data, rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", recurrence.GATES)
def test_a_gate_is_its_steps_written_out(name, masked):
    """Values and derivatives of the loops against those of single gates."""
    gate, blocks = recurrence.GATES[name], {"lstm": 4, "gru": 3}.get(name, 1)
    rows = 2 * blocks
    shapes = [(4, 3, 1), *[(3, 2)] * recurrence.STATES[name]]
    shapes += [(rows, 1), (rows, 2), (rows,), (rows,)]
    values = [RNG.normal(size=shape) for shape in shapes]
    mask = [np.arange(4)[:, None, None] < np.array([4, 3, 1])[:, None]] if masked else []
    gradients = []
    for function in (gate, gate.expansion):
        operands = [Tensor(value) for value in values]
        out = function(*operands, *mask)
        out.backward(gradient=np.cos(np.arange(out.size)).reshape(out.shape))
        gradients.append([out.data, *(operand.grad for operand in operands)])
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)
    small = [value[:2] if i == 0 else value for i, value in enumerate(values)]
    assert ag.gradcheck(lambda *v: gate(*v, *(m[:2] for m in mask)), *small, order=2, rtol=1e-4)


def test_the_scalar_form_is_the_tensor_form():
    scalar = nn.RNN(3, 2, bias_initializer=normal, rng=0, scalar=True)
    layer = nn.RNN(3, 2, bias_initializer=normal, rng=0, dtype=np.float64)
    assert scalar.state_dict().keys() == layer.state_dict().keys()
    layer.load_state_dict(scalar.state_dict())
    outputs, state = scalar(X[0])
    expected, end = layer(X[:1])
    found = np.array([[h.data for h in step] for step in outputs])
    np.testing.assert_allclose(found, expected.data[0], rtol=1e-13)
    sum(h * h for step in outputs for h in step).backward()
    ag.sum(expected * expected).backward()
    grads = [[u.grad for u in row] for row in scalar.weight_hh_l0]
    np.testing.assert_allclose(grads, layer.weight_hh_l0.grad, rtol=1e-12)
    again, _ = scalar(X[0], state)
    np.testing.assert_allclose(
        [[h.data for h in step] for step in again], layer(X[:1], end)[0].data[0], rtol=1e-13
    )
    assert {node.scope for node in ag.Graph(state[0]).nodes if node.scope} == {
        f"rnn/step{t}" for t in range(1, 7)
    }


def test_it_counts_its_multiply_adds_and_says_its_shapes():
    model = nn.Sequential(nn.LSTM(28, 64, rng=0), nn.LastStep(), nn.Linear(64, 10, rng=0))
    summary = model.summary(input_shape=(28, 28))
    assert [row.output_shape for row in summary.rows] == [(28, 64), (64,), (10,)]
    assert summary.rows[0].multiply_adds == 28 * 4 * 64 * (28 + 64)
    assert summary.parameters == 4 * 64 * (28 + 64 + 2) + 650


@every_kind
def test_training_learns_and_has_the_bits_of_eager_steps(kind):
    """Which of two marks came first, many steps ago."""
    rng = np.random.default_rng(3)
    x = 0.1 * rng.normal(size=(96, 8, 2))
    y = np.arange(96) % 2
    x[np.arange(96), 0, y] += 1.0
    found = []
    for compiled in (True, False):
        model = nn.Sequential(
            kind(2, 8, num_layers=2, dropout=0.1, rng=1), nn.LastStep(), nn.Linear(8, 2, rng=2)
        )
        history = nn.fit(
            model, x, y, loss="cross_entropy", optimizer=optim.Adam(lr=0.02), epochs=12,
            batch_size=32, metrics=["accuracy"], rng=0, compiled=compiled,
        )  # fmt: skip
        assert history.notes == []
        found.append((history.history["loss"], model.state_dict()))
    assert found[0][0] == found[1][0]
    for name, value in found[0][1].items():
        np.testing.assert_array_equal(value, found[1][1][name])
    assert history.history["accuracy"][-1] > 0.95
