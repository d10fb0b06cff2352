"""What the first compiled call costs beyond the import: loading the compiler, and a small program.

Processor seconds, in a fresh interpreter each time, from when the library has been imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

from benchmarks.results import Outcome, Timing

TITLE = "First compiled call after the import"
FAMILY = "Compiling"
OWN_CLOCK = True
GOAL = 0.08  # seconds

PROGRAM = """
import json, sys, time
sys.path[:] = json.loads(sys.argv[1])
import numpy as np
{imports}
start = time.process_time()
{call}
print(time.process_time() - start)
"""


def _fresh(imports: str, call: str) -> Callable[[], float]:
    """Seconds of `call` after `imports`, with this process's import path and bytecode on disk."""
    text = PROGRAM.format(imports=imports, call=call)
    command = [sys.executable, "-P", "-S", "-c", text, json.dumps(sys.path)]
    unset = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def step() -> float:
        done = subprocess.run(command, capture_output=True, text=True, env=unset)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        return float(done.stdout)

    return step


def gategrad() -> Callable[[], float]:
    """Value and gradient of a small function."""
    return _fresh(
        "import autograd as ag",
        "ag.compile(ag.value_and_grad(lambda x: np.sum(np.tanh(x) * 2.0)))(np.ones(3))",
    )


def jax() -> Callable[[], float]:
    """The same through jax.jit."""
    return _fresh(
        "import jax, jax.numpy as jnp",
        "f = jax.jit(jax.value_and_grad(lambda x: jnp.sum(jnp.tanh(x) * 2.0)))\n"
        "f(np.ones(3))[1].block_until_ready()",
    )


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Our time beside its goal."""
    ours = outcomes["gategrad"].timings.get(True) if "gategrad" in outcomes else None
    if not isinstance(ours, Timing):
        return []
    found = f"{ours.median * 1e3:.0f} ms beyond the import (to reach: {GOAL * 1e3:.0f})"
    return [f"The first compiled call takes {found}."]
