"""What is said where `autograd` is not gategrad's, or not all of it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

__all__ = ["another"]

AGAIN = 'pip install "gategrad @ git+https://github.com/gategrad/gategrad"'


def another(found: ModuleType) -> ImportError:
    """The error that says what `autograd` is, and the line that mends it."""
    place = Path(found.__file__ or next(iter(found.__path__)))
    folder = place.parent if place.suffix else place
    if (folder / "operators.py").exists():
        return ImportError(
            "two distributions named their package 'autograd', gategrad and the one that is called "
            f"autograd on the package index, and in {folder} their files are mixed, or some are "
            "gone with the other one. To have gategrad's, run this and restart Python: "
            f"pip uninstall -y autograd gategrad && {AGAIN}\n"
            "To have both, give each a virtual environment of its own."
        )
    return ImportError(
        "gategrad needs its own package 'autograd', and Python finds another one first, at "
        f"{place}. If that is a file of yours, rename it. If it is the distribution that is called "
        "autograd, run this and restart Python: pip uninstall -y autograd\n"
        "To have both, give each a virtual environment of its own."
    )
