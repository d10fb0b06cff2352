"""`ag.compile`: what a call returns, when it records, what it refuses, what it leaves alone."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

pytestmark = pytest.mark.usefixtures("default_backend")

of_numpy = pytest.mark.parametrize("default_backend", ["numpy"], indirect=True)
"""A test of memory, text or listing, which another back end has not."""


def layer(x, w, b):
    return np.tanh(x @ w + b)


@pytest.fixture
def parameters():
    rng = np.random.default_rng(0)
    return Tensor(rng.normal(size=(3, 2)), name="w"), Tensor(rng.normal(size=2), name="b")


def data(seed=1, rows=4):
    return np.random.default_rng(seed).normal(size=(rows, 3))


# ---- results


def test_a_call_returns_arrays_for_arrays_and_numbers_for_numbers(parameters):
    fast = ag.compile(lambda x: (layer(x, *parameters), np.sum(x)))
    for seed in (1, 2):
        out, total = fast(data(seed))
        assert type(out) is type(total) is np.ndarray
        assert total.shape == ()
        np.testing.assert_array_equal(out, layer(data(seed), *(p.data for p in parameters)))
    number = ag.compile(lambda x: x * x.sigmoid())
    assert [type(number(v)) for v in (2.0, 3.0)] == [float, float]


def test_results_keep_the_functions_nest():
    fast = ag.compile(lambda x, scale: {"both": [x * scale, (x + 1.0,)], "name": "x", "n": 3})
    for value in (2.0, 5.0):
        assert fast(value, 10.0) == {"both": [value * 10.0, (value + 1.0,)], "name": "x", "n": 3}


def test_arguments_may_be_nested_named_and_tensors():
    fast = ag.compile(lambda p, *, shift: p["w"] @ p["v"] + shift)
    w, v = data(1), np.arange(3.0)
    expected = w @ v + 2.0
    np.testing.assert_array_equal(fast({"w": w, "v": v}, shift=2.0), expected)
    np.testing.assert_array_equal(fast({"w": Tensor(w), "v": v}, shift=2.0), expected)
    assert fast.cache_info().hits == 1


def test_results_are_not_overwritten_by_the_next_run(parameters):
    fast = ag.compile(lambda x: [layer(x, *parameters), x + 1.0, x, x.T])
    first = fast(data(1))
    kept = [r.copy() for r in first]
    fast(data(2))
    for now, then in zip(first, kept, strict=True):
        np.testing.assert_array_equal(now, then)
    first[2][...] = 0.0
    np.testing.assert_array_equal(fast(data(1))[2], data(1))


@of_numpy
def test_results_are_views_of_buffers_where_that_is_asked_for(parameters):
    fast = ag.compile(lambda x: layer(x, *parameters), reuse_outputs=True)
    first = fast(data(1))
    np.testing.assert_array_equal(first, layer(data(1), *(p.data for p in parameters)))
    assert np.shares_memory(first, fast(data(2)))


def test_the_same_arguments_give_the_same_bits_also_after_an_exception(parameters):
    def checked(x, where):
        return ag.sum(layer(x, *parameters)[where])

    fast = ag.compile(checked)
    index = np.array([0, 2])
    before = fast(data(), index)
    with pytest.raises(IndexError):
        fast(data(), np.array([0, 9]))
    assert fast(data(), index) == before == fast(data(), index)


def test_the_last_bits_follow_the_layout_of_an_argument():
    a, b = data(1, 40), np.random.default_rng(2).normal(size=(3, 40))
    fast = ag.compile(lambda a, b: np.sum(a @ b, axis=0))
    for x in (a, np.asfortranarray(a), np.repeat(a, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(fast(x, b), np.sum(x @ b, axis=0))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtypes_are_those_of_eager(dtype):
    x = data().astype(dtype)
    for result in (ag.compile(lambda x: 2.0 * x + 1.0)(x), ag.compile(np.mean)(x)):
        assert result.dtype == dtype


# ---- when it records


def test_a_program_is_made_for_shapes_dtypes_nests_and_static_arguments():
    fast = ag.compile(lambda x, n=1, mode="a", flag=None: x * float(n))
    x = data()
    fast(x)
    fast(x + 1.0)
    assert fast.cache_info() == (1, 1, 1)
    for args in [(x[:2],), (x.astype("float32"),), (x, 2), (x, True), (x, 1, "b")]:
        fast(*args)
    assert fast.cache_info() == (1, 6, 6)
    fast.cache_clear()
    assert fast.cache_info().currsize == 0


def test_tensors_from_outside_are_read_at_each_call_and_arrays_are_constants():
    w, c = Tensor(2.0, name="w"), np.array([1.0, 2.0])
    fast = ag.compile(lambda x: w * x + c)
    fast(np.zeros(2))
    w.data = 5.0
    c[...] = 100.0
    np.testing.assert_array_equal(fast(np.ones(2)), [6.0, 7.0])
    assert fast.cache_info().misses == 1


def test_a_tensor_that_is_frozen_or_thawed_makes_a_new_program(parameters):
    fast = ag.compile(lambda x: np.sum(layer(x, *parameters)))
    fast(data())
    parameters[0].requires_grad = False
    fast(data())
    assert fast.cache_info().misses == 2
    fast.program.backward()
    assert parameters[0].grad is None
    assert parameters[1].grad is not None


def test_no_grad_makes_a_program_of_its_own(parameters):
    fast = ag.compile(lambda x: np.sum(layer(x, *parameters)))
    with ag.no_grad():
        fast(data())
        with pytest.raises(ag.GradientError, match="wants a gradient"):
            fast.program.backward()
    fast(data())
    fast.program.backward()


def test_compiled_functions_compose():
    inner = ag.compile(lambda x: np.tanh(x) ** 2)
    outer = ag.compile(ag.value_and_grad(lambda x: np.sum(inner(x))))
    value, gradient = outer(data())
    eager = ag.value_and_grad(lambda x: np.sum(np.tanh(x) ** 2))(data())
    assert value == eager[0]
    np.testing.assert_array_equal(gradient, eager[1])


@pytest.mark.parametrize(
    "transform",
    [
        ag.grad,
        ag.hessian,
        ag.jacobian,
        lambda f: lambda x: ag.hvp(f, x, x),
        lambda f: lambda x: ag.vjp(f, x)[1](1.0),
        lambda f: ag.grad(ag.checkpoint(lambda x: f(x))),
    ],
)
def test_transforms_compile(transform):
    def f(x):
        return np.sum(np.exp(-x) * np.sin(x) ** 2)

    def leaves(result):
        return result if isinstance(result, tuple) else (result,)

    fast = ag.compile(transform(f))
    for seed in (1, 2):
        x = data(seed)[0]
        pairs = zip(leaves(fast(x)), leaves(transform(f)(x)), strict=True)
        for compiled, eager in pairs:
            np.testing.assert_array_equal(compiled, eager)


def test_numbers_that_a_gate_did_not_choose_get_nothing_even_from_infinity():
    f = ag.grad(lambda x: ag.sqrt(x.relu()) + x)
    assert ag.compile(f)(-1.0) == f(-1.0) == 1.0


def test_a_method_compiles_for_each_instance():
    class Layer:
        def __init__(self, scale):
            self.w = Tensor(np.full(3, scale), name="w")

        @ag.compile
        def loss(self, x):
            return np.sum(self.w * x)

    one, other = Layer(1.0), Layer(2.0)
    x = np.arange(3.0)
    assert [layer.loss(x) for layer in (one, other, one)] == [3.0, 6.0, 3.0]
    assert one.loss.cache_info() == (1, 1, 1)
    one.loss.program.backward()
    np.testing.assert_array_equal(one.w.grad, x)
    assert other.w.grad is None


class Scaled:
    """A layer whose copies have another parameter."""

    def __init__(self, scale):
        self.w = Tensor(np.full(3, scale), name="w")

    @ag.compile
    def loss(self, x):
        return np.sum(self.w * x)

    def __eq__(self, other):  # which takes the hash away
        return True


class Slotted:
    __slots__ = ("w",)
    __init__ = Scaled.__init__
    loss = ag.compile(lambda self, x: np.sum(self.w * x))

    def __getstate__(self):
        return self.w

    def __setstate__(self, w):
        self.w = w


COPIES = [copy.copy, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))]


@pytest.mark.parametrize("called", [False, True])
@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("kind", [Scaled, Slotted])
def test_a_copied_instance_computes_with_itself(kind, copied, called):
    one, x = kind(1.0), np.arange(3.0)
    if called:
        assert one.loss(x) == 3.0
    other = copied(one)
    other.w = Tensor(np.full(3, 2.0))
    third = copied(other)
    third.w = Tensor(np.full(3, 3.0))
    assert [a.loss(x) for a in (one, other, third, one)] == [3.0, 6.0, 9.0, 3.0]
    assert other.loss.cache_info().misses == third.loss.cache_info().misses == 1
    assert one.loss is one.loss
    other.loss.program.backward()
    assert one.w.grad is None
    np.testing.assert_array_equal(other.w.grad, x)


@pytest.mark.parametrize("copied", COPIES)
def test_a_copied_method_is_that_of_the_copied_instance(copied):
    one, x = Scaled(1.0), np.arange(3.0)
    assert one.loss(x) == 3.0
    loss = copied(one.loss)
    assert loss(x) == 3.0
    one.w.data = np.full(3, 2.0)
    assert loss(x) == (6.0 if copied is copy.copy else 3.0)


@pytest.mark.parametrize("copied", COPIES)
def test_a_compiled_function_is_copied_as_functions_are(copied):
    fast = ag.compile(np.square)
    assert fast(3.0) == copied(fast)(3.0) == 9.0
    assert copied(fast).cache_info().currsize == 0
    assert copied(Scaled.loss) is Scaled.loss


def test_a_method_of_the_class_above_is_another_one():
    class Above:
        @ag.compile
        def f(self, x):
            return x + 1.0

    class Below(Above):
        @ag.compile
        def f(self, x):
            return super().f(x) * 10.0

    below = Below()
    assert [super(Below, below).f(1.0), below.f(1.0), super(Below, below).f(1.0)] == [
        2.0,
        20.0,
        2.0,
    ]


def test_a_method_that_joins_its_class_later():
    class Late:
        scale = 3.0

    Late.f = ag.compile(lambda self, x: self.scale * x)
    assert Late().f(2.0) == 6.0


def test_instances_with_slots_do_not_pile_up():
    x = np.arange(3.0)
    slotted = [Slotted(float(i)) for i in range(140)]
    assert [a.loss(x) for a in slotted] == [3.0 * i for i in range(140)]
    assert len(Slotted.loss._of_instances) == 128
    assert slotted[0].loss(x) == 0.0


def test_an_instance_with_programs_is_collected():
    one = Scaled(1.0)
    one.loss(np.arange(3.0))
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


NAMES = [
    "forward", "backward", "seed", "piece", "float", "abs", "round", "class", "None", "array",
    "copyto", "empty", "errstate", "carefully", "FLOAT_ERRORS", "math_exp", "f_x", "c3", "b0", "i0",
    "v1", "s1", "k_1", "x²", "für", "∂", "1/x", "a b", "_",
]  # fmt: skip


@of_numpy
@pytest.mark.parametrize("name", NAMES)
def test_a_gate_of_any_name_is_compiled(name):
    def whole(a):  # looks at the numbers, and so is called by the program
        return np.sin(a) if np.all(a < 9.0) else a

    whole.__name__ = name
    gate = ag.gate(whole, local=lambda out, a: np.cos(a) if np.all(a < 9.0) else a)
    f = ag.value_and_grad(lambda x: ag.sum(gate(x) * abs(x)) + ag.mean(ag.round(gate(x * 2.0))))
    x = np.linspace(-1.0, 1.0, 7)
    fast = ag.compile(f)
    for _ in range(2):
        for found, expected in zip(fast(x), f(x), strict=True):
            np.testing.assert_array_equal(found, expected)
    assert fast.program.source.isascii()
    assert name in str(fast.program)
    of_floats = ag.value_and_grad(lambda x: ag.rint(abs(gate(x))) * gate(x) + x)
    assert ag.compile(of_floats)(1.5) == of_floats(1.5)


# ---- the backward half


def test_backward_adds_the_gradients_of_the_last_run_to_the_leaves(parameters):
    fast = ag.compile(lambda x: (np.sum(layer(x, *parameters) ** 2), x))
    for seed in (1, 2):
        fast(data(seed))
        fast.program.backward()
    compiled = [p.grad for p in parameters]
    for p in parameters:
        p.grad = None
    for seed in (1, 2):
        np.sum(layer(data(seed), *parameters) ** 2).backward()
    for p, grad in zip(parameters, compiled, strict=True):
        np.testing.assert_array_equal(grad, p.grad)
        assert grad.flags.writeable
        assert grad.base is None


def test_a_second_backward_doubles_exactly(parameters):
    fast = ag.compile(lambda x: np.sum(np.exp(layer(x, *parameters)) ** 3))
    fast(data())
    fast.program.backward()
    once = [p.grad.copy() for p in parameters]
    fast.program.backward()
    for p, grad in zip(parameters, once, strict=True):
        np.testing.assert_array_equal(p.grad, 2.0 * grad)


def test_an_output_of_several_entries_needs_a_gradient(parameters):
    fast = ag.compile(lambda x: layer(x, *parameters))
    fast(data())
    with pytest.raises(ag.GradientError, match="gradient="):
        fast.program.backward()
    seed = np.random.default_rng(3).normal(size=(4, 2))
    fast.program.backward(gradient=seed)
    compiled = parameters[0].grad
    parameters[0].grad = None
    layer(data(), *parameters).backward(gradient=seed)
    np.testing.assert_array_equal(compiled, parameters[0].grad)
    with pytest.raises(ag.GradientError, match="shape"):
        fast.program.backward(gradient=np.ones(3))


def test_backward_before_a_run_is_refused():
    x = Tensor(np.ones(3))
    program = ag.compile(np.sum(x * x))
    with pytest.raises(ag.GradientError, match="run"):
        program.backward()


def test_results_changed_by_the_user_do_not_change_the_gradients(parameters):
    fast = ag.compile(lambda x: np.exp(layer(x, *parameters)))
    fast(data())[...] = 0.0
    fast.program.backward(gradient=np.ones((4, 2)))
    assert np.all(parameters[1].grad != 0.0)


def test_the_program_of_a_recorded_graph_reads_its_leaves_anew():
    x, w = Tensor(data(), name="x"), Tensor(np.ones(3), name="w")
    with ag.scope("inner"):
        loss = np.sum((x @ w) ** 2)
    program = ag.compile(loss)
    assert program.run() == loss.data
    x.data = 2.0 * x.data
    assert program.run() == np.sum((x.data @ w.data) ** 2)
    program.backward()
    gradient = w.grad
    w.grad = None
    np.sum((x @ w) ** 2).backward()
    np.testing.assert_array_equal(gradient, w.grad)
    assert {i.tensor for i in program.inputs} == {x, w}
    assert {i.scope for i in program.instructions if not i.backward} == {"inner"}


def test_a_checkpoint_in_a_recorded_graph_is_computed_anew():
    x = Tensor(np.array([1.0, 2.0]))
    program = ag.compile(np.sum(ag.checkpoint(lambda v: np.exp(v) * v)(x)))
    program.run()
    x.data = np.array([0.5, 0.0])
    assert program.run() == np.sum(np.exp(x.data) * x.data)
    program.backward()
    np.testing.assert_allclose(x.grad, np.exp(x.data) * (1.0 + x.data), rtol=1e-15)


# ---- effects


def test_random_numbers_are_drawn_anew_and_as_eager_draws_them():
    def dropped(x, rng):
        return x * ag.sample(lambda: (rng.random(x.shape) < 0.5) * 2.0)

    one, other = np.random.default_rng(3), np.random.default_rng(3)
    fast = ag.compile(lambda x: dropped(x, one))
    fast_values = [fast(data()) for _ in range(4)]
    eager = [dropped(Tensor(data()), other).data for _ in range(5)]
    assert not np.array_equal(fast_values[0], fast_values[1])
    # Recording draws once: the replay of the first call then draws the second numbers.
    for compiled, drawn in zip(fast_values, eager, strict=False):
        np.testing.assert_array_equal(compiled, drawn)


def test_state_is_assigned_at_each_run_and_read_by_the_next():
    mean = Tensor(0.0, requires_grad=False, name="mean")

    def f(x):
        ag.assign(mean, 0.5 * mean + x)
        return mean * 10.0

    fast = ag.compile(f)
    assert [fast(v) for v in (4.0, 4.0, 0.0)] == [40.0, 60.0, 30.0]
    assert mean.data == 3.0


def test_a_step_of_descent_writes_over_its_parameters(parameters):
    w, b = parameters
    held = w.data

    def loss(p, x):
        return np.sum(layer(x, *p) ** 2)

    def step(x):
        value, gradients = ag.value_and_grad(loss)([w.data, b.data], x)
        for p, g in zip((w, b), gradients, strict=True):
            p.data -= 0.1 * g
        return value

    expected_w, expected_b = w.data.copy(), b.data.copy()
    fast = ag.compile(step)
    for seed in range(3):
        value = fast(data(seed))
        eager, (gw, gb) = ag.value_and_grad(loss)([expected_w, expected_b], data(seed))
        expected_w -= 0.1 * gw
        expected_b -= 0.1 * gb
        assert value == eager
        np.testing.assert_array_equal(w.data, expected_w)
        np.testing.assert_array_equal(b.data, expected_b)
    assert w.data is held
    assert fast.cache_info().misses == 1


def test_a_run_that_fails_assigns_nothing():
    state = Tensor(np.zeros(2), requires_grad=False)

    def f(x, index):
        ag.assign(state, state + 1.0)
        return x[index]

    fast = ag.compile(f)
    fast(np.arange(2.0), np.array([0]))
    with pytest.raises(IndexError):
        fast(np.arange(2.0), np.array([7]))
    np.testing.assert_array_equal(state.data, 1.0)


# ---- what it refuses

outside = np.zeros(2)


def branches(x):
    return x if x > 0 else -x


def asks_for_a_number(x):
    return x * float(x)


def asks_for_an_item(x):
    return x * x.item()


def counts(x):
    return x[: int(x.data)]


def writes_outside(x):
    outside[...] = x.data
    return x


def changes_outside(x):
    outside[0] += 1.0
    return x + outside


def writes_an_argument(x):
    x.data[0] = 1.0
    return x


def picks_by_mask(x):
    return x[x > 0]


def makes_an_array(x):
    return np.asarray(x)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (branches, 2.0),
        (asks_for_a_number, 2.0),
        (asks_for_an_item, np.array([1.0])),
        (counts, np.array(1.0)),
        (writes_outside, np.ones(2)),
        (changes_outside, np.ones(2)),
        (writes_an_argument, np.ones(2)),
        (picks_by_mask, np.ones(2)),
        (makes_an_array, np.ones(2)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_what_a_program_could_not_repeat_is_refused(f, x):
    with pytest.raises(ag.CompileError) as caught:
        ag.compile(f)(x)
    assert isinstance(caught.value, TypeError)


def test_the_refusal_names_the_line_and_the_way_out():
    with pytest.raises(ag.CompileError, match=r"(?s)ag\.where.*return x if x > 0 else -x"):
        ag.compile(branches)(1.0)
    np.testing.assert_array_equal(
        ag.compile(lambda x: ag.where(x > 0, x, -x))(np.array([1.0, -2.0])), [1.0, 2.0]
    )


def test_the_refusal_names_the_array_that_was_changed():
    with pytest.raises(ag.CompileError, match=r"'outside' \(.*test_compile\.py:\d+\)"):
        ag.compile(changes_outside)(np.ones(2))


def test_a_traced_value_is_of_no_use_outside():
    kept = []
    ag.compile(lambda x: kept.append(x) or x * 2.0)(np.ones(2))
    with pytest.raises(ag.CompileError):
        kept[0] + 1.0


@pytest.mark.parametrize("bad", [3, "f", None])
def test_what_is_no_function_or_tensor_is_refused(bad):
    with pytest.raises(ag.DataError, match="function or a Tensor"):
        ag.compile(bad)


def test_bad_arguments_are_refused():
    with pytest.raises(TypeError):
        ag.compile(lambda x: x)(1j)
    with pytest.raises(ag.DataError, match="backend"):
        ag.compile(lambda x: x, backend="cuda")


def test_an_error_of_the_function_itself_comes_through_and_leaves_no_mode_on():
    def wrong(x):
        return x @ np.ones((7, 7))

    with pytest.raises(ag.ShapeError):
        ag.compile(wrong)(np.ones((2, 3)))


# ---- memory and threads


def test_replaying_allocates_nothing_that_grows(parameters):
    fast = ag.compile(lambda x: np.sum(layer(x, *parameters) ** 2))
    x = data()

    def step():
        fast(x)
        fast.program.gradients()

    tracemalloc.start()
    for _ in range(1000):  # in which ctypes fills a cache of its own
        step()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(1000):
        step()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2000


@of_numpy
def test_the_peak_is_the_memory_that_buffers_take():
    x = np.ones((100, 100))
    fast = ag.compile(lambda x: np.sum(np.tanh(x @ x) * np.exp(x)))
    fast(x)
    assert 2 * x.nbytes <= fast.program.peak <= 3 * x.nbytes


def test_threads_compile_and_run_apart():
    f = ag.grad(lambda x: np.sum(np.exp(x) * x))
    results = {}

    def work(seed):
        fast = ag.compile(f)
        results[seed] = [fast(data(seed)) for _ in range(5)][-1]

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for seed, result in results.items():
        np.testing.assert_array_equal(result, f(data(seed)))


# ---- numbers that a run does not take


def test_a_matrix_that_will_not_do_is_refused_in_our_words():
    factor = ag.compile(lambda a: np.linalg.cholesky(a))
    factor(np.eye(2))
    with pytest.raises(ag.LinAlgError, match=r"cannot compute .*not positive definite"):
        factor(-np.eye(2))
    assert np.array_equal(factor(4.0 * np.eye(2)), 2.0 * np.eye(2))
    inverse = ag.compile(ag.value_and_grad(lambda a: np.sum(np.linalg.inv(a))))
    inverse(np.eye(2))
    with pytest.raises(np.linalg.LinAlgError, match=r"cannot compute .*Singular matrix"):
        inverse(np.zeros((2, 2)))
