"""The names that other programs rely on, to the letter: the packages, and `autograd`.

What the other tests pin down anyway (values, bits, derivatives) is not repeated: here stand
signatures, attributes, kinds of results and errors, and module names.
"""

from __future__ import annotations

import asyncio
import builtins
import inspect
import pkgutil
import threading

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor

POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
KEYWORD = inspect.Parameter.KEYWORD_ONLY
NO_DEFAULT = inspect.Parameter.empty


def parameters(function):
    """Positional names with their defaults, and keyword-only ones with theirs."""
    kinds = {POSITIONAL: {}, KEYWORD: {}}
    for parameter in inspect.signature(function).parameters.values():
        kinds.setdefault(parameter.kind, {})[parameter.name] = parameter.default
    return kinds[POSITIONAL], kinds[KEYWORD]


def has_parameters(function, positional, keywords):
    """The positional ones as written, from the first; the keywords among perhaps others."""
    found, named = parameters(function)
    found.pop("self", None)
    assert list(found.items())[: len(positional)] == list(positional.items())
    assert {name: named.get(name, "missing") for name in keywords} == keywords


def chain():
    x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
    q = x + y
    return x, y, z, q, q * z


# ---- Packages


@pytest.mark.parametrize("package", [ag, nn, viz, nn.optim, nn.losses, nn.data, nn.metrics])
def test_all_holds_what_is_there_and_no_builtins_name(package):
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert [name for name in package.__all__ if hasattr(builtins, name)] == []
    assert len(set(package.__all__)) == len(package.__all__)


@pytest.mark.parametrize("package", [ag, nn, viz])
def test_no_submodule_is_named_like_a_public_function(package):
    reserved = {"gate", "grad", "trace", "compile", "scope", "checkpoint", "fit", "draw", "step",
                "table"}  # fmt: skip
    found = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not found & reserved
    called = {name for name in found if callable(getattr(package, name, None))}
    assert not called


# ---- autograd: Tensor


def test_the_signatures_of_tensor():
    has_parameters(
        Tensor.__init__, {"data": NO_DEFAULT}, {"name": None, "requires_grad": True, "dtype": None}
    )
    has_parameters(
        Tensor.backward, {"gradient": None}, {"create_graph": False, "retain_grads": True}
    )
    assert list(parameters(Tensor.__init__)[0]) == ["self", "data"]


@pytest.mark.parametrize("value", [2, 2.0, True])
def test_python_numbers_make_scalar_nodes(value):
    assert type(Tensor(value).data) is float
    assert type(Tensor(value, dtype=np.float32).data) is np.ndarray


@pytest.mark.parametrize("value", [np.float64(2), np.array(2.0), [2.0]])
def test_anything_else_makes_arrays_and_gates_on_them_give_arrays(value):
    node = Tensor(value)
    assert type(node.data) is type(node.sum().data) is np.ndarray
    assert node.sum().shape == ()


def test_integers_want_no_gradient():
    with pytest.raises(TypeError, match=r"write \[1\.0, 2\.0\]"):
        Tensor([1, 2])
    assert Tensor([1, 2], requires_grad=False).dtype.kind == "i"
    assert ag.grad(lambda t: t**3)(2) == 12.0


def test_the_attributes_of_a_node():
    x, y, _, q, f = chain()
    assert x.gate is None and x.is_leaf and x.requires_grad and x.grad is None and x.scope == ""
    assert not f.is_leaf and f.inputs[0] is q and q.inputs == (x, y)
    assert (x * x).inputs == (x, x) and (1 / x).inputs == (x,) and (x + 2.0).inputs == (x, 2.0)
    t = Tensor(np.arange(6.0).reshape(2, 3))
    assert (t.shape, t.dtype, t.ndim, t.size, t.T.shape) == ((2, 3), np.float64, 2, 6, (3, 2))
    assert len(t) == 2 and [row.shape for row in t] == [(3,), (3,)] and t[1, 2].item() == 5.0
    assert type(x.item()) is float and x.item() == -2.0 and type(t.numpy()) is np.ndarray
    assert t.detach().is_leaf and not t.detach().requires_grad
    t.sum().backward()
    t.zero_grad()
    assert t.grad is None
    assert type(x < y) is bool and (t > 1.0).dtype == bool and hash(x) == object.__hash__(x)


@pytest.mark.parametrize(
    ("node", "name", "symbol"),
    [
        (lambda x: x + x, "add", "+"),
        (lambda x: x * x, "multiply", "×"),
        (lambda x: ag.maximum(x, 0.0), "maximum", "max"),
        (ag.exp, "exp", "exp"),
        (lambda x: 1 / x, "reciprocal", "1/x"),
        (lambda x: -x, "negative", "×(−1)"),
    ],
)
def test_gates_have_numpys_name_and_the_slides_symbol(node, name, symbol):
    gate = node(Tensor(3.0)).gate
    assert (gate.name, gate.symbol) == (name, symbol)
    assert "→" in gate.rule


METHODS = [
    "sum", "mean", "max", "min", "prod", "var", "std", "reshape", "transpose", "ravel", "squeeze",
    "astype", "clip", "exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs", "argmax", "argmin",
    "cumsum", "dot",
]  # fmt: skip


def test_the_usual_methods_are_there():
    assert [name for name in METHODS if not callable(getattr(Tensor, name, None))] == []


def test_what_cannot_run_backward_says_so():
    with pytest.raises(RuntimeError, match="elements"):
        Tensor([1.0, 2.0]).backward()
    with ag.no_grad():
        constant = Tensor(1.0) * 2.0
    with pytest.raises(RuntimeError, match="wants no gradient"):
        constant.backward()
    leaf = Tensor(np.ones(3), name="w")
    loss = (leaf * leaf).sum()
    leaf.data -= 1.0
    with pytest.raises(RuntimeError, match="'w'"):
        loss.backward()


def test_every_numpy_function_that_takes_a_tensor_is_there_under_its_name():
    point = np.array([[1.5, 2.0], [3.0, 5.0]])
    missing = []
    for name in ("add", "einsum", "linalg", *np.__all__):
        function = getattr(np, name)
        if name == "test" or isinstance(function, type) or not callable(function):
            continue
        try:
            result = function(Tensor(point))
        except Exception:  # other arguments, no such rule: any reason will do
            continue
        if type(result) is Tensor and name != "trace" and not hasattr(ag, name):
            missing.append(name)
    assert missing == []
    assert ag.linalg.trace(Tensor(point)).item() == np.trace(Tensor(point)).item() == 6.5


def test_nothing_detaches_silently():
    t, u = Tensor([1.0]), Tensor([2.0])
    for convert in (np.asarray, lambda t: np.array([t, u])):
        with pytest.raises(TypeError, match=r"t\.data.*np\.stack.*ag\.array"):
            convert(t)
    with pytest.raises(ag.UnsupportedError, match=r"np\.roots.*nearest") as caught:
        np.roots(t)
    assert isinstance(caught.value, TypeError)
    assert type(ag.array([[t[0], 1.0], [2.0, u[0]]])) is Tensor


# ---- autograd: functions of functions, modes, gates of one's own


def test_the_signatures_of_the_transforms():
    one = {"f": NO_DEFAULT, "argnums": 0}
    for transform in (ag.grad, ag.value_and_grad):
        assert parameters(transform)[0] == {**one, "has_aux": False}
    assert parameters(ag.jacobian)[0] == {**one, "mode": None}
    assert parameters(ag.hessian)[0] == one
    assert list(inspect.signature(ag.vjp).parameters) == ["f", "primals", "has_aux"]
    assert list(parameters(ag.stop_gradient)[0]) == ["x"]
    has_parameters(
        ag.scan,
        {"f": NO_DEFAULT, "state": NO_DEFAULT, "xs": NO_DEFAULT},
        {"length": None, "checkpoint": False},
    )
    has_parameters(ag.vmap, {"f": NO_DEFAULT, "in_axes": 0, "out_axes": 0}, {})
    assert list(parameters(ag.jvp)[0]) == ["f", "primals", "tangents"]
    assert list(parameters(ag.hvp)[0]) == ["f", "x", "v"]
    assert list(parameters(ag.checkpoint)[0]) == ["f"]
    has_parameters(ag.gradcheck, {"f": NO_DEFAULT}, {"order": 1, "modes": ("reverse", "forward")})


def test_the_kinds_that_transforms_return():
    out, pullback = ag.vjp(lambda a, b: a * b, 2.0, 3.0)
    assert (out, pullback(1.0)) == (6.0, (3.0, 2.0))
    assert type(ag.grad(lambda a: (a * a).sum())(np.ones(2))) is np.ndarray
    assert not ag.grad(lambda t: t * t)(Tensor(3.0)).is_leaf
    assert type(ag.grad(lambda a, b: a * b, (0,))(2.0, 3.0)) is tuple
    matrix = ag.jacobian(lambda t: np.stack([t, t * t]))(np.ones((3, 2)))
    assert matrix.shape == (2, 3, 2, 3, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: ag.grad(3.0),
        lambda: ag.grad(abs, 1.0)(2.0),
        lambda: ag.jvp(abs, 2.0, 1.0),
        lambda: ag.gate(abs),
        lambda: ag.gate(abs, local=3.0),
        lambda: ag.gate(lambda a: "x", vjp=abs)(Tensor([1.0])),
        lambda: ag.gate(lambda a, b: a, local=lambda o, a, b: 1.0, name="one")(
            Tensor(1.0), Tensor(1.0)
        ).backward(),
    ],
)
def test_slips_are_type_errors_of_the_house(call):
    with pytest.raises(ag.DataError):
        call()


def test_modes_are_local_to_threads_and_tasks():
    def records():
        return (Tensor(1.0) * 2.0).requires_grad

    async def waits(mine, other):
        with ag.no_grad():
            mine.set()
            await other.wait()
            return records()

    async def looks(mine, other):
        await mine.wait()
        found = records()
        other.set()
        return found

    async def both():
        events = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(waits(*events), looks(*events))

    seen = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: seen.append(records()))
        thread.start()
        thread.join()
    assert seen == [True] and asyncio.run(both()) == [False, True]


def test_modes_end_with_an_exception_and_decorate_functions():
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError
    decorated = ag.scope("block")(lambda: Tensor(1.0) * 2.0)
    assert decorated().scope == "block" and (Tensor(1.0) * 2.0).scope == ""


def test_an_anomaly_is_an_error_also_where_numpy_would_warn_first():
    for values in (0.0, np.array([1.0, 0.0])):
        for anomaly in (lambda t: ag.log(t).sum(), lambda t: ag.sqrt(t).sum().backward()):
            node = Tensor(values, name="width")
            told = pytest.raises(ag.AnomalyError, match=r"'width'(.|\n)*test_contract")
            with told, ag.detect_anomaly():
                anomaly(node)


def test_gates_of_ones_own_in_each_form():
    has_parameters(ag.gate, {"forward": None}, dict.fromkeys(
        ["local", "vjp", "jvp", "name", "symbol"]))  # fmt: skip
    cube = ag.gate(lambda a: a**3, local=lambda out, a: 3 * a**2, name="cube", symbol="x³")

    @ag.gate(vjp=lambda g, out, a, b: (g * b, g * a), jvp=lambda t, out, a, b: t[0] * b + a * t[1])
    def product(a, b):
        return a * b

    assert (cube.name, cube.symbol, cube.pattern, product.name) == (
        "cube", "x³", "scales", "product")  # fmt: skip
    assert ag.gradcheck(lambda a, b: product(cube(a), b), 2.0, np.array([1.0, 3.0]), order=2)
    assert ag.compile(ag.grad(cube))(2.0) == 12.0
    only_reverse = ag.gate(lambda a: a * a, vjp=lambda g, out, a: 2 * g * a, name="square")
    with pytest.raises(ag.UnsupportedError, match=r"square.*jvp="):
        ag.jvp(only_reverse, (1.0,), (1.0,))
    assert "square" in viz.draw(only_reverse(Tensor(3.0))).svg


# ---- autograd: looking inside


def test_the_graph():
    x, y, z, q, f = chain()
    graph = ag.Graph(f)
    assert [id(node) for node in graph.nodes] == [id(node) for node in (x, y, z, q, f)]
    assert [(e.source, e.target, e.slot) for e in graph.edges] == [
        (x, q, 0), (y, q, 1), (q, f, 0), (z, f, 1)]  # fmt: skip
    assert [edge.slot for edge in ag.Graph(x * x).edges] == [0, 1]


def test_the_trace():
    x, _, z, q, f = chain()
    trace = ag.trace(f)
    assert (type(trace), type(trace.steps), len(trace.steps)) == (ag.Trace, list, 2)
    step = trace.steps[0]
    assert type(step) is ag.Step and step.node is f and step.gate is f.gate
    assert step.inputs == (q, z) and step.upstream == 1.0 and step.pattern == "swaps"
    assert tuple(step.local) == tuple(step.downstream) == (-4.0, 3.0)
    assert (step.rule, "−4" in step.formula, "\n" in step.formula) == ("a·b → b, a", True, False)
    assert {edge.source.name: (edge.value, edge.grad) for edge in trace.edges if edge.source.name} \
        == {"x": (-2.0, -4.0), "y": (5.0, -4.0), "z": (-4.0, 3.0)}  # fmt: skip
    assert (trace.grad(x), trace.grad(f), x.grad) == (-4.0, 1.0, None)
    constant = Tensor(2.0, requires_grad=False)
    partly = ag.trace(x * constant)
    assert tuple(partly.steps[0].local) == (2.0, None) == tuple(partly.steps[0].downstream)
    assert [edge.grad for edge in partly.edges] == [2.0, None]
    assert ag.trace(x * np.ones(2), gradient=np.ones(2)).grad(x) == 2.0


PATTERNS = {
    "distributes": [lambda a: a + a],
    "swaps": [lambda a: a * a],
    "routes": [ag.max, lambda a: ag.where(a > 0, a, -a), lambda a: a[0], ag.sort],
    "scales": [ag.exp, lambda a: -a, ag.sqrt],
    "copies": [ag.sum, lambda a: ag.broadcast_to(a, (3, 2, 2))],
    "moves": [lambda a: a.reshape(4), lambda a: ag.concatenate([a, a])],
    "mixes": [lambda a: a @ a, ag.cumsum, ag.softmax],
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_patterns(pattern):
    for build in PATTERNS[pattern]:
        out = build(Tensor([[1.0, 2.0], [3.0, 4.0]]))
        assert ag.trace(out, gradient=np.ones(out.shape)).steps[0].pattern == pattern


# ---- autograd: record once, replay


def test_a_compiled_function_and_its_program():
    fast = ag.compile(lambda x, n=2: {"power": x**n, "n": n})
    assert fast(3.0) == {"power": 9.0, "n": 2} and type(fast(3.0)["power"]) is float
    assert fast(2.0, 3) == {"power": 8.0, "n": 3}
    assert type(fast(np.ones(2))["power"]) is np.ndarray
    assert fast.cache_info()[:2] == (1, 3)
    program = fast.program
    assert isinstance(program, ag.Program) and str(program).count("power") >= 1
    assert all(hasattr(program, name) for name in ("inputs", "outputs", "instructions"))


def test_tensors_closed_over_are_read_at_each_call_and_arrays_are_not():
    weight, shift = Tensor(2.0), np.array(1.0)
    fast = ag.compile(lambda x: weight * x + shift)
    assert fast(3.0) == 7.0
    weight.data, shift[...] = 10.0, 100.0
    assert fast(3.0) == 31.0 and fast.cache_info().misses == 1


def test_the_program_of_a_loss():
    x, y, z, _, f = chain()
    program = ag.compile(f)
    assert isinstance(program, ag.Program) and len(program.inputs) == 3
    z.data = 2.0
    assert program.run() == 6.0 and x.grad is None
    program.backward()
    program.backward()
    assert (x.grad, y.grad, z.grad) == (4.0, 4.0, 6.0)


ROOM = np.zeros(2)


def writes_into_an_array(x):
    ROOM[0] = x.sum()
    return x


def runs_backward(x):
    (x * Tensor(1.0)).sum().backward()


@pytest.mark.parametrize(
    ("f", "way_out"),
    [
        (lambda x: x if x > 0 else -x, r"ag\.where"),
        (lambda x: x * float(x), r"ag\.where"),
        (lambda x: max(x, 0.0), r"ag\.where"),
        (runs_backward, r"ag\.value_and_grad"),
        (writes_into_an_array, "keep to values inside"),
    ],
)
def test_what_a_program_cannot_repeat_is_refused_with_the_line(f, way_out):
    for argument in (2.0, np.array(2.0)):
        with pytest.raises(ag.CompileError, match=rf"{way_out}(.|\n)*test_contract\.py:\d+"):
            ag.compile(f)(argument)
    assert issubclass(ag.CompileError, TypeError) and not ROOM.any()


def test_a_gate_may_branch_and_answer_with_its_operand():
    @ag.gate(local=lambda out, a: 1.0 if a > 0 else 0.5)
    def leaky(a):
        return a if a > 0 else 0.5 * a

    @ag.gate(vjp=lambda g, out, a: g if a[0] > 0 else -g)
    def turns(a):
        return a[::-1] if a[0] > 0 else -a

    def f(a):
        return (turns(a * 1.5) * np.tanh(a * 3.0) + turns(a + 1.0)).sum()

    for build, points in (
        (leaky, [np.array(2.0), np.array(-2.0)]),
        (f, [np.array([-2.0, 1.0, 3.0]), np.array([2.0, 1.0, 3.0])]),
    ):
        both = ag.value_and_grad(build)
        fast = ag.compile(both)
        for point in points:
            value, gradient = fast(point)
            expected = both(point)
            assert value == expected[0] and np.array_equal(gradient, expected[1])
        assert fast.cache_info() == (1, 1, 1)


def test_a_gate_whose_shape_hangs_on_the_numbers_is_not_replayed_with_others():
    positive = ag.gate(
        lambda a: a[np.asarray(a) > 0], vjp=lambda g, out, a: np.where(a > 0, 1.0, 0.0), name="pos"
    )
    fast = ag.compile(lambda a: positive(a) * 2.0)
    assert fast(np.array([1.0, -2.0])) == fast(np.array([-2.0, 1.0])) == 2.0
    for other in (np.array([1.0, 2.0]), np.array([-1.0, -2.0])):
        with pytest.raises(ag.CompileError, match=r"the gate pos returned .* \(1,\) when"):
            fast(other)


def test_a_traced_tensor_can_be_printed(capsys):
    ag.compile(lambda x: print(x) or x * 2.0)(np.ones(2))
    assert "traced" in capsys.readouterr().out


ERRORS = {
    "AnomalyError": FloatingPointError, "CompileError": TypeError, "DataError": TypeError,
    "GradcheckError": AssertionError, "GradientError": RuntimeError, "OutOfRangeError": IndexError,
    "ShapeError": ValueError, "UnsupportedError": TypeError,
}  # fmt: skip


def test_errors_derive_from_ours_and_from_the_builtin():
    for name, builtin in ERRORS.items():
        assert issubclass(getattr(ag, name), (ag.AutogradError,))
        assert issubclass(getattr(ag, name), builtin)
    assert all(issubclass(e, ag.AutogradError) for e in (viz.VizError, nn.TrainingError))
