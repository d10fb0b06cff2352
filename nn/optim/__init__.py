"""Optimisers: what turns gradients into steps.

>>> from autograd import Tensor
>>> from nn import optim
>>> w = Tensor(3.0, name="w")
>>> optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
>>> for _ in range(200):
...     optimizer.zero_grad()
...     ((w - 1.0) ** 2).backward()
...     optimizer.step()
>>> round(w.data, 3)
1.0
"""

import sys
from typing import TYPE_CHECKING, Any, NoReturn

from nn.homes import answering

from . import schedules
from .adam import Adam, AdamW, Lion, RAdam
from .adaptive import SGD, Adadelta, Adagrad, RMSProp
from .clipping import clip_grad_norm, clip_grad_value
from .errors import OptimizerError, UnboundError
from .optimizer import Optimizer

__all__ = [
    "SGD", "Adagrad", "RMSProp", "Adadelta", "Adam", "AdamW", "RAdam", "Lion",
    "Optimizer", "schedules", "clip_grad_norm", "clip_grad_value",
    "OptimizerError", "UnboundError",
]  # fmt: skip


KINDS: dict[str, Any] = {
    name: answering(f"optim.{name}")(kind)
    for name, kind in [*globals().items()]
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}
"""The optimisers, by name."""


if not TYPE_CHECKING:  # for type checkers it would have every name

    def __getattr__(name: str) -> NoReturn:
        from autograd.extend import missing
        from nn.foreign import OPTIMISERS

        raise missing(sys.modules[__name__], name, OPTIMISERS)
