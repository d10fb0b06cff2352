"""What training makes small: a model's loss on a batch, with the penalty on its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd as ag
from autograd import Tensor

from .sample_weights import ClassWeights
from .schema import Schema

__all__ = ["Objective", "outputs_of"]


def outputs_of(model: Any) -> Callable[[Any], Any]:
    """The function from a batch to the model's raw outputs, one node.

    A tuple of inputs is given to the model one by one, a dict by their names. The nodes of a scalar
    model, which takes rows of numbers or of nodes, are joined to an array, so that the same losses
    serve it.
    """

    def called(x: Any) -> Any:
        return model(*x) if type(x) is tuple else model(**x) if type(x) is dict else model(x)

    if not model.is_scalar:
        return called

    def joined(x: Any) -> Any:
        rows = [model(row) for row in (x if type(x) is list else x.tolist())]
        return ag.array([row if isinstance(row, list) else [row] for row in rows])

    return joined


class Objective:
    """A function of a batch: what is differentiated, the prediction, and what that is made of.

    ``objective(x, y)`` returns (loss, prediction), and with a penalty (sum, prediction, loss,
    penalty). `compile` records this very function. Without a loss it has `outputs` alone. With
    weights, ``objective(x, y, weight)``, the loss gets them as `sample_weight`; what they are for
    samples of some class says `weigh`.
    """

    def __init__(
        self,
        model: Any,
        loss: Callable[[Any, Any], Tensor] | None,
        penalty: Callable[[Any], Tensor] | None = None,
    ) -> None:
        self.model, self.penalty = model, penalty
        self.loss: Any = loss
        self.outputs = outputs_of(model)
        self.class_weights: ClassWeights | None = None

    def weigh_classes(self, asked: Any, schema: Schema, rows: Any, *, all_rows: bool) -> None:
        """Weigh the classes of rows, as ClassWeights does and raises; None asks nothing."""
        if asked is not None:
            self.class_weights = ClassWeights(asked, schema, rows.y, rows.weight, all_rows=all_rows)

    def weigh(self, y: Any, sample_weight: Any) -> Any:
        """The weights of rows in the loss; None where all count the same."""
        if self.class_weights is None:
            return sample_weight
        return self.class_weights(y, sample_weight)

    def __call__(self, x: Any, y: Any, weight: Any = None) -> tuple[Any, ...]:
        prediction = self.outputs(x)
        if weight is None:
            loss = self.loss(prediction, y)
        else:
            loss = self.loss(prediction, y, sample_weight=weight)
        if self.penalty is None:
            return loss, prediction
        cost = self.penalty(self.model)
        return loss + cost, prediction, loss, cost
