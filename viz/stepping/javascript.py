"""The functions that gates' expressions call and JavaScript's Math has not, as a page holds them.

Which those are, the table of `autograd.expression` says; a page holds what it needs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_HELPERS = Path(__file__).with_name("gates.js")


@lru_cache(maxsize=1)
def helper_sources() -> dict[str, str]:
    """The functions of gates.js, by name."""
    source = _HELPERS.read_text("utf-8")
    found = re.split(r"^(?=function )", source, flags=re.MULTILINE)[1:]
    return {re.match(r"function (\w+)", text)[1]: text.strip() for text in found}  # type: ignore[index]


def with_their_own(helpers: set[str]) -> list[str]:
    """The sources of these helpers and of those that they call, in the order of the file."""
    sources, needed, waiting = helper_sources(), set[str](), list(helpers)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in sources if re.search(rf"\b{other}\(", sources[name])]
    return [text for name, text in sources.items() if name in needed]
