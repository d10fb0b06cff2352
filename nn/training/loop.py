"""The training loop: epochs of batches, each forward, backward and update."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from autograd import AutogradError, GradientError, StaleGraphError
from autograd.extend import current as current_mode
from autograd.extend import say, user_frame, warn_on

from .callbacks import Callback, Run, StopTraining
from .divergence import (
    Fallback,
    NotFinite,
    advice,
    check_gradient,
    check_loss,
    first_gradient,
    not_reached,
    what_diverged,
)
from .errors import DivergenceError, TrainingError
from .inference import scores
from .inputs import Batches, Rows
from .interrupts import Interrupts
from .means import Means
from .objective import Objective
from .progress import Progress
from .sources import rows_of
from .steps import CompiledStep, EagerStep, ScalarStep, TrainingStep, WholeStep, why_not
from .streams import Stream
from .volatile import Volatile

__all__ = ["Loop"]

NOTHING = 1e-12
"""How much a batch counts in which all weights are 0, among others whose gradients wait with it."""


class Loop:
    """Trains what `run` holds, from its epoch to its last one.

    Parameters
    ----------
    objective, means : what is computed of a batch, and averaged over an epoch.
    batches, rows : the data, and the indices of those that are trained on, if they have any.
    validation : the rows that each epoch ends with, or None.
    augment : ``augment(x, y, rng) -> (x, y)`` on each batch, or None.
    accumulate : batches a step, whose gradients are averaged.
    """

    def __init__(
        self,
        run: Run,
        objective: Objective,
        means: Means,
        batches: Batches | Stream,
        rows: np.ndarray | None,
        *,
        validation: Rows | Stream | None = None,
        augment: Callable[..., Any] | None = None,
        shuffle: bool = True,
        backend: str | None = "numpy",
        devices: Any = None,
        accumulate: int = 1,
    ) -> None:
        self.run, self.objective, self.means = run, objective, means
        self.batches, self.rows, self.validation = batches, rows, validation
        self.augment, self.shuffle = augment, shuffle
        self.step: TrainingStep = EagerStep(objective)
        if backend and current_mode().anomaly:
            run.history.notes.append(say("trained eagerly: detect_anomaly looks at every gate"))
        elif backend and run.model.is_scalar:
            reason = why_not(objective)
            if reason is None:
                self.step = ScalarStep(objective, backend)
            else:
                run.history.notes.append(say("trained eagerly: {reason}", reason=reason))
        elif backend:
            self.step = CompiledStep(objective, backend, devices)
            whole = WholeStep(objective, run.optimizer, backend, devices)
            if accumulate == 1 and whole.is_possible:
                self.step = whole
        self.backend = backend
        self.watched = first_gradient(run.model.parameters())
        self.accumulate = accumulate
        self.waiting: list[float] = []  # what counts in the batches whose gradients wait for a step
        self.before_batch = [c for c in run.callbacks if _overrides(c, "before_batch")]
        self.after_batch = [c for c in run.callbacks if _overrides(c, "after_batch")]
        # What callbacks are told of within an epoch may change a setting.
        told = (*self.before_batch, *self.after_batch)
        self.changes = bool(told or augment)
        # Ours look at no gradient.
        self.shows = any(not type(c).__module__.startswith("nn.") for c in told)

    def train(self, progress: Progress) -> None:
        """Run the epochs; Ctrl-C ends them after the batch under way, a callback after its epoch.

        Raises DivergenceError (a FloatingPointError) where a loss or a gradient is not finite.
        """
        run = self.run
        word, engine = "failed", run.optimizer.engine
        if self._whole is None:
            run.optimizer.engine = run.optimizer.engine_for(self.backend)
        try:
            with Interrupts() as interrupts, np.errstate(all="ignore"):
                try:
                    self._epochs(progress, interrupts)
                    word = run.history.stopped
                except KeyboardInterrupt:
                    if interrupts.twice:
                        raise
                    word = self._interrupted()
        finally:
            run.optimizer.engine = engine
            progress.close(word)

    def _epochs(self, progress: Progress, interrupts: Interrupts) -> None:
        run = self.run
        run.model.train()
        for callback in run.callbacks:
            callback.begin(run)
        self.fallback = Fallback(run)
        while run.epoch < run.epochs and run.history.stopped is None:
            start = perf_counter()
            self._epoch(progress, interrupts)
            trained = self.means.logs()
            self.means.reset()  # validation counts with the same metrics
            logs = trained | self._validated()
            self._end_epoch({**logs, "epoch_seconds": perf_counter() - start})
            progress.end_epoch(logs)
            interrupts.check()
        if (spoilt := self.fallback.spoilt()) is not None:
            self._diverged(f"the last update made {spoilt} infinite or NaN")
        for callback in run.callbacks:
            callback.end(run)

    def _epoch(self, progress: Progress, interrupts: Interrupts) -> None:
        """All batches once."""
        run, means, shown = self.run, self.means, self.means.quick
        means.reset()
        if run.callbacks:  # one that uses the model may leave it in another mode
            run.model.train()
        for callback in run.callbacks:
            callback.begin_epoch(run)
        self.step.look_around()
        order = self.rows
        if self.shuffle and order is not None:
            order = run.rng.permutation(order)
        by_class, by_rows = self.objective.class_weights, means.counts.counter is None
        whole = self._whole
        for x, y, given in self.batches.over(order):
            weight = given if by_class is None else by_class(y, given)
            if self.before_batch:
                self._tell(self.before_batch, "before_batch", run)
            if self.augment is not None:
                x, y = self._augmented(x, y)
            if self.changes:
                self.step.look_around()
            if run.steps >= self.fallback.due:
                self.fallback.renew()
            if whole is not None:  # gradients are for callbacks, and for the epoch's end
                whole.keeps = self.shows or means.batches + 1 >= run.batches
            try:
                if self.step.knows(x, y, weight):
                    outputs = self.step.forward(x, y, weight)
                else:
                    outputs = self._prepared(x, y, weight)
                    whole = self._whole
                rows = rows_of(y)
                every = weight is None and by_rows
                count = rows if every else means.counts.of(outputs[1], y, weight)
                if whole is not None:
                    run.steps += 1
                else:
                    self._descend(outputs[0], count or NOTHING)
            except NotFinite as found:
                self._batch_diverged(str(found), x, y, weight)
            means.add(outputs, y, rows, count, given)
            progress.batch(rows, shown)
            if self.shows:
                self._leave_gradients()
            if self.after_batch:
                self._tell(self.after_batch, "after_batch", run, _batch_logs(outputs))
            interrupts.check()
        if self.waiting:
            self._update()
        self._leave_gradients()
        for callback in run.callbacks:
            callback.end_batches(run)

    def _descend(self, loss: Any, count: float) -> None:
        """The second half of a step, and the update: of all batches that wait, once they are
        enough. Raises NotFinite before anything is spoilt."""
        check_loss(loss)
        if self.waiting:
            self._scale(self.waiting[-1] / count)
        else:
            self.run.optimizer.zero_grad()
        self._backward()
        check_gradient(self.watched.grad)
        if self.accumulate > 1:
            self.waiting.append(count)
        if len(self.waiting) in (0, self.accumulate):
            self._update()

    def _leave_gradients(self) -> None:
        """The gradients of the last step are where people look for them."""
        if self._whole is not None:
            self._whole.leave_gradients()

    @property
    def _whole(self) -> WholeStep | None:
        """The step, if it is one whole."""
        return self.step if type(self.step) is WholeStep else None

    def _update(self) -> None:
        """A step along the gradient of the batches that wait: the mean over all that counts."""
        if self.waiting:
            self._scale(self.waiting[-1] / sum(self.waiting))
            self.waiting.clear()
        self.run.optimizer.step()
        self.run.steps += 1

    def _scale(self, factor: float) -> None:
        """Multiply the gradients that wait, so that they are a mean over more or fewer rows."""
        if factor != 1.0:
            for parameter in self.run.optimizer.parameters:
                if parameter.grad is not None:
                    parameter.grad = parameter.grad * factor

    def _tell(self, callbacks: list[Callback], what: str, *told: Any) -> None:
        """Call that function of the callbacks; one of them may ask to stop."""
        for callback in callbacks:
            try:
                getattr(callback, what)(*told)
            except StopTraining as request:
                self.run.stop(str(request) or say("a callback asked for it"))

    def _augmented(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert self.augment is not None
        pair = self.augment(x, y, self.run.rng)
        if not isinstance(pair, tuple) or len(pair) != 2 or rows_of(pair[0]) != rows_of(pair[1]):
            raise TrainingError(
                f"augment must return a pair (x, y) of as many rows, and returned {pair!r:.80}"
            )
        return pair

    def _prepared(self, x: Any, y: Any, weight: Any) -> tuple[Any, ...]:
        """The values of a step that does not know such batches; where the compiler refuses, one in
        halves takes over for good, and then the eager one."""
        step = self.step
        before = Volatile(self.objective)
        try:
            return step.forward(x, y, weight)
        except AutogradError as error:
            before.restore()
            if type(step) is WholeStep:
                step.descent.withdraw()
                self.run.optimizer.engine = self.run.optimizer.engine_for(self.backend)
                self.step = CompiledStep(self.objective, step.backend, step.devices)
                self.step.knows(x, y, weight)
                return self._prepared(x, y, weight)
            self.step = EagerStep(self.objective)
            # Which raises what is wrong with more than compiling.
            outputs = self.step.forward(x, y, weight)
            note = say(
                "trained eagerly, which is slower, since it cannot be compiled: {error}",
                error=error,
            )
            self.run.history.notes.append(note)
            warn_on(user_frame() or sys._getframe(), note, UserWarning)
            return outputs

    def _backward(self) -> None:
        """The gradients; raises TrainingError (a ValueError) where none arrives."""
        try:
            self.step.backward()
        except StaleGraphError:
            raise
        except GradientError as error:
            raise not_reached(self.run.optimizer.parameters) from error
        if self.watched.grad is None:
            parameters = self.run.optimizer.parameters
            if all(p.grad is None for p in parameters):
                raise not_reached(parameters)

    def _validated(self) -> dict[str, Any]:
        if self.validation is None:
            return {}
        found = scores(self.objective, self.means.metrics, self.validation)
        return {f"val_{name}": value for name, value in found.items()}

    def _end_epoch(self, logs: dict[str, Any]) -> None:
        """Keep the epoch's numbers, and tell the callbacks."""
        run, epoch = self.run, self.run.epoch
        run.history.append(logs)
        run.epoch += 1
        self.means.reset()
        for callback in run.callbacks:
            self._tell([callback], "end_epoch", run, epoch, logs)
            run.history.amend(logs)

    def _interrupted(self) -> str:
        """Note where Ctrl-C came; returns the words for it."""
        run, means = self.run, self.means
        self._leave_gradients()
        word = say("Ctrl-C after epoch {epoch}", epoch=run.epoch)
        if means.batches:
            place = {"epoch": run.epoch + 1, "done": means.batches, "all": run.batches}
            word = say("Ctrl-C in epoch {epoch} after {done} of its batches", **place)
            if run.batches:
                word = say("Ctrl-C in epoch {epoch} after {done} of {all} batches", **place)
            run.history.partial = {"epoch": run.epoch, "batches": means.batches, **means.logs()}
        run.history.stopped = word
        return run.history.stopped

    def _batch_diverged(self, what: str, x: Any, y: Any, weight: Any) -> None:
        """The batch, looked into, is no longer finite."""
        run, number = self.run, self.means.batches + 1
        gate, cause = what_diverged(self.objective, (x, y, weight), run.steps)
        place = f"in epoch {run.epoch + 1}, batch {number} of {run.batches or 'many'}"
        self._diverged(f"{what} {place}: {gate}", advice(run, x, y), cause)

    def _diverged(self, what: str, hint: str = "", cause: Any = None) -> None:
        """Put back what is spoilt, and raise DivergenceError (a FloatingPointError)."""
        run, batch = self.run, self.means.batches
        hint = hint or advice(run, (), ())
        words = [what]
        restored = self.fallback.restore()
        if run.steps:
            words.append(restored)
        words += [word for callback in run.callbacks if (word := callback.recover(run))]
        raise DivergenceError(
            f"{'. '.join(words)}. {hint}", epoch=run.epoch, batch=batch, history=run.history
        ) from cause


def _overrides(callback: Callback, name: str) -> bool:
    return getattr(type(callback), name) is not getattr(Callback, name)


def _batch_logs(outputs: tuple[Any, ...]) -> dict[str, Any]:
    """The numbers of one batch, of what an objective returned for it."""
    if len(outputs) > 2:
        return {"loss": float(outputs[2]), "penalty": float(outputs[3])}
    return {"loss": float(outputs[0])}
