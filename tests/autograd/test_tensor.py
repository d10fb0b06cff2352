"""The node that users hold: what it takes, what it shares, what it answers."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

# ---- what is wrapped


@pytest.mark.parametrize("value", [2.0, 2, True], ids=["float", "int", "bool"])
def test_a_python_number_makes_a_scalar_node(value):
    t = Tensor(value)
    assert type(t.data) is float
    assert (t.data, t.shape, t.ndim, t.size, t.dtype) == (float(value), (), 0, 1, np.float64)


@pytest.mark.parametrize(
    "value", [np.float64(2), np.float32(2), np.array(2.0), np.array([2.0])[0]], ids=repr
)
def test_a_numpy_number_makes_a_0d_array(value):
    t = Tensor(value)
    assert type(t.data) is np.ndarray
    assert t.shape == ()
    assert t.dtype == value.dtype


def test_a_dtype_makes_an_array_of_a_number_too():
    t = Tensor(2, dtype="float32")
    assert type(t.data) is np.ndarray
    assert t.dtype == np.float32
    assert Tensor([1, 2], dtype=float).dtype == np.float64


def test_a_tensor_shares_the_memory_of_its_array():
    a = np.zeros((2, 3))
    t = Tensor(a)
    assert t.data is a
    assert t.numpy() is a
    assert np.shares_memory(t.detach().data, a)


def test_arrays_are_never_locked():
    """Neither wrapping, nor recording, nor a pass takes away the right to write."""
    a, b = np.ones(3), np.ones(3)
    (Tensor(a) * b).sum().backward()
    a[0] = b[0] = 5.0


def test_a_read_only_array_can_be_differentiated():
    a = np.ones(3)
    a.flags.writeable = False
    t = Tensor(a)
    (t * t).sum().backward()
    t.grad += 1.0
    np.testing.assert_array_equal(t.grad, [3.0, 3.0, 3.0])


def test_integers_need_no_gradient_or_a_float_dtype():
    assert Tensor([1, 2], requires_grad=False).dtype == np.dtype(int)
    with pytest.raises(ag.DataError, match=r"\[1\.0, 2\.0\]"):
        Tensor([1, 2])
    with pytest.raises(ag.DataError):
        Tensor(np.array(True))


def test_an_integer_past_the_largest_float_is_infinite():
    assert Tensor(10**400).data == np.inf
    assert Tensor(-(10**400)).data == -np.inf


# ---- kinds of results


def test_an_expression_of_a_scalar_and_an_array_is_an_array():
    x, t = Tensor(2.0), Tensor([1.0, 3.0])
    for out in (
        x * t,
        t * x,
        x * np.array([1.0, 3.0]),
        np.array([1.0, 3.0]) * x,
        x * np.float64(1),
    ):
        assert type(out.data) is np.ndarray


@pytest.mark.parametrize(
    "f",
    [
        lambda t, x: t * x,
        lambda t, x: x - t,
        lambda t, x: t**x,
        lambda t, x: x / t,
        lambda t, x: np.maximum(x, t),
        lambda t, x: np.where([True, False], x, t),
        lambda t, x: t * 2.0,
        lambda t, x: 2**t,
        lambda t, x: t + True,
        lambda t, x: t * ag.where(True, x, 1.0),
        lambda t, x: t * x.reshape(()),
        lambda t, x: t * ag.max(x),
    ],
)
def test_scalar_nodes_are_weak_so_float32_stays_float32(f):
    t, x = Tensor(np.float32([1.0, 2.0])), Tensor(3.0)
    out = f(t, x)
    assert out.dtype == np.float32
    out.sum().backward()
    assert t.grad.dtype == np.float32
    assert x.grad is None or type(x.grad) is float


@pytest.mark.parametrize("f", [np.sum, np.mean, np.max, np.min], ids=lambda f: f.__name__)
def test_a_full_reduction_is_a_0d_array(f):
    out = f(Tensor([1.0, 2.0]))
    assert type(out.data) is np.ndarray
    assert out.shape == ()


@pytest.mark.parametrize(
    "f",
    [
        ag.sum,
        ag.max,
        ag.mean,
        lambda x: ag.where(True, x, 0.0),
        lambda x: x.T,
        lambda x: x[...],
        lambda x: x[()],
        lambda x: x.reshape(()),
    ],
)
def test_what_has_one_number_of_a_scalar_node_stays_a_scalar_node(f):
    x = Tensor(3.0)
    out = f(x)
    out.backward()
    assert type(out.data) is float
    assert (out.data, x.grad) == (3.0, 1.0)


# ---- the place in the graph


def test_a_leaf_has_no_gate_and_no_inputs():
    x = Tensor(2.0, name="x")
    assert (x.gate, x.inputs, x.is_leaf, x.scope, x.source) == (None, (), True, "", None)
    assert (x.name, x.requires_grad, x.grad) == ("x", True, None)


@pytest.mark.parametrize("wrap", [float, np.array, lambda v: np.array([v])])
def test_inputs_are_the_operands_as_given(wrap):
    """In order, repeated ones repeated, constants included; 1/x has x alone."""
    x, y = Tensor(wrap(2.0)), Tensor(wrap(3.0))
    assert [*map(id, (x * x).inputs)] == [id(x), id(x)]
    assert [*map(id, (y - x).inputs)] == [id(y), id(x)]
    assert (x * 2.0).inputs[1] == 2.0
    assert (2.0 - x).inputs[0] == 2.0
    assert (2.0 - x).inputs[1] is x
    assert len((1 / x).inputs) == 1
    assert (1 / x).inputs[0] is x
    constant = np.array([4.0])
    assert (constant * x).inputs[0] is constant


@pytest.mark.parametrize(
    ("f", "name", "symbol"),
    [
        (lambda x: x + x, "add", "+"),
        (lambda x: x - x, "subtract", "−"),
        (lambda x: x * 2, "multiply", "×"),
        (lambda x: x / 2, "divide", "÷"),
        (lambda x: -x, "negative", "×(−1)"),
        (lambda x: 1 / x, "reciprocal", "1/x"),
        (lambda x: 1.0 / x, "reciprocal", "1/x"),
        (lambda x: 2 / x, "divide", "÷"),
        (lambda x: x**2, "power", "xʸ"),
        (lambda x: 2**x, "power", "xʸ"),
        (lambda x: np.maximum(x, 1.0), "maximum", "max"),
        (lambda x: x.max(), "max", "max"),
        (lambda x: x.exp(), "exp", "exp"),
        (lambda x: x.log(), "log", "ln"),
        (lambda x: x.tanh(), "tanh", "tanh"),
        (lambda x: x.sigmoid(), "sigmoid", "σ"),
        (lambda x: x.sum(), "sum", "Σ"),
        (lambda x: abs(x), "absolute", "|x|"),
    ],
)
def test_gates_bear_numpys_names_and_the_slides_symbols(f, name, symbol):
    for x in (Tensor(2.0), Tensor([2.0])):
        assert (f(x).gate.name, f(x).gate.symbol) == (name, symbol)


def test_the_values_of_numpys_power_operator_are_kept():
    """`a**2` and `a**0.5` take short cuts in NumPy that np.power does not; both are followed."""
    a = np.random.default_rng(0).uniform(0.1, 3.0, 500)
    for exponent in (2, 2.0, 0.5, -1, 3, 1, 0, np.float64(2), np.array(0.5)):
        assert (Tensor(a) ** exponent).data.tobytes() == (a**exponent).tobytes()
        assert np.power(Tensor(a), exponent).data.tobytes() == np.power(a, exponent).tobytes()
    assert (Tensor(a) ** Tensor(2.0)).data.tobytes() == (a**2.0).tobytes()


def test_one_over_an_integer_array_is_numpys():
    whole = np.array([2, 4])
    np.testing.assert_array_equal((1 / Tensor(whole, requires_grad=False)).data, 1 / whole)


def test_results_without_anything_that_wants_a_gradient_are_leaves():
    c = Tensor(2.0, requires_grad=False)
    for out in (c * c, c + 1.0, c.exp(), Tensor([1, 2], requires_grad=False) * 2):
        assert out.is_leaf
        assert not out.requires_grad


def test_computed_nodes_want_a_gradient_as_soon_as_one_operand_does():
    c, x = Tensor(2.0, requires_grad=False), Tensor(3.0)
    out = c * x
    assert out.requires_grad
    assert not out.is_leaf
    assert out.inputs[0] is c


def test_requires_grad_can_be_set_on_a_leaf_only():
    x = Tensor(2.0)
    x.requires_grad = False
    assert (x * x).is_leaf
    x.requires_grad = True
    assert not (x * x).is_leaf
    with pytest.raises(ag.GradientError, match="detach"):
        (x * x).requires_grad = False
    with pytest.raises(ag.DataError):
        Tensor([1], requires_grad=False).requires_grad = True


# ---- assigning data and grad


@pytest.mark.parametrize("wrap", [float, np.array, lambda v: np.array([v, v])])
def test_data_of_a_leaf_can_be_stepped_in_place(wrap):
    p = Tensor(wrap(2.0))
    p.data -= 0.5
    np.testing.assert_array_equal(p.data, wrap(1.5))
    assert type(p.data) is type(wrap(2.0))


def test_assigned_data_take_the_leafs_kind_and_dtype():
    p = Tensor(np.float32([1.0, 2.0]))
    p.data = [3.0, 4.0]
    assert p.dtype == np.float32
    x = Tensor(1.0)
    x.data = np.float64(3)
    assert type(x.data) is float
    whole = Tensor([1, 2], requires_grad=False)
    with pytest.raises(ag.DataError):
        whole.data = [0.5, 0.5]


@pytest.mark.parametrize("attribute", ["data", "grad"])
def test_assigning_another_shape_changes_nothing(attribute):
    p = Tensor([1.0, 2.0])
    for value in (5.0, [1.0], [[1.0, 2.0]], np.ones(3)):
        with pytest.raises(ag.ShapeError, match=r"\(2,\)"):
            setattr(p, attribute, value)
    assert p.grad is None
    np.testing.assert_array_equal(p.data, [1.0, 2.0])


@pytest.mark.parametrize("attribute", ["data", "grad"])
def test_assigning_a_node_says_to_take_its_value(attribute):
    p, q = Tensor([1.0, 2.0]), Tensor([1.0, 2.0], name="q")
    with pytest.raises(ag.DataError, match=r"'q'.* write t\.data"):
        setattr(p, attribute, q)


def test_data_of_a_computed_node_cannot_be_assigned():
    y = Tensor(2.0) * 3.0
    with pytest.raises(ag.GradientError, match="leaf"):
        y.data = 1.0
    assert y.data == 6.0


def test_grad_can_be_assigned_and_cleared():
    p = Tensor([1.0, 2.0])
    p.grad = [5.0, 6.0]
    (p * 1.0).sum().backward()
    np.testing.assert_array_equal(p.grad, [6.0, 7.0])
    p.zero_grad()
    assert p.grad is None
    p.grad = None
    assert p.grad is None


# ---- comparisons, truth, conversion


@pytest.mark.parametrize("name", ["__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"])
def test_comparisons_give_plain_booleans_or_arrays(name):
    for a, b in ((1.0, 2.0), (2.0, 2.0), (3.0, float("nan"))):
        assert getattr(Tensor(a), name)(Tensor(b)) is getattr(a, name)(b)
        assert getattr(Tensor(a), name)(b) is getattr(a, name)(b)
    left, right = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    for other in (right, Tensor(right), 2.0, Tensor(2.0)):
        result = getattr(Tensor(left), name)(other)
        assert type(result) is np.ndarray
        np.testing.assert_array_equal(result, getattr(left, name)(right))


def test_comparisons_work_from_the_left_too():
    t = Tensor([1.0, 3.0])
    for result in (t < 2.0, np.array([2.0, 2.0]) > t, np.float64(2) > t):
        assert type(result) is np.ndarray
        assert result.tolist() == [True, False]


def test_hash_is_identity_whatever_the_values():
    x, y = Tensor(2.0), Tensor(2.0)
    assert x == y
    assert len({x, y, x}) == 2
    assert {x: 1, y: 2}[x] == 1


def test_truth_is_that_of_one_number():
    assert Tensor(2.0)
    assert not Tensor(0.0)
    assert Tensor([3.0])
    for many in ([1.0, 2.0], np.zeros((0,))):
        with pytest.raises(ag.ShapeError):
            bool(Tensor(many))


def test_float_and_item_read_one_number():
    for t in (Tensor(2.5), Tensor([2.5]), Tensor([[2.5]]), Tensor(np.float32(2.5))):
        assert float(t.detach()) == t.item() == 2.5
        assert type(t.item()) is float
    assert type(float(Tensor(np.array(3), requires_grad=False))) is float
    for wrong in ([1.0, 2.0], np.zeros(0)):
        with pytest.raises(ag.ShapeError):
            Tensor(wrong).item()
    assert f"{Tensor(2.5):.3f}" == "2.500"


def test_iteration_gives_rows_that_are_differentiated():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    first, second = t
    (first * second).sum().backward()
    np.testing.assert_array_equal(t.grad, [[3.0, 4.0], [1.0, 2.0]])
    assert len(t) == 2
    for scalar in (Tensor(1.0), Tensor(np.array(1.0))):
        with pytest.raises(ag.DataError):
            len(scalar)
        with pytest.raises(ag.DataError):
            iter(scalar)


def test_detach_is_a_leaf_of_the_same_value():
    x = Tensor([1.0, 2.0], name="x")
    y = (x * 2.0).detach()
    assert y.is_leaf
    assert not y.requires_grad
    out = (x * y).sum()
    out.backward()
    np.testing.assert_array_equal(x.grad, y.data)


def test_asarray_raises_for_what_wants_a_gradient_and_converts_the_rest():
    x = Tensor([1.0, 2.0], name="x")
    for convert in (
        np.asarray,
        np.array,
        lambda t: np.array([t, t]),
        lambda t: np.zeros(2) + [t, t],
    ):
        with pytest.raises(TypeError, match="'x'"):
            convert(x)
    plain = x.detach()
    assert np.asarray(plain) is plain.data
    np.testing.assert_array_equal(np.array([plain, plain]), [[1.0, 2.0], [1.0, 2.0]])
    assert np.asarray(plain, dtype=np.float32).dtype == np.float32
    assert not np.shares_memory(np.array(plain, copy=True), plain.data)


@pytest.mark.parametrize("data", [2.0, np.array([1.0, 2.0])], ids=["scalar", "array"])
@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))],
)
@pytest.mark.parametrize("wants", [True, False])
def test_a_leaf_can_be_copied_and_pickled(data, duplicate, wants):
    other = duplicate(Tensor(data, name="x", requires_grad=wants))
    assert (other.name, other.requires_grad, type(other.data)) == ("x", wants, type(data))
    np.testing.assert_array_equal(other.data, data)
    if wants:
        out = other * other
        out.backward(gradient=np.ones_like(data))
        np.testing.assert_array_equal(other.grad, 2 * data)
        # The copy is a node like any other: its scalar gates carry their local gradients.
        assert out.settings == {}
        assert type(out._first) is type((Tensor(data) * Tensor(data))._first)


def test_a_computed_node_cannot_be_pickled():
    with pytest.raises(ag.DataError, match="leaves"):
        pickle.dumps(Tensor(2.0) * 2.0)


def test_tensor_is_the_one_node_class():
    with pytest.raises(ag.DataError, match="no subclasses"):

        class Parameter(Tensor):
            pass


def test_repr_shows_value_name_dtype_and_gate():
    assert repr(Tensor(2.0, name="x")) == "Tensor(2.0, name='x')"
    assert repr(Tensor(np.float32([1.0]))) == "Tensor([1.], dtype=float32)"
    assert "gate=multiply" in repr(Tensor(2.0) * 3.0)
    assert "requires_grad=False" in repr(Tensor(2.0, requires_grad=False))
    assert len(repr(Tensor(np.zeros(10**6)))) < 300
