"""Programs of scalar gates against eager: values, gradients, the order of every sum."""

from __future__ import annotations

import itertools
import sys
import tracemalloc
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scalar_graphs import (
    EXACT,
    EXTREMES,
    GATES,
    NUMBERS,
    arity,
    batch,
    build,
    eager,
    moons,
    recipes,
    same_bits,
    ulps,
)

import autograd as ag
from autograd import Tensor
from autograd.eager import apply
from autograd.errors import (
    CompileError,
    DataError,
    DependencyError,
    GradientError,
    ShapeError,
)
from autograd.expression import NAMESPACE
from autograd.floats import FLOAT_ERRORS, define
from autograd.program.scalars import ScalarProgram, flattened
from autograd.program.scalars.loop_replay import LoopReplay
from autograd.program.scalars.replay import Replay
from autograd.program.scalars.table import Applied

BACKENDS = [Replay, LoopReplay] if find_spec("numba") else [Replay]


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


def from_graph(output: Tensor, replay: type = Replay) -> tuple[ScalarProgram, list[Tensor]]:
    """The program that computes a node, and the leaves that are its inputs, in order."""
    flat = flattened(ag.Graph(output).nodes, [output])
    return ScalarProgram.of(flat, replay), list(flat.leaves)


def compare(output: Tensor, backend: type, seed: float = 1.0) -> None:
    """Value and gradients equal to the bit."""
    program, leaves = from_graph(output, backend)
    assert same_bits(program.forward([leaf.data for leaf in leaves]), [output.data])
    if output.requires_grad:
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        assert same_bits(program.backward([seed]), eager(output, wanted, seed))


# ---- to the bit


@pytest.mark.slow
@given(recipe=recipes(), values=st.lists(NUMBERS, min_size=1, max_size=4))
def test_narrow_graphs_equal_eager_to_the_bit(recipe, values):
    for backend in BACKENDS:
        compare(build(recipe, list(map(Tensor, values)))[-1], backend, 1.5)


@given(
    recipe=recipes(most=12),
    shared=st.lists(NUMBERS, min_size=1, max_size=3),
    rows=st.integers(33, 80),
    seed=st.integers(0, 5),
)
def test_wide_graphs_equal_eager_to_the_bit(recipe, shared, rows, seed):
    numbers = np.random.default_rng(seed).normal(size=(rows, 2))
    for backend in BACKENDS:
        compare(batch(recipe, list(map(Tensor, shared)), numbers.tolist()), backend)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_irregular_wide_graphs_equal_eager_to_the_bit(seed):
    """Layers of gates of random kinds that read at random: nothing follows a pattern."""
    rng = np.random.default_rng(seed)
    nodes = list(map(Tensor, rng.normal(size=20).tolist()))
    for _ in range(4):
        layer = []
        for _ in range(150):
            gate = EXACT[rng.integers(len(EXACT))]
            back = [int(i) for i in rng.integers(len(nodes), size=arity(gate))]
            layer.append(gate(*[nodes[i] for i in back]))
        nodes += layer
    for backend in BACKENDS:
        compare(sum(nodes[-200:], 0.0), backend)


def test_a_network_over_a_batch_equals_eager_to_the_bit(backend):
    compare(moons()[0], backend)


@pytest.mark.parametrize("fan_out", [2, 7, 8, 9, 31, 33, 200])
def test_contributions_add_up_from_the_newest_reader(fan_out, backend):
    """A sum in another order has other bits, which the numbers are chosen to show."""
    rng = np.random.default_rng(fan_out)
    factors = (rng.normal(size=fan_out) * 10.0 ** rng.integers(-8, 8, fan_out)).tolist()
    x, y = Tensor(0.3), Tensor(0.7)
    inner = x * y  # narrow, with many readers
    compare(sum((inner * f for f in factors), 0.0) + sum((x * f for f in factors), 0.0), backend)
    columns = [Tensor(float(v)) for v in rng.normal(size=64)]  # wide, with many readers each
    squares = [c * c for c in columns]
    compare(sum((s * f for f in factors for s in squares), 0.0), backend)


@pytest.mark.parametrize(
    ("length", "width"),
    [(2, 1), (31, 1), (33, 1), (3000, 1), (2, 5), (9, 5), (2, 40), (33, 40), (3, 250), (20, 250)],
)
def test_chains_of_additions_keep_their_order(length, width, backend):
    rng = np.random.default_rng(length + width)
    terms = (rng.normal(size=(width, length)) * 10.0 ** rng.integers(-8, 8, length)).tolist()
    leaf = [Tensor(v) for v in rng.normal(size=length).tolist()]
    sums = [sum((a * t for a, t in zip(leaf, row, strict=True)), 0.1) for row in terms]
    compare(sum((s * s for s in sums), 0.0), backend)


def test_partial_sums_that_others_read(backend):
    x = [Tensor(float(i)) for i in range(1, 60)]
    running, total = x[0], Tensor(0.0)
    for term in x[1:]:
        running = running + term * 1.1
        total = total + running * running + term
    compare(total, backend)
    compare(sum(x[:40], 0.0) + (sum(x[:40], 0.5) + sum(x[20:], 0.25)), backend)


def test_a_long_narrow_chain(backend):
    x, a, b = Tensor(0.5), Tensor(0.9999), Tensor(0.0001)
    out = x
    for _ in range(3000):
        out = out * a + b
    compare(out, backend)


def test_repeated_operands(backend):
    x = Tensor(3.0)
    compare(x * x, backend)
    compare(ag.maximum(x, x) + x * x * x, backend)
    many = [Tensor(float(v)) for v in range(50)]
    compare(sum((m * m + (m + m) for m in many), 0.0), backend)


def test_a_leaf_as_the_output(backend):
    compare(Tensor(3.0), backend, -2.5)


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 300])
def test_the_order_of_a_gates_two_operands_and_of_its_readers(count, backend):
    leaves = [Tensor(0.3 + 0.1 * i) for i in range(count)]
    compare(sum((x / x + ag.hypot(x, x) + x * 0.1 for x in leaves), 0.0), backend)


@pytest.mark.parametrize("count", [3, 300])
def test_a_gradient_is_never_a_negative_zero(count, backend):
    leaves = [Tensor(-1.0 - i) for i in range(count)]
    once = sum((x.relu() * -2.0 for x in leaves), 0.0)
    twice = sum((x.relu() * -2.0 + x.relu() * -3.0 for x in leaves), 0.0)
    compare(once, backend)
    compare(twice, backend)


# ---- each gate, on equal inputs


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_is_eagers_within_4_ulp(gate):
    """Wide and narrow, on ordinary numbers and on extremes; nothing raises, nothing warns."""
    points = points_for(gate)
    check_gates([(gate, points)], Replay)
    check_gates([(gate, points[:: len(points) // 15][:15])], Replay)


@pytest.mark.slow
@pytest.mark.skipif(LoopReplay not in BACKENDS, reason="the extra jit is not installed")
def test_every_compiled_gate_is_eagers_within_4_ulp():
    """All in one program: an interpreter of all gates takes ten seconds to compile."""
    check_gates([(gate, points_for(gate)) for gate in GATES], LoopReplay)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_in_a_programs_text_is_eagers(gate):
    """Python floats written out among calls of NumPy, and what is computed where Python raises."""
    places = tuple(range(arity(gate)))
    f = ag.value_and_grad(lambda *operands: apply(gate, operands), argnums=places)
    fast = ag.compile(f)
    for point in points_for(gate):
        (value, gradients), (out, expected) = fast(*point), f(*point)
        assert same_bits([value, *gradients], [out, *expected]), point
    assert fast.cache_info().misses == 1


@pytest.mark.skipif(LoopReplay not in BACKENDS, reason="the extra jit is not installed")
def test_every_ufunc_in_a_compiled_loop_over_arrays_is_numpys_within_4_ulp():
    """All at once, since compiling takes its time."""
    one, *two = [np.array(list(itertools.product(EXTREMES, repeat=n))).T for n in (1, 2)]
    operands = one, two[0]
    gates = [gate for gate in GATES if isinstance(gate.forward, np.ufunc)]

    def f(a, pair):
        return [gate(*(a if arity(gate) == 1 else pair)) * 1.0 for gate in gates]

    with np.errstate(all="ignore"):
        found = ag.compile(f, backend="numba")(*operands)
        for gate, values, expected in zip(gates, found, f(*operands), strict=True):
            assert ulps(values, expected).max() <= 4, gate.name


def points_for(gate):
    """Operands: all combinations of extremes, and ordinary numbers."""
    ordinary = np.random.default_rng(1).normal(size=(200, arity(gate)))
    return [*itertools.product(EXTREMES, repeat=arity(gate)), *ordinary.tolist()]


def check_gates(cases, backend):
    """Each gate at each point: its value and its local gradients."""
    for gate, point, found, expected in applied_once(cases, backend):
        assert ulps(found, expected).max() <= 4, (gate, point)


def applied_once(cases, backend):
    """Each gate at each point, on inputs of its own: value and local gradients, and eager's."""
    applied = [(gate, point) for gate, points in cases for point in points]
    inputs = [number for _, point in applied for number in point]
    first, gates = 0, []
    for gate, point in applied:
        operands = tuple(range(first, first + len(point)))
        gates.append(Applied(gate, operands, len(inputs) + len(gates)))
        first += len(point)
    registers, leaves = len(inputs) + len(gates), range(len(inputs))
    outputs = range(len(inputs), registers)
    program = ScalarProgram(gates, registers, {}, leaves, outputs, leaves, backend)
    values = program.forward(inputs)
    gradients = program.backward(np.ones(len(gates)))
    for (gate, point), instruction, out in zip(applied, gates, values, strict=True):
        expected = [gate.floats.evaluate(*point)[0], *local_gradients(gate, point, out)]
        yield gate, point, [out, *gradients[list(instruction.operands)]], expected


def local_gradients(gate, point, out):
    """Eager's, from the program's own result, whose last bits are free."""
    try:
        source = f"def f(a, b, out):\n    return [{', '.join(gate.floats.local)}]"
        local = define("f", source, dict(NAMESPACE))(*(*point, None)[:2], out)
        return [0.0 + d for d in local]
    except FLOAT_ERRORS:
        return [0.0 + d for d in gate.floats.evaluate(*point)[1:]]


@given(recipe=recipes(GATES, most=15), values=st.lists(NUMBERS, min_size=1, max_size=3))
def test_any_gates_in_narrow_code_equal_eager(recipe, values):
    """The same expressions of the same functions: equal but where Python raised."""
    output = build(recipe, list(map(Tensor, values)))[-1]
    program, leaves = from_graph(output)
    assert ulps(program.forward([leaf.data for leaf in leaves]), [output.data]).max() <= 4


# ---- several outputs, inputs that are outputs, inputs that are not wanted


def program_of_three(backend):
    """x·y, x and exp(x·y) of x and y; only x is wanted."""
    multiply, exp = ag.multiply, ag.exp
    gates = [Applied(multiply, (0, 1), 2), Applied(exp, (2,), 3)]
    return ScalarProgram(gates, 4, {}, [0, 1], [2, 0, 3], [0], backend)


def test_several_outputs(backend):
    program = program_of_three(backend)
    assert program.forward([0.5, 2.0]) == [1.0, 0.5, np.e]
    np.testing.assert_array_equal(program.backward([3.0, 10.0, 1.0]), [10.0 + (3.0 + np.e) * 2.0])
    np.testing.assert_array_equal(program.backward([0.0, 1.0, 0.0]), [1.0])


def test_an_output_twice_and_an_input_that_nothing_reads(backend):
    gates = [Applied(ag.multiply, (0, 0), 2)]
    program = ScalarProgram(gates, 4, {3: 7.0}, [0, 1], [2, 2, 3], [0, 1], backend)
    assert program.forward([3.0, 5.0]) == [9.0, 9.0, 7.0]
    np.testing.assert_array_equal(program.backward([1.0, 2.0, 5.0]), [18.0, 0.0])


def test_values_of_all_registers(backend):
    program = program_of_three(backend)
    program.forward([0.5, 2.0])
    np.testing.assert_array_equal(program.values, [0.5, 2.0, 1.0, np.e])


def test_values_inside_a_wide_program(backend):
    output, _ = moons(points=40)
    program, leaves = from_graph(output, backend)
    program.forward([leaf.data for leaf in leaves])
    nodes = ag.Graph(output).nodes
    assert same_bits(program.values[: len(nodes)], [node.data for node in nodes])


# ---- again and again


def test_a_second_run_gives_the_same_bits_and_new_numbers_new_ones(backend):
    output, _ = moons()
    program, leaves = from_graph(output, backend)
    values = [leaf.data for leaf in leaves]
    first = program.forward(values), program.backward([1.0])
    program.forward([0.9 * v for v in values])
    kept = first[1].copy()
    other = program.backward([1.0])
    assert not same_bits(kept, other)
    assert same_bits(first[1], kept)  # what was handed out is not overwritten
    assert program.forward(values) == first[0]
    assert same_bits(program.backward([1.0]), kept)
    assert program.forward(np.array(values)) == first[0]


def test_a_program_stays_usable_after_an_error(backend):
    program = program_of_three(backend)
    with pytest.raises(GradientError, match="forward"):
        program.backward([1.0, 1.0, 1.0])
    expected = program.forward([0.5, 2.0])
    for values in ([1.0], [1.0, 2.0, 3.0], np.ones(3)):
        with pytest.raises(ShapeError, match="2 inputs"):
            program.forward(values)
    for values in (["a", 1.0], [None, 2.0], np.array(["a", "b"])):
        with pytest.raises(DataError, match="numbers"):
            program.forward(values)
    with pytest.raises(ShapeError, match="3 outputs"):
        program.backward([1.0])
    with pytest.raises(DataError, match="numbers"):
        program.backward(["a", 1.0, 2.0])
    assert program.forward([0.5, 2.0]) == expected
    np.testing.assert_array_equal(program.backward([0.0, 1.0, 0.0]), [1.0])


def test_python_that_raises_and_then_does_not(backend):
    """1/x of 0, ln of 0: the run is computed with care, the next one fast again."""
    x = Tensor(2.0)
    output = (1.0 / x + x.log() * (1.0 / (x * x))).exp()
    program, _ = from_graph(output, backend)
    for value in (2.0, 0.0, -0.0, 1e308, 2.0):
        x = Tensor(value)
        again = (1.0 / x + x.log() * (1.0 / (x * x))).exp()
        assert ulps(program.forward([value]), [again.data]).max() <= 4
        again.backward()
        assert ulps(program.backward([1.0]), [x.grad]).max() <= 16


def test_a_thousand_replays_leave_no_memory_behind(backend):
    output, _ = moons(points=34, hidden=4)
    program, leaves = from_graph(output, backend)
    values = [leaf.data for leaf in leaves]

    def replay(times):
        for _ in range(times):
            program.forward(values)
            program.backward([1.0])

    replay(20)
    tracemalloc.start()
    try:
        replay(100)
        before = tracemalloc.get_traced_memory()[0]
        replay(1000)
        assert tracemalloc.get_traced_memory()[0] - before < 2000
    finally:
        tracemalloc.stop()


def test_numba_is_asked_for_and_not_installed(monkeypatch):
    from autograd.program.scalars import loops

    for function in (loops.interpreter, loops.accumulator):
        function.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(DependencyError, match=r"gategrad\[jit\]"):
        program_of_three(LoopReplay)


@pytest.mark.slow
def test_a_gate_of_ones_own(backend):
    """Its expressions are all that a program needs; the rule on arrays is not asked."""

    def refuse(*_):
        raise AssertionError

    cube = ag.gate(refuse, local=refuse, name="cube", floats=("a * a * a", "3.0 * a * a"))
    compare(sum((cube(Tensor(float(i))) for i in range(40)), 0.0), backend)
    compare(cube(cube(Tensor(1.1))), backend)


# ---- what cannot be a program


def test_gates_without_expressions_are_refused():
    with pytest.raises(CompileError, match="gammaln"):
        ScalarProgram([Applied(ag.gammaln, (0,), 1)], 2, {}, [0], [1], [0])


def test_wrong_lists_are_refused():
    with pytest.raises(DataError, match="instruction 0: add takes 2 operands and received 1"):
        ScalarProgram([Applied(ag.add, (0,), 1)], 2, {}, [0], [1], [0])
    with pytest.raises(DataError, match="instruction 0"):
        ScalarProgram([Applied(ag.exp, (1,), 1)], 2, {}, [0], [1], [0])
    with pytest.raises(DataError, match="output"):
        ScalarProgram([], 2, {}, [0], [1], [0])
    with pytest.raises(DataError, match="wanted"):
        ScalarProgram([Applied(ag.exp, (0,), 1)], 2, {}, [0], [1], [1])


def test_array_nodes_are_refused():
    with pytest.raises(CompileError, match="scalar"):
        from_graph(Tensor([1.0, 2.0]).sum())
