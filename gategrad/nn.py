"""`nn`, for type checkers and editors. As a program runs, the one module has both names."""

from nn import *  # noqa: F403
from nn import estimators as estimators
