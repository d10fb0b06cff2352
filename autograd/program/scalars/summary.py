"""What became of a scalar graph, in words: a line for each group, in the order of the schedule."""

from __future__ import annotations

from autograd.program.scalars.layout import Segment
from autograd.program.scalars.plan import Plan

__all__ = ["describe_plan"]


def describe_plan(plan: Plan, calls: tuple[int, int], nbytes: int) -> str:
    """The schedule as text; `calls` are those that it takes forward and backward."""
    table, schedule = plan.layout.table, plan.layout.schedule
    segments = [unit for unit in schedule if isinstance(unit, Segment)]
    gates, narrow = len(table.out), sum(len(segment.rows) for segment in segments)
    lines = [
        f"{gates:,} scalar gates: {gates - narrow:,} in {len(schedule) - len(segments)} groups, "
        f"{narrow:,} narrow in {len(segments)} pieces of Python code",
        f"{calls[0]:,} calls forward, {calls[1]:,} backward, {nbytes / 2**20:.1f} MiB",
    ]
    for unit in schedule:
        if isinstance(unit, Segment):
            lines.append(f"{len(unit.rows):>9,}  in Python")
        else:
            name = table.gates[table.kind[unit.rows[0, 0]]].name
            links, width = unit.rows.shape
            chains = f", {width:,} chains of {links:,}" if links > 1 else ""
            lines.append(f"{unit.rows.size:>9,}  {name}{chains}")
    return "\n".join(lines)
