"""Adam and its kin: steps of about the length lr, whatever the size of the gradient."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from nn.options import at_least_zero, choice, pair

from .engine import Rule, Typed
from .optimizer import Optimizer, effective_gradient

__all__ = ["Adam", "AdamW", "Lion", "RAdam"]


class Adam(Optimizer):
    """Running means m of g and v of g², both corrected for their start at 0: p -= lr·m/(√v + eps).

    The state keeps them as sums, m = beta1·m + g and v = beta2·v + g²: divided by the sum of its
    weights, each is that mean, and two passes over the arrays are saved. They are PyTorch's
    exp_avg/(1 - beta1) and exp_avg_sq/(1 - beta2).

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
    backend, threads : what steps large arrays, with the same bits: see `Optimizer`.

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
    FIXED: ClassVar = ("betas",)  # the sums in the state are weighted with them

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
        backend: str = "numpy",
        threads: int | None = None,
    ) -> None:
        super().__init__(params, locals())

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        names = {"sum": 0.0, "sum_sq": 0.0}
        return {**names, "max_sum_sq": 0.0} if settings["amsgrad"] else names

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        maximize, (beta1, beta2) = settings["maximize"], settings["betas"]
        decay, shrink = _decays(settings)
        total1, total2 = _weights(beta1, steps), _weights(beta2, steps)
        # m/T1 / (√(v/T2) + eps) is (√T2/T1)·m / (√v + eps·√T2): one pass less over the arrays.
        size = typed(settings["lr"] * math.sqrt(total2) / total1)
        eps = typed(settings["eps"] * math.sqrt(total2))
        kept1, kept2 = typed(beta1), typed(beta2)
        kept = None if shrink == 1.0 else typed(shrink)

        def descend(
            p: Any, g: Any, s: Any, t: Any, u: Any, m: Any, v: Any, largest: Any = None
        ) -> None:
            if kept is not None:
                np.multiply(p, kept, p)
            g = effective_gradient(p, g, t, s, decay, maximize)
            _follow(g, s, m, v, kept1, kept2)
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
        backend: str = "numpy",
        threads: int | None = None,
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
            backend=backend,
            threads=threads,
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
    FIXED: ClassVar = ("betas",)  # the sums in the state are weighted with them

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
        backend: str = "numpy",
        threads: int | None = None,
    ) -> None:
        super().__init__(params, locals())

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        return {"sum": 0.0, "sum_sq": 0.0}

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        maximize, (beta1, beta2) = settings["maximize"], settings["betas"]
        decay, shrink = _decays(settings)
        rectification = _rectification(steps, beta2)
        length = settings["lr"] / _weights(beta1, steps)
        if rectification is not None:
            length *= math.sqrt(_weights(beta2, steps)) * rectification
        # PyTorch adds eps before it corrects the root of the mean, (1 - beta2)·v.
        eps = typed(settings["eps"] / math.sqrt(1.0 - beta2))
        size, kept1, kept2 = typed(length), typed(beta1), typed(beta2)
        kept = None if shrink == 1.0 else typed(shrink)
        is_rectified = rectification is not None

        def descend(p: Any, g: Any, s: Any, t: Any, u: Any, m: Any, v: Any) -> None:
            if kept is not None:
                np.multiply(p, kept, p)
            g = effective_gradient(p, g, t, s, decay, maximize)
            _follow(g, s, m, v, kept1, kept2)
            if not is_rectified:
                np.multiply(m, size, s)
            else:
                np.sqrt(v, s)
                np.add(s, eps, s)
                np.divide(m, s, s)
                np.multiply(s, size, s)
            np.subtract(p, s, p)

        return descend


class Lion(Optimizer):
    """p -= lr·(sign(beta1·m + (1 − beta1)·g) + weight_decay·p), then m = beta2·m + (1 − beta2)·g.

    All entries move by lr at every step. Its authors take a third to a tenth of AdamW's rate, and
    three to ten times its weight decay.

    Parameters
    ----------
    params : Tensors, groups of them, or nothing: see `Optimizer`.
    lr : the rate, of 0 or more; the length of a step.
    betas : how much of m counts in the step, and how much of it is kept.
    weight_decay : shrinks p by lr·weight_decay, apart from the sign, as AdamW does.
    maximize : climb.
    clip_norm, clip_value : clip all gradients first, as `clip_grad_norm` and `clip_grad_value`.
    backend, threads : what steps large arrays, with the same bits: see `Optimizer`.

    Raises OptionError (a ValueError): a setting out of its range; see `bind` for parameters.
    Source: Chen et al., Symbolic discovery of optimization algorithms, 2023.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.Lion([w], lr=0.125)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([ 0.875, -1.875])
    """

    CHECKS: ClassVar = {**Optimizer.CHECKS, "betas": pair}

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-4,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        backend: str = "numpy",
        threads: int | None = None,
    ) -> None:
        super().__init__(params, locals())

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        return {"exp_avg": 0.0}

    def is_steady(self, settings: Mapping[str, Any]) -> bool:
        return True

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        lr, decay, maximize = settings["lr"], settings["weight_decay"], settings["maximize"]
        size, shrink = typed(lr), typed(1.0 - lr * decay)
        (share, fresh), (kept, added) = ((typed(b), typed(1.0 - b)) for b in settings["betas"])

        def descend(p: Any, g: Any, s: Any, t: Any, u: Any, m: Any) -> None:
            g = effective_gradient(p, g, t, s, 0.0, maximize)
            if decay:
                np.multiply(p, shrink, p)
            np.add(np.multiply(m, share, s), np.multiply(g, fresh, u), s)
            np.multiply(np.sign(s, u), size, u)  # in place, np.sign takes twenty times as long
            np.subtract(p, u, p)
            np.add(np.multiply(m, kept, m), np.multiply(g, added, u), m)

        return descend


def _follow(g: Any, s: Any, m: Any, v: Any, kept1: Any, kept2: Any) -> None:
    """m = kept1·m + g and v = kept2·v + g², in place, with scratch `s`."""
    np.multiply(m, kept1, m)
    np.add(m, g, m)
    np.square(g, s)
    np.multiply(v, kept2, v)
    np.add(v, s, v)


def _weights(kept: float, steps: int) -> float:
    """1 + kept + kept² + ...: what to divide such a sum by for the mean without its bias to 0."""
    return (1.0 - kept**steps) / (1.0 - kept)


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
