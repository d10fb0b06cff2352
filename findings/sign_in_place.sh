#!/usr/bin/env bash
# Expected: np.sign into its own operand costs what it costs into other memory, as np.absolute and
#   np.negative do.
# Seen with NumPy 2.4.6 on x86-64: in place it takes eight to twenty times as long on random signs (its
#   wide loop wants memory that does not overlap; the other one branches on each number).
# For us: optim.Lion takes the sign of its moments into scratch; its step took five times as long
#   before: `rule` in nn/optim/adam.py.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import platform
import sys
from time import process_time

import numpy as np

print("NumPy", np.__version__, platform.machine())
if platform.machine() not in ("x86_64", "AMD64"):
    sys.exit("another kind of machine: nothing to see")
numbers = np.random.default_rng(0).normal(size=65_536).astype(np.float32)
mine, other = numbers.copy(), np.empty_like(numbers)


def best(call):
    times = []
    for _ in range(60):
        np.copyto(mine, numbers)
        began = process_time()
        call()
        times.append(process_time() - began)
    return min(times) * 1e6


for ufunc in (np.negative, np.absolute, np.sign):
    apart, within = best(lambda: ufunc(mine, other)), best(lambda: ufunc(mine, mine))
    print(f"{ufunc.__name__}: {apart:.0f} µs into other memory, {within:.0f} in place")
assert within > 3 * apart
PYTHON
