"""An array that is read part by part: gradients of the parts are added where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import autograd as ag
from autograd import Tensor
from autograd.gates import indexing
from autograd.gates.primitives import change_of

KEYS = [
    0, -1, slice(1, 3), slice(None, None, -2), (slice(None), 1), (1, 2), (..., 0), None,
    [0, 0, 2], np.array([[1, 1], [3, 0]]), (np.array([0, 0, 3]), np.array([1, 1, 2])),
    (slice(1, None), [2, 2]), np.arange(12).reshape(4, 3) % 3 == 0, np.array([True, False] * 2),
]  # fmt: skip


@pytest.fixture
def scattered(monkeypatch):
    """How often an array of zeros was made for what was read from one."""
    made = []
    forward = indexing.scatter.forward
    monkeypatch.setattr(
        indexing.scatter,
        "forward",
        lambda *args, **kwargs: made.append(1) or forward(*args, **kwargs),
    )
    return made


@pytest.mark.parametrize(
    "parts", [list, lambda x: np.split(x, 20), ag.unstack, lambda x: [x[i] for i in range(20)]],
    ids=["iterated", "split", "unstacked", "indexed"],
)  # fmt: skip
@pytest.mark.parametrize("keep", [True, False])
def test_many_parts_take_one_array_of_the_whole_size(parts, keep, scattered):
    x = Tensor(np.arange(60.0).reshape(20, 3), name="x")
    total = sum(np.sum(part * float(i)) for i, part in enumerate(parts(x)))
    total.backward(retain_grads=keep)
    np.testing.assert_array_equal(x.grad, np.arange(20.0)[:, None] * np.ones(3))
    assert len(scattered) == 1


@pytest.mark.parametrize("second", KEYS, ids=repr)
@pytest.mark.parametrize("first", KEYS, ids=repr)
def test_gradients_of_two_readings_add_up(first, second):
    """Against the rule that makes zeros of the whole size, which a watched pass runs."""
    x = Tensor(np.random.default_rng(0).normal(size=(4, 3)))
    out = np.sum(np.sin(x[first])) + np.sum(x[second] ** 2) * 3.0
    out.backward()
    np.testing.assert_allclose(x.grad, ag.trace(out).grad(x), rtol=1e-15)


WHOLES = {
    "scaled": lambda x: x * 2.0,
    "transposed": lambda x: x.T * 1.0,
    "added": lambda x: x + np.ones((4, 3)),
    "reshaped": lambda x: x.reshape(-1),
    "copied": lambda x: np.broadcast_to(x, (2, 4, 3)),
    "sine": np.sin,
}


@pytest.mark.parametrize("whole", WHOLES.values(), ids=WHOLES)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("parts_first", [True, False])
def test_an_array_that_is_read_whole_too_gets_both(whole, order, parts_first):
    """Whatever memory the first gradient lies in: it is written to only if it is nobody else's."""
    x = Tensor(np.array(np.random.default_rng(0).normal(size=(4, 3)), order=order))
    parts = [] if not parts_first else [x[1], x[[2, 2]], x[:, 1]]
    read = whole(x)
    parts = parts or [x[1], x[[2, 2]], x[:, 1]]
    out = np.sum(np.exp(read)) + sum(np.sum(part * 3.0) for part in parts)
    out.backward()
    expected = ag.trace(out)
    for node in (x, read, *parts):
        np.testing.assert_allclose(node.grad, expected.grad(node), rtol=1e-15)


def test_no_negative_zero_is_left_to_tell_the_order_of_additions_by():
    x = Tensor(np.ones(3))
    x[1].backward(gradient=-0.0)
    assert not np.any(np.signbit(x.grad))


def test_a_part_may_be_differentiated_twice():
    f = lambda v: sum(row @ row * float(i) for i, row in enumerate(v))
    x = np.arange(6.0).reshape(3, 2)
    v = np.ones((3, 2))
    np.testing.assert_allclose(ag.hvp(f, x, v), 2.0 * np.arange(3.0)[:, None] * v)


def test_where_anomalies_are_looked_for_parts_get_arrays_of_their_own(scattered):
    x = Tensor(np.arange(6.0).reshape(3, 2))
    with ag.detect_anomaly():
        out = sum(np.sum(row) for row in x)
        out.backward()
    np.testing.assert_array_equal(x.grad, np.ones((3, 2)))
    assert len(scattered) == 3


def test_a_gate_of_ones_own_may_add_into_a_part():
    """`into` is used from the second contribution on; its sums are those of the rule."""
    calls = []

    def into(total, g, start):
        calls.append(start)
        total[start:] += g

    def vjp(g, out, a, start):
        return np.concatenate((np.zeros(start), g))

    tail = ag.gate(lambda a, start: a[start:], vjp=(vjp,), into=into, name="tail")
    from autograd.eager import apply

    x = Tensor(np.arange(4.0))
    parts = [apply(tail, (x,), {"start": k}) for k in (1, 2, 3)]
    sum(np.sum(part) for part in parts).backward()
    np.testing.assert_array_equal(x.grad, [0.0, 1.0, 2.0, 3.0])
    assert calls == [2, 1]


PARTS = {
    "rows": lambda x, i: x[i],
    "columns": lambda x, i: x[:, i],
    "rows by numbers": lambda x, i: x[[i, i, 0]],
    "a mask": lambda x, i: x[np.arange(16) == i],
    "take": lambda x, i: np.take(x, [i, 0], axis=1),
    "take of all": lambda x, i: np.take(x, [i, i]),
    "take_along_axis": lambda x, i: np.take_along_axis(x, np.full((16, 1), i), 1),
    "compress": lambda x, i: np.compress(np.arange(16) == i, x, 0),
    "delete": lambda x, i: np.delete(x, np.arange(16) != i, 1),
    "diagonal": lambda x, i: np.diagonal(x, i),
    "windows": lambda x, i: sliding_window_view(x, i + 1, 0)[:1],
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("order", [1, 2])
def test_a_program_reads_parts_in_the_memory_of_one_whole(part, order):
    """The adjoint of what is read is written over, part by part: no array of its size for each."""
    x = np.random.default_rng(0).normal(size=(16, 16))

    def reading(n):
        def f(x):
            return sum(np.sum(part(x, i) ** 3) for i in range(n))

        return ag.grad(f) if order == 1 else lambda x: ag.hvp(f, x, np.ones((16, 16)))

    written = []
    for n in (4, 16):
        fast = ag.compile(reading(n))
        np.testing.assert_array_equal(fast(x), reading(n)(x))
        program = fast.program
        anew = sum(
            program.recording.values[i.output].shape == x.shape and not change_of(i.function)
            for i in program.instructions
            if i.backward and len(i.outputs) == 1
        )
        written.append((anew, program.source.count("copyto(")))
    assert written[0] == written[1]
