#!/usr/bin/env bash
# Expected: jnp.sort and jnp.argsort take the arguments that np.sort has by default, stable=None among
#   them, or name the argument that they refuse.
# Seen with jax 0.10.2: None, NumPy's own default, reaches the compiler's bindings, whose TypeError
#   tells of BoolAttr and names neither the function nor the argument.
# For us: a program records np.sort with NumPy's defaults; backend="jax" leaves `stable` out, as JAX's
#   sorts are stable (autograd/program/lowering/jax_table.py).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$room"
JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
import inspect

import jax
import jax.numpy as jnp
import numpy as np

print("jax", jax.__version__, "numpy", np.__version__)
x = np.array([3.0, 1.0, 2.0])
assert inspect.signature(np.sort).parameters["stable"].default is None
assert np.sort(x, stable=None).tolist() == [1.0, 2.0, 3.0]
for name in ("sort", "argsort"):
    try:
        getattr(jnp, name)(x, stable=None)
    except TypeError as error:
        first = str(error).splitlines()[0]
        print(f"jnp.{name}(x, stable=None):", first)
        assert "incompatible function arguments" in first and "stable" not in str(error)
    else:
        raise SystemExit(f"jnp.{name} takes stable=None by now")
PYTHON
