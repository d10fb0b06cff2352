"""A step of training as one program: the bits of eager ones, whatever callbacks do to it."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import optim

RNG = np.random.default_rng(3)
Y = RNG.integers(3, size=50)
X = (RNG.normal(size=(50, 3)) + 2.0 * np.eye(3)[Y]).astype(np.float32)

OPTIMIZERS = {
    "SGD": lambda: optim.SGD(lr=0.1),
    "momentum": lambda: optim.SGD(lr=0.1, momentum=0.9, dampening=0.5, weight_decay=1e-3),
    "nesterov": lambda: optim.SGD(lr=0.1, momentum=0.9, nesterov=True),
    "maximize": lambda: optim.SGD(lr=0.01, maximize=True),
    "Adagrad": lambda: optim.Adagrad(lr=0.1, lr_decay=0.1),
    "RMSProp": lambda: optim.RMSProp(momentum=0.5, centered=True),
    "Adadelta": lambda: optim.Adadelta(),
    "Adam": lambda: optim.Adam(amsgrad=True),
    "AdamW": lambda: optim.AdamW(weight_decay=0.1),
    "RAdam": lambda: optim.RAdam(),
    "Lion": lambda: optim.Lion(weight_decay=0.1),
    "clipped": lambda: optim.Adam(clip_norm=0.1),
}


def network(**options):
    return nn.Sequential(
        nn.Linear(3, 8, rng=0), nn.BatchNorm(8), nn.ReLU(), nn.Dropout(0.2, rng=1),
        nn.Linear(8, 3, rng=2),
    )  # fmt: skip


def trained(compiled, optimizer, model=None, **options):
    """The model, what the optimiser keeps, and the history's numbers."""
    model = network() if model is None else model
    options = {"epochs": 4, "batch_size": 16, "metrics": ["accuracy"], "rng": 0} | options
    history = nn.fit(
        model, X, Y, loss="cross_entropy", optimizer=optimizer, compiled=compiled, **options
    )
    numbers = {k: v for k, v in history.history.items() if k != "epoch_seconds"}
    return model, optimizer.state_dict(), (numbers, history.notes)


def assert_same(make, **options):
    expected, found = (trained(compiled, **make(), **options) for compiled in (False, True))
    np.testing.assert_equal(found[0].state_dict(), expected[0].state_dict())
    np.testing.assert_equal(found[1:], expected[1:])
    for mine, theirs in zip(found[0].parameters(), expected[0].parameters(), strict=True):
        np.testing.assert_equal(mine.grad, theirs.grad)


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_weights_moments_and_gradients_are_eager_ones_to_the_bit(make):
    assert_same(lambda: {"optimizer": make()})


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_update_is_a_part_of_the_program(make, monkeypatch):
    optimizer, stepped = make(), []
    step = type(optimizer).step
    monkeypatch.setattr(optim.Optimizer, "step", lambda self: stepped.append(step(self)))
    trained(True, optimizer)
    assert len(stepped) == (16 if optimizer.clip_norm else 0)


@pytest.mark.slow
@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_settings_that_change_at_each_step_hold(make):
    """Also such that change what a rule does, and not only its numbers."""

    class Change(nn.Callback):
        def before_batch(self, run):
            run.optimizer.lr = 0.1 / (1 + run.steps)
            group = run.optimizer.param_groups[0]
            group["weight_decay"] = (0.0, 0.01)[run.steps // 3 % 2]
            if "momentum" in group and not group.get("nesterov"):
                group["momentum"] = (0.0, 0.5, 0.7)[run.steps // 5 % 3]
            if run.steps == 13:
                run.optimizer.clip_norm = 0.1

    assert_same(lambda: {"optimizer": make()}, callbacks=[Change()])


def test_groups_have_their_own_settings():
    def make():
        model = network()
        *others, last = model.parameters()
        groups = [{"params": others}, {"params": [last], "lr": 0.5, "momentum": 0.9}]
        return {"model": model, "optimizer": optim.SGD(groups, lr=0.1)}

    assert_same(make)


def test_an_optimiser_that_goes_on_from_another_state_in_the_middle():
    class Back(nn.Callback):
        def end_epoch(self, run, epoch, logs):
            if epoch == 0:
                self.kept = run.optimizer.state_dict()
            if epoch == 2:
                run.optimizer.load_state_dict(self.kept)

    assert_same(lambda: {"optimizer": optim.Adam(lr=0.01), "callbacks": [Back()]})


class Idle(nn.Module):
    """A layer, and another that nothing is computed with."""

    def __init__(self):
        self.used, self.idle = nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1)

    def forward(self, x):
        return self.used(x)


def test_a_parameter_without_gradient_is_left_alone():
    assert_same(lambda: {"model": Idle(), "optimizer": optim.Adam()})
    model, state, (_, notes) = trained(True, optim.Adam(), Idle())
    assert [entry["step"] for entry in state["state"]] == [16, 16, 0, 0]
    assert not notes
    assert model.idle.weight.grad is None


def test_parameters_in_memory_that_cannot_be_written():
    def make():
        model = nn.Linear(3, 3, rng=0)
        for parameter in model.parameters():
            parameter.data.flags.writeable = False
        return {"model": model, "optimizer": optim.SGD(lr=0.1)}

    assert_same(make)


def test_parameters_that_a_callback_puts_into_such_memory():
    class Put(nn.Callback):
        def begin_epoch(self, run):
            for parameter in run.model.parameters():
                values = parameter.data * np.float32(0.5)
                values.flags.writeable = False
                parameter.data = values

    def make():
        return {"model": nn.Linear(3, 3, rng=0), "optimizer": optim.SGD(lr=0.1)}

    assert_same(make, callbacks=[Put()])


def test_parameters_that_share_memory_are_stepped_one_after_another():
    class Twice(nn.Module):
        def __init__(self):
            weight = np.full((3, 3), 0.1, np.float32)
            self.first, self.second = Tensor(weight), Tensor(weight)

        def forward(self, x):
            return x @ self.first + x @ self.second

    assert_same(lambda: {"model": Twice(), "optimizer": optim.SGD(lr=0.01)})


def test_gradients_that_a_callback_keeps_stay_as_they_were():
    model = network()
    kept: list[np.ndarray] = []
    shown: list[np.ndarray] = []

    class Keep(nn.Callback):
        def after_batch(self, run, logs):
            gradient = model.parameters()[0].grad
            kept.append(gradient)
            shown.append(gradient.copy())

    trained(True, optim.SGD(lr=0.1), model, callbacks=[Keep()])
    np.testing.assert_equal(kept, shown)
    assert not np.array_equal(kept[0], kept[1])


def test_an_optimiser_of_ones_own_is_asked_for_its_own_step():
    class Counting(optim.SGD):
        steps = 0

        def step(self):
            self.steps += 1
            super().step()

    optimizer = Counting(lr=0.1)
    trained(True, optimizer)
    assert optimizer.steps == 16
