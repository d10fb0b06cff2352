"""What a model learnt besides its numbers, in its file: names of columns and of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.errors import FileFormatError
from nn.module import Module

__all__ = ["learnt_names", "take_names"]


def learnt_names(model: Module) -> dict[str, Any]:
    """Both as plain data; nothing where the model was trained with numbers alone."""
    found: dict[str, Any] = {}
    if model.feature_names_in_ is not None:
        found["columns"] = model.feature_names_in_
        if isinstance(model.feature_names_in_, dict):  # of several inputs, by names or by places
            found["columns"] = [[key, names] for key, names in model.feature_names_in_.items()]
            found["inputs"] = True
    if model.classes_ is not None:
        found["classes"] = model.classes_.tolist()
    return {"learnt": found} if found else {}


def take_names(model: Module, description: Mapping[str, Any]) -> None:
    """Give them to a model; raises FileFormatError (a ValueError) for what is none of ours."""
    found = description.get("learnt", {})
    if not isinstance(found, dict):
        raise FileFormatError(f"what the model learnt is an object, and not {found!r:.60}")
    columns, classes = found.get("columns"), found.get("classes")
    if columns is not None and found.get("inputs") is True:
        pairs = _list("columns", columns, (list,))
        if any(len(pair) != 2 or type(pair[0]) not in (str, int) for pair in pairs):
            raise FileFormatError(f"the columns of several inputs are pairs, and not {pairs!r:.60}")
        model.feature_names_in_ = {key: tuple(_list("columns", n, (str,))) for key, n in pairs}
    elif columns is not None:
        model.feature_names_in_ = tuple(_list("columns", columns, (str,)))
    if classes is not None:
        model.classes_ = np.array(_list("classes", classes, (str, bool)))


def _list(what: str, value: Any, kinds: tuple[type, ...]) -> list[Any]:
    """A list of entries of one of these types."""
    if (
        isinstance(value, list)
        and len({type(entry) for entry in value}) == 1
        and type(value[0]) in kinds
    ):
        return value
    raise FileFormatError(f"the {what} in the description are no list of names: {value!r:.60}")
