#!/usr/bin/env bash
# Expected: imshow(image, alpha=array) has the same opacities in a PNG and in an SVG, whatever its
#   interpolation; "none" and "nearest" differ in how an image is resampled.
# Seen: Matplotlib 3.11.2 writes an image with interpolation="none" and an array of opacities into an SVG
#   as if it were opaque; with "nearest" the opacities are there, and in a PNG with both.
# For us: an image with opacities of its own is drawn with "nearest" (viz/plots/receptive_field.py).
# Source: https://matplotlib.org/stable/gallery/images_contours_and_fields/interpolation_methods.html
#   ("none" and "nearest" differ in vector files by their resampling).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet matplotlib==3.11.2 numpy==2.4.6
cd "$room"
MPLCONFIGDIR="$room" "$room/venv/bin/python" -I - <<'PYTHON'
import base64
import io
import re
from importlib.metadata import version

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

print("matplotlib", version("matplotlib"))


def opacity_in_svg(interpolation):
    figure = Figure()
    figure.add_subplot().imshow(
        np.ones((2, 2)), alpha=np.zeros((2, 2)), interpolation=interpolation
    )
    text = io.StringIO()
    figure.savefig(text, format="svg")
    found = re.search(r'xlink:href="data:image/png;base64,([^"]*)"', text.getvalue())
    image = Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGBA")
    return int(np.asarray(image)[..., 3].max())


found = {how: opacity_in_svg(how) for how in ("none", "nearest")}
print("largest opacity, of 255, in the SVG of an image whose opacities are all 0:", found)
assert found == {"none": 255, "nearest": 0}
PYTHON
