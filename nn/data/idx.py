"""IDX files, in which MNIST and its kin come: a magic number, the lengths of the axes, the numbers.

Source: LeCun, Cortes and Burges, The MNIST database, the part on file formats. All is big-endian:
two zero bytes, a byte for the type, one for the number of axes, each length in four bytes.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import numpy as np

from autograd import DataError
from nn.errors import FileFormatError
from nn.files import as_path, write_whole

__all__ = ["load_idx", "save_idx"]

TYPES: dict[int, np.dtype] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
CODES = {dtype.newbyteorder("="): code for code, dtype in TYPES.items()}
GZIP = b"\x1f\x8b"
MOST_AXES = 64  # of a NumPy array
STEEPEST = 1032  # times smaller deflate can make anything
LIMIT = 2 << 30


def load_idx(path: str | os.PathLike[str], *, limit: int = LIMIT) -> np.ndarray:
    """Read an IDX file, compressed by gzip or not, whatever its name says.

    Returns an array of the file's shape and type (uint8, int8, int16, int32, float32 or float64)
    in the machine's byte order.

    Parameters
    ----------
    limit : how many bytes a compressed file may become; an uncompressed one has to be exactly as
        long as its header says, which is looked at before memory is asked for.

    Raises
    ------
    FileFormatError (a ValueError): another magic number, a file that is too short, too long or
        damaged, or would become larger than `limit`.
    DataError (a TypeError): no path. OSError: no file there, such as FileNotFoundError.

    >>> import tempfile
    >>> from nn.data import load_idx, save_idx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_idx(np.array([[1, 2], [3, 4]], np.uint8), f"{folder}/two.idx.gz")
    ...     load_idx(path)
    array([[1, 2],
           [3, 4]], dtype=uint8)
    """
    where = as_path("load_idx", path)
    with open(where, "rb") as file:
        length = os.fstat(file.fileno()).st_size
        compressed = file.read(2) == GZIP
        file.seek(0)
        try:
            if not compressed:
                return _read(file, length, length)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _read(unpacked, None, min(limit, length * STEEPEST), limit)
        except FileFormatError as error:
            raise FileFormatError(f"{where}: {error}") from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileFormatError(
                f"{where} is a gzip file that is cut short or damaged: {error}"
            ) from error


def _read(file: Any, exact: int | None, most: int, limit: int | None = None) -> np.ndarray:
    """The array of an open file of `exact` bytes, or of at most `most` once it is unpacked."""
    dtype, shape = _header(file)
    start, count = 4 + 4 * len(shape), math.prod(shape)
    expected = start + count * dtype.itemsize
    if exact is not None and exact != expected:
        how = "cut short" if exact < expected else "too long"
        raise FileFormatError(
            f"{how}: {_told(shape, dtype)}, which takes {expected:,} bytes, and it has {exact:,}"
        )
    if expected > most or math.prod(filter(None, shape)) > (1 << 62) // dtype.itemsize:
        raise FileFormatError(
            f"{_told(shape, dtype)}, which takes {expected:,} bytes, and a file of its size holds "
            f"{most:,} at most" + ("" if limit != most else ": write load_idx(path, limit=...)")
        )
    array = np.empty(shape, dtype)
    _fill(file, array, f"cut short: {_told(shape, dtype)}")
    if file.read(1):
        raise FileFormatError(f"too long: {_told(shape, dtype)}, and more bytes follow")
    native = dtype.newbyteorder("=")
    return array if native == dtype else array.byteswap(inplace=True).view(native)


def _header(file: Any) -> tuple[np.dtype, tuple[int, ...]]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or magic[3] > MOST_AXES:
        raise FileFormatError(
            f"no IDX file: it begins with {magic.hex(' ') or 'nothing'}, and an IDX file with "
            f"00 00, a type of {', '.join(f'{code:02x}' for code in TYPES)}, and the number of "
            "axes, such as 00 00 08 03"
        )
    lengths = file.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise FileFormatError(f"cut short: the lengths of its {magic[3]} axes are not all there")
    return TYPES[magic[2]], struct.unpack(f">{magic[3]}I", lengths)


def _fill(file: BufferedIOBase, array: np.ndarray, complaint: str) -> None:
    """Read exactly the bytes of `array` into it."""
    rest = memoryview(array.reshape(-1).view(np.uint8).data)
    while len(rest):
        got = file.readinto(rest[: 1 << 20])
        if not got:
            raise FileFormatError(f"{complaint}, and {len(rest):,} bytes of it are missing")
        rest = rest[got:]


def _told(shape: tuple[int, ...], dtype: np.dtype) -> str:
    axes = " x ".join(f"{length:,}" for length in shape) or "1"
    return f"its header tells of {axes} numbers of {dtype.newbyteorder('=').name}"


def save_idx(array: Any, path: str | os.PathLike[str]) -> Path:
    """Write an array as an IDX file, whole or not at all, by gzip where the name ends in .gz.

    Equal arrays give equal bytes. Returns the path.

    Raises
    ------
    DataError (a TypeError): no path, or numbers of another type than uint8, int8, int16, int32,
        float32 and float64.
    OSError: no such folder, or no room.

    >>> save_idx(np.arange(3), "labels.idx")
    Traceback (most recent call last):
    autograd.errors.DataError: an IDX file holds uint8, int8, int16, int32, float32, float64, and
    the array is int64: write array.astype('int32')
    """
    array, place = np.asarray(array), as_path("save_idx", path)
    native = array.dtype.newbyteorder("=")
    if native not in CODES:
        fit = {"u": "int32", "i": "int32", "b": "uint8", "f": "float32"}.get(array.dtype.kind)
        hint = f": write array.astype({fit!r})" if fit else ""
        raise DataError(
            f"an IDX file holds {', '.join(dtype.name for dtype in CODES)}, and the array is "
            f"{array.dtype}{hint}"
        )
    code = CODES[native]
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    content = header + array.astype(TYPES[code], copy=False).tobytes()
    if place.suffix == ".gz":
        content = gzip.compress(content, compresslevel=6, mtime=0)
    return write_whole(place, content)
