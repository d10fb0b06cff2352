"""Keywords that a function does not take: an error that says what it takes, at no cost of a call's.

Python checks keywords before a function runs, so nothing of a function's own can explain them. What
is public is therefore written out once more, with the same parameters and a place for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import update_wrapper
from types import FunctionType
from typing import Any

from autograd.floats import define

__all__ = ["DEFAULTS", "guarded", "refuse"]

DEFAULTS: dict[str, Any] = {
    "casting": "same_kind", "dtype": None, "order": "K", "out": None, "signature": None,
    "subok": True, "where": True,
}  # fmt: skip
"""Options of elementwise functions where they say nothing."""

CO_VARARGS, CO_VARKEYWORDS = 4, 8  # as of `inspect`, which takes long to import

SOURCE = """
def {name}({parameters}**_unknown):
    if _unknown:
        _refuse({shown!r}, _unknown, {known})
    return _function({arguments})
"""


def guarded(function: Any, shown: str, *, method: bool = False, answer: Any = None) -> Any:
    """`function` itself, which says what to write for a keyword that it does not take.

    `shown` is what the error calls it, such as ``"ag.sum"``; `answer` raises it in place of
    `refuse`. Anything but a function written in Python, and one that takes every keyword, is
    returned as it is.
    """
    code = getattr(function, "__code__", None)
    if type(function) is not FunctionType or code.co_flags & CO_VARKEYWORDS:
        return function
    names, first, count = code.co_varnames, code.co_posonlyargcount, code.co_argcount
    by_word = names[count : count + code.co_kwonlyargcount]
    rest = names[count + code.co_kwonlyargcount] if code.co_flags & CO_VARARGS else None
    parameters = [*names[:first], *["/"] * bool(first), *names[first:count]]
    arguments = [*names[:count], *(f"{name}={name}" for name in by_word)]
    if rest is not None:
        parameters.append(f"*{rest}")
        arguments.insert(count, f"*{rest}")
    elif by_word:
        parameters.append("*")
    parameters += by_word
    source = SOURCE.format(
        name=function.__name__,
        parameters="".join(f"{name}, " for name in parameters),
        arguments=", ".join(arguments),
        shown=shown,
        known=(*names[first:count], *by_word)[method and not first :],
    )
    space = {"__name__": function.__module__, "_function": function, "_refuse": answer or refuse}
    outer = define(function.__name__, source, space)
    outer.__defaults__, outer.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return update_wrapper(outer, function)


def refuse(function: str, options: Mapping[str, Any], known: tuple[str, ...] = ()) -> None:
    """Raise UnsupportedError (a TypeError) for the first option that says something.

    >>> refuse("ag.exp", {"where": True, "out": None})
    >>> refuse("ag.exp", {"where": False})
    Traceback (most recent call last):
    autograd.errors.UnsupportedError: ag.exp() does not take where=: write ag.where(mask, ...
    """
    for option in sorted(options, key="out".__ne__):  # to @= on arrays NumPy adds axes=
        value = options[option]
        if option not in DEFAULTS or value is not DEFAULTS[option]:
            from autograd.foreign import unknown_keyword

            raise unknown_keyword(function, option, known)
