#!/usr/bin/env bash
# Expected: XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1", which
#   benchmarks set to hold JAX to one thread of a processor, does so.
# Seen: JAX 0.10.2 keeps a pool with a thread for each processor all the same, and elementwise loops on
#   large arrays run on all of them. The environment's NPROC=1 makes it a pool of one. (Linux, two
#   processors or more.)
# For us: benchmarks set NPROC for every peer; ratios against JAX that were measured by the flags alone
#   compared one thread of ours with two of XLA's.
# Source: https://github.com/jax-ml/jax/issues/743 has the flags, and issues/1539, open, asks what else
#   there is.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cat >"$room/pool.py" <<'PYTHON'
import os
import time
from importlib.metadata import version
from pathlib import Path

import jax
import numpy as np

x = np.linspace(0, 1, 2_000_000, dtype=np.float32)
f = jax.jit(lambda x: jax.numpy.tanh(jax.numpy.exp(x) * x))
f(x).block_until_ready()


def ticks():
    """How long each thread of XLA's pool has run."""
    tasks = [task for task in Path("/proc/self/task").iterdir()
             if "XLAEigen" in (task / "comm").read_text()]
    return [int((task / "stat").read_text().rpartition(")")[2].split()[11]) for task in tasks]


began = time.process_time()
while time.process_time() < began + 2:
    f(x).block_until_ready()
found, processors = ticks(), len(os.sched_getaffinity(0))
held = "NPROC" in os.environ
print(f"jax {version('jax')}, {'NPROC=1' if held else 'flags'}: on {processors} processors "
      f"{len(found)} threads, of which {sum(t > 5 for t in found)} worked")
assert processors > 1, "one processor cannot show it"
assert len(found) == (1 if held else processors)
assert held or sum(t > 5 for t in found) > 1
PYTHON
cd "$room"
export JAX_PLATFORMS=cpu
XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" \
    venv/bin/python -I pool.py
NPROC=1 venv/bin/python -I pool.py
