"""Products without a sign, as slides have them: where a ``*`` belongs into ``2xy + (x+y)z``."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple
from unicodedata import normalize

_TOKEN = re.compile(
    r"(?P<number>0[xXbBoO]\w+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<sign>\*\*|//|\S)"
)
_BINDS = ("/", "//", "%", "@", "**")  # After these a product may be meant whole, or its first part.
_SIGNED = ("+", "-")
_LONGEST = 60  # Letters of a name that is taken apart.
_MOST_WAYS = 2  # Of making a name of others, that are told; there may be very many.


class AmbiguousError(Exception):
    """A product that can be read in two ways: the message, and from where to where it stands."""

    def __init__(self, message: str, start: int, end: int):
        super().__init__(message)
        self.place = start, end


class _Token(NamedTuple):
    kind: str  # "number", "name", or "sign"
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def products(code: str, given: Collection[str], functions: Collection[str]) -> list[int]:
    """Before which letters of an expression a ``*`` is to be put, in their order.

    A number or a bracket is multiplied with what follows it: ``2x``, ``(x+y)z``, ``2(x+y)``,
    ``(x+y)(x-y)``, ``sin(x)cos(y)``. With the names that are `given`, ``x(y+z)`` and ``x y`` are
    products, and a name that is none of them is one of those that it is made of: ``xy``. A name
    that is given is never taken apart, and a known function before a bracket is called.

    Raises
    ------
    AmbiguousError : there are two ways, such as those of ``1/2x``.

    >>> products("2xy + (x+y)z", ["x", "y", "z"], []), products("2xy", ["xy"], [])
    ([1, 2, 11], [1])
    """
    found: list[int] = []
    before: list[str] = [""]  # The sign before the product, in each bracket around it.
    last: _Token | None = None
    called: list[bool] = []  # Whether a bracket is that of a call.
    ends_call = False
    for token in _parts(code, given, functions):
        opens_call = last is not None and token.text == "(" and last.text in functions
        ends = last is not None and _is_operand(last, ")")
        if last is not None and ends and not opens_call and _is_operand(token, "("):
            if _is_product(last, token, given, ends_call):
                if before[-1] in _BINDS:
                    raise _either(before[-1], last, token)
                found.append(token.start)
        elif token.kind == "sign" and not (token.text in _SIGNED and not ends):
            before[-1] = token.text if token.text not in "()[]" else before[-1]
        ends_call = False
        if token.text in ("(", "["):
            before.append("")
            called.append(opens_call)
        elif token.text in (")", "]") and called:
            before.pop()
            ends_call = called.pop()
        last = token
    return found


def _either(sign: str, last: _Token, token: _Token) -> AmbiguousError:
    first = "(...)" if last.text == ")" else last.text
    second = "(...)" if token.text == "(" else token.text
    return AmbiguousError(
        f"this can be {sign}({first}*{second}) or {sign}{first}*{second}; write one of them",
        last.start, token.end,
    )  # fmt: skip


def _parts(code: str, given: Collection[str], functions: Collection[str]) -> Iterator[_Token]:
    """Numbers, names, and signs; names that are not given in the parts that are."""
    for match in _TOKEN.finditer(code):
        token = _Token(match.lastgroup or "", match[0], match.start())
        whole = normalize("NFKC", token.text)
        known = whole in given or whole in functions or keyword.iskeyword(whole)
        if token.kind != "name" or known or not len(whole) == len(token.text) <= _LONGEST:
            yield token
            continue
        ways = list(_ways(whole, given))
        if len(ways) > 1:
            either = " or ".join("*".join(way) for way in ways)
            message = f"{whole} can be {either}; write one of them"
            raise AmbiguousError(message, token.start, token.end)
        start = token.start
        for part in ways[0] if ways else [token.text]:
            yield _Token("name", part, start)
            start += len(part)


def _ways(name: str, given: Collection[str]) -> list[list[str]]:
    """The first ways in which a name is made of names that are given."""
    ways: list[list[list[str]]] = [[[]]]
    for end in range(1, len(name) + 1):
        longer = (
            [*way, name[start:end]]
            for start in range(end)
            if name[start:end] in given
            for way in ways[start]
        )
        ways.append(list(islice(longer, _MOST_WAYS)))
    return ways[-1]


def _is_operand(token: _Token, bracket: str) -> bool:
    """Whether it is one, or the bracket at which one ends or begins."""
    return token.text == bracket or (token.kind != "sign" and not keyword.iskeyword(token.text))


def _is_product(last: _Token, token: _Token, given: Collection[str], ends_call: bool) -> bool:
    """Whether two that stand side by side are one; what is no product is left to Python to refuse.

    A number on the right could be an index or a power, a bracket after a call another call, and
    ``1j`` is a number of Python's.
    """
    if token.kind == "number" or (ends_call and token.text == "("):
        return False
    if last.kind == "name":
        return _is_given(last, given) and (token.text == "(" or _is_given(token, given))
    if last.kind == "number" and token.text in ("j", "J") and last.end == token.start:
        return token.text in given
    return True


def _is_given(token: _Token, given: Collection[str]) -> bool:
    return normalize("NFKC", token.text) in given
