"""Functions on JAX: this package's programs against `jax.jit` of the same function written for it.

Both are given NumPy's arrays. A program returns arrays of NumPy's, in memory of their own; those of
JAX are converted to such once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cases import large_chain, lenet_step, rosenbrock_hessian
from benchmarks.results import Outcome, disagreements

TITLE = "On JAX"
FAMILY = "Compiled"
VARIANTS = {
    "Hessian of Rosenbrock's function, 100 variables": {"kind": "hessian"},
    "step of LeNet-5, batch 64": {"kind": "lenet"},
    "twenty gates of tanh and exp among × and + on 10⁶": {"kind": "mixed"},
}
Step = Callable[[], Any]


def gategrad(kind: str) -> Step:
    """Compiled for JAX, which the extra `jax` installs."""
    import autograd as ag

    if kind == "lenet":
        return lenet_step.gategrad_compiled(64, backend="jax")
    if kind == "hessian":
        hessian = ag.hessian(rosenbrock_hessian.rosenbrock)
        return _of_hessian(ag.compile(hessian, backend="jax"))
    differentiate = ag.value_and_grad(large_chain.chain(np, kind))
    return large_chain.timed(ag.compile(differentiate, backend="jax"), large_chain.point())


def jax(kind: str) -> Step:
    """Through jax.jit; of LeNet-5 the arrays stay on the device."""
    import jax
    import jax.numpy as jnp

    if kind == "lenet":
        return lenet_step.jax(64)
    jax.config.update("jax_enable_x64", True)
    if kind == "hessian":
        hessian = jax.jit(jax.hessian(rosenbrock_hessian.rosenbrock))
        return _of_hessian(lambda x: np.array(hessian(x)))
    fast = jax.jit(jax.value_and_grad(large_chain.chain(jnp, kind)))

    def differentiate(x: Any) -> tuple[Any, Any]:
        value, gradient = fast(x)
        return value, np.array(gradient)

    return large_chain.timed(differentiate, large_chain.point())


def _of_hessian(hessian: Callable[[Any], Any]) -> Step:
    x = rosenbrock_hessian.point(100)
    return lambda: hessian(x)[0].tolist()


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose results are not the others'."""
    bound = 1e-3 if label.startswith("step") else 1e-9
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, bound)]
