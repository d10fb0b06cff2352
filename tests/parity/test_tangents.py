"""Tangents of 0 on every engine: they add nothing, where the derivative is infinite or nan too."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore::RuntimeWarning")]

X = np.array([-2.0, 0.0, 4.0, -2.0, 1.0, np.inf])
Y = np.array([2.0, 0.5, -1.0, 0.5, 0.0, 2.0])
T = np.array([1.0, 0.0, 1.0, 0.0, -1.0, 0.0])
U = np.array([0.0, 1.0, 0.0, 0.0, 2.0, -0.0])


def several(x, y):
    """Functions of which many have no derivative somewhere, along y or along x."""
    root = ag.sqrt(ag.maximum(x, 0.0))
    return x**y, root, x / y, ag.arcsin(x) * y


def tangents(x, y, t, u):
    moved = ag.jvp(several, (x, y), (t, u))[1]
    return np.stack(moved)


def second(x, t):
    """Forward over reverse and over forward, of √x and x^1.5, along what stands still in part."""

    def f(x):
        return np.sqrt(x) * x**1.5 + np.maximum(x, 0.0) ** 0.5

    over_reverse = ag.hvp(lambda x: np.sum(f(x)), x, t)
    return np.stack([over_reverse, ag.jvp(lambda x: ag.jvp(f, (x,), (t,))[1], (x,), (t,))[1]])


def products(a, b, t, u):
    """A product of matrices, and a rule for whole tangents, where all or some stands still."""
    by_both = ag.jvp(np.matmul, (a, b), (t, u))[1]
    return np.stack([by_both, ag.jvp(ag.softmax, (b,), (u,))[1]])


A, B = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[np.inf, 0.0], [2.0, 1.0]])


def close(found, expected):
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "numba", "jax", "torch"])
def test_every_engine_has_eagers_tangents(engine):
    pytest.importorskip(engine)
    expected = tangents(X, Y, T, U)
    assert np.isnan(expected).any()
    assert np.count_nonzero(expected) > 6
    close(ag.compile(tangents, backend=engine)(X, Y, T, U), expected)
    replay = ag.compile(several_of_numbers, backend=engine)
    for given in zip(X[:4].tolist(), Y.tolist(), T.tolist(), U.tolist(), strict=False):
        close(replay(*given), several_of_numbers(*given))
    x = np.array([0.0, 4.0, 1.0, 0.0])
    replay = ag.compile(products, backend=engine)
    for moves in ((0.0 * A, A), (A, 0.0 * A), (0.0 * A, 0.0 * A)):
        close(replay(A, B, *moves), products(A, B, *moves))
    close(ag.compile(second, backend=engine)(x, np.sign(x)), second(x, np.sign(x)))


def several_of_numbers(x, y, t, u):
    return ag.jvp(several, (x, y), (t, u))[1]


@pytest.mark.parametrize(
    ("f", "given"), [(tangents, (X, Y, T, U)), (products, (A, B, 0.0 * A, 0.0 * A))]
)
def test_so_has_a_file_of_onnx(f, given, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    fast = ag.compile(f)
    fast(*given)
    fast.program.export_onnx(tmp_path / "tangents.onnx")
    session = onnxruntime.InferenceSession(
        tmp_path / "tangents.onnx", providers=["CPUExecutionProvider"]
    )
    names = [one.name for one in session.get_inputs()]
    (found,) = session.run(None, dict(zip(names, given, strict=True)))
    close(found, f(*given))
