"""The functions that an expression of the command line may call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor


class Function(NamedTuple):
    """What a call stands for, and how many operands it takes; `most` None for any number."""

    build: Callable[..., Tensor]
    least: int = 1
    most: int | None = 1


def _extremum(pair: Callable[..., Tensor], reduction: str) -> Function:
    """max(x) of an array's entries, max(a, b) of two operands, max(a, b, c, ...) of more."""

    def build(*operands: Any) -> Tensor:
        if len(operands) == 1:
            return getattr(operands[0], reduction)()
        if len(operands) == 2:
            return pair(*operands)
        return getattr(np.stack(operands), reduction)(axis=0)

    return Function(build, 1, None)


def _functions() -> dict[str, Function]:
    found = {
        name: Function(getattr(ag, name))
        for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "relu", "square", "reciprocal",
                     "sum", "mean", "transpose", "sin", "cos", "tan", "softplus", "prod")
        if hasattr(ag, name)
    }  # fmt: skip
    found["abs"] = Function(ag.absolute)
    found["norm"] = Function(lambda a: ag.sqrt(ag.sum(ag.square(a))))
    found["dot"] = Function(ag.dot, 2, 2)
    found["maximum"] = Function(ag.maximum, 2, 2)
    found["minimum"] = Function(ag.minimum, 2, 2)
    found["max"] = _extremum(ag.maximum, "max")
    found["min"] = _extremum(ag.minimum, "min")
    aliases = {"ln": "log", "σ": "sigmoid", "logistic": "sigmoid", "absolute": "abs"}
    return found | {alias: found[name] for alias, name in aliases.items()}


FUNCTIONS = _functions()
