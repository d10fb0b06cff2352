"""Losses: what training makes small. They take logits, not probabilities, and average the batch.

Each is ``loss(prediction, target, *, reduction="mean", sample_weight=None) -> Tensor``. Shapes must
match, but for (N, 1) and (N,); nothing is broadcast.

>>> import numpy as np
>>> from autograd import Tensor
>>> from nn import losses
>>> logits = Tensor([[2.0, 0.0], [0.0, 2.0]])
>>> round(losses.cross_entropy(logits, np.array([0, 1])).item(), 6)
0.126928
"""

import sys
from typing import TYPE_CHECKING, NoReturn

from nn.losses.binary import binary_cross_entropy, hinge
from nn.losses.catalogue import Kind, get, kind_of
from nn.losses.errors import LogitsWarning, TargetError
from nn.losses.focal import binary_focal, focal
from nn.losses.multiclass import kl_divergence, multiclass_hinge
from nn.losses.regression import half_sse, huber, l1, mse
from nn.losses.softmax import cross_entropy

__all__ = [
    "Kind", "LogitsWarning", "TargetError",
    "binary_cross_entropy", "binary_focal", "cross_entropy", "focal", "get", "half_sse", "hinge",
    "huber", "kind_of", "kl_divergence", "l1", "mse", "multiclass_hinge",
]  # fmt: skip


if not TYPE_CHECKING:  # for type checkers it would have every name

    def __getattr__(name: str) -> NoReturn:
        from autograd.extend import missing
        from nn.foreign import NAMES

        raise missing(sys.modules[__name__], name, NAMES)
