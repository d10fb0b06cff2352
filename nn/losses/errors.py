"""What goes wrong between a loss and what it is given."""

from __future__ import annotations

from autograd import AutogradError

__all__ = ["LogitsWarning", "TargetError"]


class TargetError(AutogradError, ValueError):
    """Targets or weights whose values a loss cannot take, such as a hinge's target of 0."""


class LogitsWarning(UserWarning):
    """A sigmoid or softmax was applied to what a loss then takes for logits."""
