"""Docstrings as reStructuredText. They are written to be read as they are, in `help()`: a bar is an
absolute value there and a star a star, and a gate says line by line what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

CODE = re.compile(r"(``.+?``|`[^`]+`|\*\*?\w[^*]*\w\*\*?)")
LISTS = ("Parameters", "Attributes", "Returns", "Raises", "Yields")
ENTRY = re.compile(r"[*\w. ,]+(\([^)]*\))? ?: ")
SAID = re.compile(r"^(Function|Derivative|At kinks|Operands|Also) : ")
"""The lines of a gate's page (`autograd/pages.py`)."""


def as_rst(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Change the lines of a docstring, in place."""
    lines[:] = written(lines)


def ruled(line: str) -> bool:
    """Whether the line above is a section's title."""
    return line.startswith("---") and not line.strip("-")


def written(lines: list[str]) -> Iterator[str]:
    """With a title for what follows a list of parameters, where the house writes none.

    >>> list(written(["|x| of (N, *rest), `|a|`", ">>> 1 | 2", "|3|", "", "Also : np.exp(...)"]))
    ['\\\\|x\\\\| of (N, \\\\*rest), `|a|`', '>>> 1 | 2', '|3|', '', ':Also: np.exp(...)']
    """
    in_example, section, after_blank = False, "", False
    titles = {"", *lines}
    for number, line in enumerate(lines, 1):
        below = lines[number] if number < len(lines) else ""
        in_example = bool(line.strip()) and (in_example or line.lstrip().startswith(">>>"))
        if ruled(below):
            section = line
        elif section == "Notes" and in_example and any(ruled(below) for below in lines[number:]):
            pass  # of these words; the examples come at the end
        elif after_blank and line[:1].strip() and section in (*LISTS, "Notes"):
            title = "Examples" if in_example else "" if ENTRY.match(line) else "Notes"
            if title not in titles:
                yield from (title, "-" * len(title))
                titles.add(section := title)
        after_blank = not line.strip()
        entry = section in LISTS and ENTRY.match(line)
        if entry:  # its words below it, where numpydoc would take their first line for a type
            yield escaped(line[: entry.end()].rstrip(" :"))
            line = f"    {line[entry.end() :]}"
        yield line if in_example else SAID.sub(r":\1: ", escaped(line))


def escaped(line: str) -> str:
    """A line whose bars and lonely stars are plain characters; code stays as it is.

    >>> escaped("*both* of |x|, `|a|`, **kwargs")
    '*both* of \\\\|x\\\\|, `|a|`, \\\\*\\\\*kwargs'
    """
    parts = CODE.split(line)
    parts[::2] = (re.sub(r"([|*])", r"\\\1", part) for part in parts[::2])
    return "".join(parts)


def skip(app: Any, what: str, name: str, value: Any, skipped: bool, options: Any) -> bool | None:
    """Leave out what another library puts into a class of ours."""
    module = getattr(value, "__module__", None) or ""
    return True if module.startswith("sklearn.") else None
