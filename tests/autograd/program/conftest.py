"""Makes this folder's helpers importable by its tests, and lets them ask for the back ends.

What takes the fixture `backend` or `default_backend` runs once by NumPy's, and once by one from
outside, which the compiler knows by its name alone (these are slow); both have the bits of eager.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import interpreter

import autograd as ag
from autograd.program import backend as backends

ag.register_backend("interpreter", interpreter.Interpreter)


class OfArrays(interpreter.Interpreter):
    """The same for arrays alone; graphs of single numbers run in groups, as by NumPy's."""

    scalars = "wide"


BACKENDS = ["numpy", pytest.param("interpreter", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request) -> str:
    """The name of a back end."""
    return request.param


@pytest.fixture(scope="module", params=BACKENDS)
def default_backend(request) -> Iterator[str]:
    """The same for tests that name none: one from outside takes the place of NumPy's."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "numpy":
            patch.setitem(backends._registered, "numpy", OfArrays)
        yield request.param
