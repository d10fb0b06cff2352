"""Threads that wait, to do a part of a loop each beside the thread that asks.

NumPy and Numba let other threads run while they compute, so that halves of a large array can be
computed at once. Starting a thread would cost what half of a small loop does; these wait for the
next one, and end with whoever owns them, or with the process.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable
from contextvars import Context, copy_context
from itertools import cycle
from queue import SimpleQueue
from threading import Lock, Thread
from types import FrameType
from typing import Any

from autograd.errors import DataError
from autograd.origins import called_from

__all__ = ["Crew", "as_threads", "processors"]


def as_threads(caller: str, threads: Any) -> int | None:
    """How many threads were asked for; raises DataError (a TypeError) where it is no count."""
    if threads is not None and (type(threads) is not int or threads < 1):
        raise DataError(
            f"{caller} expects threads= to be an integer of 1 or more, or None, which leaves it "
            f"to the back end, and received {threads!r}"
        )
    return threads


def processors() -> int:
    """How many there are to run on, four at most: memory is what a long loop waits for."""
    known = getattr(os, "sched_getaffinity", None)
    return min(len(known(0)) if known else os.cpu_count() or 1, 4)


class Crew:
    """`size` threads, that of the caller among them; the others start when first needed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._mates: list[Mate] = []
        self._process = 0  # in which the mates run: a fork has none of them
        self._busy = Lock()

    def __call__(self, function: Callable[[Any], Any], *parts: Any) -> None:
        """Call `function` on each part, the first on this thread, and return when all are done;
        of more parts than threads a thread does several.

        The others run in a copy of this thread's context, so under its `np.errstate`. What one of
        them raises is raised here, once nobody runs any more; so is an interrupt.
        """
        alone = len(parts) == 1 or self.size == 1
        if alone or not self._busy.acquire(blocking=False):  # another thread has them at work
            for part in parts:
                function(part)
            return
        caller = sys._getframe(1)
        tasks = [Task(function, part, caller) for part in parts[1:]]
        try:
            if self._process != os.getpid():
                self._start()
            for mate, task in zip(cycle(self._mates), tasks, strict=False):
                mate.given.put(task)
            function(parts[0])
        finally:
            try:
                self._join()
            finally:
                self._busy.release()
        for task in tasks:
            if task.error is not None:
                raise task.error

    def _start(self) -> None:
        self._mates = []  # those of before a fork would never answer
        self._mates = [Mate() for _ in range(self.size - 1)]
        self._process = os.getpid()
        weakref.finalize(self, _dismiss, self._mates, self._process)

    def _join(self) -> None:
        """Wait until no mate runs; interrupts wait, too."""
        interrupt: BaseException | None = None
        for mate in self._mates:
            while True:
                try:
                    mate.join()
                    break
                except BaseException as error:  # the mate writes what is ours
                    interrupt = error
        if interrupt is not None:
            raise interrupt


class Task:
    """A part of a loop for another thread, and what it raised."""

    __slots__ = ("context", "error", "function", "part")

    def __init__(self, function: Callable[[Any], Any], part: Any, caller: FrameType) -> None:
        self.function, self.part = function, part
        self.context: Context = copy_context()
        self.context.run(called_from.set, caller)  # warnings show the line of the user's stack
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.context.run(self.function, self.part)
        except BaseException as error:  # for the thread that asked
            self.error = error


class Mate:
    """A thread that takes tasks in turn; between two it holds on to nothing."""

    def __init__(self) -> None:
        self.given: SimpleQueue[Any] = SimpleQueue()
        self.reached: SimpleQueue[Any] = SimpleQueue()
        self.thread = Thread(
            target=_work, args=(self.given, self.reached), name="gategrad", daemon=True
        )
        self.thread.start()

    def join(self) -> None:
        """Wait until everything that was given is done: until what is given now comes back."""
        mark = object()
        self.given.put(mark)
        while self.reached.get() is not mark:
            pass


def _work(given: SimpleQueue[Any], reached: SimpleQueue[Any]) -> None:
    while (task := given.get()) is not None:
        if type(task) is Task:
            task.run()
        else:
            reached.put(task)
        del task


def _dismiss(mates: list[Mate], process: int) -> None:
    """Let the mates end; a fork has only their queues."""
    if process != os.getpid():
        return
    for mate in mates:
        mate.given.put(None)
        mate.thread.join()
