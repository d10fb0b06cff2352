"""The graphs that teachers draw, to look at and to measure pictures on."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from itertools import pairwise
from typing import Any

import autograd as ag
import nn
from autograd import Tensor
from viz import examples

Build = Callable[[], Any]


def scalars(**values: float) -> list[Tensor]:
    """Leaves of these names."""
    return [Tensor(value, name=name) for name, value in values.items()]


def _numbers(count: int, seed: int = 0) -> list[float]:
    rng = random.Random(seed)
    return [round(rng.uniform(-1, 1), 2) for _ in range(count)]


def _leaves(letter: str, count: int, seed: int = 0) -> list[Tensor]:
    return [Tensor(v, name=f"{letter}{i}") for i, v in enumerate(_numbers(count, seed))]


def _matrix(name: str, rows: int, columns: int, seed: int = 0) -> Tensor:
    values = _numbers(rows * columns, seed)
    return Tensor([values[i * columns : (i + 1) * columns] for i in range(rows)], name=name)


def _total(terms: list[Tensor]) -> Tensor:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


# ---- networks


def xor() -> Tensor:
    """Two perceptrons and a third, as sigmoids."""
    x1, x2 = scalars(x1=1.0, x2=0.0)
    z1 = ag.sigmoid(x1 + x2 - 0.5)
    z2 = ag.sigmoid(1.5 - x1 - x2)
    return ag.sigmoid(z1 + z2 - 1.0)


def network(*widths: int) -> Tensor:
    """A network of single weights, and its squared error."""
    model = nn.MLP(widths[0], list(widths[1:-1]), 1, activation="tanh", rng=0, scalar=True)
    inputs = [Tensor(v, name=f"x{i + 1}") for i, v in enumerate(_numbers(widths[0]))]
    return ag.square(model(inputs) - 1.0)


def logistic_regression() -> Tensor:
    """Two samples, two features, mean cross-entropy."""
    w1, w2, b = scalars(w1=0.5, w2=-0.3, b=0.1)
    losses = []
    for x1, x2, y in ((1.0, 2.0, 1.0), (-1.0, 0.5, 0.0)):
        p = ag.sigmoid(w1 * x1 + w2 * x2 + b)
        losses.append(-ag.log(p) if y else -ag.log(1.0 - p))
    return (losses[0] + losses[1]) / 2.0


def softmax_scalars() -> Tensor:
    """Softmax with cross-entropy of three logits, in single numbers."""
    exps = [ag.exp(z) for z in _leaves("z", 3)]
    return -ag.log(exps[0] / _total(exps))


def softmax_arrays() -> Tensor:
    """The same on an array, softmax opened into its gates."""
    z = Tensor([0.5, -1.0, 2.0], name="z")
    p = ag.exp(z - ag.max(z))
    return -ag.log((p / ag.sum(p))[0])


def layer_norm_scalars() -> Tensor:
    """Layer norm of three numbers."""
    xs = _leaves("x", 3)
    gain, shift = scalars(gamma=1.5, beta=0.2)
    mean = _total(xs) / 3.0
    centred = [x - mean for x in xs]
    spread = ag.sqrt(_total([ag.square(c) for c in centred]) / 3.0 + 1e-5)
    return _total([c / spread * gain + shift for c in centred])


def layer_norm_arrays() -> Tensor:
    """Layer norm of an array."""
    x = Tensor([1.0, 2.0, 4.0], name="x")
    gain, shift = Tensor([1.0, 1.5, 0.5], name="gamma"), Tensor([0.0, 0.1, 0.2], name="beta")
    centred = x - ag.mean(x)
    out = centred / ag.sqrt(ag.mean(ag.square(centred)) + 1e-5) * gain + shift
    return ag.sum(ag.square(out))


def attention(scoped: bool) -> Tensor:
    """Attention of three tokens with two features."""
    scope = ag.scope if scoped else lambda name: nullcontext()
    x = _matrix("X", 3, 2)
    ways = []
    with scope("projections"):
        for name, seed in (("WQ", 1), ("WK", 2), ("WV", 3)):
            ways.append(x @ _matrix(name, 2, 2, seed))
    q, k, v = ways
    with scope("scores"):
        exps = ag.exp(q @ ag.transpose(k) / 2.0**0.5)
        weights = exps / ag.sum(exps, axis=1, keepdims=True)
    with scope("mix"):
        out = weights @ v
    return ag.sum(ag.square(out))


def attention_scalars() -> Tensor:
    """One query, three keys and values, in single numbers."""
    (q,) = scalars(q=0.7)
    exps = [ag.exp(q * key) for key in _leaves("k", 3, 1)]
    total = _total(exps)
    return _total([e / total * value for e, value in zip(exps, _leaves("v", 3, 2), strict=True)])


def recurrence(steps: int, scoped: bool) -> Tensor:
    """h = tanh(w·x + u·h + b), step by step."""
    w, u, b, h = scalars(w=0.5, u=0.8, b=0.1, h0=0.0)
    for i, value in enumerate(_numbers(steps), 1):
        x = Tensor(value, name=f"x{i}")
        with ag.scope(f"step {i}") if scoped else nullcontext():
            h = ag.tanh(w * x + u * h + b)
    return h


def lstm() -> Tensor:
    """Two steps of a cell with one unit, each in a scope."""
    h, c = scalars(h0=0.1, c0=0.0)
    gates = {g: (_leaves(f"w{g}", 1, i)[0], _leaves(f"u{g}", 1, i + 4)[0])
             for i, g in enumerate("ifog")}  # fmt: skip
    for i, value in enumerate((0.5, -1.0), 1):
        x = Tensor(value, name=f"x{i}")
        with ag.scope(f"step {i}"):
            s = {g: w * x + u * h for g, (w, u) in gates.items()}
            c = ag.sigmoid(s["f"]) * c + ag.sigmoid(s["i"]) * ag.tanh(s["g"])
            h = ag.sigmoid(s["o"]) * ag.tanh(c)
    return h


def gru() -> Tensor:
    """One step of a gated unit."""
    x, h = scalars(x=0.5, h=0.2)
    weights = _leaves("w", 3) + _leaves("u", 3, 1)
    z = ag.sigmoid(weights[0] * x + weights[3] * h)
    r = ag.sigmoid(weights[1] * x + weights[4] * h)
    n = ag.tanh(weights[2] * x + weights[5] * (r * h))
    return (1.0 - z) * n + z * h


def convolution_scalars() -> Tensor:
    """4×4 by 2×2, single weights, and the largest of the results."""
    image = [[Tensor(v, name=f"x{i}{j}") for j, v in enumerate(_numbers(4, i))] for i in range(4)]
    kernel = [[Tensor(v, name=f"k{i}{j}") for j, v in enumerate(_numbers(2, i))] for i in range(2)]
    found = [
        _total([image[r + i][c + j] * kernel[i][j] for i in range(2) for j in range(2)])
        for r in range(3)
        for c in range(3)
    ]
    return _total([ag.relu(value) for value in found])


def convolution_arrays() -> Tensor:
    """The same on arrays."""
    image, kernel = _matrix("X", 4, 4), ag.ravel(_matrix("K", 2, 2, 1))
    windows = ag.sliding_window_view(image, (2, 2))
    return ag.sum(ag.relu(ag.reshape(windows, (9, 4)) @ kernel))


def residual() -> Tensor:
    """x + F(x), F two layers in scopes."""
    h = Tensor([0.5, -0.2], name="x")
    for number in (1, 2):
        with ag.scope(f"block {number}"):
            inner = ag.relu(h @ _matrix(f"W{number}", 2, 2, number)) @ _matrix(
                f"V{number}", 2, 2, number + 2
            )
            h = h + inner
    return ag.sum(h)


def scoped_network() -> Tensor:
    """Three layers in scopes, in a scope."""
    h = Tensor([0.5, -0.2, 0.1], name="x")
    with ag.scope("network"):
        for number, (rows, columns) in enumerate(pairwise((3, 4, 4, 1)), 1):
            w, b = _matrix(f"W{number}", rows, columns, number), Tensor(
                _numbers(columns, number), name=f"b{number}")  # fmt: skip
            with ag.scope(f"layer {number}"):
                h = ag.sigmoid(h @ w + b)
    return h


def neurons(count: int) -> Tensor:
    """Neurons side by side, each in a scope, and one that reads them."""
    xs = _leaves("x", 2)
    found = []
    with ag.scope("hidden"):
        for number in range(count):
            w = _leaves(f"w{number + 1}_", 2, number)
            with ag.scope("neuron"):
                found.append(ag.tanh(w[0] * xs[0] + w[1] * xs[1]))
    return _total(found)


# ---- numerical methods


def newton(steps: int) -> Tensor:
    """x − (x² − a)/(2x), unrolled."""
    x, a = scalars(x0=1.0, a=2.0)
    for _ in range(steps):
        x = x - (ag.square(x) - a) / (2.0 * x)
    return x


def descent(steps: int) -> Tensor:
    """Gradient descent on (a·x − b)², unrolled, with its rate."""
    x, rate, a, b = scalars(x0=0.0, eta=0.1, a=2.0, b=1.0)
    for _ in range(steps):
        x = x - rate * (a * (a * x - b))
    return ag.square(a * x - b)


def runge_kutta(steps: int, scoped: bool) -> Tensor:
    """The classic method on dy/dt = −k·y."""
    y, k, h = scalars(y0=1.0, k=0.7, h=0.1)
    for i in range(steps):
        with ag.scope(f"step {i + 1}") if scoped else nullcontext():
            k1 = -k * y
            k2 = -k * (y + h / 2.0 * k1)
            k3 = -k * (y + h / 2.0 * k2)
            k4 = -k * (y + h * k3)
            y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return y


# ---- formulas


def out_of_order() -> Tensor:
    """b − a, a made first; and the same two in a quotient and a power."""
    a, b = scalars(a=2.0, b=3.0)
    return (b - a) * (b / a) + b**a


def pendulum() -> Tensor:
    """T = 2π√(l/g)·(1 + θ²/16)."""
    length, g, angle = scalars(l=1.0, g=9.81, theta=0.3)
    return 6.2832 * ag.sqrt(length / g) * (1.0 + ag.square(angle) / 16.0)


def lens() -> Tensor:
    """1/(1/a + 1/b)."""
    a, b = scalars(a=3.0, b=6.0)
    return 1.0 / (1.0 / a + 1.0 / b)


def energy() -> Tensor:
    """½mv² + mgh."""
    m, v, g, h = scalars(m=2.0, v=3.0, g=9.81, h=5.0)
    return 0.5 * m * ag.square(v) + m * g * h


def gas() -> Tensor:
    """Van der Waals: nRT/(V − nb) − a·n²/V²."""
    n, r, t, v, a, b = scalars(n=1.0, R=8.314, T=300.0, V=0.02, a=0.14, b=3.9e-5)
    return n * r * t / (v - n * b) - a * ag.square(n) / ag.square(v)


def gravity() -> Tensor:
    """G·m·M/((x − X)² + (y − Y)²)."""
    g, m, big, x, y, there_x, there_y = scalars(G=6.67, m=1.0, M=5.0, x=0.0, y=1.0, X=3.0, Y=5.0)
    return g * m * big / (ag.square(x - there_x) + ag.square(y - there_y))


def lorentz() -> Tensor:
    """m·c²/√(1 − v²/c²)."""
    m, v, c = scalars(m=1.0, v=0.6, c=1.0)
    return m * ag.square(c) / ag.sqrt(1.0 - ag.square(v) / ag.square(c))


def normal_density() -> Tensor:
    """The logarithm of a normal density at two points."""
    mu, sigma = scalars(mu=0.5, sigma=2.0)
    terms = [-0.5 * ag.square((x - mu) / sigma) - ag.log(sigma) for x in _leaves("x", 2)]
    return terms[0] + terms[1]


def determinant() -> Tensor:
    """Of 3×3 numbers."""
    a, b, c, d, e, f, g, h, i = (Tensor(v, name=n) for v, n in zip(_numbers(9), "abcdefghi",
                                                                   strict=True))  # fmt: skip
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def polynomial() -> Tensor:
    """By Horner's rule."""
    x, *coefficients = [*scalars(x=0.5), *_leaves("c", 5)]
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def tangle(gates: int, window: int = 8) -> Tensor:
    """Gates at random, each of two of the last few values; all are used."""
    rng = random.Random(gates)
    values = _leaves("x", 5)
    loose = list(values)
    for _ in range(gates):
        a, b = (rng.choice(values[-window:]) for _ in "ab")
        made = rng.choice([ag.add, ag.multiply, ag.maximum, ag.subtract])(a, b)
        loose = [v for v in loose if v is not a and v is not b] + [made]
        values.append(made)
    return values[-1] if len(loose) == 1 else _total(loose)


GALLERY: dict[str, Build] = {
    **{name: partial(examples.build, name) for name in examples.EXAMPLES},
    "xor": xor,
    "2-4-4-1": partial(network, 2, 4, 4, 1),
    "logistic regression": logistic_regression,
    "softmax, scalars": softmax_scalars,
    "softmax, arrays": softmax_arrays,
    "layer norm, scalars": layer_norm_scalars,
    "layer norm, arrays": layer_norm_arrays,
    "attention": partial(attention, False),
    "attention, scopes": partial(attention, True),
    "attention, scalars": attention_scalars,
    "recurrence 3": partial(recurrence, 3, False),
    "recurrence 7": partial(recurrence, 7, False),
    "recurrence 12": partial(recurrence, 12, False),
    "recurrence 3, scopes": partial(recurrence, 3, True),
    "recurrence 7, scopes": partial(recurrence, 7, True),
    "recurrence 12, scopes": partial(recurrence, 12, True),
    "LSTM": lstm,
    "GRU": gru,
    "convolution, scalars": convolution_scalars,
    "convolution, arrays": convolution_arrays,
    "residual": residual,
    "layers in scopes": scoped_network,
    "neurons in scopes": partial(neurons, 4),
    "Newton": partial(newton, 3),
    "gradient descent": partial(descent, 4),
    "Runge-Kutta": partial(runge_kutta, 1, False),
    "Runge-Kutta, scopes": partial(runge_kutta, 2, True),
    "out of order": out_of_order,
    "pendulum": pendulum,
    "lens": lens,
    "energy": energy,
    "gas": gas,
    "gravity": gravity,
    "lorentz": lorentz,
    "normal density": normal_density,
    "determinant": determinant,
    "polynomial": polynomial,
    "random 60": partial(tangle, 60),
    "random 150": partial(tangle, 150),
    "random 300": partial(tangle, 300),
}
