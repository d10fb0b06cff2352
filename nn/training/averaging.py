"""Averages of weights along a training run."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.options import fraction

from .callbacks import Callback, Run

__all__ = ["EMA"]


class EMA(Callback):
    """Average the weights exponentially, and validate, keep and end with the average.

    After each step average = decay·average + (1 − decay)·weights, beginning with the weights after
    the first one. From the last batch of an epoch to the first of the next the model has the
    averages: so they are what is validated, what `EarlyStopping` keeps and `Checkpoint` writes, and
    what the model ends with. Training goes on from its own weights. State that is not trained, such
    as running means, is the model's own. After Ctrl-C within an epoch the model has its own
    weights, too.

    Parameters
    ----------
    decay : how much of the average is kept at each step, from 0 to below 1.

    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992; as
    PyTorch's `AveragedModel` with `get_ema_multi_avg_fn`.

    >>> import nn
    >>> from nn import optim
    >>> model = nn.Linear(1, 1, rng=0)
    >>> history = nn.fit(model, [[0.0], [1.0]], [0.0, 1.0], loss="mse", epochs=3, batch_size=1,
    ...                  optimizer=optim.SGD(lr=0.1), callbacks=[nn.EMA(0.9)])
    """

    adds = False

    def __init__(self, decay: float = 0.999) -> None:
        self.decay = fraction("EMA", "decay", decay, below=True)
        self._forget()

    def _forget(self) -> None:
        self.averages: dict[str, Any] = {}
        self.weights: dict[str, Any] = {}  # the model's own, while it has the averages
        self.steps = 0

    def begin(self, run: Run) -> None:
        if run.epoch == 0:
            self._forget()
        self.steps = run.steps
        if self.weights:  # resumed: the checkpoint's model has the averages
            self.averages = {n: np.array(p.data) for n, p in run.model.named_parameters()}

    def begin_epoch(self, run: Run) -> None:
        self.members = dict(run.model.named_parameters())
        self._give(self.weights)
        self.weights = {}

    def after_batch(self, run: Run, logs: dict[str, Any]) -> None:
        if run.steps != self.steps:  # else its gradient waits for others
            self.steps = run.steps
            self._follow()

    def end_batches(self, run: Run) -> None:
        self.after_batch(run, {})
        self.weights = {name: np.array(p.data) for name, p in self.members.items()}
        self._give(self.averages)

    def _follow(self) -> None:
        share = 1.0 - self.decay
        for name, parameter in self.members.items():
            average = self.averages.get(name)
            if average is None:
                self.averages[name] = np.array(parameter.data)
            else:
                average += (parameter.data - average) * share

    def _give(self, values: dict[str, Any]) -> None:
        """Give the parameters copies of values by name."""
        for name, value in values.items():
            if name in self.members:
                self.members[name].data = value.copy()

    def state_dict(self) -> dict[str, Any]:
        return {"weights": self.weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.weights = dict(state["weights"])
