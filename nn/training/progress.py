"""The progress bar of `fit`: tqdm's where it is installed, a line of our own otherwise.

One bar stands for the whole run, since what one waits for is its end. It is drawn ten times a
second at most; in between a batch costs one look at the clock.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import perf_counter
from typing import Any, TextIO

__all__ = ["Progress", "progress_for"]

INTERVAL = 0.1
"""Seconds between two drawings."""


class Progress:
    """Draws nothing, which is right for a file or a pipe; the base of the bars that do.

    `epochs` epochs of `rows` rows are ahead, of which `done` were trained before a resume.
    """

    def __init__(self, epochs: int, rows: int, done: int = 0) -> None:
        self.epochs, self.rows = epochs, rows
        self.epoch = done
        self.seen = self.first = done * rows
        self.started = perf_counter()
        self.next = self.started + INTERVAL
        self.finished: dict[str, float] = {}

    def batch(self, rows: int, means: Any) -> None:
        """`rows` more rows are trained; `means()` gives the averages so far where it draws."""

    def end_epoch(self, logs: Mapping[str, Any]) -> None:
        """An epoch is over, with these numbers."""

    def close(self, word: str | None = None) -> None:
        """The run is over; `word` says why where it ended early."""


class Bar(Progress):
    """What both bars share: when to draw, and what stands behind the bar."""

    def batch(self, rows: int, means: Any) -> None:
        self.seen += rows
        now = perf_counter()
        if now >= self.next:
            self.next = now + INTERVAL
            self.draw(self.text(means(), now))

    def end_epoch(self, logs: Mapping[str, Any]) -> None:
        self.epoch += 1
        self.finished = {name: value for name, value in logs.items() if name.startswith("val_")}
        self.latest = logs
        now = perf_counter()
        if now >= self.next or self.epoch == self.epochs:
            self.next = now + INTERVAL
            self.draw(self.text(logs, now))

    def close(self, word: str | None = None) -> None:
        if word:
            self.draw(f"{self.text(getattr(self, 'latest', {}), perf_counter())}  {word}")
        self.end()

    @property
    def title(self) -> str:
        """Which epoch it is, from 1."""
        return f"epoch {min(self.epoch + 1, self.epochs):{len(str(self.epochs))}}/{self.epochs}"

    def text(self, logs: Mapping[str, Any], now: float) -> str:
        """Loss and metrics, the last finished epoch's validation, the pace and the time left."""
        numbers = {**logs, **self.finished}
        parts = [
            f"{name} {_brief(value)}" for name, value in numbers.items() if _shown(name, value)
        ]
        seconds = max(now - self.started, 1e-9)
        pace = (self.seen - self.first) / seconds
        parts.append(f"{pace:,.0f} samples/s")
        left = self.epochs * self.rows - self.seen
        parts.append(f"{_clock(left / pace)} left" if left and pace else f"in {_clock(seconds)}")
        return "  ".join(parts)

    def draw(self, text: str) -> None:
        """Show the bar with `text` behind it."""
        raise NotImplementedError

    def end(self) -> None:
        """Leave the bar as it stands."""


class PlainBar(Bar):
    """A line that is written over, for a terminal without tqdm."""

    def __init__(self, epochs: int, rows: int, done: int = 0, stream: TextIO | None = None) -> None:
        super().__init__(epochs, rows, done)
        self.stream = stream or sys.stderr
        self.width = 0

    def draw(self, text: str) -> None:
        share = self.seen / (self.epochs * self.rows)
        full = round(24 * share)
        try:
            "━".encode(self.stream.encoding or "utf-8")
            bar = "━" * full + "╌" * (24 - full)
        except (UnicodeEncodeError, LookupError):
            bar = "#" * full + "-" * (24 - full)
        line = f"{self.title} {bar} {share:4.0%}  {text}"
        line = line[: max(_columns(), 20) - 1]
        self.stream.write(f"\r{line:<{self.width}}")
        self.stream.flush()
        self.width = len(line)

    def end(self) -> None:
        self.stream.write("\n")
        self.stream.flush()


class TqdmBar(Bar):
    """tqdm's bar: a widget in notebooks, a line in terminals."""

    def __init__(self, epochs: int, rows: int, done: int = 0) -> None:
        super().__init__(epochs, rows, done)
        # In a notebook the bar is a widget, which has a width of its own.
        self.layout = "{desc} {bar} " if _in_notebook() else "{desc} {bar:24} "
        self.bar = _bars()(
            total=epochs * rows, initial=self.seen, desc=self.title, dynamic_ncols=True,
            mininterval=0, miniters=0, bar_format=self.layout + "{percentage:3.0f}%",
        )  # fmt: skip

    def draw(self, text: str) -> None:
        self.bar.n = self.seen
        self.bar.desc = self.title
        words = text.replace("{", "{{").replace("}", "}}")
        self.bar.bar_format = f"{self.layout}{{percentage:3.0f}}%  {words}"
        self.bar.refresh()

    def end(self) -> None:
        self.bar.close()


def progress_for(asked: bool | None, epochs: int, rows: int, done: int = 0) -> Progress:
    """The bar that `fit(progress=...)` asks for; None means where somebody looks at one."""
    watched = _in_notebook() or _is_terminal(sys.stderr)
    if asked is False or (asked is None and not watched):
        return Progress(epochs, rows, done)
    try:
        return TqdmBar(epochs, rows, done)
    except ImportError:
        return PlainBar(epochs, rows, done)


def _bars() -> Any:
    """tqdm's class for this place, without the thread that it starts to watch slow loops."""
    if _in_notebook():
        try:
            import ipywidgets  # noqa: F401
            from tqdm.notebook import tqdm
        except ImportError:
            from tqdm import tqdm
    else:
        from tqdm import tqdm
    return type("tqdm", (tqdm,), {"monitor_interval": 0})


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs us, whose output is a page and no terminal."""
    shell = sys.modules.get("IPython")
    running = shell and shell.get_ipython()
    return running is not None and running.__class__.__name__ == "ZMQInteractiveShell"


def _is_terminal(stream: Any) -> bool:
    return bool(stream) and hasattr(stream, "isatty") and stream.isatty()


def _columns() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _shown(name: str, value: Any) -> bool:
    return isinstance(value, (int, float)) and name != "epoch_seconds"


def _brief(value: float) -> str:
    """Four digits, and a width that does not jump: 0.0312, 2.303, 1.2e-05."""
    return f"{value:.4f}" if 1e-3 <= abs(value) < 10 else f"{value:.4g}"


def _clock(seconds: float) -> str:
    """Minutes and seconds, such as 1:05; below ten seconds with a tenth."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
