"""Each gate's rule in every language: Python floats, NumPy, Numba, JavaScript: one answer."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from importlib.util import find_spec

import numpy as np
import pytest
from scalar_graphs import EXTREMES, GATES, OF_NN, arity, ulps

import autograd as ag
from autograd.expression import FUNCTIONS, on_arrays
from autograd.families import all_gates
from autograd.gates.registry import Gate
from autograd.program.scalars.loops import interpreter
from autograd.terms import Term, expressions, written
from viz.stepping.javascript import Gates

SPECIAL = [*EXTREMES, -0.5, -2.0, 1e-3, -1e-3, 30.0, -30.0]


def points_for(gate):
    """All combinations of special values, and ordinary numbers: an array for each operand."""
    ordinary = np.random.default_rng(1).normal(size=(100, arity(gate))) * 2.0
    points = [*itertools.product(SPECIAL, repeat=arity(gate)), *ordinary.tolist()]
    return np.array(points).T


def on_floats(gate, points):
    """The value, and then each local gradient: a row each."""
    return np.array([gate.floats.evaluate(*point) for point in points.T.tolist()]).T


def texts(gate):
    return [gate.floats.value, *gate.floats.local]


def check(gate, found, expected, points, relative=0.0):
    """Within 4 ulp of the number or, where terms cancelled, of 1; -0 is 0."""
    with np.errstate(all="ignore"):
        apart = np.abs(found - expected)
        near = (apart <= 2.0**-50) | (apart <= relative * np.abs(expected))
    wrong = ~(near | (ulps(found, expected).reshape(apart.shape) <= 4))
    assert not wrong.any(), (gate.name, points[:, wrong][:, 0], found[wrong][0], expected[wrong][0])


def test_every_rule_that_numpy_runs_is_what_python_floats_and_groups_compute():
    for gate in GATES:
        points = points_for(gate)
        floats = on_floats(gate, points)
        out, operands = floats[0], (points[0], points[-1])
        with np.errstate(all="ignore"):
            rules = [gate.forward(*points), *(rule(out, *points) for rule in gate.local)]
            groups = [on_arrays(text)(*operands, out) for text in texts(gate)]
        for of_floats, rule, group in zip(floats, rules, groups, strict=True):
            rule, group = (np.broadcast_to(np.asarray(v, float), out.shape) for v in (rule, group))
            check(gate, of_floats, rule, points)
            check(gate, group, rule, points)


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("numba"), reason="the extra jit is not installed")
def test_every_rule_in_numba_is_that_of_python_floats():
    """One interpreter of all expressions takes ten seconds to compile."""
    known = sorted({text for gate in GATES for text in texts(gate)})
    run = interpreter("forward", tuple(known))
    for gate in GATES:
        points = points_for(gate)
        floats, count = on_floats(gate, points), points.shape[1]
        values = np.concatenate([points[0], points[-1], floats[0], np.empty(count)])
        first, second, out = np.arange(3 * count).reshape(3, count)
        for text, expected in zip(texts(gate), floats, strict=True):
            kind, step = np.array([known.index(text)]), np.array([0])
            run(values, kind, np.array([count]), step, step + 3 * count, first, second, out)
            check(gate, values[3 * count :], expected, points)


@pytest.mark.skipif(not shutil.which("node"), reason="the browser tests run the same text")
def test_every_rule_in_javascript_is_that_of_python_floats():
    page = Gates()
    given = [[page.number_of(gate), points_for(gate).T.tolist()] for gate in GATES]
    asked = json.dumps(given, allow_nan=True)  # NaN and Infinity are JavaScript's own
    script = (
        f"{page.javascript}\nconst found = {asked}.map(([gate, points]) => points.map(point =>"
        "GATES[gate](...point).map(String)));console.log(JSON.stringify(found))"
    )
    ran = subprocess.run(["node"], input=script, capture_output=True, text=True, timeout=60)
    assert not ran.stderr
    for gate, rows in zip(GATES, json.loads(ran.stdout), strict=True):
        points = points_for(gate)
        found = np.array([[float(v.replace("Infinity", "inf")) for v in row] for row in rows]).T
        for mine, expected in zip(found, on_floats(gate, points), strict=True):
            check(gate, mine, expected, points, relative=1e-14)


def test_seven_gates_say_part_of_their_rule_a_second_time():
    second = {gate.name: gate.texts for gate in GATES if gate.texts}
    assert set(second) == {"power", "float_power", "sigmoid", "tanh", "erf", "erfc"}
    assert sum(bool(gate.texts) for gate in GATES) == 7
    assert all(None in given for given in second.values())


def test_a_gate_of_numpys_elementwise_functions_needs_no_second_form():
    """A rule that stops being an expression would slow its scalars down, and say nothing."""
    entries = [g for g in (*all_gates(), *OF_NN) if type(g) is Gate and isinstance(g.local, tuple)]
    assert {g.name for g in entries if len(g.local) <= 2 and not g.floats} == {
        "unwrap", "sinc", "round", "modf.fraction", "modf.whole", "nan_to_num",
        "digamma", "gammaln", "gamma", "i0",
    }  # fmt: skip
    assert ag.hypot.floats.local[0] == "0.0 if out == 0.0 else a / out"
    assert ag.maximum.floats.local[1] == "1.0 if b > a else 0.5 if b >= a else 0.0"


@pytest.mark.parametrize(
    "rule",
    [
        lambda a: a if a > 0.0 else 0.0,
        lambda a: np.asarray(a) + 1.0,
        lambda a: np.sum(a),
        lambda a: np.add.reduce(a),
        lambda a: np.add(a, 1.0, dtype=np.float32),
        lambda a: a * np.inf,
        lambda a: a * np.ones(2),
        lambda a: np.spacing(a),
        lambda a: float(a),
        lambda a: None,
        lambda a: "a",
    ],
)
def test_what_is_no_expression_has_none(rule):
    gate = ag.gate(rule, local=lambda out, a: 1.0, name="own")
    assert gate.floats is None and expressions(gate) is None
    with pytest.raises(ag.DataError, match="own are none"):
        ag.gate(rule, local=lambda out, a: 1.0, name="own", floats=True)


def test_conditions_are_asked_once_and_are_numbers_where_they_are_reckoned_with():
    a, b = Term("a"), Term("b")
    assert written(lambda a: (a > 0.0) * 2.0, a) == "(1.0 if a > 0.0 else 0.0) * 2.0"
    assert written(lambda a, b: np.where(a, b, 1), a, b) == "b if a != 0.0 else 1.0"
    inner = written(lambda a: np.where(a > 0.0, 0.0, np.exp(np.where(a > 0.0, 0.0, a))), a)
    assert inner == "0.0 if a > 0.0 else exp(a)"
    assert written(lambda a, b: ~((a > b) & (b > 0.0)), a, b) == (
        "1.0 if not (a > b and b > 0.0) else 0.0"
    )


def test_a_gate_of_ones_own_is_read_off_its_rule_when_asked():
    rules = [
        lambda out, a, b: (np.tanh(b), a * (1.0 - np.tanh(b) ** 2)),
        (lambda out, a, b: np.tanh(b), lambda out, a, b: a * (1.0 - np.tanh(b) ** 2)),
    ]
    for local in rules:
        gate = ag.gate(lambda a, b: a * np.tanh(b), local=local, name="gated", floats=True)
        assert gate.floats.value == "a * tanh(b)"
        x, y = ag.Tensor(2.0), ag.Tensor(0.5)
        gate(x, y).backward()
        assert x.grad == np.tanh(0.5) and y.grad == pytest.approx(2.0 / np.cosh(0.5) ** 2)
        assert Gates().number_of(gate) == 0


def test_the_table_says_each_function_in_every_language():
    for name, function in FUNCTIONS.items():
        assert callable(function.floats) and callable(function.arrays), name
        assert function.javascript or name == "float"
