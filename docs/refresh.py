"""Draw the README's pictures anew: the sigmoid neuron, and the page that steps through it.

    python docs/refresh.py

Needs the extra browser and Chromium, which GATEGRAD_CHROMIUM names if it is not /usr/bin/chromium.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import viz
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


def main() -> None:
    # As python -m viz --example sigmoid-neuron -o draws it.
    neuron = examples.build("sigmoid-neuron")
    title = examples.EXAMPLES["sigmoid-neuron"].title
    viz.draw(neuron, title=title).save(FOLDER / "sigmoid-neuron.svg")
    with tempfile.TemporaryDirectory() as folder:
        page = viz.step(neuron, title=title).save(Path(folder) / "steps.html")
        photograph(page, FOLDER / "stepper.png")


if __name__ == "__main__":
    main()
