r"""LaTeX in names and titles, as letters with accents, indices and powers.

Pictures set mathematics from the result: ``θ_{ij}`` with an index, ``ŷ`` as one letter; and TeX
output has it back as ``\theta_{ij}`` and ``\hat{y}``. What is no LaTeX that is known here stays as
it was written.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .errors import VizError
from .names import printable

_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "varsigma sigma tau upsilon phi chi psi omega"
)
_GREEK = {f"\\{name}": chr(ord("α") + i) for i, name in enumerate(_SMALL.split())} | {
    f"\\{name.title()}": chr(ord("Α") + i)
    for i, name in enumerate(_SMALL.split())
    if name != "varsigma"
}
COMMANDS = {
    **_GREEK, r"\varepsilon": "ε", r"\vartheta": "ϑ", r"\varphi": "φ", r"\ell": "ℓ",
    r"\nabla": "∇", r"\partial": "∂", r"\infty": "∞", r"\sum": "Σ", r"\prod": "Π", r"\sqrt": "√",
    r"\cdot": "·", r"\times": "×", r"\pm": "±", r"\to": "→", r"\rightarrow": "→", r"\le": "≤",
    r"\leq": "≤", r"\ge": "≥", r"\geq": "≥", r"\ne": "≠", r"\approx": "≈", r"\odot": "⊙",
    r"\prime": "′", r"\star": "*", r"\ast": "*", r"\top": "T", r"\ldots": "…", r"\cdots": "…",
    r"\circ": "∘", r"\in": "∈",
}  # fmt: skip
ACCENTS = {
    r"\hat": "\u0302", r"\widehat": "\u0302", r"\bar": "\u0304", r"\overline": "\u0304",
    r"\tilde": "\u0303", r"\widetilde": "\u0303", r"\dot": "\u0307", r"\ddot": "\u0308",
    r"\check": "\u030c", r"\breve": "\u0306", r"\vec": "\u20d7",
}  # fmt: skip
_FONTS = re.compile(
    r"\\(?:mathbf|mathrm|mathit|mathsf|mathcal|mathbb|boldsymbol|bm|text|textit|textrm|"
    r"operatorname)\s*(?=\{)"
)
_IS_LATEX = re.compile(r"\\[A-Za-z]|[_^]\{|^\$.*\$$")
_COMMAND = re.compile(r"\\[A-Za-z]+ ?")
_ACCENTED = re.compile(r"(\\[A-Za-z]+)\s*(?:\{(\S)([^{}]*)\}|(\S))")
_BRACED_TWICE = re.compile(r"\{(\{[^{}]*\})\}")
_SCRIPT = re.compile(r"([_^])(?:\{([^{}]*)\}|(\S))")


def title_in(title: Any) -> str:
    """A title as pictures have it, "" for None.

    Raises
    ------
    VizError : it is no text.
    """
    if title is not None and not isinstance(title, str):
        raise VizError(f"title is a text, or None; received {title!r}")
    return readable(title or "")


def readable(text: str) -> str:
    r"""`text` on one line, in letters that files can hold, with the signs that its LaTeX stands
    for, indices in braces.

    >>> [readable(t) for t in (r"\theta_{ij}", r"\hat y", r"$\bar{x}^2$", r"\mathbf{W}^{(1)}_k")]
    ['θ_{ij}', 'ŷ', 'x̄^{2}', 'W^{(1)}_{k}']
    >>> readable("learning_rate"), readable(r"C:\users"), readable(r"loss of \theta_0")
    ('learning_rate', 'C:\\users', 'loss of θ_{0}')
    """
    text = printable(text)
    if not _IS_LATEX.search(text) or text.count("{") != text.count("}"):
        return text
    made = text.replace("$", "")
    made = re.sub(r"\\[,;:! ]|~", " ", _FONTS.sub("", made))
    made = _COMMAND.sub(lambda found: COMMANDS.get(found[0].strip(), found[0]), made)
    made = _ACCENTED.sub(_accented, made)
    if "\\" in made:
        return text
    made = made.replace("'", "′")
    while made != (bare := _BRACED_TWICE.sub(r"\1", made)):
        made = bare
    made = _SCRIPT.sub(lambda found: f"{found[1]}\0{found[2] or found[3] or ''}\1", made)
    return made.replace("{", "").replace("}", "").replace("\0", "{").replace("\1", "}")


def _accented(found: re.Match[str]) -> str:
    mark = ACCENTS.get(found[1])
    if mark is None:
        return found[0]
    letter, rest = found[2] or found[4], found[3] or ""
    return unicodedata.normalize("NFC", letter + mark) + rest


# ---- and back

NAMES = {letter: command for command, letter in reversed(COMMANDS.items())}
_ESCAPED = {
    "′": "'", "−": "-", "_": r"\_", "\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$",
    "&": r"\&", "#": r"\#", "%": r"\%", "^": r"\wedge ", "~": r"\sim ",
}  # fmt: skip
_PLAIN = re.compile(r"[\w\s()+\-−=,.:/*<>|′]*")
_MARKS = {mark: command for command, mark in reversed(ACCENTS.items())}


def is_mathematics(text: str) -> bool:
    """Whether a text is of letters, figures and signs that TeX has in its mathematics."""
    kept = "".join(c for c in unicodedata.normalize("NFD", text) if c not in _MARKS)
    kept = "".join(c for c in kept if c not in NAMES)
    return kept.isascii() and "_" not in kept and _PLAIN.fullmatch(kept) is not None


def in_latex(letters: str, index: str = "", power: str = "") -> str:
    r"""Mathematics for TeX, without dollar signs.

    >>> in_latex("θ", "ij"), in_latex("ŷ"), in_latex("W", "hidden", "2"), in_latex("rate")
    ('\\theta_{ij}', '\\hat{y}', 'W_{\\mathrm{hidden}}^{2}', '\\mathit{rate}')
    """
    base = _letters(letters)
    if len(letters) > 1 and letters.isalpha() and letters.isascii():
        base = rf"\mathit{{{base}}}"
    for mark, script in (("_", index), ("^", power)):
        if script:
            text = _letters(script)
            is_word = len(script) > 3 and script.isalpha()
            base += f"{mark}{{\\mathrm{{{text}}}}}" if is_word else f"{mark}{{{text}}}"
    return base


def _letters(text: str) -> str:
    """Letters with their commands, accents put around them."""
    made: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        base, *marks = list(letter if letter in NAMES else unicodedata.normalize("NFD", letter))
        if base in _MARKS and made:
            made[-1] = f"{_MARKS[base]}{{{made[-1].strip()}}}"
        else:
            plain = _ESCAPED.get(base, base)
            made.append(f"{NAMES[base]} " if base in NAMES else plain)
        for mark in marks:
            made[-1] = f"{_MARKS[mark]}{{{made[-1].strip()}}}" if mark in _MARKS else letter
    return "".join(made).strip()
