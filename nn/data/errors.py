"""What data raise beside the errors of `nn.errors`."""

from __future__ import annotations

from autograd import AutogradError

__all__ = ["MissingDataError"]


class MissingDataError(AutogradError, FileNotFoundError):
    """No data set where it was looked for; the message says where, and what to set."""
