"""Programs from inside: random graphs, passes, memory, blocks, the listing."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from programs import programs

import autograd as ag
from autograd import Tensor
from autograd.program.arrays import backend, blocks, pieces
from autograd.program.passes import PASSES

MIXED = (np.float64, np.float32)

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.usefixtures("default_backend"),
]

of_numpy = pytest.mark.parametrize("default_backend", ["numpy"], indirect=True)
"""A test of memory, text or listing, which another back end has not."""


# ---- random graphs


@settings(max_examples=150)
@given(programs(MIXED))
def test_random_graphs_have_the_bits_of_eager(program):
    """Values and gradients; Python floats to 4 ulp a gate, which is what the scalar gates allow."""
    arrays = [leaf for leaf in program.leaves if type(leaf) is not float]
    exact = len(arrays) == len(program.leaves)

    def f(*leaves):
        return program.run(leaves)[-1]

    def graph(leaves):
        nodes = [Tensor(leaf) for leaf in leaves]
        return nodes, f(*nodes)

    fast = ag.compile(f)
    for _ in range(2):
        compiled = fast(*program.leaves)
    nodes, out = graph(program.leaves)
    same(compiled, out.data, exact)
    if not out.requires_grad:
        return
    replay = ag.compile(out)
    same(replay.run(), out.data, exact)
    seed = np.random.default_rng(3).normal(size=out.shape)
    replay.backward(gradient=seed)
    compiled = [node.grad for node in nodes]
    for node in nodes:
        node.grad = None
    out.backward(gradient=seed)
    for one, node in zip(compiled, nodes, strict=True):
        if node.grad is not None:
            same(one, node.grad, exact)


def same(compiled, eager, exact) -> None:
    assert type(compiled) is type(eager)
    assert np.shape(compiled) == np.shape(eager)
    if exact:
        np.testing.assert_array_equal(compiled, eager)
    else:
        np.testing.assert_allclose(compiled, eager, rtol=1e-5, atol=1e-7)


# ---- passes


def recorded(f, *args):
    fast = ag.compile(f)
    fast(*args)
    return fast.program


def names(recording):
    return [instruction.name for instruction in recording.instructions]


def test_each_pass_has_a_stage_that_prints():
    program = recorded(lambda x: np.sum(x * 1.0 + np.exp(x) * np.exp(x)) * (2.0 * 3.0), np.ones(3))
    assert [name for name, _ in program.stages] == [
        "as recorded", *(improve.__name__.replace("_", " ") for improve in PASSES),
    ]  # fmt: skip
    assert str(program.stages[0][1]).count("exp(") == 2
    assert str(program.stages[-1][1]).count("exp(") == 1


def test_dead_code_is_dropped():
    def f(x):
        np.exp(x)
        return x * 2.0

    program = recorded(f, np.ones(3))
    assert names(program.stages[0][1]) == ["exp", "multiply"]
    assert names(program.recording) == ["multiply"]


def test_constants_are_folded_and_computed_once():
    a = np.arange(3.0)
    program = recorded(lambda x: x + np.exp(Tensor(a, requires_grad=False)), np.ones(3))
    assert names(program.recording) == ["add"]
    kept = Tensor(a, name="a", requires_grad=False)
    program = recorded(lambda x: x + np.exp(kept), np.ones(3))
    assert names(program.recording) == ["exp", "add"]  # a Tensor from outside may change


def test_equal_calls_are_shared_but_for_their_effects():
    rng = np.random.default_rng(0)

    def f(x):
        drawn = [ag.sample(lambda: rng.random(3)) for _ in range(2)]
        return (
            np.exp(x) * drawn[0] + np.exp(x) * drawn[1] + np.maximum(x, -0.0) + np.maximum(x, 0.0)
        )

    program = recorded(f, np.ones(3))
    assert names(program.recording).count("exp") == 1
    assert names(program.recording).count("draw") == 2
    assert names(program.recording).count("maximum") == 2  # -0.0 is not 0.0


def test_equivalents_are_numpys_own_short_cuts():
    program = recorded(lambda x: (x**2) * 1.0 + x**0.5 + x**3, np.ones(3))
    assert names(program.recording) == ["square", "sqrt", "add", "pow", "add"]


@of_numpy
@pytest.mark.parametrize("dtype", MIXED)
def test_the_larger_of_two_columns_has_the_reductions_bits(dtype):
    special = [0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan]
    x = np.array([(a, b) for a in special for b in special], dtype)

    def f(x):
        return np.exp(np.max(x * 0.5, axis=1, keepdims=True) - 1.0)

    fast = ag.compile(f)
    assert fast(x).tobytes() == f(ag.Tensor(x, requires_grad=False)).data.tobytes()
    assert "_first" in fast.program.source


# ---- memory


@of_numpy
def test_a_chain_of_elementwise_calls_needs_one_buffer():
    def f(x):
        for _ in range(20):
            x = np.tanh(x) + 1.0
        return np.sum(x)

    x = np.ones((50, 50))
    program = recorded(f, x)
    assert len(program.plan.sizes) == 1
    assert program.peak < 1.01 * x.nbytes + 64


@of_numpy
def test_a_register_that_is_read_later_keeps_its_memory():
    def f(x):
        a = np.exp(x)
        b = a * 2.0
        return np.sum(a * b), np.sum(b)

    program = recorded(f, np.ones(9))
    a, b = (i.output for i in program.instructions[:2])
    assert program.plan.buffer[a] != program.plan.buffer[b]


def test_views_cost_nothing_in_a_run():
    program = recorded(lambda x: np.exp(x).T.reshape(6) + 1.0, np.ones((2, 3)))
    views = [i.output for i in program.instructions if i.name in ("transpose", "reshape")]
    assert views
    assert len(program.source.splitlines()) < len(program.instructions) + 2


# ---- blocks


@of_numpy
@pytest.mark.parametrize("size", [1 << 18, (1 << 18) + 777, (600, 501)])
@pytest.mark.parametrize("dtype", MIXED)
@pytest.mark.parametrize("order", ["C", "F"])
def test_blocks_of_elementwise_calls_keep_every_bit(size, dtype, order):
    rng = np.random.default_rng(0)
    x = np.asarray(rng.normal(size=size), dtype, order=order)
    scale = Tensor(np.asarray(1.5, dtype), name="scale")

    def f(x):
        y = np.tanh(x * scale) + np.exp(-x)
        return np.sum(y / (1.0 + y * y)), y

    both = ag.compile(ag.value_and_grad(lambda x: f(x)[0]))
    values = ag.compile(f)
    for _ in range(2):
        value, gradient = both(x)
        total, y = values(x)
        x2 = ag.Tensor(x, requires_grad=False)
        eager = ag.value_and_grad(lambda x: f(x)[0])(x)
        assert value == eager[0].data == total
        np.testing.assert_array_equal(gradient, eager[1].data)
        np.testing.assert_array_equal(y, f(x2)[1].data)
        x = x * dtype(0.5)
    assert any(isinstance(step, blocks.Block) for step in values.program._prepared.tasks)
    assert "for piece" in values.program.source


def test_a_block_needs_little_memory():
    x = np.ones(1 << 18)

    def f(x):
        for _ in range(10):
            x = np.tanh(x) * 0.5
        return np.sum(x)

    assert recorded(f, x).peak < 0.1 * x.nbytes


@of_numpy
def test_a_sum_does_not_part_what_leads_to_it_from_its_gradient():
    """Of twenty large arrays between, none is kept whole; the gradient of plain sums, one number
    throughout, is not kept at all."""
    x = np.linspace(-1.0, 1.0, 1 << 18)

    def f(x):
        for _ in range(5):
            x = np.exp(np.tanh(x * 0.99)) + 0.01
        return np.sum(x)

    fast = ag.compile(ag.value_and_grad(f))
    value, gradient = fast(x)
    assert fast.program.peak < 1.1 * x.nbytes  # the gradient itself
    expected = ag.value_and_grad(f)(x)
    assert value == expected[0]
    np.testing.assert_array_equal(gradient, expected[1])
    plain = ag.compile(ag.grad(lambda x: np.sum(x * 0.5)))
    first, second = plain(x), plain(x)
    first[:] = 0.0
    np.testing.assert_array_equal(second, np.full_like(x, 0.5))
    held = plain.program.recording.constants.values()
    assert sum(array.base.nbytes if array.base is not None else array.nbytes for array in held) < 99


@of_numpy
@pytest.mark.parametrize("size", [9, 128, 129, 1000, 4097, 20_011])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_in_pieces_have_numpys_bits(size, dtype, monkeypatch):
    """The pieces are leaves of the tree of halves by which NumPy adds."""
    monkeypatch.setattr(backend, "in_blocks", partial(blocks.in_blocks, large=1))
    monkeypatch.setattr(pieces, "PIECE", 256 * np.dtype(dtype).itemsize)
    rng = np.random.default_rng(0)
    x = (rng.normal(size=size) * 10.0 ** rng.integers(-8, 8, size)).astype(dtype)

    def f(x):
        y = x * x
        return np.sum(y), np.mean(y - 1.0), y * np.sum(y, axis=0)

    with np.errstate(over="ignore"):
        fast, expected = ag.compile(f), f(x)
        for one, other in zip(fast(x), expected, strict=True):
            np.testing.assert_array_equal(one, other, strict=False)


@of_numpy
def test_what_a_block_warns_of_is_what_eager_does(monkeypatch):
    """The forward pass warns, the gradients that are in one block with it do not."""
    monkeypatch.setattr(backend, "in_blocks", partial(blocks.in_blocks, large=1))
    fast = ag.compile(ag.value_and_grad(lambda x: np.sum(np.sqrt(x) * 2.0)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(fast(np.array([0.0, 4.0]))[1][0])
    assert fast.program.source.count("for piece") == 1
    with pytest.warns(RuntimeWarning, match="invalid value encountered in sqrt"):
        fast(np.array([-1.0, 4.0]))


# ---- the listing


@of_numpy
def test_the_listing_says_what_runs():
    w = Tensor(np.ones((3, 2)), name="w")

    def loss(x):
        with ag.scope("layer"):
            return np.sum(np.maximum(x @ w, 0.0))

    program = recorded(loss, np.ones((4, 3)))
    lines = str(program).splitlines()
    assert lines[0].startswith("loss: ")
    assert "at the peak" in lines[0]
    forward = lines[lines.index("forward") : lines.index("backward")]
    assert any("matmul(%0, %1)" in line and line.endswith("layer") for line in forward)
    backward = lines[lines.index("backward") :]
    assert any("← matmul" in line for line in backward)
    assert all(line.count("=") >= 1 for line in forward[1:] + backward[1:-3] if line.strip())


@of_numpy
def test_the_listing_says_where_each_value_lives():
    w = Tensor(np.ones(3), name="w")

    def step(x):
        w.data -= np.exp(x.data)
        return x

    lines = [" ".join(line.split()) for line in str(recorded(step, np.ones(3))).splitlines()]
    assert "%1 = input w float64 3" in lines
    assert "%2 = exp(%0) float64 3 b0" in lines
    assert "%3 = subtract(%1, %2) float64 3 over %1" in lines
    assert lines[-1] == "assigns %3"


def test_the_listing_of_a_wide_scalar_graph_tells_its_groups():
    leaves = [Tensor(float(i)) for i in range(100)]
    program = ag.compile(sum(leaf * leaf for leaf in leaves))
    assert "200 in 2 groups" in str(program)
    assert len(program.instructions) == 200
    program.run()
    program.backward()
    assert [leaf.grad for leaf in leaves] == [2.0 * i for i in range(100)]


def test_scalars_that_end_in_an_array_run_in_groups_too():
    """A network of scalar nodes under a loss of its whole batch."""
    rng = np.random.default_rng(0)
    w = [Tensor(float(v)) for v in rng.normal(size=8)]
    x = [[Tensor(float(v), requires_grad=False) for v in row] for row in rng.normal(size=(12, 8))]
    scale = Tensor(np.linspace(1.0, 2.0, 12), name="scale")

    def loss():
        rows = [sum(a * b for a, b in zip(w, row, strict=True)).relu() for row in x]
        return np.mean((ag.array(rows) * scale) ** 2)

    program = ag.compile(loss())
    assert "192 in 2 groups" in str(program)
    for _ in range(2):
        assert program.run() == loss().data
        program.backward()
        compiled = [leaf.grad for leaf in (*w, scale)]
        for leaf in (*w, scale):
            leaf.grad = None
        loss().backward()
        for leaf, grad in zip((*w, scale), compiled, strict=True):
            np.testing.assert_array_equal(grad, leaf.grad)
            leaf.grad = None
        w[0].data = 0.25
        x[3][2].data = -1.5


def test_gradients_lie_as_numpy_lays_products_whatever_the_order_of_operands():
    """A sum over axes adds in the order of memory: eager and compiled have the same."""
    rng = np.random.default_rng(0)
    turned = rng.normal(size=(4, 8, 8, 32)).astype(np.float32).transpose(3, 0, 1, 2)
    weights = rng.normal(size=turned.shape).astype(np.float32)
    scale = rng.uniform(1.0, 2.0, size=(4, 1, 1)).astype(np.float32)
    gradient = ag.grad(lambda s: np.sum(turned / s * weights))
    np.testing.assert_array_equal(ag.compile(gradient)(scale), gradient(scale))
