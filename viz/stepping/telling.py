"""What the page is told of one picture: its shapes, its names, and each moment's lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from viz.describe import in_full
from viz.dot import dot_of
from viz.figure import Figure, Gradient
from viz.render import render
from viz.themes import LIGHT
from viz.wording import label_gap, numbers_of

from .inline import inline, outer
from .live import Gates, as_json, edges_of, program_of
from .story import Line, Moment, Story


def view_of(story: Story, gates: Gates, *, other: str, description: str) -> dict[str, Any]:
    """One picture's data. `other` is what the button says that leads to the other picture."""
    figure: Figure = story.figure
    assert figure.output is not None
    notes = [] if other else figure.notes
    dot = dot_of(replace(figure, title="", notes=notes), LIGHT, digits=story.digits)
    inner, width, height = inline(render(dot, "svg").decode("utf-8"))
    program = program_of(story, gates)
    place = {id(node): i for i, node in enumerate(story.nodes)}
    index = {gate.key: i for i, gate in enumerate(figure.gates)}
    made = {wire.key for _, wire in figure.feeds}
    # Leaves in creation order, which is that of the program, by their wires.
    leaves = [story.wires.get(id(node), -1) for node in story.nodes if node.is_leaf]
    edges = edges_of(story) if program else []
    view: dict[str, Any] = {
        "svg": outer(inner, width, height), "width": width, "height": height, "other": other,
        "description": description, "labels": story.labels, "top": story.top_text,
        "out": story.index_of[figure.output.key],
        "inputs": leaves,
        "wires": [
            _kept(
                key=wire.key, given=wire.key not in made,
                wanted=wire.gradient is not Gradient.NOT_WANTED, dead=wire.is_dead,
                node=place.get(id(wire.node)) if program else None,
                hover=None if program else [in_full(wire.value), _gradient(wire.gradient)],
            )
            for wire in figure.wires
        ],
        "gates": [_gate(story, gate, bool(program)) for gate in figure.gates],
        "links": [
            _kept(
                wire=story.index_of[link.source.key], gate=index[link.target.key],
                edges=edges[i] if program else None,
                part=None if program else _part(link.gradient), dead=link.is_dead,
            )
            for i, link in enumerate(figure.links)
        ],
        "moments": [_moment(story, moment, index, bool(program)) for moment in story.moments],
    }  # fmt: skip
    if program:
        view["program"] = program.data
    return view


def _kept(**entries: Any) -> dict[str, Any]:
    """The entries that say something."""
    return {k: v for k, v in entries.items() if v is not None and v is not False}


def _gate(story: Story, gate: Any, is_live: bool) -> dict[str, Any]:
    outs = [story.index_of[wire.key] for wire in story.wires_from.get(gate.key, [])]
    told = {"key": gate.key, "name": gate.name, "outs": outs}
    if gate.count == 1:
        told["symbols"] = story.symbols(gate.nodes[0])
        if is_live:
            told["numbers"] = numbers_of(gate.nodes[0], story.digits)
    return told


def _gradient(gradient: Any) -> str:
    return "" if isinstance(gradient, Gradient) else in_full(gradient)


def _part(gradient: Any) -> Any:
    is_number = not isinstance(gradient, Gradient) and np.ndim(gradient) == 0
    return as_json(gradient) if is_number else None


def _moment(story: Story, moment: Moment, index: dict[str, int], is_live: bool) -> dict[str, Any]:
    gate = moment.gate
    told = _kept(
        phase=moment.phase, heading=moment.heading, words=moment.words or None,
        source=moment.source or None, gate=None if gate is None else index[gate.key],
        entry=entry_of(story, moment),
    )  # fmt: skip
    told.setdefault("words", "")
    if not is_live and gate is not None:
        links = [story.figure.links.index(link) for link, _ in story.passed(gate)]
        back = moment.phase == "backward"
        told["lines"] = [
            _line(line, links[i] if back else None) for i, line in enumerate(moment.lines)
        ]
    return told


def _line(line: Line, link: int | None) -> list[Any]:
    told = [line.to, line.symbols, line.numbers, line.branch, line.sum, line.is_total, link]
    while told and told[-1] in ("", None, False):
        told.pop()
    return told


def entry_of(story: Story, moment: Moment) -> str:
    """A moment in the list of steps, with gaps for labels."""
    if moment.gate is None:
        return "The graph"
    wires = [label_gap(story.index_of[w.key]) for w in story.wires_from.get(moment.gate.key, [])]
    if moment.phase == "forward":
        one = moment.lines[0].symbols if len(moment.lines) == 1 else ""
        return f"{', '.join(wires)} = {one or moment.gate.symbol}"
    targets = dict.fromkeys(label_gap(line.to) for line in moment.lines)
    return f"{moment.gate.symbol} → {', '.join(targets) or 'inside'}"
