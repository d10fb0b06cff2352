"""`viz.plot_history`: losses and metrics by epoch, the best epoch, and the phases of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.extend import in_language, number, say
from nn.training.history import called
from viz.errors import UnsupportedTargetError, VizError
from viz.themes import Theme, mix

from .canvas import SIZE, axes, figure, house, settle, titled, whole_ticks
from .labelling import End, label_ends, label_free
from .palette import series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_UNLESS_ASKED = ("epoch_seconds", "learning_rate", "lr")  # These are not plotted.
_FEWEST_EPOCHS = 5  # Fewer have no phases.


@in_language
def plot_history(
    history: Any,
    keys: str | Sequence[str] | None = None,
    *,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """Losses and metrics by epoch, training and validation in one panel each.

    Where there is a validation loss, its lowest point is marked as the best epoch, and the phases
    show: *under-fitting* as long as the validation loss still has a tenth or more of its way down
    before it, *over-fitting* from the best epoch on if the validation loss rises again while the
    training loss goes on falling.

    Parameters
    ----------
    history : what `nn.fit` returns, or a dict of lists, one number an epoch: ``loss``,
        ``val_loss``, ``accuracy``, ``val_accuracy``, ...
    keys : what to plot, such as ``"loss"`` or ``["loss", "accuracy"]``: a panel each, below one
        another. By default losses and metrics; on an `ax` of yours the first alone.
    ax : Axes to draw on; by default a new figure.
    theme : "light", "dark" or "colorblind".
    language : of the words, `"en"` or `"ko"`, as for `viz.draw`.
    font : a family that is installed, or a font's file, that letters are taken from first.
    title : over the first panel; "" for none.

    Returns the Axes of the first panel; those below it are the next of ``ax.figure.axes``.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not a history. VizError (a ValueError) : no epochs yet,
        lists of different lengths, or an unknown key; DependencyError : no Matplotlib.

    >>> ax = plot_history({"loss": [3.0, 2.0, 1.5], "val_loss": [3.1, 2.4, 2.2]})
    >>> ax.lines[0].get_ydata().tolist(), ax.get_xlabel()
    ([3.0, 2.0, 1.5], 'epoch')
    """
    recorded = _recorded(history)
    panels = _panels(recorded, keys)
    with house("plot_history", theme, font) as colours:
        if ax is None:
            panes = _stacked(len(panels))
        else:
            panes, panels = [axes(ax, colours)], panels[:1]
        phases = phases_of(recorded)
        notes = []
        for pane, name in zip(panes, panels, strict=True):
            notes.append(_draw_panel(pane, name, recorded, phases, colours))
            pane.set_xlabel(say("epoch") if pane is panes[-1] else "")
        titled(panes[0], title, say("Training"))
        settle(panes[0])
        for pane, found in zip(panes, notes, strict=True):
            label_free(pane, found, colours, _curves(pane))
    return panes[0]


class Phases(NamedTuple):
    """Epochs, counted from 1: the best, the last of under-fitting, the first of over-fitting.

    None where there is no such epoch.
    """

    best: int | None = None
    under: int | None = None
    over: int | None = None


def phases_of(recorded: Mapping[str, np.ndarray]) -> Phases:
    """The phases of a training run, from its losses.

    >>> falling = np.array([4.0, 2.0, 1.0, 0.5, 0.4, 0.3])
    >>> phases_of({"loss": falling, "val_loss": np.array([4.0, 2.2, 1.5, 1.4, 1.6, 1.9])})
    Phases(best=4, under=2, over=4)
    """
    validation, training = recorded.get("val_loss"), recorded.get("loss")
    if validation is None or not np.any(np.isfinite(validation)):
        return Phases()
    losses = np.where(np.isfinite(validation), validation, np.inf)
    best = int(np.argmin(losses))
    way_down = losses[0] - losses[best]
    if len(losses) < _FEWEST_EPOCHS or not 0 < way_down < np.inf:
        return Phases(best + 1)
    arrived = int(np.argmax(losses <= losses[best] + 0.1 * way_down))
    last = np.mean(losses[-max(1, len(losses) // 10) :])
    rises = last > losses[best] + 0.05 * way_down
    if training is not None:
        rises = rises and training[-1] < training[best]
    return Phases(best + 1, arrived or None, best + 1 if rises else None)


def _recorded(history: Any) -> dict[str, np.ndarray]:
    """The lists by name, checked."""
    found = getattr(history, "history", history)
    if not isinstance(found, Mapping):
        raise UnsupportedTargetError(
            "plot_history takes what nn.fit returns, or a dict of lists such as "
            f'{{"loss": [0.9, 0.4]}}; received {type(history).__name__}'
        )
    recorded = {}
    for name, values in found.items():
        try:
            numbers = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            continue
        if numbers.ndim == 1:
            recorded[str(name)] = numbers
    lengths = {name: len(values) for name, values in recorded.items()}
    if not lengths or not max(lengths.values()):
        raise VizError("this history has no epochs yet: train first, then plot it")
    if len(set(lengths.values())) > 1:
        raise VizError(f"all lists of a history are equally long; received lengths {lengths}")
    return recorded


def _panels(recorded: Mapping[str, np.ndarray], keys: Any) -> list[str]:
    """The names of the panels; a validation's list belongs to its training's panel."""
    names = list(dict.fromkeys(name.removeprefix("val_") for name in recorded))
    names.sort(key=lambda name: name != "loss")
    if keys is None:
        return [name for name in names if name not in _UNLESS_ASKED] or names
    asked = [keys] if isinstance(keys, str) else list(keys)
    wanted = list(dict.fromkeys(str(key).removeprefix("val_") for key in asked))
    unknown = [key for key in wanted if key not in names]
    if unknown or not wanted:
        raise VizError(
            f"keys={keys!r}: this history has {', '.join(names)}"
            + (f", and no {', '.join(unknown)}" if unknown else "; name one of them")
        )
    return wanted


def _stacked(count: int) -> list[Axes]:
    """Panels below one another in a new figure, the first the highest."""
    ratios = [1.5] + [1.0] * (count - 1)
    height = SIZE[1] if count == 1 else 1.75 * sum(ratios) + 0.5
    panes = figure((SIZE[0], height)).subplots(
        count, 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": ratios}
    )
    return list(panes[:, 0])


def _draw_panel(
    ax: Axes, name: str, recorded: Mapping[str, np.ndarray], phases: Phases, theme: Theme
) -> list[End]:
    """Draw a panel's curves; returns what is to be written at points of them."""
    training_colour, validation_colour = series(theme, 2)
    looks = [
        (say("training"), name, training_colour, "-"),
        (say("validation"), f"val_{name}", validation_colour, (0, (5, 1.6))),
    ]
    shown = [
        (label, recorded[key], colour, style)
        for label, key, colour, style in looks
        if key in recorded
    ]
    ends = []
    for label, values, colour, style in shown:
        epochs = np.arange(1, len(values) + 1)
        dot = "o" if len(values) == 1 else None
        ax.plot(epochs, values, color=colour, linestyle=style, marker=dot, label=label)
        ends += _end(label if len(shown) > 1 else "", values, colour)
    _scale(ax, [values for _, values, _, _ in shown])
    ax.set_ylabel(called(name).replace("_", " "))
    count = len(shown[0][1])
    whole_ticks(ax, 1, count)
    bands = _shade(ax, phases, count, theme) if name == "loss" else []
    label_ends(ax, ends)
    return [
        *bands,
        *_mark_best(ax, name, recorded, phases, theme),
        *_warnings(ax, [values for _, values, _, _ in shown], theme),
    ]


def _curves(ax: Axes) -> list[np.ndarray]:
    """The lines of a panel; one that is upright goes from edge to edge."""
    edges = ax.get_ylim()
    curves = [np.asarray(line.get_xydata()) for line in ax.lines]
    return [
        curve
        if len(curve) == 1 or np.ptp(curve[:, 0])
        else np.array([[curve[0, 0], edge] for edge in edges])
        for curve in curves
    ]


def _end(label: str, values: np.ndarray, colour: str) -> list[End]:
    """The label of a curve at its last finite number."""
    finite = np.flatnonzero(np.isfinite(values))
    if not finite.size:
        return []
    last = int(finite[-1])
    return [
        End(last + 1, float(values[last]), f"{label} {number(values[last], 3)}".strip(), colour)
    ]


def _scale(ax: Axes, curves: list[np.ndarray]) -> None:
    """A logarithmic axis for losses over more than two decades."""
    values = np.concatenate(curves)
    values = values[np.isfinite(values)]
    if values.size and np.min(values) > 0 and np.max(values) > 100 * np.min(values):
        ax.set_yscale("log")
    else:
        ax.margins(y=0.12)


def _shade(ax: Axes, phases: Phases, count: int, theme: Theme) -> list[End]:
    """Bands over the epochs of under- and over-fitting; their names, at their upper edge.

    They are written like the numbers of points: off the curves, and beside a band that is narrow.
    """
    tint = mix(theme.ground, theme.ink, 0.045)
    bands: list[tuple[int, int, float, str]] = []
    if phases.under is not None and phases.under > 1:
        bands.append((1, phases.under, 1 / 2, say("under-fitting")))
    if phases.over is not None and phases.over < count:
        bands.append((phases.over, count, 2 / 3, say("over-fitting")))  # Room for the other.
    for start, end, *_ in bands:
        ax.axvspan(start, end, color=tint, linewidth=0, zorder=0)
    top = _height_of(ax, 0.94)
    return [
        End(start + share * (end - start), top, name, theme.quiet)
        for start, end, share, name in bands
    ]


def _mark_best(
    ax: Axes, name: str, recorded: Mapping[str, np.ndarray], phases: Phases, theme: Theme
) -> list[End]:
    """A line at the best epoch, and a dot with the validation's number there."""
    values = recorded.get(f"val_{name}")
    if phases.best is None or values is None or len(values) < 2:
        return []
    best = float(values[phases.best - 1])
    ax.axvline(phases.best, color=theme.quiet, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
    ax.plot([phases.best], [best], "o", color=series(theme, 2)[1], markersize=6,
            markeredgecolor=theme.ground, markeredgewidth=1.2, label=say("best epoch"),
            zorder=4)  # fmt: skip
    text = number(best, 3)
    if name == "loss":
        text = say("best epoch {epoch}: {number}", epoch=phases.best, number=text)
    return [End(phases.best, best, text, theme.ink)]


def _warnings(ax: Axes, curves: list[np.ndarray], theme: Theme) -> list[End]:
    """From which epoch on a curve is not finite; the place is that of the first such number."""
    strange = [int(np.argmax(~np.isfinite(v))) + 1 for v in curves if not np.all(np.isfinite(v))]
    if not strange:
        return []
    text = say("⚠ NaN or infinite from epoch {epoch}", epoch=min(strange))
    return [End(min(strange), _height_of(ax, 0.5), text, theme.warning)]


def _height_of(ax: Axes, share: float) -> float:
    """The number at a share of the height of the Axes."""
    return float(ax.transData.inverted().transform(ax.transAxes.transform((0, share)))[1])
