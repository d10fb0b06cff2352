"""Which metrics there are by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from autograd import DataError
from nn.metrics import classification, ranking, rates, regression
from nn.metrics.base import Average, Metric
from nn.names import look_up

__all__ = ["get"]

KINDS: dict[Callable[..., Any], Callable[[], Metric]] = {
    classification.accuracy: classification.Accuracy,
    classification.binary_accuracy: classification.BinaryAccuracy,
    classification.subset_accuracy: classification.SubsetAccuracy,
    classification.top_k: lambda: classification.TopK(5, name="top_k"),
    classification.confusion_matrix: classification.ConfusionMatrix,
    rates.precision: rates.Precision,
    rates.recall: rates.Recall,
    rates.f1: rates.F1,
    ranking.roc_auc: ranking.RocAuc,
    ranking.average_precision: ranking.AveragePrecision,
    regression.mae: regression.MAE,
    regression.mse: regression.MSE,
    regression.rmse: regression.RMSE,
    regression.mape: regression.MAPE,
    regression.r2: regression.R2,
}
"""The functions, and what makes the metric of each; its name is the function's."""

TABLE = {function.__name__: kind for function, kind in KINDS.items()}


def get(metric: Any) -> Metric:
    """A metric to count with: under its name, of a class or a function, or itself.

    ``"top_k"`` is among the five largest, ``"top_3"`` among the three largest. The name under which
    a history lists it is its `name`.

    Raises UnknownNameError (a ValueError) for a name that is not there, with the nearest that is;
    DataError (a TypeError) for what is no metric.

    >>> get("top_3").name, get(regression.mae)([1.0], [3.0])
    ('top_3', 2.0)
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if isinstance(metric, str):
        top = re.fullmatch(r"top_(\d+)", metric.strip().lower())
        if top:
            return classification.TopK(int(top[1]))
        return look_up("metric", metric, TABLE)()
    for function, kind in KINDS.items():
        if metric is function:
            return kind()
    if callable(metric):
        return Average(metric)
    raise DataError(
        "a metric is a name, a Metric or a function (prediction, target) -> float, and received "
        f"{metric!r}"
    )
