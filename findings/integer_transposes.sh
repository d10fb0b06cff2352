#!/usr/bin/env bash
# Expected: jax.linear_transpose of a convolution by whole numbers gives whole numbers, as that of a
#   product does, or says that it has none.
# Seen with jax 0.10.2: of x → 3·x it gives 3·g; of a convolution of int32 it gives an array of type
#   void (float0, JAX's mark of a derivative that is none) without a word.
# For us: backend="jax" transposes convolutions of whole numbers by way of floats
#   (autograd/program/lowering/jax_windows.py); tests/autograd/program/test_jax.py holds them to NumPy's.
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
from jax import lax

print("jax", jax.__version__)
kernel = jnp.full((1, 1, 2), 4, jnp.int32)


def scaled(x):
    return 3 * x


def convolved(x):
    return lax.conv_general_dilated(x, kernel, (1,), [(0, 0)])


seen = {}
for function, size in ((scaled, 2), (convolved, 3)):
    given = jax.ShapeDtypeStruct((1, 1, size), jnp.int32)
    (result,) = jax.linear_transpose(function, given)(jnp.array([[[5, 7]]], jnp.int32))
    seen[function.__name__] = np.asarray(result)
    print(f"{function.__name__}: {result.dtype} {np.asarray(result).tolist()}")
assert seen["scaled"].tolist() == [[[15, 21]]]
assert seen["convolved"].dtype.kind == "V"
PYTHON
