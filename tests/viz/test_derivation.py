"""`viz.table`: the derivation as text, against the numbers of the lecture slides."""

from __future__ import annotations

import html
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import viz
from autograd import Tensor
from viz import examples
from viz.columns import terminal_width
from viz.derivation import table
from viz.errors import UnsupportedTargetError, VizError
from viz.names import printable, shortened


def cells(text: str) -> list[list[str]]:
    """Each line's words, apart where two blanks or more part them."""
    return [[c for c in line.strip().split("  ") if c] for line in text.splitlines()]


def stripped(text: str) -> list[list[str]]:
    return [[c.strip() for c in row] for row in cells(text)]


def test_chain_rule_is_written_as_on_the_slide():
    assert str(table(examples.build("E1"))) == (
        """\
1  The graph: 2 gates, 3 inputs

   q  =  x + y
   f  =  q × z

2  Each gate's function and derivative

   +  a+b  →  1, 1    distributes
   ×  a·b  →  b, a    swaps

3  Forward: values

   x               =   1
   y               =  −2
   z               =   1
   q  =  1 + (−2)  =  −1
   f  =  −1 × 1    =  −1

4  Backward: downstream = upstream × local

   It starts from df/df = 1

   gate  from → to  upstream     local     downstream
   ──────────────────────────────────────────────────
   ×     f → q      1         ×   1     =   1
         f → z      1         ×  −1     =  −1
   +     q → x      1         ×   1     =   1
         q → y      1         ×   1     =   1

   df/dx  =   1
   df/dy  =   1
   df/dz  =  −1"""
    )


def test_sigmoid_neuron_passes_eight_gates_back():
    text = str(table(examples.build("E2")))
    back = stripped(text[text.index("from → to") :])[2:14]
    assert [(r[0], *r[-5:]) for r in back if len(r) == 7] == [
        ("1/x", "1", "×", "−0.5344", "=", "−0.5344"),
        ("+1", "−0.5344", "×", "1", "=", "−0.5344"),
        ("exp", "−0.5344", "×", "0.3679", "=", "−0.1966"),
        ("×(−1)", "−0.1966", "×", "−1", "=", "0.1966"),
        ("+", "0.1966", "×", "1", "=", "0.1966"),
        ("+", "0.1966", "×", "1", "=", "0.1966"),
        ("×", "0.1966", "×", "−2", "=", "−0.3932"),
        ("×", "0.1966", "×", "−1", "=", "−0.1966"),
    ]
    for line in ("df/dw0  =  −0.1966", "df/dx0  =   0.3932", "df/dw1  =  −0.3932",
                 "df/dx1  =  −0.5898", "df/dw2  =   0.1966"):  # fmt: skip
        assert f"   {line}\n" in text + "\n"


def test_approximately_equal_where_printed_numbers_do_not_give_the_printed_result():
    # 0.20 × 2 is printed 0.39: rounded factors, rounded product.
    text = str(table(examples.build("E2"), digits=2))
    assert ["×", "q1 → w0", "0.2", "×", "−1", "=", "−0.2"] in stripped(text)
    assert ["q1 → x0", "0.2", "×", "2", "≈", "0.39"] in stripped(text)


def test_router_sends_nothing_to_the_loser():
    rows = stripped(str(table(examples.build("E3"))))
    assert ["max", "q2 → z", "2", "×", "1", "=", "2"] in rows
    assert ["q2 → w", "2", "×", "0", "=", "0"] in rows
    assert rows[-4:] == [["df/dx", "=", "−8"], ["df/dy", "=", "6"],
                         ["df/dz", "=", "2"], ["df/dw", "=", "0"]]  # fmt: skip


def test_fork_writes_its_sums_out():
    rows = stripped(str(table(examples.build("E4"))))
    # 1.583 − 0.03576 + 0.5121 is 2.059 as printed; 2.05957 to four digits is 2.060.
    assert ["df/dx", "=", "1.583 + (−0.03576) + 0.5121", "≈", "2.06"] in rows
    assert ["df/dy", "=", "1.583 + 0.009046", "=", "1.592"] in rows
    assert ["f", "=", "3.018 ÷ 1.953", "≈", "1.546"] in rows


def test_fork_inside_the_graph_adds_before_its_own_gate():
    x = Tensor(2.0, name="x")
    square = x * x
    rows = stripped(str(table(square * 3.0 + np.exp(square))))
    fork = next(i for i, row in enumerate(rows) if row[:1] == ["fork"])
    assert rows[fork] == ["fork", "into q1", "54.6 + 3", "=", "57.6"]
    assert rows[fork + 1] == ["×", "q1 → x", "57.6", "×", "2", "=", "115.2"]


def test_matrix_example_shows_small_arrays_whole():
    text = str(table(examples.build("E5")))
    assert "df/dW  =  [0.088  0.176]\n             [0.104  0.208]" in text
    assert "df/dx  =  [−0.112  0.636]" in text
    assert "W               =  [ 0.1  0.5]\n                      [−0.3  0.8]" in text
    assert ["@", "q → W", "[0.44", "0.52]", "g·Bᵀ", "=", "[0.088", "0.176]"] in stripped(text)


def test_large_arrays_show_shape_and_range():
    x = Tensor(np.arange(20.0).reshape(4, 5), name="x")
    text = str(table(x.sum()))
    assert "4×5" in text
    assert "0 / 9.5 / 19" in text
    assert "min / mean / max" in text


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_tables_fit_a_terminal(name):
    for options in ({}, {"expand": "all"}):
        assert (
            max(map(terminal_width, str(table(examples.build(name), **options)).splitlines())) <= 80
        )


def test_every_column_of_numbers_has_its_points_under_each_other():
    text = str(table(examples.build("E2")))
    last = [line for line in text.splitlines() if line.startswith("   df/d")]
    assert len({line.index(".") for line in last}) == 1


def test_korean_names_take_two_columns_each():
    weight, x = Tensor(2.0, name="가중치"), Tensor(3.0, name="x")
    lines = str(table(weight * x, backward=False)).splitlines()
    made = [line for line in lines if line.endswith(("  2", "  3"))]
    ends = {terminal_width(line[: line.rindex("=")]) for line in made}
    assert ends == {terminal_width("   가중치  =  2 × 3  ")}


def test_trace_is_shown_with_its_own_gradient():
    x = Tensor([1.0, 2.0], name="x")
    text = str(table(ag.trace(x * 2.0, gradient=np.array([1.0, 10.0]))))
    assert "dL/df =  [1  10]" in text
    assert text.endswith("dL/dx  =  [2  20]")
    assert x.grad is None


def test_trace_keeps_its_gradient_when_gates_are_opened():
    x = Tensor([0.0, 0.0], name="x")
    given = ag.trace(x.sigmoid(), gradient=np.array([4.0, 8.0]))
    assert str(table(given, expand="sigmoid")).endswith("dL/dx  =  [1  2]")


def test_output_of_several_elements_is_shown_forward_only():
    text = str(table(Tensor([1.0, 2.0], name="x") * 2.0))
    assert "Backward: not computed, f has 2 elements" in text
    assert "gradient=" in text
    assert "from → to" not in text


def test_constants_alone_and_a_leaf_alone():
    assert "wants a gradient" in str(table(Tensor(3.0, requires_grad=False) * 2))
    assert str(table(Tensor(3.0, name="x"))).endswith("dx/dx  =  1")


def test_without_backward_three_stages_are_left():
    text = str(table(examples.build("E1"), backward=False))
    assert "3  Forward" in text
    assert "Backward" not in text


def test_composites_are_one_gate_until_opened():
    x = Tensor(1.0, name="x")
    closed, opened = str(table(x.sigmoid())), str(table(x.sigmoid(), expand="sigmoid"))
    assert "f  =  σ(x)" in closed
    assert "f   =  1 ÷ q3    in sigmoid" in opened
    assert closed.splitlines()[-1] == opened.splitlines()[-1] == "   df/dx  =  0.1966"
    assert str(table(x.sigmoid(), expand=1)) == str(table(x.sigmoid(), expand="all")) == opened


def test_infinities_and_nan_stand_out():
    x = Tensor(0.0, name="x")
    assert "−∞ ⚠" in str(table(np.log(x)))
    assert "NaN ⚠" in str(table(np.log(x) * 0.0))
    assert "[1  ∞] ⚠" in str(table(Tensor([1.0, np.inf], name="x").sum()))


def test_broadcasting_is_said():
    x, b = Tensor([1.0, 2.0, 3.0], name="x"), Tensor(2.0, name="b")
    text = str(table((x * b).sum()))
    assert ["f", "=", "sum(q)", "=", "12"] in stripped(text)
    assert stripped(text)[-6] == ["q → b", "″", "×", "[1", "2", "3]", "Σ", "6"]
    assert "broadcasting" in text


def test_names_that_clash_stay_apart():
    a, b = Tensor(1.0, name="f"), Tensor(2.0, name="f")
    text = str(table(a * b + Tensor(5.0, name="q")))
    assert "q1" in text
    assert "L   =  q1 + q" in text
    assert "q1  =  f × f′2" in text


def test_very_long_derivations_leave_their_middle_out():
    y = Tensor(1.0, name="x")
    for _ in range(500):
        y = y + 1.0
    text = str(table(y))
    assert "more …" in text
    assert len(text.splitlines()) < 400
    assert "q499" in str(table(y, expand="all"))


def test_result_is_a_string_that_shows_as_it_prints():
    result = table(examples.build("E1"))
    assert isinstance(result, str)
    assert repr(result) == str(result) == f"{result}"
    assert pickle.loads(pickle.dumps(result)) == result


def test_colours_wrap_letters_and_change_none():
    result = table(examples.build("E2"))
    bare = result.colored
    for code in ("32", "31", "1", "2"):
        assert f"\x1b[{code}m" in bare
        bare = bare.replace(f"\x1b[{code}m", "")
    assert bare.replace("\x1b[0m", "") == str(result)


VALUES = st.floats(allow_nan=True, allow_infinity=True, width=64)


@given(VALUES, VALUES, st.integers(1, 17))
def test_any_numbers_can_be_shown(a, b, digits):
    x, y = Tensor(a, name="x"), Tensor(b, name="y")
    f = np.maximum(x * y, x / y) ** 3.0 + (x - 2.5).sigmoid() / (1.0 + np.exp(-y * x))
    text = str(table(f, digits=digits))
    assert "df/dx" in text
    assert "-" not in text  # a true minus everywhere


@given(
    st.lists(st.sampled_from(["x", "f", "q", "q1", "L", "", "-x", "a b", "가", None]), max_size=6)
)
def test_any_names_can_be_shown(names):
    total = Tensor(1.0)
    for name in names:
        total = total * Tensor(2.0, name=name) + 1.0
    labels = [line.split("  =")[0].strip() for line in str(table(total)).splitlines()
              if line.startswith("   df/d")]  # fmt: skip
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("options", [{"expand": "conv"}, {"expand": -1}, {"digits": 0},
                                     {"digits": 2.5}, {"digits": True}])  # fmt: skip
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(VizError, match=r"received|scope"):
        table(Tensor(1.0, name="x").sigmoid(), **options)


def test_each_gate_has_its_pattern():
    x, y = Tensor([[1.0, 2.0], [3.0, 4.0]], name="x"), Tensor([1.0, 2.0], name="y")
    f = np.sum(np.maximum(x @ y, y.reshape(2) + 1.0) * np.exp(y) * 2.0)
    rows = stripped(str(table(f, backward=False)))
    patterns = {row[0]: row[-1] for row in rows if "→" in row}
    found = {step.gate.symbol: step.pattern for step in ag.trace(f).steps}
    for symbol in ("@", "max", "×", "exp", "Σ", "reshape"):
        assert patterns[symbol] == found[symbol]
    assert set(patterns.values()) == {"mixes", "routes", "swaps", "scales", "copies", "moves",
                                      "distributes"}  # fmt: skip
    assert patterns["×2"] == "scales"  # there is nothing to swap with


def tables_of(markdown: str) -> list[list[list[str]]]:
    """The tables of a Markdown text: each a list of rows, its title first, without the rule."""
    found = []
    for block in markdown.split("\n\n"):
        lines = block.strip().splitlines()
        if not lines[0].startswith("|"):
            continue
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
        assert all(re.fullmatch(r" :?---:? ", cell) for cell in rows[1])
        assert len({len(row) for row in rows}) == 1, "GitHub would show no table"
        found.append([[cell.strip() for cell in row] for row in [rows[0], *rows[2:]]])
    return found


def test_notebooks_show_the_four_stages_as_markdown_tables():
    result = table(examples.build("E1"))
    markdown = result._repr_markdown_()
    assert result.markdown == markdown
    graph, rules, forward, backward, gradients = tables_of(markdown)
    assert graph[1:] == [["q", "=", "x + y"], ["f", "=", "q × z"]]
    assert rules[0][-1] == "pattern"
    assert rules[1] == ["+", "a+b", "→", "1, 1", "distributes"]
    assert forward[4] == ["q", "=", "1 + (−2)", "=", "−1"]
    assert backward[0] == ["gate", "from → to", "upstream", "", "local", "", "downstream"]
    assert backward[2] == ["", "f → z", "1", "×", "−1", "=", "−1"]
    assert gradients[1:] == [["df/dx", "=", "1"], ["df/dy", "=", "1"], ["df/dz", "=", "−1"]]
    assert "**4. Backward: downstream = upstream × local**\n\nIt starts from df/df = 1" in markdown


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_markdown_holds_the_numbers_of_the_text(name):
    result = table(examples.build(name))
    shown = re.sub(r"<br>|&nbsp;", " ", result.markdown).replace("\\", "")
    words = set(re.findall(r"[^\s\[\]|]+", str(result))) - {"─" * 50}
    missing = {word for word in words if word not in shown and "─" not in word}
    assert missing <= {"1", "2", "3", "4"}
    assert len(tables_of(result.markdown)) == 5


@given(st.lists(st.sampled_from([*"|<>&\\`*_~$#[]()\n ", "a", "<br>", "](x)", "가"]), min_size=1))
def test_markdown_shows_any_name_as_it_is(pieces):
    name = "".join(["x", *pieces, "x"])
    markdown = table(Tensor(1.0, name=name) * 2.0).markdown
    tables = tables_of(markdown)
    assert len(tables) == 5
    labels = {row[0].split("/d", 1)[1] for row in tables[-1][1:]}
    (label,) = labels
    assert not re.search(r"<(?!/?span>)|(?<!\\)[*_`~|]|\](?=[\[(:])|\$", label)
    read = re.sub(r"</?span>", "", label)
    read = html.unescape(re.sub(r"\\(.)", r"\1", read)).replace("\xa0", " ")
    assert read == shortened(printable(name), 20)


def test_a_forks_sum_and_matrices_in_markdown():
    x = Tensor([[1.0, -2.0], [3.0, 4.0]], name="x")
    total = np.sum(x)
    markdown = table(total * total).markdown
    assert "| [1&nbsp; −2]<br>[3&nbsp;  4] |" in markdown
    assert "| fork | into q | 6 + 6 = 12 |" in markdown


def test_a_long_derivation_stays_short_in_markdown():
    y = Tensor(1.0, name="x")
    for _ in range(500):
        y = y + 1.0
    markdown = table(y).markdown
    assert len(markdown.splitlines()) < 500
    assert len(tables_of(markdown)) == 5
    assert 'expand="all"' in markdown


def test_a_rounded_number_that_looks_whole_is_not_said_to_be_equal():
    x = Tensor(10.0, name="x")
    rows = stripped(str(table(x.sigmoid() * 2.0)))
    assert ["q", "=", "σ(10)", "≈", "1"] in rows
    assert ["f", "=", "1 × 2", "≈", "2"] in rows
    assert ["0.9999546", "x"] not in rows
    rows = stripped(str(table(x.sigmoid(), digits=7)))
    assert ["f", "=", "σ(10)", "=", "0.9999546"] in rows


def test_whole_looking_inputs_gradients_and_arrays_are_marked_too():
    given_value = Tensor(0.99999, name="x")
    rows = stripped(str(table(given_value * 3.0)))
    assert ["x", "≈", "1"] in rows
    weight = Tensor(2.0, name="w")
    assert ["df/dw", "≈", "1"] in stripped(str(table(weight * given_value)))
    assert ["f", "=", "σ(x)", "≈", "[1", "0.5]"] in stripped(
        str(table(Tensor([10.0, 0.0], name="x").sigmoid()))
    )
    # Whole numbers, and what arithmetic rounds, are equal as ever.
    assert "≈" not in str(table(examples.build("E1")))
    assert "≈" not in str(table(Tensor(0.1, name="x") * 3.0 * 10.0))


def test_one_rule_says_equal_or_about_in_table_stepper_and_picture():
    """1.49995 is printed 1.5, and 0.99995 is printed 1, which it is not: nothing here is equal."""
    x, y = Tensor(0.5, name="x"), Tensor(0.99995, name="y")
    f = x * y + x * 0.5
    assert ["df/dx", "=", "0.5 + 1", "≈", "1.5"] in stripped(str(table(f)))
    assert "df/dx = 0.5 + 1 ≈ 1.5" in viz.step(f).text(-1)
    assert "≈ 0.5 + 1" in viz.draw(f).svg
    assert ["f", "=", "1 + 0.5", "≈", "1.5"] in stripped(str(table(y + x)))
    assert "f = y + x = 1 + 0.5 ≈ 1.5" in viz.step(y + x).text(1)


def test_a_sum_at_a_fork_is_written_alike_in_table_stepper_and_picture():
    x = Tensor(0.5, name="x")
    f = x * 2.0 - x
    assert ["df/dx", "=", "(−1) + 2", "=", "1"] in stripped(str(table(f)))
    assert "df/dx = (−1) + 2 = 1" in viz.step(f).text(-1) + viz.step(f).text(-2)
    assert "= (−1) + 2" in viz.draw(f).svg


def test_powers_of_ten_stand_in_brackets_where_they_are_read_wrong_without():
    x = Tensor(1.2e-7, name="x")
    for f, formula in [(x**2, "(1.2×10⁻⁷)²"), (2.0 / x, "2 ÷ (1.2×10⁻⁷)"), (x + 1, "1.2×10⁻⁷ + 1")]:
        assert formula in str(table(f)) and f"= {formula} " in viz.step(f).text(1)


def test_a_constant_is_not_written_as_a_whole_number_that_it_is_not():
    text = str(table(Tensor(2.0, name="x") * 0.99999 + 1e-9))
    assert "0.99999·x" in text
    assert "×0.99999" in text


def test_table_is_public():
    assert viz.table is table


def test_other_targets_are_refused():
    with pytest.raises(UnsupportedTargetError, match="ndarray"):
        table(np.ones(3))
