"""LeNet-5: two convolutions that see, three linear layers that decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nn.layers.activations import activation_module
from nn.layers.convolution import Conv2d
from nn.layers.linear import Linear
from nn.layers.pooling import MaxPool2d
from nn.layers.shaping import Flatten
from nn.models.sequential import Sequential
from nn.options import size
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class LeNet5(Sequential):
    """The network that read the digits of cheques: 61,706 parameters, logits.

    As it is written today: ReLU and max pooling, where the paper has tanh and trained means, and
    every map of the second convolution sees all six of the first.

    Parameters
    ----------
    classes, channels : how many outputs, and maps of an image; 3 for colours.
    activation : a name of `nn.activations`, a module or a function.
    rng : a seed or a generator that all weights are drawn from.
    dtype : of the parameters.

    Called on images (N, channels, 28, 28), it gives (N, classes). Raises ShapeError (a ValueError)
    for others.

    Source: LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition,
    1998.

    >>> import numpy as np
    >>> import nn
    >>> model = nn.LeNet5(rng=0)
    >>> model(np.zeros((2, 1, 28, 28))).shape, sum(p.size for p in model.parameters())
    ((2, 10), 61706)
    """

    def __init__(
        self,
        *,
        classes: int = 10,
        channels: int = 1,
        activation: Any = "relu",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.classes = size("LeNet5", "classes", classes)
        self.channels = size("LeNet5", "channels", channels)
        self.activation = activation
        options: Any = {"rng": as_generator(rng), "dtype": dtype}
        super().__init__(
            Conv2d(self.channels, 6, 5, padding=2, **options),  # 28 × 28
            activation_module(activation),
            MaxPool2d(2),  # 14 × 14
            Conv2d(6, 16, 5, **options),  # 10 × 10
            activation_module(activation),
            MaxPool2d(2),  # 5 × 5
            Flatten(),
            Linear(16 * 5 * 5, 120, **options),
            activation_module(activation),
            Linear(120, 84, **options),
            activation_module(activation),
            Linear(84, self.classes, **options),
        )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one image."""
        return (self.channels, 28, 28)
