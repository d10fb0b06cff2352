"""What importing `nn` brings along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nn


def test_importing_it_imports_little():
    code = (
        "import sys, nn; nn.MLP, nn.fit; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(nn.__file__).parent.parent,
    )  # fmt: skip
    loaded = set(run.stdout.split())
    assert not loaded & {"matplotlib", "scipy", "tqdm", "torch", "sklearn", "numba", "viz"}
