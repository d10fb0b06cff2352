"""The lecture's network on MNIST, trained by both recipes of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nn
from nn.commands import as_read_by
from nn.recipes import RECIPES, Recipe

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mnist(data_dir: Path) -> nn.data.MNIST:
    return nn.data.load_mnist(data_dir / "mnist")


def train(
    recipe: Recipe, mnist: nn.data.MNIST, seed: int, model: Any = None
) -> tuple[Any, nn.training.History]:
    if model is None:
        model = nn.MLP(784, [128, 64], 10, activation="relu", rng=seed)
    steps = recipe.epochs * -(-48_000 // recipe.batch_size)
    history = nn.fit(
        model, as_read_by(model, mnist.X_train), mnist.y_train,
        loss=recipe.loss, epochs=recipe.epochs,
        optimizer=recipe.optimizer(recipe.lr), batch_size=recipe.batch_size, validation_split=0.2,
        metrics=["accuracy"], callbacks=recipe.callbacks(recipe.lr, steps), augment=recipe.augment,
        rng=seed,
    )  # fmt: skip
    return model, history


def accuracy(model: Any, mnist: nn.data.MNIST) -> float:
    images = as_read_by(model, mnist.X_test)
    found = nn.evaluate(model, images, mnist.y_test, loss="cross_entropy", metrics=["accuracy"])
    return found["accuracy"]


def test_the_lecture_s_recipe_gives_what_it_really_gives(mnist):
    """0.9665 after 30 epochs; the 0.9758 that the slide prints takes about 100."""
    model, history = train(RECIPES["slides"], mnist, seed=0)
    assert history.history["val_accuracy"][-1] == pytest.approx(0.965, abs=0.005)
    assert history.notes == []
    assert 0.960 <= accuracy(model, mnist) <= 0.974


def test_the_best_recipe_reaches_98_percent_in_ten_epochs(mnist):
    model, history = train(RECIPES["best"], mnist, seed=0)
    assert len(history) == 10
    assert sum(p.size for p in model.parameters()) == 109_386
    assert accuracy(model, mnist) >= 0.980


def test_lenet_reaches_988_of_1000_in_three_epochs(mnist):
    """From three seeds 0.9924, 0.9910 and 0.9917."""
    model, _ = train(RECIPES["lenet"], mnist, 0, nn.LeNet5(rng=0))
    assert accuracy(model, mnist) >= 0.988


def test_compiled_and_eager_epochs_of_mnist_give_the_same_bits(mnist):
    states = []
    for compiled in (True, False):
        model = nn.MLP(784, [128, 64], 10, rng=0)
        nn.fit(
            model, mnist.X_train, mnist.y_train, loss="cross_entropy", batch_size=64, rng=0,
            optimizer=nn.optim.SGD(lr=0.01), validation_split=0.2, compiled=compiled,
        )  # fmt: skip
        states.append(b"".join(array.tobytes() for array in model.state_dict().values()))
    assert states[0] == states[1]
