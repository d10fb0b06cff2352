"""What a model's outputs are, logits or probabilities, and what metrics are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import DataError, Tensor
from autograd.extend import call_inside, enable_grad
from nn.errors import OptionError
from nn.losses import function_of, kind_of
from nn.losses.operands import head_of
from nn.metrics.base import HEADS
from nn.metrics.reading import OfClasses, is_multilabel
from nn.modes import evaluating
from nn.names import look_up

from .objective import Objective
from .outputs import OfOutput, SeveralLosses
from .sources import Several, each, items

__all__ = ["Heads", "as_head", "seen_heads"]


def as_head(head: Any) -> Any:
    """``"logits"``, ``"probabilities"`` or None, or a dict or tuple of such for several outputs.

    Raises UnknownNameError (a ValueError) for anything else.
    """
    if isinstance(head, (dict, tuple)):
        return each(as_head, head)
    return None if head is None else look_up("head", head, HEADS)


def seen_heads(model: Any, outputs: Callable[[Any], Any], x: Any) -> Any:
    """The gate that made a model's outputs for a row, as `head_of` sees it; of several outputs, of
    each. None where the model leaves the graph."""
    if not model.is_scalar and not any(p.requires_grad for p in model.parameters()):
        x = each(_wanting, x)  # so that there is a graph
    try:
        with evaluating(), enable_grad(), np.errstate(all="ignore"):
            found = call_inside(outputs, (x,))
    except DataError:  # a conversion to a number or an array, behind which nothing is seen
        return None
    return each(head_of, tuple(found) if type(found) is list else found)


def _wanting(x: Any) -> Any:
    return Tensor(x) if x.dtype.kind == "f" else x


class Heads:
    """Says to metrics of classes what predictions are, and whether rows are several labels.

    Parameters
    ----------
    asked : as `as_head` takes it, which it checks.
    all_rows : whether the targets that are shown are all there are, and no first batch.
    """

    def __init__(self, asked: Any, all_rows: bool) -> None:
        self.asked, self.all_rows = as_head(asked), all_rows

    def tell(
        self, metrics: Sequence[Any], objective: Objective, rows: Any, prediction: Any
    ) -> None:
        """Of an objective on some rows, of whose first one `prediction` is made.

        Raises OptionError (a ValueError) where targets are no classes.
        """
        if not any(isinstance(_innermost(metric), OfClasses) for metric in metrics):
            return
        seen, loss = seen_heads(objective.model, objective.outputs, rows.X[:2]), objective.loss
        for metric in metrics:
            one, y, asked = _innermost(metric), rows.y, self.asked
            gate, shape = seen, prediction
            if isinstance(metric, OfOutput):
                key = metric.key
                y = y.parts[key] if isinstance(y, Several) else y[key]
                asked = dict(items(asked)).get(key) if isinstance(asked, (dict, tuple)) else asked
                gate, shape = None if seen is None else seen[key], prediction[key]
                loss = objective.loss
                loss = loss.parts[key][0] if isinstance(loss, SeveralLosses) else None
            if isinstance(one, OfClasses):
                _check_classes(one.name, np.shape(shape), np.asarray(y))
                one.head = asked or _head(loss, gate, y)
                one.multilabel = _multilabel(loss, np.shape(shape), y, self.all_rows)


def _check_classes(name: str, shape: tuple[int, ...], y: np.ndarray) -> None:
    """Raise OptionError (a ValueError) where targets are numbers, and no classes or shares of such.

    Of one output a share is from 0 to 1; in rows, of a class each, it may be any weight.
    """
    single = len(shape) < 2 or shape[1] == 1
    if not single and (y.ndim < 2 or y.dtype.kind != "f"):
        return  # class numbers, or whole labels
    low, high = float(y.min()), float(y.max())
    if not (low >= 0.0 and (high <= 1.0 or not single)) and not np.isin(y, (-1, 1)).all():
        raise OptionError(
            f"{name} is of classes, and the targets are numbers from {low:g} to {high:g}: take a "
            "metric of numbers, such as r2 or mae"
        )


def _innermost(metric: Any) -> Any:
    return metric.metric if isinstance(metric, OfOutput) else metric


def _head(loss: Any, gate: str | None, y: Any) -> str:
    """The model's last gate says it, else the loss: one that compares with numbers makes outputs
    like its targets."""
    if gate is not None:
        return "probabilities"
    known = None if loss is None else function_of(loss)
    bits = known is not None and kind_of(known).target == "numbers" and np.isin(y, (0, 1)).all()
    return "probabilities" if bits else "logits"


def _multilabel(loss: Any, shape: tuple[int, ...], y: Any, all_rows: bool) -> bool | None:
    kind = None if loss is None else kind_of(loss)
    if kind is not None and kind.head is not None:
        return kind.head == "sigmoid"
    if np.shape(y)[1:] != shape[1:]:
        return False
    found = is_multilabel(np.asarray(y))
    return found if found or all_rows else None
