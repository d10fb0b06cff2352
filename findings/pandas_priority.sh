#!/usr/bin/env bash
# Expected: with __pandas_priority__ above a frame's, pandas leaves every operator to the other
#   operand, as the guide to extending it says; operators that write fall back on plain ones.
# Seen in pandas 3.1.1: -, <, & and their like are left, but `series @ x` and `frame @ x` never ask
#   and take the numbers by __array__, without a word; and `series -= x` does not fall back as
#   Python's in-place operators do: it takes NotImplemented for a result, and ends in an
#   AttributeError about 'NotImplementedType'. Without the attribute all of them take the numbers.
# For us: Tensor.__pandas_priority__ (autograd/operators.py) keeps the gradient of `series - t`;
#   what asks for numbers is refused with what to write (autograd/leaving.py), and `series -= t`
#   raises and changes nothing: tests/autograd/test_frames.py::
#   test_a_method_that_takes_the_numbers_is_refused_and_says_what_to_write and
#   test_an_operator_in_place_changes_nothing.
# Source: https://github.com/pandas-dev/pandas/pull/48347 (the attribute; neither gap is told there).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet pandas==3.1.1 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import operator

import numpy as np
import pandas as pd


class Node:
    """Operators of its own on the right, and an array for who asks."""

    shape, ndim, dtype = (2,), 1, np.dtype(float)

    def __array__(self, dtype=None, copy=None):
        return np.ones(2)

    def __len__(self):
        return 2

    __rsub__ = __rmatmul__ = lambda self, other: self
    __gt__ = __rsub__


class First(Node):
    __pandas_priority__ = 5000


def seen(call, left, right):
    try:
        out = call(left.copy(), right)
    except AttributeError as error:
        return f"AttributeError: {error}"
    return "left to the other" if out is right else "the numbers"


print("pandas", pd.__version__, "NumPy", np.__version__)
found = {}
for left in (pd.Series([1.0, 2.0]), pd.DataFrame([[1.0, 2.0]])):
    for call in (operator.sub, operator.lt, operator.matmul, operator.isub):
        what = f"{type(left).__name__} {call.__name__}"
        found[what] = seen(call, left, First())
        print(f"{what}: {found[what]}; without the attribute: {seen(call, left, Node())}")
        assert seen(call, left, Node()) == "the numbers"
for kind in ("Series", "DataFrame"):
    assert found[f"{kind} sub"] == found[f"{kind} lt"] == "left to the other"
    assert found[f"{kind} matmul"] == "the numbers"
    assert "'NotImplementedType'" in found[f"{kind} isub"]
PYTHON
