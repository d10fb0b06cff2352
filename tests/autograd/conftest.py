"""Makes this folder's helpers, `samples` and `differences`, importable by its tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
