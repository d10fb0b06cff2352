"""Gradients held within bounds before a step, in place."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor
from nn.options import above_zero

__all__ = ["clip_grad_norm", "clip_grad_value"]


def clip_grad_value(parameters: Iterable[Tensor], limit: float) -> None:
    """Hold every entry of every gradient between -limit and limit, in place.

    Raises OptionError (a ValueError) where `limit` is not above 0.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, 2.0, 3.0])
    >>> w.grad = [-5.0, 0.5, 7.0]
    >>> optim.clip_grad_value([w], 1.0)
    >>> w.grad
    array([-1. ,  0.5,  1. ])
    """
    limit = above_zero("clip_grad_value", "limit", limit)
    for parameter in parameters:
        gradient = _gradient(parameter)
        if gradient is None:
            continue
        if type(gradient) is float:
            # Not min and max: they would turn a nan into a bound.
            parameter.grad = math.copysign(limit, gradient) if abs(gradient) > limit else gradient
        else:
            np.clip(gradient, -limit, limit, out=gradient)
            parameter.grad = gradient


def clip_grad_norm(parameters: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients, in place, so that their common Euclidean norm is at most `max_norm`.

    Returns the norm before. The factor is max_norm / (norm + 1e-6), as PyTorch's. Where the norm
    is infinite or nan the gradients are left as they are: no factor would repair them.

    Raises OptionError (a ValueError) where `max_norm` is not above 0.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([0.0, 0.0])
    >>> w.grad = [30.0, 40.0]
    >>> optim.clip_grad_norm([w], 5.0)
    50.0
    >>> w.grad.round(4)
    array([3., 4.])
    """
    max_norm = above_zero("clip_grad_norm", "max_norm", max_norm)
    found = [(parameter, _gradient(parameter)) for parameter in parameters]
    gradients = [(parameter, g) for parameter, g in found if g is not None]
    total = math.hypot(*(_norm(gradient) for _, gradient in gradients))
    factor = max_norm / (total + 1e-6)
    if factor < 1.0 and math.isfinite(total):
        for parameter, gradient in gradients:
            if type(gradient) is float:
                parameter.grad = gradient * factor
            else:
                np.multiply(gradient, factor, out=gradient)
                parameter.grad = gradient
    return total


def _gradient(parameter: Tensor) -> Any:
    """A float, an array to write to, or None."""
    gradient = parameter.grad
    return gradient.data if type(gradient) is Tensor else gradient


def _norm(gradient: Any) -> float:
    """The Euclidean norm, also where the squares overflow or vanish in the array's own dtype."""
    if type(gradient) is float:
        return abs(gradient)
    flat = gradient.reshape(-1)
    with np.errstate(all="ignore"):
        squares = float(np.dot(flat, flat))
        tiny = float(np.finfo(flat.dtype).tiny)
        if math.isfinite(squares) and squares > tiny / np.finfo(flat.dtype).eps:
            return math.sqrt(squares)
        largest = float(np.max(np.abs(flat), initial=0.0))
        if largest == 0.0 or not math.isfinite(largest):
            return largest
        scaled = flat.astype(np.float64) / largest
        return largest * math.sqrt(float(np.dot(scaled, scaled)))
