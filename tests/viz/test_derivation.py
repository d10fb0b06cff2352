"""`viz.table`: the derivation as text, against the numbers of the lecture slides."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import viz
from autograd import Tensor
from viz import examples
from viz.derivation import table
from viz.errors import UnsupportedTargetError, VizError
from viz.wording import width


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

   +  a+b  →  1, 1
   ×  a·b  →  b, a

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
        assert max(map(width, str(table(examples.build(name), **options)).splitlines())) <= 80


def test_every_column_of_numbers_has_its_points_under_each_other():
    text = str(table(examples.build("E2")))
    last = [line for line in text.splitlines() if line.startswith("   df/d")]
    assert len({line.index(".") for line in last}) == 1


def test_korean_names_take_two_columns_each():
    weight, x = Tensor(2.0, name="가중치"), Tensor(3.0, name="x")
    lines = str(table(weight * x, backward=False)).splitlines()
    ends = {width(line[: line.rindex("=")]) for line in lines if line.endswith(("  2", "  3"))}
    assert ends == {width("   가중치  =  2 × 3  ")}


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
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301 - our own


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


def test_table_is_public():
    assert viz.table is table


def test_other_targets_are_refused():
    with pytest.raises(UnsupportedTargetError, match="ndarray"):
        table(np.ones(3))
