"""Pooling: one number for each window of a map, the largest or the mean."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError, Tensor, avg_pool, max_pool, mean, sample
from autograd import max as largest
from nn.errors import OptionError
from nn.layers.inputs import images, operand, place
from nn.layers.noise import as_floats
from nn.module import Module
from nn.options import choice, per_axis, real, spread
from nn.randomness import Rng, as_generator

Sizes = int | tuple[int, ...]


class _Pool(Module):
    """Base of both kinds: the window."""

    axes: ClassVar[int]
    """How many spatial axes there are."""
    dilation: Sizes = 1

    def _make(self, kernel_size: Any, stride: Any, padding: Any, ceil_mode: Any) -> None:
        owner = type(self).__name__
        self.kernel_size = per_axis(owner, "kernel_size", kernel_size, self.axes)
        self.stride = None if stride is None else per_axis(owner, "stride", stride, self.axes)
        self.padding = per_axis(owner, "padding", padding, self.axes, 0)
        self.ceil_mode = choice(owner, "ceil_mode", ceil_mode)
        pairs = zip(self.window, spread(self.padding, self.axes), strict=True)
        if any(2 * p > k for k, p in pairs):
            raise OptionError(
                f"{owner}: padding must be half of the window at most, received {padding!r} for "
                f"{kernel_size!r}"
            )

    @property
    def window(self) -> tuple[int, ...]:
        """The lengths of the window."""
        return spread(self.kernel_size, self.axes)

    def _maps(self, x: Any) -> Any:
        x = as_floats(x)
        return images(x, None, x.dtype, self, self.axes)


class _MaxPool(_Pool):
    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        *,
        dilation: Sizes = 1,
        ceil_mode: bool = False,
    ) -> None:
        self._make(kernel_size, stride, padding, ceil_mode)
        self.dilation = per_axis(type(self).__name__, "dilation", dilation, self.axes)

    def forward(self, x: Any) -> Tensor:
        return max_pool(
            self._maps(x), self.window, self.stride, self.padding, self.dilation, self.ceil_mode
        )


class _AvgPool(_Pool):
    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        *,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self._make(kernel_size, stride, padding, ceil_mode)
        owner = type(self).__name__
        self.count_include_pad = choice(owner, "count_include_pad", count_include_pad)

    def forward(self, x: Any) -> Tensor:
        return avg_pool(
            self._maps(x), self.window, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad,
        )  # fmt: skip


class MaxPool1d(_MaxPool):
    """The largest of each window along one axis: see `MaxPool2d`; input (N, C, T).

    >>> import nn
    >>> nn.MaxPool1d(2)([[[1.0, 3.0, 2.0, 0.0]]]).data
    array([[[3., 2.]]])
    """

    axes = 1


class MaxPool2d(_MaxPool):
    """The largest number of each window: whether a feature is anywhere in it.

    Parameters
    ----------
    kernel_size : the window's height and width, or one number for both.
    stride : how far windows are apart; as far as they are long where it is None.
    padding : on each side, of nothing; half of the window at most.
    dilation : how far the entries of a window are apart.
    ceil_mode : whether a window that reaches over the end counts.

    Called on shape (N, C, H, W), it gives as many maps of H' = (H + 2·padding − height) // stride
    + 1. Entries that tie share the gradient; in PyTorch the first one has it. Raises ShapeError (a
    ValueError) for another number of axes, or a window that does not fit.

    >>> import nn
    >>> nn.MaxPool2d(2)([[[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]]]).data
    array([[[[4., 5.]]]])
    """

    axes = 2


class MaxPool3d(_MaxPool):
    """The largest of each window in volumes: see `MaxPool2d`; input (N, C, D, H, W).

    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool3d(2)(np.zeros((1, 2, 4, 4, 6))).shape
    (1, 2, 2, 2, 3)
    """

    axes = 3


class AvgPool1d(_AvgPool):
    """The mean of each window along one axis: see `AvgPool2d`; input (N, C, T).

    >>> import nn
    >>> nn.AvgPool1d(2)([[[1.0, 3.0, 5.0, 7.0]]]).data
    array([[[2., 6.]]])
    """

    axes = 1


class AvgPool2d(_AvgPool):
    """The mean of each window.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode : as of `MaxPool2d`.
    count_include_pad : whether the zeros of the padding count among what is averaged.

    >>> import nn
    >>> nn.AvgPool2d(2)([[[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 4.0]]]]).data
    array([[[[2.5, 1. ]]]])
    """

    axes = 2


class AvgPool3d(_AvgPool):
    """The mean of each window in volumes: see `AvgPool2d`; input (N, C, D, H, W).

    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool3d(2, stride=1)(np.zeros((1, 2, 4, 4, 6))).shape
    (1, 2, 3, 3, 5)
    """

    axes = 3


class GlobalAvgPool(Module):
    """The mean of each map: (N, C, ...) to (N, C), whatever the size of the maps.

    Source: Lin, Chen, Yan, Network in network, 2014.

    >>> import nn
    >>> nn.GlobalAvgPool()([[[1.0, 3.0], [5.0, 5.0]]]).data
    array([[2., 5.]])
    """

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        if len(x.shape) < 3 or 0 in x.shape[2:]:
            raise ShapeError(f"{place(self)} expects maps (N, C, ...), received shape {x.shape}")
        return mean(x, axis=tuple(range(2, len(x.shape))))


class GlobalAvgPool2d(GlobalAvgPool):
    """`GlobalAvgPool` of images alone: (N, C, H, W) to (N, C).

    >>> import numpy as np
    >>> import nn
    >>> nn.GlobalAvgPool2d()(np.ones((2, 3, 4, 5))).shape
    (2, 3)
    """

    def forward(self, x: Any) -> Tensor:
        x = as_floats(x)
        return super().forward(images(x, None, x.dtype, self))


class FractionalMaxPool2d(Module):
    """The largest of windows whose distances are drawn: so that maps shrink by any factor, such as
    √2, and by other windows in each batch.

    Parameters
    ----------
    kernel_size : the window's height and width, or one number for both.
    output_size : height and width of the result; or
    output_ratio : what part of the input's, above 0 and below 1: one of the two.
    rng : a seed or a generator that the windows are drawn from; fresh entropy by default.

    While training, windows start at ⌊α(i + u)⌋ − ⌊αu⌋ with α = (n − k)/(m − 1) and the last at
    n − k, with one u from 0 to 1 an axis, drawn at every call, for n numbers, m windows of k. In
    evaluation u is ½. (PyTorch draws for each map, in evaluation, too.)

    Called on shape (N, C, H, W). Raises ShapeError (a ValueError) for another number of axes, and
    where the result would be larger than windows fit.

    Source: Graham, Fractional max-pooling, 2014.

    >>> import numpy as np
    >>> import nn
    >>> nn.FractionalMaxPool2d(2, output_ratio=0.7, rng=0)(np.zeros((1, 3, 20, 20))).shape
    (1, 3, 14, 14)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: float | tuple[float, float] | None = None,
        *,
        rng: Rng = None,
    ) -> None:
        owner = "FractionalMaxPool2d"
        self.kernel_size = per_axis(owner, "kernel_size", kernel_size, 2)
        if (output_size is None) == (output_ratio is None):
            raise OptionError(f"{owner} expects one of the two: output_size= or output_ratio=")
        self.output_size = (
            None if output_size is None else per_axis(owner, "output_size", output_size, 2)
        )
        self.output_ratio: Any = output_ratio
        if output_ratio is not None:
            several = isinstance(output_ratio, (tuple, list))
            ratios = tuple(
                real(owner, "output_ratio", part, 0.0, 1.0, below=True)
                for part in (output_ratio if several else [output_ratio])
            )
            if several and len(ratios) != 2:
                raise OptionError(f"{owner}: output_ratio must be one number, or two")
            self.output_ratio = ratios if several else ratios[0]
        self.rng = as_generator(rng)

    def _counts(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        if self.output_size is not None:
            counts = spread(self.output_size, 2)
        else:
            ratio = self.output_ratio
            ratios = ratio if isinstance(ratio, tuple) else (ratio, ratio)
            counts = tuple(int(n * part) for n, part in zip(shape, ratios, strict=True))
        for n, k, m in zip(shape, spread(self.kernel_size, 2), counts, strict=True):
            if not 1 <= m <= n - k + 1:
                raise ShapeError(
                    f"{place(self)} fits 1 to {max(n - k + 1, 0)} windows along {n} numbers, and "
                    f"should give {m}"
                )
        return counts

    def forward(self, x: Any) -> Tensor:
        x = as_floats(x)
        x = images(x, None, x.dtype, self)
        lengths = spread(self.kernel_size, 2)
        plans = [*zip(x.shape[2:], lengths, self._counts(x.shape[2:]), strict=True)]
        for axis, plan in enumerate(plans):
            x = self._along(x, axis + 2, *plan)
        return x

    def _along(self, x: Any, axis: int, n: int, k: int, m: int) -> Any:
        """The largest of windows along one axis; a window's largest is that of its rows."""
        rng = self.rng
        if self.training:
            places = sample(lambda: windows(rng.random(), n, k, m))
        else:
            places = windows(0.5, n, k, m)
        key = (slice(None),) * axis
        return largest(x[(*key, places)], axis=axis + 1)


def windows(u: float, n: int, k: int, m: int) -> np.ndarray:
    """The places of m windows of k entries each among n, shape (m, k)."""
    alpha = (n - k) / (m - 1) if m > 1 else 0.0
    starts = np.floor((np.arange(m) + u) * alpha) - np.floor(u * alpha)
    starts[-1] = n - k
    return starts.astype(np.intp)[:, None] + np.arange(k)
