"""gradcheck finds wrong rules and says where; detect_anomaly finds where a NaN was made."""

from __future__ import annotations

import pickle

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
        lambda a: a**3, local=lambda out, a: 3.0 * np.square(ag.eager.value_of(a)), name="f"
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


def test_an_anomaly_shows_the_entry_that_it_names_in_an_array_too_long_to_show():
    values = np.linspace(1.0, 2.0, 600).reshape(20, 30)
    values[7, 3] = 0.0
    x, row = Tensor(values, name="x"), Tensor(np.full(30, 8.25), name="row")
    with ag.detect_anomaly(), pytest.raises(ag.AnomalyError) as caught:
        row / x
    assert "with 0.0 at index (7, 3)" in str(caught.value)
    assert "with 8.25 at index (3,)" in str(caught.value)
    values[7, 3] = 0.0
    with ag.detect_anomaly():
        y = np.sqrt(x)
        with pytest.raises(ag.AnomalyError, match=r"operands: .*(.|\n)*with 0.0 at index \(7, 3\)"):
            y.sum().backward()


@pytest.mark.parametrize("shape", [(10, 20), (20,)])
def test_operands_of_other_shapes_than_the_result_are_shown_too(shape):
    x = Tensor(np.full(shape, 1e200), name="x")
    with ag.detect_anomaly(), pytest.raises(ag.AnomalyError, match="matmul made inf at index"):
        x @ np.full((20, 3), 1e200)


def test_an_anomaly_has_fields_for_what_its_message_says():
    x, two = Tensor(np.array([1.0, 0.0]), name="x"), np.array([2.0, 2.0])
    with ag.detect_anomaly(), ag.scope("part"), pytest.raises(ag.AnomalyError) as caught:
        np.divide(two, x)
    error = caught.value
    assert error.what == "divide in part made inf at index (1,) (1 of 2 entries are not finite)"
    assert (error.gate.name, error.phase) == ("divide", "forward")
    assert error.operands[1] is x
    assert [v.tolist() for v in error.values] == [[2.0, 2.0], [1.0, 0.0]]
    assert error.source.function == "test_an_anomaly_has_fields_for_what_its_message_says"
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.what, copy.phase) == (str(error), error.what, "forward")


def test_the_phase_of_an_anomaly():
    raw = np.array([0.0, 2.0])
    with ag.detect_anomaly():
        y = np.sqrt(Tensor(raw))
        with pytest.raises(ag.AnomalyError) as backward:
            y.sum().backward()
        raw[0] = 5.0
        with pytest.raises(ag.AnomalyError) as written:
            y.sum().backward()
    assert (backward.value.phase, written.value.phase) == ("backward", "written")
    assert backward.value.what.startswith("the derivative of sqrt (√x → 1/(2√x)) made inf at index")


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


@pytest.mark.parametrize(
    "given",
    [1.0 + 2.0j, X + 1.0j, "1.0", None, [1.0, "2"], np.datetime64("2020-01-01"), object()],
)
def test_what_is_no_real_number_is_refused_rather_than_converted(given):
    with pytest.raises(ag.DataError, match=r"data must be (real )?numbers"):
        ag.gradcheck(lambda x: x, given)
