"""Draw the pictures of the notebooks' index, each of which is read at 200 pixels across.

    python notebooks/thumbnails.py           # all
    python notebooks/thumbnails.py 03 13     # by number

Needs the extra train; 07 and 11 need MNIST (`nn.data.load_mnist`). That of 19 is cut from its
figure. A thumbnail shows what its
notebook is about with few and large signs: it is no copy of a figure there.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from PIL import Image

import autograd as ag
import nn
import viz
from autograd import Tensor
from nn import optim

FOLDER = Path(__file__).resolve().parent / "thumbnails"
SIZE = (480, 300)
MARGIN = 14
LARGEST = 4.0  # Pixels a point, of pictures of few gates.


def graph(picture: Any) -> Image.Image:
    """A picture as large as there is room for."""
    drawn = trimmed(picture.png)
    room = [whole - 2 * MARGIN for whole in SIZE]
    scale = min(room[0] / drawn.width, room[1] / drawn.height)
    return trimmed(bitmap(picture, min(144 * scale, 72 * LARGEST)))


def bitmap(picture: Any, dpi: float) -> bytes:
    path = FOLDER / ".drawn.png"
    content: bytes = picture.save(path, dpi=dpi).read_bytes()
    path.unlink()
    return content


def trimmed(png: bytes) -> Image.Image:
    """Without the white around."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    ink = np.argwhere(np.asarray(image).min(axis=2) < 250)
    (top, left), (low, right) = ink.min(axis=0), ink.max(axis=0) + 1
    return image.crop((left, top, right, low))


def plot(draw: Callable[..., Any], *, ticks: bool = False, across: int = 1) -> Image.Image:
    """A plot on Axes so small that its letters are large; `draw` is given them."""
    figure = Figure(figsize=(SIZE[0] / 200, SIZE[1] / 200), dpi=200, layout="constrained")
    panels = figure.subplots(1, across, squeeze=False)[0]
    draw(*panels)
    for ax in panels:
        ax.set(xlabel="", ylabel="")
        if not ticks:
            ax.set(xticks=[], yticks=[])
        if ax.get_legend():
            ax.get_legend().remove()
        for points in ax.collections:
            if isinstance(points, PathCollection):
                points.set(sizes=0.25 * points.get_sizes(), linewidths=0.4)
    file = io.BytesIO()
    figure.savefig(file)
    return Image.open(file).convert("RGB")


def tensors(**values: float) -> Iterator[Tensor]:
    return (Tensor(value, name=name) for name, value in values.items())


def moons(model: Any, title: str, penalty: Any = None, noise: float = 0.12) -> Callable[[Any], Any]:
    X, y = nn.data.moons(100, noise=noise, rng=0)
    nn.fit(model, X, y, loss="cross_entropy", optimizer=optim.Adam(lr=0.03), penalty=penalty,
           epochs=1000, batch_size=100, rng=0, progress=False)  # fmt: skip
    return lambda ax: viz.plot_decision_boundary(model, X, y, ax=ax, title=title)


def chain_rule() -> Image.Image:
    x, y, z = tensors(x=1.0, y=2.0, z=1.0)
    return graph(viz.draw((x + y) * z, caption=False))


def sigmoid_neuron() -> Image.Image:
    (z,) = tensors(z=1.0)
    return graph(viz.draw(ag.sigmoid(z), caption=False, digits=2))


def patterns() -> Image.Image:
    z, w = tensors(z=2.0, w=-1.0)
    return graph(viz.draw(ag.maximum(z, w), gradient=2.0, caption=False))


def matrices() -> Image.Image:
    rng = np.random.default_rng(0)
    W, X = Tensor(rng.normal(size=(8, 8)), name="W"), Tensor(rng.normal(size=(8, 8)), name="X")
    return graph(viz.draw(W @ X, gradient=np.ones((8, 8)), caption=False))


def networks() -> Image.Image:
    X, y = nn.data.moons(300, noise=0.12, rng=0)
    model = nn.MLP(2, [16, 2], 1, activation="tanh", rng=3)
    nn.fit(model, X, y, loss="binary_cross_entropy", optimizer=optim.Adam(lr=0.02), epochs=150,
           rng=0, progress=False)  # fmt: skip
    one, two, last = model.layers
    found = np.tanh(two(np.tanh(one(X).data)).data)

    def draw(left: Any, right: Any) -> None:
        viz.plot_decision_boundary(model, X, y, ax=left, title="")
        viz.plot_decision_boundary(last, found, y, ax=right, title="")

    return plot(draw, across=2)


def vanishing(initializer: Any, activation: str) -> Image.Image:
    X, y = nn.data.moons(300, noise=0.12, rng=0)
    flow = viz.GradientFlow()
    model = nn.MLP(2, [16] * 5, 1, activation=activation, initializer=initializer, rng=0)
    nn.fit(model, X, y, loss="binary_cross_entropy", epochs=6, callbacks=[flow],
           optimizer=optim.SGD(lr=0.1, momentum=0.9), rng=0, progress=False)  # fmt: skip
    norms = {name[-1]: values for name, values in flow.norms.items()}
    return plot(lambda ax: viz.plot_gradient_flow(norms, ax=ax, title=""), ticks=True)


def digits() -> Image.Image:
    *_, images, _ = nn.data.load_mnist()
    return plot(lambda ax: show(ax, images[:15].reshape(3, 5, 28, 28)))


def show(ax: Any, images: np.ndarray) -> None:
    rows, columns, *_ = images.shape
    ax.imshow(images.swapaxes(1, 2).reshape(28 * rows, 28 * columns), cmap="Blues")
    ax.set_axis_off()


def optimisers() -> Image.Image:
    several = {
        "SGD": optim.SGD(lr=0.05),
        "momentum": optim.SGD(lr=0.02, momentum=0.8),
        "RMSProp": optim.RMSProp(lr=0.1),
        "Adam": optim.Adam(lr=0.3),
    }
    paths = viz.plot_loss_surface(
        valley, several, start=(-3, 1), steps=40, xlim=(-3.4, 1.6), ylim=(-1.3, 1.3)
    ).lines[::3]
    given = {str(line.get_label()): line.get_xydata() for line in paths}

    def draw(ax: Any) -> None:
        viz.plot_loss_surface(valley, given, xlim=(-3.4, 1.6), ylim=(-1.3, 1.3), ax=ax, title="")
        for text in ax.texts:
            text.remove()

    return plot(draw)


def valley(x: Any, y: Any) -> Any:
    return 0.5 * x**2 + 10.0 * y**2


def overfitting() -> Image.Image:
    drawn = [
        moons(nn.MLP(2, [20], 2, activation="tanh", rng=0), name, penalty, noise=0.35)
        for name, penalty in (("free", None), ("held", nn.penalties.L2(0.01)))
    ]
    return plot(lambda *axes: [one(ax) for one, ax in zip(drawn, axes, strict=True)], across=2)


def autoencoder() -> Image.Image:
    X, _, images, _ = nn.data.load_mnist()
    rng = np.random.default_rng(0)
    model = nn.MLP(784, [64], 784, rng=0)
    noisy, clean = (X[:5000] + 0.35 * rng.normal(size=(5000, 784))).astype("float32"), X[:5000]
    nn.fit(model, noisy, clean, loss="mse", optimizer=optim.Adam(lr=0.002), epochs=15,
           batch_size=64, rng=0, progress=False)  # fmt: skip
    given = (images[:4] + 0.35 * rng.normal(size=(4, 784))).astype("float32")
    made = np.stack([given, nn.predict(model, given)]).reshape(2, 4, 28, 28)
    return plot(lambda ax: show(ax, np.clip(made, 0, 1)))


def compiler() -> Image.Image:
    program = ag.compile(lambda x: np.exp(x))
    program(np.array([-1.0, -2.0]))
    return graph(viz.draw(program.program, title=""))


def own_gate() -> Image.Image:
    return plot(lambda ax: viz.plot_function("softplus", (-4, 4), label="f", ax=ax, title=""))


def debugging() -> Image.Image:
    (d,) = tensors(d=0.0)
    return graph(viz.draw(ag.sqrt(d**2), caption=False))


def output_layer() -> Image.Image:
    def draw(left: Any, right: Any) -> None:
        viz.plot_function(surprise, (-6, 6), ax=left, title="−log σ", label="f")
        viz.plot_function(squared, (-6, 6), ax=right, title="(1 − σ)²", label="f")

    return plot(draw, across=2)


def surprise(z: Any) -> Any:
    return -ag.log(ag.sigmoid(z))


def squared(z: Any) -> Any:
    return (1 - ag.sigmoid(z)) ** 2


def convolution() -> Image.Image:
    model = nn.Sequential(nn.Conv2d(1, 4, 5, rng=0), nn.ReLU(), nn.MaxPool2d(2))
    return graph(viz.draw_network(model, np.ones((1, 1, 28, 28))))


def recurrence() -> Image.Image:
    steps = np.arange(40, 0, -1)
    norms = {f"×{rate}": rate**steps for rate in (0.7, 1.0, 1.2)}
    return plot(lambda ax: viz.plot_gradient_flow(norms, ax=ax, title=""), ticks=True)


def attention() -> Image.Image:
    layer = nn.MultiHeadAttention(8, 2, causal=True, rng=0)
    shares = layer.weights(np.random.default_rng(0).normal(size=(1, 9, 8))).data[0]

    def draw(*panels: Any) -> None:
        for ax, head in zip(panels, shares, strict=True):
            viz.plot_attention(head, ax=ax, title="")

    return plot(draw, across=2)


def dropout() -> Image.Image:
    drawn = [
        moons(nn.Sequential(nn.Linear(2, 60, rng=0), nn.Tanh(), *between, nn.Linear(60, 2, rng=1)),
              name, noise=0.35)
        for name, between in (("by heart", []), ("dropout", [nn.Dropout(0.5, rng=0)]))
    ]  # fmt: skip
    return plot(lambda *axes: [one(ax) for one, ax in zip(drawn, axes, strict=True)], across=2)


def faint(shape: Any, rng: Any, dtype: Any) -> Any:
    return nn.initializers.normal(shape, rng, dtype, std=0.03)


DRAWN: dict[str, Callable[[], Image.Image]] = {
    "01": chain_rule, "02": sigmoid_neuron, "03": patterns, "04": matrices, "05": networks,
    "06": lambda: vanishing("he_normal", "sigmoid"), "07": digits, "08": optimisers,
    "09": overfitting, "10": lambda: vanishing(faint, "tanh"), "11": autoencoder,
    "12": compiler, "13": own_gate, "14": debugging, "15": output_layer, "16": convolution,
    "17": recurrence, "18": attention, "20": dropout,
}  # fmt: skip


def main(numbers: list[str]) -> None:
    matplotlib.use("agg")
    for number, draw in DRAWN.items():
        if numbers and number not in numbers:
            continue
        drawn = draw()
        page = Image.new("RGB", SIZE, "white")
        page.paste(drawn, ((SIZE[0] - drawn.width) // 2, (SIZE[1] - drawn.height) // 2))
        page.quantize(256).save(FOLDER / f"{number}.png", optimize=True)
        print(f"{number}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
