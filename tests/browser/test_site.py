"""The site as a reader has it. `python -m sphinx -W docs site` builds it."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import autograd as ag
import nn
import viz

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site"


@pytest.fixture
def site():
    if not (SITE / "index.html").exists():
        pytest.skip("the site is not built: python -m sphinx -W docs site")
    return SITE


class Links(HTMLParser):
    """Where a page leads to, and the places in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.links += [values[name] for name in ("href", "src") if values.get(name)]
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(site):
    """The site as a server has it: search fetches pages, which from disk it may not."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_search_finds_a_gate_by_its_name(chromium, address):
    page = chromium.new_page()
    page.goto(f"{address}/search.html?q=sigmoid")
    for place in ("api/autograd/gates/", "notebooks/02_sigmoid_neuron"):  # One after another.
        page.locator(f"#search-results li a[href*='{place}']").first.wait_for()
    page.close()


def test_a_notebooks_stepper_steps(site, page):
    page.goto((site / "notebooks" / "02_sigmoid_neuron.html").as_uri())
    stepper = page.locator("[data-gategrad] section").first
    said = stepper.inner_text()
    stepper.get_by_role("button", name="Next").click()
    page.wait_for_timeout(100)
    assert stepper.inner_text() != said


def test_korean_stands_beside_english(site, page):
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="한국어").first.click()
    assert page.locator("html").get_attribute("lang") == "ko"
    assert "계산 그래프" in page.locator("article").inner_text()
    page.get_by_role("link", name="English").first.click()
    assert page.url.endswith("site/index.html")


@pytest.mark.parametrize(
    ("file", "name", "thing"),
    [
        ("api/autograd/gates/exponential", "autograd.exp", ag.exp),
        ("api/autograd/transforms", "autograd.jacobian", ag.jacobian),
        ("api/nn/layers/linear", "nn.Linear", nn.Linear),
        ("api/viz/pictures", "viz.draw", viz.draw),
    ],
    ids=["exp", "jacobian", "Linear", "draw"],
)
def test_help_and_the_site_say_the_same(site, page, file, name, thing):
    """Every word, as often; the site may put sections in another order."""
    page.goto((site / f"{file}.html").as_uri())
    entry = page.locator(f"dl.py:has(> dt[id='{name}'])").first
    told, shown = (
        Counter(re.findall(r"\w+", text.lower())) for text in (thing.__doc__, entry.inner_text())
    )
    assert not told - shown


def test_links_inside_lead_somewhere(site):
    """From every page of both languages, to pages, to files, and to places in a page."""
    pages = {page: Links(page) for page in site.rglob("*.html") if "_static" not in page.parts}
    assert len(pages) > 80
    lost = []
    for page, found in pages.items():
        for link in found.links:
            path, _, anchor = link.partition("#")
            if re.match(r"\w+:|//|data", link) or path.startswith("?"):
                continue
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            if not target.exists() or (
                anchor and target in pages and anchor not in pages[target].anchors
            ):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert not lost
