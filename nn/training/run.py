"""A training run as callbacks see it: what is trained, by what, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .history import History

if TYPE_CHECKING:
    from .callbacks import Callback

__all__ = ["Run"]


class Run:
    """The state of a `fit` under way.

    Attributes
    ----------
    model, optimizer, history, rng : those of the call; `rng` shuffles and augments.
    callbacks : all of them, in the order they are told.
    epochs, batches : how many there are in all, and in an epoch.
    epoch : how many are finished.
    steps : how many batches were trained on, over all epochs.
    start : where `rng` stood before anything was drawn.
    facts : what must be the same for a checkpoint of another run to fit this one.
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
        self.history = History()
        self.epoch = self.steps = 0

    def stop(self, reason: str) -> None:
        """End training once this epoch is over; the first reason given is kept."""
        if self.history.stopped is None:
            self.history.stopped = reason
