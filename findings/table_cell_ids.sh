#!/usr/bin/env bash
# Expected: the ID of a cell in an HTML-like label is found again in the SVG, as that of a node is.
# Seen with pygraphviz 2.0.4, whose wheels carry Graphviz 14: a cell with ID alone leaves no trace in
#   the SVG; with TOOLTIP or HREF beside it, its group bears the id, with "a_" before it.
# For us: what an element of a picture means is said by such ids, so each cell that has one has a
#   TOOLTIP, too: `part` in viz/wires.py; tests/browser/test_stepper.py::
#   test_a_theme_of_two_colours_does_not_confuse_the_page reads them.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet pygraphviz==2.0.4
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import re
from importlib.metadata import version

import pygraphviz

print("pygraphviz", version("pygraphviz"))
cells = '<TD ID="alone">1</TD><TD ID="hovered" TOOLTIP="t">2</TD><TD ID="linked" HREF="#x">3</TD>'
graph = pygraphviz.AGraph(string=f'digraph {{ n [shape=plain, label=<<TABLE><TR>{cells}</TR></TABLE>>] }}')
svg = graph.draw(format="svg", prog="dot").decode()
found = re.findall(r'id="([^"]*)"', svg)
print("ids in the SVG:", found)
assert not any("alone" in name for name in found)
assert [name for name in found if name.endswith(("hovered", "linked"))] == ["a_hovered", "a_linked"]
PYTHON
