"""What is made from tables and files says what they say."""

from __future__ import annotations

import ast
from importlib import import_module
from inspect import unwrap

import pytest

from docs import stubs

TEXTS = stubs.stubs()


def name_of(path):
    """The module that a stub is of."""
    own = path.with_suffix("").parts
    return ".".join(own[-2:]).removesuffix(".__init__")


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_a_stub_is_fresh(path):
    assert path.read_text(encoding="utf-8") == TEXTS[path], f"stale: run {stubs.COMMAND}"


@pytest.mark.parametrize("path", stubs.INDEXES, ids=["gates", "nn"])
def test_an_index_is_fresh(path):
    made = stubs.INDEXES[path]()
    assert path.read_text(encoding="utf-8") == made, f"stale: run {stubs.COMMAND}"


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_what_it_imports_is_what_a_program_gets(path):
    package = import_module(name_of(path))
    imports = [n for n in ast.parse(TEXTS[path]).body if isinstance(n, ast.ImportFrom)]
    homes = {alias.name: node.module for node in imports for alias in node.names}
    assert set(package.__all__) <= set(homes)
    for name, module in homes.items():
        home = import_module(module)
        # NumPy's functions of values are wrapped, so that they take lists of Tensors.
        assert unwrap(getattr(package, name)) is unwrap(getattr(home, name))
