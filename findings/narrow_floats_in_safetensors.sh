#!/usr/bin/env bash
# Expected: what safetensors.numpy writes it reads: in memory as from a file, and whatever else has
#   been imported.
# Seen with safetensors 0.8.0 and ml_dtypes 0.6.0, whose narrow floats it writes: bfloat16 comes back
#   by load_file alone, and only where somebody has imported ml_dtypes before; load raises
#   KeyError('BF16') of the bytes of the same file. Floats of eight bits come back by neither.
# For us: nn/exchange/safetensors.py reads bfloat16 as float32 without ml_dtypes: tests/nn/
#   test_safetensors.py::test_bfloat16_is_read_as_float32.
# Source: https://github.com/safetensors/safetensors/issues/598 (of load_file by JAX; closed).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet safetensors==0.8.0 ml_dtypes==0.6.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

import ml_dtypes
import numpy as np
from safetensors.numpy import load, load_file, save, save_file


def alone(path):
    """load_file in a process that has not imported ml_dtypes."""
    code = f"from safetensors.numpy import load_file; print(load_file({path!r})['x'].tolist())"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    return (ran.stdout or ran.stderr).splitlines()[-1]


def attempt(read, source):
    try:
        return str(read(source)["x"].tolist())
    except Exception as error:
        return repr(error)


print(*(f"{name} {version(name)}" for name in ("safetensors", "ml_dtypes")))
seen = {}
for kind in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
    arrays = {"x": np.array([1.5, -2.0], kind)}
    save_file(arrays, kind)
    seen[kind] = attempt(load_file, kind), alone(kind), attempt(load, save(arrays))
    print(f"{kind}: load_file {seen[kind][0]}; without ml_dtypes {seen[kind][1]}; load {seen[kind][2]}")
assert seen["bfloat16"][0] == "[1.5, -2.0]" and "Error" in seen["bfloat16"][1]
assert seen["bfloat16"][2] == "KeyError('BF16')"
assert all("Error" in told for kind in list(seen)[1:] for told in seen[kind])
PYTHON
