"""What the page is told of one picture: its shapes, its names, and each moment's lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograd.extend import say
from viz.describe import in_full
from viz.figure import Figure, Gradient
from viz.formulas import TANGENT, label_gap
from viz.lines import passed

from .elements import MOST_ELEMENTS, NotInPageError, PageProgram, edges_of, program_of
from .javascript import Gates
from .json_steps import json_of
from .moments import Line, Moment, Story
from .page_svg import inline, outer
from .said import LACKS, phrases


def told_to_all(theme: str, digits: int) -> dict[str, Any]:
    """What any page is told beside its pictures and its title."""
    return {"theme": theme, "digits": digits, "tangent": TANGENT, "said": phrases()}


def view_of(story: Story, gates: Gates, *, other: str, description: str) -> dict[str, Any]:
    """One picture's data. `other` is what the button says that leads to the other picture."""
    figure: Figure = story.figure
    assert figure.output is not None
    notes = [] if other else figure.notes
    shown = replace(figure, title="", notes=notes)
    program, lacks = _program(story, gates)
    inner, width, height = inline(shown, story.digits, is_live=program is not None)
    index = {gate.key: i for i, gate in enumerate(figure.gates)}
    # Leaves in creation order, which is that of the program, by their wires.
    leaves = [
        story.wires.get(id(node), -1)
        for node in story.nodes if node.is_leaf
        for _ in range(node.size if program else 1)
    ]  # fmt: skip
    edges = edges_of(story, program) if program else []
    view: dict[str, Any] = {
        "svg": outer(inner, width, height, figure.font), "width": width, "height": height,
        "other": other,
        "description": description, "labels": story.labels,
        "out": story.index_of[figure.output.key],
        "inputs": leaves,
        "wires": [
            _kept(
                key=wire.key, fixed=wire.gradient is Gradient.NOT_WANTED, dead=wire.is_dead,
                node=story.place.get(id(wire.node)) if program else None,
                across=_across(wire.value),
                hover=None if program and wire.node is not None
                else [in_full(wire.value), _gradient(wire.gradient)],
            )
            for wire in figure.wires
        ],
        "gates": [_gate(story, gate) for gate in figure.gates],
        "links": [
            _kept(
                wire=story.index_of[link.source.key], gate=index[link.target.key],
                edges=edges[i] if program else None,
                slot=_slot(story, i) if program and program.of else None,
                shape=list(np.shape(link.source.value)) or None if program else None,
                **({} if program else _stored(story, i)), dead=link.is_dead,
            )
            for i, link in enumerate(figure.links)
        ],
        "moments": [_moment(story, moment, index, bool(program)) for moment in story.moments],
    }  # fmt: skip
    if program:
        view["program"] = program.data
    elif lacks:
        view["lacks"] = lacks
    return view


def _program(story: Story, gates: Gates) -> tuple[PageProgram | None, str]:
    """The program of the page, or what it says in its place: why inputs cannot be changed."""
    if story.trace is None:
        return None, ""
    try:
        return program_of(story, gates), ""
    except NotInPageError as error:
        return None, say(LACKS[error.kind], name=error.name, count=MOST_ELEMENTS)


def still_of(figure: Figure, digits: int | None) -> str:
    """A figure's SVG for hosts that run nothing, as the page's own is."""
    return outer(*inline(replace(figure, title="", notes=[]), digits), figure.font)


def _kept(**entries: Any) -> dict[str, Any]:
    """The entries that say something."""
    return {k: v for k, v in entries.items() if v is not None and v is not False}


def _gate(story: Story, gate: Any) -> dict[str, Any]:
    outs = [story.index_of[wire.key] for wire in story.wires_from.get(gate.key, [])]
    return _kept(key=gate.key, name=gate.name, outs=outs, closed=gate.count > 1)


def _gradient(gradient: Any) -> str:
    return "" if isinstance(gradient, Gradient) else in_full(gradient)


def _stored(story: Story, index: int) -> dict[str, Any]:
    """What is asked for at a link, with upstream and local gradient where a gate has them."""
    link = story.figure.links[index]
    if isinstance(link.gradient, Gradient) or np.size(link.gradient) > MOST_ELEMENTS:
        return {}
    stored = {"part": json_of(link.gradient)}
    gate = link.target
    if gate.count == 1:
        slot = dict(story.passed(gate))[index]
        line = passed(story.steps[id(gate.nodes[0])], slot, story.digits)
        factors = {"up": line.upstream, "local": line.local}
        stored |= {
            name: json_of(content)
            for name, content in factors.items()
            if content is not None and np.size(content) <= MOST_ELEMENTS
        }
    return stored


def _slot(story: Story, index: int) -> int | None:
    """The place of a link's operand, of an elementwise gate, which has a local gradient there."""
    gate = story.figure.links[index].target
    slot = dict(story.passed(gate)).get(index, -1)
    is_known = slot >= 0 and story.steps[id(gate.nodes[0])].local[slot] is not None
    return slot if is_known else None


def _across(content: Any) -> int | None:
    """How many numbers stand beside each other in an answer; None for one alone."""
    return np.shape(content)[-1] if np.ndim(content) and np.size(content) <= MOST_ELEMENTS else None


def _moment(story: Story, moment: Moment, index: dict[str, int], is_live: bool) -> dict[str, Any]:
    gate = moment.gate
    told = _kept(
        words=moment.words or None,
        source=moment.source or None, gate=None if gate is None else index[gate.key],
        entry=entry_of(story, moment),
    )  # fmt: skip
    told.setdefault("words", "")
    if gate is not None:
        told["lines"] = [_line(line, is_live) for line in moment.lines]
    return told


def _line(line: Line, is_live: bool) -> list[Any]:
    """What stands before the numbers, these, and of the way back the link, and 1 for a sum."""
    of_back = [] if line.link is None else [line.link, *([1] if line.is_sum else [])]
    return [line.words, line.form if is_live else line.numbers, *of_back]


def entry_of(story: Story, moment: Moment) -> str | None:
    """A moment in the list of steps, with gaps for labels; None where its heading, or its one
    formula, says it."""
    if moment.gate is None:
        return None
    wires = [label_gap(story.index_of[w.key]) for w in story.wires_from.get(moment.gate.key, [])]
    if moment.phase == "forward":
        is_said = len(moment.lines) == 1 and moment.lines[0].symbols
        return None if is_said else f"{', '.join(wires)} = {moment.gate.symbol}"
    targets = dict.fromkeys(label_gap(line.to) for line in moment.lines)
    return f"{moment.gate.symbol} → {', '.join(targets) or say('inside')}"
