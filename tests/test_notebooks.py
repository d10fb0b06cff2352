"""The notebooks run from top to bottom, and what is committed is what a run gives.

Each ends with two exercises: something to fill in or to repair, a check below it in the same cell,
and a solution folded away in the next one. Where a solution has Python, it takes the place of the
cell's first paragraph, and the check accepts it.
"""

from __future__ import annotations

import ast
import json
import math
import re
import shlex
import sys
import time
from importlib.metadata import metadata
from itertools import groupby, pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from packaging.requirements import Requirement

from nn.data import mnist
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


def cells_of(path: Path) -> list[dict]:
    """Those that a notebook is about: without its opening."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in cells if not refresh.is_opening(cell)]


def code_cells(cells: list[dict]) -> list[dict]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


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


def solved(cells: list[dict]) -> list[str]:
    """The cells of exercises with the solution below in place of their first paragraph."""
    answers = []
    for exercise, solution in pairwise(cells):
        found = re.search(r"<summary>Solution.*```python\n(.*?)```", text_of(solution), re.DOTALL)
        if exercise["cell_type"] == "code" and solution["cell_type"] == "markdown" and found:
            _, check = text_of(exercise).split("\n\n", 1)
            answers.append(f"{found[1]}\n{check}")
    return answers


def reading_order(index: Path) -> list[Path]:
    """The notebooks of a folder, as its overview has them."""
    names = re.findall(r"\*\*\[[^]]+\]\((\d\d_\w+\.ipynb)\)\*\*", index.read_text("utf-8"))
    return [index.parent / name for name in names]


def constants(code: str) -> set[float]:
    """The numbers that code says, and what it makes of numbers alone, as in 0.9**20."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        parts = {type(part) for part in ast.walk(node)} - {ast.Load}
        if isinstance(node, ast.expr) and not parts & {ast.Name, ast.Call}:
            value = eval(compile(ast.Expression(node), "", "eval"))
            found |= {float(value)} if isinstance(value, (int, float)) else set()
    return found


def test_each_notebook_leads_to_the_one_after_it():
    order = reading_order(FOLDER / "README.md")
    assert sorted(order) == NOTEBOOKS
    for before, path, after in zip([None, *order], order, [*order[1:], None], strict=False):
        end = text_of(cells_of(path)[-1])
        for word, other in {"Back": before, "Next": after}.items():
            found = re.search(rf"{word}: \[[^]]+\]\((.*?)\)", end)
            if other is not None:
                assert found and found[1] == other.name, f"{path.name}, {word}: {other.name}"


@each_notebook
def test_index_shows_the_notebook_and_its_links_lead_somewhere(path):
    thumbnail = FOLDER / "thumbnails" / f"{path.stem[:2]}.png"
    assert thumbnail.stat().st_size <= 40_000
    index = (FOLDER / "README.md").read_text("utf-8")
    assert path.name in index and f"thumbnails/{thumbnail.name}" in index
    for cell in cells_of(path):
        if cell["cell_type"] == "markdown":
            for link in re.findall(r"\]\(([^)#:]+)\)", text_of(cell)):
                assert (FOLDER / link).exists(), f"a link to nowhere: {link}"


@each_notebook
def test_committed_notebook_is_a_clean_run(path):
    cells = [cell for cell in code_cells(cells_of(path)) if cell["source"]]
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
    cells = cells_of(path)
    assert "?" in text_of(cells[0]), "it starts from a question"
    starts = [i for i, cell in enumerate(cells) if text_of(cell).startswith("**Exercise ")]
    assert [text_of(cells[i])[:14] for i in starts] == ["**Exercise 1.*", "**Exercise 2.*"]
    for i in starts:
        task, solution = cells[i + 1], cells[i + 2]
        said = printed(task)
        assert " yet" in said and "right" not in said, "an exercise is committed unsolved"
        assert text_of(solution).startswith("<details><summary>Solution</summary>")


@each_notebook
def test_exercise_does_not_hold_its_answer(path):
    """A number such as 0.1216 stands in no check, nor does what makes it, as 0.9**20."""
    for exercise, solution in pairwise(cells_of(path)):
        found = re.search(r"<summary>Solution.*```python\n(.*?)```", text_of(solution), re.DOTALL)
        if exercise["cell_type"] == "code" and found:
            told = constants(text_of(exercise).split("\n\n", 1)[1])
            for answer in constants(found[1]):
                plain = answer == float(f"{answer:.2g}")
                held = [value for value in told if math.isclose(value, answer, rel_tol=0.005)]
                assert plain or not held, f"the check has {held} where {answer} is asked for"


def test_the_notebook_of_digits_fetches_them_as_the_error_says():
    texts = [text_of(cell) for cell in cells_of(FOLDER / "07_mnist.ipynb")]
    assert f"```\n!{mnist.TO_FETCH}\n%env GATEGRAD_DATA=mnist\n```" in "\n".join(texts)


@pytest.mark.parametrize(
    "path", sorted(FOLDER.rglob("*.ipynb")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_notebook_opens_with_a_badge_and_a_cell_that_installs(path):
    badge, title, install, after = json.loads(path.read_text("utf-8"))["cells"][:4]
    assert text_of(badge) == refresh.badge(path), refresh.COMMAND
    language = refresh.language_of(path)
    assert text_of(install) == refresh.installing(language), refresh.COMMAND
    assert not language or text_of(after) == refresh.speaking(language), refresh.COMMAND
    assert text_of(title).startswith("# ")
    where = re.search(r"/blob/main/(notebooks/.*)\)$", text_of(badge))
    assert (FOLDER.parent / where[1]).samefile(path)


def test_the_readme_has_the_same_cell_for_colab():
    text = (FOLDER.parent / "README.md").read_text("utf-8")
    lines = [line for line in refresh.installing().splitlines() if "%pip" in line]
    assert len(lines) == 2 and all(f"\n{line}\n" in text for line in lines)


@pytest.mark.notebook
@pytest.mark.parametrize("language", ["", "ko"])
@pytest.mark.parametrize("in_colab", [False, True])
def test_only_colab_installs(monkeypatch, in_colab, language):
    transformers = pytest.importorskip("IPython.core.inputtransformer2", reason="extra notebook")
    ran = []
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    if not in_colab:
        monkeypatch.delitem(sys.modules, "google.colab")
    shell = SimpleNamespace(run_line_magic=lambda *words: ran.append(" ".join(words)))
    code = transformers.TransformerManager().transform_cell(refresh.installing(language))
    exec(code, {"get_ipython": lambda: shell})
    if in_colab:
        removal, installation = ran
        assert removal == "pip uninstall -qy autograd"
        asked = Requirement(shlex.split(installation)[-1])
        settings = metadata("gategrad")
        assert (asked.name, asked.url) == ("gategrad", f"git+{refresh.home()}")
        assert asked.extras <= {*settings.get_all("Provides-Extra")}
    else:
        assert not ran


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
    cells = [cell for cell in notebook.cells if not refresh.is_opening(cell)]
    committed = [kinds(cell) for cell in code_cells(cells)]
    answers = [nbformat.v4.new_code_cell(source) for source in solved(cells)]
    notebook.cells += answers
    began = time.monotonic()
    try:
        refresh.run(notebook)
    except nbclient.exceptions.CellExecutionError as error:
        if error.ename == "MissingDataError":
            pytest.skip(f"needs data that are not here: {error.evalue}")
        raise
    assert time.monotonic() - began < SECONDS
    ran = code_cells(notebook.cells)
    assert [kinds(cell) for cell in ran[: len(committed)]] == committed
    for answer in answers:
        said = printed(answer)
        assert "right" in said and "yet" not in said, f"a solution is not accepted: {said}"
