"""Makes this folder's helpers importable by its tests, and lets them ask for the back ends.

What takes the fixture `backend` runs once by NumPy's, and once by one from outside, which the
compiler knows by its name alone; both have the bits of eager.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import interpreter

import autograd as ag

ag.register_backend("interpreter", interpreter.Interpreter)


@pytest.fixture(params=["numpy", "interpreter"])
def backend(request) -> str:
    return request.param
