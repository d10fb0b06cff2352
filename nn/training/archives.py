"""Nested dicts, lists, numbers and arrays in one `.npz` file, without pickle.

The tree is JSON, in the member `tree`; an array in it stands for its number among the members.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from .errors import CheckpointError

__all__ = ["read_tree", "write_tree"]

ARRAY, PAIRS = "__array__", "__pairs__"
"""Keys of the JSON objects that stand for an array, and for a dict whose keys are not all text."""

DAMAGE = (
    OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, NotImplementedError,
    RuntimeError, RecursionError, SyntaxError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What zipfile, zlib, NumPy and json raise for files that are damaged, or no archive of theirs."""


def write_tree(path: Path, tree: Any) -> None:
    """Write the file whole or not at all; an older one stays until then."""
    arrays: list[np.ndarray] = []
    text = json.dumps(_packed(tree, arrays))
    members: dict[str, Any] = {f"array{i}": array for i, array in enumerate(arrays)}
    content = io.BytesIO()
    np.savez(content, tree=np.array(text), **members)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.getbuffer())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def read_tree(path: Path) -> Any:
    """What `write_tree` wrote.

    Raises CheckpointError (a ValueError) for anything else, and FileNotFoundError where there is
    no file.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            members = {name: archive[name] for name in archive.files}
        return _unpacked(json.loads(str(members.pop("tree")[()])), members)
    except DAMAGE as error:
        raise CheckpointError(
            f"{path} is no checkpoint of this project, or is damaged: "
            f"{type(error).__name__}: {error}"
        ) from error


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        arrays.append(np.asarray(value))
        return {ARRAY: len(arrays) - 1}
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: _packed(item, arrays) for key, item in value.items()}
        return {PAIRS: [[_packed(k, arrays), _packed(v, arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        return [_packed(item, arrays) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise CheckpointError(f"a checkpoint keeps numbers, text and arrays, and received {value!r}")


def _unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {ARRAY}:
        return arrays[f"array{value[ARRAY]}"]
    if value.keys() == {PAIRS}:
        return {_unpacked(k, arrays): _unpacked(v, arrays) for k, v in value[PAIRS]}
    return {key: _unpacked(item, arrays) for key, item in value.items()}
