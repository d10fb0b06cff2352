"""Models inside of PyTorch's: the numbers, the gradients, the modes."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import numpy as np
import pytest

import autograd as ag
import nn

pytestmark = pytest.mark.parity

X = np.random.default_rng(0).normal(size=(5, 4))
SEQUENCE = np.random.default_rng(1).normal(size=(2, 5, 4))
IMAGE = np.random.default_rng(2).normal(size=(2, 1, 28, 28))

MODELS = {
    "MLP": (lambda: nn.MLP(4, [8], 3, rng=0, dtype=np.float64), X),
    "LSTM": (lambda: nn.LSTM(4, 3, bidirectional=True, rng=0, dtype=np.float64), SEQUENCE),
    "TransformerBlock": (lambda: nn.TransformerBlock(4, 2, rng=0, dtype=np.float64), SEQUENCE),
    "LeNet5": (lambda: nn.LeNet5(rng=0, dtype=np.float64), IMAGE),
}


def first(result):
    return result[0] if isinstance(result, tuple) else result


@pytest.mark.parametrize("name", MODELS)
def test_values_and_gradients_are_the_models(name):
    import torch

    make, x = MODELS[name]
    model = make()
    module = nn.as_torch(model)
    for _ in range(2):  # call by call, and traced
        given = torch.tensor(x, requires_grad=True)
        module.zero_grad()
        found = first(module(given))
        (found**2).sum().backward()
        node = ag.Tensor(x)
        model.zero_grad()
        expected = first(model(node))
        np.sum(expected**2).backward()
        np.testing.assert_allclose(found.detach().numpy(), expected.data, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(given.grad.numpy(), node.grad, rtol=1e-9, atol=1e-11)
        ours = dict(model.named_parameters())
        theirs = dict(module.named_parameters())
        assert ours.keys() == theirs.keys()
        for key, parameter in ours.items():
            grad = theirs[key].grad.numpy()
            np.testing.assert_allclose(grad, parameter.grad, rtol=1e-9, atol=1e-11)


def test_it_is_trained_with_the_layers_around_it():
    import torch

    torch.manual_seed(0)
    body = nn.as_torch(nn.MLP(4, [8], 3, rng=0))
    net = torch.nn.Sequential(torch.nn.Linear(4, 4), body, torch.nn.Linear(3, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    x = torch.tensor(X, dtype=torch.float32)
    y = torch.sin(x.sum(1, keepdim=True))
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]
    again = nn.as_torch(nn.MLP(4, [8], 3, rng=1))
    again.load_state_dict(body.state_dict())
    np.testing.assert_array_equal(again(x).detach().numpy(), body(x).detach().numpy())


def test_modes_and_running_averages_follow_pytorchs():
    import torch

    model = nn.BatchNorm(4, dtype=np.float64)
    module, twin = nn.as_torch(model), torch.nn.BatchNorm1d(4, dtype=torch.float64)
    x = torch.tensor(X)
    for _ in range(3):
        np.testing.assert_allclose(
            module(x).detach().numpy(), twin(x).detach().numpy(), rtol=1e-10, atol=1e-12
        )
    module.eval(), twin.eval()
    np.testing.assert_allclose(
        module(x).detach().numpy(), twin(x).detach().numpy(), rtol=1e-10, atol=1e-12
    )
    np.testing.assert_array_equal(model.running_mean.data, np.zeros(4))  # the model's own stay

    dropout = nn.as_torch(nn.Dropout(0.5, rng=0))
    ones = torch.ones(1000)
    masks = [dropout(ones) for _ in range(3)]
    assert 400 < int((masks[1] == 0).sum()) < 600
    assert not torch.equal(masks[1], masks[2])
    assert torch.equal(dropout.eval()(ones), ones)


def test_second_derivatives_are_pytorchs():
    import torch

    model = nn.MLP(2, [4], 1, activation="tanh", rng=0, dtype=np.float64)
    module, x = nn.as_torch(model), np.array([0.3, -0.2])
    found = torch.autograd.functional.hessian(lambda v: module(v).sum(), torch.tensor(x))
    expected = ag.hessian(lambda v: np.sum(model(v)))(x)
    np.testing.assert_allclose(found.numpy(), getattr(expected, "data", expected), rtol=1e-9)


def test_a_gradient_of_each_row_by_pytorchs_transforms():
    import torch

    module = nn.as_torch(nn.MLP(4, [8], 3, rng=0, dtype=np.float64))
    weights = {name: one.detach() for name, one in module.named_parameters()}

    def loss(weights, row):
        return torch.func.functional_call(module, weights, (row[None],)).square().sum()

    for x in (X, 2.0 * X, X - 1.0):  # recorded, traced, and run from what was traced
        rows = torch.tensor(x)
        found = torch.vmap(torch.func.grad(loss), in_dims=(None, 0))(weights, rows)
        for i, row in enumerate(rows):
            expected = torch.autograd.grad(module(row[None]).square().sum(), module.parameters())
            for one, gradient in zip(found.values(), expected, strict=True):
                torch.testing.assert_close(one[i], gradient)

    words = nn.as_torch(nn.Embedding(5, 3, rng=0))
    for ids in (torch.tensor([[1, 2], [3, 4]]), torch.tensor([[0, 4], [2, 2]])):
        torch.testing.assert_close(torch.vmap(words)(ids), words(ids))


@pytest.mark.parametrize("way", ["deepcopy", "pickle"])
def test_a_copy_has_parameters_of_its_own(way):
    import torch

    module, x = nn.as_torch(nn.MLP(4, [8], 3, rng=0)), torch.tensor(X, dtype=torch.float32)
    before = [module(x), module(x)][1].detach()
    copied = deepcopy(module) if way == "deepcopy" else pickle.loads(pickle.dumps(module))
    torch.testing.assert_close(copied(x), before)
    with torch.no_grad():
        for parameter in copied.parameters():
            parameter.fill_(0.5)
    copied(x).sum().backward()
    assert all(parameter.grad is not None for parameter in copied.parameters())
    assert not torch.equal(copied(x), before)
    assert torch.equal(module(x), before)
    assert all(parameter.grad is None for parameter in module.parameters())


def test_one_module_for_several_threads():
    import torch

    module = nn.as_torch(nn.MLP(4, [3], 1, rng=0, dtype=np.float64))
    data = [torch.tensor(X[:rows]) for rows in (1, 2, 3, 4, 5) * 4]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(module, data))
    for x, y in zip(data, found, strict=True):
        torch.testing.assert_close(y, module(x))


class Parts(nn.Module):
    """Names and results that are not PyTorch's."""

    def __init__(self, name):
        setattr(self, name, nn.Linear(2, 3, rng=0))
        self.name = name

    def forward(self, x):
        return {"y": getattr(self, self.name)(x), "rows": len(x), "none": None}


def test_names_and_results_of_a_model():
    import torch

    for name in ("value", "places", "recorded"):
        module = nn.as_torch(Parts(name))
        assert list(module.state_dict()) == [f"{name}.weight", f"{name}.bias"]
        for _ in range(2):
            found = module(torch.ones(4, 2))
            assert found["y"].shape == (4, 3) and found["rows"] == 4 and found["none"] is None
    with pytest.raises(ag.DataError, match="half"):
        nn.as_torch(Parts("half"))


def test_what_a_module_does_not_take():
    import torch

    module = nn.as_torch(nn.MLP(4, [3], 1, rng=0))
    with pytest.raises(ag.DataError, match=r"torch.tensor\(x\)"):
        module([[1.0, 2.0, 3.0, 4.0]])
    with pytest.raises(ag.DataError, match="BFloat16"):
        module(torch.ones(1, 4, dtype=torch.bfloat16))
    module(torch.ones(1, 4))
    with pytest.raises(ag.DataError, match=r"float64.*float32"):
        module.double()(torch.ones(1, 4))


def test_what_is_no_model():
    with pytest.raises(ag.DataError, match="expects a module"):
        nn.as_torch(np.tanh)
