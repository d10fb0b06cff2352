#!/usr/bin/env bash
# Expected: MLPRegressor((5,)) is one of five hidden neurons, as MLPClassifier((5,)) is, and a fitted
#   MLPRegressor is converted by skl2onnx whatever loss it was fitted by, or is refused by a reason.
# Seen with scikit-learn 1.9.1: `loss`, the newest argument, is the first one, before the two that may
#   be given by position; (5,) is taken for a loss, and refused as late as by fit. By
#   loss="poisson" the network ends in an exponential, of which skl2onnx 1.20.0 says KeyError: 'exp'.
# For us: nn.from_sklearn takes that exponential over: tests/nn/test_from_sklearn.py::
#   test_a_regressor_of_counts.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I -W ignore - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier, MLPRegressor


def attempt(call):
    try:
        return type(call()).__name__
    except Exception as error:
        return f"{type(error).__name__}: {error}"


print(*(f"{name} {version(name)}" for name in ("scikit-learn", "skl2onnx")))
x, y = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32), np.arange(40) % 4
counts = MLPRegressor(loss="poisson", hidden_layer_sizes=(5,), random_state=0).fit(x, y)
squares = MLPRegressor(hidden_layer_sizes=(5,), random_state=0).fit(x, y)
seen = {
    "MLPClassifier((5,)).fit": attempt(lambda: MLPClassifier((5,)).fit(x, y)),
    "MLPRegressor((5,))": attempt(lambda: MLPRegressor((5,))),
    "MLPRegressor((5,)).fit": attempt(lambda: MLPRegressor((5,)).fit(x, y)),
    "to_onnx, squared_error": attempt(lambda: to_onnx(squares, x[:1])),
    "to_onnx, poisson": attempt(lambda: to_onnx(counts, x[:1])),
}
for what, told in seen.items():
    print(f"{what}: {told}")
assert counts.out_activation_ == "exp"
first, second, third, fourth, fifth = seen.values()
assert (first, second, fourth) == ("MLPClassifier", "MLPRegressor", "ModelProto")
assert "'loss' parameter of MLPRegressor" in third and fifth == "KeyError: 'exp'"
PYTHON
