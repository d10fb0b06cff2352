"""What it costs to import a library, NumPy included, in a fresh interpreter each time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

from benchmarks.results import Outcome, Timing

TITLE = "Fresh interpreter"
FAMILY = "Drawing and importing"
VARIANTS = {f"import {name}": {"ours": name} for name in ("autograd", "nn", "viz")}
OWN_CLOCK = True

PROGRAM = """
import importlib, json, sys, time
sys.path[:] = json.loads(sys.argv[1])
start = time.perf_counter()
importlib.import_module(sys.argv[2])
print(time.perf_counter() - start)
"""


def _importer(name: str) -> Callable[[], float]:
    """Seconds to import `name` with this process's import path."""
    # Whatever the path, no library is loaded before the clock starts: -S skips .pth files too.
    command = [sys.executable, "-P", "-S", "-c", PROGRAM, json.dumps(sys.path), name]

    def step() -> float:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise ImportError(done.stderr.strip().splitlines()[-1])
        return float(done.stdout)

    return step


def gategrad(ours: str) -> Callable[[], float]:
    """One of the three packages."""
    return _importer(ours)


def numpy(ours: str) -> Callable[[], float]:
    """NumPy alone."""
    return _importer("numpy")


def torch(ours: str) -> Callable[[], float]:
    """PyTorch."""
    return _importer("torch")


def mygrad(ours: str) -> Callable[[], float]:
    """MyGrad."""
    return _importer("mygrad")


def hips(ours: str) -> Callable[[], float]:
    """HIPS autograd with its NumPy."""
    return _importer("autograd.numpy")


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Our time as a multiple of NumPy's: the rows show the reverse."""
    times = {key: outcome.timings.get(True) for key, outcome in outcomes.items()}
    ours, bare = times.get("gategrad"), times.get("numpy")
    if isinstance(ours, Timing) and isinstance(bare, Timing):
        return [f"`{label}` takes {ours.median / bare.median:.2f} times `import numpy`."]
    return []
