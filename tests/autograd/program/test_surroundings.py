"""What a compiled function reads besides arguments and Tensors: followed, or refused."""

from __future__ import annotations

import os
import random
import time
from collections import OrderedDict, defaultdict, deque
from contextvars import ContextVar, copy_context
from functools import partial
from itertools import count
from operator import attrgetter
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.program.surroundings import Surroundings, _globals_of

scale = 2.0
X = np.arange(3.0)


class Layer:
    kind = "plain"

    def __init__(self, **settings):
        self.p, self.rng, self.options = 2.0, np.random.default_rng(0), {"deep": [3.0]}
        self.table, self.w, self.act, self.slotted = (
            np.ones(3),
            Tensor(np.ones(3)),
            np.sin,
            Slotted(),
        )
        vars(self).update(settings)

    def __call__(self, x):
        return self.scaled(x) if self.kind == "plain" else x

    def scaled(self, x):
        return self.act(x * self.p * self.options["deep"][0]) * self.slotted(self.table * self.w)

    def compute(self, x):
        return np.sum(self(x))

    method = ag.compile(compute)

    def unrelated(self):
        self.steps += 1


class Slotted:
    __slots__ = ("p",)

    def __init__(self, p=1.0):
        self.p = p

    def __call__(self, x):
        return x * self.p


def parts(result):
    results = result if isinstance(result, tuple) else (result,)
    return [part.data if type(part) is Tensor else part for part in results]


def helper(x):
    return x * scale


# ---- settings


def test_a_setting_that_changes_is_followed_and_programs_are_kept():
    layer = Layer()
    fast = ag.compile(layer)
    for p in (2.0, 0.5, 2.0, 0.5):
        layer.p = p
        np.testing.assert_array_equal(fast(X), layer(X).data)
    assert fast.cache_info() == (2, 2, 2)


CHANGES = {
    "attribute": lambda layer: setattr(layer, "p", 7.0),
    "in a list in a dict": lambda layer: layer.options["deep"].__setitem__(0, 7.0),
    "another list": lambda layer: layer.options.update(deep=[7.0]),
    "class": lambda layer: setattr(layer, "kind", "other"),
    "another array": lambda layer: setattr(layer, "table", np.full(3, 7.0)),
    "another Tensor": lambda layer: setattr(layer, "w", Tensor(np.full(3, 7.0))),
    "another function": lambda layer: setattr(layer, "act", np.cos),
    "another object": lambda layer: setattr(layer, "slotted", Slotted(7.0)),
    "to an array": lambda layer: setattr(layer, "p", np.full(3, 7.0)),
    "to an integer": lambda layer: setattr(layer, "p", 2),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("given", ["object", "bound", "method", "closure", "partial", "grad"])
def test_settings_of_every_kind_however_a_function_comes_to_them(change, given):
    layer = Layer()
    f = {
        "object": lambda: layer,
        "bound": lambda: layer.compute,
        "method": lambda: layer.compute,
        "closure": lambda: lambda x: layer(x) + 1.0,
        "partial": lambda: partial(lambda which, x: which(x), layer),
        "grad": lambda: ag.value_and_grad(lambda x: np.sum(layer(x))),
    }[given]()
    fast = layer.method if given == "method" else ag.compile(f)
    for _ in range(2):
        for found, expected in zip(parts(fast(X)), parts(f(X)), strict=True):
            np.testing.assert_array_equal(found, expected)
        CHANGES[change](layer)


@pytest.mark.parametrize(
    "kind", [list, dict, deque, OrderedDict, partial(defaultdict, float), type("Own", (dict,), {})]
)
@pytest.mark.parametrize("count", [3, 100])
def test_containers_of_every_kind_and_length(kind, count):
    """Also those that are derived from one, and with as many entries as before."""
    entries = [np.float64(i) for i in range(count)]
    is_row = kind in (list, deque)
    held = kind(entries if is_row else enumerate(entries))
    fast = ag.compile(lambda x: x * held[2])
    for value in (2.0, 5.0, 2.0, np.full(3, 7.0)):
        held[2] = value
        np.testing.assert_array_equal(fast(X), X * value)


@pytest.mark.parametrize("count", [3, 100])
def test_generators_in_containers_are_seen_to_draw(count):
    rngs = [np.random.default_rng(i) for i in range(count)]
    for held in (rngs, deque(rngs), OrderedDict(enumerate(rngs))):
        with pytest.raises(ag.CompileError, match="random"):
            ag.compile(lambda x, held=held: x + held[2].normal())(X)
    samples = list(map(np.float64, range(100)))
    assert Surroundings(lambda x: x * samples[0]).is_sure


def test_what_a_set_holds():
    chosen = {"a"}
    fast = ag.compile(lambda x: 2.0 * x if "a" in chosen else x)
    for other in ("b", "a", "c"):
        chosen.clear()
        chosen.add(other)
        np.testing.assert_array_equal(fast(X), (2.0 if other == "a" else 1.0) * X)


def test_attributes_by_their_names_as_texts():
    layer = Layer()
    ways = (
        lambda x: x * getattr(layer, "p"),  # noqa: B009
        lambda x: x * vars(layer)["p"],
        lambda x: x * attrgetter("p")(layer),
    )
    for f in ways:
        fast = ag.compile(f)
        for layer.p in (2.0, 3.0):
            np.testing.assert_array_equal(fast(X), layer.p * X)


def test_a_number_of_an_installed_module_is_followed(monkeypatch):
    monkeypatch.setattr(pytest, "scale", 2.0, raising=False)
    fast = ag.compile(lambda x: x * pytest.scale)
    np.testing.assert_array_equal(fast(X), 2.0 * X)
    monkeypatch.setattr(pytest, "scale", 3.0)
    np.testing.assert_array_equal(fast(X), 3.0 * X)


def test_the_globals_of_a_module_of_the_user():
    """Constants by their names, tables, functions and objects: somebody gives them anew."""
    module = ModuleType("settings_of_the_user")
    exec(
        "SCALE, table, thing = 2.0, {'p': 3.0}, None\n"
        "def part(x): return x\n"
        "def f(x): return part(x) * SCALE * table['p'] * thing.p",
        vars(module),
    )
    module.thing = Slotted(1.0)
    fast = ag.compile(module.f)
    changes = (
        lambda: setattr(module, "SCALE", 5.0),
        lambda: module.table.update(p=7.0),
        lambda: setattr(module, "thing", Slotted(11.0)),
        lambda: setattr(module, "part", np.sin),
    )
    for change in changes:
        np.testing.assert_array_equal(fast(X), module.f(X))
        change()
    np.testing.assert_array_equal(fast(X), module.f(X))


def test_globals_cells_slots_namespaces_and_helpers(monkeypatch):
    cell, slotted, config = 3.0, Slotted(), SimpleNamespace(p=1.0)

    def f(x):
        return slotted(helper(x)) * cell * config.p

    fast = ag.compile(f)
    np.testing.assert_array_equal(fast(X), 6.0 * X)
    cell = 4.0
    np.testing.assert_array_equal(fast(X), 8.0 * X)
    monkeypatch.setitem(globals(), "scale", 3.0)
    np.testing.assert_array_equal(fast(X), 12.0 * X)
    slotted.p, config.p = 2.0, 0.5
    np.testing.assert_array_equal(fast(X), 12.0 * X)
    config.p = 1.0
    np.testing.assert_array_equal(fast(X), 24.0 * X)


def test_what_a_context_variable_holds_is_a_setting():
    halved = ContextVar("halved", default=False)

    @ag.compile
    def f(x):
        return 0.5 * x if halved.get() else x * 1.0

    def inside():
        halved.set(True)
        return f(3.0)

    assert [f(3.0), copy_context().run(inside), f(3.0)] == [3.0, 1.5, 3.0]
    assert f.cache_info().misses == 2


def test_signs_of_zero_and_types_are_settings():
    layer = Layer(p=0.0)
    fast = ag.compile(lambda x: 1.0 / (x * 0.0 + layer.p))
    with np.errstate(divide="ignore"):
        assert fast(-0.0) == np.inf
        layer.p = -0.0
        assert fast(-0.0) == -np.inf


def test_what_the_function_does_not_name_is_no_setting():
    layer = Layer(steps=0)
    fast = ag.compile(layer)
    for _ in range(5):
        fast(X)
        layer.unrelated()
    assert fast.cache_info() == (4, 1, 1)


def test_what_the_function_itself_counts_is_no_setting_where_nothing_depends_on_it():
    layer = Layer(calls=0)

    def f(x):
        layer.calls += 1
        return x * layer.p

    fast = ag.compile(f)
    for _ in range(5):
        fast(X)
    assert fast.cache_info().misses == 1


def test_a_new_array_where_an_old_one_lay_is_another_one():
    """Addresses are given again; what was recorded for an array holds on to it."""
    layer = Layer()
    fast = ag.compile(lambda x: x + layer.table)
    for number in range(20):
        layer.table = None
        layer.table = np.full(3, float(number))
        np.testing.assert_array_equal(fast(X), X + number)


def test_more_layers_are_noticed():
    layers = [Slotted()]

    def f(x):
        for layer in layers:
            x = layer(x)
        return x

    fast = ag.compile(f)
    np.testing.assert_array_equal(fast(X), X)
    layers.append(Slotted())
    np.testing.assert_array_equal(fast(X), X)
    layers[1].p = 5.0
    np.testing.assert_array_equal(fast(X), 5.0 * X)


def test_an_empty_slot_and_an_empty_cell_are_no_settings():
    class Half:
        __slots__ = ("p", "q")

        def __call__(self, x):
            return x * (self.p if x.ndim else self.q)

    half = Half()
    half.p = 2.0

    def f(x):
        return half(x) if x.ndim else later

    fast = ag.compile(f)
    for _ in range(3):
        np.testing.assert_array_equal(fast(X), 2.0 * X)
    assert fast.cache_info().misses == 1
    later = 1.0


def test_a_setting_that_is_gone_raises_as_eager_does():
    layer = Layer()
    fast = ag.compile(layer.scaled)
    fast(X)
    del layer.p
    with pytest.raises(AttributeError):
        fast(X)


# ---- what would be frozen

RNG = np.random.default_rng(0)
TICKS = count()

FROZEN = {
    "default_rng": lambda x: x * np.random.default_rng().random(),
    "mask": lambda x: np.sum(x) * (np.random.default_rng().random(64) < 0.5),
    "random.random": lambda x: x * random.random(),
    "random.gauss": lambda x: x * random.gauss(0.0, 1.0),
    "Random": lambda x: x * random.Random().random(),
    "np.random": lambda x: x * np.random.rand(),  # noqa: NPY002
    "RandomState": lambda x: x * np.random.RandomState().rand(),
    "time": lambda x: x * time.time(),
    "perf_counter": lambda x: x + time.perf_counter(),
    "urandom": lambda x: x * int.from_bytes(os.urandom(4), "big"),
    "a global generator": lambda x: x * RNG.random(),
    "a counter": lambda x: x * next(TICKS),
    "a branch": lambda x: np.sin(x) if next(TICKS) % 2 else np.cos(x),
    "an axis": lambda x: np.stack([x, x], axis=next(TICKS) % 2),
    "a result": lambda x: (x, next(TICKS)),
    "in a draw": lambda x: (lambda s: x * ag.sample(lambda: s * np.ones(3)))(time.time()),
    "an order": lambda x: sum(sorted([x, x * 2.0, x * 3.0], key=lambda v: random.random())),
    "a draw more": lambda x: [ag.sample(lambda: 1.0) * x for _ in range(1 + next(TICKS))][-1],
}


HOLDERS = {
    "attribute": lambda rng: Layer(rng=rng),
    "in a list": lambda rng: Layer(rng=[rng]),
    "in a dict": lambda rng: Layer(rng={"a": rng}),
    "nested": lambda rng: Layer(rng=SimpleNamespace(rng=rng)),
}


def drawing(rng):
    while not hasattr(rng, "random"):
        rng = rng.rng if hasattr(rng, "rng") else next(iter(getattr(rng, "values", rng.__iter__)()))
    return rng.random()


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize(
    "make",
    [np.random.default_rng, np.random.RandomState, random.Random],
    ids=["Generator", "RandomState", "Random"],
)
def test_a_generator_that_an_object_holds_is_watched(holder, make):
    """Also where what it draws changes nothing but now and then."""
    layer = HOLDERS[holder](make(0))

    class Rare:
        def __call__(self, x):
            return x if drawing(layer.rng) < 2.0 else -x

    with pytest.raises(ag.CompileError, match=r"draws at random from .layer\.rng"):
        ag.compile(Rare())(X)


def test_a_generator_as_a_default_is_watched():
    def f(x, rng=np.random.default_rng(0)):  # noqa: B008
        return x if rng.random() < 2.0 else -x

    with pytest.raises(ag.CompileError, match="draws at random from 'a default of f'"):
        ag.compile(lambda x: f(x))(X)


def test_an_array_that_an_object_holds_is_watched():
    layer = Layer()

    def f(x):
        layer.table += 1.0
        return x * 2.0

    with pytest.raises(ag.CompileError, match=r"'layer\.table'"):
        ag.compile(f)(X)


def test_what_is_the_same_each_time_is_recorded():
    """Seeded anew, drawn by ag.sample, made anew: closures, Tensors, sets, gates, derivatives."""
    rng, w = np.random.default_rng(1), Tensor(np.ones(3))
    sources = [np.random.default_rng(1) for _ in range(2)]

    def f(x, rng):
        seeded = np.random.default_rng(0).random(3)
        noise = ag.sample(lambda: rng.normal(size=3))
        own = Tensor(np.full(3, 2.0))
        gate = ag.gate(lambda a: np.sin(a) if np.all(a < 9.0) else a, local=lambda o, a: np.cos(a))
        inner = ag.grad(lambda v: np.sum(gate(v) * seeded))(x)
        return sum({x * seeded, noise * w}) if x.size == 0 else inner * seeded + noise * own + w

    fast = ag.compile(lambda x: f(x, rng))
    expected = [f(Tensor(X), sources[0]).data for _ in range(4)]
    for value in expected:
        np.testing.assert_array_equal(fast(X), value)
    assert fast.cache_info().misses == 1


def test_looking_around_reaches_no_further_than_the_names():
    layer = Layer(data=[np.ones(3)])
    assert [name for name, _ in Surroundings(layer).arrays] == ["self.table"]
    names = [name for name, _ in Surroundings(lambda: layer.data).arrays]
    assert sorted(names) == ["layer.data[0]", "layer.table"]


def test_a_global_that_shares_its_name_with_an_attribute_is_no_setting(monkeypatch):
    fast = ag.compile(lambda x: x.mean() * np.float64(1.0))
    for number in range(3):
        monkeypatch.setitem(globals(), "mean", number)
        fast(X)
    assert fast.cache_info().misses == 1


def test_names_of_globals_in_long_code():
    """Beyond 256 names an operation has its argument in parts."""
    names = [f"name_{i}" for i in range(600)]
    space = {name: float(i) for i, name in enumerate(names)}
    exec(f"def f(x):\n    return x * ({' + '.join(names)}) + x.attribute_1", space)
    f = space["f"]
    assert {*names} <= _globals_of(f.__code__) <= {*names}


# ---- when a second run is spared

W = Tensor(np.ones(3))


def deeper(x):
    return helper(np.tanh(x)) * W


SURE = {
    "arithmetic": lambda x: np.sum(np.tanh(x) * 2.0),
    "a helper and a global": deeper,
    "a derivative": ag.hessian(lambda x: np.sum(deeper(x))),
    "a compiled function": ag.compile(deeper),
    "an object": Layer(),
    "a method": Slotted().__call__,
    "a loop": lambda x: sum(x * float(i) for i in range(3)),
}


class Counting:
    """Counts its calls where nobody looks: in a deque."""

    def __init__(self):
        self.calls = deque([0])

    def __mul__(self, x):
        self.calls[0] += 1
        return x * float(self.calls[0])


clock = time.perf_counter
ticking = count()
counting = Counting()

OPEN = {
    **FROZEN,
    "another name for a clock": lambda x: x * clock(),
    "an iterator": lambda x: x * sum(tick for tick, _ in zip(ticking, range(1), strict=False)),
    "an operator of an object": lambda x: counting * x,
    "a bound method of C": lambda x: x * draw_one(),
}
draw_one = random.Random(0).random


@pytest.mark.parametrize("name", SURE)
def test_a_function_whose_code_leaves_nothing_open_runs_once(name):
    assert Surroundings(SURE[name]).is_sure


@pytest.mark.parametrize("name", OPEN)
def test_a_function_whose_code_leaves_something_open_is_refused(name):
    fast = ag.compile(OPEN[name])
    with pytest.raises(ag.CompileError, match=r"each time|draws at random"):
        fast(X)
    assert fast.cache_info().currsize == 0


def test_a_function_runs_once_or_twice():
    seen = Layer(calls=0, read=0)

    def once(x):
        seen.calls += 1
        return x * 2.0

    def twice(x):
        seen.read += 1
        return x * float(getattr(seen, "p"))  # noqa: B009 - by what may be any name

    ag.compile(twice)(X)
    assert seen.read == 2
    ag.compile(once)(X)
    assert seen.calls == 2  # since it changes what it reads
    list_of_calls = []
    ag.compile(lambda x: (list_of_calls.append(1), x * 2.0)[1])(X)
    assert len(list_of_calls) == 2


def test_an_installed_package_is_not_looked_through():
    def f(x):
        assert pytest.approx(1.0) == 1.0  # pytest puts names of its own into what asserts
        return x * 2.0

    around = Surroundings(f)
    assert not around.is_sure
    assert len(around.settings()) < 10
