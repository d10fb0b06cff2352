"""Convolutions: neurons that slide over sequences, images and volumes, and share their weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd import Tensor, conv, conv_transpose, reshape
from nn.errors import OptionError
from nn.initializers import kernel
from nn.layers.inputs import images
from nn.layers.scalar_convolution import size_of, slid
from nn.module import Module
from nn.options import choice, float_dtype, per_axis, size, spread
from nn.parameters import Initializer, parameter_maker
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Sizes = int | tuple[int, ...]


class _Convolution(Module):
    """Base of both kinds: channels, the window, the parameters."""

    axes: ClassVar[int]
    """How many spatial axes there are."""
    scalar = False

    def _make(
        self, channels: tuple[Any, Any], kernel_size: Any, stride: Any, dilation: Any, groups: Any
    ) -> None:
        owner = type(self).__name__
        self.in_channels = size(owner, "in_channels", channels[0])
        self.out_channels = size(owner, "out_channels", channels[1])
        self.kernel_size = per_axis(owner, "kernel_size", kernel_size, self.axes)
        self.stride = per_axis(owner, "stride", stride, self.axes)
        self.dilation = per_axis(owner, "dilation", dilation, self.axes)
        self.groups = size(owner, "groups", groups)
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise OptionError(
                f"{owner}: {self.in_channels} channels to {self.out_channels} do not make "
                f"{self.groups} groups of one size"
            )

    def _parameters(
        self, shape: Any, bias: Any, initializer: Initializer, bias_initializer: Initializer,
        rng: Rng, dtype: DTypeLike,
    ) -> None:  # fmt: skip
        owner = type(self).__name__
        self.initializer, self.bias_initializer = initializer, bias_initializer
        kind, rng = float_dtype(owner, dtype), as_generator(rng)
        make = parameter_maker(self.scalar)
        self.weight: Tensor = make(owner, "W", initializer, shape, rng, kind)
        self.bias: Tensor | None = None
        if choice(owner, "bias", bias):
            self.bias = make(owner, "b", bias_initializer, (self.out_channels,), rng, kind)

    def _with_bias(self, out: Any) -> Tensor:
        return out if self.bias is None else out + reshape(self.bias, (-1, *[1] * self.axes))

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "bias": self.bias is not None}


class _Conv(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        *,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        scalar: bool = False,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        owner = type(self).__name__
        self.scalar = choice(owner, "scalar", scalar)
        self._make((in_channels, out_channels), kernel_size, stride, dilation, groups)
        self.padding: Any = padding
        if not isinstance(padding, str):
            self.padding = per_axis(owner, "padding", padding, self.axes, 0)
        elif padding not in ("same", "valid"):
            raise OptionError(
                f'{owner}: padding must be a number, one for each axis, "same" or "valid", '
                f"received {padding!r}"
            )
        elif padding == "same" and any(step != 1 for step in spread(self.stride, self.axes)):
            raise OptionError(
                f'{owner}: padding="same" keeps the size, which a stride of {self.stride} cannot: '
                "write the padding as a number"
            )
        shape = kernel(
            self.out_channels, self.in_channels // self.groups, *self.window, groups=self.groups
        )
        self._parameters(shape, bias, initializer, bias_initializer, rng, dtype)

    @property
    def window(self) -> tuple[int, ...]:
        """The lengths of the kernel, of which a summary reckons the receptive field."""
        return spread(self.kernel_size, self.axes)

    def forward(self, x: Any) -> Tensor:
        if self.scalar:
            return slid(self, x)
        x = images(x, self.in_channels, self.weight.dtype, self, self.axes)
        return self._with_bias(
            conv(x, self.weight, self.stride, self.padding, self.dilation, self.groups)
        )

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        places = size_of(output) if self.scalar else output.size
        return places * (self.in_channels // self.groups) * math.prod(self.window)


class Conv1d(_Conv):
    """A convolution along one axis, as of time: see `Conv2d`; input (N, C, T).

    >>> import numpy as np
    >>> import nn
    >>> nn.Conv1d(3, 8, 5, padding="same", rng=0)(np.zeros((2, 3, 10))).shape
    (2, 8, 10)
    """

    axes = 1


class Conv2d(_Conv):
    """A convolution of images: at each place a weighted sum of a window, the same weights for all.

    It is a neuron that slides; each of the outputs has its own weights and gives a map. (It is what
    mathematics calls a correlation: the kernel is not mirrored.)

    Parameters
    ----------
    in_channels, out_channels : maps that come in and go out.
    kernel_size : the window's height and width, or one number for both.
    stride : how far windows are apart.
    padding : zeros on each side; ``"same"`` for as many as keep the size, ``"valid"`` for none.
    dilation : how far the entries of a window are apart.
    groups : into how many parts channels are cut, each with kernels of its own; as many as there
        are channels make a depthwise convolution.
    bias : whether b is added, one number a map.
    initializer, bias_initializer : names of `nn.initializers`, numbers, or functions; scaled ones
        count the inputs of a window.
    scalar : every weight its own scalar node, so that the uses of each are seen. The layer is
        called with one image then, a list of channels, each a list of rows, and returns such lists
        of nodes. Names and shapes in `state_dict` stay.
    rng : a seed or a generator that the weights are drawn from; fresh entropy by default.
    dtype : of the parameters; inputs of another are cast to it. Scalar nodes are Python floats
        whatever it is.

    Attributes
    ----------
    weight : Tensor of shape (out_channels, in_channels/groups, height, width), or lists of scalar
        nodes.
    bias : Tensor of shape (out_channels,), a list of scalar nodes, or None.

    Called on shape (N, in_channels, H, W), it gives (N, out_channels, H', W') with
    H' = (H + 2·padding − dilation·(height − 1) − 1) // stride + 1. Raises ShapeError (a
    ValueError) for other channels, or a window that does not fit.

    Source: LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition,
    1998.

    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Conv2d(1, 6, 5, rng=0)
    >>> layer(np.zeros((2, 1, 28, 28))).shape, layer.weight.shape
    ((2, 6, 24, 24), (6, 1, 5, 5))
    >>> maps = nn.Conv2d(1, 2, 2, scalar=True, rng=0)([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> len(maps), len(maps[0]), len(maps[0][0]), maps[0][0][0].gate.name
    (2, 1, 2, 'add')
    """

    axes = 2


class Conv3d(_Conv):
    """A convolution in volumes: see `Conv2d`; input (N, C, D, H, W).

    >>> import numpy as np
    >>> import nn
    >>> nn.Conv3d(1, 2, 3, stride=2, rng=0)(np.zeros((1, 1, 7, 7, 9))).shape
    (1, 2, 3, 3, 4)
    """

    axes = 3


class _ConvTranspose(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        *,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        dilation: Sizes = 1,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        owner = type(self).__name__
        self._make((in_channels, out_channels), kernel_size, stride, dilation, groups)
        self.padding = per_axis(owner, "padding", padding, self.axes, 0)
        self.output_padding = per_axis(owner, "output_padding", output_padding, self.axes, 0)
        shape = kernel(
            self.in_channels, self.out_channels // self.groups,
            *spread(self.kernel_size, self.axes), groups=self.groups,
        )  # fmt: skip
        shape.fans = shape.fans[::-1]  # which this one runs backwards
        self._parameters(shape, bias, initializer, bias_initializer, rng, dtype)

    def forward(self, x: Any) -> Tensor:
        x = images(x, self.in_channels, self.weight.dtype, self, self.axes)
        return self._with_bias(
            conv_transpose(
                x, self.weight, self.stride, self.padding, self.output_padding, self.groups,
                self.dilation,
            )
        )  # fmt: skip

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return math.prod(np.shape(inputs[0])) * (self.weight.size // self.in_channels)


class ConvTranspose1d(_ConvTranspose):
    """The transpose of `Conv1d`, which makes sequences longer: see `ConvTranspose2d`.

    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose1d(3, 2, 4, stride=2, padding=1, rng=0)(np.zeros((1, 3, 5))).shape
    (1, 2, 10)
    """

    axes = 1


class ConvTranspose2d(_ConvTranspose):
    """The transpose of `Conv2d` as a linear map, by which decoders enlarge images: each entry adds
    the kernel, times itself, to a window of the result.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, groups, bias, initializer, bias_initializer, rng, dtype
        : as of `Conv2d`.
    stride, dilation : how far windows of the result are apart, and the entries of one.
    padding : how much is cut off on each side.
    output_padding : how much longer the result is at its end.

    Attributes
    ----------
    weight : Tensor of shape (in_channels, out_channels/groups, height, width).
    bias : Tensor of shape (out_channels,), or None.

    Called on shape (N, in_channels, H, W), it gives (N, out_channels, H', W') with
    H' = (H − 1)·stride − 2·padding + dilation·(height − 1) + output_padding + 1.

    Source: Zeiler, Krishnan, Taylor, Fergus, Deconvolutional networks, 2010.

    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1, rng=0)(np.zeros((2, 8, 7, 7))).shape
    (2, 1, 14, 14)
    """

    axes = 2


class ConvTranspose3d(_ConvTranspose):
    """The transpose of `Conv3d`: see `ConvTranspose2d`.

    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose3d(2, 1, 2, stride=2, rng=0)(np.zeros((1, 2, 3, 3, 3))).shape
    (1, 1, 6, 6, 6)
    """

    axes = 3
