"""The language in which pictures, steps and tables are written."""

from autograd.extend import language

__all__ = ["language"]
