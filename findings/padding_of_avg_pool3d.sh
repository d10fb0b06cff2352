#!/usr/bin/env bash
# Expected: average pooling takes an input that its padding makes long enough for the kernel, on one,
#   two or three axes alike, as maximum pooling does.
# Seen with torch 2.13.0: avg_pool1d, avg_pool2d and max_pool1d to 3d give an entry for each window;
#   avg_pool3d compares the kernel with the input before padding, and raises.
# For us: ag.avg_pool takes all three, tests/autograd/test_networks.py holds it to its definition, and
#   tests/parity leaves such inputs of three axes out.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import torch
from torch.nn import functional

print("torch", torch.__version__)
seen = {}
for axes in (1, 2, 3):
    for kind in ("avg", "max"):
        name = f"{kind}_pool{axes}d"
        try:
            out = getattr(functional, name)(torch.ones(1, 1, *[1] * axes), 4, stride=1, padding=2)
            seen[name] = tuple(out.shape[2:])
        except RuntimeError as error:
            seen[name] = str(error)
        print(name, seen[name])
assert "smaller than kernel size" in seen.pop("avg_pool3d")
assert all(shape == (2,) * len(shape) for shape in seen.values())
PYTHON
