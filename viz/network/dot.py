"""A drawing of a network as DOT text, for neato: every mark has its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from viz.dot.tables import FAMILY, caption, cell, font, html_table, row
from viz.names import label_text
from viz.themes import Theme

from .marks import Label, Mark, Run, Sheet, Stroke


def dot_of(marks: Sequence[Mark], theme: Theme, *, title: str, notes: Sequence[str]) -> str:
    """The DOT text: what is drawn here, drawn by ``neato -n2``, lines first."""
    lines = [
        f'graph [layout=neato bgcolor="{theme.ground}" pad="0.3,0.15" splines=line '
        f"inputscale=72 outputorder=edgesfirst{caption(title, notes, theme)}]",
        f'node [fixedsize=true margin=0 style=filled fontname="{FAMILY}" label=""]',
        f'edge [arrowhead=none fontname="{FAMILY}"]',
    ]
    for number, mark in enumerate(marks):
        lines += _described(mark, number)
    return "digraph {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def _described(mark: Mark, number: int) -> Iterator[str]:
    if isinstance(mark, Stroke):
        yield from _edge(mark, number)
        return
    key = mark.key or f"m{number}"
    if isinstance(mark, Label):
        rows = "".join(row(cell("".join(map(_run, line)))) for line in mark.lines)
        ground = {"BGCOLOR": mark.ground} if mark.ground else {}
        yield (
            f'{key} [{_place(mark.x, mark.y)} shape=plain fixedsize=false style="" width=0 '
            f"height=0 label=<{html_table(rows, **ground)}>]"
        )
        return
    if isinstance(mark, Sheet):
        left, top, right, low = mark.box
        where = _place((left + right) / 2, (top + low) / 2)
        size = f"shape=box width={(right - left) / 72:.4g} height={(low - top) / 72:.4g}"
    else:
        where = _place(mark.x, mark.y)
        size = f"shape=circle width={2 * mark.radius / 72:.4g} height={2 * mark.radius / 72:.4g}"
    looks = ["filled", "dashed"] if mark.is_dashed else ["filled"]
    looks += ["rounded"] if isinstance(mark, Sheet) and mark.corner else []
    style = f' style="{",".join(looks)}"' if len(looks) > 1 else ""
    colours = f'fillcolor="{mark.fill}" color="{mark.edge or mark.fill}"'
    yield f"{key} [{where} {size} {colours}{style}]"


def _edge(stroke: Stroke, number: int) -> Iterator[str]:
    looks = f'color="{stroke.colour}" penwidth={stroke.width:.3g}'
    looks += " style=dashed" if stroke.is_dashed else ""
    keys = list(stroke.ends)
    if not all(keys):
        keys = [f"p{number}_{i}" for i in range(len(stroke.points))]
        for key, point in zip(keys, stroke.points, strict=True):
            yield f'{key} [{_place(*point)} shape=point width=0.01 color="{stroke.colour}"]'
    name = f" id={stroke.key}" if stroke.key else ""
    for start, end in pairwise(keys):
        is_tip = stroke.is_arrow and end == keys[-1]
        head = " arrowhead=normal arrowsize=0.6" if is_tip else ""
        yield f"{start} -> {end} [{looks}{head}{name}]"


def _place(x: float, y: float) -> str:
    return f'pos="{x:g},{-y:g}!"'


def _run(run: Run) -> str:
    text = font(label_text(run.text), color=run.colour, size=run.size)
    if run.is_italic:
        text = f"<I>{text}</I>"
    tag = "SUB" if run.shift > 0 else "SUP" if run.shift < 0 else ""
    return f"<{tag}>{text}</{tag}>" if tag else text
