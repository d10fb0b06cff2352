"""Losses against PyTorch, in float64: values, gradients, second derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it

from autograd import Tensor
from nn import losses

RNG = np.random.default_rng(1)
N, C = 7, 5
CLASSES = RNG.integers(C, size=N)
SOFT = RNG.dirichlet(np.ones(C), size=N)
WEIGHTS = RNG.random(N)
CLASS_WEIGHTS = RNG.random(C) + 0.5
NUMBERS = RNG.normal(size=(N, C))
BITS = RNG.integers(2, size=(N, C)).astype(float)
HOLES = np.where(np.arange(N) % 3, CLASSES, -100)


def multi_margin(x, t, reduction="mean"):
    """PyTorch's own has no second derivative; it divides by the number of classes."""
    others = 1.0 - F.one_hot(t, C)
    each = (torch.clamp(1 - x.gather(1, t[:, None]) + x, min=0) * others).sum(dim=1)
    torch.testing.assert_close(each, C * F.multi_margin_loss(x, t, reduction="none"))
    return {"mean": each.mean, "sum": each.sum, "none": each.clone}[reduction]()


def hinge(x, t, reduction="mean"):
    each = torch.clamp(1 - t * x, min=0)
    return {"mean": each.mean, "sum": each.sum, "none": each.clone}[reduction]()


def divergence(x, t, reduction="mean"):
    each = F.kl_div(torch.log_softmax(x, dim=1), t, reduction="none").sum(dim=1)
    return {"mean": each.mean, "sum": each.sum, "none": each.clone}[reduction]()


def half_sse(x, t, reduction="mean"):
    each = 0.5 * F.mse_loss(x, t, reduction="none")
    return {"mean": lambda: each.sum() / len(x), "sum": each.sum, "none": each.clone}[reduction]()


def focal(x, t, gamma, alpha=None, reduction="mean"):
    surprise = F.cross_entropy(x, t, reduction="none")
    each = (1 - torch.exp(-surprise)) ** gamma * surprise
    each = each if alpha is None else alpha[t] * each
    return {"mean": each.mean, "sum": each.sum, "none": each.clone}[reduction]()


def binary_focal(x, t, gamma, alpha=None, reduction="mean"):
    """As torchvision writes it."""
    surprise = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    p = torch.sigmoid(x)
    each = surprise * (1 - (p * t + (1 - p) * (1 - t))) ** gamma
    each = each if alpha is None else (alpha * t + (1 - alpha) * (1 - t)) * each
    return {"mean": each.mean, "sum": each.sum, "none": each.clone}[reduction]()


CASES = {
    "cross_entropy": (F.cross_entropy, CLASSES, {}, {}),
    "cross_entropy, rows": (F.cross_entropy, SOFT, {}, {}),
    "cross_entropy, any rows": (F.cross_entropy, RNG.random((N, C)), {}, {}),
    "cross_entropy, smoothing": (
        F.cross_entropy, CLASSES, {"label_smoothing": 0.2}, {"label_smoothing": 0.2},
    ),
    "cross_entropy, classes weighted": (
        F.cross_entropy, CLASSES, {"class_weight": CLASS_WEIGHTS}, {"weight": CLASS_WEIGHTS},
    ),
    "cross_entropy, both": (
        F.cross_entropy, CLASSES, {"class_weight": CLASS_WEIGHTS, "label_smoothing": 0.2},
        {"weight": CLASS_WEIGHTS, "label_smoothing": 0.2},
    ),
    "cross_entropy, rows smoothed": (
        F.cross_entropy, SOFT, {"label_smoothing": 0.2}, {"label_smoothing": 0.2},
    ),
    "cross_entropy, ignoring": (
        F.cross_entropy, HOLES,
        {"ignore_index": -100, "class_weight": CLASS_WEIGHTS, "label_smoothing": 0.2},
        {"ignore_index": -100, "weight": CLASS_WEIGHTS, "label_smoothing": 0.2},
    ),
    "binary_cross_entropy": (F.binary_cross_entropy_with_logits, BITS, {}, {}),
    "binary_cross_entropy, soft": (F.binary_cross_entropy_with_logits, SOFT, {}, {}),
    "focal": (focal, CLASSES, {}, {"gamma": 2.0}),
    "focal, classes weighted": (
        focal, CLASSES, {"gamma": 3.0, "alpha": CLASS_WEIGHTS},
        {"gamma": 3.0, "alpha": CLASS_WEIGHTS},
    ),
    "binary_focal": (binary_focal, BITS, {}, {"gamma": 2.0}),
    "binary_focal, a yes weighted": (
        binary_focal, BITS, {"gamma": 3.0, "alpha": 0.25}, {"gamma": 3.0, "alpha": 0.25},
    ),
    "kl_divergence": (divergence, SOFT, {}, {}),
    "multiclass_hinge": (multi_margin, CLASSES, {}, {}),
    "hinge": (hinge, 2 * BITS - 1, {}, {}),
    "mse": (F.mse_loss, NUMBERS, {}, {}),
    "half_sse": (half_sse, NUMBERS, {}, {}),
    "l1": (F.l1_loss, NUMBERS, {}, {}),
    "huber": (F.huber_loss, NUMBERS, {"delta": 0.8}, {"delta": 0.8}),
}  # fmt: skip


def ours_of(loss, logits, target, direction, options):
    """The value, its gradient for ones, and the derivative of that along a direction."""
    x = Tensor(logits)
    value = loss(x, target, **options)
    value.backward(gradient=np.ones(value.shape), create_graph=True)
    first = x.grad
    if not first.requires_grad:  # of a loss in straight pieces
        return value.data, first.data, np.zeros(logits.shape)
    x.zero_grad()
    (first * direction).sum().backward()
    return value.data, first.data, x.grad


def theirs_of(loss, logits, target, direction, options):
    x = torch.tensor(logits, requires_grad=True)
    value = loss(x, torch.tensor(target), **options)
    (first,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    second = torch.zeros_like(x)
    if first.requires_grad:
        along = (first * torch.tensor(direction)).sum()
        (second,) = torch.autograd.grad(along, x, allow_unused=True, materialize_grads=True)
    return value.detach().numpy(), first.detach().numpy(), second.numpy(force=True)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("scale", [1.0, 5.0, 1000.0])
def test_value_gradient_and_second_derivative(case, reduction, scale):
    reference, target, options, their_options = CASES[case]
    loss = losses.get(case.split(",")[0])
    logits, direction = scale * RNG.normal(size=(N, C)), RNG.normal(size=(N, C))
    their_options = {
        key: torch.tensor(v) if isinstance(v, np.ndarray) else v for key, v in their_options.items()
    }
    ours = ours_of(loss, logits, target, direction, {"reduction": reduction, **options})
    theirs = theirs_of(
        reference, logits, target, direction, {"reduction": reduction, **their_options}
    )
    for got, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


def test_rows_with_weighted_classes_divide_by_the_weights_here_and_by_the_batch_there():
    """So that one-hot rows say the same as class numbers; in PyTorch they do not."""
    logits = RNG.normal(size=(N, C))
    ours = losses.cross_entropy(logits, SOFT, class_weight=CLASS_WEIGHTS).item()
    theirs = F.cross_entropy(
        torch.tensor(logits), torch.tensor(SOFT), weight=torch.tensor(CLASS_WEIGHTS)
    ).item()
    assert ours * (SOFT @ CLASS_WEIGHTS).mean() == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "mse", "l1"])
def test_targets_receive_their_gradients(name):
    reference = {
        "binary_cross_entropy": F.binary_cross_entropy_with_logits,
        "mse": F.mse_loss,
        "l1": F.l1_loss,
    }[name]
    logits = RNG.normal(size=(N, C))
    ours, theirs = Tensor(SOFT), torch.tensor(SOFT, requires_grad=True)
    losses.get(name)(logits, ours).backward()
    reference(torch.tensor(logits), theirs).backward()
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-12, atol=1e-15)


IMAGES = RNG.normal(size=(3, C, 2, 4))
PIXELS = RNG.integers(C, size=(3, 2, 4))
SOFT_PIXELS = np.moveaxis(RNG.dirichlet(np.ones(C), size=(3, 2, 4)), -1, 1)
OF_IMAGES = {
    "classes": (PIXELS, {}),
    "smoothing": (PIXELS, {"label_smoothing": 0.2}),
    "ignoring": (np.where(PIXELS == 1, 255, PIXELS), {"ignore_index": 255}),
    "classes weighted": (PIXELS, {"weight": CLASS_WEIGHTS}),
    "all": (
        np.where(PIXELS == 1, -1, PIXELS),
        {"ignore_index": -1, "weight": CLASS_WEIGHTS, "label_smoothing": 0.1},
    ),
    "rows": (SOFT_PIXELS, {}),
    "rows smoothed": (SOFT_PIXELS, {"label_smoothing": 0.2}),
}


@pytest.mark.parametrize("case", OF_IMAGES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("axes", [1, 2])
def test_cross_entropy_of_images(case, reduction, axes):
    target, options = OF_IMAGES[case]
    logits, direction = 3.0 * IMAGES, RNG.normal(size=IMAGES.shape)
    if axes == 1:
        logits, direction, target = logits[..., 0], direction[..., 0], target[..., 0]
    ours = {{"weight": "class_weight"}.get(key, key): v for key, v in options.items()}
    theirs = {
        key: torch.tensor(v) if isinstance(v, np.ndarray) else v for key, v in options.items()
    }
    for got, wanted in zip(
        ours_of(losses.cross_entropy, logits, target, direction, {"reduction": reduction, **ours}),
        theirs_of(F.cross_entropy, logits, target, direction, {"reduction": reduction, **theirs}),
        strict=True,
    ):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("target", [BITS, SOFT], ids=["bits", "soft"])
@pytest.mark.parametrize("weight", [3.0, CLASS_WEIGHTS, np.array([0.0, 1.0, 2.0, 3.0, 0.5])])
@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_binary_cross_entropy_with_a_weight_of_yes(reduction, target, weight, scale):
    logits, direction = scale * RNG.normal(size=(N, C)), RNG.normal(size=(N, C))
    for got, wanted in zip(
        ours_of(
            losses.binary_cross_entropy, logits, target, direction,
            {"reduction": reduction, "pos_weight": weight},
        ),
        theirs_of(
            F.binary_cross_entropy_with_logits, logits, target, direction,
            {"reduction": reduction, "pos_weight": torch.tensor(weight)},
        ),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("margin", [0.3, 1.0, 4.0])
def test_the_margin_of_a_hinge(margin):
    x, t = torch.tensor(NUMBERS, requires_grad=True), torch.tensor(CLASSES)
    theirs = C * F.multi_margin_loss(x, t, margin=margin)
    theirs.backward()
    mine = Tensor(NUMBERS)
    ours = losses.multiclass_hinge(mine, CLASSES, margin=margin)
    ours.backward()
    np.testing.assert_allclose(ours.data, theirs.item(), rtol=1e-13)
    np.testing.assert_allclose(mine.grad, x.grad.numpy(), atol=1e-15)
    signs = 2.0 * BITS - 1.0
    each = losses.hinge(NUMBERS, signs, margin=margin, reduction="none")
    np.testing.assert_allclose(each.data, np.maximum(margin - signs * NUMBERS, 0.0), atol=1e-15)
