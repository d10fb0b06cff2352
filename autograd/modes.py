"""Modes: what `no_grad`, `scope` and `source_lines` switch, local to a thread and an async task.

One context variable holds one immutable `Mode`. Reading it at every gate would cost more than a
scalar gate itself, so a count of the blocks that are open anywhere in the process stands before
it: while it is zero nobody can be in a mode, and gates do not look further.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Never

import numpy as np

from autograd.data import brief
from autograd.errors import DataError
from autograd.origins import Origin, Scope, find_source, user_frame, warn_on

if TYPE_CHECKING:
    from autograd.protocols import AppliedGate

__all__ = ["no_grad", "scope", "source_lines"]


class Watch:
    """What looks at every gate that is applied, and that a backward pass comes by.

    This one lets NumPy's warnings name the user's line.
    """

    stops = False

    def compute(
        self, gate: AppliedGate, values: Sequence[Any], settings: dict[str, Any] | None
    ) -> Any:
        """The value of a gate of arrays.

        NumPy warns on the innermost line of Python, which is one of ours.
        """
        told: list[str] = []
        kinds: Any = {kind: "call" for kind, how in np.geterr().items() if how == "warn"}
        with np.errstate(call=lambda error, flag: told.append(error), **kinds):
            data = gate.forward(*values, **(settings or {}))
        frame = user_frame()
        if told and frame is not None:
            for error in dict.fromkeys(told):
                warn_on(frame, f"{error} encountered in {gate.name}", RuntimeWarning)
        return data

    def made(
        self,
        gate: AppliedGate,
        operands: Sequence[Any],
        values: Sequence[Any],
        data: Any,
        origin: Origin | None,
    ) -> Origin | None:
        """A gate made a value: what the node keeps of where it came from."""
        return origin

    def passed(self, node: Any, upstream: Any, contributions: list[Any]) -> None:
        """A backward pass came by a gate."""


_WARNINGS = Watch()


class Mode(NamedTuple):
    """Everything that a block can switch."""

    grad_enabled: bool = True
    scope: Scope | None = None
    lines: bool = False
    watch: Watch | None = None  # what looks at every gate
    reads: dict[Any, None] | None = None
    fixed: Origin | None = None
    tape: Any = None
    effects: Any = None  # of a function that is called once more later, or that is so now
    place: Origin | None = None  # where a gate comes from while no lines are remembered
    plain: bool = True  # whether that is all that a gate must know

    @property
    def anomaly(self) -> bool:
        """Whether NaNs and infinities are errors."""
        return self.watch is not None and self.watch.stops

    def origin(self) -> Origin | None:
        """Where a gate that is made now comes from; None where nobody asked."""
        if self.fixed or not self.lines:
            return self.fixed or self.place
        source = find_source()
        return Origin(self.scope, source) if self.scope or source else None

    def is_plain(self) -> bool:
        """What `plain` has to be."""
        watched = self.lines or self.watch is not None or self.reads is not None
        watched = watched or bool(self.effects is not None and self.effects.stands)
        return self.grad_enabled and not (watched or self.fixed or self.tape is not None)


class Entry:
    """One entry into a block, open until the block is left.

    A task that was started inside inherits the mode; it must not go on with it after that, when
    whether gates look for a mode at all depends on others.
    """

    __slots__ = ("block", "mode", "open", "outer")

    def __init__(self, block: Block, mode: Mode, outer: Entry | None) -> None:
        self.block = block
        self.mode = mode
        self.outer = outer
        self.open = True


_NORMAL = Mode()
_entry: ContextVar[Entry | None] = ContextVar("gategrad_mode", default=None)
_count = Lock()
open_blocks = 0


def _innermost() -> Entry | None:
    """The block of this thread and task that is open, if one is."""
    entry = _entry.get()
    while entry is not None and not entry.open:
        entry = entry.outer
    return entry


def current() -> Mode:
    """The mode of this thread and task."""
    entry = _innermost()
    return _NORMAL if entry is None else entry.mode


def tape() -> Any:
    """The tape on which what is computed now is written down; None where nobody compiles."""
    return current().tape if open_blocks else None


def outside() -> Any:
    """What stands between the function that runs now and Tensors that it did not make: the notes
    of a checkpoint, or a tape's; None where it reads and assigns them itself."""
    mode = current()
    if mode.effects is not None:
        return mode.effects
    return None if mode.tape is None else mode.tape.outside


class Block:
    """A context manager that changes the mode, or a decorator; it nests, and one object may be
    entered again."""

    __slots__ = ()

    def __init__(self, *given: Never) -> None:
        if given:  # most often the function, where the parentheses were left out
            name = type(self).__name__
            raise DataError(
                f"{name}() takes no arguments and received {brief(given[0])}: write @ag.{name}() "
                f"before a function, or with ag.{name}(): before lines"
            )

    def change(self, mode: Mode) -> Mode:
        """The mode inside the block, given the one around it."""
        return mode

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """As a decorator: every call of the function runs in the block.

        Of a generator, a coroutine and an asynchronous generator: while its body runs, and not
        while it waits to go on.
        """
        from autograd.decorating import decorated

        return decorated(self, function)

    def for_one_call(self) -> Block:
        """The block of a call whose body stops and goes on, and enters it again each time."""
        return self

    def __enter__(self) -> Any:
        global open_blocks
        outer = _innermost()
        mode = self.change(_NORMAL if outer is None else outer.mode)
        if mode.plain is not (plain := mode.is_plain()):
            mode = mode._replace(plain=plain)
        with _count:
            open_blocks += 1
        _entry.set(Entry(self, mode, outer))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global open_blocks
        with _count:
            open_blocks -= 1
        entry = _innermost()
        while entry is not None and entry.block is not self:
            entry = entry.outer
        if entry is not None:
            entry.open = False
        _entry.set(_innermost())


class no_grad(Block):
    """Compute values without recording: the results are leaves that want no gradient.

    >>> import autograd as ag
    >>> x = ag.Tensor(3.0)
    >>> with ag.no_grad():
    ...     y = x * x
    >>> y.data, y.requires_grad, y.gate
    (9.0, False, None)
    """

    __slots__ = ()

    def change(self, mode: Mode) -> Mode:
        return mode._replace(grad_enabled=False, reads=None)


class enable_grad(Block):
    """Record inside, also where the surrounding block does not: for the transforms."""

    __slots__ = ()

    def change(self, mode: Mode) -> Mode:
        return mode._replace(grad_enabled=True)


class reading(Block):
    """Do not record inside, but note which Tensors that want a gradient are read.

    `effects` is told of what is drawn and assigned.
    """

    __slots__ = ("effects", "reads")

    def __init__(self, effects: Any) -> None:
        super().__init__()
        self.effects = effects

    def __enter__(self) -> dict[Any, None]:
        self.reads: dict[Any, None] = {}
        super().__enter__()
        return self.reads

    def change(self, mode: Mode) -> Mode:
        return mode._replace(grad_enabled=False, reads=self.reads, effects=self.effects)


class scope(Block):
    """Group the gates made inside under a name; each entry is a group of its own.

    Scopes nest: `Tensor.scope` is the path from the outermost name to the innermost.

    >>> import autograd as ag
    >>> x = ag.Tensor(3.0)
    >>> with ag.scope("mlp"), ag.scope("hidden"):
    ...     y = x * x
    >>> y.scope
    'mlp/hidden'

    Raises `DataError` (a TypeError) where the name is not a string, or an empty one.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise DataError(
                f"scope() expects a name, a non-empty string, and received {name!r}: "
                'write scope("hidden")'
            )
        super().__init__()
        self.name = name

    def change(self, mode: Mode) -> Mode:
        return _within(mode, Scope(self.name, mode.scope))

    def for_one_call(self) -> Block:
        return _one_scope(self.name)


class _one_scope(scope):
    """A scope that is entered again and again, and is one group."""

    __slots__ = ("_entry",)

    def change(self, mode: Mode) -> Mode:
        known = getattr(self, "_entry", None)
        if known is None or known.parent is not mode.scope:
            known = self._entry = Scope(self.name, mode.scope)
        return _within(mode, known)


def _within(mode: Mode, entry: Scope) -> Mode:
    """The mode inside of a scope."""
    return Mode(mode[0], entry, *mode[2:8], Origin(entry, None), mode.plain)


class source_lines(Block):
    """Let every gate made inside remember the line of your program that made it.

    NumPy's warnings then name that line, too.

    >>> import autograd as ag
    >>> x = ag.Tensor(3.0)
    >>> with ag.source_lines():
    ...     y = x * x
    >>> y.source.lineno
    2
    """

    __slots__ = ()

    def change(self, mode: Mode) -> Mode:
        return mode._replace(lines=True, watch=mode.watch or _WARNINGS)


class at_origin(Block):
    """Record, with every gate made inside coming from `origin`: for rebuilding a graph."""

    __slots__ = ("origin",)

    def __init__(self, origin: Origin | None) -> None:
        super().__init__()
        self.origin = origin

    def change(self, mode: Mode) -> Mode:
        return _NORMAL._replace(fixed=self.origin, tape=mode.tape)
