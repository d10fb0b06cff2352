"""Run the cases and print Markdown: `python -m benchmarks [case ...] [--quick] [--json path]`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.environment import PEERS
from benchmarks.harness import Settings, find_cases, measure
from benchmarks.results import Outcome, Row
from benchmarks.table import conditions, gaps, ratio_table, time_table


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line asks for; 0, or 2 after a wrong argument."""
    options = _parser().parse_args(arguments)
    settings = Settings(
        rounds=3 if options.quick else options.rounds,
        seconds=5.0 if options.quick else options.seconds,
        timeout=options.timeout,
        threads=options.threads,
        quick=options.quick,
        only=tuple(options.peers),
    )
    rows, remarks, versions, record = _measure_all(options.cases, settings)
    if not rows:
        print("nothing to measure: no chosen case has a chosen peer", file=sys.stderr)
        return 2
    print(_page(rows, remarks, versions, settings, times=options.times))
    if options.json:
        options.json.write_text(json.dumps(record, indent=1), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    names = list(find_cases())
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="case", help=f"some of: {', '.join(names)}")
    parser.add_argument(
        "--peers",
        nargs="+",
        choices=list(PEERS),
        default=[],
        metavar="peer",
        help=f"some of: {', '.join(PEERS)}",
    )
    parser.add_argument("--rounds", type=int, default=9, help="repetitions of each peer")
    parser.add_argument(
        "--seconds",
        type=float,
        default=60.0,
        help="stop adding rounds to a variant after this long (three at least)",
    )
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for one answer")
    parser.add_argument("--threads", type=int, default=1, help="BLAS threads of every peer")
    parser.add_argument("--quick", action="store_true", help="three rounds, no slow variants")
    parser.add_argument("--times", action="store_true", help="add a table of all times")
    parser.add_argument("--json", type=Path, metavar="path", help="write every sample there")
    return parser


def _measure_all(
    chosen: list[str], settings: Settings
) -> tuple[list[Row], list[str], dict[str, str], list[dict[str, Any]]]:
    """The rows and remarks of every chosen variant, the versions met, and all as plain data."""
    cases = find_cases()
    unknown = [name for name in chosen if name not in cases]
    if unknown:
        raise SystemExit(f"no case named {unknown[0]!r}; there are {', '.join(cases)}")
    rows: list[Row] = []
    remarks: list[str] = []
    versions: dict[str, str] = {}
    record: list[dict[str, Any]] = []
    for case in (cases[name] for name in chosen or cases):
        for label in case.selected(settings.quick):
            print(f"{case.name}: {label}" if label else case.name, file=sys.stderr)
            measured, outcomes = measure(case, label, settings)
            rows += [row for row in measured if row.cells]
            remarks += case.remarks(label, outcomes)
            record.append({"case": case.name, "variant": label, "outcomes": _plain(outcomes)})
            for outcome in outcomes.values():
                versions |= outcome.versions
    return rows, remarks, versions, record


def _plain(outcomes: dict[str, Outcome]) -> dict[str, Any]:
    return {key: asdict(outcome) for key, outcome in outcomes.items()}


def _page(
    rows: list[Row], remarks: list[str], versions: dict[str, str], settings: Settings, times: bool
) -> str:
    """The whole output; a peer's ratio is its time over gategrad's."""
    parts = [
        "Each peer's time, or memory, as a multiple of gategrad's (above 1× the peer takes more)."
    ]
    for family in dict.fromkeys(row.family for row in rows):
        related = [row for row in rows if row.family == family]
        parts += [
            f"**{family}**" if family else "",
            ratio_table(related),
            time_table(related) if times else "",
            gaps(related),
        ]
    parts += [
        "\n".join(f"- {remark}" for remark in remarks),
        conditions(versions, settings.threads),
    ]
    return "\n\n".join(part for part in parts if part)


if __name__ == "__main__":
    sys.exit(main())
