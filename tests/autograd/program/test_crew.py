"""Several threads for one large array: the same bits, and nothing else to notice."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial

import numpy as np
import pytest

import autograd as ag
from autograd.program.crew import Crew

SIZE = 1 << 18
"""Numbers from which on an array is shared."""


@pytest.fixture
def crew():
    return Crew(3)


def mates():
    """The threads of crews that are still there."""
    gc.collect()
    return [thread for thread in threading.enumerate() if thread.name == "gategrad"]


# ---- a crew by itself


def test_every_part_is_done_and_the_first_by_the_caller(crew):
    found = {}
    crew(lambda part: found.update({part: threading.get_ident()}), "a", "b", "c")
    assert found.keys() == {"a", "b", "c"}
    assert found["a"] == threading.get_ident()
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("size", [1, 2, 3])
def test_of_more_parts_than_threads_all_are_done(size):
    done = []
    Crew(size)(done.append, *range(7))
    assert sorted(done) == [*range(7)]


def test_the_others_see_the_callers_context(crew):
    word = ContextVar("word", default="nothing")
    word.set("here")
    seen = []
    with np.errstate(over="raise"):
        crew(lambda part: seen.append((word.get(), np.geterr()["over"])), 1, 2, 3)
    assert seen == [("here", "raise")] * 3


def test_what_a_part_raises_is_raised_when_all_are_done(crew):
    done = []

    def fail(part):
        if part == 1:
            raise ZeroDivisionError("in a part")
        done.append(part)

    with pytest.raises(ZeroDivisionError, match="in a part"):
        crew(fail, 0, 1, 2)
    assert sorted(done) == [0, 2]
    crew(done.append, 3, 4, 5)
    assert sorted(done) == [0, 2, 3, 4, 5]


def test_an_interrupt_waits_for_the_others(crew):
    started, released, done = threading.Event(), threading.Event(), []

    def work(part):
        if part == 0:
            started.wait(10)
            threading.Timer(0.05, released.set).start()
            raise KeyboardInterrupt
        started.set()
        released.wait(10)
        done.append(part)

    with pytest.raises(KeyboardInterrupt):
        crew(work, 0, 1, 2)
    assert sorted(done) == [1, 2]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers that send signals")
def test_interrupts_while_it_waits_are_kept_until_the_others_are_done(crew):
    done = []

    def work(part):
        if part:
            for _ in range(20):
                threading.Event().wait(0.01)
            done.append(part)

    def interrupted(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupted)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.03, 0.03)  # again and again
        with pytest.raises(KeyboardInterrupt):
            crew(work, 0, 1, 2)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert sorted(done) == [1, 2]
    threads = set()
    crew(lambda part: threads.add(threading.get_ident()), 0, 1, 2)
    assert len(threads) == 3  # they are there again


def test_a_crew_at_work_is_not_waited_for(crew):
    def inner(part):
        return None

    order = []
    crew(lambda part: crew(order.append, part) or crew(inner, 1, 2), 0, 1, 2)
    assert sorted(order) == [0, 1, 2]


def test_threads_end_with_their_crew():
    before = len(mates())
    crew = Crew(2)
    assert len(mates()) == before  # none before it is needed
    crew(abs, 1, 2)
    assert len(mates()) == before + 1
    del crew
    assert len(mates()) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_has_threads_of_its_own(crew):
    crew(abs, 1, 2, 3)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        done = []
        crew(done.append, 1, 2, 3)
        os.write(write, bytes(sorted(done)))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 3) == bytes([1, 2, 3])


def test_a_process_ends_with_its_threads():
    text = (
        "import numpy as np, autograd as ag\n"
        f"fast = ag.compile(lambda x: np.tanh(x) * 2.0, threads=2)\n"
        f"fast(np.ones({SIZE})); print(fast(np.ones({SIZE}))[0] > 1.5)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", text], capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "True", "")


# ---- programs


def mixed(x, y):
    h = np.tanh(x * y + 0.5)
    return h * h - np.exp(-y), h / (1.0 + y * y)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("shape", [(SIZE,), (513, 1031), (3, SIZE // 2 + 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shared_arrays_have_the_bits_of_eager(threads, shape, dtype):
    x, y = np.random.default_rng(0).normal(size=(2, *shape)).astype(dtype)
    fast = ag.compile(mixed, threads=threads)
    for _ in range(3):
        for found, expected in zip(fast(x, y), mixed(x, y), strict=True):
            np.testing.assert_array_equal(found, expected)
    assert "together" in fast.program.source


def test_gradients_too():
    x = np.random.default_rng(0).normal(size=(SIZE,))
    derive = ag.value_and_grad(lambda x: np.sum(np.tanh(x * 2.0 + 1.0) * x))
    expected = derive(x)
    found = ag.compile(derive, threads=2)(x)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_small_arrays_and_one_thread_stay_on_the_thread_that_calls():
    for threads, size in ((2, SIZE - 1), (1, SIZE), (None, SIZE)):
        fast = ag.compile(mixed, threads=threads)
        fast(*np.ones((2, size)))
        assert "together" not in fast.program.source


def test_a_recorded_graph_takes_threads_too():
    x = ag.Tensor(np.linspace(-1.0, 1.0, SIZE), name="x")
    program = ag.compile(np.sum(np.tanh(x * 2.0) + x), threads=2)
    program.run()
    program.backward()
    np.testing.assert_array_equal(x.grad, ag.grad(lambda x: np.sum(np.tanh(x * 2.0) + x))(x.data))


def test_programs_run_side_by_side_and_within_each_other():
    x = np.random.default_rng(0).normal(size=(4, SIZE))
    inner = ag.compile(lambda x: np.tanh(x) * 3.0 + 1.0, threads=2)
    outer = ag.compile(lambda x: inner(x * 2.0) - 1.0, threads=2)
    expected = [np.tanh(row * 2.0) * 3.0 + 1.0 - 1.0 for row in x]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            for found, right in zip(pool.map(outer, x), expected, strict=True):
                np.testing.assert_array_equal(found, right)


def logarithm(x):
    return np.log(x * 2.0) + 1.0


def test_errors_of_all_parts_are_those_of_the_user():
    fast = ag.compile(logarithm, threads=2)
    fast(np.ones(SIZE))
    second_half = np.ones(SIZE)
    second_half[-1] = -1.0
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError, match="log"):
        fast(second_half)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="invalid value encountered in log"):
            fast(second_half)
        with np.errstate(all="ignore"):
            assert np.isnan(fast(second_half)[-1])
    assert fast(np.ones(SIZE))[-1] == logarithm(1.0)


@pytest.mark.parametrize("threads", [1, 2])
def test_warnings_show_the_users_line(threads, capsys):
    fast = ag.compile(logarithm, threads=threads)
    fast(np.ones(SIZE))
    second_half = np.ones(SIZE)
    second_half[-1] = -1.0
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = partial(_shown, warnings.formatwarning)
        fast(second_half)  # this line
    text = capsys.readouterr().out
    assert "invalid value encountered in log" in text
    assert "fast(second_half)  # this line" in text


def _shown(formatted, message, category, filename, lineno, file=None, line=None):
    print(formatted(message, category, filename, lineno, line))


@pytest.mark.parametrize("threads", [0, -1, 2.0, True, "2"])
def test_a_number_of_threads_is_one(threads):
    with pytest.raises(ag.DataError, match="threads= to be an integer of 1 or more"):
        ag.compile(logarithm, threads=threads)
