"""Layers of images as sums and maxima over a window's places, with what pictures read of them."""

from __future__ import annotations

import numpy as np

import nn
from autograd import Tensor


class Convolution(nn.Module):
    def __init__(self, read, made, size, rng, padding=0):
        self.weight = Tensor(np.random.default_rng(rng).normal(size=(made, read, size, size)))
        self.padding = padding

    @property
    def window(self):
        return self.weight.shape[2:]

    def forward(self, x):
        size, pad = self.weight.shape[-1], self.padding
        x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)]) if pad else x
        h, w = (side - size + 1 for side in x.shape[2:])
        return sum(
            np.einsum("nchw,oc->nohw", x[:, :, i : i + h, j : j + w], self.weight[:, :, i, j])
            for i in range(size)
            for j in range(size)
        )


class Pool(nn.Module):
    window = (2, 2)

    def forward(self, x):
        n, channels, height, width = x.shape
        return x.reshape(n, channels, height // 2, 2, width // 2, 2).max(axis=(3, 5))


def lenet():
    """The numbers of maps and units of LeCun et al. 1998, from 28 × 28 pixels."""
    return nn.Sequential(
        Convolution(1, 6, 5, 0, padding=2), nn.ReLU(), Pool(), Convolution(6, 16, 5, 1), nn.ReLU(),
        Pool(), nn.Flatten(), nn.Linear(400, 120, rng=0), nn.ReLU(), nn.Linear(120, 84, rng=1),
        nn.ReLU(), nn.Linear(84, 10, rng=2),
    )  # fmt: skip
