"""What optimisers raise."""

from __future__ import annotations

from autograd import AutogradError

__all__ = ["OptimizerError", "UnboundError"]


class OptimizerError(AutogradError, ValueError):
    """A list of parameters, a group or a state that an optimiser cannot work with."""


class UnboundError(OptimizerError, RuntimeError):
    """An optimiser that has no parameters yet was asked to step."""
