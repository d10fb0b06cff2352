"""The distribution's own name, and what is said where `autograd` or `viz` are somebody else's.

The package that is called autograd on the package index is stood in for by the files by which it is
known: what pip leaves of two distributions depends on their names alone.
"""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import autograd
import gategrad
import gategrad.nn.losses
import nn
import viz

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd", "nn", "viz", "gategrad")
THEIRS = {"__init__.py": "def grad(f): ...", "extend.py": "", "numpy/numpy_wrapper.py": ""}


def test_it_is_a_face_over_the_same_modules():
    assert gategrad.Tensor is autograd.Tensor and gategrad.sum is autograd.sum
    assert gategrad.nn is nn and gategrad.viz is viz
    assert import_module("gategrad.linalg") is autograd.linalg
    assert import_module("gategrad.nn.optim") is import_module("nn.optim")
    assert gategrad.nn.losses.mse is nn.losses.mse
    assert import_module("gategrad.viz.network.picture") is import_module("viz.network.picture")
    assert {"nn", "viz", "grad", "linalg"} <= {*dir(gategrad)}


def test_modules_keep_their_place_in_the_import_system():
    module = import_module("gategrad.nn.optim")
    assert module.__spec__.name == module.__name__ == "nn.optim"
    assert gategrad.Tensor.__module__ == "autograd.tensor"


def test_what_is_not_there_is_answered_as_by_the_engine():
    with pytest.raises(
        AttributeError, match=r"jit, which is a word of JAX: write ag\.compile\(f\)"
    ):
        gategrad.jit
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'gategrad\.nothing'"):
        import_module("gategrad.nothing")


SAID = """
import os, sys
folders, names = {folders}, {names}
elsewhere = [p for p in sys.path if not os.path.exists(os.path.join(p, "autograd"))]
sys.path[:] = folders + elsewhere
before = set(sys.modules)
for name in names:
    try:
        __import__(name)
        print("imported")
    except ImportError as error:
        print(str(error).replace("\\n", " "))
    for module in {{*sys.modules}} - before:
        if module.partition(".")[0] in {packages}:
            del sys.modules[module]
"""


def said(names: tuple[str, ...], *folders: Path) -> list[str]:
    """What importing packages says, in a Python that finds no `autograd` but in these folders."""
    places = [str(folder) for folder in folders]
    code = SAID.format(folders=places, names=names, packages=PACKAGES)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The packages as pip lays them, in a folder of their own."""
    folder = tmp_path_factory.mktemp("site-packages")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


@pytest.fixture
def ours(installed):
    """After each test, `autograd` as it was."""
    yield installed
    shutil.rmtree(installed / "autograd")
    shutil.copytree(ROOT / "autograd", installed / "autograd")


TO_COPY = "run this and restart Python: pip uninstall -y autograd"
MIXED = f"{TO_COPY} gategrad && pip install"


def test_the_other_one_installed_first(ours):
    """Ours has overwritten what both have."""
    write(ours / "autograd", {"numpy/numpy_wrapper.py": ""})
    assert all(MIXED in text for text in said(PACKAGES, ours))


def test_the_other_one_installed_last_or_upgraded(ours):
    """`import autograd` is theirs then, and cannot say anything."""
    write(ours / "autograd", THEIRS)
    assert all(MIXED in text for text in said(PACKAGES[1:], ours))


def test_the_other_one_uninstalled(ours):
    """With it went the files that both have."""
    for name in ("__init__.py", "extend.py"):
        (ours / "autograd" / name).unlink()
    assert all(MIXED in text for text in said(PACKAGES[1:], ours))


def test_the_other_one_in_a_folder_before_ours(tmp_path):
    """As beside an editable install."""
    write(tmp_path / "autograd", THEIRS)
    for text in said(PACKAGES[1:], tmp_path, ROOT):
        assert f"at {tmp_path}/autograd" in text and f"{TO_COPY} To have both" in text


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_a_file_of_ones_own_called_like_a_package(tmp_path, package):
    """It is found first, and only who asks for ours by the whole name is told so."""
    (tmp_path / f"{package}.py").write_text("")
    whole, *others = said((f"gategrad.{package}", *PACKAGES), tmp_path, ROOT)
    assert f"finds another one first, {tmp_path / package}.py: rename" in whole
    assert others == ["imported"] * 4


def test_a_file_of_ones_own_called_autograd(tmp_path):
    (tmp_path / "autograd.py").write_text("")
    for text in said(PACKAGES[1:], tmp_path, ROOT):
        assert "autograd.py. If that is a file of yours, rename it" in text


def test_the_line_to_copy_installs_from_where_the_project_lives():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    from gategrad.clash import AGAIN

    assert f'pip install "gategrad @ git+{settings["metadata"]["url"]}"' == AGAIN
