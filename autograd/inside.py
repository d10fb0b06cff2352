"""Inside of a function that is being differentiated or recorded: whether, and for which arguments.

A gradient must not be lost there, so that a conversion to plain numbers is refused; see
`autograd.leaving`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from types import FrameType
from typing import Any

from autograd.origins import is_library
from autograd.tensor import OWN, Tensor, stamp

__all__ = ["argument_among", "call_inside", "innermost", "is_inside", "noted", "own"]


class Inside:
    """A call of a function that is being differentiated or recorded.

    Attributes
    ----------
    since : the stamp at which the outermost such call of this thread and task began.
    arguments : the nodes that stand for its arguments.
    outer : the call around it, or None.
    keeps : whether the values of its nodes will all be needed.
    refusal : the last conversion that was refused, and the place in the code that asked for it.
    """

    __slots__ = ("arguments", "keeps", "outer", "refusal", "since")

    def __init__(
        self, since: int, arguments: Sequence[Tensor], outer: Inside | None, keeps: bool
    ) -> None:
        self.since = since
        self.arguments = arguments
        self.outer = outer
        self.keeps = keeps
        self.refusal: tuple[Exception, Any, int] | None = None

    def lost(self, error: Exception) -> Exception | None:
        """The refusal behind an error of somebody else: NumPy, Python and other libraries put
        theirs in its place, which says less."""
        if self.refusal is None or error is self.refusal[0]:
            return None
        refusal, code, at = self.refusal
        if isinstance(error, SystemError):  # of a library in C that went on calling Python with it
            return refusal if _is_behind(refusal, error) else None
        frame, instruction = _raised(error)
        if frame is None or _passed(refusal, code):
            behind = frame is not None and is_library(frame) and _is_behind(refusal, error)
        else:  # the caller never saw ours: another at the very instruction that asked hides it
            behind = frame.f_code is code and instruction == at
        return refusal if behind else None


def _raised(error: BaseException) -> tuple[FrameType | None, int]:
    """The frame that raised an error, and its instruction."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (None, -1) if trace is None else (trace.tb_frame, trace.tb_lasti)


def _passed(error: BaseException, code: Any) -> bool:
    """Whether an error was seen by a frame of that code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    return trace is not None


def _is_behind(cause: BaseException, error: BaseException) -> bool:
    """Whether an error was raised because of another, or while that was handled."""
    link: BaseException | None = error
    while link is not None and link is not cause:
        link = link.__cause__ or link.__context__
    return link is not None


_inside: ContextVar[Inside | None] = ContextVar("gategrad_inside", default=None)
innermost = _inside.get
"""The innermost such call of this thread and task; None where there is none."""


def is_inside(node: Tensor) -> bool:
    """Whether a node was made inside of a call that is being differentiated or recorded now."""
    inside = innermost()
    return inside is not None and node._stamp > inside.since


def call_inside(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any] | None = None,
    *,
    since: int | None = None,
    arguments: Sequence[Tensor] = (),
    keeps: bool = False,
) -> Any:
    """Call a function for its derivative, or to record it: a gradient must not be lost in it.

    `since` is the stamp from which nodes are the call's own, and `arguments` are those nodes that
    it is differentiated for. Inside of another call, or where it `keeps` them, the values of its
    nodes stay, as a derivative of theirs will read them. Whatever calls a user's function to
    differentiate or to record it does so by this function.
    """
    outer = innermost()
    if outer is None:
        inside = Inside(since or stamp(), arguments, None, keeps)
    else:
        inside = Inside(outer.since, arguments, outer, True)
    token = _inside.set(inside)
    try:
        return f(*args, **(kwargs or {}))
    except Exception as error:
        lost = inside.lost(error)
        if lost is None:
            raise
        raise lost from None
    finally:
        _inside.reset(token)


def argument_among(nodes: Iterable[Tensor]) -> Tensor | None:
    """One of the nodes that a function which is being differentiated now is differentiated for."""
    arguments: set[Tensor] = set()
    inside = innermost()
    while inside is not None:
        arguments.update(inside.arguments)
        inside = inside.outer
    return next((node for node in nodes if node in arguments), None) if arguments else None


def own(node: Tensor) -> Tensor:
    """Mark a leaf that stands for a function's argument: it is copied and assigned as little as a
    computed node, which for the function it is."""
    node._second = OWN
    return node


def noted(frame: FrameType, error: Exception) -> Exception:
    """The error, remembered in case that whoever asked for the conversion raises another."""
    inside = innermost()
    if inside is not None:
        inside.refusal = error, frame.f_code, frame.f_lasti
    return error
