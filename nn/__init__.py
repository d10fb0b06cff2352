"""Networks on the graph of `autograd`: modules, losses, optimisers, training, data.

>>> import nn
>>> from nn import optim
>>> model = nn.MLP(2, [16], 2, activation="tanh", rng=0)
>>> print(model)
MLP(2, [16], 2, activation='tanh')
>>> model([[1.0, -1.0]]).shape
(1, 2)
"""

import sys
from importlib import import_module
from typing import Any

import autograd

if not hasattr(autograd, "Tensor"):  # before a file asks it for a name that it does not have
    from gategrad.clash import another

    raise another(autograd)

from nn import homes

_SUBMODULES = (
    "activations", "data", "errors", "examples", "initializers", "layers", "losses", "metrics",
    "models", "optim", "penalties", "training",
)  # fmt: skip

_OPTIONAL = ("estimators",)
"""Submodules that need another package: not of what ``from nn import *`` imports."""

__all__ = list(_SUBMODULES)
__all__ += list(homes.HOMES)


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES or name in _OPTIONAL:
        return import_module(f"nn.{name}")
    if name not in homes.HOMES:
        if name.startswith("__"):  # what Python and its tools ask every module for
            raise AttributeError(f"module 'nn' has no attribute {name!r}")
        from autograd.extend import missing
        from nn.foreign import NAMES

        raise missing(sys.modules[__name__], name, NAMES, _nearest(name))
    globals()[name] = value = homes.load(name)
    return value


def _nearest(name: str) -> str:
    """The public name that was perhaps meant."""
    from difflib import get_close_matches

    near = get_close_matches(name, __all__, n=1, cutoff=0.7)
    return f": did you mean {near[0]!r}?" if near and not name.startswith("_") else ""


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_OPTIONAL})
