#!/usr/bin/env bash
# Expected: a layer without weights changes nothing of how a .weights.h5 of Keras is read, the less so
#   as the file holds the name of every layer; else load_weights raises.
# Seen with Keras 3.15.1: groups are called by the kind of a layer and its number among model.layers,
#   which are sorted by depth, the deepest first, and the names in the file are not compared. A
#   Dropout put after one of two branches renumbers them, and each takes the other's weights without
#   a word.
# For us: nn.load reads such files by the order in which Keras numbers layers, and where several
#   groups hold layers of one kind it asks for a .keras, which says the order (_check_order in
#   nn/exchange/keras_files.py).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet keras==3.15.1 h5py==3.16.0 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$room"
KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$room/venv/bin/python" -I - <<'PYTHON'
import h5py
import keras
import numpy as np
from keras import layers

print("Keras", keras.__version__)


def branches(*after_b):
    x = keras.Input((2,))
    a, b = layers.Dense(2, name="a")(x), layers.Dense(2, name="b")(x)
    for layer in after_b:
        b = layer(b)
    return keras.Model(x, layers.Add()([a, b]))


def weights(model):
    return {name: model.get_layer(name).get_weights()[0].max().item() for name in "ab"}


plain, dropping = branches(), branches(layers.Dropout(0.5))
for name, value in {"a": 1.0, "b": 2.0}.items():
    plain.get_layer(name).set_weights([np.full((2, 2), value), np.zeros(2)])
plain.save_weights("plain.weights.h5")
dropping.load_weights("plain.weights.h5")
with h5py.File("plain.weights.h5") as file:
    named = {group: file["layers"][group]["vars"].attrs["name"] for group in ("dense", "dense_1")}
print("names in the file:", named)
print("weights that were saved:", weights(plain))
print("weights that were read: ", weights(dropping))
assert named == {"dense": "a", "dense_1": "b"}
assert weights(plain) == {"a": 1.0, "b": 2.0} and weights(dropping) == {"a": 2.0, "b": 1.0}
PYTHON
