#!/usr/bin/env bash
# Expected: where a smooth function has a second derivative, automatic differentiation finds it.
# Seen: of even functions whose rule sets 0 for x = 0 it does not. JAX 0.10.2 gives 0 for I₀''(0),
#   which is 1/2, without a word; PyTorch 2.13.0 gives nan for sinc''(0), which is −π²/3. Each is
#   right in the other's case, so comparing with one peer alone proves nothing at such a point.
# For us: `i0` and `sinc` go through functions of their own instead of a choice at 0
#   (autograd/gates/special.py, trigonometric.py); tests/autograd/test_elementwise.py::
#   test_sinc_has_derivatives_of_any_order_at_zero_and_beside_it and
#   test_i0_has_its_second_derivative_at_zero compare with the series, not with a peer.
# Source: https://github.com/jax-ml/jax/issues/40627 (mended after 0.10.2),
#   https://github.com/pytorch/pytorch/issues/89459 (open since 1.12).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6
cd "$room"
JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
import math

import jax
import torch

jax.config.update("jax_enable_x64", True)


def jaxs(f):
    return float(jax.grad(jax.grad(f))(0.0))


def torchs(f):
    x = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.autograd.grad(first, x)[0].item()


print("jax", jax.__version__, "torch", torch.__version__)
found = {
    "I0''(0) = 0.5": (jaxs(jax.numpy.i0), torchs(torch.i0)),
    "sinc''(0) = -3.2899": (jaxs(jax.numpy.sinc), torchs(torch.sinc)),
}
for what, (by_jax, by_torch) in found.items():
    print(f"{what}: JAX {by_jax:.4f}, PyTorch {by_torch:.4f}")
bessel, cardinal = found.values()
assert bessel == (0.0, 0.5)
assert math.isclose(cardinal[0], -math.pi**2 / 3) and math.isnan(cardinal[1])
PYTHON
