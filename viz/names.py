"""Names as they are typeset, and text made safe for markup."""

from __future__ import annotations

import re

# w0, w_12, W1, w1_2: letters, then an index. Words with underscores stay words.
_INDEXED = re.compile(r"([^\W\d_]+)_?(\d+(?:[_,]\d+)*)")
_LETTERED = re.compile(r"([^\W\d_])_([^\W_]{1,3})")
# What XML 1.0 does not allow, and line breaks, which would tear a label apart.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
LONGEST = 40


def parts(name: str) -> tuple[str, str]:
    """A name's letters and its subscript.

    >>> parts("w0"), parts("w_12"), parts("W1_2"), parts("x_i"), parts("learning_rate")
    (('w', '0'), ('w', '12'), ('W', '1,2'), ('x', 'i'), ('learning_rate', ''))
    """
    match = _INDEXED.fullmatch(name) or _LETTERED.fullmatch(name)
    return (match[1], match[2].replace("_", ",")) if match else (name, "")


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
    return "".join(_MARKUP.get(letter, letter) for letter in printable(text))
