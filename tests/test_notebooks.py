"""The notebooks run from top to bottom, and what is committed is what a run gives."""

from __future__ import annotations

import json
import re
import time
from itertools import groupby
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 60

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

# A home, a temporary folder, a drive, this checkout: the author's machine shows in an output.
MACHINE_PATH = re.compile(
    rf"(?<![\w.])(?:/home/|/Users/|/root/|/tmp/|/var/|[A-Z]:\\\\)\w|{re.escape(str(FOLDER.parent))}"
)


def code_cells(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def kinds(cell: dict) -> list[str]:
    """What a cell shows, without its values: streams by name, displays by their media types."""
    each = [
        output.get("name") or " ".join(sorted(output.get("data", ()))) or output["output_type"]
        for output in cell["outputs"]
    ]
    return [kind for kind, _ in groupby(each)]  # where a stream is cut is chance


def test_there_are_notebooks():
    assert NOTEBOOKS, f"no .ipynb in {FOLDER.name}/"


@each_notebook
def test_committed_notebook_is_a_clean_run(path):
    cells = [cell for cell in code_cells(json.loads(path.read_text("utf-8"))) if cell["source"]]
    assert any(cell["outputs"] for cell in cells), "committed without its outputs"
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1)), (
        "not one run from top to bottom"
    )
    for cell in cells:
        assert not [out for out in cell["outputs"] if out["output_type"] == "error"]
        found = MACHINE_PATH.search(json.dumps(cell["outputs"]))
        assert not found, f"an output shows a path of the author's machine: {found[0]}..."


@pytest.mark.notebook
@each_notebook
def test_notebook_runs_and_shows_what_is_committed(path, monkeypatch):
    monkeypatch.delenv("MPLBACKEND")  # figures stand in the notebook, as for a user
    nbclient = pytest.importorskip("nbclient", reason="needs the extra notebook")
    nbformat = pytest.importorskip("nbformat", reason="needs the extra notebook")
    pytest.importorskip("ipykernel", reason="needs the extra notebook")
    notebook = nbformat.read(path, as_version=4)
    committed = [kinds(cell) for cell in code_cells(notebook)]
    began = time.monotonic()
    nbclient.NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",  # the kernel of this environment, whatever the file names
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    assert time.monotonic() - began < SECONDS
    assert [kinds(cell) for cell in code_cells(notebook)] == committed
