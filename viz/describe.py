"""A Figure in words: the description for screen readers, and what hovers say."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.extend import added, full, is_as_printed, number

from .figure import Figure, Gradient, Shown, Wire
from .labels import chip
from .names import printable

MOST_STEPS = 60  # A longer derivation is told from its inputs and its output alone.


def title_of(figure: Figure) -> str:
    if figure.title:
        return figure.title
    count = figure.gate_count
    name = figure.output.name if figure.output else ""
    of = f" of {printable(name)}" if name else ""
    return f"Computational graph{of}, {count:,} gate{'s' if count != 1 else ''}"


def description_of(figure: Figure, *, digits: int | None = None, values: bool = True) -> str:
    """The derivation in words, one sentence a line."""
    called = _spoken_names(figure)

    def state(wire: Wire) -> str:
        if not values or wire.value_shown is not Shown.FULLY:
            return ""
        return f" is {_short(wire.value, digits)}, {_gradient(wire, digits)}"

    lines = [f"{called[wire.key]}{state(wire)}." for wire in figure.wires if wire.is_leaf]
    operands: dict[str, list[str]] = {}
    for link in figure.links:
        operands.setdefault(link.target.key, []).append(called[link.source.key])
    if len(figure.feeds) <= MOST_STEPS:
        for gate, wire in figure.feeds:
            of = " and ".join(operands.get(gate.key, []))
            made = f"{called[wire.key]}, {gate.name} ({gate.symbol}) of {of},"
            lines.append(f"{made}{state(wire)}." if state(wire) else f"{made[:-1]}.")
    elif figure.output:
        lines.append(f"The output, {called[figure.output.key]}{state(figure.output)}.")
    return "\n".join([*lines, *figure.notes])


def hovers_of(figure: Figure, *, values: bool = True) -> dict[str, str]:
    """What a wire or a gate says when the pointer rests on it, by its key."""
    hovers = {}
    for wire in figure.wires:
        lines = [printable(wire.name)] if wire.name else []
        if values and wire.value_shown is Shown.FULLY:
            lines += [f"value {in_full(wire.value)}"]
            if wire.has_gradient and wire.gradient_shown is not Shown.FULLY:
                lines += ["gradient not yet computed"]
            elif wire.has_gradient:
                lines += [f"gradient {in_full(wire.gradient)}"]
            else:
                lines += [f"gradient {wire.gradient.value}"]
        elif np.ndim(wire.value):
            lines += [f"shape {chip(np.shape(wire.value))}"]
        lines += [wire.note] if wire.note else []
        if lines:
            hovers[wire.key] = "\n".join(lines)
    for index, link in enumerate(figure.links):
        if values and link.shown is Shown.FULLY and not isinstance(link.gradient, Gradient):
            said = f"{printable(link.source.name)} into {link.target.symbol}".strip()
            lines = [f"{said}: gradient {in_full(link.gradient)}"]
            lines += [f"upstream × local: {link.product}"] if "×" in link.product else []
            hovers[f"l{index}"] = "\n".join(lines)
            hovers[f"b{index}"] = hovers[f"l{index}"]
    for gate in figure.gates:
        lines = [gate.name if gate.count == 1 else f"{gate.name}: {gate.count:,} {gate.noun}"]
        lines += [f"{gate.weights:,} weights"] if gate.weights else []
        hovers[gate.key] = "\n".join([*lines, *(t for t in (gate.rule, gate.line) if t)])
    return hovers


def _spoken_names(figure: Figure) -> dict[str, str]:
    """Names as they are; wires without one are numbered in the order of the picture."""
    called, count = {}, 0
    for wire in figure.wires:
        if not wire.name:
            count += 1
        called[wire.key] = printable(wire.name) or f"({count})"
    return called


def _gradient(wire: Wire, digits: int | None) -> str:
    if wire.has_gradient and wire.gradient_shown is not Shown.FULLY:
        return "gradient not yet computed"
    if isinstance(wire.gradient, Gradient):
        return "constant" if wire.gradient is Gradient.NOT_WANTED else "gradient not computed"
    text = f"gradient {_short(wire.gradient, digits)}"
    if wire.is_fork and np.ndim(wire.gradient) == 0:
        text += f", the sum {added(wire.terms, digits, limit=8)}"
    return text


def _short(content: Any, digits: int | None) -> str:
    if np.ndim(content) == 0:
        text = number(float(content), digits)
        return text if is_as_printed(content, digits) else f"about {text}"
    return f"of shape {chip(np.shape(content))} with {_statistics(content)}"


def in_full(content: Any) -> str:
    if np.ndim(content) == 0:
        return full(float(content))
    return f"{chip(np.shape(content))}: {_statistics(content)}"


def _statistics(content: Any) -> str:
    values = np.asarray(content, dtype=float)
    if values.size == 0:
        return "no elements"
    with np.errstate(all="ignore"):
        found = (np.min(values), np.mean(values), np.max(values))
    words = zip(("min", "mean", "max"), found, strict=True)
    text = ", ".join(f"{word} {number(value, 6)}" for word, value in words)
    strange = int(np.sum(~np.isfinite(values)))
    return f"{text}, {strange} not finite" if strange else text
