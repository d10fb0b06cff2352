"""What the recorder must see, or refuse: no compiled function may differ from eager in silence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

pytestmark = pytest.mark.usefixtures("default_backend")

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


def test_what_is_chosen_by_comparing_numbers_is_a_number():
    def make():
        return lambda s, x: (
            ag.where(s > 6.0, s, 1.1) * x,
            ag.where((s > 6.0) & (s < 7.0), s * s, 1.1) * x,
            (s > 6.0) * x,
        )

    check(make, [(s, x.astype("float32")) for s, x in zip((5.5, 6.25), PAIR, strict=True)])


# ---- transforms around a compiled function


AROUND = {
    "grad": ag.grad,
    "jvp": lambda f: lambda x: ag.jvp(f, (x,), (x,)),
    "hessian": ag.hessian,
    "grad of grad": lambda f: ag.grad(lambda x: np.sum(ag.grad(f)(x) ** 2)),
    "a computed argument": lambda f: ag.grad(lambda x: f(np.exp(x)) + np.sum(x)),
}


@pytest.mark.parametrize("transform", AROUND.values(), ids=list(AROUND))
def test_a_compiled_function_can_be_differentiated(transform):
    def f(x):
        return np.sum(np.tanh(x) ** 3)

    fast = ag.compile(f)
    fast(PAIR[0][0])
    same(transform(fast)(PAIR[0][0]), transform(f)(PAIR[0][0]))
    assert fast.cache_info().misses == 1


def test_a_tensor_that_was_computed_is_differentiated_through_a_compiled_function():
    w = Tensor(2.0, name="w")
    ag.compile(lambda x: x**3)(w * 3.0).backward()
    assert w.grad == 3.0 * 3.0 * 36.0


def test_a_transform_cannot_reach_past_an_argument():
    with pytest.raises(ag.CompileError, match="pass it as an argument"):
        ag.grad(lambda a: ag.compile(lambda x: x * a)(3.0))(2.0)


def test_gradients_are_no_part_of_a_recording():
    w = Tensor(2.0, name="w")
    w.grad = 1.0
    for f in (lambda x: x * w.grad, lambda x: w.zero_grad() or x, lambda x: setattr(w, "grad", x)):
        with pytest.raises(ag.CompileError, match=r"\.grad"):
            ag.compile(f)(1.0)
    assert w.grad == 1.0


def test_a_tensor_is_frozen_outside_of_a_compiled_function():
    w = Tensor(2.0, name="w")

    def f(x):
        own = Tensor(3.0)
        own.requires_grad = False
        return x * own

    def g(x):
        w.requires_grad = False
        return x * w

    assert ag.compile(f)(2.0) == 6.0
    with pytest.raises(ag.CompileError, match="requires_grad of Tensor 'w'"):
        ag.compile(g)(2.0)
    assert w.requires_grad


# ---- what surrounds a call


rng = np.random.default_rng(0)


def test_random_numbers_that_a_program_would_repeat_are_refused():
    refused(lambda: lambda x: x * rng.random(), [1.0], match="at random")
    refused(lambda: lambda x: x * np.random.rand(), [1.0], match="np.random")  # noqa: NPY002
    refused(
        lambda: lambda x: x * ag.sample(rng.random) * rng.random(), [1.0], match=r"'rng' \(.*\.py:"
    )
    state = np.random.default_rng(3), np.random.default_rng(3)
    fast = ag.compile(lambda x: x * ag.sample(lambda: state[0].random()))
    assert [fast(1.0) for _ in range(3)] == [state[1].random() for _ in range(3)]


def logarithm(x):
    return np.log(x)


def silent_logarithm(x):
    with np.errstate(all="ignore"):
        return np.log(x)


def quieter_logarithm(x):
    with np.errstate(invalid="ignore"):
        return np.log(x)


def strict_logarithm(x):
    with np.errstate(invalid="raise"):
        return np.log(x)


@pytest.mark.parametrize("recorded", ["ignore", "warn"])
@pytest.mark.parametrize("f", [logarithm, silent_logarithm, quieter_logarithm])
def test_a_replay_warns_where_eager_warns(f, recorded):
    fast = ag.compile(f)
    with np.errstate(all=recorded):
        fast(np.ones(2))
    below = -np.ones(2)
    if f is logarithm:
        with pytest.warns(RuntimeWarning, match="invalid value"):
            fast(below)
    else:
        fast(below)
    with np.errstate(all="ignore"):
        assert np.all(np.isnan(fast(below)))
    assert fast.cache_info().misses == 1


def test_errors_are_decided_on_around_a_call():
    refused(lambda: strict_logarithm, [np.ones(2)], match="errstate")
    fast = ag.compile(logarithm)
    fast(np.ones(2))
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
        fast(-np.ones(2))


def test_anomalies_are_looked_for_in_the_function_itself():
    w = Tensor(np.ones(2), name="w")
    fast = ag.compile(lambda x: np.log(x * w))
    fast(np.ones(2))
    with ag.detect_anomaly():
        assert type(fast(np.ones(2))) is np.ndarray
        with pytest.raises(ag.AnomalyError, match="log"):
            fast(-np.ones(2))
    program = ag.compile(np.log(w))
    with ag.detect_anomaly(), pytest.raises(ag.CompileError, match="detect_anomaly"):
        program.run()


# ---- arguments, and how often it records


@pytest.mark.parametrize("bad", [np.array([1j]), np.array(["a"]), np.array([None]), object()])
def test_arguments_are_real_numbers(bad):
    with pytest.raises(ag.DataError, match="real numbers"):
        ag.compile(lambda x: x)(bad)


def test_the_order_of_bytes_is_a_dtypes_own():
    fast = ag.compile(lambda x: (x, 2.0 * x))
    for x in (PAIR[0], PAIR[0].astype(">f8")):
        same(fast(x), (x, 2.0 * x))


def test_new_data_in_another_layout_are_recorded_anew():
    w, x = Tensor(RNG.normal(size=(31, 41))), RNG.normal(size=(31, 41))

    def f(x):
        return np.sum(np.exp(w), axis=0), x @ w.T, np.ravel(w), np.sum(np.exp(w) * x)

    fast = ag.compile(f)
    first = fast(x)
    w.data = np.asfortranarray(w.data)
    same(fast(x), f(constant(x)))
    w.data = np.ascontiguousarray(w.data[::-1])
    assert not any(np.shares_memory(result, w.data) for result in (*first, *fast(x)))


def test_only_so_many_programs_are_kept():
    fast = ag.compile(lambda x, n: x * n)
    for n in range(140):
        assert fast(2.0, n) == 2.0 * n
    assert fast.cache_info() == (0, 140, 128)
    assert (fast(2.0, 139), fast(2.0, 0)) == (278.0, 0.0)


def test_threads_that_run_one_program_wait_for_each_other():
    def f(x):
        for _ in range(10):
            x = np.tanh(x) * x + np.sum(x, axis=0)
        return x

    fast = ag.compile(f)
    given = [np.random.default_rng(seed).normal(size=(90, 90)) for seed in range(4)]
    expected = [fast(x).tobytes() for x in given]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: fast(given[i % 4]).tobytes(), range(80)))
    assert found == expected * 20


def test_a_program_that_runs_itself_is_refused():
    def f(x):
        return x * ag.sample(lambda: fast(3.0) if known[0] else 2.0)

    known, fast = np.zeros(1), ag.compile(f)
    fast(3.0)
    known[0] = 1.0
    with pytest.raises(ag.CompileError, match="calls itself"):
        fast(3.0)
