#!/usr/bin/env bash
# Expected: whether a graph of the backward pass is kept changes no gradient.
# Seen with PyTorch 2.13.0: of the determinant of a singular matrix it does. [[1, 2], [2, 4]] has the
#   cofactors [[4, -2], [-2, 1]]; with create_graph=True they come out, without it all are 0, as if
#   the determinant were flat there. Nothing is said.
# For us: the gradient is the cofactor matrix, exact for singular matrices (docs/gates.md,
#   linalg.det); docs/coming-from.md has both answers of PyTorch's, tests/parity/test_peers.py asserts
#   them.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import torch

print("torch", torch.__version__)
A = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64, requires_grad=True)
(plain,) = torch.autograd.grad(torch.linalg.det(A), A)
(kept,) = torch.autograd.grad(torch.linalg.det(A), A, create_graph=True)
print("without a graph:", plain.tolist())
print("with one:       ", kept.tolist())
assert not plain.any()
assert torch.allclose(kept, torch.tensor([[4.0, -2.0], [-2.0, 1.0]], dtype=torch.float64))
PYTHON
