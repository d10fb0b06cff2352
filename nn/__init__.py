"""Losses, and in time everything else that networks need, on the graph of `autograd`.

>>> import numpy as np
>>> import nn
>>> from autograd import Tensor
>>> logits = Tensor([[2.0, 0.0], [0.0, 2.0]])
>>> loss = nn.losses.cross_entropy(logits, np.array([0, 1]))
>>> round(loss.item(), 6)
0.126928
"""

import autograd

if not hasattr(autograd, "Tensor"):
    raise ImportError(
        f"nn needs gategrad's package 'autograd', and found another distribution's at "
        f"{autograd.__file__}: uninstall that one (pip uninstall autograd), or use a virtual "
        "environment without it"
    )

from nn import losses

__all__ = ["losses"]
