"""Models in compiled functions: the bits of eager calls, in values, gradients and state."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn

SIZES = {"rng": 0, "dtype": np.float32}

MODELS = {
    "MLP": lambda: nn.MLP(3, [5, 4], 2, activation="gelu", **SIZES),
    "activations": lambda: nn.Sequential(
        nn.Linear(3, 4, **SIZES), nn.Swish(), nn.ELU(), nn.SELU(), nn.LeakyReLU(), nn.Softplus(),
        nn.Sigmoid(slope=2.0), nn.Tanh(slope=1.0), nn.PReLU(4), nn.LogSoftmax(), nn.Softmax(),
    ),
    "steps": lambda: nn.Sequential(nn.Linear(3, 4, **SIZES), nn.BipolarStep(), nn.Linear(4, 2)),
    "Maxout": lambda: nn.Sequential(nn.Maxout(3, 4, 3, **SIZES), nn.Maxout(4, 2, **SIZES)),
    "Neuron": lambda: nn.Neuron(3, **SIZES),
    "BatchNorm": lambda: nn.Sequential(nn.Linear(3, 4, **SIZES), nn.BatchNorm(4), nn.ReLU()),
    "BatchNorm in use": lambda: nn.Sequential(nn.BatchNorm(3), nn.Linear(3, 2, **SIZES)).eval(),
    "BatchNorm with options": lambda: nn.Sequential(
        nn.BatchNorm(3, momentum=None), nn.Linear(3, 4, **SIZES), nn.BatchNorm(4, affine=False),
        nn.BatchNorm(4, track_running_stats=False),
    ),
    "activations with options": lambda: nn.Sequential(
        nn.Linear(3, 4, **SIZES), nn.Softplus(2.0, 1.0), nn.GELU("tanh"), nn.PReLU(4, axis=1),
        nn.Flatten(0, 1),
    ),
    "noise": lambda: nn.Sequential(
        nn.GaussianNoise(0.1, rng=1), nn.Linear(3, 4, **SIZES), nn.Dropout(0.5, rng=2),
        nn.DropConnect(4, 2, rng=3),
    ),
    "Autoencoder": lambda: nn.Autoencoder(3, [2], corruption=nn.Dropout(0.2, rng=1), **SIZES),
    "normalised maps": lambda: nn.Sequential(
        nn.Linear(3, 8, **SIZES), lambda x: x.reshape(-1, 2, 2, 2), nn.BatchNorm2d(2),
        nn.GroupNorm(2, 2), nn.Dropout2d(0.3, rng=4),
        nn.Residual(nn.StochasticDepth(nn.Tanh(), 0.4, rng=5)),
    ),
    "convolutions": lambda: nn.Sequential(
        nn.Linear(3, 72, **SIZES), nn.Reshape((2, 6, 6)), nn.Conv2d(2, 4, 3, padding=1, rng=1),
        nn.ReLU(), nn.FractionalMaxPool2d(2, output_ratio=0.7, rng=6),
        nn.Conv2d(4, 4, 3, groups=2, rng=2), nn.MaxPool2d(2), nn.ConvTranspose2d(4, 2, 2, rng=3),
        nn.AvgPool2d(2), nn.Flatten(),
    ),
    "recurrent": lambda: nn.Sequential(
        nn.Linear(3, 4, **SIZES), lambda x: x.reshape(-1, 2, 4), nn.RNN(4, 4, **SIZES),
        lambda pair: pair[0], nn.GRU(4, 3, bidirectional=True, **SIZES), lambda pair: pair[0],
        nn.LSTM(6, 3, num_layers=2, dropout=0.2, **SIZES), nn.LastStep(),
    ),
    "PReLU": lambda: nn.Sequential(nn.Linear(3, 4, **SIZES), nn.PReLU()),
    "scalars": lambda: nn.MLP(3, [4], 1, activation="tanh", scalar=True, rng=0),
    "scalars with a threshold": lambda: nn.MLP(
        3, [4], 1, activation=nn.Softplus(2.0, 1.0), scalar=True, rng=0
    ),
    "scalars with a slope": lambda: nn.MLP(3, [4], 1, activation="prelu", scalar=True, rng=0),
}  # fmt: skip


def generators(model):
    return [m.rng for m in model.modules() if hasattr(m, "rng")]


def loss_of(model):
    def loss(x):
        out = model(x)
        return out * out if isinstance(x, list) else (out * out).mean()

    return loss


@pytest.mark.parametrize("name", MODELS)
def test_a_compiled_model_gives_the_bits_of_the_eager_one(name):
    eager, compiled = MODELS[name](), MODELS[name]()
    compiled.load_state_dict(eager.state_dict())
    fast = ag.compile(loss_of(compiled))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 3)).astype(np.float32)
    fast(x[0].tolist() if name.startswith("scalars") else x)  # records, and draws for that too
    compiled.load_state_dict(eager.state_dict())
    for model in (eager, compiled):
        for generator in generators(model):
            generator.bit_generator.state = np.random.default_rng(7).bit_generator.state
    for _ in range(3):
        x = rng.normal(size=(6, 3)).astype(np.float32)
        x = x[0].tolist() if name.startswith("scalars") else x
        loss = loss_of(eager)(x)
        assert np.asarray(fast(x)) == loss.data
        eager.zero_grad()
        compiled.zero_grad()
        loss.backward()
        fast.program.backward()
        for p, q in zip(eager.parameters(), compiled.parameters(), strict=True):
            np.testing.assert_array_equal(q.grad, p.grad)
        for key, value in eager.state_dict().items():
            np.testing.assert_array_equal(compiled.state_dict()[key], value)


SCALAR_ACTIVATIONS = [
    "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "swish", "softplus", "sigmoid", "tanh",
    "step", "bipolar_step",
]  # fmt: skip


@pytest.mark.parametrize("activation", SCALAR_ACTIVATIONS)
def test_a_scalar_model_of_every_activation_trains_compiled_as_eager(activation):
    x = np.random.default_rng(0).normal(size=(16, 2))
    losses = []
    for compiled in (True, False):
        model = nn.MLP(2, [8, 8], 1, activation=activation, scalar=True, rng=0)
        history = nn.fit(
            model, x, x[:, :1] > 0.0, loss="mse", optimizer=nn.optim.SGD(lr=0.1),
            epochs=3, batch_size=8, rng=0, compiled=compiled,
        )  # fmt: skip
        assert history.notes == []
        losses.append(history.history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-12)
