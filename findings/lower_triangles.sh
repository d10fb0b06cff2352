#!/usr/bin/env bash
# Expected: numpy.linalg.solve is backward stable, and a triangle the easiest of matrices: every row
#   of L·x − b is rounding, whichever side the zeros are on.
# Seen with NumPy 2.4.6: of an upper triangle that is so. Of a lower one elimination exchanges rows
#   (an entry below the diagonal is larger), and what is small afterwards is the residual of the
#   whole, not of its rows: with 60 rows of normal numbers single rows are off by more than 1 % of
#   what is added up in them. The same numbers read from the end, L[::-1, ::-1], are an upper
#   triangle and lose nothing. SciPy 1.17.1's solve looks for triangles, but with assume_a="general"
#   does as NumPy.
# For us: NumPy has no triangular solver, so ours reads a lower triangle from its end
#   (`solution` in autograd/gates/triangular.py); tests/autograd/test_linear_algebra.py::
#   test_a_triangular_system_is_solved_by_substitution bounds every row.
# Source: none found; that gesv is called is well known, and that it does not look for triangles.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet numpy==2.4.6 scipy==1.17.1
cd "$room"
"$room/venv/bin/python" -I -W ignore - <<'PYTHON'
import numpy as np
import scipy
from scipy.linalg import solve, solve_triangular

rng = np.random.default_rng(0)
lower, b = np.tril(rng.normal(size=(60, 60))), rng.normal(size=60)


def worst(a, x, b):
    """The largest residual of a row, by what is added up in that row."""
    return np.max(np.abs(a @ x - b) / (np.abs(a) @ np.abs(x) + np.abs(b)))


def flipped(a, b):
    return np.linalg.solve(a[::-1, ::-1], b[::-1])[::-1]


print("NumPy", np.__version__, "SciPy", scipy.__version__)
found = {
    "NumPy, upper triangle": worst(lower.T, np.linalg.solve(lower.T, b), b),
    "NumPy, lower triangle": worst(lower, np.linalg.solve(lower, b), b),
    "NumPy, the lower one from its end": worst(lower, flipped(lower, b), b),
    "SciPy, solve": worst(lower, solve(lower, b), b),
    "SciPy, solve of a general matrix": worst(lower, solve(lower, b, assume_a="general"), b),
    "SciPy, solve_triangular": worst(lower, solve_triangular(lower, b, lower=True), b),
}
for what, residual in found.items():
    print(f"{what}: {residual:.1e}")
spoiled = [what for what, residual in found.items() if residual > 1e-3]
assert spoiled == ["NumPy, lower triangle", "SciPy, solve of a general matrix"], spoiled
assert all(residual < 1e-14 for what, residual in found.items() if what not in spoiled)
PYTHON
