"""gradcheck finds wrong rules and says where; detect_anomaly finds where a NaN was made."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

X = np.array([[0.3, -1.2], [2.0, 0.7]])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_right_rules_pass_to_any_order(order):
    assert ag.gradcheck(lambda x: np.tanh(x @ x.T) * x.sum(), X, order=order)


def test_floats_nests_and_several_results_pass():
    assert ag.gradcheck(lambda p, c: [p["a"] * c, p["b"].sum() / c], {"a": 2.0, "b": X}, 1.5)


WRONG = {
    "reverse": ag.gate(lambda a: a * a, vjp=lambda g, out, a: g * a,
                       jvp=lambda t, out, a: t[0] * 2.0 * a, name="half_as_steep"),
    "forward": ag.gate(lambda a: a * a, vjp=lambda g, out, a: g * 2.0 * a,
                       jvp=lambda t, out, a: t[0] * a, name="half_as_steep"),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_a_wrong_rule_is_named_with_its_entry_and_both_values(mode):
    with pytest.raises(ag.GradcheckError) as caught:
        ag.gradcheck(lambda x: np.exp(WRONG[mode](x)), X)
    message = str(caught.value)
    assert f"{mode} mode" in message
    assert "half_as_steep" in message
    assert "output[1, 0]" in message and "input[1, 0]" in message  # the steepest entry
    assert f"{4.0 * np.exp(4.0):.4g}"[:4] in message


def test_each_mode_is_checked_alone_on_request():
    assert ag.gradcheck(WRONG["forward"], X, modes=("reverse",))
    assert ag.gradcheck(WRONG["reverse"], X, modes=("forward",))


def test_a_wrong_second_derivative_is_found_at_order_two():
    frozen = ag.gate(
        lambda a: a**3, local=lambda out, a: 3.0 * np.square(ag.recording.value_of(a)), name="f"
    )
    assert ag.gradcheck(frozen, X)
    with pytest.raises(ag.GradcheckError):
        ag.gradcheck(frozen, X, order=2)


def test_a_value_taken_out_of_the_graph_is_not_blamed_on_a_gate():
    with pytest.raises(ag.GradcheckError, match="compute everything with Tensors"):
        ag.gradcheck(lambda x: x * x.item(), 3.0)


@pytest.mark.parametrize("keywords", [{"modes": ("sideways",)}, {"modes": ()}, {"order": 0}])
def test_options_are_checked(keywords):
    with pytest.raises(ag.DataError):
        ag.gradcheck(lambda x: x, 1.0, **keywords)


# ---- detect_anomaly


def test_an_infinity_made_forward_is_placed():
    x = Tensor(np.array([1.0, 0.0]), name="x")
    with ag.detect_anomaly(), pytest.raises(ag.AnomalyError) as caught, np.errstate(all="ignore"):
        np.log(x)  # the line that is to be named
    message = str(caught.value)
    assert "log made -inf at index (1,)" in message
    assert "'x'" in message
    assert "the line that is to be named" in message
    assert "test_checks.py" in message


def test_an_infinity_made_backward_is_placed_at_the_line_of_the_forward_pass():
    x = Tensor(0.0, name="x")
    with ag.detect_anomaly():
        y = x.sqrt()  # the forward line
        with pytest.raises(ag.AnomalyError, match=r"derivative of sqrt(.|\n)*the forward line"):
            y.backward()
    assert x.grad is None


def test_a_nan_made_by_a_second_derivative_is_placed():
    x = Tensor(0.0, name="x")
    with ag.detect_anomaly():
        y = x**1.5
        y.backward(create_graph=True)
        with pytest.raises(ag.AnomalyError, match="power"):
            x.grad.backward()


def test_what_was_not_finite_before_is_passed_on():
    with ag.detect_anomaly():
        y = Tensor(np.array([np.nan, 1.0])) * 2.0
    assert np.isnan(y.data[0])


def test_writing_behind_the_graphs_back_is_noticed():
    raw = np.array([1.0, 2.0])
    x = Tensor(raw, name="x")
    with ag.detect_anomaly():
        y = (x * x).sum()
        raw[0] = 5.0
        with pytest.raises(ag.AnomalyError, match=r"'x'.*written to"):
            y.backward()


def test_outside_the_block_nothing_is_checked():
    with np.errstate(all="ignore"):
        y = np.log(Tensor(np.array([0.0])))
    assert np.isinf(y.data).all()
    assert y.source is None


@pytest.mark.parametrize("f", [lambda x: x * 2.0, lambda x: x.sum()])
def test_empty_arrays_have_nothing_to_disagree_about(f):
    assert ag.gradcheck(f, np.zeros((0, 3)), order=2)
