"""Recurrences: the steps of a recurrent layer along time, as one gate each.

A step computes the next state from the one before and from x; all steps are one gate, which
multiplies the inputs of all of them by the weights at once, and so goes back too: only what must
wait for the step before is in the loop. The same steps written with other gates are its expansion,
which pictures open and which derivatives of derivatives are taken of.

Arrays run along time first, (T, N, features). Weights are PyTorch's: a row for each unit, the gates
of a unit one block after the other (LSTM: input, forget, candidate, output; GRU: reset, update,
candidate).

Source: Elman, Finding structure in time, 1990; Hochreiter and Schmidhuber, Long short-term memory,
1997; Cho et al., Learning phrase representations using RNN encoder-decoder, 2014, with the reset
gate after the product, as in cuDNN and PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

import autograd as ag
from nn.loop_gate import loop_gate

__all__ = ["GATES", "STATES", "gru", "lstm", "rnn_relu", "rnn_tanh"]

Arrays = Sequence[np.ndarray]


# ---- what the loops share: arrays (T, units, N), so that the gates of a step are whole blocks


def _turned(x: Any) -> Any:
    """Units and batch in the other order, in memory of its own."""
    return np.ascontiguousarray(x.swapaxes(-1, -2))


def _projected(x: Any, w: Any, b: Any) -> Any:
    """W·x + b of all steps."""
    out = np.matmul(w, x.swapaxes(1, 2))
    out += b[:, None]
    return out


class _Sums:
    """Over all steps, the gradient of sums W·x + U·h + b times what they are sums of, (x, h, 1).

    By one product a step W, U and b have theirs, and what it takes is kept for one step alone.
    """

    def __init__(self, rows: int, n: int, lengths: Sequence[int], dtype: Any) -> None:
        self.ends = [*accumulate(lengths)]
        self.feed = np.ones((n, self.ends[-1] + 1), dtype)
        self.total = np.zeros((rows, self.ends[-1] + 1), dtype)
        self._part = np.empty_like(self.total)

    def add(self, d: Any, *parts: Any) -> None:
        """Of a step's gradient (rows, N), and x and h there, (N, features)."""
        for part, end in zip(parts, self.ends, strict=True):
            self.feed[:, end - part.shape[1] : end] = part
        self.add_fed(d, self.feed)

    def add_fed(self, d: Any, feed: Any) -> None:
        """The same of (x, h, 1) side by side."""
        self.total += np.matmul(d, feed, out=self._part)

    def gradients(self) -> list[Any]:
        """Of W, of U and of b."""
        *weights, b = np.split(self.total, self.ends, axis=1)
        return [*map(np.ascontiguousarray, weights), b[:, 0].copy()]


def _of_x(x: Any, wants_x: bool) -> Any:
    """Room for the gradient of x, where it is wanted."""
    return np.empty_like(x) if wants_x else None


def _flattening(value: Any, out: Any) -> None:
    """1 − tanh²: the derivative of tanh from its value."""
    np.multiply(value, value, out=out)
    np.subtract(1.0, out, out=out)


def _stays(new: Any, old: Any, mask: Arrays, t: int) -> None:
    """Put the old state back where the step does not count."""
    if mask:
        np.copyto(new, old, where=~mask[0][t].T)


def _passed(later: Any, product: Any, mask: Arrays, t: int) -> tuple[Any, Any]:
    """The gradient of the state before, in one of two buffers, and the other: the product, and
    where the step does not count what came to the state itself."""
    if not mask:
        return product, later
    later *= ~mask[0][t].T
    later += product
    return later, product


# ---- h' = tanh(W·x + U·h + b), or with ReLU


def _rnn_step(activation: Any) -> Any:
    def step(x: Any, h: Any, w: Any, u: Any, b: Any, c: Any) -> tuple[Any, ...]:
        return (activation(x @ w.T + b + (h @ u.T + c)),)

    return step


def _rnn_ahead(x: Any, h: Any, w: Any, u: Any, b: Any, c: Any, *mask: Any) -> tuple[Any, ...]:
    """The states of all steps."""
    return (_rnn_states(np.tanh, x, h, w, u, b + c, mask),)


def _relu_ahead(x: Any, h: Any, w: Any, u: Any, b: Any, c: Any, *mask: Any) -> tuple[Any, ...]:
    """The states of all steps."""
    return (_rnn_states(lambda a, out: np.maximum(a, 0.0, out=out), x, h, w, u, b + c, mask),)


def _rnn_states(activation: Any, x: Any, h: Any, w: Any, u: Any, b: Any, mask: Arrays) -> Any:
    out, h = _projected(x, w, b), _turned(h)
    product = np.empty_like(h)
    for t, a in enumerate(out):
        np.matmul(u, h, out=product)
        a += product
        activation(a, out=a)
        _stays(a, h, mask, t)
        h = a
    return out.swapaxes(1, 2)


def _rnn_back(g: Any, out: Any, given: Arrays, kept: Arrays, wants_x: bool) -> tuple[Any, ...]:
    """The gradients of all operands, tanh' = 1 − h²."""
    return _rnn_gradients(_flattening, g, out, given, wants_x)


def _relu_back(g: Any, out: Any, given: Arrays, kept: Arrays, wants_x: bool) -> tuple[Any, ...]:
    """The gradients of all operands, relu' = 1 above 0."""
    return _rnn_gradients(lambda h, out: np.greater(h, 0.0, out=out), g, out, given, wants_x)


def _rnn_gradients(local: Any, g: Any, out: Any, given: Arrays, wants_x: bool) -> tuple[Any, ...]:
    """By the function that gives the local derivative from the state."""
    x, h, w, u, _, _, *mask = given
    sums = _Sums(len(w), len(h), (x.shape[2], h.shape[1]), w.dtype)
    dx, later = _of_x(x, wants_x), np.zeros_like(h.T)
    d, product = np.empty_like(later), np.empty_like(later)
    for t in range(len(x) - 1, -1, -1):
        later += g[t].T
        local(out[t].T, out=d)
        d *= later
        if mask:
            d *= mask[0][t].T
        sums.add(d, x[t], out[t - 1] if t else h)
        if dx is not None:
            np.matmul(d.T, w, out=dx[t])
        np.matmul(u.T, d, out=product)
        later, product = _passed(later, product, mask, t)
    dw, du, db = sums.gradients()
    return dx, later.T, dw, du, db, db


# ---- LSTM


def _lstm_step(x: Any, h: Any, c: Any, w: Any, u: Any, b: Any, b_h: Any) -> tuple[Any, ...]:
    n = h.shape[1]
    a = x @ w.T + b + (h @ u.T + b_h)
    i, f, o = (ag.sigmoid(a[:, k * n : (k + 1) * n]) for k in (0, 1, 3))
    c = f * c + i * np.tanh(a[:, 2 * n : 3 * n])
    return o * np.tanh(c), c


def _halved(parameter: Any, blocks: Sequence[float]) -> Any:
    """A parameter, its blocks times 1/2 or 1: σ(a) = tanh(a/2)/2 + 1/2, so that one tanh serves
    gates and candidates."""
    factors = np.repeat(np.array(blocks, parameter.dtype), len(parameter) // len(blocks))
    return parameter * factors.reshape(-1, *[1] * (parameter.ndim - 1))


def _logistic(a: Any) -> None:
    """σ of what was halved and given to tanh, in place."""
    a *= 0.5
    a += 0.5


def _lstm_ahead(
    x: Any, h: Any, c: Any, w: Any, u: Any, b: Any, b_h: Any, *mask: Any
) -> tuple[Any, ...]:
    """The outputs of all steps and the last cells; what each step is fed with, (x, h, 1), so that
    one product gives its sums; the gates, the cells and their tanh."""
    weights = np.concatenate([w, u, (b + b_h)[:, None]], axis=1)
    weights = _halved(weights, (0.5, 0.5, 1.0, 0.5))
    steps, n, inputs = x.shape
    units = h.shape[1]
    feeds = np.ones((steps + 1, weights.shape[1], n), weights.dtype)
    feeds[:-1, :inputs], states = x.swapaxes(1, 2), feeds[:, inputs:-1]
    gates = np.empty((steps, len(weights), n), weights.dtype)
    cells = np.empty((steps + 1, units, n), weights.dtype)
    tanhs, part = np.empty_like(cells[1:]), np.empty_like(cells[0])
    states[0], cells[0] = h.T, c.T
    for t, a in enumerate(gates):
        np.matmul(weights, feeds[t], out=a)
        np.tanh(a, out=a)
        _logistic(a[: 2 * units])
        _logistic(a[3 * units :])
        i, f, g, o = a.reshape(4, units, n)
        cell = cells[t + 1]
        np.multiply(f, cells[t], out=cell)
        np.multiply(i, g, out=part)
        cell += part
        _stays(cell, cells[t], mask, t)
        np.tanh(cell, out=tanhs[t])
        np.multiply(o, tanhs[t], out=states[t + 1])
        _stays(states[t + 1], states[t], mask, t)
    out = np.empty((steps + 1, n, units), weights.dtype)
    out[:-1], out[-1] = states[1:].swapaxes(1, 2), cells[-1].T
    return out, feeds, gates, cells, tanhs


def _lstm_back(g: Any, out: Any, given: Arrays, kept: Arrays, wants_x: bool) -> tuple[Any, ...]:
    """The gradients of all operands."""
    x, h, _, w, u, _, _, *mask = given
    feeds, gates, cells, tanhs = kept
    sums = _Sums(len(w), len(h), (x.shape[2], h.shape[1]), w.dtype)
    dx, d = _of_x(x, wants_x), np.empty_like(gates[0])
    later, product = np.zeros_like(tanhs[0]), np.empty_like(tanhs[0])
    part, d_cell = np.empty_like(later), _turned(g[-1])
    blocks = d.reshape(4, *later.shape)
    for t in range(len(x) - 1, -1, -1):
        a = gates[t].reshape(blocks.shape)
        later += g[t].T
        _flattening(tanhs[t], out=part)
        part *= a[3]
        part *= later
        if mask:
            part *= mask[0][t].T
        d_cell += part
        np.subtract(1.0, a, out=blocks)  # the local derivatives of the gates: σ·(1 − σ)
        blocks *= a
        blocks[0] *= a[2]
        blocks[1] *= cells[t]
        _flattening(a[2], out=blocks[2])
        blocks[2] *= a[0]
        blocks[:3] *= d_cell
        blocks[3] *= tanhs[t]
        blocks[3] *= later
        if mask:
            blocks *= mask[0][t].T
            d_cell *= np.where(mask[0][t].T, a[1], 1.0)
        else:
            d_cell *= a[1]
        sums.add_fed(d, feeds[t].T)
        if dx is not None:
            np.matmul(d.T, w, out=dx[t])
        np.matmul(u.T, d, out=product)
        later, product = _passed(later, product, mask, t)
    dw, du, db = sums.gradients()
    return dx, later.T, d_cell.T, dw, du, db, db


# ---- GRU


def _gru_step(x: Any, h: Any, w: Any, u: Any, b: Any, b_h: Any) -> tuple[Any, ...]:
    n = h.shape[1]
    a, s = x @ w.T + b, h @ u.T + b_h
    r, z = (ag.sigmoid(a[:, k * n : (k + 1) * n] + s[:, k * n : (k + 1) * n]) for k in (0, 1))
    new = np.tanh(a[:, 2 * n :] + r * s[:, 2 * n :])
    return (new + z * (h - new),)


def _gru_ahead(x: Any, h: Any, w: Any, u: Any, b: Any, b_h: Any, *mask: Any) -> tuple[Any, ...]:
    """The states of all steps; the gates, and the candidates' sums U·h + b."""
    w, u, b, b_h = (_halved(p, (0.5, 0.5, 1.0)) for p in (w, u, b, b_h))
    sums, h = _projected(x, w, b), _turned(h)
    n = len(h)
    out, kept = np.empty((len(x), *h.shape), h.dtype), np.empty((len(x), *h.shape), h.dtype)
    product, part = np.empty_like(sums[0]), np.empty_like(h)
    for t, a in enumerate(sums):
        np.matmul(u, h, out=product)
        product += b_h[:, None]
        kept[t] = product[2 * n :]
        both = a[: 2 * n]
        both += product[: 2 * n]
        np.tanh(both, out=both)
        _logistic(both)
        r, z, new = a.reshape(3, n, -1)
        np.multiply(r, kept[t], out=part)
        new += part
        np.tanh(new, out=new)
        np.subtract(h, new, out=part)
        part *= z
        np.add(new, part, out=out[t])
        _stays(out[t], h, mask, t)
        h = out[t]
    return out.swapaxes(1, 2), sums, kept


def _gru_back(g: Any, out: Any, given: Arrays, kept: Arrays, wants_x: bool) -> tuple[Any, ...]:
    """The gradients of all operands."""
    x, h, w, u, _, _, *mask = given
    gates, products = kept
    of_x, of_h = (_Sums(len(w), len(h), (v.shape[-1],), w.dtype) for v in (x, h))
    dx, d = _of_x(x, wants_x), np.empty_like(gates[0])
    later, product = np.zeros_like(products[0]), np.empty_like(products[0])
    part = np.empty_like(later)
    blocks = d.reshape(3, *later.shape)
    for t in range(len(x) - 1, -1, -1):
        (r, z, new), before = gates[t].reshape(blocks.shape), out[t - 1] if t else h
        later += g[t].T
        np.subtract(1.0, z, out=blocks[1])
        _flattening(new, out=blocks[2])
        blocks[2] *= blocks[1]
        blocks[1] *= z
        np.subtract(before.T, new, out=part)
        blocks[1] *= part
        np.subtract(1.0, r, out=blocks[0])
        blocks[0] *= r
        blocks[0] *= products[t]
        blocks[0] *= blocks[2]
        blocks *= later
        if mask:
            blocks *= mask[0][t].T
            z = np.where(mask[0][t].T, z, 1.0)
        of_x.add(d, x[t])
        if dx is not None:
            np.matmul(d.T, w, out=dx[t])
        blocks[2] *= r  # by U·h + b, of which the reset gate weighs the candidates
        of_h.add(d, before)
        np.matmul(u.T, d, out=product)
        later *= z
        later += product
    (dw, db), (du, db_h) = of_x.gradients(), of_h.gradients()
    return dx, later.T, dw, du, db, db_h


STATES = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 2, "gru": 1}
"""How many states a step carries."""

rnn_tanh = loop_gate(
    "rnn_tanh", "RNN", "h' = tanh(x·Wᵀ + h·Uᵀ + b), step by step → back along the steps",
    STATES["rnn_tanh"], _rnn_ahead, _rnn_back, _rnn_step(np.tanh),
)  # fmt: skip

rnn_relu = loop_gate(
    "rnn_relu", "RNN", "h' = relu(x·Wᵀ + h·Uᵀ + b), step by step → back along the steps",
    STATES["rnn_relu"], _relu_ahead, _relu_back, _rnn_step(ag.relu),
)  # fmt: skip

lstm = loop_gate(
    "lstm", "LSTM", "c' = f·c + i·g, h' = o·tanh(c'), step by step → back along the steps",
    STATES["lstm"], _lstm_ahead, _lstm_back, _lstm_step,
)  # fmt: skip

gru = loop_gate(
    "gru", "GRU", "h' = (1 − z)·n + z·h, step by step → back along the steps",
    STATES["gru"], _gru_ahead, _gru_back, _gru_step,
)  # fmt: skip

GATES = {each.name: each for each in (rnn_tanh, rnn_relu, lstm, gru)}
