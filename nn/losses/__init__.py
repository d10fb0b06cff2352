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
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from autograd import DataError, Tensor
from nn.losses.binary import binary_cross_entropy, hinge
from nn.losses.errors import LogitsWarning, TargetError
from nn.losses.focal import binary_focal, focal
from nn.losses.multiclass import kl_divergence, multiclass_hinge
from nn.losses.regression import half_sse, huber, l1, log_cosh, mse
from nn.losses.softmax import cross_entropy
from nn.names import look_up

__all__ = [
    "Kind", "LogitsWarning", "TargetError",
    "binary_cross_entropy", "binary_focal", "cross_entropy", "focal", "get", "half_sse", "hinge",
    "huber", "kind_of", "kl_divergence", "l1", "log_cosh", "mse", "multiclass_hinge",
]  # fmt: skip

Loss = Callable[..., Tensor]


class Kind(NamedTuple):
    """What a loss expects.

    Attributes
    ----------
    head : ``"softmax"`` or ``"sigmoid"``, which turns its logits into probabilities, or None.
    target : ``"classes"`` (class numbers; cross-entropy takes rows as well), ``"probabilities"``,
        ``"signs"`` (−1 and 1) or ``"numbers"``.
    """

    head: str | None = None
    target: str = "numbers"


KINDS: dict[Any, Kind] = {
    cross_entropy: Kind("softmax", "classes"),
    binary_cross_entropy: Kind("sigmoid", "probabilities"),
    focal: Kind("softmax", "classes"),
    binary_focal: Kind("sigmoid", "probabilities"),
    kl_divergence: Kind("softmax", "probabilities"),
    hinge: Kind(None, "signs"),
    multiclass_hinge: Kind(None, "classes"),
    mse: Kind(),
    half_sse: Kind(),
    l1: Kind(),
    huber: Kind(),
    log_cosh: Kind(),
}

TABLE: dict[str, Loss] = {loss.__name__: loss for loss in KINDS} | {"kl": kl_divergence}


def get(loss: str | Loss) -> Loss:
    """The loss that is meant: by its name, or itself.

    Raises UnknownNameError (a ValueError) for a name that is not there, with the nearest that is;
    DataError (a TypeError) for what is neither a name nor a function.

    >>> from nn import losses
    >>> losses.get("cross-entropy") is losses.cross_entropy
    True
    """
    if callable(loss):
        return loss
    if not isinstance(loss, str):
        raise DataError(
            f"a loss is a name or a function (prediction, target) -> Tensor, and received {loss!r}"
        )
    return look_up("loss", loss, TABLE)


def kind_of(loss: str | Loss) -> Kind:
    """What a loss expects; of a function of your own nothing is known: numbers, and no head.

    A `functools.partial` of a loss is of its kind. Raises as `get` does.

    >>> kind_of("cross_entropy")
    Kind(head='softmax', target='classes')
    """
    return KINDS.get(function_of(loss), Kind())


def function_of(loss: str | Loss) -> Any:
    """The loss of ours that is meant, inside of a `functools.partial` too; None for any other.

    Raises as `get` does.
    """
    found: Any = get(loss)
    while isinstance(found, partial):
        found = found.func
    try:
        return found if found in KINDS else None
    except TypeError:  # an object that cannot be hashed
        return None


if not TYPE_CHECKING:  # for type checkers it would have every name

    def __getattr__(name: str) -> NoReturn:
        from autograd.extend import missing
        from nn.foreign import NAMES

        raise missing(sys.modules[__name__], name, NAMES)
