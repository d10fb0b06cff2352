"""Losses on the samples of PyTorch's own list of modules, with every option that both have."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db

from autograd import Tensor
from nn import losses

LISTED = {info.module_cls.__name__: info for info in module_db}


def divergence(x, t, reduction="mean"):
    """Theirs is a mean over all entries, but for "batchmean"."""
    if reduction == "mean":
        return losses.kl_divergence(x, t) / float(t.shape[1])
    return losses.kl_divergence(x, t, reduction=reduction.removeprefix("batch"))


def margins(x, t, **options):
    """Theirs divides by the number of classes."""
    return losses.multiclass_hinge(x, t, **options) / float(x.shape[1])


OURS = {
    "L1Loss": losses.l1,
    "MSELoss": losses.mse,
    "HuberLoss": losses.huber,
    "SmoothL1Loss": losses.huber,
    "BCEWithLogitsLoss": losses.binary_cross_entropy,
    "MultiMarginLoss": margins,
    "CrossEntropyLoss": losses.cross_entropy,
    "NLLLoss": losses.cross_entropy,
    "KLDivLoss": divergence,
}
LOGARITHMS = ("NLLLoss", "KLDivLoss")
"""Those of theirs that take ln p, where ours take logits."""


def why_not(name, options, x, t):
    """What ours have not, or have otherwise."""
    if name == "KLDivLoss" and (x.ndim != 2 or options.get("reduction") == "none"):
        return "ours is of rows"
    if name in ("CrossEntropyLoss", "NLLLoss") and x.ndim < 2:
        return "ours is of batches"
    if name == "CrossEntropyLoss" and "weight" in options and x.shape == t.shape:
        return None if options["reduction"] != "mean" else "ours divides by the weights"
    if name == "BCEWithLogitsLoss" and "weight" in options:
        return "ours has a weight a sample"
    if (
        "log_target" in options
        or "p" in options
        or (name == "MultiMarginLoss" and "weight" in options)
    ):
        return "an option that ours has not"
    if (t == options.get("ignore_index", -100)).all():
        return "theirs is nan where nothing counts, ours 0"
    return None


def samples():
    for name in OURS:
        info = LISTED[name]
        torch.manual_seed(0)
        given = info.module_inputs_func(
            info, device="cpu", dtype=torch.float64, requires_grad=False, training=True
        )
        for i, sample in enumerate(given):
            options, (x, t) = sample.constructor_input.kwargs, sample.forward_input.args
            if why_not(name, options, x, t) is None:
                yield pytest.param(name, options, x, t, id=f"{name}-{i}")


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize(("name", "options", "x", "t"), [*samples()])
def test_value_and_gradient(name, options, x, t):
    x = x.detach().clone().requires_grad_()
    if name == "KLDivLoss":  # whose samples are logarithms, many of negative numbers
        x, t = torch.randn_like(x).requires_grad_(), torch.softmax(torch.randn_like(t), dim=1)
    if "weight" in options:  # some of which are negative
        options = {**options, "weight": options["weight"].abs()}
    theirs = LISTED[name].module_cls(**options)(
        torch.log_softmax(x, dim=1) if name in LOGARITHMS else x, t
    )
    direction = torch.rand_like(theirs)
    theirs.backward(direction)

    named = {{"weight": "class_weight"}.get(key, key): value for key, value in options.items()}
    named = {k: v.numpy() if isinstance(v, torch.Tensor) else v for k, v in named.items()}
    mine = Tensor(x.detach().numpy())
    ours = OURS[name](mine, t.numpy(), **named)
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-12, atol=1e-12)
    ours.backward(gradient=direction.numpy())
    np.testing.assert_allclose(mine.grad, x.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_each_loss_has_samples():
    counts = dict.fromkeys(OURS, 0)
    for sample in samples():
        counts[sample.values[0]] += 1
    assert min(counts.values()) >= 3
    assert sum(counts.values()) > 130
