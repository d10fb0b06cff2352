"""A person with a stepper: what its page shows, and its buttons."""

from __future__ import annotations

from pathlib import Path

# Of each wire: the value, the gradient (hollow marks included) and the tangent that can be seen.
WIRES = """host => {
    const seen = node => node && node.getBoundingClientRect().width > 0
    const text = node => seen(node) ? node.textContent : ""
    const found = {}
    host.shadowRoot.querySelectorAll(".fig [data-k^=w]").forEach(wire => {
        const below = wire.querySelector(".g")
        const first = seen(below) ? below.querySelector("text").textContent : ""
        found[wire.dataset.k] = [text(wire.querySelector(".v")), first
            || text(wire.querySelector(".hollow")), text(wire.querySelector(".tangent"))]
    })
    return found
}"""


class Walker:
    """One stepper of a page."""

    def __init__(self, page, which: int = 0) -> None:
        self.page = page
        self.host = page.locator("[data-gategrad]").nth(which)

    def open(self, path: Path, anchor: str = "") -> Walker:
        self.page.goto(path.resolve().as_uri() + anchor)
        self.page.wait_for_function("document.querySelector('[data-gategrad]').gategrad")
        return self

    def ask(self, script: str, *given):
        """What `script`, a function of the stepper's own object and an argument, returns."""
        call = f"(host, given) => ({script})(host.gategrad, given)"
        return self.host.evaluate(call, given[0] if given else None)

    def find(self, selector: str):
        return self.host.locator(selector)

    def button(self, name: str):
        return self.find(f"button:has-text('{name}')").first

    def go(self, step: int) -> None:
        self.ask("(me, step) => me.go(step)", step)

    @property
    def step(self) -> int:
        return int(self.find(".position").inner_text().split()[1])

    @property
    def equations(self) -> list[str]:
        return self.ask("me => me.equations()")

    @property
    def told(self) -> list[list[str]]:
        """The equations of every step, one after another."""
        return self.ask(
            "me => Array.from(me.views[me.state.view].moments, (_, step) => {"
            "me.go(step); return me.equations() })"
        )

    @property
    def spoken(self) -> str:
        return self.find("[aria-live]").text_content()

    @property
    def wires(self) -> dict[str, list[str]]:
        return self.host.evaluate(WIRES)

    def type_input(self, which: int, text: str) -> None:
        self.find(".input input[type=text]").nth(which).fill(text)

    def press(self, key: str) -> None:
        self.find("section").focus()
        self.page.keyboard.press(key)
