"""A text to learn to write from."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["sonnets"]


def sonnets() -> str:
    """Six sonnets of Shakespeare's, 84 lines, for models of letters: 18, 29, 30, 73, 116 and 130.

    Source: William Shakespeare, Sonnets, 1609, in today's spelling; in the public domain.

    >>> text = sonnets()
    >>> text[:39], len(text.split("\\n\\n"))
    ("Shall I compare thee to a summer's day?", 6)
    """
    return files("nn.data").joinpath("sonnets.txt").read_text(encoding="utf-8")
