"""The progress bar of `fit`: tqdm's where it is installed, a line of our own otherwise.

One bar stands for the whole run, since what one waits for is its end. It is drawn ten times a
second at most; in between a batch costs one look at the clock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from time import perf_counter
from typing import Any, TextIO

from autograd.extend import padded, phrase, say, terminal_width
from nn.training.history import called

__all__ = ["Progress", "progress_for"]

INTERVAL = 0.1
"""Seconds between two drawings."""

WIDE, NARROW = 24, 8
"""Letters of the bar: where everything fits behind it, and where a line is too short for that."""

UNIT = phrase("{pace} samples/s")


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
        self.latest: Mapping[str, Any] = {}

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
            finished = {k: v for k, v in self.latest.items() if k.startswith("val_")}
            self.draw(self.words({**means(), **finished}, now))

    def end_epoch(self, logs: Mapping[str, Any]) -> None:
        self.epoch += 1
        self.latest = logs
        self.rows = self.rows or self.seen  # of batches that were not counted before
        now = perf_counter()
        if now >= self.next or self.epoch == self.epochs:
            self.next = now + INTERVAL
            self.draw(self.words(logs, now))

    def close(self, word: str | None = None) -> None:
        if word:
            self.draw([*self.words(self.latest, perf_counter()), word])
        self.end()

    @property
    def title(self) -> str:
        """Which epoch it is, from 1."""
        epoch = f"{min(self.epoch + 1, self.epochs):{len(str(self.epochs))}}"
        return say("epoch {epoch}/{epochs}", epoch=epoch, epochs=self.epochs)

    def words(self, logs: Mapping[str, Any], now: float) -> list[str]:
        """Loss and metrics, the last finished epoch's validation, the pace and the time left."""
        words = [
            f"{called(name)} {_brief(value)}" for name, value in logs.items() if _shown(name, value)
        ]
        seconds = max(now - self.started, 1e-9)
        pace = (self.seen - self.first) / seconds
        left = max(self.epochs * self.rows - self.seen, 0)
        if left and pace:
            rest = say("{time} left", time=_clock(left / pace))
        else:
            rest = say("in {time}", time=_clock(seconds))
        return [*words, say(UNIT, pace=f"{pace:,.0f}"), rest]

    def laid(self, words: list[str], columns: int) -> tuple[int, str]:
        """How long the bar is on a line of so many columns, and the words that fit behind it."""
        room = columns - 1 - terminal_width(self.title) - len("  100%  ")
        text = "  ".join(words)
        if terminal_width(text) <= room - WIDE:
            return WIDE, text
        unit = say(UNIT, pace="")
        return NARROW, fitting([word.replace(unit, "/s") for word in words], room - NARROW)

    def draw(self, words: list[str]) -> None:
        """Show the bar with `words` behind it."""
        raise NotImplementedError

    def end(self) -> None:
        """Leave the bar as it stands."""


def fitting(words: list[str], room: int) -> str:
    """Those that a line has room for: the first and the last two matter most, then from the left.

    >>> fitting(["loss 0.1", "accuracy 0.9", "val_loss 0.2", "900/s", "3.0 s left"], 42)
    'loss 0.1  accuracy 0.9  900/s  3.0 s left'
    """
    last = len(words) - 1
    kept: set[int] = set()
    for i in (0, last, last - 1, *range(1, last - 1)):
        if sum(terminal_width(words[j]) + 2 for j in kept | {i}) - 2 <= room:
            kept.add(i)
    return "  ".join(words[i] for i in sorted(kept))


class PlainBar(Bar):
    """A line that is written over, for a terminal without tqdm."""

    def __init__(self, epochs: int, rows: int, done: int = 0, stream: TextIO | None = None) -> None:
        super().__init__(epochs, rows, done)
        self.stream = stream or sys.stderr
        self.width = 0

    def draw(self, words: list[str]) -> None:
        columns = _columns(self.stream)
        length, text = self.laid(words, columns)
        share = min(self.seen / (self.epochs * self.rows), 1.0) if self.rows else 0.0
        full = round(length * share)
        try:
            "━".encode(self.stream.encoding or "utf-8")
            bar = "━" * full + "╌" * (length - full)
        except (UnicodeEncodeError, LookupError):
            bar = "#" * full + "-" * (length - full)
        line = f"{self.title} {bar} {share:4.0%}  {text}"
        while terminal_width(line) >= columns:
            line = line[:-1]
        self.stream.write(f"\r{padded(line, self.width)}")
        self.stream.flush()
        self.width = terminal_width(line)

    def end(self) -> None:
        self.stream.write("\n")
        self.stream.flush()


class TqdmBar(Bar):
    """tqdm's bar: a widget in notebooks, a line in terminals."""

    def __init__(self, epochs: int, rows: int, done: int = 0) -> None:
        super().__init__(epochs, rows, done)
        self.in_notebook = _in_notebook()
        # Rows: tqdm hides what is below the last one, and some terminals say that they have none.
        size = {} if self.in_notebook else {"ncols": _columns(sys.stderr), "nrows": 24}
        self.bar = _bars()(
            total=epochs * rows, initial=self.seen, desc=self.title, mininterval=0, miniters=0,
            dynamic_ncols=self.in_notebook, bar_format=self.layout(WIDE, ""), **size,
        )  # fmt: skip

    def layout(self, length: int, text: str) -> str:
        """The line in tqdm's terms; in a notebook the bar is a widget, with a width of its own."""
        bar = "{bar}" if self.in_notebook else f"{{bar:{length}}}"
        text = text.replace("{", "{{").replace("}", "}}")
        return f"{{desc}} {bar} {{percentage:3.0f}}%  {text}".rstrip()

    def draw(self, words: list[str]) -> None:
        length, text = WIDE, "  ".join(words)
        if not self.in_notebook:
            self.bar.ncols = _columns(sys.stderr)
            length, text = self.laid(words, self.bar.ncols)
        self.bar.total, self.bar.n = self.epochs * self.rows or None, self.seen
        self.bar.desc = self.title
        self.bar.bar_format = self.layout(length, text)
        self.bar.refresh()

    def end(self) -> None:
        self.bar.close()


def progress_for(asked: bool | None, epochs: int, rows: int, done: int) -> Progress:
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
    if _in_notebook() and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm
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


def _columns(stream: Any) -> int:
    """Of the terminal behind a stream; 80 where nobody says, or says 0 as some terminals do."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked):
        return max(int(asked), 20)
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (AttributeError, OSError, ValueError):
        found = 0
    return max(found, 20) if found else 80


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
