"""What layers are called in pictures, summaries and errors: the names of attributes."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor


class Net(nn.Module):
    """Parts on attributes, in a list, in a list that grows, one twice, and one with a label."""

    def __init__(self):
        self.first, self.second = nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1)
        self.blocks = [nn.Linear(2, 2, rng=2), nn.Sequential(nn.Linear(2, 2, rng=3))]
        self.later = []
        self.later.append(nn.Linear(2, 2, rng=4))
        self.again = self.first
        self.inner = Line()
        self.told = nn.Linear(2, 2, rng=5)
        self.told.label = "head"

    def forward(self, x):
        for layer in (self.first, self.second, *self.blocks, *self.later, self.again, self.told):
            x = np.tanh(layer(x))
        return self.inner(x)


class Line(nn.Module):
    def __init__(self):
        self.slope = Tensor(2.0, name="slope")
        self.linear = nn.Linear(2, 2, rng=0)

    def forward(self, x):
        return self.slope * self.linear(x)


def test_parts_are_called_after_their_attributes():
    net = Net()
    summary = net.summary()
    assert [row.name for row in summary.rows if not row.is_group] == [
        "first", "second", "blocks.0", "linear", "later.0", "first", "head", "linear",
    ]  # fmt: skip
    nodes = ag.Graph(net([[1.0, 2.0]])).nodes
    assert {node.name for node in nodes if node.is_leaf and node.ndim == 2} == {
        "first.W", "second.W", "blocks.0.W", "blocks.1.W", "later.0.W", "told.W", "inner.linear.W",
    }  # fmt: skip
    assert {node.scope for node in nodes if node.gate and node.gate.name == "matmul"} == {
        "net/first", "net/second", "net/blocks.0", "net/blocks.1/linear", "net/later.0",
        "net/head", "net/inner/linear",
    }  # fmt: skip
    with pytest.raises(ag.ShapeError, match=r"net/first, which is Linear\(2, 2\), expects"):
        net([[1.0]])


def test_models_that_number_their_parts_call_them_so_wherever_they_stand():
    first = nn.Linear(2, 2, rng=0)
    names = [row.name for row in nn.Sequential(first, nn.Linear(2, 2, rng=1)).summary().rows]
    assert names == ["linear1", "linear2"]
    assert first.weight.name == "W"
    alone = nn.MLP(2, [3], 1, scalar=True, rng=0)
    assert [row.name for row in alone.summary().rows if row.parameters] == ["linear1", "linear2"]
