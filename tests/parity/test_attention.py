"""Attention and the Transformer's block against PyTorch, in float64, with its own parameters."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional

import autograd as ag
import nn
from autograd import Tensor
from nn import optim

RNG = np.random.default_rng(0)
X, MEMORY = RNG.normal(size=(2, 5, 8)), RNG.normal(size=(2, 7, 8))

pytestmark = pytest.mark.parity


def slopes(ours):
    """The gradients of our parameters, under PyTorch's names and in its layouts."""
    twin = copy.deepcopy(ours)
    twin.load_state_dict({name: p.grad for name, p in ours.named_parameters()})
    return nn.to_torch(twin)


def check_gradients(ours, theirs):
    found = slopes(ours)
    for name, parameter in theirs.named_parameters():
        np.testing.assert_allclose(
            found[name], parameter.grad.numpy(), rtol=1e-9, atol=1e-11, err_msg=name
        )


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("others", ["none", "key", "key and value"])
def test_multi_head_attention(others, bias, causal):
    theirs = torch.nn.MultiheadAttention(8, 2, bias=bias, batch_first=True).double()
    ours = nn.MultiHeadAttention(8, 2, bias=bias, causal=causal, dtype=np.float64)
    if bias:
        with torch.no_grad():
            theirs.in_proj_bias.normal_()
            theirs.out_proj.bias.normal_()
    nn.from_torch(ours, theirs.state_dict())
    given = {"none": [X], "key": [X, MEMORY], "key and value": [X, MEMORY, 2.0 - MEMORY]}[others]
    mine, other = [Tensor(v) for v in given], [torch.tensor(v, requires_grad=True) for v in given]
    out = ours(*mine)
    steps, seen = out.shape[1], given[-1].shape[1]
    hidden = torch.tensor(np.arange(steps)[:, None] < np.arange(seen)) if causal else None
    full = other + other[-1:] * (3 - len(other)) if len(other) > 1 else other * 3
    reference, weights = theirs(*full, attn_mask=hidden, average_attn_weights=False)
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(
        ours.weights(*mine[:2]).data, weights.detach().numpy(), rtol=1e-11, atol=1e-12
    )
    upstream = RNG.normal(size=out.shape)
    out.backward(gradient=upstream)
    reference.backward(torch.tensor(upstream))
    for one, two in zip(mine, other, strict=True):
        np.testing.assert_allclose(one.grad, two.grad.numpy(), rtol=1e-9, atol=1e-11)
    check_gradients(ours, theirs)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("activation", ["gelu", "relu"])
@pytest.mark.parametrize("norm_first", [False, True])
def test_transformer_block(norm_first, activation, causal):
    theirs = torch.nn.TransformerEncoderLayer(
        8, 2, 12, 0.0, activation, batch_first=True, norm_first=norm_first
    ).double()
    ours = nn.TransformerBlock(
        8, 2, hidden=12, activation=activation, norm_first=norm_first, causal=causal,
        dtype=np.float64,
    )  # fmt: skip
    nn.from_torch(ours, theirs.state_dict())
    mine, other = Tensor(X), torch.tensor(X, requires_grad=True)
    hidden = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1) if causal else None
    out, reference = ours(mine), theirs(other, src_mask=hidden)
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-10, atol=1e-12)
    upstream = RNG.normal(size=out.shape)
    out.backward(gradient=upstream)
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-9, atol=1e-11)
    check_gradients(ours, theirs)


def test_a_mask_hides_what_padding_mask_hides():
    theirs = torch.nn.MultiheadAttention(8, 2, batch_first=True).double()
    ours = nn.MultiHeadAttention(8, 2, dtype=np.float64)
    nn.from_torch(ours, theirs.state_dict())
    padded = np.arange(5) >= np.array([[3], [5]])
    out = ours(X, mask=~padded[:, None, None])
    t = torch.tensor(X)
    reference, _ = theirs(t, t, t, key_padding_mask=torch.tensor(padded))
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-11, atol=1e-12)


def masks(layer, *shapes, p=0.3):
    """What a layer is about to draw for dropout."""
    rng = copy.deepcopy(layer.rng)
    return [torch.tensor((rng.random(s, np.float32) >= p) / (1.0 - p)) for s in shapes]


def attended(theirs, x, keep):
    """PyTorch's words for attention whose weights are dropped."""
    q, k, v = (
        part.reshape(2, 5, 2, 4).transpose(1, 2)
        for part in functional.linear(x, theirs.in_proj_weight, theirs.in_proj_bias).chunk(3, -1)
    )
    weights = torch.softmax(q @ k.mT / 2.0, -1) * keep
    return theirs.out_proj((weights @ v).transpose(1, 2).reshape(2, 5, 8))


def test_dropout_is_where_pytorch_has_it():
    """The masks cannot be the same; what is done with them is, as in TransformerEncoderLayer."""
    theirs = torch.nn.TransformerEncoderLayer(8, 2, 12, batch_first=True).double()
    ours = nn.TransformerBlock(
        8, 2, hidden=12, activation="relu", norm_first=False, dropout=0.3, dtype=np.float64
    )
    nn.from_torch(ours, theirs.state_dict())
    weights, added, units, more = masks(
        ours.self_attn, (2, 2, 5, 5), (2, 5, 8), (2, 5, 12), (2, 5, 8)
    )
    mine, x = Tensor(X), torch.tensor(X, requires_grad=True)
    out = ours(mine)
    h = theirs.norm1(x + added * attended(theirs.self_attn, x, weights))
    inner = units * torch.relu(theirs.linear1(h))
    reference = theirs.norm2(h + more * theirs.linear2(inner))
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-10, atol=1e-12)
    upstream = RNG.normal(size=out.shape)
    out.backward(gradient=upstream)
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(mine.grad, x.grad.numpy(), rtol=1e-9, atol=1e-11)
    check_gradients(ours, theirs)
    nothing = theirs.eval()(x).detach().numpy()
    np.testing.assert_allclose(ours.eval()(X).data, nothing, rtol=1e-10, atol=1e-12)


def test_a_hundred_steps_of_a_transformer_block():
    theirs = torch.nn.TransformerEncoderLayer(
        8, 2, 16, 0.0, "gelu", batch_first=True, norm_first=True
    ).double()
    ours = nn.TransformerBlock(8, 2, hidden=16, activation="gelu", dtype=np.float64)
    nn.from_torch(ours, theirs.state_dict())
    target = RNG.normal(size=X.shape)
    optimizer = optim.AdamW(ours.parameters(), lr=0.003)
    reference = torch.optim.AdamW(theirs.parameters(), lr=0.003)
    step = ag.compile(lambda: nn.losses.mse(ours(X), target))
    x, y = torch.tensor(X), torch.tensor(target)
    for _ in range(100):
        step()
        optimizer.zero_grad()
        step.program.backward()
        optimizer.step()
        reference.zero_grad()
        torch.nn.functional.mse_loss(theirs(x), y).backward()
        reference.step()
    found = nn.to_torch(ours)
    for name, value in theirs.named_parameters():
        np.testing.assert_allclose(
            found[name], value.detach().numpy(), rtol=1e-10, atol=1e-10, err_msg=name
        )


def test_positional_encoding_is_that_of_the_annotated_transformer():
    """The formula in PyTorch's words."""
    place = torch.arange(50, dtype=torch.float64)[:, None]
    waves = torch.exp(torch.arange(0, 6, 2, dtype=torch.float64) * (-np.log(10000.0) / 6))
    expected = torch.zeros(50, 6, dtype=torch.float64)
    expected[:, 0::2], expected[:, 1::2] = torch.sin(place * waves), torch.cos(place * waves)
    found = nn.PositionalEncoding(6)(np.zeros((1, 50, 6))).data[0]
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-13)


def test_a_letter_model_has_the_loss_of_theirs():
    model = nn.CharRNN("to be or not", hidden_size=6, embedding=4, rng=0, dtype=np.float64)
    table, cells = torch.nn.Embedding(7, 4).double(), torch.nn.LSTM(4, 6, batch_first=True).double()
    output = torch.nn.Linear(6, 7).double()
    theirs = torch.nn.ModuleDict({"table": table, "recurrence": cells, "output": output})
    theirs.load_state_dict({n: torch.from_numpy(a) for n, a in nn.to_torch(model).items()})
    x, y = model.windows("to be or not to be", 5)
    loss = nn.losses.cross_entropy(model(x), y)
    loss.backward()
    logits = output(cells(table(torch.tensor(x)))[0]).transpose(1, 2)
    expected = torch.nn.functional.cross_entropy(logits, torch.tensor(y))
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(model.table.weight.grad, table.weight.grad.numpy(), atol=1e-13)
