#!/usr/bin/env bash
# Expected: `*` of a numpy.matrix is the matrix product, whatever stands on its right. It is what
#   todense() of SciPy's sparse matrices gives.
# Seen with NumPy 2.4.6, SciPy 1.17.1: for an object that has __rmul__ the matrix steps back, and for
#   any NumPy-like class that is a product by entries: of M (1×3) and a column (3×1) a 3×3 array in
#   place of one number. It is the same with the matrix on the right, and nothing warns.
# For us: a matrix beside a Tensor is refused and the error says np.asarray and @ (autograd/data.py);
#   tests/autograd/test_errors.py has "a matrix" among data that are refused. It was multiplied by
#   entries before this finding.
# Source: https://github.com/numpy/numpy/issues/25213 (array * matrix; not objects with __rmul__).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet numpy==2.4.6 scipy==1.17.1
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import numpy as np
import scipy
from numpy.lib.mixins import NDArrayOperatorsMixin


class Duck(NDArrayOperatorsMixin):
    """NumPy's own recipe for an array-like class."""

    def __init__(self, value):
        self.value = np.asarray(value)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        values = [i.value if isinstance(i, Duck) else np.asarray(i) for i in inputs]
        return Duck(getattr(ufunc, method)(*values, **kwargs))


print("NumPy", np.__version__, "SciPy", scipy.__version__)
row = scipy.sparse.csr_matrix([[1.0, 2.0, 3.0]]).todense()
column = np.array([[1.0], [2.0], [3.0]])
found = {
    "matrix * array": (row * column).shape,
    "matrix * duck": (row * Duck(column)).value.shape,
    "array * matrix": (column.T * row.T).shape,
    "duck * matrix": (Duck(column.T) * row.T).value.shape,
}
print(type(row).__name__, "of shape", row.shape, "and a column", column.shape)
for what, shape in found.items():
    print(f"{what}: {shape}")
assert isinstance(row, np.matrix)
assert list(found.values()) == [(1, 1), (3, 3), (1, 1), (3, 3)]
PYTHON
