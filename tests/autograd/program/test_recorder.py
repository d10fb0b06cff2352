"""What the recorder must see, or refuse: no compiled function may differ from eager in silence."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

RNG = np.random.default_rng(0)
PAIR = [RNG.normal(size=(3, 4)) for _ in range(2)]


def plain(result):
    """The leaves of a result, as arrays."""
    if isinstance(result, (tuple, list)):
        return [leaf for part in result for leaf in plain(part)]
    return [np.asarray(result.data if isinstance(result, Tensor) else result)]


def same(compiled, eager) -> None:
    for one, other in zip(plain(compiled), plain(eager), strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert one.tobytes() == other.tobytes()


def constant(value):
    return Tensor(value, requires_grad=False) if isinstance(value, (float, np.ndarray)) else value


def check(make, calls, *states) -> None:
    """Call what `make` returns on Tensors of its own, compiled and eager, and compare the bits."""
    ours, theirs = ([Tensor(np.array(s)) for s in states] for _ in range(2))
    fast, slow = ag.compile(make(*ours)), make(*theirs)
    for args in calls:
        same(fast(*args), slow(*map(constant, args)))
        same(ours, theirs)


def refused(make, args, *states, match=None) -> None:
    with pytest.raises(ag.CompileError, match=match):
        ag.compile(make(*map(Tensor, states)))(*args)


def wrote(array, write):
    write(array)
    return array


# ---- arrays that are written into


IN_PLACE = {
    "by index": lambda a, x: a.__setitem__((slice(1, 3), 0), x[0, 0]),
    "by mask": lambda a, x: a.__setitem__(x > 0.0, 7.0),
    "by operator": lambda a, x: a.__iadd__(x),
    "ufunc": lambda a, x: np.multiply(x, 3.0, out=a),
    "ufunc under a mask": lambda a, x: np.add(x, 1.0, out=a, where=x > 0.0),
    "at": lambda a, x: np.add.at(a, (0, [1, 1, 2]), 5.0),
    "method": lambda a, x: x.clip(0.0, 1.0, out=a),
    "function": lambda a, x: np.clip(x, 0.0, 1.0, out=a),
    "reduction over all rows": lambda a, x: np.add(x[0], 1.0, out=a),
}


@pytest.mark.parametrize("write", IN_PLACE.values(), ids=list(IN_PLACE))
def test_what_is_written_into_an_array_is_read_from_it(write):
    def make():
        return lambda x: wrote(np.exp(x.data), lambda a: write(a, x.data))

    check(make, [(x,) for x in PAIR])


BEHIND = {
    "a view": lambda a, x: a.T.__setitem__(0, 1.0),
    "part of it": lambda a, x: a[1:].__iadd__(1.0),
    "out by place": lambda a, x: np.clip(x, 0.0, 1.0, a),
    "out of a method by place": lambda a, x: x.cumsum(0, None, a),
    "several arrays": lambda a, x: np.modf(x, out=(a, a.copy())),
    "copyto": lambda a, x: np.copyto(a, x),
    "no copy": lambda a, x: np.nan_to_num(a, copy=False),
    "another kind of number": lambda a, x: a.astype(int).__iadd__(0.5),
}


@pytest.mark.parametrize("write", BEHIND.values(), ids=list(BEHIND))
def test_writing_past_the_recorder_is_refused(write):
    refused(lambda: lambda x: wrote(np.exp(x.data), lambda a: write(a, x.data)), PAIR[:1])


@pytest.mark.parametrize(
    "write",
    [
        lambda o, x: x.sum(axis=0, out=o),
        lambda o, x: np.sum(x, axis=0, out=o),
        lambda o, x: np.sum(x, 0, None, o),
    ],
)
def test_writing_into_an_array_of_the_users_is_refused(write):
    refused(lambda: lambda x: wrote(np.zeros(4), lambda o: write(o, x.data)), PAIR[:1])


def test_several_results_that_are_the_operands_keep_their_memory():
    def make():
        def f(x):
            a, b = np.atleast_1d(np.exp(x.data), np.sin(x.data))
            return np.tanh(a) + np.exp(b) + np.exp(np.exp(x.data)) + a * b

        return f

    check(make, [(x,) for x in PAIR])


# ---- the data of Tensors from outside


def between(w):
    def f(x):
        before = np.sum(w * x)
        w.data -= 0.1 * x.data
        return before, np.sum(w * x), w, w.data.T

    return f


def kept_before(w):
    def f(x):
        kept, copied = w * 1.0, w.data.copy()
        w.data -= 0.1 * x.data
        return kept, copied

    return f


def assigned_twice(w):
    def f(x):
        before = w * x
        ag.assign(w, 2.0 * w)
        between = w * x
        ag.assign(w, w + 1.0)
        return before, between, w * x

    return f


def swapped(w, u):
    def f(x):
        held = w.data
        ag.assign(w, u)
        ag.assign(u, held)
        return w * x

    return f


def swapped_in_place(w, u):
    def f(x):
        held = w.data.copy()
        w.data[...] = u.data
        u.data[...] = held
        return w * x

    return f


ONES = np.ones((3, 4))


@pytest.mark.parametrize("make", [between, kept_before, assigned_twice])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_reads_and_writes_of_a_tensors_data_keep_their_order(make, dtype):
    check(make, [(x.astype(dtype),) for x in PAIR * 2], ONES.astype(dtype))


@pytest.mark.parametrize("make", [swapped, swapped_in_place])
def test_tensors_can_swap_their_data(make):
    check(make, [(x,) for x in PAIR * 2], ONES, 2.0 * ONES)


def test_a_result_that_was_written_over_a_parameter_is_not_its_memory():
    w = Tensor(ONES.copy())

    def f(x):
        w.data -= x.data
        return w

    fast = ag.compile(f)
    first = fast(PAIR[0])
    kept = first.copy()
    fast(PAIR[1])
    np.testing.assert_array_equal(first, kept)


def test_data_are_cast_as_an_assignment_casts_them():
    def make(w):
        def f(x):
            w.data = w.data - 0.1 * x.data
            return w * 1.0

        return f

    check(make, [(x,) for x in PAIR], ONES.astype("float32"))
    state = Tensor(0.5, requires_grad=False)
    assert ag.compile(lambda x: (ag.assign(state, 3), x * state)[1])(2.0) == 6.0
    assert type(state.data) is float
    with pytest.raises(ag.ShapeError, match=r"expects shape \(\) and received \(3, 4\)"):
        ag.compile(lambda x: ag.assign(state, x))(PAIR[0])


def test_tensors_that_share_memory_are_refused_where_it_is_written_into():
    array = ONES.copy()

    def make(w, u):
        def f(x):
            w.data -= x.data
            return np.sum(u)

        return f

    refused(make, PAIR[:1], array, array[1:], match="same memory")
    refused(make, [array], array, ONES, match="same memory")


def test_the_old_data_of_a_tensor_are_not_its_new_ones():
    def make(w):
        def f(x):
            held = w.data
            w.data = held * 2.0
            held -= 1.0
            return w * x

        return f

    refused(make, PAIR[:1], ONES, match="before it was given new ones")


# ---- values that would be left behind as numbers


COUNTED = {
    "bincount": lambda i: np.bincount(i.data) * 1.0,
    "union": lambda i: np.union1d(i.data, [2, 9]),
    "delete": lambda i: np.delete(np.arange(9.0), i.data),
    "base": lambda i: i.data.base,
    "flat": lambda i: i.data.flat[0],
    "imaginary part": lambda i: i.data.imag,
}


@pytest.mark.parametrize("f", COUNTED.values(), ids=list(COUNTED))
def test_what_depends_on_the_numbers_is_refused(f):
    refused(lambda: f, [np.array([1, 2, 3])])


def test_a_shape_that_depends_on_the_numbers_is_noticed_at_the_next_run():
    fast = ag.compile(lambda x, n: np.exp(x.data.repeat(n.data, axis=0)))
    x = PAIR[0]
    for counts in ([1, 2, 1], [2, 0, 2]):
        same(fast(x, np.array(counts)), np.exp(x.repeat(counts, axis=0)))
    with pytest.raises(ag.CompileError, match=r"shape \(4, 4\).*shape \(3, 4\)"):
        fast(x, np.array([1, 1, 1]))


def test_the_real_part_of_an_array_is_the_array():
    check(lambda: lambda x: x * x.data.real, [(x,) for x in PAIR])


def test_arithmetic_of_integers_is_numpys():
    def make():
        return lambda i: (
            i.data // 2, i.data % 3, i.data / 2, i.data**2, i.data << 1, 1 << i.data, i.data >> 1,
            *divmod(i.data, 2), -i.data, ~i.data, i.data & 1, i * 0.5,
        )  # fmt: skip

    check(make, [(np.array([1, 2, 3]),), (np.array([7, 0, 5]),)])


# ---- Python floats, and what is made of them


OF_NUMBERS = {
    name: getattr(np, name)
    for name in ("floor", "sign", "sinc", "cbrt", "exp2", "nan_to_num", "sum", "max", "square")
}
OF_NUMBERS |= {
    "clip": lambda s: np.clip(s, 0.0, 6.0),
    "floor divide": lambda s: s // 2.0,
    "remainder": lambda s: 9.0 % s,
    "hypot": lambda s: np.hypot(s, 0.7),
}


@pytest.mark.parametrize("f", OF_NUMBERS.values(), ids=list(OF_NUMBERS))
def test_what_is_made_of_a_number_is_as_weak_as_a_number(f):
    def make():
        return lambda s, x: (f(s), f(s) * x)

    check(make, [(s, x.astype("float32")) for s, x in zip((5.5, 7.25), PAIR, strict=True)])
