"""The page of an expression that is typed into it: what it is told, and the whole of it."""

from __future__ import annotations

import json
from typing import Any

from viz.expression import CONSTANTS
from viz.mathematics import title_in
from viz.names import shortened
from viz.stepping.javascript import Gates
from viz.stepping.page import SCRIPTS as STEPPER
from viz.stepping.page import program, style_of
from viz.stepping.page_data import told_to_all
from viz.svg import LONGEST_TITLE

from .gate_table import gate_table, pooled
from .words import FAULTS, SIGNS, TYPING, frames, said

EXAMPLES: dict[str, dict[str, float]] = {
    "1/(1+exp(-(w*x+b)))": {"w": 2, "x": -1, "b": 0.5},
    "(x+y)*z": {"x": 1, "y": -2, "z": 1},
    "1/(1+exp(-(w0*x0+w1*x1+w2)))": {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
    "2*(x*y+max(z,w))": {"x": 3, "y": -4, "z": 2, "w": -1},
    "(x+sigmoid(y))/(sigmoid(x)+(x+y)**2)": {"x": 3, "y": -4},
}
VALUES = (2, -1, 3, -2, 0.5, -0.5)  # Of names that are new.
SCRIPTS = (*STEPPER[:-1], "../playing/expression", "../playing/graph_view", "../playing/drawing",
           "../playing/typing", "mounting")  # fmt: skip
SHEETS = ("stepper", "../playing/typing")


def typed_page(theme: str, digits: int, title: str | None) -> tuple[dict[str, Any], str]:
    """The page's data, and its script."""
    gates = Gates()
    entries, table = pooled(gate_table(gates))
    told = {"ENTRIES": entries, "TABLE": table, "FRAMES": frames()}
    constants = ",".join(
        f"{name}={json.dumps(content, ensure_ascii=False, separators=(',', ':'))}"
        for name, content in told.items()
    )
    words, faults = said(TYPING), said(FAULTS)
    data = {
        "title": shortened(title_in(title) or words["title"], LONGEST_TITLE),
        "theme": theme, "digits": digits, "style": style_of(theme, SHEETS),
        "words": {**words, "faults": faults}, "signs": SIGNS,
        "examples": [{"text": text, "values": values} for text, values in EXAMPLES.items()],
        "values": VALUES, "constants": CONSTANTS,
        "stepper": told_to_all(theme, digits),
    }  # fmt: skip
    return data, program(f"{gates.javascript}\nconst {constants};", SCRIPTS, "type")
