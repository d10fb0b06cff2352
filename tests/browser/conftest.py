"""Chromium, driven by Playwright, for files opened from disk as a user would open them."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

# Installed by the system: the tests download no browser. The shell is the same engine without
# windows, in two thirds of the processor's time.
PLACES = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = os.environ.get("GATEGRAD_CHROMIUM") or next(filter(os.path.exists, PLACES), "")
FLAGS = [
    "--no-sandbox",  # root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Every label that can be seen: its box on the screen, and in the units of the viewBox of the
# outermost SVG around it.
LABELS = """texts => texts.map(text => {
    let svg = text.ownerSVGElement
    while (svg.ownerSVGElement) svg = svg.ownerSVGElement
    const toPicture = svg.getScreenCTM().inverse().multiply(text.getScreenCTM())
    const box = text.getBBox()
    const corner = (x, y) => {
        const point = new DOMPoint(x, y).matrixTransform(toPicture)
        return [point.x, point.y]
    }
    const seen = text.getBoundingClientRect()
    const {x, y, width, height} = svg.viewBox.baseVal
    return {
        text: text.textContent.trim(),
        screen: [seen.left, seen.top, seen.right, seen.bottom],
        corners: [corner(box.x, box.y), corner(box.x + box.width, box.y + box.height)],
        view: [x, y, x + width, y + height],
        shown: seen.width > 0 && text.checkVisibility({opacityProperty: true,
                                                      visibilityProperty: true}),
    }
}).filter(label => label.shown && label.text)"""

PIXEL = """async ([shot, x, y]) => {
    const image = new Image()
    image.src = "data:image/png;base64," + shot
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d")
    canvas.drawImage(image, 0, 0)
    return [...canvas.getImageData(x, y, 1, 1).data].slice(0, 3)
}"""


@dataclass(frozen=True)
class Label:
    """A text in a picture; boxes are (left, top, right, bottom)."""

    text: str
    screen: tuple[float, float, float, float]
    drawn: tuple[float, float, float, float]
    view: tuple[float, float, float, float]


class Viewer:
    """A person with a browser: opens a file, reads the labels, sees the colours."""

    def __init__(self, page) -> None:
        self.page = page

    def open(self, path: Path) -> None:
        self.page.goto(path.resolve().as_uri())

    def labels(self) -> list[Label]:
        """The texts that can be seen in the SVGs of the page, those in shadow roots included."""
        return [
            Label(
                text=found["text"],
                screen=tuple(found["screen"]),
                drawn=(*found["corners"][0], *found["corners"][1]),
                view=tuple(found["view"]),
            )
            for found in self.page.locator("svg text").evaluate_all(LABELS)
        ]

    def circles(self) -> list[tuple[float, float, float, float]]:
        """The boxes of the gates' circles on the screen; forks are small dots."""
        return self.page.locator("svg ellipse, svg circle").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).filter(box => box.width > 12)"
            ".map(box => [box.left, box.top, box.right, box.bottom])"
        )

    def colour(self, x: int, y: int) -> tuple[int, int, int]:
        """The colour painted at a pixel, whichever rule or shape painted it."""
        shot = base64.b64encode(self.page.screenshot()).decode()
        canvas = self.page.context.new_page()
        try:
            return tuple(canvas.evaluate(PIXEL, [shot, x, y]))
        finally:
            canvas.close()


@pytest.fixture(scope="module")  # no longer: while it lives, its event loop blocks asyncio.run
def chromium() -> Iterator:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra browser")
    if not os.path.exists(CHROMIUM):
        places = CHROMIUM or " or ".join(PLACES)
        pytest.skip(f"no Chromium at {places}; set GATEGRAD_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium) -> Iterator:
    """An empty page without a network; an error or warning in it fails the test."""
    context = chromium.new_context(viewport={"width": 1600, "height": 900}, offline=True)
    page = context.new_page()
    complaints: list[str] = []

    def note_console(message) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"console {message.type}: {message.text}")

    def note_request(request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "about:")):
            complaints.append(f"asked the network for {request.url}")

    page.on("console", note_console)
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.on("dialog", lambda dialog: (complaints.append("opened a dialog"), dialog.dismiss()))
    page.on("request", note_request)
    yield page
    context.close()
    assert not complaints


@pytest.fixture
def viewer(page) -> Viewer:
    return Viewer(page)
