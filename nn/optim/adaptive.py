"""One rate for all parameters, with momentum; and rates of their own, from squared gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np

from nn.errors import OptionError
from nn.options import at_least_zero, choice, fraction

from .engine import Rule, Typed
from .optimizer import Optimizer, effective_gradient

__all__ = ["Adadelta", "Adagrad", "RMSProp", "SGD"]


class Adagrad(Optimizer):
    """G += g², p -= lr·g/(√G + eps): the more a parameter has moved, the shorter its steps.

    Parameters
    ----------
    params : Tensors, groups of them, or nothing: see `Optimizer`.
    lr : the rate, of 0 or more.
    lr_decay : step n, from 0, has the rate lr/(1 + n·lr_decay).
    weight_decay : adds weight_decay·p to g.
    initial_accumulator_value : what G begins with.
    eps : added to the root; with `eps_inside` to G, as the lecture and Keras do: √(G + eps).
    maximize : climb.
    clip_norm, clip_value : clip all gradients first, as `clip_grad_norm` and `clip_grad_value`.
    backend, threads : what steps large arrays, with the same bits: see `Optimizer`.

    Raises OptionError (a ValueError): a setting out of its range; see `bind` for parameters.
    Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([ 0.9, -1.9])
    """

    CHECKS: ClassVar = {
        **Optimizer.CHECKS,
        "lr_decay": at_least_zero,
        "initial_accumulator_value": at_least_zero,
        "eps": at_least_zero,
        "eps_inside": choice,
    }

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-2,
        *,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        eps_inside: bool = False,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        backend: str = "numpy",
        threads: int | None = None,
    ) -> None:
        super().__init__(params, locals())

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        return {"sum": settings["initial_accumulator_value"]}

    def is_steady(self, settings: Mapping[str, Any]) -> bool:
        return not settings["lr_decay"]

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        rate = typed(settings["lr"] / (1.0 + (steps - 1) * settings["lr_decay"]))
        decay, maximize = settings["weight_decay"], settings["maximize"]
        root = partial(_root, eps=typed(settings["eps"]), inside=settings["eps_inside"])

        def descend(p: Any, g: Any, s: Any, t: Any, u: Any, total: Any) -> None:
            g = effective_gradient(p, g, t, s, decay, maximize)
            np.square(g, s)
            np.add(total, s, total)
            np.divide(g, root(total, s), s)
            np.multiply(s, rate, s)
            np.subtract(p, s, p)

        return descend


class RMSProp(Optimizer):
    """G = alpha·G + (1 - alpha)·g², p -= lr·g/(√G + eps): Adagrad that forgets.

    Parameters
    ----------
    params : Tensors, groups of them, or nothing: see `Optimizer`.
    lr : the rate, of 0 or more.
    alpha : how much of G is kept at each step, from 0 to 1; the lecture's rho.
    eps : added to the root; with `eps_inside` to G, as the lecture and Keras do: √(G + eps).
    weight_decay : adds weight_decay·p to g.
    momentum : above 0, p -= lr·v with v = momentum·v + g/(√G + eps).
    centered : divide by the standard deviation, √(G - mean²), where mean follows g as G does g².
    maximize : climb.
    clip_norm, clip_value : clip all gradients first, as `clip_grad_norm` and `clip_grad_value`.
    backend, threads : what steps large arrays, with the same bits: see `Optimizer`.

    Raises OptionError (a ValueError): a setting out of its range; see `bind` for parameters.
    Source: Tieleman and Hinton, Lecture 6.5, 2012; Graves, Generating sequences, 2013 (centered).

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.RMSProp([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([ 0., -1.])
    """

    CHECKS: ClassVar = {
        **Optimizer.CHECKS,
        "alpha": fraction,
        "eps": at_least_zero,
        "eps_inside": choice,
        "momentum": at_least_zero,
        "centered": choice,
    }

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-2,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        eps_inside: bool = False,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        backend: str = "numpy",
        threads: int | None = None,
    ) -> None:
        super().__init__(params, locals())

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        names = {"square_avg": True, "grad_avg": settings["centered"]}
        names["momentum_buffer"] = settings["momentum"] > 0.0
        return {name: 0.0 for name, wanted in names.items() if wanted}

    def is_steady(self, settings: Mapping[str, Any]) -> bool:
        return True

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        lr, decay, maximize = typed(settings["lr"]), settings["weight_decay"], settings["maximize"]
        momentum, centered = settings["momentum"], settings["centered"]
        kept, fresh = typed(settings["alpha"]), typed(1.0 - settings["alpha"])
        root = partial(_root, eps=typed(settings["eps"]), inside=settings["eps_inside"])

        def descend(p: Any, g: Any, s: Any, t: Any, u: Any, square: Any, *others: Any) -> None:
            g = effective_gradient(p, g, t, s, decay, maximize)
            _follow_square(square, g, kept, fresh, s)
            if centered:
                mean = others[0]
                np.subtract(g, mean, s)
                np.multiply(s, fresh, s)
                np.add(mean, s, mean)
                np.square(mean, s)
                square = np.subtract(square, s, s)
            step = np.divide(g, root(square, s), s)
            if momentum:
                velocity = others[-1]
                np.multiply(velocity, momentum, velocity)
                step = np.add(velocity, step, velocity)
            np.multiply(step, lr, s)
            np.subtract(p, s, p)

        return descend


class Adadelta(Optimizer):
    """G = rho·G + (1 - rho)·g², d = √(D + eps)/√(G + eps)·g, p -= lr·d, D follows d² as G does g².

    Parameters
    ----------
    params : Tensors, groups of them, or nothing: see `Optimizer`.
    lr : multiplies the step, whose length the method finds by itself.
    rho : how much of G and D is kept at each step, from 0 to 1.
    eps : what the first steps are made of, since D begins with 0.
    weight_decay : adds weight_decay·p to g.
    maximize : climb.
    clip_norm, clip_value : clip all gradients first, as `clip_grad_norm` and `clip_grad_value`.
    backend, threads : what steps large arrays, with the same bits: see `Optimizer`.

    Raises OptionError (a ValueError): a setting out of its range; see `bind` for parameters.
    Source: Zeiler, ADADELTA: an adaptive learning rate method, 2012.

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> w = Tensor([1.0, -2.0], name="w")
    >>> optimizer = optim.Adadelta([w], eps=1e-4)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(4)
    array([ 0.9684, -1.9684])
    """

    CHECKS: ClassVar = {
        **Optimizer.CHECKS,
        "rho": fraction,
        "eps": at_least_zero,
    }

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1.0,
        *,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        maximize: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        backend: str = "numpy",
        threads: int | None = None,
    ) -> None:
        super().__init__(params, locals())

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def is_steady(self, settings: Mapping[str, Any]) -> bool:
        return True

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        lr, decay, maximize = typed(settings["lr"]), settings["weight_decay"], settings["maximize"]
        kept, fresh = typed(settings["rho"]), typed(1.0 - settings["rho"])
        root = partial(_root, eps=typed(settings["eps"]), inside=True)

        def descend(p: Any, g: Any, s: Any, t: Any, u: Any, square: Any, deltas: Any) -> None:
            g = effective_gradient(p, g, t, s, decay, maximize)
            _follow_square(square, g, kept, fresh, s)
            step = np.divide(root(deltas, u), root(square, s), u)
            np.multiply(step, g, step)
            _follow_square(deltas, step, kept, fresh, s)
            np.multiply(step, lr, step)
            np.subtract(p, step, p)

        return descend


def _follow_square(mean: Any, g: Any, kept: Any, fresh: Any, s: Any) -> None:
    """mean = kept·mean + fresh·g², in place, with scratch `s`."""
    np.square(g, s)
    np.multiply(s, fresh, s)
    np.multiply(mean, kept, mean)
    np.add(mean, s, mean)


def _root(square: Any, out: Any, eps: Any, inside: bool) -> Any:
    """√square + eps, or √(square + eps), written to `out`."""
    if inside:
        return np.sqrt(np.add(square, eps, out), out)
    return np.add(np.sqrt(square, out), eps, out)


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
    backend, threads : what steps large arrays, with the same bits: see `Optimizer`.

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
        backend: str = "numpy",
        threads: int | None = None,
    ) -> None:
        super().__init__(params, locals())

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

    def is_steady(self, settings: Mapping[str, Any]) -> bool:
        return True

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
