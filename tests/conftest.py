"""Shared fixtures, and the two rules of the runs.

A plain ``pytest`` is the light run (see pyproject.toml). ``--no-skips``, set in CI, turns every
skip into a failure: there the data, PyTorch, Jupyter and Chromium are all present, so a skip
would be a test that quietly stopped running.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hypothesis
import pytest

# Before NumPy or PyTorch load: the products in tests are small, and BLAS threads that wait for
# a busy core cost ten times what they save. One thread also means the same bits every run.
for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ["MPLBACKEND"] = "agg"  # figures without a display, and no window where there is one

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"

# The tests of tests/<marker>/ carry the marker, and are not even imported by a run that excludes
# it: there `import torch` may stand at the top of a file.
FOLDERS_WITH_A_MARKER = ("browser", "notebook", "parity")

if not (ROOT / "notebooks").is_dir():
    collect_ignore = ["test_notebooks.py", "test_translated_notebooks.py"]

hypothesis.settings.register_profile("default", deadline=None, max_examples=50)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=50, derandomize=True, database=None, print_blob=True
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="a skipped test is a failure, with its reason"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    marker = collection_path.name
    if collection_path.parent == TESTS and marker in FOLDERS_WITH_A_MARKER:
        return f"not {marker}" in config.getoption("markexpr") or None
    return None


def pytest_collection_finish() -> None:
    """The tests themselves stay until the end: no collection of garbage need look at them again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Iterator[None]:
    """Doctests are for the packages; here they would import every helper a second time."""
    collectors = yield
    return [found for found in collectors if isinstance(found, pytest.Module)]


def pytest_itemcollected(item: pytest.Item) -> None:
    place, _, inside = item.nodeid.partition("/")
    folder = inside.partition("/")[0]
    if place == TESTS.name and folder in FOLDERS_WITH_A_MARKER:
        item.add_marker(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    return _skip_as_failure(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report = yield
    return _skip_as_failure(report, collector.config)


def _skip_as_failure(report, config: pytest.Config):
    if report.skipped and not hasattr(report, "wasxfail") and config.getoption("no_skips"):
        _, _, reason = report.longrepr  # (file, line, "Skipped: ...")
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {reason} (and --no-skips allows no skip)"
    return report


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of data sets (mnist/...); the test is skipped where there is none."""
    folder = Path(os.environ.get("GATEGRAD_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}; set GATEGRAD_DATA to the folder that holds mnist/")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """A test that left a mode on, a figure, or a setting, would change what later ones mean."""
    yield
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close("all")  # where one test loaded it, it keeps the plots of all
    if (matplotlib := sys.modules.get("matplotlib")) is not None:
        kept = dict.__eq__(matplotlib.rcParams, _settings())  # as `==`, in a thirtieth of its time
        dict.update(matplotlib.rcParams, _settings())
        assert kept, "the test left Matplotlib's settings changed"
    modes = sys.modules.get("autograd.modes")
    if modes is not None:
        assert modes.current() == modes.Mode(), "the test left a mode on"
        assert modes.open_blocks == 0, "the test left a mode on, in some thread or task"


@cache
def _settings() -> dict:
    from matplotlib import rcParamsOrig

    return {**rcParamsOrig, "backend": os.environ["MPLBACKEND"]}
