"""Names as they are typeset, and text made safe for markup."""

from __future__ import annotations

import re
from typing import NamedTuple

# w0, w_12, W1, w1_2: letters, then an index. Words with underscores stay words.
_INDEXED = re.compile(r"([^\W\d_]+)_?(\d+(?:[_,]\d+)*)")
_LETTERED = re.compile(r"([^\W\d_])_([^\W_]{1,3})")
_SCRIPT = re.compile(r"([_^])\{([^{}]*)\}")  # As `mathematics.readable` leaves them.
_BRACED = re.compile(r"([^{}]+?)((?:[_^]\{[^{}]*\}){1,2})")
# What XML 1.0 does not allow, and line breaks, which would tear a label apart.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
LONGEST = 40


class Parts(NamedTuple):
    """A name's letters, its subscript and its superscript."""

    letters: str
    below: str = ""
    above: str = ""


def parts(name: str) -> Parts:
    """A name's letters and what stands below and above them.

    >>> [tuple(parts(name)) for name in ("w0", "w_12", "W1_2", "x_i", "θ_{ij}^{2}")]
    [('w', '0', ''), ('w', '12', ''), ('W', '1,2', ''), ('x', 'i', ''), ('θ', 'ij', '2')]
    >>> parts("learning_rate").letters
    'learning_rate'
    """
    match = _INDEXED.fullmatch(name) or _LETTERED.fullmatch(name)
    if match:
        return Parts(match[1], match[2].replace("_", ","))
    braced = _BRACED.fullmatch(name)
    if braced is None:
        return Parts(name)
    marks = dict(_SCRIPT.findall(braced[2]))
    return Parts(braced[1], marks.get("_", ""), marks.get("^", ""))


def is_slanted(letters: str) -> bool:
    """Whether a name is set in italics, as is the custom for Latin and Greek."""
    return all(letter < "\u0400" or letter in "ℓ∇∂\u20d7" for letter in letters)


def runs(text: str) -> list[tuple[str, str]]:
    """The pieces of a text, and whether each stands on the line, below it "_" or above it "^".

    >>> runs("loss of θ_{ij} by hand")
    [('loss of θ', ''), ('ij', '_'), (' by hand', '')]
    """
    pieces = _SCRIPT.split(text)
    found = [(pieces[0], "")]
    for mark, script, rest in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        found += [(script, mark), (rest, "")]
    return [(piece, mark) for piece, mark in found if piece]


def printable(text: str) -> str:
    """`text` on one line and without characters that no picture can hold."""
    return _UNFIT.sub(" ", text)


def shortened(text: str, longest: int = LONGEST) -> str:
    """`text`, cut with an ellipsis when it is longer than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def label_text(text: str) -> str:
    """`text` for an HTML-like label, where Graphviz reads \\N and \\G as names of its own.

    >>> label_text("a\\\\N<")
    'a\\\\\\\\N&lt;'
    """
    return escaped(text.replace("\\", "\\\\"))


def escaped(text: str) -> str:
    """`text` for XML, in an attribute or between tags.

    >>> escaped('<b>&"')
    '&lt;b&gt;&amp;&quot;'
    """
    return printable(text).translate(_MARKUP)


def paragraphs(text: str) -> str:
    """Text of several lines, made safe for markup."""
    return "\n".join(escaped(line) for line in text.split("\n"))
