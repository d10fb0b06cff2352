"""ONNX' recurrent layers, each a scan over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import UnsupportedError
from autograd.exchange.onnx_operators import Call, plain

__all__ = ["RECURRENT"]

Step = Callable[[Call, tuple[Any, ...], Any, Any, Any], tuple[Any, ...]]
"""The next state, of the last one, what the input gives to each gate, and R and its bias."""


def lstm(call: Call, state: tuple[Any, ...], now: Any, r: Any, bias: Any) -> tuple[Any, ...]:
    """Gates in the order input, output, forget, cell."""
    h, c = state
    i, o, f, g = np.split(now + h @ r + bias, 4, axis=-1)
    c = ag.sigmoid(f) * c + ag.sigmoid(i) * np.tanh(g)
    return ag.sigmoid(o) * np.tanh(c), c


def gru(call: Call, state: tuple[Any, ...], now: Any, r: Any, bias: Any) -> tuple[Any, ...]:
    """Gates in the order update, reset, hidden."""
    (h,) = state
    n = np.shape(h)[-1]
    both = ag.sigmoid(now[..., : 2 * n] + h @ r[:, : 2 * n] + bias[: 2 * n])
    z, reset, last = both[..., :n], both[..., n:], slice(2 * n, None)
    if call.get("linear_before_reset"):
        made = np.tanh(now[..., last] + reset * (h @ r[:, last] + bias[last]))
    else:
        made = np.tanh(now[..., last] + (reset * h) @ r[:, last] + bias[last])
    return ((1.0 - z) * made + z * h,)


def rnn(call: Call, state: tuple[Any, ...], now: Any, r: Any, bias: Any) -> tuple[Any, ...]:
    bend = ag.relu if "relu" in activations(call) else np.tanh
    return (bend(now + state[0] @ r + bias),)


def activations(call: Call) -> tuple[str, ...]:
    return tuple(str(name).lower() for name in call.get("activations") or ())


def over_time(step: Step, states: int, usual: tuple[str, ...]) -> Callable[..., Any]:
    """A layer of that step. X is (time, batch, features), W and R (directions, gates, ...)."""

    def computed(
        call: Call, x: Any, w: Any, r: Any, b: Any = None, lengths: Any = None, *rest: Any
    ) -> tuple[Any, ...]:
        check(call, x, lengths, rest[states:], usual)
        ways, size = np.shape(r)[0], np.shape(r)[2]
        outs, lasts = [], []
        for way in range(ways):
            back = way == 1 or call.get("direction") == "reverse"
            half = np.shape(w)[1]
            bias = np.zeros(2 * half, x.dtype) if b is None else b[way]
            given = np.matmul(x, np.transpose(w[way])) + bias[:half]
            begin = tuple(
                np.zeros((np.shape(x)[1], size), x.dtype)
                if i >= len(rest) or rest[i] is None else rest[i][way]
                for i in range(states)
            )  # fmt: skip
            last, ys = ag.scan(
                stepping(step, call, np.transpose(r[way]), bias[half:]),
                begin, np.flip(given, 0) if back else given,
            )  # fmt: skip
            outs.append(np.flip(ys, 0) if back else ys)
            lasts.append(last)
        return (np.stack(outs, 1), *(np.stack(parts) for parts in zip(*lasts, strict=True)))

    return computed


def stepping(step: Step, call: Call, r: Any, bias: Any) -> Callable[[Any, Any], tuple[Any, Any]]:
    def one(state: Any, now: Any) -> tuple[Any, Any]:
        made = step(call, state, now, r, bias)
        return made, made[0]

    return one


def check(call: Call, x: Any, lengths: Any, more: Any, usual: tuple[str, ...]) -> None:
    """Raises UnsupportedError for what is computed otherwise than here."""
    ways = 2 if call.get("direction") == "bidirectional" else 1
    given = activations(call) or usual * ways
    rectified = call.op == "RNN" and given == ("relu",) * ways
    unread = {
        f"activations {given}": given != usual * ways and not rectified,
        "lengths of their own for sequences":
            lengths is not None and np.any(plain(lengths) != np.shape(x)[0]),
        "peepholes": any(one is not None for one in more),
        "clip": call.get("clip"),
        "input_forget": call.get("input_forget"),
        "layout=1": call.get("layout"),
    }  # fmt: skip
    for what, is_there in unread.items():
        if is_there:
            raise UnsupportedError(f"{call.name!r}, a layer {call.op} with {what}, cannot be read")


RECURRENT: dict[str, Callable[..., Any]] = {
    "LSTM": over_time(lstm, 2, ("sigmoid", "tanh", "tanh")),
    "GRU": over_time(gru, 1, ("sigmoid", "tanh")),
    "RNN": over_time(rnn, 1, ("tanh",)),
}
