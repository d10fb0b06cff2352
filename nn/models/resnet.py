"""A residual network of a size that a laptop trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.layers.activations import ReLU
from nn.layers.convolution import Conv2d
from nn.layers.linear import Linear
from nn.layers.noise import StochasticDepth
from nn.layers.normalisation import BatchNorm2d
from nn.layers.pooling import GlobalAvgPool2d
from nn.layers.shaping import Residual
from nn.models.sequential import Sequential
from nn.options import real, size, sizes
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class SmallResNet(Sequential):
    """Blocks of two convolutions with a way past them, in stages that halve the image.

    Parameters
    ----------
    channels, classes : maps of an image, and outputs.
    widths : the maps of each stage; from the second on a stage begins with a stride of 2.
    blocks : in each stage.
    drop : of leaving a block out while training; see `StochasticDepth`.
    rng : a seed or a generator for the weights, and then for what is left out.
    dtype : of the parameters.

    Called on images (N, channels, H, W) of any size, it gives (N, classes).

    Source: He, Zhang, Ren, Sun, Deep residual learning for image recognition, 2016, section 4.2.

    >>> import numpy as np
    >>> import nn
    >>> model = nn.SmallResNet(widths=(8, 16), rng=0)
    >>> model(np.zeros((2, 1, 28, 28))).shape, sum(p.size for p in model.parameters())
    ((2, 10), 5122)
    """

    def __init__(
        self,
        *,
        channels: int = 1,
        classes: int = 10,
        widths: Sequence[int] = (16, 32, 64),
        blocks: int = 1,
        drop: float = 0.0,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.channels = size("SmallResNet", "channels", channels)
        self.classes = size("SmallResNet", "classes", classes)
        self.widths = tuple(sizes("SmallResNet", "widths", widths))
        self.blocks = size("SmallResNet", "blocks", blocks)
        self.drop = real("SmallResNet", "drop", drop, 0.0, 1.0, below=True)
        rng = as_generator(rng)

        def conv(inputs: int, outputs: int, window: int, stride: int = 1) -> list[Any]:
            """A convolution and its normalisation, which has the bias."""
            layer = Conv2d(
                inputs, outputs, window, stride=stride, padding=window // 2, bias=False,
                initializer="he_normal", rng=rng, dtype=dtype,
            )  # fmt: skip
            return [layer, BatchNorm2d(outputs, dtype=dtype)]

        def block(inputs: int, outputs: int, stride: int) -> list[Any]:
            past = None
            if (inputs, stride) != (outputs, 1):
                past = Sequential(*conv(inputs, outputs, 1, stride))
            inner: Any = Sequential(
                *conv(inputs, outputs, 3, stride), ReLU(), *conv(outputs, outputs, 3)
            )
            if self.drop:
                inner = StochasticDepth(inner, self.drop, rng)
            return [Residual(inner, past), ReLU()]

        width = self.widths[0]
        layers = [*conv(self.channels, width, 3), ReLU()]
        for stage, outputs in enumerate(self.widths):
            for k in range(self.blocks):
                layers += block(width, outputs, 2 if stage and not k else 1)
                width = outputs
        super().__init__(
            *layers, GlobalAvgPool2d(), Linear(width, self.classes, rng=rng, dtype=dtype)
        )
