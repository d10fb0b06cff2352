"""Optimisers against PyTorch: a hundred steps in float64 from the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograd import Tensor
from nn import optim

OPTIONS = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.001, "maximize": True, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.05}),
    ("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.05, "amsgrad": True}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("Adam", {"lr": 0.05, "maximize": True}),
    ("AdamW", {"lr": 0.05}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True, "maximize": True}),
    ("RAdam", {"lr": 0.05}),
    ("RAdam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.05, "maximize": True}),
]
IDS = [f"{name}-{'-'.join(options)}" for name, options in OPTIONS]


def problem():
    """Inputs, targets and the weights of a network with one hidden layer of tanh."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 4)), rng.normal(size=(20, 3))
    shapes = ((4, 6), (6,), (6, 3), (3,))
    return x, y, [rng.normal(size=shape) * 0.5 for shape in shapes]


def ours(name, options, steps, groups=lambda ps: ps):
    x, y, weights = problem()
    parameters = [Tensor(w.copy()) for w in weights]
    optimizer = getattr(optim, name)(groups(parameters), **options)
    w1, b1, w2, b2 = parameters
    for _ in range(steps):
        optimizer.zero_grad()
        residual = np.tanh(x @ w1 + b1) @ w2 + b2 - y
        (residual * residual).mean().backward()
        optimizer.step()
    return [p.data for p in parameters]


def theirs(name, options, steps, groups=lambda ps: ps):
    x, y, weights = problem()
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    parameters = [torch.from_numpy(w.copy()).requires_grad_() for w in weights]
    optimizer = getattr(torch.optim, name)(groups(parameters), **options)
    w1, b1, w2, b2 = parameters
    for _ in range(steps):
        optimizer.zero_grad()
        residual = torch.tanh(x @ w1 + b1) @ w2 + b2 - y
        (residual * residual).mean().backward()
        optimizer.step()
    return [p.detach().numpy() for p in parameters]


def assert_same(found, expected):
    for ours_, theirs_ in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours_, theirs_, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=IDS)
def test_a_hundred_steps_end_at_the_same_weights(name, options):
    assert_same(ours(name, options, 100), theirs(name, options, 100))


def test_groups_have_their_own_settings():
    def groups(ps):
        return [
            {"params": ps[:2], "lr": 0.01, "betas": (0.8, 0.99)},
            {"params": ps[2:], "weight_decay": 0.1},
        ]

    options = {"lr": 0.05}
    assert_same(ours("Adam", options, 100, groups), theirs("Adam", options, 100, groups))
