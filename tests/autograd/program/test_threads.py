"""BLAS threads: one for small products while a program runs, and what was set before afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd as ag
from autograd.program.threads import Threads

threadpoolctl = pytest.importorskip("threadpoolctl", reason="needs the extra train")


def threads() -> int:
    pools = threadpoolctl.threadpool_info()
    return max((p["num_threads"] for p in pools if p["user_api"] == "blas"), default=1)


@pytest.fixture
def two_threads():
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        if threads() != 2:
            pytest.skip("BLAS has one thread alone here")
        yield


def seen_by(f, *args, **options):
    """The threads while a program of `f` runs."""
    counts = []

    def watched(x):
        return ag.sample(lambda: counts.append(threads()) or 1.0) * f(x)

    fast = ag.compile(watched, **options)
    for _ in range(2):
        fast(*args)
    return counts[-1]


def test_small_products_run_on_one_thread(two_threads):
    small = np.ones((80, 80))
    assert seen_by(lambda x: np.sum(x @ x), small) == 1
    assert threads() == 2


def test_of_products_that_openblas_shares_with_nobody_nothing_is_said(two_threads):
    """Those of 2^18 multiplications and less: setting the number takes longer than they do."""
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    if any(pool["internal_api"] != "openblas" for pool in pools):
        pytest.skip("another BLAS than OpenBLAS")
    assert seen_by(lambda x: np.sum(x @ x), np.ones((64, 64))) == 2


def test_without_products_nothing_is_set(two_threads):
    assert seen_by(np.sum, np.ones((20, 20))) == 2


def test_large_products_run_on_all_threads(two_threads):
    large = np.ones((512, 512), np.float32)
    assert seen_by(lambda x: np.sum(x @ x), large) == 2


def test_the_number_can_be_chosen(two_threads):
    small = np.ones((80, 80))
    assert seen_by(lambda x: np.sum(x @ x), small, blas_threads=2) == 2


def test_an_exception_restores_the_threads(two_threads):
    fast = ag.compile(lambda x, i: np.sum((x @ x)[i]))
    fast(np.ones((80, 80)), np.array([0]))
    with pytest.raises(IndexError):
        fast(np.ones((80, 80)), np.array([99]))
    assert threads() == 2


def test_runs_in_turns_leave_the_number_as_it_was(two_threads):
    """Blocks that overlap, as those of two threads do, restore what was set before the first."""
    one, four = Threads(1), Threads(4)
    one.__enter__()
    four.__enter__()
    assert threads() == 4
    one.__exit__()
    assert threads() == 4
    four.__exit__()
    assert threads() == 2


def in_worker(call):
    """What a thread beside this one gets."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def test_a_run_in_another_thread_is_on_one_thread_too_and_restores(two_threads):
    """threadpoolctl 3.8 drops what a second thread sets."""
    small = np.ones((80, 80))
    assert seen_by(lambda x: np.sum(x @ x), small) == 1
    assert in_worker(lambda: seen_by(lambda x: np.sum(x @ x), small)) == 1
    assert threads() == 2


def test_the_last_of_overlapping_runs_restores_from_whichever_thread(two_threads):
    first, last = Threads(1), Threads(1)
    first.__enter__()
    in_worker(last.__enter__)
    first.__exit__()
    assert threads() == 1
    in_worker(last.__exit__)
    assert threads() == 2


def test_after_a_run_in_another_thread_this_one_may_set_the_number(two_threads):
    with ThreadPoolExecutor(1) as pool:  # its thread lives on
        one = Threads(1)
        pool.submit(one.__enter__).result()
        pool.submit(one.__exit__).result()
        with threadpoolctl.threadpool_limits(1, user_api="blas"):
            assert threads() == 1
        assert threads() == 2
