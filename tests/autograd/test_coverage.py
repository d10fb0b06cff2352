"""Every name that NumPy has: supported, of values, or refused by an error of ours."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, families
from autograd.numpy_api import VALUES

families.load_all()

MODULES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}


def dispatched():
    """NumPy's functions that hand a Tensor over, and have no rule and do not work on values."""
    for path, module in MODULES.items():
        for name in sorted(module.__all__):
            function = getattr(module, name)
            hands_over = isinstance(function, np.ufunc) or hasattr(function, "_implementation")
            if hands_over and function not in families.FROM_NUMPY and function not in VALUES:
                yield pytest.param(function, id=f"{path}.{name}")


def operands(function, node):
    """As many operands as it needs."""
    if isinstance(function, np.ufunc):
        return [node] * function.nin
    parameters = inspect.signature(function).parameters.values()
    needed = [p for p in parameters if p.default is p.empty and p.kind <= p.VAR_POSITIONAL]
    return [node] * max(1, len(needed))


@pytest.mark.parametrize("function", list(dispatched()))
def test_what_has_no_rule_is_refused_at_the_call(function):
    node = Tensor([[2.0, 1.0], [1.0, 3.0]])
    with pytest.raises(ag.UnsupportedError, match=function.__name__.removesuffix("_along_axis")):
        function(*operands(function, node))
    assert node.grad is None


MAKERS = (
    "arange", "array", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray",
    "asfortranarray", "broadcast", "full", "isfortran", "ndenumerate", "require",
)  # fmt: skip
"""Functions that hand nothing over: they take what can be made an array."""


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.filterwarnings("ignore::autograd.DetachedWarning")
def test_what_makes_plain_arrays_takes_no_tensor_that_wants_a_gradient(name):
    node = Tensor([[2.0, 1.0], [1.0, 3.0]])
    arguments = [(2,), node] if name == "full" else [node]
    with pytest.raises((ag.AutogradError, AttributeError), match=r"Tensor|leaf"):
        getattr(np, name)(*arguments)


def test_what_cannot_be_handed_over_names_our_function():
    x = Tensor(2.0)
    for call, name in (
        (lambda: np.full(2, x), "full"),
        (lambda: np.full(2, x, float), "full"),
        (lambda: np.full_like(np.ones(2), x), "full_like"),
        (lambda: np.mean([x, x]), "mean"),
        (lambda: np.append([x], [x]), "append"),
    ):
        with pytest.raises(ag.AutogradError, match=rf"ag\.{name}\("):
            call()


PUBLIC = [name for name in dir(np.ndarray) if not name.startswith("_")]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_attribute_of_an_array_is_there_or_refused(name):
    for node in (Tensor(np.ones((2, 2))), Tensor(2.0)):
        try:
            getattr(node, name)
        except AttributeError as error:
            assert isinstance(error, ag.AutogradError)
            assert "write" in str(error)
        except ag.ShapeError:
            assert (name, node.ndim) == ("mT", 0)


ABSENT = {
    # arrays that are no subclass have none of these: NumPy then asks __array__ and the protocols
    "__array_finalize__", "__array_interface__", "__array_namespace__", "__array_priority__",
    "__array_struct__", "__array_wrap__", "__dlpack__", "__dlpack_device__", "__class_getitem__",
    "__setstate__", "__delitem__",
    # without them Python computes a + b and assigns the name anew: a node is not written
    "__iadd__", "__iand__", "__ifloordiv__", "__ilshift__", "__imatmul__", "__imod__", "__imul__",
    "__ior__", "__ipow__", "__irshift__", "__isub__", "__itruediv__", "__ixor__",
}  # fmt: skip


def test_every_operator_of_an_array_is_there():
    special = {name for name in dir(np.ndarray) if name.startswith("__")}
    assert {name for name in special if not hasattr(Tensor, name)} <= ABSENT


def test_attributes_that_are_values_are_numpys():
    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    t = Tensor(a)
    assert (t.itemsize, t.nbytes, t.strides) == (a.itemsize, a.nbytes, a.strides)
    assert (t.any(), t.all()) == (True, False)
    np.testing.assert_array_equal(t.all(axis=0), a.all(axis=0))
    np.testing.assert_array_equal(t.any(axis=1, keepdims=True), a.any(axis=1, keepdims=True))
    assert (t.item(4), t.item(1, 0), type(t.item(0))) == (4.0, 3.0, float)
    assert Tensor(2.0).item(0) == 2.0
    for index in ((6,), (2, 0), (0, 0, 0), ("a",)):
        with pytest.raises(ag.OutOfRangeError, match="item"):
            t.item(*index)


def test_entries_of_flat_and_choose_keep_their_gradient():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    out = t.flat[3] * sum(t.flat)
    out.backward()
    np.testing.assert_array_equal(t.grad, [[4.0, 4.0], [4.0, 14.0]])
    which = Tensor(np.array([1, 0]), requires_grad=False)
    chosen = which.choose([t[0], 10.0 * t[1]])
    np.testing.assert_array_equal(chosen.data, [30.0, 2.0])
    assert chosen.requires_grad
    assert t.real is t
    assert not t.imag.data.any()


def test_membership_is_that_of_arrays():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    t = Tensor(a)
    for value in (2.0, 9.0, [1.0, 2.0], [3.0, 9.0], Tensor(4.0), Tensor([1.0, 4.0])):
        plain = value.data if type(value) is Tensor else value
        assert (value in t) == (plain in a)
    assert 2.0 in Tensor(2.0)


def test_operators_of_masks_give_plain_results():
    a, b = np.array([True, False, True]), np.array([True, True, False])
    t, u = Tensor(a, requires_grad=False), Tensor(b, requires_grad=False)
    for got, expected in ((t & u, a & b), (t | b, a | b), (a ^ u, a ^ b), (~t, ~a)):
        assert type(got) is np.ndarray
        np.testing.assert_array_equal(got, expected)
    n = Tensor(np.array([1, 2]), requires_grad=False)
    np.testing.assert_array_equal(1 << n, [2, 4])
    np.testing.assert_array_equal(n >> 1, [0, 1])
    with pytest.raises(ag.DataError):
        Tensor([1.0]) & 1
    with pytest.raises(ag.DataError):
        ~Tensor([1.0])


def test_functions_of_whole_numbers_work_on_values():
    n = Tensor(np.array([4, 6]), requires_grad=False)
    np.testing.assert_array_equal(np.gcd(n, 6), [2, 6])
    np.testing.assert_array_equal(np.left_shift(n, 1), [8, 12])
    with pytest.raises(ag.DataError, match="gcd"):
        np.gcd(Tensor([1.0]), 2)


def floats_of(result):
    """The entries of floating-point results, which a gradient could flow through."""
    if isinstance(result, (tuple, list)):
        return [value for part in result for value in floats_of(part)]
    if isinstance(result, (np.ndarray, np.generic)) and result.dtype.kind == "f":
        return np.ravel(result).tolist()
    return []


@pytest.mark.parametrize("function", sorted(VALUES - {np.empty_like}, key=lambda f: f.__name__))
@pytest.mark.parametrize("shape", [(3,), (2, 2)])
def test_no_function_of_values_gives_floats_that_move_with_them(function, shape):
    """They would be cut from the graph without a word."""
    base = np.linspace(0.25, 2.0, int(np.prod(shape))).reshape(shape)
    results = []
    for values in (base, base**2 + 0.125):
        node = Tensor(values)
        try:
            results.append(floats_of(function(*operands(function, node))))
        except (ag.AutogradError, TypeError, ValueError):  # of whole numbers, or other operands
            return
    assert results[0] == results[1]
