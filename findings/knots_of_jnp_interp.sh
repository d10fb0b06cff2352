#!/usr/bin/env bash
# Expected: jnp.interp is np.interp at the given points too, where nothing needs to be interpolated.
# Seen with jax 0.10.2: an infinite value, and the finite ones beside it, are nan at their points: the
#   infinite slope of a piece is multiplied by a distance of 0. NumPy 2.4.6 gives them back.
# For us: backend="jax" takes the value of a point that is met from the table
#   (autograd/program/lowering/jax_table.py), and a test holds it to NumPy's.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$room"
JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np

print("jax", jax.__version__, "numpy", np.__version__)
points, values = np.array([0.0, 1.0, 2.0]), np.array([5.0, np.inf, 7.0])
ours, theirs = np.interp(points, points, values), np.asarray(jnp.interp(points, points, values))
print("np.interp at its points: ", ours)
print("jnp.interp at its points:", theirs)
assert (ours == values).all()
assert np.isnan(theirs[0]) and not np.array_equal(theirs, ours)
PYTHON
