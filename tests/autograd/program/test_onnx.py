"""Programs as files of ONNX: what onnxruntime makes of them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from samples import SAMPLES, calls_of_families

import autograd as ag
from autograd import Tensor

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore::RuntimeWarning")]

CALLS = [(s.label, s.f, s.inputs) for s in SAMPLES] + [p.values for p in calls_of_families()]

PAGE = Path(__file__).parents[3] / "docs" / "models.md"

WITHOUT_WORDS = {
    name
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`([^`]+)`", line.split("|")[1])
}
"""Gates whose first sample ONNX has no words for: those that the page lists."""


def exported(program, path, **how):
    """onnxruntime's session of a program."""
    import onnxruntime

    program.export_onnx(path, **how)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def results_of(session, *given):
    names = [one.name for one in session.get_inputs()]
    return session.run(None, {n: np.asarray(v) for n, v in zip(names, given, strict=True)})


def compiled(f, *given):
    """A compiled function after a call without gradients, and the results of the call."""
    with ag.no_grad():
        fast = ag.compile(f)
        made = fast(*given)
    return fast, list(made) if isinstance(made, (tuple, list)) else [made]


def once_each():
    """The first sample of each gate."""
    first = {}
    for label, f, inputs in CALLS:
        first.setdefault(label.split(" ")[0], (f, inputs))
    return [pytest.param(name, *call, id=name) for name, call in first.items()]


@pytest.mark.parametrize(("name", "f", "inputs"), once_each())
def test_a_file_has_the_numbers_of_eager_or_the_gate_is_named(name, f, inputs, tmp_path):
    for kind in (np.float64, np.float32):
        given = tuple(np.array(v, dtype=kind) for v in inputs)
        try:
            fast, expected = compiled(f, *given)
        except ag.AutogradError:
            continue  # no gate of single precision, or none that is compiled
        if name in WITHOUT_WORDS:
            with pytest.raises(ag.CompileError, match=r"export_onnx: .* of the gate"):
                fast.program.export_onnx(tmp_path / "m.onnx")
            continue
        session = exported(fast.program, tmp_path / "m.onnx")
        tolerance = 1e-5 if kind is np.float32 else 1e-9
        for found, number in zip(results_of(session, *given), expected, strict=True):
            number = np.asarray(number)
            assert found.shape == number.shape
            scale = np.abs(number[np.isfinite(number)]).max(initial=1.0)
            np.testing.assert_allclose(found, number, rtol=10 * tolerance, atol=tolerance * scale)


def test_a_file_says_what_it_holds(tmp_path):
    import onnx

    w = Tensor(np.ones((2, 3), np.float32), name="weight")
    with ag.no_grad():
        fast = ag.compile(lambda x: np.tanh(x @ w))
        fast(np.ones((4, 2), np.float32))
    path = fast.program.export_onnx(
        tmp_path / "m.onnx", inputs=["x"], outputs=["y"], metadata={"course": "딥러닝"}, opset=20
    )
    model = onnx.load(path)
    assert [one.name for one in model.graph.input] == ["x"]
    assert [one.name for one in model.graph.output] == ["y"]
    assert [one.name for one in model.graph.initializer] == ["weight"]
    assert [node.op_type for node in model.graph.node][:2] == ["MatMul", "Tanh"]
    assert {one.key: one.value for one in model.metadata_props} == {"course": "딥러닝"}
    assert model.opset_import[0].version == 20
    assert model.producer_name == "gategrad"


OPERATORS = [
    (ag.sigmoid, "Sigmoid", "Sigmoid"), (ag.relu, "Relu", "Relu"),
    (ag.softplus, "Softplus", "softplus"), (ag.softsign, "softsign", "softsign"),
    (ag.softmax, "Softmax", "Softmax"), (lambda x: ag.softmax(x, axis=0), "Softmax", "Softmax"),
    (ag.log_softmax, "LogSoftmax", None), (ag.erf, "Erf", "erf"), (np.tanh, "Tanh", "Tanh"),
    (lambda x: ag.logsumexp(x, axis=1, keepdims=True), "ReduceLogSumExp", "ReduceLogSumExp"),
    (lambda x: np.arctan2(x, 1.0), "arctan2", "arctan2"), (np.log1p, "log1p", "log1p"),
    (np.arcsin, "Asin", "arcsin"), (lambda x: ag.where(x > 0.0, x, 0.1 * x), "LeakyRelu", None),
]  # fmt: skip
"""Gates, and what they are in a file of single precision and of double: of one node."""


@pytest.mark.parametrize(("f", "single", "double"), OPERATORS)
def test_a_gate_is_one_node_whose_numbers_hold_far_out(f, single, double, tmp_path):
    import onnx

    points = [0.0, -0.0, 1e-30, -1e-8, 0.5, -1.0, 3.0, -8.0, 17.0, -30.0, 88.0, -90.0, 1e4, -1e4]
    for kind, op in ((np.float32, single), (np.float64, double)):
        x = np.reshape(np.array(points, kind), (2, 7))
        with np.errstate(all="ignore"):
            fast, (expected,) = compiled(f, x)
        session = exported(fast.program, tmp_path / "m.onnx")
        nodes = [node.op_type for node in onnx.load(tmp_path / "m.onnx").graph.node]
        assert op is None or nodes == [op, "Identity"]
        tolerance = 1e-6 if kind is np.float32 else 1e-12
        (found,) = results_of(session, x)
        np.testing.assert_allclose(found, expected, rtol=10 * tolerance, atol=tolerance)


def test_the_size_of_the_batch_is_open(tmp_path):
    w = Tensor(np.linspace(-1.0, 1.0, 6).reshape(2, 3))

    def f(x):
        y = x @ w
        flat = np.reshape(np.stack([y, np.exp(y)], 1), (len(x), 6))
        return flat - np.mean(flat, 0), np.sum(flat) / len(x)

    fast, _ = compiled(f, np.ones((2, 2)))
    two = fast.program
    with ag.no_grad():
        fast(np.ones((3, 2)))
    session = exported(two, tmp_path / "m.onnx", other=fast.program)
    assert session.get_inputs()[0].shape == ["batch", 2]
    for rows in (1, 2, 7):
        x = np.random.default_rng(rows).normal(size=(rows, 2))
        for found, expected in zip(results_of(session, x), f(x), strict=True):
            np.testing.assert_allclose(found, expected.data, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.roll(x, (1, 2), (1, 2)),
        lambda x: np.pad(x, ((0, 0), (1, 0), (2, 1)), mode="reflect"),
        lambda x: np.diagonal(x, 1, 1, 2),
        lambda x: np.tile(x, (1, 2, 1)),
        lambda x: np.rot90(x, 1, (1, 2)),
        lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=2),
        lambda x: x[:, [0, 2], [1, 3]],
        lambda x: x[:, np.array([True, False, True])],
        lambda x: x[:, 1, [3, 0]],
    ],
)
def test_entries_move_within_any_number_of_rows(f, tmp_path):
    two, three = (compiled(f, np.ones((rows, 3, 4)))[0].program for rows in (2, 3))
    session = exported(two, tmp_path / "m.onnx", other=three)
    for rows in (1, 5):
        x = np.random.default_rng(rows).normal(size=(rows, 3, 4))
        np.testing.assert_array_equal(results_of(session, x)[0], f(x))


@pytest.mark.parametrize("f", [lambda x: np.roll(x, 1, 0), lambda x: np.rot90(x, 2)])
def test_rows_that_change_place_are_refused(f, tmp_path):
    two, three = (compiled(f, np.ones((rows, 3)))[0].program for rows in (2, 3))
    with pytest.raises(ag.CompileError, match="along the batch"):
        two.export_onnx(tmp_path / "m.onnx", other=three)


def test_what_depends_on_the_batch_in_another_way_is_said(tmp_path):
    def program(f, rows):
        return compiled(f, np.ones((rows, 2)))[0].program

    def grows(x):
        return np.sum(x) * len(x) ** 2.0

    def turns(x):
        return np.sum(x) if len(x) == 2 else np.sum(np.exp(x))

    for f in (grows, turns):
        with pytest.raises(ag.CompileError, match="rows"):
            program(f, 2).export_onnx(tmp_path / "m.onnx", other=program(f, 3))
    with pytest.raises(ag.DataError, match="differ in one length"):
        program(grows, 2).export_onnx(tmp_path / "m.onnx", other=program(grows, 2))

    def turns_late(x):
        return np.sum(x) if len(x) < 5 else np.sum(np.exp(x))

    def divides(x):  # of one row by 1, which is left out
        return np.sum(x, 0) / len(x)

    two, *others = [program(turns_late, rows) for rows in (2, 3, 4, 5)]
    with pytest.raises(ag.CompileError, match="otherwise for 2 rows than for 5"):
        two.export_onnx(tmp_path / "m.onnx", other=others)
    assert not list(tmp_path.iterdir())
    two.export_onnx(tmp_path / "m.onnx", other=others[:2])
    two, *others = [program(divides, rows) for rows in (2, 3, 1)]
    two.export_onnx(tmp_path / "m.onnx", other=others)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@pytest.mark.parametrize(
    ("f", "given"),
    [
        (ag.hessian(rosenbrock), [np.linspace(-1.2, 1.0, 6)]),
        (
            ag.vmap(ag.grad(lambda w, x: np.sum(np.tanh(x - w) ** 2)), in_axes=(None, 1)),
            [np.linspace(0.0, 40.0, 3), np.linspace(-1.0, 1.0, 15).reshape(3, 5)],
        ),
    ],
    ids=["hessian", "gradients of rows"],
)
def test_a_derivative_is_a_file_too(f, given, tmp_path):
    fast = ag.compile(f)
    expected = fast(*given)
    [found] = results_of(exported(fast.program, tmp_path / "m.onnx"), *given)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_loop_is_one_node_whose_body_stands_once(tmp_path):
    import onnx

    def f(s, xs):
        last, ys = ag.scan(lambda s, x: (np.tanh(s * 0.5 + x), np.sum(s)), s, xs)
        return last, ys

    s, xs = np.ones(3), np.linspace(-1.0, 1.0, 15).reshape(5, 3)
    fast, expected = compiled(f, s, xs)
    path = tmp_path / "m.onnx"
    session = exported(fast.program, path)
    for found, number in zip(results_of(session, s, xs), expected, strict=True):
        np.testing.assert_allclose(found, number, rtol=1e-14)
    ops = Counter(node.op_type for node in onnx.load(path).graph.node)
    assert ops["Scan"] == 1
    assert "Tanh" not in ops


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.max(x, 1), lambda x: np.min(x), lambda x: ag.softmax(x), np.sort,
        lambda x: np.maximum(x, 0.0), lambda x: np.clip(x, -1.0, 1.0), ag.relu,
        lambda x: ag.max_pool(np.reshape(x, (1, 1, 3, 4)), 2, 1), np.nanmax, np.sign,
        lambda x: np.cumsum(x, 1), lambda x: np.mean(x, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_nan_is_lost_nowhere(f, kind, tmp_path):
    x = np.linspace(-2.0, 3.0, 12, dtype=kind).reshape(3, 4)
    fast, _ = compiled(f, x)
    session = exported(fast.program, tmp_path / "m.onnx")
    for place in range(12):
        given = x.copy()
        given.flat[place] = np.nan
        with ag.no_grad():
            expected = fast(given)
        np.testing.assert_allclose(results_of(session, given)[0], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("f", "points"),
    [
        (np.arctan, [1e-300, 1.0, 3.0, 1e10, -1e12, 1e30, np.inf]),
        (np.sinh, [1e-10, 0.3, 19.0, 21.0, -88.0, 709.9, -710.4, 800.0]),
        (np.cosh, [0.0, 25.0, 80.0, 709.9, -800.0]),
        (np.arcsinh, [1e-12, 1.0, 1e9, -1e37, 1e200, np.inf]),
        (np.arccosh, [1.0, 1.0001, 1e9, 1e30, 1e160]),
        (np.arctanh, [1e-9, 0.5, -0.99999]),
        (np.log1p, [1e-17, -1.0, 1e9, np.inf]),
        (np.expm1, [1e-17, -40.0, 50.0, 0.9]),
        (ag.erf, [1e-300, -0.3, 1.4999, 1.5, 3.0, -6.0, 30.0, np.inf]),
        (ag.gammaln, [0.5, 3.7, 9.99, 10.0, 1e5, 1e30, -0.5, -7.3, 0.0, np.inf]),
        (ag.gamma, [0.5, 3.7, 9.99, 20.0, 34.0, -0.5, -7.3, -2.0]),
        (ag.digamma, [0.5, 3.7, 9.99, 10.0, 1e5, 1e30, -0.5, -7.3, 0.0]),
        (np.i0, [0.0, 1.0, -19.99, 20.0, 80.0]),
    ],
)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_functions_hold_near_zero_and_far_out(f, points, kind, tmp_path):
    x = np.array(points, kind)
    fast, (expected,) = compiled(f, x)
    (found,) = results_of(exported(fast.program, tmp_path / "m.onnx"), x)
    np.testing.assert_allclose(found, expected, rtol=2e-13 if kind is np.float64 else 1e-5)


def test_what_cannot_be_said_names_its_gate(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(b"old")
    fast, _ = compiled(lambda x: np.linalg.svd(x).S, np.ones((2, 2)))
    with pytest.raises(ag.CompileError, match=r"svd\(\) of the gate 'linalg.svd"):
        fast.program.export_onnx(path)
    rng = np.random.default_rng(0)
    noisy, _ = compiled(lambda x: x + ag.sample(lambda: rng.normal(size=3)), np.ones(3))
    with pytest.raises(ag.CompileError, match="draws at random"):
        noisy.program.export_onnx(path)
    for opset in (17, 23, "18", True):
        with pytest.raises(ag.OutOfRangeError, match="from 18 to 22"):
            compiled(np.exp, np.ones(3))[0].program.export_onnx(path, opset=opset)
    assert path.read_bytes() == b"old"


def test_the_text_that_xla_compiles():
    fast, _ = compiled(lambda x: np.exp(x) * 2.0, np.ones(3))
    assert "stablehlo.exponential" in fast.program.stablehlo()
