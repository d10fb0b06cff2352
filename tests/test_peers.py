"""The table of what differs: our column is what the engine says today."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.peers import asking
from docs.peers.contents import ROWS
from docs.peers.rows import cell, told

PAGE = Path(__file__).resolve().parent.parent / "docs" / "coming-from.md"
CELLS = told(PAGE.read_text(encoding="utf-8"))
NAMES = asking.namespace("gategrad")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " at ".join(row.head()))
def test_the_page_says_what_ours_is(row):
    answer = asking.evaluate(row.question("gategrad"), NAMES)
    assert CELLS[row.head()]["gategrad"] == cell(answer)


def test_the_page_has_every_row_once():
    assert len(CELLS) == len(ROWS)
    assert set(CELLS) == {row.head() for row in ROWS}
