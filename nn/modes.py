"""Training and evaluation: what holds in a block, whatever mode each module is in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["evaluating", "evaluation", "modes_kept"]

evaluation: ContextVar[bool] = ContextVar("evaluation", default=False)
"""Whether every module that is called behaves as in use."""


@contextmanager
def evaluating() -> Iterator[None]:
    """Inside, every module behaves as in use: nothing is dropped, no running average moves.

    A mode of the thread and the async task, as `ag.no_grad` is: modules keep the modes that they
    are in, so that others may train them, or compute with them, meanwhile.

    >>> import nn
    >>> dropout = nn.Dropout(0.5, rng=0)
    >>> with nn.evaluating():
    ...     dropout([1.0, 2.0, 3.0]).data, dropout.training
    (array([1., 2., 3.]), False)
    >>> dropout.training
    True
    """
    token = evaluation.set(True)
    try:
        yield
    finally:
        evaluation.reset(token)


@contextmanager
def modes_kept(model: Any) -> Iterator[None]:
    """Inside, modules are in the modes that they are put in; afterwards in those of before."""
    token = evaluation.set(False)
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in before:
            module.training = training
        evaluation.reset(token)
