"""Run notebooks from top to bottom and write their outputs, as they are committed.

    python notebooks/refresh.py           # all
    python notebooks/refresh.py 03 13     # by number
    python notebooks/refresh.py --translate [03 13]     # run nothing: only texts have changed

Needs the extra notebook. A notebook is written only if all of it ran, and without what would make
each run a change: times, the versions of the kernel, where a stream was cut.

Each notebook opens with a badge that leads to Colab, and, below its title, with a cell that
installs the package there. Both are written here (`opened`), in every language; that cell is not
run.

A translation is a gettext catalogue, `ko/01_chain_rule.po`, with one entry for each markdown cell:
its whole English text, and the same in Korean. `ko/01_chain_rule.ipynb` is made from it and from
the English notebook's code, and runs after one more cell below its title, for pictures, steppers
and tables in Korean. `--translate` keeps the outputs of cells whose code is what it was.
"""

from __future__ import annotations

import os
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from configparser import ConfigParser
from io import BytesIO
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SECONDS = 60  # For each cell.
DATA = os.environ.get("GATEGRAD_DATA", FOLDER.parents[1] / "shared" / "data")
RELATIVE_LINK = re.compile(r"""(\]\(|\b(?:src|href)=")([^)"#:\s]+)(?=[)"#])""")

COMMAND = "python notebooks/refresh.py --translate"

OPENING = "colab"
"""The id of the badge's cell, and how that of the installing one begins."""

EXTRAS = "plot,train"
"""What the notebooks use of what is not always installed."""


def home() -> str:
    """The address of the project's repository."""
    settings = ConfigParser()
    settings.read(FOLDER.parent / "setup.cfg", encoding="utf-8")
    return settings["metadata"]["url"]


def badge(path: Path) -> str:
    """The picture that opens a notebook in Colab, as Markdown."""
    place = path.relative_to(FOLDER.parent).as_posix()
    colab = "https://colab.research.google.com"
    opens = f"{colab}/github/{home().partition('github.com/')[2]}/blob/main/{place}"
    return f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({opens})"


def language_of(path: Path) -> str:
    """The language of a notebook's folder, "" of the English ones."""
    return "" if path.parent == FOLDER else path.parent.name


def installing(language: str = "") -> str:
    """The cell that installs the package in Colab, where another one has the name `autograd`.

    A language's extra, which brings its letters, is called as it is.
    """
    extras = f"{EXTRAS},{language}" if language else EXTRAS
    return f"""\
# In Colab: install gategrad. Elsewhere this does nothing.
import sys

if "google.colab" in sys.modules:
    %pip uninstall -qy autograd
    %pip install -q "gategrad[{extras}] @ git+{home()}\""""


def speaking(language: str) -> str:
    """The cell after which pictures, steppers, tables and plots speak a language."""
    return f"# Pictures and tables in this language, too.\n%load_ext viz\n%language {language}"


def is_opening(cell: Any) -> bool:
    """Whether a cell is one of those that `opened` writes."""
    return cell.get("id", "").startswith(OPENING)


def opened(notebook: Any, path: Path) -> None:
    """Begin a notebook with its badge, and install below its title, and say there in which language
    it speaks. Pages of the site, which have no use for them, leave out what is tagged."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    tagged = {"tags": ["remove-cell"]}
    title, *rest = [cell for cell in notebook.cells if not is_opening(cell)]
    first = new_markdown_cell(badge(path), id=OPENING, metadata=tagged)
    language = language_of(path)
    made = {"install": installing(language)} | (
        {"language": speaking(language)} if language else {}
    )
    cells = [
        new_code_cell(code, id=f"{OPENING}-{name}", metadata=tagged) for name, code in made.items()
    ]
    notebook.cells = [first, title, *cells, *rest]


def run(notebook: Any, language: str = "") -> None:
    """Run all cells but those of the opening, in this folder and with this environment's Python.

    The digits are where tests look, too: in `GATEGRAD_DATA`, else in shared/data beside this one.
    Of the opening a translation needs its `language`; cells are numbered as without it.
    """
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell

    speaks = [new_code_cell(speaking(language), id=f"{OPENING}-language")] if language else []
    notebook.cells = [*speaks, *(cell for cell in notebook.cells if not is_opening(cell))]
    NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",  # the kernel of this environment, whatever the file names
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute(env=os.environ | {"GATEGRAD_DATA": str(DATA)})
    for cell in notebook.cells if language else ():
        for numbered in [cell, *cell.get("outputs", ())]:
            if numbered.get("execution_count"):
                numbered["execution_count"] -= 1


def tidy(notebook: Any) -> None:
    """Take out what differs from run to run."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
            for data in (output.get("data", {}) for output in cell.outputs):
                if "image/png" in data:
                    data["image/png"] = _lighter(data["image/png"])
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {
            "file_extension": ".py", "mimetype": "text/x-python", "name": "python",
            "pygments_lexer": "ipython3",
        },
    }  # fmt: skip


def _joined(outputs: Sequence[Any]) -> list[Any]:
    """Pieces of one stream as one output."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last is not None and last.get("name") == output.get("name", ""):
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _lighter(coded: str) -> str:
    """A PNG with a table of 256 colours, none far from what it was: less than half as large.

    One that has a table stays as it is, so that a second time changes nothing.
    """
    from PIL import Image

    png = b64decode(coded)
    image = Image.open(BytesIO(png))
    if image.mode == "P":
        return coded
    image = image.convert("RGB")
    few = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    file = BytesIO()
    few.save(file, "PNG", optimize=True, dpi=Image.open(BytesIO(png)).info.get("dpi", (96, 96)))
    return b64encode(min(file.getvalue(), png, key=len)).decode()


def refresh(path: Path) -> None:
    """Run one notebook and replace its file."""
    import nbformat

    language = language_of(path)
    whole = translated(path.with_suffix(".po")) if language else nbformat.read(path, as_version=4)
    run(whole, language)
    tidy(whole)
    if language:
        _settled(whole, nbformat.read(FOLDER / path.name, as_version=4))
    opened(whole, path)
    _write(whole, path)


def _settled(notebook: Any, english: Any) -> None:
    """Text that differs in numbers and blanks alone, such as times, is that of English."""
    outputs = {cell.id: cell.get("outputs", ()) for cell in english.cells}
    for cell in notebook.cells:
        for own, other in zip(cell.get("outputs", ()), outputs.get(cell.id, ()), strict=False):
            words = [re.sub(r"[\d.,\s]+", " ", output.get("text", "")) for output in (own, other)]
            if own.output_type == "stream" and words[0] == words[1]:
                own.text = other.text


def reopen(path: Path) -> None:
    """Write one notebook's opening, and run nothing."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    opened(notebook, path)
    _write(notebook, path)


def _write(notebook: Any, path: Path) -> None:
    import nbformat

    whole = path.with_suffix(".part")
    nbformat.write(notebook, whole)
    os.replace(whole, path)


def translated(catalogue: Path) -> Any:
    """The committed notebook that a catalogue is named after, with its texts translated.

    Outputs are those of the committed translation, as far as its code is the same.

    Raises LookupError, with the first words of each cell in question, where a cell has no
    translation or a translation has no cell: one of the two was changed alone.
    """
    import nbformat
    from babel.messages.pofile import read_po

    with catalogue.open("rb") as file:
        entries = {
            entry.id: "" if entry.fuzzy else entry.string
            for entry in read_po(file, abort_invalid=True)
            if entry.id
        }
    notebook = nbformat.read(FOLDER / f"{catalogue.stem}.ipynb", as_version=4)
    cells = [
        cell for cell in notebook.cells if cell.cell_type == "markdown" and not is_opening(cell)
    ]
    texts = [cell.source for cell in cells]
    wrong = [f"not translated: {text[:60]!r}" for text in texts if not entries.get(text)]
    wrong += [f"of no cell: {text[:60]!r}" for text in entries if text not in texts]
    if wrong:
        raise LookupError("\n  ".join([f"{catalogue.relative_to(FOLDER)}:", *wrong]))
    for cell in cells:
        cell.source = RELATIVE_LINK.sub(
            lambda link: link[1] + _from_below(link[2], catalogue.parent), entries[cell.source]
        )
    own = catalogue.with_suffix(".ipynb")
    kept = nbformat.read(own, as_version=4).cells if own.exists() else []
    for cell, same in zip(
        notebook.cells, (c for c in kept if not _is_of_language(c)), strict=False
    ):
        if cell.cell_type == same.cell_type == "code" and cell.source == same.source:
            cell.outputs = same.outputs
    opened(notebook, own)
    return notebook


def _is_of_language(cell: Any) -> bool:
    return cell.get("id", "") == f"{OPENING}-language"


def _from_below(link: str, folder: Path) -> str:
    """A link of a notebook's as it reads in a folder of translations: to a translation, if any."""
    own = folder / link
    return link if own.with_suffix(".po").exists() or own.suffix == ".md" else f"../{link}"


def main(arguments: Sequence[str]) -> None:
    numbers = [argument for argument in arguments if argument != "--translate"]
    os.environ.pop("MPLBACKEND", None)  # figures stand in the notebook
    for path in sorted(FOLDER.glob("*.ipynb")):
        if numbers and path.stem[:2] not in numbers:
            continue
        if "--translate" not in arguments:
            refresh(path)
        else:
            reopen(path)
        print(path.name)
        for catalogue in FOLDER.glob(f"*/{path.stem}.po"):
            own = catalogue.with_suffix(".ipynb")
            if "--translate" not in arguments:
                refresh(own)
            else:
                _write(translated(catalogue), own)
            print(own.relative_to(FOLDER))


if __name__ == "__main__":
    main(sys.argv[1:])
