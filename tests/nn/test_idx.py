"""IDX files: read back what was written, real MNIST, and nothing but our errors for the rest."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograd import AutogradError, DataError
from nn import data
from nn.errors import FileFormatError

DTYPES = (np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64)
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0))
)
LABELS = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])  # three bytes, as the format's description has it


def load(content, path, **options):
    path.write_bytes(content)
    return data.load_idx(path, **options)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "file.idx"


@given(ARRAYS, st.booleans(), st.sampled_from("<>"))
def test_every_type_comes_back_to_the_bit(place, array, compressed, order):
    path = place.with_name("file.idx.gz" if compressed else "file.idx")
    assert data.save_idx(array.astype(array.dtype.newbyteorder(order)), path) == path
    back = data.load_idx(path)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.dtype.isnative
    assert back.flags.writeable
    assert (path.read_bytes()[:2] == b"\x1f\x8b") is compressed


@pytest.mark.parametrize(
    ("code", "form", "dtype"),
    [
        (0x08, "B", "u1"),
        (0x09, "b", "i1"),
        (0x0B, "h", "i2"),
        (0x0C, "i", "i4"),
        (0x0D, "f", "f4"),
        (0x0E, "d", "f8"),
    ],
)
def test_types_by_the_formats_description(place, code, form, dtype):
    content = struct.pack(f">BBBBII6{form}", 0, 0, code, 2, 2, 3, *range(6))
    expected = np.arange(6, dtype=dtype).reshape(2, 3)
    for packed in (content, gzip.compress(content)):
        found = load(packed, place)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    data.save_idx(expected, place)
    assert place.read_bytes() == content


def test_equal_arrays_are_written_as_equal_bytes(place):
    array = np.arange(1000, dtype=np.uint8)
    first, second = (place.with_name(name) for name in ("a.idx.gz", "b.idx.gz"))
    data.save_idx(array, first)
    data.save_idx(array, second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no IDX file: it begins with nothing"),
        (b"PK\3\4 and more", "no IDX file: it begins with 50 4b 03 04"),
        (b"\0\0\x08", "no IDX file"),
        (b"\0\0\x0a\1\0\0\0\1\0", "no IDX file"),
        (b"\0\0\x08\xff" + bytes(4 * 255), "no IDX file"),
        (LABELS[:6], "lengths of its 1 axes are not all there"),
        (LABELS[:-1], "cut short"),
        (LABELS + b"\0", "too long"),
        (b"\0\0\x08\2" + b"\xff" * 8, "takes 18,446,744,065,119,617,037 bytes"),
        (b"\0\0\x08\3" + bytes(4) + b"\xff" * 8, "numbers of uint8"),
    ],
)
def test_what_is_no_idx_file_is_refused(place, content, message, pack):
    with pytest.raises(FileFormatError, match=message) as caught:
        load(pack(content), place)
    assert str(caught.value).startswith(str(place))


@pytest.mark.parametrize("cut", [3, 12, -9, -1])
def test_a_gzip_file_cut_short_is_refused(place, cut):
    with pytest.raises(FileFormatError, match="cut short or damaged"):
        load(gzip.compress(LABELS)[:cut], place)


def test_a_damaged_gzip_file_is_refused(place):
    content = bytearray(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 3, 232]) + os.urandom(1000)))
    content[600] ^= 1
    with pytest.raises(FileFormatError, match="cut short or damaged"):
        load(bytes(content), place)


def zeros_packed(count):
    """Gzip of so many zeros, made without holding them."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(count >> 20):
            file.write(bytes(1 << 20))
    return packed.getvalue()


def test_bombs_are_refused_before_memory_is_asked_for(place):
    claims = b"\0\0\x08\1" + struct.pack(">I", 1 << 31)
    bombs = [
        (claims + bytes(10), {}, "cut short"),
        (gzip.compress(claims) + bytes(100), {}, "a file of its size holds"),
        (gzip.compress(LABELS) + zeros_packed(16 << 20), {}, "too long"),
        (gzip.compress(b"\0\0\x08\1\1\0\0\0") + zeros_packed(16 << 20), {"limit": 1 << 23},
         r"write load_idx\(path, limit=...\)"),
    ]  # fmt: skip
    for content, options, message in bombs:
        place.write_bytes(content)
        tracemalloc.start()
        try:
            with pytest.raises(FileFormatError, match=message):
                data.load_idx(place, **options)
            assert tracemalloc.get_traced_memory()[1] < 3 << 20
        finally:
            tracemalloc.stop()
    assert (
        load(gzip.compress(b"\0\0\x08\1\1\0\0\0") + zeros_packed(16 << 20), place).size == 16 << 20
    )


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_give_an_array_or_our_error(place, content, compressed):
    content = gzip.compress(content) if compressed else content
    with suppress(FileFormatError):
        assert isinstance(load(content, place), np.ndarray)


@given(ARRAYS, st.booleans(), st.data())
def test_a_changed_file_gives_an_array_or_our_error(place, array, compressed, draw):
    path = place.with_name("file.idx.gz" if compressed else "file.idx")
    data.save_idx(array, path)
    content = bytearray(path.read_bytes())
    for _ in range(draw.draw(st.integers(1, 3))):
        where = draw.draw(st.integers(0, len(content) - 1))
        if draw.draw(st.booleans()):
            content[where] = draw.draw(st.integers(0, 255))
        else:
            content[where:] = content[where:][: draw.draw(st.integers(0, 20))]
        if not content:
            break
    with suppress(FileFormatError):
        assert isinstance(load(bytes(content), path), np.ndarray)


def test_other_files_and_paths_are_refused_by_what_they_are(place, tmp_path):
    with pytest.raises(FileNotFoundError):
        data.load_idx(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError):
        data.load_idx(tmp_path)
    with pytest.raises(DataError, match="expects a path"):
        data.load_idx(3)


@pytest.mark.parametrize(
    ("array", "hint"),
    [
        (np.arange(3), "write array.astype('int32')"),
        (np.zeros(3, bool), "write array.astype('uint8')"),
        (np.zeros(3, np.float16), "write array.astype('float32')"),
        (np.array(["a"]), "the array is <U1"),
    ],
)
def test_other_numbers_cannot_be_written_and_no_file_is_touched(tmp_path, array, hint):
    path = tmp_path / "file.idx"
    path.write_bytes(b"what was there")
    with pytest.raises(DataError) as caught:
        data.save_idx(array, path)
    assert hint in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == ["file.idx"]
    assert path.read_bytes() == b"what was there"


# ---- MNIST


@pytest.mark.slow
def test_mnist(data_dir):
    found = data.load_mnist(data_dir)
    X_train, y_train, _, y_test = found
    assert [a.shape for a in found] == [(60000, 784), (60000,), (10000, 784), (10000,)]
    assert (X_train.dtype, y_train.dtype) == (np.float32, np.int64)
    assert (X_train.min(), X_train.max()) == (0.0, 1.0)
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert X_train.mean() == pytest.approx(0.1306604, abs=1e-6)
    assert X_train.std() == pytest.approx(0.3081078, abs=1e-6)


def write_mnist(folder, count=(5, 3), side=4):
    for part, n in zip(("train", "t10k"), count, strict=True):
        images = np.arange(n * side * side, dtype=np.uint8).reshape(n, side, side)
        data.save_idx(images, folder / f"{part}-images-idx3-ubyte.gz")
        data.save_idx(np.arange(n, dtype=np.uint8), folder / f"{part}-labels-idx1-ubyte")


def test_mnist_is_found_by_argument_or_variable_as_rows_or_images(tmp_path, monkeypatch):
    (tmp_path / "mnist").mkdir()
    write_mnist(tmp_path / "mnist")
    monkeypatch.setenv("GATEGRAD_DATA", str(tmp_path))
    for folder in (tmp_path, tmp_path / "mnist", None):
        found = data.load_mnist(folder)
        assert found.X_train.shape == (5, 16)
        np.testing.assert_allclose(found.X_test.ravel(), np.arange(48) / 255, rtol=1e-7)
        assert found.y_test.tolist() == [0, 1, 2]
    assert data.load_mnist(flat=False).X_train.shape == (5, 4, 4)


def test_mnist_that_is_missing_or_does_not_belong_together(tmp_path, monkeypatch):
    monkeypatch.delenv("GATEGRAD_DATA", raising=False)
    for folder, said in ((None, "GATEGRAD_DATA is not set"), (tmp_path, "no train-images-idx3")):
        with pytest.raises(data.MissingDataError, match=said) as error:
            data.load_mnist(folder)
        for words in ("%env GATEGRAD_DATA=", "export GATEGRAD_DATA=", "load_mnist('", "curl -fLO "):
            assert words in str(error.value)
    with pytest.raises(DataError, match="expects a path"):
        data.load_mnist(3)
    write_mnist(tmp_path)
    data.save_idx(np.zeros(7, np.uint8), tmp_path / "t10k-labels-idx1-ubyte.gz")
    with pytest.raises(FileFormatError, match=r"found \(3, 4, 4\) and \(7,\)"):
        data.load_mnist(tmp_path)


@pytest.mark.slow  # scikit-learn takes two seconds to import
def test_scikit_learns_digits():
    pytest.importorskip("sklearn")
    X, y = data.digits()
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((1797, 64), np.float32, (1797,), np.int64)
    assert (X.min(), X.max()) == (0.0, 1.0)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert data.digits(flat=False)[0].shape == (1797, 8, 8)


def test_without_scikit_learn_digits_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    with pytest.raises(AutogradError, match="pip install scikit-learn") as caught:
        data.digits()
    assert isinstance(caught.value, ImportError)
