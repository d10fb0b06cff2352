"""Using a model: its raw outputs, its probabilities, its scores. All in evaluation mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import DataError, ShapeError, sigmoid, softmax
from nn.modes import evaluating
from nn.options import choice, real

from .errors import TrainingError
from .heads import Heads, as_head, seen_heads
from .history import plain
from .inputs import Rows, blocks, whole
from .means import MeanLoss
from .objective import Objective, outputs_of
from .outputs import SeveralLosses, values
from .preparing import as_loss, as_metrics, as_module, check_targets
from .schema import Schema, labels_of
from .sources import each, row_size, rows_of
from .streams import Inputs, Stream, as_data, as_inputs
from .threads import few_threads, multiply_adds

__all__ = ["evaluate", "predict", "predict_classes", "predict_proba", "scores"]

BLOCK_NUMBERS = 1 << 20
"""How many input numbers an evaluation batch holds unless told: what fits in a cache and does not
waste calls on small products."""


def evaluate(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    loss: Any = None,
    metrics: Any = (),
    loss_weights: Any = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    batch_size: int | None = None,
    head: Any = None,
) -> dict[str, Any]:
    """The loss and the metrics on data: ``{"loss": 0.1, "accuracy": 0.97}``.

    Averages over all rows, however they fall into batches: of cross-entropy with weights of classes
    or an ignored one, over what counts; a sum of one with ``reduction="sum"``. A loss of your own
    is asked once about all rows, unless there are millions. In evaluation mode (no dropout, running
    statistics), which is one of this call alone: other threads may use the model, or train it,
    meanwhile. Nothing is recorded.

    Parameters
    ----------
    X, y : one row a sample, and its target, as for `fit`.
    loss : a name of `nn.losses`, or a function ``loss(prediction, target)``; None for the metrics
        alone.
    metrics : names of `nn.metrics`, or metrics.
    sample_weight, class_weight : as of `fit`.
    batch_size : rows at a time; by default as many as make a million numbers. It changes nothing
        but memory, speed and the last bits.
    head : what the outputs are, ``"logits"`` or ``"probabilities"``, for metrics with a threshold
        and AUC; None sees it as `fit` does.

    Raises as `fit` does for data and names, and TrainingError (a ValueError) where neither a loss
    nor a metric is asked for.

    >>> import nn
    >>> model = nn.MLP(2, [3], 2, rng=0)
    >>> sorted(nn.evaluate(model, [[0.0, 1.0]], [1], loss="cross_entropy", metrics=["accuracy"]))
    ['accuracy', 'loss']
    """
    function = None if loss is None else as_loss(loss, loss_weights)
    measures = as_metrics(metrics, function)
    if function is None and not measures:
        raise TrainingError(
            'evaluate has nothing to compute: write loss="cross_entropy", or metrics=["accuracy"]'
        )
    model = as_module("evaluate", model)
    schema = Schema(model, function, metrics=metrics)
    rows = as_data(X, y, schema, sample_weight)
    objective = Objective(model, function)
    objective.weigh_classes(class_weight, schema, rows.first, all_rows=isinstance(rows, Rows))
    check_targets(objective, measures, rows.first, schema, Heads(head, isinstance(rows, Rows)))
    size = _block_size(rows.first.X, batch_size)
    with few_threads(multiply_adds(model, size)):
        return scores(objective, measures, rows, size)


def scores(
    objective: Objective, metrics: Sequence[Any], rows: Rows | Stream, size: int | None = None
) -> dict[str, Any]:
    """What `evaluate` returns, of data and names that were checked."""
    loss = objective.loss
    one = None if loss is None or isinstance(loss, SeveralLosses) else MeanLoss(loss, whole=True)
    for metric in metrics:
        metric.reset()
    with evaluating(), ag.no_grad(), np.errstate(all="ignore"):
        for x, target, weight in rows.parts(size or _block_size(rows.first.X, None)):
            prediction = values(objective.outputs(x))
            if one is not None:
                one.update(prediction, target, objective.weigh(target, weight))
            given = () if weight is None else (weight,)
            for metric in metrics:
                metric.update(prediction, target, *given)
    found: dict[str, Any] = {} if one is None else {"loss": one.result()}
    if isinstance(loss, SeveralLosses):
        found = {"loss": loss.mean(metrics)}
    return found | plain({metric.name: metric.result() for metric in metrics})


def predict(model: Any, X: Any, *, batch_size: int | None = None) -> np.ndarray:
    """The model's raw outputs (logits, for a classifier), one row a sample.

    In evaluation mode, without recording, `batch_size` rows at a time. A scalar model gives an
    array of shape (N, outputs) too. Raises as `fit` does for `X`.

    >>> import nn
    >>> nn.predict(nn.MLP(2, [3], 2, rng=0), [[0.0, 1.0], [1.0, 0.0]]).shape
    (2, 2)
    """
    model = as_module("predict", model)
    return _outputs(model, as_inputs(X, Schema(model)), batch_size)


def _outputs(model: Any, features: Any, batch_size: int | None) -> Any:
    """What `predict` returns, of features that were checked, or of batches of them."""
    streamed = isinstance(features, Inputs)
    size = _block_size(features.first if streamed else features, batch_size)
    outputs, out, parts = outputs_of(model), None, []
    with few_threads(multiply_adds(model, size)), evaluating(), ag.no_grad():
        if streamed:
            parts = [_part(outputs, x) for x in features.over()]
            return each(lambda *few: np.concatenate(few), *parts)
        for block in blocks(len(features), size):
            part = _part(outputs, features[block])
            if out is None:
                out = each(lambda p: np.empty((len(features), *p.shape[1:]), p.dtype), part)
            each(lambda whole, p, rows=block: whole.__setitem__(rows, p), out, part)
    assert out is not None  # there is one row at least
    return out


def _part(outputs: Callable[[Any], Any], x: Any) -> Any:
    """The outputs for a batch; raises ShapeError (a ValueError) where they are not a row each."""
    part = each(np.asarray, values(outputs(x)))
    for one in part.values() if isinstance(part, dict) else part if type(part) is tuple else [part]:
        if one.ndim == 0 or len(one) != rows_of(x):
            raise ShapeError(
                f"the model must return one row a sample: for {rows_of(x)} samples it returned "
                f"shape {one.shape}"
            )
    return part


def predict_proba(
    model: Any, X: Any, *, batch_size: int | None = None, head: str | None = None,
    multilabel: bool = False,
) -> np.ndarray:  # fmt: skip
    """Probabilities: softmax of the raw outputs over the classes; sigmoid of a single output.

    Of the shape that `predict` gives; the classes are on axis 1, of images (N, C, H, W), too.

    Parameters
    ----------
    head : what the outputs are, ``"logits"`` or ``"probabilities"``, which are returned as they
        are. None sees it in the model's graph on the first row: outputs that a sigmoid or softmax
        gate made are probabilities, also behind gates that move values or choose among them, such
        as `squeeze`, indices, `reshape`, `clip` and `astype`.
    multilabel : whether each of several outputs is a yes or no of its own: a sigmoid of each.

    Raises as `predict` does, and UnknownNameError (a ValueError) for another head.

    >>> import nn
    >>> nn.predict_proba(nn.MLP(2, [3], 2, rng=0), [[0.0, 1.0]]).sum(axis=1).round(6)
    array([1.], dtype=float32)
    """
    return _probabilities("predict_proba", model, X, batch_size, head, multilabel)[0]


def predict_classes(
    model: Any, X: Any, *, batch_size: int | None = None, threshold: float = 0.5,
    head: str | None = None, multilabel: bool = False,
) -> np.ndarray:  # fmt: skip
    """The class of each row: the labels that the model was trained with, else class numbers.

    Of several outputs the one with the largest; on axis 1, of images (N, C, H, W), too. Of a single
    output 1 where its probability is above `threshold`, and 0 elsewhere, of shape (N,). Of several
    that each are a yes or no, which a model that ends in a sigmoid says or `multilabel` does, 0 or
    1 for each, of shape (N, K).

    Other parameters and errors are those of `predict_proba`.

    >>> import nn
    >>> nn.predict_classes(nn.MLP(2, [3], 2, rng=0), [[0.0, 1.0], [2.0, -1.0]])
    array([0, 1])
    """
    threshold = real("predict_classes", "threshold", threshold, 0.0, 1.0)
    model = as_module("predict_classes", model)
    asked = "predict_classes", model, X, batch_size, head, multilabel
    outputs, several = _probabilities(*asked)
    if several:
        return (outputs > threshold).astype(np.int64)
    if outputs.ndim > 1 and outputs.shape[1] > 1:
        return labels_of(model, outputs.argmax(axis=1))
    return labels_of(model, (outputs.reshape(len(outputs)) > threshold).astype(np.int64))


def _probabilities(
    caller: str, model: Any, X: Any, batch_size: int | None, head: Any, multilabel: Any
) -> tuple[np.ndarray, bool]:
    """What `predict_proba` returns, and whether each of several outputs is a yes or no."""
    multilabel, head = choice(caller, "multilabel", multilabel), as_head(head)
    model = as_module(caller, model)
    features = as_inputs(X, Schema(model))
    first = (features.first if isinstance(features, Inputs) else features)[:2]
    own = seen_heads(model, outputs_of(model), first)
    outputs = _outputs(model, features, batch_size)
    if not isinstance(outputs, np.ndarray):
        raise DataError(
            f"{caller} is of one output, and the model has several: write "
            "ag.softmax(nn.predict(model, X)[key], axis=1).data for one of them"
        )
    wide = outputs.ndim > 1 and outputs.shape[1] > 1
    multilabel = wide and (multilabel or own == "sigmoid")
    if head == "probabilities" or (head is None and own is not None):
        return outputs, multilabel
    if wide and not multilabel:
        return softmax(outputs, axis=1).data, False
    return sigmoid(outputs).data, multilabel


def _block_size(X: np.ndarray, asked: int | None) -> int:
    if asked is not None:
        return whole("batch_size", asked)
    return max(1, min(len(X), BLOCK_NUMBERS // max(1, row_size(X))))
