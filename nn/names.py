"""Names of losses, metrics, initialisers and activations, looked up in tables."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from autograd import AutogradError

__all__ = ["UnknownNameError", "elsewhere", "look_up"]

T = TypeVar("T")


class UnknownNameError(AutogradError, ValueError, LookupError):
    """A name that is in no table; the message suggests the nearest that is."""


def look_up(kind: str, name: object, table: Mapping[str, T]) -> T:
    """The entry of `table` under `name`, whatever its case and with - or spaces for _.

    Parameters
    ----------
    kind : what the table holds, for the message, such as ``"loss"``.

    Raises UnknownNameError (a ValueError and a LookupError), with the nearest name.

    >>> look_up("fruit", "Apple", {"apple": 1, "pear": 2})
    1
    >>> look_up("fruit", "paer", {"apple": 1, "pear": 2})
    Traceback (most recent call last):
    nn.names.UnknownNameError: unknown fruit 'paer': did you mean 'pear'? Known are apple, pear
    """
    if isinstance(name, str):
        plain = name.strip().lower().replace("-", "_").replace(" ", "_")
        if plain in table:
            return table[plain]
        if (meant := elsewhere(kind, plain)) and meant[0] in table:
            raise UnknownNameError(f"{name!r} is no {kind} here: write {meant[0]!r}{meant[1]}")
        near = get_close_matches(plain, table, n=1, cutoff=0.5)
    else:
        near = []
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UnknownNameError(f"unknown {kind} {name!r}: {hint}Known are {', '.join(sorted(table))}")


def elsewhere(kind: str, plain: str) -> tuple[str, str] | None:
    """What another library's name is called here, and what to know of it; else None."""
    from nn.foreign import TEXTS

    return TEXTS.get(kind, {}).get(plain)
