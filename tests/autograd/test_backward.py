"""Reverse mode: what is visited, what is added, and what is left alone."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

KINDS = pytest.mark.parametrize(
    "wrap", [float, np.array, lambda v: np.array([v])], ids=["scalar", "0-d", "1-d"]
)


@KINDS
def test_the_contracts_first_example(wrap):
    x, y, z = (Tensor(wrap(v), name=n) for v, n in ((-2.0, "x"), (5.0, "y"), (-4.0, "z")))
    f = (x + y) * z
    f.backward()
    assert (f.item(), x.grad, y.grad, z.grad) == (-12.0, -4.0, -4.0, 3.0)
    assert type(x.grad) is type(x.data)


@KINDS
def test_several_edges_between_the_same_two_nodes_all_count(wrap):
    x = Tensor(wrap(3.0))
    (x * x).backward()
    assert x.grad == 6.0
    y = Tensor(wrap(3.0))
    (y + y + y).backward()
    assert y.grad == 3.0
    z = Tensor([2.0, 3.0])
    np.concatenate([z, z, z]).backward(gradient=np.arange(6.0))
    np.testing.assert_array_equal(z.grad, [6.0, 9.0])


@KINDS
def test_a_node_is_passed_once_its_consumers_have_all_been(wrap):
    """A ladder of 60 forks has 2^60 paths: only a pass that meets each node once ends."""
    x = Tensor(wrap(1.0))
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


@KINDS
def test_order_is_by_creation_also_where_branches_have_different_lengths(wrap):
    x = Tensor(wrap(2.0))
    long = x
    for _ in range(5):
        long = long * x
    (x * long + long).backward()
    assert x.grad == 7 * 2.0**6 + 6 * 2.0**5


@KINDS
def test_calling_twice_doubles_exactly(wrap):
    x = Tensor(wrap(0.3))
    y = ag.exp(x * 0.7) / x
    y.backward()
    once = np.copy(x.grad)
    y.backward()
    assert x.grad == 2 * once
    assert y.grad == 2.0
    assert type(x.grad) is type(x.data)


@KINDS
def test_a_partial_pass_from_an_inner_node_does_not_leak_into_the_next(wrap):
    """Each call adds its own adjoints alone; none is pushed on a second time."""
    x = Tensor(wrap(3.0))
    inner = x * x
    outer = inner * 2.0
    inner.backward()
    assert x.grad == 6.0
    outer.backward()
    assert (x.grad, inner.grad, outer.grad) == (18.0, 3.0, 1.0)
    outer.backward()
    assert (x.grad, inner.grad, outer.grad) == (30.0, 5.0, 2.0)


@KINDS
def test_without_retain_grads_only_leaves_are_added_to(wrap):
    x, y = Tensor(wrap(3.0)), Tensor(wrap(4.0))
    inner = x * y
    outer = inner * 2.0
    outer.backward(retain_grads=False)
    assert (x.grad, y.grad) == (8.0, 6.0)
    assert inner.grad is None
    assert outer.grad is None


@KINDS
def test_a_leaf_is_its_own_derivative(wrap):
    x = Tensor(wrap(3.0))
    x.backward()
    assert x.grad == 1.0


def test_gradient_seeds_the_output():
    t = Tensor([1.0, 2.0])
    out = t * t
    for gradient in ([1.0, 10.0], (1, 10), np.float32([1, 10]), Tensor([1.0, 10.0]).detach()):
        t.zero_grad()
        out.backward(gradient=gradient)
        np.testing.assert_array_equal(t.grad, [2.0, 40.0])
    x = Tensor(3.0)
    for gradient in (2.0, 2, np.array(2.0), np.float32(2)):
        x.zero_grad()
        (x * x).backward(gradient)
        assert x.grad == 12.0
        assert type(x.grad) is float


def test_only_what_leads_to_a_leaf_that_wants_a_gradient_is_visited():
    asked = []

    def gate_of(name):
        def vjp(g, out, a, b):
            asked.append(name)
            return g, g

        return ag.gate(lambda a, b: a + b, vjp=vjp, name=name)

    x, c = Tensor([1.0]), Tensor([2.0], requires_grad=False)
    constant = gate_of("of constants")(c, c)
    gate_of("wanting")(x, constant).backward()
    assert asked == ["wanting"]
    assert c.grad is None
    assert constant.grad is None


def test_rules_of_operands_that_want_no_gradient_are_not_computed():
    def never(g, out, a, b):
        raise AssertionError("a rule ran for a constant")

    gate = ag.gate(lambda a, b: a * b, vjp=(lambda g, out, a, b: g * b, never), name="half")
    x = Tensor([3.0])
    gate(x, [2.0]).backward()
    gate(x, Tensor([2.0], requires_grad=False)).backward()
    np.testing.assert_array_equal(x.grad, [4.0])


def test_the_graph_stays_walkable_and_values_stay_after_a_pass():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    assert [n.gate.name for n in ag.Graph(y).nodes if n.gate] == ["multiply", "sum"]
    assert y.data == 5.0


# ---- gradients are arrays of their own


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x + y,
        lambda x, y: x + x + y,
        lambda x, y: (x + 1.0) + (y - 1.0),
        lambda x, y: np.reshape(x + y, (2, 1)),
        lambda x, y: (x + y).T,
        lambda x, y: np.concatenate([x, y]),
        lambda x, y: ag.astype(x, float) + y[:],
        lambda x, y: x.sum() + y.sum(),
        lambda x, y: np.broadcast_to(x, (3, 2)) + y,
    ],
)
def test_no_two_nodes_and_no_user_share_a_gradients_memory(f):
    def reached():
        x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
        return f(x, y)

    shape = reached().shape
    given = np.ones(shape)
    for gradient in (given, given.tolist(), Tensor(given, requires_grad=False), given[...]):
        out = reached()
        out.backward(gradient=gradient)
        nodes = ag.Graph(out).nodes
        for i, node in enumerate(nodes):
            assert node.grad.flags.writeable
            assert not np.shares_memory(node.grad, given)
            for other in nodes[i + 1 :]:
                assert not np.shares_memory(node.grad, other.grad)


def test_one_element_outputs_share_nothing_either():
    x, y = Tensor([1.0]), Tensor([2.0])
    f = x + y
    f.backward()
    x.grad += 100.0
    assert (f.grad, y.grad) == (1.0, 1.0)


def test_writing_into_a_gradient_changes_no_later_pass():
    x = Tensor([1.0, 2.0])
    out = (x + 0.0).sum()
    out.backward()
    x.grad *= 0.0
    x.zero_grad()
    out.backward()
    np.testing.assert_array_equal(x.grad, [1.0, 1.0])


def test_gradients_of_mixed_dtypes_are_each_in_their_own():
    single, double = Tensor(np.float32([1.0, 2.0])), Tensor([3.0, 4.0])
    (single * double).sum().backward()
    assert (single.grad.dtype, double.grad.dtype) == (np.float32, np.float64)


# ---- refusals leave everything as it was


def test_an_output_of_several_elements_needs_a_gradient():
    for t in (Tensor([1.0, 2.0]), Tensor(np.zeros((0, 2)))):
        out = t * 2.0
        with pytest.raises(ag.GradientError, match="gradient="):
            out.backward()
        assert t.grad is None
        assert out.grad is None


def test_one_element_of_any_rank_needs_none():
    t = Tensor([[3.0]])
    (t * t).backward()
    np.testing.assert_array_equal(t.grad, [[6.0]])


@pytest.mark.parametrize("gradient", [1.0, [1.0], [[1.0, 1.0]], np.ones(3)])
def test_a_gradient_of_another_shape_is_refused(gradient):
    t = Tensor([1.0, 2.0], name="t")
    with pytest.raises(ag.ShapeError, match=r"\(2,\)"):
        (t * 2.0).backward(gradient=gradient)
    assert t.grad is None


@pytest.mark.parametrize(
    "gradient", ["ab", [None, 1.0], [[1.0], [1.0, 2.0]], [1j, 1.0], np.ma.array([1.0, 2.0], mask=1)]
)
def test_a_gradient_that_is_not_numbers_is_refused(gradient):
    t = Tensor([1.0, 2.0])
    with pytest.raises(ag.AutogradError):
        (t * 2.0).backward(gradient=gradient)
    assert t.grad is None


def test_a_gradient_that_wants_one_itself_is_refused():
    t, g = Tensor([1.0, 2.0]), Tensor([1.0, 1.0], name="seed")
    with pytest.raises(ag.DataError, match="'seed'"):
        (t * 2.0).backward(gradient=g)


def test_nothing_to_differentiate_raises():
    c = Tensor(2.0, requires_grad=False)
    for node in (c, c * c):
        with pytest.raises(ag.GradientError, match="requires_grad=True"):
            node.backward()
    with ag.no_grad():
        y = Tensor(2.0) * 3.0
    with pytest.raises(ag.GradientError, match="no_grad"):
        y.backward()


def test_an_exception_in_a_rule_changes_no_gradient_and_the_next_pass_is_whole():
    fail = True

    def vjp(g, out, a):
        if fail:
            raise ZeroDivisionError("on purpose")
        return g

    gate = ag.gate(lambda a: a * 1.0, vjp=vjp, name="sometimes")
    for data in (2.0, np.array([2.0])):
        fail = True
        x = Tensor(data)
        y = gate(x * x) * 3.0 + x
        with pytest.raises(ZeroDivisionError):
            y.backward()
        assert [node.grad for node in ag.Graph(y).nodes] == [None] * len(ag.Graph(y))
        fail = False
        y.backward()
        assert x.grad == 13.0


# ---- a leaf assigned after it was read


@KINDS
def test_a_stale_leaf_is_named(wrap):
    p, q = Tensor(wrap(2.0), name="weights"), Tensor(wrap(3.0))
    loss = p * q
    p.data -= 1.0
    with pytest.raises(ag.StaleGraphError, match="'weights'"):
        loss.backward()
    assert p.grad is None
    assert q.grad is None
    (p * q).backward()
    assert p.grad == 3.0


@KINDS
def test_a_stale_constant_is_named_too(wrap):
    """The rule of a product reads the other operand, also one that wants no gradient itself."""
    x, c = Tensor(wrap(2.0)), Tensor(wrap(3.0), requires_grad=False, name="scale")
    y = x * c
    c.data = wrap(30.0)
    with pytest.raises(ag.StaleGraphError, match="'scale'"):
        y.backward()
    assert x.grad is None


@KINDS
def test_a_leaf_frozen_after_it_was_read_makes_the_graph_stale(wrap):
    x = Tensor(wrap(2.0), name="frozen")
    y = x * x
    x.requires_grad = False
    with pytest.raises(ag.StaleGraphError, match="'frozen'"):
        y.backward()


def test_assignments_before_recording_or_to_other_leaves_are_no_matter():
    p, other = Tensor(2.0), Tensor([1.0])
    p.data = 3.0
    y = p * p
    other.data = [5.0]
    y.backward()
    assert p.grad == 6.0
    late = Tensor(1.0)
    z = y * 2.0
    late.data = 4.0
    z.backward()
    assert p.grad == 18.0


def test_only_a_reader_older_than_the_assignment_is_stale():
    p = Tensor(2.0)
    before = p * 1.0
    p.data = 5.0
    after = p * 1.0
    after.backward()
    assert p.grad == 1.0
    with pytest.raises(ag.StaleGraphError):
        (before + after).backward()


# ---- passes at the same time


def make_graph(leaves, turns):
    out = leaves[0] * 0.0
    for k in range(turns):
        out = out + leaves[k % len(leaves)] * float(k % 3) + 0.5
    return out if out.shape == () else out.sum()


def at_once(work, threads):
    """Run `work` in several threads that take turns as often as they can."""
    failures = []
    together = threading.Barrier(threads)

    def run():
        try:
            work(together.wait)
        except BaseException as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        workers = [threading.Thread(target=run) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(interval)
    assert failures == []


@pytest.mark.parametrize("wrap", [float, lambda v: np.array([v, v])], ids=["scalar", "array"])
def test_threads_that_share_leaves_lose_no_contribution(wrap):
    """Each thread has a graph of its own over the same leaves; all gradients add up."""
    leaves = [Tensor(wrap(float(k))) for k in range(3)]
    passes, threads, turns = 40, 4, 30
    make_graph(leaves, turns).backward()
    once = [np.copy(leaf.grad) for leaf in leaves]
    for leaf in leaves:
        leaf.zero_grad()

    def work(wait):
        out = make_graph(leaves, turns)
        wait()
        for _ in range(passes):
            out.backward()

    at_once(work, threads)
    for leaf, gradient in zip(leaves, once, strict=True):
        np.testing.assert_array_equal(leaf.grad, passes * threads * gradient)


def test_threads_that_add_to_one_leaf_lose_no_sum():
    """NumPy lets other threads run while it adds large arrays: just then sums could be lost."""
    leaf, ones = Tensor(np.zeros(50_000)), np.ones(50_000)

    def work(wait):
        wait()
        for _ in range(100):
            leaf.backward(gradient=ones)

    at_once(work, 3)
    np.testing.assert_array_equal(leaf.grad, np.full(50_000, 300.0))


def inner_of(graph):
    """A gate whose rule runs a backward pass over `graph`."""

    def vjp(g, out, a):
        graph.backward()
        return g

    return ag.gate(lambda a: a * 1.0, vjp=vjp, name="nested")


@KINDS
def test_a_rule_may_run_a_backward_pass_even_over_its_own_leaves(wrap):
    x = Tensor(wrap(3.0))
    other = x * x * x
    y = inner_of(other)(x * 2.0) * x
    y.backward()
    assert x.grad == 27.0 + 4 * 3.0
    assert type(x.grad) is type(x.data)
    assert other.grad == 1.0


@KINDS
def test_a_nested_pass_through_the_very_nodes_of_the_outer_one(wrap):
    """The nodes' adjoints are taken by the outer pass: the inner one runs over stand-ins."""
    x, c = Tensor(wrap(3.0)), Tensor(wrap(2.0), requires_grad=False)
    shared = x * c + abs(x) * 1.5
    y = inner_of(shared)(shared * shared)
    y.backward()
    assert x.grad == 3.5 + 2 * 10.5 * 3.5
    assert shared.grad == 1.0 + 2 * 10.5


def test_a_nested_pass_refuses_as_a_plain_one_does():
    x = Tensor(3.0, name="x")
    stale = x * x
    x.data = 4.0
    y = inner_of(stale)(x * 1.0)
    with pytest.raises(ag.StaleGraphError, match="'x'"):
        y.backward()
    frozen = Tensor(3.0, name="z")
    squared = frozen * frozen
    frozen.requires_grad = False
    with pytest.raises(ag.StaleGraphError, match="'z'"):
        inner_of(squared)(x * 1.0).backward()
    assert x.grad is None


def test_a_nested_trace_is_right_too():
    x = Tensor([3.0])
    inner = x * x
    seen = []

    def vjp(g, out, a):
        seen.append(ag.trace(inner))
        return g

    y = ag.gate(lambda a: a * 1.0, vjp=vjp, name="traced")(inner)
    y.backward()
    np.testing.assert_array_equal(x.grad, [6.0])
    (trace,) = seen
    np.testing.assert_array_equal(trace.grad(x), [6.0])
    assert [step.node for step in trace.steps] == [inner]
    assert [edge.source for edge in trace.edges] == [x, x]
