"""Every gate of the table: NumPy's values to the bit, and derivatives against independent truth."""

from __future__ import annotations

import doctest
import functools
import importlib
import inspect
import itertools
import math
import pydoc
from pathlib import Path

import numpy as np
import pytest
from differences import central, complex_step
from samples import SAMPLES

import autograd as ag
from autograd import Tensor
from autograd.families import CORE, all_gates

every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)


def leaves(inputs, dtype=None):
    return [Tensor(value.copy(), dtype=dtype) for value in inputs]


def upstream_for(value):
    return np.random.default_rng(7).normal(size=np.shape(value))


def run(sample, nodes):
    """The output and the gradients of all inputs, for a fixed upstream."""
    out = sample.f(*nodes)
    upstream = upstream_for(out.data)
    out.backward(gradient=upstream)
    return out, [node.grad for node in nodes], upstream


@functools.cache
def gates_of(module):
    """The gates that the samples of a helper module reach."""
    samples = importlib.import_module(module).SAMPLES
    calls = (
        [(sample.f, sample.inputs) for sample in samples]
        if isinstance(samples, list)
        else [call for calls in samples.values() for call in calls]
    )
    found = set()
    for f, inputs in calls:
        try:
            outs = f(*(Tensor(np.array(value, float)) for value in inputs))
        except ImportError:  # a function that an extra computes, which is not installed
            continue
        for out in outs if isinstance(outs, (tuple, list)) else [outs]:
            found |= {node.gate for node in ag.Graph(out).nodes}
    return found


@functools.cache
def names_in(module):
    """The names under which a helper module keeps its samples, if it does."""
    samples = importlib.import_module(module).SAMPLES
    return set(samples) if isinstance(samples, dict) else set()


@pytest.mark.parametrize("gate", all_gates(), ids=lambda gate: gate.name)
def test_every_gate_of_the_table_has_a_sample(gate):
    if any(gate in vars(family).values() for family in CORE):
        assert gate in gates_of("samples"), f"write a Sample for {gate} in samples.py"
        return
    modules = sorted(path.stem for path in Path(__file__).parent.glob("samples*.py"))
    assert any(gate.name in names_in(module) or gate in gates_of(module) for module in modules), (
        f"no sample reaches {gate}"
    )


@pytest.mark.parametrize("gate", all_gates(), ids=lambda gate: gate.name)
def test_every_gate_says_what_a_picture_needs(gate):
    assert gate.name
    assert gate.symbol
    assert "→" in gate.rule
    assert gate.pattern in (
        "distributes", "swaps", "routes", "scales", "copies", "moves", "mixes",
    )  # fmt: skip


@every_sample
def test_the_value_is_that_of_numpy_to_the_bit(sample):
    with np.errstate(all="ignore"):
        expected = np.asarray(sample.reference(*sample.inputs))
        value = np.asarray(sample.f(*leaves(sample.inputs)).data)
    assert value.dtype == expected.dtype
    assert value.shape == expected.shape
    if sample.exact:
        assert value.tobytes() == expected.tobytes()
    else:
        np.testing.assert_allclose(value, expected, rtol=1e-15)


@every_sample
def test_the_gradient_is_that_of_central_differences(sample):
    _, gradients, upstream = run(sample, leaves(sample.inputs))
    expected = central(sample.reference, sample.inputs, upstream)
    for got, want in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.analytic], ids=lambda s: s.label)
def test_the_gradient_is_that_of_a_complex_step(sample):
    """A step along the imaginary axis loses no digits: agreement to rounding."""
    _, gradients, upstream = run(sample, leaves(sample.inputs))
    expected = complex_step(sample.reference, sample.inputs, upstream)
    for got, want in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


@every_sample
def test_gradients_are_writable_arrays_of_the_inputs_shape_and_dtype(sample):
    nodes = leaves(sample.inputs)
    out, _, _ = run(sample, nodes)
    for node in nodes:
        assert type(node.grad) is np.ndarray
        assert node.grad.shape == node.shape
        assert node.grad.dtype == node.dtype
        assert node.grad.flags.writeable
    reached = [node for node in ag.Graph(out).nodes if type(node.grad) is np.ndarray]
    for one, other in itertools.combinations(reached, 2):
        assert not np.shares_memory(one.grad, other.grad)
    for node in reached:
        for other in reached:
            assert not np.shares_memory(node.grad, other.data)


@every_sample
def test_float32_stays_float32(sample):
    """Values have NumPy's dtype; gradients that of their leaf, and few digits are lost."""
    small = [value.astype(np.float32) for value in sample.inputs]
    out, gradients, _ = run(sample, leaves(small))
    if sample.label not in ("number", "astype"):
        assert out.dtype == np.asarray(sample.reference(*small)).dtype
    _, exact, _ = run(sample, leaves(sample.inputs))
    for got, want in zip(gradients, exact, strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


def strided(value):
    """The same entries, read-only and scattered in memory."""
    if not value.ndim:
        spread = value.copy()
    else:
        wide = np.full((2 * value.shape[0], *value.shape[1:]), np.nan)
        spread = wide[::2]
        spread[...] = value
    spread.flags.writeable = False
    return spread


def fortran(value):
    return np.array(value, order="F")


@every_sample
@pytest.mark.parametrize("layout", [strided, fortran], ids=["strided", "fortran"])
def test_memory_layout_and_write_protection_make_no_difference(sample, layout):
    _, expected, _ = run(sample, leaves(sample.inputs))
    out, gradients, _ = run(sample, [Tensor(layout(value)) for value in sample.inputs])
    np.testing.assert_allclose(out.data, sample.f(*leaves(sample.inputs)).data, rtol=1e-14)
    for got, want in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14)
        assert got.flags.writeable


@every_sample
def test_a_trace_has_local_gradients_whose_product_is_the_contribution(sample):
    """What a picture writes on an edge is right also where the pass uses another rule."""
    out = sample.f(*leaves(sample.inputs))
    for step in ag.trace(out, gradient=upstream_for(out.data)).steps:
        for local, down, operand in zip(step.local, step.downstream, step.inputs, strict=True):
            if local is not None and down is not None and step.upstream.shape == operand.shape:
                np.testing.assert_allclose(step.upstream * local, down, rtol=1e-13, atol=1e-300)


@every_sample
def test_a_second_pass_doubles_every_gradient_exactly(sample):
    nodes = leaves(sample.inputs)
    out = sample.f(*nodes)
    upstream = upstream_for(out.data)
    out.backward(gradient=upstream)
    once = {node: np.copy(node.grad) for node in ag.Graph(out).nodes}
    out.backward(gradient=upstream)
    for node, gradient in once.items():
        np.testing.assert_array_equal(node.grad, 2 * gradient)
        assert type(node.grad) is type(node.data)


@every_sample
def test_constants_among_the_operands_get_no_gradient_and_change_none(sample):
    """With one operand frozen the others' gradients are what they were."""
    _, expected, _ = run(sample, leaves(sample.inputs))
    if len(sample.inputs) < 2:
        return
    for frozen in range(len(sample.inputs)):
        nodes = leaves(sample.inputs)
        nodes[frozen].requires_grad = False
        _, gradients, _ = run(sample, nodes)
        for k, (got, want) in enumerate(zip(gradients, expected, strict=True)):
            if k == frozen:
                assert got is None
            else:
                np.testing.assert_array_equal(got, want)


# ---- scalar nodes and 0-d arrays

NUMBERS = [0.0, -0.0, 0.5, 1.0, -1.0, 2.0, -2.5, 3.0, 710.0, 1e-300, 1e200, -1e200, 5e-324]
NUMBERS += [math.inf, -math.inf, math.nan]
UNARY = [gate for gate in all_gates() if gate.floats and len(gate.floats.local) == 1]
BINARY = [gate for gate in all_gates() if gate.floats and len(gate.floats.local) == 2]


def agree(got, want):
    """Equal to the last bits, where `math` and NumPy may differ; nan with nan, inf with inf."""
    np.testing.assert_allclose(got, want, rtol=4e-15, atol=0.0, equal_nan=True)


PAIRS = [
    (a, b)
    for a, b in itertools.product(NUMBERS, repeat=2)
    if (a, b) != (-math.inf, 0.5)  # IEEE's pow gives infinity; NumPy takes a root here, and nan
]


def twice(gate, numbers):
    """Value and gradients of a gate: of scalar nodes, and of 0-d arrays."""
    for wrap in (float, np.array):
        nodes = [Tensor(wrap(number)) for number in numbers]
        with np.errstate(all="ignore"):
            out = gate(*nodes)
        out.backward()
        yield out, [node.grad for node in nodes]


@pytest.mark.parametrize("gate", UNARY, ids=lambda gate: gate.name)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_scalar_node_agrees_with_a_0d_array(gate, number):
    """IEEE results on both: no exception, no complex number, no warning."""
    (scalar, gradients), (array, expected) = twice(gate, [number])
    assert type(scalar.data) is float
    assert type(gradients[0]) is float
    assert type(array.data) is type(expected[0]) is np.ndarray
    agree(scalar.data, array.data)
    agree(gradients[0], expected[0])


@pytest.mark.parametrize("gate", BINARY, ids=lambda gate: gate.name)
def test_a_scalar_node_agrees_with_a_0d_array_in_either_operand(gate):
    for pair in PAIRS:
        (scalar, gradients), (array, expected) = twice(gate, pair)
        assert type(scalar.data) is float
        agree(scalar.data, array.data)
        for got, want in zip(gradients, expected, strict=True):
            assert type(got) is float
            agree(got, want)


@pytest.mark.slow
@pytest.mark.parametrize("gate", BINARY, ids=lambda gate: gate.name)
def test_a_frozen_scalar_operand_leaves_ieee_results(gate):
    """The rule of a scalar gate never raises, also where one operand is a constant node."""
    for a, b in PAIRS:
        _, (array, expected) = twice(gate, [a, b])
        for k in (0, 1):
            nodes = [Tensor(a), Tensor(b)]
            nodes[1 - k].requires_grad = False
            out = gate(*nodes)
            out.backward()
            agree(out.data, array.data)
            agree(nodes[k].grad, expected[k])
            constants = [a, b]
            constants[k] = node = Tensor([a, b][k])
            gate(*constants).backward()
            agree(node.grad, expected[k])


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x.exp(), math.inf),
        (lambda x: 1 / (x - x), math.inf),
        (lambda x: (x - x).log(), -math.inf),
        (lambda x: (x - x) ** -1, math.inf),
        (lambda x: (-x).log(), math.nan),
        (lambda x: (-x) ** 0.5, math.nan),
        (lambda x: (-x).sqrt(), math.nan),
        (lambda x: x**x, math.inf),
        (lambda x: x % (x - x), math.nan),
        (lambda x: x * 10**400, math.inf),
        (lambda x: (-x).sigmoid(), 0.0),
    ],
)
def test_scalar_overflow_and_poles_give_infinities_and_nan(f, expected):
    agree(f(Tensor(1000.0)).data, expected)


@pytest.mark.parametrize("x", [-1000.0, -745.0, -40.0, 0.0, 40.0, 1000.0])
def test_sigmoid_neither_overflows_nor_warns(x):
    expected = 1 / (1 + np.exp(-np.longdouble(x)))
    for node in (Tensor(x), Tensor([x]), Tensor(np.float32([x]))):
        node.sigmoid().backward()
        rtol = 1e-6 if node.dtype == np.float32 else 4e-15
        np.testing.assert_allclose(node.sigmoid().data, float(expected), rtol=rtol, atol=1e-44)
        assert np.all(np.isfinite(node.grad))


# ---- kinks

KINKS = [
    ("relu at 0", lambda x: x.relu(), (0.0,), (0.0,)),
    ("abs at 0", abs, (0.0,), (0.0,)),
    ("sqrt at 0", lambda x: x.sqrt(), (0.0,), (math.inf,)),
    ("maximum of equals", ag.maximum, (2.0, 2.0), (0.5, 0.5)),
    ("minimum of equals", ag.minimum, (2.0, 2.0), (0.5, 0.5)),
    ("maximum", ag.maximum, (2.0, 1.0), (1.0, 0.0)),
    ("minimum", ag.minimum, (2.0, 1.0), (0.0, 1.0)),
    ("power at (0, 0)", lambda x, y: x**y, (0.0, 0.0), (0.0, 0.0)),
    ("power at (0, 2)", lambda x, y: x**y, (0.0, 2.0), (0.0, 0.0)),
    ("power at (0, 1)", lambda x, y: x**y, (0.0, 1.0), (1.0, 0.0)),
    ("power at (0, -1)", lambda x, y: x**y, (0.0, -1.0), (-math.inf, -math.inf)),
    ("power at (-2, 3)", lambda x, y: x**y, (-2.0, 3.0), (12.0, math.nan)),
    ("power at (inf, 0)", lambda x, y: x**y, (math.inf, 0.0), (0.0, math.inf)),
    ("x ** 0 at infinity", lambda x: x**0, (math.inf,), (0.0,)),
    ("x ** 0 at 0", lambda x: x**0, (0.0,), (0.0,)),
    ("floor division", lambda x, y: x // y, (7.0, 2.0), (0.0, 0.0)),
]


@pytest.mark.parametrize(("f", "at", "expected"), [k[1:] for k in KINKS], ids=[k[0] for k in KINKS])
@pytest.mark.parametrize("wrap", [float, np.array, lambda v: np.array([v])], ids=["0", "0d", "1d"])
def test_the_choice_at_a_kink_is_the_documented_one(f, at, expected, wrap):
    nodes = [Tensor(wrap(value)) for value in at]
    with np.errstate(all="ignore"):
        out = f(*nodes)
    out.backward()
    np.testing.assert_array_equal([np.squeeze(node.grad) for node in nodes], expected)


@pytest.mark.parametrize("f", [np.max, np.min], ids=["max", "min"])
def test_ties_of_a_reduction_share_equally(f):
    t = Tensor([[1.0, 1.0, 1.0], [4.0, 4.0, 4.0]])
    f(t, axis=1).backward(gradient=[3.0, 6.0])
    np.testing.assert_array_equal(t.grad, [[1.0] * 3, [2.0] * 3])


@pytest.mark.parametrize("f", [np.max, np.min], ids=["max", "min"])
def test_ties_over_several_axes_share_one_gradient(f):
    t = Tensor(np.full((2, 1, 2), 5.0))
    f(t).backward()
    np.testing.assert_array_equal(t.grad, np.full((2, 1, 2), 0.25))


def test_where_sends_nothing_into_the_branch_not_taken_even_from_an_infinite_upstream():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    np.where([True, False], x, y).backward(gradient=[np.inf, np.inf])
    np.testing.assert_array_equal(x.grad, [np.inf, 0.0])
    np.testing.assert_array_equal(y.grad, [0.0, np.inf])


def test_an_exponent_of_zero_among_others_leaves_second_derivatives_finite():
    exponents = np.array([0.0, 3.0, 0.0])
    slope = ag.grad(lambda a: np.sum(a**exponents))
    with np.errstate(all="ignore"):
        second = ag.grad(lambda a: np.sum(slope(a)))(np.array([0.0, 2.0, 5.0]))
    np.testing.assert_array_equal(second, [0.0, 12.0, 0.0])


def test_where_with_one_branch_alone_is_refused():
    for one in ({"x": Tensor([1.0])}, {"y": Tensor([1.0])}):
        with pytest.raises((TypeError, ValueError)):
            ag.where([True], **one)


def test_the_condition_of_where_may_be_a_tensor_and_gets_zeros():
    c, x = Tensor([2.0, 0.0, -1.0]), Tensor([1.0, 2.0, 3.0])
    out = np.where(c, x, 7.0)
    out.backward(gradient=[1.0, 10.0, 100.0])
    np.testing.assert_array_equal(out.data, [1.0, 7.0, 3.0])
    np.testing.assert_array_equal(x.grad, [1.0, 0.0, 100.0])
    assert not np.any(c.grad)
    (step,) = ag.trace(out, gradient=[1.0, 10.0, 100.0]).steps
    for local, expected in zip(step.local, ([0.0] * 3, [1.0, 0.0, 1.0]), strict=False):
        np.testing.assert_array_equal(np.broadcast_to(local, 3), expected)


def test_entries_read_twice_get_the_sum_of_their_gradients():
    t = Tensor([1.0, 2.0, 3.0])
    t[[0, 0, 2, 0]].backward(gradient=[1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_array_equal(t.grad, [1011.0, 0.0, 100.0])


def test_an_index_may_be_written_with_integer_tensors():
    t = Tensor([1.0, 2.0, 3.0])
    rows = Tensor(np.array([2, 2]), requires_grad=False)
    t[rows].sum().backward()
    np.testing.assert_array_equal(t.grad, [0.0, 0.0, 2.0])


@pytest.mark.parametrize("name", ["sigmoid", "relu"])
def test_a_composite_gate_equals_its_expansion(name):
    """Value and gradient, on both sides of zero."""
    for data in ([-3.0, -0.5, 0.25, 2.0], [-700.0, 700.0]):
        whole, opened = Tensor(data), Tensor(data)
        out = getattr(whole, name)()
        with np.errstate(over="ignore"):
            made = ag.Graph(getattr(opened, name)()).opened("all")
        np.testing.assert_allclose(made.data, out.data, rtol=1e-14, atol=1e-300)
        if abs(data[0]) < 100:
            out.sum().backward()
            made.sum().backward()
            np.testing.assert_allclose(opened.grad, whole.grad, rtol=1e-13)


# ---- gates of one's own


def test_a_rule_may_answer_with_numbers_lists_none_and_what_broadcasts():
    def make(answer):
        return ag.gate(lambda a: a * 2.0, vjp=(lambda g, out, a: answer,), name="mine")

    for answer, expected in [
        (1, [1.0, 1.0]),
        ([3.0, 4.0], [3.0, 4.0]),
        (None, [0.0, 0.0]),
        (np.float64(5.0), [5.0, 5.0]),
        (np.ones((1, 2)), [1.0, 1.0]),
        (True, [1.0, 1.0]),
        (2.0, [2.0, 2.0]),
    ]:
        for dtype in (np.float64, np.float32):
            t = Tensor(np.array([1.0, 2.0], dtype))
            make(answer)(t).backward(gradient=[1.0, 1.0])
            np.testing.assert_array_equal(t.grad, expected)
            assert t.grad.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_rule_for_tangents_may_answer_with_a_number_or_what_broadcasts(dtype):
    a = np.array([[1.0, 2.0]], dtype)
    for answer in (3.0, np.array([3.0])):
        mine = ag.gate(
            lambda a: a * 2.0, vjp=lambda g, out, a: g, jvp=lambda t, out, a, d=answer: d
        )
        _, tangent = ag.jvp(mine, (a,), (a,))
        np.testing.assert_array_equal(tangent, [[3.0, 3.0]])
        assert tangent.dtype == dtype


@pytest.mark.parametrize("shape", [(5,), (3,), (4, 1), (2, 2), (2, 4)])
def test_a_rule_that_returns_another_shape_is_named(shape):
    mine = ag.gate(lambda a: a * 2.0, vjp=lambda g, out, a: np.ones(shape), name="mine")
    t = Tensor(np.ones(4))
    with pytest.raises(ag.ShapeError, match="mine"):
        mine(t).sum().backward()
    assert t.grad is None


@pytest.mark.parametrize("constant", [0, 1])
def test_a_rule_on_pythons_numbers_has_infinities_where_python_raises(constant):
    rules = (lambda g, out, a, b: g * (1.0 / b), lambda g, out, a, b: g * (1.0 / a))
    mine = ag.gate(np.add, vjp=rules, name="mine")
    t = Tensor(np.array([1.0, -2.0]))
    operands = [t, t]
    operands[constant] = 0.0
    mine(*operands).backward(gradient=[1.0, -1.0])
    np.testing.assert_array_equal(t.grad, [math.inf, -math.inf])


def test_a_rule_that_returns_too_few_gradients_is_refused():
    mine = ag.gate(lambda a, b: a + b, vjp=lambda g, out, a, b: g, name="mine")
    with pytest.raises(ag.AutogradError, match="one gradient an input"):
        mine(Tensor([1.0]), Tensor([2.0])).backward()


def test_gate_is_a_decorator_and_takes_the_functions_name_and_text():
    @ag.gate(local=lambda out, x: 3 * x * x)
    def cube(x):
        """The third power."""
        return x * x * x

    t = Tensor([2.0])
    cube(t).backward()
    assert (cube.name, cube.symbol, cube.__doc__) == ("cube", "cube", "The third power.")
    np.testing.assert_array_equal(t.grad, [12.0])


@pytest.mark.parametrize(
    "bad",
    [{}, {"local": lambda out, a: 1.0, "pattern": "flows"}],
    ids=["no derivative", "no such pattern"],
)
def test_a_gate_that_says_too_little_is_refused_when_it_is_made(bad):
    with pytest.raises(ag.DataError):
        ag.gate(lambda a: a, **bad)
    with pytest.raises(ag.DataError):
        ag.gate("exp", local=lambda out, a: 1.0)


# ---- what gates say of themselves

PUBLIC = sorted(
    {f"{space}.{name}" for space, names in {
        "ag": [n for n in dir(ag) if not n.startswith("_")], "ag.linalg": ag.linalg.__all__,
    }.items() for name in names if isinstance(getattr(eval(space), name), ag.Gate)}
)  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_a_gate_has_a_page_of_its_own_with_an_example_that_runs(path):
    gate = eval(path)
    page = gate.__doc__
    function, _, derivative = gate.rule.partition("→")
    assert page.startswith(f"{gate.__name__}{inspect.signature(gate)}")
    assert function.strip() in page
    assert all(part in page for part in derivative.strip().split(", "))
    assert gate.kinks is None or gate.kinks in page
    assert "out=None" not in page
    assert "casting" not in page
    assert (gate.__module__, gate.__qualname__) == (
        "autograd.linalg" if gate.name.startswith("linalg.") else "autograd", gate.__name__
    )  # fmt: skip
    assert eval(f"{gate.__module__}.{gate.__name__}", {"autograd": ag}).rule == gate.rule
    example = doctest.DocTestParser().get_doctest(page, {}, path, None, None)
    assert example.examples
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.DocTestRunner(optionflags=flags, verbose=False).run(example).failed == 0


def test_the_page_and_the_class_are_what_help_shows():
    shown = pydoc.render_doc(ag.tanh, renderer=pydoc.plaintext)
    assert "tanh(x, /)" in shown
    assert "1 − tanh² x" in shown
    assert ag.Gate.__doc__.startswith("A function with its derivative")
    assert "forward" in inspect.signature(ag.Gate).parameters
    assert str(inspect.signature(ag.power)) == "(a, b, /)"


def test_a_gate_of_ones_own_keeps_its_words_its_module_and_its_signature():
    @ag.gate(local=lambda out, x: 2 * x, rule="x² → 2x")
    def squared(x):
        """The square of a number."""
        return x * x

    assert squared.__doc__ == "The square of a number."
    assert (squared.__name__, squared.__module__) == ("squared", __name__)
    assert list(inspect.signature(squared).parameters) == ["x"]
    plain = ag.gate(np.exp, local=lambda out, x: out, name="plain")
    assert "casting" not in plain.__doc__
    told = ag.gate(lambda x: x * x, local=lambda out, x: 2 * x, rule="x² → 2x", name="told")
    assert told.__doc__.startswith("told(x)\n\nx², of each entry.\n\nDerivative : 2x\n")
