"""The progress bar: who is shown one, what it says, and how it fits."""

from __future__ import annotations

import io
import os
import re
import struct
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from nn import optim
from nn.training import progress as bars

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = np.arange(40) % 3


def fit(**options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "batch_size": 8} | options
    return nn.fit(nn.MLP(3, [4], 3, rng=0), X, Y, rng=0, **options)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_nothing_is_written_where_nobody_looks(capsys):
    fit(epochs=2)
    fit(epochs=2, progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("bar", ["tqdm", "plain"])
def test_a_terminal_is_shown_loss_metrics_pace_and_time(monkeypatch, bar):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    if bar == "plain":
        monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(bars, "INTERVAL", 0.0)
    history = fit(epochs=3, validation_split=0.25, metrics=["accuracy"])
    frames = terminal.getvalue().split("\r")
    assert any("epoch 2/3" in frame and " left" in frame for frame in frames)
    last = frames[-1]
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert f"{name} {history.history[name][-1]:.4f}" in last
    assert "epoch 3/3" in last
    assert "100%" in last
    assert "samples/s" in last
    assert last.endswith("\n")


def test_a_notebook_is_shown_a_bar_too_also_without_widgets(monkeypatch, capsys):
    class ZMQInteractiveShell:
        """What Jupyter's kernel runs cells in."""

    kernel = SimpleNamespace(get_ipython=ZMQInteractiveShell)
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    fit(epochs=2)
    assert "epoch 2/2" in capsys.readouterr().err
    kernel.get_ipython = lambda: None  # IPython is imported, and nobody runs it
    fit(epochs=2)
    assert capsys.readouterr().err == ""


def test_the_bar_says_why_training_ended(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setenv("COLUMNS", "200")

    def press_ctrl_c(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    fit(epochs=4, callbacks=[press_ctrl_c])
    assert terminal.getvalue().rstrip().endswith("s left  Ctrl-C after epoch 2")


def test_a_bar_is_drawn_ten_times_a_second_at_most(monkeypatch):
    terminal = Terminal()
    clock = iter(np.arange(0.0, 1000.0, 0.01))
    monkeypatch.setattr(bars, "perf_counter", lambda: float(next(clock)))
    bar = bars.PlainBar(epochs=1, rows=1000, stream=terminal)
    for _ in range(500):  # five seconds
        bar.batch(1, lambda: {"loss": 1.0})
    assert 45 <= terminal.getvalue().count("\r") <= 51


def test_a_narrow_terminal_gets_one_line(monkeypatch):
    terminal = Terminal()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(bars, "INTERVAL", 0.0)
    bar = bars.PlainBar(epochs=1, rows=10, stream=terminal)
    bar.batch(5, lambda: {"loss": 1.0, "a_metric_of_a_long_name": 2.0})
    assert 30 <= len(terminal.getvalue().strip("\r")) <= 39


def test_a_terminal_of_old_letters_gets_a_bar_of_old_letters(monkeypatch):
    monkeypatch.setattr(bars, "INTERVAL", 0.0)
    monkeypatch.setenv("COLUMNS", "200")
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    bar = bars.PlainBar(epochs=1, rows=10, stream=stream)
    bar.batch(5, lambda: {"loss": 1.0})
    assert stream.buffer.getvalue().startswith(b"\repoch 1/1 ############------------  50%")


def test_the_time_left_counts_what_is_trained_since_a_resume():
    bar = bars.Bar(epochs=10, rows=100, done=5)
    bar.started = 0.0
    bar.seen += 100
    assert bar.words({}, 1.0) == ["100 samples/s", "4.0 s left"]


@pytest.mark.parametrize("bar", ["tqdm", "plain"])
@pytest.mark.parametrize("size", [(24, 80), (0, 0)])
def test_a_usual_terminal_and_one_without_a_size_are_shown_loss_metric_pace_and_time(
    monkeypatch, bar, size
):
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
    if bar == "plain":
        monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(bars, "INTERVAL", 0.0)
    ends = os.openpty()
    fcntl.ioctl(ends[1], termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    terminal = Terminal()
    terminal.fileno = lambda: ends[1]
    monkeypatch.setattr(sys, "stderr", terminal)
    fit(epochs=2, validation_split=0.25, metrics=["accuracy"])
    for end in ends:
        os.close(end)
    frames = [frame.strip() for frame in terminal.getvalue().split("\r")]
    assert max(map(len, frames)) < 80
    last = next(frame for frame in reversed(frames) if frame)
    assert re.search(r"100%  loss [\d.]+  accuracy [\d.]+  [\d,]+/s  in [\d.]+ s$", last)


@pytest.mark.parametrize("room", range(60))
def test_what_does_not_fit_behind_the_bar_is_left_out_whole(room):
    words = ["loss 0.1", "accuracy 0.9", "val_loss 0.2", "900/s", "3.0 s left"]
    shown = bars.fitting(words, room)
    assert len(shown) <= room
    assert [word for word in shown.split("  ") if word] == [w for w in words if w in shown]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (9.2, "9.2 s"), (65.4, "1:05"), (3725.0, "1:02:05")]
)
def test_times_are_short(seconds, text):
    assert bars._clock(seconds) == text
