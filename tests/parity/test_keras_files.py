"""Files of Keras that are none, are damaged, or reach for other files: refused."""

from __future__ import annotations

import io
import zipfile

import h5py
import numpy as np
import pytest

import nn


def file_of(fill):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        fill(file)
    return content.getvalue()


def dense(file, kernel=None, **how):
    group = file.create_group("layers/dense/vars")
    group.create_dataset("0", data=np.ones((3, 2)) if kernel is None else kernel, **how)
    group.create_dataset("1", data=np.zeros(2))


def test_the_file_that_the_lies_are_told_about_is_good(tmp_path):
    (tmp_path / "m.weights.h5").write_bytes(file_of(dense))
    layer = nn.load(tmp_path / "m.weights.h5", into=nn.Linear(3, 2))
    np.testing.assert_array_equal(layer.weight.data, np.ones((3, 2)))


def linked(file):
    file["layers"] = h5py.ExternalLink("/etc/other.h5", "/layers")


def renamed(file):
    dense(file)
    file["layers/dense/vars/2"] = h5py.SoftLink("/layers/dense/vars/0")


def outside(file):
    group = file.create_group("layers/dense/vars")
    group.create_dataset("0", shape=(3, 2), dtype="f8", external=[("/etc/hostname", 0, 48)])


def empty(file):
    file.create_group("layers/dense/vars").create_dataset("0", shape=(1 << 20, 1 << 20), dtype="f4")


def circular(file):
    dense(file)
    file["layers/dense/inner"] = file["layers/dense"]


DAMAGED = {
    "nothing": b"", "no file": b"abc", "no layers": file_of(lambda file: None),
    "cut off": file_of(dense)[:-100], "a link to another file": file_of(linked),
    "a link to another name": file_of(renamed), "numbers of another file": file_of(outside),
    "compressed": file_of(lambda file: dense(file, np.ones((300, 200)), compression="gzip")),
    "far too large": file_of(empty), "a circle": file_of(circular),
    "a name that is no number": file_of(lambda f: f.create_dataset("layers/dense/vars/a", data=1)),
    "an array for a group": file_of(lambda file: file.create_dataset("layers", data=1)),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_none_or_damaged_is_refused(name, tmp_path):
    (tmp_path / "m.weights.h5").write_bytes(DAMAGED[name])
    with pytest.raises(nn.FileFormatError, match="no file of Keras 3, or is damaged"):
        nn.load(tmp_path / "m.weights.h5", into=nn.Linear(3, 2))


@pytest.mark.parametrize("config", [b"{}", b"[]", b"{", b'{"config": {"layers": [1]}}', b"\xff"])
def test_an_archive_without_a_configuration_is_refused(config, tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", file_of(dense))
    with pytest.raises(nn.FileFormatError, match="no file of Keras 3, or is damaged"):
        nn.load(tmp_path / "m.keras", into=nn.Linear(3, 2))


def test_such_a_file_holds_weights_only_and_none_is_written(tmp_path):
    (tmp_path / "m.weights.h5").write_bytes(file_of(dense))
    with pytest.raises(nn.FileFormatError, match="into=model"):
        nn.load(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match=r"\.npz and \.safetensors"):
        nn.save(nn.Linear(3, 2), tmp_path / "m.keras")


def archive_of(config, weights, method=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)
    return content.getvalue()


def test_a_file_with_wrong_bytes_is_refused_or_read(tmp_path):
    config = '{"config": {"layers": [{"class_name": "Dense", "config": {}}]}}'
    goods = {"m.keras": archive_of(config, file_of(dense)), "m.weights.h5": file_of(dense)}
    rng, refused = np.random.default_rng(0), 0
    for name, good in goods.items():
        for _ in range(150):
            wrong = bytearray(good[: len(good) if rng.random() < 0.8 else rng.integers(len(good))])
            for place in rng.integers(max(len(wrong), 1), size=3 if wrong else 0):
                wrong[place] = rng.integers(256)
            (tmp_path / name).write_bytes(wrong)
            layer = nn.Linear(3, 2, rng=0, dtype=np.float64)
            before = layer.weight.data.copy()
            try:
                nn.load(tmp_path / name, into=layer)
            except (nn.FileFormatError, nn.StateError):
                refused += 1
                np.testing.assert_array_equal(layer.weight.data, before)
    assert refused > 100


def test_a_configuration_that_is_none(tmp_path):
    config = '{"config": {"layers": [{"class_name": "Dense", "config": 3}]}}'
    (tmp_path / "m.keras").write_bytes(archive_of(config, file_of(dense)))
    with pytest.raises(nn.FileFormatError, match="configuration"):
        nn.load(tmp_path / "m.keras", into=nn.Linear(3, 2))


def of_attributes(file):
    file.create_group("vars")
    file.create_dataset("blocks/dense/vars/0", data=np.ones((3, 2)))


def of_keras_2(file):
    file.create_dataset("model_weights/dense/sequential/dense/kernel", data=np.ones((3, 2)))


@pytest.mark.parametrize(
    ("fill", "words"),
    [(of_attributes, "class of its own.*blocks, in no order"), (of_keras_2, "before Keras 3")],
)
def test_a_file_of_another_kind_of_model_says_so(fill, words, tmp_path):
    (tmp_path / "m.weights.h5").write_bytes(file_of(fill))
    with pytest.raises(nn.StateError, match=f"m.weights.h5 .*{words}"):
        nn.load(tmp_path / "m.weights.h5", into=nn.Linear(3, 2))
