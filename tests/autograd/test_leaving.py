"""A Tensor becomes a number on purpose, or not without a word."""

from __future__ import annotations

import array
import logging
import math
import operator
import pickle
import statistics
import struct
import time
import warnings
from functools import partial

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

X = np.array([1.0, 2.0])


def filled(x):
    out = np.zeros(2)
    for i in range(2):
        out[i] = x[i] * 2
    return out.sum()


def filled_square(x):
    out = np.zeros((2, 2))
    out[0, 1] = x[0]
    return out.sum()


def filled_row(x):
    out = np.zeros((2, 2))
    out[0] = x
    return out.sum()


def filled_mask(x):
    out = np.zeros(2)
    out[out == 0.0] = [x[0], x[1]]
    return out.sum()


def filled_whole(x):
    out = np.zeros(2, dtype=int)
    out[0] = x[0]
    return out.sum()


def filled_flat(x):
    out = np.zeros(2)
    out.flat[0] = x[0]
    return out.sum()


def filled_real(x):
    out = np.zeros(2)
    out.real = x
    return out.sum()


def added_in_place(x):
    z = np.zeros(2)
    z[0] += x[0]
    return z.sum()


def filled_by_method(x):
    z = np.zeros(2)
    z.fill(x[0])
    return z.sum()


def put(x):
    z = np.zeros(2)
    z.put(0, x[0])
    return z.sum()


def integrated(x):
    integrate = pytest.importorskip("scipy.integrate")
    return integrate.quad(lambda t: x[0] * t, 0.0, 1.0)[0]


def into_a_series(x):
    series = pytest.importorskip("pandas").Series([0.0, 0.0])
    series.iloc[0] = x[0]
    return series.sum()


def into_all_of_a_series(x):
    series = pytest.importorskip("pandas").Series([0.0, 0.0])
    series.iloc[:] = x
    return series.sum()


def minimised(x):
    optimize = pytest.importorskip("scipy.optimize")
    return optimize.minimize(lambda r: (r[0] - x[0]) ** 2, [0.0]).x[0]


def by_a_name(x):
    f = math.exp
    return f(x[0])


POWER = partial(math.pow, 2.0)


class OfAnObject:
    f = staticmethod(math.exp)

    def __call__(self, x):
        return self.f(x[0])


def grows(x):
    numbers = array.array("d")
    numbers.append(x[0])
    return numbers[0]


CONVERSIONS = {
    "math": (lambda x: x[0] * math.exp(x[0]), "ag.exp"),
    "math of a sum": (lambda x: sum(math.sin(v) for v in x), "ag.sin"),
    "math by another name": (by_a_name, "ag.exp in place of math.exp"),
    "math of an object": (OfAnObject(), r"ag\.exp in place of math\.exp"),
    "part of math": (lambda x: POWER(x[0]), r"ag\.power in place of math\.pow"),
    "math of two": (lambda x: math.atan2(x[0], x[1]), "ag.atan2"),
    "math.pow": (lambda x: math.pow(x[0], 2), "ag.power"),
    "math.fabs": (lambda x: math.fabs(x[0]), "ag.absolute"),
    "mapped": (lambda x: sum(map(math.exp, x)), "ag.exp"),
    "out[i]": (filled, "ag.array"),
    "out[i, j]": (filled_square, "ag.array"),
    "out[0]": (filled_row, "ag.array"),
    "out[mask]": (filled_mask, "ag.array"),
    "whole out[i]": (filled_whole, "ag.array"),
    "out.flat[i]": (filled_flat, "ag.array"),
    "a.flat = x": (lambda x: setattr(np.zeros(2), "flat", x), "ag.array"),
    "a.real = x": (filled_real, "ag.array"),
    "z[0] +=": (added_in_place, "ag.array"),
    "fill": (filled_by_method, "np.stack"),
    "put": (put, "np.stack"),
    "fromiter": (lambda x: np.fromiter(x, float).sum(), "ag.array"),
    "array.array": (lambda x: array.array("d", x)[0], "ag.array"),
    "array.append": (grows, "ag.array"),
    "np.float64": (lambda x: x[0] * np.float64(x[0]), "the Tensor itself"),
    "np.float32": (lambda x: x[0] * np.float32(x[0]), "the Tensor itself"),
    "float": (lambda x: float(x[0]) * x[0], "the Tensor itself"),
    "int": (lambda x: int(x[0]) * x[0], "the Tensor itself"),
    "complex": (lambda x: complex(x[0]).real, "the Tensor itself"),
    "np.asarray": (lambda x: np.asarray(x).sum(), "np.stack"),
    "np.array": (lambda x: np.array([x[0], 1.0]).sum(), "ag.array"),
    "a list beside an array": (lambda x: (np.zeros(2) + [x[0], x[1]]).sum(), "ag.array"),
    "fmean": (lambda x: statistics.fmean(list(x)), "statistics.fmean"),
    "fsum": (lambda x: math.fsum(x), "ag.sum"),
    "struct": (lambda x: struct.unpack("d", struct.pack("d", x[0]))[0], "struct.pack"),
    "sleep": (lambda x: time.sleep(x[0]), "t.item()"),
    "range": (lambda x: sum(x[0] for _ in range(x[0])), "whole number"),
    "index": (lambda x: [0.0, 1.0, 2.0][x[0]], "whole number"),
    "quad": (integrated, r"give scipy\.integrate\.quad a derivative with ag\.gate"),
    "minimize": (minimised, r"give scipy\.optimize\.minimize a derivative with ag\.gate"),
    "series": (into_a_series, "ag.array"),
    "a whole series": (into_all_of_a_series, "ag.array"),
    "pickle": (lambda x: pickle.loads(pickle.dumps(x)).sum(), "the node itself"),
}

TRANSFORMS = {
    "grad": lambda f: ag.grad(f)(X),
    "value_and_grad": lambda f: ag.value_and_grad(f)(X),
    "grad of Tensors": lambda f: ag.grad(f)(Tensor(X)),
    "grad of grad": lambda f: ag.grad(lambda x: ag.grad(f)(x).sum())(X),
    "vjp": lambda f: ag.vjp(f, X),
    "jvp": lambda f: ag.jvp(f, (X,), (X,)),
    "jacobian": lambda f: ag.jacobian(f)(X),
    "hessian": lambda f: ag.hessian(f)(X),
    "hvp": lambda f: ag.hvp(f, X, X),
    "checkpoint": lambda f: ag.checkpoint(f)(Tensor(X)),
    "scan": lambda f: ag.scan(lambda s, x: (s + f(x), s), 0.0, Tensor(X[None])),
    "vmap": lambda f: ag.vmap(f)(Tensor(X[None])),
    "gradcheck": lambda f: ag.gradcheck(f, X),
    "compiled gradient": lambda f: ag.compile(ag.value_and_grad(f))(X),
    "compiled part of a graph": lambda f: ag.compile(f)(Tensor(X) * 1.0),
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_a_conversion_where_a_function_is_differentiated_says_what_to_write(name):
    f, advice = CONVERSIONS[name]
    with pytest.raises(ag.DataError, match=advice) as caught:
        ag.grad(f)(X)
    assert "Tensor" in str(caught.value) or "node" in str(caught.value)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("name", ["math", "out[i]", "out[0]", "fill", "np.float64", "out.flat[i]"])
def test_every_transform_refuses_conversions(transform, name):
    with pytest.raises(ag.DataError, match=r"\.item\(\)"):
        transform(CONVERSIONS[name][0])


@pytest.mark.parametrize("name", ["math", "out[i]", "fill", "np.float64"])
def test_conversions_are_refused_under_detect_anomaly_too(name):
    with ag.detect_anomaly(), pytest.raises(ag.DataError, match=r"\.item\(\)"):
        ag.grad(CONVERSIONS[name][0])(X)


def test_the_function_itself_may_be_the_conversion():
    with pytest.raises(ag.DataError, match=r"write ag\.sin in place of math\.sin"):
        ag.grad(math.sin)(1.0)


def test_the_error_names_the_node():
    w = Tensor(2.0, name="w")
    with pytest.raises(ag.DataError, match="Tensor 'w'"):  # from outside, and wanting a gradient
        ag.grad(lambda x: x * math.exp(w))(1.0)
    with pytest.raises(ag.DataError, match="multiply"):
        ag.grad(lambda x: math.exp(x * w))(1.0)


def test_what_is_written_instead_is_right():
    assert ag.grad(lambda x: x * ag.exp(x))(1.0) == pytest.approx(2 * math.e)
    assert ag.grad(ag.sin)(1.0) == pytest.approx(math.cos(1.0))
    np.testing.assert_array_equal(ag.grad(lambda x: ag.array([v * 2 for v in x]).sum())(X), [2, 2])


def test_another_error_at_the_place_of_a_refusal_stays_itself():
    def f(x):
        for value in (x[0], "no number"):
            try:
                float(value)
            except TypeError:
                continue
        return x.sum()

    with pytest.raises(ValueError, match="no number") as caught:
        ag.grad(f)(X)
    assert not isinstance(caught.value, ag.AutogradError)


def test_a_function_may_try_and_do_without():
    def f(x):
        try:
            return math.exp(x)
        except TypeError:
            return ag.exp(x)

    assert ag.grad(f)(1.0) == pytest.approx(math.e)


LEAVES = {
    "item": lambda x: x[0].item(),
    "data": lambda x: x.data[0],
    "numpy": lambda x: x.numpy()[0],
    "tolist": lambda x: x.tolist()[0],
    "detach": lambda x: float(x.detach()[0]),
    "format": lambda x: float(f"{x[0]:.3f}"),
    "str.format": lambda x: float("{:.3f}".format(x[0])),  # noqa: UP032
    "%": lambda x: float("%.3f" % x[0]),  # noqa: UP031
    "%d": lambda x: float("%d" % x[0]),  # noqa: UP031
    "% of several": lambda x: float("%.1f%s" % (x[0], "")),  # noqa: UP031
    "print": lambda x: print(x) or 1.0,
    "repr": lambda x: len(repr(x)) * 0.0 + 1.0,
    "logging": lambda x: logging.getLogger("gategrad").warning("loss %.3f", x[0]) or 1.0,
    "bool": lambda x: 1.0 if x[0] else 0.0,
    "comparison": lambda x: 1.0 if x[0] < x[1] else 0.0,
    "math.isnan": lambda x: 0.0 if math.isnan(x[0]) else 1.0,
    "key": lambda x: {x: 1.0}[x],
    "stop_gradient": lambda x: float(ag.stop_gradient(x)[0]),
    "no_grad": lambda x: unrecorded(x),
}


def unrecorded(x):
    with ag.no_grad():
        return float(x[0] * 1.0)


@pytest.mark.parametrize("value", LEAVES.values(), ids=LEAVES)
def test_leaving_on_purpose_is_silent(value, caplog):
    def f(x):
        v = value(x)
        assert v == 1.0
        return (x * v).sum()

    np.testing.assert_array_equal(ag.grad(f)(X), [1.0, 1.0])
    f(Tensor(X)).backward()


def test_what_compares_values_stays_in_the_graph():
    np.testing.assert_array_equal(ag.grad(lambda x: max(x[0], x[1]) ** 2)(X), [0.0, 4.0])
    np.testing.assert_array_equal(ag.grad(lambda x: sorted(x)[0] ** 2)(X), [2.0, 0.0])


def test_python_rounds_by_gates():
    x = Tensor([1.26, -2.5, 3.5])
    assert [round(v).item() for v in x] == [1.0, -2.0, 4.0]
    assert round(x[0], 1).item() == 1.3
    assert [f(Tensor(-1.5)).item() for f in (math.floor, math.ceil, math.trunc)] == [-2, -1, -1]
    for flat in (round, math.floor, math.ceil, math.trunc):
        assert ag.grad(lambda v, flat=flat: v * flat(v))(2.6) == flat(2.6)


def test_whole_numbers_convert():
    n = Tensor(np.array(2), requires_grad=False)
    assert (int(n), round(n), operator.index(n), ["a", "b", "c"][n]) == (2, 2, 2, "c")
    assert type(round(n)) is int
    assert list(range(n)) == [0, 1]
    assert np.arange(5)[n] == 2
    np.testing.assert_array_equal(np.arange(5)[Tensor([2], dtype=int, requires_grad=False)], [2])
    for none in (Tensor(2.0, requires_grad=False), Tensor([1, 2], requires_grad=False)):
        with pytest.raises(ag.DataError, match="whole number"):
            operator.index(none)


@pytest.mark.parametrize("convert", [float, int, complex, math.exp, np.float64, np.float32])
def test_tensors_that_want_no_gradient_convert(convert):
    for data in (2.0, np.array(2.0), np.array(2)):
        t = Tensor(data, requires_grad=False)
        assert convert(t) == convert(2.0)
        assert ag.grad(lambda x, t=t: x * convert(t).real)(1.0) == convert(2.0).real
    out = np.zeros(2)
    out[0] = Tensor(3.0, requires_grad=False)
    assert out[0] == 3.0


def fill_plainly(t):
    out = np.zeros((2, 2))
    out[0, 0] = t
    return out


PLAIN = {
    "float": lambda t: float(t),
    "int": lambda t: int(t),
    "math": lambda t: math.exp(t),
    "np.float64": lambda t: np.float64(t),
    "np.float32": lambda t: np.float32(t),
    "out[i]": fill_plainly,
}


@pytest.mark.parametrize("convert", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("data", [2.0, np.array(2.0)], ids=["scalar", "array"])
def test_elsewhere_a_conversion_warns_on_the_users_line(convert, data):
    with pytest.warns(ag.DetachedWarning, match=r"\.item\(\)") as caught:
        found = convert(Tensor(data, name="w"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(found, convert(Tensor(data, requires_grad=False)))
    assert [w.filename for w in caught] == [__file__]
    line = convert.__code__.co_firstlineno + (2 if convert is fill_plainly else 0)
    assert caught[0].lineno == line


def test_a_row_that_is_written_into_an_array_warns():
    out = np.zeros((2, 2))
    with pytest.warns(ag.DetachedWarning, match="writing it into an array"):
        out[1] = Tensor(X)
    np.testing.assert_array_equal(out, [[0.0, 0.0], X])


def test_a_warning_says_what_to_write():
    x = Tensor(2.0)
    with pytest.warns(ag.DetachedWarning, match=r"math\.sqrt\(\) .* write ag\.sqrt in place of"):
        assert math.sqrt(x) == math.sqrt(2.0)
    with pytest.warns(ag.DetachedWarning, match=r"float\(\) takes .* with the Tensor itself"):
        assert float(x) == 2.0


def test_what_has_no_one_number_raises_alone():
    for convert in (float, int, complex):
        with pytest.raises(ag.ShapeError, match=r"shape \(2,\)"):
            convert(Tensor(np.ones(2)))


def test_a_place_warns_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        for i in range(3):
            float(Tensor(2.0, name=f"w{i}"))
            math.exp(Tensor([2.0]))
    assert len(caught) == 2
    assert all(issubclass(w.category, UserWarning) for w in caught)


def test_a_library_between_is_not_the_users_line():
    with pytest.warns(ag.DetachedWarning) as caught:
        statistics.fmean([Tensor(1.0), Tensor(3.0)])
    assert {w.filename for w in caught} == {__file__}


def test_an_own_rule_written_with_math_is_found_by_the_second_derivative():
    wrong = ag.gate(lambda a: np.sin(a), local=lambda out, a: math.cos(a), name="wrong")
    assert ag.grad(wrong)(1.0) == math.cos(1.0)
    with pytest.raises(ag.DataError, match=r"ag\.cos"):
        ag.grad(ag.grad(wrong))(1.0)


def test_a_checkpointed_function_is_refused_before_its_second_pass():
    x = Tensor(X)
    with pytest.raises(ag.DataError, match=r"ag\.exp"):
        ag.checkpoint(lambda v: v * math.exp(v[0] * 2.0))(x)
    w = Tensor(2.0, name="w")
    out = ag.checkpoint(lambda v: (v * w * round(v.data[0])).sum())(x)
    out.backward()
    np.testing.assert_array_equal(x.grad, [2.0, 2.0])
    assert w.grad == 3.0


def test_a_compiled_function_says_it_of_its_arguments_too():
    def f(x):
        out = np.zeros(2)
        out[0] = x[0]
        return out.sum() * math.exp(x[0])

    with pytest.raises(ag.CompileError, match=r"ag\.array"):
        ag.compile(f)(X)
    with pytest.raises(ag.CompileError, match=r"ag\.exp in place of math\.exp"):
        ag.compile(lambda x: math.exp(x))(1.0)
    w = Tensor(2.0, name="w")
    with pytest.raises(ag.DataError, match=r"'w'.*ag\.exp"):
        ag.compile(lambda x: x * math.exp(w))(1.0)


def test_a_list_given_to_numpys_linear_algebra_is_answered_with_ours():
    for name in ("det", "inv", "norm", "slogdet"):
        numpys, ours = getattr(np.linalg, name), getattr(ag.linalg, name)
        words = rf"write ag\.linalg\.{name}\(\.\.\.\), which takes Tensors and lists of them"
        with pytest.raises(ag.DataError, match=words):
            numpys([[Tensor(3.0), 1.0], [1.0, 2.0]])
        with pytest.raises(ag.DataError, match=words):
            ag.grad(lambda w, f=numpys: f([[w, 1.0], [1.0, 2.0]]))(3.0)
        ours([[Tensor(3.0), 1.0], [1.0, 2.0]])


def test_plotting_says_how():
    axes = pytest.importorskip("matplotlib.figure").Figure().subplots()
    t = Tensor(X)
    for y in (t, t * 2.0):
        with pytest.raises(ag.DataError, match=r"t\.data or t\.numpy\(\)"):
            axes.plot(X, y)
    with pytest.raises(ag.DataError, match=r"array: write t\.data"):  # not what Matplotlib calls
        axes.plot(X, list(t))


def test_another_librarys_array_of_a_node_that_wants_a_gradient_is_refused():
    node = Tensor(np.array([0.5, 2.0]))
    with pytest.raises(ag.DataError, match=r"wants a gradient .* write t\.data"):
        np.from_dlpack(node)
    with pytest.raises(ag.DataError, match=r"np\.from_dlpack\(\) makes a plain array of it"):
        ag.grad(lambda x: np.sum(np.from_dlpack(x)))(node.data)
    for plain in (node.detach(), Tensor(node.data, requires_grad=False)):
        assert np.from_dlpack(plain).tolist() == [0.5, 2.0]
    assert np.from_dlpack(Tensor(0.5, requires_grad=False)).tolist() == 0.5


@pytest.mark.parametrize(
    ("join", "advice"),
    [
        (lambda t: np.r_[t, 1.0], r"np\.concatenate\(\[t, u\]\), or np\.append\(t, 1\.0\)"),
        (lambda t: np.r_[1.0, t[0]], r"np\.concatenate"),
        (lambda t: np.c_[t, t], r"np\.column_stack\(\[t, u\]\)"),
    ],
)
def test_numpys_joins_by_brackets_say_which_function_to_write(join, advice):
    node = Tensor(np.array([0.5, 2.0]))
    with pytest.raises(ag.DataError, match=f"write {advice}"):
        join(node)
    with pytest.raises(ag.DataError, match=f"write {advice}"):
        ag.grad(lambda x: np.sum(join(x)))(node.data)


@pytest.mark.parametrize("name", ["bisect", "brentq", "brenth", "ridder"])
def test_a_library_in_c_that_goes_on_after_the_refusal_does_not_hide_it(name):
    solve = getattr(pytest.importorskip("scipy.optimize"), name)
    with pytest.raises(ag.DataError, match="takes its number out of the graph"):
        ag.grad(lambda t: solve(lambda x: x - t, -5.0, 5.0))(2.0)


@pytest.mark.parametrize("names", [{}, {"__name__": None}, {"__name__": "a_users_module"}])
def test_code_that_is_run_with_names_of_its_own_is_warned_too(names):
    with pytest.warns(ag.DetachedWarning, match=r"float\(\) takes its number"):
        exec("float(t)", {**names, "t": Tensor(2.0)})
    with ag.source_lines(), pytest.warns(RuntimeWarning, match="encountered in log") as told:
        exec("\nt.log()", {**names, "t": Tensor(np.zeros(2))})
    assert [(each.filename, each.lineno) for each in told] == [("<string>", 2)]
