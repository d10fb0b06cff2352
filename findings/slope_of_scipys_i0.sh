#!/usr/bin/env bash
# Expected: a smooth even function has slope 0 at 0, by whichever of a library's names it is called.
# Seen: JAX 0.10.2 gives 1 for the first derivative of jax.scipy.special.i0 at 0, 0 for that of
#   jax.numpy.i0, the same function; and 1 for i1''(0), which is 0. The one of jax.scipy.special is
#   exp(|x|) times the scaled function, and |x| has slope 1 at 0 in JAX. At 1e-8 both are right.
# For us: backend="jax" has this package's rule for i0, whose derivatives at 0 are those of the series
#   (tests/autograd/test_elementwise.py::test_i0_has_its_second_derivative_at_zero); a starting value
#   of exactly 0, usual for a concentration, is where a port of such a density goes off.
# Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.special.i0.html, which says nothing of
#   it; https://dlmf.nist.gov/10.29.E3 (I0' = I1, and I1(0) = 0).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$room"
JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

import jax
import jax.numpy as jnp
from jax.scipy import special

jax.config.update("jax_enable_x64", True)
slope = jax.grad
print("jax", version("jax"))
for name, f in {"jax.scipy.special.i0": special.i0, "jax.numpy.i0": jnp.i0}.items():
    print(f"{name}: slope {slope(f)(0.0)} at 0, {slope(f)(1e-8)} at 1e-8")
curved = slope(slope(special.i1))
print(f"jax.scipy.special.i1: second derivative {curved(0.0)} at 0, {curved(1e-8)} at 1e-8")
assert slope(special.i0)(0.0) == 1.0 and slope(jnp.i0)(0.0) == 0.0
assert abs(slope(special.i0)(1e-8)) < 1e-7
assert curved(0.0) == 1.0 and abs(curved(1e-8)) < 1e-7
PYTHON
