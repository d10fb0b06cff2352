"""Slides, section 1: computational graphs and backpropagation, with the lecture's own numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

AS_ARRAYS = pytest.mark.parametrize(
    "wrap", [float, np.array, lambda v: np.array([v])], ids=["scalar", "0-d", "1-d"]
)


def named(wrap, **values):
    return [Tensor(wrap(value), name=name) for name, value in values.items()]


def gates(output):
    return [node.gate.name for node in ag.Graph(output).nodes if node.gate]


def symbols(output):
    return [node.gate.symbol for node in ag.Graph(output).nodes if node.gate]


def close(got, want, digits):
    """Equal to the digits that the slides give."""
    np.testing.assert_allclose(
        np.asarray(got, float).squeeze(), want, rtol=0, atol=0.51 * 10**-digits
    )


# ---- gates and local gradients


@AS_ARRAYS
@pytest.mark.parametrize(
    ("f", "at", "local"),
    [
        (lambda x: x + 3.0, 2.0, 1.0),
        (lambda x: 3.0 * x, 2.0, 3.0),
        (ag.exp, 2.0, math.exp(2.0)),
        (lambda x: 1 / x, 2.0, -0.25),
        (ag.sigmoid, 0.5, 1 / (1 + math.exp(-0.5)) * (1 - 1 / (1 + math.exp(-0.5)))),
        (lambda x: ag.maximum(x, 1.0), 2.0, 1.0),
        (lambda x: ag.maximum(x, 3.0), 2.0, 0.0),
    ],
    ids=["x+a", "ax", "exp", "1/x", "sigmoid", "max won", "max lost"],
)
def test_gradient_is_upstream_times_local_gradient(wrap, f, at, local):
    x = Tensor(wrap(at))
    (step,) = ag.trace(f(x), gradient=wrap(5.0)).steps
    (found,) = [d for d in step.local if d is not None]
    (down,) = [d for d in step.downstream if d is not None]
    np.testing.assert_allclose(found, wrap(local), rtol=1e-14)
    np.testing.assert_allclose(down, wrap(5.0 * local), rtol=1e-14)


@AS_ARRAYS
def test_add_distributes(wrap):
    x, y = named(wrap, x=3.0, y=-4.0)
    (step,) = ag.trace(x + y, gradient=wrap(7.0)).steps
    assert step.pattern == "distributes"
    assert step.downstream == (7.0, 7.0)


@AS_ARRAYS
def test_multiply_swaps_its_inputs_and_scales(wrap):
    x, y = named(wrap, x=3.0, y=-4.0)
    (step,) = ag.trace(x * y, gradient=wrap(2.0)).steps
    assert step.pattern == "swaps"
    assert step.local == (-4.0, 3.0)
    assert step.downstream == (-8.0, 6.0)


@AS_ARRAYS
def test_max_routes_like_a_multiplexer(wrap):
    z, w = named(wrap, z=2.0, w=-1.0)
    (step,) = ag.trace(ag.maximum(z, w), gradient=wrap(2.0)).steps
    assert step.pattern == "routes"
    assert step.downstream == (2.0, 0.0)


@AS_ARRAYS
def test_copying_adds_the_gradients_that_come_back(wrap):
    (x,) = named(wrap, x=3.0)
    trace = ag.trace(x * 2.0 + x * 5.0)
    assert [edge.grad for edge in trace.edges if edge.source is x] == [2.0, 5.0]
    assert trace.grad(x) == 7.0


def test_sum_and_copy_are_each_others_backward_pass():
    """Forward sum is backward fan-out; forward fan-out is backward sum."""
    t = Tensor([1.0, 2.0, 3.0])
    (step,) = ag.trace(np.sum(t), gradient=5.0).steps
    np.testing.assert_array_equal(step.downstream[0], np.broadcast_to(5.0, 3))
    (step,) = ag.trace(np.broadcast_to(Tensor(2.0), 3), gradient=[1.0, 20.0, 300.0]).steps
    assert step.downstream[0] == np.sum([1.0, 20.0, 300.0])


def test_max_and_multiplexer_are_each_others_backward_pass():
    """The winner's place is where the gradient is put; reading a place sends it back there."""
    t = Tensor([1.0, 9.0, 3.0])
    (step,) = ag.trace(np.max(t), gradient=5.0).steps
    (read,) = ag.trace(t[1], gradient=5.0).steps
    np.testing.assert_array_equal(step.downstream[0], [0.0, 5.0, 0.0])
    np.testing.assert_array_equal(step.downstream[0], read.downstream[0])


# ---- E1: f = (x + y) z


@AS_ARRAYS
@pytest.mark.parametrize(
    ("at", "q", "f", "gradient"),
    [
        ((1.0, -2.0, 1.0), -1.0, -1.0, (1.0, 1.0, -1.0)),
        ((1.0, 2.0, 1.0), 3.0, 3.0, (1.0, 1.0, 3.0)),
        ((-2.0, 5.0, -4.0), 3.0, -12.0, (-4.0, -4.0, 3.0)),
    ],
    ids=["slide", "slide again", "classic"],
)
def test_e1_chain_rule(wrap, at, q, f, gradient):
    x, y, z = named(wrap, **dict(zip("xyz", at, strict=True)))
    inner = x + y
    out = inner * z
    out.backward()
    assert (inner.item(), out.item()) == (q, f)
    assert (x.grad, y.grad, z.grad) == gradient
    assert (inner.grad, out.grad) == (at[2], 1.0)
    assert symbols(out) == ["+", "×"]


# ---- E2: the sigmoid neuron


@pytest.fixture(params=[float, np.array, lambda v: np.array([v])], ids=["scalar", "0-d", "1-d"])
def neuron(request):
    leaves = named(request.param, w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    w0, x0, w1, x1, w2 = leaves
    return leaves, 1 / (1 + ag.exp(-(w0 * x0 + w1 * x1 + w2)))


def test_e2_is_made_of_the_eight_gates_of_the_slide(neuron):
    _, f = neuron
    assert gates(f) == [
        "multiply", "multiply", "add", "add", "negative", "exp", "add", "reciprocal",
    ]  # fmt: skip
    assert symbols(f) == ["×", "×", "+", "+", "×(−1)", "exp", "+", "1/x"]


def test_e2_forward(neuron):
    _, f = neuron
    values = [node.item() for node in ag.Graph(f).nodes if node.gate]
    close(values, [-2.0, 6.0, 4.0, 1.0, -1.0, 0.36787944, 1.36787944, 0.73105858], 8)


def test_e2_backward(neuron):
    (w0, x0, w1, x1, w2), f = neuron
    trace = ag.trace(f)
    upstreams = [np.squeeze(step.upstream) for step in trace.steps]
    close(
        upstreams,
        [1.0, -0.53444665, -0.53444665, -0.19661193, *[0.19661193] * 4],
        8,
    )
    f.backward()
    found = [np.squeeze(node.grad) for node in (w0, x0, w1, x1, w2)]
    close(found, [-0.19661193, 0.39322387, -0.39322387, -0.58983580, 0.19661193], 8)


def test_e2_rounded_factors_do_not_multiply_to_rounded_products(neuron):
    """0.20 × 2 is printed 0.39 on the slide: it comes from 0.19661193 × 2."""
    (_, x0, *_), f = neuron
    f.backward()
    upstream = np.squeeze(next(node.grad for node in ag.Graph(f).nodes if node.gate))
    assert f"{upstream:.2f}" == "0.20"
    assert f"{np.squeeze(x0.grad):.2f}" == "0.39"


def test_e2_as_one_sigmoid_gate_and_opened_are_the_same_neuron(neuron):
    leaves, f = neuron
    f.backward()
    others = named(float, w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    w0, x0, w1, x1, w2 = others
    whole = ag.sigmoid(w0 * x0 + w1 * x1 + w2)
    assert symbols(whole)[-1] == "σ"
    assert symbols(ag.Graph(whole).opened("all")) == symbols(f)
    whole.backward()
    assert whole.data == pytest.approx(f.item(), rel=1e-15)
    for leaf, other in zip(leaves, others, strict=True):
        np.testing.assert_allclose(np.squeeze(leaf.grad), other.grad, rtol=1e-14)


# ---- E3: f = 2(xy + max(z, w))


@AS_ARRAYS
def test_e3_max_router(wrap):
    x, y, z, w = named(wrap, x=3.0, y=-4.0, z=2.0, w=-1.0)
    product, router = x * y, ag.maximum(z, w)
    total = product + router
    f = 2 * total
    f.backward()
    assert [n.item() for n in (product, router, total, f)] == [-12.0, 2.0, -10.0, -20.0]
    assert (x.grad, y.grad, z.grad, w.grad) == (-8.0, 6.0, 2.0, 0.0)


# ---- E4: the fork


@AS_ARRAYS
def test_e4_fork(wrap):
    x, y = named(wrap, x=3.0, y=-4.0)
    shared = x + y
    numerator, gate = x + ag.sigmoid(y), ag.sigmoid(x)
    f = numerator / (gate + shared**2)
    close(f.data, 1.54564488411, 11)
    trace = ag.trace(f)
    f.backward()
    close(x.grad, 2.05956979557, 11)
    close(y.grad, 1.59223275148, 11)
    parts = {edge.target: float(np.squeeze(edge.grad)) for edge in trace.edges if edge.source is x}
    close(
        [parts[shared], parts[gate], parts[numerator]],
        [1.583186894545, -0.035761547813, 0.512144448840],
        12,
    )
    of_y = [float(np.squeeze(edge.grad)) for edge in trace.edges if edge.source is y]
    close(sorted(of_y, reverse=True), [1.583186894545, 0.009045856939], 12)


# ---- E5: f = |Wx|^2


def test_e5_matrix():
    W = Tensor([[0.1, 0.5], [-0.3, 0.8]], name="W")
    x = Tensor([0.2, 0.4], name="x")
    q = W @ x
    f = np.sum(q**2)
    f.backward()
    close(q.data, [0.22, 0.26], 12)
    close(f.data, 0.116, 12)
    close(q.grad, [0.44, 0.52], 12)
    close(W.grad, [[0.088, 0.176], [0.104, 0.208]], 12)
    close(x.grad, [-0.112, 0.636], 12)


def test_e5_entry_by_entry_in_scalar_nodes():
    """The matrix form is the scalar form, gate by gate."""
    w = [[Tensor(v) for v in row] for row in ((0.1, 0.5), (-0.3, 0.8))]
    x = [Tensor(v) for v in (0.2, 0.4)]
    q = [row[0] * x[0] + row[1] * x[1] for row in w]
    f = q[0] * q[0] + q[1] * q[1]
    f.backward()
    close(f.data, 0.116, 12)
    close([[t.grad for t in row] for row in w], [[0.088, 0.176], [0.104, 0.208]], 12)
    close([t.grad for t in x], [-0.112, 0.636], 12)


# ---- kinds of derivative, and products that need no Jacobian


def rows_of_jacobian(f, x):
    """dy/dx of shape (n, m): one backward pass for each entry of y."""
    rows = []
    for k in range(f(Tensor(x)).size):
        t = Tensor(x)
        out = f(t)
        out.backward(gradient=np.eye(out.size)[k])
        rows.append(t.grad)
    return np.array(rows)


def test_scalar_to_scalar_is_a_number_and_vector_to_scalar_a_gradient():
    x = Tensor(3.0)
    (x**2).backward()
    assert x.grad == 6.0
    v = Tensor([1.0, 2.0])
    np.sum(v**2).backward()
    np.testing.assert_array_equal(v.grad, [2.0, 4.0])


def test_vector_to_vector_is_a_jacobian_of_shape_outputs_by_inputs():
    W = np.arange(6.0).reshape(2, 3)
    jacobian = rows_of_jacobian(lambda t: W @ t, np.ones(3))
    assert jacobian.shape == (2, 3)
    np.testing.assert_array_equal(jacobian, W)


def test_the_chain_rule_in_vectors_transposes_the_jacobian():
    """grad_x z = (dy/dx)^T grad_y z."""
    x = np.array([0.3, -0.2, 0.5])
    W = np.arange(6.0).reshape(2, 3) / 5

    def inner(t):
        return np.tanh(W @ t)

    t = Tensor(x)
    y = inner(t)
    np.sum(y**3).backward()
    np.testing.assert_allclose(t.grad, rows_of_jacobian(inner, x).T @ y.grad, rtol=1e-14)


def test_the_product_rule_needs_no_jacobian():
    """dX = dY W^T and dW = X^T dY; the Jacobian's product says the same, entry for entry."""
    rng = np.random.default_rng(0)
    X, W, dY = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    x, w = Tensor(X), Tensor(W)
    (x @ w).backward(gradient=dY)
    np.testing.assert_allclose(x.grad, dY @ W.T, rtol=1e-14)
    np.testing.assert_allclose(w.grad, X.T @ dY, rtol=1e-14)
    by_x = np.einsum("ik,jl->ijkl", np.eye(2), W.T)  # dY_ij/dX_kl
    np.testing.assert_allclose(np.einsum("ijkl,ij->kl", by_x, dY), x.grad, rtol=1e-14)


def test_a_jacobian_of_a_layer_would_not_fit_where_the_product_does():
    """N=64, D=M=4096: 2^36 entries for dY/dX and 2^42 for dY/dW; the pass makes the gradients."""
    N, D, M = 64, 4096, 4096
    assert N * M * N * D == 2**36
    assert N * M * D * M == 2**42
    assert 4 * 2**36 == 256 * 2**30
    assert 4 * 2**42 == 16 * 2**40
    N, D, M = 16, 256, 256  # the same at a size for every run: a Jacobian of 2^24 entries
    x, w = Tensor(np.ones((N, D), np.float32)), Tensor(np.ones((D, M), np.float32))
    np.sum(x @ w).backward()
    np.testing.assert_array_equal(x.grad, np.full((N, D), M, np.float32))
    np.testing.assert_array_equal(w.grad, np.full((D, M), N, np.float32))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_common_factors_of_a_composition_are_computed_once(order):
    """(f.g.h.i)' is a product whose factors one pass back shares among all the inner nodes."""
    functions = [np.tanh, np.exp, lambda t: t * t, ag.sigmoid]
    x = Tensor(0.4)
    nodes = [x]
    for k in order:
        nodes.append(functions[k](nodes[-1]))
    trace = ag.trace(nodes[-1])
    assert len(trace.steps) == 4
    for earlier, later in itertools.pairwise(nodes):
        (step,) = [s for s in trace.steps if s.node is later]
        assert trace.grad(earlier) == pytest.approx(trace.grad(later) * sum(step.local), rel=1e-15)


# ---- a gate of one's own


@AS_ARRAYS
@pytest.mark.parametrize("form", ["local", "vjp"])
def test_a_multiply_gate_of_ones_own(wrap, form):
    """Forward and backward written by hand, as one writes them in PyTorch."""
    if form == "local":
        rules = {"local": lambda out, x, y: (y, x)}
    else:
        rules = {"vjp": lambda g, out, x, y: (g * y, g * x)}
    multiply = ag.gate(lambda x, y: x * y, name="multiply_gate", symbol="×", **rules)
    x, y, z, w = named(wrap, x=3.0, y=-4.0, z=2.0, w=-1.0)
    f = multiply(2.0, multiply(x, y) + ag.maximum(z, w))
    f.backward()
    assert f.item() == -20.0
    assert (x.grad, y.grad, z.grad, w.grad) == (-8.0, 6.0, 2.0, 0.0)
    assert f.gate.name == "multiply_gate"
    assert type(x.grad) is type(x.data)
