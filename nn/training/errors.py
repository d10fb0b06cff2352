"""What training raises."""

from __future__ import annotations

from autograd import AutogradError

__all__ = ["CheckpointError", "DivergenceError", "TrainingError"]


class TrainingError(AutogradError, ValueError):
    """Data, a model or a setting that cannot be trained with; nothing was changed."""


class CheckpointError(TrainingError):
    """A file that is no checkpoint of ours, or one of another run than the one to go on with."""


class DivergenceError(AutogradError, FloatingPointError):
    """The loss, a gradient or a weight stopped being finite.

    The weights are those of the batch before; where its step has spoilt them, the model and the
    optimiser are as they were, at most 250 steps before. `EarlyStopping` puts its best
    weights back. The message says which.

    Attributes: `epoch` (from 0), `batch` (from 0) and `history`, of the epochs before.
    """

    def __init__(self, message: str, *, epoch: int, batch: int, history: object = None) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.batch = batch
        self.history = history
