"""Graphs of any depth, freed at once: no recursion, no reference cycle, few bytes a gate."""

from __future__ import annotations

import gc
import sys
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


def chain(x, gates):
    y = x
    for _ in range(gates // 2):
        y = y * 1.0000001 + 1e-9
    return y


@pytest.fixture
def no_collector():
    """What is freed here is freed by reference counting alone."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def check_a_chain(gates):
    """Records, runs backward and is freed, without recursion, at most 400 bytes a gate."""
    x = Tensor(1.0)
    chain(x, 2)  # the operators are written at their first use
    limit = sys.getrecursionlimit()
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        y = chain(x, gates)
        recorded, _ = tracemalloc.get_traced_memory()
        y.backward()
        passed, _ = tracemalloc.get_traced_memory()
        assert x.grad == pytest.approx(1.0000001 ** (gates // 2), rel=1e-6)
        del y
        freed, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (recorded - before) / gates <= 400
    assert (passed - before) / gates <= 400
    assert freed - before < 100_000  # a few floats and lists, and no graph
    assert sys.getrecursionlimit() == limit


def test_a_chain_of_20_000_scalar_gates(no_collector):
    check_a_chain(20_000)


@pytest.mark.slow
def test_a_chain_of_a_million_scalar_gates(no_collector):
    check_a_chain(1_000_000)


@pytest.mark.parametrize("data", [1.0, np.array([1.0])], ids=["scalar", "array"])
def test_a_deep_graph_can_be_walked_traced_opened_and_passed_beside_another(data):
    y = chain(Tensor(data), 20_000)
    assert len(ag.Graph(y)) == 20_001
    assert len(ag.trace(y).steps) == 20_000
    assert ag.Graph(y).opened("all").data == y.data

    def vjp(g, out, a):
        y.backward()  # runs over stand-ins
        return g

    ag.gate(lambda a: a * 1.0, vjp=vjp, name="nested")(Tensor([1.0])).backward()
    assert y.grad == 1.0


def test_a_deep_graph_is_passed_and_freed_in_a_thread():
    """The engine recurses nowhere; what CPython 3.12 and 3.13 need to free a long chain of objects,
    whoever made it, is up to two megabytes of stack.
    """
    size = threading.stack_size(16 * 1024 * 1024)
    try:
        thread = threading.Thread(target=lambda: chain(Tensor(1.0), 100_000).backward())
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)


def scalar_graph(x):
    s = x * x + ag.exp(x) / 3.0
    return ag.maximum(s, x) ** 2


def array_graph(x):
    t = np.stack([x, x * 2.0]) @ np.ones((1, 3))
    return np.sum(np.concatenate([t[0], t[[1, 1]].reshape(-1)]).max(keepdims=True) + ag.sigmoid(x))


GRAPHS = pytest.mark.parametrize(
    ("make", "data"),
    [(scalar_graph, 0.7), (array_graph, np.array([0.7]))],
    ids=["scalar", "array"],
)


def watched(output):
    return [weakref.ref(node) for node in ag.Graph(output).nodes]


def alive(references):
    return [node for node in (reference() for reference in references) if node is not None]


@GRAPHS
def test_dropping_the_output_frees_the_graph(make, data, no_collector):
    x = Tensor(data)
    out = make(x)
    references = watched(out)
    del out
    assert alive(references) == [x]


@GRAPHS
@pytest.mark.parametrize(
    "use",
    [
        lambda out: out.backward(),
        lambda out: [out.backward(), out.backward(retain_grads=False)],
        ag.trace,
        lambda out: ag.Graph(out).edges,
        lambda out: ag.Graph(out).opened("all"),
        repr,
    ],
    ids=["backward", "twice", "trace", "edges", "opened", "repr"],
)
def test_nothing_that_is_done_with_a_graph_keeps_it_alive(make, data, use, no_collector):
    x = Tensor(data)
    out = make(x)
    references = watched(out)
    use(out)
    del out
    assert alive(references) == [x]


@GRAPHS
def test_blocks_keep_no_graph_alive(make, data, no_collector):
    x = Tensor(data)
    with ag.scope("s"), ag.source_lines():
        out = make(x)
    out.backward()
    references = watched(out)
    del out
    assert alive(references) == [x]


@GRAPHS
def test_an_exception_in_a_rule_keeps_no_graph_alive(make, data, no_collector):
    def vjp(g, out, a):
        raise KeyError("on purpose")

    gate = ag.gate(lambda a: a * 1.0, vjp=vjp, name="fails")
    x = Tensor(data)
    out = gate(make(gate(x)))
    references = watched(out)
    for use in (Tensor.backward, ag.trace):
        try:
            use(out)
        except KeyError:
            pass
        else:
            raise AssertionError("the rule was not run")
    del out
    assert alive(references) == [x]


@GRAPHS
def test_a_refused_gate_and_a_refused_pass_keep_no_graph_alive(make, data, no_collector):
    x = Tensor(data)
    out = make(x)
    references = watched(out)
    for wrong in (
        lambda out: np.ones((2, 2)) @ (out * np.ones(3)),
        lambda out: out.backward(gradient=np.ones(7)),
        lambda out: out * "a",
    ):
        try:
            wrong(out)
        except ag.AutogradError:
            pass
        else:
            raise AssertionError("nothing was refused")
    del out
    assert alive(references) == [x]


def test_a_pass_over_a_nested_rule_keeps_no_stand_in_alive(no_collector):
    x = Tensor([3.0])
    other = x * x

    def vjp(g, out, a):
        other.backward()
        return g

    tensors = sum(type(o) is Tensor for o in gc.get_objects())
    ag.gate(lambda a: a * 1.0, vjp=vjp, name="nested")(x * 2.0).backward()
    assert sum(type(o) is Tensor for o in gc.get_objects()) == tensors


def test_a_transform_drops_an_adjoint_once_it_was_passed_on():
    x = np.ones(100_000)
    gradient = ag.grad(lambda x: np.sum(chain(x, 20)))
    gradient(x)
    tracemalloc.start()
    try:
        gradient(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 * x.nbytes  # the values of 20 gates, and what one of them passes on
