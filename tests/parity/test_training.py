"""`nn.fit`, compiled, against PyTorch's eager loop, in float64: a hundred steps from the same
weights and batches, with every layer, every loss and every optimiser.

PyTorch is given the parameters as they are, weights of shape (in, out), and the networks written
out as functions of them.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it

import nn
from nn import optim

RNG = np.random.default_rng(3)
X = RNG.normal(size=(20, 4))
CLASSES = RNG.integers(3, size=20)
ROWS = RNG.dirichlet(np.ones(3), size=20)
NUMBERS = RNG.normal(size=(20, 3))
BITS = RNG.integers(2, size=(20, 3)).astype(float)
BATCH, EPOCHS = 5, 25  # 4 steps an epoch


def normal(shape, rng, dtype):
    """Weights and biases of a usual size, none of them zero."""
    return 0.5 * rng.normal(size=shape).astype(dtype)


OPTIONS = {"initializer": normal, "bias_initializer": normal, "dtype": np.float64}


def linear(inputs, outputs, rng=0):
    return nn.Linear(inputs, outputs, rng=rng, **OPTIONS)


def assert_alike(
    model, twin, *, X=X, y=CLASSES, loss="cross_entropy", their_loss=F.cross_entropy,
    optimizer=optim.SGD, their_optimizer=torch.optim.SGD, **settings,
):  # fmt: skip
    """Train both; `twin` is the model as a function of a batch and its parameters."""
    settings = settings or {"lr": 0.05, "momentum": 0.9}
    parameters = [torch.tensor(p.data, dtype=torch.float64) for p in model.parameters()]
    their_optimizer = their_optimizer([p.requires_grad_() for p in parameters], **settings)
    history = nn.fit(
        model, X, y, loss=loss, optimizer=optimizer(**settings), epochs=EPOCHS, batch_size=BATCH,
        shuffle=False,
    )  # fmt: skip
    assert not history.notes  # it was compiled
    x, target = torch.tensor(X), torch.tensor(y)
    for step in range(EPOCHS * len(X) // BATCH):
        rows = slice(BATCH * step % len(X), BATCH * step % len(X) + BATCH)
        their_optimizer.zero_grad()
        their_loss(twin(x[rows], *parameters), target[rows]).backward()
        their_optimizer.step()
    for p, q in zip(model.parameters(), parameters, strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-12, atol=1e-12)


# ---- layers


ACTIVATIONS = {
    "ReLU": (nn.ReLU, F.relu),
    "LeakyReLU": (lambda: nn.LeakyReLU(slope=0.1), lambda x: F.leaky_relu(x, 0.1)),
    "ELU": (nn.ELU, F.elu),
    "SELU": (nn.SELU, F.selu),
    "GELU": (nn.GELU, F.gelu),
    "Swish": (nn.Swish, F.silu),
    "Softplus": (nn.Softplus, lambda x: F.softplus(x, threshold=1000.0)),
    "Sigmoid": (nn.Sigmoid, torch.sigmoid),
    "Tanh": (nn.Tanh, torch.tanh),
    "Tanh, slope": (lambda: nn.Tanh(slope=1.0), lambda x: torch.tanh(x / 2)),
    "Softmax": (nn.Softmax, lambda x: torch.softmax(x, -1)),
    "LogSoftmax": (nn.LogSoftmax, lambda x: torch.log_softmax(x, -1)),
    "Identity": (nn.Identity, lambda x: x),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_between_linear_layers(name):
    ours, theirs = ACTIVATIONS[name]
    assert_alike(
        nn.Sequential(linear(4, 6), ours(), linear(6, 3, rng=1)),
        lambda x, w, b, v, c: theirs(x @ w + b) @ v + c,
    )


@pytest.mark.parametrize("features", [None, 6])
def test_prelu(features):
    assert_alike(
        nn.Sequential(linear(4, 6), nn.PReLU(features, dtype=np.float64), linear(6, 3, rng=1)),
        lambda x, w, b, slope, v, c: F.prelu(x @ w + b, slope.reshape(-1)) @ v + c,
    )


def test_maxout():
    assert_alike(
        nn.Sequential(nn.Maxout(4, 6, 3, rng=0, **OPTIONS), linear(6, 3, rng=1)),
        lambda x, w, b, v, c: (x @ w + b).amax(dim=0) @ v + c,
    )


def test_batch_normalisation():
    model = nn.Sequential(
        linear(4, 6), nn.BatchNorm(6, dtype=np.float64), nn.Tanh(), linear(6, 3, rng=1)
    )
    mean, var = torch.zeros(6).double(), torch.ones(6).double()

    def twin(x, w, b, gamma, beta, v, c):
        scaled = F.batch_norm(x @ w + b, mean, var, gamma, beta, training=True)
        return torch.tanh(scaled) @ v + c

    # At 0.05 batches of five grow rounding: PyTorch's own formula written out ends 1e-9 from it.
    assert_alike(model, twin, lr=0.01)
    norm = model.layers[1]
    np.testing.assert_allclose(norm.running_mean.data, mean, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(norm.running_var.data, var, rtol=1e-12, atol=1e-12)


def test_what_is_random_draws_one_mask_a_step():
    """PyTorch's generator is another one: it is handed what a generator of the same seed draws."""
    noise, masks, weights = (np.random.default_rng(seed) for seed in (5, 6, 7))
    model = nn.Sequential(
        nn.GaussianNoise(0.2, rng=5), linear(4, 6), nn.Tanh(), nn.Dropout(0.25, rng=6),
        nn.DropConnect(6, 3, p=0.25, rng=7, **OPTIONS),
    )  # fmt: skip
    for shape in ((6, 3), (3,)):
        weights.normal(size=shape)  # its first draws are the weights

    def kept(rng, shape):
        return torch.tensor((rng.random(shape, np.float32) >= 0.25) / 0.75)

    def twin(x, w, b, v, c):
        hidden = torch.tanh((x + torch.tensor(noise.normal(0.0, 0.2, x.shape))) @ w + b)
        return (hidden * kept(masks, hidden.shape)) @ (v * kept(weights, v.shape)) + c

    assert_alike(model, twin)


def test_a_neuron_on_flattened_images():
    assert_alike(
        nn.Sequential(nn.Flatten(), nn.Neuron(4, activation="identity", rng=0, **OPTIONS)),
        lambda x, w, b: x.reshape(len(x), -1) @ w + b,
        X=X.reshape(20, 2, 2), y=BITS[:, 0], loss="binary_cross_entropy",
        their_loss=F.binary_cross_entropy_with_logits,
    )  # fmt: skip


def test_an_autoencoder():
    assert_alike(
        nn.Autoencoder(4, [3, 2], rng=0, **OPTIONS),
        lambda x, w1, b1, w2, b2, w3, b3, w4, b4: (
            torch.sigmoid(torch.sigmoid(torch.sigmoid(x @ w1 + b1) @ w2 + b2) @ w3 + b3) @ w4 + b4
        ),
        y=X, loss="mse", their_loss=F.mse_loss,
    )  # fmt: skip


# ---- losses and optimisers


def mlp(scalar=False):
    return nn.MLP(4, [6], 3, activation="tanh", scalar=scalar, rng=0, **OPTIONS)


def mlp_twin(x, w, b, v, c):
    return torch.tanh(x @ w + b) @ v + c


LOSSES = {
    "cross_entropy": (CLASSES, F.cross_entropy),
    "cross_entropy, rows": (ROWS, F.cross_entropy),
    "binary_cross_entropy": (BITS, F.binary_cross_entropy_with_logits),
    "focal": (
        CLASSES,
        lambda x, t: ((1 - torch.softmax(x, 1)[range(len(t)), t]) ** 2
                      * F.cross_entropy(x, t, reduction="none")).mean(),
    ),
    "binary_focal": (
        BITS,
        lambda x, t: ((t - torch.sigmoid(x)).abs() ** 2
                      * F.binary_cross_entropy_with_logits(x, t, reduction="none")).mean(),
    ),
    "kl_divergence": (
        ROWS, lambda x, t: F.kl_div(torch.log_softmax(x, 1), t, reduction="batchmean"),
    ),
    "multiclass_hinge": (CLASSES, lambda x, t: 3 * F.multi_margin_loss(x, t)),
    "hinge": (2 * BITS - 1, lambda x, t: torch.clamp(1 - t * x, min=0).mean()),
    "mse": (NUMBERS, F.mse_loss),
    "half_sse": (NUMBERS, lambda x, t: 0.5 * ((x - t) ** 2).sum() / len(x)),
    "l1": (NUMBERS, F.l1_loss),
    "huber": (NUMBERS, F.huber_loss),
    "log_cosh": (NUMBERS, lambda x, t: torch.log(torch.cosh(x - t)).mean()),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name):
    y, theirs = LOSSES[name]
    assert_alike(mlp(), mlp_twin, y=y, loss=name.partition(",")[0], their_loss=theirs)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
        ("Adagrad", {"lr": 0.05}), ("RMSProp", {"lr": 0.01}), ("Adadelta", {"lr": 1.0}),
        ("Adam", {"lr": 0.01}), ("AdamW", {"lr": 0.01, "weight_decay": 0.1}),
        ("RAdam", {"lr": 0.01}),
    ],
)  # fmt: skip
def test_optimisers(name, settings):
    theirs = getattr(torch.optim, {"RMSProp": "RMSprop"}.get(name, name))
    assert_alike(
        mlp(), mlp_twin, optimizer=getattr(optim, name), their_optimizer=theirs, **settings
    )


def test_an_exponential_average_of_weights():
    layers = (linear(4, 5), nn.BatchNorm(5, dtype=float), nn.Tanh(), linear(5, 3, rng=1))
    model = nn.Sequential(*layers)
    theirs = torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.Tanh(), torch.nn.Linear(5, 3)
    ).double()
    with torch.no_grad():
        for p, q in zip(model.parameters(), theirs.parameters(), strict=True):
            q.copy_(torch.tensor(p.data.T))
    average = torch.optim.swa_utils.AveragedModel(
        theirs, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)
    )
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    nn.fit(
        model, X, CLASSES, loss="cross_entropy", optimizer=optim.SGD(lr=0.05, momentum=0.9),
        epochs=EPOCHS, batch_size=BATCH, shuffle=False, callbacks=[nn.EMA(0.9)],
    )  # fmt: skip
    x, y = torch.tensor(X), torch.tensor(CLASSES)
    for step in range(EPOCHS * len(X) // BATCH):
        rows = slice(BATCH * step % len(X), BATCH * step % len(X) + BATCH)
        optimizer.zero_grad()
        F.cross_entropy(theirs(x[rows]), y[rows]).backward()
        optimizer.step()
        average.update_parameters(theirs)
    average.eval()
    np.testing.assert_allclose(
        nn.predict(model, X), average(x).detach().numpy(), rtol=1e-10, atol=1e-12
    )
