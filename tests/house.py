"""The measures of the house: `python -m tests.house` prints them, for before and after a change.

They say where one truth stands in several places, and how far a change would reach. Tests hold
those that are promises; the others are here to be looked at.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator

from autograd.families import all_gates
from tests.test_layers import MODULES, PACKAGES, ROOT, circles, imports

COMPILER = """
import sys, time
import numpy
began = time.process_time()
import autograd
imported, before = time.process_time(), set(sys.modules)
autograd.compile
loaded = sum(name.partition(".")[0] == "autograd" for name in set(sys.modules) - before)
print(loaded, 1e3 * (imported - began), 1e3 * (time.process_time() - imported))
"""


def sizes() -> Iterator[tuple[str, str]]:
    """Lines and files of each package, and of the tests."""
    for folder in (*PACKAGES, "tests"):
        files = list((ROOT / folder).rglob("*.py"))
        texts = [path.read_text(encoding="utf-8") for path in files]
        long = sum(text.count("\n") > 400 for text in texts)
        lines = sum(text.count("\n") for text in texts)
        yield folder, f"{lines:,} lines in {len(files)} files, {long} of more than 400"


def walls() -> Iterator[tuple[str, str]]:
    """Circles of imports, and what is used of the engine's inside."""
    for package in PACKAGES:
        own = {name for name in MODULES if name.partition(".")[0] == package}
        found = circles({name: {i.target for i in imports(name)} & own for name in own})
        yield f"import circles in {package}", str(len(found))
    inside = [
        one.target
        for name in MODULES
        if name.partition(".")[0] in ("nn", "viz")
        for one in imports(name)
        if one.target.startswith("autograd.") and one.target != "autograd.extend"
    ]
    yield "imports of the engine's inside by nn and viz", str(len(inside))


def rules() -> Iterator[tuple[str, str]]:
    """How often a gate's rule is written."""
    gates = all_gates()
    twice = [gate.name for gate in gates if gate.texts]
    yield "gates", str(len(gates))
    yield "of which with a part of their rule a second time", f"{len(twice)}: {', '.join(twice)}"


def programs() -> Iterator[tuple[str, str]]:
    """The gates that a program calls as a whole, of all samples and their derivatives."""
    sys.path[:0] = [str(ROOT / "tests" / "autograd"), str(ROOT / "tests" / "autograd" / "program")]
    every = importlib.import_module("test_every_gate")
    with warnings.catch_warnings(action="ignore"):
        found = every.closed_gates(param.values[1:] for param in every.calls_of_families())
    yield "gates that are one call of a program", f"{len(found)}: {', '.join(sorted(found))}"


def names() -> Iterator[tuple[str, str]]:
    """Public classes and functions that three files or more define under one name."""
    found: Counter[str] = Counter()
    for path in MODULES.values():
        if path.suffix == ".py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            kinds = (ast.ClassDef, ast.FunctionDef)
            found.update({n.name for n in tree.body if isinstance(n, kinds) and n.name[0] != "_"})
    several = sorted(f"{name} {count}" for name, count in found.items() if count > 2)
    yield "names defined in three files or more", f"{len(several)}: {', '.join(several)}"


def loading() -> Iterator[tuple[str, str]]:
    """What importing takes, beside NumPy: the least of five runs."""
    command = [sys.executable, "-c", COMPILER]
    runs = []
    for _ in range(5):
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        runs.append([float(word) for word in run.stdout.split()])
    modules, importing, compiling = map(min, zip(*runs, strict=True))
    yield "modules that ag.compile loads beyond autograd's", f"{modules:.0f}"
    yield "import autograd, ms of the processor", f"{importing:.0f}"
    yield "ag.compile beyond that, ms", f"{compiling:.0f}"


def main() -> None:
    for measure in (sizes, walls, rules, programs, names, loading):
        for what, value in measure():
            print(f"{what:50} {value}")


if __name__ == "__main__":
    main()
