"""Modes as decorators: of functions, generators, coroutines, asynchronous generators."""

from __future__ import annotations

import asyncio
import functools
import inspect
from contextlib import contextmanager

import pytest

import autograd as ag
from autograd import Tensor

NORMAL = (True, "", False)


def state():
    """What a gate made now would be: recorded, its scope, whether it knows its line."""
    y = Tensor(2.0) * 3.0
    return not y.is_leaf, y.scope, y.source is not None


BLOCKS = pytest.mark.parametrize(
    ("make", "inside"),
    [
        (ag.no_grad, (False, "", False)),
        (lambda: ag.scope("block"), (True, "block", False)),
        (ag.source_lines, (True, "", True)),
        (ag.detect_anomaly, (True, "", True)),
    ],
    ids=["no_grad", "scope", "source_lines", "detect_anomaly"],
)


def run(coroutine):
    """A coroutine by hand, in this very context: what it yields to a loop, and what it returns."""
    between = []
    while True:
        try:
            coroutine.send(None)
        except StopIteration as end:
            return end.value, between
        between.append(state())


class Pause:
    """What suspends a coroutine once."""

    def __await__(self):
        yield


@BLOCKS
def test_a_function(make, inside):
    @make()
    def f(a, *, b):
        """Its own words."""
        return a, b, state()

    assert f(1, b=2) == (1, 2, inside)
    assert state() == NORMAL
    assert (f.__name__, f.__doc__) == ("f", "Its own words.")


@BLOCKS
def test_a_generator_is_inside_while_it_runs_and_outside_between(make, inside):
    @make()
    def f(first):
        seen = [first, state()]
        got = yield seen
        try:
            got = yield got, state()
        except KeyError as error:
            got = yield error.args, state()
        return got, state()

    assert inspect.isgeneratorfunction(f)
    g = f("first")
    assert next(g) == ["first", inside]
    assert state() == NORMAL
    assert g.send("sent") == ("sent", inside)
    assert state() == NORMAL
    assert g.throw(KeyError("thrown")) == (("thrown",), inside)
    assert state() == NORMAL
    with pytest.raises(StopIteration) as end:
        g.send("last")
    assert end.value.value == ("last", inside)
    assert state() == NORMAL


@BLOCKS
def test_a_generator_that_is_closed_cleans_up_inside(make, inside):
    seen = []

    @make()
    def f():
        try:
            yield 1
        finally:
            seen.append(state())

    g = f()
    next(g)
    g.close()
    assert seen == [inside]
    assert state() == NORMAL
    with pytest.raises(StopIteration):
        next(g)


@BLOCKS
def test_what_a_generator_raises_leaves_the_mode(make, inside):
    @make()
    def f():
        yield state()
        raise KeyError("own")

    g = f()
    assert next(g) == inside
    with pytest.raises(KeyError, match="own"):
        next(g)
    assert state() == NORMAL
    g = f()
    next(g)
    with pytest.raises(ValueError, match="thrown"):  # not caught by the body
        g.throw(ValueError("thrown"))
    assert state() == NORMAL


@BLOCKS
def test_yield_from_and_a_context_manager(make, inside):
    @make()
    def inner():
        got = yield state()
        return got

    def outer():
        got = yield from inner()
        yield got, state()

    g = outer()
    assert next(g) == inside
    assert g.send("sent") == ("sent", NORMAL)

    seen = []

    @contextmanager
    @make()
    def manager():
        seen.append(state())
        yield "managed"
        seen.append(state())

    with manager() as value:
        assert (value, state()) == ("managed", NORMAL)
    assert seen == [inside, inside]


@BLOCKS
def test_a_coroutine_is_inside_while_it_runs_and_outside_while_it_waits(make, inside):
    @make()
    async def f(a):
        before = state()
        await Pause()
        return a, before, state()

    assert inspect.iscoroutinefunction(f)
    value, between = run(f(1))
    assert value == (1, inside, inside)
    assert between == [NORMAL]
    assert asyncio.run(f(2)) == (2, inside, inside)


@BLOCKS
def test_tasks_of_one_coroutine_take_turns(make, inside):
    @make()
    async def f(n):
        seen = []
        for _ in range(n):
            seen.append(state())
            await asyncio.sleep(0)
        return seen

    async def main():
        others = []

        async def plain():
            for _ in range(4):
                others.append(state())
                await asyncio.sleep(0)

        found = await asyncio.gather(f(3), plain(), f(4))
        return found[0] + found[2], others

    seen, others = asyncio.run(main())
    assert seen == [inside] * 7
    assert others == [NORMAL] * 4


@BLOCKS
def test_a_coroutine_that_is_cancelled_cleans_up_inside(make, inside):
    seen = []

    @make()
    async def f():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append(state())
            raise

    async def main():
        task = asyncio.create_task(f())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return state()

    assert asyncio.run(main()) == NORMAL
    assert seen == [inside]


@BLOCKS
def test_an_async_generator_is_inside_while_it_runs(make, inside):
    seen = []

    @make()
    async def f(n):
        try:
            for i in range(n):
                await Pause()
                try:
                    seen.append((yield i, state()))
                except KeyError as error:
                    yield error.args, state()
        finally:
            await Pause()
            seen.append(state())

    assert inspect.isasyncgenfunction(f)

    async def collect():
        return [item async for item in f(2)], state()

    (items, after), between = run(collect())
    assert items == [(0, inside), (1, inside)]
    assert after == NORMAL
    assert set(between) == {NORMAL}
    assert seen == [None, None, inside]
    seen.clear()

    async def by_hand():
        body = f(3)
        first = await body.asend(None)
        second = await body.asend("sent")
        third = await body.athrow(KeyError("thrown"))
        await body.aclose()
        return first, second, third, state()

    found, between = run(by_hand())
    assert found == ((0, inside), (1, inside), (("thrown",), inside), NORMAL)
    assert set(between) == {NORMAL}
    assert seen == ["sent", inside]


@BLOCKS
def test_methods_and_callable_objects(make, inside):
    class Model:
        @make()
        def plain(self):
            return self, state()

        @make()
        def steps(self):
            yield self, state()

        @make()
        @staticmethod
        def static():
            return state()

        @make()
        @classmethod
        def of_class(cls):
            yield cls, state()

        def __call__(self):
            yield self, state()

    model = Model()
    assert model.plain() == (model, inside)
    assert list(model.steps()) == [(model, inside)]
    assert Model.static() == model.static() == inside
    assert list(Model.of_class()) == [(Model, inside)]
    assert list(make()(model)()) == [(model, inside)]
    assert list(make()(functools.partial(Model.__call__, model))()) == [(model, inside)]


@BLOCKS
def test_a_generator_behind_another_decorator(make, inside):
    def other(function):
        @functools.wraps(function)
        def call(*args):
            return function(*args)

        return call

    @make()
    @other
    def steps():
        yield state()
        yield state()

    @make()
    @other
    async def later():
        await Pause()
        return state()

    @make()
    @other
    async def stream():
        yield state()

    g = steps()
    assert next(g) == inside
    assert state() == NORMAL
    assert next(g) == inside
    g.close()
    assert run(later()) == (inside, [NORMAL])

    async def first():
        return [item async for item in stream()]

    assert run(first()) == ([inside], [])


def test_a_generator_that_is_returned_and_not_the_functions_own_is_left_alone():
    def elsewhere():
        yield state()

    assert list(ag.no_grad()(lambda: elsewhere())()) == [NORMAL]


def test_one_call_of_a_generator_is_one_group_of_a_scope():
    x = Tensor(2.0)

    @ag.scope("walk")
    def walk():
        for _ in range(2):
            yield x * 1.0

    first, second = walk()
    (third, _) = walk()
    assert first.scopes == second.scopes
    assert first.scopes != third.scopes
    with ag.scope("outer"):
        (fourth, _) = walk()
    assert fourth.scope == "outer/walk"


@pytest.mark.parametrize("given", [dict, type("Model", (), {}), 3, property(state)])
def test_what_is_no_function_is_refused(given):
    with pytest.raises(ag.DataError, match="decorates a function"):
        ag.no_grad()(given)
