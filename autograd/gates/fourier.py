"""Fourier transforms: the real and the imaginary part of a complex array are a pair of nodes.

Within a gate the two parts are one array whose last axis has them side by side, as complex numbers
lie in memory: so a pair is transformed by one call, and its gradient comes back by one more. Each
transform is linear, and the adjoint of one is another, of the opposite sign and norm: of a real
input the frequencies that stand for two (all but the first, and the middle one of an even length)
count half there, and twice for a real output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import DataError, OutOfRangeError, ShapeError
from autograd.gates.indexing import index
from autograd.gates.movement import roll
from autograd.gates.padding import pad
from autograd.gates.primitives import primitive
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.shapes import stack
from autograd.tensor import Tensor

__all__: list[str] = []  # known as ag.fft.<name>

Pair = tuple[Tensor, Tensor]
Axes = Sequence[int] | None
Lengths = Sequence[int] | None

OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}
"""Which norm the adjoint of a transform has."""

# ---- the gates, on parts side by side


def joined(z: Any) -> Any:
    """Complex numbers as their parts side by side, in the same memory."""
    z = np.ascontiguousarray(z)
    return z.view(z.real.dtype).reshape(*z.shape, 2)


def as_complex(parts: Any) -> Any:
    """Parts side by side as complex numbers."""
    kind = np.result_type(parts.dtype, np.complex64)
    return np.ascontiguousarray(parts, np.empty(0, kind).real.dtype).view(kind)[..., 0]


def weighed(parts: Any, axis: int, n: int, weight: float) -> Any:
    """Half a spectrum with a weight for each frequency that stands for itself and its negative."""
    weights = np.full(n // 2 + 1, weight, value_of(parts).dtype)
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    return parts * weights.reshape(-1, *(1,) * (np.ndim(parts) - 1 - axis))


def complex_vjp(g: Any, out: Any, parts: Any, axes: Any, norm: Any, inverse: bool) -> Any:
    """The opposite transform of g."""
    return apply_or_compute(_complex, g, axes=axes, norm=OPPOSITE[norm], inverse=not inverse)


def real_vjp(g: Any, out: Any, x: Any, **settings: Any) -> Any:
    """The real part of the opposite transform of g."""
    return complex_vjp(g, out, x, **settings)[..., 0]


def from_real_vjp(g: Any, out: Any, x: Any, axes: Any, norm: Any) -> Any:
    """The real opposite transform of g, with half of what stands for two frequencies."""
    n = np.shape(x)[axes[-1]]
    half = weighed(g, axes[-1], n, 0.5)
    return apply_or_compute(_to_real, half, n=n, axes=axes, norm=OPPOSITE[norm])


def to_real_vjp(g: Any, out: Any, parts: Any, n: int, axes: Any, norm: Any) -> Any:
    """The opposite transform of the real g, with twice what stands for two frequencies."""
    spectrum = apply_or_compute(_from_real, g, axes=axes, norm=OPPOSITE[norm])
    return weighed(spectrum, axes[-1], n, 2.0)


@primitive("fftn of pairs")
def fftn_of_pairs(parts: Any, axes: Any, norm: Any, inverse: bool) -> Any:
    return joined(_transform(inverse)(as_complex(parts), axes=axes, norm=norm))


def _transform(inverse: bool) -> Callable[..., Any]:
    return np.fft.ifftn if inverse else np.fft.fftn


@primitive("fftn to pairs")
def fftn_to_pairs(x: Any, axes: Any, norm: Any, inverse: bool) -> Any:
    return joined(_transform(inverse)(x, axes=axes, norm=norm))


@primitive("rfftn to pairs")
def rfftn_to_pairs(x: Any, axes: Any, norm: Any) -> Any:
    return joined(np.fft.rfftn(x, axes=axes, norm=norm))


@primitive("irfftn of pairs")
def irfftn_of_pairs(parts: Any, n: int, axes: Any, norm: Any) -> Any:
    z = as_complex(parts)
    return np.fft.irfftn(z, (*(z.shape[axis] for axis in axes[:-1]), n), axes, norm)


_complex: Gate = gate(
    fftn_of_pairs, name="fft.fftn", symbol="DFT", rule="F·a → Fᵀ·g", pattern="mixes",
    vjp=(complex_vjp,), linear="jointly",
)  # fmt: skip
_real = gate(
    fftn_to_pairs, name="fft.fftn of reals", symbol="DFT", rule="F·a → Fᵀ·g", pattern="mixes",
    vjp=(real_vjp,), linear="jointly",
)  # fmt: skip
_from_real: Gate = gate(
    rfftn_to_pairs, name="fft.rfftn", symbol="DFT", rule="F·a → Fᵀ·g", pattern="mixes",
    vjp=(from_real_vjp,), linear="jointly",
)  # fmt: skip
_to_real: Gate = gate(
    irfftn_of_pairs, name="fft.irfftn", symbol="DFT⁻¹", rule="F⁻¹·a → F⁻ᵀ·g", pattern="mixes",
    vjp=(to_real_vjp,), linear="jointly",
)  # fmt: skip


# ---- operands, axes and lengths


def _parts(function: str, given: tuple[Any, ...]) -> tuple[Any, Any] | None:
    """The real and the imaginary part that were given, alone or as a pair; None of real data."""
    if len(given) == 1:
        (x,) = given
        if isinstance(x, np.ndarray) and x.dtype.kind == "c":
            return x.real, x.imag
        if not isinstance(x, tuple):
            return None
        given = x
    if len(given) != 2:
        raise DataError(
            f"fft.{function} expects real data, or the pair (real part, imaginary part), and "
            f"received {len(given)} arrays"
        )
    re, im = given
    shapes = np.shape(value_of(re)), np.shape(value_of(im))
    if shapes[0] != shapes[1]:
        raise ShapeError(
            f"fft.{function} expects a real and an imaginary part of one shape and received "
            f"{shapes[0]} and {shapes[1]}: lengths and axes are given by name, as in n=8"
        )
    return re, im


def _cooked(
    function: str, shape: tuple[int, ...], s: Lengths, axes: Axes
) -> tuple[tuple[int, ...], list[int]]:
    """The axes, counted from the first, and what lengths are given for them; -1 for the present."""
    if axes is None:
        axes = range(len(shape)) if s is None else range(-len(s), 0)
    if not axes or any(not -len(shape) <= axis < len(shape) for axis in axes):
        raise OutOfRangeError(f"fft.{function}: there is no axes={tuple(axes)} in shape {shape}")
    counted = tuple(axis % len(shape) for axis in axes)
    lengths = [-1] * len(counted) if s is None else [-1 if n is None else int(n) for n in s]
    if len(lengths) != len(counted) or len({*counted}) != len(counted):
        raise ShapeError(
            f"fft.{function} expects different axes and a length for each, and received "
            f"axes={tuple(axes)} and {lengths}"
        )
    return counted, lengths


def _fitted(a: Any, axes: Sequence[int], lengths: Sequence[int]) -> Any:
    """Cut, or with zeros behind, to the lengths given."""
    shape = np.shape(value_of(a))
    for axis, n in zip(axes, lengths, strict=True):
        if n in (-1, shape[axis]):
            continue
        before = (slice(None),) * axis
        if n < shape[axis]:
            a = index(a, (*before, slice(max(n, 0))))
        else:
            a = pad(a, [(0, n - shape[axis] if k == axis else 0) for k in range(len(shape))])
    return a


def _apart(node: Tensor) -> Pair:
    return index(node, (..., 0)), index(node, (..., 1))


def _any(function: str, given: tuple[Any, ...], s: Lengths, axes: Axes, norm: Any) -> Pair:
    """A transform of a pair, or of real data."""
    parts = _parts(function, given)
    shape = np.shape(value_of(given[0] if parts is None else parts[0]))
    counted, lengths = _cooked(function, shape, s, axes)
    settings = {"axes": counted, "norm": norm, "inverse": function.startswith("i")}
    operand = given[0] if parts is None else stack(parts, -1)
    operand = _fitted(operand, counted, lengths)
    return _apart(apply(_real if parts is None else _complex, (operand,), settings))


def _half(function: str, x: Any, s: Lengths, axes: Axes, norm: Any) -> Pair:
    """Half the spectrum of real data."""
    if _parts(function, (x,)) is not None:
        raise DataError(f"fft.{function} expects real data and received a pair: write ag.fft.fft")
    counted, lengths = _cooked(function, np.shape(value_of(x)), s, axes)
    operand = _fitted(x, counted, lengths)
    return _apart(apply(_from_real, (operand,), {"axes": counted, "norm": norm}))


def _whole(function: str, given: tuple[Any, ...], s: Lengths, axes: Axes, norm: Any) -> Tensor:
    """Real data of half a spectrum."""
    parts = _parts(function, given) or (given[0], np.zeros_like(value_of(given[0])))
    shape = np.shape(value_of(parts[0]))
    counted, lengths = _cooked(function, shape, s, axes)
    present = shape[counted[-1]]
    n = 2 * (present - 1) if s is None else present if lengths[-1] == -1 else lengths[-1]
    operand = _fitted(stack(parts, -1), counted, [*lengths[:-1], n // 2 + 1])
    return apply(_to_real, (operand,), {"n": n, "axes": counted, "norm": norm})


def _one(n: int | None) -> Lengths:
    """The length along one axis."""
    if n is None:
        return None
    if not isinstance(n, (int, np.integer)) or n < 1:
        raise ShapeError(f"ag.fft expects n=... of 1 or more entries and received {n!r}")
    return (int(n),)


# ---- of one axis


def rfft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Pair:
    """The frequencies 0 to n // 2 of real data, as (real part, imaginary part).

    Parameters
    ----------
    x : real; its transform along `axis` has n // 2 + 1 entries there.
    n : how much of it is read, with zeros behind where it is shorter; all of it where None.
    norm : "backward" (the inverse is divided by n), "ortho" (both by √n) or "forward".

    Raises
    ------
    ShapeError (a ValueError): no entries, or an axis or a norm that there is not.

    Examples
    --------
    >>> import autograd as ag
    >>> import numpy as np
    >>> x = ag.Tensor([1.0, 2.0, 4.0, 3.0])
    >>> re, im = ag.fft.rfft(x)
    >>> re.data, im.data
    (array([10., -3.,  0.]), array([0., 1., 0.]))
    >>> np.sum(re**2 + im**2).backward()  # the energy
    >>> x.grad
    array([14., 18., 26., 22.])
    """
    return _half("rfft", x, _one(n), (axis,), norm)


def irfft(*parts: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The real data of which a half spectrum is given: ``irfft((re, im), n=...)``.

    `n` is how long they are, by default 2·(m - 1) for m frequencies: give it where it is odd. The
    imaginary part of the first frequency, and of the middle one of an even length, is not read.

    >>> import autograd as ag
    >>> ag.fft.irfft(ag.fft.rfft(ag.Tensor([1.0, 2.0, 6.0])), n=3).data
    array([1., 2., 6.])
    """
    return _whole("irfft", parts, _one(n), (axis,), norm)


def fft(*parts: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Pair:
    """All frequencies of real data or of a pair (real part, imaginary part), as such a pair.

    >>> import autograd as ag
    >>> re, im = ag.fft.fft(ag.Tensor([1.0, 2.0, 4.0, 3.0]))
    >>> re.data, im.data
    (array([10., -3.,  0., -3.]), array([ 0.,  1.,  0., -1.]))
    """
    return _any("fft", parts, _one(n), (axis,), norm)


def ifft(*parts: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Pair:
    """The inverse of `fft`: ``ifft((re, im))`` or ``ifft(re, im)``.

    >>> import autograd as ag
    >>> re, im = ag.fft.ifft(ag.fft.fft(ag.Tensor([1.0, 2.0, 4.0, 3.0])))
    >>> re.data
    array([1., 2., 4., 3.])
    """
    return _any("ifft", parts, _one(n), (axis,), norm)


# ---- of several axes


def rfftn(x: Any, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Pair:
    """`rfft` along the last of `axes`, `fft` along the others; `s` gives the lengths.

    >>> import autograd as ag
    >>> re, im = ag.fft.rfftn(ag.Tensor([[1.0, 2.0], [3.0, 5.0]]))
    >>> re.data
    array([[11., -3.],
           [-5.,  1.]])
    """
    return _half("rfftn", x, s, axes, norm)


def rfft2(x: Any, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None) -> Pair:
    """`rfftn` of the last two axes.

    >>> import autograd as ag
    >>> ag.fft.rfft2(ag.Tensor([[1.0, 2.0], [3.0, 5.0]]))[0].shape
    (2, 2)
    """
    return _half("rfft2", x, s, axes, norm)


def irfftn(*parts: Any, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Tensor:
    """The inverse of `rfftn`: `s` gives the lengths, and the last is 2·(m - 1) without.

    >>> import autograd as ag
    >>> ag.fft.irfftn(ag.fft.rfftn(ag.Tensor([[1.0, 2.0], [3.0, 5.0]]))).data
    array([[1., 2.],
           [3., 5.]])
    """
    return _whole("irfftn", parts, s, axes, norm)


def irfft2(
    *parts: Any, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None
) -> Tensor:
    """`irfftn` of the last two axes."""
    return _whole("irfft2", parts, s, axes, norm)


def fftn(*parts: Any, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Pair:
    """`fft` along several axes, all of them where none are named.

    >>> import autograd as ag
    >>> re, im = ag.fft.fftn(ag.Tensor([[1.0, 2.0], [3.0, 5.0]]))
    >>> re.data
    array([[11., -3.],
           [-5.,  1.]])
    """
    return _any("fftn", parts, s, axes, norm)


def fft2(*parts: Any, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None) -> Pair:
    """`fftn` of the last two axes."""
    return _any("fft2", parts, s, axes, norm)


def ifftn(*parts: Any, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Pair:
    """The inverse of `fftn`."""
    return _any("ifftn", parts, s, axes, norm)


def ifft2(*parts: Any, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None) -> Pair:
    """`ifftn` of the last two axes."""
    return _any("ifft2", parts, s, axes, norm)


# ---- the order of frequencies


def _shifted(x: Any, axes: Any, back: bool) -> Any:
    if isinstance(x, tuple):
        return tuple(_shifted(part, axes, back) for part in x)
    shape = np.shape(value_of(x))
    along = range(len(shape))
    if axes is not None:
        along, _ = _cooked("fftshift", shape, None, np.ravel(axes).tolist())
    return roll(x, [-(shape[k] // 2) if back else shape[k] // 2 for k in along], tuple(along))


def fftshift(x: Any, axes: Any = None) -> Any:
    """The frequency 0 moved to the middle, of an array or of each part of a pair.

    >>> import autograd as ag
    >>> ag.fft.fftshift(ag.Tensor([0.0, 1.0, 2.0, -2.0, -1.0])).data
    array([-2., -1.,  0.,  1.,  2.])
    """
    return _shifted(x, axes, False)


def ifftshift(x: Any, axes: Any = None) -> Any:
    """The inverse of `fftshift`; another function where a length is odd.

    >>> import autograd as ag
    >>> ag.fft.ifftshift(ag.Tensor([-2.0, -1.0, 0.0, 1.0, 2.0])).data
    array([ 0.,  1.,  2., -2., -1.])
    """
    return _shifted(x, axes, True)


NUMPY = {np.fft.fftshift: fftshift, np.fft.ifftshift: ifftshift}
METHODS: dict[str, Any] = {}
