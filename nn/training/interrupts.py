"""Ctrl-C during training: the batch under way is finished first, so that no step is half done."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

__all__ = ["Interrupts"]


class Interrupts:
    """Inside the block the first Ctrl-C waits for `check`; a second one interrupts at once.

    Python's own handler is replaced meanwhile and put back on leaving, and that only where it can
    be: in the main thread, and where nobody else has installed one.
    """

    def __init__(self) -> None:
        self.pending = self.twice = False
        self._replaced = False

    def __enter__(self) -> Interrupts:
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            signal.signal(signal.SIGINT, self._note)
            self._replaced = True
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.pending:
            self.twice = True
            signal.default_int_handler(number, frame)
        self.pending = True

    def check(self) -> None:
        """Raise the KeyboardInterrupt that waits, if there is one: nothing is half done now."""
        if self.pending:
            raise KeyboardInterrupt

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._replaced:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._replaced = False
