"""`viz.draw`: from a graph to a Picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import autograd as ag
from autograd.extend import in_language

from .arrays import plain
from .build import figure_of
from .errors import VizError
from .faces import check_font
from .mathematics import title_in
from .picture import GraphPicture
from .subject import check_digits, check_no_example, subject_of


@in_language
def draw(
    target: Any,
    example: Any = None,
    *,
    backward: bool = True,
    values: bool = True,
    gradient: Any = None,
    expand: Any = None,
    direction: str = "LR",
    digits: int | None = None,
    theme: str = "light",
    title: str | None = None,
    layout: str = "gategrad",
    width: float | str | None = None,
    numbers: str | int = "auto",
    leaves: str = "once",
    caption: bool = True,
    language: str | None = None,
    font: str | None = None,
) -> GraphPicture:
    """The picture of a graph: values above its wires, gradients below them.

    Parameters
    ----------
    target : a Tensor, a Trace (what `ag.trace` returns), an nn.Module, a model that `ag.from_torch`
        or `ag.from_onnx` read, or a Program (what `ag.compile` makes), of which the calls are
        drawn, and the buffers of their results. Several outputs are a dict, whose keys are their
        names, a list or a tuple of Tensors.
    example : with a Module, an input for it: an array, a list of numbers for a model of scalars,
        a dict of arrays, a tuple of several inputs. The module runs in evaluation mode, and each
        module in it is one closed box.
    backward : run a backward pass of its own, leaving `.grad` alone. False draws every gradient
        hollow, as not computed.
    values : False draws the bare graph.
    gradient : dL/d(output); an output of more than one element is drawn forward only without it.
    expand : what to open: a depth of scopes; scope or gate names, such as `"sigmoid"` or
        `"mlp/linear"`, or of several scopes one, such as `"step[3]"`, the third, and so of what
        repeats without scopes, `"× tanh[3]"`; `"all"`. Graphs of more than 150 gates are closed by
        scope, by repeated block, and else by levels, unless asked otherwise; a note in the picture
        says so. Of a Module, a name opens the modules called so, `"all"` every one, and 0 closes
        it. What is opened by name or by one depth more pushes apart what stands around it, whose
        order stays.
    direction : `"LR"`, from left to right, or `"TB"`, from top to bottom.
    digits : significant digits of numbers, 4 by default.
    theme : `"light"`, `"dark"` or `"colorblind"`.
    title : a line over the picture; also what screen readers call it.
    layout : who says where everything stands: `"gategrad"`, this package, for which time runs one
        way, operands stand in order, boxes of a loop's steps stand side by side, and wires keep
        apart; or `"dot"`, Graphviz, which pygraphviz brings along.
    width : of the finished picture: points, `"slide"`, `"page"` or `"column"`. What is wider is
        made smaller, and where letters would be below 7 points it goes on in rows, like a score,
        from top to bottom in columns; letters mark the wires that go on.
    numbers : which arrays are written out number by number: `"auto"`, those that fit, such as 4×4
        or ten logits; `"all"`, up to 1,000 numbers; or those of up to so many. Others are heat
        maps.
    leaves : `"once"`, or `"repeat"`: a leaf that is used in several places stands in each of them,
        marked 1/3, 2/3, 3/3; the first bears its gradient and the sum.
    caption : False leaves out the title and the notes, such as what closed boxes hold, as slides
        and papers have it that say so themselves; screen readers are told all the same.
    language : of what it says in words, `"en"` or `"ko"`; by default that of the block
        (`with viz.language("ko"):`), else English.
    font : a family that is installed, to set everything in but names in italics; by default the
        package's own, and for Hangul that of the extra `ko` (NanumGothic), else the system's sans.
        In LaTeX it is that of .tex, compiled by XeLaTeX or LuaLaTeX; .tikz names it in a comment.

    Raises
    ------
    VizError (a ValueError) : an option cannot be; UnsupportedTargetError (also a TypeError) :
        `target` is not a graph.

    >>> import viz
    >>> from autograd import Tensor
    >>> x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
    >>> picture = viz.draw((x + y) * z)
    >>> picture
    <Picture: Computational graph, 2 gates>
    >>> print(picture.description)
    x is −2, gradient −4.
    y is 5, gradient −4.
    z is −4, gradient 3.
    (1), add (+) of x and y, is 3, gradient −4.
    (2), multiply (×) of (1) and z, is −12, gradient 1.
    """
    digits, expand = plain(digits), plain(expand)
    picture = _kind_with_options(
        layout, width, leaves, direction=direction, digits=digits, theme=theme, caption=caption
    )
    if isinstance(target, ag.Program):
        check_digits(digits)
        check_no_example("draw", target, example)
        return _drawn(target, expand, title, check_font(font), picture)
    subject = subject_of("draw", target, example, gradient=gradient, digits=digits, numbers=numbers)
    figure = figure_of(subject, expand, backward=backward and values)
    figure.title, figure.font = title_in(title), check_font(font)

    def in_words() -> str:
        from .derivation import derivation_of

        return str(derivation_of(subject, expand))

    return picture(figure, values=values, in_words=None if subject.outputs else in_words)


def _kind_with_options(
    layout: str, width: float | str | None, leaves: str, **options: Any
) -> Callable[..., GraphPicture]:
    """The class of pictures of a layout, with some options of its pictures."""
    if leaves not in ("once", "repeat"):
        raise VizError(f"leaves is 'once' or 'repeat'; received {leaves!r}")
    if layout == "gategrad":
        return partial(GraphPicture, width=width, repeat=leaves == "repeat", **options)
    if layout != "dot":
        raise VizError(f"layout is 'gategrad' or 'dot'; received {layout!r}")
    if width is not None or leaves != "once":
        raise VizError("width and leaves are options of layout='gategrad'; Graphviz has neither")
    from .dot.picture import DotPicture

    return partial(DotPicture, **options)


def _drawn(
    program: ag.Program,
    expand: Any,
    title: str | None,
    font: str,
    picture: Callable[..., GraphPicture],
) -> GraphPicture:
    """The picture of a program: its calls and where their results live, no values."""
    from .programs import figure_of_program

    figure = figure_of_program(program, expand)
    figure.title = figure.title if title is None else title_in(title)
    figure.font = font
    return picture(figure, values=False, in_words=lambda: str(program))
