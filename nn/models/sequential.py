"""One module after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from autograd import DataError, Tensor
from nn.errors import OptionError
from nn.module import Module


def numbered(layers: Iterable[Any]) -> tuple[str, ...]:
    """What layers are called side by side: by their labels, numbered where one repeats.

    >>> import nn
    >>> numbered([nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)])
    ('linear1', 'tanh', 'linear2')
    """
    return _numbered(
        tuple(layer.kind_label if isinstance(layer, Module) else name_of(layer) for layer in layers)
    )


@lru_cache
def _numbered(labels: tuple[str, ...]) -> tuple[str, ...]:
    total, seen = Counter(labels), Counter[str]()
    names = []
    for label in labels:
        seen[label] += 1
        names.append(f"{label}{seen[label]}" if total[label] > 1 else label)
    return tuple(names)


def name_of(function: Any) -> str:
    """What a plain function is called."""
    return getattr(function, "__name__", type(function).__name__).strip("<>").lower()


class Sequential(Module):
    """Modules, or plain functions, each called on what the one before returned.

    Attributes: `layers`, the list of them.

    Raises DataError (a TypeError) for what cannot be called, OptionError (a ValueError) for none.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(784, 128, rng=0), nn.ReLU(), nn.Linear(128, 10, rng=1))
    >>> len(model), model[1], len(model.parameters())
    (3, ReLU(), 4)
    """

    numbers_parts = True

    def __init__(self, *layers: Any) -> None:
        if len(layers) == 1 and isinstance(layers[0], (list, tuple)):
            raise DataError("Sequential takes its layers one by one: write nn.Sequential(*layers)")
        if not layers:
            raise OptionError(
                "Sequential expects at least one layer and received none: write all of them, "
                "nn.Sequential(nn.Linear(2, 3), nn.ReLU(), ...), in place of model.add(layer)"
            )
        for layer in layers:
            if isinstance(layer, type):
                raise DataError(
                    f"Sequential expects layers and received the class {layer.__name__}: write "
                    f"nn.{layer.__name__}()"
                )
            if not callable(layer):
                raise DataError(f"Sequential expects modules or functions, received {layer!r}")
        self.layers: list[Any] = list(layers)

    def forward(self, x: Any) -> Tensor | Any:
        return through(self.layers, x)

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]


def through(layers: Sequence[Any], x: Any) -> Any:
    """What comes out of layers, each in a scope of its numbered name."""
    for name, layer in zip(numbered(layers), layers, strict=True):
        x = layer.run(name, x) if isinstance(layer, Module) else layer(x)
    return x
