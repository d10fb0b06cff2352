"""Losses against their definitions and differences, at extremes, with weights and reductions."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd import Tensor
from nn import losses
from nn.losses import cross_entropy

RNG = np.random.default_rng(0)
N, C = 5, 4
LOGITS = RNG.normal(size=(N, C))
CLASSES = RNG.integers(C, size=N)
ONE_HOT = np.eye(C)[CLASSES]
SOFT = RNG.dirichlet(np.ones(C), size=N)
NUMBERS = RNG.normal(size=(N, C))
BITS = RNG.integers(2, size=(N, C)).astype(float)
WEIGHTS = RNG.random(N)
CLASS_WEIGHTS = RNG.random(C) + 0.5

TARGETS = {
    "cross_entropy": CLASSES,
    "kl_divergence": SOFT,
    "multiclass_hinge": CLASSES,
    "binary_cross_entropy": BITS,
    "focal": CLASSES,
    "binary_focal": BITS,
    "hinge": 2 * BITS - 1,
    "mse": NUMBERS,
    "half_sse": NUMBERS,
    "l1": NUMBERS,
    "huber": NUMBERS,
    "log_cosh": NUMBERS,
}
IN_ROWS = ("cross_entropy", "focal", "kl_divergence", "multiclass_hinge")
EACH = pytest.mark.parametrize("name", TARGETS)


def ln_softmax(x):
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


def sigma(x):
    return 1 / (1 + np.exp(-x))


def less_of_the_easy(surprise):
    return (1 - np.exp(-surprise)) ** 2 * surprise


def hinges(x, t):
    of_target = x[np.arange(len(t)), t][:, None]
    return np.maximum(0, 1 - of_target + x).sum(axis=1) - 1


BY_DEFINITION = {
    "cross_entropy": lambda x, t: -ln_softmax(x)[np.arange(len(t)), t],
    "kl_divergence": lambda x, t: (t * np.log(t / np.exp(ln_softmax(x)))).sum(axis=1),
    "multiclass_hinge": hinges,
    "binary_cross_entropy": lambda x, t: -t * np.log(sigma(x)) - (1 - t) * np.log(1 - sigma(x)),
    "focal": lambda x, t: less_of_the_easy(-ln_softmax(x)[np.arange(len(t)), t]),
    "binary_focal": lambda x, t: less_of_the_easy(-np.log(np.where(t, sigma(x), sigma(-x)))),
    "hinge": lambda x, t: np.maximum(0, 1 - t * x),
    "mse": lambda x, t: (x - t) ** 2,
    "half_sse": lambda x, t: (x - t) ** 2 / 2,
    "l1": lambda x, t: np.abs(x - t),
    "huber": lambda x, t: np.where(np.abs(x - t) < 1, (x - t) ** 2 / 2, np.abs(x - t) - 0.5),
    "log_cosh": lambda x, t: -np.log1p(-(np.tanh(x - t) ** 2)) / 2,  # cosh² = 1/(1 − tanh²)
}


def loss_of(name, *args, **options):
    return losses.get(name)(*args, **options)


# ---- values: definitions, reductions, weights


def test_every_loss_is_among_them():
    assert TARGETS.keys() == losses.TABLE.keys() - {"kl"}


@EACH
def test_each_entry_is_the_textbooks(name):
    got = loss_of(name, LOGITS, TARGETS[name], reduction="none").data
    np.testing.assert_allclose(got, BY_DEFINITION[name](LOGITS, TARGETS[name]), rtol=1e-13)


@EACH
def test_reductions_are_those_of_the_docstrings(name):
    each = BY_DEFINITION[name](LOGITS, TARGETS[name])
    mean = each.sum() / N if name in ("half_sse", *IN_ROWS) else each.mean()
    target = TARGETS[name]
    assert loss_of(name, LOGITS, target).item() == pytest.approx(mean, rel=1e-13)
    total = loss_of(name, LOGITS, target, reduction="sum").item()
    assert total == pytest.approx(each.sum(), rel=1e-13)


@EACH
def test_weighted_samples_are_averaged_over_their_weights(name):
    each = BY_DEFINITION[name](LOGITS, TARGETS[name])
    if name == "half_sse":
        each = each.sum(axis=1)
    samples = each if each.ndim == 1 else each.mean(axis=1)
    got = loss_of(name, LOGITS, TARGETS[name], sample_weight=WEIGHTS).item()
    assert got == pytest.approx(np.average(samples, weights=WEIGHTS), rel=1e-13)


@EACH
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_weights_multiply_what_is_not_averaged(name, reduction):
    each = BY_DEFINITION[name](LOGITS, TARGETS[name])
    each = each * (WEIGHTS if each.ndim == 1 else WEIGHTS[:, None])
    got = loss_of(name, LOGITS, TARGETS[name], sample_weight=WEIGHTS, reduction=reduction).data
    np.testing.assert_allclose(got, each if reduction == "none" else each.sum(), rtol=1e-13)


@EACH
def test_a_weight_of_zero_leaves_a_sample_out(name):
    keep = np.array([0, 1, 3])
    weight = np.isin(np.arange(N), keep).astype(int)
    got = loss_of(name, LOGITS, TARGETS[name], sample_weight=weight)
    assert got.item() == pytest.approx(loss_of(name, LOGITS[keep], TARGETS[name][keep]).item())


@EACH
def test_no_weight_at_all_leaves_nothing_to_learn(name):
    logits = Tensor(LOGITS)
    loss = loss_of(name, logits, TARGETS[name], sample_weight=np.zeros(N))
    loss.backward()
    assert loss.item() == 0.0
    assert not logits.grad.any()


@pytest.mark.parametrize("target", [CLASSES, ONE_HOT, SOFT, 2.5 * SOFT])
def test_cross_entropy_of_class_numbers_and_of_rows(target):
    weights = np.eye(C)[target] if target.ndim == 1 else target
    loss = cross_entropy(Tensor(LOGITS), target)
    assert loss.item() == pytest.approx(-(weights * ln_softmax(LOGITS)).sum() / N, rel=1e-14)


OPTIONS = [
    {},
    {"label_smoothing": 0.3},
    {"class_weight": CLASS_WEIGHTS},
    {"class_weight": CLASS_WEIGHTS, "label_smoothing": 0.3, "sample_weight": WEIGHTS},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_one_hot_rows_say_the_same_as_class_numbers(options, reduction):
    numbers, rows = (
        cross_entropy(LOGITS, target, reduction=reduction, **options).data
        for target in (CLASSES, ONE_HOT)
    )
    np.testing.assert_allclose(numbers, rows, rtol=1e-14)


def test_smoothing_mixes_the_target_with_all_classes():
    smooth = cross_entropy(LOGITS, CLASSES, label_smoothing=0.3).item()
    mixed = cross_entropy(LOGITS, 0.7 * ONE_HOT + 0.3 / C).item()
    assert smooth == pytest.approx(mixed, rel=1e-14)


@pytest.mark.parametrize("ignored", [0, -100, 7])
def test_an_ignored_class_leaves_its_samples_out(ignored):
    target = CLASSES.copy()
    target[[1, 3]] = ignored
    kept = target != ignored
    got = cross_entropy(LOGITS, target, ignore_index=ignored).item()
    assert got == pytest.approx(cross_entropy(LOGITS[kept], target[kept]).item(), rel=1e-14)
    each = cross_entropy(LOGITS, target, ignore_index=ignored, reduction="none").data
    assert not each[~kept].any() and each[kept].all()


def test_binary_cross_entropy_is_cross_entropy_with_a_second_logit_of_zero():
    x, t = LOGITS[:, 0], CLASSES % 2
    both = cross_entropy(np.stack([np.zeros(N), x], axis=1), t).item()
    assert losses.binary_cross_entropy(x, t).item() == pytest.approx(both, rel=1e-14)


def test_divergence_is_cross_entropy_less_the_targets_entropy():
    entropy = -(SOFT * np.log(SOFT)).sum() / N
    difference = cross_entropy(LOGITS, SOFT).item() - entropy
    assert losses.kl_divergence(LOGITS, SOFT).item() == pytest.approx(difference, rel=1e-12)
    agreeing = losses.kl_divergence(np.log(SOFT), SOFT, reduction="none").data
    np.testing.assert_allclose(agreeing, 0.0, atol=1e-15)


# ---- derivatives


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, WEIGHTS])
def test_derivatives_are_those_of_differences_to_second_order(name, reduction, weight):
    f = functools.partial(
        losses.get(name), target=TARGETS[name], reduction=reduction, sample_weight=weight
    )
    assert ag.gradcheck(f, LOGITS, order=2)


@EACH
def test_and_at_extremes(name):
    """Where the loss is of the size of its logits, so is the error of a difference."""
    f = functools.partial(losses.get(name), target=TARGETS[name])
    scale = 1e3 if "sse" not in name and "mse" not in name else 1.0
    assert ag.gradcheck(f, scale * LOGITS, order=2, atol=1e-5)


@pytest.mark.parametrize("target", [CLASSES, SOFT, 2.5 * SOFT])
@pytest.mark.parametrize("options", OPTIONS)
def test_cross_entropy_with_options_too(target, options):
    for reduction in ("mean", "none"):
        f = functools.partial(cross_entropy, target=target, reduction=reduction, **options)
        assert ag.gradcheck(f, LOGITS, order=2)


@pytest.mark.parametrize(
    ("name", "target"),
    [(n, NUMBERS) for n in ("mse", "half_sse", "l1", "huber", "log_cosh")]
    + [(n, SOFT) for n in ("binary_cross_entropy", "cross_entropy", "kl_divergence")],
)
def test_gradients_flow_to_targets_as_well(name, target):
    assert ag.gradcheck(losses.get(name), LOGITS, target, order=2)


@EACH
def test_third_derivatives_are_those_of_the_second(name):
    if name in IN_ROWS:
        f = functools.partial(losses.get(name), target=TARGETS[name][:2])
        at = LOGITS[:2]
    else:
        f = functools.partial(losses.get(name), target=TARGETS[name][0, :2])
        at = LOGITS[0, :2]
    assert ag.gradcheck(f, at, order=3)


def test_cross_entropys_gradient_is_probability_minus_target():
    logits = Tensor(LOGITS)
    cross_entropy(logits, CLASSES).backward()
    np.testing.assert_allclose(logits.grad, (np.exp(ln_softmax(LOGITS)) - ONE_HOT) / N, rtol=1e-13)


def test_half_sums_gradient_is_prediction_minus_target():
    output = Tensor(LOGITS)
    losses.half_sse(output, NUMBERS).backward()
    np.testing.assert_allclose(output.grad, (LOGITS - NUMBERS) / N, rtol=1e-14)


@EACH
def test_a_second_backward_doubles_exactly(name):
    """What forward saved is not used up by the first one."""
    logits = Tensor(LOGITS)
    loss = loss_of(name, logits, TARGETS[name])
    loss.backward()
    once = logits.grad.copy()
    loss.backward()
    np.testing.assert_array_equal(logits.grad, 2.0 * once)


@pytest.mark.parametrize(
    ("name", "prediction", "target"),
    [
        ("l1", [1.0], [1.0]),
        ("hinge", [1.0, -1.0], [1, -1]),
        ("multiclass_hinge", [[1.0, 0.0]], np.array([0])),
    ],
)
def test_at_the_kink_the_derivative_is_zero(name, prediction, target):
    x = Tensor(prediction)
    loss_of(name, x, target).backward()
    assert not x.grad.any()


def test_hubers_pieces_meet():
    at = np.array([1.0 - 1e-9, 1.0, 1.0 + 1e-9]) * 0.7
    value, slope = ag.value_and_grad(
        lambda x: losses.huber(x, np.zeros(3), delta=0.7, reduction="sum")
    )(at)
    assert value == pytest.approx(3 * 0.5 * 0.7**2, rel=1e-8)
    np.testing.assert_allclose(slope, 0.7, rtol=1e-8)


# ---- extremes


HUGE = np.array([[1000.0, -1000.0], [1000.0, -1000.0]])


def value_and_slope(name, x, target, **options):
    logits = Tensor(np.array(x))
    loss = loss_of(name, logits, target, **options)
    loss.backward()
    return loss.item(), logits.grad


@pytest.mark.parametrize("options", [{}, {"reduction": "sum"}, {"sample_weight": [1.0, 1.0]}])
def test_cross_entropy_neither_overflows_nor_saturates(options):
    value, slope = value_and_slope("cross_entropy", HUGE, np.array([0, 1]), **options)
    scale = 1.0 if options.get("reduction") == "sum" else 0.5
    assert value == 2000.0 * scale
    np.testing.assert_array_equal(slope, [[0.0, 0.0], [scale, -scale]])


def test_divergence_neither_overflows_nor_saturates():
    value, slope = value_and_slope("kl_divergence", HUGE, [[1.0, 0.0], [0.0, 1.0]])
    assert value == 1000.0
    np.testing.assert_array_equal(slope, [[0.0, 0.0], [0.5, -0.5]])


@pytest.mark.parametrize(
    ("x", "t", "value", "slope"),
    [
        (1000.0, 1, 0.0, 0.0),
        (1000.0, 0, 1000.0, 1.0),
        (-1000.0, 0, 0.0, 0.0),
        (-1000.0, 1, 1000.0, -1.0),
        (-30.0, 0, math.log1p(math.exp(-30.0)), 1.0 / (1.0 + math.exp(30.0))),
        (40.0, 1, math.exp(-40.0), -math.exp(-40.0)),
    ],
)
def test_binary_cross_entropy_is_softplus_and_keeps_its_digits(x, t, value, slope):
    """−ln σ(x) = softplus(−x): of a sure prediction what is left is e^−|x|, not 0 − 0."""
    got, derivative = value_and_slope("binary_cross_entropy", [x], [t])
    assert got == pytest.approx(value, rel=1e-14)
    assert derivative[0] == pytest.approx(slope, rel=1e-14, abs=0.0)


@pytest.mark.parametrize(
    ("error", "value", "slope"),
    [
        (0.0, 0.0, 0.0),
        (1e-9, 0.5e-18, 1e-9),
        (0.5, math.log(math.cosh(0.5)), math.tanh(0.5)),
        (-1.0, math.log(math.cosh(1.0)), -math.tanh(1.0)),
        (-1e3, 1e3 - math.log(2.0), -1.0),
        (1e300, 1e300, 1.0),
        (math.inf, math.inf, 1.0),
    ],
)
@pytest.mark.parametrize("kind", ["scalar", "array"])
def test_log_cosh_neither_overflows_nor_cancels(error, value, slope, kind):
    x = Tensor(error if kind == "scalar" else np.array([error]))
    loss = losses.log_cosh(x, np.zeros(x.shape))
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-15, abs=0.0)
    assert np.ravel(x.grad)[0] == pytest.approx(slope, rel=1e-15, abs=0.0)


INFINITE = [  # prediction, target, loss, its derivative by the prediction
    ("cross_entropy", [[-math.inf, 0.0, 0.0]], [[0.0, 1.0, 0.0]], math.log(2.0), [[0, -0.5, 0.5]]),
    ("cross_entropy", [[-math.inf, 0.0, 0.0]], [[0.0, 0.5, 0.5]], math.log(2.0), [[0, 0, 0]]),
    ("cross_entropy", [[-math.inf, 0.0, 0.0]], np.array([1]), math.log(2.0), [[0, -0.5, 0.5]]),
    ("cross_entropy", [[-math.inf, 0.0]], [[1.0, 0.0]], math.inf, [[-1, 1]]),
    ("kl_divergence", [[-math.inf, 0.0, 0.0]], [[0.0, 0.5, 0.5]], 0.0, [[0, 0, 0]]),
    ("kl_divergence", [[-math.inf, 0.0, 0.0]], [[0.0, 1.0, 0.0]], math.log(2.0), [[0, -0.5, 0.5]]),
    ("binary_cross_entropy", [math.inf, -math.inf], [1.0, 0.0], 0.0, [0, 0]),
    ("binary_cross_entropy", [math.inf], [0.0], math.inf, [1]),
    ("binary_cross_entropy", [-math.inf], [0.5], math.inf, [-0.5]),
]


@pytest.mark.parametrize(("name", "x", "t", "value", "slope"), INFINITE)
@pytest.mark.parametrize("options", [{}, {"sample_weight": [1.0]}])
@pytest.mark.parametrize("how", [lambda f: f, ag.compile], ids=["eager", "compiled"])
def test_an_infinite_logit_without_weight_costs_nothing(name, x, t, value, slope, options, how):
    """0·ln 0 is 0: a class that is ruled out does not matter where the target rules it out too."""
    if options:
        options = {"sample_weight": np.ones(len(x))}
    loss = functools.partial(losses.get(name), **options)
    with np.errstate(invalid="raise"):
        got, derivative = how(ag.value_and_grad(loss))(np.array(x), np.array(t))
    np.testing.assert_allclose(got, value, rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(
        derivative, np.array(slope) / (len(x) if got == 0 else 1), rtol=1e-15, atol=1e-15
    )
    tangent = ag.jvp(lambda a: loss(a, np.array(t)), (np.array(x),), (np.ones(np.shape(x)),))[1]
    np.testing.assert_allclose(tangent, np.sum(derivative), rtol=1e-15, atol=1e-15)


def test_what_is_masked_by_minus_infinity_leaves_softmax_and_its_kin_finite():
    x = np.array([[1.0, -math.inf, 2.0], [-math.inf, 0.0, -math.inf]])
    picked = np.array([2, 1])
    for f in (
        lambda a: np.sum(ag.softmax(a) * np.where(np.isinf(x), 0.0, x)),
        lambda a: np.sum(ag.log_softmax(a)[np.arange(2), picked]),
        lambda a: np.sum(ag.logsumexp(a, axis=1)),
    ):
        first = ag.grad(f)
        second = ag.grad(lambda a, first=first: np.sum(first(a) * np.ones_like(x)))
        assert np.all(np.isfinite(first(x)))
        assert np.all(np.isfinite(second(x)))
        np.testing.assert_array_equal(first(x)[np.isinf(x)], 0.0)


def test_the_gradient_of_a_sure_and_right_prediction_keeps_its_digits():
    """Of σ(x) − 1 nothing is left in float32 from x = 17 on: what is computed is −σ(−x)."""
    x = np.float32([17.0, -17.0, 40.0])
    slope = ag.grad(lambda a: losses.binary_cross_entropy(a, [1.0, 0.0, 1.0], reduction="sum"))(x)
    e = np.exp(-np.abs(x.astype(float)))
    np.testing.assert_allclose(slope, np.array([-1.0, 1.0, -1.0]) * e / (1.0 + e), rtol=1e-6)


@given(
    x=hnp.arrays(float, (3, 4), elements=st.floats(-1000, 1000)),
    t=hnp.arrays(np.int64, 3, elements=st.integers(0, 3)),
    shift=st.floats(-1000, 1000),
)
def test_cross_entropy_is_positive_and_blind_to_a_shift(x, t, shift):
    value, slope = value_and_slope("cross_entropy", x, t)
    assert value >= 0.0 and np.isfinite(slope).all()
    np.testing.assert_allclose(slope.sum(axis=1), 0.0, atol=1e-15)
    assert cross_entropy(x + shift, t).item() == pytest.approx(value, abs=1e-11)


@EACH
def test_float32_stays_float32(name):
    logits = Tensor(LOGITS.astype(np.float32))
    loss = loss_of(name, logits, TARGETS[name], sample_weight=WEIGHTS)
    loss.backward()
    assert loss.dtype == logits.grad.dtype == np.float32
    assert loss.item() == pytest.approx(
        loss_of(name, LOGITS, TARGETS[name], sample_weight=WEIGHTS).item(), rel=1e-5
    )


# ---- shapes and kinds of operands


@pytest.mark.parametrize("name", [n for n in TARGETS if n not in IN_ROWS])
def test_a_column_and_a_row_of_the_same_length_go_together(name):
    x, t = LOGITS[:, 0], TARGETS[name][:, 0]
    flat = loss_of(name, x, t).item()
    assert loss_of(name, x[:, None], t).item() == flat
    assert loss_of(name, x, t[:, None]).item() == flat


def test_class_numbers_may_stand_in_a_column():
    assert cross_entropy(LOGITS, CLASSES[:, None]).item() == cross_entropy(LOGITS, CLASSES).item()


@pytest.mark.parametrize("name", [n for n in TARGETS if n not in IN_ROWS])
def test_scalar_nodes_stay_scalar_nodes(name):
    x, t = float(LOGITS[0, 0]), TARGETS[name][0, 0]
    node = Tensor(x)
    loss = loss_of(name, node, t)
    loss.backward()
    assert type(loss.data) is type(node.grad) is float
    value, slope = value_and_slope(name, [x], [t])
    assert loss.data == pytest.approx(value, rel=1e-15)
    assert node.grad == pytest.approx(slope[0], rel=1e-15)


@EACH
def test_targets_may_be_tensors_and_lists(name):
    target = TARGETS[name]
    as_list = loss_of(name, LOGITS, target.tolist()).item()
    as_tensor = loss_of(name, LOGITS, Tensor(target, requires_grad=False)).item()
    assert as_list == as_tensor == loss_of(name, LOGITS, target).item()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint64", ">i4", "<i8"])
def test_class_numbers_are_integers_of_any_kind(dtype):
    (value, slope), (wanted, wanted_slope) = (
        value_and_slope("cross_entropy", LOGITS, target)
        for target in (CLASSES.astype(dtype), CLASSES)
    )
    assert value == wanted
    np.testing.assert_array_equal(slope, wanted_slope)
    if "u" not in dtype:
        with pytest.raises(ag.OutOfRangeError, match="-1"):
            cross_entropy(LOGITS, np.array([0, 1, 2, 3, -1], dtype))


@EACH
def test_the_target_is_an_operand_of_the_gate(name):
    """A program that replays the graph can then be given another batch."""
    loss = loss_of(name, Tensor(LOGITS), TARGETS[name], reduction="none")
    assert loss.inputs[1].shape == TARGETS[name].shape


@EACH
@pytest.mark.parametrize("options", [{}, {"reduction": "sum"}, {"sample_weight": WEIGHTS}])
def test_a_picture_can_open_it_into_simpler_gates(name, options):
    logits = Tensor(LOGITS)
    loss = loss_of(name, logits, TARGETS[name], **options)
    opened = ag.Graph(loss).opened("all")
    assert len(ag.Graph(opened)) > len(ag.Graph(loss))
    loss.backward()
    by_rule = logits.grad
    logits.zero_grad()
    opened.backward()
    assert opened.item() == pytest.approx(loss.item(), rel=1e-13)
    np.testing.assert_allclose(logits.grad, by_rule, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("target", [CLASSES, SOFT])
@pytest.mark.parametrize("options", OPTIONS)
def test_cross_entropy_with_options_opens_too(target, options):
    loss = cross_entropy(Tensor(LOGITS), target, **options)
    assert ag.Graph(loss).opened("all").item() == pytest.approx(loss.item(), rel=1e-13)


# ---- names


def test_losses_are_found_by_name():
    assert losses.get("mse") is losses.mse
    assert losses.get("Binary cross-entropy") is losses.binary_cross_entropy
    assert losses.get("kl") is losses.kl_divergence
    assert losses.get(max) is max


def test_what_a_loss_expects_is_known():
    assert losses.kind_of("cross_entropy") == ("softmax", "classes")
    assert losses.kind_of(functools.partial(cross_entropy, label_smoothing=0.1)).head == "softmax"
    assert losses.kind_of("binary_cross_entropy").head == "sigmoid"
    assert losses.kind_of(lambda prediction, target: 0.0) == (None, "numbers")


# ---- images, and what a yes weighs


def test_every_pixel_is_a_sample():
    rng = np.random.default_rng(4)
    images, classes = rng.normal(size=(2, 3, 4, 5)), rng.integers(3, size=(2, 4, 5))
    rows = np.moveaxis(images, 1, -1).reshape(-1, 3)
    plain = cross_entropy(rows, classes.ravel())
    assert cross_entropy(Tensor(images), classes).data == pytest.approx(plain.data, rel=1e-14)
    each = cross_entropy(images, classes, reduction="none")
    assert each.shape == (2, 4, 5)
    assert each.data.mean() == pytest.approx(plain.data, rel=1e-14)
    assert ag.gradcheck(lambda x: cross_entropy(x, classes), images, order=2)
    one_hot = np.moveaxis(np.eye(3)[classes], -1, 1)
    assert ag.gradcheck(cross_entropy, images, one_hot)
    # A weight for each image, or for each pixel; a program has the bits of eager.
    weight = np.array([2.0, 0.5])
    by_pixel = np.broadcast_to(weight[:, None, None], (2, 4, 5))
    weighted = cross_entropy(images, classes, sample_weight=weight)
    assert weighted.data == cross_entropy(images, classes, sample_weight=by_pixel).data
    assert weighted.data == pytest.approx(np.average(each.data, weights=by_pixel), rel=1e-13)
    f = ag.value_and_grad(lambda x, w: cross_entropy(x, classes, sample_weight=w))
    fast = ag.compile(f)
    for _ in range(2):
        for got, want in zip(fast(images, weight), f(images, weight), strict=True):
            np.testing.assert_array_equal(got, want)
    assert cross_entropy(images.astype(np.float32), classes).dtype == np.float32


@pytest.mark.parametrize(
    ("target", "weight", "kind"),
    [
        (np.zeros((2, 4), int), None, ag.ShapeError),
        (np.zeros((2, 3, 4), int), None, ag.ShapeError),
        (np.zeros((2, 4, 5)), None, ag.DataError),
        (np.full((2, 4, 5), 3), None, ag.OutOfRangeError),
        (np.zeros((2, 4, 5), int), np.ones(5), ag.ShapeError),
        (np.zeros((2, 4, 5), int), np.ones((2, 5)), ag.ShapeError),
        (np.zeros((2, 4, 5), int), -np.ones(2), losses.TargetError),
    ],
)
def test_targets_of_images_that_do_not_fit_are_refused(target, weight, kind):
    with pytest.raises(kind):
        cross_entropy(np.zeros((2, 3, 4, 5)), target, sample_weight=weight)


def test_a_softmax_before_images_is_seen():
    t = ag.softmax(Tensor(np.zeros((2, 3, 4, 5))), axis=1)
    with pytest.warns(losses.LogitsWarning):
        cross_entropy(t, np.zeros((2, 4, 5), int))


def test_a_yes_that_weighs_twice_is_two_of_them():
    logits, bits = np.array([0.3, -1.2, 2.0]), np.array([1.0, 0.0, 1.0])
    doubled = losses.binary_cross_entropy(logits, bits, reduction="sum", pos_weight=2.0)
    repeated = losses.binary_cross_entropy(
        np.append(logits, logits[[0, 2]]), np.append(bits, [1.0, 1.0]), reduction="sum"
    )
    assert doubled.data == pytest.approx(repeated.data, rel=1e-14)
    scalar = losses.binary_cross_entropy(Tensor(0.3), 1.0, pos_weight=2.0)
    assert scalar.data == pytest.approx(2.0 * math.log1p(math.exp(-0.3)), rel=1e-14)
    many = np.random.default_rng(5).normal(size=(4, 3))
    soft, weight = np.random.default_rng(6).uniform(size=(4, 3)), np.array([0.0, 1.0, 4.0])
    call = functools.partial(losses.binary_cross_entropy, pos_weight=weight)
    assert ag.gradcheck(call, many, soft, order=2)
    fast = ag.compile(ag.grad(lambda x: call(x, soft)))
    np.testing.assert_array_equal(fast(many), ag.grad(lambda x: call(x, soft))(many))
    for bad, kind in [(np.ones(4), ag.ShapeError), (-1.0, losses.TargetError),
                      (Tensor(np.ones(3)), ag.UnsupportedError)]:  # fmt: skip
        with pytest.raises(kind):
            losses.binary_cross_entropy(many, soft, pos_weight=bad)
