"""Fourier transforms by NumPy's names, of real nodes: complex numbers are pairs (real, imaginary).

Where NumPy gives a complex array, a function here gives the pair of its parts, and where NumPy
takes one, it takes such a pair, as one argument or as two; lengths, axes and norms are given by
name there. What has no derivative is NumPy's own function.

>>> import autograd as ag
>>> x = ag.Tensor([1.0, 2.0, 4.0, 3.0])
>>> re, im = ag.fft.rfft(x)
>>> ag.fft.irfft((re, im)).data, ag.fft.rfftfreq(4)
(array([1., 2., 4., 3.]), array([0.  , 0.25, 0.5 ]))
"""

import sys
from typing import Any

import numpy as np

from autograd.gates.fourier import (
    fft,
    fft2,
    fftn,
    fftshift,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)
from autograd.keywords import guarded

__all__ = [
    "fft", "fft2", "fftn", "fftshift", "ifft", "ifft2", "ifftn", "ifftshift", "irfft", "irfft2",
    "irfftn", "rfft", "rfft2", "rfftn",
]  # fmt: skip


globals().update({name: guarded(globals()[name], f"ag.fft.{name}") for name in __all__})


def __getattr__(name: str) -> Any:
    if name.startswith("_") or not hasattr(np.fft, name):
        from autograd.foreign import FFT, missing

        raise missing(sys.modules[__name__], name, FFT)
    return getattr(np.fft, name)


def __dir__() -> list[str]:
    return sorted({*__all__, "fftfreq", "rfftfreq"})
