"""`viz.table`: the whole derivation as text, in the four stages in which one does it by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .blocks import Block, Line
from .columns import lines_of, painted, plain
from .markdown import markdown_of
from .stages import Stages
from .subject import Subject, subject_of


class Derivation(str):
    """Text of several lines, from blocks with a blank line between.

    `colored` is the same text in a terminal's colours, `markdown` the same blocks in Markdown. In
    a shell it shows as it prints, not in quotes; in a notebook as Markdown.
    """

    blocks: tuple[Block, ...]

    def __new__(cls, blocks: Iterable[Block]) -> Derivation:
        kept = tuple(blocks)
        self = super().__new__(cls, "\n".join(plain(line) for line in lines_of(kept)))
        self.blocks = kept
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.blocks,)

    @property
    def lines(self) -> list[Line]:
        """The lines of the text, in runs."""
        return lines_of(self.blocks)

    @property
    def markdown(self) -> str:
        """The derivation as Markdown's tables."""
        return markdown_of(self.blocks)

    @property
    def colored(self) -> str:
        """The text with escape codes: green values, red gradients, as in the pictures."""
        return "\n".join("".join(painted(run) for run in line).rstrip() for line in self.lines)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return str.__str__(self)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def table(
    target: Any,
    example: Any = None,
    *,
    backward: bool = True,
    gradient: Any = None,
    expand: Any = None,
    digits: int | None = None,
) -> Derivation:
    """The derivation of a graph as text: its gates, their rules, values, and gradients.

    The backward pass has a line for each gate and input: what came from above (upstream), the
    gate's own derivative (local), and what goes on (downstream). Where a value was used more than
    once, its contributions are written out as a sum. "≈" stands where the numbers as printed do
    not give the result as printed, or one of them looks whole and is not (0.99995 is printed 1);
    all are rounded from full precision. In a notebook, the stages are Markdown tables.

    Parameters
    ----------
    target : a Tensor, a Trace (what `ag.trace` returns), or an nn.Module. `.grad` is left as it is.
    example : with a Module, an input for it, as for `draw`.
    backward : False leaves the fourth stage out.
    gradient : dL/d(output); needed where the output has more than one element.
    expand : composite gates to open, such as ``"sigmoid"``; several names; a depth; or ``"all"``,
        which also lists every gate of a graph of more than 150.
    digits : significant digits, 4 by default.

    Raises
    ------
    VizError (a ValueError) : `expand` or `digits` cannot be; UnsupportedTargetError (also a
        TypeError) : `target` is not a graph.

    >>> from autograd import Tensor
    >>> x, y, z = (Tensor(v, name=n) for v, n in [(1.0, "x"), (-2.0, "y"), (1.0, "z")])
    >>> print(table((x + y) * z))
    1  The graph: 2 gates, 3 inputs
    <BLANKLINE>
       q  =  x + y
       f  =  q × z
    <BLANKLINE>
    2  Each gate's function and derivative
    <BLANKLINE>
       +  a+b  →  1, 1    distributes
       ×  a·b  →  b, a    swaps
    <BLANKLINE>
    3  Forward: values
    <BLANKLINE>
       x               =   1
       y               =  −2
       z               =   1
       q  =  1 + (−2)  =  −1
       f  =  −1 × 1    =  −1
    <BLANKLINE>
    ...
    """
    subject = subject_of("table", target, example, gradient=gradient, digits=digits)
    return derivation_of(subject, expand, backward=backward)


def derivation_of(subject: Subject, expand: Any, *, backward: bool = True) -> Derivation:
    """The derivation of a graph, opened as `expand` says."""
    with np.errstate(all="ignore"):  # What is not finite is marked in the text.
        shown = subject.shown(expand, backward=backward)
    stages = Stages(shown.output, shown.trace, subject.digits, everything=expand == "all")
    return Derivation(stages.blocks(4 if backward else 3))
