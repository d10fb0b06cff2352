"""Gates in the page: each gate that computes with floats, rewritten in JavaScript."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest

import autograd.gates
from autograd import Tensor
from autograd.expression import FUNCTIONS, UnwritableError, in_javascript
from autograd.gates.registry import Gate
from viz.build import figure_of
from viz.stepping.elements import NotInPageError, program_of
from viz.stepping.javascript import Gates, helper_sources
from viz.stepping.moments import Story
from viz.subject import Subject


def story_of(f: Tensor) -> Story:
    return Story(figure_of(Subject(f)))


def gates_on_floats() -> list[Gate]:
    found: dict[int, Gate] = {}
    for module in pkgutil.iter_modules(autograd.gates.__path__):
        for value in vars(importlib.import_module(f"autograd.gates.{module.name}")).values():
            if isinstance(value, Gate) and value.floats:
                found.setdefault(id(value), value)
    return list(found.values())


def test_every_gate_on_floats_is_known_to_the_page():
    gates = Gates()
    for gate in gates_on_floats():
        gates.number_of(gate)
    assert gates.javascript.count("=>") > 50


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "a.real",
        "a if b",
        "lambda: a",
        "alert(a)",
        "c",
        "'a'",
        "[a]",
        "exp(x=a)",
    ],
)
def test_nothing_else_is_in_javascript(expression):
    with pytest.raises((UnwritableError, SyntaxError)):
        in_javascript(expression)


def test_a_gate_of_ones_own_reaches_the_page():
    cube = autograd.gate(
        lambda a: a**3, name="cube", local=lambda out, a: 3 * a * a, floats=("a ** 3", "3.0*a*a")
    )
    gates = Gates()
    f = cube(Tensor(2.0, name="x"))
    assert program_of(story_of(f), gates).nodes == [2, [0, 0]]
    assert "[(a,out=pow(a,3))=>[out,(3*a)*a]]" in gates.javascript


def test_a_graph_that_the_page_does_not_know_is_shown_as_stored():
    branch = autograd.gate(lambda a: a if a > 0 else -a, name="own", local=lambda out, a: 1.0)
    # On a symbol it is another function than on a number.
    other = autograd.gate(lambda a: a + isinstance(a, float), name="own", local=lambda out, a: 1.0)
    x = Tensor(2.0, name="x")
    half = Tensor(np.float16(2.0))
    for f in (branch(x), other(x), half * x, Tensor([0.0] * 13).sum(), np.sort(Tensor([1.0]))):
        with pytest.raises(NotInPageError):
            program_of(story_of(f), Gates())


def test_an_array_is_a_node_for_each_element():
    f = (Tensor([1.0, 2.0], name="x") * 3).sum()
    program = program_of(story_of(f), Gates())
    three = {"c": 3}
    assert program.nodes == [1, 2, [0, 0, three], [0, 1, three], [1, 2, 3]]
    assert program.of == [[0, 2], [2, 2], [4]]


def test_helpers_are_one_function_each():
    beside_math = {f.javascript for f in FUNCTIONS.values() if not f.javascript.startswith("Math.")}
    assert set(helper_sources()) == beside_math - {""} | {"mod", "floordiv"}
    for source in helper_sources().values():
        assert source.count("\nfunction ") == 0 and source.endswith("}")
