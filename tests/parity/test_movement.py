"""Data movement against PyTorch: values, gradients, and gradients of a function of those."""

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
    "expand_dims": (lambda a: np.expand_dims(a, (0, 2)), lambda a: a[None, :, None], MATRIX),
    "ravel": (np.ravel, torch.ravel, BLOCK),
    "flatten": (lambda a: a.flatten(), torch.flatten, BLOCK),
    "reshape": (lambda a: a.reshape(4, -1), lambda a: a.reshape(4, -1), BLOCK),
    "transpose": (
        lambda a: np.transpose(a, (2, 0, 1)), lambda a: torch.permute(a, (2, 0, 1)), BLOCK,
    ),
    "matrix_transpose": (np.matrix_transpose, lambda a: a.mT, BLOCK),
    "fliplr": (np.fliplr, torch.fliplr, MATRIX),
    "flipud": (np.flipud, torch.flipud, MATRIX),
    "broadcast_to": (
        lambda a: np.broadcast_to(a, (2, 3, 4)), lambda a: a.broadcast_to(2, 3, 4), MATRIX,
    ),
    "broadcast_arrays": (
        lambda a: np.multiply(*np.broadcast_arrays(a[0], a[:, :1])),
        lambda a: torch.mul(*torch.broadcast_tensors(a[0], a[:, :1])), MATRIX,
    ),
    "atleast_3d": (np.atleast_3d, torch.atleast_3d, MATRIX),
    "atleast_2d": (lambda a: np.atleast_2d(a[0]), lambda a: torch.atleast_2d(a[0]), MATRIX),
    "hstack": (lambda a: np.hstack([a, a[:, :2]]), lambda a: torch.hstack([a, a[:, :2]]), MATRIX),
    "concatenate": (
        lambda a: np.concatenate([a, a[:1], a], 0), lambda a: torch.cat([a, a[:1], a], 0), BLOCK,
    ),
    "stack": (lambda a: np.stack([a, 2 * a], 1), lambda a: torch.stack([a, 2 * a], 1), MATRIX),
    "unstack": (
        lambda a: ag.unstack(a, axis=1)[2], lambda a: torch.unbind(a, 1)[2], MATRIX,
    ),
    "hsplit": (lambda a: np.hsplit(a, 2)[1], lambda a: torch.hsplit(a, 2)[1], MATRIX),
    "vsplit": (lambda a: np.vsplit(a, [1])[1], lambda a: torch.vsplit(a, [1])[1], MATRIX),
    "dsplit": (lambda a: np.dsplit(a, 2)[0], lambda a: torch.dsplit(a, 2)[0], BLOCK),
    "extract": (
        lambda a: np.extract(a.data > 0, a), lambda a: torch.masked_select(a, a > 0), MATRIX,
    ),
    "compress": (
        lambda a: np.compress([True, False, True], a, axis=0),
        lambda a: a[torch.tensor([True, False, True])], MATRIX,
    ),
    "copy": (np.copy, torch.clone, MATRIX),
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


@pytest.mark.parametrize("name", CASES)
def test_second_derivatives_of_what_is_moved_are_those_of_pytorch(name):
    """The gradient of (gradient of Σ w·sin f)·v, for fixed random w and v."""
    ours, theirs, data = CASES[name]
    reference = torch.tensor(data, requires_grad=True)
    expected = theirs(reference)
    random = np.random.default_rng(1)
    w, v = random.normal(size=expected.shape), random.normal(size=data.shape)

    def slope(a):
        return (ag.grad(lambda t: (np.sin(ours(t)) * w).sum())(a) * v).sum()

    total = (torch.sin(expected) * torch.tensor(w)).sum()
    (first,) = torch.autograd.grad(total, reference, create_graph=True)
    (second,) = torch.autograd.grad((first * torch.tensor(v)).sum(), reference)
    np.testing.assert_allclose(ag.grad(slope)(Tensor(data)).data, second, rtol=1e-12, atol=1e-13)
