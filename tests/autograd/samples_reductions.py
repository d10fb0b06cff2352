"""Sample calls of the reductions, statistics, running sums, sorts and signals, away from kinks.

Gate name (or the function's, where it is made of others' gates) to (function, inputs); the
functions take arrays as well as Tensors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.eager import apply
from autograd.gates import accumulated, cumulative, differences, sorting

_rng = np.random.default_rng(23)


def normal(*shape):
    return _rng.normal(size=shape)


def positive(*shape):
    return _rng.uniform(0.5, 2.0, shape)


def apart(*shape):
    """Values on a grid of their own: no two equal, none near zero."""
    n = int(np.prod(shape))
    return ((_rng.permutation(n) - n // 2) * 0.7 + 0.31).reshape(shape)


def scattered(a):
    """The same entries, not next to each other in memory."""
    return np.stack([a, a], axis=-1)[..., 0]


CUBE, MATRIX, ROW, NUMBER = apart(2, 3, 4), apart(3, 4), apart(5), normal()
STRIDED = scattered(apart(3, 4))
EMPTY = np.zeros((0, 3))
MASK = np.array([[True, False, True, True], [False, True, True, False], [True] * 4])
SOME = np.array([[True], [False], [True], [True]])
ZEROS = np.array([[1.5, 0.0, -2.0, 3.0], [0.0, 2.0, 0.0, 1.0], [0.5, 1.0, 2.0, -1.0]])
AXES = (None, 0, -1, (0, 2), (2, 0, 1))


def of(gate, *operands, **settings):
    """A gate that has no name of its own, of Tensors or of arrays."""
    tensors = any(type(each) is ag.Tensor for each in operands)
    return apply(gate, operands, settings) if tensors else gate.forward(*operands, **settings)


def over_axes(f):
    """A reduction called with every kind of axes and shapes."""
    samples = [
        (lambda a, axis=axis, keep=keep: f(a, axis=axis, keepdims=keep), (CUBE,))
        for axis in AXES
        for keep in (False, True)
    ]
    return [*samples, (f, (STRIDED,)), (f, (NUMBER,)), (lambda a: f(a, axis=1), (ROW[None, :],))]


def where_and_initial(f, dtype=True, initial=True):
    """A reduction called with what else NumPy takes."""
    samples = [
        (lambda a: f(a, axis=1, where=MASK), (MATRIX,)),
        (lambda a: f(a, axis=0, where=SOME, keepdims=True), (apart(4, 2),)),
    ]
    if dtype:
        samples.append((lambda a: f(a, axis=0, dtype=np.float64), (MATRIX,)))
        samples.append((lambda a: f(a, 0, np.float64, None, True), (MATRIX,)))
    if initial:
        samples.append((lambda a: f(a, axis=0, initial=1.7), (MATRIX,)))
        samples.append((lambda a: f(a, axis=1, initial=-0.4, where=MASK), (MATRIX,)))
        samples.append((lambda a: f(a, axis=0, initial=2.0), (EMPTY,)))
    return samples


def quantiles(f, scale):
    return [
        *over_axes(lambda a, **where: f(a, 0.3 * scale, **where)),
        *(
            (
                lambda a, m=method: f(a, np.array([0.1, 0.35, 0.8]) * scale, axis=0, method=m),
                (CUBE,),
            )
            for method in ("linear", "lower", "higher", "nearest", "midpoint")
        ),
        *(
            (lambda a, m=method: f(a, 0.41 * scale, axis=1, method=m), (MATRIX,))
            for method in ("inverted_cdf", "weibull", "hazen", "median_unbiased")
        ),
        (lambda a: f(a, [[0.0, 1.0 * scale]], axis=(0, 1), keepdims=True), (CUBE,)),
        (lambda a: f(a, 0.5 * scale, -1), (STRIDED,)),
    ]


def spreads(f):
    return [
        *over_axes(lambda a, **where: f(a, **where) if np.ndim(a) else f(a) + a),
        (lambda a: f(a, axis=1, where=MASK), (MATRIX,)),
        (lambda a: f(a, ddof=1), (MATRIX,)),
        (lambda a: f(a, axis=0, ddof=1.5, keepdims=True), (MATRIX,)),
        (lambda a: f(a, axis=1, correction=1, where=MASK), (MATRIX,)),
        (lambda a: f(a, 0, np.float64), (MATRIX,)),
    ]


ODD = np.array([0.0, 0.3, 1.0, 1.2, 2.5, 2.6])
SAMPLES: dict[str, list[tuple[Any, tuple]]] = {
    # reductions
    "sum": over_axes(np.sum) + where_and_initial(np.sum),
    "mean": over_axes(np.mean) + where_and_initial(np.mean, initial=False),
    "max": over_axes(np.max)
    + where_and_initial(lambda a, **k: np.max(a, **{"initial": -9.0} | k), dtype=False),
    "min": over_axes(np.min)
    + where_and_initial(lambda a, **k: np.min(a, **{"initial": 9.0} | k), dtype=False),
    "prod": [
        *over_axes(lambda a, **where: np.prod(0.3 * a, **where)), *where_and_initial(np.prod),
        (np.prod, (ZEROS,)), (lambda a: np.prod(a, axis=0), (ZEROS,)),
        (lambda a: np.prod(a, axis=1), (ZEROS,)), (lambda a: np.prod(a, axis=()), (MATRIX,)),
        (lambda a: a.prod(0), (ROW,)),
    ],
    # statistics
    "average": [
        (np.average, (MATRIX,)), (lambda a: np.average(a, axis=(0, 2), keepdims=True), (CUBE,)),
        (lambda a, w: np.average(a, weights=w), (MATRIX, np.abs(MATRIX))),
        (lambda a, w: np.average(a, 1, w), (MATRIX, np.abs(normal(4)))),
        (lambda a, w: np.average(a, axis=(2, 0), weights=w), (CUBE, np.abs(normal(4, 2)))),
        (lambda a, w: np.average(a, 0, w, keepdims=True), (CUBE, np.abs(normal(2)))),
        (lambda a, w: np.multiply(*np.average(a, 0, w, returned=True)), (CUBE, np.abs(CUBE))),
        (lambda a: np.average(a, 1, [1, 2, 3, 4]), (MATRIX,)),
        (lambda a: np.average(a, 1, returned=True)[0], (MATRIX,)),
    ],
    "ptp": over_axes(np.ptp),
    "var": spreads(np.var),
    "std": spreads(np.std)[:-4] + [
        (lambda a: np.std(a, axis=1, where=MASK), (MATRIX,)),
        (lambda a: np.std(a, ddof=1), (MATRIX,)),
        (lambda a: np.std(a, axis=1, correction=1, where=MASK, keepdims=True), (MATRIX,)),
    ],
    "median": [
        *over_axes(np.median), (np.median, (ROW,)), (lambda a: np.median(a, 0), (MATRIX,)),
    ],
    "quantile": quantiles(np.quantile, 1.0),
    "percentile": quantiles(np.percentile, 100.0),
    # running sums and products
    "cumsum": [
        (np.cumsum, (MATRIX,)), (np.cumsum, (ROW,)), (np.cumsum, (NUMBER,)),
        (lambda a: np.cumsum(a, axis=0), (NUMBER,)), (lambda a: np.cumsum(a, axis=1), (CUBE,)),
        (lambda a: np.cumsum(a, axis=-1), (STRIDED,)), (lambda a: a.cumsum(0), (EMPTY,)),
        (lambda a: np.cumsum(a, 0, np.float64), (MATRIX,)),
    ],
    "cumprod": [
        (np.cumprod, (MATRIX,)), (np.cumprod, (ROW,)), (np.cumprod, (NUMBER,)),
        (lambda a: np.cumprod(a, axis=1), (CUBE,)), (lambda a: np.cumprod(a, axis=-1), (ZEROS,)),
        (lambda a: np.cumprod(a, axis=0), (ZEROS,)), (lambda a: a.cumprod(0), (EMPTY,)),
        (lambda a: np.cumprod(a, -1), (STRIDED,)), (lambda a: np.cumprod(a, 0), (ROW[:1],)),
        (lambda a: np.cumprod(a, 0, np.float64), (MATRIX,)),
    ],
    "recurrence": [
        (
            lambda a, b: apply(cumulative._recurrence, (a, b), {"axis": 1})
            if ag.Tensor in (type(a), type(b)) else cumulative.recur(a, b, 1),
            (ZEROS, MATRIX),
        ),
    ],
    "cumprod.T": [
        (lambda a, g: of(cumulative._VJP, a, g, axis=1), (ZEROS, MATRIX)),
        (lambda a, g: of(cumulative._VJP, a, g, axis=0), (MATRIX, ZEROS)),
    ],
    "cumprod.D": [
        (lambda a, t: of(cumulative._JVP, a, t, axis=1), (ZEROS, MATRIX)),
        (lambda a, t: of(cumulative._JVP, a, t, axis=0), (MATRIX, ZEROS)),
    ],
    "prod.others": [
        (lambda a: of(cumulative._without, a), (ZEROS,)),
        (lambda a: of(cumulative._without, a), (MATRIX,)),
    ],
    # differences
    "diff": [
        (np.diff, (ROW,)), (np.diff, (STRIDED,)), (lambda a: np.diff(a, axis=0), (CUBE,)),
        (lambda a: np.diff(a, 2, 1), (CUBE,)), (lambda a: np.diff(a, n=3), (MATRIX,)),
        (lambda a, b: np.diff(a, axis=0, prepend=b), (MATRIX, apart(2, 4))),
        (lambda a, b: np.diff(a, prepend=b, append=0.0), (MATRIX, NUMBER)),
        (lambda a: np.diff(a, 0) * 2.0, (MATRIX,)), (lambda a: np.diff(a), (ROW[:1],)),
    ],
    "ediff1d": [
        (np.ediff1d, (MATRIX,)), (lambda a, b: np.ediff1d(a, b, NUMBER), (ROW, apart(2, 2))),
    ],
    "gradient": [
        (np.gradient, (ROW,)), (lambda a: np.gradient(a, 0.5, edge_order=2), (ROW,)),
        (lambda a: np.gradient(a, ODD, edge_order=2), (apart(6),)),
        (lambda a: np.gradient(a, ODD), (apart(6),)), (np.gradient, (apart(2),)),
        (lambda a: np.gradient(a, axis=0, edge_order=2), (MATRIX,)),
        (lambda a: np.gradient(a, 2.0)[1] * np.gradient(a, 2.0)[0], (STRIDED,)),
        (lambda a: np.gradient(a, 0.5, np.array([0.0, 1.0, 3.0]), axis=(2, 1))[1], (CUBE,)),
    ],
    "gradient.T": [
        (
            lambda g: apply(differences._transposed, (g,), HOW) if type(g) is ag.Tensor
            else differences.transposed(g, **HOW),
            (apart(2, 6),),
        ),
    ],
    "trapezoid": [
        (np.trapezoid, (ROW,)), (lambda a: np.trapezoid(a, dx=0.3, axis=0), (MATRIX,)),
        (np.trapezoid, (MATRIX, apart(4))), (np.trapezoid, (MATRIX, apart(3, 4))),
        (lambda y, x: np.trapezoid(y, x, axis=1), (CUBE, apart(3))),
    ],
    # sorting
    "sort": [
        (np.sort, (MATRIX,)), (lambda a: np.sort(a, axis=None), (CUBE,)), (np.sort, (ROW,)),
        (lambda a: np.sort(a, 0), (STRIDED,)), (np.sort, (EMPTY,)),
        (lambda a: np.sort(a, 1, stable=True), (CUBE,)),
    ],
    "partition": [
        (lambda a: np.partition(a, 2), (MATRIX,)), (lambda a: np.partition(a, (0, -1), 0), (CUBE,)),
        (lambda a: np.partition(a, 3, axis=None), (STRIDED,)),
        (lambda a: np.partition(a, 20), (apart(40),)),
    ],
    "permute": [
        (lambda a: sorting.permute(a, np.argsort(MATRIX, axis=0), 0), (normal(3, 4),)),
    ],
    # signals
    "interp": [
        (lambda x, f: np.interp(x, ODD, f), (np.array([-1.0, 0.1, 1.1, 2.0, 9.0]), apart(6))),
        (lambda x: np.interp(x, ODD, ODD**2), (np.array([[0.1, 1.1], [2.0, 2.55]]),)),
        (lambda f: np.interp([0.2, 1.7], ODD, f), (apart(6),)),
        (lambda x, f: np.interp(x, ODD, f, 5.0, -5.0), (np.array([-1.0, 0.1, 9.0]), apart(6))),
        (lambda x, f: np.interp(x, ODD, f, right=7.0), (np.array([-1.0, 2.0, 9.0]), apart(6))),
        (
            lambda x, f: np.interp(x, [190.0, -190, 5, 350], f, period=360),
            (np.array([-181.0, -110, 4, 362]), apart(4)),
        ),
        (lambda x, f: np.interp(x, [1.0], f), (np.array([0.5, 3.0]), apart(1))),
    ],
    "convolve": [
        (lambda a, v, m=mode: np.convolve(a, v, m), (apart(n), apart(k)))
        for mode in ("full", "same", "valid")
        for n, k in ((7, 3), (7, 4), (3, 7), (4, 7), (5, 5), (1, 4))
    ],
    "correlate": [
        (lambda a, v, m=mode: np.correlate(a, v, m), (apart(n), apart(k)))
        for mode in ("full", "same", "valid")
        for n, k in ((7, 3), (7, 4), (3, 7), (4, 7), (4, 6), (5, 5), (4, 1))
    ],
}  # fmt: skip
HOW = {"spacing": ODD, "axis": -1, "edge_order": 2}


def beside_nans(f):
    """A reduction of numbers among nans that are constants."""

    def joined(a):
        return np.where(MASK, a, np.nan)

    return [
        (lambda a: f(joined(0.4 * a)), (MATRIX,)),
        (lambda a: f(joined(a), axis=0), (MATRIX,)),
        (lambda a: f(joined(a), axis=-1, keepdims=True), (MATRIX,)),
        (lambda a: f(joined(0.3 * a), axis=(0, 2)), (CUBE[:, :3],)),
        (lambda a: f(joined(a), axis=0), (STRIDED,)),
        (f, (MATRIX,)),
    ]


for _f in (np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin):
    SAMPLES[_f.__name__] = beside_nans(_f)
for _f in (np.nanvar, np.nanstd):
    SAMPLES[_f.__name__].append(
        (lambda a, f=_f: f(np.where(MASK, a, np.nan), 1, ddof=1), (MATRIX,))
    )

SAMPLES |= {
    "logsumexp": over_axes(ag.logsumexp),
    "softmax": [
        (ag.softmax, (MATRIX,)), (lambda a: ag.softmax(a, axis=0), (CUBE,)), (ag.softmax, (ROW,)),
        (lambda a: ag.softmax(a, axis=(0, 2)), (CUBE,)),
        (lambda a: ag.softmax(a, None), (STRIDED,)),
    ],
    "log_softmax": [
        (ag.log_softmax, (MATRIX,)), (lambda a: ag.log_softmax(a, axis=0), (CUBE,)),
        (lambda a: ag.log_softmax(a, axis=(0, 2)), (CUBE,)), (ag.log_softmax, (ROW,)),
        (lambda a: ag.log_softmax(a, None), (STRIDED,)),
    ],
}  # fmt: skip
OWN = {name for name, [(f, inputs), *_] in SAMPLES.items() if isinstance(f(*inputs), ag.Tensor)}
"""Those that NumPy lacks: ours give a Tensor of arrays, too."""


def bends(*shape):
    """Numbers that are no sums or means of each other: extrema and medians of them do not tie."""
    return _rng.normal(size=shape)


PLACES, HEIGHTS = np.array([0.0, 0.5, 1.0, 2.0, 2.5]), normal(5)
COUNTS = np.array([0, 3, 3, 1, 0])
ROWS, OTHERS, TIMES = normal(3, 5), normal(2, 5), positive(5)


def nan_quantiles(f, *q):
    """A quantile of numbers among nans that are constants, and without nans."""

    def joined(a):
        return np.where(MASK, a, np.nan)

    return [
        (lambda a: f(joined(a), *q), (MATRIX,)), (lambda a: f(joined(a), *q, axis=1), (MATRIX,)),
        (lambda a: f(joined(a), *q, axis=0, keepdims=True), (STRIDED,)),
        (lambda a: f(a, *q, axis=(0, 2)), (CUBE,)), (lambda a: f(a, *q), (NUMBER,)),
    ]  # fmt: skip


SAMPLES |= {
    "nanmedian": nan_quantiles(np.nanmedian),
    "nanquantile": [
        *nan_quantiles(np.nanquantile, 0.3), *nan_quantiles(np.nanquantile, [0.25, 0.9]),
        (lambda a: np.nanquantile(a, [[0.25, 0.9]], axis=1), (CUBE,)),
    ],
    "nanpercentile": [
        *nan_quantiles(np.nanpercentile, 30.0),
        (lambda a: np.nanpercentile(np.where(SOME, a, np.nan), 40, method="lower"), (MATRIX.T,)),
    ],
    "nancumsum": [
        (lambda a: np.nancumsum(np.where(MASK, a, np.nan)), (MATRIX,)),
        (lambda a: np.nancumsum(np.where(MASK, a, np.nan), axis=1), (STRIDED,)),
    ],
    "nancumprod": [(lambda a: np.nancumprod(np.where(MASK, a, np.nan), axis=0), (MATRIX,))],
    **{
        f"{f.__name__}.accumulate": [
            (f.accumulate, (ROW,)), (lambda a, f=f: f.accumulate(a, axis=1), (0.3 * MATRIX,)),
            (lambda a, f=f: f.accumulate(a, -2), (0.3 * CUBE,)),
        ]
        for f in (np.maximum, np.minimum, np.logaddexp)
    },
    "add.reduceat": [
        (lambda a: np.add.reduceat(a, [0, 2, 1, 4]), (ROW,)),
        (lambda a: np.add.reduceat(a, [2, 0, 0], axis=1), (STRIDED,)),
    ],
    "carry": [
        (lambda p, b: apply(accumulated._carry, (p, b), {"axis": 1}), (MATRIX, normal(3, 4)))
    ],
    # sequences
    "linspace": [
        (lambda a, b, n=n, end=end: np.linspace(a, b, n, end, axis=-1), (normal(2, 3), normal(3)))
        for end in (True, False)
        for n in (1, 2, 5)
    ] + [
        (lambda a: np.linspace(a, 3.0, 4), (NUMBER,)),
        (lambda b: np.linspace(1.0, b, 4, dtype=np.float64), (ROW,)),
        (lambda a, b: np.linspace(a, b, 4, retstep=True)[1], (ROW, normal(5))),
    ],
    "logspace": [
        (lambda a, b: np.logspace(a, b, 4, axis=1), (0.2 * normal(2, 3), 0.2 * normal(3))),
        (lambda a, b, c: np.logspace(a, b, 4, False, c), (normal(2), normal(2), positive(2))),
    ],
    "geomspace": [
        (lambda a, b, n=n, end=end: np.geomspace(a, b, n, end), (positive(2, 3), positive(3)))
        for n, end in ((1, True), (2, True), (5, True), (4, False))
    ] + [(lambda a, b: np.geomspace(a, b, 4, axis=-1), (-positive(2), -positive(2)))],
    "vander": [
        (np.vander, (ROW[:3],)), (lambda a: np.vander(a, 4, increasing=True), (ROW[:3],)),
        (lambda a: np.vander(a, 1) * a[:, None], (ROW,)),
    ],
    # polynomials
    "polyval": [
        (np.polyval, (normal(4), normal(2, 3))), (lambda x: np.polyval([1.0, 2.0, 3.0], x), (ROW,)),
        (lambda p: np.polyval(p, 0.5), (ROW,)),
        (lambda x: np.polynomial.polynomial.polyval(x, [1.0, 2.0, 3.0]), (MATRIX,)),
    ],
    "poly": [(np.poly, (ROW,))],
    "polyadd": [(np.polyadd, (ROW, normal(3))), (np.polyadd, (normal(2), NUMBER))],
    "polysub": [(np.polysub, (normal(3), ROW)), (np.polysub, (normal(3), normal(3)))],
    "polymul": [(np.polymul, (ROW, normal(3))), (lambda p: np.polymul([0.0, 2.0], p), (ROW,))],
    "polyder": [(np.polyder, (ROW,)), (lambda p: np.polyder(p, 2), (ROW,))],
    "polyint": [
        (np.polyint, (ROW,)), (lambda p, k: np.polyint(p, 2, k), (ROW, normal(2))),
        (lambda p: np.polyint(p, 2, 3.0), (ROW,)),
    ],
    "polyfit": [
        (lambda x, y: np.polyfit(x, y, 2), (PLACES, HEIGHTS)),
        (lambda x, y: np.polyfit(x, y, 1), (PLACES, normal(5, 2))),
        (lambda x, y, w: np.polyfit(x, y, 2, w=w), (PLACES, HEIGHTS, TIMES)),
        (lambda x: np.polyfit(x, HEIGHTS, 2, cov="unscaled")[1], (PLACES,)),
    ],
    # covariances
    "cov": [
        (np.cov, (ROWS,)), (np.cov, (ROW,)), (np.cov, (ROWS, OTHERS)),
        (lambda a, b: np.cov(a, b, rowvar=False), (ROWS.T, OTHERS.T)),
        (lambda a: np.cov(a, bias=True), (ROWS,)), (lambda a: np.cov(a, ddof=2), (ROWS,)),
        (lambda a: np.cov(a, fweights=[1, 2, 0, 3, 1]), (ROWS,)),
        (lambda a, w: np.cov(a, aweights=w), (ROWS, TIMES)),
        (lambda a, w: np.cov(a, aweights=w, fweights=[1, 2, 1, 3, 1], ddof=0), (ROWS, TIMES)),
    ],
    "corrcoef": [
        (lambda a: np.corrcoef(a)[0, 1:], (ROWS,)),
        (lambda a, b: np.corrcoef(a, b)[0, 1:], (ROWS, OTHERS)),
        (lambda a, b: np.corrcoef(a, b)[0, 1], (ROWS[0], OTHERS[0])),
    ],
    # sums by number, and borders that choose
    "bincount": [
        (lambda w: np.bincount(COUNTS, weights=w), (ROW,)),
        (lambda w: np.bincount(COUNTS, w, 7), (ROW,)),
    ],
    **{
        f"{f.__name__} about a mean": [
            (lambda a, m, f=f: f(a, axis=1, mean=m), (MATRIX, bends(3, 1))),
            (lambda a, f=f: f(a, 0, mean=np.mean(a, axis=0, keepdims=True), ddof=1), (MATRIX,)),
            (lambda a, m, f=f: f(a, axis=(0, 1), mean=m, keepdims=True, where=MASK),
             (MATRIX, bends(1, 1))),
        ]
        for f in (np.var, np.std, np.nanvar, np.nanstd)
    },
    "nanvar about a mean, with nans": [
        (lambda a, m: np.nanvar(np.where(MASK, a, np.nan), 1, mean=m), (MATRIX, bends(3, 1))),
    ],
    # functions of functions
    "piecewise": [
        (lambda a: np.piecewise(a, [a < 0, a > 1], [lambda v: v**2, np.exp, np.sin]), (MATRIX,)),
        (lambda a: np.piecewise(a, [a < 0, a > -1], [lambda v: v**2, np.square]), (CUBE,)),
        (lambda a: np.piecewise(a, a < 0, [lambda v, k: k * v**2, 0.5], 3.0), (ROW,)),
        (lambda a: np.piecewise(a, [np.less(a, 9.0)], [np.sin]), (NUMBER,)),
    ],
    "apply_along_axis": [
        (lambda a, f=f, axis=axis: np.apply_along_axis(f, axis, a), (CUBE,))
        for f in (np.sum, np.cumsum, np.diag, lambda row: row[:2] * row[0])
        for axis in (0, -1)
    ],
    "apply_over_axes": [(lambda a: np.apply_over_axes(np.sum, a, [0, -1]), (CUBE,))],
    "pad": [
        (lambda a, mode=mode, how=how: np.pad(a, ((1, 2), (0, 3)), mode, **how), (bends(3, 4),))
        for mode in ("maximum", "minimum", "median")
        for how in ({}, {"stat_length": 2}, {"stat_length": ((1, 9), (2, 3))})
    ] + [
        (lambda a: np.pad(a, 2, "linear_ramp", end_values=((1.5, 2), (3, -1))), (bends(2, 3),)),
        (lambda a: np.pad(a, (1, 3), "linear_ramp", end_values=(1.5, -2)), (bends(4),)),
    ],
}  # fmt: skip
