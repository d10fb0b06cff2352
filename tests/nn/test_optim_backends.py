"""Optimisers by loops that Numba compiles, and on several threads: the bits of NumPy's calls."""

from __future__ import annotations

import copy
import pickle
import sys
from importlib.util import find_spec
from typing import ClassVar

import numpy as np
import pytest

import nn
from autograd import DataError, DependencyError, Tensor
from nn import optim

EVERY_KIND = {
    **{kind: {} for kind in optim.KINDS.values()},
    optim.SGD: {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    optim.RMSProp: {"momentum": 0.9, "centered": True, "eps_inside": True},
    optim.Adadelta: {"weight_decay": 0.1, "maximize": True},
    optim.Adam: {"amsgrad": True},
    optim.Lion: {"weight_decay": 0.1, "maximize": True},
}
"""With settings that lead through most of each rule; every loop is compiled once."""

numba = pytest.param(
    {"backend": "numba", "threads": 2},
    marks=pytest.mark.skipif(not find_spec("numba"), reason="needs the extra jit"),
    id="numba",
)
threads = pytest.param({"threads": 3}, id="threads")

SHARED = 1 << 18
"""Numbers of an array from which on threads share it."""


def starts(dtype=np.float32):
    """Arrays small and large, in several layouts, of which loops step some."""
    rng = np.random.default_rng(0)
    shapes = [(SHARED + 5,), (70_000,), (300, 10), (40, 3), (), (0,), (3,)]
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    arrays += [np.asfortranarray(rng.normal(size=(600, 70)).astype(dtype))]
    arrays += [rng.normal(size=(50, 100)).astype(dtype)[:, ::2]]
    return [*arrays, rng.normal(size=3000).astype(np.float16)]


def trained(kind, begin, steps=7, **options):
    """The parameters after some steps, of which one goes without a gradient once."""
    parameters = [
        Tensor(float(start) if type(start) is np.float64 else start.copy(order="K"))
        for start in begin
    ]
    optimizer = kind(parameters, lr=0.1, **options)
    rng = np.random.default_rng(1)
    for step in range(steps):
        for p in parameters:
            entries = rng.normal(size=p.shape) * (rng.random(p.shape) < 0.9)
            entries = np.asarray(entries).astype(p.dtype)
            p.grad = float(entries) if type(p.data) is float else entries
        if step == 2:
            parameters[1].grad = None
        optimizer.step()
    return parameters, optimizer


def bits(parameters, optimizer):
    values = [np.asarray(p.data) for p in parameters]
    for entry in optimizer.state_dict()["state"]:
        values += [np.asarray(value) for value in entry.values()]
    return [(value.dtype, value.shape, value.tobytes()) for value in values]


@pytest.mark.slow
@pytest.mark.parametrize("running", [numba, threads])
@pytest.mark.parametrize(("kind", "options"), EVERY_KIND.items())
def test_every_rule_has_the_bits_of_numpys_calls(kind, options, running):
    begin = starts()
    expected = bits(*trained(kind, begin, **options))
    assert bits(*trained(kind, begin, **options, **running)) == expected


@pytest.mark.parametrize("running", [numba, threads])
def test_double_precision_and_scalar_nodes_too(running):
    begin = [*starts(np.float64)[:-1], *np.random.default_rng(2).normal(size=5)]
    expected = bits(*trained(optim.Adam, begin))
    assert bits(*trained(optim.Adam, begin, **running)) == expected


@pytest.mark.parametrize("running", [numba, threads])
def test_extreme_numbers_too(running):
    """Infinities, nan, zeros of both signs, and what is too small for a square."""
    values = np.array([0.0, -0.0, 1e-30, -1e-30, 1e30, np.inf, -np.inf, np.nan, 1e-45], np.float32)
    for kind, settings in EVERY_KIND.items():
        found = []
        for options in ({}, running):
            p = Tensor(np.tile(values, 1000))
            optimizer = kind([p], lr=0.1, **settings, **options)
            for _ in range(3):
                p.grad = np.repeat(values, 1000)
                optimizer.step()
            found.append(p.data)
        np.testing.assert_array_equal(*found)
        np.testing.assert_array_equal(*map(np.signbit, (a[~np.isnan(a)] for a in found)))


@pytest.mark.parametrize("running", [numba, threads])
def test_settings_that_change_are_read_at_each_step(running):
    found = []
    for options in ({}, running):
        p = Tensor(np.linspace(-1.0, 1.0, SHARED, dtype=np.float32))
        optimizer = optim.Adam([p], lr=0.1, **options)
        for lr, decay in ((0.1, 0.0), (0.01, 0.0), (0.01, 0.3), (0.5, 0.1)):
            optimizer.lr = lr
            optimizer.param_groups[0]["weight_decay"] = decay
            p.grad = np.cos(p.data)
            optimizer.step()
        found.append(p.data.tobytes())
    assert found[0] == found[1]


@pytest.mark.parametrize("running", [numba, threads])
@pytest.mark.parametrize(
    "copied",
    [
        copy.deepcopy,
        lambda pair: pickle.loads(pickle.dumps(pair)),
    ],
)
def test_copies_go_on_in_the_same_way(copied, running):
    p = Tensor(np.linspace(-1.0, 1.0, SHARED, dtype=np.float32))
    optimizer = optim.Adam([p], lr=0.1, **running)
    p.grad = np.cos(p.data)
    optimizer.step()
    q, other = copied((p, optimizer))
    for leaf, one in ((p, optimizer), (q, other)):
        leaf.grad = np.cos(leaf.data)
        one.step()
    assert q.data.tobytes() == p.data.tobytes()


def test_a_state_loaded_in_another_order_of_axes_goes_on():
    start = np.random.default_rng(0).normal(size=(600, 700))
    parameters = [Tensor(start.copy()) for _ in range(2)]
    one, other = (optim.Adam([p], lr=0.1) for p in parameters)
    for round in range(3):
        for p, optimizer in zip(parameters, (one, other), strict=True):
            p.grad = np.sin(p.data)
            optimizer.step()
        if round == 0:
            state = one.state_dict()
            entry = state["state"][0]
            state["state"][0] = {
                name: np.asfortranarray(value) if name != "step" else value
                for name, value in entry.items()
            }
            other.load_state_dict(state)
    found = [optimizer.state_dict()["state"][0]["sum"] for optimizer in (one, other)]
    np.testing.assert_array_equal(*found)
    np.testing.assert_array_equal(*(p.data for p in parameters))


class Normed(optim.Optimizer):
    """A rule that is not entry by entry."""

    CHECKS: ClassVar = optim.Optimizer.CHECKS

    def __init__(self, params=None, lr=0.1, clip_norm=None, clip_value=None, backend="numpy",
                 threads=None):  # fmt: skip
        super().__init__(params, locals())

    def state_names(self, settings):
        return {}

    def rule(self, steps, settings, typed):
        def descend(p, g, s, t, u):
            np.subtract(p, np.divide(g, np.linalg.norm(g)) * 0.5, p)

        return descend


@pytest.mark.skipif(not find_spec("numba"), reason="needs the extra jit")
def test_a_rule_that_is_no_loop_is_refused_at_once():
    p = Tensor(np.ones(3))
    with pytest.raises(optim.OptimizerError, match=r"Normed: .*the rule needs np\.linalg\.norm"):
        Normed([p], backend="numba")
    optimizer = Normed(backend="numba")
    with pytest.raises(optim.OptimizerError, match="leave backend out"):
        optimizer.bind([p])
    assert optimizer.parameters == []
    p.grad = np.ones(3)
    Normed([p]).step()


class Watch(nn.Callback):
    """Notes what steps the parameters."""

    def __init__(self):
        self.seen = set()

    def after_batch(self, run, logs):
        self.seen.add(run.optimizer.engine.backend)


def seen_in_training(optimizer, **options):
    """What stepped a model in a training by Numba, and what does afterwards."""
    model, watch = nn.MLP(2, [128, 128], 2, activation="tanh", rng=0), Watch()
    before = [p.data.copy() for p in model.parameters()]
    rng = np.random.default_rng(0)
    nn.fit(
        model, rng.normal(size=(8, 2)), rng.integers(2, size=8), loss="cross_entropy",
        optimizer=optimizer, batch_size=4, callbacks=[watch], backend="numba", rng=0, **options,
    )  # fmt: skip
    assert not any(map(np.array_equal, before, (p.data for p in model.parameters())))
    return watch.seen, optimizer.engine.backend


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("numba"), reason="needs the extra jit")
def test_a_training_by_numba_steps_by_loops_where_a_step_is_no_program():
    clipped = optim.Adam(clip_norm=1.0)
    assert seen_in_training(clipped) == ({"numba"}, "numpy")
    assert seen_in_training(optim.Adam(), accumulate=2) == ({"numba"}, "numpy")
    assert seen_in_training(Normed()) == ({"numpy"}, "numpy")


def test_what_cannot_be_asked_for():
    with pytest.raises(ValueError, match="unknown backend of Adam 'jax'"):
        optim.Adam(backend="jax")
    with pytest.raises(DataError, match="Adam expects threads= to be an integer of 1 or more"):
        optim.Adam(threads=0)


def test_numba_is_asked_for_and_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(DependencyError, match=r"gategrad\[jit\]"):
        optim.SGD(backend="numba")
