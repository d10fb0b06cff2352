"""Tables of PyTorch's operators: of each overload's name what computes it.

Arguments come as the operators' schemas have them: tensors as Tensors or arrays, lists as lists,
dtypes as NumPy's. Source: PyTorch, aten/src/ATen/native/native_functions.yaml.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.exchange import reading

__all__ = ["Rule", "Rules", "axes", "cast"]

Rule = Callable[..., Any]


class Rules(dict[str, Rule]):
    """By an operator's name and overload, as in ``"add.Tensor"``."""

    def enter(self, *names: str) -> Callable[[Rule], Rule]:
        """Enters a function under names; one without an overload stands for ``.default``."""

        def enter(function: Rule) -> Rule:
            for name in names:
                self[name if "." in name else f"{name}.default"] = function
            return function

        return enter


def axes(dims: Any) -> Any:
    """Axes as NumPy has them: none given are all of them."""
    if isinstance(dims, int):
        return dims
    return tuple(dims) if dims else None


def cast(x: Any, dtype: Any) -> Any:
    """In another dtype, if one is said; of whole numbers nothing is differentiated."""
    return x if dtype is None or x.dtype == dtype else reading.cast(x, dtype)
