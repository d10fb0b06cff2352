"""The errors of models and their files: each also derives from the builtin one would expect."""

from __future__ import annotations

from autograd import AutogradError
from nn.names import UnknownNameError

__all__ = ["DescriptionError", "FileFormatError", "OptionError", "StateError", "UnknownNameError"]


class OptionError(AutogradError, ValueError):
    """A number that a module cannot be made with, such as a size of 0 or a probability of 2."""


class StateError(AutogradError, ValueError):
    """Arrays that are not those of the model: a name, a shape or a kind of number differs."""


class DescriptionError(AutogradError, TypeError):
    """A model that cannot be written down: a class or a function of one's own is part of it."""


class FileFormatError(AutogradError, ValueError):
    """A file that is not one of ours, is damaged, or does not hold what it says."""
