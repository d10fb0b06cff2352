"""`Quiet` against `np.errstate`, which it stands for."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from autograd.quiet import Quiet


@pytest.fixture
def kinds():
    """What NumPy does about its four kinds of errors."""
    with np.errstate(divide="raise", over="warn", under="print", invalid="call", call=lambda *_: 0):
        yield np.geterr()


def test_it_is_silent_inside_and_as_before_afterwards(kinds):
    with np.errstate(all="ignore"):
        silence = np.geterr()
    for _ in range(2):
        with Quiet():
            assert np.geterr() == silence
            with Quiet(), np.errstate(over="raise"):
                assert np.geterr() == {**silence, "over": "raise"}
                with Quiet():
                    assert np.geterr() == silence
            assert np.geterr() == silence
        assert np.geterr() == kinds


def test_what_else_numpy_keeps_there_stays():
    before = np.setbufsize(16384)
    try:
        with np.errstate(call=print):
            for _ in range(2):
                with Quiet():
                    assert np.getbufsize() == 16384
                    assert np.geterrcall() is print
        with Quiet():
            assert np.geterrcall() is None
    finally:
        np.setbufsize(before)
    with Quiet():
        assert np.getbufsize() == before


def test_an_error_leaves_it_and_a_block_may_be_entered_again(kinds):
    block = Quiet()
    for _ in range(2):
        with pytest.raises(KeyError), block:
            raise KeyError
        assert np.geterr() == kinds


def test_threads_are_told_apart(kinds):
    seen = []
    with Quiet():
        thread = threading.Thread(target=lambda: seen.append(np.geterr()))
        thread.start()
        thread.join()
    assert seen[0] != {**kinds, **dict.fromkeys(kinds, "ignore")}
