"""Rows of docs/coming-from.md: what each library is asked, and how an answer is written.

A row is an expression in every library's words. In all of them `np` stands for whatever has NumPy's
names there (`torch`, `jax.numpy`, `keras.ops`, ...), so that most rows are written once.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, ClassVar

LIBRARIES = ("gategrad", "PyTorch", "JAX", "Keras", "HIPS autograd", "MyGrad")
ABSENT = "–"

PREFIXES = {
    "gategrad": "np.", "PyTorch": "torch.", "JAX": "jnp.", "Keras": "keras.ops.",
    "HIPS autograd": "np.", "MyGrad": "mg.", "scikit-learn": "np.",
}  # fmt: skip
"""How a library's users write NumPy's names."""


@dataclass(frozen=True, eq=False)
class Row:
    """A derivative: of what, at which point, in every library's words."""

    HEAD: ClassVar = ("of", "at")

    code: dict[str, str]
    at: tuple[Any, ...]
    order: int = 1
    mode: str = "reverse"
    note: str = ""

    def question(self, library: str) -> dict[str, Any]:
        """What `asking.py` is asked."""
        code = self.code.get(library)
        return {"code": code, "at": self.at, "order": self.order, "mode": self.mode}

    def written(self, library: str) -> str:
        """The expression as a user of the library writes it."""
        return self.code[library].replace("np.", PREFIXES[library])

    def head(self) -> tuple[str, str]:
        """The cells that say what a row is of, and where."""
        primes = "second derivative of " if self.order == 2 else ""
        notes = [self.note] if self.note else []
        notes += {"forward": ["forward mode"], "graph": ["`create_graph=True`"]}.get(self.mode, [])
        note = f" ({', '.join(notes)})" if notes else ""
        return f"{primes}`{self.code['gategrad']}`{note}", ", ".join(map(shown, self.at))


def row(
    ours: str, *at: Any, order: int = 1, mode: str = "reverse", note: str = "",
    only: str = "", **theirs: str,
) -> Row:  # fmt: skip
    """A row whose expression is the same in all libraries but those given (HIPS, JAX, ...)."""
    keys = {"PyTorch": "torch", "JAX": "jax", "Keras": "keras", "HIPS autograd": "hips",
            "MyGrad": "mygrad"}  # fmt: skip
    code = {"gategrad": ours}
    for library, key in keys.items():
        if key in theirs or not only:
            code[library] = theirs.get(key, ours)
    code = {library: text for library, text in code.items() if text}
    return Row(code, at, order, mode, note)


def shown(value: Any) -> str:
    """An answer as a cell of the page has it."""
    if value is None:
        return ABSENT
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [shown(part) for part in value]
        inner = ", ".join(parts)
        return inner if len(value) == 1 and not isinstance(value[0], list) else f"[{inner}]"
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = {0.5: "½", -0.5: "−½"}.get(value) or f"{value:.5g}"
    return "0" if text == "-0" else text.replace("-", "−")


def told(page: str) -> dict[tuple[str, str], dict[str, str]]:
    """The cells of a page's tables, by the first two of a line and by the column."""
    cells, head = {}, []
    for line in page.splitlines():
        if line.startswith("| "):
            parts = [part.replace("\\|", "|") for part in re.split(r" (?<!\\)\| ", line[2:-2])]
            if parts[2:3] == ["gategrad"]:
                head = parts
            elif len(parts) == len(head) > 2 and parts[0] != "---":
                cells[parts[0], parts[1]] = dict(
                    zip(head[2:], (part.strip("*") for part in parts[2:]), strict=True)
                )
    return cells


def cell(answer: Any) -> str:
    """The derivative by each operand, beside each other."""
    if isinstance(answer, list):
        return (
            " and ".join(map(shown, answer))
            if any(isinstance(part, list) for part in answer)
            else ", ".join(map(shown, answer))
        )
    return shown(answer)
