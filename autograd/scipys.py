"""What to write in the place of SciPy's functions, which take arrays alone.

Loaded when one of them is given a Tensor; see `autograd.foreign` for names that are not there.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

__all__ = ["GENERAL", "SCIPY", "home_of", "of_scipy"]

Z = "z = (x - loc) / scale: "

SCIPY: dict[str, str] = {
    **{
        name: f"ag.{name}(t)"
        for name in ("digamma", "erf", "erfc", "gamma", "gammaln", "i0")
    },
    **{name: f"ag.{name}(t, axis=...)" for name in ("log_softmax", "logsumexp", "softmax")},
    **{name: f"np.{name}(t)" for name in ("cbrt", "exp2", "expm1", "log1p", "sinc")},
    "beta": "np.exp(ag.gammaln(t) + ag.gammaln(u) - ag.gammaln(t + u))",
    "betaln": "ag.gammaln(t) + ag.gammaln(u) - ag.gammaln(t + u)",
    "entr": "-t * np.log(ag.where(t == 0, 1.0, t))",
    "exp10": "10.0**t",
    "expit": "ag.sigmoid(t)",
    "kl_div": "t * np.log(t / u) - t + u",
    "log_expit": "-ag.softplus(-t)",
    "log_ndtr": "np.log(0.5 * ag.erfc(-t / np.sqrt(2)))",
    "loggamma": "ag.gammaln(t)",
    "logit": "np.log(t) - np.log1p(-t)",
    "ndtr": "0.5 * ag.erfc(-t / np.sqrt(2))",
    "polygamma": "ag.polygamma(n, t)",
    "psi": "ag.digamma(t)",
    "rel_entr": "t * np.log(t / u)",
    "xlog1py": "t * np.log1p(ag.where(t == 0, 0.0, u))",
    "xlogy": "t * np.log(ag.where(t == 0, 1.0, u))",
    **{
        name: f"ag.linalg.{name}(...)"
        for name in (
            "cho_solve", "cholesky", "det", "eigh", "eigvalsh", "inv", "lstsq", "norm", "pinv",
            "qr", "solve", "solve_triangular", "svd", "svdvals",
        )
    },
    "block_diag": "np.block of the parts and of zeros",
    "cho_factor": "ag.linalg.cholesky(a), and ag.linalg.cho_solve((l, True), b)",
    "kron": "np.kron(t, u)",
    "norm.logpdf": Z + "-0.5 * z**2 - np.log(scale) - 0.5 * np.log(2 * np.pi)",
    "norm.pdf": Z + "np.exp(-0.5 * z**2) / (scale * np.sqrt(2 * np.pi))",
    "norm.cdf": Z + "0.5 * ag.erfc(-z / np.sqrt(2))",
    "norm.sf": Z + "0.5 * ag.erfc(z / np.sqrt(2))",
    "norm.logcdf": Z + "np.log(0.5 * ag.erfc(-z / np.sqrt(2)))",
    "expon.logpdf": Z + "-z - np.log(scale)",
    "laplace.logpdf": Z + "-abs(z) - np.log(2 * scale)",
    "logistic.logpdf": Z + "-z - 2 * ag.softplus(-z) - np.log(scale)",
    "gamma.logpdf": Z + "(a - 1) * np.log(z) - z - ag.gammaln(a) - np.log(scale)",
    "beta.logpdf": "(a - 1) * np.log(x) + (b - 1) * np.log1p(-x) + ag.gammaln(a + b) "
    "- ag.gammaln(a) - ag.gammaln(b)",
    "poisson.logpmf": "k * np.log(mu) - mu - ag.gammaln(k + 1)",
    "bernoulli.logpmf": "k * np.log(p) + (1 - k) * np.log1p(-p)",
}  # fmt: skip
"""What keeps the gradient in the place of a function of SciPy's, and of its distributions'."""


def home_of(ufunc: Any) -> str:
    """The module that an elementwise function is known in: ``"np."``, ``"scipy.special."``, or
    empty. SciPy's do not say it themselves, and are looked up where SciPy was imported."""
    name = ufunc.__name__
    for home, module in {"np.": np, "scipy.special.": sys.modules.get("scipy.special")}.items():
        if getattr(module, name, None) is ufunc:
            return home
    return ""


GENERAL = "its formula with functions of ag, or give it a derivative with ag.gate"


def of_scipy(frame: Any) -> str:
    """What to write in the place of the function of SciPy's in which `frame` is; else empty.

    It is the outermost one: what the user called. Where there is no answer it is `GENERAL`.
    """
    calls = []
    while frame is not None and _is_of(frame, "scipy", "numpy"):
        if _is_of(frame, "scipy"):
            calls.append(frame)
        frame = frame.f_back
    for call in reversed(calls):
        owner = getattr(call.f_locals.get("self"), "name", None)  # a distribution's
        own = call.f_code.co_name
        inside = call.f_locals.values() if own in ("wrapper", "wrapped", "inner") else ()
        for name in (f"{owner}.{own}", own, *(getattr(each, "__name__", "") for each in inside)):
            if name in SCIPY:
                return SCIPY[name]
    return GENERAL if calls else ""


def _is_of(frame: Any, *packages: str) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in packages
