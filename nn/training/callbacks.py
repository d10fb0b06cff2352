"""What can be told of a training run while it goes on, and may change or stop it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd.extend import say, say_count
from nn.options import choice

from .errors import TrainingError
from .history import History, called
from .inputs import whole

__all__ = ["as_callback", "Callback", "EarlyStopping", "LearningRate", "Run", "StopTraining"]


class StopTraining(Exception):  # noqa: N818 - a request, not a fault
    """Raise it in a callback to end training after this epoch; its message is kept as the reason.

    >>> def enough(epoch, logs):
    ...     if logs["loss"] < 0.1:
    ...         raise StopTraining("the loss is small enough")
    """


class Callback:
    """Base of the callbacks: override what you need. A plain function is one too.

    `fit` calls a plain function with ``(epoch, logs)`` at the end of each epoch: its number, from
    0, and its numbers, such as ``{"loss": 0.3, "val_loss": 0.4}``. What is added to `logs` goes
    into the history.

    >>> class Growth(Callback):
    ...     def end_epoch(self, run, epoch, logs):
    ...         logs["norm"] = sum(float((p.data**2).sum()) for p in run.model.parameters()) ** 0.5
    """

    last = False
    """Whether it is told of an epoch's end after all others, since it keeps their state."""

    adds = True
    """Whether it may put numbers into the logs that nobody else knows of."""

    def watched(self) -> list[str]:
        """Names of the epoch's numbers that it needs: `fit` looks for them before it begins."""
        return []

    def begin(self, run: Run) -> None:
        """Training starts, or goes on; everything of `run` is in place."""

    def begin_epoch(self, run: Run) -> None:
        """Epoch number `run.epoch`, from 0, comes."""

    def before_batch(self, run: Run) -> None:
        """`run.steps` steps are done, and another batch comes."""

    def after_batch(self, run: Run, logs: dict[str, Any]) -> None:
        """A batch is done, and its step, unless it waits for others; `logs` has its own `loss`, and
        `penalty` where there is one."""

    def end_batches(self, run: Run) -> None:
        """The batches of an epoch are done; its validation, if any, and its end come."""

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        """An epoch is over, validation included."""

    def end(self, run: Run) -> None:
        """Training is over, by itself or stopped by a callback; not after Ctrl-C or an error."""

    def recover(self, run: Run) -> str | None:
        """Training diverged and is over; says in a sentence what it has put back, if anything."""
        return None

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint must keep of it: numbers, text, arrays, lists and dicts of them."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""


class _Function(Callback):
    """A plain function as a callback."""

    def __init__(self, function: Callable[[int, dict[str, Any]], object]) -> None:
        self.function = function

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        self.function(epoch, logs)


def as_callback(value: Any) -> Callback:
    """A callback of ours, or a function of ``(epoch, logs)``; raises TrainingError otherwise."""
    if isinstance(value, Callback):
        return value
    if isinstance(value, type) and issubclass(value, Callback):
        raise TrainingError(f"callbacks holds the class {value.__name__}: write {value.__name__}()")
    if callable(value):
        return _Function(value)
    raise TrainingError(
        f"callbacks expects functions of (epoch, logs), or callbacks such as "
        f"nn.EarlyStopping(), and holds {value!r}"
    )


class Watching(Callback):
    """One that looks for the best of an epoch's numbers, `monitor`.

    With the mode "auto" the metric of that name says which way is better.
    """

    adds = False

    def __init__(self, monitor: str | None, mode: str, min_delta: float = 0.0) -> None:
        owner = type(self).__name__
        if mode not in ("auto", "min", "max"):
            raise TrainingError(f'{owner}: mode must be "auto", "min" or "max": {mode!r}')
        number = isinstance(min_delta, Real) and not isinstance(min_delta, bool)
        if not number or not 0 <= min_delta < math.inf:
            raise TrainingError(f"{owner}: min_delta must be 0 or more: {min_delta!r}")
        self.monitor, self.mode = as_name(owner, monitor), mode
        self.min_delta = float(min_delta)
        self.best: float | None = None
        self.more = mode == "max"

    def watched(self) -> list[str]:
        return [] if self.monitor is None else [self.monitor]

    def settle(self, metrics: Sequence[Any]) -> None:
        """Find out which way is better, of a run that counts these metrics.

        Raises TrainingError (a ValueError) where none of them says it.
        """
        if self.mode != "auto" or self.monitor is None:
            return
        name = self.monitor.removeprefix("val_")
        known = {"loss": False, "penalty": False}
        known |= {m.name: m.higher_is_better for m in metrics if m.higher_is_better is not None}
        if name not in known:
            raise TrainingError(
                f"{type(self).__name__}: whether more or less of {self.monitor!r} is better is "
                f'known of {", ".join(sorted(known))} alone: write mode="max" or mode="min"'
            )
        self.more = known[name]

    def improves(self, value: float) -> bool:
        """Whether it is the best so far, which is then kept."""
        if self.best is None:
            found = not math.isnan(value)
        else:
            found = (value - self.best if self.more else self.best - value) > self.min_delta
        if found:
            self.best = value
        return found


class EarlyStopping(Watching):
    """Stop when a number no longer improves, and put the best epoch's weights back.

    Parameters
    ----------
    monitor : which of the epoch's numbers; by default `val_loss`, or `loss` without validation.
    patience : how many epochs in a row may pass without an improvement.
    min_delta : by how much a value must beat the best one to count.
    mode : "min", "max", or "auto" for what the metric says; a number that is no metric's, or of a
        function of your own, is refused then.
    restore_best : whether the model ends with the weights (and running statistics) of its best
        epoch, also where the last epoch comes before patience ends, or where training diverges.
        Ctrl-C leaves them as they are.

    After `fit`: `best`, the best value, and `best_epoch`, from 0.

    Source: Prechelt, Early stopping - but when?, 1998.
    """

    def __init__(
        self,
        monitor: str | None = None,
        *,
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "auto",
        restore_best: bool = True,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = whole("EarlyStopping: patience", patience)
        self.restore_best = choice("EarlyStopping", "restore_best", restore_best)
        self._forget()

    def _forget(self) -> None:
        self.best = None
        self.best_epoch: int | None = None
        self.waited = 0
        self.weights: dict[str, Any] | None = None

    def begin(self, run: Run) -> None:
        if run.epoch == 0:
            self._forget()
        self._stop_if_waited(run)

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        name = self.monitor or ("val_loss" if "val_loss" in logs else "loss")
        if self.improves(monitored("EarlyStopping", name, logs)):
            self.best_epoch, self.waited = epoch, 0
            self.weights = run.model.state_dict() if self.restore_best else None
        else:
            self.waited += 1
            self._stop_if_waited(run)

    def _stop_if_waited(self, run: Run) -> None:
        if self.waited >= self.patience:
            name = called(self.monitor) if self.monitor else say("the loss")
            reason = say_count(
                "{name} has not improved for {count} epoch",
                "{name} has not improved for {count} epochs", self.waited, name=name,
            )  # fmt: skip
            run.stop(reason)

    def end(self, run: Run) -> None:
        if self.weights is not None:
            run.model.load_state_dict(self.weights)

    def recover(self, run: Run) -> str | None:
        if self.weights is None or self.best_epoch is None:
            return None
        self.end(run)
        return say(
            "EarlyStopping has put the weights of epoch {epoch} back, its best",
            epoch=self.best_epoch + 1,
        )

    def state_dict(self) -> dict[str, Any]:
        return {
            "best": self.best, "best_epoch": self.best_epoch, "waited": self.waited,
            "weights": self.weights,
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.waited, self.weights = state["waited"], state["weights"]


class LearningRate(Callback):
    """Set the optimiser's rate from a schedule, and keep it in the history as `learning_rate`.

    Parameters
    ----------
    schedule : of `nn.optim.schedules`, or any function of a count from 0 that returns a rate; one
        with `observe`, as ReduceOnPlateau, is told `monitor` at each epoch's end; with `reset`, it
        begins anew with each `fit` that is not resumed.
    per : whether it counts each "epoch" or each "step".
    monitor : by default `val_loss`, or `loss` without validation.

    >>> import numpy as np
    >>> import nn
    >>> from nn import optim
    >>> rate = LearningRate(lambda epoch: 0.1 / (1 + epoch))
    >>> history = nn.fit(nn.Linear(1, 1, rng=0), [[0.0], [1.0]], [0.0, 1.0], loss="mse", epochs=2,
    ...                  batch_size=2, optimizer=optim.SGD(lr=1.0), callbacks=[rate])
    >>> history.history["learning_rate"]
    [0.1, 0.05]
    """

    adds = False  # but learning_rate, which is known

    def __init__(
        self, schedule: Callable[[int], float], *, per: str = "epoch", monitor: str | None = None
    ) -> None:
        if not callable(schedule):
            raise TrainingError(
                f"LearningRate expects a schedule, a function of the epoch, and received "
                f"{schedule!r}: a rate that stays is the optimiser's lr"
            )
        if per not in ("epoch", "step"):
            raise TrainingError(f'LearningRate: per must be "epoch" or "step": {per!r}')
        self.schedule, self.per = schedule, per
        self.monitor = as_name("LearningRate", monitor)
        self._observe = getattr(schedule, "observe", None)
        self._note: str | None = None

    def watched(self) -> list[str]:
        return [] if self.monitor is None else [self.monitor]

    def begin(self, run: Run) -> None:
        if run.epoch == 0 and hasattr(self.schedule, "reset"):
            self.schedule.reset()
        if self._note is not None:
            run.history.notes.append(self._note)
            self._note = None

    def begin_epoch(self, run: Run) -> None:
        if self.per == "epoch":
            run.optimizer.lr = self.schedule(run.epoch)

    def before_batch(self, run: Run) -> None:
        if self.per == "step":
            run.optimizer.lr = self.schedule(run.steps)

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        logs["learning_rate"] = run.optimizer.lr
        if self._observe is not None:
            name = self.monitor or ("val_loss" if "val_loss" in logs else "loss")
            self._observe(monitored("LearningRate", name, logs))

    def state_dict(self) -> dict[str, Any]:
        keep = getattr(self.schedule, "state_dict", None)
        return {} if keep is None else keep()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        schedule: Any = self.schedule
        if not state:
            return
        own = getattr(schedule, "initial", None)
        schedule.load_state_dict(state)
        if own is not None and own != state.get("initial"):  # a rate that is given anew wins
            schedule.initial = schedule.lr = own
            self._note = say(
                "resumed with the schedule's lr={own!r}, which was {before!r}",
                own=own, before=state["initial"],
            )  # fmt: skip


def as_name(owner: str, monitor: Any) -> str | None:
    """The name of one of an epoch's numbers, or None; raises TrainingError (a ValueError)."""
    if monitor is None or isinstance(monitor, str):
        return monitor
    raise TrainingError(
        f'{owner}: monitor must be the name of a number, such as "val_loss", or None: {monitor!r}'
    )


def monitored(owner: str, name: str, logs: dict[str, Any]) -> float:
    """The number called `name`; raises UnknownNameError, with the nearest, where there is none."""
    value = logs.get(name)
    if isinstance(value, (int, float)):
        return float(value)
    from nn.names import look_up

    numbers = {k: v for k, v in logs.items() if isinstance(v, (int, float))}
    return float(look_up(f"number to monitor for {owner}", name, numbers))


class Run:
    """The state of a `fit` under way.

    Attributes
    ----------
    model, optimizer, history, rng : those of the call; `rng` shuffles and augments.
    callbacks : all of them, in the order they are told.
    epochs, batches : how many there are in all, and in an epoch.
    epoch : how many are finished.
    steps : how often the weights were updated, over all epochs.
    start : where `rng` stood before anything was drawn.
    facts : what must be the same for a checkpoint of another run to fit this one.
    settings : of the optimiser, by name, as the run was given them.
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        rng: np.random.Generator,
        callbacks: list[Callback],
        epochs: int,
        batches: int,
        facts: dict[str, Any],
    ) -> None:
        self.model, self.optimizer, self.rng = model, optimizer, rng
        self.callbacks = sorted(callbacks, key=lambda callback: callback.last)
        self.epochs, self.batches, self.facts = epochs, batches, facts
        self.start = rng.bit_generator.state
        self.settings = optimizer.given()
        self.history = History()
        self.epoch = self.steps = 0

    def stop(self, reason: str) -> None:
        """End training once this epoch is over; the first reason given is kept."""
        if self.history.stopped is None:
            self.history.stopped = reason
