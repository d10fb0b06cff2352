"""All steps as files of their own, numbered, in one folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from autograd.extend import write_whole
from viz.errors import VizError


def write_numbered(folder: Path, suffix: str, contents: Sequence[bytes]) -> Path:
    """Write ``step-00.png``, ``step-01.png``, ... into a folder, each of them whole.

    A folder that is not there yet appears with all of them; in one that is, other files stay.

    Raises
    ------
    VizError : the folder has files of later steps, which would pass for some of these.
    NotADirectoryError : a file has its name. FileNotFoundError : there is no folder to put it in.
    """
    digits = max(2, len(str(len(contents) - 1)))
    files = {f"step-{i:0{digits}}{suffix}": content for i, content in enumerate(contents)}
    if folder.is_dir():
        there = sorted(file.name for file in folder.glob(f"step-*{suffix}"))
        others = [name for name in there if name not in files and name[5].isdecimal()]
        if others:
            raise VizError(
                f"{str(folder)!r} has {others[0]} of another derivation, which would pass for a "
                "step of this one; delete it, or save to another folder"
            )
        for name, content in files.items():
            write_whole(folder / name, content)
        return folder
    if folder.exists():
        raise NotADirectoryError(f"{str(folder)!r} is a file; steps are saved to a folder")
    if not folder.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(folder.parent)!r} to write into")
    beside = folder.with_name(f".{folder.name[:40]}-{uuid4().hex[:12]}")
    try:
        beside.mkdir()
        for name, content in files.items():
            (beside / name).write_bytes(content)
        os.replace(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return folder
