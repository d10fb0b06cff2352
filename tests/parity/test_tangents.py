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
    close(ag.compile(second, backend=engine)(x, np.sign(x)), second(x, np.sign(x)))


def several_of_numbers(x, y, t, u):
    return ag.jvp(several, (x, y), (t, u))[1]


def test_so_has_a_file_of_onnx(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    fast = ag.compile(tangents)
    fast(X, Y, T, U)
    fast.program.export_onnx(tmp_path / "tangents.onnx")
    session = onnxruntime.InferenceSession(
        tmp_path / "tangents.onnx", providers=["CPUExecutionProvider"]
    )
    names = [one.name for one in session.get_inputs()]
    (found,) = session.run(None, dict(zip(names, (X, Y, T, U), strict=True)))
    close(found, tangents(X, Y, T, U))
