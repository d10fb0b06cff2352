"""The house style of plots: the graphs' fonts and colours, a light grid."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from autograd import DependencyError
from autograd.extend import number
from viz.errors import VizError
from viz.faces import FONTS, OWN_FAMILY, file_of, korean
from viz.themes import Theme, mix, theme_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (6.6, 4.0)  # Inches.
TEXT = 10  # Points; titles are a little larger, notes smaller.
SMALL = 9
# Letters that the package's own font lacks come from the first of these that is installed.
_EXTRA = "NanumGothic"  # Of the extra `ko`.
_OTHER_SCRIPTS = (
    _EXTRA, "Noto Sans CJK KR", "Noto Sans CJK JP", "Apple SD Gothic Neo", "Malgun Gothic",
)  # fmt: skip


@contextmanager
def house(plot: str, theme: str = "light", font: str | None = None) -> Iterator[Theme]:
    """While this lasts, what Matplotlib makes is in the house style; its settings are put back.

    Raises
    ------
    VizError : there is no such theme, or no such font. DependencyError (an ImportError) : no
        Matplotlib here; `plot` names who needs it.
    """
    colours = theme_named(theme)
    try:
        import matplotlib
    except ImportError as error:
        raise DependencyError(
            f'{plot} needs Matplotlib: pip install "gategrad[plot]", or pip install matplotlib'
        ) from error
    live = matplotlib.is_interactive()
    try:
        with matplotlib.rc_context(_settings(colours, font)):
            try:
                yield colours
            finally:
                live = matplotlib.is_interactive()
    finally:
        # A notebook's first figure loads its backend, which turns this on: later ones need it.
        matplotlib.interactive(live)


def axes(ax: Any, theme: Theme, size: tuple[float, float] = SIZE) -> Axes:
    """The Axes to draw on: the caller's, dressed, or those of a new figure."""
    if ax is None:
        return figure(size).add_subplot()
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise VizError(
            "ax is a Matplotlib Axes, such as figure.add_subplot() or one of plt.subplots() "
            f"returns; received {type(ax).__name__}"
        )
    dress(ax, theme)
    return ax


def figure(size: tuple[float, float] = SIZE) -> Any:
    """A new figure. pyplot knows of it where pyplot is in use, so that it shows as usual."""
    from .shown import PlotFigure

    if "matplotlib.pyplot" in sys.modules or _in_notebook():
        from matplotlib import pyplot

        return pyplot.figure(figsize=size, FigureClass=PlotFigure)
    return PlotFigure(figsize=size)


def dress(ax: Axes, theme: Theme) -> None:
    """Give Axes that were made elsewhere the house style."""
    ax.set_facecolor(theme.ground)
    ax.figure.set_facecolor(theme.ground)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.box_line)
    ax.tick_params(length=0, labelsize=SMALL, labelcolor=theme.quiet, labelfontfamily=families())
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set(fontfamily=families(), fontsize=TEXT, color=theme.ink)
    ax.grid(True, color=_grid(theme), linewidth=0.8)
    ax.set_axisbelow(True)


def bare(ax: Axes, *, frame: bool = False) -> None:
    """No grid and no ticks: for images."""
    ax.grid(False)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(frame)


def titled(ax: Axes, title: str | None, default: str = "") -> None:
    """The title at the left, over the Axes; `title=""` leaves it out."""
    from matplotlib import rcParams

    text = default if title is None else title
    if text:
        ax.set_title(literal(text), color=rcParams["text.color"], fontfamily=families())


def literal(text: str) -> str:
    """A text that Matplotlib shall not read as a formula.

    >>> literal("$5 and $6")
    '\\\\$5 and \\\\$6'
    """
    return text.replace("$", r"\$")


def log_ticks(ax: Axes) -> None:
    """A logarithmic axis upwards; of less than a decade its numbers are written in full."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    ax.set_yscale("log")
    low, high = ax.get_ylim()
    if high < 30 * low:
        whole = FuncFormatter(lambda value, _: number(value, 4))
        ax.yaxis.set_major_formatter(whole)
        ax.yaxis.set_minor_formatter(whole if high < 8 * low else NullFormatter())


def whole_ticks(ax: Axes, first: int, last: int) -> None:
    """An axis of whole numbers from `first` to `last`, epochs or steps, and no lines at them."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(nbins=8, integer=True).tick_values(first, last)
    ax.set_xticks([int(tick) for tick in found if first <= tick <= last])
    ax.set_xlim((first, last) if last > first else (first - 0.5, first + 0.5))
    if last > first:
        ax.spines["bottom"].set_bounds(first, last)
    ax.grid(False, axis="x")


def keyed(ax: Axes, theme: Theme, larger: float) -> None:
    """A legend right of the Axes where the figure makes room for it; else inside, on the ground.

    Its marks are so much larger than those of the plot.
    """
    looks = {
        "handletextpad": 0.2,
        "markerscale": larger,
        "fontsize": SMALL,
        "labelcolor": theme.ink,
    }
    engine = ax.figure.get_layout_engine()
    if engine is not None and engine.adjust_compatible is False:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3, **looks)
        return
    ax.legend(loc="best", frameon=True, framealpha=0.85, facecolor=theme.ground,
              edgecolor=theme.box_line, **looks)  # fmt: skip


def settle(ax: Axes) -> None:
    """Lay a figure of ours out, so that texts can be placed; a figure of the caller's is let be."""
    from .shown import PlotFigure

    if isinstance(ax.figure, PlotFigure):
        ax.figure.draw_without_rendering()


def points_of(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes, in points."""
    inches = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    return 72 * inches.width, 72 * inches.height


def families() -> list[str]:
    """The fonts that were asked for by Matplotlib's settings, such as those of a course in Korean;
    the package's own font, Matplotlib's, and one for East Asian letters if there is one."""
    from matplotlib.font_manager import fontManager

    known = {entry.name for entry in fontManager.ttflist}
    if _EXTRA not in known and (path := korean()):
        fontManager.addfont(path)
        known.add(_EXTRA)
    if OWN_FAMILY not in known:
        for file in sorted(FONTS.glob("*.ttf")):
            fontManager.addfont(file)
    others = [name for name in _OTHER_SCRIPTS if name in known]
    return list(dict.fromkeys([*_asked_for(), OWN_FAMILY, "DejaVu Sans", *others[:1]]))


def _named(font: str | None) -> list[str]:
    """The family that is asked for, known to Matplotlib."""
    if font is None:
        return []
    from matplotlib.font_manager import FontProperties, fontManager

    if font in {entry.name for entry in fontManager.ttflist}:
        return [font]
    if (path := file_of(font)) is None:
        raise VizError(
            f"font is a family that is installed, or a font's file (.ttf, .otf); received {font!r}"
        )
    fontManager.addfont(path)
    return [FontProperties(fname=path).get_name()]


def _asked_for() -> list[str]:
    """The families that rcParams have and did not have from the start."""
    from matplotlib import rcParams, rcParamsDefault

    found = []
    for family in rcParams["font.family"]:
        listed = rcParams.get(f"font.{family}", [family])
        if listed != rcParamsDefault.get(f"font.{family}") or family != "sans-serif":
            found.append(listed[0])
    return found


def _grid(theme: Theme) -> str:
    return mix(theme.ground, theme.ink, 0.1)


def _settings(theme: Theme, font: str | None) -> dict[str, Any]:
    return {
        "font.family": [*_named(font), *families()],
        "font.size": TEXT,
        "text.color": theme.ink,
        "figure.facecolor": theme.ground,
        "figure.constrained_layout.use": True,
        "figure.dpi": 96,  # As large on a screen as a figure's SVG.
        "savefig.facecolor": "auto",
        "axes.facecolor": theme.ground,
        "axes.edgecolor": theme.box_line,
        "axes.linewidth": 0.8,
        "axes.labelcolor": theme.ink,
        "axes.labelsize": TEXT,
        "axes.titlelocation": "left",
        "axes.titlesize": TEXT + 1.5,
        "axes.titlepad": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.unicode_minus": True,
        "grid.color": _grid(theme),
        "grid.linewidth": 0.8,
        "xtick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.major.size": 0,
        "ytick.minor.size": 0,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.labelcolor": theme.quiet,
        "ytick.labelcolor": theme.quiet,
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
        "legend.fontsize": SMALL,
        "mathtext.default": "regular",
    }


def _in_notebook() -> bool:
    """Whether an IPython kernel runs, which shows the figures of a cell below it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")
