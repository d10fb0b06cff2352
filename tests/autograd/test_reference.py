"""The generated reference is fresh and complete; its formulas are LaTeX that Markdown leaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd import DataError, Tensor, reference
from autograd.families import all_gates
from autograd.latex import latex

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "docs" / "gates.md"

# The functions that NumPy got after 2.0 are listed under its own names where it has them.
of_todays_numpy = pytest.mark.skipif(
    not (hasattr(np, "matvec") and hasattr(np, "unstack")),
    reason="the kept file is made with NumPy 2.2 or later, which has more functions",
)

RULES = sorted({gate.rule for gate in all_gates()})


# ---- the file


@of_todays_numpy
def test_the_kept_file_is_fresh():
    kept = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    assert kept == reference.reference(), f"docs/gates.md is stale: run {reference.COMMAND}"


def test_every_gate_of_the_table_stands_in_it_once():
    rows = [row for family in reference.families() for row in family.rows]
    listed = {(row.gate.name, row.gate.symbol, row.gate.rule) for row in rows}
    assert listed == {(gate.name, gate.symbol, gate.rule) for gate in all_gates()}
    lines = re.findall(r"^\| \*\*(.+?)\*\* \|", reference.reference(), re.M)
    assert sorted(lines) == sorted(row.gate.name for row in rows)


def test_every_row_has_every_cell():
    """A bar that is not escaped would open a cell of its own."""
    text = reference.reference()
    for line in re.findall(r"^\|.*$", text, re.M):
        assert len(re.findall(r"(?<!\\)\|", line)) == 9, line


def test_a_family_is_headed_by_its_files_first_line():
    text = reference.reference()
    assert "\n## Arithmetic: the gates behind Python's operators\n" in text
    assert "](#arithmetic-the-gates-behind-pythons-operators)" in text
    headings = re.findall(r"^## (.+)$", text, re.M)
    assert len(headings) == len(set(headings)) == len(reference.families())
    for linked in re.findall(r"\]\((\.\./[^)]+)\)", text):
        assert (FILE.parent / linked).is_file()


def test_a_gate_stands_with_the_file_that_says_its_name():
    """Not with one that imports it. Running extrema are named in a loop."""
    for family in reference.families():
        text = (ROOT / family.file).read_text(encoding="utf-8")
        for row in family.rows:
            name = row.gate.name
            assert f'"{name}"' in text or name.endswith(".accumulate"), (family.file, name)


def row_of(name: str) -> reference.Row:
    rows = [row for family in reference.families() for row in family.rows]
    return next(row for row in rows if row.gate.name == name)


@pytest.mark.parametrize(
    ("gate", "names"),
    [
        ("add", ["a + b", "np.add"]),
        ("power", ["a ** b", "np.pow", "np.power"]),
        ("sigmoid", ["ag.sigmoid", "t.sigmoid()"]),
        ("transpose", ["np.permute_dims", "np.transpose", "t.transpose()", "t.T", "t.mT"]),
        ("matmul", ["a @ b", "np.matmul", "np.linalg.matmul"]),
        ("clip", ["np.clip", "t.clip()"]),
        ("linalg.eigh.eigenvalues", ["np.linalg.eigh"]),
        ("linalg.lstsq", ["np.linalg.lstsq"]),
        ("outer", ["np.outer", "np.linalg.outer"]),
        ("trace", ["np.trace", "np.linalg.trace", "t.trace()"]),
        ("scatter", []),
    ],
)
def test_a_gate_is_listed_under_the_names_that_reach_it(gate, names):
    assert row_of(gate).names == names


@pytest.mark.parametrize(
    ("call", "gate"),
    [
        (lambda t: np.flipud(t), "flip"),
        (lambda t: t.T, "transpose"),
        (lambda t: ag.cumulative_sum(t, axis=0), "cumsum"),
        (lambda t: np.linalg.matrix_norm(t), "linalg.norm"),
        (lambda t: np.linalg.matrix_power(t, 3), "linalg.matrix_power"),
        (lambda t: np.diag(t), "diagonal"),
        (lambda t: np.logaddexp.reduce(t), "logaddexp.reduce"),
    ],
)
def test_the_names_are_those_of_the_gates_that_calls_record(call, gate):
    assert call(Tensor(np.eye(3) + 1.0)).gate is row_of(gate).gate


@pytest.mark.parametrize(
    ("gate", "forward"),
    [
        (ag.exp, "any (local)"),
        (ag.outer, "any (linear in each)"),
        (row_of("reshape").gate, "any (linear)"),
        (row_of("linalg.inv").gate, "any (jvp)"),
        (ag.gate(np.exp, vjp=lambda g, out, a: g * out), "none"),
    ],
)
def test_orders_are_those_of_the_entry(gate, forward):
    assert reference.orders(gate) == ("any", forward)


def test_forward_mode_is_said_of_no_gate_that_refuses_it():
    assert {reference.orders(gate)[1] for gate in all_gates()} <= {
        "any (local)", "any (jvp)", "any (linear)", "any (linear in each)",
    }  # fmt: skip


@pytest.mark.parametrize("rule", ["", "x²", "→ 2x", "x² →"])
def test_a_gate_without_a_rule_is_refused_by_name(monkeypatch, rule):
    from autograd.gates import special

    speechless = ag.gate(np.exp, local=lambda out, a: out, name="speechless", rule=rule)
    monkeypatch.setattr(special, "speechless", speechless, raising=False)
    with pytest.raises(DataError, match="speechless"):
        reference.reference()


# ---- LaTeX


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("a·b → b, a", r"a\cdot b \to b,\ a"),
        ("|x| → sign x (0 at 0)", r"\lvert x\rvert \to \mathrm{sign}\ x\ (0\text{ at }0)"),
        ("aᵇ → b·aᵇ⁻¹, aᵇ·ln a", r"a^{b} \to b\cdot a^{b-1},\ a^{b}\cdot\ln a"),
        ("a mod b → 1, −⌊a/b⌋", r"a \bmod b \to 1,\ -\lfloor a/b\rfloor"),
        ("tanh x → 1 − tanh² x", r"\tanh x \to 1 - \tanh^{2} x"),
        ("σ(x) = 1/(1+e⁻ˣ) → σ(1−σ)", r"\sigma(x) = 1/(1+e^{-x}) \to \sigma(1-\sigma)"),
        ("arcsin x → 1/√(1−x²)", r"\arcsin x \to 1/\sqrt{1-x^{2}}"),
        ("∛x → 1/(3·∛x²)", r"\sqrt[3]{x} \to 1/(3\cdot\sqrt[3]{x^{2}})"),
        ("erf x → 2/√π·e^(−x²)", r"\mathrm{erf}\ x \to 2/\sqrt{\pi}\cdot e^{-x^{2}}"),
        ("log₂ x → 1/(x·ln 2)", r"\log_{2} x \to 1/(x\cdot\ln 2)"),
        ("A·B → g·Bᵀ, Aᵀ·g", r"A\cdot B \to g\cdot B^{T},\ A^{T}\cdot g"),
        ("Σ(x−x̄)²/n → 2(x−x̄)/n", r"\sum(x-\bar{x})^{2}/n \to 2(x-\bar{x})/n"),
        ("‖x‖ → x/‖x‖", r"\lVert x\rVert \to x/\lVert x\rVert"),
        ("sⱼ²−sᵢ² → ψ′", r"s_{j}^{2}-s_{i}^{2} \to \psi'"),
        ("x ≤ ∞ → x×1 ≥ ∂x", r"x \le \infty \to x\times1 \ge \partial x"),
        (
            "max(a, b) → 1 for the larger, 0 for the other",
            r"\max(a,\ b) \to 1\text{ for the larger},\ 0\text{ for the other}",
        ),
        ("a[i] → the upstream at i", r"a[i] \to \text{the upstream at }i"),
        ("the i-th → the upstream's", r"\text{the i-th} \to \text{the upstream's}"),
        ("√√x → √x̄, x^2", r"\sqrt{\sqrt{x}} \to \sqrt{\bar{x}},\ x^{2}"),
    ],
)
def test_a_rule_in_latex(rule, expected):
    assert latex(rule) == expected


COMMANDS = {
    "Delta", "Gamma", "Phi", "approx", "arccos", "arcsin", "arctan", "ast", "bar", "bmod", "cdot",
    "cos", "cosh", "det", "div", "exp", "infty", "lVert", "lambda", "langle", "lceil", "ldots",
    "le", "lfloor", "ln", "log", "lt", "lvert", "gt", "ge", "mathrm", "max", "min", "otimes",
    "partial", "pi", "pm", "prod", "psi", "rVert", "rangle", "rceil", "rfloor", "rvert", "sigma",
    "sin", "sinh", "sqrt", "star", "sum", "tan", "tanh", "text", "times", "to",
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_valid_latex(rule):
    tex = latex(rule)
    assert tex.isascii()
    assert set(re.findall(r"\\([A-Za-z]+)", tex)) <= COMMANDS
    depth = 0
    for sign in tex:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    for opening, closing in [("(", ")"), ("[", "]"), *BARS]:
        assert tex.count(opening) == tex.count(closing)
    # TeX allows one script of a kind on each symbol.
    assert not re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_", tex)


BARS = [(rf"\l{name}", rf"\r{name}") for name in ("vert", "Vert", "floor", "ceil", "angle")]


@pytest.mark.parametrize("rule", RULES)
def test_markdown_leaves_the_latex_alone(rule):
    """Escapes lose their backslash, and pairs of some signs become emphasis, before TeX reads."""
    tex = latex(rule)
    assert not re.search(r"\\[!-/:-@\[-`{-~]", tex)
    assert not re.search(r"[*|<>&$`~]", tex)
    assert not re.search(r"(?<![A-Za-z0-9])_", tex)
    assert "](" not in tex
    assert tex == tex.strip()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("x → ☃", "☃"),
        ("|x → 1", "not closed"),
        ("√(x → 1", "not closed"),
        ("x → √", "wants something after it"),
        ("x → e^", "wants something after it"),
    ],
)
def test_what_has_no_latex_is_refused(rule, said):
    with pytest.raises(DataError, match=said):
        latex(rule)


# ---- what the entries say of kinks is what happens


def gradients(f, *values):
    leaves = [Tensor(value) for value in values]
    f(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def total(f):
    return lambda *leaves: f(*leaves).sum()


INF = float("inf")


@pytest.mark.parametrize(
    ("gate", "kinks", "f", "values", "expected"),
    [
        ("absolute", "0 at 0", abs, [0.0], [0.0]),
        ("relu", "0 at 0", ag.relu, [0.0], [0.0]),
        ("sqrt", "∞ at 0", ag.sqrt, [0.0], [INF]),
        ("cbrt", "∞ at 0", ag.cbrt, [0.0], [INF]),
        ("arcsin", "∞ at ±1", ag.arcsin, [-1.0], [INF]),
        ("arccos", "−∞ at ±1", ag.arccos, [1.0], [-INF]),
        ("arccosh", "∞ at 1", ag.arccosh, [1.0], [INF]),
        ("power", "at (0, 0): 0, 0", pow, [0.0, 0.0], [0.0, 0.0]),
        ("power", "by b: nan where a < 0", pow, [-2.0, 2.0], [-4.0, np.nan]),
        ("remainder", "by the same formula", ag.remainder, [6.0, 3.0], [1.0, -2.0]),
        ("fmod", "by the same formula", ag.fmod, [-6.0, 3.0], [1.0, 2.0]),
        ("floor_divide", "0 at the jumps", ag.floor_divide, [6.0, 3.0], [0.0, 0.0]),
        ("floor", "0 at the jumps", ag.floor, [2.0], [0.0]),
        ("sign", "0 at the jumps", ag.sign, [0.0], [0.0]),
        ("maximum", "ties: 1/2 each", ag.maximum, [3.0, 3.0], [0.5, 0.5]),
        ("fmin", "two nans: 1/2 each", ag.fmin, [np.nan, np.nan], [0.5, 0.5]),
        ("max", "ties share equally", ag.max, [[3.0, 1.0, 3.0]], [[0.5, 0.0, 0.5]]),
        ("copysign", "by a: 0 at 0; by b: 0 at 0 too", ag.copysign, [0.0, 0.0], [0.0, 0.0]),
        ("heaviside", "by a: 0 at 0 too", ag.heaviside, [0.0, 2.0], [0.0, 1.0]),
        ("clip", "passes to a", ag.clip, [1.0, 1.0, 2.0], [1.0, 0.0, 0.0]),
        ("clip", "to high where the bounds cross", ag.clip, [1.5, 2.0, 1.0], [0.0, 0.0, 1.0]),
        ("hypot", "at (0, 0): 0, 0", ag.hypot, [0.0, 0.0], [0.0, 0.0]),
        ("arctan2", "by the same formula", ag.arctan2, [0.0, -2.0], [-0.5, 0.0]),
        ("logaddexp", "equal infinities: 1/2 each", ag.logaddexp, [INF, INF], [0.5, 0.5]),
        ("logsumexp", "that tie share", ag.logsumexp, [[INF, 0.0, INF]], [[0.5, 0.0, 0.5]]),
        ("prod", "exact where entries are 0", ag.prod, [[2.0, 0.0, 5.0]], [[0.0, 10.0, 0.0]]),
        ("std", "0 where all entries are equal", ag.std, [[2.0, 2.0]], [[0.0, 0.0]]),
        ("linalg.norm", "0 at 0", np.linalg.norm, [[0.0, 0.0]], [[0.0, 0.0]]),
        (
            "linalg.norm", "what ties for an extremum shares equally",
            lambda a: np.linalg.norm(a, np.inf), [[2.0, -2.0, 1.0]], [[0.5, -0.5, 0.0]],
        ),
        ("median", "equal entries share", ag.median, [[1.0, 2.0, 2.0]], [[0.0, 0.5, 0.5]]),
        ("sort", "keep their order", lambda a: ag.sort(a)[0], [[1.0, 1.0]], [[1.0, 0.0]]),
        (
            "partition", "keep their order",
            lambda a: ag.partition(a, 0)[0], [[1.0, 1.0]], [[1.0, 0.0]],
        ),
        (
            "interp", "the segment after it",
            lambda x: ag.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 5.0]), [1.0], [4.0],
        ),
        (
            "interp", "at the last of the one before",
            lambda x: ag.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 5.0]), [2.0], [4.0],
        ),
        ("linalg.det", "singular", np.linalg.det, [np.zeros((2, 2))], [np.zeros((2, 2))]),
        (
            "linalg.slogdet.logabsdet", "nan for singular",
            lambda a: np.linalg.slogdet(a)[1], [np.ones((2, 2))], [np.full((2, 2), np.nan)],
        ),
        (
            "linalg.cholesky", "both triangles share it",
            lambda a: np.linalg.cholesky(a)[1, 0], [np.eye(2)], [[[0.0, 0.5], [0.5, 0.0]]],
        ),
        ("nan_to_num", "was replaced", total(ag.nan_to_num), [[np.nan, INF]], [[0.0, 0.0]]),
        ("unwrap", "1 where", total(ag.unwrap), [[0.0, np.pi]], [[1.0, 1.0]]),
    ],
)  # fmt: skip
def test_kinks_are_as_said(gate, kinks, f, values, expected):
    with np.errstate(all="ignore"):
        found = gradients(f, *values)
    for got, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-15)
    assert kinks in (row_of(gate).gate.kinks or "")


def test_kinks_of_ones_own_gate():
    made = ag.gate(np.abs, local=lambda out, a: np.sign(a), kinks="0 at 0")
    assert made.kinks == "0 at 0"
    assert ag.gate(np.exp, local=lambda out, a: out).kinks is None


# ---- the command line


def test_the_command_prints_the_reference(capsys):
    assert reference.main([]) == 0
    assert capsys.readouterr().out == reference.reference()


def test_the_module_runs_whatever_the_terminals_letters_are():
    done = subprocess.run(
        [sys.executable, "-m", "autograd.reference"],
        cwd=ROOT, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert not done.stderr
    assert done.stdout.decode("utf-8").replace("\r\n", "\n") == reference.reference()


def test_the_command_writes_a_whole_file_or_none(tmp_path, monkeypatch):
    file = tmp_path / "gates.md"
    file.write_text("before", encoding="utf-8")

    def broken(*_):
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(reference.os, "replace", broken)
        assert reference.main(["-o", str(file)]) == 2
    assert file.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [file]

    assert reference.main(["-o", str(file)]) == 0
    assert file.read_bytes() == reference.reference().encode("utf-8")
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_not_there_is_said(tmp_path, capsys):
    assert reference.main(["-o", str(tmp_path / "missing" / "gates.md")]) == 2
    assert "missing" in capsys.readouterr().err


def test_importing_autograd_leaves_the_reference_out():
    code = "import sys, autograd; print({'autograd.reference', 'autograd.latex'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
