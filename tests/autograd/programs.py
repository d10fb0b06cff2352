"""Random expressions: graphs with shared nodes, repeated operands, broadcasting, scalars.

A `Program` is leaves and a list of operations on earlier results. `run` evaluates it with one of
three tables of functions: on Tensors or arrays (`NUMPY`), or on PyTorch's tensors (`torch_table`).
Python floats are computed with `math`, as a scalar node is.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st


def unary(numpys, maths):
    return lambda a: maths(a) if type(a) is float else numpys(a)


def reduction(numpys):
    def reduce(a):
        if type(a) is float:
            return a
        return numpys(a, axis=-1, keepdims=True) if a.ndim else numpys(a)

    return reduce


def larger(a, b):
    return max(a, b) if type(a) is type(b) is float else np.maximum(a, b)


def smaller(a, b):
    return min(a, b) if type(a) is type(b) is float else np.minimum(a, b)


def power(a, b):
    """`**` of arrays: of NumPy's own numbers, which 0-d arrays decay to, it has other bits."""
    if isinstance(a, np.generic) or isinstance(b, np.generic):
        a, b = (np.asarray(x) if isinstance(x, np.generic) else x for x in (a, b))
    return a**b


def composed(tanh, exp, log, sqrt):
    """Operations that keep their arguments where they are defined and their results small."""
    return {
        "add": operator.add,
        "subtract": operator.sub,
        "multiply": operator.mul,
        "divide": lambda a, b: a / (b * b + 1.0),
        "reciprocal": lambda a: 1 / (a * a + 2.0),
        "negative": operator.neg,
        "square": lambda a: power(tanh(a), 2),
        "power": lambda a, b: power(tanh(a) + 1.5, tanh(b)),
        "exponential": lambda a: power(2.0, tanh(a)),
        "tanh": tanh,
        "exp": lambda a: exp(tanh(a)),
        "log": lambda a: log(a * a + 1.0),
        "sqrt": lambda a: sqrt(a * a + 1.0),
        "shift": lambda a: 3 - a,
        "halve": lambda a: a / 2,
    }


NUMPY = composed(
    unary(np.tanh, math.tanh), unary(np.exp, math.exp), unary(np.log, math.log),
    unary(np.sqrt, math.sqrt),
)  # fmt: skip
NUMPY |= {"sum": reduction(np.sum), "mean": reduction(np.mean)}
NUMPY |= {"maximum": larger, "minimum": smaller}
KINKED = ("maximum", "minimum")
BINARY = ("add", "subtract", "multiply", "divide", "power", *KINKED)


def torch_table(torch):
    def reduce(name):
        return lambda a: getattr(torch, name)(a, -1, keepdim=True) if a.ndim else a

    table = composed(torch.tanh, torch.exp, torch.log, torch.sqrt)
    table |= {"sum": reduce("sum"), "mean": reduce("mean")}
    return table | {"maximum": torch.maximum, "minimum": torch.minimum}


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
    def smooth(self) -> bool:
        return not any(name in KINKED for name, _ in self.steps)

    def __repr__(self) -> str:
        kinds = ["float" if type(x) is float else f"{x.dtype}{x.shape}" for x in self.leaves]
        return f"Program({kinds}, {self.steps})"


SHAPES = [None, (), (3,), (1, 3), (2, 1), (2, 3), (1, 1), (1,), (4, 1, 1)]
"""Of leaves: None is a Python float. They all broadcast with each other."""


@st.composite
def programs(draw, dtypes=(np.float64,)):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    leaves = []
    for shape in draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4)):
        if shape is None:
            leaves.append(float(rng.uniform(-1, 1)))
        else:
            leaves.append(np.asarray(rng.uniform(-1, 1, shape), draw(st.sampled_from(dtypes))))
    steps = []
    for count in range(len(leaves), len(leaves) + draw(st.integers(1, 10))):
        name = draw(st.sampled_from(sorted(NUMPY)))
        operands = st.integers(0, count - 1)
        arity = 2 if name in BINARY else 1
        # The latest result is always used, so that the last one depends on much.
        steps.append((name, (count - 1, draw(operands))[:arity]))
    return Program(tuple(leaves), tuple(steps))
