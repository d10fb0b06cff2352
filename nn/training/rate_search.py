"""`find_rate`: how the loss answers to each learning rate, before one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import DataError
from autograd.extend import say
from nn.options import above_zero
from nn.randomness import Rng

from .callbacks import Callback, Run
from .errors import DivergenceError, TrainingError
from .fitting import fit
from .inputs import whole

__all__ = ["Rates", "find_rate"]

KEPT = 0.95
"""Of a running mean of the losses at each step, by which the search ends."""

TOO_HIGH = 4.0
"""Times the lowest of those means: where it ends."""


@dataclass(frozen=True)
class Rates:
    """What `find_rate` found; ``viz.plot_rates`` shows it.

    Attributes: `rates` and `losses`, arrays, a number a step.
    """

    rates: np.ndarray
    losses: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """The losses, smoothed over a tenth of the steps to both sides, the nearest most: one
        batch's loss is mostly noise."""
        reach = max(1, len(self.losses) // 10)
        weights = 1.0 + reach - np.abs(np.arange(-reach, reach + 1.0))
        total = np.convolve(self.losses, weights)[reach:-reach]
        return total / np.convolve(np.ones_like(self.losses), weights)[reach:-reach]

    @property
    def suggestion(self) -> float:
        """The rate at which the mean falls most steeply, along the logarithm of the rate, on its
        way down to its lowest."""
        if len(self.rates) < 3:
            raise TrainingError(
                f"the loss was finite for {len(self.rates)} rates alone, from "
                f"{self.rates[0]:g}: begin lower, with start={self.rates[0] / 1000:g}"
            )
        means = self.means
        slopes = np.gradient(means, np.log(self.rates))
        return float(self.rates[int(np.argmin(slopes[: np.argmin(means) + 1]))])

    def __repr__(self) -> str:
        low, high = (f"{rate:g}" for rate in self.rates[[0, -1]])
        return say(
            "<Rates: {count} steps from {low} to {high}>", count=len(self.rates), low=low, high=high
        )


class _Enough(Exception):  # noqa: N818 - ends a search, and is no fault
    pass


class _Search(Callback):
    """Raises the rate with each step, and notes the loss that it meets."""

    adds = False

    def __init__(self, rates: np.ndarray) -> None:
        self.rates, self.losses = rates, np.empty(0)
        self.waiting: list[float] = []  # the losses of batches that wait for a step
        self.sum, self.lowest = 0.0, np.inf

    def before_batch(self, run: Run) -> None:
        run.optimizer.lr = float(self.rates[run.steps])

    def after_batch(self, run: Run, logs: dict[str, Any]) -> None:
        self.waiting.append(logs["loss"])
        self._note(run)

    def end_batches(self, run: Run) -> None:
        self._note(run)

    def _note(self, run: Run) -> None:
        """The loss at a step that is done."""
        if run.steps == len(self.losses):
            return
        loss = sum(self.waiting) / len(self.waiting)
        self.waiting.clear()
        self.losses = np.append(self.losses, loss)
        count = len(self.losses)
        self.sum = KEPT * self.sum + (1.0 - KEPT) * loss
        mean = self.sum / (1.0 - KEPT**count)
        self.lowest = min(self.lowest, mean)
        if count == len(self.rates) or mean > TOO_HIGH * self.lowest:
            raise _Enough

    def found(self) -> Rates:
        return Rates(self.rates[: len(self.losses)], self.losses)


def find_rate(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    loss: str | Callable[..., Any],
    optimizer: Any,
    start: float = 1e-7,
    end: float = 10.0,
    steps: int = 100,
    batch_size: int = 32,
    rng: Rng = None,
    **options: Any,
) -> Rates:
    """Train a copy at rates that rise with each step, from `start` to `end`, and note the losses.

    The model and the optimiser stay as they are. It ends early where the running mean of the losses
    is four times its lowest, or a loss is not finite.

    Parameters
    ----------
    optimizer : of `nn.optim`, whose rate is not used.
    start, end : rates above 0; between them they rise by the same factor each time.
    steps : how many.
    model, X, y, loss, batch_size, rng, options : as of `fit`, but for `epochs`, `callbacks`,
        `progress` and `resume`, which are the search's own affair.

    Raises as `fit` does, so where the very first loss is not finite; TrainingError (a ValueError)
    for rates that do not rise, and DataError (a TypeError) for those options.

    Source: Smith, Cyclical learning rates for training neural networks, 2017.

    >>> import numpy as np
    >>> import nn
    >>> from nn import optim
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> found = nn.find_rate(nn.Linear(3, 1, rng=0), X, X @ [1.0, 2.0, 3.0], loss="mse",
    ...                      optimizer=optim.SGD(), rng=0)
    >>> bool(1e-4 < found.suggestion < 1.0), len(found.rates) < 100
    (True, True)
    """
    start = above_zero("find_rate", "start", start)
    end = above_zero("find_rate", "end", end)
    if not start < end:
        raise TrainingError(f"find_rate: start={start:g} must be below end={end:g}")
    count = whole("find_rate: steps", steps, 3)
    if own := {"epochs", "callbacks", "progress", "resume"} & options.keys():
        raise DataError(
            f"find_rate: {min(own)} is the search's own affair: leave it out; steps says how many"
        )
    search = _Search(np.geomspace(start, end, count))
    copies: Any = deepcopy((model, optimizer))
    try:
        fit(
            copies[0], X, y, loss=loss, optimizer=copies[1], epochs=count, batch_size=batch_size,
            rng=rng, callbacks=[search], progress=False, **options,
        )  # fmt: skip
    except _Enough:
        pass
    except DivergenceError:
        if not search.losses.size:  # which no rate can have made
            raise
    return search.found()
