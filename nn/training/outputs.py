"""Models of several outputs, in a tuple or a dict: a loss and metrics for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograd import DataError, ShapeError
from autograd.extend import value_of
from nn import losses
from nn.metrics import Metric
from nn.options import real

from .errors import TrainingError
from .means import MeanLoss
from .sources import each, items

__all__ = ["OfOutput", "check_keys", "output_metrics", "SeveralLosses", "values"]


class SeveralLosses:
    """A loss for each output, and their weighted sum: what is made small.

    Attributes: `parts`, the loss and the weight of each output, by its name or place.
    """

    def __init__(self, by_output: Any, weights: Any = None) -> None:
        """Raises as `losses.get` does, and TrainingError (a ValueError) for weights of others."""
        found = {key: losses.get(loss) for key, loss in items(by_output)}
        given = {} if weights is None else dict(items(weights))
        if not found or not given.keys() <= found.keys():
            raise TrainingError(
                f"loss_weights has {_listed(given)}, and loss has {_listed(found) or 'no output'}"
            )
        self.parts = {
            key: (loss, real("fit", f"loss_weights[{key!r}]", given.get(key, 1.0), 0.0))
            for key, loss in found.items()
        }

    def __call__(self, prediction: Any, target: Any, **weights: Any) -> Any:
        total: Any = None
        for key, (loss, weight) in self.parts.items():
            part = loss(prediction[key], target[key], **weights)
            part = part if weight == 1.0 else weight * part
            total = part if total is None else total + part
        return total

    def mean(self, metrics: Iterable[Any]) -> float:
        """The sum of the means that the metrics of each output's loss have come to."""
        ours = [m for m in metrics if isinstance(m, OfOutput) and isinstance(m.metric, MeanLoss)]
        found = {metric.key: metric.result() for metric in ours}
        return float(sum(weight * found[key] for key, (_, weight) in self.parts.items()))


def check_keys(outputs: Mapping[Any, Any], what: str, given: Any) -> None:
    """Raise ShapeError (a ValueError) where there is not one thing for each output, that is for
    each key of the losses, or of the metrics where there is no loss."""
    keys = [key for key, _ in items(given)] if isinstance(given, (tuple, dict)) else None
    if keys is None or set(keys) != set(outputs):
        received = "one array" if keys is None else _listed(keys)
        raise ShapeError(
            f"there are the outputs {_listed(outputs)}, by loss or metrics, and {what} {received}: "
            "each needs one"
        )


class OfOutput(Metric):
    """A metric of one of several outputs, whose name comes first in its own."""

    def __init__(self, key: Any, metric: Metric) -> None:
        self.key, self.metric = key, metric
        self.name = f"{key}_{metric.name}"
        self.higher_is_better, self.is_quick = metric.higher_is_better, metric.is_quick
        self.is_number = metric.is_number

    def reset(self) -> None:
        self.metric.reset()

    def update(self, prediction: Any, target: Any, *weights: Any) -> None:
        self.metric.update(prediction[self.key], target[self.key], *weights)

    def result(self) -> Any:
        return self.metric.result()

    def __getattr__(self, name: str) -> Any:
        """What else is known of a metric."""
        if name.startswith("__") or name == "metric":
            raise AttributeError(name)
        return getattr(self.metric, name)


def output_metrics(loss: SeveralLosses | None, metrics: Any, listed: Any) -> list[Metric]:
    """The loss of each output as a metric, ``a_loss``, and what is asked for, ``a_accuracy``.

    `listed` makes metrics of a list. Raises DataError (a TypeError) where they are not told by
    output.
    """
    if isinstance(metrics, (list, tuple)) and not metrics:
        metrics = {}
    if not isinstance(metrics, Mapping):
        raise DataError(
            'with several outputs, metrics says of which: write metrics={"a": ["accuracy"]}'
        )
    parts = {} if loss is None else loss.parts
    found: list[Metric] = [OfOutput(key, MeanLoss(part)) for key, (part, _) in parts.items()]
    strange = [key for key in metrics if loss is not None and key not in loss.parts]
    if strange:
        raise TrainingError(f"metrics has {_listed(strange)}, and loss has {_listed(loss.parts)}")
    return found + [OfOutput(key, one) for key, few in metrics.items() for one in listed(few)]


def values(outputs: Any) -> Any:
    """Of Tensors, in a tuple, list or dict of outputs too, what they hold."""
    return each(value_of, tuple(outputs) if type(outputs) is list else outputs)


def _listed(keys: Any) -> str:
    return ", ".join(map(repr, keys))
