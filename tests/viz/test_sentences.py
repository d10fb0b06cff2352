"""What the stepper says of each gate is true: held against derivatives from values alone."""

from __future__ import annotations

import importlib
import math
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import viz
from autograd import Tensor
from autograd.families import all_gates
from viz.formulas import NodeNames, pattern_of, receivers, rule_of
from viz.sentences import words_of
from viz.symbols import symbol_of

SAMPLES = Path(__file__).parent.parent / "autograd"
sys.path.insert(0, str(SAMPLES))
MOST = 2  # Nodes of one gate and one sentence that are looked at.


def calls() -> Iterator:
    """Every sample call of a gate: the function and its inputs."""
    for path in sorted(SAMPLES.glob("samples*.py")):
        found = importlib.import_module(path.stem).SAMPLES
        if isinstance(found, list):
            yield from ((sample.f, sample.inputs) for sample in found)
        else:
            yield from (call for listed in found.values() for call in listed)
    for f in (lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, ag.maximum, ag.minimum):
        yield lambda x, f=f: f(x, x), (np.array([1.5, -2.0]),)
        yield f, (np.array([1.5, -2.0]), np.array([1.5, 3.0]))
        yield lambda x, f=f: f(x, 1.5), (np.array([1.5, -2.0, 4.0]),)
        yield lambda x, f=f: f(1.5, x), (np.array([1.5, -2.0, 4.0]),)
    yield lambda x: np.mean(x, where=[True, False, True]), (np.arange(3.0),)


def graphs() -> Iterator[Tensor]:
    """The samples' outputs: with gradients for all of their inputs, and for one of them alone."""
    for f, inputs in calls():
        choices = [range(len(inputs))]
        choices += [[k] for k in range(len(inputs))] if len(inputs) > 1 else []
        for wanted in choices:
            leaves = [
                Tensor(np.array(value, float), requires_grad=k in wanted)
                for k, value in enumerate(inputs)
            ]
            try:
                outs = f(*leaves)
            except ImportError:  # A function that an extra computes, which is not installed.
                continue
            yield from outs if isinstance(outs, (tuple, list)) else [outs]


def said(node: Tensor) -> str:
    names = NodeNames([*(o for o in node.inputs if isinstance(o, Tensor)), node], node)
    return words_of(node, symbol_of(node), names.operand, "df/df")


@cache
def told() -> dict[str, list[tuple[Tensor, str]]]:
    """By the name of a gate, nodes with what is said of them, a few of each sentence."""
    found: dict[str, list[tuple[Tensor, str]]] = {}
    counts: dict[tuple[str, str], int] = {}
    for out in graphs():
        for node in ag.Graph(out).nodes:
            if node.is_leaf or not node.requires_grad or not 0 < node.size <= 64:
                continue
            if not np.isfinite(node.data).all():
                continue
            words = said(node)
            kind = node.gate.name, re.sub(r"\d+", "", words)
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= MOST:
                found.setdefault(node.gate.name, []).append((node, words))
    return found


def jacobians(node: Tensor) -> dict[int, np.ndarray]:
    """d(out)/d(operand) by central differences, for each operand that receives a gradient."""
    values = [np.array(getattr(o, "data", o)) for o in node.inputs]

    def at(slot: int, moved: np.ndarray) -> np.ndarray:
        given = [*values[:slot], moved, *values[slot + 1 :]]
        out = node.gate.forward(*given, **node.settings)
        return np.asarray(out[0] if isinstance(out, tuple) else out, float).ravel()

    found = {}
    for slot, receives in enumerate(receivers(node)):
        if receives:
            columns = []
            for place in np.ndindex(values[slot].shape):
                step = np.zeros(values[slot].shape)
                step[place] = 1e-6
                columns.append(
                    (at(slot, values[slot] + step) - at(slot, values[slot] - step)) / 2e-6
                )
            found[slot] = np.array(columns).reshape(values[slot].size, node.size).T
    return found


def one_a_row(j: np.ndarray) -> np.ndarray:
    """The one entry of each row that is not 0, or 0."""
    assert (np.count_nonzero(j, axis=1) <= 1).all()
    return j.sum(axis=1)


def ones(j: np.ndarray) -> bool:
    return bool(np.isin(j, (0.0, 1.0)).all())


def holds(node: Tensor, words: str) -> bool:
    """Whether a sentence's claims are those of the gate's numeric local gradients."""
    found = {}
    with np.errstate(all="ignore"):
        for slot, j in jacobians(node).items():
            found[slot] = np.where(np.isfinite(j), np.round(j, 6) + 0.0, 0.0)
    all_of_them = np.concatenate(list(found.values()), axis=1)
    first = next(iter(found.values()))
    values = [np.asarray(getattr(o, "data", o)) for o in node.inputs]
    claim = words.partition(". ")[0].rstrip(".")

    def spread(slot: int) -> np.ndarray:
        return np.broadcast_to(values[slot], node.shape).ravel()

    if "Broadcasting" in words:
        assert any(v.size < node.size for v in values)
    if "the second one with its sign turned" in claim:
        return (one_a_row(found[0]) == 1).all() and (one_a_row(found[1]) == -1).all()
    if claim.endswith("with its sign turned"):
        return len(found) == 1 and (one_a_row(first) == -1).all()
    if "distributes" in claim:
        return all((one_a_row(j) == 1).all() for j in found.values())
    if "swaps" in claim or ("upstream gradient times " in claim and "own" not in claim):
        assert ("other" in claim) == (len(found) > 1)
        if node.gate.name == "vdot":
            return all(
                np.allclose(j[0], values[1 - k].ravel(), atol=1e-5) for k, j in found.items()
            )
        return all(np.allclose(one_a_row(j), spread(1 - k), atol=1e-5) for k, j in found.items())
    if "own derivative" in claim:
        one_a_row(first)
        return len(found) == 1
    if "that was added" in claim:
        return ones(first) and (first.sum(axis=0) <= 1).all()
    if "slices that it is in" in claim:
        return ones(first)
    if count := re.search(r"divided by (\d+), the number", claim):
        return np.isin(first, (0.0, np.round(1 / int(count[1]), 6))).all() and np.allclose(
            first.sum(axis=1), 1, atol=1e-5
        )
    if "divided by" in claim:  # By how many were averaged.
        return all(np.unique(row[row != 0]).size <= 1 for row in first)
    if "gradients of its copies, added up" in claim:
        return ones(one_a_row(first))
    if "goes back as it is" in claim:
        return np.array_equal(first, np.eye(node.size))
    if "moves" in claim:
        return ones(all_of_them) and (all_of_them.sum(axis=0) <= 1).all()
    if "routes" in claim:
        assert (all_of_them >= 0).all() and (all_of_them.sum(axis=1) <= 1 + 1e-5).all()
        if "larger input" in claim or "smaller input" in claim:
            sign = 1 if "larger" in claim else -1
            ahead = sign * (spread(0) - spread(1))
            want = (np.sign(ahead) + 1) / 2
            return np.array_equal(one_a_row(found[0]), want) and np.array_equal(
                one_a_row(found[1]), 1 - want
            )
        if "half of it where they are equal" in claim:
            (slot,) = found
            ahead = (1 if "larger" in claim else -1) * (spread(slot) - spread(1 - slot))
            return np.array_equal(one_a_row(first), (np.sign(ahead) + 1) / 2)
        if "est element" in claim:
            flat = values[0].ravel()
            best = node.data.ravel()
            return all(set(flat[row > 0]) <= {top} for row, top in zip(first, best, strict=True))
        if "where it is positive" in claim:
            return np.array_equal(one_a_row(first), (spread(0) > 0).astype(float))
        return True
    if "mixes its inputs" in claim:
        return len(found) > 1
    return len(found) == 1 and "what its rule makes of" in claim


# It refuses to be asked how its last columns move.
NAMES = sorted({gate.name for gate in all_gates()} - {"determined columns"})


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_of_a_gate_is_true(name):
    for node, words in told().get(name, ()):
        assert holds(node, words), f"{words} {node!r} of {node.inputs}"


def computed(rule: str, x: float) -> float:
    """The number of a derivative as it is written, such as −2/x²."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    text = re.sub("[⁻⁰¹²³⁴-⁹]+", lambda power: f"**({power[0].translate(raised)})", rule)
    for written, code in {"^": "**", "ˣ": "**x", "ln 2": "log(2)", "·": "*", "−": "-"}.items():
        text = text.replace(written, code)
    return eval(text, {"log": math.log, "x": x})


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 2, lambda x: 2 + x, lambda x: x - 2, lambda x: 2 - x, lambda x: x - (-2),
        lambda x: x * 2, lambda x: -2 * x, lambda x: x / 2, lambda x: x / -4, lambda x: 3 / x,
        lambda x: -3 / x, lambda x: x**2, lambda x: x**3, lambda x: x**-2, lambda x: x**0.5,
        lambda x: x**-1.5, lambda x: 2**x, lambda x: x**1.0, lambda x: x**0.0,
    ],
)  # fmt: skip
def test_the_derivative_with_a_constant_put_in_is_that_of_the_function(f):
    x, step = 1.7, 1e-6
    slope = (f(x + step) - f(x - step)) / (2 * step)
    assert computed(rule_of(f(Tensor(x, name="x")))[1], x) == pytest.approx(
        slope, rel=1e-6, abs=1e-9
    )


def test_with_a_constant_a_gate_is_another():
    x, c = Tensor(3.0, name="x"), Tensor(2.0, name="c", requires_grad=False)
    for f in (2 * x, x * c, c * x, x**2, x / c, 2 - x, c - x):
        assert pattern_of(f) == ag.trace(f).steps[0].pattern == "scales", f
    for f in (x + 2, c + x, x - c):
        assert pattern_of(f) == "distributes", f


def test_the_stepper_says_what_is_on_the_screen():
    v, x = Tensor([1.0, 2.0, 6.0], name="v"), Tensor(3.0, name="x")
    assert "divided by 3" in viz.step(v.mean()).text(-1)
    for f in (x**2, x / 2, 2 / x, v.std(), 1 - x):
        words = viz.step(f).text(-1).splitlines()[-1]
        assert "its inputs" not in words and "second" not in words, words
    assert "Broadcasting had copied x" in viz.step(v * x, gradient=[1, 1, 1]).text(-1)
    assert "x stands at 2 of its inputs" in viz.step(x * x).text(-1)


def test_the_sentence_of_a_gate_of_ones_own_is_not_that_of_a_namesake():
    double = ag.gate(lambda a: 2 * a, local=lambda out, a: 2.0, name="relu", pattern="scales")
    words = viz.step(double(Tensor(3.0, name="x"))).text(-1)
    assert "relu scales: the upstream gradient times its own derivative." in words


def test_an_index_of_several_arrays_is_drawn():
    t = Tensor(np.eye(3), name="t")
    picked = t[np.array([0, 1]), np.array([1, 2])]
    assert "index routes" in viz.step(picked, gradient=[1, 1]).text(-1)
