"""Ask the libraries beside ours anew, and write docs/coming-from.md and the pages beside it.

    PYTHONPATH=. python docs/refresh_peers.py [--keep FOLDER]

Each library runs in a virtual environment of its own, in a temporary folder or in the one that is
kept, with the versions named here; ours runs in the Python that runs this. Two of them cannot meet:
HIPS' package is called `autograd` too. Needs the network, some gigabytes and a few minutes.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from datetime import date
from pathlib import Path
from typing import Any

from autograd import foreign as of_tensors
from docs.peers import words
from docs.peers.contents import ROWS, TABLES
from docs.peers.rows import ABSENT, Row, cell
from nn import foreign as of_networks

FOLDER = Path(__file__).resolve().parent

PINS = {
    "PyTorch": "torch==2.13.0 numpy==2.4.6",
    "JAX": "jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 numpy==2.4.6",
    "Keras": "keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6",
    "scikit-learn": "scikit-learn==1.9.1 numpy==2.4.6",
    "HIPS autograd": "autograd[scipy]==1.9.1 numpy==2.4.6",
    "MyGrad": "mygrad==2.5.0 numpy==2.4.6",
}

Cells = dict[str, dict[Row, str]]
"""Of each library, what the page says of a row."""


def page_of(library: str) -> str:
    return library.lower().replace(" ", "-")


def interpreter(library: str, folder: Path) -> str:
    """The Python of a library's environment, which is made if it is not there."""
    place = folder / page_of(library)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(place, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PINS[library].split()]
        subprocess.run(install, check=True)
    return str(python)


def ask(library: str, folder: Path) -> dict[str, Any]:
    """A library's versions, and its answers to all rows."""
    surroundings = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    python = sys.executable
    if library != "gategrad":
        surroundings["PYTHONPATH"] = ""
        python = interpreter(library, folder)
    ran = subprocess.run(
        [python, str(FOLDER / "peers" / "asking.py"), library],
        input=json.dumps([row.question(library) for row in ROWS]),
        capture_output=True, text=True, cwd=folder, env=surroundings,
    )  # fmt: skip
    if ran.returncode:
        raise SystemExit(f"{library}: {ran.stderr}")
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def table(head: list[str], lines: list[list[str]]) -> str:
    """A table of Markdown, in which a bar within a cell is escaped."""
    every = [head, ["---"] * len(head), *lines]
    shown = [" | ".join(text.replace("|", "\\|") for text in line) for line in every]
    return "".join(f"| {line} |\n" for line in shown)


def overview(cells: Cells, versions: str) -> str:
    """docs/coming-from.md."""
    parts = [words.HEAD.format(made=words.MADE, day=date.today().isoformat(), versions=versions)]
    for title, columns, rows in TABLES:
        lines = []
        for row in rows:
            own, *others = (cells[library][row] for library in columns)
            bold = [text if text in (own, ABSENT) else f"**{text}**" for text in others]
            lines.append([*row.head(), own, *bold])
        head = table([*rows[0].HEAD, *columns], lines)
        parts.append(f"{words.BEFORE.get(title, '')}### {title}\n\n{head}")
    return "\n".join(parts)


def as_code(text: str) -> str:
    """What Python reads in its type, words as words."""
    try:
        ast.parse(text)
    except SyntaxError:
        return re.sub(r"([*_<>])", r"\\\1", text)
    return f"`{text}`"


def names(library: str) -> str:
    """What the packages answer to a library's words."""
    kinds = {
        "functions": (of_tensors.NAMES, of_tensors.LINALG),
        "methods": (of_tensors.ATTRIBUTES,),
        "networks": (of_networks.NAMES,),
        "models": (of_networks.ATTRIBUTES,),
        "optimisers": (of_networks.OPTIMISERS,),
        "keywords": (of_networks.KEYWORDS,),
    }
    parts = []
    for kind, tables in kinds.items():
        known = [library, "Optax"] if library == "JAX" else [library]
        found = {k: v for words in tables for name in known for k, v in words.get(name, {}).items()}
        lines = [[f"`{there}`", as_code(here)] for there, here in found.items()]
        if lines:
            parts.append(f"### {words.KINDS[kind]}\n\n{table(['there', 'here'], lines)}")
    return "\n".join(parts)


def page(library: str, cells: Cells) -> str:
    """docs/coming-from-<library>.md."""
    parts = [
        words.PAGE.format(made=words.MADE, library=library, first=words.FIRST[library].strip())
    ]
    lines = []
    for row in ROWS:
        own, there = cells["gategrad"][row], cells[library][row]
        if there not in (own, ABSENT):
            lines.append([f"`{row.written(library)}`", row.head()[1], there, own, row.head()[0]])
    if lines:
        parts.append(words.DIFFERING + table(["there", "at", "gives", "ours", "of"], lines))
    if found := names(library):
        parts.append(words.NAMES + found)
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--keep", type=Path, help="a folder for the environments, used again")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as temporary:
        folder = (keep or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        told = {library: ask(library, folder) for library in ("gategrad", *PINS)}
    versions = {name: n for answers in told.values() for name, n in answers["versions"].items()}
    cells = {
        library: dict(zip(ROWS, map(cell, answers["answers"]), strict=True))
        for library, answers in told.items()
    }
    line = ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
    (FOLDER / "coming-from.md").write_text(overview(cells, line), encoding="utf-8")
    for library in PINS:
        path = FOLDER / f"coming-from-{page_of(library)}.md"
        path.write_text(page(library, cells), encoding="utf-8")


if __name__ == "__main__":
    main()
