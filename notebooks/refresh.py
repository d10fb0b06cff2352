"""Run notebooks from top to bottom and write their outputs, as they are committed.

    python notebooks/refresh.py           # all
    python notebooks/refresh.py 03 13     # by number

Needs the extra notebook. A notebook is written only if all of it ran, and without what would make
each run a change: times, the versions of the kernel, where a stream was cut.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SECONDS = 60  # For each cell.


def run(notebook: Any) -> None:
    """Run all cells, in this folder and with this environment's Python."""
    from nbclient import NotebookClient

    NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",  # the kernel of this environment, whatever the file names
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()


def tidy(notebook: Any) -> None:
    """Take out what differs from run to run."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
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


def refresh(path: Path) -> None:
    """Run one notebook and replace its file."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    run(notebook)
    tidy(notebook)
    whole = path.with_suffix(".part")
    nbformat.write(notebook, whole)
    os.replace(whole, path)


def main(numbers: Sequence[str]) -> None:
    os.environ.pop("MPLBACKEND", None)  # figures stand in the notebook
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not numbers or path.stem[:2] in numbers:
            refresh(path)
            print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
