"""Parameters as users give them, in groups, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd import Tensor

from .errors import OptimizerError

__all__ = ["groups_of"]


def groups_of(
    owner: str,
    parameters: Iterable[Any],
    defaults: Mapping[str, Any],
    checked: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> list[dict[str, Any]]:
    """A dictionary a group: ``"params"``, a list of leaves, and every setting.

    Raises OptimizerError (a ValueError): none at all, one that is no leaf or comes twice, or an
    unknown setting.
    """
    is_model = hasattr(parameters, "parameters")
    if (
        is_model
        or isinstance(parameters, (Tensor, Mapping))
        or not isinstance(parameters, Iterable)
    ):
        hint = "model.parameters()" if is_model else "a list of Tensors"
        raise OptimizerError(
            f"{owner} expects {hint}, or a list of groups, and received {type(parameters).__name__}"
        )
    entries = list(parameters)
    if entries and all(isinstance(entry, Mapping) for entry in entries):
        groups = [_group(owner, entry, defaults, checked) for entry in entries]
    else:
        groups = [{"params": entries, **defaults}]
    seen: set[int] = set()
    for position, parameter in enumerate(p for group in groups for p in group["params"]):
        if type(parameter) is not Tensor:
            raise OptimizerError(
                f"{owner}: parameter {position} must be a Tensor, and is "
                f"{type(parameter).__name__}: groups are dictionaries, all or none"
            )
        known = f"parameter {position}" if parameter.name is None else repr(parameter.name)
        if not parameter.is_leaf:
            raise OptimizerError(
                f"{owner}: {known} was computed by {parameter.gate.name}, and only leaves can be "
                "stepped: give the leaves that it was computed from"
            )
        if id(parameter) in seen:
            raise OptimizerError(f"{owner}: {known} is given twice: give each parameter once")
        seen.add(id(parameter))
    if not seen:
        raise OptimizerError(f"{owner}: there is no parameter to step: the model has none")
    return groups


def _group(
    owner: str,
    entry: Mapping[str, Any],
    defaults: Mapping[str, Any],
    checked: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    if "params" not in entry:
        raise OptimizerError(
            f'{owner}: a group is a dictionary such as {{"params": [w, b], "lr": 0.1}}, and one '
            f"has the keys {', '.join(map(repr, entry)) or 'of an empty one'}"
        )
    members = entry["params"]
    members = [members] if type(members) is Tensor else list(members)
    settings = {key: value for key, value in entry.items() if key != "params"}
    return {"params": members, **checked({**defaults, **settings})}
