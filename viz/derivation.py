"""`viz.table`: the whole derivation as text, in the four stages in which one does it by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import Derivation
from .stages import Stages
from .subject import Subject, subject_of


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
