"""Optimisers against PyTorch: a hundred steps in float64 from the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import optim_db

from autograd import Tensor
from nn import optim

THEIR_NAMES = {"RMSProp": "RMSprop"}
OPTIONS = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.001, "maximize": True, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.05}),
    ("Adagrad", {"lr": 0.05, "lr_decay": 0.01, "weight_decay": 0.1, "eps": 1e-3}),
    ("Adagrad", {"lr": 0.05, "initial_accumulator_value": 0.5, "maximize": True}),
    ("RMSProp", {"lr": 0.01}),
    ("RMSProp", {"lr": 0.01, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.1}),
    ("RMSProp", {"lr": 0.01, "centered": True}),
    ("RMSProp", {"lr": 0.001, "momentum": 0.9}),
    ("RMSProp", {"lr": 0.001, "momentum": 0.9, "centered": True, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    ("Adadelta", {"lr": 0.1, "maximize": True}),
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


def sampled():
    """Every option of PyTorch's own list of samples that is one of ours; the others choose how it
    computes."""
    how = {"foreach", "fused", "differentiable", "capturable"}
    ours = {"SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW", "RAdam"}
    for info in optim_db:
        name = info.optim_cls.__name__
        if name in ours:
            for sample in info.optim_inputs_func("cpu"):
                options = {k: v for k, v in sample.kwargs.items() if k not in how}
                yield pytest.param(
                    {v: k for k, v in THEIR_NAMES.items()}.get(name, name), options,
                    id=f"{name}: {sample.desc}",
                )  # fmt: skip


def plain(options):
    """Without Tensors: a rate that is one is a number to us."""
    return {k: v.item() if isinstance(v, torch.Tensor) else v for k, v in options.items()}


def problem():
    """Inputs, targets and the weights of a network with one hidden layer of tanh."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 4)), rng.normal(size=(20, 3))
    shapes = ((4, 6), (6,), (6, 3), (3,))
    return x, y, [rng.normal(size=shape) * 0.5 for shape in shapes]


def batch(step):
    """Five rows, other ones each time: without noise, centered variances would vanish."""
    return slice(5 * (step % 4), 5 * (step % 4) + 5)


def ours(name, options, steps, groups=lambda ps: ps):
    x, y, weights = problem()
    parameters = [Tensor(w.copy()) for w in weights]
    optimizer = getattr(optim, name)(groups(parameters), **options)
    w1, b1, w2, b2 = parameters
    for step in range(steps):
        rows = batch(step)
        optimizer.zero_grad()
        residual = np.tanh(x[rows] @ w1 + b1) @ w2 + b2 - y[rows]
        (residual * residual).mean().backward()
        optimizer.step()
    return [p.data for p in parameters]


def theirs(name, options, steps, groups=lambda ps: ps):
    x, y, weights = problem()
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    parameters = [torch.from_numpy(w.copy()).requires_grad_() for w in weights]
    optimizer = getattr(torch.optim, THEIR_NAMES.get(name, name))(groups(parameters), **options)
    w1, b1, w2, b2 = parameters
    for step in range(steps):
        rows = batch(step)
        optimizer.zero_grad()
        residual = torch.tanh(x[rows] @ w1 + b1) @ w2 + b2 - y[rows]
        (residual * residual).mean().backward()
        optimizer.step()
    return [p.detach().numpy() for p in parameters]


def assert_same(found, expected):
    for ours_, theirs_ in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours_, theirs_, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=IDS)
def test_a_hundred_steps_end_at_the_same_weights(name, options):
    assert_same(ours(name, options, 100), theirs(name, options, 100))


@pytest.mark.parametrize(("name", "options"), [*sampled()])
def test_every_sample_of_pytorchs_own_list(name, options):
    assert_same(ours(name, plain(options), 100), theirs(name, options, 100))


def test_groups_have_their_own_settings():
    def groups(ps):
        return [
            {"params": ps[:2], "lr": 0.01, "betas": (0.8, 0.99)},
            {"params": ps[2:], "weight_decay": 0.1},
        ]

    options = {"lr": 0.05}
    assert_same(ours("Adam", options, 100, groups), theirs("Adam", options, 100, groups))


def test_gradients_are_clipped_alike():
    rng = np.random.default_rng(0)
    gradients = [rng.normal(size=shape) * 10.0 for shape in ((4, 6), (6,))]
    mine = [Tensor(np.zeros_like(g)) for g in gradients]
    others = [torch.zeros(g.shape, dtype=torch.float64) for g in gradients]
    for p, q, g in zip(mine, others, gradients, strict=True):
        p.grad, q.grad = g.copy(), torch.from_numpy(g.copy())
    norm = optim.clip_grad_norm(mine, 3.0)
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(others, 3.0).item(), rel=1e-13)
    assert_same([p.grad for p in mine], [q.grad.numpy() for q in others])
    optim.clip_grad_value(mine, 0.1)
    torch.nn.utils.clip_grad_value_(others, 0.1)
    assert_same([p.grad for p in mine], [q.grad.numpy() for q in others])


@pytest.mark.parametrize(
    ("schedule", "reference"),
    [
        (
            optim.schedules.StepDecay(0.1, step_size=4, gamma=0.5),
            lambda o: torch.optim.lr_scheduler.StepLR(o, 4, 0.5),
        ),
        (
            optim.schedules.Exponential(0.1, gamma=0.9),
            lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
        ),
        (
            optim.schedules.Cosine(0.1, steps=20, min_lr=0.01),
            lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 20, 0.01),
        ),
    ],
    ids=["step", "exponential", "cosine"],
)
def test_schedules(schedule, reference):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = reference(optimizer)
    for epoch in range(21):
        assert schedule(epoch) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12)
        optimizer.step()
        scheduler.step()


def test_a_plateau_reduces_at_the_same_epochs():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    options = {"factor": 0.5, "patience": 2, "threshold": 0.01, "cooldown": 1}
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
    schedule = optim.schedules.ReduceOnPlateau(0.1, **options)
    for loss in np.random.default_rng(0).random(60) + 1.0:
        scheduler.step(loss)
        assert schedule.observe(loss) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12)
