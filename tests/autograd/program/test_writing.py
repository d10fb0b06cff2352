"""Random functions that compute, look through views, write in place and assign: as eager does."""

from __future__ import annotations

import operator
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from autograd.program.arrays import backend as of_numpy
from autograd.program.arrays.blocks import in_blocks

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.usefixtures("default_backend"),
]

SIZE = 3


def data(v):
    return v.data if type(v) is Tensor else v


def written(array, key, value):
    array[key] = value
    return array


def added(array, value):
    array += value
    return array


COMPUTE = {
    "add": lambda a, b, c: a + b,
    "scale": lambda a, b, c: a * c,
    "divide": lambda a, b, c: c / a,
    "tanh": lambda a, b, c: np.tanh(a),
    "power": lambda a, b, c: a**2,
    "product": lambda a, b, c: a @ b,
    "choose": lambda a, b, c: ag.where(data(a) > data(b), a, c),
    "larger": lambda a, b, c: np.maximum(a, c),
    "sum": lambda a, b, c: a.sum(axis=0) + b,
    "row": lambda a, b, c: a[1] * b,
    "copy": lambda a, b, c: a.copy() if type(a) is not Tensor else a * 1.0,
    "data": lambda a, b, c: data(a),
    "node": lambda a, b, c: a if type(a) is Tensor else Tensor(a, requires_grad=False),
    "transpose": lambda a, b, c: a.T,
    "flip": lambda a, b, c: a[::-1],
    "reshape": lambda a, b, c: a.reshape(-1).reshape(SIZE, SIZE),
    "cast": lambda a, b, c: data(a).astype(np.float32),
    "write row": lambda a, b, c: written(data(a), 1, data(b)[0]),
    "write mask": lambda a, b, c: written(data(a), data(b) > 0.0, c),
    "write column": lambda a, b, c: written(data(a), (slice(None), 0), data(b)[0]),
    "write view": lambda a, b, c: written(data(a).T, 0, data(b)[0]) + 0.0,
    "add in place": lambda a, b, c: added(data(a), data(b)),
    "out": lambda a, b, c: np.multiply(data(b), c, out=data(a)),
    "out under mask": lambda a, b, c: np.add(data(b), c, out=data(a), where=data(b) > c),
}
EFFECTS = {
    "assign": lambda t, a, c: ag.assign(t, a),
    "set": lambda t, a, c: setattr(t, "data", data(a) * c),
    "step": lambda t, a, c: setattr(t, "data", added(t.data, data(a))),
    "read": lambda t, a, c: t * c,
    "look": lambda t, a, c: t.data,
}

numbers = st.sampled_from([0.0, -0.0, 1.0, 2.0, -0.5, np.nan, np.inf])
steps = st.one_of(
    st.tuples(st.sampled_from(list(COMPUTE)), st.integers(0, 9), st.integers(0, 9), numbers),
    st.tuples(st.sampled_from(list(EFFECTS)), st.integers(0, 1), st.integers(0, 9), numbers),
)


def play(program, returned, states, x, y):
    """Run the steps on a pool of values, to which each adds its result."""
    pool = [x, y, np.exp(x)]
    for name, i, j, number in program:
        other = pool[j % len(pool)]
        if name in COMPUTE:
            result = COMPUTE[name](pool[i % len(pool)], other, number)
        else:
            result = EFFECTS[name](states[i], other, number)
        if result is not None:
            pool.append(result)
    return [pool[i % len(pool)] for i in returned]


def bits(values):
    return [(a.dtype, a.shape, a.tobytes()) for a in (np.asarray(data(v)) for v in values)]


def layouts(array):
    return [array, np.asfortranarray(array), array[::-1], np.repeat(array, 2, axis=1)[:, ::2]]


@pytest.fixture(scope="module", params=["calls", "blocks"])
def how(request):
    """Run call by call, as small arrays do, or in blocks, as large ones do."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "blocks":
            patch.setattr(of_numpy, "in_blocks", partial(in_blocks, large=1))
        yield


@pytest.mark.usefixtures("how")
@settings(max_examples=200)
@given(
    st.lists(steps, min_size=1, max_size=9),
    st.lists(st.integers(0, 12), min_size=1, max_size=3),
    st.tuples(*[st.integers(0, 3)] * 2),
    st.tuples(*[st.sampled_from(["float64", "float32"])] * 2),
    st.booleans(),
)
def test_a_compiled_function_does_as_eager_or_refuses(program, returned, lies, dtypes, wants):
    def draw(seed):
        rng = np.random.default_rng(seed)
        pairs = zip(dtypes, lies if seed else (0, 0), strict=True)
        return [layouts(rng.normal(size=(SIZE, SIZE)).astype(d))[lie] for d, lie in pairs]

    ours, theirs = ([Tensor(a, requires_grad=wants) for a in draw(0)] for _ in range(2))
    fast = ag.compile(lambda *args: play(program, returned, ours, *args))
    before = []
    for seed in (1, 2, 3):
        args, copies = draw(seed), [Tensor(a, requires_grad=False) for a in draw(seed)]
        try:
            found = fast(*args)
        except ag.CompileError:
            assert not before  # what is recorded runs
            return
        except ag.AutogradError as error:
            with pytest.raises(type(error)):
                play(program, returned, theirs, *copies)
            return
        same(args, copies)
        same(found, play(program, returned, theirs, *copies))
        same(ours, theirs)
        before.append((found, bits(found)))
    for found, then in before:
        assert bits(found) == then  # also after later runs
        assert not any(np.shares_memory(v, t.data) for v in found for t in ours)


@pytest.mark.usefixtures("how")
def test_what_was_read_of_a_tensor_is_computed_before_new_data_lie_there():
    ours, theirs = (Tensor(np.arange(9.0).reshape(3, 3)) for _ in range(2))

    def step(t, x):
        before = t * 2.0
        t.data += x.data  # laid otherwise, so that the two are not of one block
        return before

    fast = ag.compile(lambda x: step(ours, x))
    x = np.asfortranarray(np.arange(9.0).reshape(3, 3) ** 2)
    for _ in range(3):
        same([fast(x), ours], [step(theirs, Tensor(x, requires_grad=False)).data, theirs])


@pytest.mark.parametrize("write", [operator.iadd, operator.ipow, operator.imatmul])
def test_a_tensor_is_not_written_into_an_array_compiled_or_not(write):
    t, x = Tensor(np.ones((2, 2))), np.ones((2, 2))

    def step(x):
        return write(t.data * 2.0, x)

    for f in (step, ag.compile(step)):
        with pytest.raises(ag.UnsupportedError, match="neither a Tensor nor an array takes"):
            f(Tensor(x))


def same(found, eager):
    assert bits(found) == bits(eager)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_softmax_of_two_classes_has_eagers_bits_for_any_numbers(dtype):
    """The sum of two columns is written as one, where its bits are those of the sum over rows."""
    some = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, -np.nan, 90.0, -90.0], dtype)
    x = np.stack(np.meshgrid(some, some), -1).reshape(-1, 2)

    def softmax(x):
        powers = np.exp(x)
        return powers / np.sum(powers, axis=1, keepdims=True), np.sum(x, axis=1, keepdims=True)

    with np.errstate(all="ignore"):
        expected, found = softmax(x), ag.compile(softmax)(x)
    for one, other in zip(expected, found, strict=True):
        assert one.tobytes() == other.tobytes()
