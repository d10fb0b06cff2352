"""The table of what differs: PyTorch's column is what PyTorch says today."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.peers import asking
from docs.peers.contents import ROWS
from docs.peers.rows import cell, told

pytestmark = pytest.mark.parity

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "coming-from.md"
CELLS = told(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def names():
    return asking.namespace("PyTorch")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " at ".join(row.head()))
def test_the_page_says_what_pytorch_is(row, names):
    answer = asking.evaluate(row.question("PyTorch"), names)
    assert CELLS[row.head()]["PyTorch"] == cell(answer)
