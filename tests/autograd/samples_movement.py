"""Sample calls of what moves, copies, joins, pads and picks entries, by gate or function.

Each is a function of Tensors and of arrays alike, with its inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import autograd as ag
from autograd import Tensor
from autograd.eager import apply
from autograd.gates import padding

_rng = np.random.default_rng(1)


def normal(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape)


def array(nest: Any) -> Any:
    """`ag.array` of Tensors, NumPy's of anything else."""

    def holds_tensors(part: Any) -> bool:
        return any(map(holds_tensors, part)) if isinstance(part, list) else type(part) is Tensor

    return ag.array(nest) if holds_tensors(nest) else np.array(nest)


def overlap_add(a: Any) -> Any:
    settings = {"window_shape": (2, 3), "axis": (0, 1), "shape": (4, 5)}
    if type(a) is Tensor:
        return apply(padding._overlap_add, (a,), settings)
    out = np.zeros((4, 5), a.dtype)
    for i in range(2):
        for j in range(3):
            out[i : i + 3, j : j + 3] += a[..., i, j]
    return out


VECTOR = normal(4)
MATRIX = normal(3, 4)
SQUARE = normal(3, 3)
BLOCK = normal(2, 3, 4)
THIN = normal(2, 1, 3, 1)
NUMBER = normal()
EMPTY = normal(0, 3)
STRIDED = normal(6, 8)[::2, 1::2]
TURNED = normal(4, 3, 2).T
SMALL = normal(2, 3).astype(np.float32)
MASK = np.arange(12).reshape(3, 4) % 3 == 1
LABELS = np.array([[2], [0], [-1]])

SAMPLES: dict[str, list[tuple[Callable[..., Any], tuple[np.ndarray, ...]]]] = {
    "ravel": [
        (np.ravel, (BLOCK,)), (np.ravel, (TURNED,)), (np.ravel, (EMPTY,)), (np.ravel, (NUMBER,)),
        (lambda a: np.ravel(a, order="F"), (BLOCK,)),
        (lambda a: a.ravel(), (STRIDED,)), (lambda a: a.flatten(), (SMALL,)),
        (lambda a: a.flatten("F"), (MATRIX,)),
    ],
    "reshape": [
        (lambda a: np.reshape(a, (2, -1), order="F"), (MATRIX,)),
        (lambda a: a.reshape(4, 3, order="F"), (MATRIX,)),
        (lambda a: a.reshape(4, -1), (STRIDED,)),
    ],
    "squeeze": [
        (np.squeeze, (THIN,)), (lambda a: np.squeeze(a, axis=1), (THIN,)),
        (lambda a: np.squeeze(a, axis=(-1, 1)), (THIN,)), (lambda a: a.squeeze(-1), (THIN,)),
        (np.squeeze, (MATRIX,)), (np.squeeze, (NUMBER,)),
    ],
    "expand_dims": [
        (lambda a: np.expand_dims(a, 0), (MATRIX,)), (lambda a: np.expand_dims(a, -1), (STRIDED,)),
        (lambda a: np.expand_dims(a, (0, 2)), (SMALL,)),
        (lambda a: np.expand_dims(a, 0), (NUMBER,)),
    ],
    "swapaxes": [
        (lambda a: np.swapaxes(a, 0, -1), (BLOCK,)), (lambda a: a.swapaxes(1, 0), (TURNED,)),
    ],
    "moveaxis": [
        (lambda a: np.moveaxis(a, 0, -1), (BLOCK,)),
        (lambda a: np.moveaxis(a, (0, 2), (1, 0)), (BLOCK,)),
    ],
    "rollaxis": [
        (lambda a: np.rollaxis(a, 2), (BLOCK,)), (lambda a: np.rollaxis(a, 0, 3), (BLOCK,)),
        (lambda a: np.rollaxis(a, 0, 2), (BLOCK,)), (lambda a: np.rollaxis(a, -1, -2), (BLOCK,)),
    ],
    "matrix_transpose": [(np.matrix_transpose, (BLOCK,))],
    "flip": [
        (np.flip, (MATRIX,)), (lambda a: np.flip(a, 1), (STRIDED,)),
        (lambda a: np.flip(a, (0, -1)), (BLOCK,)), (np.fliplr, (MATRIX,)), (np.flipud, (VECTOR,)),
    ],
    "rot90": [
        (np.rot90, (MATRIX,)), (lambda a: np.rot90(a, 2), (SMALL,)),
        (lambda a: np.rot90(a, -1, (2, 1)), (BLOCK,)), (lambda a: np.rot90(a, 3, (0, 2)), (BLOCK,)),
    ],
    "roll": [
        (lambda a: np.roll(a, 1), (MATRIX,)), (lambda a: np.roll(a, -5, axis=1), (STRIDED,)),
        (lambda a: np.roll(a, (1, 2), axis=(0, 1)), (MATRIX,)),
        (lambda a: np.roll(a, (1, 2), axis=(0, 0)), (SMALL,)),
        (lambda a: np.roll(a, 2, axis=(0, -1)), (BLOCK,)), (lambda a: np.roll(a, 1), (EMPTY,)),
    ],
    "atleast": [
        (np.atleast_1d, (NUMBER,)), (np.atleast_1d, (MATRIX,)), (np.atleast_2d, (VECTOR,)),
        (np.atleast_3d, (VECTOR,)), (np.atleast_3d, (MATRIX,)), (np.atleast_3d, (NUMBER,)),
        (lambda a, b: np.atleast_2d(a, b)[1], (VECTOR, NUMBER)),
    ],
    "copy": [(np.copy, (STRIDED,)), (lambda a: a.copy(), (SMALL,))],
    "tile": [
        (lambda a: np.tile(a, 3), (VECTOR,)), (lambda a: np.tile(a, (2, 3)), (VECTOR,)),
        (lambda a: np.tile(a, 2), (MATRIX,)), (lambda a: np.tile(a, (2, 1, 2)), (MATRIX,)),
        (lambda a: np.tile(a, (2, 3)), (BLOCK,)), (lambda a: np.tile(a, 2), (NUMBER,)),
        (lambda a: np.tile(a, ()), (VECTOR,)), (lambda a: np.tile(a, (2, 0)), (SMALL,)),
    ],
    "repeat": [
        (lambda a: np.repeat(a, 3), (MATRIX,)), (lambda a: np.repeat(a, 2, axis=0), (STRIDED,)),
        (lambda a: a.repeat(2, axis=-1), (BLOCK,)), (lambda a: np.repeat(a, 2), (NUMBER,)),
        (lambda a: np.repeat(a, [2, 0, 1, 3]), (VECTOR,)),
        (lambda a: np.repeat(a, [1, 0, 2], axis=1), (BLOCK,)),
        (lambda a: np.repeat(a, [2], axis=0), (SMALL,)), (lambda a: np.repeat(a, 0), (VECTOR,)),
        (lambda a: np.repeat(a, 3, axis=0), (NUMBER,)),
    ],
    "resize": [
        (lambda a: np.resize(a, (2, 3)), (MATRIX,)), (lambda a: np.resize(a, (5, 4)), (MATRIX,)),
        (lambda a: np.resize(a, 3), (NUMBER,)), (lambda a: np.resize(a, (2, 2)), (EMPTY,)),
    ],
    "broadcast_arrays": [
        (lambda a, b: np.broadcast_arrays(a, b)[0], (VECTOR, MATRIX)),
        (lambda a, b: np.broadcast_arrays(a, b)[1] * 2.0, (normal(3, 1), VECTOR)),
    ],
    "meshgrid": [
        (lambda a, b: np.meshgrid(a, b)[0] * 2.0, (VECTOR, normal(3))),
        (lambda a, b: np.stack(np.meshgrid(a, b, indexing="ij")), (VECTOR, normal(3))),
        (lambda a, b, c: np.stack(np.meshgrid(a, b, c)), (normal(2), VECTOR, normal(3))),
        (lambda a, b: np.multiply(*np.meshgrid(a, b, sparse=True)), (VECTOR, normal(3))),
        (lambda a: np.meshgrid(a)[0], (VECTOR,)),
    ],
    "ix_": [
        (lambda a, b: np.multiply(*np.ix_(a, b)), (VECTOR, normal(3))),
        (lambda a: np.ix_([2, 0], a)[1] * np.ones((2, 1)), (VECTOR,)),
        (lambda a: np.ix_(a, np.array([True, False]), a)[2], (VECTOR,)),
    ],
    "hstack": [
        (lambda a, b: np.hstack([a, b, a]), (VECTOR, NUMBER)),
        (lambda a, b: np.hstack([a, b]), (MATRIX, normal(3, 2))),
        (lambda a: np.hstack((a, [1.0, 2.0])), (VECTOR,)), (np.hstack, (BLOCK,)),
        (lambda a, b: np.hstack([a, b], dtype=np.float64, casting="safe"), (VECTOR, NUMBER)),
    ],
    "vstack": [
        (lambda a, b: np.vstack([a, b, b]), (VECTOR, MATRIX)),
        (lambda a: np.vstack([a, np.ones((2, 3), np.float32)]), (SMALL,)),
        (lambda a: np.concatenate([a, a], dtype=np.float64), (SMALL,)),
        (lambda a: np.stack([a, a], 1, dtype=np.float64, casting="safe"), (SMALL,)),
    ],
    "dstack": [
        (lambda a: np.dstack([a, 2.0 * a]), (VECTOR,)),
        (lambda a, b: np.dstack([a, b]), (normal(2, 3), BLOCK)),
    ],
    "column_stack": [
        (lambda a, b: np.column_stack([a, b]), (normal(3), MATRIX)),
        (lambda a, b: np.column_stack([a, b]), (NUMBER, NUMBER)),
    ],
    "append": [
        (lambda a, b: np.append(a, b), (MATRIX, VECTOR)), (lambda a: np.append(a, 2.0), (VECTOR,)),
        (lambda a, b: np.append(a, b, axis=0), (MATRIX, normal(1, 4))),
    ],
    "block": [
        (lambda a, b: np.block([[a, np.zeros((3, 1))], [b, 1.0]]), (MATRIX, normal(1, 4))),
        (lambda a, b: np.block([a, b]), (VECTOR, NUMBER)), (lambda a: np.block(a) * 1.0, (MATRIX,)),
        (lambda a, b: np.block([[[a]], [[b]]]), (MATRIX, MATRIX)),
        (lambda a: np.block([[a, a], [a, a]]), (BLOCK,)),
    ],
    "split": [
        (lambda a: np.split(a, 2)[1], (VECTOR,)),
        (lambda a: np.split(a, [1, 3], axis=1)[1], (MATRIX,)),
        (lambda a: np.split(a, [3, 1, 9])[2], (VECTOR,)),
        (lambda a: np.split(a, [-1])[0], (VECTOR,)),
        (lambda a: np.array_split(a, 3)[0], (VECTOR,)),
        (lambda a: np.array_split(a, 6)[5], (VECTOR,)),
        (lambda a: np.array_split(a, 3, axis=-1)[1], (STRIDED,)),
        (lambda a: np.hsplit(a, 2)[0], (MATRIX,)), (lambda a: np.hsplit(a, 2)[1], (VECTOR,)),
        (lambda a: np.vsplit(a, 3)[1], (MATRIX,)), (lambda a: np.dsplit(a, [1])[1], (BLOCK,)),
    ],
    "array": [
        (lambda a: array([[a, 1.0], [2 * a, a]]), (NUMBER,)),
        (lambda a, b: array([a, b]), (VECTOR, VECTOR)),
        (lambda a: array([a, [1.0, 2.0, 3.0, 4.0]]), (VECTOR,)),
        (lambda a: array([[a[0], a[1]], np.ones((2, 3))]), (SMALL,)),
        (lambda a: array([a[0], a[1]]), (SMALL[0],)), (lambda a: array([[a]]), (TURNED,)),
        (lambda a: array([a, a]), (EMPTY,)),
    ],
    "pad": [
        (lambda a: np.pad(a, 1), (MATRIX,)), (lambda a: np.pad(a, (2, 0)), (STRIDED,)),
        (lambda a: np.pad(a, ((1, 2), (0, 3))), (SMALL,)),
        (lambda a: np.pad(a, [[1], [2]]), (MATRIX,)),
        (lambda a: np.pad(a, 1, constant_values=7.0), (VECTOR,)),
        (lambda a: np.pad(a, ((1, 1), (0, 2)), constant_values=((1, 2), (3, 4))), (MATRIX,)),
        (lambda a: np.pad(a, 2), (NUMBER,)), (lambda a: np.pad(a, 1), (EMPTY,)),
        *(
            (lambda a, mode=mode, width=width: np.pad(a, width, mode=mode), (MATRIX,))
            for mode in ("edge", "reflect", "symmetric", "wrap")
            for width in (1, ((2, 0), (5, 9)))
        ),
        (lambda a: np.pad(a, ((0, 0), (1, 0), (2, 2)), "edge"), (BLOCK,)),
        (lambda a: np.pad(a, 2, "mean"), (BLOCK,)),
        (lambda a: np.pad(a, (1, 0), "mean"), (TURNED,)),
        (lambda a: np.pad(a, 1, "mean", stat_length=((1, 2), (9, 3))), (STRIDED,)),
        (lambda a: np.pad(a, ((1, 2), (0, 3)), "linear_ramp"), (SMALL,)),
    ],
    "sliding_window_view": [
        (lambda a: sliding_window_view(a, 2), (VECTOR,)),
        (lambda a: sliding_window_view(a, 4), (VECTOR,)),
        (lambda a: sliding_window_view(a, (2, 3)), (STRIDED,)),
        (lambda a: sliding_window_view(a, (2, 2), axis=(2, -2)), (BLOCK,)),
        (lambda a: sliding_window_view(a, 2, axis=1)[:, ::2], (MATRIX,)),
        (lambda a: sliding_window_view(a, (2, 2), axis=(1, 1)), (MATRIX,)),
    ],
    "overlap_add": [(overlap_add, (normal(3, 3, 2, 3),))],
    "take": [
        (lambda a: np.take(a, [0, 2, 2, -1]), (MATRIX,)),
        (lambda a: np.take(a, 1, axis=0), (MATRIX,)),
        (lambda a: np.take(a, [[0, 1], [1, -2]], axis=1), (BLOCK,)),
        (lambda a: a.take([2, 0, 2], axis=-1), (STRIDED,)),
        (lambda a: np.take(a, [], axis=0), (MATRIX,)),
        (lambda a: np.take(a, [7, -9], axis=0, mode="wrap"), (MATRIX,)),
        (lambda a: np.take(a, [7, -9, 1], mode="clip"), (SMALL,)),
        (lambda a: np.take(a, [0, 0]), (NUMBER,)),
    ],
    "take_along_axis": [
        (lambda a: np.take_along_axis(a, LABELS, axis=1), (MATRIX,)),
        (lambda a: np.take_along_axis(a, LABELS.T, axis=0), (SQUARE,)),
        (lambda a: np.take_along_axis(a, np.array([3, 0, 3]), axis=None), (MATRIX,)),
        (lambda a: np.take_along_axis(a, np.array([[[1, 1, 0]]]), axis=-1), (BLOCK,)),
        (lambda a: np.take_along_axis(a, np.zeros((3, 2), int), axis=1), (normal(1, 4),)),
    ],
    "compress": [
        (lambda a: np.compress([True, False, True], a, axis=0), (MATRIX,)),
        (lambda a: np.compress([0, 1], a, axis=1), (STRIDED,)),
        (lambda a: np.compress([0, 1, 1], a), (SMALL,)),
        (lambda a: a.compress([0, 0, 0, 1], axis=-1), (BLOCK,)),
    ],
    "extract": [
        (lambda a: np.extract(MASK, a), (MATRIX,)), (lambda a: np.extract([0, 1], a), (MATRIX,)),
    ],
    "choose": [
        (lambda a, b: np.choose(LABELS % 2, [a, b]), (VECTOR, MATRIX)),
        (lambda a: np.choose([0, 2, 1, 1], a), (MATRIX,)),
        (lambda a, b: np.choose([5, -3], [a, b], mode="wrap"), (NUMBER, normal(2))),
        (lambda a: np.choose([5, -3, 1], [a, 0.5], mode="clip"), (NUMBER,)),
    ],
    "delete": [
        (lambda a: np.delete(a, 1), (MATRIX,)),
        (lambda a: np.delete(a, [0, -1], axis=1), (STRIDED,)),
        (lambda a: np.delete(a, slice(None, None, 2), axis=0), (SMALL,)),
        (lambda a: np.delete(a, np.array([True, False, True]), axis=1), (BLOCK,)),
    ],
    "insert": [
        (lambda a, b: np.insert(a, 1, b), (VECTOR, NUMBER)),
        (lambda a: np.insert(a, 1, 5.0), (MATRIX,)),
        (lambda a, b: np.insert(a, 1, b, axis=1), (MATRIX, normal(3))),
        (lambda a, b: np.insert(a, [0, 2], b, axis=0), (MATRIX, VECTOR)),
        (lambda a, b: np.insert(a, [3, 0, 3], b), (VECTOR, normal(3))),
        (lambda a, b: np.insert(a, slice(0, 4, 2), b, axis=-1), (SMALL, SMALL[:, :2])),
        (lambda a, b: np.insert(a, 0, b, axis=0), (MATRIX, MATRIX)),
    ],
    "index": [
        (lambda a: a[[2, 0, 2]], (MATRIX,)), (lambda a: a[[2, 0]], (STRIDED,)),
        (lambda a: a[np.arange(3), [1, 1, -1]], (MATRIX,)),
        (lambda a: a[LABELS, [0, 0]], (MATRIX,)),
        (lambda a: a[np.ix_([0, 2, 2], [1, 3])], (MATRIX,)), (lambda a: a[MASK], (MATRIX,)),
        (lambda a: a[:, [0, 0, 1]], (SMALL,)), (lambda a: a[1, :, [0, 0]], (BLOCK,)),
        (lambda a: a[..., None, [[0, -1]]], (BLOCK,)), (lambda a: a[1, [0, -3]], (BLOCK,)),
        (lambda a: a[np.zeros((0,), int)], (BLOCK,)), (lambda a: a[[0, 0], :, [1, 1]], (BLOCK,)),
    ],
    "full_like": [
        (lambda a: np.full_like(a, 3.0) * a, (MATRIX,)),
    ],
}  # fmt: skip
if hasattr(np, "unstack"):  # since NumPy 2.1, as is copy= of reshape
    SAMPLES["reshape"].append((lambda a: np.reshape(a, (2, -1), copy=True), (TURNED,)))
    SAMPLES["unstack"] = [
        (lambda a: np.unstack(a)[1], (MATRIX,)),
        (lambda a: np.unstack(a, axis=-1)[0] * 2.0, (BLOCK,)),
    ]
