"""Gates that stand in our files as functions of the model's own: by this table they are written,
and read again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import autograd as ag

__all__ = ["OPERAND", "OURS", "OURS_ALONG", "SETTINGS", "of_ours", "settings_of"]

OURS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in (
            "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt",
            "copysign", "cosh", "expm1", "floor_divide", "fmax", "fmin", "heaviside", "hypot",
            "log10", "log1p", "log2", "logaddexp", "logaddexp2", "remainder", "sinc", "sinh", "tan",
            "trunc",
        )
    },
    "erf": ag.erf, "erfc": ag.erfc, "gamma": ag.gamma, "gammaln": ag.gammaln, "i0": np.i0,
    "psi": ag.digamma, "softplus": ag.softplus, "softsign": ag.softsign,
}  # fmt: skip
"""Gates that files of ours have as functions of the model's own, where ONNX has no operator for
them, or onnxruntime none of that dtype: by the name of the function."""

OURS_ALONG: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in (
            "gradient", "interp", "median", "nanmedian", "nanpercentile", "nanquantile",
            "percentile", "quantile", "unwrap",
        )
    },
    **{name: getattr(np.linalg, name) for name in ("cholesky", "det", "inv", "solve")},
    **{
        f"{function.__name__}.accumulate": function.accumulate
        for function in (np.logaddexp, np.maximum, np.minimum)
    },
}  # fmt: skip
"""Such ones along axes, with settings: the arguments of a call as JSON."""

SETTINGS = "settings"


def of_ours(gate: Callable[..., Any], settings: str) -> Callable[..., Any]:
    """What a node computes that calls a gate with settings."""
    args, how = json.loads(settings)

    def computed(call: Any, *operands: Any) -> Any:
        given = iter(operands)
        return gate(*[next(given, None) if one == OPERAND else tupled(one) for one in args],
                    **{key: tupled(value) for key, value in how.items()})  # fmt: skip

    return computed


OPERAND = {"operand": True}
"""Stands for an operand in the settings of a call."""


def tupled(value: Any) -> Any:
    return tuple(map(tupled, value)) if isinstance(value, list) else value


def settings_of(args: Sequence[Any], how: Mapping[str, Any]) -> str | None:
    """The text for a call; None for one with other things in it than numbers, texts, and arrays
    of a few."""

    def listed(value: Any) -> Any:
        if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size <= FEW):
            return value.tolist()
        raise TypeError("this stands nowhere else")

    try:
        return json.dumps([list(args), dict(how)], default=listed)
    except (TypeError, ValueError):
        return None


FEW = 1 << 8
"""Entries of an array that is written out in settings."""
