"""`viz`, for type checkers and editors. As a program runs, the one module has both names."""

from viz import *  # noqa: F403
