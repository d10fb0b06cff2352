"""How the command line trains on MNIST: the lecture's recipe, a better one, and one for LeNet-5.

`BEST` and `LENET` were chosen by accuracy on the last fifth of the training images, never by the
test images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograd.extend import phrase
from nn import data, losses, optim
from nn.training import LearningRate

__all__ = ["BEST", "LENET", "RECIPES", "SLIDES", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """Everything about training but the network and the data.

    Attributes: `words`, to print; `epochs` and `batch_size`, unless told otherwise; `lr`;
    `optimizer`, a function of the rate; `loss`; `cosine`, whether the rate falls to 0 along half a
    cosine, step by step; `augment`, for a training batch.
    """

    words: str
    epochs: int
    batch_size: int
    lr: float
    optimizer: Callable[[float], Any]
    loss: str | Callable[..., Any] = "cross_entropy"
    cosine: bool = False
    augment: Callable[..., Any] | None = None

    def callbacks(self, lr: float, steps: int) -> list[Any]:
        """The learning rate's, for a run of so many steps."""
        if not self.cosine:
            return []
        return [LearningRate(optim.schedules.Cosine(lr, steps=steps), per="step")]


def shifted(x: Any, y: Any, rng: Any) -> tuple[Any, Any]:
    """Each image of a batch, of 784 numbers in any shape, moved by up to a pixel each way."""
    return data.shift(x.reshape(-1, 28, 28), pixels=1, rng=rng).reshape(x.shape), y


SLIDES = Recipe(
    words=phrase("SGD, as in the lecture"),
    epochs=30,
    batch_size=64,
    lr=0.01,
    optimizer=lambda lr: optim.SGD(lr=lr),
)

BEST = Recipe(
    words=phrase("AdamW with a cosine rate, shifts by a pixel, labels smoothed by 0.05"),
    epochs=10,
    batch_size=32,
    lr=2e-3,
    optimizer=lambda lr: optim.AdamW(lr=lr, weight_decay=0.05),
    loss=partial(losses.cross_entropy, label_smoothing=0.05),
    cosine=True,
    augment=shifted,
)

LENET = Recipe(
    words=phrase("AdamW with a cosine rate, shifts by a pixel"),
    epochs=3,
    batch_size=64,
    lr=3e-3,
    optimizer=lambda lr: optim.AdamW(lr=lr, weight_decay=0.01),
    cosine=True,
    augment=shifted,
)

RECIPES = {"slides": SLIDES, "best": BEST, "lenet": LENET}
