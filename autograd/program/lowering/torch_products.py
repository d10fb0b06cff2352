"""NumPy's products, linear algebra and Fourier transforms, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from autograd.program.lowering.torch_numbers import Axes, as_tensor, of_numbers, promoted
from autograd.program.lowering.torch_reductions import axes_of


def product_of(equation: str) -> Callable[..., Any]:
    return lambda a, b: torch.einsum(equation, *promoted(a, b))


def dot(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return torch.matmul(a, b) if b.ndim <= 2 else torch.tensordot(a, b, ([-1], [-2]))


def inner(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    return a * b if a.ndim == 0 or b.ndim == 0 else torch.tensordot(a, b, ([-1], [-1]))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    summed = axes if isinstance(axes, int) else [list(one) for one in axes]
    a, b = promoted(a, b)
    return torch.tensordot(a, b, dims=summed)


def einsum(text: Any, *operands: Any, **how: Any) -> Any:
    if not isinstance(text, str):  # operands, each with the numbers of its axes
        return torch.einsum(
            *[v if isinstance(v, list) else as_tensor(v) for v in (text, *operands)]
        )
    return torch.einsum(text.replace(" ", ""), *promoted(*operands))


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    a, v = promoted(a, v)
    n, m = len(a), len(v)
    if n < m:
        return torch.flip(correlate(v, a, mode), (0,))
    before = {"valid": 0, "same": m // 2, "full": m - 1}[mode]
    after = {"valid": 0, "same": m - 1 - m // 2, "full": m - 1}[mode]
    return torch.nn.functional.pad(a, (before, after)).unfold(0, m, 1) @ v


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = promoted(a, v)
    a, v = (v, a) if len(a) < len(v) else (a, v)
    return correlate(a, torch.flip(v, (0,)), mode)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1,
          axis: int | None = None) -> Any:  # fmt: skip
    a, b = promoted(a, b)
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    a, b = torch.movedim(a, axisa, -1), torch.movedim(b, axisb, -1)
    flat = a.shape[-1] == b.shape[-1] == 2
    a, b = (torch.nn.functional.pad(v, (0, 3 - v.shape[-1])) for v in (a, b))
    made = torch.linalg.cross(*torch.broadcast_tensors(a, b), dim=-1)
    return made[..., 2] if flat else torch.movedim(made, -1, axisc)


def norm(a: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:
    axes = axes_of(a, axis)
    if len(axes) == 2 and ord is not None:
        return torch.linalg.matrix_norm(a, ord, axes, keepdim=keepdims)
    return vector_norm(a, axis=axis, keepdims=keepdims, ord=2 if ord in (None, "fro") else ord)


def vector_norm(a: Any, ord: Any = 2, axis: Axes = None, keepdims: bool = False) -> Any:
    return torch.linalg.vector_norm(a, ord, axes_of(a, axis), keepdim=keepdims)


def in_pairs(z: Any) -> Any:
    """Complex numbers as their parts side by side."""
    return torch.view_as_real(z.resolve_conj())


def of_pairs(parts: Any) -> Any:
    return torch.view_as_complex(parts.contiguous())


def transformed(z: Any, axes: Any, norm: Any, inverse: bool) -> Any:
    return in_pairs((torch.fft.ifftn if inverse else torch.fft.fftn)(z, dim=axes, norm=norm))


def to_reals(parts: Any, n: int, axes: Any, norm: Any) -> Any:
    z = of_pairs(parts)
    return torch.fft.irfftn(z, (*(z.shape[axis] for axis in axes[:-1]), n), axes, norm)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, **how: Any) -> Any:
    return torch.linalg.svd(a, full_matrices) if compute_uv else torch.linalg.svdvals(a)


PRODUCTS: dict[str, Callable[..., Any]] = {
    "cholesky": lambda a, **how: torch.linalg.cholesky(torch.tril(a) + torch.tril(a, -1).mT),
    "cond": lambda a, p=None: torch.linalg.cond(a, p), "convolve": convolve,
    "correlate": correlate, "cross": cross, "det": torch.linalg.det, "dot": dot,
    "eigh": torch.linalg.eigh, "eigvalsh": lambda a, UPLO="L": torch.linalg.eigh(a, UPLO)[0],
    "einsum": einsum, "fftn of pairs": lambda parts, **how: transformed(of_pairs(parts), **how),
    "fftn to pairs": transformed, "inner": inner, "inv": torch.linalg.inv,
    "irfftn of pairs": to_reals, "kron": lambda a, b: torch.kron(*promoted(a, b)),
    "lstsq": lambda a, b, rcond: torch.linalg.pinv(a) @ b, "matmul": of_numbers(torch.matmul),
    "matrix_power": torch.linalg.matrix_power, "matvec": product_of("...ij,...j->...i"),
    "multi_dot": lambda arrays: torch.linalg.multi_dot(promoted(*arrays)), "norm": norm,
    "outer": lambda a, b, **how: torch.outer(*(t.reshape(-1) for t in promoted(a, b))),
    "pinv": lambda a, **how: torch.linalg.pinv(a),
    "qr": lambda a, mode="reduced": torch.linalg.qr(a, mode),
    "rfftn to pairs": lambda x, axes, norm: in_pairs(torch.fft.rfftn(x, dim=axes, norm=norm)),
    "slogdet": torch.linalg.slogdet, "solve": lambda a, b: torch.linalg.solve(*promoted(a, b)),
    "svd": svd,
    "tensordot": tensordot,
    "vdot": lambda a, b: torch.dot(*(t.reshape(-1) for t in promoted(a, b))),
    "vecdot": product_of("...i,...i->..."), "vecmat": product_of("...i,...ij->...j"),
    "vector_norm": vector_norm,
}  # fmt: skip
"""By the names that a listing shows."""
