"""JAX's back end: the values of eager to rounding, on one device and on several."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from samples import SAMPLES, calls_of_families
from test_every_gate import REFUSED, moved, weighted

import autograd as ag
from autograd import Tensor

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore::RuntimeWarning")]

CALLS = [(s.label, s.f, s.inputs) for s in SAMPLES] + [p.values for p in calls_of_families()]

OTHERWISE = {"partition": "any order on either side is a partition", "linalg.det": "0 to rounding"}


def once_each():
    """The first sample of each gate, or of each form of one that has no name."""
    seen = {}
    for label, f, inputs in CALLS:
        operator = " x" in label or "x " in label or label == "determined columns"
        name = label if operator else label.split(" ")[0]
        if name not in REFUSED:
            seen.setdefault(name, (f, inputs))
    return [pytest.param(name, *call, id=name) for name, call in seen.items()]


def close(found, expected):
    if isinstance(expected, (tuple, list)):
        for one, other in zip(found, expected, strict=True):
            close(one, other)
        return
    expected = np.asarray(expected)
    assert np.shape(found) == expected.shape
    finite = np.abs(expected[np.isfinite(expected)])
    scale = finite.max() if finite.size else 1.0
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize(("name", "f", "inputs"), once_each())
def test_a_program_has_the_value_and_the_gradients_of_eager(name, f, inputs):
    inputs = tuple(np.array(v, dtype=float) for v in inputs)
    eager = ag.value_and_grad(weighted(f, inputs), argnums=tuple(range(len(inputs))))
    fast = ag.compile(eager, backend="jax")
    for given in (inputs, moved(inputs)):
        expected, found = eager(*given), fast(*given)
        if name not in OTHERWISE:
            close(found, expected)


WHOLE = np.random.default_rng(0).integers(-9, 9, (2, 2, 6))


@pytest.mark.parametrize("kind", [np.int64, np.uint8, bool])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: ag.max_pool(x, 3, 1, 1), lambda x: ag.avg_pool(x, 2),
        lambda x: ag.avg_pool(x, 3, 1, 1, divisor_override=2.5),
        lambda x: ag.conv(x, np.ones((3, 2, 2), x.dtype)),
        lambda x: ag.conv_transpose(x, np.ones((2, 3, 2), x.dtype), 2),
        lambda x: ag.unfold(x, 2),
    ],
    ids=["max_pool", "avg_pool", "divisor", "conv", "conv_transpose", "unfold"],
)  # fmt: skip
def test_windows_of_whole_numbers_are_those_of_eager(f, kind):
    x = (WHOLE if kind is np.int64 else np.abs(WHOLE)).astype(kind)
    expected, found = f(x).data, ag.compile(f, backend="jax")(x)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def step(s, x):
    s = np.tanh(s * 0.5 + x)
    return s, np.sum(s)


def looped(s, xs):
    s, ys = ag.scan(step, s, xs)
    return np.sum(s) + np.sum(ys)


@pytest.mark.parametrize(
    "f",
    [
        looped,
        ag.value_and_grad(looped, argnums=(0, 1)),
        ag.hessian(looped),
        lambda s, xs: ag.jvp(looped, (s, xs), (s, xs))[1],
    ],
    ids=["value", "gradient", "hessian", "tangent"],
)
def test_a_loop_is_one_of_xlas(f):
    given = np.ones(3), np.linspace(-1.0, 1.0, 15).reshape(5, 3)
    fast = ag.compile(f, backend="jax")
    close(fast(*given), f(*given))
    assert "stablehlo.while" in fast.program.source


def test_precision_is_that_of_the_recording():
    import jax

    outside = jax.config.jax_enable_x64
    for kind in (np.float32, np.float64):
        fast = ag.compile(ag.value_and_grad(lambda x: np.mean(np.exp(x) * 0.1)), backend="jax")
        value, gradient = fast(np.ones(3, kind))
        assert (value.dtype, gradient.dtype) == (kind, kind)
        assert gradient.flags.writeable
    assert jax.config.jax_enable_x64 == outside


def test_a_graph_has_gradients_and_assigns():
    w = Tensor(np.array([1.0, 2.0]))
    program = ag.compile(np.sum(w**3), backend="jax")
    assert program.run() == 9.0
    program.backward()
    np.testing.assert_allclose(w.grad, [3.0, 12.0], rtol=1e-15)

    held = w.data
    descend = ag.compile(lambda rate: ag.assign(w, w - rate * w) or np.sum(w), backend="jax")
    descend(0.5)
    np.testing.assert_allclose(w.data, [0.5, 1.0], rtol=1e-15)
    assert held is not w.data


def test_a_table_has_no_row_from_the_end():
    fast = ag.compile(lambda table, i: ag.embedding(i, table), backend="jax")
    table = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(fast(table, np.array([2, 0])), table[[2, 0]])
    for wrong in (-1, 3):
        with pytest.raises(IndexError, match=f"index {wrong} is out of bounds"):
            fast(table, np.array([0, wrong]))


def added_at(x):
    out = x.data * 1.0
    np.add.at(out, [0, 0, 1], x.data[:3])
    np.subtract.at(out, [2], [9.0])
    np.maximum.at(out, [3], [0.5])
    return out


def doubled_where_positive(x):
    out = x.data * 1.0
    np.multiply(out, 2.0, out=out, where=x.data > 0)
    return out


def set_by_index(x):
    out = x.data * 1.0
    out[1] = 7.0
    out[2:] = x.data[:2]
    return out


@pytest.mark.parametrize("f", [added_at, doubled_where_positive, set_by_index])
def test_writes_in_place_are_written(f):
    x = np.array([1.0, -2.0, 3.0, -4.0])
    np.testing.assert_array_equal(ag.compile(f, backend="jax")(x), ag.compile(f)(x))


def valley(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (valley, 70),
        (lambda x: np.sum(x[::3] ** 3) * x[-1] + valley(x[5:60:2]) + np.sum(x[::-1] * x**2), 70),
        (lambda x: np.sum(x[1:, ::2] ** 3 * x[:-1, :5]) + np.sum(x[..., 1:]) * x[0, 0], (7, 10)),
        (lambda x: np.sum(x[4:4] ** 2) + np.sum(x[:, np.newaxis] * x[[1, 3]]), 70),
    ],
    ids=["valley", "steps", "matrix", "others"],
)  # fmt: skip
def test_a_hessian_through_slices_is_that_of_eager(f, shape):
    x = np.random.default_rng(0).normal(size=shape)
    fast = ag.compile(ag.hessian(f), backend="jax")
    close(fast(x), ag.hessian(f)(x))


def test_a_tangent_of_0_adds_nothing():
    """Beside a slope that is infinite or no number."""
    fast = ag.compile(lambda x, t: ag.jvp(np.sqrt, (x,), (t,))[1], backend="jax")
    x, t = np.array([0.0, -1.0, 4.0]), np.array([0.0, 0.0, 1.0])
    np.testing.assert_array_equal(fast(x, t), [0.0, 0.0, 0.25])
    assert np.isnan(fast(x, np.array([0.0, np.nan, 1.0]))[1])


def test_draws_of_a_function_of_ones_own_are_those_of_every_back_end():
    def noisy(rng):
        return lambda x: x * ag.sample(lambda: rng.normal(size=3))

    by = {
        name: ag.compile(noisy(np.random.default_rng(0)), backend=name) for name in ("numpy", "jax")
    }
    for _ in range(3):
        np.testing.assert_array_equal(by["jax"](np.ones(3)), by["numpy"](np.ones(3)))


def test_an_index_out_of_bounds_is_an_error():
    fast = ag.compile(lambda x, i: np.sum(x[i]), backend="jax")
    x = np.arange(3.0)
    assert fast(x, np.array([0, -1])) == 2.0
    with pytest.raises(IndexError, match="index 3 is out of bounds for an axis of size 3"):
        fast(x, np.array([0, 3]))


def test_a_point_of_an_interpolation_is_met():
    points, values = np.array([0.0, 1.0, 2.0]), np.array([5.0, np.inf, 7.0])
    fast = ag.compile(lambda x, values: np.interp(x, points, values), backend="jax")
    np.testing.assert_array_equal(fast(points, values), values)


def test_derivatives_of_a_bessel_function_hold_near_zero_and_far_out():
    pytest.importorskip("scipy")
    x = np.concatenate([np.logspace(-8, 2.8, 60), -np.logspace(-8, 2.8, 60), [0.0]])
    f = np.i0
    for _ in range(4):
        np.testing.assert_allclose(ag.compile(f, backend="jax")(x), f(x), rtol=1e-12)
        f = ag.grad(lambda x, f=f: np.sum(f(x)))


def test_what_is_checked_in_numpys_programs_is_checked():
    fast = ag.compile(lambda x, w: np.average(x, weights=w), backend="jax")
    assert fast(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 2.0
    with pytest.raises(ag.DataError, match="weights that do not sum to 0"):
        fast(np.array([1.0, 3.0]), np.array([1.0, -1.0]))


def test_what_has_no_counterpart_names_its_gate():
    looking = ag.gate(lambda x: x * x[0].item(), vjp=lambda g, out, x: g, name="looking")
    with pytest.raises(ag.CompileError, match=r"'looking'.*test_jax\.py.*backend=\"numpy\""):
        ag.compile(lambda x: looking(x), backend="jax")(np.array([1.0, 2.0]))


@pytest.mark.parametrize("f", [np.nanmedian, lambda x: np.sum(np.nanquantile(x, [0.2, 0.7], 0))])
def test_how_many_are_numbers_may_change(f):
    rng = np.random.default_rng(0)
    fast = ag.compile(ag.value_and_grad(f), backend="jax")
    for share in (0.0, 0.3, 0.6):
        x = rng.normal(size=(9, 4))
        x[rng.random(x.shape) < share] = np.nan
        close(fast(x), ag.value_and_grad(f)(x))


# ---- several devices

LOSS = """
    import numpy as np
    import autograd as ag

    rng = np.random.default_rng(0)
    w, x, y = (rng.normal(size=size).astype("f") for size in [(5, 2), (12, 5), (12, 2)])
    f = ag.value_and_grad(lambda w, x, y: np.mean((np.tanh(x @ w) - y) ** 2))

    def stepped(**how):
        # The parameter after some steps, which is looked at once in between.
        p = ag.Tensor(w.copy())

        def step(x, y):
            loss, gradient = f(p.data, x, y)
            p.data -= np.float32(0.1) * gradient

        fast = ag.compile(step, **how)
        for i in range(6):
            fast(x, y)
            if i == 3:
                p.data[0] = 0.25
        return p.data
"""


def run(*code, devices=4):
    """Run code where the processor counts as several devices."""
    flags = f"--xla_force_host_platform_device_count={devices}"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", "".join(map(textwrap.dedent, (LOSS, *code)))]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.split("\n")[-2]


def test_parts_of_a_batch_on_four_devices_are_the_whole_batch():
    line = told(run("""
        import jax
        from jax.sharding import Mesh
        mesh = Mesh(np.array(jax.devices()).reshape(4), ("rows",))
        expected, gradient = f(w, x, y)
        for devices in (4, jax.devices()[:2], mesh):
            fast = ag.compile(f, backend="jax", devices=devices, shard=(1, 2))
            for _ in range(2):
                loss, g = fast(w, x, y)
            assert abs(loss - expected) < 1e-6, loss
            assert np.allclose(g, gradient, atol=1e-6)
        odd = ag.compile(f, backend="jax", devices=4, shard=(1, 2))(w, x[:7], y[:7])
        assert abs(odd[0] - f(w, x[:7], y[:7])[0]) < 1e-6
        by_name = ag.compile(f, backend="jax", devices=2, shard=["x", "y"])
        assert abs(by_name(w, x=x, y=y)[0] - expected) < 1e-6
        kept = stepped(backend="jax", devices=4, shard=(0, 1))
        assert np.allclose(kept, stepped(), atol=1e-6)
        print(fast.program._prepared._forward.lower([w, x, y], [], []).compile is not None)
    """))  # fmt: skip
    assert line == "True"


def in_two_processes(*code):
    """What each of two processes on one machine tells, by `jax.distributed`."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    begin = """
        import jax
        jax.distributed.initialize("127.0.0.1:{port}", 2, {number})
    """
    both = [run(begin.format(port=port, number=n), *code, devices=2) for n in (0, 1)]
    return [told(process) for process in both]


def test_two_processes_share_a_batch():
    """Each computes the loss of the whole batch, and all rows."""
    assert in_two_processes("""
        expected, gradient = f(w, x, y)
        loss, g = ag.compile(f, backend="jax", devices=4, shard=(1, 2))(w, x, y)
        rows = ag.compile(lambda w, x: np.tanh(x @ w), backend="jax", devices=4, shard=1)(w, x)
        print(abs(loss - expected) < 1e-6 and np.allclose(g, gradient, atol=1e-6)
              and np.allclose(rows, np.tanh(x @ w), atol=1e-6))
    """) == ["True", "True"]  # fmt: skip


def test_devices_that_are_not_there_are_refused():
    def f(x):
        return np.sum(x)

    with pytest.raises(ag.DataError, match=r"received 99.*host_platform_device_count"):
        ag.compile(f, backend="jax", devices=99, shard=0)(np.ones(3))
    with pytest.raises(ag.DataError, match="devices= and shard= together"):
        ag.compile(f, backend="jax", devices=1)
    with pytest.raises(ag.DataError, match="none of the arguments"):
        ag.compile(f, backend="jax", devices=1, shard="y")(np.ones(3))
    with pytest.raises(ag.DataError, match='write backend="jax"'):
        ag.compile(f, devices=2, shard=0)
    with pytest.raises(ag.DataError, match="no arguments to split"):
        ag.compile(Tensor(1.0) * 2.0, backend="jax", devices=1, shard=0)
    with pytest.raises(ag.ShapeError, match="along its rows, and one is a number"):
        ag.compile(f, backend="jax", devices=1, shard=0)(2.0)


# ---- training

FIT = """
    import nn
    from nn import optim

    X, y = rng.random((330, 20)).astype("f"), rng.integers(3, size=330)

    def losses(optimizer=lambda: optim.SGD(lr=0.1), dropped=0.0, **how):
        model = nn.Sequential(nn.Linear(20, 16, rng=0), nn.ReLU(), nn.BatchNorm(16),
                              nn.Dropout(dropped, rng=1), nn.Linear(16, 3, rng=2))
        history = nn.fit(model, X, y, loss="cross_entropy", optimizer=optimizer(), epochs=2,
                         batch_size=64, metrics=["accuracy"], rng=0, progress=False, **how)
        assert not history.notes, history.notes
        return history.history["loss"]
"""


def test_training_has_the_same_losses_on_one_device_and_on_four():
    line = told(run(FIT, """
        # Adam divides a gradient by its size, and so makes much of the last digits of a small one.
        for optimizer, bound in ((lambda: optim.SGD(lr=0.03), 1e-5), (optim.Adam, 1e-4)):
            one = losses(optimizer)
            for how in ({}, {"devices": 4}):
                found = losses(optimizer, backend="jax", **how)
                np.testing.assert_allclose(found, one, rtol=bound)
        # Masks are drawn by JAX's keys: other numbers than NumPy's, the same on all devices.
        one = losses(dropped=0.2, backend="jax")
        found = losses(dropped=0.2, backend="jax", devices=4)
        np.testing.assert_allclose(found, one, rtol=1e-4)
        print("same")
    """))  # fmt: skip
    assert line == "same"


def test_two_processes_train_one_model():
    first, second = in_two_processes(FIT, """
        one, both = losses(), losses(backend="jax", devices=4)
        np.testing.assert_allclose(both, one, rtol=1e-5)
        print(both)
    """)  # fmt: skip
    assert first == second


def test_training_says_which_back_end_has_devices():
    import nn
    from nn import optim

    def fit(**how):
        nn.fit(
            nn.Linear(2, 1, rng=0), np.ones((4, 2)), np.ones((4, 1)), loss="mse",
            optimizer=optim.SGD(lr=0.1), **how,
        )  # fmt: skip

    with pytest.raises(ag.DataError, match='has no devices=: write backend="jax"'):
        fit(devices=2)
    with pytest.raises(ag.DataError, match="leave out backend= and devices="):
        fit(compiled=False, backend="jax")
    with pytest.raises(ag.DataError, match="backend must be one of"):
        fit(backend="cuda")


def test_a_loss_that_diverges_leaves_the_weights_of_the_batch_before():
    import nn
    from nn import optim

    model = nn.Linear(1, 1, rng=0)
    X = np.array([[1.0], [1e30]], np.float32)
    before = model.weight.data.copy()
    with pytest.raises(nn.DivergenceError):
        nn.fit(
            model, X[1:], X[1:], loss="mse", optimizer=optim.SGD(lr=0.1), backend="jax", rng=0,
            progress=False,
        )  # fmt: skip
    np.testing.assert_array_equal(model.weight.data, before)
