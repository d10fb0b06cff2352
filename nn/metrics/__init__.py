"""Metrics: what is watched beside the loss. They count over batches, so that averages are exact.

Each metric is an object: ``update(prediction, target, sample_weight=None)`` for each batch,
``result()`` for what it comes to over all rows so far, ``reset()`` to begin again; called like a
function it measures one batch. The functions here do that.

>>> from nn import metrics
>>> metrics.accuracy([[2.0, 0.0], [0.0, 2.0]], [0, 0])
0.5
"""

from nn.metrics.base import Average, Metric
from nn.metrics.catalogue import get
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

__all__ = [
    "F1", "MAE", "MAPE", "MSE", "R2", "RMSE", "Accuracy", "Average", "AveragePrecision",
    "BinaryAccuracy", "ConfusionMatrix", "Metric", "Precision", "Recall", "RocAuc",
    "SubsetAccuracy", "TopK",
    "accuracy", "average_precision", "binary_accuracy", "confusion_matrix", "f1", "get", "mae",
    "mape", "mse", "precision", "r2", "recall", "rmse", "roc_auc", "subset_accuracy", "top_k",
]  # fmt: skip
