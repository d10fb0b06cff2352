"""The pages of the API reference: which public names stand on which page.

`docs/conf.py` writes them into docs/api before each build. Names come from the tables that the
packages keep; what is said of each is its docstring.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd
import nn
import viz
from autograd import families, numpy_api
from autograd.gates import index
from docs import prose


class Page(NamedTuple):
    """A page: its file without the suffix, its title, a few words, and its names' full paths."""

    path: str
    title: str
    words: str
    names: tuple[str, ...]


AUTOGRAD = {
    "graph": (
        "Tensors and graphs",
        "Tensor trace Trace Step Graph Edge Scope Source gate Gate from_torch",
    ),
    "transforms": (
        "Functions of functions",
        "grad value_and_grad vjp jvp jacobian hessian hvp vmap checkpoint stop_gradient",
    ),
    "programs": (
        "Programs and loops",
        "compile Program scan sample assign register_backend from_onnx",
    ),
    "modes": ("Modes and checks", "no_grad scope source_lines detect_anomaly gradcheck"),
}
"""Pages of what is no gate; errors and gates have theirs by what they are."""

NN = {
    "modules": ("Modules", ("module", "calling", "modes", "saving", "exchange.")),
    "models": ("Models", ("models.",)),
    "training": ("Training", ("training",)),
    "errors": ("Errors", ("errors", "names")),
}
"""Pages by the files that the names are in; layers have one for each file."""

VIZ = {
    "pictures": ("Pictures", "draw draw_network Picture table language"),
    "steppers": ("Steppers and exercises", "step Stepper playground Playground worksheet"),
    "errors": ("Errors", "VizError UnsupportedTargetError RendererError"),
}
"""What is left are plots."""


def _is_error(name: str) -> bool:
    value = getattr(autograd, name)
    return isinstance(value, type) and issubclass(value, Exception)


def _pages(package: str, table: dict[str, tuple[str, str]]) -> Iterator[Page]:
    for stem, (title, names) in table.items():
        yield Page(f"{package}/{stem}", title, "", tuple(f"{package}.{n}" for n in names.split()))


def of_autograd() -> Iterator[Page]:
    yield from _pages("autograd", AUTOGRAD)
    errors = [name for name in autograd.__all__ if _is_error(name)]
    yield Page("autograd/errors", "Errors", "", tuple(f"autograd.{name}" for name in errors))
    told = set(" ".join(names for _, names in AUTOGRAD.values()).split())
    modules = [*families.CORE, *(import_module(f"autograd.gates.{name}") for name in index.NAMES)]
    for module in modules:
        names = [
            name
            for name in module.__all__
            if name not in told
            and getattr(np, name, None) not in numpy_api.VALUES
            and hasattr(autograd, name)
        ]
        if names:
            stem = module.__name__.rpartition(".")[2]
            title = stem.replace("_", " ").capitalize()
            paths = tuple(f"autograd.{name}" for name in sorted(names))
            yield Page(f"autograd/gates/{stem}", title, inspect.cleandoc(module.__doc__), paths)
            told |= {*names}
    for space in ("linalg", "fft"):
        module = import_module(f"autograd.{space}")
        names = [f"autograd.{space}.{name}" for name in module.__all__]
        title, words = f"autograd.{space}", inspect.cleandoc(module.__doc__)
        yield Page(f"autograd/{space}", title, words, tuple(sorted(names)))


def of_nn() -> Iterator[Page]:
    for stem, (title, homes) in NN.items():
        yield Page(f"nn/{stem}", title, "", tuple(_in_homes(homes)))
    files = dict.fromkeys(home for home in nn.homes.HOMES.values() if home.startswith("layers."))
    for file in files:
        stem = file.partition(".")[2]
        words = inspect.cleandoc(import_module(f"nn.{file}").__doc__ or "")
        title = f"Layers: {stem.replace('_', ' ')}"
        yield Page(f"nn/layers/{stem}", title, words, tuple(_in_homes((file,))))
    for stem in ("activations", "losses", "metrics", "optim", "penalties", "initializers", "data",
                 "estimators", "examples"):  # fmt: skip
        module = import_module(f"nn.{stem}")
        names = tuple(f"nn.{stem}.{name}" for name in module.__all__)
        yield Page(f"nn/{stem}", f"nn.{stem}", inspect.cleandoc(module.__doc__), names)


def _in_homes(homes: Iterable[str]) -> Iterator[str]:
    for name, home in nn.homes.HOMES.items():
        if home in homes or f"{home.partition('.')[0]}." in homes:
            yield f"nn.{name}"


def of_viz() -> Iterator[Page]:
    yield from _pages("viz", VIZ)
    told = set(" ".join(names for _, names in VIZ.values()).split())
    plots = tuple(f"viz.{name}" for name in viz.__all__ if name not in told)
    yield Page("viz/plots", "Plots", "", plots)


PACKAGES = {"autograd": (autograd, of_autograd), "nn": (nn, of_nn), "viz": (viz, of_viz)}


def found(path: str) -> Any:
    """The object of a full path."""
    value: Any = import_module(path.partition(".")[0])
    for name in path.split(".")[1:]:
        value = getattr(value, name)
    return value


def _is_its_own(name: str, value: Any) -> bool:
    at_home = isinstance(value, property) or getattr(value, "__module__", "") == "autograd.tensor"
    return at_home and not name.startswith("_")


def entry(path: str) -> str:
    """The directive that shows a name."""
    value = found(path)
    if value is autograd.Tensor:  # gates lay methods onto it, which their pages tell
        own = ", ".join(name for name, value in vars(value).items() if _is_its_own(name, value))
        return f".. autoclass:: {path}\n   :members: {own}, backward\n"
    if isinstance(value, type):
        kind = "autoexception" if issubclass(value, Exception) else "autoclass"
        return f".. {kind}:: {path}\n   :members:\n"
    return f".. {'autofunction' if callable(value) else 'autodata'}:: {path}\n"


def text(page: Page) -> str:
    """A page in reStructuredText."""
    module = page.names[0].rpartition(".")[0]
    words = prose.written(page.words.splitlines())
    links = [f":py:obj:`{name.removeprefix(f'{module}.')} <{name}>`" for name in page.names]
    parts = [page.title, "=" * len(page.title), "", *words, ""]
    parts += [" · ".join(links), "", f".. currentmodule:: {module}", ""]
    return "\n".join([*parts, *(entry(name) for name in page.names)])


def overview(package: str, pages: list[Page]) -> str:
    """The first page of a package: what it is, and its pages."""
    words = prose.written(inspect.cleandoc(PACKAGES[package][0].__doc__ or "").splitlines())
    lines = [package, "=" * len(package), "", *words, "", ".. toctree::", "   :maxdepth: 1", ""]
    lines += [f"   {page.path.partition('/')[2]}" for page in pages]
    return "\n".join([*lines, ""])


def write(folder: Path) -> None:
    """All pages, and nothing where a page is there already as it would be written."""
    texts = {}
    for package, (_, pages_of) in PACKAGES.items():
        pages = list(pages_of())
        texts[f"{package}/index"] = overview(package, pages)
        texts |= {page.path: text(page) for page in pages}
    for path, content in texts.items():
        file = folder / f"{path}.rst"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != content:
            file.write_text(content, encoding="utf-8")
    for file in folder.rglob("*.rst"):
        if file.relative_to(folder).with_suffix("").as_posix() not in texts:
            file.unlink()
