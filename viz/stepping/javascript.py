"""Gates in JavaScript, as a page computes them.

Which functions gates call that JavaScript's Math has not, the table of `autograd.expression` says;
they are in gates.js, and a page holds those that it needs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from autograd.extend import UnwritableError, in_javascript

_HELPERS = Path(__file__).with_name("gates.js")


class Gates:
    """The gates that the graphs of one page use; each has a number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[bool, str], int] = {}
        self._helpers: set[str] = set()

    def number_of(self, gate: Any, floats: Any = None) -> int:
        """A gate's number; `floats` is how it computes, where the gate itself does not say.

        Raises UnwritableError where it does not compute with floats.
        """
        floats = floats or gate.floats
        if floats is None:
            raise UnwritableError(gate.name)
        value, *local = map(self.text_of, (floats.value, *floats.local))
        arguments = "a,b"[: 2 * len(local) - 1]
        key = (gate.chooses, f"({arguments},out={value})=>[out,{','.join(local)}]")
        return self._numbers.setdefault(key, len(self._numbers))

    def number(self, function: str, chooses: bool = False) -> int:
        """The number of a gate that is written in JavaScript: any operands, [value, ...local]."""
        return self._numbers.setdefault((chooses, function), len(self._numbers))

    def text_of(self, expression: str) -> str:
        """An expression in JavaScript, whose functions the page will have."""
        text, helpers = in_javascript(expression)
        self._helpers |= helpers
        return text

    @property
    def javascript(self) -> str:
        """The functions that they call; GATES, for each its value, then its local gradients; and
        CHOOSES, whether nothing goes past what it did not choose, be it infinite."""
        table = ",".join(function for _, function in self._numbers)
        chooses = ",".join(str(int(chooses)) for chooses, _ in self._numbers)
        names = f"const GATES=[{table}],CHOOSES=[{chooses}];"
        return "\n".join([*with_their_own(self._helpers), names])


def as_json(value: Any) -> Any:
    """A number as JSON has it; NaN and infinities by name.

    >>> as_json(0.5), as_json(float("-inf")), as_json(2.0)
    (0.5, '-Infinity', 2)
    """
    value = float(value)
    if value != value:
        return "NaN"
    if value in (np.inf, -np.inf):
        return "Infinity" if value > 0 else "-Infinity"
    is_short = value == int(value) and abs(value) < 1e15 and str(value) != "-0.0"
    return int(value) if is_short else value


# ---- what Math has not


@lru_cache(maxsize=1)
def helper_sources() -> dict[str, str]:
    """The functions of gates.js, by name."""
    source = _HELPERS.read_text("utf-8")
    found = re.finditer(r"^function (\w+).*?(?=^function |\Z)", source, re.MULTILINE | re.DOTALL)
    return {one[1]: one[0].strip() for one in found}


def with_their_own(helpers: set[str]) -> list[str]:
    """The sources of these helpers and of those that they call, in the order of the file."""
    sources, needed, waiting = helper_sources(), set[str](), list(helpers)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in sources if re.search(rf"\b{other}\(", sources[name])]
    return [text for name, text in sources.items() if name in needed]
