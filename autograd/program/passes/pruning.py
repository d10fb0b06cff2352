"""Dead code: what no result depends on does not run."""

from __future__ import annotations

from dataclasses import replace

from autograd.program.instruction import Recording

__all__ = ["drop_dead_code"]


def drop_dead_code(recording: Recording) -> Recording:
    """Keep the instructions that the results depend on, and those that do something besides."""
    needed = set(recording.kept)
    kept = []
    for instruction in reversed(recording.instructions):
        if instruction.effect or not needed.isdisjoint(instruction.outputs):
            needed.update(instruction.reads)
            kept.append(instruction)
    constants = {register: a for register, a in recording.constants.items() if register in needed}
    return replace(recording, instructions=tuple(reversed(kept)), constants=constants)
