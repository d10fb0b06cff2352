"""Linear algebra beside PyTorch: values' gradients, and those of every factor."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograd import Tensor

rng = np.random.default_rng(11)


def n(*shape):
    return rng.normal(size=shape)


def spd(a):
    return a @ np.swapaxes(a, -1, -2) + np.eye(a.shape[-1])


A, B, T, W = n(3, 3), n(3, 4), n(2, 4, 3), n(2, 3, 5)
SQUARES, V = n(2, 3, 3) + 3 * np.eye(3), n(3)

CALLS = {
    "vdot": (np.vdot, lambda a, b: torch.vdot(a, b), [V, n(3)]),
    "inner": (np.inner, torch.inner, [A, n(4, 3)]),
    "outer": (np.outer, torch.outer, [V, n(4)]),
    "kron": (np.kron, torch.kron, [A, B]),
    "cross": (np.cross, lambda a, b: torch.linalg.cross(a, b), [n(5, 3), n(1, 3)]),
    "tensordot": (
        lambda a, b: np.tensordot(a, b, ((1, 2), (1, 0))),
        lambda a, b: torch.tensordot(a, b, ((1, 2), (1, 0))),
        [T, n(3, 4, 2)],
    ),
    **{
        f"einsum {s}": (
            lambda *a, s=s: np.einsum(s, *a), lambda *a, s=s: torch.einsum(s, *a), operands
        )
        for s, operands in {
            "ij,jk": [A, B], "ii": [A], "ii->i": [A], "...ij,jk->...ik": [T, A],
            "bij,bkj,k->bi": [T, n(2, 5, 3), n(5)], "ij->": [A],
        }.items()
    },
    "multi_dot": (
        lambda *a: np.linalg.multi_dot(a), lambda *a: torch.linalg.multi_dot(a), [A, B, n(4, 2)]
    ),
    "matrix_power": (
        lambda a: np.linalg.matrix_power(a, 5), lambda a: torch.linalg.matrix_power(a, 5), [A]
    ),
    "matrix_power inverse": (
        lambda a: np.linalg.matrix_power(a, -2),
        lambda a: torch.linalg.matrix_power(a, -2),
        [SQUARES],
    ),
    "vecdot": (np.vecdot, torch.linalg.vecdot, [T, n(3)]),
    "diag": (np.diag, torch.diag, [V]),
    "diag of": (lambda a: np.diag(a, 1), lambda a: torch.diag(a, 1), [B]),
    "diagonal": (
        lambda a: np.diagonal(a, -1, 1, 2), lambda a: torch.diagonal(a, -1, 1, 2), [T]
    ),
    "tril": (lambda a: np.tril(a, -1), lambda a: torch.tril(a, -1), [T]),
    "triu": (lambda a: np.triu(a, 1), lambda a: torch.triu(a, 1), [T]),
    "trace": (np.trace, torch.trace, [A]),
    "inv": (np.linalg.inv, torch.linalg.inv, [SQUARES]),
    "pinv tall": (np.linalg.pinv, torch.linalg.pinv, [T]),
    "pinv wide": (np.linalg.pinv, torch.linalg.pinv, [B]),
    "solve vector": (np.linalg.solve, torch.linalg.solve, [SQUARES[0], V]),
    "solve": (np.linalg.solve, torch.linalg.solve, [SQUARES, W]),
    "det": (np.linalg.det, torch.linalg.det, [SQUARES]),
    "det of a singular matrix": (np.linalg.det, torch.linalg.det, [np.outer(V, V[::-1])]),
    "slogdet": (
        lambda a: np.linalg.slogdet(a)[1], lambda a: torch.linalg.slogdet(a)[1], [SQUARES]
    ),
    "lstsq": (
        lambda a, b: np.linalg.lstsq(a, b)[0], lambda a, b: torch.linalg.lstsq(a, b)[0],
        [T[0], n(4, 2)],
    ),
    "cholesky": (np.linalg.cholesky, torch.linalg.cholesky, [spd(SQUARES)]),
    "eigvalsh": (np.linalg.eigvalsh, torch.linalg.eigvalsh, [spd(A)]),
    "svdvals": (np.linalg.svdvals, torch.linalg.svdvals, [T]),
    "qr": (np.linalg.qr, torch.linalg.qr, [T]),
    "eigh": (np.linalg.eigh, torch.linalg.eigh, [spd(A)]),
    "svd": (
        lambda a: np.linalg.svd(a, full_matrices=False),
        lambda a: torch.linalg.svd(a, full_matrices=False), [T],
    ),
    "svd wide": (
        lambda a: np.linalg.svd(a, full_matrices=False),
        lambda a: torch.linalg.svd(a, full_matrices=False), [B],
    ),
    **{
        f"vector norm {p}": (
            lambda a, p=p: np.linalg.norm(a, p, axis=1),
            lambda a, p=p: torch.linalg.vector_norm(a, p, 1),
            [T],
        )
        for p in (2, 1, 3, 0.5, -1.5, np.inf, -np.inf)
    },
    **{
        f"matrix norm {p}": (
            lambda a, p=p: np.linalg.norm(a, p, axis=(1, 2)),
            lambda a, p=p: torch.linalg.matrix_norm(a, p, (1, 2)),
            [T],
        )
        for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    },
}  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "inputs"), CALLS.values(), ids=CALLS)
def test_gradients_are_pytorchs(ours, theirs, inputs):
    nodes = [Tensor(value.copy()) for value in inputs]
    tensors = [torch.tensor(value.copy(), requires_grad=True) for value in inputs]
    out, expected = ours(*nodes), theirs(*tensors)
    outs = list(out) if isinstance(out, tuple) else [out]
    expecteds = list(expected) if isinstance(expected, tuple) else [expected]
    total = 0.0
    for got, want in zip(outs, expecteds, strict=True):
        # Factors are determined up to signs, which libraries may choose differently.
        signs = np.where(got.data * want.detach().numpy() < 0, -1.0, 1.0)
        np.testing.assert_allclose(signs * got.data, want.detach().numpy(), rtol=1e-9, atol=1e-11)
        g = np.random.default_rng(1).normal(size=got.shape)
        (got * (signs * g)).sum().backward()
        total = total + (want * torch.tensor(g)).sum()
    # The functions are not invariant to the signs of factors; locally, those do not change.
    total.backward()
    for node, tensor in zip(nodes, tensors, strict=True):
        np.testing.assert_allclose(node.grad, tensor.grad.numpy(), rtol=1e-8, atol=1e-10)
