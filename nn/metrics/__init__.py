"""Metrics: what is watched beside the loss. They count over batches, so that averages are exact.

Each metric is an object: ``update(prediction, target, sample_weight=None)`` for each batch,
``result()`` for what it comes to over all rows so far, ``reset()`` to begin again; called like a
function it measures one batch. The functions here do that.

>>> from nn import metrics
>>> metrics.accuracy([[2.0, 0.0], [0.0, 2.0]], [0, 0])
0.5
"""

import re
from collections.abc import Callable
from typing import Any

from autograd import DataError
from nn.metrics.base import Average, Metric
from nn.metrics.classification import (
    Accuracy,
    BinaryAccuracy,
    ConfusionMatrix,
    SubsetAccuracy,
    TopK,
    accuracy,
    binary_accuracy,
    confusion_matrix,
    subset_accuracy,
    top_k,
)
from nn.metrics.ranking import AveragePrecision, RocAuc, average_precision, roc_auc
from nn.metrics.rates import F1, Precision, Recall, f1, precision, recall
from nn.metrics.regression import MAE, MAPE, MSE, R2, RMSE, mae, mape, mse, r2, rmse
from nn.names import look_up

__all__ = [
    "F1", "MAE", "MAPE", "MSE", "R2", "RMSE", "Accuracy", "Average", "AveragePrecision",
    "BinaryAccuracy", "ConfusionMatrix", "Metric", "Precision", "Recall", "RocAuc",
    "SubsetAccuracy", "TopK",
    "accuracy", "average_precision", "binary_accuracy", "confusion_matrix", "f1", "get", "mae",
    "mape", "mse", "precision", "r2", "recall", "rmse", "roc_auc", "subset_accuracy", "top_k",
]  # fmt: skip

KINDS: dict[Callable[..., Any], Callable[[], Metric]] = {
    accuracy: Accuracy,
    binary_accuracy: BinaryAccuracy,
    subset_accuracy: SubsetAccuracy,
    top_k: lambda: TopK(5, name="top_k"),
    confusion_matrix: ConfusionMatrix,
    precision: Precision,
    recall: Recall,
    f1: F1,
    roc_auc: RocAuc,
    average_precision: AveragePrecision,
    mae: MAE,
    mse: MSE,
    rmse: RMSE,
    mape: MAPE,
    r2: R2,
}
"""The functions, and what makes the metric of each; its name is the function's."""

TABLE = {function.__name__: kind for function, kind in KINDS.items()}


def get(metric: Any) -> Metric:
    """A metric to count with: under its name, of a class or a function, or itself.

    ``"top_k"`` is among the five largest, ``"top_3"`` among the three largest. The name under which
    a history lists it is its `name`.

    Raises UnknownNameError (a ValueError) for a name that is not there, with the nearest that is;
    DataError (a TypeError) for what is no metric.

    >>> from nn import metrics
    >>> metrics.get("top_3").name, metrics.get(metrics.mae)([1.0], [3.0])
    ('top_3', 2.0)
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if isinstance(metric, str):
        top = re.fullmatch(r"top_(\d+)", metric.strip().lower())
        if top:
            return TopK(int(top[1]))
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
