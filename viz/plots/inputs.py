"""What plots are given: arrays checked, models called."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import is_module


def array(content: Any, name: str, ndim: int | tuple[int, ...] | None = None) -> np.ndarray:
    """Numbers as an array of `ndim` axes.

    Raises
    ------
    VizError : they are not numbers, or of another number of axes; `name` says which argument.
    """
    if isinstance(content, Tensor):
        content = content.data
    try:
        values = np.asarray(content)
    except (TypeError, ValueError):
        values = np.asarray(None)
    if values.dtype.kind not in "biuf":
        raise VizError(f"{name} is an array of real numbers; received {_short(content)}")
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if allowed is not None and values.ndim not in allowed:
        axes = " or ".join(map(str, allowed))
        hint = f"; {name}[:, None] is a column" if values.ndim == 1 and 2 in allowed else ""
        raise VizError(f"{name} has {axes} axes; received an array of shape {values.shape}{hint}")
    return values


def labels(content: Any, name: str) -> np.ndarray:
    """Classes, one an example: of shape (n,), also given as (n, 1)."""
    values = np.asarray(content.data if isinstance(content, Tensor) else content)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "biufUS":
        raise VizError(
            f"{name} holds a class for each example, of shape (n,); "
            f"received {_short(content)} of shape {values.shape}"
        )
    is_whole = values.dtype.kind != "f" or np.all(np.isfinite(values) & (values == values.round()))
    if not is_whole:
        raise VizError(
            f"{name} holds classes, such as 0 and 1; received {_short(values.tolist())}, which are "
            "measurements: of one feature viz.plot_function draws what a model makes of it"
        )
    return values


def outputs_of(model: Any, X: np.ndarray) -> np.ndarray:
    """A model's raw outputs for the rows of X: by `nn.predict`, or by calling a function."""
    if is_module(model):
        from nn import predict

        return np.asarray(predict(model, X))
    if not callable(model):
        raise UnsupportedTargetError(
            "model is an nn.Module, or a function from an array of rows to outputs; "
            f"received {type(model).__name__}"
        )
    found = model(X)
    return np.asarray(found.data if isinstance(found, Tensor) else found)


def is_estimator(model: Any) -> bool:
    """Whether a model is one of scikit-learn's kind: an object that predicts."""
    return not is_module(model) and callable(getattr(model, "predict", None))


def decisions_of(model: Any, X: Any) -> np.ndarray:
    """What a model makes of the rows of X, as a boundary needs it.

    Of a classifier of scikit-learn's kind that is its decision function, or the logarithms of the
    classes' shares, in the order of `model.classes_`; or else the classes that it predicts.
    """
    if not is_estimator(model):
        return outputs_of(model, X)
    if hasattr(model, "decision_function"):
        found = np.asarray(model.decision_function(X))
        if found.ndim == 1 or found.shape[1] == len(model.classes_):
            return found
    if hasattr(model, "predict_proba"):
        shares = np.asarray(model.predict_proba(X), dtype=float)
        return np.log(np.maximum(shares, np.finfo(float).tiny))
    found = np.asarray(model.predict(X))
    are_classes = hasattr(model, "classes_") and found.dtype.kind == "f"
    return found.astype(int) if are_classes else found


def limits(pair: Any, name: str) -> tuple[float, float]:
    """Two finite numbers, the first the smaller."""
    values = array(pair, name)
    if values.shape != (2,) or not np.all(np.isfinite(values)) or values[0] >= values[1]:
        raise VizError(f"{name} is two numbers, the first the smaller; received {pair!r}")
    return float(values[0]), float(values[1])


def percent(part: float, total: float) -> str:
    """A share that reads 100% only where it is.

    >>> percent(4, 5), percent(9999, 10000), percent(3, 3)
    ('80%', '99.99%', '100%')
    """
    share = 100 * part / total
    for digits in (0, 1, 2):
        text = f"{share:.{digits}f}"
        if part == total or (float(text) < 100 and abs(float(text) - share) < 0.05):
            return f"{text}%"
    return f"{min(share, 99.99):.2f}%"


def _short(content: Any) -> str:
    text = repr(content)
    return f"{type(content).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
