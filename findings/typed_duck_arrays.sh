#!/usr/bin/env bash
# Expected: a class whose __array_ufunc__ is annotated to return the class itself is what type
#   checkers take np.exp(x) and np.add(x, 1.0) for; it is what comes back.
# Seen: with NumPy 2.4.6 no checker reads that annotation. A class that has __array__ too is typed as
#   giving an ndarray; one without it as Any by ufuncs of one operand, and as an error by those of
#   two. Of np.generic alone, which no duck array derives from, all is Any. mypy 2.4.1 and
#   basedpyright 1.40.2 agree in each, so neither is to blame: the overloads are.
# For us: to checkers alone a Tensor is an np.generic (autograd/laid.pyi), which tests/types holds:
#   test_typical_use.py reads np.exp(x).sum().backward() by both checkers, strictly.
# Source: https://github.com/numpy/numpy/pull/21968 (why two operands were left out).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet numpy==2.4.6 mypy==2.4.1 basedpyright==1.40.2
cd "$room"
cat > ducks.py <<'PYTHON'
from typing import Any, Self
import numpy as np

class Bare:
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kw: Any) -> Self:
        return self

class Duck(Bare):
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.ones(2)

def look(duck: Duck, bare: Bare, scalar: "np.generic[Any]") -> None:
    reveal_type(np.exp(duck))
    reveal_type(np.exp(bare))
    np.add(bare, 1.0)
    reveal_type(np.exp(scalar))
PYTHON
"$room/venv/bin/python" -I - <<'PYTHON'
import re
import runpy
import subprocess
import sys
from importlib.metadata import version

import numpy as np

print(*(f"{name} {version(name)}" for name in ("numpy", "mypy", "basedpyright")))
ducks = runpy.run_path("ducks.py")
duck, bare = ducks["Duck"](), ducks["Bare"]()
run = [type(f).__name__ for f in (np.exp(duck), np.exp(bare), np.add(bare, 1.0))]
print("at run time:", run)
assert run == ["Duck", "Bare", "Bare"]
for checker in ("mypy", "basedpyright"):
    out = subprocess.run([sys.executable, "-m", checker, "ducks.py"], capture_output=True, text=True)
    said = re.findall(r'(?:Revealed type is|Type of "np\.exp\(\w+\)" is) "(?:numpy\.)?(\w+)', out.stdout)
    refused = bool(re.search(r"ducks\.py:15.*error: No overload", out.stdout))
    print(f"{checker}: exp of duck, bare and scalar are {said}, add of bare refused: {refused}")
    assert said == ["ndarray", "Any", "Any"] and refused
PYTHON
