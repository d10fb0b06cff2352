"""NumPy's functions of complex numbers, of the real numbers that a node holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.eager import joined
from autograd.gates.arithmetic import multiply
from autograd.gates.rounding import flat, positive
from autograd.gates.trigonometric import arctan2
from autograd.tensor import Tensor

__all__ = ["angle", "imag", "real", "real_if_close"]

imag = flat(np.imag, "imag", "Im", "Im x", "The imaginary part: 0 of real numbers")


def real(val: Any) -> Tensor:
    """The real part, which is the number itself.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0])
    >>> ag.real(x) is x
    True
    """
    val = joined(val)
    return val if type(val) is Tensor else positive(val)


def real_if_close(a: Any, tol: float = 100) -> Tensor:
    """The numbers themselves: real ones are close to real ones.

    >>> import autograd as ag
    >>> ag.real_if_close(ag.Tensor([1.0, 2.0])).data
    array([1., 2.])
    """
    return real(a)


def angle(z: Any, deg: bool = False) -> Tensor:
    """The angle in the complex plane: 0 of numbers from 0 on, π (180 with `deg`) of negative ones.

    >>> import autograd as ag
    >>> ag.angle(ag.Tensor([1.0, -2.0]), deg=True).data
    array([  0., 180.])
    """
    turned = arctan2(0.0, z)
    return multiply(turned, 180.0 / math.pi) if deg else turned


def _imag(a: Tensor) -> Tensor:
    return imag(a)


NUMPY: dict[Any, Any] = {
    np.angle: angle,
    np.imag: imag,
    np.real: real,
    np.real_if_close: real_if_close,
}
METHODS = {
    "real": property(real, doc="The real part: the node itself."),
    "imag": property(_imag, doc="The imaginary part: zeros."),
}
