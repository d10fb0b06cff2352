"""Recurrent layers against PyTorch, in float64: by its own names, in its own layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import autograd as ag
import nn
from autograd import Tensor
from nn import optim

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 6, 3))

KINDS = {"RNN": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}

OPTIONS = [
    {}, {"num_layers": 2}, {"bidirectional": True}, {"bias": False},
    {"num_layers": 3, "bidirectional": True},
]  # fmt: skip

pytestmark = pytest.mark.parity


def pair(kind, **options):
    """One of theirs, and one of ours with its parameters."""
    torch.manual_seed(0)
    theirs = KINDS[kind](3, 5, batch_first=True, **options).double()
    if "nonlinearity" in options:
        options["activation"] = options.pop("nonlinearity")
    ours = getattr(nn, kind)(3, 5, dtype=np.float64, **options)
    state = {name: value.numpy() for name, value in theirs.state_dict().items()}
    ours.load_state_dict(state)
    return ours, theirs


def leaves(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize(
    ("kind", "options"),
    [(kind, options) for kind in KINDS for options in OPTIONS]
    + [("RNN", {"nonlinearity": "relu"})],
)
def test_outputs_states_and_gradients(kind, options):
    ours, theirs = pair(kind, **options)
    parts = 2 if kind == "LSTM" else 1
    rows = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    first = [RNG.normal(size=(rows, 4, 5)) for _ in range(parts)]
    x, start = Tensor(X), [Tensor(part) for part in first]
    out, end = ours(x, tuple(start) if parts == 2 else start[0])
    t = torch.tensor(X, requires_grad=True)
    began = [torch.tensor(part, requires_grad=True) for part in first]
    reference, last = theirs(t, tuple(began) if parts == 2 else began[0])
    results, wanted = [out, *leaves(end)], [reference, *leaves(last)]
    total, other = 0.0, 0.0
    for mine, one in zip(results, wanted, strict=True):
        np.testing.assert_allclose(mine.data, one.detach().numpy(), rtol=1e-11, atol=1e-13)
        weights = RNG.normal(size=mine.shape)
        total, other = total + ag.sum(mine * weights), other + (one * torch.tensor(weights)).sum()
    total.backward()
    other.backward()
    pairs = [(x, t), *zip(start, began, strict=True)]
    pairs += [(getattr(ours, name), value) for name, value in theirs.named_parameters()]
    for mine, one in pairs:
        np.testing.assert_allclose(mine.grad, one.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_packed_sequences(kind):
    ours, theirs = pair(kind, num_layers=2, bidirectional=True)
    lengths = [6, 2, 3, 1]
    out, end = ours(X, lengths=lengths)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.tensor(X), lengths, batch_first=True, enforce_sorted=False
    )
    reference, last = theirs(packed)
    reference, _ = torch.nn.utils.rnn.pad_packed_sequence(reference, batch_first=True)
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-11, atol=1e-13)
    for mine, one in zip(leaves(end), leaves(last), strict=True):
        np.testing.assert_allclose(mine.data, one.detach().numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_steps_of_training(kind):
    ours, theirs = pair(kind)
    y = RNG.normal(size=(4, 6, 5)) * 0.3
    optimizer = optim.Adam(ours.parameters(), lr=0.01)
    reference = torch.optim.Adam(theirs.parameters(), lr=0.01)

    def loss():
        out = ours(X)[0] - y
        return (out * out).mean()

    step = ag.compile(loss)
    target = torch.tensor(y)
    for _ in range(100):
        step()
        optimizer.zero_grad()
        step.program.backward()
        optimizer.step()
        reference.zero_grad()
        ((theirs(torch.tensor(X))[0] - target) ** 2).mean().backward()
        reference.step()
    for name, value in theirs.named_parameters():
        np.testing.assert_allclose(
            getattr(ours, name).data, value.detach().numpy(), rtol=1e-10, atol=1e-10
        )
