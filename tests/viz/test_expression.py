"""Expressions of the command line: parsed, checked, never run."""

from __future__ import annotations

import math
import warnings
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Graph, Tensor
from viz import examples
from viz.columns import terminal_width
from viz.errors import VizError
from viz.expression import FUNCTIONS, ExpressionError, assignment, parse

NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
CLASSIC = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}


def test_neuron_is_built_gate_by_gate():
    f = parse(NEURON).build(CLASSIC)
    names = [node.gate.name for node in Graph(f).nodes if node.gate]
    assert names == ["multiply", "multiply", "add", "add", "negative", "exp", "add", "reciprocal"]
    f.backward()
    assert f.data == pytest.approx(0.73105858, abs=1e-8)
    leaves = {node.name: node for node in Graph(f).nodes if node.is_leaf}
    assert list(leaves) == list(CLASSIC)
    assert leaves["x1"].grad == pytest.approx(-0.58983580, abs=1e-8)


def test_leaves_stand_in_the_order_in_which_they_are_given():
    f = parse("a*b").build({"b": 1.0, "a": 2.0})
    assert [node.name for node in Graph(f).nodes[:2]] == ["b", "a"]


def test_matrices():
    W, x = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([0.2, 0.4])
    f = parse("sum((W@x)**2)").build({"W": W, "x": x})
    assert f.item() == pytest.approx(0.116)
    assert parse("norm(W@x)**2").build({"W": W, "x": x}).item() == pytest.approx(0.116)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max(x, y)", 3.0), ("min(x, y)", -4.0), ("max(x, y, 5)", 5.0), ("min(x, y, -9)", -9.0),
        ("relu(y)", 0.0), ("abs(y)", 4.0), ("square(y)", 16.0), ("sqrt(x+1)", 2.0),
        ("ln(e*x/x)", 1.0), ("2**x", 8.0), ("x**2", 9.0), ("−y × x ÷ 2", 6.0), ("+x", 3.0),
        ("x**y**0", 3.0), ("-x**2", -9.0), ("sigmoid(x-3)", 0.5), ("2*pi*x", 6 * math.pi),
        ("dot(x, y)", -12.0), ("log(exp(x))", 3.0), ("tanh(x*0)", 0.0), ("reciprocal(y)", -0.25),
    ],
)  # fmt: skip
def test_values(text, expected):
    names = {"x": 3.0, "y": -4.0}
    expression = parse(text)
    given_names = {name: names[name] for name in names if name in expression.names}
    assert expression.build(given_names).item() == pytest.approx(expected)


VALUES = {"x": 3.0, "y": 5.0, "z": 7.0, "w0": 11.0, "x0": 13.0}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2xy", "2*x*y"), ("(x+y)z", "(x+y)*z"), ("2(x+y)", "2*(x+y)"), ("x(y+z)", "x*(y+z)"),
        ("(x+y)(x−z)", "(x+y)*(x-z)"), ("2 x y", "2*x*y"), ("w0x0 + y", "w0*x0 + y"),
        ("sin(x)cos(y)z", "sin(x)*cos(y)*z"), ("2exp(−x)", "2*exp(-x)"), ("-2x**2", "-2*x**2"),
        ("2x/y", "2*x/y"), ("max(2x, yz)", "max(2*x, y*z)"), ("1/(1+exp(−xy))", "1/(1+exp(-x*y))"),
        ("2pi x", "2*pi*x"), ("x/y + 2z", "x/y + 2*z"), ("x**2 + 3yz", "x**2 + 3*y*z"),
        ("1.5e1x", "15.0*x"), ("x/(y)*2z", "x/(y)*2*z"),
    ],
)  # fmt: skip
def test_products_need_no_sign(text, same):
    names = [name for name in VALUES if name in parse(same).names]
    values = {name: VALUES[name] for name in names}
    read, written = parse(text, names), parse(same)
    assert read.build(values).data == written.build(values).data
    assert read.reading and parse(read.reading).build(values).data == written.build(values).data
    assert written.reading == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("E1", "(x+y)z"), ("E2", "1/(1+exp(−(w0x0+w1x1+w2)))"), ("E3", "2(xy+max(z,w))"),
        ("E4", "(x+σ(y))/(σ(x)+(x+y)**2)"),
    ],
)  # fmt: skip
def test_the_slides_formulas_are_read_as_they_are_printed(name, text):
    example = examples.build(name)
    values = {node.name: node.data for node in Graph(example).nodes if node.is_leaf and node.name}
    read = parse(text, values).build(values)
    assert read.data == pytest.approx(example.data, rel=1e-15)
    read.backward()
    example.backward()
    wanted = {node.name: node.grad for node in Graph(example).nodes if node.is_leaf and node.name}
    got = {node.name: node.grad for node in Graph(read).nodes if node.is_leaf and node.name}
    assert got == pytest.approx(wanted, rel=1e-14)


def test_a_name_that_is_given_stays_whole():
    values = {"xy": 2.0, "x": 3.0, "y": 5.0}
    assert parse("3xy + x*y").build(values).data == 21.0
    assert parse("3xy").build({"x": 3.0, "y": 5.0}).data == 45.0
    assert parse("max(x, 2)").build({"x": 3.0}).data == 3.0  # A known function is called.
    assert parse("f(x + 1)", ["f", "x"]).build({"f": 2.0, "x": 3.0}).data == 8.0


@pytest.mark.parametrize(
    ("text", "ways", "place"),
    [("1/2x", "/(2*x) or /2*x", "2x"), ("x**2y", "**(2*y) or **2*y", "2y"),
     ("x/(y)z", "/((...)*z) or /(...)*z", ")z"), ("x/yz", "/(y*z) or /y*z", "yz"),
     ("x/-2y", "/(2*y) or /2*y", "2y"), ("2 + xyxy", "xy*xy or xy*x*y", "xyxy")],
)  # fmt: skip
def test_products_that_can_be_read_in_two_ways_are_refused(text, ways, place):
    given = {"x": 1.0, "y": 2.0, "z": 3.0, **({"xy": 4.0} if "xyxy" in text else {})}
    with pytest.raises(ExpressionError, match=r"can be .*; write one of them") as caught:
        parse(text, given)
    message, line, under = str(caught.value).split("\n")
    assert place == line[under.index("^") : under.rindex("^") + 1]
    if "xyxy" not in text:
        assert ways in message


def test_carets_stand_right_where_signs_were_left_out():
    assert shown("2x + 3y*q", {"x": 1.0, "y": 1.0}) == ["    2x + 3y*q", "            ^"]
    assert shown("2(x+y) + 3 4", {"x": 1.0, "y": 1.0})[1].index("^") == len("    2(x+y) + 3 ")


def test_a_very_long_name_is_not_taken_apart():
    with pytest.raises(ExpressionError, match="no value"):
        parse("x" * 9_999, ["x", "xx"]).build({"x": 1.0, "xx": 1.0})


def test_numbers_among_themselves_make_no_gates():
    f = parse("2*3*x").build({"x": 1.0})
    assert [node.gate.name for node in Graph(f).nodes if node.gate] == ["multiply"]
    assert f.inputs[0] == 6.0


def test_three_that_tie_share_equally():
    f = parse("max(a, b, c)").build({"a": 1.0, "b": 1.0, "c": 1.0})
    f.backward()
    leaves = [node for node in Graph(f).nodes if node.is_leaf]
    assert [float(leaf.grad) for leaf in leaves] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "__import__('os')", "x.data", "x.__class__", "x[0]",
        "lambda: x", "[x for x in y]", "(x, y)", "[x]", "{x}", "x if y else z", "x < y", "not x",
        "x and y", "x := 1", "(x := 1)", "exp(x=1)", "exp(*x)", "exp(**x)", "exp(x)(y)", "'text'",
        "f'{x}'", "b'x'", "x % y", "x // y", "x ^ y", "x | y", "x & y", "~x", "x << 1", "1j",
        "True", "None", "...", "await x", "yield x", "eval(x)", "exec(x)", "open(x)", "getattr(x)",
        "import os", "x; y", "x = 1", "", "   ", "(", "x +", "x 1", "$", "x\x00y", "\ud800",
    ],
)  # fmt: skip
def test_everything_else_is_refused(text):
    with pytest.raises(ExpressionError):
        parse(text)


def test_nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in ("open('made', 'w')", "x + open('made', 'w').write('x')"):
        with pytest.raises(ExpressionError):
            parse(text)
    with pytest.raises(ExpressionError):
        assignment("x=open('made', 'w')")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sigmiod(x)", "perhaps sigmoid"), ("x^2", r"write x\*\*2"), ("x.y", "no attributes"),
        ("exp(x, y)", "takes 1 operand and received 2"), ("max()", "1 operand or more"),
        ("2 < x", "no comparisons"), ("(x", "not well-formed"), ("zzz(x)", "known are exp"),
    ],
)  # fmt: skip
def test_messages_say_what_to_write(text, message):
    with pytest.raises(ExpressionError, match=message):
        parse(text)


def shown(text: str, values: dict | None = None) -> list[str]:
    """What stands under the message: the text, and the carets."""
    with pytest.raises(ExpressionError) as caught:
        parse(text).build(values or {})
    return str(caught.value).split("\n")[1:]


@pytest.mark.parametrize(
    ("text", "carets"),
    [
        ("1 + sigmiod(x)", "    ^^^^^^^"),
        ("x.y", " ^^"),
        ("(x) . y", "    ^^^"),
        ("x[0]", " ^^^"),
        ("(x) // (y)", "    ^^"),
        ("x  ^ 2", "   ^"),
        ("x + y < 2", "      ^"),
        ("x y", "  ^"),
        ("x +", "   ^"),
        ("2*(x", "  ^"),
        ("2*x)", "   ^"),
        ("x * $", "    ^"),
        ("x*2 # twice", "    ^"),
        ("  x +  1j", "       ^^"),
        ("exp(x, y) + 1", "^^^"),
        ("x − y × 'a'", "        ^^^"),
        ("가나 + 다.라", "         ^^^"),
        ("(x*\ty))", "      ^"),
    ],
)
def test_carets_stand_under_the_place(text, carets):
    line, under = shown(text)
    assert line == f"    {text}".replace("\t", " ")
    # In columns of a terminal: Korean letters take two.
    assert under == f"    {carets}"


def test_carets_of_values_that_are_missing_or_do_not_fit():
    assert shown("x0 + xo", {"x0": 1.0}) == ["    x0 + xo", "         ^^"]
    given_arrays = {"W": np.ones((2, 2)), "x": np.ones(3)}
    assert shown("(W) @ x", given_arrays) == ["    (W) @ x", "        ^"]
    with pytest.raises(ExpressionError) as caught:
        assignment("W=[[1, 2], [3, a]]")
    assert str(caught.value).endswith("\n    W=[[1, 2], [3, a]]\n                   ^")
    assert caught.value.column == 16


@pytest.mark.parametrize("place", [0, 20, 300, 899])
def test_a_long_expression_shows_the_surroundings(place):
    terms = ["ab*c"] * 900
    terms[place] = "가ab.c"
    line, under = shown(f"max({','.join(terms)})")
    assert 40 < terminal_width(line) < 80
    assert terminal_width(under) <= terminal_width(line)
    column = len(under) - len(under.lstrip())
    left = next(i for i in range(len(line)) if terminal_width(line[:i]) == column)
    assert line[left - 3 :].startswith("가ab.c")
    assert ("…" in line[:6]) is (place > 0)
    assert line.endswith("…") is (place < 899)


def test_mistyped_names_suggest_the_nearest():
    with pytest.raises(ExpressionError, match=r"xo has no value.*did you mean x0\?"):
        parse("w0*xo").build({"w0": 1.0, "x0": 2.0})
    with pytest.raises(ExpressionError, match=r"did you mean w\?"):
        parse("W*x").build({"w": 1.0, "x": 2.0})
    with pytest.raises(ExpressionError, match=r"did you mean weight for wieght\? .* bias for bais"):
        parse("wieght*x+bais").build({"weight": 1.0, "x": 2.0, "bias": 0.0})
    with pytest.raises(ExpressionError, match=r"exp is a function"):
        parse("exp*x").build({"x": 2.0})


def test_missing_and_unused_values_are_named():
    with pytest.raises(ExpressionError, match=r"w3 has no value; write w3=\.\.\."):
        parse("w3*x").build({"x": 1.0})
    with pytest.raises(ExpressionError, match="y has a value and does not occur"):
        parse("x*2").build({"x": 1.0, "y": 1.0})
    with pytest.raises(ExpressionError, match="whatever happens"):
        parse("2+3").build({})
    with pytest.raises(ExpressionError, match="@"):
        parse("W@x").build({"W": np.ones((2, 2)), "x": np.ones(3)})
    assert issubclass(ExpressionError, VizError)
    assert issubclass(ExpressionError, ValueError)


@pytest.mark.parametrize(
    "text",
    ["x" * 10_001, "(" * 4000 + "x" + ")" * 4000, "-" * 9000 + "x", "x" + "+x" * 4900,
     "exp(" * 1900 + "x" + ")" * 1900, "x" + "**x" * 3000, "9" * 9000, "x+" + "1" * 5000,
     "1_" * 4000, "+".join(["x"] * 1000)],
)  # fmt: skip
def test_long_and_deep_ones_are_refused_or_read_without_a_crash(text):
    with suppress(ExpressionError):
        parse(text)


def test_a_sum_of_three_hundred_terms_is_fine():
    assert parse("+".join(["x"] * 300)).build({"x": 1.0}).item() == 300.0


def test_huge_powers_are_floats():
    assert parse("x + 9**9**9**9").build({"x": 1.0}).item() == math.inf
    assert math.isnan(parse("x + (-2)**0.5").build({"x": 1.0}).item())
    assert parse("x + 1/0").build({"x": 1.0}).item() == math.inf


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("w0=2", "w0", 2.0), ("x0=-1", "x0", -1.0), ("x = +1e-3", "x", 0.001),
     ("x=[1,2]", "x", [1, 2]), ("W=[[.1,.5],[-.3,.8]]", "W", [[0.1, 0.5], [-0.3, 0.8]]),
     ("가중치=3", "가중치", 3.0), ("x=-inf", "x", -math.inf), ("x=−2", "x", -2.0),
     ("x=[1,]", "x", [1.0])],
)  # fmt: skip
def test_assignments(text, name, value):
    found, read = assignment(text)
    assert found == name
    assert np.array_equal(read, value)
    assert np.asarray(read).dtype == float


@pytest.mark.parametrize(
    "text",
    ["x", "=1", "x=", "1x=2", "x y=2", "lambda=1", "x=y", "x=[]", "x=[1,[2]]", "x='1'", "x=1+1",
     "x=(1,2)", "x={1}", "x=exp(1)", "x=True", "x=1j", "x=__import__('os')", "x=" + "[" * 150
     + "1" + "]" * 150, "x=[" + "1," * 20000 + "]", "x==1", "x=--1", "x=[None]", "x=[[],[]]"],
)  # fmt: skip
def test_other_assignments_are_refused(text):
    with pytest.raises(ExpressionError):
        assignment(text)


PIECES = st.sampled_from(
    [*"xyz()[]{}+-*/@,.=:'\"\\%^ 0129\n\x00é½", "**", "exp", "max(", "lambda", "__", "inf"]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=30).map("".join)))
def test_any_text_is_read_or_refused(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with suppress(ExpressionError):
            expression = parse(text)
            expression.build(dict.fromkeys(expression.names, 0.5))
        with suppress(ExpressionError):
            assignment(text)


def texts() -> st.SearchStrategy[str]:
    """Random well-formed expressions in x and y."""
    leaves = st.sampled_from(["x", "y", "2", "0.5", "3"])

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, st.sampled_from("+-*/"), inner)
        names = ["exp", "tanh", "abs", "square", "sigmoid", "relu"]
        call = st.tuples(st.sampled_from(names), inner)
        two = st.tuples(st.sampled_from(["max", "min"]), inner, inner)
        return st.one_of(
            pair.map("({0[0]}{0[1]}{0[2]})".format), pair.map("{0[0]} {0[1]} {0[2]}".format),
            call.map("{0[0]}({0[1]})".format), two.map("{0[0]}({0[1]},{0[2]})".format),
            inner.map("(-{})".format), inner.map("({})**2".format),
        )  # fmt: skip

    return st.recursive(leaves, larger, max_leaves=12).map("x*y + ({})".format)


NUMPY = {"exp": np.exp, "tanh": np.tanh, "abs": np.abs, "square": np.square, "max": np.maximum,
         "min": np.minimum, "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
         "relu": lambda a: np.maximum(a, 0.0)}  # fmt: skip


@given(texts(), st.floats(-2, 2), st.floats(-2, 2))
def test_values_are_those_of_the_same_text_in_numpy(text, x, y):
    found = parse(text).build({"x": x, "y": y}).item()
    with np.errstate(all="ignore"):
        source = text.replace("2", "two").replace("0.5", "half").replace("3", "three")
        source = source.replace("**two", "**2")
        numbers = {"two": np.float64(2), "half": np.float64(0.5), "three": np.float64(3)}
        names = {"x": np.float64(x), "y": np.float64(y), **numbers, **NUMPY}
        expected = eval(source, {"__builtins__": {}}, names)
    # Sums of large terms may cancel: rounding differs then, and infinities meet as nan in both.
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_every_function_has_a_value_and_a_gradient():
    for name, function in FUNCTIONS.items():
        operands = ", ".join("xy"[: function.least])
        values = {n: 0.5 + i for i, n in enumerate("xy"[: function.least])}
        f = parse(f"{name}({operands})").build(values)
        assert isinstance(f, Tensor)
        f.backward()
        assert all(node.grad is not None for node in Graph(f).nodes if node.is_leaf)
