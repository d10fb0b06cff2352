"""Nested dicts, lists, numbers and arrays in one file of named arrays.

The tree itself is JSON, in the array `tree`. An array in it stands for its place among the others,
and so does a list of floats alone, such as a column of a history.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from autograd import DataError
from nn.archive import read_archive, write_archive
from nn.errors import FileFormatError

__all__ = ["read_tree", "write_tree"]

VERSION = 1
ARRAY, FLOATS, NUMBER, PAIRS = "__array__", "__floats__", "__number__", "__pairs__"
"""Keys of the JSON objects that stand for an array, a list of floats, a float that JSON has no
digits for, and a dict whose keys are not all text."""


def write_tree(path: Path, kind: str, tree: Any) -> Path:
    """Write the file whole or not at all. Raises DataError (a TypeError) for other things."""
    arrays: list[np.ndarray] = []
    text = json.dumps(_packed(tree, arrays), allow_nan=False)
    members = {f"array{i}": array for i, array in enumerate(arrays)}
    members["tree"] = np.frombuffer(text.encode(), np.uint8)
    return write_archive(path, {"format": kind, "version": VERSION}, members)


def read_tree(path: Path, kind: str) -> Any:
    """What `write_tree` wrote.

    Raises FileFormatError (a ValueError) for anything else, OSError where there is no such file.
    """
    description, arrays = read_archive(path)
    found = description.get("format"), description.get("version")
    if found != (kind, VERSION) or "tree" not in arrays:
        raise FileFormatError(f"it holds {found[0]!r:.40}, version {found[1]!r:.20}")
    try:
        return _unpacked(json.loads(arrays.pop("tree").tobytes()), arrays)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileFormatError(f"its tree is damaged: {type(error).__name__}: {error}") from error


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: _packed(item, arrays) for key, item in value.items()}
        return {PAIRS: [[_packed(k, arrays), _packed(v, arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        if value and all(type(item) is float for item in value):
            return _stored(np.array(value), arrays, FLOATS)
        return [_packed(item, arrays) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return _stored(np.asarray(value), arrays, ARRAY)
    if type(value) is float and not np.isfinite(value):
        return {NUMBER: repr(value)}
    if value is None or isinstance(value, str | int | float):
        return value
    raise DataError(f"a checkpoint keeps numbers, text, arrays and nests of them: {value!r:.80}")


def _stored(array: np.ndarray, arrays: list[np.ndarray], key: str) -> dict[str, int]:
    arrays.append(array)
    return {key: len(arrays) - 1}


def _unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {ARRAY}:
        return arrays[f"array{value[ARRAY]}"]
    if value.keys() == {FLOATS}:
        return arrays[f"array{value[FLOATS]}"].tolist()
    if value.keys() == {NUMBER}:
        return float(value[NUMBER])
    if value.keys() == {PAIRS}:
        return {_unpacked(k, arrays): _unpacked(v, arrays) for k, v in value[PAIRS]}
    return {key: _unpacked(item, arrays) for key, item in value.items()}
