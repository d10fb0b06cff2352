"""The text that the command line reads: what is wrong in it is shown at its place."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Sequence
from itertools import pairwise
from unicodedata import normalize

from autograd.extend import terminal_width

from .errors import VizError
from .names import printable

LONGEST = 10_000  # Characters.
DEEPEST = 400  # Operations inside one another; a sum of n terms is n deep.
TOO_DEEP = (
    f"the expression is more than {DEEPEST} operations deep; write it in Python instead, "
    "and print(viz.table(f))"
)
_SIGNS = re.compile(r"(?:(?<!\w)(\w+?)\s*)?(\^|[⁰¹²³⁴-⁹]+|[|√])\s*(\w+)?")
_INSTEAD = {"|": "write abs(x) for |x|", "√": "write sqrt(x) for √x"}
_TYPESET = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/"})


class ExpressionError(VizError):
    """An expression or an assignment that cannot be read; the message says what to write.

    `column` counts from 1, None where the error has no place; the message then has no carets.
    """

    def __init__(self, message: str, column: int | None = None):
        super().__init__(message)
        self.column = column


class ExpressionText:
    """The text of an expression, or of an assignment whose value starts at `start`."""

    def __init__(self, text: str, start: int = 0):
        if len(text) > LONGEST:
            raise ExpressionError(
                f"the expression has {len(text):,} characters, and {LONGEST:,} are the most; "
                "write it in Python instead"
            )
        self.text = text
        # Letter for letter, so that places stay what they are.
        letters = [" " if letter.isspace() else letter for letter in text.translate(_TYPESET)]
        self.start = start + next((i for i, c in enumerate(letters[start:]) if c != " "), 0)
        self.code = "".join(letters[self.start :]).rstrip()
        for place, letter in enumerate(self.code, self.start):
            if letter == "#":
                raise self.error("there are no comments", place)
            if letter == "\0" or "\ud800" <= letter <= "\udfff":
                raise self.error("this is not a letter", place)
        self._places: Sequence[int] = range(self.start, self.start + len(self.code) + 1)

    def check_signs(self, functions: Collection[str]) -> None:
        """Refuse signs of mathematics that Python reads as something else, or not at all."""
        for found in _SIGNS.finditer(self.code):
            left, sign, right = found.groups()
            left = f"{left}(...)" if left in functions else left
            if sign in _INSTEAD:
                message = _INSTEAD[sign]
            else:
                power = normalize("NFKC", sign) if sign != "^" else right or "(...)"
                message = f"{sign} is not a power here; write {left or '(...)'}**{power}"
            raise self.error(message, self.start + found.start(2), self.start + found.end(2))

    def multiply(self, places: Sequence[int]) -> str:
        """Write a ``*`` before letters of the code; returns it as people write it."""
        pieces = [self.code[a:b] for a, b in pairwise([0, *places, len(self.code)])]
        self.code = "*".join(pieces)
        self._places = sorted([*self._places, *(self.start + place for place in places)])
        return "*".join(map(str.strip, pieces))

    def tree(self, functions: Collection[str] = ()) -> ast.expr:
        """The syntax tree of the code, in which these `functions` can be called."""
        if not self.code:
            before = self.text.strip() or "the expression"
            raise ExpressionError(f"{before} is empty; write it, as in (x+y)*z")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.code, mode="eval").body
        except (RecursionError, MemoryError):
            raise ExpressionError(TOO_DEEP) from None
        except SyntaxError as error:
            raise self.misspelt(error, functions) from None
        except ValueError as error:
            raise self.error(f"not well-formed: {error}", self.start) from None

    def misspelt(self, error: SyntaxError, functions: Collection[str]) -> ExpressionError:
        """Python's own complaint, in short, at its place; or that a function has no brackets."""
        for found in re.finditer(r"([^\W\d]\w{0,20})\s+(\w+(?:\*\w+)*)", self.code):
            if found[1] in functions:
                message = f"{found[1]} is a function: write {found[1]}({found[2]})"
                first, last = (self._places[i] for i in found.span(1))
                return self.error(message, first, last)
        for found in re.finditer(r"((?<![\w.])[\w.]+|\))\s+([\w.]+|\()", self.code):
            if error.msg == "invalid syntax" and error.offset == found.start(2) + 1:
                one, other = (re.sub(r"[()]", "(...)", text) for text in found.groups())
                between = f"no sign stands between {one} and {other}"
                first, last = (self._places[i] for i in found.span(2))
                return self.error(f"{between}; for a product write {one}*{other}", first, last)
        reason = re.split(r" \(|; |\. Perhaps", error.msg)[0]
        start, end = error.offset or 0, error.end_offset or 0
        if error.lineno != 1 or not 0 < start <= len(self.code):  # It looked for more.
            return self.error("not well-formed: it ends too early", self._places[-1])
        end = end - 1 if error.end_lineno == 1 else start
        first, last = (self._places[min(max(i, 0), len(self.code))] for i in (start - 1, end))
        return self.error(f"not well-formed: {reason}", first, last)

    def error(self, message: str, start: int, end: int | None = None) -> ExpressionError:
        """An error with the text under it and carets from letter `start` to before `end`."""
        return ExpressionError(f"{message}\n{pointed(self.text, start, end)}", start + 1)

    def error_at(self, message: str, node: ast.expr) -> ExpressionError:
        """An error at a node: at the sign of an operation, the name of a function, or all of it."""
        return self.error(message, *self.place(node))

    def place(self, node: ast.expr) -> tuple[int, int]:
        """From which letter to which a node stands; of an operation, its sign."""
        match node:
            case ast.BinOp(left=left, right=right):
                return self.without_brackets(self.span(left)[1], self.span(right)[0])
            case ast.Compare(left=left, comparators=[right, *_]):
                return self.without_brackets(self.span(left)[1], self.span(right)[0])
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return self.without_brackets(self.span(value)[1], self.span(node)[1])
            case ast.Call(func=ast.Name() as function):
                return self.span(function)
            case ast.UnaryOp():
                start = self.span(node)[0]
                return start, start + 1
        return self.span(node)

    def without_brackets(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch without blanks and round brackets at its ends."""
        inner = [
            i for i in range(start, end) if not (self.text[i] in "()" or self.text[i].isspace())
        ]
        return (inner[0], inner[-1] + 1) if inner else (start, end)

    def span(self, node: ast.expr) -> tuple[int, int]:
        """From which letter to which all of a node stands; Python counts bytes."""
        code = self.code.encode()
        ends = (node.col_offset, node.end_col_offset or node.col_offset + 1)
        first, last = (self._places[len(code[:end].decode(errors="ignore"))] for end in ends)
        return first, last


# ---- a place in a line

WINDOW = 60  # Columns of a long line that are shown.
INDENT = "    "


def pointed(text: str, start: int, end: int | None = None) -> str:
    """Two lines: `text`, and carets under its letters from `start` to before `end`.

    Of a long text only the surroundings are shown. Wide letters get two carets.

    >>> print(pointed("1 + sigmiod(x)", 4, 11))
        1 + sigmiod(x)
            ^^^^^^^
    """
    text = printable(text)
    start = min(max(start, 0), len(text))
    end = min(max(start + 1, end or 0), max(len(text), start + 1))
    first, last = _window(text, start, end)
    before, after = "…" if first else "", "…" if last < len(text) else ""
    line = f"{before}{text[first:last]}{after}"
    carets = max(terminal_width(text[start : min(end, last)]), 1)
    blanks = terminal_width(before + text[first:start])
    return f"{INDENT}{line.rstrip()}\n{INDENT}{' ' * blanks}{'^' * carets}"


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """From where to where `text` is shown: the place, and as much around it as there is room."""
    first, last = start, min(start + 1, len(text))
    room = WINDOW - terminal_width(text[first:last])
    while room > 0 and (first > 0 or last < len(text)):
        # A letter on the right, then one on the left; the place itself comes before all.
        if last < len(text) and (last < end or first == 0 or last - start <= start - first):
            room -= terminal_width(text[last])
            last += 1
        else:
            first -= 1
            room -= terminal_width(text[first])
    return first, last
