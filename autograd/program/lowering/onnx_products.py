"""NumPy's products, in ONNX."""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from autograd.program.lowering.onnx_graph import Wire, broadcast, graph_of, promoted
from autograd.program.lowering.onnx_numbers import multiply
from autograd.program.lowering.onnx_places import known, moves, pad, reshape, without
from autograd.program.lowering.onnx_reductions import total
from autograd.program.lowering.onnx_sizes import Size


def matmul(a: Any, b: Any) -> Wire:
    a, b = promoted(a, b)
    lead = broadcast(*(Wire(a.graph, "", w.shape[:-2], w.dtype) for w in (a, b)))
    shape = (*lead, *a.shape[-2:-1][: a.ndim - 1], *b.shape[-1:][: b.ndim - 1])
    return graph_of(a, b).node("MatMul", a, b, shape=shape, dtype=a.dtype)


def einsum(text: str, *operands: Any, **how: Any) -> Wire:
    """With an ellipsis written out, and without axes of length 1 that are stretched: neither is
    known to every reader."""
    wires = promoted(*operands)
    inputs, arrow, output = text.replace(" ", "").partition("->")
    terms = inputs.split(",")
    most = max(
        [w.ndim - len(t) + 3 for t, w in zip(terms, wires, strict=True) if "..." in t] or [0]
    )
    names = "".join([c for c in string.ascii_letters if c not in text][:most])
    if not arrow:
        once = sorted(c for c in set(inputs) - set(",.") if inputs.count(c) == 1)
        output = ("..." if "..." in inputs else "") + "".join(once)
    output = output.replace("...", names)
    lengths: dict[str, int] = {}
    for place, (term, wire) in enumerate(zip(terms, wires, strict=True)):
        terms[place] = term.replace("...", names[most - (wire.ndim - len(term) + 3) :])
        for letter, length in zip(terms[place], wire.shape, strict=True):
            if is_one(lengths.get(letter, 1)):
                lengths[letter] = length
    for place, (term, wire) in enumerate(zip(terms, wires, strict=True)):
        lengths_of = zip(term, wire.shape, strict=True)
        ones = [i for i, (c, n) in enumerate(lengths_of) if is_one(n) and not is_one(lengths[c])]
        wires[place] = reshape(wire, without(wire, ones, False))
        terms[place] = "".join(c for i, c in enumerate(term) if i not in ones)
    return graph_of(operands).node(
        "Einsum", *wires, shape=[lengths[c] for c in output], dtype=wires[0].dtype,
        equation=f"{','.join(terms)}->{output}",
    )  # fmt: skip


def is_one(length: int) -> bool:
    return type(length) is not Size and length == 1


def letters(n: int, start: int = 0) -> str:
    return string.ascii_lowercase[start : start + n]


def dot(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    if a.ndim == 0 or b.ndim == 0:
        return multiply(a, b)
    if a.ndim <= 2 and b.ndim <= 2:
        return matmul(a, b)
    return tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Wire:
    a, b = promoted(a, b)
    if isinstance(axes, int):
        axes = list(range(a.ndim - axes, a.ndim)), list(range(axes))
    left, right = letters(a.ndim), list(letters(b.ndim, a.ndim))
    ones = [i % a.ndim for i in axes[0]]
    others = [i % b.ndim for i in axes[1]]
    for i, j in zip(ones, others, strict=True):
        right[j] = left[i]
    out = "".join(c for i, c in enumerate(left) if i not in ones)
    out += "".join(c for j, c in enumerate(right) if j not in others)
    return einsum(f"{left},{''.join(right)}->{out}", a, b)


def inner(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    if a.ndim == 0 or b.ndim == 0:
        return multiply(a, b)
    return tensordot(a, b, ([a.ndim - 1], [b.ndim - 1]))


def outer(a: Any, b: Any, **how: Any) -> Any:
    a, b = promoted(a, b)
    return multiply(reshape(a, (-1, 1)), reshape(b, (1, -1)))


def vdot(a: Any, b: Any) -> Wire:
    a, b = promoted(a, b)
    return total(multiply(reshape(a, (-1,)), reshape(b, (-1,))), 0)


def correlate(a: Any, v: Any, mode: str = "valid") -> Wire:
    """Each window of the longer one times the shorter one; `convolve` turns that round."""
    a, v = promoted(a, v)
    n, m = known(a.shape[0]), known(v.shape[0])
    if n < m:
        return moves(np.flip)(correlate(v, a, mode))
    before = {"valid": 0, "same": m // 2, "full": m - 1}[mode]
    after = {"valid": 0, "same": m - 1 - m // 2, "full": m - 1}[mode]
    a = pad(a, [(before, after)])
    return matmul(moves(np.lib.stride_tricks.sliding_window_view)(a, m), v)


def convolve(a: Any, v: Any, mode: str = "full") -> Wire:
    a, v = promoted(a, v)
    if known(a.shape[0]) < known(v.shape[0]):
        a, v = v, a
    return correlate(a, moves(np.flip)(v), mode)


def kron(a: Any, b: Any) -> Wire:
    a, b = promoted(a, b)
    n = max(a.ndim, b.ndim)
    left, right = ((1,) * (n - w.ndim) + w.shape for w in (a, b))
    apart = reshape(a, [k for length in left for k in (length, 1)])
    beside = reshape(b, [k for length in right for k in (1, length)])
    return reshape(multiply(apart, beside), [i * j for i, j in zip(left, right, strict=True)])


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, **how: Any) -> Wire:
    return total(moves(np.diagonal)(a, offset, axis1, axis2), -1)


PRODUCTS: dict[str, Callable[..., Any]] = {
    "convolve": convolve, "correlate": correlate, "dot": dot, "einsum": einsum,
    "inner": inner, "kron": kron, "matmul": matmul,
    "multi_dot": lambda arrays: reduce(matmul, promoted(*arrays)),
    "matvec": lambda a, b: einsum("...ij,...j->...i", a, b), "outer": outer,
    "tensordot": tensordot, "trace": trace, "vdot": vdot,
    "vecdot": lambda a, b: einsum("...i,...i->...", a, b),
    "vecmat": lambda a, b: einsum("...i,...ij->...j", a, b),
}  # fmt: skip
"""By the names that a listing shows."""
