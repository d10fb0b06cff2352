"""Losses against PyTorch, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograd import Tensor
from nn.losses import cross_entropy


@pytest.mark.parametrize("soft", [False, True])
def test_cross_entropy(soft):
    rng = np.random.default_rng(1)
    logits = rng.normal(scale=5.0, size=(7, 5))
    target = rng.random((7, 5)) if soft else rng.integers(5, size=7)
    ours, theirs = Tensor(logits), torch.tensor(logits, requires_grad=True)
    loss = cross_entropy(ours, target)
    reference = torch.nn.functional.cross_entropy(theirs, torch.tensor(target))
    loss.backward()
    reference.backward()
    assert loss.item() == pytest.approx(reference.item(), rel=1e-13)
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-12, atol=1e-16)
