"""Learning rates that change with time: a schedule is called with an epoch, or a step, from 0.

``optimizer.lr = schedule(epoch)``, by hand or by the callback of `nn.fit`. All but
`ReduceOnPlateau` are functions of that number alone, so a resumed training goes on as it would
have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd import DataError
from nn.errors import OptionError
from nn.options import at_least_zero, fraction, whole

__all__ = ["Cosine", "Exponential", "ReduceOnPlateau", "StepDecay", "WarmUp"]


class StepDecay:
    """lr·gamma^⌊at/step_size⌋: the rate falls by the factor `gamma` each `step_size`.

    >>> schedule = StepDecay(0.1, step_size=10, gamma=0.5)
    >>> schedule(0), schedule(9), schedule(10), schedule(25)
    (0.1, 0.1, 0.05, 0.025)
    """

    def __init__(self, lr: float, *, step_size: int, gamma: float = 0.1) -> None:
        self.lr = at_least_zero("StepDecay", "lr", lr)
        self.step_size = whole("StepDecay", "step_size", step_size, 1)
        self.gamma = at_least_zero("StepDecay", "gamma", gamma)

    def __call__(self, at: int) -> float:
        return self.lr * self.gamma ** (whole("StepDecay", "at", at) // self.step_size)


class Exponential:
    """lr·gamma^at.

    >>> schedule = Exponential(0.1, gamma=0.5)
    >>> schedule(0), schedule(1), schedule(2)
    (0.1, 0.05, 0.025)
    """

    def __init__(self, lr: float, *, gamma: float) -> None:
        self.lr = at_least_zero("Exponential", "lr", lr)
        self.gamma = at_least_zero("Exponential", "gamma", gamma)

    def __call__(self, at: int) -> float:
        return self.lr * self.gamma ** whole("Exponential", "at", at)


class Cosine:
    """Half a wave of a cosine from `lr` down to `min_lr`, reached at `steps` and kept from then on.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017
    (without the restarts).

    >>> schedule = Cosine(0.1, steps=10)
    >>> schedule(0), round(schedule(5), 12), schedule(10), schedule(11)
    (0.1, 0.05, 0.0, 0.0)
    """

    def __init__(self, lr: float, *, steps: int, min_lr: float = 0.0) -> None:
        self.lr = at_least_zero("Cosine", "lr", lr)
        self.steps = whole("Cosine", "steps", steps, 1)
        self.min_lr = at_least_zero("Cosine", "min_lr", min_lr)
        if self.min_lr > self.lr:
            raise OptionError(f"Cosine: min_lr={min_lr!r} must not be above lr={lr!r}")

    def __call__(self, at: int) -> float:
        passed = min(whole("Cosine", "at", at), self.steps) / self.steps
        return self.min_lr + (self.lr - self.min_lr) * (1.0 + math.cos(math.pi * passed)) / 2.0


class WarmUp:
    """A straight line from `start` to the rate of `after`, reached at `steps`; then `after`.

    `after` is a rate, or a schedule, which begins with its 0 there.

    >>> schedule = WarmUp(Cosine(0.1, steps=10), steps=4)
    >>> schedule(0), schedule(2), schedule(4), schedule(14)
    (0.0, 0.05, 0.1, 0.0)
    """

    def __init__(
        self, after: float | Callable[[int], float], *, steps: int, start: float = 0.0
    ) -> None:
        if not callable(after):
            after = at_least_zero("WarmUp", "after", after)
        elif isinstance(after, ReduceOnPlateau):
            raise DataError(
                "WarmUp: after must be a rate or a function of time, and ReduceOnPlateau goes by "
                "what it observes: use one callback for each"
            )
        self.after = after
        self.steps = whole("WarmUp", "steps", steps, 1)
        self.start = at_least_zero("WarmUp", "start", start)

    def __call__(self, at: int) -> float:
        at = whole("WarmUp", "at", at)
        later = max(at - self.steps, 0)
        rate = self.after(later) if callable(self.after) else self.after
        if at >= self.steps:
            return rate
        return self.start + (rate - self.start) * (at / self.steps)


class ReduceOnPlateau:
    """The rate falls by `factor` when what it observes has not improved for `patience` epochs.

    Parameters
    ----------
    lr : the rate to begin with.
    mode : ``"min"`` for what should fall, such as a loss; ``"max"`` for an accuracy.
    factor : from 0 to below 1.
    patience : how many observations without improvement are let pass; the next one reduces.
    threshold : what counts as an improvement, as a share of the best so far.
    cooldown : how many observations after a reduction are not counted.
    min_lr : where it stops.

    `observe(value)` is called once an epoch and returns the rate; calling the schedule, as one of
    the others, returns it as well. A nan counts as no improvement. `state_dict` and
    `load_state_dict` keep what it has seen.

    >>> schedule = ReduceOnPlateau(0.1, factor=0.5, patience=1)
    >>> [schedule.observe(loss) for loss in (1.0, 0.8, 0.8, 0.8, 0.7)]
    [0.1, 0.1, 0.1, 0.05, 0.05]
    """

    def __init__(
        self,
        lr: float,
        *,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        owner = "ReduceOnPlateau"
        if mode not in ("min", "max"):
            raise OptionError(f"{owner}: mode must be 'min' or 'max', received {mode!r}")
        self.mode = mode
        self.factor = fraction(owner, "factor", factor, below=True)
        self.patience = whole(owner, "patience", patience)
        self.threshold = fraction(owner, "threshold", threshold, below=True)
        self.cooldown = whole(owner, "cooldown", cooldown)
        self.min_lr = at_least_zero(owner, "min_lr", min_lr)
        self.initial = at_least_zero(owner, "lr", lr)
        self.reset()

    def reset(self) -> None:
        """Begin anew, with the first rate: `fit` does so with each call that is not resumed."""
        self.lr = self.initial
        self.best: float | None = None
        self.waited = 0  # observations without improvement
        self.resting = 0  # observations that are still not counted

    def observe(self, value: float) -> float:
        """Take the epoch's loss, or whatever is watched, and return the rate for the next one.

        Raises DataError (a TypeError) where `value` is no number.
        """
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise DataError(f"observe expects a number and received {value!r}") from None
        if self._improved(value):
            self.best, self.waited = value, 0
        else:
            self.waited += 1
        if self.resting:
            self.resting -= 1
            self.waited = 0
        if self.waited > self.patience:
            self.lr = min(self.lr, max(self.lr * self.factor, self.min_lr))
            self.resting, self.waited = self.cooldown, 0
        return self.lr

    def __call__(self, at: int) -> float:
        return self.lr

    def _improved(self, value: float) -> bool:
        if self.best is None:
            return not math.isnan(value)
        margin = self.threshold * abs(self.best)
        return value < self.best - margin if self.mode == "min" else value > self.best + margin

    def state_dict(self) -> dict[str, Any]:
        """What it has seen: `lr`, `best` (None at first), `waited` and `resting`; and `initial`."""
        names = ("initial", "lr", "best", "waited", "resting")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; raises, and changes nothing, where it is not that."""
        wanted = self.state_dict().keys()
        if not isinstance(state, Mapping) or state.keys() != wanted:
            raise DataError(f"ReduceOnPlateau.load_state_dict expects the keys {', '.join(wanted)}")
        owner, best = "ReduceOnPlateau", state["best"]
        if best is not None and type(best) is not float:
            raise DataError(f"{owner}: best must be a float or None, received {best!r}")
        lr, initial = (at_least_zero(owner, name, state[name]) for name in ("lr", "initial"))
        waited, resting = (whole(owner, name, state[name]) for name in ("waited", "resting"))
        self.initial, self.lr = initial, lr
        self.best, self.waited, self.resting = best, waited, resting
