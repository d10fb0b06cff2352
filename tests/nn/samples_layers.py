"""Samples of every layer and model, of three features: what all tests of layers look at."""

from __future__ import annotations

import numpy as np

import nn
from nn.layers.activations import MODULES


def normal(shape, rng, dtype):
    """An initialiser whose biases are not zero."""
    return rng.normal(size=shape).astype(dtype)


OPTIONS = {"initializer": normal, "bias_initializer": normal, "rng": 0, "dtype": np.float64}

RECURRENT = OPTIONS | {"recurrent_initializer": normal}


def along_time(layer):
    """A recurrent layer on the rows as the steps of one sequence."""
    return nn.Sequential(lambda x: x.reshape(1, -1, 3), layer, nn.LastStep())


def on_images(*layers):
    """Layers of images on three channels of 4 × 3 pixels, made of each row's products."""
    grid = np.linspace(-1.0, 1.0, 12).reshape(4, 3)
    return nn.Sequential(lambda x: x.reshape(-1, 3, 1, 1) * grid, *layers)


def on_maps(layer):
    """A layer of images on ones of three channels and two pixels."""
    return nn.Sequential(lambda x: x.reshape(-1, 3, 1, 1) * np.array([1.0, -0.3]), layer)


LAYERS = {
    **MODULES,
    "Linear": lambda: nn.Linear(3, 2, **OPTIONS),
    "Linear without bias": lambda: nn.Linear(3, 2, bias=False, **OPTIONS),
    "Maxout": lambda: nn.Maxout(3, 2, 3, **OPTIONS),
    "Maxout without bias": lambda: nn.Maxout(3, 2, bias=False, **OPTIONS),
    "Neuron": lambda: nn.Neuron(3, **OPTIONS),
    "DropConnect in use": lambda: nn.DropConnect(3, 2, p=0.4, **OPTIONS).eval(),
    "BatchNorm": lambda: nn.BatchNorm(3, dtype=np.float64),
    "BatchNorm in use": lambda: nn.BatchNorm(3, dtype=np.float64).eval(),
    "BatchNorm without affine map": lambda: nn.BatchNorm(3, affine=False, dtype=np.float64),
    "BatchNorm without averages": lambda: nn.BatchNorm(
        3, track_running_stats=False, dtype=np.float64
    ).eval(),
    "BatchNorm of another axis": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 3, 1), nn.BatchNorm(3, axis=1, dtype=np.float64)
    ),
    "BatchNorm of all batches": lambda: nn.BatchNorm(3, momentum=None, dtype=np.float64),
    "LayerNorm": lambda: nn.LayerNorm(3, dtype=np.float64),
    "LayerNorm without bias": lambda: nn.LayerNorm([3], 0.1, bias=False, dtype=np.float64),
    "LayerNorm of two axes": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 3, 1) * np.array([1.0, -0.3]),
        nn.LayerNorm((3, 2), affine=False, dtype=np.float64),
    ),
    "BatchNorm2d": lambda: on_maps(nn.BatchNorm2d(3, dtype=np.float64)),
    "Conv1d": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 1, 3), nn.Conv1d(1, 2, 2, padding=1, **OPTIONS)
    ),
    "Conv2d": lambda: on_images(nn.Conv2d(3, 2, 2, stride=(2, 1), **OPTIONS)),
    "Conv2d in groups": lambda: on_images(
        nn.Conv2d(3, 3, (3, 2), padding="same", groups=3, bias=False, **OPTIONS)
    ),
    "Conv3d": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 1, 1, 3, 1), nn.Conv3d(1, 2, (1, 2, 1), dilation=2, **OPTIONS)
    ),
    "ConvTranspose1d": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 3, 1), nn.ConvTranspose1d(3, 2, 3, padding=1, **OPTIONS)
    ),
    "ConvTranspose2d": lambda: on_maps(
        nn.ConvTranspose2d(3, 2, 2, stride=2, output_padding=1, **OPTIONS)
    ),
    "ConvTranspose3d": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 3, 1, 1, 1), nn.ConvTranspose3d(3, 1, (1, 2, 1), **OPTIONS)
    ),
    "pooling along an axis": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 1, 3), nn.MaxPool1d(2, 1), nn.AvgPool1d(2)
    ),
    "pooling of images": lambda: on_images(
        nn.AvgPool2d(2, 1, 1), nn.MaxPool2d(2, padding=1), nn.GlobalAvgPool2d()
    ),
    "pooling in volumes": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 1, 1, 3, 1), nn.AvgPool3d((1, 2, 1), 1), nn.MaxPool3d((1, 2, 1))
    ),
    "FractionalMaxPool2d in use": lambda: on_images(
        nn.FractionalMaxPool2d(2, output_size=(2, 2)).eval(), nn.GlobalAvgPool()
    ),
    "Reshape": lambda: nn.Reshape((1, -1)),
    "GroupNorm": lambda: on_maps(nn.GroupNorm(3, 3, dtype=np.float64)),
    "GroupNorm without affine map": lambda: on_maps(
        nn.GroupNorm(1, 3, 0.1, affine=False, dtype=np.float64)
    ),
    "Residual": lambda: nn.Residual(nn.Sequential(nn.Linear(3, 3, **OPTIONS), nn.Tanh())),
    "Residual with a shortcut": lambda: nn.Residual(
        nn.Linear(3, 2, **OPTIONS), nn.Linear(3, 2, bias=False, **OPTIONS)
    ),
    "StochasticDepth in use": lambda: nn.StochasticDepth(nn.Linear(3, 2, **OPTIONS)).eval(),
    "RNN": lambda: along_time(nn.RNN(3, 2, **RECURRENT)),
    "RNN of two layers": lambda: along_time(nn.RNN(3, 2, num_layers=2, bias=False, **RECURRENT)),
    "RNN in both directions": lambda: along_time(nn.RNN(3, 1, bidirectional=True, **RECURRENT)),
    "LSTM": lambda: along_time(nn.LSTM(3, 1, **RECURRENT)),
    "GRU": lambda: along_time(nn.GRU(3, 1, **RECURRENT)),
    "PositionalEncoding": lambda: nn.PositionalEncoding(3),
    "PReLU of the first axis": lambda: nn.Sequential(
        lambda x: x.reshape(-1, 3, 1), nn.PReLU(3, axis=1, dtype=np.float64)
    ),
    "Softplus": lambda: nn.Softplus(beta=0.5, threshold=100.0),
    "GELU": lambda: nn.GELU("tanh"),
    "PReLU of each feature": lambda: nn.PReLU(3, dtype=np.float64),
    "Flatten": lambda: nn.Flatten(),
    "MLP": lambda: nn.MLP(3, [4, 4], 2, activation="tanh", **OPTIONS),
    "Sequential": lambda: nn.Sequential(
        nn.Linear(3, 4, **OPTIONS), nn.Softplus(), nn.BatchNorm(4, dtype=np.float64), nn.Softmax()
    ),
    "Autoencoder": lambda: nn.Autoencoder(3, [2], **OPTIONS),
    "StackedAutoencoder": lambda: nn.StackedAutoencoder(3, [3, 2], **OPTIONS),
}
