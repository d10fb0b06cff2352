"""What can be wrong with a call of `fit` or `evaluate`, found before anything changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import AutogradError, DataError, ShapeError, Tensor
from autograd.extend import ReadModel, flatten
from nn import losses
from nn import metrics as known_metrics
from nn.exchange.read_models import AsModule
from nn.layers.normalisation import BatchNorm
from nn.modes import evaluating, modes_kept
from nn.module import Module
from nn.names import elsewhere, look_up
from nn.optim import Optimizer

from .callbacks import Callback, Watching, as_callback
from .errors import TrainingError
from .heads import Heads
from .inputs import NAMES, Rows, as_rows, blocks
from .objective import Objective
from .outputs import SeveralLosses, check_keys, output_metrics, values
from .sample_weights import check_weighs
from .schema import Schema
from .sources import each
from .streams import Stream, is_stream
from .volatile import Volatile

__all__ = [
    "as_augment", "as_callbacks", "as_loss", "as_metrics", "as_module", "as_penalty",
    "check_batch_of_one", "check_monitors", "check_optimizer", "check_targets", "check_trainable",
    "explicit_rows",
]  # fmt: skip

MOST_NUMBERS = 1 << 22
"""Of predictions that the check of all targets makes up at once."""


def as_loss(loss: Any, weights: Any) -> Callable[..., Any]:
    """The loss under a name, or the function itself; of a tuple or dict the sum of several."""
    if isinstance(loss, (tuple, dict)):
        return SeveralLosses(loss, weights)
    if weights is not None:
        raise TrainingError("loss_weights belongs to several losses: write loss={...} with it")
    return losses.get(loss)


def as_callbacks(callbacks: Any) -> list[Callback]:
    """Callbacks, a plain function as one of them."""
    return [as_callback(callback) for callback in _listed("callbacks", callbacks)]


def as_metrics(metrics: Any, loss: Any) -> list[Any]:
    """Metrics under their names, or the metrics themselves; no name twice."""

    def listed(few: Any) -> list[Any]:
        return [known_metrics.get(metric) for metric in _listed("metrics", few)]

    several = isinstance(loss, SeveralLosses)
    if several or isinstance(metrics, dict):
        found = output_metrics(loss if several else None, metrics, listed)
    else:
        found = listed(metrics)
    names = [metric.name for metric in found]
    for name in names:
        if name == "loss" or names.count(name) > 1:
            raise TrainingError(
                f"metrics holds {name!r} twice, or as the name of the loss: {names}"
            )
    return found


def _listed(name: str, value: Any) -> Iterable[Any]:
    """A list or another iterable; raises TrainingError (a ValueError) for one thing by itself."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        hint = "[]" if value is None else f"[{value!r}]" if isinstance(value, str) else "[...]"
        raise TrainingError(
            f"{name} expects a list and received {value!r:.60}: write {name}={hint}"
        )
    return value


def as_penalty(penalty: Any) -> Any:
    """A function of the model, or None; raises DataError (a TypeError) for anything else."""
    if penalty is not None and (not callable(penalty) or isinstance(penalty, type)):
        raise DataError(
            f"penalty expects a function of the model, such as nn.penalties.L2(1e-4), and "
            f"received {penalty!r}"
        )
    return penalty


def as_augment(augment: Any) -> Any:
    """A function (x, y, rng) -> (x, y), or None; raises DataError (a TypeError) otherwise."""
    if augment is not None and not callable(augment):
        raise DataError(f"augment expects a function (x, y, rng) -> (x, y): received {augment!r}")
    return augment


def as_module(caller: str, model: Any) -> Module:
    """The model, one that autograd read as a module around it; raises DataError (a TypeError) where
    it is neither."""
    if isinstance(model, Module):
        return model
    if isinstance(model, ReadModel):
        return AsModule.of(model)
    raise DataError(
        f"{caller} expects a Module, or what ag.from_torch or ag.from_onnx read, and received "
        f"{model!r:.80}: derive your class from nn.Module"
    )


def check_trainable(model: Any) -> list[Tensor]:
    """The model's parameters; raises TrainingError (a ValueError) where there are none."""
    parameters = as_module("fit", model).parameters()
    if not parameters and model.tensors() and any(m.is_frozen for m in model.modules()):
        raise TrainingError(
            f"{type(model).__name__} is frozen, and has no parameters to train: write "
            "model.unfreeze(), or thaw a part of it"
        )
    if not parameters:
        raise TrainingError(
            f"{type(model).__name__} has no parameters to train: a Tensor with requires_grad=True "
            "must be on an attribute of it, or in a list, tuple, dict or module that is"
        )
    return parameters


def check_optimizer(optimizer: Any, model: Module) -> None:
    """Raise where it is no optimiser, or one that steps Tensors which are not the model's."""
    if not isinstance(optimizer, Optimizer):
        hint = "optim.SGD(lr=0.01)"
        if isinstance(optimizer, str):
            from difflib import get_close_matches

            from nn import optim

            names = {n.lower(): n for n, c in vars(optim).items() if isinstance(c, type)}
            near = get_close_matches(optimizer.lower(), names, n=1, cutoff=0.4)
            hint = f"optim.{names[near[0]]}()" if near else hint
            if meant := elsewhere("optimiser", optimizer.lower()):
                hint = f"optim.{meant[0]}{meant[1]}"
        elif isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
            hint = f"optim.{optimizer.__name__}()"
        raise DataError(
            f"optimizer expects one of nn.optim and received {optimizer!r}: write optimizer={hint}"
        )
    strange = {id(p) for p in optimizer.parameters} - {id(t) for t in model.tensors()}
    if strange:
        raise TrainingError(
            f"{type(optimizer).__name__} is bound to {len(strange)} Tensors that are no parameters "
            "of this model: make another optimiser, without parameters"
        )


def check_targets(
    objective: Objective, metrics: Sequence[Any], rows: Rows, schema: Schema,
    heads: Heads | None = None,
) -> None:  # fmt: skip
    """Run the model on the first row, and the loss, if any, on that prediction and every target.

    So each rule of a model or a loss, such as how many features or which labels, stands in one
    place, and is broken before training begins.

    Raises what the model, the loss or a metric raises, and ShapeError (a ValueError) where the
    model does not give a row a sample, or the loss a number.
    """
    loss = objective.loss
    with evaluating(), ag.no_grad(), np.errstate(all="ignore"):
        prediction = checked_rows(objective, rows)
        if schema.outputs is not None:
            check_keys(schema.outputs, "the model returned", prediction)
        elif isinstance(prediction, np.ndarray):
            schema.check_outputs(prediction)
        elif loss is not None:
            raise DataError(
                f"the model has several outputs, a {type(prediction).__name__}: write loss={{...}} "
                "with one for each"
            )
        size = sum(part.size for part in flatten(prediction)[0])
        if loss is not None and (rows.weight is not None or objective.class_weights is not None):
            for one in (
                [p for p, _ in loss.parts.values()] if isinstance(loss, SeveralLosses) else [loss]
            ):
                check_weighs(one)
        for block in blocks(len(rows.y) if loss else 0, max(1, MOST_NUMBERS // max(1, size))):
            count = block.stop - block.start
            made_up = each(lambda part, n=count: _repeated(part, n), prediction)
            given = None if rows.weight is None else rows.weight[block]
            weight = objective.weigh(rows.y[block], given)
            weights = {} if weight is None else {"sample_weight": weight}
            value = loss(made_up, rows.y[block], **weights)  # as in training
            if value is None or isinstance(value, (str, tuple, dict)):
                raise _returned("the loss", value)
            if np.size(getattr(value, "data", value)) != 1:
                raise ShapeError(
                    f"the loss must return one number a batch and returned shape "
                    f"{np.shape(getattr(value, 'data', value))}: take its mean"
                )
    if heads is not None:
        heads.tell(metrics, objective, rows, prediction)
    for metric in metrics:
        metric.reset()
        metric.update(prediction, rows.y[:1], *(() if rows.weight is None else (rows.weight[:1],)))
        metric.reset()


def check_batch_of_one(objective: Objective, rows: Rows, count: int, size: int) -> None:
    """Raise TrainingError (a ValueError) where `count` rows by `size` leave a batch of one row,
    and the model normalises a batch by its own numbers: as a trial shows, which leaves no trace.
    """
    model = objective.model
    if count % size != 1 % size or not any(isinstance(m, BatchNorm) for m in model.modules()):
        return
    before = Volatile(objective)
    try:
        with modes_kept(model), ag.no_grad(), np.errstate(all="ignore"):
            model.train()
            objective.outputs(rows.X[:1])
    except ShapeError as error:
        hint = "take batches of two rows or more"
        if size > 1:
            larger = next(n for n in range(size + 1, count + 2) if count % n != 1)
            hint = f"write drop_last=True, which leaves it out, or batch_size={larger}"
        raise TrainingError(
            f"{count} row{'s'[: count != 1]} by batch_size={size} leave a batch of one, which a "
            f"BatchNorm cannot normalise by its own numbers: {hint}"
        ) from error
    finally:
        before.restore()


def checked_rows(objective: Objective, rows: Rows) -> Any:
    """What the model returns for the first row, in arrays; raises as `check_targets` does.

    It is asked about two, if there are so many: of one it may return one row by chance, or be one
    that normalises every batch by its own numbers.
    """
    count = min(2, len(rows.X))
    outputs = objective.outputs(rows.X[:count])
    parts = [*outputs.values()] if isinstance(outputs, dict) else outputs
    for part in parts if isinstance(parts, (tuple, list)) and parts else [outputs]:
        if not isinstance(part, (Tensor, np.ndarray)):
            raise _returned(f"the forward of {type(objective.model).__name__}", outputs)
        if part.ndim == 0 or len(part) != count:
            raise ShapeError(
                f"the model must return one row a sample: for {count} sample{'s'[: count != 1]} of "
                f"shape {rows.X.shape[1:]} it returned shape {part.shape}"
            )
    return each(lambda part: np.asarray(part)[:1], values(outputs))


def _repeated(row: np.ndarray, count: int) -> Tensor:
    return Tensor(np.broadcast_to(row, (count, *row.shape[1:])), requires_grad=False)


def _returned(what: str, value: Any) -> DataError:
    kind = "None" if value is None else type(value).__name__
    return DataError(f"{what} must return a Tensor and returned {kind}: write return in it")


def check_monitors(
    callbacks: Sequence[Callback], metrics: Sequence[Any], penalized: bool, validated: bool
) -> None:
    """Raise UnknownNameError where no epoch will have the number to be watched, TrainingError
    (both ValueErrors) where it is not known which way it is better.

    A callback of one's own may add any; with one, only the first epoch's end can tell.
    """
    numbers = ["loss", *["penalty"] * penalized, *(m.name for m in metrics if m.is_number)]
    _check_names(callbacks, numbers, validated)
    for callback in callbacks:
        if isinstance(callback, Watching):
            callback.settle(metrics)


def _check_names(callbacks: Sequence[Callback], numbers: Sequence[str], validated: bool) -> None:
    if any(c.adds or not type(c).__module__.startswith("nn.") for c in callbacks):
        return
    names = {name: name for name in (*numbers, "learning_rate")}
    if validated:
        names |= {f"val_{name}": name for name in numbers if name != "penalty"}
    for callback in callbacks:
        for watched in callback.watched():
            look_up(f"number to monitor for {type(callback).__name__}", watched, names)


def explicit_rows(
    objective: Objective, metrics: Sequence[Any], given: Any, held: int, epochs: int, schema: Schema
) -> Rows | Stream | None:
    """The rows of `validation_data`, checked as those that are trained on; None where not given."""
    if given is None:
        return None
    if held:
        raise TrainingError("validation_split and validation_data exclude each other: give one")
    rows: Rows | Stream
    if is_stream(given):
        rows = Stream(given, schema, "validation_data")
        rows.check_rounds(epochs)
    elif isinstance(given, (tuple, list)) and len(given) in (2, 3):
        names = tuple(f"the {what} of validation_data" for what in NAMES)
        rows = as_rows(given[0], given[1], schema, given[2] if len(given) == 3 else None, names)
    else:
        raise DataError(
            "validation_data expects a pair (X, y), or (X, y, weights): received "
            f"{type(given).__name__}" + (f" of {len(given)}" if hasattr(given, "__len__") else "")
        )
    try:
        check_targets(objective, metrics, rows.first, schema)
    except AutogradError as error:
        error.args = (f"validation_data: {error}",)
        raise
    return rows
