"""Paths as users give them, and files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from autograd import DataError

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


def write_whole(path: Path, content: bytes | memoryview) -> Path:
    """Write a file beside its place and move it there, so that no reader sees half of it.

    What stood there stays until then, and for good where writing fails; whoever may read the new
    one is up to the umask, as of any file. Returns the path.

    Raises OSError, such as FileNotFoundError where there is no such folder.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} to write into")
    beside = path.with_name(f".{path.stem[:40]}-{uuid4().hex[:12]}")
    try:
        with open(beside, "xb") as file:
            file.write(content)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return path
