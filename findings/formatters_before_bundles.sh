#!/usr/bin/env bash
# Expected: what an object's own _repr_mimebundle_ gives is shown in place of what a formatter makes of
#   the same type, as IPython's display page says of it.
# Seen: with IPython 9.18.1 a formatter that is registered for a base class (as Matplotlib's inline back
#   end registers one of image/png for Figure) makes the type of its own, and the bundle's is dropped
#   without a word; types that no formatter makes are the bundle's.
# For us: a plot's figure brings its SVG and PDF in a bundle and leaves the PNG to the inline back end
#   (viz/plots/shown.py), held by tests/viz/test_plots_in_the_dark.py.
# Source: https://ipython.readthedocs.io/en/stable/config/integrating.html#rich-display (on
#   _repr_mimebundle_).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet ipython==9.18.1
cd "$room"
HOME="$room" "$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

from IPython.core.interactiveshell import InteractiveShell

print("ipython", version("ipython"))


class Figure:
    pass


class Plot(Figure):
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": b"the plot's", "image/svg+xml": "the plot's"}


formatter = InteractiveShell().display_formatter
alone, _ = formatter.format(Plot())
formatter.formatters["image/png"].for_type(Figure, lambda figure: b"the formatter's")
beside, _ = formatter.format(Plot())
print("by itself:", alone)
print("with a formatter for its base class:", beside)
assert alone["image/png"] == b"the plot's" and beside["image/png"] != alone["image/png"]
assert alone["image/svg+xml"] == beside["image/svg+xml"] == "the plot's"
PYTHON
