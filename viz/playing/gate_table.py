"""What a page has to know of gates to build graphs itself: how they compute and how they are told.

Nothing here is a rule of its own. Each operation is applied to nodes and to stand-ins for
constants, and what the pictures and steps of that graph would say is read off, with gaps where
operands and constants were. Where a constant changes what is said or which gate it is (``x**2``,
``1/x``), that is found by comparing, and kept beside the general case.
"""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from autograd import AutogradError, Tensor
from autograd.extend import UnwritableError, constant
from viz.expression import FUNCTIONS
from viz.formulas import label_gap, number_form, rule_of, symbol_form
from viz.sentences import words_of
from viz.stepping.javascript import Gates
from viz.symbols import constant_text, is_scalar_constant, symbol_of

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "**": operator.pow,
}  # fmt: skip
SIGNS: dict[str, Callable[..., Any]] = {"−": operator.neg}
Entry = dict[str, Any]

# Stand-ins for constants, by how they look: whole or not, below 0, with a power of ten.
STAND_INS = {
    "": 0.7431, "i": 7431.0, "-": -0.7431, "i-": -7431.0, "e": 7.431e9, "e-": -7.431e9,
    "t": 7.431e-9, "t-": -7.431e-9,
}  # fmt: skip
TRIED = (0.0, 1.0, -1.0, 2.0, 3.0, -2.0, 0.5, 0.25, -0.5, 10.0)  # Which may be cases of their own.
_UNPAIRED = re.compile(r"(?<!⟦\d)⟧")
_RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def look_of(value: float) -> str:
    """Which stand-in a constant looks like; the page has the same rule.

    >>> [look_of(v) for v in (0.5, -3.0, 1.2e-7, -4e20)]
    ['', 'i-', 't', 'e-']
    """
    text = constant(value)
    kind = "" if "." in text else "i"
    if "×10" in text:
        kind = "t" if abs(value) < 1 else "e"
    return kind + "-" * text.startswith("−")


def gate_table(gates: Gates, names: Any = None) -> dict[str, dict[str, Any]]:
    """For each operation, by its operands ("x" for a node, "c" for a constant), how it is told.

    ``"xx"`` is an entry, ``"x="`` that of one node at both places, ``"xc"`` and ``"cx"`` hold an
    entry for each look of a constant, and for constants that are cases of their own. `names` are
    those of functions, all that work on numbers by default. The gates are added to `gates`.
    """
    table: dict[str, dict[str, Any]] = {}
    wanted = FUNCTIONS if names is None else names
    calls = {name: FUNCTIONS[name].build for name in wanted}
    for name, build in {**OPERATORS, **SIGNS, **calls}.items():
        cases: dict[str, Any] = {}
        with suppress(UnwritableError, AutogradError, TypeError, ValueError):
            if name not in OPERATORS:
                cases["x"] = entry_of(build, ("x",), gates)
        with suppress(UnwritableError, AutogradError, TypeError, ValueError):
            if name not in SIGNS:
                cases["xx"] = entry_of(build, ("x", "x"), gates)
                cases["x="] = entry_of(build, ("x", "="), gates)
                for shape in ("xc", "cx"):
                    cases[shape] = _by_constant(build, shape, gates)
        if cases:
            table[name] = cases
    return table


def pooled(table: dict[str, dict[str, Any]]) -> tuple[list[Entry], dict[str, dict[str, Any]]]:
    """The entries of a table, each once, and the table with their numbers in their place."""
    entries: list[Entry] = []

    def number_of(entry: Entry) -> int:
        if entry not in entries:
            entries.append(entry)
        return entries.index(entry)

    return entries, {
        name: {
            shape: {look: number_of(entry) for look, entry in case.items()}
            if shape in ("xc", "cx") else number_of(case)
            for shape, case in cases.items()
        }
        for name, cases in table.items()
    }  # fmt: skip


def _by_constant(build: Callable[..., Any], shape: str, gates: Gates) -> dict[str, Entry]:
    """The entries of a gate with a constant, by its look or its value."""
    by_look = {
        look: _with_gaps(entry_of(build, _placed(shape, value), gates), value)
        for look, value in STAND_INS.items()
    }
    found = {"": by_look[""]}
    found |= {look: entry for look, entry in by_look.items() if entry != by_look[""]}
    for value in TRIED:
        entry = entry_of(build, _placed(shape, value), gates)
        general = found.get(look_of(value), found[""])
        if entry != _filled(general, value):
            found[str(value).removesuffix(".0")] = entry
    return found


def _placed(shape: str, value: float) -> tuple[Any, ...]:
    return tuple(value if letter == "c" else "x" for letter in shape)


def entry_of(build: Callable[..., Any], shape: tuple[Any, ...], gates: Gates) -> Entry:
    """How an operation on these operands is told: "x" is a node, "=" the same one, or a number.

    `gate` is its number, `args` which operands it has, -1 for a constant, and `c` that constant;
    None of these where the result is the operand itself. In `symbols`, `numbers` and `words` ⟦0⟧
    and ⟪v0⟫ are gaps for the first operand.

    >>> entry = entry_of(operator.mul, ("x", 3.0), Gates())
    >>> entry["symbol"], entry["symbols"], entry["numbers"], entry["rule"]
    ('×3', '⟦0⟧ × 3', '⟪v0⟫ × 3', '3·x → 3')
    """
    operands: list[Any] = []
    for kind in shape:
        same = operands[-1] if kind == "=" else None
        operands.append(same if kind == "=" else Tensor(1.5) if kind == "x" else kind)
    node = build(*operands)
    places = {id(operand): i for i, operand in reversed([*enumerate(operands)])}
    if not isinstance(node, Tensor) or node.is_leaf:
        return {"same": places[id(node)]}
    return told(node, places, gates)


def told(node: Tensor, places: dict[int, int], gates: Gates) -> Entry:
    """The entry of the gate that made `node`; `places` are those of its operands, by `id`."""
    if not all(id(o) in places or not isinstance(o, Tensor) for o in node.inputs):
        raise UnwritableError("more than one gate")
    symbol = symbol_of(node)
    slots = [places.get(id(o), -1) if isinstance(o, Tensor) else -1 for o in node.inputs]
    labels = [label_gap(slot) if slot >= 0 else "" for slot in slots]
    called = {id(o): label for o, label in zip(node.inputs, labels, strict=True) if label}
    function, derivative = rule_of(node)
    entry = {
        "gate": gates.number_of(node.gate), "args": slots, "name": node.gate.name,
        "symbol": symbol, "symbols": symbol_form(node, labels),
        "numbers": number_form(node, [f"v{slot}" if slot >= 0 else "" for slot in slots]),
        "rule": f"{function} → {derivative}" if derivative else function or node.gate.name,
        "words": _UNPAIRED.sub("", words_of(node, symbol, partial(_label, called), "g")),
    }  # fmt: skip
    constants = [float(o) for o in node.inputs if not isinstance(o, Tensor)]
    return {**entry, "c": constants[0]} if constants else entry


def _label(called: dict[int, str], operand: Any) -> str:
    """What an operand is called in a sentence: by its gap, or the number that it is.

    After ⟧ the page chooses a Korean particle, which is that of the number in the gap, then.
    """
    known = called.get(id(operand))
    return known or (f"{constant_text(operand)}⟧" if is_scalar_constant(operand) else "")


# ---- constants as gaps: {c} is one as it is written, {c^} raised, {d} and {d^} one less than it


def _gaps(value: float) -> list[tuple[str, str]]:
    """The gaps, and what stands in them."""
    gaps = []
    for name, content in (("c", value), ("d", value - 1)):
        text = constant(content)
        gaps += [(f"{{{name}}}", text), (f"{{{name}^}}", text.translate(_RAISED))]
    return gaps


def _with_gaps(entry: Entry, value: float) -> Entry:
    """An entry with gaps in place of a stand-in."""
    made = {key: _gapped(text, value) if isinstance(text, str) else text
            for key, text in entry.items()}  # fmt: skip
    return {**made, "c": None} if entry.get("c") == value else made


def _gapped(text: str, value: float) -> str:
    # One less than a very large number is written as that number, and is never told of.
    for gap, content in itertools.islice(_gaps(value), 2 if abs(value) > 1e6 else 4):
        text = text.replace(content, gap)
    return text


def _filled(entry: Entry, value: float) -> Entry:
    """The entry of a constant, from one with gaps."""
    made = dict(entry)
    for key, text in entry.items():
        if isinstance(text, str):
            for gap, content in _gaps(value):
                text = text.replace(gap, content)
            made[key] = text
    return {**made, "c": value} if "c" in entry and entry["c"] is None else made
