"""Activations as modules; what they compute is in `nn.activations`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd import DataError, Tensor, reshape, where
from autograd.extend import as_data, value_of
from nn import activations as functions
from nn.layers.inputs import along, features_at, holds_nodes, mapped, place
from nn.module import Module
from nn.names import look_up
from nn.options import above_zero, real, size
from nn.parameters import parameter


class _Activation(Module):
    """Base of those that work element by element; lists of scalar nodes give such lists."""

    elementwise = True

    def function(self, x: Any) -> Tensor:
        """What is applied."""
        raise NotImplementedError

    def forward(self, x: Any) -> Tensor | Any:
        if holds_nodes(x):
            return mapped(self.function, x)
        return self.function(x if type(x) is Tensor else as_data(x, None))


class ReLU(_Activation):
    """max(0, x); its derivative at 0 is 0.

    >>> import nn
    >>> nn.ReLU()([-1.0, 2.0]).data
    array([0., 2.])
    """

    def function(self, x: Any) -> Tensor:
        return functions.relu(x)


class LeakyReLU(_Activation):
    """x above 0, slope·x below.

    >>> import nn
    >>> nn.LeakyReLU(slope=0.1)([-1.0, 2.0]).data
    array([-0.1,  2. ])
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = real("LeakyReLU", "slope", slope)

    def function(self, x: Any) -> Tensor:
        return functions.leaky_relu(x, self.slope)


class PReLU(_Activation):
    """x above 0, slope·x below, with the slope learnt.

    Parameters
    ----------
    features : None for one slope, a scalar node, or the length of an axis for one each.
    initial : where the slopes start.
    axis : of the features: the last, or 1 for the channels of images (N, C, H, W).

    Attributes: `slope`, a Tensor of shape () or (features,). Raises ShapeError (a ValueError) for
    another number of features.

    >>> import nn
    >>> layer = nn.PReLU()
    >>> layer([-1.0, 2.0]).data, layer.state_dict()
    (array([-0.25,  2.  ]), {'slope': array(0.25)})
    """

    def __init__(
        self,
        features: int | None = None,
        *,
        initial: float = 0.25,
        axis: int = -1,
        dtype: Any = np.float32,
    ) -> None:
        self.initial = real("PReLU", "initial", initial)
        self.features = features if features is None else size("PReLU", "features", features)
        self.axis = along("PReLU", axis)
        if self.features is None:
            self.slope = Tensor(self.initial, name="slope")
        else:
            self.slope = parameter(
                "PReLU", "slope", self.initial, (self.features,), None, np.dtype(dtype)
            )

    def function(self, x: Any) -> Tensor:
        if self.features is None:
            return functions.prelu(x, self.slope)
        shape = np.shape(value_of(x))
        features_at(shape, self.axis, self.features, self)
        after = len(shape) - 1 - self.axis % len(shape)
        slope = reshape(self.slope, (-1, *(1,) * after)) if after else self.slope
        return functions.prelu(x, slope)


class ELU(_Activation):
    """x above 0, alpha·(eˣ−1) below.

    >>> import nn
    >>> nn.ELU()([-1000.0, 2.0]).data
    array([-1.,  2.])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = real("ELU", "alpha", alpha)

    def function(self, x: Any) -> Tensor:
        return functions.elu(x, self.alpha)


class SELU(_Activation):
    """The self-normalising ELU, λ·ELU(x, α) with λ = 1.0507 and α = 1.6733.

    >>> import nn
    >>> nn.SELU()([1.0]).data.round(4)
    array([1.0507])
    """

    def function(self, x: Any) -> Tensor:
        return functions.selu(x)


class GELU(_Activation):
    """x·Φ(x), with the normal distribution's Φ.

    `approximate` is None for the exact form, or "tanh" for that of `nn.activations.gelu_tanh`.

    >>> import nn
    >>> nn.GELU()([1.0]).data.round(4)
    array([0.8413])
    """

    def __init__(self, approximate: str | None = None) -> None:
        form = look_up("approximation", approximate or "none", {"none": "none", "tanh": "tanh"})
        self.approximate = None if form == "none" else form

    def function(self, x: Any) -> Tensor:
        return functions.gelu(x) if self.approximate is None else functions.gelu_tanh(x)


class Swish(_Activation):
    """x·σ(x).

    >>> import nn
    >>> nn.Swish()([-1.278464543]).data.round(9)
    array([-0.27846454])
    """

    def function(self, x: Any) -> Tensor:
        return functions.swish(x)


class Softplus(_Activation):
    """ln(1+e^(beta·x))/beta, without overflow.

    Parameters
    ----------
    beta : above 0: how sharply it bends.
    threshold : where beta·x is above it the value is x itself and the derivative 1, as PyTorch has
        it from 20; None for the function to the last digit.

    >>> import nn
    >>> nn.Softplus()([-1000.0, 1000.0]).data
    array([   0., 1000.])
    """

    def __init__(self, beta: float = 1.0, threshold: float | None = None) -> None:
        self.beta = above_zero("Softplus", "beta", beta)
        self.threshold = threshold
        if threshold is not None:
            self.threshold = real("Softplus", "threshold", threshold)

    def function(self, x: Any) -> Tensor:
        sharp = functions.scaled(x, self.beta)
        out = functions.softplus(sharp)
        out = out if self.beta == 1.0 else out / self.beta
        return out if self.threshold is None else where(sharp > self.threshold, x, out)


class Softsign(_Activation):
    """x/(1+|x|): from −1 to 1, as tanh is, but far from 0 it saturates slowly.

    >>> import nn
    >>> nn.Softsign()([-1.0, 3.0]).data
    array([-0.5 ,  0.75])
    """

    def function(self, x: Any) -> Tensor:
        return functions.softsign(x)


class Sigmoid(_Activation):
    """The logistic function 1/(1+e^(−slope·x)).

    >>> import nn
    >>> nn.Sigmoid()([0.0]).data
    array([0.5])
    """

    def __init__(self, slope: float = 1.0) -> None:
        self.slope = real("Sigmoid", "slope", slope)

    def function(self, x: Any) -> Tensor:
        return functions.logistic(x, self.slope)


class Tanh(_Activation):
    """tanh(slope·x/2): the standard tanh by default, closer to a step for larger slopes.

    >>> import nn
    >>> nn.Tanh()([1.0]).data.round(4)
    array([0.7616])
    """

    def __init__(self, slope: float = 2.0) -> None:
        self.slope = real("Tanh", "slope", slope)

    def function(self, x: Any) -> Tensor:
        return functions.tanh(x, self.slope)


class Step(_Activation):
    """1 where x ≥ 0, else 0; flat, so that nothing is learnt through it.

    >>> import nn
    >>> nn.Step()([-1.0, 0.0]).data
    array([0., 1.])
    """

    def function(self, x: Any) -> Tensor:
        return functions.step(x)


class BipolarStep(_Activation):
    """1 where x ≥ 0, else −1; flat, so that nothing is learnt through it.

    >>> import nn
    >>> nn.BipolarStep()([-1.0, 0.0]).data
    array([-1.,  1.])
    """

    def function(self, x: Any) -> Tensor:
        return functions.bipolar_step(x)


class Identity(_Activation):
    """x itself.

    >>> import nn
    >>> nn.Identity()([-1.0, 2.0]).data
    array([-1.,  2.])
    """

    def function(self, x: Any) -> Tensor:
        return functions.identity(x)


class Softmax(Module):
    """eˣ/Σeˣ along an axis. Losses take logits: for training, leave it out.

    >>> import nn
    >>> nn.Softmax()([[1000.0, 1000.0]]).data
    array([[0.5, 0.5]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = along("Softmax", axis)

    def forward(self, x: Any) -> Tensor:
        return functions.softmax(row_of(x, self), self.axis)


class LogSoftmax(Module):
    """ln(eˣ/Σeˣ) along an axis, accurate where that is small.

    >>> import nn
    >>> nn.LogSoftmax()([[0.0, -1000.0]]).data
    array([[    0., -1000.]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = along("LogSoftmax", axis)

    def forward(self, x: Any) -> Tensor:
        return functions.log_softmax(row_of(x, self), self.axis)


def row_of(x: Any, owner: Module) -> Any:
    """A Tensor or an array; scalar nodes in a list are refused, since they stand one by one."""
    if type(x) is list and any(type(value) is Tensor for value in x):
        raise DataError(
            f"{place(owner)} normalises along an axis, and a list of scalar nodes has none: "
            "write ag.softmax(ag.array(outputs))"
        )
    return x if type(x) is Tensor else np.asarray(as_data(x, None))


_CLASSES = {name.lower(): kind for name, kind in globals().items() if isinstance(kind, type)}

MODULES: dict[str, Callable[[], Module]] = {
    name: _CLASSES[plain]
    for name in functions.__all__
    if (plain := name.replace("_", "")) in _CLASSES
} | {"gelu_tanh": partial(GELU, "tanh"), "logistic": Sigmoid}
"""The names that models take for their activations: of each function, the class called so."""


def activation_module(activation: Any) -> Any:
    """What a model applies: a new module for a name, else the module or function itself.

    Raises
    ------
    UnknownNameError (a ValueError): a name that is not there, with the nearest that is.
    DataError (a TypeError): neither a name, a module nor a function.

    >>> activation_module("tanh")
    Tanh()
    """
    if isinstance(activation, str):
        return look_up("activation", activation, MODULES)()
    if callable(activation):
        return activation
    raise DataError(
        f"an activation is a name, a module or a function, received {activation!r}: write "
        'activation="relu"'
    )
