"""Gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from nn.errors import OptionError

from .optimizer import Optimizer, effective_gradient
from .settings import at_least_zero, choice
from .slots import Rule, Typed

__all__ = ["SGD"]


class SGD(Optimizer):
    """p -= lr·g; with momentum v = momentum·v + g and p -= lr·v, PyTorch's form.

    At a constant rate that is the path of v = momentum·v + lr·g, p -= v. With `nesterov` the step
    is g + momentum·v: the parameters are then the look-ahead points of Nesterov's method.

    Parameters
    ----------
    params : Tensors, groups of them, or nothing: see `Optimizer`.
    lr : the rate, of 0 or more.
    momentum, dampening : v = momentum·v + (1 - dampening)·g, beginning with v = g.
    weight_decay : adds weight_decay·p to g; an L2 penalty of half of it.
    nesterov : needs a momentum, and no dampening.
    maximize : climb.
    clip_norm, clip_value : clip all gradients first, as `clip_grad_norm` and `clip_grad_value`.

    Raises OptionError (a ValueError): a setting out of its range; see `bind` for parameters.
    Source: Sutskever et al., On the importance of initialization and momentum, 2013.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([ 0.8, -1.6])
    """

    CHECKS: ClassVar = {
        **Optimizer.CHECKS,
        "momentum": at_least_zero,
        "dampening": at_least_zero,
        "nesterov": choice,
    }

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        *,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, settings, clip_norm, clip_value)

    def checked(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        found = super().checked(settings)
        if found["nesterov"] and (found["momentum"] == 0.0 or found["dampening"] != 0.0):
            raise OptionError(
                f"SGD: nesterov needs a momentum above 0 and no dampening, received "
                f"momentum={found['momentum']!r}, dampening={found['dampening']!r}"
            )
        return found

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if settings["momentum"] else {}

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        lr, decay, maximize = typed(settings["lr"]), settings["weight_decay"], settings["maximize"]
        momentum, nesterov = typed(settings["momentum"]), settings["nesterov"]
        fresh = 1.0 if steps == 1 else 1.0 - settings["dampening"]

        def descend(p: Any, g: Any, s: Any, t: Any, u: Any, v: Any = None) -> None:
            g = effective_gradient(p, g, t, s, decay, maximize)
            if v is not None:
                np.multiply(v, momentum, v)
                np.add(v, g if fresh == 1.0 else np.multiply(g, fresh, s), v)
                if nesterov:
                    np.multiply(v, momentum, s)
                    g = np.add(s, g, s)
                else:
                    g = v
            np.multiply(g, lr, s)
            np.subtract(p, s, p)

        return descend
