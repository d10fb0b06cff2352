"""What an editor knows of typical use: run as a program, and read by mypy and by pyright.

    mypy --strict --follow-imports=silent tests/types/test_typical_use.py
    basedpyright

Whatever is written here must be right to both, and of the type that is asserted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

import numpy as np
from numpy.typing import NDArray

import autograd as ag
import gategrad
import gategrad.nn as inside
import nn
import viz
from autograd import Tensor
from nn import optim

if TYPE_CHECKING:
    from autograd.graph import Graph
    from autograd.program.compiled import Compiled
    from autograd.program.program import Program
    from nn.training import History
    from viz.picture import GraphPicture
    from viz.stepper import Stepper

Array = NDArray[Any]


def loss(w: Tensor) -> Tensor:
    return (w.tanh() ** 2).sum()


def number(w: Tensor) -> Tensor:
    return w * w


def test_a_tensor_and_its_arithmetic() -> None:
    x, y = Tensor([1.0, 2.0], name="x"), Tensor(3.0)
    assert_type(x, Tensor)
    assert_type(x * y + 2.0, Tensor)
    assert_type(1.0 / x, Tensor)
    assert_type(np.float64(2.0) * x, Tensor)
    assert_type(-x, Tensor)
    assert_type(x[0], Tensor)
    assert_type(x.sum(axis=0).exp(), Tensor)
    assert_type(x.T @ x, Tensor)
    assert_type(x.shape, tuple[int, ...])
    assert_type(x.name, str | None)
    x.data -= 0.1
    assert x.data.shape == (2,)
    f = (x * y).sum()
    f.backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert f.item() == 3.0 * float(x.data.sum())


def test_functions_of_numpy_and_ours() -> None:
    x = Tensor([1.0, 2.0])
    np.exp(x).sum().backward()
    np.maximum(x, 0.0).sum().backward()
    np.sum(x).backward()
    assert_type(ag.exp(x), Tensor)
    assert_type(ag.sum(x, axis=0), Tensor)
    assert_type(ag.softmax(x), Tensor)
    assert_type(ag.stack([x, x]), Tensor)
    assert_type(ag.concatenate([x, x]), Tensor)
    assert_type(ag.linalg.norm(x), Tensor)
    assert ag.where(x > 1.0, x, 0.0).shape == (2,)


def test_functions_of_functions() -> None:
    point = np.array([1.0, -2.0])
    value, gradient = ag.value_and_grad(loss)(point)
    assert_type(value, Array)
    assert_type(gradient, Array)
    assert_type(ag.grad(loss)(point), Array)
    assert_type(ag.grad(number)(3.0), float)
    assert_type(ag.grad(lambda both: loss(both["w"]))({"w": point}), dict[str, Array])
    assert_type(ag.jacobian(loss)(point), Array)
    assert_type(ag.hessian(loss)(point), Array)
    assert_type(ag.hvp(loss, point, point), Array)
    out, pullback = ag.vjp(loss, point)
    assert np.array_equal(pullback(1.0)[0], gradient)
    assert gradient.shape == point.shape and value.shape == out.shape


def test_programs() -> None:
    if TYPE_CHECKING:
        assert_type(ag.compile(loss), Compiled[np.ndarray[Any, Any]])
        assert_type(ag.compile(loss(Tensor([1.0]))), Program)
        assert_type(ag.Graph(loss(Tensor([1.0]))), Graph)
    fast = ag.compile(ag.value_and_grad(loss))
    value, gradient = fast(np.array([0.0, 1.0]))
    assert value.shape == () and gradient.shape == (2,)
    program = ag.compile(loss(Tensor([1.0])))
    assert len(program.instructions) > 0


def test_a_gate_of_ones_own() -> None:
    cube = ag.gate(lambda a: a * a * a, local=lambda out, a: 3.0 * a * a, name="cube")
    assert_type(cube, ag.Gate)
    assert_type(cube(Tensor(2.0)), Tensor)

    @ag.gate(local=lambda out, a: 2.0 * a, name="square")
    def square(a: Any) -> Any:
        return a * a

    assert_type(square, ag.Gate)


def test_networks_and_pictures() -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            self.slope = Tensor(2.0)

        def forward(self, x: Tensor) -> Tensor:
            return self.slope * x

    X, y = np.ones((8, 2)), np.zeros((8, 1))
    model = nn.MLP(2, [4], 1, rng=0)
    assert_type(Line()(Tensor(3.0)), Tensor)
    assert_type(nn.Linear(2, 1, rng=0)(X), Tensor)
    assert model(X).shape == (8, 1)
    history = nn.fit(model, X, y, loss="mse", optimizer=optim.SGD(lr=0.1), batch_size=4)
    if TYPE_CHECKING:
        assert_type(history, History)
        assert_type(viz.draw(Tensor(1.0)), GraphPicture)
        assert_type(viz.step(Tensor(1.0)), Stepper)
    assert len(history.history["loss"]) == 1
    assert_type(model.state_dict(), dict[str, Array])
    assert_type(nn.predict(model, X), Array)
    assert viz.draw(Tensor(2.0, name="x") * 3.0).svg.count("<svg") == 1


def test_the_distributions_own_name() -> None:
    x = gategrad.Tensor(3.0)
    assert_type(x, Tensor)
    assert_type(gategrad.exp(x), Tensor)
    assert_type(inside.Linear(2, 1, rng=0)(np.ones((3, 2))), Tensor)
    if TYPE_CHECKING:
        assert_type(gategrad.viz.step(x), Stepper)
