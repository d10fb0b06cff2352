"""Back end "jax": a recording under `jax.jit`, on whatever device JAX has.

JAX computes in double precision where the recording does, inside of a block of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain, compress
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd.away import Away, giving_up
from autograd.errors import CompileError, DataError
from autograd.program.backend import Request
from autograd.program.instruction import Instruction, Recording, Value
from autograd.program.loop_runs import Forward
from autograd.program.lowering.jax_blocks import run, tasks_of
from autograd.program.lowering.jax_devices import Split, placed
from autograd.program.lowering.jax_draws import ByKey, by_key
from autograd.program.lowering.jax_tracer import Tracer, of_diagonal
from autograd.program.lowering.walk import Check, Halves, expect_lowerings

__all__ = ["Jitted"]


PUT = vars(Away)["there"].__set__
"""Keeps a result: a function in C, as is all that is called with it."""


HOLDS, UNKNOWN = np.array(True), np.array(False)
"""Whether what is checked holds, where nothing is checked, and where only a look can tell. A run
returns one such, and results: JAX reads arrays of NumPy's where they lie, on each device in its own
time, and only when all of them have that one may a caller write over what it gave. Where one device
sends back all that it computes, this tells the same."""


class Jitted:
    """What runs a recording by JAX.

    New data of Tensors stay on the device, where no second half reads the old ones. Their memory is
    given up to the next run, which writes over it; nothing may come between that run and keeping
    what it returns. So both are one call in C, which no Ctrl-C enters. What is looked at afterwards
    comes too late to undo anything: where a check will fail, the program returns the data as they
    were.
    """

    scalars = "wide_jax"
    places = has_threads = True

    def __init__(self, recording: Recording, request: Request) -> None:
        expect_lowerings(Tracer(), recording)
        self.recording, self.halves = recording, Halves(recording)
        self.split = None if request.devices is None else Split(recording, request.devices)
        in_pieces = self.split is None and jax.default_backend() == "cpu"
        self._tasks = tasks_of(recording, in_pieces)
        self._checks: dict[int, list[Check]] = {}
        self._foreseen: dict[int, bool] = {}  # whether they tell beforehand
        self._draws = [
            [(by_key(draw, recording.values[r]) or draw, r) for draw, r in half]
            for half in self.halves.draws
        ]
        homes = request.homes if recording.seed is None else ()
        self._keeps = [not recording.values[register].weak for register in homes]
        self._keeps = self._keeps or [False] * len(recording.assigned)
        self._homes = [recording.inputs.index(h) for h in compress(homes, self._keeps)]
        self._kept = list(compress(recording.assigned, self._keeps))
        others = [r for r, keeps in zip(recording.assigned, self._keeps, strict=True) if not keeps]
        self._own = [*recording.outputs, *others]
        self._bring = [bringing(recording.values[register]) for register in self._own]
        self._bring_gradients = [bringing(recording.values[r]) for r in recording.gradients]
        self._gives_up = bool(self._kept) and all(map(is_foreseen, self.halves.first))
        self._is_plain = not (self._draws[0] or self._kept or self.halves.needed or self.split)
        self._begun = False
        self._here = object()  # marks what lies where this program wants it

    @staticmethod
    def fetch(there: Any) -> np.ndarray:
        """What was kept, as an array of NumPy's in memory of its own."""
        try:
            return np.array(there)
        except RuntimeError as error:
            raise DataError(f"data that JAX kept were lost: {error}") from error

    @property
    def source(self) -> str:
        """What XLA was given, for the first half: StableHLO."""
        with jax.enable_x64(True):
            return str(self._forward.lower(*self._examples).as_text())

    @property
    def peak(self) -> int:
        """XLA's own reckoning of what the first half takes besides inputs and results."""
        with jax.enable_x64(True):
            memory = self._forward.lower(*self._examples).compile().memory_analysis()
        return int(memory.temp_size_in_bytes)

    @property
    def _examples(self) -> tuple[list[Any], list[Any], list[Any]]:
        values = self.recording.values
        given, drawn = (
            [np.zeros(values[register].shape, values[register].dtype) for register in registers]
            for registers in (self.recording.inputs, [register for _, register in self._draws[0]])
        )
        for i, (draw, _) in enumerate(self._draws[0]):
            if type(draw) is ByKey:
                drawn[i] = np.zeros(2, np.uint32)
        return self._lent(given), drawn, [given[place] for place in self._homes]

    def forward(self, *given: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        if not self._is_plain or Away in map(type, given):
            return self._forward_in_full(given)
        with jax.enable_x64(True):
            found = self._forward([*given], [], [])
            own = [bring(result) for bring, result in zip(self._bring, found, strict=False)]
            if len(found) > len(own):
                self._look(0, found[len(own) :], lambda: ([*given], [], []))
        return own, ()

    @property
    def direct(self) -> Callable[..., list[Any]] | None:
        """The results alone, of arrays and numbers, where nothing is to be looked at."""
        if not self._is_plain or self._checks.get(0) != [] or number in self._bring:
            return None
        forward = self._forward

        def direct(*given: Any) -> list[Any]:
            with jax.enable_x64(True):
                return list(map(np.array, forward([*given], [], [])))

        return direct

    def _forward_in_full(self, given: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        """The same with draws, with data that stay on the device, or on several."""
        drawn = [draw() for draw, _ in self._draws[0]]
        kept = [given[place] for place in self._homes]
        gives_up = self._gives_up and self._begun
        with jax.enable_x64(True):
            with giving_up:
                args = self._lent(given), drawn, self._state(kept)
                found = chain.from_iterable(map(self._forward, *zip(args)))
                if gives_up:
                    deque(map(PUT, kept, found), 0)
                rest = list(found)
            new = [] if gives_up else [rest.pop(0) for _ in kept]
            end = len(self._own) + len(self.halves.needed)
            own = [bring(result) for bring, result in zip(self._bring, rest, strict=False)]
            self._look(0, rest[end:], lambda: (args[0], drawn, self._state(kept)))
            deque(map(PUT, kept, new), 0)
            self._begun = True
            for away in kept:
                away.put(self._here)
        count = len(self.recording.outputs)
        assigned = iter(kept), iter(own[count:])
        new = [next(assigned[not keeps]) for keeps in self._keeps]
        return [*own[:count], *new], rest[len(own) : end]

    def _state(self, kept: Sequence[Away]) -> list[Any]:
        """What is written over: data that are kept, copies of others."""
        state: list[Any] = [away.there for away in kept if away.by is self._here]
        if len(state) == len(kept):
            return state
        state = [away.array if away.there is None else away.there for away in kept]
        if self.split is not None:
            own = [v if isinstance(v, jax.Array) else np.array(v) for v in state]
            state = [placed(value, self.split.whole) for value in own]
        for i, value in enumerate(state):
            arrived = isinstance(value, jax.Array)
            if arrived and self.split is None and len(value.devices()) > 1:
                state[i] = value = self.fetch(value)
            # The first time Python runs between the run and keeping what it returns.
            if self._gives_up and not (self._begun and arrived):
                state[i] = jnp.array(value, copy=True)
        return state

    def _lent(self, given: Sequence[Any]) -> list[Any]:
        """The inputs that are read alone, with None in the places of the others."""
        lent = list(given)
        for place in self._homes:
            lent[place] = None
        if Away in map(type, lent):
            lent = [
                (value.array if value.there is None else value.there)
                if type(value) is Away
                else value
                for value in lent
            ]
        return lent if self.split is None else self.split.placed(lent)

    def backward(self, seed: Any, *given_and_left: Any) -> Sequence[Any]:
        count = len(self.recording.inputs)
        given, left = given_and_left[:count], given_and_left[count:]
        drawn = [draw() for draw, _ in self._draws[1]]
        with jax.enable_x64(True):
            if self.split is not None:
                given = self.split.placed(given)
            args = given, drawn, left, seed
            results, ends = self._backward(*args)
            own = [bring(g) for bring, g in zip(self._bring_gradients, results, strict=True)]
            self._look(1, ends, lambda: args)
        return own

    @cached_property
    def _forward(self) -> Any:
        def forward(given: Any, drawn: Any, state: Any) -> Any:
            known, ends = self._first(given, drawn, state)
            new = []
            for register, old in zip(self._kept, state, strict=True):
                made = known[register]
                if self._gives_up and ends[-1] is not HOLDS:
                    made = jnp.where(ends[-1], made, old)
                if any(made is value for value in (*given, *state)):  # it has that one's memory
                    made = jnp.array(made, copy=True)
                new.append(made)
            own, needed = ([known[r] for r in part] for part in (self._own, self.halves.needed))
            if self._is_plain and ends[-1] is HOLDS:
                ends = []
            return [*self._whole([*new, *own]), *needed, *self._whole(ends)]

        return jax.jit(forward, donate_argnums=2 if self._gives_up else ())

    @cached_property
    def _backward(self) -> Any:
        def backward(*args: Any) -> Any:
            known, ends = self._second(*args)
            gradients = [known[r] for r in self.recording.gradients]
            return self._whole(gradients), self._whole(ends)

        return jax.jit(backward)

    def _whole(self, results: Sequence[Any]) -> list[Any]:
        """Results as each process reads them: on each device all of it."""
        if self.split is None:
            return list(results)
        return [jax.lax.with_sharding_constraint(r, self.split.whole) for r in results]

    def _first(self, given: Any, drawn: Any, state: Any) -> tuple[dict[int, Any], list[Any]]:
        given = list(given)
        for place, value in zip(self._homes, state, strict=True):
            given[place] = value
        return self._run(0, given, drawn, {})

    def _second(
        self, given: Any, drawn: Any, left: Any, seed: Any
    ) -> tuple[dict[int, Any], list[Any]]:
        before = dict(zip(self.halves.needed, left, strict=True))
        assert self.recording.seed is not None
        before[self.recording.seed] = seed
        return self._run(1, given, drawn, before)

    def _run(
        self, half: int, given: Any, drawn: Any, before: Any
    ) -> tuple[dict[int, Any], list[Any]]:
        """Trace a half: all that is known after it, and at the end of a list whether all checks
        hold: behind what they look at, where one does not tell."""
        recording, tracer = self.recording, Tracer()
        known = {r: of_diagonal(constant) for r, constant in recording.constants.items()} | before
        known.update(zip(recording.inputs, given, strict=True))
        for (draw, register), given in zip(self._draws[half], drawn, strict=True):
            known[register] = draw.law(given) if type(draw) is ByKey else given
        run(tracer, self._tasks[half], known, recording.values)
        checks = self._checks[half] = tracer.checks
        holds = [check.holds(*check.values) for check in checks if check.holds is not None]
        self._foreseen[half] = len(holds) == len(checks)
        if not self._foreseen[half]:
            looked = looked_at(checks)
            return known, [*looked, UNKNOWN if looked else HOLDS]
        return known, [jnp.all(jnp.stack(list(map(jnp.asarray, holds)))) if holds else HOLDS]

    def _look(self, half: int, ends: Sequence[Any], args: Callable[[], Any]) -> None:
        """Wait for all devices, and look at what a run returned for it; where checks do not hold,
        at what they say when they are computed anew."""
        if not ends:
            return
        *looked, holds = ends
        if self.split is not None:
            holds.block_until_ready()
        if np.asarray(holds):
            return
        foreseen = self._foreseen[half]
        if foreseen:

            def again(*args: Any) -> list[Any]:
                (self._first, self._second)[half](*args)
                return self._whole(looked_at(self._checks[half]))

            looked = jax.jit(again)(*args())
        numbers = map(np.asarray, looked)
        for check in self._checks[half]:
            values = [next(numbers) if isinstance(v, jax.Array) else v for v in check.values]
            check.function(*values)
        if foreseen:
            raise CompileError("a check did not raise where what it `holds` was false")


def bringing(value: Value) -> Callable[[Any], Any]:
    """What makes a result NumPy's array, in memory of its own, or a Python float."""
    return number if value.weak else np.array


def number(result: Any) -> float:
    return float(np.asarray(result))  # JAX's own float() takes five times as long


def is_foreseen(instruction: Instruction) -> bool:
    """Whether a check, if it is one, can be computed before anything is given up."""
    function = instruction.function
    if isinstance(function, Forward):
        return all(map(is_foreseen, function.step.forward.instructions))
    return not instruction.effect or hasattr(function, "holds")


def looked_at(checks: Sequence[Check]) -> list[Any]:
    """What the engine has of the values that they look at."""
    return [value for check in checks for value in check.values if isinstance(value, jax.Array)]
