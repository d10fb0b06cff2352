"""Computational graphs you can look into: gates on NumPy, and the chain rule through them.

>>> import autograd as ag
>>> from autograd import Tensor
>>> x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
>>> f = (x + y) * z
>>> f.backward()
>>> x.grad, y.grad, z.grad
(-4.0, -4.0, 3.0)
"""

import builtins
import os
import sys
from importlib import import_module
from typing import Any

if os.path.exists(os.path.join(__path__[0], "numpy", "numpy_wrapper.py")):
    from gategrad.clash import another

    raise another(sys.modules[__name__])

import autograd.operators  # noqa: F401 - lays the operators onto Tensor
from autograd import families
from autograd.errors import (
    AnomalyError,
    AutogradError,
    CompileError,
    DataError,
    DependencyError,
    DetachedWarning,
    GradcheckError,
    GradientError,
    LanguageError,
    LinAlgError,
    MissingImportError,
    MissingNameError,
    OutOfRangeError,
    ShapeError,
    StaleGraphError,
    UnsupportedError,
)
from autograd.gates.own import gate
from autograd.gates.registry import Gate
from autograd.keywords import guarded
from autograd.modes import no_grad, scope, source_lines
from autograd.numpy_api import function_of_values
from autograd.origins import Scope, Source
from autograd.tensor import Tensor

_LATER = {
    "anomaly": ("detect_anomaly",),
    "checkpointing": ("checkpoint",),
    "checks": ("gradcheck",),
    "effects": ("assign", "sample"),
    "exchange.onnx_model": ("from_onnx",),
    "exchange.torch_graph": ("from_torch",),
    "graph": ("Edge", "Graph"),
    "steps": ("Step", "Trace", "trace"),
    "mapping": ("vmap",),
    "loops": ("scan",),
    "jacobians": ("hessian", "hvp", "jacobian"),
    "program.backend": ("register_backend",),
    "program.compiling": ("compile",),
    "program.program": ("Program",),
    "transforms": ("grad", "jvp", "stop_gradient", "value_and_grad", "vjp"),
}
"""Modules that are imported when one of these names is first asked for."""

_SUBMODULES = ("extend", "fft", "linalg")
"""NumPy's submodules that have a namespace here, and the page for packages on top."""

# No builtin's name: `from autograd import *` leaves Python's own sum, max and min alone.
__all__ = [
    "Edge", "Gate", "Graph", "Program", "Scope", "Source", "Step", "Tensor", "Trace",
    "assign", "checkpoint", "detect_anomaly", "from_onnx", "from_torch", "gate", "grad",
    "gradcheck", "hessian", "hvp", "jacobian", "jvp", "no_grad", "register_backend", "sample",
    "scan", "scope", "source_lines", "stop_gradient", "trace", "value_and_grad", "vjp", "vmap",
    "AnomalyError", "AutogradError", "CompileError", "DataError", "DependencyError",
    "DetachedWarning", "GradcheckError", "GradientError", "LanguageError", "LinAlgError",
    "MissingImportError", "MissingNameError", "OutOfRangeError", "ShapeError", "StaleGraphError",
    "UnsupportedError",
]  # fmt: skip
__all__ += [
    name
    for names in (*(family.__all__ for family in families.CORE), *families.NAMES.values())
    for name in names
    if not hasattr(builtins, name)
]

del tensor  # noqa: F821 - its file: a word of PyTorch's, answered


def __getattr__(name: str) -> Any:
    if name.startswith("__"):  # what Python and its tools ask every module for
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    if name in _SUBMODULES:
        return import_module(f"autograd.{name}")
    for module, names in _LATER.items():
        if name in names:
            value = guarded(getattr(import_module(f"autograd.{module}"), name), f"ag.{name}")
            break
    else:
        value = families.public_function(name) or function_of_values(name)
        if value is None:
            from autograd.foreign import NAMES, missing

            raise missing(sys.modules[__name__], name, NAMES)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES})
