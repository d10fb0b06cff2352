"""The public names of `autograd`, for type checkers and editors.

Made by `python docs/stubs.py` from the tables in `__init__.py`: edit those, not this file.
"""

from autograd import fft as fft
from autograd import linalg as linalg
from autograd.checkpointing import checkpoint as checkpoint
from autograd.checks import gradcheck as gradcheck
from autograd.effects import assign as assign
from autograd.effects import sample as sample
from autograd.errors import AnomalyError as AnomalyError
from autograd.errors import AutogradError as AutogradError
from autograd.errors import CompileError as CompileError
from autograd.errors import DataError as DataError
from autograd.errors import DependencyError as DependencyError
from autograd.errors import DetachedWarning as DetachedWarning
from autograd.errors import GradcheckError as GradcheckError
from autograd.errors import GradientError as GradientError
from autograd.errors import LinAlgError as LinAlgError
from autograd.errors import MissingImportError as MissingImportError
from autograd.errors import MissingNameError as MissingNameError
from autograd.errors import OutOfRangeError as OutOfRangeError
from autograd.errors import ShapeError as ShapeError
from autograd.errors import StaleGraphError as StaleGraphError
from autograd.errors import UnsupportedError as UnsupportedError
from autograd.gates.arithmetic import abs as abs
from autograd.gates.arithmetic import absolute as absolute
from autograd.gates.arithmetic import add as add
from autograd.gates.arithmetic import divide as divide
from autograd.gates.arithmetic import floor_divide as floor_divide
from autograd.gates.arithmetic import mod as mod
from autograd.gates.arithmetic import multiply as multiply
from autograd.gates.arithmetic import negative as negative
from autograd.gates.arithmetic import pow as pow
from autograd.gates.arithmetic import power as power
from autograd.gates.arithmetic import reciprocal as reciprocal
from autograd.gates.arithmetic import remainder as remainder
from autograd.gates.arithmetic import square as square
from autograd.gates.arithmetic import subtract as subtract
from autograd.gates.arithmetic import true_divide as true_divide
from autograd.gates.complex_parts import angle as angle
from autograd.gates.complex_parts import imag as imag
from autograd.gates.complex_parts import real as real
from autograd.gates.complex_parts import real_if_close as real_if_close
from autograd.gates.copying import broadcast_arrays as broadcast_arrays
from autograd.gates.copying import copy as copy
from autograd.gates.copying import full_like as full_like
from autograd.gates.copying import meshgrid as meshgrid
from autograd.gates.copying import repeat as repeat
from autograd.gates.copying import resize as resize
from autograd.gates.copying import tile as tile
from autograd.gates.covariances import corrcoef as corrcoef
from autograd.gates.covariances import cov as cov
from autograd.gates.cumulative import cumprod as cumprod
from autograd.gates.cumulative import cumsum as cumsum
from autograd.gates.cumulative import cumulative_prod as cumulative_prod
from autograd.gates.cumulative import cumulative_sum as cumulative_sum
from autograd.gates.cumulative import prod as prod
from autograd.gates.differences import diff as diff
from autograd.gates.differences import ediff1d as ediff1d
from autograd.gates.differences import gradient as gradient
from autograd.gates.differences import trapezoid as trapezoid
from autograd.gates.exponential import exp as exp
from autograd.gates.exponential import log as log
from autograd.gates.exponential import sigmoid as sigmoid
from autograd.gates.exponential import sqrt as sqrt
from autograd.gates.exponential import tanh as tanh
from autograd.gates.functionals import apply_along_axis as apply_along_axis
from autograd.gates.functionals import apply_over_axes as apply_over_axes
from autograd.gates.functionals import broadcast as broadcast
from autograd.gates.functionals import ndenumerate as ndenumerate
from autograd.gates.functionals import piecewise as piecewise
from autograd.gates.indexed_sums import bincount as bincount
from autograd.gates.indexed_sums import einsum as einsum
from autograd.gates.indexed_sums import matvec as matvec
from autograd.gates.indexed_sums import vecdot as vecdot
from autograd.gates.indexed_sums import vecmat as vecmat
from autograd.gates.joining import append as append
from autograd.gates.joining import array as array
from autograd.gates.joining import array_split as array_split
from autograd.gates.joining import block as block
from autograd.gates.joining import column_stack as column_stack
from autograd.gates.joining import dsplit as dsplit
from autograd.gates.joining import dstack as dstack
from autograd.gates.joining import hsplit as hsplit
from autograd.gates.joining import hstack as hstack
from autograd.gates.joining import split as split
from autograd.gates.joining import unstack as unstack
from autograd.gates.joining import vsplit as vsplit
from autograd.gates.joining import vstack as vstack
from autograd.gates.linear import dot as dot
from autograd.gates.linear import matmul as matmul
from autograd.gates.logarithmic import cbrt as cbrt
from autograd.gates.logarithmic import exp2 as exp2
from autograd.gates.logarithmic import expm1 as expm1
from autograd.gates.logarithmic import ldexp as ldexp
from autograd.gates.logarithmic import log10 as log10
from autograd.gates.logarithmic import log1p as log1p
from autograd.gates.logarithmic import log2 as log2
from autograd.gates.logarithmic import logaddexp as logaddexp
from autograd.gates.logarithmic import logaddexp2 as logaddexp2
from autograd.gates.logarithmic import softplus as softplus
from autograd.gates.matrices import diag as diag
from autograd.gates.matrices import diagflat as diagflat
from autograd.gates.matrices import diagonal as diagonal
from autograd.gates.matrices import tril as tril
from autograd.gates.matrices import triu as triu
from autograd.gates.movement import atleast_1d as atleast_1d
from autograd.gates.movement import atleast_2d as atleast_2d
from autograd.gates.movement import atleast_3d as atleast_3d
from autograd.gates.movement import expand_dims as expand_dims
from autograd.gates.movement import flip as flip
from autograd.gates.movement import fliplr as fliplr
from autograd.gates.movement import flipud as flipud
from autograd.gates.movement import matrix_transpose as matrix_transpose
from autograd.gates.movement import moveaxis as moveaxis
from autograd.gates.movement import ravel as ravel
from autograd.gates.movement import roll as roll
from autograd.gates.movement import rollaxis as rollaxis
from autograd.gates.movement import rot90 as rot90
from autograd.gates.movement import squeeze as squeeze
from autograd.gates.movement import swapaxes as swapaxes
from autograd.gates.nans import nancumprod as nancumprod
from autograd.gates.nans import nancumsum as nancumsum
from autograd.gates.nans import nanmax as nanmax
from autograd.gates.nans import nanmean as nanmean
from autograd.gates.nans import nanmedian as nanmedian
from autograd.gates.nans import nanmin as nanmin
from autograd.gates.nans import nanpercentile as nanpercentile
from autograd.gates.nans import nanprod as nanprod
from autograd.gates.nans import nanquantile as nanquantile
from autograd.gates.nans import nanstd as nanstd
from autograd.gates.nans import nansum as nansum
from autograd.gates.nans import nanvar as nanvar
from autograd.gates.own import gate as gate
from autograd.gates.padding import pad as pad
from autograd.gates.padding import sliding_window_view as sliding_window_view
from autograd.gates.picking import choose as choose
from autograd.gates.picking import compress as compress
from autograd.gates.picking import delete as delete
from autograd.gates.picking import extract as extract
from autograd.gates.picking import insert as insert
from autograd.gates.picking import take as take
from autograd.gates.picking import take_along_axis as take_along_axis
from autograd.gates.polynomials import poly as poly
from autograd.gates.polynomials import polyadd as polyadd
from autograd.gates.polynomials import polyder as polyder
from autograd.gates.polynomials import polyfit as polyfit
from autograd.gates.polynomials import polyint as polyint
from autograd.gates.polynomials import polymul as polymul
from autograd.gates.polynomials import polysub as polysub
from autograd.gates.polynomials import polyval as polyval
from autograd.gates.probabilities import log_softmax as log_softmax
from autograd.gates.probabilities import logsumexp as logsumexp
from autograd.gates.probabilities import softmax as softmax
from autograd.gates.products import cross as cross
from autograd.gates.products import inner as inner
from autograd.gates.products import kron as kron
from autograd.gates.products import outer as outer
from autograd.gates.products import tensordot as tensordot
from autograd.gates.products import vdot as vdot
from autograd.gates.ranks import median as median
from autograd.gates.ranks import percentile as percentile
from autograd.gates.ranks import quantile as quantile
from autograd.gates.reductions import mean as mean
from autograd.gates.reductions import sum as sum
from autograd.gates.registry import Gate as Gate
from autograd.gates.rounding import around as around
from autograd.gates.rounding import ceil as ceil
from autograd.gates.rounding import clip as clip
from autograd.gates.rounding import conj as conj
from autograd.gates.rounding import conjugate as conjugate
from autograd.gates.rounding import copysign as copysign
from autograd.gates.rounding import divmod as divmod
from autograd.gates.rounding import fabs as fabs
from autograd.gates.rounding import fix as fix
from autograd.gates.rounding import float_power as float_power
from autograd.gates.rounding import floor as floor
from autograd.gates.rounding import fmax as fmax
from autograd.gates.rounding import fmin as fmin
from autograd.gates.rounding import fmod as fmod
from autograd.gates.rounding import heaviside as heaviside
from autograd.gates.rounding import modf as modf
from autograd.gates.rounding import nan_to_num as nan_to_num
from autograd.gates.rounding import positive as positive
from autograd.gates.rounding import rint as rint
from autograd.gates.rounding import round as round
from autograd.gates.rounding import select as select
from autograd.gates.rounding import sign as sign
from autograd.gates.rounding import trunc as trunc
from autograd.gates.selection import amax as amax
from autograd.gates.selection import amin as amin
from autograd.gates.selection import max as max
from autograd.gates.selection import maximum as maximum
from autograd.gates.selection import min as min
from autograd.gates.selection import minimum as minimum
from autograd.gates.selection import relu as relu
from autograd.gates.selection import where as where
from autograd.gates.sequences import full as full
from autograd.gates.sequences import geomspace as geomspace
from autograd.gates.sequences import linspace as linspace
from autograd.gates.sequences import logspace as logspace
from autograd.gates.sequences import vander as vander
from autograd.gates.sets import histogram as histogram
from autograd.gates.sets import histogram_bin_edges as histogram_bin_edges
from autograd.gates.sets import intersect1d as intersect1d
from autograd.gates.sets import setdiff1d as setdiff1d
from autograd.gates.sets import setxor1d as setxor1d
from autograd.gates.sets import trim_zeros as trim_zeros
from autograd.gates.sets import union1d as union1d
from autograd.gates.sets import unique as unique
from autograd.gates.sets import unique_all as unique_all
from autograd.gates.sets import unique_counts as unique_counts
from autograd.gates.sets import unique_inverse as unique_inverse
from autograd.gates.sets import unique_values as unique_values
from autograd.gates.shapes import astype as astype
from autograd.gates.shapes import broadcast_to as broadcast_to
from autograd.gates.shapes import concat as concat
from autograd.gates.shapes import concatenate as concatenate
from autograd.gates.shapes import index as index
from autograd.gates.shapes import permute_dims as permute_dims
from autograd.gates.shapes import reshape as reshape
from autograd.gates.shapes import stack as stack
from autograd.gates.shapes import transpose as transpose
from autograd.gates.signal import convolve as convolve
from autograd.gates.signal import correlate as correlate
from autograd.gates.signal import interp as interp
from autograd.gates.sorting import argpartition as argpartition
from autograd.gates.sorting import argsort as argsort
from autograd.gates.sorting import partition as partition
from autograd.gates.sorting import searchsorted as searchsorted
from autograd.gates.sorting import sort as sort
from autograd.gates.special import digamma as digamma
from autograd.gates.special import erf as erf
from autograd.gates.special import erfc as erfc
from autograd.gates.special import gamma as gamma
from autograd.gates.special import gammaln as gammaln
from autograd.gates.special import i0 as i0
from autograd.gates.special import lgamma as lgamma
from autograd.gates.special import polygamma as polygamma
from autograd.gates.statistics import average as average
from autograd.gates.statistics import ptp as ptp
from autograd.gates.statistics import std as std
from autograd.gates.statistics import var as var
from autograd.gates.trigonometric import acos as acos
from autograd.gates.trigonometric import acosh as acosh
from autograd.gates.trigonometric import arccos as arccos
from autograd.gates.trigonometric import arccosh as arccosh
from autograd.gates.trigonometric import arcsin as arcsin
from autograd.gates.trigonometric import arcsinh as arcsinh
from autograd.gates.trigonometric import arctan as arctan
from autograd.gates.trigonometric import arctan2 as arctan2
from autograd.gates.trigonometric import arctanh as arctanh
from autograd.gates.trigonometric import asin as asin
from autograd.gates.trigonometric import asinh as asinh
from autograd.gates.trigonometric import atan as atan
from autograd.gates.trigonometric import atan2 as atan2
from autograd.gates.trigonometric import atanh as atanh
from autograd.gates.trigonometric import cos as cos
from autograd.gates.trigonometric import cosh as cosh
from autograd.gates.trigonometric import deg2rad as deg2rad
from autograd.gates.trigonometric import degrees as degrees
from autograd.gates.trigonometric import hypot as hypot
from autograd.gates.trigonometric import rad2deg as rad2deg
from autograd.gates.trigonometric import radians as radians
from autograd.gates.trigonometric import sin as sin
from autograd.gates.trigonometric import sinc as sinc
from autograd.gates.trigonometric import sinh as sinh
from autograd.gates.trigonometric import tan as tan
from autograd.gates.trigonometric import unwrap as unwrap
from autograd.graph import Edge as Edge
from autograd.graph import Graph as Graph
from autograd.jacobians import hessian as hessian
from autograd.jacobians import hvp as hvp
from autograd.jacobians import jacobian as jacobian
from autograd.loops import scan as scan
from autograd.mapping import vmap as vmap
from autograd.modes import Scope as Scope
from autograd.modes import Source as Source
from autograd.modes import detect_anomaly as detect_anomaly
from autograd.modes import no_grad as no_grad
from autograd.modes import scope as scope
from autograd.modes import source_lines as source_lines
from autograd.program.compiled import compile as compile
from autograd.program.program import Program as Program
from autograd.steps import Step as Step
from autograd.steps import Trace as Trace
from autograd.steps import trace as trace
from autograd.tensor import Tensor as Tensor
from autograd.transforms import grad as grad
from autograd.transforms import jvp as jvp
from autograd.transforms import stop_gradient as stop_gradient
from autograd.transforms import value_and_grad as value_and_grad
from autograd.transforms import vjp as vjp
from numpy import all as all
from numpy import allclose as allclose
from numpy import any as any
from numpy import argmax as argmax
from numpy import argmin as argmin
from numpy import argwhere as argwhere
from numpy import array2string as array2string
from numpy import array_equal as array_equal
from numpy import array_equiv as array_equiv
from numpy import array_repr as array_repr
from numpy import array_str as array_str
from numpy import bitwise_and as bitwise_and
from numpy import bitwise_count as bitwise_count
from numpy import bitwise_or as bitwise_or
from numpy import bitwise_xor as bitwise_xor
from numpy import broadcast_shapes as broadcast_shapes
from numpy import can_cast as can_cast
from numpy import common_type as common_type
from numpy import count_nonzero as count_nonzero
from numpy import diag_indices as diag_indices
from numpy import diag_indices_from as diag_indices_from
from numpy import digitize as digitize
from numpy import einsum_path as einsum_path
from numpy import empty_like as empty_like
from numpy import equal as equal
from numpy import flatnonzero as flatnonzero
from numpy import gcd as gcd
from numpy import greater as greater
from numpy import greater_equal as greater_equal
from numpy import indices as indices
from numpy import invert as invert
from numpy import isclose as isclose
from numpy import iscomplex as iscomplex
from numpy import iscomplexobj as iscomplexobj
from numpy import isfinite as isfinite
from numpy import isin as isin
from numpy import isinf as isinf
from numpy import isnan as isnan
from numpy import isneginf as isneginf
from numpy import isposinf as isposinf
from numpy import isreal as isreal
from numpy import isrealobj as isrealobj
from numpy import ix_ as ix_
from numpy import lcm as lcm
from numpy import left_shift as left_shift
from numpy import less as less
from numpy import less_equal as less_equal
from numpy import lexsort as lexsort
from numpy import logical_and as logical_and
from numpy import logical_not as logical_not
from numpy import logical_or as logical_or
from numpy import logical_xor as logical_xor
from numpy import mask_indices as mask_indices
from numpy import may_share_memory as may_share_memory
from numpy import min_scalar_type as min_scalar_type
from numpy import nanargmax as nanargmax
from numpy import nanargmin as nanargmin
from numpy import ndim as ndim
from numpy import ndindex as ndindex
from numpy import nonzero as nonzero
from numpy import not_equal as not_equal
from numpy import ones_like as ones_like
from numpy import ravel_multi_index as ravel_multi_index
from numpy import result_type as result_type
from numpy import right_shift as right_shift
from numpy import shape as shape
from numpy import shares_memory as shares_memory
from numpy import signbit as signbit
from numpy import size as size
from numpy import tril_indices as tril_indices
from numpy import tril_indices_from as tril_indices_from
from numpy import triu_indices as triu_indices
from numpy import triu_indices_from as triu_indices_from
from numpy import unravel_index as unravel_index
from numpy import zeros_like as zeros_like

__all__ = [
    "AnomalyError",
    "AutogradError",
    "CompileError",
    "DataError",
    "DependencyError",
    "DetachedWarning",
    "Edge",
    "Gate",
    "GradcheckError",
    "GradientError",
    "Graph",
    "LinAlgError",
    "MissingImportError",
    "MissingNameError",
    "OutOfRangeError",
    "Program",
    "Scope",
    "ShapeError",
    "Source",
    "StaleGraphError",
    "Step",
    "Tensor",
    "Trace",
    "UnsupportedError",
    "absolute",
    "acos",
    "acosh",
    "add",
    "allclose",
    "amax",
    "amin",
    "angle",
    "append",
    "apply_along_axis",
    "apply_over_axes",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "argwhere",
    "around",
    "array",
    "array2string",
    "array_equal",
    "array_equiv",
    "array_repr",
    "array_split",
    "array_str",
    "asin",
    "asinh",
    "assign",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "average",
    "bincount",
    "bitwise_and",
    "bitwise_count",
    "bitwise_or",
    "bitwise_xor",
    "block",
    "broadcast",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "can_cast",
    "cbrt",
    "ceil",
    "checkpoint",
    "choose",
    "clip",
    "column_stack",
    "common_type",
    "compress",
    "concat",
    "concatenate",
    "conj",
    "conjugate",
    "convolve",
    "copy",
    "copysign",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "count_nonzero",
    "cov",
    "cross",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "deg2rad",
    "degrees",
    "delete",
    "detect_anomaly",
    "diag",
    "diag_indices",
    "diag_indices_from",
    "diagflat",
    "diagonal",
    "diff",
    "digamma",
    "digitize",
    "divide",
    "dot",
    "dsplit",
    "dstack",
    "ediff1d",
    "einsum",
    "einsum_path",
    "empty_like",
    "equal",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "extract",
    "fabs",
    "fft",
    "fix",
    "flatnonzero",
    "flip",
    "fliplr",
    "flipud",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "full",
    "full_like",
    "gamma",
    "gammaln",
    "gate",
    "gcd",
    "geomspace",
    "grad",
    "gradcheck",
    "gradient",
    "greater",
    "greater_equal",
    "heaviside",
    "hessian",
    "histogram",
    "histogram_bin_edges",
    "hsplit",
    "hstack",
    "hvp",
    "hypot",
    "i0",
    "imag",
    "index",
    "indices",
    "inner",
    "insert",
    "interp",
    "intersect1d",
    "invert",
    "isclose",
    "iscomplex",
    "iscomplexobj",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "isrealobj",
    "ix_",
    "jacobian",
    "jvp",
    "kron",
    "lcm",
    "ldexp",
    "left_shift",
    "less",
    "less_equal",
    "lexsort",
    "lgamma",
    "linalg",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logspace",
    "logsumexp",
    "mask_indices",
    "matmul",
    "matrix_transpose",
    "matvec",
    "maximum",
    "may_share_memory",
    "mean",
    "median",
    "meshgrid",
    "min_scalar_type",
    "minimum",
    "mod",
    "modf",
    "moveaxis",
    "multiply",
    "nan_to_num",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "ndenumerate",
    "ndim",
    "ndindex",
    "negative",
    "no_grad",
    "nonzero",
    "not_equal",
    "ones_like",
    "outer",
    "pad",
    "partition",
    "percentile",
    "permute_dims",
    "piecewise",
    "poly",
    "polyadd",
    "polyder",
    "polyfit",
    "polygamma",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
    "positive",
    "power",
    "prod",
    "ptp",
    "quantile",
    "rad2deg",
    "radians",
    "ravel",
    "ravel_multi_index",
    "real",
    "real_if_close",
    "reciprocal",
    "relu",
    "remainder",
    "repeat",
    "reshape",
    "resize",
    "result_type",
    "right_shift",
    "rint",
    "roll",
    "rollaxis",
    "rot90",
    "sample",
    "scan",
    "scope",
    "searchsorted",
    "select",
    "setdiff1d",
    "setxor1d",
    "shape",
    "shares_memory",
    "sigmoid",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "size",
    "sliding_window_view",
    "softmax",
    "softplus",
    "sort",
    "source_lines",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "subtract",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "trace",
    "transpose",
    "trapezoid",
    "tril",
    "tril_indices",
    "tril_indices_from",
    "trim_zeros",
    "triu",
    "triu_indices",
    "triu_indices_from",
    "true_divide",
    "trunc",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unravel_index",
    "unstack",
    "unwrap",
    "value_and_grad",
    "vander",
    "var",
    "vdot",
    "vecdot",
    "vecmat",
    "vjp",
    "vmap",
    "vsplit",
    "vstack",
    "where",
    "zeros_like",
]
