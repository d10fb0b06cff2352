"""`viz.plot_function`: a gate, or any function of one number, with its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import AutogradError, Tensor
from autograd.extend import in_language
from viz.errors import UnsupportedTargetError, VizError
from viz.formulas import told_rule
from viz.modules import is_module

from .canvas import axes, house, titled
from .inputs import limits
from .labelling import End, label_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 601
_SHORT = {"sigmoid": "σ", "log": "ln", "absolute": "abs"}


@in_language
def plot_function(
    function: Callable[[Any], Any] | str,
    xlim: tuple[float, float] = (-5.0, 5.0),
    *,
    derivative: bool = True,
    label: str | None = None,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """A function in the colour of values, and its derivative in the colour of gradients.

    Parameters
    ----------
    function : of one Tensor, elementwise: a gate such as `ag.sigmoid`, an activation module,
        a lambda; or the name of one of autograd's functions.
    xlim : from where to where, in x.
    derivative : False leaves the derivative out.
    label : what the function is called, such as ``"f"``; by default its own name.
    ax, theme, title, language, font : as for every plot; the title is the gate's rule by default.

    Curves have gaps where the function jumps, and where it is not finite. Returns the Axes.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not a function; VizError (a ValueError) : not an
        elementwise one, or `xlim` is no range.

    >>> ax = plot_function("tanh", (-2, 2))
    >>> [line.get_label() for line in ax.lines[:2]], ax.get_title(loc="left")
    (['tanh(x)', 'tanh′(x)'], 'tanh:  tanh x → 1 − tanh² x')
    """
    f = _function(function)
    start, end = limits(xlim, "xlim")
    x = np.linspace(start, end, _POINTS)
    y, slope = _evaluated(f, x)
    name = label or _name_of(function)
    name = "f" if name == "<lambda>" else _SHORT.get(name, name)
    gaps = _jumps(x, y, slope), _steps(slope)
    with house("plot_function", theme, font) as colours:
        ax = axes(ax, colours)
        curves = [(f"{name}(x)", y, colours.value, 2.2)]
        if derivative:
            curves.append((f"{name}′(x)", slope, colours.gradient, 1.7))
        ends = []
        for (text, values, colour, wide), after in zip(curves, gaps, strict=False):
            shown = np.where(np.isfinite(values), values, np.nan)
            # A gap of no width: what stands before it is drawn up to it.
            places = np.flatnonzero(after) + 1
            line = np.insert(x, places, x[places]), np.insert(shown, places, np.nan)
            ax.plot(*line, color=colour, linewidth=wide, label=text)
            last = np.flatnonzero(np.isfinite(shown))
            if last.size:
                ends.append(End(float(x[last[-1]]), float(shown[last[-1]]), text, colour))
        ax.set_xlim(start, end)
        _set_heights(ax, y, slope if derivative else None)
        ax.set_xlabel("x")
        for at_zero in (ax.axhline, ax.axvline):
            at_zero(0, color=colours.box_line, linewidth=1, zorder=1)
        label_ends(ax, ends)
        ax.set_xticks([tick for tick in ax.get_xticks() if start <= tick <= end])
        titled(ax, title, _rule_of(function, f))
    return ax


def _function(function: Any) -> Callable[[Any], Any]:
    if isinstance(function, str):
        found = getattr(ag, function, None)
        if not callable(found):
            raise VizError(
                f"autograd has no function {function!r}; write its name, such as "
                '"sigmoid", or give the function itself'
            )
        return found
    if not callable(function):
        raise UnsupportedTargetError(
            "plot_function takes a function of one Tensor, such as ag.sigmoid, or its name; "
            f"received {type(function).__name__}"
        )
    return function


def _evaluated(f: Callable[[Any], Any], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The function and its derivative at every x."""
    with np.errstate(all="ignore"):
        try:
            y, pullback = ag.vjp(f, x)
        except (AutogradError, TypeError, ValueError) as error:
            raise VizError(f"the function cannot be plotted at {x.size} points: {error}") from error
        y = np.asarray(y.data if isinstance(y, Tensor) else y, dtype=float)
        if y.shape != x.shape:
            raise VizError(
                "plot_function needs an elementwise function, whose output has its input's shape; "
                f"of {x.shape} it made {y.shape}"
            )
        (slope,) = pullback(np.ones_like(x))
    # A Tensor where the function has parameters that want gradients, such as a network's.
    return y, np.asarray(slope.data if isinstance(slope, Tensor) else slope, dtype=float)


def _jumps(x: np.ndarray, y: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Which points stand before a jump: their next is nowhere near where the slopes lead."""
    with np.errstate(all="ignore"):
        rise = np.diff(y)
        expected = (slope[1:] + slope[:-1]) / 2 * np.diff(x)
        finite = y[np.isfinite(y)]
        high = np.ptp(finite) if finite.size else 0.0
        off = (np.abs(rise - expected) > 0.5 * np.abs(rise)) & (np.abs(rise) > 0.01 * high)
    return np.append(off, False)


def _steps(slope: np.ndarray) -> np.ndarray:
    """Which points stand before a step of the slope: nothing like it happens beside it."""
    with np.errstate(all="ignore"):
        rise = np.abs(np.diff(slope))
        high = np.ptp(slope[np.isfinite(slope)]) if np.any(np.isfinite(slope)) else 0.0
        beside = np.pad(rise, 3, mode="edge")
        count = len(rise)
        near = np.max([beside[i : i + count] for i in (0, 1, 5, 6)], axis=0)
        return np.append((rise > 0.02 * high) & (rise > 10 * near), False)


def _set_heights(ax: Axes, y: np.ndarray, slope: np.ndarray | None) -> None:
    """The axis leaves out what runs off to infinity; the function counts more than its slope."""
    low, high = _most_of(y)
    if slope is not None:
        room = max(high - low, 0.5)
        least, most = _most_of(slope)
        low, high = max(min(low, least), low - room), min(max(high, most), high + room)
    pad = 0.08 * max(high - low, 0.5)
    ax.set_ylim(low - pad, high + pad)


def _most_of(values: np.ndarray) -> tuple[float, float]:
    """The range of the finite values, without poles."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 0.0
    low, high = np.percentile(values, [4, 96])
    if np.ptp(values) <= 8 * max(high - low, 1e-9):
        low, high = np.min(values), np.max(values)
    return float(low), float(high)


def _name_of(function: Any) -> str:
    if isinstance(function, str):
        return function
    if is_module(function):
        return str(function.label)
    name = getattr(function, "name", None) or getattr(function, "__name__", None)
    return str(name or type(function).__name__)


def _rule_of(function: Any, f: Any) -> str:
    """A gate's name and rule, for a title."""
    name = _name_of(function)
    with np.errstate(all="ignore"):
        node = f(Tensor(np.array([0.5])))
    gate = getattr(node, "gate", None)
    if gate is None or gate.name != name:
        return "" if name == "<lambda>" else name
    return f"{name}:  {told_rule(gate)}" if gate.rule else name
