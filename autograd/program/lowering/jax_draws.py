"""Draws of NumPy's generators by JAX's keys: the same distributions, other numbers.

For each of them a run draws 64 bits from the generator, which make a key: so the same seed gives
the same numbers, run after run. What has no counterpart here is drawn by NumPy before the run.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import random as jr

from autograd.effects import Draw
from autograd.program.instruction import Value

__all__ = ["ByKey", "by_key"]


class Said:
    """What is said of a draw: its parameters, by NumPy's names, and `form`, what comes of it."""

    def __init__(self, parameters: Mapping[str, Any], value: Value) -> None:
        self.parameters = parameters
        self.form = {"shape": value.shape, "dtype": value.dtype}

    def __getattr__(self, name: str) -> Any:
        return jnp.asarray(self.parameters[name])


Law = Callable[[Any, Any], Any]
"""Of a key and what is said: numbers."""


def standard(law: Callable[..., Any], *names: str) -> Law:
    """A law of JAX's, with the parameters of these names."""
    return lambda key, said: law(
        key, *[getattr(said, name).astype(said.form["dtype"]) for name in names], **said.form
    )


def located(law: Callable[..., Any]) -> Law:
    """One without parameters, times a scale, after which a location is added."""
    return lambda key, said: said.loc + said.scale * law(key, **said.form)


def integers(key: Any, said: Any) -> Any:
    low, high = ends(said.parameters)
    return jr.randint(key, said.form["shape"], jnp.asarray(low), jnp.asarray(high), np.int64)


def ends(parameters: Mapping[str, Any]) -> tuple[Any, Any]:
    """From which integer on, and below which."""
    low, high = parameters["low"], parameters["high"]
    low, high = (0, low) if high is None else (low, high)
    return low, np.add(high, 1) if parameters["endpoint"] else high


LAWS: dict[str, Law] = {
    "random": standard(jr.uniform),
    "standard_normal": standard(jr.normal),
    "standard_exponential": standard(jr.exponential),
    "standard_cauchy": standard(jr.cauchy),
    "standard_gamma": standard(jr.gamma, "shape"),
    "standard_t": standard(jr.t, "df"),
    "beta": standard(jr.beta, "a", "b"),
    "chisquare": standard(jr.chisquare, "df"),
    "normal": located(jr.normal),
    "laplace": located(jr.laplace),
    "logistic": located(jr.logistic),
    "gumbel": located(jr.gumbel),
    "uniform": lambda key, said: said.low + (said.high - said.low) * jr.uniform(key, **said.form),
    "exponential": lambda key, said: said.scale * jr.exponential(key, **said.form),
    "gamma": lambda key, said: said.scale * standard(jr.gamma, "shape")(key, said),
    "lognormal": lambda key, said: jnp.exp(said.mean + said.sigma * jr.normal(key, **said.form)),
    "weibull": lambda key, said: jr.exponential(key, **said.form) ** (1.0 / said.a),
    "pareto": lambda key, said: jnp.expm1(jr.exponential(key, **said.form) / said.a),
    "rayleigh": lambda key, said: said.scale * jnp.sqrt(2.0 * jr.exponential(key, **said.form)),
    "poisson": lambda key, said: jr.poisson(key, said.lam, said.form["shape"]),
    "binomial": lambda key, said: jr.binomial(
        key, said.n.astype(float), said.p, said.form["shape"], float
    ),
    "integers": integers,
}
"""By the name of NumPy's method: distributions of single numbers."""

LARGEST = 1 << 62
"""The size of integers up to which JAX draws them."""


class ByKey:
    """A draw on the device: called before a run for 64 bits, of which `law` makes the numbers."""

    def __init__(self, generator: np.random.Generator, law: Law, said: Said, value: Value) -> None:
        self._generator, self._law, self._said, self._value = generator, law, said, value

    def __call__(self) -> np.ndarray:
        return self._generator.integers(1 << 32, size=2, dtype=np.uint32)

    def law(self, bits: Any) -> Any:
        """The numbers of a key, in the dtype that was recorded."""
        key = jr.wrap_key_data(bits, impl="threefry2x32")
        return self._law(key, self._said).astype(self._value.dtype)


def by_key(draw: Draw, value: Value) -> ByKey | None:
    """A draw by a method of a generator of NumPy's as one by JAX; None where there is none."""
    function: Any = draw.source
    args, kwargs = (), {}
    if type(function) is partial:
        function, args, kwargs = function.func, function.args, function.keywords
    generator, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if type(generator) is not np.random.Generator or name not in LAWS or value.weak:
        return None
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except ValueError:  # of a NumPy whose methods do not tell theirs
        return None
    bound.apply_defaults()
    said = bound.arguments
    if said.get("out") is not None:
        return None
    if name == "integers" and np.max(np.abs(np.asarray(ends(said), object))) >= LARGEST:
        return None
    return ByKey(generator, LAWS[name], Said(said, value), value)
