"""What the site's pages are made of; `tests/browser/test_site.py` looks at the site itself."""

from __future__ import annotations

import configparser
import doctest
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import numpy_api
from docs import api, prose

ROOT = Path(__file__).resolve().parent.parent
PAGES = {package: [*pages()] for package, (_, pages) in api.PACKAGES.items()}


def test_docstrings_become_what_the_examples_say():
    assert not doctest.testmod(prose).failed


@pytest.mark.parametrize("package", [autograd, nn, viz], ids=lambda package: package.__name__)
def test_every_public_name_is_on_a_page(package):
    told = {id(api.found(name)) for page in PAGES[package.__name__] for name in page.names}
    missing = [
        name
        for name in package.__all__
        if id(value := getattr(package, name)) not in told
        and getattr(np, name, None) not in numpy_api.VALUES  # NumPy's own, of values
        and not isinstance(value, ModuleType)
    ]
    assert not missing


def test_no_name_is_told_twice():
    names = Counter(name for pages in PAGES.values() for page in pages for name in page.names)
    assert max(names.values()) == 1


def test_the_first_page_installs_in_colab_from_where_the_project_lives():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert f"git+{settings['metadata']['url']}" in text
