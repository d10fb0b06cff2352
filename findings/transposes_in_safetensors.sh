#!/usr/bin/env bash
# Expected: safetensors.numpy writes the entries of an array, whatever its order in memory, or refuses
#   it, as safetensors.torch does. In Fortran's order an array is contiguous and dense, too, which is
#   all that save_file asks for.
# Seen with safetensors 0.8.0: it takes the memory as it lies, and the shape as it is. The weights of
#   a network of scikit-learn's, transposed as PyTorch has them, are read again in another order.
# For us: nn/exchange/safetensors.py writes the bytes of the row-major order; tests/nn/
#   test_safetensors.py::test_arrays_of_every_dtype_and_order_come_back.
# Source: https://github.com/safetensors/safetensors/issues/825 (open; 0.7.0 was right).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet safetensors==0.8.0 numpy==2.4.6 scikit-learn==1.9.1
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.neural_network import MLPRegressor

print("safetensors", version("safetensors"))
x = np.random.default_rng(0).normal(size=(20, 3))
network = MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", random_state=0).fit(x, x[:, 0])
weight = network.coefs_[0].T
save_file({"weight": weight, "copy": weight.copy()}, "w.safetensors")
found = load_file("w.safetensors")
for what, array in {"given": weight, "read": found["weight"], "copy, read": found["copy"]}.items():
    print(f"{what}: {array.round(2).tolist()}")
assert weight.shape == found["weight"].shape == (2, 3)
same = np.array_equal(np.ascontiguousarray(weight), found["weight"])
assert not same and np.array_equal(found["weight"].ravel(), weight.ravel("K"))
PYTHON
