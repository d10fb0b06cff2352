"""What expressions may call, for `asking.py`, beside which it lies: steps, and laws of samples."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

Slopes = Sequence[float]
Rates = Sequence[float | None]


def ours(names: Any, make: Any, slopes: Slopes, rates: Rates) -> list[float]:
    w = names["ag"].Tensor(1.0)
    optimizer = make([w])
    path = [1.0]
    for slope, rate in zip(slopes, rates, strict=True):
        if rate is not None:
            optimizer.lr = rate
        optimizer.zero_grad()
        (slope * w).backward()
        optimizer.step()
        path.append(float(w.data))
    return path


def torchs(names: Any, make: Any, slopes: Slopes, rates: Rates) -> list[float]:
    w = names["torch"].tensor(1.0, dtype=names["torch"].float64, requires_grad=True)
    optimizer = make([w])
    path = [1.0]
    for slope, rate in zip(slopes, rates, strict=True):
        if rate is not None:
            optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        (slope * w).backward()
        optimizer.step()
        path.append(w.item())
    return path


def optaxs(names: Any, make: Any, slopes: Slopes, rates: Rates) -> list[float]:
    jnp = names["np"]
    w = jnp.array(1.0)
    optimizer = make([w])
    state = optimizer.init(w)
    path = [1.0]
    for slope, rate in zip(slopes, rates, strict=True):
        if rate is not None:
            state.hyperparams["learning_rate"] = jnp.array(rate)
        update, state = optimizer.update(jnp.array(slope), state, w)
        w = w + update
        path.append(float(w))
    return path


def keras(names: Any, make: Any, slopes: Slopes, rates: Rates) -> list[float]:
    w = names["keras"].Variable(1.0, dtype="float64")
    optimizer = make([w])
    path = [1.0]
    for slope, rate in zip(slopes, rates, strict=True):
        if rate is not None:
            optimizer.learning_rate = rate
        optimizer.apply([names["np"].convert_to_tensor(slope, "float64")], [w])
        path.append(float(w))
    return path


def scikits(names: Any, make: Any, slopes: Slopes, rates: Rates) -> list[float]:
    array = names["np"].array
    w = array([1.0])
    optimizer = make([w])
    path = [1.0]
    for slope, rate in zip(slopes, rates, strict=True):
        if rate is not None:
            optimizer.learning_rate = rate
        optimizer.update_params([w], [array([slope])])
        path.append(float(w[0]))
    return path


PATHS = {
    "gategrad": ours, "PyTorch": torchs, "JAX": optaxs, "Keras": keras, "scikit-learn": scikits,
}  # fmt: skip


def stepper(names: dict[str, Any]) -> Callable[..., list[float]]:
    """The function `moves` of an expression: by how much each step moves a weight of 1."""

    def moves(make: Any, slopes: Slopes = (2.0, 1.0), rates: Rates | None = None) -> list[float]:
        path = PATHS[names["library"]](names, make, slopes, rates or [None] * len(slopes))
        return [b - a for a, b in itertools.pairwise(path)]

    return moves


def law(w: Any) -> str:
    """The standard deviation of many samples, and by the largest of them their law."""
    deviation = float(w.std())
    reach = float(abs(w).max()) / deviation
    if abs(float(w.mean())) > deviation:
        name = "uniform from 0"
    else:
        name = "uniform" if reach < 1.8 else "truncated normal" if reach < 2.5 else "normal"
    return f"{deviation:.2g}, {name}"
