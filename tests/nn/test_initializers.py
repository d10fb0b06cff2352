"""Initialisers: the limits and variances of the papers, the same numbers for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from nn import initializers
from nn.initializers import TABLE, fans

SHAPE = (300, 200)
LIMITS = {
    "lecun_uniform": np.sqrt(3 / 300),
    "glorot_uniform": np.sqrt(6 / 500),
    "he_uniform": np.sqrt(6 / 300),
}
VARIANCES = {
    "lecun_uniform": 1 / 300, "lecun_normal": 1 / 300,
    "glorot_uniform": 2 / 500, "glorot_normal": 2 / 500,
    "he_uniform": 2 / 300, "he_normal": 2 / 300,
    "uniform": 0.1**2 / 12, "normal": 0.05**2,
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANCES)
def test_variance_is_that_of_the_paper(name):
    """60,000 numbers: the standard error of a normal's variance is 0.6 %."""
    weight = TABLE[name](SHAPE, 0, np.float64)
    assert weight.var() == pytest.approx(VARIANCES[name], rel=0.025)
    assert abs(weight.mean()) < 5 * np.sqrt(VARIANCES[name] / weight.size)


@pytest.mark.parametrize("name", LIMITS)
def test_uniform_ones_fill_their_limits_and_keep_within(name):
    weight = TABLE[name](SHAPE, 0, np.float64)
    assert 0.999 * LIMITS[name] < np.abs(weight).max() <= LIMITS[name]


def test_normal_ones_have_normal_tails():
    weight = initializers.he_normal(SHAPE, 0, np.float64) / np.sqrt(2 / 300)
    assert np.mean(np.abs(weight) > 1.959964) == pytest.approx(0.05, abs=0.004)


@pytest.mark.parametrize("name", TABLE)
@given(seed=st.integers(0, 2**32), shape=st.lists(st.integers(0, 4), min_size=1, max_size=3))
def test_same_seed_same_bits_of_the_dtype_and_shape_asked_for(name, seed, shape):
    single = TABLE[name](tuple(shape), seed)
    again = TABLE[name](tuple(shape), np.random.default_rng(seed), np.float64)
    assert single.shape == again.shape == tuple(shape)
    assert (single.dtype, again.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single, again.astype(np.float32))


def test_a_generator_goes_on_from_where_it_stands():
    rng = np.random.default_rng(0)
    first, second = (initializers.normal(4, rng, float) for _ in range(2))
    np.testing.assert_array_equal(
        np.concatenate([first, second]), initializers.normal(8, np.random.default_rng(0), float)
    )


def test_fans_read_the_last_two_axes():
    assert fans((3, 4)) == fans((7, 3, 4)) == (3, 4)
    assert fans(5) == fans((5,)) == (5, 1)


def test_fans_of_a_kernel_are_those_of_its_window():
    assert fans(initializers.kernel(8, 3, 5, 5)) == (3 * 25, 8 * 25)
    assert fans(initializers.kernel(8, 1, 3, groups=4)) == (3, 2 * 3)
    weight = initializers.he_normal(initializers.kernel(64, 32, 3, 3), 0, float)
    assert weight.shape == (64, 32, 3, 3)
    assert weight.var() == pytest.approx(2 / (32 * 9), rel=0.03)


@pytest.mark.parametrize(
    "shape", [(4, 4), (3, 5), (5, 3), (2, 3, 4), 6, initializers.kernel(3, 2, 2, 2)]
)
def test_orthogonal_matrices_have_orthogonal_rows_or_columns_of_length_gain(shape):
    weight = initializers.orthogonal(shape, 0, float, gain=3.0)
    if isinstance(shape, initializers.Kernel):
        weight = weight.reshape(3, 8)
    w = weight.reshape(-1, 1) if weight.ndim == 1 else weight
    w = w if w.shape[-2] >= w.shape[-1] else w.mT
    np.testing.assert_allclose(
        w.mT @ w, np.broadcast_to(9.0 * np.eye(w.shape[-1]), (*w.shape[:-2], *[w.shape[-1]] * 2)),
        atol=1e-13,
    )  # fmt: skip


def test_none_of_them_shares_memory_between_calls():
    first, second = initializers.zeros(3), initializers.zeros(3)
    first += 1.0
    assert not second.any()


def test_names_numbers_and_functions_are_found():
    assert initializers.get("glorot_uniform") is initializers.glorot_uniform
    assert initializers.get("Xavier uniform") is initializers.glorot_uniform
    assert initializers.get(len) is len
    np.testing.assert_array_equal(initializers.get(0.01)(2, 0, float), [0.01, 0.01])


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: initializers.get("he_norml"), ValueError, "did you mean 'he_normal'"),
        (lambda: initializers.get("he_norml"), LookupError, "Known are constant"),
        (lambda: initializers.get(None), TypeError, "received None"),
        (lambda: initializers.glorot_normal(()), ValueError, "single number"),
        (lambda: initializers.uniform(3, 0, low=1.0, high=0.0), ValueError, "low <= high"),
        (lambda: initializers.normal(3, 0, std=-1.0), ValueError, "std >= 0"),
        (lambda: initializers.normal(3, "seed"), TypeError, "rng=0"),
        (lambda: initializers.normal(3, -1), TypeError, "received -1"),
        (lambda: initializers.normal(3, True), TypeError, "received True"),
    ],
)
def test_bad_input_is_told_what_to_write(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, ag.AutogradError)
