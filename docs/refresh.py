"""Draw the pictures of the README and of docs/architecture.md anew.

    python docs/refresh.py

Needs PyTorch, the extra browser, and Chromium, which GATEGRAD_CHROMIUM names if it is not
/usr/bin/chromium.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

import autograd as ag
import viz
from autograd import Tensor
from autograd.extend import say
from viz import examples

FOLDER = Path(__file__).resolve().parent
CHROMIUM = os.environ.get("GATEGRAD_CHROMIUM", "/usr/bin/chromium")
STEP, WIDTH, SCALE = 11, 1000, 1.5  # On the way back; pixels, and how many a point.


def photograph(page: Path, image: Path) -> None:
    """The stepper of a saved page, and nothing around it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": WIDTH, "height": 800}, device_scale_factor=SCALE, offline=True
        )
        tab = context.new_page()
        tab.goto(f"{page.as_uri()}#step={STEP}")
        tab.locator("[data-gategrad] section").screenshot(path=image, omit_background=True)
        browser.close()


def draw_architecture() -> None:
    """A graph, and a program of a graph, for docs/architecture.md."""
    x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
    viz.draw((x + y) * z).save(FOLDER / "architecture-graph.svg")
    w = Tensor(np.full((3, 2), 0.5), name="w")
    loss = ag.compile(lambda x: np.mean(np.tanh(x @ w) ** 2))
    loss(np.arange(12.0).reshape(4, 3) / 10)
    viz.draw(loss.program, title="mean(tanh(x·w)²) and its gradient").save(
        FOLDER / "architecture-program.svg"
    )


def draw_block() -> None:
    """A residual block of PyTorch's, for docs/models.md: the class that stands there."""
    import torch

    page = (FOLDER / "models.md").read_text(encoding="utf-8")
    text = next(part for part in page.split("```python\n")[1:] if part.startswith("class"))
    names = {"torch": torch, **vars(torch.nn)}
    exec(text.partition("```")[0], names)
    torch.manual_seed(1)
    block = names["BasicBlock"](1, 1).eval()
    x = np.linspace(-1.0, 1.0, 16, dtype=np.float32).reshape(1, 1, 4, 4)
    f = ag.from_torch(block, x)
    picture = viz.draw(f, x, gradient=np.ones((1, 1, 2, 2)), width=900, title="A residual block")
    picture.save(FOLDER / "read-block.svg")


def main() -> None:
    # As python -m viz --example sigmoid-neuron -o draws it.
    neuron = examples.build("sigmoid-neuron")
    title = examples.EXAMPLES["sigmoid-neuron"].title
    viz.draw(neuron, title=title).save(FOLDER / "sigmoid-neuron.svg")
    with viz.language("ko"):
        picture = viz.draw(neuron, title=say(title))
    picture.save(FOLDER / "sigmoid-neuron.ko.svg")
    draw_architecture()
    draw_block()
    with tempfile.TemporaryDirectory() as folder:
        page = viz.step(neuron, title=title).save(Path(folder) / "steps.html")
        photograph(page, FOLDER / "stepper.png")


if __name__ == "__main__":
    main()
