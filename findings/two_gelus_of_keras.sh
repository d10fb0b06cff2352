#!/usr/bin/env bash
# Expected: gelu is one function in a library, whichever door one takes to it.
# Seen with Keras 3.15.1: keras.ops.gelu is the approximation by tanh, as in JAX 0.10.2, while
#   keras.activations.gelu and a layer's activation="gelu" are the exact one: 0.841192 and 0.841345 at
#   1. A model rewritten from layers to operations is off from the fourth digit on. Leaky ReLU has
#   two slopes in the same way: 0.2 as the operation, 0.3 as the layer.
# For us: nn.gelu and nn.GELU() are the exact one, nn.gelu_tanh the other; the tables of defaults in
#   docs/coming-from.md have both doors.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$room"
KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
import jax
import keras
import numpy as np

print("keras", keras.__version__, "jax", jax.__version__)
one, minus = np.ones(1, np.float32), -np.ones(1, np.float32)
found = {
    "jax.nn.gelu(1)": jax.nn.gelu(one),
    "keras.ops.gelu(1)": keras.ops.gelu(one),
    "keras.activations.gelu(1)": keras.activations.gelu(one),
    'Activation("gelu")(1)': keras.layers.Activation("gelu")(one),
    "keras.ops.leaky_relu(-1)": keras.ops.leaky_relu(minus),
    "LeakyReLU()(-1)": keras.layers.LeakyReLU()(minus),
}
numbers = [round(float(np.asarray(value)[0]), 5) for value in found.values()]
for what, number in zip(found, numbers):
    print(what, number)
assert numbers == [0.84119, 0.84119, 0.84134, 0.84134, -0.2, -0.3]
PYTHON
