"""Memory at the peak of a step, beside its data and parameters: pages that the process holds.

The steps are those of the other cases. Whatever a library allocates counts, by Linux's own account
of the process; what importing and a first small step leave behind does not.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

TITLE = "Memory at the peak"
FAMILY = "Memory"
BYTES = True
OWN_CLOCK = True
VARIANTS: dict[str, dict[str, Any]] = {
    "ten times x·a + b on 10⁶ float64": {"case": "large_chain", "kind": "affine"},
    "twenty gates of tanh and exp on them": {"case": "large_chain", "kind": "mixed"},
    "training step 784-1024-1024-10, batch 256": {
        "case": "training_step", "sizes": [784, 1024, 1024, 10], "batch": 256,
    },
    "training step LeNet-5, batch 64": {"case": "lenet_step", "batch": 64},
}  # fmt: skip
SMALL: dict[str, dict[str, Any]] = {
    "large_chain": {}, "training_step": {"sizes": [4, 4, 4, 4], "batch": 4},
    "lenet_step": {"batch": 1},
}  # fmt: skip
STEPS = 3
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Peak:
    """Builds a peer's step of another case, and says what the steps after the first one take."""

    def __init__(self, peer: str, case: str, **params: Any) -> None:
        module: Any = import_module(f"benchmarks.cases.{case}")
        build: Callable[..., Callable[[], Any]] | None = getattr(module, peer, None)
        if build is None:
            raise LookupError(f"no such step in {case}")
        if case == "large_chain":
            size, module.SIZE = module.SIZE, 1000
            build(**params)()
            module.SIZE = size
        else:
            build(**SMALL[case])()
        self.step = build(**params)
        self.before = settled()
        self.step()

    def __call__(self) -> float:
        settled()
        RESET.write_text("5")  # the peak counts anew
        for _ in range(STEPS):
            self.step()
        return pages("VmHWM") - self.before


def settled() -> float:
    """The bytes that the process holds once it has given back what is free."""
    gc.collect()
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
    return pages("VmRSS")


def pages(entry: str) -> float:
    """An entry of the process's status, in bytes; Linux has it."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(entry))
    return float(line.split()[1]) * 1024


gategrad = partial(Peak, "gategrad")
gategrad_compiled = partial(Peak, "gategrad_compiled")
numpy = partial(Peak, "numpy")
torch = partial(Peak, "torch")
jax = partial(Peak, "jax")
mygrad = partial(Peak, "mygrad")
hips = partial(Peak, "hips")
