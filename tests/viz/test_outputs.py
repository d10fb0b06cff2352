"""Pictures of several outputs: each under its name, and no gate that is not in the graph."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor


@pytest.fixture
def heads():
    x, w = Tensor(0.5, name="x"), Tensor([2.0, 1.0], name="w")
    h = ag.tanh(w * x)
    return {"mean": ag.sum(h), "logvar": ag.exp(h), "h": h}


@pytest.mark.parametrize("layout", ["dot", "gategrad"])
def test_outputs_are_drawn_under_their_keys(heads, layout):
    picture = viz.draw({"mean": heads["mean"], "logvar": heads["logvar"]}, layout=layout)
    assert picture.title == "Computational graph, 4 gates"
    assert "mean, sum (Σ) of (2), is" in picture.description
    assert "logvar, exp (exp) of (2), is" in picture.description
    assert "there are 2 outputs, pass gradient= with one for each" in picture.description


def test_lists_and_tuples_keep_the_names_of_their_tensors(heads):
    heads["h"].name = "hidden"
    told = viz.draw([heads["mean"], heads["h"]]).description
    assert told == viz.draw((heads["mean"], heads["h"])).description
    assert "hidden, tanh (tanh)" in told


def test_gradients_of_all_outputs_come_together(heads):
    given = {"mean": 1.0, "logvar": np.array([0.5, -1.0]), "h": 2.0}
    picture = viz.draw(heads, gradient=given)
    h = heads["h"].data
    grad_h = 1.0 + 0.5 * np.array([1.0, -2.0]) * np.exp(h) + 2.0
    grad_x = float(np.sum(grad_h * (1 - h**2) * np.array([2.0, 1.0])))
    assert f"x is 0.5, gradient {grad_x:.4g}." in picture.description


def test_one_scalar_in_a_list_needs_no_gradient():
    x = Tensor(3.0, name="x")
    assert "x is 3, gradient 6" in viz.draw([x * x]).description


def test_a_part_that_is_the_outputs_own_is_in_its_sum():
    x = Tensor(2.0, name="x")
    y = x * 3.0
    told = viz.draw({"y": y, "z": ag.exp(y)}, gradient={"y": 1.0, "z": 0.0}).description
    assert "y, multiply (×3) of x, is 6, gradient 1, the sum 1 + 0." in told


def test_a_leaf_can_be_an_output():
    x = Tensor(2.0, name="x")
    assert "input is 2" in viz.draw({"input": x, "twice": x * 2.0}).description


@pytest.mark.parametrize("outputs", [[], [1.0], {"a": "text"}])
def test_what_is_no_tensor_is_refused(outputs):
    with pytest.raises(viz.UnsupportedTargetError, match="several outputs are Tensors; received"):
        viz.draw(outputs)


def test_gradients_that_do_not_fit_are_refused(heads):
    with pytest.raises(viz.VizError, match=r"gradient has one for each output"):
        viz.draw(heads, gradient={"mean": 1.0})


def test_a_stepper_takes_one_output(heads):
    with pytest.raises(viz.UnsupportedTargetError, match="step takes a Tensor"):
        viz.step([heads["mean"], heads["h"]])


class Heads(nn.Module):
    def forward(self, given):
        h = given["left"] * given["right"]
        return {"whole": h, "total": ag.sum(h)}


def test_a_module_may_take_and_make_dicts():
    example = {"left": Tensor([1.0, 2.0], name="left"), "right": [3.0, 4.0]}
    picture = viz.draw(Heads(), example, expand="all", gradient={"whole": 0.0, "total": 2.0})
    assert picture.title == "Computational graph, 2 gates"
    assert (
        "left is of shape 2 with min 1, mean 1.5, max 2, gradient of shape 2 with min 6"
        in picture.description
    )
    assert "right is of shape 2" in picture.description
    assert "total, sum (Σ) of whole, is 11, gradient 2." in picture.description


def test_the_outputs_of_a_model_of_scalars_stand_side_by_side():
    model = nn.MLP(2, [3], 2, scalar=True, rng=0)
    picture = viz.draw(model, [1.0, 2.0], gradient=[1.0, 0.0])
    assert "stack" not in picture.description
    assert len(picture._figure.wires) == 2 + 3 + 3 + 2


@pytest.mark.parametrize("function", [viz.step, viz.table])
def test_one_tensor_is_stepped_through(function):
    with pytest.raises(viz.UnsupportedTargetError, match=r"Heads made dict.*viz\.draw shows"):
        function(Heads(), example={"left": [1.0], "right": [2.0]})


def test_what_a_module_makes_is_tensors():
    class Text(nn.Module):
        def forward(self, x):
            return "x"

    with pytest.raises(viz.UnsupportedTargetError, match="Text made str"):
        viz.draw(Text(), [1.0])


def test_outputs_within_outputs_are_drawn():
    x = Tensor(2.0, name="x")
    outputs = {"y": x * 3.0, "state": (ag.exp(x), {"cell": ag.tanh(x)})}
    given = {"y": 1.0, "state": [0.0, {"cell": 0.0}]}
    told = viz.draw(outputs, gradient=given).description
    assert "y, multiply (×3) of x, is 6, gradient 1." in told
    assert "state/cell, tanh" in told
    assert "x is 2, gradient 3," in told
    with pytest.raises(viz.VizError, match=r"y: \(\), state, 0: \(\), state, 1, cell: \(\)"):
        viz.draw(outputs, gradient={"y": 1.0})


def test_a_cell_with_a_state_is_drawn():
    picture = viz.draw(nn.LSTM(2, 3, rng=0), np.ones((1, 2, 2)))
    assert "there are 3 outputs" in picture.description


def test_an_output_in_no_graph_is_named():
    x, fixed = Tensor(2.0, name="x"), Tensor(1.0, requires_grad=False)
    with pytest.raises(viz.UnsupportedTargetError, match=r"mask is a constant.*Leave it out"):
        viz.draw({"y": x * fixed, "mask": fixed})


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_a_network_of_several_outputs_is_referred_to_draw(kind):
    class Two(nn.Module):
        def __init__(self):
            self.left, self.right = nn.Linear(2, 1, rng=0), nn.Linear(2, 3, rng=0)

        def forward(self, x):
            return kind(enumerate((self.left(x), self.right(x))) if kind is dict else (
                self.left(x), self.right(x)))  # fmt: skip

    with pytest.raises(viz.VizError, match=r"Two has several outputs; viz\.draw"):
        viz.draw_network(Two(), [1.0, 2.0])
    assert "left" in viz.draw(Two(), [1.0, 2.0]).description


def test_numbers_that_are_keys_are_names():
    x = Tensor(2.0, name="x")
    assert "7, exp (exp) of x" in viz.draw({7: ag.exp(x)}).description
