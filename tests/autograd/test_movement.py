"""Data movement: NumPy's values to the bit, gradients that travel back, errors that say where."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from differences import central
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from samples_movement import SAMPLES

import autograd as ag
from autograd import Tensor

CALLS = [(f"{name} {i}", *call) for name, calls in SAMPLES.items() for i, call in enumerate(calls)]
every_call = pytest.mark.parametrize(
    ("f", "inputs"), [call[1:] for call in CALLS], ids=[call[0] for call in CALLS]
)


def weights(value):
    return np.random.default_rng(5).normal(size=np.shape(value))


def in_float64(inputs):
    return [np.array(value, dtype=float) for value in inputs]


@every_call
def test_values_are_those_of_numpy_to_the_bit(f, inputs):
    expected = np.asarray(f(*inputs))
    got = f(*map(Tensor, inputs))
    assert type(got) is Tensor
    assert got.requires_grad
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    assert got.data.tobytes() == expected.tobytes()


@every_call
def test_the_gradient_is_that_of_central_differences_and_has_the_leafs_dtype(f, inputs):
    """With a step of one: of what is linear, differences are exact."""
    nodes = [Tensor(value) for value in inputs]
    out = f(*nodes)
    g = weights(out.data)
    out.backward(gradient=g)
    for node, want in zip(nodes, central(f, in_float64(inputs), g, step=1.0), strict=True):
        if node.grad is None:  # one of several results
            assert not np.any(want)
            continue
        assert (node.grad.dtype, node.grad.shape) == (node.dtype, node.shape)
        rtol = 1e-12 if node.dtype == np.float64 else 1e-5
        np.testing.assert_allclose(node.grad, want, rtol=rtol, atol=rtol)


@every_call
def test_forward_mode_and_reverse_mode_agree(f, inputs):
    inputs = in_float64(inputs)
    tangents = [weights(value) * 1.5 for value in inputs]
    out, tangent = ag.jvp(f, inputs, tangents)
    u = weights(out)
    pulled = ag.vjp(f, *inputs)[1](u)
    assert np.shape(tangent) == np.shape(out)
    expected = sum(np.sum(p * t) for p, t in zip(pulled, tangents, strict=True))
    np.testing.assert_allclose(np.sum(u * tangent), expected, rtol=1e-11, atol=1e-11)


@every_call
def test_second_derivatives_are_those_of_a_cubic_in_the_moved_entries(f, inputs):
    inputs = in_float64(inputs)
    w = weights(f(*inputs))

    def loss(first):
        return np.sum(w * f(first, *inputs[1:]) ** 3)

    v = weights(inputs[0])
    step = 1e-6
    gradient = ag.grad(loss)
    expected = (gradient(inputs[0] + step * v) - gradient(inputs[0] - step * v)) / (2 * step)
    forward_over_reverse = ag.hvp(loss, inputs[0], v)
    reverse_over_reverse = ag.grad(lambda a: np.sum(gradient(a) * v))(inputs[0])
    np.testing.assert_allclose(forward_over_reverse, expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(reverse_over_reverse, forward_over_reverse, rtol=1e-11, atol=1e-12)


@every_call
def test_constants_make_a_leaf_and_frozen_operands_get_nothing(f, inputs):
    nodes = [Tensor(value, requires_grad=False) for value in inputs]
    out = f(*nodes)
    assert not out.requires_grad
    assert out.is_leaf


FUNCTIONS = [
    "append", "array_split", "atleast_1d", "atleast_2d", "atleast_3d", "block", "broadcast_arrays",
    "choose", "column_stack", "compress", "copy", "delete", "dsplit", "dstack", "expand_dims",
    "extract", "flip", "fliplr", "flipud", "full_like", "hsplit", "hstack", "insert",
    "ix_", "matrix_transpose", "meshgrid", "moveaxis", "pad", "ravel", "repeat", "resize", "roll",
    "rollaxis", "rot90", "split", "squeeze", "swapaxes", "take", "take_along_axis", "tile",
    "vsplit", "vstack",
]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numpys_function_is_the_one_of_the_same_name_here(name):
    from autograd.numpy_api import from_numpy

    assert from_numpy(getattr(np, name)) is inspect.unwrap(getattr(ag, name))
    assert name in ag.__all__


def test_every_gate_of_these_families_has_a_sample():
    from autograd.families import load_family
    from autograd.gates.registry import Gate

    used = {node.gate for _, f, inputs in CALLS for node in ag.Graph(f(*map(Tensor, inputs))).nodes}
    for family in ("movement", "copying", "joining", "padding", "picking"):
        gates = {entry for entry in vars(load_family(family)).values() if isinstance(entry, Gate)}
        assert gates <= used


# ---- views and order


@pytest.mark.parametrize(
    "f",
    [
        np.squeeze, np.ravel, np.flip, np.rot90, lambda t: np.expand_dims(t, 1), lambda t: t[1:],
        lambda t: np.swapaxes(t, 0, 1), lambda t: np.moveaxis(t, 0, 1), np.atleast_3d,
        lambda t: np.split(t, 2)[1], lambda t: sliding_window_view(t, (2, 2)), lambda t: t[::-1],
    ],
)  # fmt: skip
def test_what_is_a_view_in_numpy_copies_nothing(f):
    t = Tensor(np.ones((4, 3)))
    assert np.shares_memory(f(t).data, t.data)


def test_copy_has_memory_of_its_own_and_a_scalar_stays_scalar():
    t, x = Tensor([1.0]), Tensor(2.0)
    assert not np.shares_memory(t.copy().data, t.data)
    assert type(x.copy().data) is float
    (x.copy() * x).backward()
    assert x.grad == 4.0


@pytest.mark.parametrize("order", ["A", "K"])
def test_an_order_that_depends_on_memory_is_refused(order):
    with pytest.raises(ag.UnsupportedError, match="order"):
        np.ravel(Tensor(np.ones((2, 2))), order=order)


@pytest.mark.parametrize("x", [2.0, np.array(2.0)])
def test_single_numbers_are_moved_too(x):
    t = Tensor(x)
    for f in (np.atleast_2d, np.ravel, np.squeeze, lambda a: np.tile(a, 3), lambda a: a[None]):
        t.zero_grad()
        out = f(t)
        out.backward(gradient=np.ones(out.shape))
        assert t.grad == out.size
        assert type(t.grad) is type(t.data)


# ---- joining and splitting


def test_a_reshape_copies_or_does_not_as_it_is_told():
    t = Tensor(np.arange(6.0).reshape(2, 3))
    assert np.shares_memory(t.reshape(-1, copy=False).data, t.data)
    copied = t.reshape(3, 2, copy=True)
    assert not np.shares_memory(copied.data, t.data)
    copied.backward(gradient=copied.data)
    np.testing.assert_array_equal(t.grad, t.data)
    assert t.astype(np.float32, casting="same_kind", copy=False).dtype == np.float32


def test_full_takes_the_shape_and_the_dtype_of_what_fills():
    x, row = Tensor(2.0), Tensor(np.float32([1.0, 2.0]))
    assert ag.full((2, 2), row).dtype == np.float32
    assert ag.full(3, x, dtype=np.float32).dtype == np.float32
    ag.full((3, 2), row).sum().backward()
    np.testing.assert_array_equal(row.grad, [3.0, 3.0])
    assert type(ag.full(2, 1.0)) is np.ndarray


def test_parts_put_together_again_are_the_whole():
    t = Tensor(np.arange(12.0).reshape(3, 4))
    for whole in (
        np.concatenate(np.array_split(t, 5, axis=1), axis=1),
        np.vstack(np.vsplit(t, 3)),
        np.hstack(np.hsplit(t, 2)),
        np.stack(list(t)),
        np.stack(ag.unstack(t, axis=1), axis=1),
    ):
        np.testing.assert_array_equal(whole.data, t.data)
        t.zero_grad()
        whole.backward(gradient=2.0 * t.data)
        np.testing.assert_array_equal(t.grad, 2.0 * t.data)


def test_a_pad_width_by_axis_is_that_of_the_pairs_it_stands_for():
    a = np.arange(6.0).reshape(2, 3)
    for widths, pairs in (
        ({-1: (1, 2)}, ((0, 0), (1, 2))),
        ({0: 1}, ((1, 1), (0, 0))),
        ({1: (0, 3), -2: 2}, ((2, 2), (0, 3))),
    ):
        t = Tensor(a)
        out = ag.pad(t, widths)
        np.testing.assert_array_equal(out.data, np.pad(a, pairs))
        out.backward(gradient=np.pad(a, pairs) + 1.0)
        np.testing.assert_array_equal(t.grad, a + 1.0)


def test_array_of_scalar_nodes_is_one_gate_over_all_of_them():
    x, y = Tensor(2.0, name="x"), Tensor(3.0)
    t = ag.array([[x, 1.0, y], [x, 4, True]])
    assert t.inputs == (x, 1.0, y, x, 4, True)
    assert t.gate.name == "array"
    t.backward(gradient=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert (x.grad, y.grad) == (5.0, 3.0)


def test_array_without_tensors_is_a_leaf():
    t = ag.array([[1.0, 2.0], [3.0, 4.0]])
    assert t.is_leaf
    assert t.requires_grad
    with pytest.raises(ag.DataError, match="floats"):
        ag.array([1, 2])


def test_array_detaches_nothing():
    x = Tensor(2.0)
    with pytest.raises(ag.DataError, match="gradient"):
        ag.array([x, 1.0], dtype=int)
    assert ag.array([x, 1.0], dtype="float32").dtype == np.float32
    assert ag.array(x).shape == ()
    for refused in (lambda: np.array([x, 1.0]), lambda: np.asarray(x)):
        with pytest.raises(ag.DataError, match=r"ag\.array"):
            refused()


@pytest.mark.parametrize(
    ("nest", "place"),
    [
        (lambda x: [[x, 1.0], [x]], r"\[1\]"),
        (lambda x: [x, [1.0]], r"\[1\]"),
        (lambda x: [[[x], [1.0, 2.0]]], r"\[0\]\[1\]"),
        (lambda x: [ag.array([x, x]), [1.0, x, x]], r"\[1\]"),
    ],
)
def test_array_says_where_lists_are_ragged(nest, place):
    with pytest.raises(ag.ShapeError, match=place):
        ag.array(nest(Tensor(1.0)))


@pytest.mark.parametrize("bad", [lambda x: [x, "a"], lambda x: [x, None], lambda x: ["a"]])
def test_array_refuses_what_is_no_number(bad):
    with pytest.raises(ag.DataError):
        ag.array(bad(Tensor(1.0)))


def test_full_like_of_a_tensor_keeps_its_gradient():
    x = Tensor(2.0)
    for like in (np.zeros((2, 3), np.float32), Tensor(np.zeros((2, 3), np.float32))):
        x.zero_grad()
        filled = ag.full_like(like, x)
        assert filled.dtype == np.float32
        filled.sum().backward()
        assert x.grad == 6.0
    assert type(np.full_like(Tensor([1.0, 2.0]), 5.0)) is np.ndarray
    with pytest.raises(ag.DataError, match="int"):
        ag.full_like([1, 2], x)


# ---- values


def test_functions_of_values_give_plain_results():
    t = Tensor([[1.0, 0.0], [0.0, 2.0]])
    np.testing.assert_array_equal(np.where(t), np.nonzero(t.data))
    np.testing.assert_array_equal(np.flatnonzero(t), [0, 3])
    np.testing.assert_array_equal(np.argwhere(t > 0), [[0, 0], [1, 1]])
    assert type(np.zeros_like(t)) is np.ndarray
    assert np.may_share_memory(t, t[0])
    assert not np.iscomplexobj(t)
    assert t.tolist() == [[1.0, 0.0], [0.0, 2.0]]
    assert type(Tensor(2.0).tolist()) is float


# ---- errors

ONES = np.ones((3, 4))
ERRORS = [
    ("index", lambda t: t[3], ag.OutOfRangeError),
    ("index array", lambda t: t[[0, 5]], ag.OutOfRangeError),
    ("too many indices", lambda t: t[0, 0, 0], ag.OutOfRangeError),
    ("take", lambda t: np.take(t, 4, axis=1), ag.OutOfRangeError),
    ("take axis", lambda t: np.take(t, 0, axis=2), ag.OutOfRangeError),
    ("take floats", lambda t: np.take(t, [0.5]), ag.DataError),
    ("take out", lambda t: np.take(t, 0, out=ONES), ag.UnsupportedError),
    ("take_along_axis", lambda t: np.take_along_axis(t, np.array([[4]]), 1), ag.OutOfRangeError),
    ("delete", lambda t: np.delete(t, 99), ag.OutOfRangeError),
    ("insert", lambda t: np.insert(t, 99, 1.0), ag.OutOfRangeError),
    ("swapaxes", lambda t: t.swapaxes(0, 2), ag.OutOfRangeError),
    ("rollaxis", lambda t: np.rollaxis(t, 2), ag.OutOfRangeError),
    ("expand_dims", lambda t: np.expand_dims(t, 4), ag.OutOfRangeError),
    ("flip", lambda t: np.flip(t, 2), ag.OutOfRangeError),
    ("fliplr", lambda t: np.fliplr(t[0]), ag.OutOfRangeError),
    ("roll", lambda t: np.roll(t, 1, axis=2), ag.OutOfRangeError),
    ("split axis", lambda t: np.split(t, 2, axis=2), ag.OutOfRangeError),
    ("squeeze", lambda t: np.squeeze(t, 0), ag.ShapeError),
    ("split", lambda t: np.split(t, 2), ag.ShapeError),
    ("split in none", lambda t: np.split(t, 0), ag.ShapeError),
    ("dsplit", lambda t: np.dsplit(t, 2), ag.ShapeError),
    ("repeat", lambda t: np.repeat(t, [1, 2], axis=0), ag.ShapeError),
    ("resize", lambda t: np.resize(t, (-1, 2)), ag.ShapeError),
    ("hstack", lambda t: np.hstack([t, ONES[1:]]), ag.ShapeError),
    ("nothing to join", lambda t: ag.hstack([]), ag.ShapeError),
    ("block depths", lambda t: np.block([t, [t]]), ag.ShapeError),
    ("empty block", lambda t: np.block([[t], []]), ag.ShapeError),
    ("broadcast", lambda t: np.broadcast_arrays(t, [1.0, 2.0]), ag.ShapeError),
    ("window", lambda t: sliding_window_view(t, (4, 1)), ag.ShapeError),
    ("windows", lambda t: sliding_window_view(t, 2), ag.ShapeError),
    ("window axis", lambda t: sliding_window_view(t, 2, axis=2), ag.OutOfRangeError),
    ("pad width", lambda t: np.pad(t, ((1, 1),) * 3), ag.ShapeError),
    ("pad below zero", lambda t: np.pad(t, -1), ag.ShapeError),
    ("pad mode", lambda t: np.pad(t, 1, mode="empty"), ag.UnsupportedError),
    ("pad odd", lambda t: np.pad(t, 1, mode="reflect", reflect_type="odd"), ag.UnsupportedError),
    ("pad with a Tensor", lambda t: np.pad(t, 1, constant_values=t[0, 0]), ag.UnsupportedError),
    ("pad of nothing", lambda t: np.pad(t, 1, "maximum", stat_length=0), ag.ShapeError),
    (
        "pad to a Tensor",
        lambda t: np.pad(t, 1, "linear_ramp", end_values=t[0, 0]),
        ag.UnsupportedError,
    ),
    ("pad option", lambda t: np.pad(t, 1, "mean", end_values=1.0), ag.ShapeError),
    ("reshape copy", lambda t: t.T.reshape(-1, copy=False), ag.ShapeError),
    ("astype casting", lambda t: t.astype(np.float32, casting="safe"), ag.DataError),
    ("concatenate to integers", lambda t: np.concatenate([t, t], dtype=int), ag.DataError),
    ("concatenate out", lambda t: np.concatenate([t, t], out=np.ones((6, 4))), ag.UnsupportedError),
    ("stack casting", lambda t: np.stack([t, t], dtype=np.float32, casting="safe"), ag.DataError),
    ("full of integers", lambda t: ag.full(2, t[0, 0], dtype=int), ag.DataError),
    ("meshgrid", lambda t: np.meshgrid(t, indexing="yx"), ag.ShapeError),
    ("ix_", lambda t: np.ix_(t), ag.ShapeError),
    ("fill", lambda t: t.fill(0.0), ag.UnsupportedError),
    ("put", lambda t: np.put(t, 0, 1.0), ag.UnsupportedError),
    ("put_along_axis", lambda t: np.put_along_axis(t, LABELS, 1.0, 1), ag.UnsupportedError),
    ("copyto", lambda t: np.copyto(ONES, t), ag.UnsupportedError),
]
LABELS = np.zeros((3, 1), int)


@pytest.mark.parametrize(("f", "kind"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_what_cannot_be_is_refused_at_the_call(f, kind):
    with pytest.raises(kind):
        f(Tensor(ONES))


# ---- writing by index

LENGTHS = (4, 3, 5)
NUMBER = st.integers(-3, 2)
PART = st.one_of(
    NUMBER,
    st.just(Ellipsis),
    st.none(),
    st.booleans(),
    st.builds(slice, st.none() | NUMBER, st.none() | NUMBER, st.sampled_from([None, 1, 2, -1])),
    st.lists(NUMBER, min_size=2, max_size=2),
    st.lists(st.lists(NUMBER, min_size=2, max_size=2), min_size=3, max_size=3),
    st.builds(lambda k: np.array([k, k], np.int8), NUMBER),
    st.builds(np.array, NUMBER),
)


@given(st.lists(PART, max_size=4).map(tuple))
@settings(max_examples=300)
def test_any_index_takes_its_gradient_back_to_where_it_read(key):
    """Against NumPy's own adding at an index, for whatever NumPy itself can index with."""
    data = np.arange(60.0).reshape(LENGTHS)
    try:
        expected = data[key]
    except IndexError:
        with pytest.raises(ag.OutOfRangeError):
            Tensor(data)[key]
        return
    t = Tensor(data)
    out = t[key]
    np.testing.assert_array_equal(out.data, expected)
    g = weights(out.data)
    out.backward(gradient=g)
    added = np.zeros(LENGTHS)
    np.add.at(added, key, g)
    np.testing.assert_allclose(t.grad, added, rtol=1e-15, atol=1e-15)


def test_indices_of_narrow_integers_do_not_overflow():
    t = Tensor(np.zeros((400, 300)))
    t[np.array([255, 255], np.uint8), np.array([-1, 100], np.int8)].sum().backward()
    assert t.grad[255, 299] == t.grad[255, 100] == 1.0
    assert t.grad.sum() == 2.0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_repeated_places_add_up_in_every_size_of_float(dtype):
    t = Tensor(np.zeros((3, 2), dtype))
    t[[0, 0, 2, 0]].sum().backward()
    np.testing.assert_array_equal(t.grad, [[3, 3], [0, 0], [1, 1]])
    assert t.grad.dtype == dtype


def test_picking_one_entry_a_row_needs_no_array_of_all_places():
    """One score of each row out of many: the way back allocates one array of that size alone."""
    import tracemalloc

    scores = Tensor(np.zeros((64, 10_000), np.float32))
    picked = scores[np.arange(64), np.arange(64)]
    tracemalloc.start()
    picked.backward(gradient=np.ones(64))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * scores.data.nbytes


def test_windows_make_a_convolution_and_its_derivatives():
    """Against the sum over shifts, written out."""
    image, kernel = np.random.default_rng(0).normal(size=(5, 6)), np.arange(6.0).reshape(2, 3)

    def convolved(image, kernel):
        return np.sum(ag.sliding_window_view(image, (2, 3)) * kernel, axis=(2, 3))

    def shifted(image, kernel):
        return sum(kernel[i, j] * image[i : i + 4, j : j + 4] for i in range(2) for j in range(3))

    for argnum in (0, 1):
        got = ag.jacobian(convolved, argnum)(image, kernel)
        want = ag.jacobian(shifted, argnum)(image, kernel)
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-13)
