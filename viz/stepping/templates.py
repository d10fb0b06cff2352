"""Formulas with gaps: filled in here for pictures, and anew in the page when an input is dragged.

A gap for the label of node 3 is ``⟦3⟧``; one for the value of operand 0 is ``⟪0⟫``, or ``⟪0!⟫``
where a negative number stands in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Tensor
from autograd.numerals import constant
from viz.symbols import is_scalar_constant
from viz.wording import written

_LABEL = re.compile(r"⟦(\d+)⟧")
_NUMBER = re.compile(r"⟪(\d+)(!?)⟫")


def label_gap(index: int) -> str:
    """The gap for a label.

    >>> label_gap(3)
    '⟦3⟧'
    """
    return f"⟦{index}⟧"


def symbols_of(node: Tensor, labels: Sequence[str], digits: int | None = None) -> str:
    """A gate's formula in these texts for its operands, which stand where they are not ``""``."""
    return written(
        node,
        [label or _constant(o, digits) for o, label in zip(node.inputs, labels, strict=True)],
    )


def numbers_of(node: Tensor, digits: int | None = None) -> str:
    """A gate's formula with gaps for the values of its operands.

    >>> x, y = Tensor(3.0), Tensor(-4.0)
    >>> numbers_of(x * y), numbers_of(x - 2), numbers_of(x.exp())
    ('⟪0⟫ × ⟪1!⟫', '⟪0⟫ − 2', 'exp(⟪0⟫)')
    """
    # A text that begins with a minus shows where a negative number gets its brackets.
    gaps = [
        f"−⟪{slot}⟫" if isinstance(operand, Tensor) else _constant(operand, digits)
        for slot, operand in enumerate(node.inputs)
    ]
    # Those of a call, which follow its name, stay whatever is called with.
    bracketed = re.sub(r"(?<![^ (|])\(−⟪(\d+)⟫\)", r"⟪\1!⟫", written(node, gaps))
    return re.sub(r"−⟪(\d+)⟫", r"⟪\1⟫", bracketed)


def with_labels(template: str, label: Callable[[int], str]) -> str:
    """The template with its labels filled in.

    >>> with_labels("⟦0⟧ + ⟦1⟧", ["x", "y"].__getitem__)
    'x + y'
    """
    return _LABEL.sub(lambda gap: label(int(gap[1])), template)


def with_values(template: str, numbers: Sequence[str]) -> str:
    """The template with its numbers filled in.

    >>> with_values("⟪0⟫ × ⟪1!⟫", ["−2", "−3"])
    '−2 × (−3)'
    """
    return _NUMBER.sub(
        lambda gap: in_brackets(numbers[int(gap[1])]) if gap[2] else numbers[int(gap[1])], template
    )


def in_brackets(number: str) -> str:
    """A negative number in brackets, any other as it is."""
    return f"({number})" if number.startswith("−") else number


def _constant(operand: Any, digits: int | None) -> str:
    return constant(operand, digits) if is_scalar_constant(operand) else "…"
