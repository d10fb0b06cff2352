"""Metrics: what is watched beside the loss. They count over batches, so that averages are exact.

Each metric is an object: ``update(prediction, target)`` for each batch, ``result()`` for what it
comes to so far, ``reset()`` to begin again; called like a function it measures one batch. The
functions here do that.

>>> from nn import metrics
>>> metrics.accuracy([[2.0, 0.0], [0.0, 2.0]], [0, 0])
0.5
"""

from nn.metrics.catalogue import get
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

__all__ = [
    "MAE", "R2", "Accuracy", "Average", "ConfusionMatrix", "Metric", "TopK",
    "accuracy", "confusion_matrix", "get", "mae", "r2", "top_k",
]  # fmt: skip
