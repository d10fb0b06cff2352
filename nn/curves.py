"""Training curves in a file, for the command line. (`viz.plot_history` draws them to look into.)"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograd import DependencyError
from nn.errors import OptionError
from nn.files import write_whole

__all__ = ["check_suffix", "save_curves"]

INK, TRAINED, HELD_OUT = "#333333", "#1f6fb4", "#d1641b"
PANELS = ("loss", "accuracy")
FEW = 12  # epochs: each is a dot on the line, without which a single one would be nothing
SUFFIXES = (".png", ".svg", ".pdf")


def check_suffix(path: Path) -> None:
    """Raise OptionError (a ValueError) for a file of another kind than the three."""
    if path.suffix not in SUFFIXES:
        raise OptionError(f"{path}: curves are written to {', '.join(SUFFIXES)}")


def save_curves(
    history: Mapping[str, Sequence[float]], path: Path, title: str, test: Mapping[str, float]
) -> None:
    """Loss and accuracy by epoch, of training and validation, with the test's values as lines.

    The suffix says which kind of file: .png, .svg or .pdf. Raises as `check_suffix` does, and
    DependencyError (an ImportError) where Matplotlib is missing.
    """
    check_suffix(path)
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError as error:
        raise DependencyError(
            f"a plot needs Matplotlib: pip install matplotlib ({error})"
        ) from error
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    panels = [name for name in PANELS if name in history]
    for axes, name in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        epochs = range(1, len(history[name]) + 1)
        points: dict[str, Any] = {"lw": 1.8, "marker": "o" if len(epochs) <= FEW else "", "ms": 4}
        axes.plot(epochs, history[name], color=TRAINED, label="training", **points)
        if f"val_{name}" in history:
            axes.plot(epochs, history[f"val_{name}"], color=HELD_OUT, label="validation", **points)
        if name in test:
            label = f"test {test[name]:.4f}"
            axes.axhline(test[name], color=INK, lw=0.9, ls=(0, (4, 3)), label=label)
        axes.set_title(name, color=INK, fontsize=11)
        axes.set_xlabel("epoch", color=INK)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.25, lw=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, labelsize=9)
        axes.legend(frameon=False, fontsize=9)
    figure.suptitle(title, color=INK, fontsize=11)
    content = io.BytesIO()
    metadata: dict[str, Any] = {"Software": None} if path.suffix == ".png" else {}
    figure.savefig(content, format=path.suffix[1:], dpi=144, metadata=metadata)
    write_whole(path, content.getbuffer())
