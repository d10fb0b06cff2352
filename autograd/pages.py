"""What a gate says of itself: the page that `help(ag.exp)` shows, written when it is asked for.

Everything in it is read from the gate's entry, but for the example, which is computed.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import AutogradError
from autograd.families import FROM_NUMPY
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.gates.registry import Gate

__all__ = ["page", "signature"]

SAMPLES = (
    ([-1.5, 2.0], [3.0, 1.0]),
    ([0.5, 2.0], [3.0, 1.0]),
    ([0.25, 0.5], [0.75, 0.5]),
    ([1.5, 2.0], [2.0, 0.5]),
    ([[2.0, 1.0], [0.0, 4.0]], [[1.0, 0.0], [3.0, 2.0]]),
    ([[2.0, 1.0], [0.0, 4.0]], [1.0, 3.0]),
    ([1.0, 3.0], [[2.0, 1.0], [0.0, 4.0]]),
)
"""Operands of the example: the first whose value and gradients are finite are taken."""


def signature(gate: Gate) -> inspect.Signature:
    """The operands, which are given by position.

    >>> import autograd as ag
    >>> str(signature(ag.exp)), str(signature(ag.maximum))
    ('(x, /)', '(a, b, /)')
    """
    if isinstance(gate.forward, FunctionType) and not _is_ours(gate):
        return inspect.signature(gate.forward)
    kind: Any = inspect.Parameter.POSITIONAL_ONLY
    names = _names(gate)
    if not names:
        names, kind = ["operands"], inspect.Parameter.VAR_POSITIONAL
    return inspect.Signature([inspect.Parameter(name, kind) for name in names])


def page(gate: Gate) -> str:
    """The function, its derivative, shapes, and an example that runs; of a gate of one's own its
    own words, where it has some."""
    if gate.summary and not _is_ours(gate):
        return gate.summary
    function, _, derivative = gate.rule.partition("→")
    lines = [f"{gate.__name__}{signature(gate)}", ""]
    lines += [inspect.cleandoc(gate.summary or f"{function.strip()}, {_where(gate)}."), ""]
    if gate.summary and function:
        lines.append(f"Function : {function.strip()}")
    if derivative:
        lines.append(f"Derivative : {_derivative(gate, derivative.strip())}")
    if gate.kinks:
        lines.append(f"At kinks : {gate.kinks}")
    lines += [f"Operands : {_operands(gate)}", *_names_of(gate)]
    if ">>>" not in (gate.summary or ""):
        lines += _example(gate)
    return "\n".join(lines)


def _is_ours(gate: Gate) -> bool:
    return gate.__module__ in ("autograd", "autograd.linalg")


def _names(gate: Gate) -> list[str]:
    """What the rules call the operands; none where there may be any number of them."""
    if gate.arity is None:
        return []
    return ["x"] if gate.arity == 1 else list("abcdefgh"[: gate.arity])


def _where(gate: Gate) -> str:
    return "of each entry" if gate.local is not None else "of whole arrays"


def _derivative(gate: Gate, text: str) -> str:
    names, parts = _names(gate), text.split(", ")
    if len(names) > 1 and len(parts) == len(names) and gate.pattern != "routes":
        text = "; ".join(f"by {name}: {part}" for name, part in zip(names, parts, strict=True))
    if gate.local is None:
        text += ", from the upstream gradient g"
    return text


def _operands(gate: Gate) -> str:
    what = "Tensors, arrays or numbers, or nested lists of them"
    if gate.local is None:
        return f"{what}, of shapes that the function takes"
    return what if gate.arity == 1 else f"{what}, of shapes that broadcast"


def _names_of(gate: Gate) -> Iterator[str]:
    """The other ways to reach it."""
    path = gate.name.split(".")
    numpys: Any = np
    for name in path:
        numpys = getattr(numpys, name, None)
    ways = [f"np.{gate.name}(...)"] if numpys is not None and FROM_NUMPY.get(numpys) is gate else []
    if gate.__name__ in dir(Tensor) and gate.__name__ == gate.name:
        ways.append(f"t.{gate.name}({', '.join(_names(gate)[1:])})")
    if ways:
        yield f"Also : {', '.join(ways)}"


def _example(gate: Gate) -> Iterator[str]:
    """Lines of an example, with what they give; none where it cannot be computed here."""
    names = _names(gate)
    if not 1 <= len(names) <= 2:
        return
    for sample in SAMPLES:
        nodes = [Tensor(value) for value in sample[: len(names)]]
        try:
            with np.errstate(all="ignore"):
                out = gate(*nodes)
                seed = np.ones(out.shape).tolist()
                out.backward(gradient=seed)
        except AutogradError:  # not of these shapes, or SciPy is not there
            continue
        if all(np.isfinite(value).all() for value in (out.data, *(n.grad for n in nodes))):
            break
    else:
        return
    yield from ("", "Examples", "--------", ">>> import autograd as ag")
    for name, value in zip(names, sample, strict=False):
        yield f">>> {name} = ag.Tensor({value})"
    called = "ag." + ("linalg." if gate.__module__ == "autograd.linalg" else "") + gate.__name__
    yield f">>> out = {called}({', '.join(names)})"
    yield from (">>> out.data", repr(out.data), f">>> out.backward(gradient={seed})")
    for name, node in zip(names, nodes, strict=True):
        yield from (f">>> {name}.grad", repr(node.grad))
