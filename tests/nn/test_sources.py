"""Data that stay in a file or sparse, and several inputs: the numbers that one array gives."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

import nn
from autograd import DataError, ShapeError
from nn import optim

RNG = np.random.default_rng(0)
X = RNG.normal(size=(41, 6)) * (RNG.random((41, 6)) < 0.4)
Y = (X.sum(axis=1) > 0).astype(int)
WAYS: dict[str, dict] = {
    "plain": {}, "split": {"validation_split": 0.25},
    "drawn": {"validation_split": 0.25, "shuffle_split": True},
    "unshuffled": {"shuffle": False}, "eager": {"compiled": False},
}  # fmt: skip


def trained(X, y=Y, *, model=None, **options):
    model = model or nn.MLP(6, [4], 2, rng=0)
    options = {"optimizer": optim.Adam(lr=0.01), "epochs": 2, "rng": 0, "batch_size": 8} | options
    history = nn.fit(model, X, y, loss="cross_entropy", **options).history
    return model, {k: v for k, v in history.items() if k != "epoch_seconds"}


def mapped(tmp_path, array, name="x.npy"):
    np.save(tmp_path / name, array)
    return np.load(tmp_path / name, mmap_mode="r")


@pytest.mark.slow
@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_sparse_and_mapped_data_train_as_their_array(options, tmp_path):
    expected = trained(X, **options)[1]
    kinds = (sparse.csr_array, sparse.csc_matrix, sparse.coo_array)
    for data in (*(kind(X) for kind in kinds), mapped(tmp_path, X)):
        model, history = trained(data, **options)
        assert history == expected
        np.testing.assert_array_equal(nn.predict(model, data), nn.predict(model, X))
        found = nn.evaluate(model, data, Y, loss="cross_entropy", batch_size=5)
        assert found == nn.evaluate(model, X, Y, loss="cross_entropy", batch_size=5)


def test_integers_in_a_file_are_cast_batch_by_batch(tmp_path):
    whole = (np.abs(X) * 50).astype(np.uint8)
    assert trained(mapped(tmp_path, whole))[1] == trained(whole)[1]


def test_what_is_not_finite_is_found_before_training(tmp_path):
    bad = X.copy()
    bad[30, 2] = np.nan
    for data in (sparse.csr_array(bad), mapped(tmp_path, bad)):
        model = nn.MLP(6, [4], 2, rng=0)
        with pytest.raises(nn.TrainingError, match=r"X holds nan at row 30, column 2"):
            trained(data, model=model)
    huge = np.where(np.isnan(bad), 1e300, bad)  # infinite in the model's float32
    with pytest.raises(nn.TrainingError, match=r"inf at row 30"):
        trained(mapped(tmp_path, huge))
    with pytest.raises(DataError, match=r"sparse matrix of real numbers"):
        trained(sparse.csr_array(X + 1j))
    with pytest.raises(ShapeError, match=r"empty"):
        trained(sparse.csr_array((0, 6)), Y[:0])


def peak(function):
    """Bytes that NumPy and Python held at once, at most."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["sparse", "mapped", "mapped integers"])
def test_data_are_never_made_one_dense_array(kind, tmp_path):
    rows, columns = 20_000, 400  # 32 MB as float32
    y = np.arange(rows) % 2
    if kind == "sparse":
        data = sparse.random_array((rows, columns), density=0.005, format="csr", rng=0)
        data = data.astype(np.float32)
    else:
        dtype = np.uint8 if kind == "mapped integers" else np.float32
        data = mapped(tmp_path, np.ones((rows, columns), dtype))
    model = nn.MLP(columns, [4], 2, rng=0)
    split = {"validation_split": 0.2, "shuffle_split": True, "epochs": 1, "batch_size": 500}
    used = peak(lambda: (trained(data, y, model=model, **split), nn.predict(model, data)))
    assert used < 16e6, f"{used / 1e6:.1f} MB"


# ---- several inputs


class Pair(nn.Module):
    def __init__(self):
        self.left, self.right = nn.Linear(4, 5, rng=0), nn.Linear(2, 5, rng=1)
        self.out = nn.Linear(5, 2, rng=2)

    def forward(self, left, right):
        return self.out(nn.relu(self.left(left) + self.right(right)))


class Whole(Pair):
    def forward(self, x):
        return super().forward(x[:, :4], x[:, 4:])


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_several_inputs_train_as_their_parts_of_one(options):
    """Each the arguments of the model, in a tuple or by name."""
    model, expected = trained(X, model=Whole(), **options)
    left, right = X[:, :4], X[:, 4:]
    for data in (
        (left, right), {"left": left, "right": right},
        {"right": sparse.csr_array(right), "left": left},
    ):  # fmt: skip
        again, history = trained(data, model=Pair(), **options)
        for name, values in expected.items():
            np.testing.assert_allclose(history[name], values, rtol=1e-6)
        np.testing.assert_allclose(nn.predict(again, data), nn.predict(model, X), rtol=1e-4)
        score = nn.evaluate(again, data, Y, loss="cross_entropy")["loss"]
        assert score == pytest.approx(nn.evaluate(model, X, Y, loss="cross_entropy")["loss"])


def test_several_inputs_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"41 rows in 0, 40 rows in 1"):
        trained((X[:, :4], X[:40, 4:]), model=Pair())
    with pytest.raises(DataError, match=r"Pair takes the inputs left, right"):
        trained({"left": X[:, :4], "rihgt": X[:, 4:]}, model=Pair())
    with pytest.raises(DataError, match=r"MLP takes the inputs x.*41.*np.stack"):
        trained(tuple(X))
    with pytest.raises(nn.TrainingError, match=r"X\['right'\] holds nan at row 0, column 0"):
        trained({"left": X[:, :4], "right": np.full((41, 2), np.nan)}, model=Pair())


def test_columns_of_several_frames_are_kept_and_compared(tmp_path):
    pd = pytest.importorskip("pandas")
    data = {"left": pd.DataFrame(X[:, :4], columns=list("abcd")), "right": X[:, 4:]}
    model, _ = trained(data, model=Pair())
    path = nn.save(model, tmp_path / "pair.npz", weights_only=True)
    again = nn.load(path, into=Pair())
    assert again.feature_names_in_ == {"left": tuple("abcd")}
    other = data | {"left": data["left"][list("abdc")]}
    with pytest.raises(nn.TrainingError, match=r"X\['left'\] has its columns in another order"):
        nn.predict(again, other)
