"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes | memoryview) -> Path:
    """Write a file beside its place and move it there, so that no reader sees half of it.

    What stood there stays until then, and for good where writing fails. Returns the path.

    Raises OSError, such as FileNotFoundError where there is no such folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {os.fspath(path.parent)!r} to write into")
    beside = path.with_name(f".{path.stem[:40]}-{uuid4().hex[:12]}")
    try:
        with open(beside, "xb") as file:
            file.write(content)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return path
