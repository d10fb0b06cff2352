"""Paths as users give them."""

from __future__ import annotations

import os
from pathlib import Path

from autograd import DataError
from autograd.extend import write_whole

__all__ = ["as_path", "why_unwritable", "write_whole"]


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


def why_unwritable(path: Path) -> str | None:
    """Why no file can be written there, as far as can be told beforehand; else None."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} to write {path.name} to"
    if path.is_dir():
        return f"{path} is a folder: write the name of a file in it"
    return None if os.access(folder, os.W_OK | os.X_OK) else f"the folder {folder} is read-only"
