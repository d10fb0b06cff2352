"""Which metrics there are by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from autograd import DataError
from nn.metrics.classification import (
    Accuracy,
    Average,
    ConfusionMatrix,
    Metric,
    TopK,
    accuracy,
    confusion_matrix,
    top_k,
)
from nn.metrics.regression import MAE, R2, mae, r2
from nn.names import look_up

__all__ = ["get"]

TABLE: dict[str, Callable[[], Metric]] = {
    "accuracy": Accuracy,
    "top_k": lambda: TopK(5, name="top_k"),
    "confusion_matrix": ConfusionMatrix,
    "mae": MAE,
    "r2": R2,
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "accuracy": accuracy,
    "top_k": top_k,
    "confusion_matrix": confusion_matrix,
    "mae": mae,
    "r2": r2,
}


def get(metric: Any) -> Metric:
    """A metric to count with: under its name, of a class or a function, or itself.

    ``"top_k"`` is among the five largest, ``"top_3"`` among the three largest. The name under which
    a history lists it is its `name`.

    Raises UnknownNameError (a ValueError) for a name that is not there, with the nearest that is;
    DataError (a TypeError) for what is no metric.

    >>> get("top_3").name, get(mae)([1.0], [3.0])
    ('top_3', 2.0)
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if isinstance(metric, str):
        top = re.fullmatch(r"top_(\d+)", metric.strip().lower())
        return TopK(int(top[1])) if top else look_up("metric", metric, TABLE)()
    for known, function in FUNCTIONS.items():
        if metric is function:
            return TABLE[known]()
    if callable(metric):
        return Average(metric)
    raise DataError(
        "a metric is a name, a Metric or a function (prediction, target) -> float, and received "
        f"{metric!r}"
    )
