"""What a computation does besides computing: draw at random, and update state.

Both could be written without these functions. Written with them, `compile` sees them: a program
draws anew at each replay, and what it assigns is one of its outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from autograd import modes
from autograd.data import as_data, is_number
from autograd.eager import value_of
from autograd.errors import DataError
from autograd.tensor import Tensor, leaf

__all__ = ["assign", "replayed", "sample"]


def sample(draw: Callable[..., Any], *args: Any, **kwargs: Any) -> Tensor:
    """A constant, ``draw(*args, **kwargs)`` of now; a compiled program draws anew at each replay.

    Parameters
    ----------
    draw : returns numbers of the same shape and dtype at every call. A method of a NumPy
        `Generator`, with its parameters beside it, says what distribution they have: back ends
        draw by means of their own then, as `compile` tells.
    args, kwargs : what it is called with.

    Raises DataError (a TypeError) where `draw` is no function, or returns anything but numbers.

    >>> import autograd as ag
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> noise = ag.sample(rng.normal, scale=0.1, size=3)
    >>> noise.data.round(3), noise.requires_grad
    (array([ 0.013, -0.013,  0.064]), False)
    """
    if not callable(draw):
        raise DataError(f"sample() expects a function that draws, and received {draw!r}")
    draw = partial(draw, *args, **kwargs) if args or kwargs else draw
    outside = modes.outside()
    value = draw() if outside is None else outside.drawn(draw)
    return leaf(as_data(value, None))


class Draw:
    """A draw in a program: what recording drew serves the first run, as if that had drawn it.

    Attributes: `source`, the function that draws; `first`, what it drew at first, until a run
    takes it.
    """

    def __init__(self, draw: Callable[[], Any], source: Callable[[], Any] | None = None) -> None:
        self.__name__ = "draw"
        self.source = source or draw
        self._draw = draw
        self._recorded = [as_data(draw(), None)]
        self._shown = False

    @property
    def first(self) -> Any:
        return self._recorded[0]

    def __call__(self) -> Any:
        if not self._shown:  # to the recorder
            self._shown = True
            return self._recorded[0]
        return self._recorded.pop() if self._recorded else self._draw()


def replayed(check: Any = None, holds: Callable[..., Any] | None = None) -> Any:
    """Decorate a check of a value, which raises where that will not do: a program repeats it.

    `holds` tells by methods and operators of arrays whether it will not raise: a back end can then
    compute that before it writes over anything.

    >>> import numpy as np
    >>> @replayed
    ... def is_positive(a):
    ...     if not np.all(a > 0.0):
    ...         raise ValueError("expected positive numbers")
    >>> is_positive(np.array([1.0, 2.0]))
    """

    if check is None:
        return partial(replayed, holds=holds)

    @wraps(check)
    def run(value: Any, *rest: Any) -> None:
        if getattr(type(value), "traced", False):
            value.tape.record(check, (value, *rest), effect=True)
        else:
            check(value, *rest)

    if holds is not None:
        check.holds = holds
    return run


def assign(target: Tensor, value: Any) -> None:
    """Give a leaf a copy of new data; in a compiled program, at each replay.

    Parameters
    ----------
    target : a leaf, such as a running mean.
    value : a Tensor, an array or a number of its shape; no gradient flows through it.

    Raises as assigning to `data` does, and DataError (a TypeError) where `target` is no Tensor.

    >>> import autograd as ag
    >>> mean = ag.Tensor(0.0, requires_grad=False)
    >>> ag.assign(mean, 0.9 * mean + 0.1)
    >>> mean.data
    0.1
    """
    if type(target) is not Tensor:
        raise DataError(f"assign() expects a leaf Tensor and received {target!r}")
    data = as_data(value_of(value), None)
    target.data = data if is_number(data) else data.copy(order="K")
