"""What training does to the process around it: signals, threads; and how its steps are taken."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest

import autograd
import nn
from autograd.extend import evaluate
from nn import optim
from nn.training.interrupts import Interrupts
from nn.training.threads import LARGE, few_threads

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = np.arange(40) % 3


def fit(model=None, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "batch_size": 8} | options
    return nn.fit(model or nn.MLP(3, [4], 3, rng=0), X, Y, **{"rng": 0, **options})


class AtStep(nn.Callback):
    """Does something before a given step, and keeps the weights before each step."""

    def __init__(self, step: int, action) -> None:
        self.step, self.action, self.kept = step, action, []

    def before_batch(self, run):
        self.kept.append(run.model.state_dict())
        if run.steps == self.step:
            self.action()


@pytest.fixture(autouse=True)
def python_s_handler():
    """Also where the tests run behind something that ignores Ctrl-C, as shells' background does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


# ---- Ctrl-C


def test_ctrl_c_ends_after_the_batch_under_way():
    model = nn.MLP(3, [4], 3, rng=0)
    pressed = AtStep(7, press_ctrl_c)  # epochs of 5 batches: the third batch of epoch 2
    ended = []
    pressed.end = lambda run: ended.append(run)
    history = fit(model, epochs=4, callbacks=[pressed], metrics=["accuracy"])
    assert len(pressed.kept) == 8
    assert len(history) == 1
    assert history.stopped == "Ctrl-C in epoch 2 after 3 of 5 batches"
    assert history.partial["epoch"] == 1
    assert history.partial["batches"] == 3
    assert {"loss", "accuracy"} < history.partial.keys()
    assert not ended

    same = nn.MLP(3, [4], 3, rng=0)
    nine = AtStep(8, lambda: pytest.fail("the ninth step is not taken"))
    with pytest.raises(pytest.fail.Exception):
        fit(same, epochs=4, callbacks=[nine])
    np.testing.assert_equal(model.state_dict(), same.state_dict())


def test_ctrl_c_in_a_callback_ends_after_its_epoch():
    def at_the_end(epoch, logs):
        if epoch == 1:
            press_ctrl_c()

    history = fit(epochs=5, callbacks=[at_the_end])
    assert len(history) == 2
    assert history.stopped == "Ctrl-C after epoch 2"
    assert history.partial == {}


def test_a_keyboard_interrupt_out_of_a_callback_counts_as_ctrl_c():
    def interrupt(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    history = fit(epochs=5, callbacks=[interrupt])
    assert len(history) == 2
    assert "Ctrl-C" in history.stopped


def test_a_second_ctrl_c_interrupts_at_once():
    def twice():
        press_ctrl_c()
        press_ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        fit(epochs=4, callbacks=[AtStep(7, twice)])


@pytest.mark.parametrize("action", [press_ctrl_c, lambda: 1 / 0])
def test_python_s_handler_is_back_afterwards(action):
    with suppress(ZeroDivisionError):
        fit(epochs=2, callbacks=[AtStep(2, action)])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_somebody_else_is_left_alone():
    calls = []
    theirs = signal.signal(signal.SIGINT, lambda *event: calls.append(event))
    try:
        history = fit(epochs=2, callbacks=[AtStep(2, press_ctrl_c)])
    finally:
        signal.signal(signal.SIGINT, theirs)
    assert len(calls) == 1
    assert len(history) == 2


def test_training_works_in_other_threads():
    found = []
    worker = threading.Thread(target=lambda: found.append(fit(epochs=2)))
    worker.start()
    worker.join()
    assert len(found[0]) == 2


def test_interrupts_wait_for_their_check():
    with Interrupts() as interrupts:
        interrupts.check()
        press_ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


# ---- BLAS threads


def blas_threads() -> list[int]:
    from threadpoolctl import threadpool_info

    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


@pytest.mark.parametrize("action", [lambda: None, lambda: 1 / 0, press_ctrl_c])
def test_small_products_have_one_thread_and_the_others_are_back_afterwards(action):
    from threadpoolctl import threadpool_limits

    inside = []
    look = AtStep(1, lambda: (inside.append(blas_threads()), action()))
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with suppress(ZeroDivisionError):
            fit(callbacks=[look])
        assert blas_threads() == before
    assert set(inside[0]) == {1}


def test_large_products_keep_their_threads():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with few_threads(LARGE):
            assert blas_threads() == before
        with few_threads(LARGE - 1):
            assert set(blas_threads()) == {1}


def test_fits_that_overlap_leave_the_threads_as_they_were():
    """The first to begin is the first to end."""
    from threadpoolctl import threadpool_limits

    inside, first_ended = threading.Event(), threading.Event()
    waits = AtStep(1, lambda: (inside.set(), first_ended.wait(30)))
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        second = threading.Thread(target=lambda: fit(callbacks=[waits]))
        first = AtStep(1, lambda: (second.start(), inside.wait(30)))
        fit(callbacks=[first])
        first_ended.set()
        second.join()
        assert blas_threads() == before


def test_training_works_without_threadpoolctl_and_tqdm(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert len(fit(epochs=2, progress=True)) == 2
    assert "epoch 2/2" in capsys.readouterr().err


# ---- falling back to eager steps


def test_what_cannot_be_compiled_is_trained_eagerly_and_says_why():
    class Branching(nn.Module):
        """Reads a value, so that no recording holds for the next batch."""

        def __init__(self) -> None:
            self.linear = nn.Linear(3, 3, rng=0)
            self.dropout = nn.Dropout(0.5, rng=1)

        def forward(self, x):
            out = self.dropout(self.linear(x))
            return out if out.sum() > 0 else out * 2.0

    compiled, eager = Branching(), Branching()
    with pytest.warns(UserWarning, match="trained eagerly"):
        history = fit(compiled, epochs=2)
    fit(eager, epochs=2, compiled=False)
    np.testing.assert_equal(compiled.state_dict(), eager.state_dict())
    (note,) = history.notes
    assert "trained eagerly" in note


@pytest.mark.parametrize(
    "penalty",
    # Where Numba is installed it compiles the second one's loops, which takes its time.
    [None, pytest.param(nn.penalties.L2(0.01), marks=pytest.mark.slow)],
)
def test_a_scalar_model_trains_compiled_with_the_bits_of_eager(penalty):
    """Its graph is replayed in groups; the last batch is shorter, and has a graph of its own."""
    models = [nn.MLP(3, [4, 4], 3, scalar=True, rng=0) for _ in range(2)]
    histories = [
        fit(model, epochs=3, batch_size=16, penalty=penalty, compiled=compiled)
        for model, compiled in zip(models, (True, False), strict=True)
    ]
    assert histories[0].notes == []
    assert histories[0].history["loss"] == histories[1].history["loss"]
    np.testing.assert_equal(models[0].state_dict(), models[1].state_dict())


@pytest.mark.slow
def test_training_can_be_compiled_by_numba():
    """Small products are loops then, whose sums differ in their last bits."""
    pytest.importorskip("numba", reason="needs the extra jit")
    histories = [
        fit(nn.MLP(3, [8], 3, rng=0), epochs=3, compiled=compiled) for compiled in ("numba", False)
    ]
    assert histories[0].notes == []
    np.testing.assert_allclose(*(h.history["loss"] for h in histories), rtol=1e-4)


class CallByCall:
    """A back end from outside."""

    def __init__(self, recording, request):
        self.recording = recording

    def forward(self, *given):
        known = {**self.recording.constants, **dict(zip(self.recording.inputs, given, strict=True))}
        return self.run(False, known, (*self.recording.outputs, *self.recording.assigned)), [known]

    def backward(self, seed, *given_and_left):
        known = {**given_and_left[-1], self.recording.seed: seed}
        return self.run(True, known, self.recording.gradients)

    def run(self, second, known, registers):
        for instruction in self.recording.instructions:
            if self.recording.in_second_half(instruction) == second:
                evaluate(instruction, known, self.recording.values)
        return [one if type(one) is float else one.copy() for one in map(known.get, registers)]


@pytest.mark.slow
@pytest.mark.parametrize("scalar", [False, True])
def test_training_runs_through_any_back_end_by_its_name(scalar):
    autograd.register_backend("call by call", CallByCall)
    histories = [
        fit(nn.MLP(3, [8], 3, scalar=scalar, rng=0), epochs=2, **how)
        for how in (
            {"backend": "call by call"},
            {"compiled": "call by call"},
            {"compiled": False},
        )
    ]
    assert histories[0].notes == []
    one, *others = [history.history["loss"] for history in histories]
    assert others == [one, one]


@pytest.mark.parametrize("how", [{"compiled": "fortran"}, {"backend": "fortran"}, {"backend": 1}])
def test_an_unknown_back_end_is_refused_with_the_known_ones(how):
    with pytest.raises(autograd.DataError, match='fit: backend must be one of "numpy", "numba"'):
        fit(nn.MLP(3, [8], 3, rng=0), **how)


@pytest.mark.parametrize("compiled", [1, None])
def test_compiled_is_a_choice(compiled):
    with pytest.raises(autograd.DataError, match="compiled must be True or False"):
        fit(nn.MLP(3, [8], 3, rng=0), compiled=compiled)


def test_a_scalar_model_that_draws_at_random_is_trained_eagerly_and_says_so():
    class Noisy(nn.Module):
        def __init__(self):
            self.mlp, self.noise = nn.MLP(3, [2], 3, scalar=True, rng=0), nn.GaussianNoise(rng=0)

        def forward(self, x):
            return self.mlp(x)

    history = fit(Noisy())
    assert history.notes == ["trained eagerly: a model of scalars draws at random"]


def test_a_scalar_model_with_classes_or_a_loss_of_one_s_own_is_trained_eagerly_and_says_so():
    class Scaled(nn.Module):
        """Computes with its inputs alone, which no recorded graph would do again."""

        def __init__(self):
            self.mlp = nn.MLP(3, [2], 3, scalar=True, rng=0)

        def forward(self, x):
            return self.mlp([2.0 * value for value in x])

    assert fit(Scaled()).notes == [
        "trained eagerly: a model of scalars with a Scaled of one's own is not replayed"
    ]
    mine = lambda p, t: nn.losses.cross_entropy(p, t)
    (note,) = fit(nn.MLP(3, [2], 3, scalar=True, rng=0), loss=mine).notes
    assert "<lambda>" in note


@pytest.mark.parametrize("optimizer", [optim.SGD, optim.Adam])
def test_compiled_and_eager_training_give_the_same_bits(optimizer):
    models = [
        nn.Sequential(
            nn.Linear(3, 8, rng=0), nn.BatchNorm(8), nn.ReLU(), nn.Dropout(0.3, rng=1),
            nn.GaussianNoise(0.1, rng=2), nn.Linear(8, 3, rng=3),
        )
        for _ in range(2)
    ]  # fmt: skip
    compiled, eager = (
        fit(
            model, epochs=3, batch_size=9, optimizer=optimizer(lr=0.01), compiled=choice,
            validation_split=0.25, metrics=["accuracy"], penalty=nn.penalties.L2(0.01),
        )
        for model, choice in zip(models, (True, False), strict=True)
    )  # fmt: skip
    np.testing.assert_equal(models[0].state_dict(), models[1].state_dict())
    del compiled.history["epoch_seconds"], eager.history["epoch_seconds"]
    assert compiled.history == eager.history
    assert compiled.notes == []


SIGNS = np.where(Y[:, None] == np.arange(3), 1, -1)


@pytest.mark.parametrize(
    ("loss", "target", "outputs"),
    [
        ("cross_entropy", Y[:, None], 3),
        ("cross_entropy", np.eye(3, dtype=int)[Y], 3),
        ("multiclass_hinge", Y, 3),
        ("binary_cross_entropy", Y // 2, 1),
        ("hinge", SIGNS, 3),
        ("mse", Y, 1),
    ],
)
def test_a_scalar_model_replays_its_graph_on_the_targets_of_each_batch(loss, target, outputs):
    states = []
    for compiled in (True, False):
        model = nn.MLP(3, [2], outputs, activation="tanh", scalar=True, rng=0)
        history = nn.fit(
            model, X, target, loss=loss, optimizer=optim.SGD(lr=0.05), batch_size=9, rng=0,
            compiled=compiled,
        )  # fmt: skip
        states.append(model.state_dict())
        assert history.notes == []
    np.testing.assert_equal(*states)


# ---- a pool of threads


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [True, False])
def test_a_hundred_fits_in_a_pool_of_four_threads_train_as_one_by_one(compiled):
    def trained(seed: int) -> dict[str, np.ndarray]:
        model = nn.MLP(3, [4], 3, rng=seed)
        fit(model, rng=seed, epochs=2, compiled=compiled, progress=False)
        return model.state_dict()

    alone = [trained(seed) for seed in range(4)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda i: trained(i % 4), range(100)))
    finally:
        sys.setswitchinterval(before)
    for i, state in enumerate(together):
        for name, value in state.items():
            np.testing.assert_array_equal(value, alone[i % 4][name])
