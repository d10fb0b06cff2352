"""Models in files of safetensors: written as the format says, read again, damaged ones refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.exchange.safetensors import read_safetensors, write_safetensors

X = np.random.default_rng(0).normal(size=(4, 3))

MODELS = {
    "MLP": lambda: nn.MLP(3, [4, 5], 2, activation="prelu", rng=0),
    "scalars": lambda: nn.MLP(3, [4], 1, scalar=True, rng=0),
    "float64": lambda: nn.Sequential(nn.Linear(3, 4, rng=0, dtype=np.float64), nn.LayerNorm(4)),
    "half": lambda: nn.Linear(3, 4, rng=0, dtype=np.float16),
    "averages": lambda: nn.Sequential(
        nn.BatchNorm(3, momentum=None), nn.Linear(3, 4, rng=0), nn.BatchNorm(4)
    ),
    "attention": lambda: nn.Sequential(nn.TransformerBlock(3, 1, rng=0), nn.GRU(3, 2, rng=0)),
    "held twice": lambda: nn.Sequential(*[nn.Linear(3, 3, rng=0)] * 2),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_read_again_as_it_was(name, tmp_path):
    model = MODELS[name]()
    path = nn.save(model, tmp_path / "m.safetensors")
    assert [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]
    for again in (nn.load(path), nn.load(path, into=MODELS[name]())):
        assert repr(again) == repr(model)
        for key, value in model.state_dict().items():
            np.testing.assert_array_equal(again.state_dict()[key], value, strict=True)
    if name == "held twice":
        assert len(nn.load(path).parameters()) == 2


def test_the_file_is_the_one_that_the_format_describes(tmp_path):
    """A length, a header, then the arrays without gaps, at multiples of their size."""
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm(2))
    content = nn.save(model, tmp_path / "m.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0
    assert header.pop("__metadata__").keys() == {"format", "gategrad"}
    arrays, end = nn.to_torch(model), 0
    for name, entry in header.items():
        start, stop = entry["data_offsets"]
        assert start == end and start % arrays[name].itemsize == 0
        kind = {"F32": "<f4", "I64": "<i8"}[entry["dtype"]]
        found = np.frombuffer(content[8 + length :][start:stop], kind).reshape(entry["shape"])
        np.testing.assert_array_equal(found, arrays[name], strict=True)
        end = stop
    assert header.keys() == arrays.keys()
    assert len(content) == 8 + length + end


def test_what_a_model_learnt_of_names_is_kept(tmp_path):
    model = nn.Linear(2, 2, rng=0)
    model.classes_, model.feature_names_in_ = np.array(["no", "yes"]), ("height", "width")
    again = nn.load(nn.save(model, tmp_path / "m.safetensors"))
    np.testing.assert_array_equal(again.classes_, model.classes_)
    assert again.feature_names_in_ == ("height", "width")


def test_a_class_of_ones_own_is_written_as_weights(tmp_path):
    class Own(nn.Module):
        def __init__(self, rng):
            self.first = nn.Linear(3, 2, rng=rng)

        def forward(self, x):
            return self.first(x)

    path = nn.save(Own(0), tmp_path / "m.safetensors")
    np.testing.assert_array_equal(nn.load(path, into=Own(1))(X).data, Own(0)(X).data)
    for there in (path, nn.save(nn.Linear(2, 2), tmp_path / "w.safetensors", weights_only=True)):
        with pytest.raises(nn.FileFormatError, match="into=model"):
            nn.load(there)
    with pytest.raises(nn.StateError, match=r"missing: weight, bias; not in the model: first\."):
        nn.load(path, into=nn.Linear(3, 2))


def header_of(entries, body=b"\0" * 24):
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + body


def entry(dtype="F32", shape=(2, 3), offsets=(0, 24)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        b"\xff" * 40,
        header_of({"w": entry()})[:-1],
        header_of({"w": entry()}) + b"\0",
        header_of(b"{" * 100_000),
        header_of(b'{"w": 1}'),
        header_of(b"[1, 2]"),
        header_of(b'{"a": {}, "a": {}}'),
        header_of({"w": entry("F8_E4M3", (24,))}),
        header_of({"w": entry(shape=(2, 2))}),
        header_of({"w": entry(shape=(-2, -3))}),
        header_of({"w": entry(shape=(2.0, 3))}),
        header_of({"w": entry(offsets=(0, 25))}),
        header_of({"w": entry(offsets=(4, 28))}, b"\0" * 28),
        header_of({"w": entry(), "v": entry()}),
        header_of({"w": entry(shape=(1 << 40, 0), offsets=(0, 24))}),
        header_of({"w": entry(), "__metadata__": {"gategrad": 1}}),
        header_of({"w": entry(), "__metadata__": {"gategrad": "{"}}),
        header_of({"w": entry(), "__metadata__": {"gategrad": "[]"}}),
        header_of({"w": entry(), "__metadata__": {"gategrad": '{"format": "other"}'}}),
        header_of({"w": entry(), "__metadata__": {"gategrad": json.dumps({
            "format": "gategrad model", "version": 1,
            "model": {"class": "Linear", "inputs": 1 << 30, "outputs": 1 << 20},
        })}}),
        header_of({"w": entry(), "__metadata__": {"gategrad": json.dumps({
            "format": "gategrad model", "version": 1, "ties": {"a": ["b"]},
            "model": {"class": "Linear", "inputs": 2, "outputs": 3},
        })}}),
    ],
)  # fmt: skip
def test_what_is_none_or_damaged_is_refused(content, tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(nn.FileFormatError):
        nn.load(path)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]
            ),
            st.lists(st.integers(0, 3), max_size=3),
            st.booleans(),
        ),
        max_size=4,
    )
)
def test_arrays_of_every_dtype_and_order_come_back(tmp_path_factory, plans):
    rng = np.random.default_rng(0)
    arrays = {}
    for i, (kind, shape, turned) in enumerate(plans):
        array = rng.integers(0, 2, shape).astype(kind)
        arrays[f"a{i}"] = array.T if turned else array
    path = tmp_path_factory.mktemp("safe") / "a.safetensors"
    metadata, found = read_safetensors(write_safetensors(path, arrays, {"k": "v"}))
    assert metadata == {"k": "v"} and found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array, strict=True)
        assert found[name].flags.c_contiguous and found[name].flags.writeable


def test_bfloat16_is_read_as_float32(tmp_path):
    path = tmp_path / "b.safetensors"
    bits = (np.array([1.5, -2.25, 3e38], np.float32).view(np.uint32) >> 16).astype("<u2")
    path.write_bytes(header_of({"w": entry("BF16", (3,), (0, 6))}, bits.tobytes()))
    _, found = read_safetensors(path)
    np.testing.assert_allclose(found["w"], [1.5, -2.25, 3e38], rtol=2**-8)
    assert found["w"].dtype == np.float32


def test_a_pickle_of_pytorchs_is_answered(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "m.pt", "w") as file:
        file.writestr("m/data.pkl", b"")
    with pytest.raises(nn.FileFormatError, match=r"nn\.from_torch\(model, torch\.load"):
        nn.load(tmp_path / "m.pt", into=nn.Linear(2, 2))


def test_the_suffix_is_known_in_capitals(tmp_path):
    model = nn.MLP(2, [3], 1, rng=0)
    path = nn.save(model, tmp_path / "M.SAFETENSORS")
    assert path.read_bytes()[8:9] == b"{"
    np.testing.assert_array_equal(nn.load(path)(np.ones(2)).data, model(np.ones(2)).data)


@pytest.mark.parametrize("name", [".", "folder.npz", "folder.safetensors"])
def test_a_folder_is_no_file_to_write(name, tmp_path):
    (tmp_path / name).mkdir(exist_ok=True)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        nn.save(nn.Linear(2, 3, rng=0), tmp_path / name)
