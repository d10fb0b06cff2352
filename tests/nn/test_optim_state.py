"""An optimiser's state: saved, written to a file, restored to the same bits, or refused whole."""

from __future__ import annotations

import io
import json
import pickle
from copy import deepcopy

import numpy as np
import pytest

import nn
from autograd import AutogradError, Tensor
from nn import optim

KINDS = [
    *((kind, {}) for kind in optim.KINDS.values()),
    (optim.SGD, {"momentum": 0.9, "nesterov": True}),
    (optim.Adagrad, {"lr_decay": 0.1, "initial_accumulator_value": 0.1}),
    (optim.RMSProp, {"momentum": 0.9, "centered": True}),
    (optim.Adam, {"amsgrad": True}),
]


def parameters():
    """Arrays of several dtypes and sizes, and scalar nodes."""
    rng = np.random.default_rng(0)
    large = rng.normal(size=(300, 200)).astype(np.float32)
    return [
        Tensor(large),
        Tensor(rng.normal(size=3)),
        Tensor(0.5),
        Tensor(-0.5),
        Tensor(np.ones(())),
    ]


def train(optimizer, members, steps, seed):
    """Steps along random gradients; the last scalar node has one only now and then."""
    rng = np.random.default_rng(seed)
    for step in range(steps):
        optimizer.zero_grad()
        for i, p in enumerate(members):
            if i != 3 or step % 3 == 0:
                p.grad = rng.normal(size=p.shape).astype(np.asarray(p.data).dtype)
        optimizer.step()


def bits(members):
    return [np.asarray(p.data).tobytes() for p in members]


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_training_resumed_ends_at_the_same_bits(kind, options):
    through = parameters()
    optimizer = kind(through, lr=0.05, **options)
    train(optimizer, through, 4, seed=1)
    optimizer.lr = 0.02
    state, values = optimizer.state_dict(), [np.array(p.data) for p in through]
    train(optimizer, through, 5, seed=2)

    resumed = [Tensor(v if np.ndim(p.data) or type(p.data) is not float else float(v))
               for v, p in zip(values, through, strict=True)]  # fmt: skip
    other = kind(resumed, lr=1.0)
    other.load_state_dict(state)
    assert other.lr == 0.02
    train(other, resumed, 5, seed=2)
    assert bits(resumed) == bits(through)
    for mine, theirs in zip(
        other.state_dict()["state"], optimizer.state_dict()["state"], strict=True
    ):
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def pickled(value):
    return pickle.loads(pickle.dumps(value))


def out_of_a_read_only_file(value):
    """As joblib hands large arrays to its workers: mapped from a file that nobody may write to."""
    arrays = []

    class Pickler(pickle.Pickler):
        def persistent_id(self, part):
            if type(part) is not np.ndarray:
                return None
            arrays.append(part.copy(order="K"))
            arrays[-1].flags.writeable = False
            return len(arrays) - 1

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, number):
            return arrays[number]

    stream = io.BytesIO()
    Pickler(stream).dump(value)
    return Unpickler(io.BytesIO(stream.getvalue())).load()


@pytest.mark.parametrize("steps", [0, 4])
@pytest.mark.parametrize("copied", [deepcopy, pickled, out_of_a_read_only_file])
@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_copy_made_with_its_parameters_steps_them_and_no_others(kind, options, copied, steps):
    members = parameters()
    optimizer = kind(members, lr=0.05, **options)
    train(optimizer, members, steps, seed=1)
    copies, other = copied((members, optimizer))
    assert other.parameters == copies
    before = bits(members)
    train(other, copies, 5, seed=2)
    assert bits(members) == before
    train(optimizer, members, 5, seed=2)
    assert bits(copies) == bits(members) != before


@pytest.mark.parametrize("copied", [deepcopy, pickled, out_of_a_read_only_file])
def test_an_optimiser_copied_alone_steps_parameters_of_its_own(copied):
    members = parameters()
    optimizer = optim.Adam(members, lr=0.05)
    train(optimizer, members, 4, seed=1)
    other = copied(optimizer)
    before = bits(members)
    train(other, other.parameters, 5, seed=2)
    assert bits(members) == before
    train(optimizer, members, 5, seed=2)
    assert bits(other.parameters) == bits(members) != before


@pytest.mark.parametrize("copied", [deepcopy, pickled, out_of_a_read_only_file])
def test_a_pair_of_model_and_optimiser_trains_on_as_the_first_one_does(copied):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 3)), rng.integers(0, 2, 32)

    def trained(pair, epochs):
        model, optimizer = pair
        nn.fit(
            model, x, y, loss="cross_entropy", optimizer=optimizer, epochs=epochs, batch_size=8,
            rng=epochs,
        )  # fmt: skip
        return pair

    layers = nn.Linear(3, 800, rng=0), nn.BatchNorm(800), nn.Tanh(), nn.Linear(800, 2, rng=1)
    pair = trained((nn.Sequential(*layers), optim.Adam(lr=0.01)), 1)
    other = trained(copied(pair), 2)
    trained(pair, 2)
    for name, value in pair[0].state_dict().items():
        np.testing.assert_array_equal(other[0].state_dict()[name], value)


def test_a_state_that_went_through_json_is_the_same():
    members = parameters()[1:]
    optimizer = optim.Adam(members, lr=0.05, amsgrad=True)
    train(optimizer, members, 3, seed=1)
    state = optimizer.state_dict()
    text = json.dumps(state, default=lambda array: array.tolist())
    again = optim.Adam(members)
    again.load_state_dict(json.loads(text))
    assert json.dumps(again.state_dict(), default=lambda a: a.tolist()) == text


def test_saved_state_is_a_copy():
    p = Tensor(np.ones(3))
    optimizer = optim.SGD([p], momentum=0.9)
    p.grad = np.ones(3)
    optimizer.step()
    state = optimizer.state_dict()
    kept = state["state"][0]["momentum_buffer"].copy()
    optimizer.step()
    np.testing.assert_array_equal(state["state"][0]["momentum_buffer"], kept)
    optimizer.load_state_dict(state)
    optimizer.step()
    np.testing.assert_array_equal(state["state"][0]["momentum_buffer"], kept)


def test_a_new_optimisers_state_is_empty_and_loads():
    members = parameters()
    optimizer = optim.Adam(members)
    state = optimizer.state_dict()
    assert state["state"] == [{"step": 0}] * len(members)
    optimizer.load_state_dict(state)
    train(optimizer, members, 1, seed=0)


def _without(state, key):
    del state[key]


def _set(*path_and_value):
    *path, last, value = path_and_value

    def change(state):
        for key in path:
            state = state[key]
        state[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: _without(state, "lr"), "expects what state_dict"),
        (_set("optimizer", "SGD"), "cannot take the state of 'SGD'"),
        (_set("lr", -1.0), "lr must be"),
        (_set("param_groups", []), "groups of"),
        (_set("param_groups", 0, "params", 3), "groups of"),
        (_set("param_groups", 0, "eps", "small"), "eps must be"),
        (_set("param_groups", 0, "extra", 1), "the settings"),
        (_set("state", []), "0 entries"),
        (_set("state", 0, {}), "no entry with a 'step'"),
        (_set("state", 0, "step", 1.5), "step must be an integer"),
        (_set("state", 0, "sum", np.zeros(3, np.float32)), "sum must be of shape"),
        (_set("state", 0, "sum", np.zeros((300, 200))), "and float32, received"),
        (_set("state", 0, {"step": 1, "square": 0.0}), "its state is sum, sum_sq"),
        (_set("state", 4, "sum", "text"), "sum must be of shape"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(change, message):
    members = parameters()
    optimizer = optim.Adam(members, lr=0.05)
    train(optimizer, members, 3, seed=1)
    before = optimizer.state_dict()
    wrong = optimizer.state_dict()
    wrong["lr"] = wrong["param_groups"][0]["lr"] = 0.5
    change(wrong)
    with pytest.raises(AutogradError, match=message):
        optimizer.load_state_dict(wrong)
    after = optimizer.state_dict()
    assert (after["lr"], after["param_groups"]) == (before["lr"], before["param_groups"])
    for old, new in zip(before["state"], after["state"], strict=True):
        assert all(np.array_equal(old[name], new[name]) for name in old)
