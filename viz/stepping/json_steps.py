"""A derivation as numbers and text: what `stepper.save("f.json")` writes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from viz.figure import Gate
from viz.formulas import pattern_of, rule_of
from viz.lines import passed

from .javascript import as_json
from .moments import Moment, Story

FORMAT = "gategrad steps"
VERSION = 1


def record_of(story: Story, title: str) -> dict[str, Any]:
    """The whole derivation; arrays as nested lists, NaN and infinities by name.

    `values` and `gradients` are a list of pairs, label and number, since labels may repeat; a
    gradient is None where none is wanted.
    """
    wires = list(zip(story.labels, story.figure.wires, strict=True))
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "values": [[label, json_of(wire.value)] for label, wire in wires],
        "gradients": [
            [label, json_of(wire.gradient) if wire.has_gradient else None] for label, wire in wires
        ],
        "steps": [_step(story, moment) for moment in story.moments],
    }


def as_text(record: dict[str, Any]) -> str:
    """The record as JSON that any reader takes."""
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def json_of(content: Any) -> Any:
    """Numbers as JSON has them.

    >>> json_of(0.5), json_of([[1.0, float("nan")]])
    (0.5, [[1, 'NaN']])
    """
    values = np.asarray(content, dtype=float)
    return as_json(float(values)) if values.ndim == 0 else [json_of(row) for row in values]


def _step(story: Story, moment: Moment) -> dict[str, Any]:
    told = {
        "index": moment.index,
        "phase": moment.phase,
        "heading": moment.heading,
        "equations": story.equations(moment),
        "words": moment.words,
    }
    if moment.gate is None:
        return told
    told["gate"] = _gate(story, moment.gate)
    if moment.phase == "backward":
        told["passed"] = [
            {"to": story.labels[story.index_of[link.source.key]],
             **_factors(story, moment.gate, slot), "downstream": json_of(link.gradient)}
            for index, slot in story.passed(moment.gate)
            for link in [story.figure.links[index]]
        ]  # fmt: skip
    return told


def _gate(story: Story, gate: Gate) -> dict[str, Any]:
    told: dict[str, Any] = {"name": gate.name, "symbol": gate.symbol, "gates": gate.count}
    if gate.count == 1:
        function, derivative = rule_of(gate.nodes[0], story.digits)
        rule = f"{function} → {derivative}" if derivative else function
        told |= {"pattern": pattern_of(gate.nodes[0]), "rule": rule, "line": gate.line or None}
    told["makes"] = [
        story.labels[story.index_of[wire.key]] for wire in story.wires_from.get(gate.key, [])
    ]
    return told


def _factors(story: Story, gate: Gate, slot: int) -> dict[str, Any]:
    """Upstream and local gradient, where one gate has them."""
    if slot < 0:
        return {}
    line = passed(story.steps[id(gate.nodes[0])], slot, story.digits)
    local = None if line.local is None else json_of(line.local)
    return {"upstream": json_of(line.upstream), "local": local}
