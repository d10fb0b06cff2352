#!/usr/bin/env bash
# Expected: a @= duck asks the duck array as a *= duck does: __array_ufunc__ with the two operands and
#   out=(a,), so that a library that takes no out= says so.
# Seen: NumPy 2.4.6 passes axes= along with it, three pairs of axes that nobody wrote (a @ duck passes
#   nothing). Dask 2026.8.0 and MyGrad 2.5.0 then complain of the keyword axes in @=, where of *= they
#   say that they take no such out, or that it is read-only.
# For us: of several keywords that a gate does not take, out= is the one that is named
#   (autograd/keywords.py), held by tests/autograd/program/test_writing.py::
#   test_a_tensor_is_not_written_into_an_array_compiled_or_not.
# Source: https://github.com/numpy/numpy/pull/21120 (which made @= of arrays).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet numpy==2.4.6 "dask[array]==2026.8.0" mygrad==2.5.0
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version
from operator import imatmul, imul

import dask.array
import mygrad
import numpy as np

print(*(f"{name} {version(name)}" for name in ("numpy", "dask", "mygrad")))


class Duck:
    ndim = 2

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        told.append({name: value for name, value in keywords.items() if name != "out"})
        return inputs[0]


told = []
array = np.eye(2)
imul(array, Duck()), imatmul(array, Duck()), array @ Duck()
print("besides out=, a *= duck, a @= duck and a @ duck pass:", *told)
assert told == [{}, {"axes": [(-2, -1)] * 3}, {}]

for name, make in {"Dask": dask.array.from_array, "MyGrad": mygrad.tensor}.items():
    for operation in (imul, imatmul):
        try:
            operation(np.eye(2), make(np.eye(2)))
        except (NotImplementedError, TypeError, ValueError) as error:
            print(f"{name}, {operation.__name__}: {type(error).__name__}: {error}")
            assert ("'axes'" in str(error)) == (operation is imatmul)
        else:
            raise SystemExit(f"{name} answers {operation.__name__} now")
PYTHON
