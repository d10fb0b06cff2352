"""Penalties: what is added to the loss so that weights stay small. Functions of a model.

They count weights alone and leave biases, and the factors and offsets of normalisation, free.

>>> import nn
>>> model = nn.MLP(2, [], 1, initializer=0.5, bias_initializer=9.0, dtype=float)
>>> nn.penalties.L2(0.1)(model).item() == nn.penalties.L1(0.05)(model).item() == 0.05
True
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import AutogradError, DataError, Tensor
from autograd.extend import gate
from nn.options import real

__all__ = ["L1", "L2", "ElasticNet", "PenaltyError", "weights_of"]


class PenaltyError(AutogradError, ValueError):
    """A model in which nothing is there to penalise."""


sum_of_squares = gate(
    lambda w: np.vdot(w, w),
    name="sum_of_squares",
    symbol="Σw²",
    rule="Σw² → 2w",
    pattern="mixes",
    vjp=(lambda g, out, w: (2.0 * g) * w,),
    jvp=lambda t, out, w: np.sum(t[0] * (2.0 * w)),
    expansion=lambda w: np.sum(w * w),
)

sum_of_magnitudes = gate(
    lambda w: np.add.reduce(np.absolute(w), axis=None),
    name="sum_of_magnitudes",
    symbol="Σ|w|",
    rule="Σ|w| → sign(w)",
    pattern="mixes",
    vjp=(lambda g, out, w: g * np.sign(w),),
    jvp=lambda t, out, w: np.sum(t[0] * np.sign(w)),
    expansion=lambda w: np.sum(np.absolute(w)),
    kinks="0 at 0; second: 0",
)


def weights_of(model: Any, names: tuple[str, ...] | None = None) -> Iterator[tuple[str, Tensor]]:
    """The parameters that are weights, by name.

    Parameters
    ----------
    names : of the attributes that hold weights; by default those called ``weight``, and every other
        parameter with two axes or more that is not called a bias.

    >>> import nn
    >>> [name for name, _ in weights_of(nn.MLP(3, [4], 2))]
    ['layers.0.weight', 'layers.1.weight']
    """
    for name, parameter in model.named_parameters():
        attribute = [part for part in name.split(".") if not part.isdigit()][-1]
        counts = attribute in (names or ("weight",))
        if counts or (names is None and parameter.ndim > 1 and "bias" not in attribute):
            yield name, parameter


class ElasticNet:
    """l1·Σ|w| + l2·Σw² over all weights of a model.

    Parameters
    ----------
    l1, l2 : numbers of 0 or more.
    names : of the attributes that hold weights; see `weights_of`.

    Raises OptionError (a ValueError) for a negative number; DataError (a TypeError).

    Source: Zou and Hastie, Regularization and variable selection via the elastic net, 2005.

    >>> import nn
    >>> model = nn.MLP(2, [], 1, initializer=0.5, dtype=float)
    >>> ElasticNet(l1=0.05, l2=0.1)(model).item()
    0.1
    """

    def __init__(self, l1: float, l2: float, *, names: tuple[str, ...] | None = None) -> None:
        owner = type(self).__name__
        if isinstance(names, str):
            raise DataError(
                f'{owner}: names expects a tuple, received {names!r}: write ("{names}",)'
            )
        self.l1 = real(owner, "l1", l1, 0.0)
        self.l2 = real(owner, "l2", l2, 0.0)
        self.names = names

    def __call__(self, model: Any) -> Tensor:
        """The penalty, as a node that hangs on the model's weights.

        Raises PenaltyError (a ValueError) where the model has none.
        """
        total: Any = None
        for _, weight in weights_of(model, self.names):
            term = self._of(weight)
            total = term if total is None else total + term
        if total is None:
            known = ", ".join(name for name, _ in model.named_parameters()) or "none at all"
            raise PenaltyError(
                f"{type(self).__name__} found no weights in {type(model).__name__}, whose "
                f'parameters are {known}: write names=("w",) to say which attributes are weights'
            )
        return total

    def _of(self, weight: Tensor) -> Tensor:
        """The penalty on one parameter, or on one scalar node."""
        scalar = type(weight.data) is float
        if self.l1 and not self.l2:
            return self.l1 * (weight.abs() if scalar else sum_of_magnitudes(weight))
        squares = self.l2 * (weight * weight if scalar else sum_of_squares(weight))
        if not self.l1:
            return squares
        return squares + self.l1 * (weight.abs() if scalar else sum_of_magnitudes(weight))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.l1:g}, {self.l2:g})"


class L1(ElasticNet):
    """strength·Σ|w|, which draws small weights to 0. Arguments and errors as of `ElasticNet`.

    >>> import nn
    >>> L1(0.05)(nn.MLP(2, [], 1, initializer=-0.5, dtype=float)).item()
    0.05
    """

    def __init__(self, strength: float, *, names: tuple[str, ...] | None = None) -> None:
        super().__init__(strength, 0.0, names=names)

    def __repr__(self) -> str:
        return f"L1({self.l1:g})"


class L2(ElasticNet):
    """strength·Σw², without a half: as weight decay of 2·strength in SGD, though not in AdamW.

    Arguments and errors as of `ElasticNet`.

    >>> import nn
    >>> L2(0.1)(nn.MLP(2, [], 1, initializer=0.5, dtype=float)).item()
    0.05
    """

    def __init__(self, strength: float, *, names: tuple[str, ...] | None = None) -> None:
        super().__init__(0.0, strength, names=names)

    def __repr__(self) -> str:
        return f"L2({self.l2:g})"
