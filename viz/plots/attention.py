"""`viz.plot_attention`: who looks at whom, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd.extend import in_language, number, say, say_count
from viz.errors import VizError
from viz.labels import width
from viz.modules import called, is_module
from viz.names import shortened
from viz.network.stage_reading import as_batch, is_attention
from viz.themes import Theme, mix

from .canvas import SMALL, axes, bare, house, points_of, titled
from .inputs import array
from .labelling import LONGEST_NAME, name_columns, name_rows
from .palette import UNDER_TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 0.6  # Between heads, in cells.
_MOST_WRITTEN = 8  # Keys; the shares of more are coloured only.
_SURE = 1e-3  # How far a row's sum may be from 1, or from 0 where nothing may be looked at.


@in_language
def plot_attention(
    target: Any,
    x: Any = None,
    *,
    layer: int = 0,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """Attention's weights: a row a query, a column a key, deeper where the query looks more.

    Parameters
    ----------
    target : an nn.Module with attention in it, run in evaluation mode; or shares of shape (queries,
        keys), or (heads, queries, keys), also in a batch of one, whose rows sum to 1. Heads stand
        side by side.
    x : with a module, one sequence: steps (T, features) or tokens (T,), or a batch of one.
    layer : which of the module's attentions, in the order in which they are called.
    queries, keys : what they are called, such as the tokens; keys are called as queries are where
        there are as many.
    ax, theme, title, language, font : as for every plot.

    Returns the Axes.

    Raises
    ------
    VizError (a ValueError) : weights that are no shares, names of another number, or a module
        without such an attention.

    >>> ax = plot_attention([[1.0, 0.0], [0.25, 0.75]], queries=["the", "cat"])
    >>> [text.get_text() for text in ax.texts]
    ['1', '0.25', '0.75']
    >>> import nn
    >>> ax = plot_attention(nn.TransformerBlock(8, 2, rng=0), np.ones((3, 8)))
    >>> ax.get_title(loc="left"), len(ax.images)
    ('Attention of 2 heads', 2)
    """
    among = 1
    if is_module(target):
        target, among = _weights_of(target, x, layer)
    elif x is not None:
        raise VizError("x goes with an nn.Module; names of queries are queries=[...]")
    heads = _shares(target)
    count, rows, columns = heads.shape
    queries = _names(queries, rows, "queries")
    keys = queries if keys is None and rows == columns else _names(keys, columns, "keys")
    with house("plot_attention", theme, font) as colours:
        cell = min(0.5, 9.0 / (count * (columns + GAP)), 6.0 / rows)
        longest = [
            max((width(n, SMALL) for n in names), default=0) / 72 for names in (queries, keys)
        ]
        size = (cell * count * (columns + GAP) + longest[0] + 0.7,
                cell * rows + min(longest[1], 1.2) + 0.9)  # fmt: skip
        own = ax is None
        ax = axes(ax, colours, (max(size[0], 2.4), max(size[1], 1.8)))
        high = rows + (0.1 if count == 1 else 0.85)
        wide = count * (columns + GAP) - GAP + 0.1
        room = points_of(ax)
        pitch = 72 * cell if own else min(room[0] / wide, room[1] / high)
        bare(ax)
        places = [head * (columns + GAP) for head in range(count)]
        for head, (left, share) in enumerate(zip(places, heads, strict=True)):
            _draw(ax, share, left, colours)
            if count > 1:
                ax.text(left + columns / 2, -0.25, say("head {number}", number=head + 1),
                        ha="center", va="bottom", size=SMALL, color=colours.quiet)  # fmt: skip
        ax.set_xlim(-0.05, places[-1] + columns + 0.05)
        ax.set_ylim(rows + 0.05, -0.05 if count == 1 else -0.8)
        ax.set_aspect("equal")
        if queries:
            name_rows(ax, np.arange(rows) + 0.5, queries, pitch)
        if keys:
            at = np.concatenate([np.arange(columns) + left + 0.5 for left in places])
            name_columns(ax, at, keys * count, pitch)
        ax.tick_params(labelcolor=colours.ink)
        ax.set_xlabel(say("key"))
        ax.set_ylabel(say("query"))
        words = say_count("Attention", "Attention of {count} heads", count)
        if among > 1:
            words = say("{attention}, layer {number} of {count}", attention=words, number=layer + 1,
                        count=among)  # fmt: skip
        titled(ax, title, words)
    return ax


def _draw(ax: Axes, shares: np.ndarray, left: float, theme: Theme) -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    rows, columns = shares.shape
    is_written = columns <= _MOST_WRITTEN
    deepest = mix(theme.ground, theme.positive, UNDER_TEXT if is_written else 1.0)
    depth = LinearSegmentedColormap.from_list("gategrad-shares", [theme.ground, deepest])
    ax.imshow(shares, cmap=depth, vmin=0, vmax=1, extent=(left, left + columns, rows, 0),
              aspect="auto", interpolation="none")  # fmt: skip
    ax.add_patch(Rectangle((left, 0), columns, rows, fill=False, edgecolor=theme.box_line,
                           linewidth=0.8))  # fmt: skip
    if not is_written:
        return
    for i, row in enumerate(shares):
        for j, share in enumerate(row):
            if share:
                text = number(round(float(share), 2), 2) if share >= 0.005 else "≈0"
                ax.text(left + j + 0.5, i + 0.5, text, ha="center", va="center", size=SMALL - 1,
                        color=theme.ink)  # fmt: skip


def _weights_of(model: Any, x: Any, layer: Any) -> tuple[np.ndarray, int]:
    """The weights of one of a model's attentions, and how many it has."""
    if not any(map(is_attention, model.modules())):
        raise VizError(f"{type(model).__name__} has no attention: weights are an array of shares")
    if x is None:
        raise VizError("plot_attention(model, x) takes a sequence x, whose attention it shows")
    made = called(model, as_batch(x, model)).nested
    found = [call for call in made if is_attention(call.module)]
    if type(layer) is not int or not 0 <= layer < len(found):
        raise VizError(f"layer is from 0 to {len(found) - 1}; received {layer!r}")
    call = found[layer]
    with ag.no_grad():
        options = {name: call.options[name] for name in ("mask",) if name in call.options}
        weights = call.module.weights(*call.inputs[:2], **options)
    return np.asarray(weights.data), len(found)


def _shares(weights: Any) -> np.ndarray:
    """Weights as (heads, queries, keys), checked."""
    heads = array(weights, "weights", ndim=(2, 3, 4)).astype(float)
    if heads.ndim == 4 and len(heads) == 1:
        heads = heads[0]
    heads = heads[None] if heads.ndim == 2 else heads
    if heads.ndim != 3 or not heads.size:
        raise VizError(
            "weights are those of one sequence: (queries, keys) or (heads, queries, keys); "
            f"received shape {np.shape(weights)}"
        )
    sums = heads.sum(axis=2)
    is_sum = (np.abs(sums - 1) < _SURE) | (np.abs(sums) < _SURE)
    if not np.all(is_sum) or np.any(heads < 0):
        worst = float(sums.flat[int(np.argmax(np.abs(sums - 1)))])
        raise VizError(
            "weights are shares, none negative, and each row sums to 1, as after a softmax over "
            f"the keys; received a row that sums to {number(worst, 3)}"
        )
    return heads


def _names(names: Any, count: int, option: str) -> list[str]:
    if names is None:
        return []
    found = [shortened(str(name), LONGEST_NAME) for name in names]
    if len(found) != count:
        raise VizError(f"{option} has a name for each of {count}; received {len(found)}")
    return found
