"""Linear algebra: NumPy's values to the bit, and derivatives in both modes and to second order."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from samples_linear_algebra import SAMPLES, near, spd, sym

import autograd as ag
from autograd import Tensor


def outputs(result):
    return list(result) if isinstance(result, tuple) else [result]


def fresh(inputs, dtype=np.float64):
    return [Tensor(np.array(value, dtype)) for value in inputs]


A33, S43 = (
    np.random.default_rng(0).normal(size=(3, 3)),
    np.random.default_rng(9).normal(size=(2, 4, 3)),
)

SEVERAL = {
    "slogdet": [(np.linalg.slogdet, [S43[:, :3]])],
    "qr": [
        (np.linalg.qr, [A33]),
        (np.linalg.qr, [S43]),
        (lambda a: np.linalg.qr(a, "complete"), [A33]),
        (np.linalg.qr, [S43.mT]),
        (lambda a: (lambda q, r: (q[..., :3], r))(*np.linalg.qr(a, "complete")), [S43]),
    ],
    "eigh": [(lambda a: np.linalg.eigh(sym(a)), [A33])],
    "svd": [(np.linalg.svd, [A33]), (lambda a: np.linalg.svd(a, False), [S43.mT])],
    "svd of all vectors": [
        (lambda a: (lambda u, s, vh: (u[..., :3], s, vh))(*np.linalg.svd(a)), [S43]),
        (lambda a: (lambda u, s, vh: (u, s, vh[..., :3, :]))(*np.linalg.svd(a)), [S43.mT]),
    ],
}
"""Calls with several outputs, which are differentiated together."""

CALLS = [
    pytest.param(f, inputs, id=f"{name}-{k}")
    for name, calls in [*SAMPLES.items(), *SEVERAL.items()]
    for k, (f, inputs) in enumerate(calls)
]
every_call = pytest.mark.parametrize(("f", "inputs"), CALLS)
CALLS_WITH_ENTRIES = [
    call for call in CALLS
    if all(np.size(value) for value in (*call.values[1], *outputs(call.values[0](*call.values[1]))))
]  # fmt: skip
every_call_with_entries = pytest.mark.parametrize(("f", "inputs"), CALLS_WITH_ENTRIES)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_reaches_the_gate_that_it_is_of(name):
    for f, inputs in SAMPLES[name]:
        nodes = [node for out in outputs(f(*fresh(inputs))) for node in ag.Graph(out).nodes]
        gates = {node.gate.name for node in nodes if node.gate}
        assert name in gates


@every_call
def test_values_are_numpys_to_the_bit(f, inputs):
    for dtype in (np.float64, np.float32):
        arrays = [np.array(value, dtype) for value in inputs]
        expected, result = f(*arrays), f(*fresh(inputs, dtype))
        assert type(result) is (type(expected) if isinstance(expected, tuple) else Tensor)
        for want, got in zip(outputs(expected), outputs(result), strict=True):
            want = np.asarray(want)
            assert (got.dtype, got.shape) == (want.dtype, want.shape)
            assert got.data.tobytes() == want.tobytes()


@every_call_with_entries
def test_derivatives_agree_with_differences_in_both_modes(f, inputs):
    assert ag.gradcheck(f, *inputs)


@pytest.mark.slow
@every_call_with_entries
def test_second_derivatives_agree_with_differences_of_the_first(f, inputs):
    assert ag.gradcheck(f, *inputs, order=2, rtol=1e-4, atol=1e-6)


@every_call
def test_forward_mode_agrees_with_reverse_mode(f, inputs):
    rng = np.random.default_rng(1)
    tangents = [rng.normal(size=np.shape(value)) for value in inputs]
    out, pullback = ag.vjp(f, *inputs)
    upstream = [rng.normal(size=np.shape(o)) for o in outputs(out)]
    nest = tuple(upstream) if isinstance(out, tuple) else upstream[0]
    _, pushed = ag.jvp(f, inputs, tangents)
    forward = sum(np.sum(u * p) for u, p in zip(upstream, outputs(pushed), strict=True))
    reverse = sum(np.sum(g * t) for g, t in zip(pullback(nest), tangents, strict=True))
    np.testing.assert_allclose(forward, reverse, rtol=1e-9, atol=1e-9)


@every_call
def test_float32_stays_float32_and_layout_makes_no_difference(f, inputs):
    def run(nodes):
        for k, out in enumerate(outputs(f(*nodes))):
            seed = np.random.default_rng(k).normal(size=out.shape)
            if out.requires_grad:
                out.backward(gradient=seed.astype(out.dtype))
        return [np.zeros(node.shape) if node.grad is None else node.grad for node in nodes]

    exact = run(fresh(inputs))
    small = fresh(inputs, np.float32)
    for got, want in zip(run(small), exact, strict=True):
        np.testing.assert_allclose(
            got, want, rtol=2e-2, atol=2e-3 * (1 + np.abs(want).max(initial=0))
        )
    for node in small:
        assert node.grad is None or node.grad.dtype == np.float32
    fortran = [Tensor(np.array(value, order="F")) for value in inputs]
    for node in fortran:
        node.data.flags.writeable = False
    for got, want in zip(run(fortran), exact, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-10)


@every_call
def test_constants_cost_nothing_and_change_nothing(f, inputs):
    if len(inputs) < 2:
        return
    whole = fresh(inputs)
    sum(map(np.sum, outputs(f(*whole)))).backward()
    for k in range(len(inputs)):
        node = Tensor(inputs[k])
        sum(map(np.sum, outputs(f(*inputs[:k], node, *inputs[k + 1 :])))).backward()
        np.testing.assert_array_equal(node.grad, whole[k].grad)


# ---- spellings


def test_numpy_the_namespace_and_methods_are_one():
    a = Tensor(np.arange(9.0).reshape(3, 3))
    same = [
        (np.trace(a), a.trace(), ag.linalg.trace(a)),
        (np.diagonal(a, 1), a.diagonal(1), ag.diagonal(a, 1), ag.linalg.diagonal(a, offset=1)),
        (np.linalg.norm(a), ag.linalg.norm(a)),
        (np.linalg.matmul(a, a), ag.linalg.matmul(a, a), a @ a),
        (np.linalg.matrix_transpose(a), ag.linalg.matrix_transpose(a), a.mT),
    ]
    for first, *others in same:
        for other in others:
            assert other.gate is first.gate
            np.testing.assert_array_equal(other.data, first.data)
    assert ag.trace is not np.trace
    import autograd.linalg

    assert autograd.linalg is ag.linalg


def test_all_of_numpys_linear_algebra_is_there_or_refuses_at_the_call():
    a = Tensor(np.eye(3))
    for name in np.linalg.__all__:
        assert hasattr(ag.linalg, name)
    assert ag.linalg.matrix_rank(a) == np.linalg.matrix_rank(a) == 3
    for name in ("eig", "eigvals"):
        with pytest.raises(ag.UnsupportedError, match=f"np.linalg.{name}"):
            getattr(ag.linalg, name)(a)
    with pytest.raises(AttributeError):
        ag.linalg.nonsense


def test_scalar_nodes_where_numpy_takes_numbers():
    for f in (np.vdot, np.inner, np.kron, lambda x, y: np.einsum(",", x, y)):
        x, y = Tensor(3.0), Tensor(-4.0)
        out = f(x, y)
        out.backward()
        assert out.item() == -12.0
        assert (x.grad, y.grad) == (-4.0, 3.0)
        assert type(x.grad) is float
    x = Tensor(-3.0)
    np.linalg.norm(x).backward()
    assert x.grad == -1.0


def test_plane_vectors_cross_as_numpy_has_it_still():
    a, b, c = (np.random.default_rng(3).normal(size=s) for s in ((5, 2), (2,), (5, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            np.cross(a, b)
        except ValueError:
            pytest.skip("this NumPy has no plane vectors")
        for pair in ((a, b), (a, c), (c, b)):
            assert np.cross(*map(Tensor, pair)).data.tobytes() == np.cross(*pair).tobytes()
            assert ag.gradcheck(np.cross, *pair, order=2)
        nodes = Tensor(a), Tensor(b)
        out = np.cross(*nodes)
    out.sum().backward()  # without a warning


# ---- where it breaks

ERRORS = [
    (lambda a: np.einsum("ij,jk", a, np.eye(5)), ValueError),
    (lambda a: ag.linalg.cross(a[:2], a[:2], axis=0), ValueError),
    (lambda a: ag.linalg.outer(a, a), ValueError),
    (lambda a: np.diag(a[None]), ValueError),
    (lambda a: np.linalg.inv(a * 0.0), np.linalg.LinAlgError),
    (lambda a: np.linalg.cholesky(-a), np.linalg.LinAlgError),
    (lambda a: np.linalg.eigh(a[:2]), np.linalg.LinAlgError),
    (lambda a: np.linalg.solve(a * 0.0, a), ag.LinAlgError),
    (lambda a: np.linalg.qr(a[:, :2], mode="complete")[0].sum().backward(), RuntimeError),
    (lambda a: np.linalg.qr(a, mode="raw"), ag.UnsupportedError),
    (lambda a: np.linalg.svd(a[:2])[2].sum().backward(), RuntimeError),
    (lambda a: np.linalg.tensorsolve(a, a), ValueError),
    (lambda a: np.linalg.tensorinv(a, ind=2), np.linalg.LinAlgError),
    (lambda a: np.linalg.tensorinv(a, ind=0), ValueError),
    (lambda a: ag.linalg.solve_triangular(a, a[0], trans=3), TypeError),
    (lambda a: ag.linalg.solve_triangular(a, a[0], trans=[1]), TypeError),
    (lambda a: ag.linalg.solve_triangular(a * 0.0, a[0]), np.linalg.LinAlgError),
    (lambda a: ag.linalg.solve_triangular(a[:2], a[0]), np.linalg.LinAlgError),
    (lambda a: ag.linalg.solve_triangular(a, a[0, :2]), ValueError),
    (lambda a: ag.linalg.cho_solve(a, a[0]), TypeError),
    (lambda a: ag.linalg.cho_solve((a, a), a[0]), TypeError),
    (lambda a: ag.fft.rfft(a, axis=2), IndexError),
    (lambda a: ag.fft.rfft(a[:0], axis=0), ValueError),
    (lambda a: ag.fft.rfft(a, n=0), ValueError),
    (lambda a: ag.fft.rfft(a, n=2.5), ValueError),
    (lambda a: ag.fft.rfft(a, norm="odd"), ValueError),
    (lambda a: ag.fft.rfft((a, a)), TypeError),
    (lambda a: ag.fft.rfft(a[0, 0]), IndexError),
    (lambda a: ag.fft.fft(a, 8), ValueError),
    (lambda a: ag.fft.fft((a, a[:2])), ValueError),
    (lambda a: ag.fft.fft(a, a, a), TypeError),
    (lambda a: ag.fft.fftn(a, s=(2, 2), axes=(0, 0)), ValueError),
    (lambda a: ag.fft.rfftn(a, s=(2,), axes=(0, 1)), ValueError),
    (lambda a: ag.fft.irfft(a[:, :1], a[:, :1]), ValueError),
    (lambda a: np.fft.fftshift(a, 2), IndexError),
    (lambda a: np.fft.hfft(a), ag.UnsupportedError),
    (lambda a: np.linalg.svd(a, hermitian=True), ag.UnsupportedError),
    (lambda a: np.linalg.pinv(a, hermitian=True), ag.UnsupportedError),
    (lambda a: np.einsum("ij->ji", a, out=np.zeros((3, 3))), ag.UnsupportedError),
    (lambda a: np.trace(a, dtype=float), ag.UnsupportedError),
    (lambda a: np.linalg.norm(a, "odd"), ValueError),
    (lambda a: np.tensordot(a, a[:2], axes=1), ValueError),
    (lambda a: np.tensordot(a, a, axes=(5, 1)), (ValueError, IndexError)),
    (lambda a: np.tensordot(a, a, axes=([0, 1], [0])), ValueError),
    (lambda a: np.linalg.multi_dot([a]), ValueError),
    (lambda a: np.einsum(a, [0, 99]), IndexError),
    (lambda a: np.einsum(a, "ij"), ag.AutogradError),
    (lambda a: ag.einsum(), TypeError),
    (lambda a: np.linalg.qr(a[0]), np.linalg.LinAlgError),
    (lambda a: np.linalg.svd(a[0]), np.linalg.LinAlgError),
]


@pytest.mark.parametrize(("f", "kind"), ERRORS, ids=range(len(ERRORS)))
def test_what_has_no_meaning_is_refused(f, kind):
    with pytest.raises(kind) as raised:
        f(Tensor(np.eye(3)))
    assert isinstance(raised.value, ag.AutogradError)


# ---- choices


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf])
def test_the_gradient_of_a_matrix_norm_at_zero_is_zero(ord):
    t = Tensor(np.zeros((2, 3)))
    np.linalg.norm(t, ord).backward()
    np.testing.assert_array_equal(t.grad, np.zeros((2, 3)))


@pytest.mark.parametrize("ord", [None, 2, 1, 3, 1.5, 0.5, np.inf, -np.inf, 0])
def test_the_gradient_of_a_vector_norm_at_zero_is_zero(ord):
    t = Tensor(np.zeros(3))
    np.linalg.norm(t, ord).backward()
    np.testing.assert_array_equal(t.grad, np.zeros(3))
    t = Tensor([[0.0, 3.0], [0.0, 0.0]])
    np.linalg.norm(t, 3, axis=1).sum().backward()
    np.testing.assert_allclose(t.grad, [[0.0, 1.0], [0.0, 0.0]])


@pytest.mark.parametrize("ord", [None, 2, 3])
def test_a_row_of_zeros_has_finite_second_derivatives_of_its_norm_and_spoils_no_other(ord):
    curved = ag.grad(
        lambda t: np.sum(ag.grad(lambda s: np.sum(np.linalg.norm(s, ord, axis=1) ** 3))(t) ** 2)
    )
    row = [3.0, -4.0]
    both = curved(np.array([[0.0, 0.0], row]))
    np.testing.assert_array_equal(both[0], 0.0)
    np.testing.assert_allclose(both[1], curved(np.array([row]))[0], rtol=1e-13)


def test_a_zero_entry_leaves_second_derivatives_of_a_norm_of_fractional_order_finite():
    """That of |x|^1.5 is infinite at 0, from either side; the entry takes no part."""
    curved = ag.grad(
        lambda t: np.sum(ag.grad(lambda s: np.sum(np.linalg.norm(s, 1.5, axis=1) ** 3))(t) ** 2)
    )
    both = curved(np.array([[0.0, 3.0, -4.0]]))
    assert both[0, 0] == 0.0
    np.testing.assert_allclose(both[0, 1:], curved(np.array([[3.0, -4.0]]))[0], rtol=1e-13)


def test_a_zero_entry_has_no_part_in_the_gradient_of_the_norm_of_order_one():
    t = Tensor([0.0, -2.0, 3.0])
    np.linalg.norm(t, 1).backward()
    np.testing.assert_array_equal(t.grad, [0.0, -1.0, 1.0])


@pytest.mark.parametrize("k", [0, 2])
def test_a_gradient_of_vectors_that_a_matrix_does_not_determine_is_refused(k):
    """A basis of what is left over may be turned: nothing that depends on it has a derivative."""
    tall = np.random.default_rng(k).normal(size=(4, 2))
    calls = {
        "q": lambda a: np.linalg.qr(a, "complete")[0],
        "u": lambda a: np.linalg.svd(a)[0],
        "vh": lambda a: np.linalg.svd(a.mT)[2].mT,
    }
    for read in calls.values():
        t = Tensor(tall)
        all_of = read(t)
        with pytest.raises(ag.GradientError, match=r"last 2 of 4 columns.*\[\.\.\., :2\]"):
            all_of[:, k:].sum().backward()
        assert t.grad is None
        all_of[:, :2].sum().backward()  # the others are determined
        assert np.all(np.isfinite(t.grad))
        _, tangent = ag.jvp(read, (tall,), (tall,))
        assert np.isfinite(tangent[:, :2]).all() and np.isnan(tangent[:, 2:]).all()
        fast = ag.compile(ag.grad(lambda a, read=read: np.sum(read(a)[:, :2])))
        np.testing.assert_array_equal(fast(tall), t.grad)
        spoiled = ag.compile(ag.grad(lambda a, w, read=read: np.sum(read(a) * w)))
        weights = np.ones((4, 4))
        weights[:, 2:] = 0.0
        np.testing.assert_allclose(spoiled(tall, weights), t.grad, atol=1e-14)
        with pytest.raises(ag.GradientError):
            spoiled(tall, np.ones((4, 4)))


def test_a_triangular_system_is_solved_by_substitution():
    """Every row's residual is small, whatever the condition, as SciPy's; elimination has 0.15."""
    rng = np.random.default_rng(0)
    for lower in (False, True):
        for trans in (0, 1):
            a = np.tril(rng.normal(size=(60, 60))) if lower else np.triu(rng.normal(size=(60, 60)))
            b = rng.normal(size=60)
            x = ag.linalg.solve_triangular(Tensor(a), b, lower=lower, trans=trans).data
            m = a.T if trans else a
            assert np.linalg.cond(a) > 1e12
            assert np.all(np.abs(m @ x - b) <= 60 * 2.3e-16 * (np.abs(m) @ np.abs(x) + np.abs(b)))


def test_triangular_solvers_are_scipys():
    linalg = pytest.importorskip("scipy.linalg")
    rng = np.random.default_rng(1)
    a, b = near(rng.normal(size=(4, 4))), rng.normal(size=(4, 2))
    for trans in (0, 1, 2, "N", "T", "C"):
        for lower in (False, True):
            for unit in (False, True):
                options = {"trans": trans, "lower": lower, "unit_diagonal": unit}
                for right in (b, b[:, 0]):
                    got = ag.linalg.solve_triangular(Tensor(a), right, **options)
                    want = linalg.solve_triangular(a, right, **options)
                    np.testing.assert_allclose(got.data, want, rtol=1e-12)
    for lower in (False, True):
        factor = linalg.cho_factor(spd(a), lower=lower)  # with rubbish in the other triangle
        got = ag.linalg.cho_solve(factor, Tensor(b))
        np.testing.assert_allclose(got.data, linalg.cho_solve(factor, b), rtol=1e-12)


def test_what_a_triangular_solver_does_not_read_has_no_gradient():
    a = near(np.random.default_rng(2).normal(size=(3, 3)))
    a[0, 1] = np.nan
    for unit in (False, True):
        t = Tensor(a)
        ag.linalg.solve_triangular(
            t, [1.0, 2.0, 3.0], lower=True, unit_diagonal=unit
        ).sum().backward()
        assert np.all(t.grad[np.triu_indices(3, 0 if unit else 1)] == 0.0)
        assert np.all(t.grad[np.tril_indices(3, -1)] != 0.0)


# ---- Fourier transforms


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize(("n", "length"), [(1, 1), (5, 5), (6, 6), (5, 8), (8, 5), (6, 3)])
def test_transforms_and_their_gradients_are_the_dft_matrixs(n, length, norm):
    """X = F·x with F[k, j] = exp(−2πi·jk/n): an upstream a + ib becomes Fᴴ·(a + ib)."""
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(2, length))
    scale = {None: 1.0, "ortho": n**-0.5, "forward": 1.0 / n}[norm]
    j, k = np.arange(min(n, length)), np.arange(n)[:, None]
    dft = np.zeros((n, length), complex)
    dft[:, j] = scale * np.exp(-2j * np.pi * j * k / n)

    def check(f, matrix, real):
        rows = len(matrix)
        g = rng.normal(size=rows) + 1j * rng.normal(size=rows)
        t, u = Tensor(x), Tensor(y)
        re, im = f(t) if real else f((t, u))
        want = matrix @ (x if real else x + 1j * y)
        np.testing.assert_allclose(re.data + 1j * im.data, want, atol=1e-12)
        np.sum(re * g.real + im * g.imag).backward()
        pulled = matrix.conj().T @ g
        np.testing.assert_allclose(t.grad, pulled.real, atol=1e-12)
        if not real:
            np.testing.assert_allclose(u.grad, pulled.imag, atol=1e-12)

    half, inverse = n // 2 + 1, dft.conj() / (scale * scale * n)
    check(lambda z: ag.fft.rfft(z, n=n, norm=norm), dft[:half], True)
    for real in (True, False):
        check(lambda z: ag.fft.fft(z, n=n, norm=norm), dft, real)
        check(lambda z: ag.fft.ifft(z, n=n, norm=norm), inverse, real)


@pytest.mark.parametrize("n", [5, 6])
@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
def test_the_inverse_of_a_half_spectrum_is_the_data_and_its_jacobian_the_identity(n, norm):
    x = np.random.default_rng(n).normal(size=(2, n))

    def there_and_back(t):
        return ag.fft.irfft(ag.fft.rfft(t, norm=norm), n=n, norm=norm)

    np.testing.assert_allclose(there_and_back(Tensor(x)).data, x, atol=1e-14)
    jacobian = ag.jacobian(there_and_back)(x).reshape(2 * n, 2 * n)
    np.testing.assert_allclose(jacobian, np.eye(2 * n), atol=1e-13)


def test_parsevals_energy_has_the_datas_own_gradient():
    x = np.random.default_rng(3).normal(size=(4, 6))
    energy = ag.compile(
        ag.value_and_grad(lambda t: sum(np.sum(p**2) for p in ag.fft.fft2(t, norm="ortho")))
    )
    for given in (x, 2.0 * x):
        value, gradient = energy(given)
        np.testing.assert_allclose(value, np.sum(given**2), rtol=1e-12)
        np.testing.assert_allclose(gradient, 2.0 * given, rtol=1e-12)
    hessian = ag.hessian(lambda t: sum(np.sum(p**2) for p in ag.fft.fft(t)))(x[0])
    np.testing.assert_allclose(hessian, 12.0 * np.eye(6), atol=1e-12)


def test_a_pair_is_transformed_once_and_its_gradient_too(monkeypatch):
    calls = []
    for name in ("rfftn", "irfftn"):
        original = getattr(np.fft, name)
        monkeypatch.setattr(
            np.fft, name, lambda *a, f=original, n=name, **k: calls.append(n) or f(*a, **k)
        )
    re, im = ag.fft.rfft(Tensor(np.arange(5.0)))
    np.sum(re * im).backward()
    assert calls == ["rfftn", "irfftn"]


def test_complex_arrays_are_constants_and_numpys_own_functions_say_where_to_go():
    z = np.array([1.0 + 2.0j, 3.0 - 1.0j])
    re, im = ag.fft.ifft(z)
    np.testing.assert_array_equal(re.data + 1j * im.data, np.fft.ifft(z))
    assert not re.requires_grad
    re, im = ag.fft.fft(z.real, Tensor(z.imag))
    np.testing.assert_array_equal(re.data + 1j * im.data, np.fft.fft(z))
    np.testing.assert_array_equal(ag.fft.fftfreq(5, 0.1), np.fft.fftfreq(5, 0.1))
    both = ag.fft.fftshift((Tensor(z.real), z.imag))
    np.testing.assert_array_equal(both[1].data, np.fft.fftshift(z.imag))
    for name in ag.fft.__all__:
        assert hasattr(np.fft, name)
        if "shift" not in name:
            with pytest.raises(ag.UnsupportedError, match=f"ag.fft.{name}$"):
                getattr(np.fft, name)(Tensor(np.eye(2)))
    with pytest.raises(AttributeError):
        ag.fft.nonsense


@pytest.mark.parametrize("name", ["qr", "eigh", "svd", "slogdet"])
def test_lists_and_arrays_are_factored_into_constants(name):
    square = np.array([[2.0, 1.0], [1.0, 3.0]])
    expected = getattr(np.linalg, name)(square)
    for given in (square, square.tolist()):
        found = getattr(ag.linalg, name)(given)
        assert type(found).__name__ == type(expected).__name__
        for got, want in zip(found, expected, strict=True):
            np.testing.assert_array_equal(got.data, want)
            assert not got.requires_grad


def test_ties_share_equally():
    t = Tensor([2.0, -2.0, 1.0])
    np.linalg.norm(t, np.inf).backward()
    np.testing.assert_array_equal(t.grad, [0.5, -0.5, 0.0])
    t = Tensor(2.0 * np.eye(2))
    np.linalg.norm(t, 2).backward()
    np.testing.assert_allclose(t.grad, np.eye(2) / 2)
    t = Tensor([[1.0, -1.0], [1.0, 1.0]])
    np.linalg.norm(t, 1).backward()
    np.testing.assert_array_equal(t.grad, [[0.5, -0.5], [0.5, 0.5]])


@pytest.mark.parametrize("scale", [1e-100, 1.0, 1e100])
def test_the_gradient_of_a_norm_does_not_depend_on_the_scale(scale):
    t = Tensor(scale * np.array([3.0, 4.0]))
    np.linalg.norm(t, 3).backward()
    np.testing.assert_allclose(t.grad, np.array([9.0, 16.0]) / 91 ** (2 / 3), rtol=1e-12)


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_determinants_of_singular_matrices_have_exact_derivatives_to_second_order(rank):
    """They are polynomials: cofactors, and minors of two rows fewer."""
    rng = np.random.default_rng(5)
    a = rng.normal(size=(3, rank)) @ rng.normal(size=(rank, 3))

    def by_hand(m):
        return sum(
            sign * m[0, i] * m[1, j] * m[2, k]
            for sign, i, j, k in [
                (1, 0, 1, 2), (1, 1, 2, 0), (1, 2, 0, 1),
                (-1, 0, 2, 1), (-1, 1, 0, 2), (-1, 2, 1, 0),
            ]
        )  # fmt: skip

    np.testing.assert_allclose(ag.grad(np.linalg.det)(a), ag.grad(by_hand)(a), atol=1e-13)
    np.testing.assert_allclose(ag.hessian(np.linalg.det)(a), ag.hessian(by_hand)(a), atol=1e-13)
    given = ag.hessian(np.linalg.det)(Tensor(a))  # recorded, so differentiable once more
    np.testing.assert_allclose(given.data, ag.hessian(by_hand)(a), atol=1e-13)


def test_third_derivatives_of_a_determinant():
    a = near(np.random.default_rng(6).normal(size=(3, 3)))
    assert ag.gradcheck(np.linalg.det, a, order=3, rtol=1e-4, atol=1e-5)


def test_the_logarithm_of_a_singular_determinant_has_no_gradient():
    t = Tensor(np.stack([np.zeros((2, 2)), 2.0 * np.eye(2)]))
    sign, logarithm = np.linalg.slogdet(t)
    logarithm.sum().backward()
    assert np.isnan(t.grad[0]).all()
    np.testing.assert_array_equal(t.grad[1], np.eye(2) / 2)
    sign.sum().backward()  # flat, and says so
    assert sign.requires_grad


@pytest.mark.parametrize("f", [
    np.linalg.cholesky, lambda a: np.linalg.eigh(a)[0], lambda a: np.linalg.eigh(a)[1],
    np.linalg.eigvalsh,
])  # fmt: skip
def test_gradients_of_functions_of_symmetric_matrices_are_symmetric(f):
    t = Tensor(spd(np.random.default_rng(2).normal(size=(3, 3))))
    out = f(t)
    out.backward(gradient=np.random.default_rng(3).normal(size=out.shape))
    np.testing.assert_allclose(t.grad, t.grad.T, rtol=1e-12, atol=1e-14)


def test_coinciding_eigenvalues_have_finite_gradients_themselves():
    t = Tensor(np.eye(3))
    values, _ = np.linalg.eigh(t)
    values.sum().backward()
    np.testing.assert_allclose(t.grad, np.eye(3))


# ---- several outputs


def test_each_output_is_one_node_and_one_step():
    a = Tensor(sym(np.random.default_rng(4).normal(size=(3, 3))), name="a")
    values, vectors = np.linalg.eigh(a)
    f = (vectors * values).sum()
    assert [node.gate.name for node in ag.Graph(f).nodes if node.gate] == [
        "linalg.eigh.eigenvalues", "linalg.eigh.eigenvectors", "multiply", "sum",
    ]  # fmt: skip
    assert values.inputs == vectors.inputs == (a,)
    assert len(ag.trace(f).steps) == 4


def test_the_work_is_done_once_for_all_outputs_and_again_for_another_operand(monkeypatch):
    calls = []
    original = np.linalg.svd

    def counted(*args, **kwargs):
        calls.append(args)
        return original(*args, **kwargs)

    a = Tensor(np.random.default_rng(4).normal(size=(4, 3)))
    monkeypatch.setattr(np.linalg, "svd", counted)
    u, s, vh = ag.linalg.svd(a, full_matrices=False)
    ((u * s) @ vh).sum().backward()
    assert len(calls) == 1
    np.testing.assert_allclose(a.grad, np.ones((4, 3)), atol=1e-12)
    other = a.data + 1.0  # a replay
    again = [node.gate.forward(other, **node.settings) for node in (u, s, vh)]
    assert len(calls) == 2
    for got, want in zip(again, original(other, full_matrices=False), strict=True):
        np.testing.assert_array_equal(got, want)


def test_least_squares_gives_residuals_and_rank():
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=(5, 2)), rng.normal(size=(5, 3))
    _, residuals, rank, s = np.linalg.lstsq(Tensor(a), Tensor(b))
    expected = np.linalg.lstsq(a, b)
    assert rank == expected[2] == 2
    assert residuals.shape == (3,) and s.shape == (2,)
    _, none, rank, _ = np.linalg.lstsq(Tensor(np.ones((3, 2))), b[:3])
    assert (rank, none.shape) == (1, (0,))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("rows", "columns", "right"), [(5, 3, (5,)), (5, 3, (5, 2)), (3, 5, (3,)), (4, 4, (4, 2))]
)
def test_every_output_of_least_squares_is_numpys_to_the_bit(rows, columns, right, dtype):
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=(rows, columns)).astype(dtype), rng.normal(size=right).astype(dtype)
    got, expected = np.linalg.lstsq(Tensor(a), Tensor(b)), np.linalg.lstsq(a, b)
    for ours, numpys in zip(got, expected, strict=True):
        np.testing.assert_array_equal(getattr(ours, "data", ours), numpys)
    assert [got[i].dtype for i in (0, 1, 3)] == [dtype] * 3
    if dtype is np.float64:
        for i in (0, 1, 3):
            assert ag.gradcheck(lambda a, b, i=i: np.linalg.lstsq(a, b)[i], a, b, order=2)


def test_the_namespace_is_imported_when_it_is_first_asked_for():
    lines = (
        "import sys, autograd as ag",
        "assert 'autograd.linalg' not in sys.modules",
        "assert 'autograd.gates.spectra' not in sys.modules",
        "from autograd.linalg import norm",
        "assert ag.linalg.norm is norm",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


@pytest.mark.parametrize(
    "name",
    [
        "cholesky",
        "cond",
        "det",
        "eigh",
        "eigvalsh",
        "inv",
        "pinv",
        "qr",
        "slogdet",
        "svd",
        "svdvals",
    ],
)
@pytest.mark.parametrize("node", [Tensor(2.0), Tensor(np.array(2.0)), Tensor(np.ones(3))])
def test_what_is_no_matrix_is_refused_by_its_axes_as_numpy_does(name, node):
    with pytest.raises(
        np.linalg.LinAlgError, match=f"{node.ndim}-dimensional array given"
    ) as caught:
        getattr(np.linalg, name)(node)
    assert isinstance(caught.value, ag.AutogradError)
