"""What a reader sees of a printed number, for pictures: as in formulas."""

from autograd.numerals import MOST_WRITTEN as MOST_WRITTEN
from autograd.numerals import constant as constant
from autograd.numerals import equals as equals
from autograd.numerals import is_as_printed as is_as_printed
from autograd.numerals import printed as seen

__all__ = ["MOST_WRITTEN", "constant", "equals", "is_as_printed", "seen"]
