#!/usr/bin/env bash
# Expected: resvg-py draws an SVG whose width and height are in points, a unit of SVG, as one in
#   pixels: CSS has 96 of these to an inch.
# Seen with resvg-py 0.5.0: its `dpi` is 0 where nobody gives it, so that a point has no length, and
#   the file is refused for an invalid size; with dpi=96 nine points are twelve pixels.
# For us: viz/layout/bitmap.py always says the resolution; tests/viz holds PNG files to their size.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet resvg-py==0.5.0
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import struct
from importlib.metadata import version

import resvg_py

print("resvg-py", version("resvg-py"))


def drawn(unit, **how):
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="9{unit}" height="9{unit}"/>'
    try:
        return struct.unpack(">II", bytes(resvg_py.svg_to_bytes(svg_string=text, **how))[16:24])
    except ValueError as error:
        return str(error)


seen = {"pixels": drawn("px"), "points": drawn("pt"), "points, dpi=96": drawn("pt", dpi=96)}
for what, size in seen.items():
    print(f"{what}: {size}")
assert seen["pixels"] == (9, 9) and seen["points, dpi=96"] == (12, 12)
assert "invalid size" in seen["points"]
PYTHON
