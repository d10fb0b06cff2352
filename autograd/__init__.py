"""Computational graphs you can look into: gates on NumPy, and the chain rule through them.

>>> import autograd as ag
>>> from autograd import Tensor
>>> x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
>>> f = (x + y) * z
>>> f.backward()
>>> x.grad, y.grad, z.grad
(-4.0, -4.0, 3.0)
"""

from pathlib import Path as _Path

if (_Path(__file__).parent / "numpy" / "numpy_wrapper.py").exists():
    raise ImportError(
        "two distributions named their package 'autograd', and their files are mixed in one "
        "folder: gategrad, and the one that is called autograd on the package index. Uninstall "
        "both (pip uninstall gategrad autograd), then install the one you want; use a virtual "
        "environment of its own for each if you need both."
    )

import autograd.operators  # noqa: F401 - lays the operators onto Tensor
from autograd.errors import (
    AnomalyError,
    AutogradError,
    DataError,
    GradientError,
    OutOfRangeError,
    ShapeError,
    StaleGraphError,
    UnsupportedError,
)
from autograd.gates.arithmetic import (
    absolute,
    add,
    divide,
    floor_divide,
    multiply,
    negative,
    power,
    reciprocal,
    remainder,
    square,
    subtract,
)
from autograd.gates.exponential import exp, log, sigmoid, sqrt, tanh
from autograd.gates.linear import dot, matmul
from autograd.gates.reductions import mean
from autograd.gates.reductions import sum as sum
from autograd.gates.registry import Gate, gate
from autograd.gates.selection import max as max
from autograd.gates.selection import maximum, minimum, relu, where
from autograd.gates.selection import min as min
from autograd.gates.shapes import (
    astype,
    broadcast_to,
    concatenate,
    index,
    reshape,
    stack,
    transpose,
)
from autograd.graph import Edge, Graph
from autograd.modes import Scope, Source, no_grad, scope, source_lines
from autograd.steps import Step, Trace, trace
from autograd.tensor import Tensor
from autograd.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

# No builtin's name: `from autograd import *` leaves Python's own sum, max and min alone.
__all__ = [
    "Edge", "Gate", "Graph", "Scope", "Source", "Step", "Tensor", "Trace",
    "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp",
    "gate", "no_grad", "scope", "source_lines", "trace",
    "AnomalyError", "AutogradError", "DataError", "GradientError", "OutOfRangeError",
    "ShapeError", "StaleGraphError", "UnsupportedError",
    "absolute", "add", "astype", "broadcast_to", "concatenate", "divide", "dot", "exp",
    "floor_divide", "index", "log", "matmul", "maximum", "mean", "minimum", "multiply", "negative",
    "power", "reciprocal", "relu", "remainder", "reshape", "sigmoid", "sqrt", "square", "stack",
    "subtract", "tanh", "transpose", "where",
]  # fmt: skip
