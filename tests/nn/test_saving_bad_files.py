"""Files that are no models of ours, lie, or are damaged: refused as such, and nothing changes."""

from __future__ import annotations

import copy
import io
import json
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nn
from nn.description import CLASSES


def file_of(description, arrays, compression=zipfile.ZIP_STORED):
    """The bytes of a file with such a description and such `.npy` members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        text = description if isinstance(description, str) else json.dumps(description)
        archive.writestr("description.json", text)
        for name, array in arrays.items():
            data = array
            if not isinstance(array, bytes):
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, array)
                data = buffer.getvalue()
            archive.writestr(f"{name}.npy", data)
    return content.getvalue()


STATE = {"weight": np.ones((3, 2), np.float32), "bias": np.zeros(2, np.float32)}
LINEAR = {"class": "Linear", "inputs": 3, "outputs": 2}
LISTED = {
    "weight": {"shape": [3, 2], "dtype": "float32"}, "bias": {"shape": [2], "dtype": "float32"},
}  # fmt: skip
GOOD = {"format": "gategrad model", "version": 1, "model": LINEAR, "arrays": LISTED}


def changed(**changes):
    description = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = description
        for step in way:
            place = place[step]
        place[last] = value
    return description


def listing(**shapes):
    return {n: {"shape": list(s), "dtype": "float32"} for n, s in shapes.items()}


def test_the_file_that_the_lies_are_told_about_is_good(tmp_path):
    (tmp_path / "m.npz").write_bytes(file_of(GOOD, STATE))
    assert nn.load(tmp_path / "m.npz")([1.0, 1.0, 1.0]).data.tolist() == [3.0, 3.0]


HUGE = 10**9

LIES = {
    "empty": b"",
    "text": b"hello, this is no archive",
    "another npz": lambda: saved_by_numpy(a=np.ones(3)),
    "a pickle in it": lambda: saved_by_numpy(a=np.array([{}], dtype=object)),
    "compressed": file_of(GOOD, STATE, zipfile.ZIP_DEFLATED),
    "a bomb": file_of(GOOD, {"weight": np.zeros(1 << 20), "bias": STATE["bias"]}, 8),
    "not JSON": file_of("{", STATE),
    "not UTF-8": file_of("\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), STATE),
    "a list": file_of([1], STATE),
    "NaN": file_of('{"format": NaN}', STATE),
    "nested too deep": file_of("[" * 100_000, STATE),
    "a long description": file_of(" " * (1 << 20) + "{}", STATE),
    "an integer of many digits": file_of('{"version": ' + "9" * 5000 + "}", STATE),
    "another format": file_of(changed(format="checkpoint"), STATE),
    "another version": file_of(changed(version=2), STATE),
    "no arrays": file_of({**GOOD, "arrays": None}, STATE),
    "arrays missing": file_of(GOOD, {"weight": STATE["weight"]}),
    "arrays too many": file_of(GOOD, {**STATE, "more": np.ones(1)}),
    "a wrong shape": file_of(GOOD, {**STATE, "weight": np.ones((2, 3), np.float32)}),
    "a wrong dtype": file_of(GOOD, {**STATE, "weight": np.ones((3, 2))}),
    "integers of that size": file_of(GOOD, {**STATE, "weight": np.ones((3, 2), np.int32)}),
    "big-endian": file_of(GOOD, {**STATE, "weight": np.ones((3, 2), ">f4")}),
    "Fortran order": file_of(GOOD, {**STATE, "weight": np.asfortranarray(STATE["weight"])}),
    "no npy": file_of(GOOD, {**STATE, "bias": b"x" * 136}),
    "a long npy": file_of(GOOD, {**STATE, "bias": b"x" * 10_000}),
    "a negative shape": file_of(changed(arrays__bias__shape=[-2]), STATE),
    "a shape of text": file_of(changed(arrays__bias__shape="2"), STATE),
    "a shape of floats": file_of(changed(arrays__bias__shape=[2.0]), STATE),
    "a shape of many axes": file_of(changed(arrays__bias__shape=[1] * 100), STATE),
    "a huge shape": file_of(changed(arrays__bias__shape=[HUGE] * 8), STATE),
    "a dtype of objects": file_of(changed(arrays__bias__dtype="object"), STATE),
    "a dtype of its own": file_of(changed(arrays__bias__dtype=["f4"]), STATE),
    "an array of text": file_of(changed(arrays__bias="float32"), STATE),
    "no class": file_of(changed(model={}), STATE),
    "a class of none": file_of(changed(model__class=None), STATE),
    "an unknown class": file_of(changed(model__class="os.system"), STATE),
    "a function's name": file_of(changed(model__class="save"), STATE),
    "the base class": file_of(changed(model__class="Module"), STATE),
    "a model of text": file_of(changed(model="Linear"), STATE),
    "an unknown argument": file_of(changed(model__rng=0), STATE),
    "an argument missing": file_of(changed(model={"class": "Linear", "inputs": 3}), STATE),
    "a size of text": file_of(changed(model__inputs="3"), STATE),
    "a size of 0": file_of(changed(model__inputs=0), STATE),
    "an initialiser that is none": file_of(changed(model__initializer="zeroes"), STATE),
    "more numbers than there are": file_of(changed(model__inputs=HUGE, model__outputs=HUGE), STATE),
    "scalars than there are numbers": file_of(
        changed(model={"class": "MLP", "inputs": HUGE, "hidden": [HUGE], "outputs": HUGE,
                       "scalar": True}), STATE),
    "more layers than there are arrays": file_of(
        changed(model={"class": "MLP", "inputs": 1, "hidden": [1] * 100_000, "outputs": 1}),
        {"weight": np.zeros((3, 2), np.float32), "bias": np.zeros(2, np.float32)}),
    "a model of other shapes": file_of(changed(model__inputs=2, model__outputs=3), STATE),
    "a model of other names": file_of(
        changed(model={"class": "Sequential", "layers": [LINEAR]}), STATE),
    "a model of another dtype": file_of(changed(model__dtype="float64"), STATE),
    "a model nested too deep": file_of(
        changed(model=json.loads('{"class":"Sequential","layers":[' * 60 + "[]" + "]}" * 60)),
        STATE),
    "a float of text": file_of(
        changed(model={"class": "Dropout", "p": "x"}, arrays={}), {}),
    "an infinite float": file_of(
        '{"format":"gategrad model","version":1,"arrays":{},'
        '"model":{"class":"ELU","alpha":1e999}}', {}),
    "a float of many digits": file_of(
        changed(model={"class": "ELU", "alpha": 10**400}, arrays={}), {}),
    "a module for a number": file_of(
        changed(model={"class": "ELU", "alpha": {"class": "ReLU"}}, arrays={}), {}),
    "a layer that is none": file_of(
        changed(model={"class": "Sequential", "layers": [3]}, arrays={}), {}),
    "layers that are text": file_of(
        changed(model={"class": "Sequential", "layers": "ReLU"}, arrays={}), {}),
    "an axis of text": file_of(
        changed(model={"class": "Softmax", "axis": [1]}, arrays={}), {}),
}  # fmt: skip


def saved_by_numpy(**arrays):
    content = io.BytesIO()
    np.savez(content, allow_pickle=True, **arrays)
    return content.getvalue()


@pytest.mark.parametrize("name", LIES)
def test_a_file_that_lies_is_refused_and_nothing_changes(name, tmp_path):
    content = LIES[name]() if callable(LIES[name]) else LIES[name]
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    with pytest.raises(nn.FileFormatError, match=r"m\.npz") as caught:
        nn.load(path)
    assert isinstance(caught.value, ValueError)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "name", ["compressed", "no npy", "a wrong dtype", "arrays missing", "text"]
)
def test_a_damaged_file_leaves_the_model_it_was_for(name, tmp_path):
    path, model = tmp_path / "m.npz", nn.Linear(3, 2, rng=0)
    path.write_bytes(LIES[name])
    before, versions = model.state_dict(), [p._version for p in model.parameters()]
    with pytest.raises(nn.FileFormatError):
        nn.load(path, into=model)
    np.testing.assert_equal(model.state_dict(), before)
    assert [p._version for p in model.parameters()] == versions


def test_a_name_twice_is_refused(tmp_path):
    content = io.BytesIO(file_of(GOOD, STATE))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("description.json", json.dumps(GOOD))
    (tmp_path / "m.npz").write_bytes(content.getvalue())
    with pytest.raises(nn.FileFormatError, match="twice"):
        nn.load(tmp_path / "m.npz")


def test_members_that_overlap_are_not_counted_as_more_than_the_file(tmp_path):
    """Several entries of the directory that point at the same bytes: a bomb without compression."""
    big = np.zeros((1000, 1000), np.float32)
    content = bytearray(file_of(changed(arrays=listing(a=big.shape, b=big.shape)), {"a": big}))
    end = content.rindex(b"PK\x05\x06")
    start = struct.unpack_from("<I", content, end + 16)[0]
    directory = bytes(content[start:end])
    entry = directory[directory.rindex(b"PK\x01\x02") :]
    twice = directory + entry.replace(b"a.npy", b"b.npy")
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 3, 3, len(twice), start, 0)
    (tmp_path / "m.npz").write_bytes(bytes(content[:start]) + twice + tail)
    with pytest.raises(nn.FileFormatError, match="larger than the file"):
        nn.load(tmp_path / "m.npz")


fuzzing = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def only_our_errors(path, content):
    path.write_bytes(content)
    try:
        model = nn.load(path)
    except nn.FileFormatError:
        return
    assert isinstance(model, nn.Module)


WHOLE = file_of(GOOD, STATE)


@fuzzing
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6))
def test_bytes_that_flip(tmp_path, changes):
    content = bytearray(WHOLE)
    for place, byte in changes:
        content[place] = byte
    only_our_errors(tmp_path / "m.npz", bytes(content))


@fuzzing
@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.binary(max_size=40))
def test_bytes_that_are_missing_or_more(tmp_path, start, stop, more):
    only_our_errors(tmp_path / "m.npz", WHOLE[:start] + more + WHOLE[max(start, stop) :])


@fuzzing
@given(st.binary(max_size=300))
def test_bytes_of_any_kind(tmp_path, content):
    only_our_errors(tmp_path / "m.npz", content)
    only_our_errors(tmp_path / "m.npz", b"PK\x03\x04" + content)


ARGUMENTS = (
    "inputs", "outputs", "hidden", "layers", "p", "slope", "axis", "features", "dtype",
    "activation", "scalar", "bias", "initializer", "corruption", "pieces", "alpha",
)  # fmt: skip

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.sampled_from([*CLASSES, "relu", "float32", "glorot_uniform"]),
    lambda inner: st.lists(inner, max_size=3) | st.fixed_dictionaries(
        {"class": st.sampled_from(CLASSES)}, optional=dict.fromkeys(ARGUMENTS, inner)
    ),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.slow
@fuzzing
@given(VALUES)
def test_descriptions_of_any_kind(tmp_path, value):
    content = file_of({**GOOD, "model": value}, STATE)
    only_our_errors(tmp_path / "m.npz", content)


@fuzzing
@given(st.dictionaries(st.sampled_from(["weight", "bias", "a/b", ""]), VALUES, max_size=3))
def test_lists_of_arrays_of_any_kind(tmp_path, arrays):
    only_our_errors(tmp_path / "m.npz", file_of({**GOOD, "arrays": arrays}, STATE))


@pytest.mark.parametrize(
    "model",
    [
        {"class": "Sequential", "layers": [LINEAR, {"same": 1}]},
        {"class": "Sequential", "layers": [{"same": 0}]},
        {"class": "Sequential", "layers": [LINEAR, {"same": [0]}]},
        {"class": "Sequential", "layers": [LINEAR, {"function": "numpy.save"}]},
        {"class": "Sequential", "layers": [LINEAR, {"function": {}}]},
    ],
)
def test_a_description_that_names_what_is_not_there_is_refused(model, tmp_path):
    check_refused(model, tmp_path, "which is not there")


@pytest.mark.parametrize("options", [[], 3, {"slope": []}, {"slope": {"function": "nn.tanh"}}])
def test_settings_of_a_function_that_are_no_plain_values_are_refused(options, tmp_path):
    function = {"function": "nn.leaky_relu", "options": options}
    model = {"class": "Sequential", "layers": [LINEAR, function]}
    check_refused(model, tmp_path, "is described with the settings")


def check_refused(model, tmp_path, words):
    listed = {f"layers.0.{name}": entry for name, entry in LISTED.items()}
    state = {f"layers.0.{name}": array for name, array in STATE.items()}
    lie = {**GOOD, "model": model, "arrays": listed}
    (tmp_path / "m.npz").write_bytes(file_of(lie, state))
    with pytest.raises(nn.FileFormatError, match=words):
        nn.load(tmp_path / "m.npz")


@pytest.mark.parametrize(
    "ties",
    [
        [],
        {"layers.1.weight": "none"},
        {"layers.1.weight": 1},
        {"layers.1.weight": "layers.0.bias"},
        {"layers.2.weight": "layers.0.weight"},
        {"layers": "layers.0.weight"},
        {f"layers.{i}.weight": "layers.0.weight" for i in range(1000)},
    ],
)
def test_ties_of_what_cannot_be_one_are_refused(ties, tmp_path):
    listed = {f"layers.0.{name}": entry for name, entry in LISTED.items()}
    state = {f"layers.0.{name}": array for name, array in STATE.items()}
    model = {"class": "Sequential", "layers": [LINEAR, LINEAR]}
    lie = {**GOOD, "model": model, "arrays": listed, "ties": ties}
    (tmp_path / "m.npz").write_bytes(file_of(lie, state))
    with pytest.raises(nn.FileFormatError):
        nn.load(tmp_path / "m.npz")
