"""Rules under the recorder of `compile`: what they may not ask, and what is called by name.

A program runs again with other numbers, so a rule that it is made of must not look at them: it
chooses by shape or dtype, or with ``np.where``. Two kinds of functions need a word of their own:
those that choose a shorter way where the numbers allow it, with `may_hold`, and those that no
sequence of NumPy's calls says, with `primitive`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from autograd import modes
from autograd.data import is_traced

__all__ = ["call", "change_of", "changed", "is_primitive", "may_hold", "primitive"]

F = TypeVar("F", bound=Callable[..., Any])


def may_hold(mask: Any) -> bool:
    """Whether any entry of a mask holds; of one that `compile` traces: it may.

    For a way that is long and always right, which the numbers at hand can spare.
    """
    return is_traced(mask) or bool(mask.any())


def primitive(name: str, **ways: Any) -> Callable[[F], F]:
    """A function of arrays that a program calls by a name, as it calls NumPy's.

    For what has a plain meaning that a back end can lower as one, and that NumPy has no function
    for: writing by index, a recurrence, a special function. It returns an array of its own, whose
    shape and dtype follow from the shapes and dtypes of its operands and from its settings.

    `ways` become attributes, by which NumPy's back end spares memory. ``elementwise=True``: entry
    by entry, and an array after the operands is written into, as by a ufunc. `write`: a function
    of an array to write into and of the operands. `change`: see `changed`.
    """

    def mark(function: F) -> F:
        function.__name__ = name  # which a listing shows
        vars(function).update(primitive=True, **ways)
        return function

    return mark


def changed(change: Callable[..., Any], name: str, order: str = "K") -> Callable[..., Any]:
    """A primitive of what writes into its first operand: it returns a copy that is written into.

    A program leaves the copy out where nobody reads the operand any more.
    """

    @primitive(name, change=change)
    def function(array: Any, *rest: Any, **settings: Any) -> Any:
        out = array.copy(order=order)
        change(out, *rest, **settings)
        return out

    return function


def change_of(function: Any) -> Callable[..., Any] | None:
    """What a primitive writes into its first operand with; None of one that writes nothing."""
    return getattr(function, "change", None)


def is_primitive(function: Any) -> bool:
    """Whether a program calls it by its name."""
    return getattr(function, "primitive", False)


def call(function: Callable[..., Any], *operands: Any, **settings: Any) -> Any:
    """A function inside a rule, on values; a primitive on traced ones is a call of the program.

    An index among the settings may be traced as well.
    """
    if modes.open_blocks and is_primitive(function):
        traced = _traced((*operands, *settings.values()))
        if traced is not None:
            return traced.tape.record(function, operands, settings)
    return function(*operands, **settings)


def _traced(values: tuple[Any, ...]) -> Any:
    """The first of some values that is traced, in tuples too; None where none is."""
    for value in values:
        found = _traced(value) if type(value) is tuple else value
        if is_traced(found):
            return found
    return None
