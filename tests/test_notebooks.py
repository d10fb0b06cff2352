"""The notebooks run from top to bottom, and what is committed is what a run gives.

Each ends with two exercises: something to fill in or to repair, a check below it in the same cell,
and a solution folded away in the next one. Where a solution has Python, it takes the place of the
cell's first paragraph, and the check accepts it.
"""

from __future__ import annotations

import json
import re
import time
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from notebooks import refresh

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 60
BYTES = 1_500_000

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

# A home, a temporary folder, a drive, this checkout: the author's machine shows in an output.
MACHINE_PATH = re.compile(
    rf"(?<![\w.])(?:/home/|/Users/|/root/|/tmp/|/var/|[A-Z]:\\\\)\w|{re.escape(str(FOLDER.parent))}"
)


def code_cells(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def text_of(cell: dict) -> str:
    return "".join(cell["source"])


def printed(cell: dict) -> str:
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])


def kinds(cell: dict) -> list[str]:
    """What a cell shows, without its values: streams by name, displays by their media types."""
    each = [
        output.get("name") or " ".join(sorted(output.get("data", ()))) or output["output_type"]
        for output in cell["outputs"]
    ]
    return [kind for kind, _ in groupby(each)]  # where a stream is cut is chance


def solved(notebook: dict) -> list[str]:
    """The cells of exercises with the solution below in place of their first paragraph."""
    cells = []
    for exercise, solution in pairwise(notebook["cells"]):
        found = re.search(r"<summary>Solution.*```python\n(.*?)```", text_of(solution), re.DOTALL)
        if exercise["cell_type"] == "code" and solution["cell_type"] == "markdown" and found:
            _, check = text_of(exercise).split("\n\n", 1)
            cells.append(f"{found[1]}\n{check}")
    return cells


def test_there_are_notebooks():
    assert NOTEBOOKS, f"no .ipynb in {FOLDER.name}/"


@each_notebook
def test_index_shows_the_notebook_and_its_links_lead_somewhere(path):
    thumbnail = FOLDER / "thumbnails" / f"{path.stem[:2]}.png"
    assert thumbnail.stat().st_size <= 40_000
    index = (FOLDER / "README.md").read_text("utf-8")
    assert path.name in index and f"thumbnails/{thumbnail.name}" in index
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            for link in re.findall(r"\]\(([^)#:]+)\)", text_of(cell)):
                assert (FOLDER / link).exists(), f"a link to nowhere: {link}"


@each_notebook
def test_committed_notebook_is_a_clean_run(path):
    cells = [cell for cell in code_cells(json.loads(path.read_text("utf-8"))) if cell["source"]]
    assert path.stat().st_size <= BYTES
    assert any(cell["outputs"] for cell in cells), "committed without its outputs"
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1)), (
        "not one run from top to bottom"
    )
    for cell in cells:
        assert not [out for out in cell["outputs"] if out["output_type"] == "error"]
        assert "stderr" not in kinds(cell), f"a warning is committed: {printed(cell)}"
        found = MACHINE_PATH.search(json.dumps(cell["outputs"]))
        assert not found, f"an output shows a path of the author's machine: {found[0]}..."


@each_notebook
def test_notebook_asks_first_and_ends_with_two_exercises(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert "?" in text_of(cells[0]), "it starts from a question"
    starts = [i for i, cell in enumerate(cells) if text_of(cell).startswith("**Exercise ")]
    assert [text_of(cells[i])[:14] for i in starts] == ["**Exercise 1.*", "**Exercise 2.*"]
    for i in starts:
        task, solution = cells[i + 1], cells[i + 2]
        said = printed(task)
        assert " yet" in said and "right" not in said, "an exercise is committed unsolved"
        assert text_of(solution).startswith("<details><summary>Solution</summary>")


@pytest.mark.notebook
@each_notebook
def test_committed_notebook_is_tidy(path):
    nbformat = pytest.importorskip("nbformat", reason="needs the extra notebook")
    notebook = nbformat.read(path, as_version=4)
    refresh.tidy(notebook)
    assert notebook == nbformat.read(path, as_version=4), "write it with notebooks/refresh.py"


@pytest.mark.notebook
@each_notebook
def test_notebook_runs_and_shows_what_is_committed(path, monkeypatch):
    monkeypatch.delenv("MPLBACKEND")  # figures stand in the notebook, as for a user
    nbclient = pytest.importorskip("nbclient", reason="needs the extra notebook")
    nbformat = pytest.importorskip("nbformat", reason="needs the extra notebook")
    pytest.importorskip("ipykernel", reason="needs the extra notebook")
    notebook = nbformat.read(path, as_version=4)
    committed = [kinds(cell) for cell in code_cells(notebook)]
    answers = [nbformat.v4.new_code_cell(source) for source in solved(notebook)]
    notebook.cells += answers
    began = time.monotonic()
    try:
        refresh.run(notebook)
    except nbclient.exceptions.CellExecutionError as error:
        if error.ename == "MissingDataError":
            pytest.skip(f"needs data that are not here: {error.evalue}")
        raise
    assert time.monotonic() - began < SECONDS
    ran = code_cells(notebook)
    assert [kinds(cell) for cell in ran[: len(committed)]] == committed
    for answer in answers:
        said = printed(answer)
        assert "right" in said and "yet" not in said, f"a solution is not accepted: {said}"
