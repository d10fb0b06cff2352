"""Which file of gates holds what, and when it is imported.

The families in `CORE` are there from the start. Those in `LATER` are imported when one of their
functions is first asked for: as `ag.<name>`, as a method of a Tensor, or by NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from autograd import eager
from autograd.eager import direct_operator
from autograd.gates import arithmetic, exponential, linear, reductions, selection, shapes
from autograd.gates.registry import Gate
from autograd.keywords import guarded
from autograd.tensor import Tensor

__all__ = ["CORE", "LATER", "FROM_NUMPY", "lay", "LATER_METHODS", "public_function", "table"]

CORE: tuple[ModuleType, ...] = (arithmetic, exponential, selection, reductions, linear, shapes)

LATER: dict[str, tuple[str, ...]] = {
    "trigonometric": (
        "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot", "asin",
        "acos", "atan", "atan2", "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "asinh",
        "acosh", "atanh", "deg2rad", "rad2deg", "degrees", "radians", "unwrap", "sinc",
    ),
    "logarithmic": (
        "cbrt", "exp2", "expm1", "ldexp", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
        "softplus",
    ),
    "rounding": (
        "around", "ceil", "clip", "conj", "conjugate", "copysign", "divmod", "fabs", "fix",
        "float_power", "floor", "fmax", "fmin", "fmod", "heaviside", "modf", "nan_to_num",
        "positive", "rint", "round", "select", "sign", "trunc",
    ),
    "special": (
        "digamma", "erf", "erfc", "gamma", "gammaln", "i0", "lgamma", "polygamma",
    ),
    "complex_parts": ("angle", "imag", "real", "real_if_close"),
    "copying": (
        "broadcast_arrays", "copy", "full_like", "meshgrid", "repeat", "resize", "tile",
    ),
    "joining": (
        "append", "array", "array_split", "block", "column_stack", "dsplit", "dstack", "hsplit",
        "hstack", "split", "unstack", "vsplit", "vstack",
    ),
    "movement": (
        "atleast_1d", "atleast_2d", "atleast_3d", "expand_dims", "flip", "fliplr", "flipud",
        "ix_", "matrix_transpose", "moveaxis", "ravel", "roll", "rollaxis", "rot90", "squeeze",
        "swapaxes",
    ),
    "padding": ("pad", "sliding_window_view"),
    "picking": ("choose", "compress", "delete", "extract", "insert", "take", "take_along_axis"),
    "products": ("cross", "inner", "kron", "outer", "tensordot", "vdot"),
    "indexed_sums": ("bincount", "einsum", "matvec", "vecdot", "vecmat"),
    "matrices": ("diag", "diagflat", "diagonal", "tril", "triu"),
    "covariances": ("corrcoef", "cov"),
    "cumulative": ("cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "prod"),
    "differences": ("diff", "ediff1d", "gradient", "trapezoid"),
    "functionals": (
        "apply_along_axis", "apply_over_axes", "broadcast", "ndenumerate", "piecewise",
    ),
    "nans": (
        "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile",
        "nanprod", "nanquantile", "nanstd", "nansum", "nanvar",
    ),
    "polynomials": (
        "poly", "polyadd", "polyder", "polyfit", "polyint", "polymul", "polysub", "polyval",
    ),
    "probabilities": ("log_softmax", "logsumexp", "softmax"),
    "ranks": ("median", "percentile", "quantile"),
    "sequences": ("full", "geomspace", "linspace", "logspace", "vander"),
    "sets": (
        "histogram", "histogram_bin_edges", "intersect1d", "setdiff1d", "setxor1d", "trim_zeros",
        "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
    ),
    "signal": ("convolve", "correlate", "interp"),
    "sorting": ("argpartition", "argsort", "partition", "searchsorted", "sort"),
    "statistics": ("average", "ptp", "std", "var"),
    # Known as np.<function>.accumulate and the like:
    "accumulated": (),
    # Known as ag.linalg.<name>:
    "decompositions": (),
    "spectra": (),
    "systems": (),
    "triangular": (),
    "norms": (),
    "fourier": (),  # ag.fft.<name>
}  # fmt: skip
"""A family's file in `autograd.gates`, and the names in `autograd` that it is asked for by."""

LATER_METHODS: dict[str, tuple[str, ...]] = {
    "rounding": ("clip", "conj", "conjugate", "round"),
    "copying": ("copy", "repeat"),
    "movement": (
        "fill", "flat", "flatten", "itemset", "nonzero", "put", "ravel", "resize", "squeeze",
        "swapaxes", "tolist",
    ),
    "picking": ("choose", "compress", "take"),
    "complex_parts": ("imag", "real"),
    "matrices": ("diagonal", "trace"),
    "cumulative": ("cumprod", "cumsum", "prod"),
    "probabilities": ("log_softmax", "logsumexp", "softmax"),
    "sorting": ("argpartition", "argsort", "partition", "searchsorted", "sort"),
    "statistics": ("std", "var"),
}  # fmt: skip
"""A family's file, and the methods of a Tensor that it is asked for by."""

FROM_NUMPY: dict[Callable[..., Any], Callable[..., Any]] = {}
"""NumPy's function, and the one that records a gate for it."""

_loaded: dict[str, ModuleType] = {}


def load(name: str) -> ModuleType:
    """Import a family and make its functions known; at most once."""
    if name not in _loaded:
        family = import_module(f"autograd.gates.{name}")
        FROM_NUMPY.update(family.NUMPY)
        for method, function in family.METHODS.items():
            if isinstance(function, Gate):
                lay(method, function)
            else:
                lay_function(method, function)
        _loaded[name] = family
    return _loaded[name]


def load_all() -> None:
    """Import every family that has not been yet."""
    for name in LATER:
        load(name)


def public_function(name: str) -> Any:
    """The function `ag.<name>` of a family; None where there is none."""
    known = {family.__name__.rpartition(".")[2]: family.__all__ for family in CORE} | LATER
    for family, names in known.items():
        if name in names:
            return guarded(getattr(load(family), name), f"ag.{name}")
    return None


class Later:
    """Stands in Tensor for a method of a family that is imported when the method is asked for.

    Not a `__getattr__` of the class: Python would then take the slow way to every attribute.
    """

    def __init__(self, family: str, name: str) -> None:
        self.family = family
        self.name = name

    def __get__(self, node: Tensor | None, owner: type) -> Any:
        load(self.family)
        return getattr(owner if node is None else node, self.name)


def table() -> tuple[Gate, ...]:
    """Every gate of the engine, in the order of the families' files."""
    load_all()
    entries = (entry for family in _loaded.values() for entry in vars(family).values())
    return tuple(dict.fromkeys(entry for entry in entries if isinstance(entry, Gate)))


def lay(name: str, gate: Gate, *, reflected: bool = False) -> None:
    """Make `gate`, which has one or two operands, the method `name` of Tensor.

    It is written out at first use: compiling all of them would double the time that importing
    takes.
    """

    shown = None if name.startswith("_") else f"t.{name}"

    def write(self: Tensor, *others: Any, **options: Any) -> Tensor:
        if getattr(Tensor, name) is write:
            setattr(Tensor, name, direct_operator(gate, reflected=reflected, shown=shown))
        return getattr(Tensor, name)(self, *others, **options)

    write.__name__ = name
    write.__doc__ = gate.rule
    setattr(Tensor, name, write)


def lay_function(name: str, function: Any) -> None:
    """Make `function`, whose first argument is a Tensor, its method `name`.

    It is written out at first use, as gates are, to say which keywords it takes.
    """

    @wraps(function)
    def write(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if getattr(Tensor, name) is write:
            setattr(Tensor, name, guarded(function, f"t.{name}", method=True))
        return getattr(Tensor, name)(self, *args, **kwargs)

    setattr(Tensor, name, write if isinstance(function, FunctionType) else function)


def _array(nest: Any) -> Tensor:
    """Nested lists that hold Tensors as one node."""
    return load("joining").array(nest)


eager.array = _array
for family in CORE:
    load(family.__name__.rpartition(".")[2])
for later_family, methods in LATER_METHODS.items():
    for method in methods:
        setattr(Tensor, method, Later(later_family, method))
