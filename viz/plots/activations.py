"""`viz.plot_activations`: how each layer's outputs are distributed, and which units are dead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import in_language, number, say
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import called, is_module
from viz.themes import Theme, mix

from .canvas import SMALL, axes, dress, figure, house, literal, titled
from .inputs import array, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 60
SATURATED = 0.05  # Share of its steepest slope, at or below which a function is saturated.
MANY_DEAD, MUCH_SATURATED = 0.1, 0.5  # Shares from which on they are written as a warning.
_FEW = 12  # Layers; more have lower rows.
_NEVER_SATURATED = ("Identity", "LeakyReLU", "PReLU", "ReLU")


@in_language
def plot_activations(
    model: Any,
    X: Any = None,
    *,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """A histogram of each layer's outputs, below one another, and the shares that learn nothing.

    A unit of maps is a channel. Of an activation module, a unit is *dead* if its slope is 0 for
    every example, as of a ReLU that never fires; an output is *saturated* where the slope is at
    most a twentieth of the steepest, as at the ends of a sigmoid. Exact zeros are counted beside
    the histogram.

    Parameters
    ----------
    model : an nn.Module, run in evaluation mode; shown are its activation modules, or where it has
        none, all its layers. Or name -> outputs of shape (examples, units).
    X : the examples, with a module.
    ax, theme, title, language, font : as for every plot.

    Returns the Axes.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : neither a module nor a mapping. VizError (a ValueError) :
        a module without examples, or nothing to show.

    >>> ax = plot_activations({"relu": [[0.0, 1.0], [0.0, 2.0]]})
    >>> [text.get_text() for text in ax.texts]
    ['zero 50% · 1 of 2 units dead', 'mean 0.75, std 0.829']
    """
    layers = _layers(model, X)
    with house("plot_activations", theme, font) as colours:
        if ax is None:
            row = 0.86 if len(layers) <= _FEW else 0.5
            ax = figure((7.2, row * len(layers) + 1.1)).add_subplot()
            dress(ax, colours)
        ax = axes(ax, colours)
        shown = np.concatenate([layer.finite for layer in layers])
        edges = np.linspace(*_range(shown), BINS + 1)
        for i, layer in enumerate(layers):
            _draw_row(ax, layer, len(layers) - 1 - i, edges, colours)
        places = np.arange(len(layers))[::-1]
        names = [f"{layer.name}\n{layer.units:,}" for layer in layers]
        ax.set_yticks(places, [literal(name) for name in names], va="bottom")
        ax.set_ylim(-0.12, len(layers) - 0.02)
        ax.set_xlim(edges[0], edges[-1] + 0.55 * (edges[-1] - edges[0]))
        ax.set_xticks([tick for tick in ax.get_xticks() if edges[0] <= tick <= edges[-1]])
        ax.spines["left"].set_visible(False)
        ax.spines["bottom"].set_bounds(edges[0], edges[-1])
        ax.grid(False, axis="y")
        ax.set_xlabel(say("output"))
        titled(ax, title, say("Activations by layer"))
    return ax


@dataclass
class Outputs:
    """One layer's outputs, of shape (examples, units), and its slopes where they are known."""

    name: str
    values: np.ndarray
    slopes: np.ndarray | None = None
    steepest: float = 0.0
    saturates: bool = False

    @property
    def units(self) -> int:
        return self.values.shape[1]

    @property
    def finite(self) -> np.ndarray:
        return self.values[np.isfinite(self.values)]

    @property
    def dead(self) -> int:
        """How many units learn nothing from any example."""
        idle = self.values if self.slopes is None else self.slopes
        return int(np.sum(np.all(idle == 0, axis=0))) if len(idle) else 0

    @property
    def saturated(self) -> float | None:
        """The share of outputs where the function is all but flat; None where it never is."""
        if self.slopes is None or not self.saturates:
            return None
        return float(np.mean(np.abs(self.slopes) <= SATURATED * self.steepest))


def _layers(model: Any, X: Any) -> list[Outputs]:
    if isinstance(model, Mapping):
        found = [
            Outputs(str(name), _rows(array(values, str(name)))) for name, values in model.items()
        ]
    elif not is_module(model):
        raise UnsupportedTargetError(
            "plot_activations takes an nn.Module with examples, or name -> outputs; "
            f"received {type(model).__name__}"
        )
    elif X is None:
        raise VizError("plot_activations(model, X) takes examples X, whose activations it shows")
    else:
        found = _outputs_of(model, X)
    if not found or not all(layer.values.size for layer in found):
        raise VizError("there are no activations to show")
    return found


def _outputs_of(model: Any, X: Any) -> list[Outputs]:
    """The activations of a model; of one without activation modules, every layer's outputs."""
    runs = [called(model, row).calls for row in array(X, "X", 2)] if model.is_scalar else [
        called(model, X).calls]  # fmt: skip
    layers = []
    slides = any(getattr(module, "axes", 2) == 1 for module in model.modules())
    for calls in zip(*runs, strict=True):
        values = np.concatenate([_rows(_array(call.output), slides) for call in calls])
        module = calls[0].module
        layer = Outputs(calls[0].label, values)
        if module.elementwise:
            given = np.concatenate([_rows(_array(call.inputs[0]), slides) for call in calls])
            layer.slopes = _slopes(module, given)
            around = np.linspace(-8, 8, 401)[:, None] + np.zeros(given.shape[1])
            layer.steepest = float(np.max(np.abs(_slopes(module, around.astype(given.dtype)))))
            layer.saturates = type(module).__name__ not in _NEVER_SATURATED
        layers.append(layer)
    return [layer for layer in layers if layer.slopes is not None] or layers


def _slopes(module: Any, values: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        out, pullback = ag.vjp(module, values)
        return _array(pullback(np.ones(np.shape(out), values.dtype))[0])


def _array(content: Any) -> np.ndarray:
    if isinstance(content, tuple):  # Of a recurrent layer: outputs, and states.
        content = content[0]
    if isinstance(content, list):
        return np.array([[node.item() for node in content]])
    return np.asarray(content.data if isinstance(content, Tensor) else content)


def _rows(values: np.ndarray, slides: bool = False) -> np.ndarray:
    """Examples by units, whatever stands between; a vector is one example.

    The units of maps (N, channels, height, width) are their channels, and those of (N, channels,
    length) where windows slide along one axis.
    """
    if values.ndim > 3 or (slides and values.ndim == 3):
        values = np.moveaxis(values, 1, -1)
    return values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values.reshape(1, -1)


def _range(values: np.ndarray) -> tuple[float, float]:
    if values.size == 0:
        return -1.0, 1.0
    low, high = np.percentile(values, [0.5, 99.5])
    if np.ptp(values) <= 4 * (high - low):  # Beyond are no more than a few far away.
        low, high = np.min(values), np.max(values)
    room = 0.04 * (high - low) or 0.5
    return float(low - room), float(high + room)


def _draw_row(ax: Axes, layer: Outputs, base: int, edges: np.ndarray, theme: Theme) -> None:
    values = layer.finite
    zero = float(np.mean(values == 0)) if values.size else 0.0
    counts, _ = np.histogram(values[values != 0], edges)
    heights = 0.82 * counts / max(counts.max(), 1)
    colour = theme.positive
    ax.stairs(heights + base, edges, baseline=base, fill=True, linewidth=0,
              color=mix(theme.ground, colour, 0.55), label=literal(layer.name))  # fmt: skip
    ax.plot(edges[[0, -1]], [base, base], color=theme.box_line, linewidth=0.8)
    said = [say("zero {share}", share=percent(zero, 1))] if zero > 0.005 else []
    alarm = False
    if layer.dead or layer.slopes is not None:
        said.append(say("{dead:,} of {units:,} units dead", dead=layer.dead, units=layer.units))
        alarm = layer.dead > MANY_DEAD * layer.units
    if layer.saturated is not None:
        said.append(say("{share} saturated", share=percent(layer.saturated, 1)))
        alarm = alarm or layer.saturated > MUCH_SATURATED
    strange = int(np.sum(~np.isfinite(layer.values)))
    if strange:
        said.append(say("⚠ {count:,} not finite", count=strange))
        alarm = True
    x = edges[-1] + 0.02 * (edges[-1] - edges[0])
    ax.text(x, base + 0.46, " · ".join(said), size=SMALL, va="bottom",
            color=theme.warning if alarm else theme.ink)  # fmt: skip
    mean, std = (number(f(values), 3) if values.size else "" for f in (np.mean, np.std))
    spread = say("mean {mean}, std {std}", mean=mean, std=std) if values.size else ""
    ax.text(x, base + 0.12, spread, size=SMALL, va="bottom", color=theme.quiet)
