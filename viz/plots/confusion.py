"""`viz.plot_confusion`: which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.extend import in_language, say
from viz.errors import VizError
from viz.labels import width
from viz.names import shortened
from viz.themes import Theme, mix

from .canvas import SMALL, TEXT, axes, bare, house, points_of, titled
from .inputs import array, percent
from .inputs import labels as classes_of
from .labelling import LONGEST_NAME, name_columns, name_rows
from .palette import UNDER_TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELL = (0.52, 0.2)  # Inches: a cell's side, and of many classes the least.
_LARGEST = 10.0  # Inches, of all cells together.
_SMALLEST_TEXT = 5.0  # Points; where counts are not to be read so small, cells are coloured only.


@in_language
def plot_confusion(
    target: Any,
    prediction: Any = None,
    *,
    names: Sequence[str] | None = None,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """Counts of true classes (rows) against predicted ones (columns).

    The diagonal, what was right, is tinted in one colour and every mistake in another, by the
    share of its row; at the right stands each class's recall.

    Parameters
    ----------
    target : the true classes, of shape (n,); or, without `prediction`, a matrix of counts.
    prediction : the predicted classes, of shape (n,), or one output a class, of shape (n, k).
    names : what the classes are called, in their order.
    ax, theme, title, language, font : as for every plot; the title tells the accuracy by default.

    Returns the Axes.

    Raises
    ------
    VizError (a ValueError) : shapes do not match, counts are negative or not square, or the
        number of names is not that of the classes.

    >>> ax = plot_confusion([0, 0, 1, 2, 2], [0, 1, 1, 2, 2])
    >>> ax.images[0].get_array().shape, ax.get_title(loc="left")
    ((3, 3, 3), 'Accuracy 80%: 4 of 5')
    """
    counts, found = _counts(target, prediction)
    if names is None:
        names = found
    elif len(names) != len(counts):
        raise VizError(f"names has one for each of {len(counts)} classes; received {len(names)}")
    names = [shortened(str(name), LONGEST_NAME) for name in names]
    count, longest = len(names), max(width(name, SMALL) for name in names) / 72
    cell = max(min(CELL[0], _LARGEST / count), CELL[1])
    with house("plot_confusion", theme, font) as colours:
        size = ((count + 0.75) * cell + longest + 0.6, count * cell + min(longest, 1.0) + 0.9)
        own = ax is None
        ax = axes(ax, colours, (max(size[0], 3.4), max(size[1], 2.4)))
        bare(ax)
        ax.imshow(_tints(counts, colours), aspect="equal", interpolation="none")
        points = 72 * cell if own else min(points_of(ax)) / (count + 0.75)
        _write(ax, counts, points, colours)
        name_columns(ax, np.arange(count), names, points)
        name_rows(ax, np.arange(count), names, points)
        ax.tick_params(labelcolor=colours.ink)
        ax.set_xlabel(say("predicted"))
        ax.set_ylabel(say("true"))
        right, total = int(np.trace(counts)), int(counts.sum())
        told = say("Accuracy {share}: {right:,} of {total:,}", share=percent(right, total),
                   right=right, total=total)  # fmt: skip
        titled(ax, title, told)
    return ax


def _counts(target: Any, prediction: Any) -> tuple[np.ndarray, list[str]]:
    """The matrix of counts, and the classes as text."""
    if prediction is None:
        counts = array(target, "target", ndim=2)
        if counts.shape[0] != counts.shape[1] or np.any(counts < 0) or not np.any(counts):
            raise VizError(
                "a matrix of counts is square, with no negative entry and not all zero; received "
                f"shape {counts.shape}. With classes, write plot_confusion(target, prediction)"
            )
        return counts, [str(i) for i in range(len(counts))]
    truth = classes_of(target, "target")
    guess = np.asarray(getattr(prediction, "data", prediction))
    if guess.ndim == 2 and guess.shape[1] > 1:
        guess = np.argmax(guess, axis=1)
    guess = classes_of(guess, "prediction")
    if len(truth) != len(guess):
        raise VizError(
            f"target and prediction have the same length; received {len(truth)} and {len(guess)}"
        )
    known, places = np.unique(np.concatenate([truth, guess]), return_inverse=True)
    pairs = places[: len(truth)] * len(known) + places[len(truth) :]
    counts = np.bincount(pairs, minlength=len(known) ** 2).reshape(len(known), -1)
    return counts, [f"{k:g}" if known.dtype.kind == "f" else str(k) for k in known]


def _tints(counts: np.ndarray, theme: Theme) -> np.ndarray:
    """Each cell's colour, as RGB from 0 to 1: pale enough for ink on it."""
    from matplotlib.colors import to_rgb

    shares = _shares(counts)
    size = len(counts)
    tints = np.empty((size, size, 3))
    least = mix(theme.ground, theme.ink, 0.03)
    for i in range(size):
        for j in range(size):
            share = shares[i, j] if i == j else min(2 * shares[i, j], 1.0)
            colour = theme.value if i == j else theme.gradient
            tints[i, j] = to_rgb(mix(least, colour, UNDER_TEXT * float(share) ** 0.6))
    return tints


def _shares(counts: np.ndarray) -> np.ndarray:
    rows = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, rows, out=np.zeros(counts.shape), where=rows > 0)


def _write(ax: Axes, counts: np.ndarray, cell: float, theme: Theme) -> None:
    """The counts in their cells, of a side of so many points, and each row's recall at its end."""
    size, texts = len(counts), [[f"{n:,g}" if n else "" for n in row] for row in counts]
    widest = max(width(text, 1) for row in texts for text in row)
    letters = min(TEXT, 0.7 * cell, 0.94 * cell / widest)
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            if text and letters >= _SMALLEST_TEXT:
                ax.text(j, i, text, ha="center", va="center", size=letters, color=theme.ink)
        total = counts[i].sum()
        recall = percent(counts[i, i], total) if total else "–"
        ax.text(size - 0.4, i, recall, va="center", size=min(SMALL, 0.8 * cell), color=theme.quiet)
    ax.annotate(say("recall"), (size - 0.4, size - 0.5), xytext=(0, -4),
                textcoords="offset points", va="top", size=SMALL, color=theme.quiet)  # fmt: skip
    ax.set_xlim(-0.5, size + 0.25)
    for line in np.arange(0.5, size - 0.5):
        ax.axhline(line, xmax=size / (size + 0.75), color=theme.ground, linewidth=1.5)
        ax.axvline(line, color=theme.ground, linewidth=1.5)
