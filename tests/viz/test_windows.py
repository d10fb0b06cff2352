"""Convolution, pooling and attention on the board: closed, and opened into their gates."""

from __future__ import annotations

import numpy as np

import autograd as ag
import viz
from autograd import Tensor
from viz.symbols import symbol_of

IMAGE, KERNEL = np.arange(16.0).reshape(1, 1, 4, 4), np.array([[[[1.0, -1.0], [2.0, 0.5]]]])


def opened(node):
    """The gates of the opened graph, by what stands in their circles, and the leaves' uses."""
    graph = ag.Graph(ag.Graph(node).opened("all"))
    symbols = [symbol_of(n) for n in graph.nodes if n.gate is not None]
    return symbols, [edge.source.name for edge in graph.edges]


def test_a_kernel_is_one_wire_that_forks_to_every_window():
    symbols, sources = opened(ag.conv(Tensor(IMAGE, name="x"), Tensor(KERNEL, name="w")))
    assert sources.count("w") == sources.count("x") == 9
    assert symbols.count("×") == symbols.count("Σ") == 9
    assert symbols[0] == "[…, 0:2, 0:2]"
    assert "[…, 2:4, 1:3]" in symbols


def test_a_pool_is_one_maximum_for_each_window():
    symbols, sources = opened(ag.max_pool(Tensor(IMAGE, name="x"), 2))
    assert symbols.count("max") == sources.count("x") == 4


def test_attention_opens_into_products_and_a_softmax():
    q, k, v = (Tensor(np.eye(3, 2), name=name) for name in "qkv")
    node = ag.scaled_dot_product_attention(q, k, v)
    symbols = [symbol_of(n) for n in ag.Graph(ag.Graph(node).opened(
        ["scaled_dot_product_attention"])).nodes if n.gate is not None]  # fmt: skip
    assert symbols == ["ᵀ", "@", "×0.7071", "softmax", "@"]


def test_a_derivation_says_the_settings_that_change_something():
    x, w = Tensor(IMAGE, name="x"), Tensor(KERNEL, name="w")
    text = str(viz.table(np.sum(ag.max_pool(ag.conv(x, w, padding="same"), 2)[0, 0, 1:])))
    for formula in (
        "conv(x, w, padding=((0, 1), (0…)",
        "max pool(q1, kernel_size=(2, 2))",
        "[0, 0, 1:]",
    ):
        assert formula in text
    assert "stride" not in text
    assert "dilation" not in text


def test_they_are_drawn_closed_and_opened():
    x, w = Tensor(IMAGE, name="x"), Tensor(KERNEL, name="w")
    f = np.sum(ag.max_pool(ag.conv(x, w), 2, 1))
    assert ">conv<" in viz.draw(f).svg
    assert "[…, 1:3, 1:3]" in viz.draw(f, expand="all").svg
