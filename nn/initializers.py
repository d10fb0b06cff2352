"""Initialisers: where weights start. Functions of ``(shape, rng, dtype)`` that make a new array.

The scaled ones keep the variance of what flows through a layer about the same from layer to layer.
They read the numbers of inputs and outputs off the shape: a weight is of shape (in, out), a vector
of shape (in,) has one output, and axes before the last two stack independent matrices. The shape
(out, in, *window) of a convolution's weights is told apart by `kernel`.

Numbers are drawn in float64 and then rounded, so that a seed gives a float32 and a float64 model
the same start.

>>> from nn import initializers
>>> weight = initializers.glorot_uniform((784, 128), 0)
>>> weight.shape, weight.dtype, bool(abs(weight).max() <= (6 / (784 + 128)) ** 0.5)
((784, 128), dtype('float32'), True)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import DataError, ShapeError
from nn.errors import OptionError
from nn.names import look_up
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = [
    "constant", "get", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform",
    "kernel", "lecun_normal", "lecun_uniform", "normal", "ones", "orthogonal", "uniform", "zeros",
]  # fmt: skip

Shape = int | Sequence[int]
Initializer = Callable[..., Any]


def uniform(
    shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32,
    *, low: float = -0.05, high: float = 0.05,
) -> NDArray[Any]:  # fmt: skip
    """Uniform on [low, high). Raises OptionError (a ValueError) where low > high.

    >>> weight = uniform((2, 3), 0, low=0.0, high=0.1)
    >>> bool(weight.min() >= 0.0), bool(weight.max() <= 0.1)
    (True, True)
    """
    if not low <= high:
        raise OptionError(f"uniform expects low <= high, received low={low}, high={high}")
    return as_generator(rng).uniform(low, high, shape).astype(dtype)


def normal(
    shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32,
    *, mean: float = 0.0, std: float = 0.05,
) -> NDArray[Any]:  # fmt: skip
    """Normal, of that mean and standard deviation. Raises OptionError (a ValueError) where std < 0.

    >>> normal((2, 3), 0, std=0.0).tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    if not std >= 0.0:
        raise OptionError(f"normal expects std >= 0, received {std!r}")
    return as_generator(rng).normal(mean, std, shape).astype(dtype)


class Kernel(tuple[int, ...]):
    """The shape of weights that are laid out in another way than (in, out).

    Attributes: `fans`, how many inputs each output has, and how many outputs each input.
    """

    fans: tuple[int, int]


def kernel(outputs: int, inputs: int, *window: int, groups: int = 1) -> Kernel:
    """The shape (outputs, inputs, *window) of a convolution's weights, for initialisers.

    An output has inputs times the window's size of inputs; an input goes to a window of outputs of
    its group.

    >>> he_uniform(kernel(8, 3, 5, 5), 0).shape, kernel(8, 3, 5, 5).fans
    ((8, 3, 5, 5), (75, 200))
    """
    shape = Kernel((outputs, inputs, *window))
    shape.fans = inputs * math.prod(window), outputs // groups * math.prod(window)
    return shape


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs and outputs a weight of that shape connects.

    Raises ShapeError (a ValueError) for the shape of a single number, which connects none.
    """
    if isinstance(shape, Kernel):
        return shape.fans
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not sizes:
        raise ShapeError(
            "an initialiser that scales with the inputs expects a weight of shape (in, out) or "
            "(in,), and received the shape () of a single number: use uniform, normal or constant"
        )
    return (sizes[0], 1) if len(sizes) == 1 else (sizes[-2], sizes[-1])


def _scaled_uniform(shape: Shape, rng: Rng, dtype: DTypeLike, variance: float) -> NDArray[Any]:
    """Uniform on ±√(3·variance), which has that variance."""
    limit = math.sqrt(3.0 * variance)
    return uniform(shape, rng, dtype, low=-limit, high=limit)


def _scaled_normal(shape: Shape, rng: Rng, dtype: DTypeLike, variance: float) -> NDArray[Any]:
    return normal(shape, rng, dtype, std=math.sqrt(variance))


def _lecun(shape: Shape) -> float:
    return 1.0 / max(fans(shape)[0], 1)


def _glorot(shape: Shape) -> float:
    return 2.0 / max(sum(fans(shape)), 1)


def _he(shape: Shape) -> float:
    return 2.0 / max(fans(shape)[0], 1)


def lecun_normal(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Normal, of variance 1/in: for SELU and other activations of slope 1 at 0.

    Source: LeCun, Bottou, Orr, Müller, Efficient BackProp, 1998.

    >>> bool(abs(lecun_normal((400, 200), 0).std() - 0.05) < 0.001)
    True
    """
    return _scaled_normal(shape, rng, dtype, _lecun(shape))


def lecun_uniform(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Uniform within ±√(3/in), of variance 1/in.

    Source: LeCun, Bottou, Orr, Müller, Efficient BackProp, 1998.

    >>> bool(abs(lecun_uniform((300, 2), 0)).max() <= 0.1)
    True
    """
    return _scaled_uniform(shape, rng, dtype, _lecun(shape))


def glorot_normal(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Normal, of variance 2/(in + out), also named after Xavier: for tanh and sigmoid.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010.

    >>> bool(abs(glorot_normal((400, 400), 0).std() - 0.05) < 0.001)
    True
    """
    return _scaled_normal(shape, rng, dtype, _glorot(shape))


def glorot_uniform(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Uniform within ±√(6/(in + out)), of variance 2/(in + out); what `Linear` starts from.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010.

    >>> bool(abs(glorot_uniform((300, 300), 0)).max() <= 0.1)
    True
    """
    return _scaled_uniform(shape, rng, dtype, _glorot(shape))


def he_normal(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Normal, of variance 2/in: for ReLU, which halves the variance.

    Source: He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015.

    >>> bool(abs(he_normal((800, 200), 0).std() - 0.05) < 0.001)
    True
    """
    return _scaled_normal(shape, rng, dtype, _he(shape))


def he_uniform(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Uniform within ±√(6/in), of variance 2/in.

    Source: He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015.

    >>> bool(abs(he_uniform((600, 2), 0)).max() <= 0.1)
    True
    """
    return _scaled_uniform(shape, rng, dtype, _he(shape))


def orthogonal(
    shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32, *, gain: float = 1.0
) -> NDArray[Any]:
    """Matrices whose rows or columns are orthogonal and of length `gain`: for recurrent weights.

    So the state, and the gradient on its way back, keeps its length from step to step.

    Source: Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks, 2014.

    >>> w = orthogonal((4, 4), 0, float)
    >>> bool(np.allclose(w @ w.T, np.eye(4)))
    True
    """
    fans(shape)  # which refuses a single number
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if isinstance(shape, Kernel):
        matrices: tuple[int, ...] = (sizes[0], math.prod(sizes[1:]))
    else:
        matrices = sizes if len(sizes) > 1 else (*sizes, 1)
    *stack, rows, columns = matrices
    longer, shorter = max(rows, columns), min(rows, columns)
    numbers = as_generator(rng).normal(size=(*stack, longer, shorter))
    q, r = np.linalg.qr(numbers)
    q = q * np.copysign(gain, np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
    return (q if rows >= columns else q.mT).reshape(sizes).astype(dtype)


def constant(
    shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32, *, value: float = 0.0
) -> NDArray[Any]:
    """The same number everywhere, such as the 0.01 that keeps ReLUs from starting dead.

    >>> constant(3, value=0.5).tolist()
    [0.5, 0.5, 0.5]
    """
    return np.full(shape, value, dtype)


def zeros(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Zero everywhere: for biases. Weights that all start at 0 stay equal to one another.

    >>> zeros(2).tolist()
    [0.0, 0.0]
    """
    return np.zeros(shape, dtype)


def ones(shape: Shape, rng: Rng = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """One everywhere: for factors, such as the gamma of batch normalisation.

    >>> ones(2).tolist()
    [1.0, 1.0]
    """
    return np.ones(shape, dtype)


TABLE: dict[str, Initializer] = {
    function.__name__: function
    for function in (
        uniform, normal, lecun_normal, lecun_uniform, glorot_normal, glorot_uniform,
        he_normal, he_uniform, orthogonal, constant, zeros, ones,
    )
} | {"xavier_normal": glorot_normal, "xavier_uniform": glorot_uniform}  # fmt: skip


def get(initializer: str | float | Initializer) -> Initializer:
    """The initialiser that is meant: by its name, by the one number it gives, or itself.

    Raises
    ------
    UnknownNameError (a ValueError): a name that is not there, with the nearest that is.
    DataError (a TypeError): neither a name, a number nor a function.

    >>> get("He-normal") is he_normal, get(0.01)(2, dtype=float).tolist()
    (True, [0.01, 0.01])
    """
    if callable(initializer):
        return initializer
    if isinstance(initializer, (int, float)) and not isinstance(initializer, bool):
        return partial(constant, value=initializer)
    if not isinstance(initializer, str):
        raise DataError(
            "an initialiser is a name, a number or a function (shape, rng, dtype), and received "
            f"{initializer!r}"
        )
    return look_up("initialiser", initializer, TABLE)
