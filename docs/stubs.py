"""Write what is known of names that are loaded when they are asked for.

    python docs/stubs.py

`autograd`, `nn` and `viz` keep their public names in tables and import a file when one of its
names is first used, which a type checker or an editor cannot follow. Their `__init__.pyi` say the
same as plain imports. The tables of the gates and of the layers are made, too, from the files that
define them: importing them all takes too long. A test holds all of it fresh.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from textwrap import fill
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

import autograd
import gategrad
import nn
import viz
from autograd import extend, families, numpy_api
from autograd.gates import index

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    for family, names in index.NAMES.items():
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
    yield from (("nn", name) for name in (*nn._SUBMODULES, *nn._OPTIONAL))
    yield from ((f"nn.{home}", name) for name, home in nn.homes.HOMES.items())


def of_viz() -> Iterator[Home]:
    yield from ((f"viz.{home}", name) for name, home in viz._HOMES.items())


def of_gategrad() -> Iterator[Home]:
    yield from of_autograd()
    yield from (("gategrad", name) for name in ("nn", "viz"))


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


def _wrapped(opening: str, items: list[str], closing: str, width: int = 100) -> list[str]:
    """Items with commas between, as many a line as it holds."""
    text = fill(", ".join(items) + ",", width, initial_indent="    ", subsequent_indent="    ")
    return [opening, *text.replace(_JOINED, " ").splitlines(), closing]


def index_of_families() -> str:
    """The text of `autograd/gates/index.py`: by family, the names that it is asked for by."""
    files = sorted(Path(str(families.__file__)).parent.glob("gates/*.py"))
    modules = [import_module(f"autograd.gates.{file.stem}") for file in files]
    later = {
        module.__name__.rpartition(".")[2]: module
        for module in modules
        if hasattr(module, "NUMPY") and module not in families.CORE
    }
    return _index(
        "Which family of gates holds which names, for those that are imported when asked for.",
        "autograd/gates",
        _table(
            "NAMES", "The names in `autograd`; none of a family that is known by another way.",
            {family: module.__all__ for family, module in later.items()},
        ),
        _table(
            "METHODS", "Methods of a Tensor.",
            {family: module.METHODS for family, module in later.items() if module.METHODS},
        ),
    )  # fmt: skip


def index_of_nn() -> str:
    """The text of `nn/index.py`: the layers and models by file, and the activations' functions."""
    folder = Path(str(nn.__file__)).parent
    files = sorted(path for name in ("layers", "models") for path in folder.glob(f"{name}/*.py"))
    names = {f"{path.parent.name}.{path.stem}": _modules_of(path) for path in files}
    functions = {*nn.activations.__all__} - {"FUNCTIONS", "get"}
    table = {"activations": functions, **{file: found for file, found in names.items() if found}}
    return _index(
        "Which file of `nn` defines which layers, models and activations.", "nn",
        _table("NAMES", "The public names, by file.", table),
    )  # fmt: skip


def _modules_of(path: Path) -> list[str]:
    """The public classes of modules that a file defines."""
    home = import_module(f"nn.{path.parent.name}.{path.stem}")
    return [
        name
        for name, value in vars(home).items()
        if isinstance(value, type) and issubclass(value, nn.Module)
        and value.__module__ == home.__name__ and not name.startswith("_")
    ]  # fmt: skip


def _index(what: str, folder: str, *tables: list[str]) -> str:
    """The text of a module of tables."""
    lines = [
        f'"""{what}', "",
        f"Made by `{COMMAND}` from the files in `{folder}`: edit those, not this file.", '"""',
    ]  # fmt: skip
    return "\n".join([*lines, *(line for table in tables for line in ["", *table]), ""])


def _table(name: str, what: str, rows: Mapping[str, Iterable[str]]) -> list[str]:
    """The lines of one: by file, its names."""
    lines = [f"{name}: dict[str, tuple[str, ...]] = {{"]
    for file, names in rows.items():
        found = [f'"{name}"' for name in sorted(names)]
        written = _wrapped(f'"{file}": (', found, "),", 96) if found else [f'"{file}": (),']
        lines += [f"    {line}" for line in written]
    return [*lines, "}", f'"""{what}"""']


def stubs() -> dict[Path, str]:
    """The text of each stub, by its path."""
    found = {
        autograd: of_autograd(), extend: of_extend(), nn: of_nn(), viz: of_viz(),
        gategrad: of_gategrad(),
    }  # fmt: skip
    return {
        Path(str(package.__file__)).with_suffix(".pyi"): written(package, homes)
        for package, homes in found.items()
    }


INDEXES = {
    Path(str(index.__file__)): index_of_families,
    Path(str(nn.__file__)).parent / "index.py": index_of_nn,
}
"""What makes the text of each table, by its path; a later one needs those before it."""


if __name__ == "__main__":
    for path, make in INDEXES.items():
        if path.read_text(encoding="utf-8") != (text := make()):
            path.write_text(text, encoding="utf-8")
            # The packages have the old table in memory, which the rest is made from.
            os.execv(sys.executable, [sys.executable, *sys.argv])
    for path, text in stubs().items():
        path.write_text(text, encoding="utf-8")
