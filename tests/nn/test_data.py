"""Batches, one-hot rows, scales, splits, and the small data sets."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograd import AutogradError, Tensor
from nn import data

ROWS = st.integers(1, 40)
SEEDS = st.integers(0, 2**32 - 1)
LABELS = arrays.arrays(
    st.sampled_from([np.uint8, np.int64]),
    arrays.array_shapes(max_dims=2),
    elements=st.integers(0, 9),
)
TABLES = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 8), st.integers(1, 4)),
    elements=st.floats(-1e3, 1e3, width=16),
)

# ---- batches


@given(ROWS, st.integers(1, 40), st.booleans(), st.booleans(), SEEDS)
def test_batches_hold_every_row_once_with_its_target(n, size, shuffle, drop_last, seed):
    size = min(size, n)
    X, y = np.arange(n) * 2.0, np.arange(n)
    options = {"batch_size": size, "shuffle": shuffle, "drop_last": drop_last}
    found = list(data.batches(X, y, rng=seed, **options))
    lengths = [size] * (n // size) + ([n % size] if n % size and not drop_last else [])
    assert [len(b) for _, b in found] == lengths
    rows = np.concatenate([b for _, b in found])
    assert len(set(rows.tolist())) == sum(lengths)
    assert shuffle or rows.tolist() == list(range(sum(lengths)))
    np.testing.assert_array_equal(np.concatenate([a for a, _ in found]), rows * 2.0)
    again = data.batches(X, rng=seed, **options)
    np.testing.assert_array_equal(np.concatenate(list(again)), rows * 2.0)


def test_batches_are_shuffled_anew_by_a_generator():
    rng = np.random.default_rng(0)
    orders = [np.concatenate(list(data.batches(np.arange(50), rng=rng))) for _ in range(2)]
    assert orders[0].tolist() != orders[1].tolist() != list(range(50))


# ---- one-hot


@given(LABELS, st.integers(10, 12))
def test_one_hot_rows_tell_their_label(labels, classes):
    for rows in (data.one_hot(labels, classes), data.one_hot(Tensor(labels, requires_grad=False))):
        np.testing.assert_array_equal(rows.argmax(axis=-1), labels)
        np.testing.assert_array_equal(rows.sum(axis=-1), 1.0)
        assert rows.dtype == np.float32
    assert data.one_hot(labels, classes).shape == (*labels.shape, classes)
    assert data.one_hot(labels).shape[-1] == labels.max() + 1


def test_no_labels_give_no_rows():
    assert data.one_hot([], 3).shape == (0, 3)
    assert data.one_hot(np.array([0, 1]), dtype=np.float64).dtype == np.float64


# ---- scales


@given(TABLES)
def test_standardised_columns_have_mean_0_and_deviation_1(X):
    Z = data.standardise(X)
    constant = np.ptp(X, axis=0) == 0.0
    np.testing.assert_allclose(Z.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(Z.std(axis=0), np.where(constant, 0.0, 1.0), atol=1e-9)
    scale = data.Standardiser(X)
    np.testing.assert_allclose(scale.inverse(scale(X)), X, atol=1e-9)


def test_others_are_put_on_the_scale_of_what_one_trains_with():
    train, test = np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[5.0, 20.0]])
    Z_train, Z_test = data.standardise(train, test)
    np.testing.assert_allclose(Z_train, [[-1, -1], [1, 1]])
    np.testing.assert_allclose(Z_test, [[3, 0]])


@pytest.mark.parametrize(
    ("dtype", "expected"), [(np.float32, np.float32), (np.uint8, np.float64), (bool, np.float64)]
)
def test_floats_keep_their_dtype(dtype, expected):
    X = np.array([[[0, 1], [1, 1]], [[1, 0], [0, 1]]], dtype)
    Z = data.standardise(X)
    assert (Z.dtype, Z.shape) == (expected, X.shape)
    assert data.standardise(np.array([1.0, 3.0])).tolist() == [-1.0, 1.0]


def test_a_constant_column_becomes_0_exactly():
    assert data.standardise(np.full((3, 1), 0.1)).tolist() == [[0.0]] * 3


# ---- splits


@given(st.integers(2, 60), st.floats(0.05, 0.95), SEEDS)
def test_a_split_keeps_every_row_once_with_its_target(n, share, seed):
    tested = min(max(round(n * share), 1), n - 1)
    X, y = np.arange(n) * 2.0, np.arange(n)
    X_train, X_test, y_train, y_test = data.train_test_split(X, y, test_size=tested, rng=seed)
    assert len(y_test) == tested
    assert sorted([*y_train, *y_test]) == list(range(n))
    np.testing.assert_array_equal([*X_train, *X_test], 2.0 * np.array([*y_train, *y_test]))
    again = data.train_test_split(X, test_size=tested, rng=seed)
    np.testing.assert_array_equal(again[1], X_test)
    last = data.train_test_split(y, test_size=tested, shuffle=False)[1]
    assert last.tolist() == list(range(n - tested, n))


def test_rows_that_rounding_leaves_over_are_given_by_largest_remainder_and_then_by_lot():
    def tested(labels, size, seed):
        _, part = data.train_test_split(labels, test_size=size, stratify=labels, rng=seed)
        return np.bincount(part, minlength=labels.max() + 1)

    even = np.repeat(np.arange(5), 10)  # of each 2.4, so that two of them get a third one
    drawn = np.array([tested(even, 12, seed) for seed in range(200)])
    assert (np.sort(drawn, axis=1) == [2, 2, 2, 3, 3]).all()
    assert ((drawn == 3).mean(axis=0) > 0.25).all()
    uneven = np.repeat([0, 1, 2], [11, 14, 25])  # of them 2.2, 2.8 and 5
    assert all(tested(uneven, 10, seed).tolist() == [2, 3, 5] for seed in range(20))


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=60), st.integers(1, 3), SEEDS)
def test_a_stratified_split_gives_each_label_its_share(labels, tested, seed):
    labels = np.array(labels)
    rows = np.arange(len(labels))
    for shuffle in (True, False):
        train, test = data.train_test_split(
            rows, test_size=tested, stratify=labels, shuffle=shuffle, rng=seed
        )
        assert sorted([*train, *test]) == rows.tolist()
        assert len(test) == tested
        for label in set(labels.tolist()):
            exact = (labels == label).sum() * tested / len(labels)
            assert abs((labels[test] == label).sum() - exact) < 1
        assert shuffle or test.tolist() == sorted(test.tolist())


def test_a_share_is_rounded_to_rows():
    train, test = data.train_test_split(np.arange(10), test_size=0.25, rng=0)
    assert (len(train), len(test)) == (8, 2)


# ---- small data sets

POINTS = [data.moons, data.blobs, data.spirals, data.circles, data.xor]


@pytest.mark.parametrize("make", POINTS)
@given(n=st.integers(1, 60), seed=SEEDS)
def test_points_have_their_shapes_and_labels_in_turn(make, n, seed):
    X, y = make(n, noise=0.3, rng=seed)
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((n, 2), np.float64, (n,), np.int64)
    assert make is data.xor or y.tolist() == [i % (y.max() + 1) for i in range(n)]
    again = make(n, noise=0.3, rng=seed)
    assert (X.tobytes(), y.tobytes()) == (again[0].tobytes(), again[1].tobytes())


def test_moons_are_half_circles():
    X, y = data.moons(500, noise=0.0, rng=0)
    upper, lower = X[y == 0], X[y == 1] - [1.0, 0.5]
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0)
    np.testing.assert_allclose(np.hypot(*lower.T), 1.0)
    assert upper[:, 1].min() >= 0.0 >= lower[:, 1].max()


def test_spirals_turn_as_they_grow():
    X, y = data.spirals(900, classes=3, turns=1.5, noise=0.0, rng=0)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    expected = 2 * np.pi * (1.5 * radius + y / 3)
    np.testing.assert_allclose(np.cos(angle - expected), 1.0, atol=1e-9)
    assert radius.max() <= 1.0
    assert np.mean(radius < 0.5) == pytest.approx(0.25, abs=0.04)


def test_circles_and_blobs_are_where_they_are_said_to_be():
    X, y = data.circles(400, factor=0.3, noise=0.0, rng=0)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y, 0.3, 1.0))
    X, y = data.blobs(6000, classes=5, noise=0.4, radius=3.0, rng=0)
    for label in range(5):
        members, angle = X[y == label], 2 * np.pi * label / 5
        centre = [3 * np.cos(angle), 3 * np.sin(angle)]
        np.testing.assert_allclose(members.mean(axis=0), centre, atol=0.05)
        np.testing.assert_allclose(members.std(axis=0), 0.4, atol=0.03)


def test_xor_is_the_lectures_and_a_noisy_sine_is_a_sine():
    X, y = data.xor(8)
    assert y.tolist() == [0, 1, 1, 0] * 2
    np.testing.assert_array_equal(y, X[:, 0] != X[:, 1])
    x, t = data.noisy_sine(4000, noise=0.2, periods=2.0, rng=0)
    assert (x.shape, t.shape) == ((4000, 1), (4000, 1))
    assert 0.0 <= x.min() < 0.1 < 12.5 < x.max() <= 4 * np.pi
    assert np.std(t - np.sin(x)) == pytest.approx(0.2, abs=0.01)


# ---- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: data.batches(), "expects one array at least"),
        (lambda: data.batches([1, 2], [1]), r"received the shapes \(2,\), \(1,\)"),
        (lambda: data.batches(np.zeros((0, 2))), "expects rows"),
        (lambda: data.batches(1.0), "same number of rows"),
        (lambda: data.batches([1, 2], batch_size=3), "batch_size is 3 and there are 2 rows"),
        (lambda: data.batches([1, 2], batch_size=0), "batch_size must be 1 or more"),
        (lambda: data.batches([1, 2], batch_size=2, shuffle=1), "shuffle must be True or False"),
        (lambda: data.batches([[1], [1, 2]]), "expects an array"),
        (lambda: data.one_hot([0.5]), "expects integers and received float64"),
        (lambda: data.one_hot(["a"]), "np.unique"),
        (lambda: data.one_hot([0, 3], 3), "labels must be from 0 to 2, and are from 0 to 3"),
        (lambda: data.one_hot([-1, 0]), "and are from -1 to 0"),
        (lambda: data.one_hot([0, 2**60]), "do not fit into memory: are these class numbers"),
        (lambda: data.one_hot([0], 0), "classes must be 1 or more"),
        (lambda: data.one_hot([0], dtype=int), "dtype must be one of floats"),
        (lambda: data.one_hot([0], dtype="7x"), "dtype must be one of real numbers"),
        (lambda: data.standardise([]), "expects rows and received"),
        (lambda: data.standardise(1.0), "expects rows and received"),
        (lambda: data.standardise([1.0, np.nan]), "an entry is nan, infinite or too large"),
        (lambda: data.standardise(["a"]), "expects real numbers"),
        (lambda: data.standardise([[1.0]], [[1.0, 2.0]]), r"received an array of shape \(1, 2\)"),
        (lambda: data.train_test_split(), "expects one array at least"),
        (lambda: data.train_test_split([1], test_size=0.5), "both need one at least"),
        (lambda: data.train_test_split([1, 2], test_size=2), "leaves 2 to test with and 0 to"),
        (lambda: data.train_test_split([1, 2], test_size=1.5), "test_size must be a number of 0"),
        (lambda: data.train_test_split([1, 2], test_size=1, stratify=[1]), "number of rows"),
        (lambda: data.train_test_split([1, 2], test_size=1, stratify=[[1], [2]]), "one label a"),
        (lambda: data.train_test_split([1, 2], test_size=1, stratify=[None, 1]), "of one kind"),
        (lambda: data.moons(0), "n must be 1 or more"),
        (lambda: data.moons(noise=-1.0), "noise must be a number of 0 or more"),
        (lambda: data.moons(rng="seed"), "rng expects a seed"),
        (lambda: data.blobs(classes=1.5), "classes must be an integer"),
        (lambda: data.circles(factor=2.0), "factor must be a number of 0 or more and at most 1"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(make, message):
    with pytest.raises(AutogradError, match=message):
        make()


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 300), st.floats(), st.text(max_size=3)
)
ANYTHING = st.one_of(
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=12),
    arrays.arrays(
        st.sampled_from([np.float32, np.float64, np.uint8, np.int64, bool, "U2", complex, "M8[s]"]),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
)
FUNCTIONS = [
    data.one_hot,
    data.standardise,
    lambda x: list(data.batches(x, batch_size=1)),
    lambda x: data.batches([1, 2], batch_size=x),
    lambda x: data.train_test_split(x, test_size=1),
    lambda x: data.train_test_split([1, 2, 3], test_size=x),
    lambda x: data.train_test_split([1, 2, 3], stratify=x, test_size=1),
    lambda x: data.one_hot([1], x),
    lambda x: data.moons(4, noise=x),
    lambda x: data.moons(4, rng=x),
    lambda x: data.mixup(x, x),
    lambda x: data.cutout(np.ones((1, 2, 2)), fill=x),
    lambda x: data.shift(np.ones((1, 2, 2)), pixels=x),
    data.flip,
    data.rotate,
    data.colour,
    data.load_idx,
    data.load_mnist,
]


@pytest.mark.slow
@given(ANYTHING, st.sampled_from(FUNCTIONS))
@settings(max_examples=300)
def test_anything_gives_a_result_or_our_error(value, function):
    with suppress(AutogradError, OSError):  # an OSError where text is taken for a path
        assert function(value) is not None
