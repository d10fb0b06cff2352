"""Sample inputs of every gate, away from kinks, with the same function in NumPy and in PyTorch.

A gate without a sample here fails `test_gates.py`. Add one `Sample` for each way of calling it.
"""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.eager import apply
from autograd.gates import indexing, shapes

_rng = np.random.default_rng(2026)


def normal(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape)


def positive(*shape: int) -> np.ndarray:
    return _rng.uniform(0.5, 2.0, shape)


def apart(*shape: int) -> np.ndarray:
    """Values on a grid of their own: no two equal, none near zero."""
    n = int(np.prod(shape))
    return ((_rng.permutation(n) - n // 2) * 0.7 + 0.31).reshape(shape)


@dataclass(frozen=True)
class Sample:
    """A way of calling a gate.

    f : the function of Tensors; of arrays too, where `numpy` is not given.
    torch : the same, of PyTorch's module and its tensors.
    analytic : whether NumPy's function, fed complex numbers, is the same function.
    exact : whether the values must be NumPy's to the bit.
    """

    label: str
    f: Callable[..., Any]
    inputs: tuple[np.ndarray, ...]
    torch: Callable[..., Any]
    numpy: Callable[..., Any] | None = None
    analytic: bool = True
    exact: bool = True

    @property
    def reference(self) -> Callable[..., Any]:
        return self.numpy or self.f


SAMPLES: list[Sample] = []


def sample(label, f, *inputs, torch, **options) -> None:
    inputs = tuple(np.asarray(value) for value in inputs)
    SAMPLES.append(Sample(label, f, inputs, torch, **options))


PAIRS = [
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((2, 3), ()),
    ((), (2, 3)),
    ((), ()),
    ((1,), ()),
    ((4, 1, 2), (3, 1)),
    ((0, 2), (1, 2)),
]
"""Shapes that broadcast against each other in every way."""


def of_pairs(name, f, torch, first=normal, second=normal, **options) -> None:
    for a, b in PAIRS:
        sample(f"{name} {a} {b}", f, first(*a), second(*b), torch=torch, **options)


# ---- arithmetic

of_pairs("add", operator.add, lambda torch, a, b: a + b)
of_pairs("subtract", operator.sub, lambda torch, a, b: a - b)
of_pairs("multiply", operator.mul, lambda torch, a, b: a * b)
of_pairs("divide", operator.truediv, lambda torch, a, b: a / b, second=positive)
of_pairs("power", np.power, lambda torch, a, b: a**b, first=positive)
of_pairs("pow", operator.pow, lambda torch, a, b: a**b, first=positive)
for name, f in {
    "x + c": lambda a: a + 2.0,
    "c + x": lambda a: 2.0 + a,
    "x - c": lambda a: a - 2.0,
    "c - x": lambda a: 2.0 - a,
    "x * c": lambda a: a * 2.0,
    "c * x": lambda a: 2 * a,
    "x / c": lambda a: a / 2.0,
    "c / x": lambda a: 3.0 / a,
    "1 / x": lambda a: 1 / a,
    "x ** 2": lambda a: a**2,
    "x ** 3": lambda a: a**3,
    "x ** -1": lambda a: a**-1,
    "x ** 0.5": lambda a: a**0.5,
    "x ** 0": lambda a: a**0,
    "c ** x": lambda a: 2.0**a,
    "-x": operator.neg,
    "x * x": lambda a: a * a,
}.items():
    sample(name, f, positive(2, 3), torch=lambda torch, a, f=f: f(a))
sample("reciprocal", np.reciprocal, positive(2, 3), torch=lambda torch, a: torch.reciprocal(a))
sample("square", np.square, normal(2, 3), torch=lambda torch, a: torch.square(a))
sample("abs", abs, apart(2, 3), torch=lambda torch, a: abs(a), analytic=False)
sample(
    "x % c", lambda a: a % 0.8, [0.3, 1.1, 1.3, 2.7], torch=lambda torch, a: a % 0.8,
    analytic=False,
)  # fmt: skip
sample(
    "c % x", lambda a: 5.0 % a, [0.3, 1.1, 1.3, 2.7],
    torch=lambda torch, a: torch.remainder(torch.full_like(a, 5.0), a), analytic=False,
)  # fmt: skip
sample(
    "x % y", operator.mod, [0.3, 1.1, -1.3], [0.7, 0.8, 0.9],
    torch=lambda torch, a, b: torch.remainder(a, b), analytic=False,
)  # fmt: skip
sample(
    "x // y", operator.floordiv, [0.3, 1.1, -1.3], [0.7, 0.8, 0.9],
    torch=lambda torch, a, b: torch.floor(a / b), analytic=False,
)  # fmt: skip

# ---- exponentials

sample("exp", np.exp, normal(2, 3), torch=lambda torch, a: torch.exp(a))
sample("log", np.log, positive(2, 3), torch=lambda torch, a: torch.log(a))
sample("sqrt", np.sqrt, positive(2, 3), torch=lambda torch, a: torch.sqrt(a))
sample("tanh", np.tanh, normal(2, 3), torch=lambda torch, a: torch.tanh(a))
sample(
    "sigmoid", ag.sigmoid, normal(2, 3), torch=lambda torch, a: torch.sigmoid(a),
    numpy=lambda a: 1 / (1 + np.exp(-a)), exact=False,
)  # fmt: skip

# ---- selection

of_pairs(
    "maximum", np.maximum, lambda torch, a, b: torch.maximum(a, b), first=apart,
    second=lambda *shape: apart(*shape) + 0.2, analytic=False,
)  # fmt: skip
of_pairs(
    "minimum", np.minimum, lambda torch, a, b: torch.minimum(a, b), first=apart,
    second=lambda *shape: apart(*shape) + 0.2, analytic=False,
)  # fmt: skip
sample(
    "relu", ag.relu, apart(2, 3), torch=lambda torch, a: torch.relu(a),
    numpy=lambda a: np.maximum(a, 0.0), analytic=False,
)  # fmt: skip
MASK = np.array([[True, False, True], [False, False, True]])
of_pairs_where = [((2, 3), (2, 3)), ((3,), (2, 1)), ((), (2, 3)), ((4, 1, 1), ())]
for _a, _b in of_pairs_where:
    sample(
        f"where {_a} {_b}", lambda a, b: np.where(MASK, a, b), normal(*_a), normal(*_b),
        torch=lambda torch, a, b: torch.where(torch.tensor(MASK), a, b),
    )  # fmt: skip
sample(
    "where c", lambda a: np.where(MASK, a, 0.5), normal(2, 3),
    torch=lambda torch, a: torch.where(torch.tensor(MASK), a, 0.5),
)  # fmt: skip

# ---- reductions

for _axis in (None, 0, -1, (0, 2), (1,), (2, 0, 1)):
    for _keep in (False, True):
        _dims = tuple(range(3)) if _axis is None else _axis
        for name, make, analytic, numpys in (
            ("sum", normal, True, np.sum),
            ("mean", normal, True, np.mean),
            ("max", apart, False, np.max),
            ("min", apart, False, np.min),
        ):
            torchs = name.replace("m", "am") if name in ("max", "min") else name
            sample(
                f"{name} axis={_axis} keepdims={_keep}",
                lambda a, axis=_axis, keep=_keep, numpys=numpys: numpys(
                    a, axis=axis, keepdims=keep
                ),
                make(2, 3, 4),
                torch=lambda torch, a, dims=_dims, keep=_keep, torchs=torchs: getattr(
                    torch, torchs
                )(a, dims, keepdim=keep),
                analytic=analytic,
            )
for name, numpys in (("sum", np.sum), ("mean", np.mean), ("max", np.max), ("min", np.min)):
    sample(f"{name} of one number", numpys, normal(), torch=lambda torch, a: a.sum())
sample("sum of nothing", np.sum, normal(0, 3), torch=lambda torch, a: a.sum())

# ---- products of matrices

for _a, _b in [
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((1, 2, 3), (5, 3, 4)),
    ((2, 0), (0, 3)),
]:
    sample(
        f"matmul {_a} {_b}", operator.matmul, normal(*_a), normal(*_b),
        torch=lambda torch, a, b: a @ b,
    )  # fmt: skip


def torch_dot(torch, a, b):
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return torch.tensordot(a, b, dims=([a.ndim - 1], [max(b.ndim - 2, 0)]))


for _a, _b in [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((4, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((2, 2, 3), (4, 3, 5)),
    ((), (2, 3)),
    ((2, 3), ()),
    ((), ()),
]:
    sample(f"dot {_a} {_b}", np.dot, normal(*_a), normal(*_b), torch=torch_dot)

# ---- shapes

sample(
    "reshape", lambda a: np.reshape(a, (3, -1)), normal(2, 3, 2),
    torch=lambda torch, a: a.reshape(3, -1),
)  # fmt: skip
sample(
    "reshape to one", lambda a: np.reshape(a, ()), normal(1, 1),
    torch=lambda torch, a: a.reshape(()),
)  # fmt: skip
sample("transpose", np.transpose, normal(2, 3, 4), torch=lambda torch, a: a.permute(2, 1, 0))
for _axes in ((1, 2, 0), (-1, 0, 1), (0, -1, 1)):
    sample(
        f"transpose {_axes}", lambda a, axes=_axes: np.transpose(a, axes), normal(2, 3, 4),
        torch=lambda torch, a, axes=_axes: a.permute(axes),
    )  # fmt: skip
sample("T", lambda a: a.T, normal(2, 3), torch=lambda torch, a: a.T)
sample("mT", lambda a: a.mT, normal(4, 2, 3), torch=lambda torch, a: a.mT)
for _from in ((3,), (2, 1), (1, 1, 1), ()):
    sample(
        f"broadcast_to {_from}", lambda a: np.broadcast_to(a, (4, 2, 3)), normal(*_from),
        torch=lambda torch, a: torch.broadcast_to(a, (4, 2, 3)),
    )  # fmt: skip
sample(
    "astype", lambda a: ag.astype(a, np.float64), normal(2, 3), torch=lambda torch, a: a * 1.0,
    numpy=lambda a: a + 0,
)  # fmt: skip
sample("identity", shapes.identity, normal(2, 3), torch=lambda t, a: a * 1.0, numpy=lambda a: a)
sample("number", shapes.as_number, normal(2, 3), torch=lambda torch, a: a.sum(), numpy=np.sum)

ROWS = np.array([0, 2, 2, 0, 0])
PLACES = (np.array([[0, 1], [1, 1]]), np.array([2, 0]))
MARKED = np.arange(12).reshape(3, 4) % 3 == 1
KEYS: dict[str, Any] = {
    "1": 1,
    "-1": -1,
    "1:": slice(1, None),
    "::2": (slice(None), slice(None, None, 2)),
    "...,1": (..., 1),
    "None": (None, slice(None), None, 0),
    "1,2": (1, 2),
    "()": (),
    "...": ...,
    "repeated rows": ROWS,
    "list": [0, 0, -1],
    "pairs": PLACES,
    "mixed": (slice(None), [0, 0, 1]),
    "mask": MARKED,
    "row mask": (np.array([True, False, True]), slice(1, 3)),
    "no rows": [],
    "empty slice": slice(2, 2),
}


def for_torch(torch, key):
    if isinstance(key, list):
        return torch.tensor(key, dtype=torch.int64)
    if isinstance(key, tuple):
        return tuple(for_torch(torch, k) for k in key)
    return torch.tensor(key) if isinstance(key, np.ndarray) else key


for name, key in KEYS.items():
    sample(
        f"[{name}]",
        lambda a, key=key: a[key],
        normal(3, 4),
        torch=lambda torch, a, key=key: a[for_torch(torch, key)],
    )
sample("[::-1]", lambda a: a[::-1], normal(3, 4), torch=lambda torch, a: torch.flip(a, (0,)))


def added_at(a, total=None):
    if total is None:
        out = np.zeros((3, 4), a.dtype)
    else:
        out = total.astype(complex) if a.dtype.kind == "c" else total.copy()
    np.add.at(out, ROWS, a)
    return out


sample(
    "scatter",
    lambda a: apply(indexing.scatter, (a,), {"key": ROWS, "shape": (3, 4)}),
    normal(5, 4),
    numpy=added_at,
    torch=lambda torch, a: torch.zeros(3, 4, dtype=a.dtype).index_put(
        (torch.tensor(ROWS),), a, accumulate=True
    ),
)
sample(
    "index.add",
    lambda a, b: apply(indexing._index.adding, (a, b), {"key": ROWS}),
    normal(3, 4),
    normal(5, 4),
    numpy=lambda a, b: added_at(b, a),
    torch=lambda torch, a, b: a.index_put((torch.tensor(ROWS),), b, accumulate=True),
)
for _axis, _other in ((0, (1, 3)), (1, (2, 4)), (-1, (2, 0)), (None, (4,))):
    sample(
        f"concatenate {_axis}",
        lambda a, b, axis=_axis: np.concatenate([a, b, a], axis=axis),
        normal(2, 3),
        normal(*_other),
        torch=lambda torch, a, b, axis=_axis: (
            torch.cat([a, b, a], axis)
            if axis is not None
            else torch.cat([a.ravel(), b.ravel(), a.ravel()])
        ),
    )
for _axis in (0, 1, -1, -2):
    sample(
        f"stack {_axis}",
        lambda a, b, axis=_axis: np.stack([a, b, a], axis=axis),
        normal(2, 3),
        normal(2, 3),
        torch=lambda torch, a, b, axis=_axis: torch.stack([a, b, a], axis),
    )


FAMILIES = [
    f"samples_{n}" for n in ("elementwise", "linear_algebra", "movement", "networks", "reductions")
]


def calls_of_families():
    """The calls of the families that are loaded when they are asked for: name, function, inputs."""
    for module in FAMILIES:
        for name, calls in importlib.import_module(module).SAMPLES.items():
            for number, (f, inputs) in enumerate(calls):
                yield pytest.param(name, f, inputs, id=f"{name} {number}")
