"""Attention: the formula entry by entry, masks, rows that look at nothing, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from differences import complex_step

import autograd as ag
from autograd import Tensor

RNG = np.random.default_rng(1)
Q, K, V = (RNG.normal(size=shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 6)))
ATTEND = ag.scaled_dot_product_attention


def definition(q, k, v, looks, scale):
    """A weighted mean for each query, over the keys that it looks at."""
    out = np.zeros((*q.shape[:-1], v.shape[-1]), np.result_type(q, k, v))
    for place in np.ndindex(*q.shape[:-1]):
        example, i = place[:-1], place[-1]
        keys = [j for j in range(k.shape[-2]) if looks(i, j)]
        e = {j: np.exp(np.sum(q[place] * k[(*example, j)]) * scale) for j in keys}
        for j in keys:
            out[place] += e[j] / sum(e.values()) * v[(*example, j)]
    return out


MASK = np.array([[True, False, True, True, False], [False] * 5, [False, True, True, True, True]])
LOOKS = {
    "all": ({}, lambda i, j: True),
    "causal": ({"causal": True}, lambda i, j: j <= i),
    "mask": ({"mask": MASK}, lambda i, j: MASK[i, j]),
    "both": ({"mask": MASK, "causal": True}, lambda i, j: MASK[i, j] and j <= i),
    "row of keys": ({"mask": MASK[:1]}, lambda i, j: MASK[0, j]),
    "added": ({"mask": np.where(MASK, 0.0, -np.inf)}, lambda i, j: MASK[i, j]),
    "scale": ({"scale": 2.0}, lambda i, j: True),
}


@pytest.mark.parametrize("name", LOOKS)
def test_it_is_the_weighted_mean_of_its_definition(name):
    how, looks = LOOKS[name]
    scale = how.get("scale", 0.5)
    nodes = [Tensor(a) for a in (Q, K, V)]
    out = ATTEND(*nodes, **how)
    np.testing.assert_allclose(out.data, definition(Q, K, V, looks, scale), rtol=1e-13, atol=1e-15)
    g = RNG.normal(size=out.shape)
    out.backward(gradient=g)
    expected = complex_step(lambda *a: definition(*a, looks, scale), (Q, K, V), g)
    for node, want in zip(nodes, expected, strict=True):
        np.testing.assert_allclose(node.grad, want, rtol=1e-11, atol=1e-13)


def test_weights_that_are_not_kept_are_out_of_the_mean():
    """Unlike what a mask hides, which the others make up for."""
    weights = ATTEND(Q, K, np.eye(5)).data
    out = ATTEND(Q, K, V, keep=MASK * 2)
    np.testing.assert_allclose(out.data, (weights * MASK * 2.0) @ V, rtol=1e-13)
    keep = Tensor(np.ones((3, 5)))
    ATTEND(Q, K, V, keep=keep).backward(gradient=np.ones((2, 3, 6)))
    np.testing.assert_allclose(keep.grad, (weights * V.sum(-1)[:, None]).sum(0), rtol=1e-13)


def test_a_query_that_looks_at_nothing_gets_zeros_and_sends_nothing_back():
    for mask in (np.zeros((1, 2), bool), np.full((1, 2), -np.inf)):
        nodes = [Tensor(a) for a in (Q[0, :1], K[0, :2], V[0, :2])]
        out = ATTEND(*nodes, mask)
        out.backward(gradient=np.ones(out.shape))
        assert not out.data.any()
        assert not any(node.grad.any() for node in nodes)


def test_large_scores_do_not_overflow():
    out = ATTEND(1e4 * Q, 1e4 * K, V)
    best = np.argmax(Q @ K.swapaxes(1, 2), axis=-1)
    np.testing.assert_array_equal(out.data, np.take_along_axis(V, best[..., None], axis=1))


def test_half_precision_adds_up_in_single_and_a_constant_mask_takes_the_dtype_of_the_rest():
    q, k, v = (a.astype(np.float16) for a in (Q, K, V))
    out = ATTEND(300 * q, 300 * k, v, np.zeros((3, 5)))
    assert out.dtype == np.float16
    assert np.isfinite(out.data).all()


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64])
def test_whole_numbers_attend_as_floats_do_with_a_mask_that_is_added(kind):
    q, k = (a > 0.0 for a in (Q, K))
    added = np.where(MASK, -0.75, -np.inf) - np.arange(5.0) / 8
    expected = ATTEND(q.astype(float), k.astype(float), V, added).data
    got = ATTEND(q.astype(kind), k.astype(kind), V, added).data
    np.testing.assert_allclose(got, expected, rtol=1e-2)  # of bytes the mask has half precision


def test_its_weights_are_seen_where_it_is_opened():
    graph = ag.Graph(ATTEND(Tensor(Q[0], name="q"), Tensor(K[0], name="k"), Tensor(V[0], name="v")))
    inner = ag.Graph(graph.opened("all"))
    (weights,) = [node for node in inner.nodes if node.gate and node.gate.name == "softmax"]
    np.testing.assert_allclose(weights.data.sum(-1), np.ones(3), rtol=1e-14)
    assert weights.shape == (3, 5)


def test_nothing_to_look_at_and_nobody_who_looks():
    assert not ATTEND(Q, K[:, :0], V[:, :0]).data.any()
    assert ATTEND(Q[:, :0], K, V).shape == (2, 0, 6)
    assert ATTEND(Q[:0], K[:0], V[:0]).shape == (0, 3, 6)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: ATTEND(Q, K[..., :3], V), ValueError, r"of one length.*\(2, 3, 4\).*\(2, 5, 3\)"),
        (lambda: ATTEND(Q, K, V[:, :4]), ValueError, r"a value for each key.*\(2, 4, 6\)"),
        (lambda: ATTEND(Q[0, 0], K, V), ValueError, r"q\[None\]"),
        (lambda: ATTEND(Q, K, V, MASK.T), ValueError, r"queries by keys.*\(5, 3\)"),
        (lambda: ATTEND(Q, K, V, MASK * 1), TypeError, "mask != 0"),
        (lambda: ATTEND(Q, K, V, keep="a"), TypeError, "real numbers or booleans"),
        (lambda: ATTEND(Q, K, V, keep=MASK.T), ValueError, r"keep=.*queries by keys.*\(5, 3\)"),
        (lambda: ATTEND(np.stack([Q[0]] * 3), K, V), ValueError, "cannot be applied"),
        (lambda: ATTEND(Q, K, V, scale="1"), TypeError, r"scale=\.\.\.\) expects a number"),
    ],
)
def test_an_error_names_the_shapes_and_what_to_write(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, ag.AutogradError)


def test_the_scale_is_that_of_the_length_of_a_key():
    expected = ATTEND(Q, K, V, scale=1 / math.sqrt(4))
    np.testing.assert_array_equal(ATTEND(Q, K, V).data, expected.data)
