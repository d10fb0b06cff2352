"""Models in files: round trips, and models that a file cannot hold."""

from __future__ import annotations

import json
import re
from functools import partial

import numpy as np
import pytest
from samples_layers import LAYERS

import autograd as ag
import nn
from autograd import Tensor
from nn.description import CLASSES, build, describe

MODELS = {
    **{name: make for name, make in LAYERS.items() if not re.search("normal|lambda", repr(make()))},
    "MLP": lambda: nn.MLP(3, [4, 5], 2, activation="swish", output_activation="tanh", rng=0),
    "MLP of scalars": lambda: nn.MLP(3, [4], 1, scalar=True, activation="prelu", rng=0),
    "MLP in float64": lambda: nn.MLP(3, [4], 1, bias=False, dtype=np.float64, rng=0),
    "MLP with a module": lambda: nn.MLP(3, [4, 4], 1, activation=nn.PReLU(initial=0.1), rng=0),
    "Linear in float16": lambda: nn.Linear(3, 2, dtype=np.float16, rng=0),
    "Sequential": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(3, 4, rng=0), nn.BatchNorm(4, eps=1e-3), nn.Dropout(0.2),
        nn.BatchNorm(4, momentum=None, affine=False), nn.BatchNorm(4, track_running_stats=False),
        nn.Softplus(2.0, 20.0), nn.GELU("tanh"),
        nn.GaussianNoise(0.3), nn.DropConnect(4, 4, p=0.1, rng=0), nn.Maxout(4, 3, 3, rng=0),
        nn.Sequential(nn.ELU(0.5), nn.SELU(), nn.GELU(), nn.Softplus(), nn.LeakyReLU(0.2)),
        nn.PReLU(3), nn.Sigmoid(2.0), nn.Tanh(1.0), nn.Identity(), nn.Swish(), nn.ReLU(),
        nn.LogSoftmax(axis=1), nn.Softmax(),
    ),
    "steps": lambda: nn.Sequential(nn.Linear(3, 2, rng=0), nn.Step(), nn.BipolarStep()),
    "Neuron": lambda: nn.Neuron(3, activation="identity", rng=0),
    "Perceptron": lambda: nn.Perceptron(3, rng=0),
    "a layer of scalars": lambda: nn.Linear(3, 2, rng=0, scalar=True),
    "Autoencoder": lambda: nn.Autoencoder(3, [2], corruption=nn.Dropout(0.1), rng=0),
    "functions": lambda: nn.Sequential(
        nn.Linear(3, 3, rng=0), nn.tanh, ag.tanh, np.sin, partial(nn.leaky_relu, slope=0.2),
        nn.MLP(3, [2], 2, activation=nn.swish),
    ),
    "maps": lambda: nn.Sequential(
        nn.BatchNorm2d(1), nn.Dropout2d(0.1), nn.Conv2d(1, 2, (2, 1), padding=1, rng=0),
        nn.MaxPool2d(2, 1), nn.AvgPool2d(2, 1), nn.ConvTranspose2d(2, 1, 2, bias=False, rng=0),
        nn.FractionalMaxPool2d(2, output_size=2), nn.Flatten(),
    ),
    "maps of any size": lambda: nn.Sequential(
        nn.Reshape((1, -1)), nn.Conv1d(1, 2, 2, rng=0), nn.MaxPool1d(2, 1), nn.AvgPool1d(1),
        nn.ConvTranspose1d(2, 2, 2, rng=0), nn.GlobalAvgPool(), nn.Reshape((1, 1, 2, 1)),
        nn.Conv3d(1, 2, 1, rng=0), nn.MaxPool3d(1), nn.AvgPool3d(1),
        nn.ConvTranspose3d(2, 1, 1, rng=0), nn.Reshape((1, 2, 1)), nn.GlobalAvgPool2d(),
    ),
    "SmallResNet": lambda: nn.SmallResNet(widths=(4, 8), drop=0.1, rng=0),
    "Embedding": lambda: nn.Sequential(
        nn.Embedding(4, 2, rng=0), nn.PositionalEncoding(2, base=100.0)
    ),
    "TransformerBlock": lambda: nn.Sequential(
        nn.TransformerBlock(3, 1, hidden=4, causal=True, dropout=0.1, rng=0),
        nn.MultiHeadAttention(3, 3, bias=False, rng=0),
    ),
    "CharRNN": lambda: nn.CharRNN("abc", hidden_size=3, kind="gru", embedding=2, rng=0),
    "TinyGPT": lambda: nn.TinyGPT(4, 4, dim=4, heads=2, blocks=2, dropout=0.1, rng=0),
    "LeNet5": lambda: nn.LeNet5(classes=2, activation="tanh", rng=0),
    "sequences": lambda: nn.Sequential(
        nn.GRU(3, 4, bidirectional=True, dropout=0.1, num_layers=2, rng=0), nn.LastStep(),
        nn.Residual(nn.StochasticDepth(nn.Linear(8, 8, rng=0), 0.2, rng=0)),
    ),
    "sequences with ReLU": lambda: nn.Sequential(
        nn.RNN(3, 2, activation="relu", rng=0), nn.LastStep(), nn.GroupNorm(2, 2)
    ),
    "sequences in cells": lambda: nn.Sequential(nn.LSTM(3, 2, bias=False, rng=0), nn.LastStep()),
    "rows of scalars": lambda: nn.Conv1d(4, 2, 2, rng=0, scalar=True),
    "images of scalars": lambda: nn.Conv2d(1, 2, (2, 1), bias=False, rng=0, scalar=True),
    "sequences of scalars": lambda: nn.RNN(3, 2, rng=0, scalar=True),
    "StackedAutoencoder": lambda: nn.StackedAutoencoder(3, [2, 2], activation="tanh", rng=0),
}  # fmt: skip

X = np.random.default_rng(1).normal(size=(4, 3))


def outputs(model):
    """What a model gives in use, whichever form it has."""
    model.eval()
    if model.is_scalar and isinstance(model, nn.RNN):
        out = model(X.tolist())[1]
    elif model.is_scalar and isinstance(model, (nn.Conv1d, nn.Conv2d)):
        out = nn.Flatten()(model([X.tolist()] if type(model).__name__[-2] == "2" else X.tolist()))
    elif model.is_scalar:
        out = model(X[0].tolist())
    else:
        out = model(shaped(model))
    return [o.data for o in out] if isinstance(out, list) else out.data


def shaped(model):
    """The numbers as what the model's first layer takes."""
    kinds = {type(module).__name__ for module in model.modules()}
    if "Embedding" in kinds:
        return np.abs(X).astype(int)
    if kinds & {"RNN", "LSTM", "GRU", "TransformerBlock"}:
        return X[None]
    if kinds & {"BatchNorm2d", "LeNet5"}:
        return np.resize(X, (2, 1, *getattr(model, "input_shape", (1, 4, 3))[1:]))
    return X


def same_state(model, before):
    return all(
        np.array_equal(value, before[name]) and value.dtype == before[name].dtype
        for name, value in model.state_dict().items()
    )


@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_to_the_bit(name, tmp_path):
    model = MODELS[name]()
    path = nn.save(model, tmp_path / "model.npz")
    again = nn.load(path)
    assert type(again) is type(model)
    assert repr(again) == repr(model)
    assert list(again.state_dict()) == list(model.state_dict())
    assert same_state(again, model.state_dict())
    np.testing.assert_array_equal(outputs(again), outputs(model))
    assert [n for n, _ in again.named_parameters()] == [n for n, _ in model.named_parameters()]


def test_every_class_of_the_list_is_saved_in_some_test():
    saved = {type(m).__name__ for make in MODELS.values() for m in make().modules()}
    assert saved == set(CLASSES)


def test_equal_models_make_equal_files_and_nothing_else_in_the_folder(tmp_path):
    for name in ("one.npz", "two.npz"):
        nn.save(nn.MLP(3, [4], 2, rng=0), tmp_path / name)
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    assert one.read_bytes() == two.read_bytes()
    nn.save(nn.MLP(3, [4], 2, rng=1), one)
    assert one.read_bytes() != two.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.npz", "two.npz"]


def test_numpy_reads_the_arrays_by_their_names(tmp_path):
    model = nn.MLP(3, [4], 2, rng=0)
    with np.load(nn.save(model, tmp_path / "m.npz"), allow_pickle=False) as file:
        for name, value in model.state_dict().items():
            np.testing.assert_array_equal(file[name], value)
        described = json.loads(file["description.json"])
    assert described["model"]["class"] == "MLP"
    assert described["arrays"]["layers.0.weight"] == {"shape": [3, 4], "dtype": "float32"}


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = nn.save(nn.Linear(3, 2, rng=0), tmp_path / "m.npz")
    before = path.read_bytes()
    with pytest.raises(nn.DescriptionError):
        nn.save(nn.Sequential(nn.Linear(3, 2), lambda x: x), path)
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(OSError):
        nn.save(nn.Linear(3, 2), tmp_path / "folder.npz")
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.npz", "m.npz"]


class Own(nn.Module):
    """A class that no file may name."""

    def __init__(self):
        self.inner = nn.Linear(3, 2, rng=0)

    def forward(self, x):
        return self.inner(x)


class Linear(nn.Linear):
    """A class of one's own under one of our names."""


@pytest.mark.parametrize(
    "make",
    [
        Own,
        lambda: Linear(3, 2),
        lambda: nn.Sequential(Own()),
        lambda: nn.MLP(3, [4], 1, activation=lambda x: x),
    ],
)
def test_what_a_file_cannot_name_is_refused_with_the_way_out(make, tmp_path):
    with pytest.raises(nn.DescriptionError, match="weights_only=True"):
        nn.save(make(), tmp_path / "m.npz")
    assert not list(tmp_path.iterdir())
    model, other = make(), make()
    path = nn.save(model, tmp_path / "m.npz", weights_only=True)
    with pytest.raises(nn.FileFormatError, match="into=model"):
        nn.load(path)
    assert nn.load(path, into=other) is other
    assert same_state(other, model.state_dict())


def test_loading_into_a_model_casts_and_checks(tmp_path):
    path = nn.save(nn.MLP(3, [4], 2, rng=0), tmp_path / "m.npz")
    for other in (nn.MLP(3, [4], 2, dtype=np.float64), nn.MLP(3, [4], 2, scalar=True)):
        nn.load(path, into=other)
        np.testing.assert_allclose(
            other.state_dict()["layers.0.weight"],
            nn.MLP(3, [4], 2, rng=0).layers[0].weight.data,
        )
    wrong = nn.MLP(3, [5], 2, rng=0)
    before = wrong.state_dict()
    with pytest.raises(nn.StateError, match=r"\(3, 5\) and received \(3, 4\)"):
        nn.load(path, into=wrong)
    assert same_state(wrong, before)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p: nn.save(3, p), "module"),
        (lambda p: nn.save(nn.Linear, p), "module"),
        (lambda p: nn.load(p, into=3), "module"),
    ],
)
def test_what_is_no_module_is_refused(call, words, tmp_path):
    with pytest.raises(ag.DataError, match=words):
        call(tmp_path / "m.npz")


def test_a_missing_file_is_pythons_own_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "none.npz")


@pytest.mark.parametrize("name", MODELS)
def test_a_description_builds_what_it_describes(name):
    model = MODELS[name]()
    described = json.loads(json.dumps(describe(model)))
    assert describe(build(described)) == describe(model)


def test_a_tensor_is_no_argument():
    """What is not plain data is refused by name."""
    with pytest.raises(nn.DescriptionError, match=r"LeakyReLU: slope is Tensor"):
        layer = nn.LeakyReLU()
        layer.slope = Tensor(0.1)
        describe(layer)


# ---- what is held twice


def layer_twice():
    layer, bend = nn.Linear(3, 3, rng=0), nn.PReLU()
    return nn.Sequential(layer, bend, nn.Sequential(layer, bend), nn.Linear(3, 2, rng=1))


def tensor_twice():
    first, second = nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1)
    second.weight = first.weight
    return nn.Sequential(first, second, nn.BatchNorm(3))


def numbers_twice():
    first, second = nn.Linear(3, 3, rng=0, scalar=True), nn.Linear(3, 3, rng=1, scalar=True)
    second.weight = first.weight
    return nn.Sequential(first, second)


TWICE = [layer_twice, tensor_twice, numbers_twice]


@pytest.mark.parametrize("make", TWICE)
def test_what_is_held_twice_is_written_once_and_held_twice_again(make, tmp_path):
    model = make()
    again = nn.load(nn.save(model, tmp_path / "m.npz"))
    assert list(again.state_dict()) == list(model.state_dict())
    assert len(again.parameters()) == len(model.parameters())
    np.testing.assert_array_equal(outputs(again), outputs(model))
    for tensor in again.parameters():  # one change moves both places, as it does in the model
        tensor.data = 2.0 * tensor.data
    for tensor in model.parameters():
        tensor.data = 2.0 * tensor.data
    np.testing.assert_array_equal(outputs(again), outputs(model))


def test_what_is_held_twice_fills_both_places_of_a_model_that_shares_nothing(tmp_path):
    model = tensor_twice()
    path = nn.save(model, tmp_path / "m.npz")
    apart = nn.Sequential(*(nn.load(path)[i] for i in range(len(model))))
    apart[1].weight = ag.Tensor(np.zeros_like(model[1].weight.data))
    assert nn.load(path, into=apart) is apart
    np.testing.assert_array_equal(outputs(apart), outputs(model))
    assert apart[0].weight is not apart[1].weight


@pytest.mark.parametrize("make", TWICE)
def test_an_array_for_what_is_held_twice_may_come_under_any_name(make):
    """As of a file of PyTorch's, which has it under each, or of a class whose attributes stood in
    another order."""
    model, twin = make(), make()
    state = {name: value + 1.0 for name, value in model.state_dict().items()}
    moved = dict(state)
    first, second = {
        layer_twice: ("layers.0.weight", "layers.2.layers.0.weight"),
        tensor_twice: ("layers.0.weight", "layers.1.weight"),
        numbers_twice: ("layers.0.weight", "layers.1.weight"),
    }[make]
    moved[second] = moved.pop(first)
    model.load_state_dict(moved)
    assert same_state(model, state)
    twin.load_state_dict({**state, second: state[first]})
    assert same_state(twin, state)
    with pytest.raises(nn.StateError, match="are one Tensor, and received different arrays"):
        twin.load_state_dict({**state, second: 2.0 * state[first]})
    assert same_state(twin, state)


def test_a_state_in_part_is_taken_and_what_is_left_alone_is_told():
    model = nn.MLP(3, [4], 2, rng=0)
    before, weight = model.state_dict(), np.ones((3, 4))
    left = model.load_state_dict({"layers.0.weight": weight, "head": 1}, strict=False)
    assert left == (
        ["layers.0.bias", "layers.1.weight", "layers.1.bias"],
        ["head"],
    )
    assert left.missing == left[0]
    assert left.unexpected == ["head"]
    assert same_state(model, {**before, "layers.0.weight": weight.astype(np.float32)})
    with pytest.raises(nn.StateError, match="expects shape"):
        model.load_state_dict({"layers.0.weight": weight.T}, strict=False)
