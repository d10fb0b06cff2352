"""`viz.plot_confusion`: which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.extend import in_language, say
from viz.errors import VizError
from viz.themes import Theme, mix

from .canvas import SMALL, TEXT, axes, bare, house, literal, titled
from .inputs import array, percent
from .inputs import labels as classes_of
from .palette import legible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_WRITTEN = 25  # Classes; the cells of more are coloured only.


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
    side = min(max(0.52 * len(counts) + 1.6, 3.4), 8.0)
    with house("plot_confusion", theme, font) as colours:
        ax = axes(ax, colours, (side + 0.5, side))
        bare(ax)
        ax.imshow(_tints(counts, colours), aspect="equal", interpolation="nearest")
        _write(ax, counts, colours)
        places = np.arange(len(counts))
        many = max(len(str(name)) for name in names) > 3
        ax.set_xticks(places, [literal(str(n)) for n in names], rotation=45 if many else 0,
                      ha="right" if many else "center", rotation_mode="anchor")  # fmt: skip
        ax.set_yticks(places, [literal(str(n)) for n in names])
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
    """Each cell's colour, as RGB from 0 to 1."""
    from matplotlib.colors import to_rgb

    shares = _shares(counts)
    size = len(counts)
    tints = np.empty((size, size, 3))
    for i in range(size):
        for j in range(size):
            share = shares[i, j] ** 0.6 * 0.8 if i == j else min(shares[i, j] * 2, 1) ** 0.6 * 0.8
            colour = theme.value if i == j else theme.gradient
            least = mix(theme.ground, theme.ink, 0.03)
            tints[i, j] = to_rgb(mix(least, colour, float(share)))
    return tints


def _shares(counts: np.ndarray) -> np.ndarray:
    rows = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, rows, out=np.zeros(counts.shape), where=rows > 0)


def _write(ax: Axes, counts: np.ndarray, theme: Theme) -> None:
    """The counts in their cells, and each row's recall at its end."""
    size, tints = len(counts), _tints(counts, theme)
    for i in range(size):
        if size <= _MOST_WRITTEN:
            for j in range(size):
                if counts[i, j]:
                    ax.text(j, i, f"{counts[i, j]:,g}", ha="center", va="center",
                            size=TEXT if size <= 12 else 7,
                            color=legible(tints[i, j], theme))  # fmt: skip
        total = counts[i].sum()
        recall = percent(counts[i, i], total) if total else "–"
        ax.text(size - 0.4, i, recall, va="center", size=SMALL, color=theme.quiet)
    ax.text(size - 0.4, -0.62, say("recall"), va="bottom", size=SMALL, color=theme.quiet)
    ax.set_xlim(-0.5, size + 0.25)
    for line in np.arange(0.5, size - 0.5):
        ax.axhline(line, xmax=size / (size + 0.75), color=theme.ground, linewidth=1.5)
        ax.axvline(line, color=theme.ground, linewidth=1.5)
