"""`Program.backward`: whose values its gradients belong to, where they lie, and who else adds."""

from __future__ import annotations

import copy
import pickle
import sys
import threading

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.backward import backward as eager_backward
from autograd.program.joined_graphs import JoinedProgram
from autograd.program.scalar_graphs import ScalarGraphProgram
from autograd.traversal import backward_pass

pytestmark = pytest.mark.usefixtures("default_backend")


def of_arrays():
    """A leaf, and the program of a graph over it."""
    w = Tensor(np.array([2.0, 3.0]), name="w")
    return w, ag.compile((w * w * w).sum())


def of_scalars():
    w = Tensor(2.0, name="w")
    total = w * w
    for _ in range(80):
        total = total + w * w
    program = ag.compile(total)
    assert type(program) is ScalarGraphProgram
    return w, program


def joined():
    w = Tensor(2.0, name="w")
    nodes = [w * float(i) for i in range(80)]
    program = ag.compile((ag.array(nodes) ** 2).sum())
    assert type(program) is JoinedProgram
    return w, program


def compiled():
    w = Tensor(np.array([2.0, 3.0]), name="w")
    fast = ag.compile(lambda x: (w**3 * x).sum())
    fast(np.ones(2))
    fast.program.run(np.ones(2))
    return w, fast.program


KINDS = [of_arrays, of_scalars, joined]


# ---- of which values


@pytest.mark.parametrize("make", [*KINDS, compiled])
def test_assigning_between_run_and_backward_raises_as_eager_does(make):
    w, program = make()
    program.run(*([np.ones(2)] if make is compiled else []))
    w.data = w.data - 1.0
    with pytest.raises(ag.StaleGraphError, match=r"'w'.*assigned to after"):
        program.backward()
    assert w.grad is None
    program.run(*([np.ones(2)] if make is compiled else []))
    program.backward()
    assert w.grad is not None


def test_after_a_new_run_the_gradient_is_that_of_the_new_data():
    w, program = of_arrays()
    program.run()
    w.data -= 1.0
    program.run()
    program.backward()
    np.testing.assert_array_equal(w.grad, [3.0, 12.0])


def test_writing_into_the_raw_array_is_not_looked_for_as_in_eager():
    w, program = of_arrays()
    program.run()
    w.data[0] += 0.0
    program.backward()
    np.testing.assert_array_equal(w.grad, [12.0, 27.0])


def test_two_losses_with_a_step_between():
    w = Tensor(np.array([1.0, 2.0]), name="w")
    first, second = ag.compile((w * w).sum()), ag.compile((w**3).sum())
    first.run()
    second.run()
    first.backward()
    w.data -= 0.1 * w.grad
    with pytest.raises(ag.StaleGraphError, match="'w'"):
        second.backward()


def test_a_leaf_that_no_derivative_depends_on_may_change():
    w, mean = Tensor(np.array([1.0, 2.0])), Tensor(np.zeros(2), requires_grad=False)
    fast = ag.compile(lambda: ((w * w).sum(), mean + 1.0))
    fast()
    mean.data = mean.data + 1.0
    fast.program.backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])


def test_a_constant_of_a_rule_that_changed_is_named():
    w, c = Tensor(np.array([1.0, 2.0])), Tensor(np.ones(2), name="c", requires_grad=False)
    program = ag.compile((w * c).sum())
    program.run()
    c.data = np.zeros(2)
    with pytest.raises(ag.StaleGraphError, match="'c'"):
        program.backward()


def test_what_a_program_assigns_does_not_make_it_stale():
    w, mean = Tensor(np.array([1.0, 2.0])), Tensor(np.zeros(2), requires_grad=False)

    def f():
        out = ((w - mean) ** 2).sum()
        ag.assign(mean, mean + 1.0)
        return out

    fast = ag.compile(f)
    for at in (0.0, 1.0):
        w.zero_grad()
        fast()
        fast.program.backward()
        np.testing.assert_array_equal(w.grad, 2.0 * (np.array([1.0, 2.0]) - at))
    mean.data = np.ones(2)
    with pytest.raises(ag.StaleGraphError):
        fast.program.backward()


def test_a_leaf_that_is_assigned_and_then_read_has_the_gradient_of_the_new_value():
    w = Tensor(np.array([1.0, 2.0]), name="w")

    def f():
        ag.assign(w, w * 2.0)
        return (w**3).sum()

    fast = ag.compile(f)
    fast()
    fast.program.backward()
    np.testing.assert_array_equal(w.data, [2.0, 4.0])
    np.testing.assert_array_equal(w.grad, 3.0 * w.data**2)


def test_a_leaf_read_before_and_after_an_assignment_has_no_gradient_of_one_value():
    w = Tensor(np.array([1.0, 2.0]), name="w")

    def f():
        before = (w**2).sum()
        ag.assign(w, w * 2.0)
        return before + (w**3).sum()

    fast = ag.compile(f)
    assert fast() == 5.0 + 72.0
    with pytest.raises(ag.StaleGraphError, match=r"'w'.*two values"):
        fast.program.backward()


@pytest.mark.parametrize("make", KINDS)
def test_freezing_a_leaf_makes_its_program_stale(make):
    w, program = make()
    w.requires_grad = False
    program.run()
    with pytest.raises(ag.StaleGraphError, match=r"requires_grad.*'w'"):
        program.backward()
    assert w.grad is None


# ---- where a gradient lies


@pytest.mark.parametrize("reuse", [False, True])
def test_gradients_add_up_over_runs(reuse):
    """1 + 2 + 300: the last one alone, thrice over, where deposits share the program's memory."""
    w = Tensor(np.zeros(3))
    fast = ag.compile(lambda x: (w * x).sum(), reuse_outputs=reuse)
    for number in (1.0, 2.0, 300.0):
        fast(np.full(3, number))
        fast.program.backward()
    np.testing.assert_array_equal(w.grad, np.full(3, 303.0))


@pytest.mark.parametrize("reuse", [False, True])
@pytest.mark.parametrize("f", [np.tanh, np.square, lambda t: t @ t.T, lambda t: t[:, ::-1] * 2.0])
def test_a_deposit_is_in_no_memory_that_a_run_writes(f, reuse):
    w = Tensor(np.arange(9.0).reshape(3, 3))
    fast = ag.compile(lambda x: (f(w) * x).sum(), reuse_outputs=reuse)
    fast(np.ones((3, 3)))
    fast.program.backward()
    first, kept = w.grad, w.grad.copy()
    w.zero_grad()
    for number in (2.0, 3.0):
        fast(np.full((3, 3), number))
        fast.program.backward()
    np.testing.assert_array_equal(first, kept)
    w.grad[...] = 0.0
    again = fast(np.ones((3, 3)))
    w.zero_grad()
    fast.program.backward()
    np.testing.assert_array_equal(w.grad, kept)
    assert again == fast(np.ones((3, 3)))


# ---- threads


def test_two_threads_that_add_lose_nothing():
    w = Tensor(np.zeros(1))
    programs = [ag.compile((w * 1.0).sum()) for _ in range(2)]
    for program in programs:
        program.run()
        program.backward()
    w.zero_grad()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            threading.Thread(target=lambda p=p: [p.backward() for _ in range(3000)])
            for p in programs
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert w.grad[0] == 6000.0


@pytest.fixture
def a_pass_elsewhere():
    """Another thread is inside a backward pass, so that passes here run on stand-ins."""
    inside, done = threading.Event(), threading.Event()

    def hold():
        out = Tensor(1.0) * 2.0
        with backward_pass([out], [1.0]):
            inside.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(60)
    yield
    done.set()
    thread.join()


def test_recording_during_a_pass_of_another_thread_keeps_the_gradients(a_pass_elsewhere):
    w = Tensor(np.array([1.0, 2.0]))
    fast = ag.compile(lambda x: (w * w * x).sum())
    fast(np.ones(2))
    fast.program.backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])


@pytest.mark.parametrize("make", [*KINDS, compiled])
def test_every_kind_of_program_is_recorded_during_a_pass_of_another_thread(make, a_pass_elsewhere):
    w, program = make()
    program.run(*([np.ones(2)] if make is compiled else []))
    program.backward()
    elsewhere, w.grad = w.grad, None
    expected = {
        of_arrays: [12.0, 27.0], compiled: [12.0, 27.0], of_scalars: 324.0,
        joined: 4.0 * sum(i * i for i in range(80)),
    }  # fmt: skip
    np.testing.assert_array_equal(elsewhere, expected[make])


def test_every_other_pass_during_one_of_another_thread(a_pass_elsewhere):
    x = np.array([1.0, 2.0])
    cubes = lambda v: (v**3).sum()
    np.testing.assert_array_equal(ag.grad(cubes)(x), 3.0 * x**2)
    np.testing.assert_array_equal(ag.grad(ag.checkpoint(cubes))(x), 3.0 * x**2)
    np.testing.assert_array_equal(ag.hessian(cubes)(x), np.diag(6.0 * x))
    two = ag.vjp(lambda a, b: (a * b, a + b), x, x + 1.0)[1]((x, x))
    np.testing.assert_array_equal(two, [x * (x + 1.0) + x, x * x + x])
    fast = ag.compile(ag.grad(ag.grad(lambda v: v**3)))
    assert [fast(2.0), fast(3.0)] == [12.0, 18.0]
    leaf = Tensor(x)
    out = (leaf**3).sum()
    steps = ag.trace(out)
    np.testing.assert_array_equal(steps.grad(leaf), 3.0 * x**2)
    eager_backward(out, create_graph=True)
    leaf.grad.sum().backward()
    assert type(leaf.grad) is not None
    whole = ag.compile(ag.value_and_grad(lambda v: np.sum(np.linalg.norm(v) * v)))
    value, gradient = whole(x)
    norm = np.sqrt(5.0)
    np.testing.assert_allclose(value, 3.0 * norm)
    np.testing.assert_allclose(gradient, norm + 3.0 * x / norm)


def test_a_leaf_made_inside_may_be_all_that_wants_a_gradient():
    fast = ag.compile(lambda x: Tensor(2.0) * x)
    assert fast(3.0) == 6.0


def test_a_recording_that_loses_the_tensors_it_depends_on_raises(monkeypatch):
    """A net under the recorder: were its backward pass to end in strange nodes, it would say so."""
    from autograd.traversal import Pass

    w = Tensor(np.array([1.0, 2.0]), name="w")
    strange = Tensor(w.data, name="strange")
    fast = ag.compile(lambda x: (w * x).sum())
    monkeypatch.setattr(Pass, "node", lambda self, node: strange)
    with pytest.raises(ag.CompileError, match=r"'strange'.*lost"):
        fast(np.ones(2))
    assert fast.cache_info().currsize == 0


# ---- copies


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_program_is_neither_copied_nor_pickled(make, how):
    _, program = make()
    with pytest.raises(ag.DataError, match="not copied or pickled"):
        how(program)
