"""What holds for every graph, on random ones: shared nodes, repeated operands, broadcasting."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
from differences import central, complex_step
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import programs

import autograd as ag
from autograd import Tensor

MIXED = (np.float64, np.float32)


def nodes_of(program):
    return [Tensor(leaf) for leaf in program.leaves]


def upstream_for(out):
    return np.random.default_rng(3).normal(size=out.shape)


def assert_close(got, want, rtol=1e-9):
    """Equal relative to the largest entry: rounding of what cancels is no error."""
    scale = max(1.0, np.max(np.abs(want), initial=0.0))
    np.testing.assert_allclose(got, want, rtol=0, atol=rtol * scale)


@settings(max_examples=300)
@given(programs(MIXED))
def test_values_are_those_of_the_same_numpy_expression_to_the_bit(program):
    for node, value in zip(
        program.run(nodes_of(program)), program.run(program.leaves), strict=True
    ):
        if type(value) is float:
            assert type(node.data) is float
            assert node.data == value
        else:
            value = np.asarray(value)
            assert (node.dtype, node.shape) == (value.dtype, value.shape)
            assert node.data.tobytes() == value.tobytes()


@settings(max_examples=300)
@given(programs())
def test_gradients_are_those_of_differences(program):
    """A complex step where all is analytic, else central differences."""
    leaves = nodes_of(program)
    out = program.run(leaves)[-1]
    upstream = upstream_for(out)
    if out.requires_grad:
        out.backward(gradient=upstream)

    def f(*arrays):
        return program.run(arrays)[-1]

    arrays = [np.asarray(leaf) for leaf in program.leaves]
    if program.analytic:
        expected, rtol = complex_step(f, arrays, upstream), 1e-10
    else:
        expected, rtol = central(f, arrays, upstream), 1e-5
    for leaf, want in zip(leaves, expected, strict=True):
        assert_close(0.0 if leaf.grad is None else leaf.grad, want, rtol)


@given(programs(MIXED))
def test_gradients_have_the_kind_shape_and_dtype_of_their_node(program):
    leaves = nodes_of(program)
    out = program.run(leaves)[-1]
    out.backward(gradient=upstream_for(out))
    for node in ag.Graph(out).nodes:
        assert type(node.grad) is type(node.data)
        if type(node.data) is not float:
            assert (node.grad.shape, node.grad.dtype) == (node.shape, node.dtype)
            assert node.grad.flags.writeable


@given(programs())
def test_the_edges_out_of_a_node_add_up_to_its_gradient(program):
    out = program.run(nodes_of(program))[-1]
    upstream = upstream_for(out)
    trace = ag.trace(out, gradient=upstream)
    out.backward(gradient=upstream)
    for node in trace.nodes:
        np.testing.assert_array_equal(trace.grad(node), node.grad)
        if node is not out:
            parts = [edge.grad for edge in trace.edges if edge.source is node]
            assert_close(sum(parts), node.grad, 1e-12)
    assert [step.node for step in trace.steps] == [n for n in reversed(trace.nodes) if n.gate]


@given(programs(), st.data())
def test_passes_from_anywhere_add_up(program, data):
    """Two passes, from two nodes, leave the sum of what each alone leaves."""
    starts = [
        data.draw(st.integers(len(program.leaves), len(program.leaves) + len(program.steps) - 1))
        for _ in range(2)
    ]

    def gradients(*starts):
        leaves = nodes_of(program)
        results = program.run(leaves)
        for start in starts:
            results[start].backward(gradient=upstream_for(results[start]))
        return [np.zeros(node.shape) if node.grad is None else node.grad for node in results]

    both = gradients(*starts)
    for one, other, sum_ in zip(gradients(starts[0]), gradients(starts[1]), both, strict=True):
        np.testing.assert_array_equal(one + other, sum_)
    for once, twice in zip(gradients(starts[0]), gradients(starts[0], starts[0]), strict=True):
        np.testing.assert_array_equal(2 * once, twice)


@given(programs())
def test_a_pass_is_linear_in_its_seed(program):
    out = program.run(nodes_of(program))[-1]
    one = upstream_for(out)
    other = one[..., ::-1] + 0.5 if np.ndim(one) else one * 2.0
    first, second, both = (ag.trace(out, gradient=g) for g in (one, other, 2 * one - other))
    for node in both.nodes:
        assert_close(both.grad(node), 2 * first.grad(node) - second.grad(node), 1e-10)


@given(programs(), st.data())
def test_freezing_some_leaves_changes_no_other_gradient(program, data):
    whole = nodes_of(program)
    out = program.run(whole)[-1]
    upstream = upstream_for(out)
    out.backward(gradient=upstream)
    some = nodes_of(program)
    for leaf in some:
        leaf.requires_grad = data.draw(st.booleans())
    out = program.run(some)[-1]
    if out.requires_grad:
        out.backward(gradient=upstream)
    for leaf, other in zip(some, whole, strict=True):
        if not leaf.requires_grad:
            assert leaf.grad is None
        elif leaf.grad is not None:
            np.testing.assert_allclose(leaf.grad, other.grad, rtol=1e-13)


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0))
def test_broadcasting_is_folded_back_for_any_two_shapes(shapes):
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=shape) for shape in shapes.input_shapes)
    g = rng.normal(size=shapes.result_shape)
    x, y = Tensor(a), Tensor(b)
    (x * y).backward(gradient=g)
    for node, other in ((x, b), (y, a)):
        # Independent of the fold: broadcast indices, and add each entry where it was read from.
        read = np.broadcast_to(np.arange(node.size).reshape(node.shape), g.shape)
        product = (g * np.broadcast_to(other, g.shape)).ravel()
        want = np.bincount(read.ravel(), product, minlength=node.size).reshape(node.shape)
        np.testing.assert_allclose(node.grad, want, rtol=1e-12, atol=1e-13)
        assert node.grad.shape == node.shape


@given(
    hnp.mutually_broadcastable_shapes(
        signature=np.matmul.signature, max_dims=2, max_side=3, min_side=0
    )
)
def test_matmul_of_any_ranks(shapes):
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=shape) for shape in shapes.input_shapes)
    x, y = Tensor(a), Tensor(b)
    out = x @ y
    assert out.data.tobytes() == np.asarray(a @ b).tobytes()
    g = rng.normal(size=out.shape)
    out.backward(gradient=g)
    for node, want in zip((x, y), complex_step(np.matmul, (a, b), g), strict=True):
        np.testing.assert_allclose(node.grad, want, rtol=1e-12, atol=1e-13)


def keys(shape):
    basic = hnp.basic_indices(shape, allow_newaxis=True)
    fancy = hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=4))
    mask = hnp.arrays(bool, shape)
    return st.one_of(basic, fancy, mask)


@given(hnp.array_shapes(max_dims=3, max_side=4), st.data())
def test_the_gradient_of_reading_is_adding_where_it_was_read(shape, data):
    key = data.draw(keys(shape))
    a = np.arange(float(np.prod(shape))).reshape(shape)
    t = Tensor(a)
    out = t[key]
    assert np.asarray(out.data).tobytes() == np.asarray(a[key]).tobytes()
    g = np.random.default_rng(0).normal(size=out.shape)
    out.backward(gradient=g)
    want = np.bincount(a[key].astype(int).ravel(), g.ravel(), minlength=a.size).reshape(shape)
    np.testing.assert_allclose(t.grad, want, rtol=1e-12, atol=1e-13)


@given(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3), st.data())
def test_ties_share_one_gradient_whatever_the_axes(shape, data):
    """Entries from a few values only: every extremum is likely to be reached more than once."""
    axes = st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True, max_size=len(shape))
    axis = data.draw(st.one_of(st.none(), axes.map(tuple)))
    a = data.draw(hnp.arrays(float, shape, elements=st.sampled_from([-1.0, 0.0, 2.0])))
    for f in (np.max, np.min):
        t = Tensor(a)
        out = f(t, axis=axis, keepdims=True)
        g = np.random.default_rng(0).normal(size=out.shape)
        out.backward(gradient=g)
        hit = a == f(a, axis=axis, keepdims=True)
        np.testing.assert_allclose(np.sum(t.grad, axis=axis, keepdims=True), g, rtol=1e-12)
        assert np.all(t.grad[~hit] == 0.0)
        counts = np.broadcast_to(hit.sum(axis=axis, keepdims=True), shape)
        np.testing.assert_allclose((t.grad * counts)[hit], np.broadcast_to(g, shape)[hit])
