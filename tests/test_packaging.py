"""Promises of the packages as packages: what they import, and what they are called."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd", "nn", "viz", "gategrad")
# Importing a submodule binds its name in the package, over the function of that name.
PUBLIC_FUNCTIONS = {
    "gate", "grad", "trace", "compile", "scope", "checkpoint", "fit", "draw", "step", "table",
}  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_the_checkouts_own(package):
    """A foreign distribution is called autograd too, and would shadow ours."""
    found = Path(importlib.import_module(package).__file__).resolve()
    assert found == ROOT / package / "__init__.py", (
        f"{package} was imported from {found}: uninstall what put it there, then `pip install -e .`"
    )


def test_importing_autograd_loads_numpy_and_nothing_else():
    code = (
        "import sys, numpy; before = set(sys.modules); import autograd;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    foreign = set(done.stdout.split()) - sys.stdlib_module_names - {"autograd", "numpy"}
    assert not foreign


@pytest.mark.parametrize("package", PACKAGES)
def test_all_names_exist_and_shadow_no_builtin(package):
    """`from autograd import *` must leave max and sum alone."""
    module = importlib.import_module(package)
    assert len(module.__all__) == len(set(module.__all__))
    assert not set(module.__all__) & set(dir(builtins))
    assert not [name for name in module.__all__ if not hasattr(module, name)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_submodule_is_named_like_a_public_function(package):
    module = importlib.import_module(package)
    submodules = {found.name for found in pkgutil.iter_modules(module.__path__)}
    public = {name for name in module.__all__ if callable(getattr(module, name))}
    assert not submodules & (PUBLIC_FUNCTIONS | public)


@pytest.mark.parametrize("package", PACKAGES)
def test_package_says_that_it_is_typed(package):
    assert (ROOT / package / "py.typed").is_file()


def test_test_folders_are_no_packages():
    """tests/autograd with an __init__.py could be imported in place of autograd."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
