"""The helper modules beside these tests can be imported by name; the font of the extra `ko`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from viz.faces import korean

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def nanum() -> str:
    """The family that the extra `ko` brings; importing its package alters Matplotlib."""
    if korean() is None:
        pytest.skip("needs the extra ko")
    return "NanumGothic"
