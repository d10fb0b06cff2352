"""The public names of `gategrad`, for type checkers and editors.

Made by `python docs/stubs.py` from the tables in `__init__.py`: edit those, not this file.
"""

from autograd import (
    extend as extend, fft as fft, linalg as linalg,
)
from autograd.anomaly import (
    detect_anomaly as detect_anomaly,
)
from autograd.checkpointing import (
    checkpoint as checkpoint,
)
from autograd.checks import (
    gradcheck as gradcheck,
)
from autograd.effects import (
    assign as assign, sample as sample,
)
from autograd.errors import (
    AnomalyError as AnomalyError, AutogradError as AutogradError, CompileError as CompileError,
    DataError as DataError, DependencyError as DependencyError, DetachedWarning as DetachedWarning,
    GradcheckError as GradcheckError, GradientError as GradientError,
    LanguageError as LanguageError, LinAlgError as LinAlgError,
    MissingImportError as MissingImportError, MissingNameError as MissingNameError,
    OutOfRangeError as OutOfRangeError, ShapeError as ShapeError,
    StaleGraphError as StaleGraphError, UnsupportedError as UnsupportedError,
)
from autograd.exchange.onnx_model import (
    from_onnx as from_onnx,
)
from autograd.exchange.torch_graph import (
    from_torch as from_torch,
)
from autograd.gates.arithmetic import (
    abs as abs, absolute as absolute, add as add, divide as divide, floor_divide as floor_divide,
    mod as mod, multiply as multiply, negative as negative, pow as pow, power as power,
    reciprocal as reciprocal, remainder as remainder, square as square, subtract as subtract,
    true_divide as true_divide,
)
from autograd.gates.attention import (
    scaled_dot_product_attention as scaled_dot_product_attention,
)
from autograd.gates.complex_parts import (
    angle as angle, imag as imag, real as real, real_if_close as real_if_close,
)
from autograd.gates.convolutions import (
    conv as conv, conv_transpose as conv_transpose,
)
from autograd.gates.copying import (
    broadcast_arrays as broadcast_arrays, copy as copy, full_like as full_like,
    meshgrid as meshgrid, repeat as repeat, resize as resize, tile as tile,
)
from autograd.gates.covariances import (
    corrcoef as corrcoef, cov as cov,
)
from autograd.gates.cumulative import (
    cumprod as cumprod, cumsum as cumsum, cumulative_prod as cumulative_prod,
    cumulative_sum as cumulative_sum, prod as prod,
)
from autograd.gates.differences import (
    diff as diff, ediff1d as ediff1d, gradient as gradient, trapezoid as trapezoid,
)
from autograd.gates.embeddings import (
    embedding as embedding,
)
from autograd.gates.exponential import (
    exp as exp, log as log, sigmoid as sigmoid, sqrt as sqrt, tanh as tanh,
)
from autograd.gates.functionals import (
    apply_along_axis as apply_along_axis, apply_over_axes as apply_over_axes,
    broadcast as broadcast, ndenumerate as ndenumerate, piecewise as piecewise,
)
from autograd.gates.indexed_sums import (
    bincount as bincount, einsum as einsum, matvec as matvec, vecdot as vecdot, vecmat as vecmat,
)
from autograd.gates.indexing import (
    index as index,
)
from autograd.gates.joining import (
    append as append, array as array, array_split as array_split, block as block,
    column_stack as column_stack, dsplit as dsplit, dstack as dstack, hsplit as hsplit,
    hstack as hstack, split as split, unstack as unstack, vsplit as vsplit, vstack as vstack,
)
from autograd.gates.linear import (
    dot as dot, matmul as matmul,
)
from autograd.gates.logarithmic import (
    cbrt as cbrt, exp2 as exp2, expm1 as expm1, ldexp as ldexp, log10 as log10, log1p as log1p,
    log2 as log2, logaddexp as logaddexp, logaddexp2 as logaddexp2, softplus as softplus,
)
from autograd.gates.matrices import (
    diag as diag, diagflat as diagflat, diagonal as diagonal, tril as tril, triu as triu,
)
from autograd.gates.movement import (
    atleast_1d as atleast_1d, atleast_2d as atleast_2d, atleast_3d as atleast_3d,
    expand_dims as expand_dims, flip as flip, fliplr as fliplr, flipud as flipud, ix_ as ix_,
    matrix_transpose as matrix_transpose, moveaxis as moveaxis, ravel as ravel, roll as roll,
    rollaxis as rollaxis, rot90 as rot90, squeeze as squeeze, swapaxes as swapaxes,
)
from autograd.gates.nans import (
    nancumprod as nancumprod, nancumsum as nancumsum, nanmax as nanmax, nanmean as nanmean,
    nanmedian as nanmedian, nanmin as nanmin, nanpercentile as nanpercentile, nanprod as nanprod,
    nanquantile as nanquantile, nanstd as nanstd, nansum as nansum, nanvar as nanvar,
)
from autograd.gates.own import (
    gate as gate,
)
from autograd.gates.padding import (
    pad as pad, sliding_window_view as sliding_window_view,
)
from autograd.gates.picking import (
    choose as choose, compress as compress, delete as delete, extract as extract, insert as insert,
    take as take, take_along_axis as take_along_axis,
)
from autograd.gates.polynomials import (
    poly as poly, polyadd as polyadd, polyder as polyder, polyfit as polyfit, polyint as polyint,
    polymul as polymul, polysub as polysub, polyval as polyval,
)
from autograd.gates.pooling import (
    avg_pool as avg_pool, max_pool as max_pool,
)
from autograd.gates.probabilities import (
    log_softmax as log_softmax, logsumexp as logsumexp, softmax as softmax,
)
from autograd.gates.products import (
    cross as cross, inner as inner, kron as kron, outer as outer, tensordot as tensordot,
    vdot as vdot,
)
from autograd.gates.ranks import (
    median as median, percentile as percentile, quantile as quantile,
)
from autograd.gates.reductions import (
    mean as mean, sum as sum,
)
from autograd.gates.registry import (
    Gate as Gate,
)
from autograd.gates.rounding import (
    around as around, ceil as ceil, clip as clip, conj as conj, conjugate as conjugate,
    copysign as copysign, divmod as divmod, fabs as fabs, fix as fix, float_power as float_power,
    floor as floor, fmax as fmax, fmin as fmin, fmod as fmod, heaviside as heaviside, modf as modf,
    nan_to_num as nan_to_num, positive as positive, rint as rint, round as round, select as select,
    sign as sign, softsign as softsign, trunc as trunc,
)
from autograd.gates.selection import (
    amax as amax, amin as amin, max as max, maximum as maximum, min as min, minimum as minimum,
    relu as relu, where as where,
)
from autograd.gates.sequences import (
    full as full, geomspace as geomspace, linspace as linspace, logspace as logspace,
    vander as vander,
)
from autograd.gates.sets import (
    histogram as histogram, histogram_bin_edges as histogram_bin_edges, intersect1d as intersect1d,
    setdiff1d as setdiff1d, setxor1d as setxor1d, trim_zeros as trim_zeros, union1d as union1d,
    unique as unique, unique_all as unique_all, unique_counts as unique_counts,
    unique_inverse as unique_inverse, unique_values as unique_values,
)
from autograd.gates.shapes import (
    astype as astype, broadcast_to as broadcast_to, concat as concat, concatenate as concatenate,
    permute_dims as permute_dims, reshape as reshape, stack as stack, transpose as transpose,
)
from autograd.gates.signal import (
    convolve as convolve, correlate as correlate, interp as interp,
)
from autograd.gates.sorting import (
    argpartition as argpartition, argsort as argsort, partition as partition,
    searchsorted as searchsorted, sort as sort,
)
from autograd.gates.special import (
    digamma as digamma, erf as erf, erfc as erfc, gamma as gamma, gammaln as gammaln, i0 as i0,
    lgamma as lgamma, polygamma as polygamma,
)
from autograd.gates.statistics import (
    average as average, ptp as ptp, std as std, var as var,
)
from autograd.gates.trigonometric import (
    acos as acos, acosh as acosh, arccos as arccos, arccosh as arccosh, arcsin as arcsin,
    arcsinh as arcsinh, arctan as arctan, arctan2 as arctan2, arctanh as arctanh, asin as asin,
    asinh as asinh, atan as atan, atan2 as atan2, atanh as atanh, cos as cos, cosh as cosh,
    deg2rad as deg2rad, degrees as degrees, hypot as hypot, rad2deg as rad2deg, radians as radians,
    sin as sin, sinc as sinc, sinh as sinh, tan as tan, unwrap as unwrap,
)
from autograd.gates.windows import (
    unfold as unfold,
)
from autograd.graph import (
    Edge as Edge, Graph as Graph,
)
from autograd.jacobians import (
    hessian as hessian, hvp as hvp, jacobian as jacobian,
)
from autograd.loops import (
    scan as scan,
)
from autograd.mapping import (
    vmap as vmap,
)
from autograd.modes import (
    no_grad as no_grad, scope as scope, source_lines as source_lines,
)
from autograd.origins import (
    Scope as Scope, Source as Source,
)
from autograd.program.backend import (
    register_backend as register_backend,
)
from autograd.program.compiling import (
    compile as compile,
)
from autograd.program.program import (
    Program as Program,
)
from autograd.steps import (
    Step as Step, Trace as Trace, trace as trace,
)
from autograd.tensor import (
    Tensor as Tensor,
)
from autograd.transforms import (
    grad as grad, jvp as jvp, stop_gradient as stop_gradient, value_and_grad as value_and_grad,
    vjp as vjp,
)
from gategrad import (
    nn as nn, viz as viz,
)
from numpy import (
    all as all, allclose as allclose, any as any, argmax as argmax, argmin as argmin,
    argwhere as argwhere, array2string as array2string, array_equal as array_equal,
    array_equiv as array_equiv, array_repr as array_repr, array_str as array_str,
    bitwise_and as bitwise_and, bitwise_count as bitwise_count, bitwise_or as bitwise_or,
    bitwise_xor as bitwise_xor, broadcast_shapes as broadcast_shapes, can_cast as can_cast,
    common_type as common_type, count_nonzero as count_nonzero, diag_indices as diag_indices,
    diag_indices_from as diag_indices_from, digitize as digitize, einsum_path as einsum_path,
    empty_like as empty_like, equal as equal, flatnonzero as flatnonzero, gcd as gcd,
    greater as greater, greater_equal as greater_equal, indices as indices, invert as invert,
    isclose as isclose, iscomplex as iscomplex, iscomplexobj as iscomplexobj, isfinite as isfinite,
    isin as isin, isinf as isinf, isnan as isnan, isneginf as isneginf, isposinf as isposinf,
    isreal as isreal, isrealobj as isrealobj, lcm as lcm, left_shift as left_shift, less as less,
    less_equal as less_equal, lexsort as lexsort, logical_and as logical_and,
    logical_not as logical_not, logical_or as logical_or, logical_xor as logical_xor,
    mask_indices as mask_indices, may_share_memory as may_share_memory,
    min_scalar_type as min_scalar_type, nanargmax as nanargmax, nanargmin as nanargmin,
    ndim as ndim, ndindex as ndindex, nonzero as nonzero, not_equal as not_equal,
    ones_like as ones_like, ravel_multi_index as ravel_multi_index, result_type as result_type,
    right_shift as right_shift, shape as shape, shares_memory as shares_memory, signbit as signbit,
    size as size, tril_indices as tril_indices, tril_indices_from as tril_indices_from,
    triu_indices as triu_indices, triu_indices_from as triu_indices_from,
    unravel_index as unravel_index, zeros_like as zeros_like,
)

__all__ = [
    "AnomalyError", "AutogradError", "CompileError", "DataError", "DependencyError",
    "DetachedWarning", "Edge", "Gate", "GradcheckError", "GradientError", "Graph", "LanguageError",
    "LinAlgError", "MissingImportError", "MissingNameError", "OutOfRangeError", "Program", "Scope",
    "ShapeError", "Source", "StaleGraphError", "Step", "Tensor", "Trace", "UnsupportedError",
    "absolute", "acos", "acosh", "add", "allclose", "amax", "amin", "angle", "append",
    "apply_along_axis", "apply_over_axes", "arccos", "arccosh", "arcsin", "arcsinh", "arctan",
    "arctan2", "arctanh", "argmax", "argmin", "argpartition", "argsort", "argwhere", "around",
    "array", "array2string", "array_equal", "array_equiv", "array_repr", "array_split", "array_str",
    "asin", "asinh", "assign", "astype", "atan", "atan2", "atanh", "atleast_1d", "atleast_2d",
    "atleast_3d", "average", "avg_pool", "bincount", "bitwise_and", "bitwise_count", "bitwise_or",
    "bitwise_xor", "block", "broadcast", "broadcast_arrays", "broadcast_shapes", "broadcast_to",
    "can_cast", "cbrt", "ceil", "checkpoint", "choose", "clip", "column_stack", "common_type",
    "compress", "concat", "concatenate", "conj", "conjugate", "conv", "conv_transpose", "convolve",
    "copy", "copysign", "corrcoef", "correlate", "cos", "cosh", "count_nonzero", "cov", "cross",
    "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "deg2rad", "degrees", "delete",
    "detect_anomaly", "diag", "diag_indices", "diag_indices_from", "diagflat", "diagonal", "diff",
    "digamma", "digitize", "divide", "dot", "dsplit", "dstack", "ediff1d", "einsum", "einsum_path",
    "embedding", "empty_like", "equal", "erf", "erfc", "exp", "exp2", "expand_dims", "expm1",
    "extend", "extract", "fabs", "fft", "fix", "flatnonzero", "flip", "fliplr", "flipud",
    "float_power", "floor", "floor_divide", "fmax", "fmin", "fmod", "from_onnx", "from_torch",
    "full", "full_like", "gamma", "gammaln", "gate", "gcd", "geomspace", "grad", "gradcheck",
    "gradient", "greater", "greater_equal", "heaviside", "hessian", "histogram",
    "histogram_bin_edges", "hsplit", "hstack", "hvp", "hypot", "i0", "imag", "index", "indices",
    "inner", "insert", "interp", "intersect1d", "invert", "isclose", "iscomplex", "iscomplexobj",
    "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "isreal", "isrealobj", "ix_",
    "jacobian", "jvp", "kron", "lcm", "ldexp", "left_shift", "less", "less_equal", "lexsort",
    "lgamma", "linalg", "linspace", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp",
    "logaddexp2", "logical_and", "logical_not", "logical_or", "logical_xor", "logspace",
    "logsumexp", "mask_indices", "matmul", "matrix_transpose", "matvec", "max_pool", "maximum",
    "may_share_memory", "mean", "median", "meshgrid", "min_scalar_type", "minimum", "mod", "modf",
    "moveaxis", "multiply", "nan_to_num", "nanargmax", "nanargmin", "nancumprod", "nancumsum",
    "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile", "nanprod", "nanquantile", "nanstd",
    "nansum", "nanvar", "ndenumerate", "ndim", "ndindex", "negative", "nn", "no_grad", "nonzero",
    "not_equal", "ones_like", "outer", "pad", "partition", "percentile", "permute_dims",
    "piecewise", "poly", "polyadd", "polyder", "polyfit", "polygamma", "polyint", "polymul",
    "polysub", "polyval", "positive", "power", "prod", "ptp", "quantile", "rad2deg", "radians",
    "ravel", "ravel_multi_index", "real", "real_if_close", "reciprocal", "register_backend", "relu",
    "remainder", "repeat", "reshape", "resize", "result_type", "right_shift", "rint", "roll",
    "rollaxis", "rot90", "sample", "scaled_dot_product_attention", "scan", "scope", "searchsorted",
    "select", "setdiff1d", "setxor1d", "shape", "shares_memory", "sigmoid", "sign", "signbit",
    "sin", "sinc", "sinh", "size", "sliding_window_view", "softmax", "softplus", "softsign", "sort",
    "source_lines", "split", "sqrt", "square", "squeeze", "stack", "std", "stop_gradient",
    "subtract", "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile", "trace",
    "transpose", "trapezoid", "tril", "tril_indices", "tril_indices_from", "trim_zeros", "triu",
    "triu_indices", "triu_indices_from", "true_divide", "trunc", "unfold", "union1d", "unique",
    "unique_all", "unique_counts", "unique_inverse", "unique_values", "unravel_index", "unstack",
    "unwrap", "value_and_grad", "vander", "var", "vdot", "vecdot", "vecmat", "viz", "vjp", "vmap",
    "vsplit", "vstack", "where", "zeros_like",
]
