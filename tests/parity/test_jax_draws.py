"""Draws on JAX's device: the distributions of NumPy's generators, by keys from their seeds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

import autograd as ag
import nn
from nn import optim

LAWS = {
    "random": ((), stats.uniform()),
    "uniform": ((-1.0, 3.0), stats.uniform(-1.0, 4.0)),
    "normal": ((1.0, 2.0), stats.norm(1.0, 2.0)),
    "standard_normal": ((), stats.norm()),
    "lognormal": ((0.5, 0.7), stats.lognorm(0.7, scale=np.exp(0.5))),
    "exponential": ((2.0,), stats.expon(scale=2.0)),
    "standard_exponential": ((), stats.expon()),
    "gamma": ((2.5, 2.0), stats.gamma(2.5, scale=2.0)),
    "standard_gamma": ((0.5,), stats.gamma(0.5)),
    "chisquare": ((3.0,), stats.chi2(3.0)),
    "beta": ((2.0, 3.0), stats.beta(2.0, 3.0)),
    "standard_t": ((4.0,), stats.t(4.0)),
    "standard_cauchy": ((), stats.cauchy()),
    "laplace": ((1.0, 2.0), stats.laplace(1.0, 2.0)),
    "logistic": ((1.0, 2.0), stats.logistic(1.0, 2.0)),
    "gumbel": ((1.0, 2.0), stats.gumbel_r(1.0, 2.0)),
    "weibull": ((1.5,), stats.weibull_min(1.5)),
    "pareto": ((3.0,), stats.lomax(3.0)),
    "rayleigh": ((2.0,), stats.rayleigh(scale=2.0)),
    "poisson": ((3.5,), stats.poisson(3.5)),
    "binomial": ((9, 0.3), stats.binom(9, 0.3)),
    "integers": ((-2, 5), stats.randint(-2, 5)),
}

N = 4000


GAMMA = {"gamma", "standard_gamma", "chisquare", "beta", "standard_t"}
"""Those of which XLA compiles loops that reject some numbers, in a second or two each."""


@cache
def drawn(names):
    """Of each law, what two runs of one program drew."""
    generators = {name: np.random.default_rng(1) for name in names}

    def draw():
        return {n: ag.sample(getattr(rng, n), *LAWS[n][0], size=N) for n, rng in generators.items()}

    fast = ag.compile(draw, backend="jax")
    return fast(), fast()


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n in GAMMA else []) for n in LAWS]
)
def test_the_distribution_is_the_named_one(name):
    args, law = LAWS[name]
    names = (name,) if name in GAMMA else (*(n for n in LAWS if n not in GAMMA),)
    one, other = (run[name] for run in drawn(names))
    assert not np.array_equal(one, other)
    by_numpy = getattr(np.random.default_rng(1), name)(*args, size=N)
    assert (one.shape, one.dtype) == (by_numpy.shape, by_numpy.dtype)
    assert not np.array_equal(one, by_numpy)
    if one.dtype.kind == "f":
        chance = stats.kstest(one, law.cdf).pvalue
    else:
        values = np.arange(law.ppf(1e-3), law.ppf(1.0 - 1e-3) + 1.0)
        counts = np.array([np.sum(one == v) for v in values])
        expected = law.pmf(values)
        chance = stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue
    assert chance > 1e-3


def test_a_seed_gives_the_same_numbers_whatever_ran_before():
    def three(seed):
        rng = np.random.default_rng(seed)
        fast = ag.compile(
            lambda x: (
                ag.sample(rng.normal, size=3),
                x + ag.sample(rng.random, 3, dtype=np.float32),
                ag.sample(rng.integers, 2**32, size=3),
            ),
            backend="jax",
        )
        return [fast(np.zeros(3, np.float32)) for _ in range(4)], rng.integers(1 << 40)

    found, after = three(7)
    again, then = three(7)
    others, _ = three(8)
    np.testing.assert_equal(found, again)
    assert after == then
    assert [part.dtype for part in found[0]] == [np.float64, np.float32, np.int64]
    flat = np.concatenate([np.ravel(part) for run in (*found, *others) for part in run])
    assert len(np.unique(flat)) == flat.size


def test_draws_that_jax_has_not_are_numpys():
    def draws(backend):
        rng = np.random.default_rng(0)
        fast = ag.compile(
            lambda: (
                ag.sample(lambda: rng.normal(size=3)),
                ag.sample(rng.triangular, 0.0, 1.0, 2.0, 3),
                ag.sample(rng.integers, -(2**63), 2**63 - 1, 3),
                ag.sample(rng.normal),
            ),
            backend=backend,
        )
        return [fast() for _ in range(3)]

    np.testing.assert_equal(draws("jax"), draws("numpy"))


def test_what_sample_is_given_goes_to_the_function():
    rng, same = np.random.default_rng(0), np.random.default_rng(0)
    fast = ag.compile(lambda x: x * ag.sample(rng.normal, 1.0, scale=0.1, size=3))
    for _ in range(3):
        np.testing.assert_array_equal(fast(np.ones(3)), same.normal(1.0, 0.1, 3))
    with pytest.raises(ag.DataError, match="function that draws"):
        ag.sample(rng.normal(size=3), 2)


def test_training_with_dropout_comes_out_the_same_by_its_seed():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(96, 5)).astype("f"), rng.integers(3, size=96)

    def weights(seed):
        model = nn.Sequential(
            nn.GaussianNoise(0.1, rng=seed), nn.Linear(5, 16, rng=0), nn.ReLU(),
            nn.Dropout(0.5, rng=seed), nn.Linear(16, 3, rng=1),
        )  # fmt: skip
        history = nn.fit(
            model, X, y, loss="cross_entropy", optimizer=optim.SGD(lr=0.1), epochs=2, batch_size=96,
            backend="jax", rng=0, progress=False,
        )  # fmt: skip
        assert not history.notes
        return model.layers[1].weight.data

    np.testing.assert_array_equal(weights(3), weights(3))


def test_a_mask_drops_a_share_and_makes_up_for_it():
    layer = nn.Dropout(0.25, rng=0)
    kept = ag.compile(layer, backend="jax")(np.ones((100, 100), np.float32))
    assert set(np.unique(kept)) == {np.float32(0.0), np.float32(1.0 / 0.75)}
    assert abs(np.mean(kept) - 1.0) < 0.03
