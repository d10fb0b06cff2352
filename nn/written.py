"""What a module was made with, and the line of Python that makes it.

A module keeps what it was made with under the names of its constructor's parameters, so that both
can be read off it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.errors import DescriptionError

__all__ = ["arguments_of", "parameters_of", "written"]


def parameters_of(kind: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    """A constructor's parameters that say what the module is: all but `rng`."""
    found = inspect.signature(kind).parameters.values()
    return tuple(p for p in found if p.name != "rng" and p.kind is not p.VAR_KEYWORD)


def arguments_of(module: Any) -> dict[str, Any]:
    """The values of those parameters, from attributes of the same names.

    Raises DescriptionError (a TypeError) where the class does not keep one of them.
    """
    try:
        return {p.name: getattr(module, p.name) for p in parameters_of(type(module))}
    except AttributeError as error:
        raise DescriptionError(
            f"{type(module).__name__} does not keep what it was made with: {error}"
        ) from error


def written(module: Any) -> str:
    """The module as Python that makes it, without what is as by default.

    >>> import nn
    >>> written(nn.Sequential(nn.Linear(2, 3, bias=False), nn.Tanh()))
    'Sequential(Linear(2, 3, bias=False), Tanh())'
    """
    kind = type(module)
    try:
        arguments = module.arguments()
    except DescriptionError:
        return f"{kind.__name__}()"
    words = []
    for p in parameters_of(kind):
        value = arguments[p.name]
        if p.kind is p.VAR_POSITIONAL:
            words += [_word(item) for item in value]
        elif p.kind is not p.KEYWORD_ONLY and p.default is p.empty:
            words.append(repr(value))
        elif not (value is None and p.name == "dtype") and not _same(value, p.default):
            words.append(f"{p.name}={_word(value)}")
    line = f"{kind.__name__}({', '.join(words)})"
    if len(line) <= 88 and "\n" not in line:
        return line
    body = ",\n".join(words).replace("\n", "\n    ")
    return f"{kind.__name__}(\n    {body},\n)"


def _same(value: Any, default: Any) -> bool:
    if isinstance(value, np.dtype):
        return default is not inspect.Parameter.empty and value == np.dtype(default)
    return type(value) is type(default) and value == default


def _word(value: Any) -> str:
    if isinstance(value, np.dtype):
        return f"np.{value.name}"
    return getattr(value, "__name__", None) or repr(value)
