#!/usr/bin/env bash
# Expected: SGD with momentum takes the same path in two libraries of the same settings.
# Seen: only while the rate stays. PyTorch 2.13.0 keeps a velocity of gradients and multiplies it by
#   today's rate; Keras 3.15.1 and scikit-learn 1.9.1 keep a velocity that holds the rates it was made
#   with. Slopes 2 and 1, rate 0.1 and then 0.01, momentum 0.9: the second step is -0.028 in the first
#   and -0.19 in the others, almost seven times as long. A schedule copied from one to the other
#   trains another model.
# For us: PyTorch's form (nn/optim/adaptive.py); the table of optimisers in docs/coming-from.md.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$room"
KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

import keras
import numpy as np
import torch
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

print(*(f"{name} {version(name)}" for name in ("torch", "keras", "scikit-learn")))
SLOPES, RATES = (2.0, 1.0), (0.1, 0.01)


def torchs():
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    for slope, rate in zip(SLOPES, RATES):
        optimizer.param_groups[0]["lr"] = rate
        w.grad = torch.tensor(slope)
        optimizer.step()
        yield w.item()


def kerass():
    w = keras.Variable(1.0)
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    for slope, rate in zip(SLOPES, RATES):
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(slope)], [w])
        yield float(w)


def scikits():
    w = np.array([1.0])
    optimizer = SGDOptimizer([w], 0.1, momentum=0.9, nesterov=False)
    for slope, rate in zip(SLOPES, RATES):
        optimizer.learning_rate = rate
        optimizer.update_params([w], [np.array([slope])])
        yield float(w[0])


moves = {}
for name, path in (("PyTorch", torchs), ("Keras", kerass), ("scikit-learn", scikits)):
    first, second = path()
    moves[name] = round(first - 1.0, 4), round(second - first, 4)
    print(name, moves[name])
assert moves["PyTorch"] == (-0.2, -0.028)
assert moves["Keras"] == moves["scikit-learn"] == (-0.2, -0.19)
PYTHON
