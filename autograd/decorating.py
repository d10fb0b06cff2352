"""Modes as decorators: of functions, and of bodies that stop and go on, as generators do.

The mode holds while such a body runs; where it has stopped, its caller goes on in the caller's own.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import wraps
from types import AsyncGeneratorType, CoroutineType, GeneratorType, coroutine
from typing import Any, Protocol

from autograd.errors import DataError

__all__ = ["decorated"]

Function = Callable[..., Any]


class Block(Protocol):
    """What is asked of a mode."""

    def __enter__(self) -> Any:
        """The mode holds from here on."""

    def __exit__(self, *error: Any) -> None:
        """It holds no more."""

    def for_one_call(self) -> Block:
        """The block of a call whose body stops and goes on."""


def decorated(block: Block, function: Any) -> Any:
    """A function whose every call runs in the block; of its own kind, so that others know it."""
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(decorated(block, function.__func__))
    if isinstance(function, type) or not callable(function):
        what = f"the class {function.__name__}" if isinstance(function, type) else repr(function)
        raise DataError(
            f"{type(block).__name__}() decorates a function and received {what}: decorate the "
            "methods that shall run in it"
        )
    bodies = function, type(function).__call__  # a function, or an object that is one
    for is_kind, of_kind in (
        (inspect.isgeneratorfunction, _generator),
        (inspect.iscoroutinefunction, _coroutine),
        (inspect.isasyncgenfunction, _async_generator),
    ):
        if any(map(is_kind, bodies)):
            return wraps(function)(of_kind(block, function))
    return wraps(function)(_function(block, function))


def _function(block: Block, function: Function) -> Function:
    own = getattr(inspect.unwrap(function), "__code__", None)

    def inside(*args: Any, **kwargs: Any) -> Any:
        with block:
            result = function(*args, **kwargs)
        # Behind another decorator a body does not show before it is called.
        if type(result) is GeneratorType and result.gi_code is own:
            return _generator(block, lambda: result)()
        if type(result) is CoroutineType and result.cr_code is own:
            return _coroutine(block, lambda: result)()
        if type(result) is AsyncGeneratorType and result.ag_code is own:
            return _async_generator(block, lambda: result)()
        return result

    return inside


def _generator(block: Block, function: Function) -> Function:
    def inside(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        return (yield from _steps(block.for_one_call(), function(*args, **kwargs)))

    return inside


def _coroutine(block: Block, function: Function) -> Function:
    async def inside(*args: Any, **kwargs: Any) -> Any:
        return await _awaited(block.for_one_call(), function(*args, **kwargs))

    return inside


def _async_generator(block: Block, function: Function) -> Function:
    async def inside(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        one, body = block.for_one_call(), function(*args, **kwargs)
        step = body.asend(None)
        while True:
            try:
                value = await _awaited(one, step)
            except StopAsyncIteration:
                return
            try:
                step = body.asend((yield value))
            except GeneratorExit:
                await _awaited(one, body.aclose())
                raise
            except BaseException as error:
                step = body.athrow(error)

    return inside


def _steps(block: Block, body: Any) -> Generator[Any, Any, Any]:
    """Run a body that can be sent to, thrown into and closed, each step of it in the block."""
    resume, given = body.send, None
    while True:
        with block:
            try:
                value = resume(given)
            except StopIteration as end:
                return end.value
        try:
            resume, given = body.send, (yield value)
        except GeneratorExit:
            with block:
                return body.close()
        except BaseException as error:
            resume, given = body.throw, error


@coroutine
def _awaited(block: Block, body: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    return (yield from _steps(block, body))
