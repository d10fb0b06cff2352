"""Which tables the page has, and all their rows."""

from __future__ import annotations

from typing import NamedTuple

from docs.peers.defaults import DEFAULTS
from docs.peers.defaults import LIBRARIES as TRAINERS
from docs.peers.kinks import KINKS
from docs.peers.rows import LIBRARIES, Row

__all__ = ["ROWS", "TABLES", "Table"]


class Table(NamedTuple):
    """A table of the page: a column of ours, then one of each library."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


TABLES = (
    *(Table(title, LIBRARIES, rows) for title, rows in KINKS.items()),
    *(Table(title, TRAINERS, rows) for title, rows in DEFAULTS.items()),
)

ROWS = tuple(row for table in TABLES for row in table.rows)
