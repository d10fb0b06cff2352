"""Write what type checkers read of names that are loaded when they are asked for.

    python docs/stubs.py

`autograd`, `nn` and `viz` keep their public names in tables and import a file when one of its
names is first used, which a type checker or an editor cannot follow. Their `__init__.pyi` say the
same as plain imports; a test holds them fresh.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

import autograd
import nn
import viz
from autograd import extend, families, numpy_api

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMAND = "python docs/stubs.py"

_JOINED = "\u00a0"  # A blank at which no line is broken.

Home = tuple[str, str]
"""The module that a name is imported from, and the name."""


def of_autograd() -> Iterator[Home]:
    """The public names of `autograd`, with those of builtins."""
    for module, names in autograd._LATER.items():
        yield from ((f"autograd.{module}", name) for name in names)
    for family in families.CORE:
        yield from ((family.__name__, name) for name in family.__all__)
    for family, names in families.LATER.items():
        yield from ((f"autograd.gates.{family}", name) for name in names)
    for function in numpy_api.VALUES:
        if getattr(np, function.__name__, None) is function:
            yield "numpy", function.__name__
    for name in autograd.__all__:
        value = vars(autograd).get(name)
        if isinstance(value, type) or getattr(value, "__module__", "").startswith("autograd."):
            yield value.__module__, name
    yield from (("autograd", name) for name in autograd._SUBMODULES)


def of_extend() -> Iterator[Home]:
    yield from ((f"autograd.{home}", name) for name, home in extend._HOMES.items())


def of_nn() -> Iterator[Home]:
    yield from (("nn", name) for name in nn._SUBMODULES)
    yield from ((f"nn.{home}", name) for name, home in nn.homes.HOMES.items())


def of_viz() -> Iterator[Home]:
    yield from ((f"viz.{home}", name) for name, home in viz._HOMES.items())


def written(package: ModuleType, homes: Iterable[Home]) -> str:
    """The stub of a package: where each of its public names is."""
    first: dict[str, str] = {}
    for module, name in homes:
        first.setdefault(name, module)
    modules = sorted(set(first.values()))
    source = Path(str(package.__file__)).name
    lines = [
        f'"""The public names of `{package.__name__}`, for type checkers and editors.',
        "",
        f"Made by `{COMMAND}` from the tables in `{source}`: edit those, not this file.",
        '"""',
        "",
    ]
    for module in modules:
        names = sorted(name for name, home in first.items() if home == module)
        again = [f"{name}{_JOINED}as{_JOINED}{name}" for name in names]
        lines += _wrapped(f"from {module} import (", again, ")")
    public = sorted(name for name in first if not hasattr(builtins, name))
    lines += ["", *_wrapped("__all__ = [", [f'"{name}"' for name in public], "]")]
    return "\n".join([*lines, ""])


def _wrapped(opening: str, items: list[str], closing: str) -> list[str]:
    """Items with commas between, as many a line as it holds."""
    text = fill(", ".join(items) + ",", 100, initial_indent="    ", subsequent_indent="    ")
    return [opening, *text.replace(_JOINED, " ").splitlines(), closing]


def stubs() -> dict[Path, str]:
    """The text of each stub, by its path."""
    found = {autograd: of_autograd(), extend: of_extend(), nn: of_nn(), viz: of_viz()}
    return {
        Path(str(package.__file__)).with_suffix(".pyi"): written(package, homes)
        for package, homes in found.items()
    }


if __name__ == "__main__":
    for path, text in stubs().items():
        path.write_text(text, encoding="utf-8")
