"""One training step on a batch, in forms that give the same bits: eager, compiled, and whole.

An eager or compiled step is taken in two halves, since between them the loop looks at the loss:
`forward` computes the values, `backward` adds the gradient to the parameters' `.grad`. Updating
them is the optimiser's part. A whole step is one program, which does all of that, the looking too.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any, Protocol

import numpy as np

from autograd import CompileError, DataError, GradientError, Tensor
from autograd.extend import (
    Compiled,
    Placement,
    Surroundings,
    call_inside,
    find_backend,
    flatten,
    of_graph,
)
from nn import losses
from nn.optim import Optimizer
from nn.optim.descent import Descent
from nn.options import choice

from .divergence import NotFinite, check_gradient, check_loss, first_gradient
from .objective import Objective
from .outputs import values
from .volatile import generators

__all__ = [
    "CompiledStep", "EagerStep", "ScalarStep", "TrainingStep", "WholeStep", "backend_of", "why_not",
]  # fmt: skip


class TrainingStep(Protocol):
    """What the loop asks of a step."""

    def forward(self, x: Any, y: Any, weight: Any = None) -> tuple[Any, ...]:
        """The objective's outputs as plain values: the first is what is differentiated."""

    def knows(self, x: Any, y: Any, weight: Any = None) -> bool:
        """Whether the step has nothing to prepare for a batch of this shape."""

    def backward(self) -> None:
        """Add the gradient of the last forward pass to the parameters' `.grad`."""

    def look_around(self) -> None:
        """Notice settings of the model, the loss and the penalty that have changed."""


class EagerStep:
    """A new graph for every batch."""

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.total: Any = None

    def knows(self, x: Any, y: Any, weight: Any = None) -> bool:
        return True

    def forward(self, x: Any, y: Any, weight: Any = None) -> tuple[Any, ...]:
        outputs = call_inside(self.objective, (x, y) if weight is None else (x, y, weight))
        self.total = outputs[0]
        return tuple(map(values, outputs))

    def backward(self) -> None:
        total, self.total = self.total, None
        if type(total) is not Tensor:
            raise GradientError(
                f"the loss is of type {type(total).__name__}, which has no gradient"
            )
        total.backward(retain_grads=False)

    def look_around(self) -> None:
        pass


class CompiledStep:
    """The graph of the first batch of each shape, recorded and replayed.

    What it returns holds until its next forward pass.
    """

    def __init__(
        self, objective: Objective, backend: str, devices: Any = None, then: Any = None
    ) -> None:
        self.backend, self.devices = backend, devices
        options = {"reuse_outputs": True, "backend": backend}
        placement = None if devices is None else Placement(devices)
        self.fast: Compiled[tuple[Any, ...]] = Compiled(
            objective, options, then, placement, settled=True
        )
        self._known: set[tuple[Any, ...]] = set()
        self._forget()

    def knows(self, x: Any, y: Any, weight: Any = None) -> bool:
        """Whether a batch of this shape was recorded already; from the second asking on it is."""
        if x is self._x and y is self._y and weight is self._weight:
            return True  # in the arrays of the last one, as most are
        key = self.fast.setting, _kind(x, y, weight)
        known = key in self._known
        self._known.add(key)
        return known

    def forward(self, x: Any, y: Any, weight: Any = None) -> tuple[Any, ...]:
        outputs = self.fast(x, y) if weight is None else self.fast(x, y, weight)
        self._x, self._y, self._weight = x, y, weight
        return outputs

    def _forget(self) -> None:
        """No batch is known by its arrays."""
        self._x = self._y = self._weight = self

    def backward(self) -> None:
        program = self.fast.program
        assert program is not None
        program.backward()

    def look_around(self) -> None:
        self.fast.glance()
        program = self.fast.program
        if program is not None and not program.is_current():  # a parameter was frozen or thawed
            self._known.clear()
            self._forget()


class WholeStep:
    """The same with the update of an optimiser, in one program: `forward` is all of a step.

    It is refused, by CompileError (a TypeError), where a parameter gets no gradient. No `.grad` is
    touched but by `leave_gradients`, and only steps that are taken with `keeps` can do that: their
    gradients need memory of their own.
    """

    def __init__(
        self, objective: Objective, optimizer: Optimizer, backend: str, devices: Any = None
    ) -> None:
        self.objective, self.backend, self.devices = objective, backend, devices
        self.descent = Descent(optimizer, lends=hasattr(find_backend(backend), "fetch"))
        self.watched = first_gradient(objective.model.parameters())
        self.keeps = True
        self._steps: dict[Hashable, CompiledStep] = {}
        self._step: CompiledStep | None = None
        self._keeps: bool | None = None  # those of that step, as long as it stays the one
        self._reached: list[Tensor] = []

    @property
    def is_possible(self) -> bool:
        """Whether a step is a matter of NumPy alone: a back end from elsewhere may do without the
        looking."""
        return self.backend in ("numpy", "numba", "jax") and self.descent.is_possible

    def knows(self, x: Any, y: Any, weight: Any = None) -> bool:
        if self._keeps is self.keeps and self._step is not None:
            return self._step.knows(x, y, weight)
        form = self.descent.prepare(), self.keeps
        step = self._steps.get(form)
        if step is None:
            then = partial(self._then, keeps=self.keeps)
            step = self._steps[form] = CompiledStep(
                self.objective, self.backend, self.devices, then
            )
        self._step = step
        self._keeps = self.keeps if self.descent.stays else None
        return step.knows(x, y, weight)

    def forward(self, x: Any, y: Any, weight: Any = None) -> tuple[Any, ...]:
        """All of the step that `knows` was asked about.

        Raises NotFinite, and leaves the parameters as they were, where they would be spoilt.
        """
        assert self._step is not None
        try:
            outputs = self._step.forward(x, y, weight)
        except NotFinite:  # as in halves, running statistics have seen the batch
            EagerStep(self.objective).forward(x, y, weight)
            raise
        self.descent.count()
        return outputs

    def _then(self, loss: Any, gradients: dict[Tensor, Any], *, keeps: bool) -> list[Any]:
        """What a program does with the gradients."""
        if self.watched not in gradients:
            raise CompileError("no gradient arrives at the first parameter")
        check_loss(loss)
        check_gradient(gradients[self.watched])
        self.descent(gradients)
        self._reached = list(gradients)
        return list(gradients.values()) if keeps else []

    def leave_gradients(self) -> None:
        """Have the gradients of the last step in the parameters' `.grad`; None, if it kept none."""
        if self._step is not None:
            kept = self._step.fast.more or [None] * len(self._reached)
            for parameter, gradient in zip(self._reached, kept, strict=True):
                parameter.grad = None if gradient is None else np.array(gradient)

    def backward(self) -> None:
        pass

    def look_around(self) -> None:
        self._keeps = None
        self.descent.look_around()
        for step in self._steps.values():
            step.look_around()


class ScalarStep:
    """The same for a model of scalar nodes: the graph of the first batch of each shape.

    The numbers of the batch are leaves of the graph, and get new data for the next one. What is
    computed of such leaves alone is in no graph: so the target comes in the shape and dtype that
    the loss would give it, and the model must be one that `why_not` has nothing against.
    """

    def __init__(self, objective: Objective, backend: str) -> None:
        self.objective, self.backend = objective, backend
        self.classes = losses.kind_of(objective.loss).target == "classes"
        self._graphs: dict[tuple[Any, ...], tuple[Any, list[Tensor], list[Tensor]]] = {}
        self._program: Any = None
        self._around = Surroundings(objective)
        self._setting = self._around.settings()

    def knows(self, x: Any, y: Any, weight: Any = None) -> bool:
        return (self._setting, _kind(x, self._as_taken(y), weight)) in self._graphs

    def forward(self, x: Any, y: Any, weight: Any = None) -> tuple[Any, ...]:
        numbers, y = x.ravel().tolist(), self._as_taken(y)
        constants = (y,) if weight is None else (y, weight)
        key = self._setting, _kind(x, y, weight)
        known = self._graphs.get(key)
        if known is None:
            known = self._graphs[key] = self._recorded(numbers, x, constants)
        else:
            for leaf, number in zip(known[1], numbers, strict=True):
                leaf.data = number
            for leaf, array in zip(known[2], constants, strict=True):
                leaf.data = array
        self._program = known[0]
        return self._program.results(())

    def backward(self) -> None:
        self._program.backward()

    def look_around(self) -> None:
        if not self._around.are_as_before():
            self._around = Surroundings(self.objective)
            self._setting = self._around.settings()
        for key in [key for key, known in self._graphs.items() if not known[0].is_current()]:
            del self._graphs[key]  # a parameter was frozen or thawed

    def _as_taken(self, y: Any) -> Any:
        """Class numbers in a row; anything else as floats, in rows of the outputs."""
        if self.classes and y.size == len(y) and y.dtype.kind in "iu":
            return y.reshape(len(y))
        return y.reshape(len(y), -1).astype(np.float64)

    def _recorded(
        self, numbers: list[float], x: Any, constants: tuple[Any, ...]
    ) -> tuple[Any, list[Tensor], list[Tensor]]:
        reason = why_not(self.objective)  # a parameter may have been frozen since
        if reason is not None:
            raise CompileError(reason)
        leaves = [Tensor(number, requires_grad=False) for number in numbers]
        rows: list[Any] = leaves
        for width in x.shape[:0:-1]:  # of images lists in lists
            rows = [rows[start : start + width] for start in range(0, len(rows), width)]
        given = [Tensor(array.copy(), requires_grad=False) for array in constants]
        program = of_graph(*call_inside(self.objective, (rows, *given)), backend=self.backend)
        return program, leaves, given


def why_not(objective: Objective) -> str | None:
    """Why the graph of a scalar model may not hold for other numbers; None where it does.

    A model, loss or penalty of one's own may branch on values, or compute with the inputs alone,
    and a model that draws at random would replay what it drew first.
    """
    if generators(objective.model):
        return "a model of scalars draws at random"
    if not all(tensor.requires_grad for tensor in objective.model.tensors()):
        return "a model of scalars has a frozen parameter, which with the inputs is in no graph"
    parts = [type(module) for module in objective.model.modules()]
    parts += [_innermost(objective.loss), type(objective.penalty)]
    own = [part for part in parts if part.__module__.split(".")[0] not in ("nn", "builtins")]
    return (
        f"a model of scalars with a {own[0].__name__} of one's own is not replayed" if own else None
    )


def _innermost(function: Any) -> Any:
    """The function inside of partial ones."""
    while isinstance(function, partial):
        function = function.func
    return function if hasattr(function, "__module__") else type(function)


def backend_of(compiled: Any, backend: Any, devices: Any) -> str | None:
    """The back end of `ag.compile` that `fit` is asked for, or None for eager steps.

    Raises DataError (a TypeError) for what is no back end's name and no choice, for devices without
    one that has them, and what the back end raises where a package that it needs is missing:
    DependencyError (an ImportError).
    """
    if isinstance(compiled, str):  # the name in its place
        compiled, backend = True, compiled if backend is None else backend
    if not choice("fit", "compiled", compiled, "and a back end's name is backend="):
        if backend is not None or devices is not None:
            raise DataError("fit: compiled=False trains eagerly: leave out backend= and devices=")
        return None
    backend = "numpy" if backend is None else backend
    factory = find_backend(backend, "fit: backend must be one of")
    if devices is not None and not getattr(factory, "places", False):
        raise DataError(f'fit: backend={backend!r} has no devices=: write backend="jax"')
    return str(backend)


def _kind(x: Any, y: Any, weight: Any) -> tuple[Any, ...]:
    """What of a batch a graph is recorded for."""
    if type(x) is np.ndarray and type(y) is np.ndarray:
        return x.shape, x.dtype, y.shape, y.dtype, weight is None
    return *((part.shape, part.dtype) for part in flatten((x, y))[0]), weight is None
