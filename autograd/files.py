"""Files that appear whole or not at all, and their sizes in words."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

__all__ = ["bytes_in_words", "write_whole"]


def write_whole(path: Path, content: bytes | memoryview) -> Path:
    """Write a file beside its place and move it there, so that no reader sees half of it.

    What stood there stays until then, and for good where writing fails; whoever may read the new
    one is up to the umask, as of any file. Returns the path.

    Raises OSError, such as FileNotFoundError where there is no such folder, IsADirectoryError where
    a folder stands in the place.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder: write the name of a file in it")
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


def bytes_in_words(count: int) -> str:
    """A number of bytes, to read; KiB are 1024 of them.

    >>> bytes_in_words(437_544), bytes_in_words(264)
    ('427.3 KiB', '264 B')
    """
    if count < 1024:
        return f"{count} B"
    power = min((count.bit_length() - 1) // 10, 4)
    return f"{count / 1024**power:,.1f} {('KiB', 'MiB', 'GiB', 'TiB')[power - 1]}"
