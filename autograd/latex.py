"""The rules of gates, which are plain text with Unicode's signs, as LaTeX.

What comes out is ASCII, and is left alone by Markdown between dollar signs: no backslash before a
sign of punctuation, no asterisk, no vertical bar, no angle bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from autograd.errors import DataError

__all__ = ["latex"]

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᵏⁿᵀˣʸ", "0123456789+-()abknTxy", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙ", "0123456789+-ijkn", strict=True))
OPERATORS = {
    "+": "+", "−": "-", "±": r"\pm", "·": r"\cdot", "×": r"\times", "÷": r"\div", "/": "/",
    "⊗": r"\otimes", "∗": r"\ast", "⋆": r"\star", "=": "=", "≈": r"\approx", "<": r"\lt",
    ">": r"\gt", "≤": r"\le", "≥": r"\ge", "→": r"\to",
}  # fmt: skip
LETTERS = {
    "Γ": r"\Gamma", "Δ": r"\Delta", "Φ": r"\Phi", "λ": r"\lambda", "π": r"\pi", "σ": r"\sigma",
    "ψ": r"\psi", "∂": r"\partial", "Σ": r"\sum", "Π": r"\prod", "∞": r"\infty", "…": r"\ldots",
    "′": "'",
}  # fmt: skip
BRACKETS = {
    "(": "(", "[": "[", ")": ")", "]": "]", "⟨": r"\langle", "⟩": r"\rangle",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil",
}  # fmt: skip
BARS = {"|": (r"\lvert", r"\rvert"), "‖": (r"\lVert", r"\rVert")}
MACRON = "\u0304"
"""The bar over the letter before it, as in x̄."""
ROOTS = {"√": r"\sqrt", "∛": r"\sqrt[3]"}
FUNCTIONS = {
    "arccos", "arcsin", "arctan", "cos", "cosh", "det", "exp", "ln", "log", "max", "min", "sin",
    "sinh", "tan", "tanh",
}  # fmt: skip
"""What LaTeX has a command for."""
NAMES = {
    "arccosh", "arcsinh", "arctanh", "clip", "cof", "copyltu", "diag", "erf", "sign", "sinc",
    "skew", "softmax", "sym", "tr", "tri", "tril", "triu", "trunc", "var",
}  # fmt: skip
"""Further functions, upright. (Not by `operatorname`, which GitHub does not allow.)"""

_TOKEN = re.compile(
    rf"""(?P<gap>\s*)(?:
    (?P<word>[A-Za-z]+(?:['-][A-Za-z]+)*)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<above>[{"".join(SUPERSCRIPTS)}]+)
    | (?P<below>[{"".join(SUBSCRIPTS)}]+)
    | (?P<sign>\S)
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word, a number, a run of raised or lowered signs, or another sign."""

    kind: str
    text: str
    gap: bool
    """Whether there is space before it."""


class Piece(NamedTuple):
    """A part of the LaTeX: prose, an operator, a name, a separator, or anything else."""

    kind: str
    tex: str
    gap: bool


def latex(rule: str) -> str:
    r"""A gate's rule as LaTeX, without the dollar signs.

    A letter that stands alone is a variable, a longer word is the name of a function or prose. So
    a rule has no article "a" in it.

    >>> latex("x² → 2x")
    'x^{2} \\to 2x'
    >>> print(latex("√x → 1/(2√x)"))
    \sqrt{x} \to 1/(2\sqrt{x})
    >>> print(latex("max(a, b) → 1 for the larger, 0 for the other"))
    \max(a,\ b) \to 1\text{ for the larger},\ 0\text{ for the other}

    Raises
    ------
    DataError (a TypeError): a sign that this module has no LaTeX for, or brackets and bars that do
        not match.
    """
    return _joined(list(_pieces(_tokens(rule), rule)))


def _tokens(rule: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(rule.rstrip()):
        kind = match.lastgroup or "sign"
        found.append(Token(kind, match[kind], bool(match["gap"])))
    return found


def _pieces(tokens: list[Token], rule: str) -> Iterator[Piece]:
    """The tokens one by one; what a root or a ``^(`` reaches over is translated by itself."""
    open_bars: list[str] = []
    i = 0
    while i < len(tokens):
        kind, text, gap = tokens[i]
        i += 1
        if i < len(tokens) and tokens[i].text == MACRON:
            yield Piece("other", f"\\bar{{{text}}}", gap)
            i += 1
        elif kind == "word" and _is_prose(text):
            words = [text]
            while i < len(tokens) and tokens[i].kind == "word" and _is_prose(tokens[i].text):
                words.append(tokens[i].text)
                i += 1
            yield Piece("prose", " ".join(words), gap)
        elif kind == "word":
            yield _word(text, gap)
        elif kind == "above":
            yield Piece("script", f"^{{{_lowered(text)}}}", gap)
        elif kind == "below":
            yield Piece("script", f"_{{{_lowered(text)}}}", gap)
        elif kind == "number":
            yield Piece("other", text, gap)
        elif text == "^":
            end = _end_of_group(tokens, i, rule)
            inner = tokens[i + 1 : end - 1] if tokens[i].text == "(" else tokens[i:end]
            yield Piece("script", f"^{{{_joined(list(_pieces(inner, rule)))}}}", gap)
            i = end
        elif text in ROOTS:
            end = _end_of_group(tokens, i, rule)
            inner = tokens[i + 1 : end - 1] if tokens[i].text == "(" else tokens[i:end]
            yield Piece("other", f"{ROOTS[text]}{{{_joined(list(_pieces(inner, rule)))}}}", gap)
            i = end
        elif text in BARS:
            closes = open_bars[-1:] == [text]
            if closes:
                open_bars.pop()
            else:
                open_bars.append(text)
            yield Piece("other", BARS[text][closes], gap)
        elif text in OPERATORS:
            yield Piece("operator", OPERATORS[text], gap)
        elif text in LETTERS:
            yield Piece("other", LETTERS[text], gap)
        elif text in BRACKETS:
            yield Piece("other", BRACKETS[text], gap)
        elif text in ",;:":
            yield Piece("separator", text, gap)
        else:
            raise DataError(f"there is no LaTeX for {text!r} in {rule!r}: add it to autograd.latex")
    if open_bars:
        raise DataError(f"{rule!r} has a bar {open_bars[-1]} that is not closed")


def _is_prose(word: str) -> bool:
    return len(word) > 1 and word not in FUNCTIONS | NAMES | {"mod"}


def _word(word: str, gap: bool) -> Piece:
    """A variable, or the name of a function."""
    if word == "mod":
        return Piece("operator", r"\bmod", gap)
    if word in FUNCTIONS:
        return Piece("other", f"\\{word}", gap)
    if word in NAMES:
        return Piece("name", f"\\mathrm{{{word}}}", gap)
    return Piece("other", word, gap)


def _lowered(raised: str) -> str:
    return "".join(SUPERSCRIPTS.get(sign) or SUBSCRIPTS[sign] for sign in raised)


def _end_of_group(tokens: list[Token], start: int, rule: str) -> int:
    """Past the brackets that begin at `start`, or past one letter or number and its scripts."""
    if start == len(tokens):
        raise DataError(f"{rule!r} ends with a sign that wants something after it")
    if tokens[start].text in ROOTS:
        return _end_of_group(tokens, start + 1, rule)
    if tokens[start].text == "(":
        depth = 0
        for i in range(start, len(tokens)):
            depth += {"(": 1, ")": -1}.get(tokens[i].text, 0)
            if not depth:
                return i + 1
        raise DataError(f"{rule!r} has a bracket that is not closed")
    end = start + 1
    while end < len(tokens) and (
        tokens[end].kind in ("above", "below") or tokens[end].text == MACRON
    ):
        end += 1
    return end


def _joined(pieces: list[Piece]) -> str:
    """The pieces in a row, spaced as they were in the text."""
    out = ""
    for i, (kind, tex, gap) in enumerate(pieces):
        before = pieces[i - 1].kind if i else "start"
        after = pieces[i + 1] if i + 1 < len(pieces) else Piece("end", "", False)
        if kind == "prose":
            # TeX drops the spaces of a formula, so those around prose stand inside it.
            lead = " " if gap and before not in ("start", "operator", "separator") else ""
            trail = " " if after.gap and after.kind != "operator" else ""
            tex = f"\\text{{{lead}{tex}{trail}}}"
            gap = gap and not lead
        if (
            (before == "separator" and gap)
            or (gap and kind not in ("operator", "prose") and before == "name")
            or (gap and tex == "(" and before in ("other", "script"))
        ):
            out += r"\ "
        elif (gap and before not in ("start", "prose")) or (gap and kind == "operator"):
            out += " "
        elif re.search(r"\\[A-Za-z]+$", out) and tex[0].isalpha():
            out += " "  # a command ends where a letter does not follow
        out += tex
    return out
