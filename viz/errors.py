"""What viz raises when a picture cannot be made."""

from autograd import AutogradError


class VizError(AutogradError, ValueError):
    """A picture was asked for in a way that cannot be drawn; the message says what can."""


class UnsupportedTargetError(VizError, TypeError):
    """`viz` was given something that is not a graph."""


class RendererError(VizError, RuntimeError):
    """No Graphviz is at hand, in process or on the path, or it refused the description."""
