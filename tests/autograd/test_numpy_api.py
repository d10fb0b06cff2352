"""NumPy speaks Tensor: its functions record gates, answer about values, or refuse."""

from __future__ import annotations

import builtins
import inspect

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, families

UNARY = ["exp", "log", "sqrt", "tanh", "negative", "reciprocal", "square", "absolute"]
BINARY = ["add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "remainder",
          "floor_divide", "matmul", "dot"]  # fmt: skip
REDUCTIONS = ["sum", "mean", "max", "min"]


def assert_records(out, name, expected):
    assert type(out) is Tensor
    assert out.gate.name == name
    assert out.data.tobytes() == np.asarray(expected).tobytes()


@pytest.mark.parametrize("name", UNARY)
def test_a_function_of_numpy_and_ours_of_the_same_name_are_one(name):
    a = np.array([0.5, 2.0])
    for module in (np, ag):
        assert_records(getattr(module, name)(Tensor(a)), name, getattr(np, name)(a))
    if hasattr(Tensor, name):
        assert_records(getattr(Tensor(a), name)(), name, getattr(np, name)(a))


@pytest.mark.parametrize("name", BINARY)
def test_operands_may_be_tensors_arrays_and_lists_on_either_side(name):
    a, b = np.array([0.5, 2.0]), np.array([1.5, 0.7])
    expected = getattr(np, name)(a, b)
    for module in (np, ag):
        f = getattr(module, name)
        for left, right in ((Tensor(a), Tensor(b)), (a, Tensor(b)), (Tensor(a), b)):
            assert_records(f(left, right), name, expected)
        assert_records(f(a.tolist(), Tensor(b)), name, expected)
        assert_records(f(Tensor(a), b.tolist()), name, expected)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_are_functions_and_methods(name):
    a = np.arange(6.0).reshape(2, 3)
    f = getattr(np, name)
    for out in (
        f(Tensor(a), axis=0),
        getattr(ag, name)(Tensor(a), axis=0),
        getattr(Tensor(a), name)(0),
    ):
        assert_records(out, name, f(a, axis=0))
    out = f(Tensor(a), axis=(0, 1), keepdims=True)
    assert_records(out, name, f(a, axis=(0, 1), keepdims=True))
    assert out.settings == {"axis": (0, 1), "keepdims": True}


@pytest.mark.parametrize(
    "f",
    [
        lambda a, t: a * t,
        lambda a, t: a - t,
        lambda a, t: a / t,
        lambda a, t: a**t,
        lambda a, t: a % t,
        lambda a, t: a // t,
        lambda a, t: a @ t,
        lambda a, t: np.float64(2.0) * t,
        lambda a, t: np.float32(2.0) - t,
        lambda a, t: np.int64(2) ** t,
        lambda a, t: 2.0**t,
        lambda a, t: 3 // t,
        lambda a, t: 3 % t,
    ],
)
def test_operators_with_arrays_and_numpy_numbers_on_the_left(f):
    a, b = np.array([0.5, 2.0]), np.array([1.5, 0.7])
    out = f(a, Tensor(b))
    expected = f(a, b)
    assert type(out) is Tensor
    assert out.data.dtype == np.asarray(expected).dtype
    assert out.data.tobytes() == np.asarray(expected).tobytes()
    assert out.requires_grad


def test_shape_functions_take_numpys_arguments():
    a = np.arange(6.0).reshape(2, 3)
    for f in (
        lambda t: np.reshape(t, (3, 2)),
        lambda t: np.reshape(t, -1),
        lambda t: t.reshape(3, 2),
        lambda t: t.reshape((3, -1)),
        lambda t: t.reshape(-1),
        np.transpose,
        lambda t: np.transpose(t, (1, 0)),
        lambda t: np.transpose(t, axes=[1, 0]),
        lambda t: t.transpose(),
        lambda t: t.transpose(1, 0),
        lambda t: t.transpose((1, 0)),
        lambda t: t.transpose(None),
        lambda t: t.T,
        lambda t: t.mT,
        lambda t: np.broadcast_to(t, (4, 2, 3)),
        lambda t: np.concatenate([t, a]),
        lambda t: np.concatenate((t, t), axis=1),
        lambda t: np.concatenate([t, a], axis=None),
        lambda t: np.concatenate(t),
        lambda t: np.stack([t, a], axis=-1),
        lambda t: np.stack((t, t)),
        lambda t: np.where(a > 2, t, 0.0),
        lambda t: np.where(t > 2.0, 1.0, t),
        lambda t: t.dot(np.ones(3)),
        lambda t: t.astype("float32"),
        lambda t: t.astype(np.float16),
    ):
        out = f(Tensor(a))
        expected = f(a)
        assert type(out) is Tensor
        assert (out.shape, out.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_array_equal(out.data, expected)


@pytest.mark.parametrize(
    "f",
    [
        np.isnan, np.isinf, np.isfinite, np.signbit, np.argmax, np.argsort, np.all, np.any,
        np.shape, np.ndim, np.size, np.nonzero, np.count_nonzero,
        lambda t: np.allclose(t, t), lambda t: np.isclose(t, 1.0),
        lambda t: np.array_equal(t, [t, t]),
        lambda t: np.greater(t, 1.0), lambda t: np.equal(t, t), lambda t: np.argmin(t, axis=0),
        lambda t: t.argmax(), lambda t: t.argmin(axis=0), np.nanargmax, np.nanargmin,
    ],
)  # fmt: skip
def test_questions_about_values_get_plain_answers(f):
    a = np.array([1.0, -2.0, np.inf])
    answer, expected = f(Tensor(a)), f(a)
    assert type(answer) is type(expected)
    np.testing.assert_array_equal(answer, expected)


def test_an_unknown_function_is_refused_with_its_neighbours():
    t = Tensor([[2.0, 1.0], [1.0, 3.0]])
    with pytest.raises(ag.UnsupportedError, match=r"np\.spacing"):
        np.spacing(t)
    with pytest.raises(ag.UnsupportedError, match=r"np\.packbits"):
        np.packbits(t)
    with pytest.raises(ag.UnsupportedError, match=r"frexp.*np\.exp"):
        np.frexp(t)
    with pytest.raises(TypeError, match=r"t\.data"):
        np.nextafter(t, t)
    assert t.grad is None


@pytest.mark.parametrize(
    ("f", "options"),
    [
        (np.round, {"out": None}), (np.clip, {"a_min": 0.0, "a_max": 1.0, "out": None}),
        (np.sum, {"where": True, "initial": 0.0, "out": None, "dtype": None}),
        (np.var, {"mean": None, "where": True, "correction": 0}), (np.max, {"out": None}),
        (np.take, {"indices": 0, "out": None}),
        (np.broadcast_to, {"shape": (3, 2), "subok": False}),
        (np.copy, {"order": "K", "subok": False}), (np.quantile, {"q": 0.3, "weights": None}),
        (np.ravel, {"order": "C"}), (np.reshape, {"shape": -1, "copy": None}),
        (np.cumsum, {"out": None, "dtype": None}),
        (np.full_like, {"fill_value": 1.0, "device": None}),
        (np.linspace, {"stop": 3.0, "device": None}), (np.argmax, {"out": None}),
        (np.all, {"where": True, "out": None}),
    ],
)  # fmt: skip
def test_options_that_say_nothing_are_taken(f, options):
    a = np.array([0.5, 2.0])
    said = {k: v for k, v in options.items() if not (f is np.var and k == "mean")}
    out = f(Tensor(a), **options)
    np.testing.assert_array_equal(out.data if type(out) is Tensor else out, f(a, **said))


@pytest.mark.parametrize(
    "call",
    [
        lambda t: np.exp(t, out=np.zeros(2)),
        lambda t: np.exp(np.zeros(2), out=t),
        lambda t: np.add(t, 1.0, out=t.data),
        lambda t: np.sum(t, out=np.zeros(())),
    ],
)
def test_out_is_refused(call):
    t = Tensor([1.0, 2.0])
    with pytest.raises(ag.UnsupportedError, match="out"):
        call(t)
    np.testing.assert_array_equal(t.data, [1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda t: np.exp(t, where=np.array([True, False])), "where"),
        (lambda t: np.exp(t, dtype=np.float32), "dtype"),
    ],
)
def test_other_options_are_refused_by_name(call, option):
    with pytest.raises(ag.UnsupportedError, match=option):
        call(Tensor([1.0, 2.0]))


def test_a_star_import_leaves_pythons_own_names_alone():
    namespace = {}
    exec("from autograd import *", namespace)
    for name in ag.__all__:
        assert not hasattr(builtins, name)
        assert namespace[name] is getattr(ag, name)
    assert "sum" not in namespace
    assert ag.sum is not builtins.sum


def test_the_derivation_is_ag_trace_and_no_module_shadows_a_function():
    for name in ("gate", "grad", "trace", "scope"):
        assert callable(getattr(ag, name))
        assert not hasattr(getattr(ag, name), "__path__")


def test_contains_and_iteration_work_through_values():
    t = Tensor([1.0, 2.0])
    assert 2.0 in t
    assert 3.0 not in t


def test_constants_keep_their_dtype_as_in_numpy():
    t = Tensor(np.float32([1.0, 2.0]))
    for other in (
        np.float64(2),
        np.array(2.0),
        np.array([1, 2]),
        np.float32(2),
        np.int8(2),
        [1, 2],
    ):
        expected = t.data * other if not isinstance(other, list) else t.data * np.asarray(other)
        assert (t * other).dtype == (other * t).dtype == expected.dtype
        (t * other).sum().backward()
        assert t.grad.dtype == np.float32


def test_big_and_small_floats_of_other_sizes_are_differentiated():
    for dtype in (np.float16, np.float32, np.longdouble):
        t = Tensor([1.0, 2.0], dtype=dtype)
        (t * t).sum().backward()
        assert t.grad.dtype == dtype
        np.testing.assert_array_equal(t.grad, [2.0, 4.0])


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_empty_arrays_go_through(shape):
    t = Tensor(np.zeros(shape))
    out = np.sum(np.exp(t * 2.0) + t.reshape(-1)[:0].sum())
    out.backward()
    assert out.data == 0.0
    assert t.grad.shape == shape
    bias = Tensor(np.ones((1, 1)))
    np.sum(bias * np.zeros((0, 3))).backward()
    np.testing.assert_array_equal(bias.grad, [[0.0]])


# ---- nested lists of Tensors, which NumPy cannot hand over

GIVEN = {
    "astype": ("float32",), "broadcast_to": ((2, 2, 3),), "choose": ([0, 1, 1],),
    "compress": ([True, False],), "cumulative_prod": (), "cumulative_sum": (), "einsum": (),
    "extract": ([True, False],), "interp": ([0.0, 1.0], [2.0, 5.0]), "matmul": (np.ones(3),),
    "matvec": (np.ones(3),), "polygamma": (), "reshape": ((3, 2),),
    "tensordot": (np.ones((3, 2)), 1), "vdot": (np.ones((2, 3)),),
    "vecdot": (np.ones(3),), "vecmat": (np.ones((3, 4)),), "cross": (np.ones(3),),
    "sliding_window_view": ((1, 2),), "take_along_axis": ([[0], [1]],),
}  # fmt: skip
"""What a function is given besides."""

FIRST = {"choose": ([0, 1, 1],), "compress": ([True, False],), "extract": ([[True], [False]],),
         "einsum": ("ij->i",), "polygamma": (1,)}  # fmt: skip
"""What a function is given before."""

KEYWORDS = {"cumulative_prod": {"axis": 1}, "cumulative_sum": {"axis": 1}}
NOT_OF_ONE_ARRAY = (
    # of rows alone, or of a shape
    "bincount", "convolve", "correlate", "full", "ix_", "poly", "polyadd", "polyder", "polyfit",
    "polyint", "polymul", "polysub", "searchsorted", "vander",
    # of lists of masks or of blocks, or of three axes; of functions
    "select", "block", "dsplit", "piecewise", "apply_along_axis", "apply_over_axes",
)  # fmt: skip


def functions_of_arrays():
    """NumPy's functions, gates, and ours that reduce or keep a shape."""
    families.load_all()
    known = {*families.FROM_NUMPY.values(), *map(inspect.unwrap, (ag.softmax, ag.log_softmax))}
    known.add(inspect.unwrap(ag.logsumexp))
    for name in [*ag.__all__, "sum", "max", "min", "abs", "pow", "round"]:
        function = getattr(ag, name)
        takes = inspect.unwrap(function) in known or isinstance(function, ag.Gate)
        if takes and name not in NOT_OF_ONE_ARRAY:
            yield name


def test_these_are_many():
    assert len(list(functions_of_arrays())) > 200


@pytest.mark.parametrize("name", list(functions_of_arrays()))
def test_every_function_of_ours_takes_nested_lists_of_tensors(name):
    """What it gives is what it gives for the node that `ag.array` makes of the list."""
    f = getattr(ag, name)
    x = Tensor(0.7)
    nest = [[x, 0.3, 0.9], (x * x, 0.5, x / 2)]
    first, rest, options = FIRST.get(name, ()), GIVEN.get(name), KEYWORDS.get(name, {})
    if name in FIRST:
        rest = ()
    tries = [rest] if rest is not None else [(), (1,), (0, 1), (0.5,), ([0.1, 0.3],)]
    answers = []
    for given in tries:
        try:
            with np.errstate(all="ignore"):  # arccosh has no value here
                answers = [f(*first, a, *given, **options) for a in (ag.array(nest), nest)]
        except TypeError as error:
            if "missing" not in str(error) and "operand" not in str(error):
                raise
            continue
        except ImportError as error:  # an extra that is not installed
            pytest.skip(str(error))
        break
    parts = [out if isinstance(out, (tuple, list)) else [out] for out in answers]
    for expected, got in zip(*parts, strict=True):
        if type(expected) is not Tensor:
            np.testing.assert_array_equal(got, expected)
            continue
        assert (got.data.tobytes(), got.dtype) == (expected.data.tobytes(), expected.dtype)
        assert got.requires_grad
        slopes = []
        for out in (expected, got):
            x.zero_grad()
            with np.errstate(all="ignore"):
                out.backward(gradient=np.ones(out.shape))
            slopes.append(x.grad)
        np.testing.assert_array_equal(*slopes)


@pytest.mark.parametrize(
    "name", ["cholesky", "cond", "det", "eigh", "eigvalsh", "inv", "norm", "pinv", "qr", "slogdet",
             "svd", "svdvals", "matrix_norm", "diagonal", "trace"],
)  # fmt: skip
def test_linear_algebra_takes_nested_lists_of_tensors(name):
    x = Tensor(2.0)
    f, nest = getattr(ag.linalg, name), [[x, 1.0], [1.0, x + 1.0]]
    parts = [out if isinstance(out, tuple) else (out,) for out in (f(ag.array(nest)), f(nest))]
    for expected, got in zip(*parts, strict=True):
        np.testing.assert_array_equal(got.data, expected.data)
        assert got.requires_grad


def test_lists_among_several_operands_are_joined_too():
    x = Tensor(2.0)
    out = ag.where([True, False], [x, 1.0], ag.multiply([x, x], [3.0, x]))
    np.testing.assert_array_equal(out.data, [2.0, 4.0])
    out.sum().backward()
    assert x.grad == 1.0 + 4.0
    assert ag.hstack([[x, 1.0], x]).shape == (3,)
    assert ag.argmax([x, x + 1.0]) == 1
    assert (ag.mean([x, x + 2.0]).data, type(ag.mean([x]))) == (3.0, Tensor)
    t = Tensor([1.0, 2.0])
    np.testing.assert_array_equal(np.append(t, [x, 5.0]).data, [1.0, 2.0, 2.0, 5.0])
    np.testing.assert_array_equal(ag.append([x, 1.0], [[x]]).data, [2.0, 1.0, 2.0])
    with pytest.raises(ag.ShapeError, match=r"\[1\]"):
        ag.mean([[x, x], [x]])
    endless = [1.0]
    endless.append(endless)
    with pytest.raises(ag.DataError):
        ag.mean(endless)
