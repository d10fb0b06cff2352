"""`viz.table`: the whole derivation as text, in the four stages in which one does it by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor

from .build import known_names, opening_of, with_gates_opened
from .columns import Derivation
from .errors import UnsupportedTargetError, VizError
from .modules import is_module
from .stages import Stages


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
    if digits is not None and (type(digits) is not int or not 1 <= digits <= 17):
        raise VizError(f"digits is a whole number from 1 to 17; received {digits!r}")
    if is_module(target):
        from .drawing import output_of

        target, _ = output_of(target, example)
    elif example is not None:
        raise VizError("table takes an example only with a Module; a Tensor has its values already")
    with np.errstate(all="ignore"):  # What is not finite is marked in the text.
        output, trace = _opened(target, backward, gradient, expand)
    stages = Stages(output, trace, digits, everything=expand == "all")
    return Derivation(stages.blocks(4 if backward else 3))


def _opened(target: Any, backward: bool, gradient: Any, expand: Any) -> tuple[Tensor, Any]:
    """The graph as it is to be shown, and its backward pass, or None where there can be none."""
    trace = target if isinstance(target, ag.Trace) else None
    output = target if trace is None else trace.output
    if not isinstance(output, Tensor):
        raise UnsupportedTargetError(
            "table takes a Tensor, a Trace (what ag.trace returns), or an nn.Module with an "
            f"example; received {type(target).__name__}"
        )
    opening = opening_of(expand)
    unknown = opening.names - {"all"} - known_names(output)
    if unknown:
        known = ", ".join(sorted(known_names(output))) or "none at all"
        raise VizError(
            f"expand={expand!r}: this graph has no scope or composite gate of that name; "
            f"it has {known}"
        )
    shown = with_gates_opened(output, opening)
    if trace is not None and gradient is None:
        if shown is output:
            return output, trace
        gradient = trace.grad(output)
    if not backward or not shown.requires_grad or (shown.size != 1 and gradient is None):
        return shown, None
    return shown, ag.trace(shown, gradient=gradient)
