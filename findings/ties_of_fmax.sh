#!/usr/bin/env bash
# Expected: the larger of two equal numbers has one derivative in a library, whatever the name.
# Seen: maximum(1, 1) shares 1/2, 1/2 in PyTorch 2.13.0 and JAX 0.10.2, but fmax(1, 1), which differs
#   from it for nans alone, gives all to the left operand in PyTorch and all to the right one in
#   JAX. MyGrad 2.5.0 gives nothing to either of two equal operands of maximum: the gradient ends
#   there. A clamp is no better: PyTorch's clamp passes the gradient at its bounds, and its
#   hardtanh, the same function, does not.
# For us: maximum, minimum, fmax, fmin, max and min all share equally, and clip passes at its bounds:
#   the column of kinks in docs/gates.md, tests/autograd/test_elementwise.py::
#   test_all_larger_and_smaller_ones_share_ties; tests/parity holds samples of fmax off ties.
# Source: https://github.com/pytorch/pytorch/issues/184572 (of maximum, clamp and relu; fmax is not
#   in it, nor are the other libraries).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 mygrad==2.5.0 numpy==2.4.6
cd "$room"
JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

import jax
import mygrad
import torch
from torch.nn.functional import hardtanh


def jaxs(f):
    return tuple(float(g) for g in jax.grad(f, (0, 1))(1.0, 1.0))


def torchs(f, *at):
    nodes = [torch.tensor(a, requires_grad=True) for a in at]
    return tuple(g.item() for g in torch.autograd.grad(f(*nodes), nodes))


def mygrads(f):
    a, b = mygrad.tensor(1.0), mygrad.tensor(1.0)
    f(a, b).backward()
    return float(a.grad), float(b.grad)


print(*(f"{name} {version(name)}" for name in ("torch", "jax", "mygrad")))
found = {
    "PyTorch maximum(1, 1)": torchs(torch.maximum, 1.0, 1.0),
    "PyTorch fmax(1, 1)": torchs(torch.fmax, 1.0, 1.0),
    "JAX maximum(1, 1)": jaxs(jax.numpy.maximum),
    "JAX fmax(1, 1)": jaxs(jax.numpy.fmax),
    "MyGrad maximum(1, 1)": mygrads(mygrad.maximum),
    "PyTorch clamp(1, -1, 1)": torchs(lambda x: torch.clamp(x, -1.0, 1.0), 1.0),
    "PyTorch hardtanh(1)": torchs(hardtanh, 1.0),
}
for what, gradients in found.items():
    print(f"{what}: {gradients}")
assert list(found.values()) == [
    (0.5, 0.5), (1.0, 0.0), (0.5, 0.5), (0.0, 1.0), (0.0, 0.0), (1.0,), (0.0,),
]
PYTHON
