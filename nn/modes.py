"""Training and evaluation: modules in another mode for a while, and back in their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["evaluating", "modes_kept"]


@contextmanager
def modes_kept(model: Any) -> Iterator[None]:
    """Whatever happens inside, every module is in the mode it was in afterwards."""
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Evaluation mode inside; every module is in its own mode again afterwards."""
    with modes_kept(model):
        model.eval()
        yield
