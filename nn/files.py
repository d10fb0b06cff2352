"""Paths as users give them."""

from __future__ import annotations

import os
from pathlib import Path

from autograd import DataError
from autograd.extend import write_whole

__all__ = ["as_path", "write_whole"]


def as_path(owner: str, path: str | os.PathLike[str]) -> Path:
    """`path` as one. Raises DataError (a TypeError) for what is none, such as an open file.

    >>> as_path("load", "mnist.npz").name
    'mnist.npz'
    """
    try:
        found = Path(os.fsdecode(path))
    except TypeError:
        raise DataError(f"{owner} expects a path and received {path!r:.60}") from None
    if "\0" in str(found):
        raise DataError(f"{owner} expects a path, and {path!r:.60} holds a zero byte")
    return found
