"""PyTorch's back end: the values of eager to rounding."""

from __future__ import annotations

import numpy as np
import pytest
from test_every_gate import FUNCTIONS, moved, weighted
from test_jax import WHOLE, close, looped, once_each

import autograd as ag
import nn
from autograd import Tensor

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore::RuntimeWarning")]

OTHERWISE = {
    "partition": "any order on either side is a partition",
    "linalg.eigh.eigenvectors": "the sign of a vector is anybody's",
}


@pytest.mark.parametrize(("name", "f", "inputs"), once_each())
def test_a_program_has_the_values_of_eager(name, f, inputs):
    inputs = tuple(np.array(v, dtype=float) for v in inputs)
    made = FUNCTIONS["gradient"](weighted(f, inputs), tuple(range(len(inputs))))
    fast = ag.compile(made, backend="torch")
    found = fast(*inputs)
    if name not in OTHERWISE:
        close(found, made(*inputs))


@pytest.mark.parametrize(("name", "f", "inputs"), once_each()[::12])
def test_later_runs_are_of_what_was_traced_in_the_second(name, f, inputs):
    inputs = tuple(np.array(v, dtype=float) for v in inputs)
    made = FUNCTIONS["gradient"](weighted(f, inputs), tuple(range(len(inputs))))
    fast = ag.compile(made, backend="torch")
    for _ in range(3):
        close(fast(*inputs), made(*inputs))
        inputs = moved(inputs)


@pytest.mark.parametrize(
    "f",
    [
        nn.losses.cross_entropy,
        nn.losses.multiclass_hinge,
        lambda a, at: np.sum(a[np.arange(3), at] ** 2),
        lambda a, at: np.sum(ag.embedding(at, a) ** 2) + np.sum(a[at, 0]),
    ],
    ids=["cross_entropy", "multiclass_hinge", "getitem", "embedding"],
)
@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("made", [ag.value_and_grad, ag.hessian])
def test_whole_numbers_are_those_of_each_run(f, made, backend):
    gradient = made(f)
    fast = ag.compile(gradient, backend=backend)
    a = np.linspace(-1.0, 1.0, 12).reshape(3, 4) ** 3
    for at in ([0, 1, 2], [2, 0, 1], [1, 1, 0], [2, 2, 2]):
        close(fast(a, np.array(at)), gradient(a, np.array(at)))


def test_what_is_looked_at_while_pytorch_traces_is_no_constant(monkeypatch):
    from autograd.program.lowering import torch_backend

    def frozen(a, b):
        return a * float(np.sum(np.asarray(b.detach())))

    monkeypatch.setitem(torch_backend.TABLE, "multiply", frozen)
    fast = ag.compile(lambda a, b: np.sum(a * b), backend="torch")
    a = np.ones(3)
    assert fast(a, a) == 9.0
    with pytest.raises(ag.CompileError, match="multiply"):
        fast(a, a)


@pytest.mark.parametrize("kind", [np.int64, np.uint8])
@pytest.mark.parametrize(
    "f",
    [lambda x: ag.max_pool(x, 3, 1, 1), lambda x: ag.avg_pool(x, 2), lambda x: ag.unfold(x, 2)],
    ids=["max_pool", "avg_pool", "unfold"],
)
def test_windows_of_whole_numbers_are_those_of_eager(f, kind):
    x = (WHOLE if kind is np.int64 else np.abs(WHOLE)).astype(kind)
    expected, found = f(x).data, ag.compile(f, backend="torch")(x)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        looped,
        ag.value_and_grad(looped, argnums=(0, 1)),
        ag.hessian(looped),
        lambda s, xs: ag.jvp(looped, (s, xs), (s, xs))[1],
    ],
    ids=["value", "gradient", "hessian", "tangent"],
)
def test_a_loop_is_gone_through_step_by_step(f):
    given = np.ones(3), np.linspace(-1.0, 1.0, 6).reshape(2, 3)
    fast = ag.compile(f, backend="torch")
    for _ in range(2):
        close(fast(*given), f(*given))


def test_a_graph_has_gradients_and_assigns_and_draws():
    w = Tensor(np.array([1.0, 2.0]))
    program = ag.compile(np.sum(w**3), backend="torch")
    for _ in range(2):
        assert program.run() == 9.0
        program.backward()
    np.testing.assert_allclose(w.grad, [6.0, 24.0], rtol=1e-15)
    rng = np.random.default_rng(0)
    drawn = ag.compile(lambda x: x + ag.sample(lambda: rng.normal(size=3)), backend="torch")
    found = [drawn(np.zeros(3)) for _ in range(3)]
    assert len({tuple(row) for row in found}) == 3
    fast = ag.compile(lambda x: ag.assign(w, w * x) or np.sum(w), backend="torch")
    fast(2.0), fast(2.0)
    np.testing.assert_array_equal(w.data, [4.0, 8.0])


def test_results_lie_in_memory_of_their_own_and_inputs_stay():
    fast = ag.compile(lambda x: (x, np.reshape(x, (3, 1)), x * 2.0), backend="torch")
    x = np.arange(3.0)
    for _ in range(2):
        for result in fast(x):
            result += 1.0
    np.testing.assert_array_equal(x, [0.0, 1.0, 2.0])
    locked = np.arange(3.0)
    locked.flags.writeable = False
    assert np.shares_memory(fast(locked)[0], locked) is False
    np.testing.assert_array_equal(fast(x[::-1])[2], [4.0, 2.0, 0.0])


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
def test_pytorchs_compiler_is_handed_what_was_traced(monkeypatch):
    import torch

    whole = torch.compile  # without the C++ compiler that its last stage calls
    monkeypatch.setattr(torch, "compile", lambda graph: whole(graph, backend="aot_eager"))

    def f(x):
        return np.mean(np.tanh(x) * np.exp(-(x**2)))

    x = np.linspace(-1.0, 1.0, 50)
    fast = ag.compile(ag.value_and_grad(f), backend="torch.compile")
    for _ in range(2):
        for found, expected in zip(fast(x), ag.value_and_grad(f)(x), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_a_recurrent_layer_is_one_of_other_gates():
    import nn

    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    for kind in (nn.LSTM, nn.GRU, nn.RNN):
        model = kind(4, 3, rng=0, dtype=np.float64)
        f = ag.value_and_grad(lambda x, model=model: np.sum(model(x)[0] ** 2))
        for backend in ("jax", "torch"):
            for found, expected in zip(ag.compile(f, backend=backend)(x), f(x), strict=True):
                close(np.asarray(found), np.asarray(getattr(expected, "data", expected)))
