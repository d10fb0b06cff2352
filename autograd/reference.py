"""The reference of the gates, made from their table: ``python -m autograd.reference``.

``python -m autograd.reference -o docs/gates.md`` writes the file that is kept; a test compares the
two. Everything in it is read from the entries, so that it cannot say anything else than they do.
"""

from __future__ import annotations

import argparse
import ast
import dis
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd.errors import DataError
from autograd.families import CORE, FROM_NUMPY, load_family
from autograd.files import write_whole
from autograd.gates.index import NAMES
from autograd.gates.registry import Gate
from autograd.latex import latex
from autograd.numpy_api import VALUES, path_of
from autograd.tensor import Tensor

__all__ = ["Family", "families", "main", "orders", "reference"]

COMMAND = "python -m autograd.reference -o docs/gates.md"

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "a ** b": lambda a, b: a**b,
    "a % b": lambda a, b: a % b,
    "a // b": lambda a, b: a // b,
    "a @ b": lambda a, b: a @ b,
    "-a": lambda a, b: -a,
    "1 / a": lambda a, b: 1 / a,
    "abs(a)": lambda a, b: abs(a),
    "a[i]": lambda a, b: a[0],
    "np.logaddexp.reduce": lambda a, b: np.logaddexp.reduce(a),
}
"""Operators and the like; which gate each of them makes is found by making one."""

SPACES = ("fft", "linalg")
"""Namespaces whose functions NumPy does not have, or not for real numbers."""

INTRODUCTION = f"""\
# The gates

<!-- Made by `{COMMAND}` from the entries in autograd/gates: edit those, not this file. -->

Every gate of the engine, one row each, file by file.

- **Reached by**: NumPy's function and the method of a Tensor `t`. Every `np.<name>` is
  `ag.<name>` too (but `np.trace` is `ag.linalg.trace`); where NumPy has no such function, the name
  is `ag.<name>` alone. A dash: the engine makes it, mostly in other gates' rules.
- **Local gradient**: the function, an arrow, and its derivative by each operand: d(out)/d(input) of
  an elementwise gate, else what the upstream *g* becomes on its way back. A bare factor such as
  `1 for each` stands for that factor times *g*. The same once more as a formula.
- **Backward**: what the gate does to the upstream gradient: *distributes* it (as a sum does),
  *swaps* the operands' values into it, *routes* it to the operand that was chosen, *scales* it,
  *copies* it to many entries, *moves* its entries elsewhere, or *mixes* them.
- **Reverse**, **forward**: the orders of derivatives in either mode; of forward mode also what it
  runs by: the local gradient, the function itself where that is linear (in all operands together,
  or in each), or a rule of its own (jvp).
- **At kinks**: which derivative is taken where there is none, or not one alone: at corners, jumps,
  ties and the like; after *second*, what the second derivatives are there. Where that is not said,
  they are what the rule gives as it stands: 0 of what routes or is flat. In forward mode a tangent
  that is exactly 0 adds nothing, even where the derivative is infinite or nan; in reverse mode an
  upstream of 0 times that is nan.

What is taken at a corner is not undone by what follows. Of `abs(x)**2`, `np.linalg.norm(x)**2`,
`np.hypot(a, b)**2` and `np.std(x)**2` the second derivatives at 0 (of the last, where all entries
are equal) are 0 by this convention, though the squares are smooth there, with second derivatives
other than 0: write `x**2`, `np.sum(x**2)`, `a**2 + b**2` and `np.var(x)`, which have no corner.
"""


@dataclass
class Row:
    """One gate, or several that differ in how NumPy computes them alone, and its callers' names."""

    gate: Gate
    names: list[str] = field(default_factory=list)


@dataclass
class Family:
    """A file of gates: its module, its rows, and the functions made of gates that others name."""

    module: ModuleType
    rows: list[Row]
    composed: list[str]

    @property
    def title(self) -> str:
        return (self.module.__doc__ or "").strip().partition("\n")[0].rstrip(".")

    @property
    def file(self) -> str:
        return self.module.__name__.replace(".", "/") + ".py"


def families() -> list[Family]:
    """Every family with its gates, in the order of `autograd.families`.

    Raises
    ------
    DataError (a TypeError): a gate whose `rule` does not say what it computes and its derivative.
    """
    found: list[Family] = []
    rows: dict[Gate, Row] = {}
    for module in (*CORE, *(load_family(name) for name in NAMES)):
        mine: dict[tuple[str, str, str], Row] = {}
        for gate in _gates_in(module):
            if gate not in rows:
                _checked(gate)
                row = mine.setdefault((gate.name, gate.symbol, gate.rule), Row(gate))
                rows[gate] = row
        found.append(Family(module, list(mine.values()), []))
    _name_operators(rows)
    for family in found:
        _name_functions(family, rows)
    return found


def _gates_in(module: ModuleType) -> list[Gate]:
    """Those that a file defines; what it imports are another's."""
    body = ast.parse(inspect.getsource(module)).body
    imports = [node.names for node in body if isinstance(node, ast.ImportFrom)]
    imported = {alias.asname or alias.name for names in imports for alias in names}
    found = vars(module).items()
    return [one for name, one in found if isinstance(one, Gate) and name not in imported]


def _checked(gate: Gate) -> None:
    function, arrow, derivative = gate.rule.partition("→")
    if not (function.strip() and arrow and derivative.strip()):
        raise DataError(
            f"the gate {gate.name} has rule={gate.rule!r}: write the function, an arrow and the "
            'derivative, as in rule="x² → 2x"'
        )


# ---- under which names a gate is reached


def _name_operators(rows: dict[Gate, Row]) -> None:
    a, b = Tensor(np.eye(2)), Tensor(np.full((2, 2), 2.0))
    with np.errstate(all="ignore"):
        for text, operator in OPERATORS.items():
            gate = operator(a, b).gate
            rows[gate].names.append(text)


def _name_functions(family: Family, rows: dict[Gate, Row]) -> None:
    here = {id(row) for row in family.rows}
    for name, function in _public_names(family.module):
        gates = _gates_of(function)
        reached = [rows[gate] for gate in gates]
        if reached and all(id(row) in here for row in reached):
            for row in reached:
                if name not in row.names:
                    row.names.append(name)
        elif isinstance(function, Gate):
            rows[function].names.append(name)
        elif reached or name.startswith("np."):
            family.composed.append(name)


def _public_names(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The names under which users reach a family's functions, with those functions."""
    seen = set()
    numpys = {path_of(function): function for function in module.NUMPY}
    for name in module.__all__:
        function = getattr(np, name, None)
        if function in VALUES:
            continue
        seen.add(name)
        yield f"{'np' if function in module.NUMPY else 'ag'}.{name}", getattr(module, name)
    for name, function in numpys.items():
        if name not in seen:
            yield f"np.{name}", module.NUMPY[function]
    for space in SPACES:
        for name in (spelled := import_module(f"autograd.{space}")).__all__:
            function = inspect.unwrap(getattr(spelled, name))
            if getattr(function, "__module__", "") == module.__name__ and (
                function not in module.NUMPY.values()
            ):
                yield f"ag.{space}.{name}", function
    for name, function in module.METHODS.items():
        if getattr(np, name, None) not in VALUES:
            call = "" if isinstance(function, property) else "()"
            yield f"t.{name}{call}", function


def _gates_of(function: Any, callers: tuple[Any, ...] = ()) -> list[Gate]:
    """The gates that a function of a family makes: its own, else those of all that it calls.

    Its own are the private ones of its file, such as `_clip`; what it calls besides, such as
    `positive` where there are no bounds, prepares operands or takes a short cut.
    """
    if isinstance(function, Gate):
        return [function]
    if isinstance(function, property):
        function = function.fget
    names = function.__globals__
    private = {id(value) for name, value in names.items() if name.startswith("_")}
    called = list(_called(function.__code__, names))
    called = [each for c in called for each in (c if type(c) is tuple else (c,))]
    own = [each for each in called if isinstance(each, Gate) and id(each) in private]
    if not own:
        callers = (*callers, function)
        inner = [each for each in called if _is_recorded(each) and each not in callers]
        inner = inner or [
            each for each in called
            if isinstance(each, FunctionType) and each.__globals__ is names and each not in callers
        ]  # fmt: skip
        own = [gate for each in inner for gate in _gates_of(each, callers)]
    return list(dict.fromkeys(own))


def _is_recorded(called: Any) -> bool:
    """Whether something that is called is a gate or one of the functions of a family."""
    if isinstance(called, Gate):
        return True
    home = sys.modules.get(getattr(called, "__module__", None) or "")
    return any(called is each for each in getattr(home, "NUMPY", {}).values())


def _called(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    """What code reads from its module; for ``np.<name>`` the function that records it.

    The code of functions within it included.
    """
    read: Any = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            read = names.get(instruction.argval)
            yield read
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and (
            read is np or read is np.linalg
        ):
            read = getattr(read, instruction.argval, None)
            if callable(read):
                yield FROM_NUMPY.get(read)
        else:
            read = None
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _called(constant, names)


# ---- what a row says


def orders(gate: Gate) -> tuple[str, str]:
    """Which orders of derivatives a gate has, in reverse and in forward mode.

    >>> import autograd as ag
    >>> orders(ag.multiply), orders(ag.gate(np.exp, vjp=lambda g, out, a: g * out))
    (('any', 'any (local)'), ('any', 'none'))
    """
    if gate.jvp is not None:
        return "any", "any (jvp)"
    if gate.local is not None:
        return "any", "any (local)"
    if gate.linear == "jointly":
        return "any", "any (linear)"
    if gate.linear == "each":
        return "any", "any (linear in each)"
    return "any", "none"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _line(row: Row) -> str:
    gate = row.gate
    cells = (
        f"**{gate.name}**",
        _code(gate.symbol),
        ", ".join(map(_code, row.names)) or "–",
        f"{_code(gate.rule)}<br>${latex(gate.rule)}$",
        gate.pattern,
        *orders(gate),
        (gate.kinks or "").replace("|", "\\|").replace("<", "&lt;"),
    )
    return f"| {' | '.join(cells)} |"


def _section(family: Family) -> str:
    text = f"## {family.title}\n\n[`{family.file}`](../{family.file})\n"
    if family.rows:
        head = "Gate", "Symbol", "Reached by", "Local gradient", "Backward", "Reverse", "Forward"
        text += f"\n| {' | '.join((*head, 'At kinks'))} |\n|{' --- |' * (len(head) + 1)}\n"
        text += "".join(f"{_line(row)}\n" for row in family.rows)
    if family.composed:
        text += f"\nMade of other gates: {', '.join(map(_code, family.composed))}.\n"
    return text


def _anchor(title: str) -> str:
    """GitHub's name for a heading."""
    kept = (letter for letter in title.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", "-")


def reference() -> str:
    """The reference of all gates, as Markdown with formulas between dollar signs."""
    found = families()
    links = (f"[{f.module.__name__.rpartition('.')[2]}](#{_anchor(f.title)})" for f in found)
    contents = " ·\n".join(links)
    return "\n".join((INTRODUCTION, f"{contents}\n", *map(_section, found)))


# ---- the command line


def main(argv: Sequence[str] | None = None) -> int:
    """Print the reference or write it; returns the exit code: 0, or 2 with a message."""
    parser = argparse.ArgumentParser(
        prog="python -m autograd.reference",
        description="Every gate with its local gradient, as Markdown.",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it to a file")
    output = parser.parse_args(argv).output
    try:
        if output is None:
            _print(reference())
        else:
            write_whole(output, reference().encode("utf-8"))
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    return 0


def _print(text: str) -> None:
    """In UTF-8, as the file is, whatever the terminal's letters are."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
