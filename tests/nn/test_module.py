"""Modules: how parameters are found, state taken over, and how networks count."""

from __future__ import annotations

import copy
import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Tensor
from nn.calls import Calls, calls


class Everything(nn.Module):
    """Tensors in all the places that are searched."""

    def __init__(self):
        self.own = Tensor([1.0, 2.0])
        self.number = Tensor(3.0)
        self.state = Tensor([4.0], requires_grad=False)
        self.count = Tensor(np.array([7]), requires_grad=False)
        self.inside = nn.Linear(2, 1, rng=0)
        self.listed = [nn.Linear(1, 1, rng=0), (Tensor([5.0]),)]
        self.keyed = {"a": Tensor([6.0]), 3: nn.PReLU()}
        self.again = self.own
        self.nothing = None
        self.text = "text"
        self.itself = self
        self.loop = self.listed
        self.loop.append(self.loop)


NAMES = [
    "own", "number", "inside.weight", "inside.bias", "listed.0.weight", "listed.0.bias",
    "listed.1.0", "keyed.a", "keyed.3.slope",
]  # fmt: skip


def test_parameters_are_found_once_wherever_they_are_in_order():
    module = Everything()
    assert [name for name, _ in module.named_parameters()] == NAMES
    assert module.parameters()[0] is module.own
    assert [name for name, _ in module.named_modules()] == ["", "inside", "listed.0", "keyed.3"]


def test_state_is_kept_and_not_trained():
    module = Everything()
    assert list(module.state_dict()) == [*NAMES[:2], "state", "count", *NAMES[2:]]
    module.own.requires_grad = False  # frozen: still state
    assert "own" not in dict(module.named_parameters())
    assert "own" in module.state_dict()


def test_a_state_dict_is_a_copy_both_ways():
    module = nn.Linear(2, 1, rng=0)
    state = module.state_dict()
    state["weight"][:] = 9.0
    assert (module.weight.data != 9.0).all()
    module.load_state_dict(state)
    state["weight"][:] = 0.0
    assert (module.weight.data == 9.0).all()


def test_two_tensors_of_one_name_are_refused():
    module = nn.Module()
    module.keyed = {"a.b": Tensor(1.0), "a": {"b": Tensor(2.0)}}
    with pytest.raises(ag.DataError, match=r"both called 'keyed\.a\.b'"):
        module.parameters()


def test_scalar_nodes_in_rectangles_are_one_array():
    module = nn.Module()
    module.grid = [[Tensor(1.0), Tensor(2.0)], [Tensor(3.0), Tensor(4.0)]]
    module.ragged = [[Tensor(1.0)], [Tensor(2.0), Tensor(3.0)]]
    assert list(module.state_dict()) == ["grid", "ragged.0", "ragged.1"]
    np.testing.assert_array_equal(module.state_dict()["grid"], [[1.0, 2.0], [3.0, 4.0]])
    assert [name for name, _ in module.named_parameters()][:4] == [
        "grid.0.0", "grid.0.1", "grid.1.0", "grid.1.1",
    ]  # fmt: skip
    module.load_state_dict({**module.state_dict(), "grid": np.full((2, 2), 7)})
    assert module.grid[1][0].data == 7.0
    assert type(module.grid[1][0].data) is float


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.pop("bias"), "missing: bias"),
        (lambda s: s.update(gamma=1.0), "not in the model: gamma"),
        (
            lambda s: s.update(weight=np.zeros((3, 2))),
            r"\(2, 3\) and received \(3, 2\).*nn\.from_torch",
        ),
        (lambda s: s.update(bias=np.zeros(4)), r"bias expects shape \(3,\) and received \(4,\)"),
        (lambda s: s.update(bias=np.zeros(3, complex)), "real numbers"),
        (lambda s: s.update(bias=np.array(["a", "b", "c"])), "real numbers"),
        (lambda s: s.update(bias=None), "real numbers"),
        (lambda s: s.update(bias=[Tensor(1.0)] * 3), "real numbers"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, words):
    module = nn.Linear(2, 3, rng=0)
    before, state = module.state_dict(), nn.Linear(2, 3, rng=1).state_dict()
    change(state)
    with pytest.raises(nn.StateError, match=words) as caught:
        module.load_state_dict(state)
    assert isinstance(caught.value, (ValueError, ag.AutogradError))
    for name, value in module.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("state", [None, 3, [1.0], "weights"])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(nn.StateError, match="dict of arrays by name"):
        nn.Linear(2, 3).load_state_dict(state)


def test_a_state_of_another_float_dtype_is_cast_and_integers_too():
    module = nn.Linear(2, 1)
    module.load_state_dict({"weight": np.array([[1.0], [2.0]]), "bias": [3]})
    assert module.weight.dtype == module.bias.dtype == np.float32
    assert module([1.0, 1.0]).data == [6.0]


def test_floats_are_not_rounded_into_a_count():
    module = nn.Module()
    module.count = Tensor(np.array([7]), requires_grad=False)
    with pytest.raises(nn.StateError, match="expects int64"):
        module.load_state_dict({"count": [0.5]})


def test_loading_makes_an_older_graph_stale():
    module = nn.Linear(2, 1, rng=0)
    out = module([1.0, 2.0]).sum()
    module.load_state_dict(module.state_dict())
    with pytest.raises(ag.StaleGraphError):
        out.backward()


def test_train_and_eval_reach_everything_inside():
    module = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm(2)))
    assert module.eval() is module
    assert not any(m.training for m in module.modules())
    assert module.train() is module
    assert all(m.training for m in module.modules())


def test_zero_grad_forgets():
    model = nn.MLP(2, [3], 1, rng=0)
    model([1.0, 2.0]).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_a_copy_shares_nothing():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Dropout(rng=0))
    again = copy.deepcopy(model)
    again.layers[0].weight.data[:] = 0.0
    assert model.layers[0].weight.data.all()
    np.testing.assert_array_equal(
        again.layers[1](np.ones(9)).data, model.layers[1](np.ones(9)).data
    )


def test_a_module_that_says_nothing_says_so():
    with pytest.raises(ag.UnsupportedError, match="define forward"):
        nn.Module()(1.0)


def test_an_unknown_name_gets_its_nearest():
    with pytest.raises(AttributeError, match="did you mean 'Linear'"):
        nn.Lineer


# ---- networks


def test_the_contracts_model():
    model = nn.MLP(784, [128, 64], 10, activation="relu", rng=0)
    assert [layer.weight.shape for layer in model.layers] == [(784, 128), (128, 64), (64, 10)]
    assert list(model.state_dict()) == [
        f"layers.{i}.{part}" for i in range(3) for part in ("weight", "bias")
    ]
    assert model.dtype == np.float32
    x = np.random.default_rng(0).random((5, 784))
    w = [layer.weight.data for layer in model.layers]
    hidden = np.maximum(np.maximum(x.astype(np.float32) @ w[0], 0) @ w[1], 0)
    np.testing.assert_array_equal(model(x).data, hidden @ w[2])


def test_the_same_seed_makes_the_same_model_whatever_the_dtype():
    one, two = nn.MLP(3, [4], 2, rng=0), nn.MLP(3, [4], 2, rng=0, dtype=np.float64)
    for name, value in one.state_dict().items():
        np.testing.assert_array_equal(value, two.state_dict()[name].astype(np.float32))


def test_a_sequential_of_the_same_layers_is_the_same_network():
    mlp = nn.MLP(3, [4, 5], 2, activation="tanh", rng=0)
    rng = np.random.default_rng(0)
    sequential = nn.Sequential(
        nn.Linear(3, 4, rng=rng), nn.Tanh(), nn.Linear(4, 5, rng=rng), nn.Tanh(),
        nn.Linear(5, 2, rng=rng),
    )  # fmt: skip
    x = np.random.default_rng(1).normal(size=(6, 3))
    np.testing.assert_array_equal(mlp(x).data, sequential(x).data)
    assert list(sequential.state_dict())[-1] == "layers.4.bias"


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "swish", "prelu", "gelu", "elu"])
@pytest.mark.parametrize(("hidden", "outputs"), [([], 1), ([4], 1), ([5, 3], 2)])
def test_the_scalar_form_is_the_tensor_form(activation, hidden, outputs):
    sizes = {"activation": activation, "rng": 0}
    scalar = nn.MLP(3, hidden, outputs, scalar=True, **sizes)
    tensor = nn.MLP(3, hidden, outputs, dtype=np.float64, **sizes)
    expected = tensor.state_dict()
    for name, value in scalar.state_dict().items():
        np.testing.assert_array_equal(value, expected[name])
    assert list(scalar.state_dict()) == list(expected)

    x = [0.5, -1.5, 2.0]
    out, row = scalar(x), tensor(np.array([x]))
    assert isinstance(out, list) == (outputs > 1)
    outs = out if outputs > 1 else [out]
    np.testing.assert_allclose([o.data for o in outs], row.data[0], rtol=1e-13)
    sum(o * o for o in outs).backward()
    (row * row).sum().backward()
    gradients = [node.grad for node in scalar.parameters()]
    expected = np.concatenate([np.ravel(p.grad) for p in tensor.parameters()])
    np.testing.assert_allclose(gradients, expected, rtol=1e-12, atol=1e-15)


def test_the_two_forms_exchange_their_states():
    scalar, tensor = nn.MLP(2, [3], 2, scalar=True, rng=0), nn.MLP(2, [3], 2, rng=1)
    tensor.load_state_dict(scalar.state_dict())
    np.testing.assert_allclose(
        [o.data for o in scalar([1.0, 2.0])], tensor([1.0, 2.0]).data, atol=1e-6
    )
    scalar.load_state_dict(nn.MLP(2, [3], 2, rng=5).state_dict())


@pytest.mark.parametrize(
    "x", [(1, 2), np.array([1.0, 2.0]), [Tensor(1.0), 2], [np.float32(1), 2.0]]
)
def test_the_scalar_form_takes_numbers_of_all_kinds(x):
    assert nn.MLP(2, [3], 1, scalar=True, rng=0)(x).data == pytest.approx(
        nn.MLP(2, [3], 1, scalar=True, rng=0)([1.0, 2.0]).data, rel=1e-15
    )


@pytest.mark.parametrize(
    ("x", "kind", "words"),
    [
        (
            [1.0],
            ag.ShapeError,
            r"mlp/linear1, which is Linear\(2, 3, scalar=True\)",
        ),
        ([[1.0, 2.0]], ag.ShapeError, "one sample at a time"),
        (np.zeros((2, 2)), ag.DataError, "one sample at a time"),
        (["a", "b"], ag.DataError, "list of numbers"),
        (3.0, ag.ShapeError, "3.0"),
    ],
)
def test_what_the_scalar_form_cannot_take_is_refused(x, kind, words):
    with pytest.raises(kind, match=words):
        nn.MLP(2, [3], 1, scalar=True)(x)


def test_bipolar_steps_in_all_layers():
    """`output_activation` closes the network; the hidden ones take their own."""
    model = nn.MLP(2, [3], 1, activation="bipolar_step", output_activation="bipolar_step", rng=0)
    assert set(np.unique(model(np.random.default_rng(0).normal(size=(50, 2))).data)) <= {-1.0, 1.0}


def test_a_module_or_a_function_can_be_the_activation():
    x = [[1.0, -2.0]]
    by_name = nn.MLP(2, [3], 1, activation="relu", rng=0)(x)
    for activation in (nn.ReLU(), nn.relu, lambda s: ag.maximum(s, 0.0)):
        model = nn.MLP(2, [3], 1, activation=activation, rng=0)
        np.testing.assert_array_equal(model(x).data, by_name.data)


def test_each_layer_learns_a_slope_of_its_own_by_name():
    model = nn.MLP(2, [3, 3], 1, activation="prelu", rng=0)
    assert list(model.state_dict())[-2:] == ["activations.0.slope", "activations.1.slope"]


@given(st.lists(st.integers(1, 5), min_size=2, max_size=5))
def test_parameters_count_as_the_slides_count(sizes):
    inputs, *hidden, outputs = sizes
    expected = sum((a + 1) * b for a, b in pairwise(sizes))
    for scalar in (False, True):
        model = nn.MLP(inputs, hidden, outputs, scalar=scalar)
        assert sum(p.size for p in model.parameters()) == expected
        assert model.summary().parameters == expected


# ---- scopes


def test_a_call_opens_scopes_that_number_what_repeats():
    out = nn.MLP(2, [3, 3], 1, rng=0)(Tensor([[1.0, 2.0]]))
    scopes = list(dict.fromkeys(node.scope for node in ag.Graph(out).nodes if node.gate))
    assert scopes == [
        "mlp/linear1", "mlp/relu1", "mlp/linear2", "mlp/relu2", "mlp/linear3",
    ]  # fmt: skip
    assert [node.name for node in ag.Graph(out).nodes if node.is_leaf and node.name] == [
        "W1", "b1", "W2", "b2", "W3", "b3",
    ]  # fmt: skip


def test_a_label_of_ones_own_names_the_scope():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=0))
    model.label, model[0].label = "encoder", "first"
    out = model(Tensor([1.0, 2.0]))
    assert out.scope == "encoder/linear"
    assert [row.name for row in model.summary().rows] == ["first", "linear"]


def test_options_reach_forward():
    class Scaled(nn.Module):
        def forward(self, x, *, by=1.0):
            return by * x

    assert Scaled()(Tensor(2.0), by=3.0).data == 6.0


def test_each_call_is_an_entry_of_its_own():
    layer = nn.Linear(2, 2, rng=0)
    first, second = layer([1.0, 2.0]), layer([1.0, 2.0])
    assert first.scopes[0] is not second.scopes[0]


def test_a_picture_of_a_model_collapses_into_its_modules():
    import viz

    model = nn.MLP(2, [16, 16], 1, scalar=True, rng=0)
    picture = viz.draw(model([1.0, -2.0]))
    for name in ("linear1", "relu1", "linear2", "relu2", "linear3"):
        assert f">{name}</text>" in picture.svg
    assert "640 gates" in picture.svg
    opened = viz.draw(nn.MLP(2, [2], 1, rng=0)([[1.0, -2.0]]))
    assert opened.svg.count(">@</text>") == 2


def test_calls_are_noted_in_their_own_thread_alone():
    seen = []
    token = calls.set(Calls())
    try:
        thread = threading.Thread(target=lambda: seen.append(calls.get()))
        thread.start()
        thread.join()
    finally:
        calls.reset(token)
    assert seen == [None]


def test_layers_and_models_are_in_their_packages_too():
    from nn import layers, models

    assert layers.Dropout is nn.Dropout
    assert models.MLP is nn.MLP
    with pytest.raises(AttributeError):
        layers.MLP
