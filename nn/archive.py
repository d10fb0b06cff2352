"""A file of named arrays and a description: `.npz` without pickle, and JSON.

Members are stored as they are, not compressed, so that nothing in a file is larger than the file;
NumPy reads the arrays by their names, too. `description.json` comes first and lists every array
with its shape and dtype, and what it says is compared with the members before they are read.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from autograd import DataError
from nn.errors import FileFormatError
from nn.files import write_whole

__all__ = ["read_archive", "read_tree", "tree_of", "write_archive", "write_tree"]

DESCRIPTION = "description.json"
LONGEST = 1 << 20
"""Bytes of a description."""

DTYPES = {
    np.dtype(name).name: np.dtype(name)
    for name in (
        "float16", "float32", "float64", "int8", "int16", "int32", "int64",
        "uint8", "uint16", "uint32", "uint64", "bool",
    )
}  # fmt: skip
"""What an array may hold."""

HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '([<|][a-z]\d)', 'fortran_order': False, "
    rb"'shape': \(([\d, ]{0,640})\), \} *\n",
    re.DOTALL,
)
"""The one form in which NumPy writes what we give it: no other is evaluated."""

DAMAGE = (
    ValueError, KeyError, TypeError, IndexError, EOFError, OverflowError, NotImplementedError,
    RuntimeError, OSError, zipfile.BadZipFile,
)  # fmt: skip
"""What zipfile and json raise for damaged files, RecursionError and UnicodeError among them."""


def write_archive(path: Path, description: Mapping[str, Any], arrays: Mapping[str, Any]) -> Path:
    """Write both, whole or not at all; equal contents give equal bytes. Returns the path."""
    listed = {
        name: {"shape": list(array.shape), "dtype": array.dtype.name}
        for name, array in arrays.items()
    }
    text = json.dumps({**description, "arrays": listed}, indent=1, allow_nan=False)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(DESCRIPTION), text)
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            with archive.open(member, "w", force_zip64=True) as file:
                little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
                np.lib.format.write_array(file, little, version=(1, 0), allow_pickle=False)
    return write_whole(path, content.getbuffer())


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The description and the arrays that `write_archive` wrote.

    Raises FileFormatError (a ValueError) for anything else, and OSError where the file cannot be
    read, such as FileNotFoundError.
    """
    with open(path, "rb") as file:
        length = os.fstat(file.fileno()).st_size
        try:
            with zipfile.ZipFile(file) as archive:
                return _contents(archive, length)
        except FileFormatError as error:
            raise FileFormatError(f"{path}: {error}") from error
        except DAMAGE as error:
            raise FileFormatError(
                f"{path} is no file of ours, or is damaged: {type(error).__name__}: {error}; "
                "files are written by nn.save"
            ) from error


def _contents(
    archive: zipfile.ZipFile, length: int
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    members = {info.filename: info for info in archive.infolist()}
    if any(name.endswith("/data.pkl") for name in members):
        raise FileFormatError(
            "PyTorch's files are pickles, which run code when they are read: write "
            "nn.from_torch(model, torch.load(path, weights_only=True))"
        )
    if DESCRIPTION not in members or len(members) != len(archive.infolist()):
        raise FileFormatError(
            f"no file of ours: it has no {DESCRIPTION}, or a name twice. Files are written by "
            "nn.save"
        )
    for info in members.values():
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise FileFormatError(f"{info.filename} is compressed, which ours are not")
    if sum(info.file_size for info in members.values()) > length:
        raise FileFormatError("the members are larger than the file")
    description = _described(archive, members.pop(DESCRIPTION))
    listed = description.pop("arrays", None)
    if not isinstance(listed, dict) or {f"{name}.npy" for name in listed} != set(members):
        raise FileFormatError("the arrays are not those that the description lists")
    planned = {name: _planned(name, entry) for name, entry in listed.items()}
    for name, (shape, dtype) in planned.items():
        header = members[f"{name}.npy"].file_size - math.prod(shape) * dtype.itemsize
        if not 64 <= header <= 1024:
            raise FileFormatError(f"{name} is not of the size that the description says")
    arrays = {
        name: _array(name, archive.read(f"{name}.npy"), shape, dtype)
        for name, (shape, dtype) in planned.items()
    }
    return description, arrays


def _described(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> dict[str, Any]:
    if info.file_size > LONGEST:
        raise FileFormatError(f"the description is longer than {LONGEST:,} bytes")
    description = json.loads(archive.read(info).decode("utf-8"), parse_constant=_no_number)
    if not isinstance(description, dict):
        raise FileFormatError("the description is not an object")
    return description


def _no_number(text: str) -> NoReturn:
    raise FileFormatError(f"the description holds {text}, which is not JSON")


def _planned(name: str, entry: Any) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and dtype that the description says."""
    shape = entry.get("shape") if isinstance(entry, dict) else None
    dtype = DTYPES.get(str(entry.get("dtype"))) if isinstance(entry, dict) else None
    sizes = shape if isinstance(shape, list) and len(shape) <= 32 else [-1]
    if dtype is None or any(type(n) is not int or not 0 <= n < 1 << 48 for n in sizes):
        raise FileFormatError(f"the shape or dtype of {name} is none: {entry!r:.80}")
    return tuple(sizes), dtype


def _array(name: str, content: bytes, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """The array of a member, whose header says the same as the description."""
    found = HEADER.match(content)
    little = dtype.newbyteorder("<")
    if found is not None:
        length = int.from_bytes(found[1], "little")
        written = tuple(int(n) for n in found[3].replace(b" ", b"").split(b",") if n)
        agrees = (length, found[2].decode(), written) == (found.end() - 10, little.str, shape)
        if agrees and len(content) - found.end() == math.prod(shape) * dtype.itemsize:
            array = np.frombuffer(content, little, offset=found.end()).reshape(shape)
            return array.astype(dtype)
    raise FileFormatError(f"{name} does not hold what the description says")


# ---- nests of arrays, numbers and text

TREE_VERSION = 2
ARRAY, FLOATS, NUMBER, PAIRS = "__array__", "__floats__", "__number__", "__pairs__"
"""Keys of the JSON objects that stand for an array, a list of floats, a float that JSON has no
digits for, and a dict whose keys are not all text."""


def write_tree(path: Path, kind: str, tree: Any) -> Path:
    """Write dicts, lists, numbers, text and arrays, whole or not at all.

    Raises DataError (a TypeError) for other things.
    """
    arrays: list[np.ndarray] = []
    text = json.dumps(_packed(tree, arrays), allow_nan=False)
    members = {f"array{i}": array for i, array in enumerate(arrays)}
    members["tree"] = np.frombuffer(text.encode(), np.uint8)
    return write_archive(path, {"format": kind, "version": TREE_VERSION}, members)


def read_tree(path: Path, kind: str) -> Any:
    """What `write_tree` wrote.

    Raises FileFormatError (a ValueError) for anything else, OSError where there is no such file.
    """
    return tree_of(kind, *read_archive(path))


def tree_of(kind: str, description: Mapping[str, Any], arrays: dict[str, np.ndarray]) -> Any:
    """The same from an archive that was read."""
    found = description.get("format"), description.get("version")
    if found != (kind, TREE_VERSION) or "tree" not in arrays:
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
    if isinstance(value, np.ndarray):
        return _stored(value, arrays, ARRAY)
    if isinstance(value, np.generic):
        value = value.item()
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
