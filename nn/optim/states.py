"""Saved state of an optimiser, looked at as a whole before any of it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.options import at_least_zero, whole

from .errors import OptimizerError
from .packs import working

if TYPE_CHECKING:
    from autograd import Tensor

__all__ = ["checked_state"]

Entry = tuple[int, dict[str, Any]]


def checked_state(
    optimizer: Any, state: Mapping[str, Any]
) -> tuple[float, list[dict[str, Any]], list[Entry]]:
    """The rate, the settings of each group, and each parameter's steps and arrays.

    Raises OptimizerError (a ValueError) where `state` is not one of this optimiser's.
    """
    owner = type(optimizer).__name__
    wanted = {"optimizer", "lr", "param_groups", "state"}
    if not isinstance(state, Mapping) or not wanted <= state.keys():
        raise OptimizerError(
            f"{owner}.load_state_dict expects what state_dict() gave, with the keys "
            f"{', '.join(sorted(wanted))}"
        )
    if state["optimizer"] != owner:
        raise OptimizerError(f"{owner} cannot take the state of {state['optimizer']!r}")
    groups, entries = state["param_groups"], state["state"]
    counts = [len(group["params"]) for group in optimizer.param_groups]
    if _counts(groups) != counts or not isinstance(entries, list) or len(entries) != sum(counts):
        raise OptimizerError(
            f"{owner} has groups of {counts} parameters and the state is of {_counts(groups)}, "
            f"with {len(entries) if isinstance(entries, list) else 'no'} entries"
        )
    settings = []
    for group in groups:
        found = {key: value for key, value in group.items() if key != "params"}
        if found.keys() != optimizer.defaults.keys():
            raise OptimizerError(
                f"{owner} has the settings {', '.join(optimizer.defaults)} and the state's are "
                f"{', '.join(map(str, found))}"
            )
        settings.append(optimizer.checked(found))
    names = [
        optimizer.state_names(found).keys()
        for found, count in zip(settings, counts, strict=True)
        for _ in range(count)
    ]
    checked = [
        _entry(f"{owner}: parameter {i}", parameter, entry, allowed)
        for i, (parameter, entry, allowed) in enumerate(
            zip(optimizer.parameters, entries, names, strict=True)
        )
    ]
    return at_least_zero(owner, "lr", state["lr"]), settings, checked


def _counts(groups: Any) -> list[Any]:
    if not isinstance(groups, list):
        return []
    return [group.get("params") if isinstance(group, Mapping) else None for group in groups]


def _entry(owner: str, parameter: Tensor, entry: Any, allowed: Any) -> Entry:
    if not isinstance(entry, Mapping) or "step" not in entry:
        raise OptimizerError(f"{owner}: the state has no entry with a 'step' for it")
    arrays = {name: value for name, value in entry.items() if name != "step"}
    steps = whole(owner, "step", entry["step"])
    if arrays and arrays.keys() != allowed:
        raise OptimizerError(
            f"{owner}: its state is {', '.join(allowed) or 'empty'}, and received "
            f"{', '.join(map(str, arrays))}"
        )
    # In the order of the rule's arguments, whatever order a file kept them in.
    return steps, {name: _array(owner, parameter, name, arrays[name]) for name in allowed if arrays}


def _array(owner: str, parameter: Tensor, name: str, value: Any) -> Any:
    data = parameter.data
    shape, dtype = np.shape(data), working(np.asarray(data).dtype)
    array = np.asarray(value)
    if array.shape != shape or array.dtype != dtype:
        raise OptimizerError(
            f"{owner}: {name} must be of shape {shape} and {dtype}, received {array.shape} and "
            f"{array.dtype}"
        )
    return float(array) if type(data) is float else array
