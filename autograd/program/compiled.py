"""A compiled function: it records programs at first calls with new shapes, and replays them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import wraps
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from autograd import modes
from autograd.data import as_data
from autograd.eager import value_of
from autograd.errors import CompileError
from autograd.inside import call_inside, is_inside
from autograd.program.backend import Devices
from autograd.program.building import gradients_of, program_of
from autograd.program.memory import layout
from autograd.program.methods import bind, bound, is_found_by_name
from autograd.program.placement import Placement
from autograd.program.program import Program
from autograd.program.repeating import Repetition, Sketch, check_repeats, not_the_same
from autograd.program.shortcut import MISSED, Shortcut
from autograd.program.surroundings import Surroundings
from autograd.program.tape import Tape, audible, taping
from autograd.tensor import Tensor, here
from autograd.trees import flatten, structure

__all__ = ["CacheInfo", "Compiled"]

Result = TypeVar("Result")

STATIC = (int, bool, str, type(None))
"""Types of arguments that a program is made for: each value has its own."""


MOST = 128
"""Programs that a compiled function keeps; the oldest makes room for another."""

ARRAYS = frozenset({np.ndarray})

OFTEN = 4
"""Calls from which on the way to a program is written out, which takes as long as a hundred."""

COMPUTED = object()
"""Stands in a result for what the program computes."""


class CacheInfo(NamedTuple):
    """How often a compiled function found its program, how often it recorded one, and how many
    it keeps."""

    hits: int
    misses: int
    currsize: int


@dataclass(slots=True)
class Entry:
    """A program, what builds the function's result of the program's, and of how many: those that
    come after are what `then` returned. From some calls on, what leads to it without detours."""

    program: Program
    rebuild: Callable[[Sequence[Any]], Any]
    needs: int
    calls: int = 0
    shortcut: Shortcut | None = None


class Compiled(Generic[Result]):
    """What `ag.compile(f)` returns: call it as `f`.

    Attributes: `program`, that of the latest call; None before the first. `setting` numbers the
    settings seen; a `settled` one leaves looking at them to calls of `glance`.

    `then` makes more of each program: it is called while one is recorded, with the first result and
    its gradients, by the Tensors from outside that want one, and may assign to them; what its list
    of arrays was in the latest call is in `more`.
    """

    __qualname__: str

    def __init__(
        self,
        f: Callable[..., Any],
        options: dict[str, Any],
        then: Callable[[Any, dict[Tensor, Any]], list[Any]] | None = None,
        placement: Placement | None = None,
        settled: bool = False,
    ) -> None:
        wraps(f)(self)
        self._placement = placement
        self.program: Program | None = None
        self.more: tuple[Any, ...] = ()
        self._function = f
        self._then = then
        self._options = options
        self._entries: dict[Hashable, Entry] = {}
        self._latest: tuple[Callable[[Sequence[Any]], Any], Entry] | None = None
        self._hits = self._misses = 0
        self._around: Surroundings | None = None
        self.settled = settled
        self.setting = 0
        self._numbers = 0
        self._settings: dict[Hashable, int] = {}
        # Of a method: the descriptor on the class, and the instance.
        self._of: tuple[Compiled[Result], Any] | None = None
        self._of_instances: dict[int, Compiled[Result]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Result:
        latest = self._latest
        if latest is not None and not kwargs:
            results = latest[0](args)
            if results is not MISSED:
                self._hits += 1
                return self._finished(latest[1], results)
        self._latest = None
        records = True
        if modes.open_blocks:
            mode = modes.current()
            if self._then is not None and (mode.tape is not None or mode.anomaly):
                raise CompileError("what a program does with its gradients cannot be taken apart")
            if mode.tape is not None:
                return self._on_tensors(args, kwargs)  # a part of a larger program
            if mode.anomaly:
                self.program = None
                return _plain(self._on_tensors(args, kwargs))
            records = mode.grad_enabled
        given: list[Any] = []
        key: tuple[Hashable, ...]
        around = self._around
        if around is None or not (self.settled or around.are_as_before()):
            self.look_around()
        if not kwargs and ARRAYS.issuperset(map(type, args)):
            key = records, self.setting, *[_signature(arg, given) for arg in args]
        else:
            call = args, kwargs
            leaves, _ = flatten(call)
            if records and any(map(_is_differentiated, leaves)):
                return self._on_tensors(args, kwargs)  # a part of a larger graph
            signatures = [_signature(leaf, given) for leaf in leaves]
            key = records, self.setting, structure(call), *signatures
        entry = self._entries.get(key)
        held = None if entry is None else entry.program.held()
        if entry is not None and held is not None:
            self._hits += 1
            if records and not kwargs:
                self._shorten(entry, args)
        else:
            self._misses += 1
            entry = self._record(args, kwargs, given, found=self._around is not around)
            self.look_around()  # what the function itself changes is no setting
            key = records, self.setting, *key[2:]
            self._entries.pop(key, None)
            while len(self._entries) >= MOST:
                self._entries.pop(next(iter(self._entries)), None)
            self._entries[key] = entry
            held = entry.program.data()
        self.program = entry.program
        return self._finished(entry, entry.program.replayed(*given, *held))

    def _shorten(self, entry: Entry, args: tuple[Any, ...]) -> None:
        """Find the way to a program at once from now on, if it is taken again and again."""
        around = None if self.settled else self._around
        entry.calls += 1
        if entry.calls == OFTEN:
            entry.shortcut = Shortcut(entry.program, around, args)
        elif entry.shortcut is not None and around is not None:
            entry.shortcut.refresh(around)
        if entry.shortcut is not None and entry.shortcut.call is not None:
            self._latest = entry.shortcut.call, entry

    def _finished(self, entry: Entry, results: Sequence[Any]) -> Result:
        """What the function returns, of what its program does."""
        if self._then is not None:
            results, self.more = results[: entry.needs], tuple(results[entry.needs :])
        return entry.rebuild(results)

    def __get__(self, instance: Any, owner: type | None = None) -> Compiled[Result]:
        """As a method: each instance has programs of its own, and what it holds is outside."""
        if instance is None or not hasattr(type(self._function), "__get__"):
            return self
        return bound(self, instance)

    def _bind(self, instance: Any) -> Compiled[Result]:
        """A method of an instance, without programs yet."""
        function = self._function.__get__(instance, type(instance))
        method: Compiled[Result] = Compiled(function, self._options, placement=self._placement)
        method._of = self, instance
        return method

    def __reduce__(self) -> Any:
        """As functions are, by name, and as methods are, by instance; programs stay behind."""
        if self._of is not None:
            return bind, self._of
        if is_found_by_name(self):
            return self.__qualname__
        return Compiled, (self._function, self._options, None, self._placement)

    def cache_info(self) -> CacheInfo:
        """How many calls replayed a program, how many recorded one, and how many there are."""
        return CacheInfo(self._hits, self._misses, len(self._entries))

    def cache_clear(self) -> None:
        """Forget all programs."""
        self._entries.clear()
        self.program = self._latest = None

    def _on_tensors(self, args: Any, kwargs: dict[str, Any]) -> Any:
        """What the function itself makes of the arguments."""
        leaves, nest = flatten((args, kwargs))
        args, kwargs = nest([
            leaf
            if type(leaf) in STATIC or type(leaf) is Tensor
            else Tensor(leaf, requires_grad=False)
            for leaf in leaves
        ])  # fmt: skip
        return call_inside(self._function, args, kwargs)

    def glance(self) -> None:
        """Look around where a setting is another object than it was; quick."""
        if self._around is None or not self._around.are_as_before():
            self.look_around()

    def look_around(self) -> None:
        """Find out which settings the function sees now, and their number."""
        seen = None if self._around is None else self._around.settings()
        if seen is None:
            self._adopt(Surroundings(self._function))
            assert self._around is not None
            seen = self._around.settings()
        if len(self._settings) >= MOST:  # they hold on to what they are
            self._settings.clear()
        if seen not in self._settings:
            self._settings[seen] = self._numbers = self._numbers + 1
        self.setting = self._settings[seen]
        self._latest = None

    def _adopt(self, around: Surroundings) -> None:
        """Look at other places from now on, whose settings are other ones."""
        self._around = around
        for entry in list(self._entries.values()):
            entry.calls, entry.shortcut = 0, None
        self._settings = {}

    def _record(
        self, args: Any, kwargs: dict[str, Any], given: Sequence[Any], *, found: bool
    ) -> Entry:
        """Run the function on symbols, and make a program of what it did; `found` says that its
        surroundings were found just now.

        A program repeats what it does, which must be the same each time: where its code leaves that
        open, it runs twice.
        """
        if not found:
            around = Surroundings(self._function)  # which may have grown
            if self._around is None or not around.is_like(self._around):
                self._adopt(around)
        assert self._around is not None
        with audible():
            self._around.settings()
            entry, first = self._recorded(args, kwargs, given)
            if self._around.leave_out_changed() or not self._around.is_sure:
                self._check_repeats(args, kwargs, given, first)
            return entry

    def _check_repeats(
        self, args: Any, kwargs: dict[str, Any], given: Sequence[Any], first: Sketch
    ) -> None:
        tape = Tape()
        tape.outside.drawn_before = iter(first.draws())
        tape.before = Repetition(tape, first)
        with taping(tape):
            try:
                results, _ = flatten(self._run(tape, args, kwargs, given))
            except Exception as error:
                raise CompileError(not_the_same(f"and fails, the second time: {error}")) from error
            check_repeats(first, Sketch.of(tape, results))
        tape.closed = True

    def _run(self, tape: Tape, args: Any, kwargs: dict[str, Any], given: Sequence[Any]) -> Any:
        """What the function returns on symbols in place of arrays and floats."""
        leaves, nest = flatten((args, kwargs))
        arguments = iter(given)
        args, kwargs = nest([
            leaf
            if type(leaf) in STATIC
            else Tensor(tape.input(next(arguments)), requires_grad=False)
            for leaf in leaves
        ])  # fmt: skip
        try:
            return call_inside(self._function, args, kwargs)
        except ValueError as error:  # NumPy's, for array[0] = traced: what it caught says more
            if type(error.__cause__) is CompileError:
                raise error.__cause__ from None
            raise

    def _recorded(
        self, args: Any, kwargs: dict[str, Any], given: Sequence[Any]
    ) -> tuple[Entry, Sketch]:
        tape = Tape()
        assert self._around is not None
        tape.outside.watch(self._around)
        with taping(tape):
            result = self._run(tape, args, kwargs, given)
            results, _ = flatten(result)
            tape.outside.check()
            tape.outside.check_differentiated()
            sketch = Sketch.of(tape, results)
            computed = [result for result in results if type(result) not in STATIC]
            derive = self._then is None
            if self._then is not None:
                computed += self._then(value_of(results[0]), gradients_of(tape, results[0]))
                tape.outside.check()
            title = getattr(self, "__name__", "f")
            devices = self._placed(args, kwargs, tape)
            program = program_of(
                tape, computed, title=title, derive=derive, devices=devices, **self._options
            )
        return self._entry(program, result), sketch

    def _placed(self, args: Any, kwargs: dict[str, Any], tape: Tape) -> Devices | None:
        if self._placement is None:
            return None
        registers = iter([symbol.register for symbol in tape.inputs])  # arguments come first
        found: dict[int | str, list[int]] = {}
        for arguments in (enumerate(args), kwargs.items()):
            for name, argument in arguments:
                leaves, _ = flatten(argument)
                found[name] = [next(registers) for leaf in leaves if type(leaf) not in STATIC]
        return self._placement.among(found)

    def _entry(self, program: Program, result: Any) -> Entry:
        """The program with what makes the function's result of the program's."""
        results, nest_results = flatten(result)
        computed = [result for result in results if type(result) not in STATIC]

        # A nest without the traced values, which would keep all that was computed alive.
        plain = [result if type(result) in STATIC else COMPUTED for result in results]
        _, nest_results = flatten(nest_results(plain))

        shape: Any = structure(result)
        if shape is None and computed:
            return Entry(program, itemgetter(0), 1)
        if type(result) is tuple and shape[1:] == (None,) * (1 + len(computed)):
            return Entry(program, tuple, len(computed))

        def rebuild(values: Sequence[Any]) -> Any:
            found = iter(values)
            return nest_results([next(found) if p is COMPUTED else p for p in plain])

        complete = len(computed) == len(results)
        return Entry(program, nest_results if complete else rebuild, len(computed))

    def __repr__(self) -> str:
        name = getattr(self._function, "__name__", repr(self._function))
        return f"<compiled {name}: {len(self._entries)} programs>"


def _is_differentiated(leaf: Any) -> bool:
    """Whether an argument is a node whose gradient goes further than to itself."""
    return type(leaf) is Tensor and leaf._wants and (leaf.gate is not None or is_inside(leaf))


def _plain(result: Any) -> Any:
    """What a function returned with arrays and numbers in place of Tensors."""
    leaves, nest = flatten(result)
    return nest([here(leaf) if type(leaf) is Tensor else leaf for leaf in leaves])


def _signature(leaf: Any, given: list[Any]) -> Hashable:
    """What of an argument a program is made for; what is left of it goes to `given`."""
    kind = type(leaf)
    if kind is np.ndarray and leaf.dtype.kind in "fiub":
        given.append(leaf)
        return leaf.shape, leaf.dtype, layout(leaf)
    if kind is float:
        given.append(leaf)
        return float
    if kind in STATIC:
        return kind, leaf
    if kind is Tensor:
        return _signature(here(leaf), given)
    return _signature(as_data(leaf, None), given)
