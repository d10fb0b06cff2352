"""viz.step where notebooks are shown: with scripts, with sanitisers, and stripped as by GitHub."""

from __future__ import annotations

import base64
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import viz
from tests.browser.walking import Walker
from viz import examples
from viz.svg import size_of

ROOT = Path(__file__).resolve().parent.parent.parent
CELL = 'import viz\nfrom viz import examples\nviz.step(examples.build("chain-rule"))'
# Words that only the script has.
CODE = ("querySelector", "=>", "function", "use strict", "GATES")


def bundle():
    return viz.step(examples.build("chain-rule"))._repr_mimebundle_()


def notebook():
    """A notebook with a stepper as its output, as a kernel leaves it."""
    nbformat = pytest.importorskip("nbformat", reason="needs the extra notebook")
    data = bundle()
    data["image/png"] = base64.b64encode(data["image/png"]).decode()
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    cell = nbformat.v4.new_code_cell(CELL, outputs=[output], execution_count=1)
    made = nbformat.v4.new_notebook(cells=[cell])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return made


def shown(page) -> str:
    """The text that can be seen in a page's outputs, code of cells aside."""
    return page.locator("main, body").last.inner_text().replace(CELL, "")


def open_text(page, tmp_path, html: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(html, "utf-8")
    page.goto(file.as_uri())


# ---- nbconvert


def draw_in_notebook(tmp_path, chromium, exporter, width: int, picture) -> dict[str, float]:
    """The box of a picture in what nbconvert makes of it, in a window so wide."""
    made = notebook()
    data = picture._repr_mimebundle_(exclude=["image/png"])
    made.cells[0].outputs[0].data = data
    html, _ = exporter().from_notebook_node(made)
    context = chromium.new_context(
        offline=True, java_script_enabled=False, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    open_text(page, tmp_path, html)
    box = page.locator(".jp-OutputArea-output img").bounding_box()
    context.close()
    return box


@pytest.fixture
def exporter():
    nbconvert = pytest.importorskip("nbconvert", reason="needs the extra notebook")
    # Without addresses of a network: MathJax and RequireJS are fetched from one.
    return lambda **given: nbconvert.HTMLExporter(
        mathjax_url="", require_js_url="", jquery_url="", **given
    )


def without_addresses(html: str) -> str:
    """What nbconvert itself would fetch, taken out."""
    return re.sub(r'<script[^>]* src="[^"]*"[^>]*></script>', "", html)


def test_nbconvert_keeps_the_stepper_live(exporter, tmp_path, chromium):
    html, _ = exporter().from_notebook_node(notebook())
    context = chromium.new_context(offline=True)
    page = context.new_page()
    open_text(page, tmp_path, without_addresses(html))
    page.wait_for_function("document.querySelector('[data-gategrad]').gategrad")
    walker = Walker(page)
    walker.button("Next").click()
    assert walker.step == 1 and "#step" not in page.url
    context.close()


def test_nbconvert_without_scripts_shows_the_picture(exporter, tmp_path, chromium):
    html, _ = exporter().from_notebook_node(notebook())
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    open_text(page, tmp_path, html)
    assert page.locator("img[alt*='values above']").bounding_box()["width"] > 200
    text = page.locator(".jp-OutputArea").inner_text()
    assert "The finished pass" in text and not any(word in text for word in CODE)
    assert not page.locator(".jp-OutputArea pre").is_visible()  # Words that the picture says.
    context.close()


def test_nbconvert_with_sanitising_tells_the_picture_in_words_and_shows_no_code(
    exporter, tmp_path, chromium
):
    """Its own list of tags has no image, in no kind of HTML: the tag is written out, of which one
    line is seen, and the words under it are hidden no longer."""
    html, _ = exporter(sanitize_html=True).from_notebook_node(notebook())
    context = chromium.new_context(offline=True)
    page = context.new_page()
    open_text(page, tmp_path, without_addresses(html))
    text = page.locator(".jp-OutputArea").inner_text()
    assert page.get_by_text("The finished pass in 4 steps").last.is_visible()
    words = page.locator(".jp-OutputArea pre")
    assert words.is_visible()
    assert "x is 1, gradient 1." in words.inner_text().splitlines()
    assert len(words.inner_text().splitlines()) == 5  # Three inputs and two gates.
    output = page.locator(".jp-OutputArea-output")
    assert output.bounding_box()["height"] < 250  # No wall of letters.
    assert not any(word in text for word in (*CODE, "<script"))
    assert page.locator("[data-gategrad]").count() == 0
    context.close()


def test_nbconvert_fits_wide_pictures_into_narrow_windows(exporter, tmp_path, chromium):
    neuron, chain = (viz.draw(examples.build(name)) for name in ("sigmoid-neuron", "chain-rule"))
    wide, high = size_of(neuron.svg)
    for width in (700, 1000, 1300):
        box = draw_in_notebook(tmp_path, chromium, exporter, width, neuron)
        assert width - 200 < box["width"] < width - box["x"]
        assert box["width"] / box["height"] == pytest.approx(wide / high, rel=0.05)
    sides = [draw_in_notebook(tmp_path, chromium, exporter, w, chain)["width"] for w in (700, 1300)]
    assert sides[0] == sides[1] == size_of(chain.svg)[0]


def test_a_sanitiser_that_takes_tags_out_shows_no_code(exporter):
    preprocessors = pytest.importorskip("nbconvert.preprocessors.sanitize")
    cleaner = preprocessors.SanitizeHTML(strip=True, tags=["div", "p", "img", "b"],
                                         attributes={"img": ["alt", "src"]})  # fmt: skip
    cell = notebook().cells[0]
    cleaner.preprocess_cell(cell, {}, 0)
    data = cell.outputs[0].data
    assert "<img alt=" in data["text/html"] and "The finished pass" in data["text/html"]
    assert not any(word in data["text/html"] for word in CODE)
    assert data["image/png"] and "data-gategrad" not in data["text/html"]


def test_where_html_is_left_out_the_picture_is_chosen(exporter, tmp_path, chromium):
    made = notebook()
    del made.cells[0].outputs[0].data["text/html"]
    html, _ = exporter(sanitize_html=True).from_notebook_node(made)
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    open_text(page, tmp_path, html)
    assert page.locator(".jp-OutputArea img").bounding_box()["width"] > 200
    context.close()


# ---- GitHub: elements and attributes that survive there


class Stripped(HTMLParser):
    """HTML as GitHub leaves it: no scripts and styles, no ids, classes, styles, data."""

    KEPT = ("div", "p", "img", "span", "table", "tr", "td", "b", "i", "sub")
    ATTRIBUTES = ("src", "alt", "width", "height", "href")

    def __init__(self, html: str):
        super().__init__()
        self.out: list[str] = []
        self.dropped = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style"):
            self.dropped += 1
        elif tag in self.KEPT:
            kept = [f' {k}="{escape(v or "")}"' for k, v in attrs if k in self.ATTRIBUTES]
            self.out.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.dropped -= 1
        elif tag in self.KEPT and tag != "img":
            self.out.append(f"</{tag}>")

    def handle_data(self, data):
        if not self.dropped:
            self.out.append(escape(data))


def test_stripped_as_by_github_the_picture_remains(tmp_path, page):
    html = "".join(Stripped(bundle()["text/html"]).out)
    open_text(page, tmp_path, f"<!DOCTYPE html><main>{html}</main>")
    image = page.locator("img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 200
    text = page.locator("main").inner_text()
    assert text.startswith("The finished pass") and not any(word in text for word in CODE)


def test_the_picture_in_the_image_has_colours_of_its_own(tmp_path, viewer):
    """Read as an image it has no style but its own, and on a dark page its own ground."""
    html = "".join(Stripped(bundle()["text/html"]).out)
    open_text(viewer.page, tmp_path, f"<!DOCTYPE html><body bgcolor=black><main>{html}</main>")
    box = viewer.page.locator("img").bounding_box()
    assert min(viewer.colour(int(box["x"]) + 3, int(box["y"]) + 3)) > 230


# ---- hosts that run scripts


def test_a_script_that_runs_before_its_element_is_in_the_page_finds_it(tmp_path, page):
    """As VS Code does: the markup first, its scripts made anew and put at the container's end."""
    open_text(page, tmp_path, "<!DOCTYPE html><main id=host></main>")
    page.evaluate(
        """html => {
            const box = document.createElement("div")
            box.innerHTML = html
            const old = box.querySelector("script")
            const script = document.createElement("script")
            script.textContent = old.textContent
            old.remove()
            document.body.append(script)
            setTimeout(() => document.getElementById("host").append(box), 100)
        }""",
        bundle()["text/html"],
    )
    page.wait_for_function("document.querySelector('[data-gategrad]')?.gategrad")
    walker = Walker(page)
    walker.button("Next").click()
    assert walker.step == 1


def test_a_policy_against_evaluation_does_not_matter(tmp_path, page):
    policy = (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    open_text(page, tmp_path, f"<!DOCTYPE html>{meta}<main>{bundle()['text/html']}</main>")
    page.wait_for_function("document.querySelector('[data-gategrad]').gategrad")
    walker = Walker(page)
    walker.press("End")
    walker.type_input(0, "7")
    assert walker.wires["w4"][0] == "5"


# ---- JupyterLab itself


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab of its own, with a notebook that nobody trusts yet."""
    pytest.importorskip("jupyterlab", reason="needs the extra browser")
    nbformat = pytest.importorskip("nbformat")
    folder = tmp_path_factory.mktemp("lab")
    nbformat.write(notebook(), folder / "steps.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = {
        f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    # The kernel of this interpreter, and this checkout.
    paths = {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / "ipython")}
    with open(folder / "log.txt", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
             "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
             "--IdentityProvider.token=", "--ServerApp.password=",
             "--LabApp.news_url=None", "--LabApp.check_for_updates_class="
             "jupyterlab.NeverCheckForUpdate", f"--ServerApp.root_dir={folder}"],
            stdout=log, stderr=log, env={**os.environ, **home, **paths}, cwd=folder,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).read()
                break
            except OSError:
                assert server.poll() is None, (folder / "log.txt").read_text()
                time.sleep(0.25)
        yield f"{address}/lab/tree/steps.ipynb?reset"
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.slow
def test_jupyterlab_shows_the_picture_untrusted_and_steps_once_it_has_run(lab, chromium):
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    page = chromium.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.goto(lab)
    output = page.locator(".jp-OutputArea-output")
    output.locator("img").wait_for(timeout=60_000)
    image = output.locator("img").first
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 200
    assert not any(word in output.first.inner_text() for word in CODE)
    assert page.locator("[data-gategrad]").count() == 0

    page.locator(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(
        timeout=90_000
    )
    # JupyterLab asks, at times, which kernel it is to be, or says that it has not connected yet.
    dialog = page.locator(".jp-Dialog")
    page.add_locator_handler(dialog, lambda asked: asked.locator(".jp-mod-accept").click())
    stepper = page.locator("[data-gategrad]")
    for _ in range(8):  # What is run before the kernel has connected is lost.
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        with suppress(PlaywrightTimeout):
            stepper.wait_for(timeout=10_000, state="attached")
            break
    page.remove_locator_handler(dialog)
    page.wait_for_function("Boolean(document.querySelector('[data-gategrad]').gategrad)")
    walker = Walker(page)
    walker.button("Next").click()
    walker.button("Next").click()
    assert walker.step == 2
    walker.press("ArrowRight")  # To the stepper, not to the notebook.
    assert walker.step == 3
    walker.press("End")
    assert walker.step == 4
    assert walker.equations == viz.step(examples.build("chain-rule")).story.equations(
        viz.step(examples.build("chain-rule")).story.moments[4]
    )
    walker.find(".input input[type=text]").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("-2")  # Letters are not commands to the notebook.
    assert walker.wires["w0"][0] == "−2"
    page.context.close()


# ---- marimo


def test_marimo_shows_a_live_page_in_a_frame(page):
    """It puts what `_mime_` gives into the page as HTML, whose scripts do not run."""
    kind, html = viz.step(examples.build("chain-rule"))._mime_()
    assert kind == "text/html"
    page.set_content("<main></main>")
    page.evaluate(
        "() => { window.__resizeIframe = f => {"
        " f.style.height = f.contentDocument.body.scrollHeight + 'px' } }"
    )
    page.evaluate("html => document.querySelector('main').innerHTML = html", html)
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Next").click()
    assert frame.locator(".position").inner_text() == "Step 1 of 4"
    assert page.locator("iframe").bounding_box()["height"] > 400
