"""Loops: a step that is recorded once, however often it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import index
from typing import Any, NamedTuple

import numpy as np

from autograd import modes
from autograd.data import as_data
from autograd.eager import value_of
from autograd.errors import CompileError, DataError, ShapeError, UnsupportedError
from autograd.fresh import check_function
from autograd.generators import generators, is_same, set_state
from autograd.generators import state as state_of
from autograd.inside import call_inside
from autograd.tensor import Tensor, leaf
from autograd.trees import children_by_name, flatten

__all__ = ["scan"]


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    state: Any,
    xs: Any,
    *,
    length: int | None = None,
    checkpoint: bool = False,
) -> tuple[Any, Any]:
    """Carry a state through steps, ``state, y = f(state, x)`` for each x: a loop as one gate.

    The step is recorded once and run as a program, so that neither recording nor compiling takes
    longer for more steps, and no gate of a step is kept. It is differentiated to any order, in both
    modes; under `compile` it is one instruction. Values have the bits of the loop written out.

    Parameters
    ----------
    f : takes the state and one x, and returns the next state, nested, shaped and typed as the one
        it was given, and what is put out, a nest of numbers and arrays, or None. It gets Tensors.
        Tensors that it reads from outside are differentiated for as well.
    state : numbers, arrays or Tensors, or a nest of them.
    xs : arrays or Tensors, or a nest of them, of which each step gets its own along the first axis;
        or None.
    length : how many steps; needed where xs are None.
    checkpoint : keep the states alone for a backward pass, and compute the rest of each step again.

    Returns
    -------
    The last state, and what the steps put out, stacked along a new first axis: Tensors where one
    was given or `f` reached one from outside that wants a gradient, else arrays and numbers.

    `f` is called to record it, once or a few times and again for each further order of derivative,
    but not at each step; what it does besides computing, such as printing, is done as often. What
    cannot be recorded, such as an `if` on a value, runs as the loop written out, gate by gate, and
    inside of `compile` it is refused. Under `detect_anomaly` all loops run written out, so that the
    error names the gate and the line.

    Raises
    ------
    ShapeError (a ValueError): xs of different lengths, or a state that changes its shape.
    DataError (a TypeError): a state that changes its structure or its dtype, no length, or no pair
        returned.
    UnsupportedError (a TypeError): the step draws at random, or assigns to a Tensor.

    >>> import autograd as ag
    >>> import numpy as np
    >>> ag.scan(lambda total, x: (total + x, total * x), 0.0, np.array([1.0, 2.0, 3.0]))
    (array(6.), array([0., 2., 9.]))
    >>> decay = lambda a: ag.scan(lambda y, _: (a * y, None), 1.0, None, length=3)[0]
    >>> decay(2.0), ag.grad(decay)(2.0), ag.grad(ag.grad(decay))(2.0)
    (8.0, 12.0, 12.0)
    """
    check_function(f, "scan")
    call = _Scan(f, _Nest.of(state), _Nest.of(xs), length, checkpoint)
    if modes.current().anomaly:
        return call.written_out()
    try:
        with _undrawn(f):
            return call.as_gate()
    except CompileError:
        if modes.tape() is not None or not call.length:
            raise
        return call.written_out()


@contextmanager
def _undrawn(f: Callable[..., Any]) -> Iterator[None]:
    """A block in which a function draws from none of the generators that it can see, or raises.

    After an error they stand where they stood.
    """
    before = [(each, state_of(each)) for each in generators(f)]
    try:
        yield
        if not all(is_same(state_of(each), was) for each, was in before):
            from autograd.program.loop_step import DRAWS

            raise UnsupportedError(DRAWS)
    except BaseException:
        for each, was in before:
            set_state(each, was)
        raise


class _Nest(NamedTuple):
    """The leaves of a nest but for what is None, what builds such a nest, and where each stood."""

    leaves: list[Any]
    build: Callable[[Sequence[Any]], Any]
    paths: list[str]

    @classmethod
    def of(cls, tree: Any) -> _Nest:
        everything, rebuild = flatten(tree)
        holes = [leaf is None for leaf in everything]
        paths = [path for path, hole in zip(_paths(tree), holes, strict=True) if not hole]

        def build(leaves: Sequence[Any]) -> Any:
            given = iter(leaves)
            return rebuild([None if hole else next(given) for hole in holes])

        return cls([leaf for leaf in everything if leaf is not None], build, paths)


def _paths(tree: Any) -> list[str]:
    """Where each leaf of a nest stands, such as ``["w"][0]``."""
    children = children_by_name(tree)
    if children is None:
        return [""]
    return [name + path for name, child in children for path in _paths(child)]


class _WeakStateError(Exception):
    """Numbers of the state that the step makes arrays of: their places and dtypes."""

    def __init__(self, dtypes: dict[int, Any]) -> None:
        self.dtypes = dtypes


class _Scan:
    """One call of `scan`."""

    def __init__(
        self,
        f: Callable[[Any, Any], Any],
        state: _Nest,
        xs: _Nest,
        length: int | None,
        checkpoint: bool,
    ) -> None:
        self.f, self.checkpoint = f, checkpoint
        self.state = state._replace(leaves=list(map(_operand, state.leaves)))
        self.xs = xs._replace(leaves=list(map(_operand, xs.leaves)))
        self.length = _length(self.xs, length)
        self.tensors = any(type(v) is Tensor for v in (*state.leaves, *xs.leaves))
        self.outside: list[Tensor] = []
        self.ys = _Nest([], lambda leaves: None, [])

    def as_gate(self) -> tuple[Any, Any]:
        """As a gate that runs the recorded step."""
        from autograd.program.loop import Loop, run
        from autograd.program.loop_step import Operands, loop_step

        carry, xs = list(self.state.leaves), self.xs.leaves
        recording = modes.current().grad_enabled
        differentiates = recording and any(
            type(v) is Tensor and bool(v._wants) for v in (*carry, *xs)
        )
        watched: Callable[..., Any] | None = self.f
        while True:
            try:
                step = loop_step(
                    self._body, Operands(carry, xs, []), self.length, differentiates,
                    check=self._check, looking=True, checkpoint=self.checkpoint, watched=watched,
                )  # fmt: skip
            except _WeakStateError as found:
                for place, dtype in found.dtypes.items():
                    number = carry[place]
                    array = number * np.ones((), dtype)
                    carry[place] = array if type(number) is Tensor else np.asarray(array)
                continue
            self.outside, watched = step.outside, None
            reached = any(o._wants for o in step.outside)
            if differentiates or not (reached and recording):
                break
            differentiates = True
        if not (carry or xs or step.outside):
            return self.written_out()
        loop = Loop(self._body, self.length, checkpoint=self.checkpoint)
        ends, ys = run(loop, Operands(carry, xs, step.outside), step)
        return self._results(ends, ys, self.tensors or reached)

    def written_out(self) -> tuple[Any, Any]:
        """Step by step, each gate a node."""
        carry = [v if type(v) is Tensor else leaf(v) for v in self.state.leaves]
        xs = [v if type(v) is Tensor else leaf(v) for v in self.xs.leaves]
        rows: list[list[Any]] = []
        for t in range(self.length):
            carry, ys = self._step(carry, [x[t] for x in xs])
            rows.append([y if type(y) is Tensor else leaf(as_data(y, None)) for y in ys])
        stacked = [np.stack(column) for column in zip(*rows, strict=True)]
        lives = any(o._wants for o in (*carry, *stacked))
        return self._results(carry, stacked, self.tensors or lives)

    def _results(self, ends: list[Any], ys: list[Any], tensors: bool) -> tuple[Any, Any]:
        if not tensors:
            ends, ys = list(map(value_of, ends)), list(map(value_of, ys))
        return self.state.build(ends), self.ys.build(ys)

    def _body(
        self, carry: list[Tensor], x: list[Tensor], fixed: list[Tensor] | None
    ) -> tuple[list[Any], list[Any]]:
        """The step on a tape, other nodes in place of what it reads from outside."""
        if fixed is None:
            return self._step(carry, x)
        with modes.tape().outside.standing(dict(zip(self.outside, fixed, strict=True))):
            return self._step(carry, x)

    def _step(self, carry: Sequence[Any], x: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The function on nodes: the leaves of the next state, and of what is put out."""
        try:
            result = call_inside(self.f, (self.state.build(carry), self.xs.build(x)))
        except ValueError as error:  # NumPy's, for array[0] = traced: what it caught says more
            if type(error.__cause__) is CompileError:
                raise error.__cause__ from None
            raise
        if type(result) is not tuple or len(result) != 2:
            raise DataError(
                "the step of a scan must return the pair (state, y), y None where nothing is put "
                f"out, and returned {_described(result)}"
            )
        new, self.ys = _Nest.of(result[0]), _Nest.of(result[1])
        leaves = dict(zip(new.paths, new.leaves, strict=True))
        if leaves.keys() != set(self.state.paths):
            gone = [f"left out state{p}" for p in self.state.paths if p not in leaves]
            come = [f"added state{p}" for p in new.paths if p not in self.state.paths]
            raise DataError(
                "the step of a scan must return a state nested like the one it was given, and "
                f"{(gone + come)[0]}"
            )
        state = [_operand(leaves[path]) for path in self.state.paths]  # of dicts in any order
        return state, [_operand(v) for v in self.ys.leaves]

    def _check(self, before: Sequence[Any], after: Sequence[Any]) -> None:
        """Raise where a part of the state changes; a number may become an array of no axes."""
        weak: dict[int, Any] = {}
        for place, (was, now) in enumerate(zip(before, after, strict=True)):
            if (was.shape, was.dtype, was.weak) == (now.shape, now.dtype, now.weak):
                continue
            if was.weak and now.shape == () and now.dtype.kind == "f":
                weak[place] = now.dtype
                continue
            part = f"state{self.state.paths[place]}"
            kind = ShapeError if was.shape != now.shape else DataError
            advice = (
                "start with one of that shape"
                if was.shape != now.shape
                else f"write .astype({str(was.dtype)!r}), or start with {now.dtype}"
            )
            raise kind(
                f"the step of a scan must keep the shape and dtype of {part}, which was "
                f"{_kind(was)} and became {_kind(now)}: {advice}"
            )
        if weak:
            raise _WeakStateError(weak)


def _kind(part: Any) -> str:
    return f"{part.dtype} of shape {part.shape}" if not part.weak else "a number"


def _operand(value: Any) -> Any:
    return value if type(value) is Tensor else as_data(value, None)


def _length(xs: _Nest, length: int | None) -> int:
    """How many steps there are; checked."""
    known: dict[str, int] = {}
    if length is not None:
        try:
            known["length="] = index(length)
        except TypeError:
            raise DataError(f"length must be a whole number, and received {length!r}") from None
    for leaf_, path in zip(xs.leaves, xs.paths, strict=True):
        shape = np.shape(value_of(leaf_))
        if not shape:
            raise ShapeError(
                f"xs{path} is one number, and has no axis to take steps along: "
                "give an array, np.array([1.0, 2.0])"
            )
        known[f"xs{path}"] = shape[0]
    if not known:
        raise DataError("scan() needs length= where xs are None: how many steps there are")
    (first, steps), *others = known.items()
    if steps < 0:
        raise ShapeError(f"length must not be negative, and received {steps}")
    for name, other in others:
        if other != steps:
            raise ShapeError(
                f"scan() takes as many steps as each has, and {first} has {steps}, {name} {other}"
            )
    return steps


def _described(result: Any) -> str:
    if type(result) is tuple:
        return f"a tuple of {len(result)}"
    return f"a {type(result).__name__}"
