"""The distribution's own name: `autograd`, with `nn` and `viz` inside.

>>> import gategrad as ag
>>> from gategrad import nn, viz
>>> x = ag.Tensor(3.0)
>>> (x * x).backward()
>>> x.grad
6.0

It is a face over the same modules, not a copy: `gategrad.Tensor` is `autograd.Tensor`, and
`gategrad.nn.optim` is `nn.optim`. Another distribution has a package of the name `autograd`. Where
that one is found, `import autograd`, `import nn`, `import viz` and `import gategrad` end here, in a
sentence that says what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from os.path import dirname
from types import ModuleType
from typing import Any

import autograd

if not hasattr(autograd, "Tensor"):
    from gategrad.clash import another

    raise another(autograd)

_HOME = dirname(dirname(str(autograd.__file__)))


def _ours(name: str) -> str:
    """The module that ``gategrad.name`` is."""
    whole = name.removeprefix(f"{__name__}.")
    package = whole.partition(".")[0]
    if package not in ("nn", "viz"):
        return f"autograd.{whole}"
    found = find_spec(package)
    if found is None or found.origin is None or dirname(dirname(found.origin)) != _HOME:
        place = found and (found.origin or [*(found.submodule_search_locations or ())])
        raise ImportError(
            f"gategrad.{package} is the package '{package}' in {_HOME}, and Python finds another "
            f"one first, {place}: rename that file or folder, or start Python elsewhere"
        )
    return whole


class _Face:
    """Gives the one module there is to whoever imports it as part of `gategrad`.

    A finder and a loader without their base classes, whose module takes as long to import as we do.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.startswith(f"{__name__}.") and find_spec(_ours(name)):
            return ModuleSpec(name, self)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(_ours(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It has run under its own name, whose place in the import system it keeps."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


sys.meta_path.insert(0, _Face())


def __getattr__(name: str) -> Any:
    if name in ("nn", "viz"):
        return import_module(f"{__name__}.{name}")
    return getattr(autograd, name)


def __dir__() -> list[str]:
    return sorted({*dir(autograd), "nn", "viz"})


__all__ = ["nn", "viz"]
__all__ += autograd.__all__
