"""What compiling costs: the same for each instruction, however long the program is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd.program.arrays import blocks
from autograd.program.arrays.planner import _Free

HOUSE = str(Path(ag.__file__).parent / "program")


@contextmanager
def counting_lines():
    """How many lines of the compiler run inside; of a loop on one line, each turn."""
    lines = [0]

    def local(frame, event, argument):
        lines[0] += event == "line"
        return local

    def entered(frame, event, argument):
        # Comprehensions are frames of their own, and each turn of theirs is a line.
        return local if frame.f_code.co_filename.startswith(HOUSE) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield lines
    finally:
        sys.settrace(before)


def runge_kutta(n, a, y):
    for _ in range(n // 10 + 1):
        k1 = np.tanh(a @ y)
        k2 = np.tanh(a @ (y + 0.01 * k1))
        y = y + 0.005 * (k1 + k2)
    return np.sum(y * y)


def numbers(n, a, y):
    x = np.sum(y)
    for _ in range(n):
        x = np.sin(x) * 0.5 + x
    return np.sum(x * a)


def constants(n, a, y):
    for i in range(n):
        y = y * np.full(3, 1.0 / (1.0 + i)) + np.arange(3.0)
    return np.sum(y)


def views(n, a, y):
    for _ in range(n):
        a = a.T.reshape(3, 3)
    return np.sum(a * a)


def writing(n, a, y):
    out = a.data * 1.0
    for i in range(n):
        out[i % 3] = y.data * float(i)
    return np.sum(out * a)


def many_results(n, a, y):
    """All of them are held to the end, and read again at once."""
    parts = [y * float(i) for i in range(n)]
    return np.sum(np.stack([np.exp(part) for part in parts]))


def many_sizes(n, a, y):
    """Buffers of as many lengths as there are calls."""
    parts = [np.exp(np.full(8 * i + 1, 0.1) * y[0]) for i in range(n)]
    return sum((np.sum(part * part) for part in parts), 0.0)


def in_pieces(n, a, y):
    """Blocks of calls on large arrays, and calls between them."""
    x = np.ones(64) * y[0]
    for _ in range(n // 4 + 1):
        x = np.tanh(-x) * 2.0 + x - np.sum(x)
    return np.sum(x)


def assigned(n, a, y):
    """Tensors that the function gives new data, one after another."""
    total = np.sum(y)
    for weight in WEIGHTS[:n]:
        total = total + np.sum(weight * y)
        ag.assign(weight, weight * 0.5)
    return total


WEIGHTS = [ag.Tensor(np.ones(3)) for _ in range(320)]


LONG = (constants, views, writing, many_results, many_sizes, in_pieces, assigned)


@pytest.mark.parametrize(
    "f", [runge_kutta, numbers, *(pytest.param(f, marks=pytest.mark.slow) for f in LONG)]
)
def test_what_an_instruction_costs_does_not_depend_on_the_programs_length(f, monkeypatch):
    monkeypatch.setattr(blocks.in_blocks, "__defaults__", (64 * 8,))

    def cost(n):
        differentiate = ag.value_and_grad(lambda a, y: f(n, a, y), argnums=(0, 1))
        fast = ag.compile(differentiate)
        with counting_lines() as lines:
            fast(np.eye(3), np.ones(3))
        return lines[0] / len(fast.program.instructions)

    cost(5)  # imports, and what is compiled once
    assert cost(320) < 1.15 * cost(80)


def test_a_free_buffer_is_the_smallest_that_is_large_enough_and_the_first_of_its_size():
    sizes: list[int] = []
    free = _Free(sizes)
    assert [free.taken(size) for size in (64, 128, 128, 256)] == [0, 1, 2, 3]
    for number in (2, 0, 1, 3):
        free.give(number)
    assert free.taken(100) == 2  # of two of one size, which became free first
    assert free.taken(300) == 3  # none is large enough: the largest grows
    assert sizes == [64, 128, 128, 300]
    assert [free.taken(64), free.taken(64)] == [0, 1]
    assert free.taken(64) == 4
