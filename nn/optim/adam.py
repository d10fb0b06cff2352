"""Adam and its kin: steps of a size that the gradient's own moments set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from .optimizer import Optimizer, effective_gradient
from .settings import at_least_zero, choice, pair
from .slots import Rule

__all__ = ["Adam", "AdamW", "RAdam"]


class Adam(Optimizer):
    """Running means m of g and v of g², both corrected for their start at 0: p -= lr·m/(√v + eps).

    Parameters
    ----------
    params : Tensors, groups of them, or nothing: see `Optimizer`.
    lr : the rate, of 0 or more; roughly the length of a step.
    betas : how much of m and of v is kept at each step.
    eps : added to the root, after the correction.
    weight_decay : adds weight_decay·p to g; with `decoupled_weight_decay` it shrinks p by
        lr·weight_decay instead, apart from the moments, as AdamW does.
    amsgrad : divide by the largest v so far.
    maximize : climb.
    clip_norm, clip_value : clip all gradients first, as `clip_grad_norm` and `clip_grad_value`.

    Raises OptionError (a ValueError): a setting out of its range; see `bind` for parameters.
    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015; Reddi, Kale and
    Kumar, On the convergence of Adam and beyond, 2018 (amsgrad).

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()  # the first step is lr long in every direction
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    CHECKS: ClassVar = {
        **Optimizer.CHECKS,
        "betas": pair,
        "eps": at_least_zero,
        "amsgrad": choice,
        "decoupled_weight_decay": choice,
    }

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings, clip_norm, clip_value)

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        names = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
        return {**names, "max_exp_avg_sq": 0.0} if settings["amsgrad"] else names

    def rule(self, steps: int, settings: Mapping[str, Any]) -> Rule:
        lr, maximize, (beta1, beta2) = settings["lr"], settings["maximize"], settings["betas"]
        decay, shrink = _decays(settings)
        # m/c1 / (√v/√c2 + eps) is (√c2/c1)·m / (√v + eps·√c2): one pass less over the arrays.
        root = math.sqrt(1.0 - beta2**steps)
        size, eps = lr / (1.0 - beta1**steps) * root, settings["eps"] * root

        def descend(
            p: Any, g: Any, s: Any, t: Any, u: Any, m: Any, v: Any, largest: Any = None
        ) -> None:
            if shrink != 1.0:
                np.multiply(p, shrink, p)
            g = effective_gradient(p, g, t, s, decay, maximize)
            update_moments(g, s, m, v, beta1, beta2)
            np.sqrt(v if largest is None else np.maximum(largest, v, out=largest), s)
            np.add(s, eps, s)
            np.divide(m, s, s)
            np.multiply(s, size, s)
            np.subtract(p, s, p)

        return descend


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights by lr·weight_decay, apart from the moments.

    Parameters and errors as of `Adam`, with a weight decay of 0.01 by default.
    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> w.grad = [0.0, 0.0]
    >>> optimizer.step()
    >>> w.data
    array([ 0.95, -1.9 ])
    """

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            decoupled_weight_decay=True,
            maximize=maximize,
            clip_norm=clip_norm,
            clip_value=clip_value,
        )


class RAdam(Optimizer):
    """Adam whose adaptive rate is rectified while few steps make its variance large.

    For the first steps (five with the default betas) it is gradient descent along m.

    Parameters and errors as of `Adam`, without amsgrad.
    Source: Liu et al., On the variance of the adaptive learning rate and beyond, 2020.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([ 0.8, -1.6])
    """

    CHECKS: ClassVar = {
        **Optimizer.CHECKS,
        "betas": pair,
        "eps": at_least_zero,
        "decoupled_weight_decay": choice,
    }

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings, clip_norm, clip_value)

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def rule(self, steps: int, settings: Mapping[str, Any]) -> Rule:
        lr, maximize, (beta1, beta2) = settings["lr"], settings["maximize"], settings["betas"]
        eps = settings["eps"]
        decay, shrink = _decays(settings)
        rectification = _rectification(steps, beta2)
        size = lr / (1.0 - beta1**steps)
        if rectification is not None:
            size *= math.sqrt(1.0 - beta2**steps) * rectification

        def descend(p: Any, g: Any, s: Any, t: Any, u: Any, m: Any, v: Any) -> None:
            if shrink != 1.0:
                np.multiply(p, shrink, p)
            g = effective_gradient(p, g, t, s, decay, maximize)
            update_moments(g, s, m, v, beta1, beta2)
            if rectification is None:
                np.multiply(m, size, s)
            else:
                np.sqrt(v, s)
                np.add(s, eps, s)
                np.divide(m, s, s)
                np.multiply(s, size, s)
            np.subtract(p, s, p)

        return descend


def update_moments(g: Any, s: Any, m: Any, v: Any, beta1: float, beta2: float) -> None:
    """m = beta1·m + (1 - beta1)·g and v = beta2·v + (1 - beta2)·g², in place, with scratch `s`."""
    np.subtract(g, m, s)
    np.multiply(s, 1.0 - beta1, s)
    np.add(m, s, m)
    np.multiply(g, g, s)
    np.multiply(s, 1.0 - beta2, s)
    np.multiply(v, beta2, v)
    np.add(v, s, v)


def _decays(settings: Mapping[str, Any]) -> tuple[float, float]:
    """What of p is added to g, and what p is multiplied with: one of the two decays."""
    decay = settings["weight_decay"]
    return (
        (0.0, 1.0 - settings["lr"] * decay) if settings["decoupled_weight_decay"] else (decay, 1.0)
    )


def _rectification(steps: int, beta2: float) -> float | None:
    """The factor of the adaptive rate; None where its variance is not yet tractable."""
    limit = 2.0 / (1.0 - beta2) - 1.0
    kept = beta2**steps
    length = limit - 2.0 * steps * kept / (1.0 - kept)
    if length <= 5.0:
        return None
    return math.sqrt(
        (length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length)
    )
