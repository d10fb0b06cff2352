"""Evaluation is a mode of the thread that asks for it, and of nobody else."""

from __future__ import annotations

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = np.arange(40) % 3


def network(seed=0):
    return nn.Sequential(
        nn.Linear(3, 8, rng=seed), nn.BatchNorm(8), nn.ReLU(), nn.Dropout(0.5, rng=1),
        nn.Linear(8, 3, rng=2),
    )  # fmt: skip


def fit(model, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "batch_size": 8} | options
    return nn.fit(model, X, Y, **{"rng": 0, "progress": False, **options})


USES = {
    "predict": lambda model: nn.predict(model, X),
    "predict_proba": lambda model: nn.predict_proba(model, X),
    "evaluate": lambda model: nn.evaluate(model, X, Y, loss="cross_entropy", metrics=["accuracy"]),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_while_one_thread_uses_a_model_others_find_it_as_it_was(use):
    """One stands still in the middle of it; meanwhile the model is used, and trained on a batch."""

    class Gate(nn.Module):
        def forward(self, x):
            if threading.current_thread() is worker:
                reached.set()
                assert passed.wait(30)
            return x

    model, found = nn.Sequential(Gate(), nn.BatchNorm(3), nn.Linear(3, 3, rng=0)), []
    reached, passed = threading.Event(), threading.Event()
    worker = threading.current_thread()
    reached.set(), passed.set()
    expected, before = use(model), model.state_dict()

    reached.clear(), passed.clear()
    worker = threading.Thread(target=lambda: found.append(use(model)))
    worker.start()
    assert reached.wait(30)
    assert all(module.training for module in model.modules())
    np.testing.assert_equal(use(model), expected)
    np.testing.assert_equal(model.state_dict(), before)
    model(X)
    moved = model[1].running_mean.data.copy()
    assert not np.array_equal(moved, before["layers.1.running_mean"])
    model[1].running_mean.data, model[1].running_var.data = (
        before["layers.1.running_mean"], before["layers.1.running_var"]
    )  # fmt: skip
    passed.set()
    worker.join()
    np.testing.assert_equal(found, [expected])
    assert all(module.training for module in model.modules())


def test_tasks_have_modes_of_their_own():
    dropout = nn.Dropout(0.5, rng=0)

    async def evaluated():
        with nn.evaluating():
            await asyncio.sleep(0)
            return dropout.training

    async def trained():
        await asyncio.sleep(0)
        return dropout.training

    async def both():
        return await asyncio.gather(evaluated(), trained(), evaluated())

    assert asyncio.run(both()) == [False, True, False]


def test_modules_made_meanwhile_are_in_use_too():
    class Within(nn.Module):
        def forward(self, x):
            return nn.Dropout(0.5, rng=0)(x)

    np.testing.assert_array_equal(nn.predict(Within(), X), X)
    with nn.evaluating():
        model = network()
        assert not model.training
    assert model.training


def test_modules_keep_their_own_modes_beneath():
    model = network()
    with nn.evaluating():
        model.train()
        assert not model.training
        model.eval()
    assert not model.training
    with pytest.raises(RuntimeError), nn.evaluating():
        raise RuntimeError
    assert model.train().training


def test_a_fit_trains_wherever_it_is_called():
    alone, inside = network(), network()
    fit(alone)
    with nn.evaluating():
        fit(inside)
        assert not inside.training
    np.testing.assert_equal(inside.state_dict(), alone.state_dict())


@pytest.mark.parametrize("switch", ["own", "context"])
def test_a_compiled_model_is_recorded_for_each_mode(switch):
    model = nn.Sequential(nn.BatchNorm(3), nn.Dropout(0.5, rng=0))
    fast = ag.compile(lambda x: model(x) * 2.0)
    fast(X)
    before = model.state_dict()
    if switch == "own":
        model.eval()
        out = fast(X)
    else:
        with nn.evaluating():
            out = fast(X)
    np.testing.assert_array_equal(out, 2.0 * nn.predict(model, X))
    np.testing.assert_equal(model.state_dict(), before)
    model.train()
    fast(X)
    assert not np.array_equal(model[0].running_mean.data, before["layers.0.running_mean"])


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [True, False])
def test_four_threads_fit_and_predict_a_hundred_times_as_one_does(compiled):
    shared = network(9)
    fit(shared)
    kept = shared.state_dict()

    def worked(seed):
        model = network(seed)
        history = fit(model, rng=seed, epochs=2, compiled=compiled, validation_split=0.2)
        numbers = {**history.history, "epoch_seconds": None}
        uses = [use(of) for use in USES.values() for of in (model, shared)]
        return numbers, model.state_dict(), uses

    alone = [worked(seed) for seed in range(4)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda i: worked(i % 4), range(100)))
    finally:
        sys.setswitchinterval(before)
    for i, found in enumerate(together):
        np.testing.assert_equal(found, alone[i % 4])
    np.testing.assert_equal(shared.state_dict(), kept)
    assert shared.training
