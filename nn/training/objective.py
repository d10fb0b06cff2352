"""What training makes small: a model's loss on a batch, with the penalty on its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd as ag
from autograd import Tensor

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
    penalty). `compile` records this very function. Without a loss it has `outputs` alone.
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

    def __call__(self, x: Any, y: Any) -> tuple[Any, ...]:
        prediction = self.outputs(x)
        loss = self.loss(prediction, y)
        if self.penalty is None:
            return loss, prediction
        cost = self.penalty(self.model)
        return loss + cost, prediction, loss, cost
