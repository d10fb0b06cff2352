#!/usr/bin/env bash
# Expected: nbconvert with sanitize_html=True drops what is not safe, and where an output has an image
#   in several forms, shows one that it may.
# Seen in nbconvert 7.17.2: the form is chosen first, HTML before PNG and SVG, and cleaned then. The
#   cleaner does not know <img>: it writes the tag out as text, all of its base64 included, and the
#   PNG beside it is never shown. The same picture as image/svg+xml or image/png alone passes, as an
#   <img> with a data URL that the exporter itself writes.
# For us: the stepper's output is HTML with an image first. What stands in it is laid out such that a
#   cleaned page shows next to nothing of it, and tells the picture in words (viz/stepping/page.py);
#   tests/browser/test_stepper_hosts.py::
#   test_nbconvert_with_sanitising_tells_the_picture_in_words_and_shows_no_code.
# Source: https://github.com/jupyter/nbconvert/pull/2018 (the cleaner is kept from SVG for this).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet nbconvert==7.17.2 nbformat==5.11.1
cd "$room"
"$room/venv/bin/python" -I -W ignore - <<'PYTHON'
from base64 import b64encode
from importlib.metadata import version

from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'
CODED = b64encode(SVG.encode()).decode()
IMAGE = f'<img alt="a circle" src="data:image/svg+xml;base64,{CODED}">'


def shown(data, clean):
    output = new_output("display_data", data)
    notebook = new_notebook(cells=[new_code_cell("", outputs=[output])])
    page, _ = HTMLExporter(sanitize_html=clean).from_notebook_node(notebook)
    part = page[page.rindex("jp-OutputArea-output"):]
    if "<img" in part and CODED in part:
        return "the image"
    return "the tag as text" if "&lt;img" in part and CODED in part else "nothing of it"


print("nbconvert", version("nbconvert"))
html, both, svg = {"text/html": IMAGE}, {"text/html": IMAGE, "image/svg+xml": SVG}, {"image/svg+xml": SVG}
found = {}
for what, data in {"HTML": html, "HTML and SVG": both, "SVG": svg}.items():
    found[what] = shown(data, False), shown(data, True)
    print(f"{what}: as it is, {found[what][0]}; sanitised, {found[what][1]}")
assert found == {
    "HTML": ("the image", "the tag as text"),
    "HTML and SVG": ("the image", "the tag as text"),
    "SVG": ("the image", "the image"),
}
PYTHON
