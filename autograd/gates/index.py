"""Which family of gates holds which names, for those that are imported when asked for.

Made by `python docs/stubs.py` from the files in `autograd/gates`: edit those, not this file.
"""

NAMES: dict[str, tuple[str, ...]] = {
    "accumulated": (),
    "attention": (
        "scaled_dot_product_attention",
    ),
    "complex_parts": (
        "angle", "imag", "real", "real_if_close",
    ),
    "convolutions": (
        "conv", "conv_transpose",
    ),
    "copying": (
        "broadcast_arrays", "copy", "full_like", "meshgrid", "repeat", "resize", "tile",
    ),
    "covariances": (
        "corrcoef", "cov",
    ),
    "cumulative": (
        "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "prod",
    ),
    "decompositions": (),
    "determinants": (),
    "differences": (
        "diff", "ediff1d", "gradient", "trapezoid",
    ),
    "embeddings": (
        "embedding",
    ),
    "fourier": (),
    "functionals": (
        "apply_along_axis", "apply_over_axes", "broadcast", "ndenumerate", "piecewise",
    ),
    "indexed_sums": (
        "bincount", "einsum", "matvec", "vecdot", "vecmat",
    ),
    "joining": (
        "append", "array", "array_split", "block", "column_stack", "dsplit", "dstack", "hsplit",
        "hstack", "split", "unstack", "vsplit", "vstack",
    ),
    "logarithmic": (
        "cbrt", "exp2", "expm1", "ldexp", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
        "softplus",
    ),
    "matrices": (
        "diag", "diagflat", "diagonal", "tril", "triu",
    ),
    "movement": (
        "atleast_1d", "atleast_2d", "atleast_3d", "expand_dims", "flip", "fliplr", "flipud", "ix_",
        "matrix_transpose", "moveaxis", "ravel", "roll", "rollaxis", "rot90", "squeeze", "swapaxes",
    ),
    "nans": (
        "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile",
        "nanprod", "nanquantile", "nanstd", "nansum", "nanvar",
    ),
    "norms": (),
    "padding": (
        "pad", "sliding_window_view",
    ),
    "picking": (
        "choose", "compress", "delete", "extract", "insert", "take", "take_along_axis",
    ),
    "polynomials": (
        "poly", "polyadd", "polyder", "polyfit", "polyint", "polymul", "polysub", "polyval",
    ),
    "pooling": (
        "avg_pool", "max_pool",
    ),
    "probabilities": (
        "log_softmax", "logsumexp", "softmax",
    ),
    "products": (
        "cross", "inner", "kron", "outer", "tensordot", "vdot",
    ),
    "ranks": (
        "median", "percentile", "quantile",
    ),
    "rounding": (
        "around", "ceil", "clip", "conj", "conjugate", "copysign", "divmod", "fabs", "fix",
        "float_power", "floor", "fmax", "fmin", "fmod", "heaviside", "modf", "nan_to_num",
        "positive", "rint", "round", "select", "sign", "softsign", "trunc",
    ),
    "sequences": (
        "full", "geomspace", "linspace", "logspace", "vander",
    ),
    "sets": (
        "histogram", "histogram_bin_edges", "intersect1d", "setdiff1d", "setxor1d", "trim_zeros",
        "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
    ),
    "signal": (
        "convolve", "correlate", "interp",
    ),
    "sorting": (
        "argpartition", "argsort", "partition", "searchsorted", "sort",
    ),
    "special": (
        "digamma", "erf", "erfc", "gamma", "gammaln", "i0", "lgamma", "polygamma",
    ),
    "spectra": (),
    "statistics": (
        "average", "ptp", "std", "var",
    ),
    "systems": (),
    "triangular": (),
    "trigonometric": (
        "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
        "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "deg2rad", "degrees", "hypot",
        "rad2deg", "radians", "sin", "sinc", "sinh", "tan", "unwrap",
    ),
    "windows": (
        "unfold",
    ),
}
"""The names in `autograd`; none of a family that is known by another way."""

METHODS: dict[str, tuple[str, ...]] = {
    "complex_parts": (
        "imag", "real",
    ),
    "copying": (
        "copy", "repeat",
    ),
    "cumulative": (
        "cumprod", "cumsum", "prod",
    ),
    "matrices": (
        "diagonal", "trace",
    ),
    "movement": (
        "fill", "flat", "flatten", "itemset", "nonzero", "put", "ravel", "resize", "squeeze",
        "swapaxes", "tolist",
    ),
    "picking": (
        "choose", "compress", "take",
    ),
    "probabilities": (
        "log_softmax", "logsumexp", "softmax",
    ),
    "rounding": (
        "clip", "conj", "conjugate", "round",
    ),
    "sorting": (
        "argpartition", "argsort", "partition", "searchsorted", "sort",
    ),
    "statistics": (
        "std", "var",
    ),
}
"""Methods of a Tensor."""
