"""Linear algebra beside PyTorch: values, first and second derivatives, of every factor."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor

rng = np.random.default_rng(11)


def n(*shape):
    return rng.normal(size=shape)


def spd(a):
    return a @ np.swapaxes(a, -1, -2) + np.eye(a.shape[-1])


def torch_cond(a, p):
    """PyTorch's own cond cannot be differentiated for most of the norms."""
    return torch.linalg.matrix_norm(a, p) * torch.linalg.matrix_norm(torch.linalg.inv(a), p)


def parts_of(z):
    return (z.real, z.imag) if z.is_complex() else z


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
    "matvec": (ag.matvec, lambda a, b: (a @ b[..., None])[..., 0], [T, n(2, 3)]),
    "vecmat": (ag.vecmat, lambda a, b: (a[..., None, :] @ b)[..., 0, :], [n(2, 4), T]),
    "diagflat": (np.diagflat, torch.diagflat, [n(2, 2)]),
    "matrix trace": (
        np.linalg.trace, lambda a: torch.diagonal(a, 0, -2, -1).sum(-1), [T]
    ),
    "matrix diagonal": (np.linalg.diagonal, torch.linalg.diagonal, [T]),
    "linalg.outer": (np.linalg.outer, torch.outer, [V, n(4)]),
    **{
        f"cond {p}": (
            lambda a, p=p: np.linalg.cond(a, p), lambda a, p=p: torch_cond(a, p), [SQUARES]
        )
        for p in (2, "fro", 1, -2, np.inf)
    },
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
    "qr wide": (np.linalg.qr, torch.linalg.qr, [B]),
    "qr wide, complete": (
        lambda a: np.linalg.qr(a, "complete"), lambda a: torch.linalg.qr(a, "complete"), [B]
    ),
    "svd of all vectors": (
        lambda a: (lambda u, s, vh: (u[..., :3], s, vh))(*np.linalg.svd(a)),
        lambda a: (lambda u, s, vh: (u[..., :3], s, vh))(*torch.linalg.svd(a)), [T],
    ),
    "tensorsolve": (
        np.linalg.tensorsolve, torch.linalg.tensorsolve,
        [(n(6, 6) + 3 * np.eye(6)).reshape(2, 3, 6), n(2, 3)],
    ),
    "tensorinv": (
        np.linalg.tensorinv, torch.linalg.tensorinv, [(n(6, 6) + 3 * np.eye(6)).reshape(2, 3, 6)],
    ),
    **{
        f"solve_triangular lower={lower} unit={unit}": (
            lambda a, b, lower=lower, unit=unit: ag.linalg.solve_triangular(
                a, b, lower=lower, unit_diagonal=unit
            ),
            lambda a, b, lower=lower, unit=unit: torch.linalg.solve_triangular(
                a, b, upper=not lower, unitriangular=unit
            ),
            [SQUARES, W],
        )
        for lower in (False, True) for unit in (False, True)
    },
    "cho_solve": (
        lambda a, b: ag.linalg.cho_solve((np.linalg.cholesky(spd(a)), True), b),
        lambda a, b: torch.cholesky_solve(
            b, torch.linalg.cholesky(a @ a.mT + torch.eye(3, dtype=a.dtype))
        ),
        [A, n(3, 2)],
    ),
    **{
        f"fft.{name} {settings}": (
            lambda *a, name=name, o=settings: getattr(ag.fft, name)(
                *a, **{{"dim": "axes" if name.endswith("n") else "axis"}.get(k, k): v
                       for k, v in o.items()}
            ),
            lambda *a, name=name, o=settings: parts_of(
                getattr(torch.fft, name)(torch.complex(*a) if len(a) == 2 else a[0], **o)
            ),
            operands,
        )
        for name, settings, operands in [
            ("rfft", {}, [B]), ("rfft", {"n": 3, "norm": "ortho"}, [T]),
            ("rfft", {"n": 8, "dim": 0, "norm": "forward"}, [B]),
            ("fft", {}, [B]), ("fft", {"norm": "ortho"}, [B, n(3, 4)]),
            ("ifft", {"n": 5}, [B, n(3, 4)]), ("irfft", {}, [B, n(3, 4)]),
            ("irfft", {"n": 5, "norm": "forward"}, [T, n(2, 4, 3)]),
            ("rfftn", {"s": (3, 3), "dim": (0, 2)}, [T]),
            ("fftn", {"norm": "ortho"}, [T, n(2, 4, 3)]),
            ("irfftn", {"s": (4, 3), "dim": (1, 0)}, [T, n(2, 4, 3)]),
        ]
    },
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
    compare_gradients(ours, theirs, inputs)


def compare_gradients(ours, theirs, inputs):
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
    total.backward()
    for node, tensor in zip(nodes, tensors, strict=True):
        np.testing.assert_allclose(node.grad, tensor.grad.numpy(), rtol=1e-8, atol=1e-10)


def bent(outs, weights, sin):
    """A number that is curved in every output, whether or not the function itself is."""
    return sum((sin(out) * w).sum() for out, w in zip(outs, weights, strict=True))


def outputs(out):
    return list(out) if isinstance(out, tuple) else [out]


@pytest.mark.parametrize(("ours", "theirs", "inputs"), CALLS.values(), ids=CALLS)
def test_second_derivatives_are_pytorchs(ours, theirs, inputs):
    compare_second_derivatives(ours, theirs, inputs)


def compare_second_derivatives(ours, theirs, inputs):
    """The gradient of (gradient of Σ w·sin f)·v, for fixed random w and v."""
    random = np.random.default_rng(2)
    tensors = [torch.tensor(value.copy(), requires_grad=True) for value in inputs]
    expected = outputs(theirs(*tensors))
    found = outputs(ours(*map(Tensor, inputs)))
    weights = [random.normal(size=out.shape) for out in found]
    # The sine is odd: where a library chose the other sign of a factor, the weight takes it.
    signed = [
        w * np.where(out.data * other.detach().numpy() < 0, -1.0, 1.0)
        for w, out, other in zip(weights, found, expected, strict=True)
    ]
    directions = [random.normal(size=value.shape) for value in inputs]

    def slope(*nodes):
        first = ag.vjp(lambda *leaves: bent(outputs(ours(*leaves)), signed, np.sin), *nodes)[1](1.0)
        return sum((g * v).sum() for g, v in zip(first, directions, strict=True))

    total = bent(expected, map(torch.tensor, weights), torch.sin)
    first = torch.autograd.grad(total, tensors, create_graph=True)
    along = sum((g * torch.tensor(v)).sum() for g, v in zip(first, directions, strict=True))
    want = torch.autograd.grad(along, tensors)
    for k, second in enumerate(want):
        got = ag.grad(slope, k)(*inputs)
        np.testing.assert_allclose(
            got, second, rtol=1e-8, atol=1e-10 * max(1.0, float(abs(second).max()))
        )


def shifted(a):
    """`square`, of PyTorch's tensors."""
    return a + 4.0 * torch.eye(a.shape[-1], dtype=a.dtype)


def square(a):
    """Well away from singular, and of any sign."""
    return a + 4.0 * np.eye(a.shape[-1])


def with_axes(b, ndim):
    """PyTorch takes a stack less one axis for a stack of vectors; NumPy only what has one axis."""
    return b.reshape((1,) * (ndim - b.ndim) + b.shape)


OF_SHAPES = {
    "matmul": ("(n,m),(m,p)->(n,p)", np.matmul, torch.matmul),
    "vecdot": ("(n),(n)->()", np.vecdot, torch.linalg.vecdot),
    "solve": (
        "(n,n),(n,m)->(n,m)",
        lambda a, b: np.linalg.solve(square(a), b),
        lambda a, b: torch.linalg.solve(shifted(a), with_axes(b, a.ndim)),
    ),
    "inv": (
        "(n,n)->(n,n)",
        lambda a: np.linalg.inv(square(a)),
        lambda a: torch.linalg.inv(shifted(a)),
    ),
    "det": (
        "(n,n)->()",
        lambda a: np.linalg.det(square(a)),
        lambda a: torch.linalg.det(shifted(a)),
    ),
    "slogdet": (
        "(n,n)->()",
        lambda a: np.linalg.slogdet(square(a))[1],
        lambda a: torch.linalg.slogdet(shifted(a))[1],
    ),
    "cholesky": (
        "(n,n)->(n,n)",
        lambda a: np.linalg.cholesky(square(a @ a.mT)),
        lambda a: torch.linalg.cholesky(shifted(a @ a.mT)),
    ),
    "trace": ("(n,n)->()", np.linalg.trace, lambda a: torch.diagonal(a, 0, -2, -1).sum(-1)),
    "tril": ("(n,m)->(n,m)", np.tril, torch.tril),
    "fro": ("(n,m)->()", np.linalg.matrix_norm, torch.linalg.matrix_norm),
}


@settings(max_examples=100)
@given(st.sampled_from(sorted(OF_SHAPES)), st.data())
def test_products_and_systems_of_random_shapes(name, data):
    signature, ours, theirs = OF_SHAPES[name]
    shapes = data.draw(
        hnp.mutually_broadcastable_shapes(signature=signature, max_dims=2, max_side=4)
    )
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    inputs = [draw.uniform(-1.0, 1.0, size=shape) for shape in shapes.input_shapes]
    for compare in (compare_gradients, compare_second_derivatives):
        compare(ours, theirs, inputs)
