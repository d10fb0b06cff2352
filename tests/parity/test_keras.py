"""Weights that Keras wrote: a model of each kind of layer answers equally here."""

from __future__ import annotations

import numpy as np
import pytest

import nn

with pytest.MonkeyPatch.context() as surroundings:
    surroundings.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")

pytestmark = [
    pytest.mark.parity,
    # Of a variable of Keras 3.15 in NumPy 2.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),
]

K = keras.layers
RNG = np.random.default_rng(0)
D = {"dtype": np.float32}
ROWS, TOKENS = RNG.normal(size=(4, 5)), RNG.integers(0, 7, (4, 6))
STEPS, MAPS = RNG.normal(size=(4, 6, 5)), RNG.normal(size=(3, 9, 8, 4))
LINES, SOLIDS = RNG.normal(size=(3, 9, 4)), RNG.normal(size=(2, 5, 4, 3, 4))


class Norms(nn.Module):
    """Attention and a normalisation, as the functional model has them."""

    def __init__(self):
        self.table = nn.Embedding(7, 8)
        self.attention = nn.MultiHeadAttention(8, 2)
        self.norm = nn.LayerNorm(8, 1e-3)
        self.inner = nn.Sequential(nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 8))
        self.output = nn.Linear(8, 3)

    def forward(self, x):
        h = self.table(x)
        h = self.norm(h + self.attention(h))
        return self.output(h + self.inner(h))


def functional():
    x = keras.Input((6,))
    h = K.Embedding(7, 8)(x)
    h = K.LayerNormalization()(h + K.MultiHeadAttention(2, 4)(h, h))
    h = h + keras.Sequential([K.Dense(5, activation="relu"), K.Dense(8)])(h)
    return keras.Model(x, K.Dense(3)(h))


def block():
    x = keras.Input((6, 8))
    h = K.LayerNormalization()(x)
    h = x + K.MultiHeadAttention(2, 4)(h, h)
    inner = K.Dense(12, activation="gelu")(K.LayerNormalization()(h))
    return keras.Model(x, h + K.Dense(8)(inner))


def first(*layers):
    """The outputs of recurrent layers, one after the other."""
    found = []
    for layer in layers:
        found += [layer, lambda x: x[0]]
    return nn.Sequential(*found)


def theirs(*layers, shape):
    return keras.Sequential([keras.Input(shape), *layers])


RNN = {"return_sequences": True}

MODELS = {
    "rows": (
        lambda: theirs(K.Dense(6, activation="tanh"), K.BatchNormalization(), K.PReLU(), K.Dense(2),
                       shape=(5,)),
        lambda: nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.BatchNorm(6, eps=1e-3), nn.PReLU(6),
                              nn.Linear(6, 2)),
        ROWS,
    ),
    "without biases": (
        lambda: theirs(K.Dense(12, use_bias=False), *[K.Dense(3) for _ in range(11)], shape=(5,)),
        lambda: nn.Sequential(nn.Linear(5, 12, bias=False), nn.Linear(12, 3),
                              *[nn.Linear(3, 3) for _ in range(10)]),
        ROWS,
    ),
    "images": (
        lambda: theirs(
            K.Conv2D(6, (3, 2), strides=2, activation="relu"), K.BatchNormalization(),
            K.GroupNormalization(3), K.Conv2D(4, 3, padding="same", groups=2),
            K.MaxPooling2D(2), K.Flatten(), K.BatchNormalization(), K.Dense(5), K.Dense(2),
            shape=(9, 8, 4),
        ),
        lambda: nn.Sequential(
            nn.Conv2d(4, 6, (3, 2), stride=2), nn.ReLU(), nn.BatchNorm2d(6, eps=1e-3),
            nn.GroupNorm(3, 6, 1e-3), nn.Conv2d(6, 4, 3, padding="same", groups=2), nn.MaxPool2d(2),
            nn.Flatten(), nn.BatchNorm(16, eps=1e-3), nn.Linear(16, 5), nn.Linear(5, 2),
        ),
        MAPS,
    ),
    "depthwise and transposed": (
        lambda: theirs(
            K.DepthwiseConv2D(3, depth_multiplier=2), K.Conv2DTranspose(3, 3, strides=2),
            K.GlobalAveragePooling2D(), K.Dense(2), shape=(9, 8, 4),
        ),
        lambda: nn.Sequential(
            nn.Conv2d(4, 8, 3, groups=4), nn.ConvTranspose2d(8, 3, 3, stride=2),
            nn.GlobalAvgPool2d(), nn.Linear(3, 2),
        ),
        MAPS,
    ),
    "lines": (
        lambda: theirs(K.Conv1D(5, 3, dilation_rate=2), K.Conv1DTranspose(3, 2), K.Flatten(),
                       K.Dense(2), shape=(9, 4)),
        lambda: nn.Sequential(nn.Conv1d(4, 5, 3, dilation=2), nn.ConvTranspose1d(5, 3, 2),
                              nn.Flatten(), nn.Linear(18, 2)),
        LINES,
    ),
    "solids": (
        lambda: theirs(K.Conv3D(5, 2), K.Flatten(), K.Dense(2), shape=(5, 4, 3, 4)),
        lambda: nn.Sequential(nn.Conv3d(4, 5, 2), nn.Flatten(), nn.Linear(120, 2)),
        SOLIDS,
    ),
    "recurrences": (
        lambda: theirs(K.LSTM(4, **RNN), K.GRU(3, **RNN), K.SimpleRNN(2, **RNN), shape=(6, 5)),
        lambda: first(nn.LSTM(5, 4), nn.GRU(4, 3), nn.RNN(3, 2)),
        STEPS,
    ),
    "layers in both directions": (
        lambda: theirs(
            *[K.Bidirectional(K.GRU(4, **RNN)) for _ in range(2)], K.LSTM(3, use_bias=False, **RNN),
            shape=(6, 5),
        ),
        lambda: first(
            nn.GRU(5, 4, num_layers=2, bidirectional=True), nn.LSTM(8, 3, bias=False)
        ),
        STEPS,
    ),
    "attention": (functional, Norms, TOKENS),
    "block": (
        block, lambda: nn.TransformerBlock(8, 2, hidden=12, activation="gelu", eps=1e-3),
        RNG.normal(size=(4, 6, 8)),
    ),
    "MLP": (
        lambda: theirs(*[K.Dense(n, activation="relu") for n in (6, 4)], K.Dense(2), shape=(5,)),
        lambda: nn.MLP(5, [6, 4], 2), ROWS,
    ),
}  # fmt: skip


def randomised(model):
    """With other numbers in all weights, variances above 0."""
    model.set_weights([
        RNG.normal(scale=0.5, size=w.shape) ** (2 if "variance" in v.path else 1)
        for w, v in zip(model.get_weights(), model.weights, strict=True)
    ])  # fmt: skip
    return model


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_keras_answers_equally_here(name, tmp_path):
    make, ours, x = MODELS[name]
    model = randomised(make())
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "m.keras")
    model.save_weights(tmp_path / "m.weights.h5")
    given = np.moveaxis(x, -1, 1) if any(x is maps for maps in (MAPS, LINES, SOLIDS)) else x
    for path in sorted(tmp_path.iterdir()):
        if name == "attention" and path.suffix == ".h5":
            with pytest.raises(nn.StateError, match=r"in which order the dense .*model\.save"):
                nn.load(path, into=ours())
        else:
            found = nn.load(path, into=ours()).eval()
            np.testing.assert_allclose(found(given).data, expected, rtol=2e-5, atol=2e-5)


def saved(tmp_path, *layers, shape=(5,)):
    path = tmp_path / "m.keras"
    theirs(*layers, shape=shape).save(path)
    return path


@pytest.mark.parametrize(
    ("layers", "model", "words"),
    [
        ([K.Dense(2)], nn.Linear(5, 3), r"weight expects shape \(5, 3\)"),
        ([K.Dense(2)], nn.Linear(5, 2, bias=False), "has 2 arrays, and the model expects weight"),
        (
            [K.Dense(2), K.Dense(2)],
            nn.Linear(5, 2),
            "that the model has not: layers/dense_1",
        ),
        ([K.Dense(2)], nn.MLP(5, [2], 2), r"no further dense for Linear\(2, 2\)"),
        ([K.BatchNormalization()], nn.BatchNorm(5), r"eps=0\.001, and the model 1e-05"),
        ([K.Dense(2)], nn.Sequential(nn.Linear(5, 2), nn.Maxout(2, 2)), "missing: layers.1.weight"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(layers, model, words, tmp_path):
    before = model.state_dict()
    with pytest.raises(nn.StateError, match=words):
        nn.load(saved(tmp_path, *layers), into=model)
    for name, value in before.items():
        np.testing.assert_array_equal(model.state_dict()[name], value)


@pytest.mark.parametrize(
    ("layer", "model"),
    [
        (K.Bidirectional(K.LSTM(4)), nn.GRU(5, 4, bidirectional=True)),
        (K.Bidirectional(K.GRU(3)), nn.LSTM(5, 3, bidirectional=True)),
        (K.LSTM(4, use_bias=False), nn.LSTM(5, 4)),
        (K.LSTM(4), nn.LSTM(5, 3)),
    ],
)
def test_recurrences_of_another_kind_or_size_are_refused(layer, model, tmp_path):
    with pytest.raises(nn.StateError):
        nn.load(saved(tmp_path, layer, shape=(6, 5)), into=model)


def test_a_gru_that_resets_before_the_product_is_another(tmp_path):
    path = saved(tmp_path, K.GRU(3, reset_after=False), shape=(6, 5))
    with pytest.raises(nn.StateError, match="reset_after=False"):
        nn.load(path, into=nn.GRU(5, 3))
