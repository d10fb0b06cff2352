"""Sample calls of linear algebra and Fourier transforms: of arrays and Tensors alike, inputs.

Inputs are far from where factors are not determined: gaps between eigenvalues, full rank.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.gates import determinants
from autograd.gates.decompositions import determined, widened
from autograd.gates.rules import apply_or_compute

_rng = np.random.default_rng(7)
n = _rng.normal


def near(a):
    """Well away from singular."""
    return a + 3.0 * np.eye(a.shape[-1])


def spd(a):
    """A symmetric positive definite matrix made of any."""
    return a @ a.mT + np.eye(a.shape[-2])


def sym(a):
    return a + a.mT


A23, A34, A35, A33, A44 = (
    n(size=(2, 3)),
    n(size=(3, 4)),
    n(size=(3, 5)),
    n(size=(3, 3)),
    n(size=(4, 4)),
)
T234, T432 = n(size=(2, 3, 4)), n(size=(4, 3, 2))
V3, V4, W3 = n(size=3), n(size=4), n(size=3)
S33 = n(size=(2, 3, 3))
S43, S34 = n(size=(2, 4, 3)), n(size=(2, 3, 4))
ONE = np.array(1.7)

SAMPLES = {
    "vdot": [
        (np.vdot, [V3, W3]),
        (np.vdot, [A23, T234[0, :, :2]]),
        (np.vdot, [ONE, np.array(2.5)]),
        (np.vdot, [np.zeros((0, 2)), np.zeros(0)]),
    ],
    "outer": [
        (np.outer, [V3, V4]),
        (np.outer, [A23, V4]),
        (np.outer, [ONE, V4]),
        (np.linalg.outer, [V3, V4]),
    ],
    "inner": [
        (np.inner, [V3, W3]),
        (np.inner, [A23, V3]),
        (np.inner, [V3, A23]),
        (np.inner, [T234, A44]),
        (np.inner, [ONE, A23]),
        (np.inner, [A23, ONE]),
    ],
    "tensordot": [
        (lambda a, b: np.tensordot(a, b, 1), [A23, A34]),
        (np.tensordot, [T234, n(size=(3, 4, 2))]),
        (lambda a, b: np.tensordot(a, b, 0), [V3, A23]),
        (lambda a, b: np.tensordot(a, b, axes=([1, 2], [1, 0])), [T234, n(size=(4, 3, 5))]),
        (lambda a, b: np.tensordot(a, b, axes=([2, 0], [-3, -1])), [T234, T432]),
        (lambda a, b: np.tensordot(a, b, axes=(1, 1)), [A23, A33]),
        (lambda a, b: np.linalg.tensordot(a, b, axes=((0,), (1,))), [A34, A23]),
    ],
    "kron": [
        (np.kron, [A23, n(size=(3, 2))]),
        (np.kron, [V3, V4]),
        (np.kron, [V3, A23]),
        (np.kron, [T234, A23]),
        (np.kron, [ONE, A23]),
    ],
    "cross": [
        (np.cross, [V3, W3]),
        (np.cross, [n(size=(5, 3)), V3]),
        (np.cross, [n(size=(5, 1, 3)), n(size=(4, 3))]),
        (lambda a, b: np.cross(a, b, axis=0), [n(size=(3, 4)), n(size=(3, 4))]),
        (lambda a, b: np.cross(a, b, axisa=0, axisc=1), [n(size=(3, 4, 2)), n(size=(4, 2, 3))]),
        (np.linalg.cross, [n(size=(5, 3)), n(size=(5, 3))]),
    ],
    "linalg.multi_dot": [
        (lambda a, b: np.linalg.multi_dot([a, b]), [A23, A34]),
        (lambda a, b, c: np.linalg.multi_dot([a, b, c]), [A23, A34, A44]),
        (lambda a, b, c, d: np.linalg.multi_dot([a, b, c, d]), [V3, A34, A44, V4]),
        (lambda a, b, c: np.linalg.multi_dot([a, b, c]), [A23, A34, V4]),
    ],
    "linalg.matrix_power": [
        (lambda a, k=k: np.linalg.matrix_power(a, k), [A33]) for k in (0, 1, 2, 3, 6, 7)
    ]
    + [(lambda a, k=k: np.linalg.matrix_power(near(a), k), [S33]) for k in (-1, -3, 2)],
    "einsum": [
        *[
            (lambda *a, s=s: np.einsum(s, *a), operands)
            for s, operands in [
                ("ij,jk->ik", [A23, A34]),
                ("ij,jk", [A23, A34]),
                ("ba", [A23]),
                ("ij->", [A23]),
                ("ij->j", [A23]),
                ("ii", [A33]),
                ("ii->i", [A33]),
                ("iij->ji", [n(size=(3, 3, 2))]),
                ("iii->i", [n(size=(2, 2, 2))]),
                ("i,i->i", [V3, W3]),
                ("i,j", [V3, V4]),
                (",i->i", [ONE, V3]),
                ("ij,ij,ij->i", [A23, n(size=(2, 3)), n(size=(2, 3))]),
                ("ij,kl->", [A23, A34]),
                ("i...,i...->...", [T234, n(size=(2, 3, 4))]),
                ("...ij,...jk->...ik", [T234, n(size=(4, 5))]),
                ("...ij,jk", [T234, n(size=(4, 5))]),
                ("...,...", [T234, n(size=(3, 1))]),
                (" i j , j k -> k i ", [A23, A34]),
                ("ij,j->i", [A23, np.array([1.3])]),
                ("...ii->...", [S33]),
                ("ii,ij->j", [A33, A34]),
            ]
        ],
        (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), [A23, A34]),
        (lambda a, b: np.einsum(a, [0, 1], b, [1, 2]), [A23, A34]),
        (lambda a, b: np.einsum(a, [Ellipsis, 5], b, [5, Ellipsis]), [A23, n(size=(3, 2))]),
        (lambda a, b, c: np.einsum("ij,jk,kl->il", a, b, c, optimize=True), [A23, A34, A44]),
        (
            lambda a, b, c: np.einsum(
                "ij,jk,kl->il", a, b, c, optimize=["einsum_path", (1, 2), (0, 1)]
            ),
            [A23, A34, A44],
        ),
    ],
    "vecdot": [
        (np.vecdot, [V3, W3]),
        (np.vecdot, [T234, V4]),
        (lambda a, b: np.linalg.vecdot(a, b, axis=0), [A23, n(size=(2, 1))[:, 0:1] * np.ones(3)]),
        (lambda a, b: np.linalg.vecdot(a, b, axis=1), [T234, n(size=(2, 3, 4))]),
    ],
    "diagonal": [
        (np.diagonal, [A34]),
        (lambda a: np.diagonal(a, 1), [A34]),
        (lambda a: np.diagonal(a, -1, axis1=2, axis2=0), [T234]),
        (lambda a: np.diagonal(a, 9), [A34]),
        (lambda a: np.linalg.diagonal(a, offset=-1), [T234]),
        (np.diag, [A33]),
        (lambda a: np.diag(a, -2), [A33]),
    ],
    "diag": [
        (np.diag, [V3]),
        (lambda a: np.diag(a, 2), [V3]),
        (lambda a: np.diag(a, -1), [V3]),
        (np.diagflat, [A23]),
        (np.diag, [np.zeros(0)]),
    ],
    "tril": [
        (np.tril, [A34]),
        (lambda a: np.tril(a, -1), [T234]),
        (np.tril, [V3]),
    ],
    "triu": [
        (np.triu, [A34]),
        (lambda a: np.triu(a, 1), [T234]),
        (np.triu, [V3]),
    ],
    "trace": [
        (np.trace, [A34]),
        (lambda a: np.trace(a, 1), [A34]),
        (lambda a: np.trace(a, -1, 2, 0), [T234]),
        (np.linalg.trace, [S33]),
    ],
    "linalg.inv": [
        (np.linalg.inv, [near(A33)]),
        (np.linalg.inv, [near(S33)]),
        (np.linalg.tensorinv, [near(n(size=(6, 6))).reshape(2, 3, 6)]),
        (lambda a: np.linalg.tensorinv(a, ind=1), [near(n(size=(4, 4))).reshape(4, 2, 2)]),
    ],
    "linalg.pinv": [
        (np.linalg.pinv, [A34]),
        (np.linalg.pinv, [S43]),
        (lambda a: np.linalg.pinv(a, rcond=1e-12), [near(A33)]),
        (lambda a: np.linalg.pinv(a, rtol=1e-12), [A23]),
    ],
    "linalg.solve": [
        (np.linalg.solve, [near(A33), V3]),
        (np.linalg.solve, [near(A33), A34]),
        (np.linalg.solve, [near(S33), V3]),
        (np.linalg.solve, [near(S33), A34]),
        (np.linalg.solve, [near(A33), S34]),
        (np.linalg.tensorsolve, [near(n(size=(6, 6))).reshape(2, 3, 6), A23]),
        (
            lambda a, b: np.linalg.tensorsolve(a, b, axes=(0, 2)),
            [near(n(size=(4, 4))).reshape(2, 4, 2), V4],
        ),
    ],
    "linalg.solve_triangular": [
        *[
            (partial(ag.linalg.solve_triangular, **kind), [near(A33), V3])
            for kind in (
                {},
                {"lower": True},
                {"trans": 1},
                {"trans": "T", "lower": True, "unit_diagonal": True},
                {"unit_diagonal": True},
            )
        ],
        (ag.linalg.solve_triangular, [near(S33), V3]),
        (partial(ag.linalg.solve_triangular, lower=True), [near(S33), A34]),
        (partial(ag.linalg.solve_triangular, trans=1), [near(A33), S34]),
        (lambda a, b: ag.linalg.cho_solve((np.linalg.cholesky(spd(a)), True), b), [A33, V3]),
        (
            lambda a, b: ag.linalg.cho_solve((np.linalg.cholesky(spd(a), upper=True), False), b),
            [S33, A34],
        ),
    ],
    "linalg.det": [
        (np.linalg.det, [A33]),
        (np.linalg.det, [S33]),
        (np.linalg.det, [np.array([[2.0]])]),
        (np.linalg.det, [np.array([[1.0, 2.0], [2.0, 4.0]])]),
        (np.linalg.det, [np.zeros((2, 2))]),
        (np.linalg.det, [np.outer(V3, W3)]),
        (np.linalg.det, [A44[:, [0, 1, 2, 0]]]),
        (np.linalg.det, [A44[:, [0, 1, 1, 0]]]),
    ],
    "cofactor": [
        (lambda a: apply_or_compute(determinants._cofactor, a), [S33]),
    ],
    "cofactor derivative": [(determinants.bend, [A33, near(S33)])],
    "linalg.slogdet.sign": [(lambda a: np.linalg.slogdet(a)[0], [S33])],
    "linalg.slogdet.logabsdet": [(lambda a: np.linalg.slogdet(a)[1], [S33])],
    "linalg.lstsq": [
        (lambda a, b: np.linalg.lstsq(a, b)[0], [S43[0], V4]),
        (lambda a, b: np.linalg.lstsq(a, b)[0], [S43[0], A44]),
        (lambda a, b: np.linalg.lstsq(a, b)[0], [A34, V3]),
    ],
    "linalg.lstsq.residuals": [
        (lambda a, b: np.linalg.lstsq(a, b)[1], [S43[0], V4]),
        (lambda a, b: np.linalg.lstsq(a, b)[1], [S43[0], A44]),
    ],
    "linalg.lstsq.S": [
        (lambda a, b: np.linalg.lstsq(a, b)[3], [S43[0], V4]),
        (lambda a, b: np.linalg.lstsq(a, b)[3], [A34, V3]),
    ],
    "linalg.cholesky": [
        (lambda a: np.linalg.cholesky(spd(a)), [A33]),
        (lambda a: np.linalg.cholesky(spd(a)), [S34]),
        (lambda a: np.linalg.cholesky(spd(a), upper=True), [S33]),
    ],
    "linalg.qr.Q": [
        (lambda a: np.linalg.qr(a)[0], [S43]),
        (lambda a: np.linalg.qr(a)[0], [S34]),
        (lambda a: np.linalg.qr(a, "complete")[0], [A35]),
        (lambda a: np.linalg.qr(a, "complete")[0][..., :3], [S43]),
    ],
    "linalg.qr.R": [
        (lambda a: np.linalg.qr(a)[1], [A33]),
        (lambda a: np.linalg.qr(a, mode="r"), [S43]),
        (lambda a: np.linalg.qr(a)[1], [S34]),
        (lambda a: np.linalg.qr(a, mode="r"), [A35]),
        (lambda a: np.linalg.qr(a, "complete")[1], [S43]),
        (lambda a: np.linalg.qr(a, "complete")[1], [A35]),
    ],
    "determined columns": [(lambda a: determined(widened(a, 2), 3), [S43])],
    "linalg.eigh.eigenvalues": [(lambda a: np.linalg.eigh(sym(a))[0], [S33])],
    "linalg.eigh.eigenvectors": [(lambda a: np.linalg.eigh(sym(a), UPLO="U")[1], [S33])],
    "linalg.eigvalsh": [
        (lambda a: np.linalg.eigvalsh(sym(a)), [S33]),
        (lambda a: np.linalg.eigvalsh(sym(a), "U"), [A33]),
    ],
    **{
        f"linalg.svd.{name}": [
            (lambda a, i=i: np.linalg.svd(a, full_matrices=False)[i], [value])
            for value in (A33, S43, A35)
        ]
        for i, name in enumerate(("U", "S", "Vh"))
    },
    "linalg.svdvals": [
        (np.linalg.svdvals, [S34]),
        (lambda a: np.linalg.svd(a, compute_uv=False), [A44]),
        (lambda a: np.linalg.svd(a, full_matrices=True, compute_uv=False), [S43]),
        (lambda a: np.linalg.svd(a, True, False), [A35]),
    ],
    "linalg.norm": [
        (np.linalg.norm, [V3]),
        (np.linalg.norm, [T234]),
        (np.linalg.norm, [ONE]),
        *[
            (lambda a, p=p: np.linalg.norm(a, p), [V4])
            for p in (np.inf, -np.inf, 0, 1, -1, 2, -2, 3, 0.5, 2.5, -3)
        ],
        *[
            (lambda a, p=p: np.linalg.norm(a, p, axis=1), [T234])
            for p in (None, np.inf, -np.inf, 0, 1, 3)
        ],
        (lambda a: np.linalg.norm(a, axis=-1, keepdims=True), [A34]),
        *[
            (lambda a, p=p: np.linalg.norm(a, p), [A34])
            for p in (None, "fro", "nuc", np.inf, -np.inf, 1, -1, 2, -2)
        ],
        *[
            (lambda a, p=p: np.linalg.norm(a, p, axis=(2, 0), keepdims=True), [T234])
            for p in (None, "fro", "nuc", np.inf, -np.inf, 1, -1, 2, -2)
        ],
        (lambda a: np.linalg.matrix_norm(a, ord=1), [T234]),
    ],
    "linalg.vector_norm": [
        (np.linalg.vector_norm, [T234]),
        (lambda a: np.linalg.vector_norm(a, ord=3, axis=(0, 2)), [T234]),
        (lambda a: np.linalg.vector_norm(a, ord=np.inf, axis=(0, 2), keepdims=True), [T234]),
        (lambda a: np.linalg.vector_norm(a, ord=1), [A23]),
    ],
}


def fourier(name: str, *, pair: bool = False, **settings: Any) -> Any:
    """NumPy's transform of arrays, ours of Tensors: the real and the imaginary part."""

    def transformed(*parts: Any) -> Any:
        if Tensor in map(type, parts):
            return getattr(ag.fft, name)(tuple(parts) if pair else parts[0], **settings)
        z = parts[0] + 1j * parts[1] if pair else parts[0]
        z = getattr(np.fft, name)(
            z.astype(np.result_type(z, np.complex64)) if pair else z, **settings
        )
        return (np.ascontiguousarray(z.real), z.imag.copy()) if np.iscomplexobj(z) else z

    return transformed


SAMPLES["fft.rfftn"] = [
    (fourier("rfft", n=n, axis=axis, norm=norm), [value])
    for value in (A34, A35)
    for n, axis, norm in [(None, -1, None), (6, 0, "ortho"), (2, 1, "forward"), (1, 1, "backward")]
] + [
    (fourier("rfft2"), [T234]),
    (fourier("rfftn", norm="ortho"), [A23]),
    (fourier("rfftn", s=(5, 2), axes=(2, 0)), [T234]),
]
SAMPLES["fft.fftn of reals"] = [
    (fourier("fft", n=n, norm=norm), [A34]) for n, norm in [(None, None), (7, "ortho")]
] + [(fourier("ifft", axis=0), [A34]), (fourier("ifft2", norm="forward"), [T234])]
SAMPLES["fft.fftn"] = [
    (fourier("fft", pair=True), [A34, n(size=(3, 4))]),
    (fourier("ifft", pair=True, n=3, norm="ortho"), [A34, n(size=(3, 4))]),
    (fourier("ifft", pair=True, n=9, axis=0), [A34, n(size=(3, 4))]),
    (fourier("fft2", pair=True, norm="forward"), [T234, n(size=(2, 3, 4))]),
    (fourier("fftn", pair=True), [T234, n(size=(2, 3, 4))]),
    (fourier("ifftn", pair=True, s=(3, 2), axes=(0, 2)), [T234, n(size=(2, 3, 4))]),
]
SAMPLES["fft.irfftn"] = [
    (fourier("irfft", pair=True, n=k, norm=norm), [A34, n(size=(3, 4))])
    for k, norm in [
        (None, None),
        (7, "ortho"),
        (4, "forward"),
        (5, "backward"),
        (12, None),
        (1, None),
    ]
] + [
    (fourier("irfft", pair=True, axis=0, n=5), [A34, n(size=(3, 4))]),
    (fourier("irfft2", pair=True), [T234, n(size=(2, 3, 4))]),
    (fourier("irfftn", pair=True, s=(3, 5), axes=(2, 0)), [T234, n(size=(2, 3, 4))]),
]
SAMPLES["roll"] = [
    (np.fft.fftshift, [A35]),
    (lambda a: np.fft.fftshift(a, 1), [T234]),
    (lambda a: np.fft.ifftshift(a, axes=(0, -1)), [A35]),
]


def matvec(a: Any, v: Any) -> Any:
    """NumPy's since 2.2; before, of arrays, what it stands for."""
    if hasattr(np, "matvec"):
        return np.matvec(a, v)
    return ag.matvec(a, v) if Tensor in (type(a), type(v)) else (a @ v[..., None])[..., 0]


def vecmat(v: Any, a: Any) -> Any:
    """Likewise."""
    if hasattr(np, "vecmat"):
        return np.vecmat(v, a)
    return ag.vecmat(v, a) if Tensor in (type(a), type(v)) else (v[..., None, :] @ a)[..., 0, :]


SAMPLES["matvec"] = [(matvec, [A23, V3]), (matvec, [T234, n(size=(3, 1, 4))[:, 0][0]])]
SAMPLES["vecmat"] = [(vecmat, [V3, A34]), (vecmat, [n(size=(2, 3)), T234])]

# Composites, and gates that are nowhere but in derivatives, under the gate that they reach.
SAMPLES["linalg.cond"] = [
    (lambda a, p=p: np.linalg.cond(a, p), [near(A33)]) for p in (None, -2, 1, -np.inf, "fro", "nuc")
]
