"""Weights in files of other libraries: a model that was trained there answers equally here."""

from __future__ import annotations

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import nn

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 5))


def pair():
    ours = nn.Sequential(
        nn.Linear(5, 4, rng=0, dtype=np.float64), nn.BatchNorm(4, dtype=np.float64), nn.Tanh(),
        nn.Linear(4, 3, rng=1, dtype=np.float64),
    )  # fmt: skip
    theirs = torch.nn.Sequential(
        torch.nn.Linear(5, 4), torch.nn.BatchNorm1d(4), torch.nn.Tanh(), torch.nn.Linear(4, 3)
    )
    return ours, theirs.double()


def test_safetensors_that_we_write_pytorch_takes_as_they_are(tmp_path):
    ours, theirs = pair()
    nn.fit(ours, X, X[:, :3], loss="mse", optimizer=nn.optim.Adam(lr=0.1), epochs=3, rng=0)
    path = nn.save(ours, tmp_path / "m.safetensors")
    theirs.load_state_dict(safetensors.torch.load_file(path), strict=True)
    expected = theirs.eval()(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(nn.predict(ours, X), expected, rtol=1e-12, atol=1e-13)
    for name, array in safetensors.numpy.load_file(path).items():
        np.testing.assert_array_equal(array, nn.to_torch(ours)[name], strict=True)
    with safetensors.safe_open(path, framework="np") as file:
        assert file.metadata()["format"] == "pt"


def test_safetensors_that_pytorch_writes_we_take(tmp_path):
    ours, theirs = pair()
    theirs(torch.tensor(X))
    safetensors.torch.save_model(theirs, tmp_path / "m.safetensors")
    nn.load(tmp_path / "m.safetensors", into=ours)
    expected = theirs.eval()(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(nn.predict(ours, X), expected, rtol=1e-12, atol=1e-13)
    half = torch.nn.Linear(5, 2).to(torch.bfloat16)
    safetensors.torch.save_file(half.state_dict(), tmp_path / "half.safetensors")
    layer = nn.load(tmp_path / "half.safetensors", into=nn.Linear(5, 2))
    np.testing.assert_array_equal(layer.weight.data, half.weight.detach().float().numpy().T)
