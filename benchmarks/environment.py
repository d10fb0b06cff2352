"""The peers and their environments: one virtual environment a peer, made once and reused.

A peer gets its own environment so that one that cannot be installed takes no other with it, and
so that HIPS autograd, whose import name is ours, never meets the checkout. gategrad itself and
hand-written NumPy run under the interpreter that runs the benchmarks; every peer is installed
with that interpreter's version of NumPy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = Path(__file__).resolve().parent / ".venv"
THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",  # of XLA, whose flags say it for products alone
)


class EnvironmentCreationError(RuntimeError):
    """A peer's environment could not be made; the message is the installer's last word."""


@dataclass(frozen=True)
class Peer:
    """A library to measure: `key` names its function in a case, `title` heads its column."""

    key: str
    title: str
    requirements: tuple[str, ...] = ()
    checkout: bool = False  # whether the checkout is put on its import path

    @property
    def distributions(self) -> dict[str, str]:
        """What to report the versions of: titles, and names on the package index."""
        own = {self.title: self.requirements[0].partition("==")[0]} if self.requirements else {}
        return {"NumPy": "numpy", **own}


PEERS = {
    peer.key: peer
    for peer in (
        Peer("gategrad", "gategrad", checkout=True),
        Peer("gategrad_compiled", "gategrad, compiled", checkout=True),
        Peer("gategrad_jit", "gategrad, Numba", checkout=True),
        Peer("numpy", "NumPy by hand"),
        Peer("micrograd", "micrograd", ("micrograd==0.1.0",)),
        Peer("torch", "PyTorch", ("torch==2.13.0",)),
        Peer("torch_compiled", "PyTorch (compile)", ("torch==2.13.0",)),
        Peer("tinygrad", "tinygrad (JIT)", ("tinygrad==0.11.0",)),
        Peer("mygrad", "MyGrad", ("mygrad==2.5.0",)),
        Peer("hips", "HIPS autograd", ("autograd==1.9.1",)),
        Peer("jax", "JAX", ("jax==0.10.2",)),
        Peer("sklearn", "scikit-learn", ("scikit-learn==1.9.1",)),
        Peer("keras", "Keras on JAX", ("keras==3.15.1", "jax==0.10.2")),
    )
}


def python_for(peer: Peer) -> Path:
    """The interpreter that runs `peer`, making its environment where there is none yet.

    Raises EnvironmentCreationError when the requirements cannot be installed.
    """
    if not peer.requirements:
        return Path(sys.executable)
    home = ENVIRONMENTS / peer.key
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, wanted = home / "requirements.json", _recipe(peer)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and python.exists():
        return python
    print(f"installing {peer.title} in {home.relative_to(ROOT)}", file=sys.stderr)
    _ignore(ENVIRONMENTS)
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=False)
    _install(python, json.loads(wanted)["requirements"])
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _recipe(peer: Peer) -> str:
    """What an environment is made of, as text: it is remade when this changes."""
    requirements = [*peer.requirements, f"numpy=={version('numpy')}"]
    return json.dumps({"python": sys.version, "requirements": requirements}, indent=2)


def _ignore(directory: Path) -> None:
    """Make `directory`, with a file that hides it from git."""
    directory.mkdir(exist_ok=True)
    (directory / ".gitignore").write_text("*\n", encoding="utf-8")


def _install(python: Path, requirements: list[str]) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    done = subprocess.run([*command, *requirements], capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise EnvironmentCreationError(lines[-1] if lines else f"pip ended with {done.returncode}")


def environment_variables(threads: int) -> dict[str, str]:
    """The worker's variables: this process's, with every numerical library held to `threads`."""
    eigen = "false" if threads == 1 else "true"
    return {
        **os.environ,
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={eigen} intra_op_parallelism_threads={threads}",
    }
