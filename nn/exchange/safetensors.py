"""Files of named arrays in the format of safetensors: a length, a header in JSON, the arrays.

The library of that name is not used. It gives bfloat16, which most models are published in, to
PyTorch but not to NumPy, writes an array that is not C-contiguous in another order without a word
(version 0.8.0), and opens a file by its path, so that it could not be replaced whole.

Source: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nn.errors import FileFormatError
from nn.files import write_whole

__all__ = ["read_safetensors", "write_safetensors"]

CODES = {
    "F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1",
    "U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "b1", "BF16": "u2",
}  # fmt: skip
"""What the format calls a dtype, and NumPy's code of the bytes; bfloat16 has no other than that of
its bits."""

NAMES = {np.dtype(code): name for name, code in CODES.items() if name != "BF16"}
METADATA = "__metadata__"
LONGEST = 100_000_000
"""Bytes of a header, as in the library."""


def write_safetensors(
    path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]
) -> Path:
    """Write arrays of floats, whole numbers or booleans, whole or not at all. Returns the path."""
    header: dict[str, Any] = {METADATA: dict(metadata)}
    body, end = [], 0
    for name, array in sorted(arrays.items(), key=lambda item: (-item[1].itemsize, item[0])):
        little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
        start, end = end, end + little.nbytes
        header[name] = {
            "dtype": NAMES[array.dtype.newbyteorder("=")], "shape": list(array.shape),
            "data_offsets": [start, end],
        }  # fmt: skip
        body.append(little.tobytes())
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays begin at a multiple of eight
    return write_whole(path, b"".join([len(text).to_bytes(8, "little"), text, *body]))


def read_safetensors(path: Path) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """The metadata and the arrays of a file; bfloat16 becomes float32.

    Raises FileFormatError (a ValueError) for anything else, OSError where it cannot be read.
    """
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or not 2 <= length <= min(LONGEST, len(content) - 8):
        raise FileFormatError(f"{path} is no file of safetensors, or is cut off")
    try:
        header = json.loads(content[8 : 8 + length].decode(), object_pairs_hook=_once)
        if not isinstance(header, dict):
            raise ValueError("its header is no object")
        metadata = header.pop(METADATA, None) or {}
        if not isinstance(metadata, dict) or not all(
            isinstance(value, str) for value in metadata.values()
        ):
            raise ValueError("its metadata are not text")
        return metadata, _arrays(header, memoryview(content)[8 + length :])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FileFormatError(f"{path} is a damaged file of safetensors: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice in its header")
    return dict(pairs)


def _arrays(header: dict[str, Any], body: memoryview) -> dict[str, np.ndarray]:
    """The arrays, which fill the file one after the other."""
    found, reached = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        if kind not in CODES:
            raise ValueError(f"{name} is {kind}, which NumPy has not")
        dtype = np.dtype(f"<{CODES[kind]}")
        whole = all(type(n) is int and n >= 0 for n in (*shape, start, end))
        if not whole or start != reached or end - start != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"the shape or the place of {name} is none: {entry!r:.80}")
        array = np.frombuffer(body[start:end], dtype).reshape(shape)
        if kind == "BF16":
            array = (array.astype(np.uint32) << 16).view(np.float32)
        found[name] = array.astype(array.dtype.newbyteorder("="))
        reached = end
    if reached != len(body):
        raise ValueError(f"its arrays are {reached:,} of {len(body):,} bytes")
    return {name: found[name] for name in header}
