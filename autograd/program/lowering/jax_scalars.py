"""Graphs of single numbers under `jax.jit`: their groups are calls, and what is narrow is a loop.

XLA takes minutes for some thousand calls. So what it is given does not grow with the graph: where
numbers lie is an argument of the compiled function and not part of it, and gates too few for a
call, or all of a graph that has too many groups, are computed in a loop, in each step some gates
that do not read each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from itertools import chain, groupby
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.expression import on_arrays_of
from autograd.program.lowering.jax_table import NAMESPACE
from autograd.program.scalars.backend import Grouped
from autograd.program.scalars.contributions import Bucket
from autograd.program.scalars.edges import COMPUTED
from autograd.program.scalars.groups import Group
from autograd.program.scalars.layout import Segment
from autograd.program.scalars.plan import ScalarPlan
from autograd.program.scalars.table import Table
from autograd.program.scalars.views import Memory

__all__ = ["GroupedByXla"]

MOST = 48
"""Groups and pieces that are compiled as such; a graph of more is one loop."""

LANES = (1, 2, 4, 8, 16, 32, 64)
"""How many numbers a step of a loop may compute."""

OVERHEAD = 16
"""How many more it would compute in the time that a step takes at least."""

TERMS = 4
"""Contributions that it adds up for each; a gradient of more is a sum of sums."""


class GroupedByXla(Grouped):
    """What runs a graph of scalar nodes by JAX."""

    scalars = "wide_jax"

    def replay(self) -> Any:
        return XlaReplay


class XlaReplay:
    """All values from the inputs, and all gradients from the seeds, in a call of XLA's each.

    Attributes: as those of `Replay`; of the values it brings back those of the outputs alone.
    """

    alone = True

    def __init__(self, plan: ScalarPlan) -> None:
        self.values = Memory(plan.layout.size, plan.layout.constants)
        self.values.data[self.values.fixed :] = np.nan
        self.gradients = Memory(plan.gradients)
        values = _Values(plan)
        local = _Locals(plan, values)
        self._halves = values, local, _Gradients(plan, local)
        start = plan.layout.first_input
        self._inputs = self.values.data[start : start + len(plan.inputs)]
        self._seeds = self.gradients.data[1 : 1 + len(plan.outputs)]
        self._outputs = plan.layout.position[plan.outputs]
        self._wanted = plan.places[plan.wanted]
        self._held: Any = None
        first, *second = [len(half.calls) for half in self._halves]
        self.calls = first, sum(second)
        self.nbytes = sum(half.nbytes for half in self._halves)

    def forward(self) -> None:
        """Compute all values from those of the inputs."""
        with jax.enable_x64(True):
            self.values.data[self._outputs], self._held = self._halves[0].run(self._inputs)

    def backward(self) -> None:
        """Compute the gradients of the wanted inputs from the seeds and the values."""
        with jax.enable_x64(True):
            _, values = self._halves[1].run(self._held)
            self.gradients.data[self._wanted], _ = self._halves[2].run(self._seeds, values)


# ---- what is computed, in which order, and where it lies


class _Call(NamedTuple):
    """A part of a program: `function(memory, values, start, *indices)` gives the memory with more
    numbers in it, side by side from `start` on."""

    function: Callable[..., Any]
    start: int
    indices: tuple[np.ndarray, ...]


class _Half:
    """Calls that fill a memory.

    Attributes: `place`, by register where its number lies; `size`, how many lie there; `calls`;
    `results`, the places of what is asked for.
    """

    results: np.ndarray

    def __init__(self, place: np.ndarray, size: int) -> None:
        self.place = place.astype(np.int32)
        self.size = size
        self.calls: list[_Call] = []

    @property
    def nbytes(self) -> int:
        """The memory that numbers and indices take."""
        return 8 * self.size + sum(index.nbytes for call in self.calls for index in call.indices)

    def take(self, registers: Any) -> int:
        """Places for registers, side by side; the first one."""
        start = self.size
        self.size += len(registers)
        self.place[registers] = np.arange(start, self.size)
        return start

    def run(self, *given: Any) -> tuple[np.ndarray, Any]:
        """The results, and all the memory, which stays where it is."""
        results, memory = self._compiled(given, self._indices)
        return np.asarray(results), memory

    @cached_property
    def _indices(self) -> Any:
        return jax.device_put([self.results, *(call.indices for call in self.calls)])

    @cached_property
    def _compiled(self) -> Any:
        def run(given: Any, indices: Any) -> Any:
            results, *indices = indices
            begun, values = self.begun(*given)
            more = jnp.zeros(self.size + LANES[-1] - len(begun))
            memory = jnp.concatenate([begun, more])
            for call, places in zip(self.calls, indices, strict=True):
                memory = call.function(memory, values, call.start, *places)
            return _at(memory, results), memory

        return jax.jit(run)

    def begun(self, given: Any, values: Any = None) -> tuple[Any, Any]:
        """How the memory begins, and the values that calls read beside it."""
        raise NotImplementedError


class _Values(_Half):
    """The values of all gates, from the inputs."""

    def __init__(self, plan: ScalarPlan) -> None:
        self.plan, self.layout, table = plan, plan.layout, plan.table
        size = plan.layout.first_input + len(plan.inputs)
        super().__init__(np.where(plan.layout.position < size, plan.layout.position, -1), size)
        if len(plan.layout.schedule) > MOST:
            self._loop(np.arange(len(table.out)))
        else:
            schedule: Sequence[Any] = plan.layout.schedule
            for alike, units in groupby(schedule, type):
                if alike is Segment:
                    self._loop(np.concatenate([unit.rows for unit in units]))
                else:
                    for group in units:
                        self._group(group)
        self.results = self.place[plan.outputs]

    def begun(self, given: Any, values: Any = None) -> tuple[Any, Any]:
        return jnp.concatenate([self.layout.constants, given]), None

    def operands(self, rows: np.ndarray) -> np.ndarray:
        """Where `a` and `b` of rows lie; `a` again where there is no `b`."""
        first, second = self.plan.table.first[rows], self.plan.table.second[rows]
        return self.place[np.stack([first, np.where(second < 0, first, second)])]

    def _group(self, group: Group) -> None:
        table = self.plan.table
        if len(group.rows) > 1:
            terms = self.place[np.stack(self.layout.operands(group))]
            self.calls.append(_Call(_sums, self.take(table.out[group.rows[-1]]), (terms,)))
            return
        (rows,) = group.rows
        text = _value(table, table.kind[rows[0]])
        operands = self.operands(rows)
        self.calls.append(_Call(_gates(text), self.take(table.out[rows]), (*operands,)))

    def _loop(self, rows: np.ndarray) -> None:
        table = self.plan.table
        first, second = table.first[rows].tolist(), table.second[rows].tolist()
        steps = _Steps(table.out[rows].tolist(), list(zip(first, second, strict=True)))
        start = self.take(table.out[rows][steps.order])
        kinds, which = np.unique(table.kind[rows], return_inverse=True)
        loop = _loop_of([_value(table, kind) for kind in kinds])
        columns = (steps.rows(which.astype(np.int32)), *map(steps.rows, self.operands(rows)))
        self.calls.append(_Call(loop, start, (steps.starts, *columns)))


class _Locals(_Half):
    """The local gradients that are more than an operand, a result or a number, after the values.

    Attributes: `of_edge`, where that of each edge lies, and last that of none, which is 1.
    """

    def __init__(self, plan: ScalarPlan, values: _Values) -> None:
        edges, position = plan.edges, plan.layout.position
        super().__init__(values.place, values.size + LANES[-1])
        moved = np.arange(plan.factors.size)
        moved[position[position >= 0]] = values.place[position >= 0]
        one = plan.layout.literals["1.0"]
        self.of_edge = np.append(moved[plan.factors.position], one).astype(np.int32)
        computed = np.flatnonzero(edges.form == COMPUTED)
        form = 2 * edges.kind[computed] + edges.operand[computed]
        for number in np.unique(form):
            here = computed[form == number]
            rows = edges.row[here]
            places = np.stack([*values.operands(rows), values.place[plan.table.out[rows]]])
            start = self.size
            self.size += len(here)
            self.of_edge[here] = np.arange(start, self.size)
            self.calls.append(_Call(_gates(edges.expression(here[0])), start, (*places,)))
        self.results = self.of_edge[:0]

    def begun(self, given: Any, values: Any = None) -> tuple[Any, Any]:
        return given, None


class _Gradients(_Half):
    """The gradients of the wanted inputs, from the seeds and the values."""

    def __init__(self, plan: ScalarPlan, local: _Locals) -> None:
        edges, seeds = plan.edges, np.arange(len(plan.outputs))
        super().__init__(np.zeros(len(edges.shared) + 1), 1 + len(seeds))
        self.place[plan.table.registers + seeds] = 1 + seeds
        self.edges = edges
        # Of each edge, and last of none: which gradient arrives, its factor, whether that chooses.
        self.none = len(edges.row)
        self.source = np.append(edges.shared[edges.target], len(edges.shared))
        self.factor = local.of_edge
        self.choice = np.append(edges.choice, False)
        out = plan.table.out
        *stages, last = list[Any](plan.backward)
        if len(plan.layout.schedule) > MOST:
            self._loop(edges.own(out)[::-1])
        else:
            for alike, units in groupby(stages, type):
                if alike is Segment:
                    self._loop(np.concatenate([edges.own(out[unit.rows])[::-1] for unit in units]))
                else:
                    self._buckets(chain.from_iterable(units))
        self._buckets(last)
        self.results = self.place[edges.shared[plan.wanted]]

    def begun(self, given: Any, values: Any = None) -> tuple[Any, Any]:
        return jnp.concatenate([jnp.zeros(1), given]), values

    def _buckets(self, buckets: Iterable[Bucket]) -> None:
        for registers, edge in buckets:
            terms = self._terms(edge)
            if edge.ndim == 2:
                self.calls.append(_Call(_table, self.take(registers), terms))
            else:
                count = self.edges.start[registers + 1] - self.edges.start[registers]
                owner = np.repeat(np.arange(len(registers), dtype=np.int32), count)
                ragged = partial(_ragged, len(registers))
                self.calls.append(_Call(ragged, self.take(registers), (owner, *terms)))

    def _terms(self, edge: np.ndarray) -> tuple[np.ndarray, ...]:
        """Of edges, where what arrives lies, the local gradients, and which of these choose."""
        choice = self.choice[edge]
        chosen = (choice,) if choice.any() else ()
        return (self.place[self.source[edge]], self.factor[edge], *chosen)

    def _loop(self, registers: np.ndarray) -> None:
        """A gradient of many contributions is added up from sums of some, numbers of their own."""
        if not len(registers):
            return
        start, source = self.edges.start.tolist(), self.source.tolist()
        added, known = len(self.place), len(source)
        names: list[int] = []
        parts: list[Sequence[int]] = []
        for register in registers.tolist():
            found: Sequence[int] = range(start[register], start[register + 1])
            while len(found) > TERMS:
                cut = [found[i : i + TERMS] for i in range(0, len(found), TERMS)]
                sums = range(added, added := added + len(cut))
                found = range(len(source), len(source) + len(cut))
                names += sums
                source += sums
                parts += cut
            names.append(register)
            parts.append(found)
        more = np.full(len(source) - known, self.none)
        self.source = np.array(source)
        self.factor, self.choice = (np.append(a, a[more]) for a in (self.factor, self.choice))
        self.place = np.append(self.place, np.zeros(len(more), np.int32))
        steps = _Steps(names, [[source[edge] for edge in part] for part in parts])
        edge = np.full((len(parts), max(map(len, parts))), self.none)
        for row, part in zip(edge, parts, strict=True):
            row[: len(part)] = part
        first = self.take(np.array(names)[steps.order])
        columns = map(steps.rows, self._terms(edge))
        self.calls.append(_Call(_loop_of_sums, first, (steps.starts, *columns)))


class _Steps:
    """Items in steps, each of what the steps before and the world outside have computed.

    Attributes: `order`, the items as they come; `lanes`, how many a step has at most; `starts`, how
    many came before each step.
    """

    def __init__(self, names: Sequence[int], reads: Sequence[Sequence[int]]) -> None:
        level: dict[int, int] = {}
        levels: list[list[int]] = []
        for item, (name, read) in enumerate(zip(names, reads, strict=True)):
            level[name] = deep = max([level.get(other, -1) for other in read], default=-1) + 1
            if deep == len(levels):
                levels.append([])
            levels[deep].append(item)
        self.order = np.array([item for items in levels for item in items])
        sizes = np.array([len(items) for items in levels])
        self.lanes = min(LANES, key=lambda lanes: (OVERHEAD + lanes) * -(-sizes // lanes).sum())
        counts = [min(self.lanes, n - i) for n in sizes for i in range(0, n, self.lanes)]
        self.starts = np.cumsum([0, *counts], dtype=np.int32)[:-1]
        step = np.repeat(np.arange(len(counts)), counts)
        self._lane = step, np.arange(len(self.order)) - self.starts[step]

    def rows(self, column: np.ndarray) -> np.ndarray:
        """What a column has for the items of each step; zeros for lanes without one."""
        found = np.zeros((len(self.starts), self.lanes, *column.shape[1:]), column.dtype)
        found[self._lane] = column[self.order]
        return found


def _value(table: Table, kind: int) -> str:
    floats = table.gates[kind].floats
    assert floats is not None
    return floats.value


# ---- what XLA computes


def _at(memory: Any, places: Any) -> Any:
    return memory.at[places].get(mode="promise_in_bounds", wrap_negative_indices=False)


def _put(memory: Any, numbers: Any, start: Any) -> Any:
    return lax.dynamic_update_slice(memory, numbers, (start,))


def _gates(text: str) -> Callable[..., Any]:
    """Numbers of gates with the same expression."""
    function = on_arrays_of(text, NAMESPACE)

    def run(memory: Any, values: Any, start: int, *places: Any) -> Any:
        operands = [_at(memory, place) for place in places] + [None] * (3 - len(places))
        return _put(memory, jnp.broadcast_to(function(*operands), places[0].shape), start)

    return run


def _sums(memory: Any, values: Any, start: int, terms: Any) -> Any:
    return _put(memory, jnp.sum(_at(memory, terms), 0), start)


def _loop_of(texts: Sequence[str]) -> Callable[..., Any]:
    """Gates with any of the expressions, step by step."""
    functions = [on_arrays_of(text, NAMESPACE) for text in texts]

    def run(memory: Any, values: Any, start: int, *columns: Any) -> Any:
        def step(memory: Any, given: Any) -> Any:
            before, kind, a, b = given
            a, b = _at(memory, a), _at(memory, b)
            found = [jnp.broadcast_to(function(a, b, None), a.shape) for function in functions]
            result = lax.select_n(kind, *found) if len(found) > 1 else found[0]
            return _put(memory, result, start + before), None

        return lax.scan(step, memory, columns)[0]

    return run


def _products(memory: Any, values: Any, arrived: Any, factor: Any, choice: Any = None) -> Any:
    """Upstream times local gradient; nothing where a gate chose another operand."""
    local = _at(values, factor)
    products = _at(memory, arrived) * local
    return products if choice is None else jnp.where(choice & (local == 0.0), 0.0, products)


def _table(memory: Any, values: Any, start: int, *terms: Any) -> Any:
    return _put(memory, jnp.sum(_products(memory, values, *terms), 0), start)


def _ragged(count: int, memory: Any, values: Any, start: int, owner: Any, *terms: Any) -> Any:
    products = _products(memory, values, *terms)
    sums = jax.ops.segment_sum(products, owner, count, indices_are_sorted=True)
    return _put(memory, sums, start)


def _loop_of_sums(memory: Any, values: Any, start: int, *columns: Any) -> Any:
    def step(memory: Any, given: Any) -> Any:
        before, *terms = given
        sums = jnp.sum(_products(memory, values, *terms), -1)
        return _put(memory, sums, start + before), None

    return lax.scan(step, memory, columns)[0]
