"""When a gradient does not arrive, or a loss or a gradient is no longer finite: what made it so."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import AnomalyError, Tensor
from autograd.extend import flatten, replayed

from .callbacks import Run
from .errors import TrainingError
from .objective import Objective
from .volatile import Volatile

__all__ = [
    "Fallback", "NotFinite", "advice", "check_gradient", "check_loss", "first_gradient",
    "not_reached", "what_diverged",
]  # fmt: skip

STEPS = 250
"""Between two copies of the model and the optimiser: one takes no more than two steps do."""


class NotFinite(Exception):  # noqa: N818 - a sign to the loop, which says what it means
    """A loss or a gradient of a step is infinite or NaN, and nothing was updated."""


class Fallback:
    """A copy of the model and the optimiser, to go back to where a step has spoilt them.

    Attribute `due`: the number of steps at which it is time for another.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._keep(self._now())
        self.finite = [name for name, array in self.model.items() if is_finite(array)]

    def renew(self) -> None:
        """Copy them as they are now, unless a number of theirs is not finite."""
        now = self._now()
        self.due = self.run.steps + STEPS
        if self._spoilt_in(now) is None:
            self._keep(now)

    def spoilt(self) -> str | None:
        """What is infinite or NaN and was not to begin with."""
        return self._spoilt_in(self._now())

    def _now(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.run.model.state_dict(), self.run.optimizer.state_dict()

    def _keep(self, states: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self.model, self.optimizer = states
        self.steps, self.due = self.run.steps, self.run.steps + STEPS

    def _spoilt_in(self, states: tuple[dict[str, Any], dict[str, Any]]) -> str | None:
        for name in self.finite:
            if not is_finite(states[0][name]):
                return name
        kept = flatten(states[1]["state"])[0]
        return None if all(map(is_finite, kept)) else "the optimiser's state"

    def restore(self) -> str:
        """Put them back where something is spoilt; what they are then, in words."""
        if self.spoilt() is None:
            return "The weights are those of the batch before"
        self.run.model.load_state_dict(self.model)
        self.run.optimizer.load_state_dict(self.optimizer)
        back = self.run.steps - self.steps
        when = f"{back} step{'s'[: back != 1]} before" if back else "before this batch"
        return f"The model and the optimiser are put back as they were {when}"


def first_gradient(parameters: list[Tensor]) -> Tensor:
    """The parameter to watch: the first vector or number, else the first of all.

    Whatever is not finite in a backward pass reaches the parameters nearest to the input, and a
    bias there is quick to look at.
    """
    return next((p for p in parameters if p.ndim < 2), parameters[0])


def not_reached(parameters: list[Tensor]) -> TrainingError:
    """The error where a backward pass leaves no gradient at any parameter: steps would change
    nothing."""
    return TrainingError(
        f"no gradient arrives at any of the {len(parameters)} parameters, so nothing would be "
        "trained: the loss does not depend on them, or a model, loss or penalty of one's own "
        "leaves the graph, as .data, .item(), .detach() and no_grad() do: compute "
        "with the Tensors themselves"
    )


def is_finite(gradient: Any) -> bool:
    """Whether a gradient has no NaN and no infinity; none at all is finite too."""
    if type(gradient) is np.ndarray:
        # A product is one pass; only where it overflows, or is not finite, each entry is looked at.
        flat = gradient.ravel()
        return math.isfinite(flat.dot(flat)) or bool(np.isfinite(gradient).all())
    return gradient is None or math.isfinite(gradient)


@replayed(holds=lambda loss: abs(loss) < math.inf)
def check_loss(loss: Any) -> None:
    """Raise NotFinite where a loss is infinite or NaN."""
    if not math.isfinite(loss):
        raise NotFinite(f"the loss became {float(loss)}")


@replayed(holds=lambda gradient: (abs(gradient) < math.inf).all())
def check_gradient(gradient: Any) -> None:
    """Raise NotFinite where a gradient is."""
    if not is_finite(gradient):
        raise NotFinite("a gradient became infinite or NaN")


def what_diverged(
    objective: Objective, batch: tuple[Any, ...], steps: int
) -> tuple[str, AnomalyError | None]:
    """Run the batch again, eagerly and looking at every gate: what made the first NaN, in words.

    Returns them with the engine's error, which shows the operands; `steps` were taken before. What
    the run leaves behind is taken away again.
    """
    model, before = objective.model, Volatile(objective)
    for name, parameter in model.named_parameters():
        if not np.isfinite(parameter.data).all():
            if steps == 0:
                return f"{name} is infinite or NaN to begin with", None
            return f"the last update made {name} infinite or NaN", None
    try:
        with ag.detect_anomaly(), np.errstate(all="ignore"):
            objective(*batch)[0].backward(retain_grads=False)
    except AnomalyError as error:
        return error.what, error
    finally:
        model.zero_grad()
        before.restore()
    return "which gate it was does not show when the batch is run again", None


def advice(run: Run, x: Any, y: Any) -> str:
    """What to try: a smaller rate once a step was taken; before that it cannot be the cause."""
    if run.steps:
        rate = run.optimizer.lr
        return f"Try a smaller learning rate: it is {rate:g}, try lr={rate / 10:g}"
    return (
        "No step was taken in this fit yet, so its learning rate is not the cause: look at the "
        f"data (the largest of this batch's inputs is {largest(x):g}, of its targets "
        f"{largest(y):g}), at the weights that the model starts from, and at the model and the loss"
    )


def largest(values: Any) -> float:
    """The largest absolute value in an array of numbers, or in a nest of them."""
    return max(
        (float(np.max(np.abs(leaf), initial=0.0)) for leaf in flatten(values)[0]), default=0.0
    )
