"""What stands in JAX for which of NumPy's functions.

Most have their namesake in `jax.numpy`; `SPECIAL` says what stands for the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

from autograd.expression import OF_NUMPY

__all__ = ["AT", "NAMESPACE", "SPECIAL", "namesake"]

IGNORED = frozenset({"casting", "kind", "optimize", "order", "stable", "subok"})
"""Keywords of NumPy's that say how it computes, and nothing of what."""

AT: dict[Any, str] = {
    np.add: "add", np.subtract: "subtract", np.multiply: "multiply", np.maximum: "max",
    np.minimum: "min",
}  # fmt: skip


def moved(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that only moves entries: by where each entry of its result comes from."""

    def gather(a: Any, *args: Any, **kwargs: Any) -> Any:
        places = function(np.arange(jnp.size(a)).reshape(jnp.shape(a)), *args, **kwargs)
        return jnp.ravel(a)[places]

    return gather


def on_diagonal(a: Any, offset: int, axis1: int, axis2: int, shape: Any = None) -> Any:
    """Zeros with the last axis of `a` on a diagonal."""
    if shape is None:
        shape = (len(a) + abs(offset),) * 2
    places = np.diagonal(np.arange(np.prod(shape)).reshape(shape), offset, axis1, axis2)
    return jnp.zeros(np.prod(shape), a.dtype).at[places.ravel()].set(a.ravel()).reshape(shape)


def overlap_add(a: Any, window_shape: Any, axis: Any, shape: Any) -> Any:
    """Windows added back where they were read."""
    everywhere = np.arange(np.prod(shape)).reshape(shape)
    places = np.lib.stride_tricks.sliding_window_view(everywhere, window_shape, axis)
    return jnp.zeros(everywhere.size, a.dtype).at[places.ravel()].add(a.ravel()).reshape(shape)


def recurrence(a: Any, b: Any, axis: int) -> Any:
    """r with r[i] = b[i] + a[i]·r[i−1] along an axis; a factor of 0 carries nothing."""
    terms = jnp.moveaxis(jnp.asarray(b), axis, 0)
    factors = jnp.broadcast_to(jnp.moveaxis(jnp.asarray(a), axis, 0), terms.shape)

    def step(r: Any, given: Any) -> Any:
        factor, term = given
        r = jnp.where(factor == 0.0, term, term + factor * r)
        return r, r

    if not len(terms):
        return jnp.asarray(b)
    _, r = lax.scan(step, jnp.zeros_like(terms[0]), (factors.at[0].set(0.0), terms))
    return jnp.moveaxis(r, 0, axis)


def slope_of_tanh(out: Any, a: Any) -> Any:
    """1 − tanh², and where that has few digits left 4e/(1 + e)² of e = exp(−2|a|), which is then so
    small that it is 4e(1 − 2e) in all digits; XLA computes both everywhere, and divides slowly."""
    slope = 1.0 - out * out
    e = jnp.exp(-2.0 * jnp.abs(a))
    few = 256.0 * jnp.finfo(slope.dtype).eps
    return jnp.where(slope < few, 4.0 * e * (1.0 - 2.0 * e), slope)


def in_pairs(z: Any) -> Any:
    """Complex numbers as their parts side by side."""
    return jnp.stack((z.real, z.imag), -1)


def of_pairs(parts: Any) -> Any:
    return lax.complex(parts[..., 0], parts[..., 1])


def transformed(z: Any, axes: Any, norm: Any, inverse: bool) -> Any:
    return in_pairs((jnp.fft.ifftn if inverse else jnp.fft.fftn)(z, axes=axes, norm=norm))


def to_reals(parts: Any, n: int, axes: Any, norm: Any) -> Any:
    z = of_pairs(parts)
    return jnp.fft.irfftn(z, (*(z.shape[axis] for axis in axes[:-1]), n), axes, norm)


def quantile(
    a: Any, q: Any = 0.5, axis: Any = None, keepdims: bool = False, method: str = "linear"
) -> Any:
    """Parts of the sorted entries: those that NumPy takes are seen on steps from 0 to 1."""
    axes = tuple(range(a.ndim)) if axis is None else tuple(np.atleast_1d(axis) % a.ndim)
    rest = [i for i in range(a.ndim) if i not in axes]
    entries = jnp.sort(a.transpose(*axes, *rest).reshape(-1, *(a.shape[i] for i in rest)), axis=0)
    n = len(entries)
    steps = np.tri(n, n + 1)  # column i: 0 before place i, and 1 from it on
    of_steps: Any = np.quantile
    parts = -np.diff(of_steps(steps, q, axis=0, method=method).reshape(-1, n + 1))
    found = [sum(part[i] * entries[i] for i in np.flatnonzero(part)) for part in parts]
    kept = [1 if i in axes else size for i, size in enumerate(a.shape)]
    shape = tuple(kept) if keepdims else tuple(a.shape[i] for i in rest)
    result = jnp.stack(found) + 0.0 * jnp.where(jnp.isnan(entries[-1]), jnp.nan, 0.0)
    return result.reshape(*np.shape(q), *shape)


def sloped(a: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """`np.gradient` is linear: along each axis a matrix, that of the unit vectors."""
    axes = range(a.ndim) if axis is None else np.atleast_1d(axis)
    of_unit_vectors: Any = np.gradient
    found = []
    for number, along in enumerate(axes):
        given = spacing[number % len(spacing)] if spacing else 1.0
        matrix = of_unit_vectors(np.eye(a.shape[along]), given, axis=0, edge_order=edge_order)
        found.append(jnp.moveaxis(jnp.tensordot(matrix, a, (1, int(along))), 0, along))
    return found[0] if len(found) == 1 else tuple(found)


def choose(which: Any, choices: Any, mode: str = "raise") -> Any:
    return jnp.choose(which, choices, mode="clip" if mode == "raise" else mode)


def inserted(a: Any, where: Any, values: Any, axis: Any = None) -> Any:
    if isinstance(where, slice):
        where = range(a.size if axis is None else a.shape[axis])[where]
    return jnp.insert(a, np.asarray(where), values, axis)


def interpolated(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """`np.interp`, which at a point gives its value, whatever the next ones are; JAX's gives nan
    beside an infinite one."""
    xp, fp = jnp.asarray(xp), jnp.asarray(fp)
    met = jnp.clip(jnp.searchsorted(xp, x), 0, len(xp) - 1)
    return jnp.where(xp[met] == x, fp[met], jnp.interp(x, xp, fp, left, right))


def lower(shape: tuple[int, ...], k: int) -> Any:
    """Where a matrix of those last two lengths has its lower triangle; one is both of a vector."""
    return np.tril(np.ones((shape[-2:] * 2)[:2], bool), k)


def tril(m: Any, k: int = 0) -> Any:
    """`np.tril`, which makes a matrix of a vector."""
    return jnp.where(lower(m.shape, k), m, 0)


def triu(m: Any, k: int = 0) -> Any:
    return jnp.where(lower(m.shape, k - 1), 0, m)


RATIOS = 256
"""How many ratios of Bessel functions tell the lower ones to all digits, up to where these
overflow."""


def bessel(order: Any, x: Any) -> Any:
    """I of a whole order, as I₀'s derivatives have: by I(k)/I(k − 1) = 1/(2k/x + I(k + 1)/I(k)).

    Source: Gautschi, Computational aspects of three-term recurrence relations, 1967.
    """
    n = abs(int(order))

    def step(i: Any, state: Any) -> Any:
        ratio, product = state
        k = RATIOS + n - i
        ratio = 1.0 / (2.0 * k / x + ratio)
        return ratio, jnp.where(k <= n, product * ratio, product)

    x = jnp.asarray(x)
    _, product = lax.fori_loop(0, RATIOS + n, step, (jnp.zeros_like(x), jnp.ones_like(x)))
    return special.i0(x) * product


def reduced_at(a: Any, indices: Any, axis: int = 0) -> Any:
    """Sums from each index to the next, or of that entry alone where the next is not larger."""
    a = jnp.moveaxis(a, axis, 0)
    stops = [j if i < j else i + 1 for i, j in zip(indices, (*indices[1:], len(a)), strict=True)]
    parts = [jnp.sum(a[i:j], 0) for i, j in zip(indices, stops, strict=True)]
    return jnp.moveaxis(jnp.stack(parts), 0, axis)


def add_at_diagonal(a: Any, part: Any, offset: int, axis1: int, axis2: int) -> Any:
    return a + on_diagonal(part, offset, axis1, axis2, a.shape)


SPECIAL: dict[str, Callable[..., Any]] = {
    "add_at_diagonal": add_at_diagonal,
    "add.accumulate": lax.cumsum,
    "add.reduce": jnp.sum,
    "add.reduceat": reduced_at,
    "array": lambda *entries, shape, dtype: jnp.concatenate(
        [jnp.ravel(entry) for entry in entries], dtype=dtype
    ).reshape(shape),
    "astype": lambda a, dtype: a.astype(dtype),
    "carry": recurrence,
    "cholesky": partial(jnp.linalg.cholesky, symmetrize_input=False),
    "choose": choose,
    "compress": lambda condition, a, axis=None: moved(partial(np.compress, condition))(a, axis),
    "delete": moved(np.delete),
    "copy": lambda a, order="K": jnp.asarray(a),
    "diag": on_diagonal,
    "eigh": partial(jnp.linalg.eigh, symmetrize_input=False),
    "eigvalsh": lambda a, *which, **how: jnp.linalg.eigh(a, *which, **how, symmetrize_input=False)[
        0
    ],
    "empty_like": lambda a, dtype=None, order="K", subok=True, shape=None: jnp.zeros_like(
        a, dtype, shape
    ),
    "erf": special.erf,
    "erfc": special.erfc,
    "extract": lambda condition, a: moved(partial(np.extract, condition))(a),
    "fftn of pairs": lambda parts, **how: transformed(of_pairs(parts), **how),
    "fftn to pairs": transformed,
    "flatten": lambda a, order="C": jnp.ravel(a, order),
    "float": jnp.asarray,
    "gamma": special.gamma,
    "gammaln": special.gammaln,
    "gradient": sloped,
    "insert": inserted,
    "interp": interpolated,
    "irfftn of pairs": to_reals,
    "iv": bessel,
    "logaddexp.accumulate": lax.cumlogsumexp,
    "logaddexp.reduce": special.logsumexp,
    "lstsq": lambda a, b, rcond: jnp.linalg.lstsq(a, b, rcond)[0],
    "maximum.accumulate": lax.cummax,
    "maximum.reduce": jnp.max,
    "median": quantile,
    "minimum.accumulate": lax.cummin,
    "minimum.reduce": jnp.min,
    "multiply.reduce": jnp.prod,
    "nanpercentile": lambda a, q, **how: jnp.nanpercentile(a, np.asarray(q), **how),
    "nanquantile": lambda a, q, **how: jnp.nanquantile(a, np.asarray(q), **how),
    "number": jnp.sum,
    "overlap_add": overlap_add,
    "partition": lambda a, kth, axis=-1, **how: jnp.sort(a, axis),
    "percentile": lambda a, q, **how: quantile(a, np.divide(q, 100), **how),
    "polygamma": lambda a, order: special.polygamma(order, a),
    "pow": jnp.power,
    "psi": special.digamma,
    "pushed": lambda t, d: t * jnp.where(t != 0.0, d, 0.0),  # of ==, LLVM makes no vectors
    "pushed_by_both": lambda a, b: jnp.where((a != 0.0) & (b != 0.0), a * b, 0.0),
    "quantile": quantile,
    "recurrence": recurrence,
    "repeat": moved(np.repeat),
    "rfftn to pairs": lambda x, axes, norm: in_pairs(jnp.fft.rfftn(x, axes=axes, norm=norm)),
    "sliding_window_view": moved(np.lib.stride_tricks.sliding_window_view),
    "slope_of_tanh": slope_of_tanh,
    "tril": tril,
    "triu": triu,
    "unless_still": lambda term, *tangents: jnp.where(
        sum(jnp.any(t != 0.0) for t in tangents), term, 0.0
    ),
    "with_mask": lambda a, ufunc, *args, where, **how: jnp.where(
        where, getattr(jnp, ufunc.__name__)(*args, **how), a
    ),
}
"""What is no namesake, by the name that a listing shows."""

NAMESPACE = {
    **{
        name: getattr(jnp, function.__name__)
        for name, function in OF_NUMPY.items()
        if isinstance(function, np.ufunc)
    },
    "erf": special.erf, "erfc": special.erfc, "logaddexp2": jnp.logaddexp2,
    "logistic": jax.nn.sigmoid,
    "power_by_exponent": lambda a, b, out: jnp.where(
        a == 0.0, jnp.where(b >= 0.0, 0.0, -jnp.inf * out), out * jnp.log(a)
    ),
    "where": jnp.where,
}  # fmt: skip
"""What expressions of gates on single numbers call."""


def namesake(function: Callable[..., Any], name: str) -> Callable[..., Any] | None:
    """JAX's function, or method of arrays, of the same name as NumPy's."""
    if getattr(function, "__objclass__", None) is np.ndarray:
        return lambda a, *args, **how: getattr(jnp.asarray(a), name)(
            *args, **{k: v for k, v in how.items() if k not in IGNORED}
        )
    package, *module = (getattr(function, "__module__", None) or "numpy").split(".")
    home = getattr(jnp, module[0], jnp) if module else jnp
    found = getattr(home, name, None)
    if package != "numpy" or found is None:
        return None
    return lambda *args, **how: found(*args, **{k: v for k, v in how.items() if k not in IGNORED})
