"""The results as Markdown: a table of ratios, the reasons of its gaps, and the conditions."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from math import floor, log10

from benchmarks.environment import PEERS
from benchmarks.results import Cell, Failure, Row, Timing

OURS = "gategrad"
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def ratio_table(rows: Sequence[Row]) -> str:
    """Our median, and each peer's as a multiple of it: above 1× the peer is slower."""

    def cell(row: Row, key: str, timing: Timing) -> str:
        ours = row.cells.get(OURS)
        if key == OURS:
            return amount(row, timing)
        return ratio(timing.median / ours.median) if isinstance(ours, Timing) else "·"

    return _table(rows, cell)


def time_table(rows: Sequence[Row]) -> str:
    """Every median, with half the distance between the quartiles."""

    def cell(row: Row, key: str, timing: Timing) -> str:
        return f"{amount(row, timing)} ± {timing.spread:.0%}"

    return _table(rows, cell)


def amount(row: Row, timing: Timing) -> str:
    """What was measured, in its unit."""
    value = timing.median / row.divisor
    return f"{_significant(value / 1e6, 3)} MB" if row.bytes else duration(value)


def duration(seconds: float) -> str:
    """Three significant digits and a unit."""
    scale, unit = next((u for u in UNITS if abs(seconds) >= u[0]), UNITS[-1])
    return f"{_significant(seconds / scale, 3)} {unit}"


def ratio(value: float) -> str:
    """Two significant digits, or as many as stand before the point."""
    return f"{_significant(value, 2)}×"


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - floor(log10(abs(value))))
    return f"{value:,.{decimals}f}"


def gaps(rows: Sequence[Row]) -> str:
    """The reason of every "—", by its number; empty where no peer failed."""
    return "\n\n".join(f"{_superscript(n)} {reason}" for n, reason in enumerate(_reasons(rows), 1))


def _table(rows: Sequence[Row], cell: Callable[[Row, str, Timing], str]) -> str:
    """A Markdown table of `cell`'s texts, with a numbered "—" where a peer failed."""
    keys = [key for key in PEERS if any(key in row.cells for row in rows)]
    reasons = _reasons(rows)

    def text(row: Row, key: str) -> str:
        entry = row.cells.get(key)
        if isinstance(entry, Failure):
            return f"— {_superscript(reasons.index(_reason(key, entry)) + 1)}"
        return cell(row, key, entry) if entry else ""

    lines = [_line(["", *(PEERS[key].title for key in keys)])]
    lines.append(_line(["---", *("---:" for _ in keys)]))
    lines += [_line([_name(row), *(text(row, key) for key in keys)]) for row in rows]
    return "\n".join(lines)


def _reasons(rows: Sequence[Row]) -> list[str]:
    """Why peers failed, each reason once, in the table's order."""
    failures = (
        _reason(key, row.cells[key])
        for row in rows
        for key in PEERS
        if isinstance(row.cells.get(key), Failure)
    )
    return list(dict.fromkeys(failures))


def _reason(key: str, cell: Cell) -> str:
    return f"{PEERS[key].title}: {cell.reason}" if isinstance(cell, Failure) else ""


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"


def _name(row: Row) -> str:
    name = f"{row.case}, {row.variant}" if row.variant else row.case
    name = f"{name} (per {row.unit})" if row.unit else name
    return f"{name}, collector off" if row.collector is False else name


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def conditions(versions: dict[str, str], threads: int) -> str:
    """The sentence on the machine and the versions that belongs under every table."""
    known = ", ".join(f"{name} {version}" for name, version in versions.items())
    plural = "thread" if threads == 1 else "threads"
    return (
        f"Medians of interleaved runs, each peer in its own process; BLAS and OpenMP on "
        f"{threads} {plural} for every peer; {os.cpu_count()} cores, {platform.machine()}, "
        f"{platform.system()}; {known}."
    )
