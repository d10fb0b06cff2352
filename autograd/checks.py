"""Checking derivatives against finite differences of the function itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.data import as_data
from autograd.eager import value_of
from autograd.errors import DataError, GradcheckError, UnsupportedError
from autograd.folding import fold
from autograd.forward import as_value
from autograd.fresh import Call
from autograd.gates.tangents import linearize
from autograd.graph import Graph
from autograd.tensor import Tensor
from autograd.transforms import vjp
from autograd.trees import flatten

__all__ = ["gradcheck"]

STEP = float(np.cbrt(np.finfo(np.float64).eps))
"""Balances the truncation of a central difference, h², against its rounding, eps/h."""


def gradcheck(
    f: Callable[..., Any],
    *inputs: Any,
    order: int = 1,
    modes: Sequence[str] = ("reverse", "forward"),
    rtol: float = 1e-5,
    atol: float = 1e-7,
) -> bool:
    """Compare the derivatives of `f` at `inputs` with central differences; True if they agree.

    Parameters
    ----------
    f : takes numbers, arrays, Tensors or nests of them; any result. It must be smooth at `inputs`.
    inputs : where to check; computed with in float64.
    order : check derivatives up to this one: 2 checks the gradient's derivative as well.
    modes : of ``"reverse"`` and ``"forward"``.
    rtol, atol : |analytic − numeric| must not exceed ``atol + rtol · |numeric|``.

    Raises
    ------
    DataError (a TypeError): inputs that are no real numbers, or a mode or an order that is none.
    GradcheckError (an AssertionError): names the worst entry, both its values, and the gate whose
        rule alone already disagrees with differences, if there is one.

    Examples
    --------
    >>> import autograd as ag
    >>> import numpy as np
    >>> ag.gradcheck(lambda x: x.tanh() * x, np.array([0.5, -2.0]))
    True
    >>> wrong = ag.gate(lambda a: a * a, local=lambda out, a: 3.0 * a, name="wrong")
    >>> ag.gradcheck(wrong, 2.0)
    Traceback (most recent call last):
    autograd.errors.GradcheckError: reverse mode, d output/d input: analytic 6, numeric 4...
    """
    unknown = set(modes) - {"reverse", "forward"}
    if unknown or not modes:
        raise DataError(f"modes must be of 'reverse' and 'forward', received {tuple(modes)!r}")
    if order < 1:
        raise DataError(f"order must be 1 or more, received {order!r}")
    arguments, nest = flatten(list(inputs))
    points = [np.array(as_data(value_of(a), None), dtype=np.float64) for a in arguments]

    def call_at(values: Sequence[Any]) -> Call:
        """`f` recorded at other values, of the kinds of the arguments."""
        kinds = [
            float(v) if isinstance(a, (int, float)) or type(value_of(a)) is float else v
            for a, v in zip(arguments, values, strict=True)
        ]
        return Call(f, nest(kinds), range(len(inputs)), {})

    numeric = _differences(lambda values: _outputs(call_at(values)), points)
    call = call_at(points)
    for mode in modes:
        analytic = _by_reverse(call) if mode == "reverse" else _by_forward(call)
        _compare(mode, call, analytic, numeric, rtol, atol)
    if order > 1:
        weights = [np.random.default_rng(0).normal(size=o.shape) for o in call.outputs]
        gradcheck(
            _weighted_gradient(f, weights), *nest(list(arguments)),
            order=order - 1, modes=modes, rtol=rtol, atol=atol,
        )  # fmt: skip
    return True


def _weighted_gradient(f: Callable[..., Any], weights: Sequence[Any]) -> Callable[..., Any]:
    """The gradient of the sum of `f`'s outputs, each entry with a weight of its own."""

    def gradient(*args: Any) -> Any:
        out, pullback = vjp(f, *args)
        leaves, nest = flatten(out)
        seeds = [w if np.ndim(value_of(o)) or type(value_of(o)) is not float else float(w)
                 for o, w in zip(leaves, weights, strict=True)]  # fmt: skip
        return pullback(nest(seeds))

    return gradient


def _outputs(call: Call) -> np.ndarray:
    """All entries of all outputs, in one row."""
    return _row(call.outputs)


def _differences(
    function: Callable[[Sequence[Any]], np.ndarray], points: Sequence[np.ndarray]
) -> np.ndarray:
    """The Jacobian by central differences, a column for each entry of the arguments."""
    columns = []
    for i, point in enumerate(points):
        for index in np.ndindex(point.shape):
            step = STEP * max(1.0, float(abs(point[index])))
            pair = []
            for moved in (point[index] + step, point[index] - step):
                values = [p.copy() for p in points]
                values[i][index] = moved
                pair.append((moved, function(values)))
            (high, above), (low, below) = pair
            columns.append((above - below) / (high - low))
    return _side_by_side(columns, len(function(points)))


def _side_by_side(columns: Sequence[np.ndarray], rows: int) -> np.ndarray:
    """The columns of a matrix, of which there may be none."""
    return np.stack(columns, axis=1) if columns else np.zeros((rows, 0))


def _row(parts: Sequence[Any]) -> np.ndarray:
    """All entries of all parts, one after the other."""
    return np.concatenate([np.ravel(value_of(part)) for part in parts])


def _units(nodes: Sequence[Tensor]) -> list[list[Any]]:
    """For each entry of each node: zeros for all, but for a one in that place."""
    rows = []
    for i, node in enumerate(nodes):
        for index in np.ndindex(node.shape):
            row = [np.zeros(n.shape) for n in nodes]
            row[i][index] = 1.0
            pairs = zip(row, nodes, strict=True)
            rows.append([float(r) if type(n._value) is float else r for r, n in pairs])
    return rows


def _by_reverse(call: Call) -> np.ndarray:
    rows = [_row(call.vjp(seeds)) for seeds in _units(call.outputs)]
    return _side_by_side(rows, sum(node.size for node in call.fresh)).T


def _by_forward(call: Call) -> np.ndarray:
    columns = [_row(call.jvp(tangents)) for tangents in _units(call.fresh)]
    return _side_by_side(columns, sum(output.size for output in call.outputs))


def _compare(
    mode: str, call: Call, analytic: np.ndarray, numeric: np.ndarray, rtol: float, atol: float
) -> None:
    excess = np.abs(analytic - numeric) - (atol + rtol * np.abs(numeric))
    excess[np.isnan(excess)] = np.inf
    if not excess.size or excess.max() <= 0.0:
        return
    row, column = np.unravel_index(excess.argmax(), excess.shape)
    wrong = int((excess > 0.0).sum())
    gate = _culprit(call, mode, rtol, atol)
    blame = (
        f"; the {mode} rule of the gate {gate} disagrees with differences of that gate alone"
        if gate
        else "; each gate's own rule agrees with differences: is the function smooth here, and "
        "does it compute everything with Tensors?"
    )
    raise GradcheckError(
        f"{mode} mode, d {_entry(call.outputs, row, 'output')}/d "
        f"{_entry(call.fresh, column, 'input')}: analytic {analytic[row, column]:.10g}, numeric "
        f"{numeric[row, column]:.10g} ({wrong} of {excess.size} entries disagree){blame}"
    )


def _entry(nodes: Sequence[Tensor], position: int, role: str) -> str:
    """Which entry of which node stands at a position in the row of all of them."""
    for i, node in enumerate(nodes):
        if position < node.size:
            number = f" {i}" if len(nodes) > 1 else ""
            index = np.unravel_index(position, node.shape) if node.shape else ()
            place = f"[{', '.join(map(str, index))}]" if index else ""
            return f"{role}{number}{place}"
        position -= node.size
    raise IndexError(position)


def _culprit(call: Call, mode: str, rtol: float, atol: float) -> str | None:
    """The first gate whose rule disagrees with differences of that gate alone."""
    rng = np.random.default_rng(0)
    for output in call.outputs:
        for node in Graph(output).nodes:
            if node.gate is not None and not _agrees(node, mode, rng, rtol, atol):
                return node.gate.name
    return None


def _agrees(node: Tensor, mode: str, rng: np.random.Generator, rtol: float, atol: float) -> bool:
    """Whether one gate's rule has the slope of its function along a random direction."""
    gate, settings = node.gate, node.settings
    assert gate is not None
    values = [np.asarray(value_of(o), dtype=float) if type(o) is Tensor else o for o in node.inputs]
    wanted = [type(o) is Tensor and o.requires_grad for o in node.inputs]
    directions = [rng.normal(size=np.shape(v)) if w else None
                  for v, w in zip(values, wanted, strict=True)]  # fmt: skip
    upstream = rng.normal(size=node.shape)

    def along(step: float) -> Any:
        moved = [v if d is None else v + step * d for v, d in zip(values, directions, strict=True)]
        return np.sum(upstream * np.asarray(gate.forward(*moved, **settings)))

    with np.errstate(all="ignore"):
        numeric = (along(STEP) - along(-STEP)) / (2.0 * STEP)
        out = np.asarray(gate.forward(*values, **settings))
        if mode == "forward":
            try:
                jvp = linearize(gate, wanted, out, values, settings)
                tangent = as_value(jvp(directions), out)
            except UnsupportedError:
                return True
            analytic = np.sum(upstream * tangent)
        else:
            answers = gate.vjps_of(upstream, wanted, out, values, settings)
            analytic = sum(
                np.sum(fold(p, v) * d)
                for p, v, d in zip(answers, values, directions, strict=True)
                if d is not None
            )
    return bool(abs(analytic - numeric) <= 10.0 * (atol + rtol * abs(numeric)))
