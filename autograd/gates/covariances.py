"""How much variables vary together: covariances and correlations."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import as_operand, value_of
from autograd.effects import replayed
from autograd.errors import DataError, ShapeError
from autograd.gates.arithmetic import multiply
from autograd.gates.linear import dot
from autograd.gates.matrices import diag
from autograd.gates.movement import atleast, shape_2d, squeeze
from autograd.gates.reductions import sum, without_gradient
from autograd.gates.rounding import clip
from autograd.gates.selection import where
from autograd.gates.sequences import as_floats
from autograd.gates.shapes import astype, concatenate, transpose
from autograd.gates.statistics import average
from autograd.tensor import Tensor

__all__ = ["corrcoef", "cov"]


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """The covariances of variables, from observations of them.

    Parameters
    ----------
    m, y : variables in rows, observations in columns; a vector is one variable. Those of `y` are
        joined to those of `m`.
    rowvar : False where the variables are the columns.
    bias, ddof : what is taken off the number of observations to divide by: 0 with `bias`, else 1;
        `ddof` says another number.
    fweights : how often each observation was made: whole numbers, constants.
    aweights : how much each observation counts; they have gradients.
    dtype : floats to compute in; at least float64 where there is none.

    Raises ShapeError (a ValueError) for more than two axes, and for weights that are negative or
    not one an observation; DataError (a TypeError) for `fweights` that are no whole numbers.

    >>> import autograd as ag
    >>> t = ag.Tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
    >>> ag.cov(t).data
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    if ddof is not None and ddof != int(ddof):
        raise DataError(f"cov(ddof=...) expects a whole number and received {ddof!r}")
    m = as_operand(m)
    kinds = [m.dtype]
    if y is not None:
        y = as_operand(y)
        kinds.append(y.dtype)
    dtype = as_floats("cov", dtype) or np.result_type(*kinds, np.float64)
    rows = _variables(m, dtype, not rowvar and m.ndim != 1)
    if not rows.shape[0]:
        return np.zeros((0, 0))
    if y is not None:
        others = _variables(y, dtype, not rowvar and shape_2d(y.shape)[0] != 1)
        rows = concatenate((rows, others), axis=0)
    ddof = (0 if bias else 1) if ddof is None else int(ddof)
    if aweights is not None:
        aweights = _of_dtype(as_operand(aweights), np.dtype(float))
    w = _weights(fweights, aweights, rows.shape[1])
    if w is None:
        mean, free = average(rows, 1), rows.shape[1] - ddof
    else:
        mean, totals = average(rows, 1, w, returned=True)
        free = total = totals[0]
        if ddof:
            free = total - (ddof if aweights is None else ddof * sum(multiply(w, aweights)) / total)
    _warn_of_freedom(value_of(free))
    free = where(np.greater(free, 0), free, 0.0) if type(free) is Tensor else max(free, 0.0)
    rows = _of_dtype(rows - mean[:, None], rows.dtype)
    c = dot(rows, transpose(rows if w is None else rows * w))
    with np.errstate(all="ignore"):
        return squeeze(_of_dtype(c * np.true_divide(1, free), c.dtype))


def _of_dtype(a: Any, dtype: Any) -> Any:
    """What NumPy computes in place: it keeps the dtype of the array that it writes into."""
    return a if a.dtype == dtype else a.astype(dtype)


@replayed
def _warn_of_freedom(free: Any) -> None:
    if np.any(free <= 0):
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=2)


def _variables(a: Any, dtype: Any, columns: bool) -> Any:
    """The variables as rows of a matrix."""
    if a.ndim > 2:
        raise ShapeError(f"cov() expects at most two axes, and received shape {a.shape}")
    a = astype(a, dtype) if type(a) is Tensor else as_array(a).astype(dtype)
    a = atleast(a, shape_2d(a.shape))
    return transpose(a) if columns else a


def _weights(fweights: Any, aweights: Any, n: int) -> Any:
    """What each observation counts; None where all count the same."""
    w = None
    if fweights is not None:
        w = np.asarray(without_gradient("cov", "fweights", fweights), float)
        if not np.all(w == np.around(w)):
            raise DataError("cov(fweights=...) expects whole numbers: aweights may be any")
        _expect_weights(w, "fweights", n)
    if aweights is not None:
        _expect_weights(value_of(aweights), "aweights", n)
        w = aweights if w is None else multiply(w, aweights)
    return w


@replayed
def _expect_weights(w: Any, name: str, n: int) -> None:
    if w.shape != (n,) or np.any(w < 0):
        raise ShapeError(
            f"cov({name}=...) expects {n} weights that are not negative, one an observation, and "
            f"received shape {w.shape}"
        )


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """The correlations of variables: their covariances over the product of their deviations.

    Arguments and errors as of `cov`.

    >>> import autograd as ag
    >>> ag.corrcoef([0.0, 1.0, 2.0], ag.Tensor([4.0, 2.0, 0.0])).data
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    c = cov(x, y, rowvar, dtype=dtype)
    if not np.ndim(value_of(c)):
        return c / c
    if type(c) is not Tensor:
        return c
    deviations = diag(c) ** 0.5
    c = c / deviations[:, None]
    return clip(c / deviations[None, :], -1, 1)


NUMPY = {np.corrcoef: corrcoef, np.cov: cov}
METHODS: dict[str, Any] = {}
