"""NumPy's linear algebra by its own names: ``ag.linalg.norm(t)`` is ``np.linalg.norm(t)``.

What has no derivative here is NumPy's own function, which refuses a Tensor by name, or works on its
value where the result is a whole number.

>>> import autograd as ag
>>> a = ag.Tensor([[2.0, 0.0], [0.0, 4.0]])
>>> ag.linalg.det(a).data, ag.linalg.matrix_rank(a)
(array(8.), np.int64(2))
"""

import sys
from typing import Any

import numpy as np

from autograd.gates.decompositions import cholesky, qr
from autograd.gates.determinants import det, slogdet
from autograd.gates.indexed_sums import vecdot
from autograd.gates.linear import matmul
from autograd.gates.matrices import matrix_diagonal as diagonal
from autograd.gates.matrices import matrix_trace as trace
from autograd.gates.matrices import matrix_transpose
from autograd.gates.norms import cond, matrix_norm, norm, vector_norm
from autograd.gates.products import matrix_power, multi_dot
from autograd.gates.products import space_cross as cross
from autograd.gates.products import tensordot_by_keyword as tensordot
from autograd.gates.products import vector_outer as outer
from autograd.gates.spectra import eigh, eigvalsh, svd, svdvals
from autograd.gates.systems import inv, lstsq, pinv, solve, tensorinv, tensorsolve
from autograd.gates.triangular import cho_solve, solve_triangular
from autograd.keywords import guarded

__all__ = [
    "cho_solve", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq",
    "matmul", "matrix_norm", "matrix_power", "matrix_transpose", "multi_dot", "norm", "outer",
    "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd", "svdvals", "tensordot",
    "tensorinv", "tensorsolve", "trace", "vecdot", "vector_norm",
]  # fmt: skip


globals().update({name: guarded(globals()[name], f"ag.linalg.{name}") for name in __all__})


def __getattr__(name: str) -> Any:
    if name.startswith("_") or not hasattr(np.linalg, name):
        from autograd.foreign import LINALG, missing

        raise missing(sys.modules[__name__], name, LINALG)
    return getattr(np.linalg, name)


def __dir__() -> list[str]:
    return sorted(__all__)
