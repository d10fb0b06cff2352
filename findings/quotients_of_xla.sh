#!/usr/bin/env bash
# Expected: jax.jit of x / h / h divides twice, as jax.numpy does without it; XLA's fast-math flags are
#   off unless asked for.
# Seen: JAX 0.10.2 on a processor divides by the product h*h, which under- or overflows where neither
#   quotient does: 1e-300 / 1e-300 / 1e-300 is inf in place of 1e300, and 1e300 / 1e300 / 1e300 is 0.
# For us: backend="jax" has XLA's answer there, as its users have; the derivative of arctan2 next to the
#   origin meets it. tests/autograd/program/test_jax_scalars.py leaves those points out of its bound.
# Source: https://openxla.org/xla/flags_guidance (xla_cpu_enable_fast_math is false).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$room"
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

import jax

jax.config.update("jax_enable_x64", True)
print("jax", version("jax"))


def twice(x, h):
    return x / h / h


for number in (1e-300, 1e300):
    plain, jitted = (float(f(jax.numpy.float64(number), number)) for f in (twice, jax.jit(twice)))
    print(f"{number} / {number} / {number}: {plain}, under jit {jitted}")
    assert plain == 1.0 / number and jitted in (0.0, float("inf"))
PYTHON
