"""Random expressions: graphs with shared nodes, repeated operands, broadcasting, scalars.

A `Program` is leaves and a list of operations on earlier results. `run` evaluates it with one of
three tables of functions: on Tensors or arrays (`NUMPY`), or on PyTorch's tensors (`torch_table`).
Python floats are computed with `math`, as a scalar node is.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd as ag


def unary(name, maths=None):
    numpys, maths = getattr(np, name), getattr(math, maths or name)
    return lambda a: maths(a) if type(a) is float else numpys(a)


def binary(name, maths):
    numpys = getattr(np, name)
    return lambda a, b: maths(a, b) if type(a) is type(b) is float else numpys(a, b)


def power(a, b):
    """`**` of arrays: of NumPy's own numbers, which 0-d arrays decay to, it has other bits."""
    if isinstance(a, np.generic) or isinstance(b, np.generic):
        a, b = (np.asarray(x) if isinstance(x, np.generic) else x for x in (a, b))
    return a**b


def along_rows(f):
    """A function along the last axis; of a single number, the number itself."""
    return lambda a: f(a) if type(a) is not float and a.ndim else a


def composed(m):
    """Operations that keep their arguments where they are defined and their results small.

    `m` has the functions by the names that NumPy and PyTorch both use.
    """

    def small(a):
        return 0.6 * m.arctan(a)

    return {
        "add": operator.add,
        "subtract": operator.sub,
        "multiply": operator.mul,
        "divide": lambda a, b: a / (b * b + 1.0),
        "reciprocal": lambda a: 1 / (a * a + 2.0),
        "negative": operator.neg,
        "square": lambda a: power(m.tanh(a), 2),
        "power": lambda a, b: power(m.tanh(a) + 1.5, m.tanh(b)),
        "exponential": lambda a: power(2.0, m.tanh(a)),
        "tanh": lambda a: m.tanh(a),
        "exp": lambda a: m.exp(m.tanh(a)),
        "log": lambda a: m.log(a * a + 1.0),
        "sqrt": lambda a: m.sqrt(a * a + 1.0),
        "shift": lambda a: 3 - a,
        "halve": lambda a: a / 2,
        "sin": lambda a: m.sin(3.0 * small(a)),
        "cos": lambda a: m.cos(3.0 * small(a)),
        "tan": lambda a: m.tan(small(a)),
        "arcsin": lambda a: m.arcsin(0.9 * small(a)),
        "arccos": lambda a: m.arccos(0.9 * small(a)),
        "arctan": lambda a: m.arctan(2.0 * small(a)),
        "sinh": lambda a: m.sinh(small(a)),
        "cosh": lambda a: m.cosh(small(a)),
        "arcsinh": lambda a: m.arcsinh(a),
        "arccosh": lambda a: m.arccosh(a * a + 1.5),
        "arctanh": lambda a: m.arctanh(0.9 * small(a)),
        "expm1": lambda a: m.expm1(small(a)),
        "log1p": lambda a: m.log1p(a * a),
        "exp2": lambda a: m.exp2(small(a)),
        "log2": lambda a: m.log2(a * a + 0.5),
        "log10": lambda a: m.log10(a * a + 0.5),
        "hypot": lambda a, b: m.hypot(a, small(b) + 2.0),
        "arctan2": lambda a, b: m.arctan2(small(a), small(b) + 2.0),
        "maximum": lambda a, b: m.maximum(a, b),
        "minimum": lambda a, b: m.minimum(a, b),
    }


_MATH = {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
NUMPY = composed(
    SimpleNamespace(
        **{
            name: unary(name, _MATH.get(name))
            for name in (
                "tanh", "exp", "exp2", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "expm1",
                "log1p", "log2", "log10", *_MATH,
            )
        },
        hypot=binary("hypot", math.hypot),
        arctan2=binary("arctan2", math.atan2),
        maximum=binary("maximum", max),
        minimum=binary("minimum", min),
    )
)  # fmt: skip


def reduction(numpys):
    def reduce(a):
        if type(a) is float:
            return a
        return numpys(a, axis=-1, keepdims=True) if a.ndim else numpys(a)

    return reduce


NUMPY |= {
    "sum": reduction(np.sum),
    "mean": reduction(np.mean),
    "prod": along_rows(lambda a: np.prod(np.arctan(a), axis=-1, keepdims=True)),
    "var": along_rows(lambda a: np.var(np.arctan(a), axis=-1, keepdims=True)),
    "cumsum": along_rows(lambda a: np.cumsum(a, axis=-1)),
    "cumprod": along_rows(lambda a: np.cumprod(np.arctan(a), axis=-1)),
    "norm": along_rows(lambda a: np.linalg.norm(a + 3.0, axis=-1, keepdims=True)),
    "flip": along_rows(lambda a: np.flip(a, -1)),
    "roll": along_rows(lambda a: np.roll(a, 1, -1)),
    "einsum": along_rows(lambda a: np.einsum("...i,...i->...", np.arctan(a), a)[..., None]),
}
OWN = {
    "sigmoid": lambda a: ag.sigmoid(a),
    "softplus": lambda a: ag.softplus(a),
    "erf": lambda a: ag.erf(a),
    "erfc": lambda a: ag.erfc(a),
    "relu": lambda a: ag.relu(a),
    "logaddexp": lambda a, b: np.logaddexp(a, b),
    "logaddexp2": lambda a, b: np.logaddexp2(a, b),
    "logsumexp": along_rows(lambda a: ag.logsumexp(a, axis=-1, keepdims=True)),
    "softmax": along_rows(lambda a: ag.softmax(a, axis=-1)),
    "log_softmax": along_rows(lambda a: ag.log_softmax(a, axis=-1)),
}
"""Functions that NumPy lacks, or rounds otherwise for a number than `math` does for a float."""

REAL = ("maximum", "minimum", "hypot", "arctan2", "var", "norm")
"""Not analytic: kinked, or defined for real numbers alone."""

BINARY = (
    "add", "subtract", "multiply", "divide", "power", "hypot", "arctan2", "maximum", "minimum",
    "logaddexp", "logaddexp2",
)  # fmt: skip


def torch_table(torch):
    def reduce(name):
        return along_rows(lambda a: getattr(torch, name)(a, -1, keepdim=True))

    return composed(torch) | {
        "sum": reduce("sum"),
        "mean": reduce("mean"),
        "prod": along_rows(lambda a: torch.prod(torch.arctan(a), -1, keepdim=True)),
        "var": along_rows(lambda a: torch.var(torch.arctan(a), -1, correction=0, keepdim=True)),
        "cumsum": along_rows(lambda a: torch.cumsum(a, -1)),
        "cumprod": along_rows(lambda a: torch.cumprod(torch.arctan(a), -1)),
        "norm": along_rows(lambda a: torch.linalg.vector_norm(a + 3.0, dim=-1, keepdim=True)),
        "flip": along_rows(lambda a: torch.flip(a, (-1,))),
        "roll": along_rows(lambda a: torch.roll(a, 1, -1)),
        "einsum": along_rows(
            lambda a: torch.einsum("...i,...i->...", torch.arctan(a), a)[..., None]
        ),
        **{name: getattr(torch, name) for name in ("sigmoid", "erf", "erfc", "relu")},
        "softplus": lambda a: torch.logaddexp(a, torch.zeros_like(a)),
        "logaddexp": torch.logaddexp,
        "logaddexp2": torch.logaddexp2,
        "logsumexp": reduce("logsumexp"),
        "softmax": along_rows(lambda a: torch.softmax(a, -1)),
        "log_softmax": along_rows(lambda a: torch.log_softmax(a, -1)),
    }


@dataclass(frozen=True)
class Program:
    leaves: tuple[Any, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def run(self, leaves, table=NUMPY):
        """All results, the last one being the output."""
        results = list(leaves)
        for name, operands in self.steps:
            results.append(table[name](*(results[i] for i in operands)))
        return results

    @property
    def analytic(self) -> bool:
        return not any(name in REAL for name, _ in self.steps)

    def __repr__(self) -> str:
        kinds = ["float" if type(x) is float else f"{x.dtype}{x.shape}" for x in self.leaves]
        return f"Program({kinds}, {self.steps})"


SHAPES = [None, (), (3,), (1, 3), (2, 1), (2, 3), (1, 1), (1,), (4, 1, 1)]
"""Of leaves: None is a Python float. They all broadcast with each other."""


@st.composite
def programs(draw, dtypes=(np.float64,), table=NUMPY):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    leaves = []
    for shape in draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4)):
        if shape is None:
            leaves.append(float(rng.uniform(-1, 1)))
        else:
            leaves.append(np.asarray(rng.uniform(-1, 1, shape), draw(st.sampled_from(dtypes))))
    steps = []
    for count in range(len(leaves), len(leaves) + draw(st.integers(1, 10))):
        name = draw(st.sampled_from(sorted(table)))
        operands = st.integers(0, count - 1)
        arity = 2 if name in BINARY else 1
        # The latest result is always used, so that the last one depends on much.
        steps.append((name, (count - 1, draw(operands))[:arity]))
    return Program(tuple(leaves), tuple(steps))
