"""Data movement against PyTorch: values and gradients of the same function in both."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

import autograd as ag
from autograd import Tensor

RNG = np.random.default_rng(3)
MATRIX, BLOCK, IMAGE = (
    RNG.normal(size=(3, 4)),
    RNG.normal(size=(2, 3, 4)),
    RNG.normal(size=(2, 6, 5)),
)
LABELS = np.array([[2, 2], [0, 3], [1, 0]])
ROWS = np.array([2, 0, 2, 2])

CASES = {
    "swapaxes": (lambda a: a.swapaxes(0, 2), lambda a: a.transpose(0, 2), BLOCK),
    "moveaxis": (
        lambda a: np.moveaxis(a, (0, 2), (1, 0)), lambda a: torch.movedim(a, (0, 2), (1, 0)), BLOCK,
    ),
    "squeeze": (lambda a: np.squeeze(a[None], 0), lambda a: a[None].squeeze(0), BLOCK),
    "flip": (lambda a: np.flip(a, (0, -1)), lambda a: torch.flip(a, (0, -1)), BLOCK),
    "rot90": (lambda a: np.rot90(a, 3, (2, 1)), lambda a: torch.rot90(a, 3, (2, 1)), BLOCK),
    "roll": (
        lambda a: np.roll(a, (1, -2), (0, 1)), lambda a: torch.roll(a, (1, -2), (0, 1)), MATRIX,
    ),
    "roll flat": (lambda a: np.roll(a, 5), lambda a: torch.roll(a, 5), MATRIX),
    "tile": (lambda a: np.tile(a, (2, 1, 3)), lambda a: torch.tile(a, (2, 1, 3)), MATRIX),
    "repeat": (
        lambda a: np.repeat(a, 3, axis=1), lambda a: torch.repeat_interleave(a, 3, dim=1), MATRIX,
    ),
    "repeat each": (
        lambda a: np.repeat(a, [2, 0, 1], axis=0),
        lambda a: torch.repeat_interleave(a, torch.tensor([2, 0, 1]), dim=0), MATRIX,
    ),
    "index": (lambda a: a[ROWS], lambda a: a[torch.tensor(ROWS)], MATRIX),
    "take": (
        lambda a: np.take(a, LABELS), lambda a: torch.take(a, torch.tensor(LABELS)), MATRIX,
    ),
    "take axis": (
        lambda a: np.take(a, ROWS, axis=-1),
        lambda a: torch.index_select(a, -1, torch.tensor(ROWS)), BLOCK,
    ),
    "take_along_axis": (
        lambda a: np.take_along_axis(a, LABELS, axis=1),
        lambda a: torch.take_along_dim(a, torch.tensor(LABELS), dim=1), MATRIX,
    ),
    "mask": (lambda a: a[a.data > 0], lambda a: a[a > 0], MATRIX),
    "vstack": (lambda a: np.vstack([a, a[0]]), lambda a: torch.vstack([a, a[0]]), MATRIX),
    "dstack": (lambda a: np.dstack([a, 2 * a]), lambda a: torch.dstack([a, 2 * a]), MATRIX),
    "column_stack": (
        lambda a: np.column_stack([a[:, 0], a]), lambda a: torch.column_stack([a[:, 0], a]), MATRIX,
    ),
    "split": (
        lambda a: np.split(a, [1, 3], axis=1)[1],
        lambda a: torch.tensor_split(a, (1, 3), 1)[1], MATRIX,
    ),
    "array_split": (
        lambda a: np.array_split(a, 3, axis=1)[0], lambda a: torch.tensor_split(a, 3, 1)[0], MATRIX,
    ),
    "pad": (
        lambda a: np.pad(a, ((0, 0), (1, 2), (3, 0)), constant_values=2.0),
        lambda a: functional.pad(a, (3, 0, 1, 2), value=2.0), IMAGE,
    ),
    **{
        f"pad {mode}": (
            lambda a, mode=mode: np.pad(a, ((0, 0), (1, 2), (3, 1)), mode),
            lambda a, theirs=theirs: functional.pad(a[None], (3, 1, 1, 2), theirs)[0], IMAGE,
        )
        for mode, theirs in (("edge", "replicate"), ("reflect", "reflect"), ("wrap", "circular"))
    },
    "windows": (
        lambda a: ag.sliding_window_view(a, (2, 3), axis=(1, 2)),
        lambda a: a.unfold(1, 2, 1).unfold(2, 3, 1), IMAGE,
    ),
    "meshgrid": (
        lambda a: np.multiply(*np.meshgrid(a[0], a[1])),
        lambda a: torch.mul(*torch.meshgrid(a[0], a[1], indexing="xy")), MATRIX,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_those_of_pytorch(name):
    ours, theirs, data = CASES[name]
    t, reference = Tensor(data.copy()), torch.tensor(data, requires_grad=True)
    out, expected = ours(t), theirs(reference)
    np.testing.assert_array_equal(out.data, expected.detach().numpy())
    g = np.random.default_rng(0).normal(size=out.shape)
    out.backward(gradient=g)
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(t.grad, reference.grad.numpy(), rtol=1e-13, atol=1e-14)
