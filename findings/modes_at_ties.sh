#!/usr/bin/env bash
# Expected: forward and reverse mode of one function give one derivative, at ties too.
# Seen with PyTorch 2.13.0: fmax(1, 1) gives all to the left operand in reverse mode and all to the
#   right one in forward mode (fmin gives all to the left in both, maximum shares in both); so does
#   clamp(1, min=1) of a tensor bound; atan2(0, 0) is 0, 0 in reverse mode and nan, nan in forward
#   mode. A Jacobian by jacfwd is then not the one by jacrev, and a check of one against the other
#   fails at points where each is right by its own rule.
# For us: at all of these both modes of ours answer alike; the tables of docs/coming-from.md ask for
#   both, and tests/test_peers.py and tests/parity/test_peers.py assert ours and PyTorch's.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import torch

one = torch.tensor(1.0, dtype=torch.float64)
zero = torch.tensor(0.0, dtype=torch.float64)


def both(f, a, b):
    at = [a.clone().requires_grad_(), b.clone().requires_grad_()]
    reverse = torch.autograd.grad(f(*at), at)
    forward = torch.func.jacfwd(f, (0, 1))(a, b)
    return [g.item() for g in reverse], [g.item() for g in forward]


print("torch", torch.__version__)
found = {
    "maximum(1, 1)": both(torch.maximum, one, one),
    "fmin(1, 1)": both(torch.fmin, one, one),
    "fmax(1, 1)": both(torch.fmax, one, one),
    "clamp(1, min=1)": both(lambda a, b: torch.clamp(a, min=b), one, one),
    "atan2(0, 0)": both(torch.atan2, zero, zero),
}
for what, (reverse, forward) in found.items():
    print(f"{what}: reverse {reverse}, forward {forward}")
assert found["maximum(1, 1)"] == ([0.5, 0.5], [0.5, 0.5])
assert found["fmin(1, 1)"] == ([1.0, 0.0], [1.0, 0.0])
assert found["fmax(1, 1)"] == found["clamp(1, min=1)"] == ([1.0, 0.0], [0.0, 1.0])
reverse, forward = found["atan2(0, 0)"]
assert reverse == [0.0, 0.0] and all(g != g for g in forward)
PYTHON
