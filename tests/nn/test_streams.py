"""Training with batches that come: generators, loaders and functions that make them."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import DataError, ShapeError
from nn import optim

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
Y = np.arange(20) % 2


def batches(X=X, y=Y, size=8):
    for start in range(0, len(X), size):
        yield X[start : start + size], y[start : start + size]


class Loader:
    """Goes through new batches each time, as PyTorch's does, and counts how often it is asked."""

    def __init__(self, kind=tuple):
        self.kind, self.rounds = kind, 0

    def __iter__(self):
        self.rounds += 1
        return (self.kind(pair) for pair in batches())

    def __len__(self):
        return 3


def trained(data, y=None, *, model=None, **options):
    model = model or nn.MLP(3, [4], 2, rng=0)
    options = {
        "optimizer": optim.Adam(lr=0.01), "epochs": 3, "rng": 0, "metrics": ["accuracy"]
    } | options  # fmt: skip
    history = nn.fit(model, data, y, loss="cross_entropy", **options)
    return model, {k: v for k, v in history.history.items() if k != "epoch_seconds"}


EXPECTED = trained(X, Y, batch_size=8, shuffle=False)
SOURCES = {
    "function": lambda: batches, "list": lambda: [*batches()], "loader": Loader,
    "loader of lists": lambda: Loader(list),
    "lists of numbers": lambda: [(x.tolist(), y.tolist()) for x, y in batches()],
}  # fmt: skip


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_batches_train_as_the_array_that_they_are_of(make):
    model, history = trained(make())
    assert history == EXPECTED[1]
    np.testing.assert_equal(model.state_dict(), EXPECTED[0].state_dict())


def test_a_loader_is_asked_once_an_epoch():
    loader = Loader()
    trained(loader)
    assert loader.rounds == 3


@pytest.mark.parametrize("progress", [True, False])
def test_a_generator_is_gone_through_once(progress, capsys):
    model, history = trained(batches(), epochs=1, progress=progress)
    assert history == {name: values[:1] for name, values in EXPECTED[1].items()}
    before = model.state_dict()
    with pytest.raises(nn.TrainingError, match=r"X can be gone through once, and epochs=2.*lambda"):
        trained(batches(), epochs=2, model=model)
    with pytest.raises(nn.TrainingError, match=r"validation_data can be gone through once"):
        trained(X, Y, validation_data=batches(), model=model)
    used = batches()
    [*used]
    with pytest.raises(nn.TrainingError, match="X gave no batch"):
        trained(used, epochs=1, model=model)
    np.testing.assert_equal(model.state_dict(), before)
    again = batches()
    with pytest.raises(nn.TrainingError, match="X gave no batch"):  # the same one each time
        trained(lambda: again, model=model)


def test_validation_and_evaluation_go_through_batches():
    expected = trained(X, Y, batch_size=8, shuffle=False, validation_data=(X, Y))[1]
    model, history = trained(Loader(), validation_data=Loader())
    assert history.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-6)
    asked = {"loss": "cross_entropy", "metrics": ["accuracy"]}
    assert nn.evaluate(model, batches(), **asked) == pytest.approx(
        nn.evaluate(model, X, Y, batch_size=8, **asked)
    )


@pytest.mark.parametrize(
    "make",
    [batches, Loader, lambda: (x for x, _ in batches()), lambda: lambda: batches()],
    ids=["pairs", "loader", "inputs", "function"],
)
def test_predictions_of_batches_are_those_of_all_rows(make):
    model = EXPECTED[0]
    for predict in (nn.predict, nn.predict_proba):
        np.testing.assert_array_equal(predict(model, make()), predict(model, X, batch_size=8))


def test_labels_in_batches_are_those_that_the_model_knows():
    names = np.array(["no", "yes"])[Y]
    model = nn.MLP(3, [4], 2, rng=0)
    with pytest.raises(DataError, match=r"knows no labels: .* model.classes_ = np.unique"):
        trained(lambda: batches(y=names), model=model)
    assert model.classes_ is None
    model.classes_ = ["no", "yes"]
    assert trained(lambda: batches(y=names), model=model)[1] == EXPECTED[1]


BAD = {
    "no pair": (lambda: iter([X]), DataError, "pairs .x, y., .*: number 0 is ndarray of 20"),
    "four": (lambda: iter([(X, Y, Y, Y)]), DataError, "number 0 is tuple of 4"),
    "weights": (
        lambda: iter([(X, Y, Y - 5)]),
        nn.TrainingError,
        "the weights of batch 0 must be finite and",
    ),
    "lengths": (lambda: iter([(X, Y[:3])]), ShapeError, "x of batch 0 has 20 rows and the y"),
    "not finite": (
        lambda: iter([(X, Y), (X * np.nan, Y)]),
        nn.TrainingError,
        "x of batch 1 holds nan at row 0",
    ),
    "features": (lambda: iter([(X[:, :2], Y)]), ShapeError, "expects 3 features"),
    "no iterable": (lambda: lambda: 3, DataError, "must return an iterable of batches"),
    "no targets": (lambda: X, DataError, "y is missing"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_bad_batches_are_named(case):
    make, error, words = case
    with pytest.raises(error, match=words):
        trained(make(), epochs=1)


@pytest.mark.parametrize("options", [{"validation_split": 0.2}, {"drop_last": True}])
def test_what_needs_all_rows_is_refused_of_batches(options):
    with pytest.raises(nn.TrainingError, match=rf"{next(iter(options))} needs rows"):
        trained(Loader(), **options)


def test_a_run_over_batches_can_be_resumed(tmp_path):
    path = tmp_path / "run.npz"
    trained(Loader(), epochs=2, callbacks=[nn.Checkpoint(path)])
    model, history = trained(Loader(), resume=path, callbacks=[nn.Checkpoint(path)])
    assert history == EXPECTED[1]
    np.testing.assert_equal(model.state_dict(), EXPECTED[0].state_dict())


@pytest.mark.parity
def test_pytorchs_loader_gives_batches():
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    pairs = data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    loader = data.DataLoader(pairs, batch_size=8)
    model, history = trained(loader)
    assert history == EXPECTED[1]
    np.testing.assert_array_equal(nn.predict(model, loader), nn.predict(model, X, batch_size=8))
