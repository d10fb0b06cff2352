"""A network that scikit-learn trained answers equally here."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import nn

pytest.importorskip("sklearn")

from sklearn.neural_network import MLPClassifier, MLPRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
LABELS = {
    "two": np.where(X[:, 0] > 0, "yes", "no"),
    "three": np.array(["a", "b", "c"])[(X > 0).sum(1) % 3],
    "several": (X > 0).astype(int),
}


def fitted(kind, y, **options):
    with warnings.catch_warnings(action="ignore"):  # that it has not converged
        return kind(hidden_layer_sizes=(5, 4), max_iter=30, random_state=0, **options).fit(X, y)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("labels", LABELS)
def test_a_classifier(labels, activation):
    theirs = fitted(MLPClassifier, LABELS[labels], activation=activation)
    ours = nn.from_sklearn(theirs)
    expected = theirs.predict_proba(X)
    found = nn.predict_proba(ours, X)
    if labels == "two":
        found = np.concatenate([1.0 - found.reshape(-1, 1), found.reshape(-1, 1)], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    if labels != "several":
        np.testing.assert_array_equal(nn.predict_classes(ours, X), theirs.predict(X))


@pytest.mark.parametrize("y", [X[:, 0], X[:, :2]], ids=["one", "two"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_regressor(y, dtype):
    with warnings.catch_warnings(action="ignore"):
        theirs = MLPRegressor(hidden_layer_sizes=(5,), max_iter=30, random_state=0)
        theirs.fit(X.astype(dtype), y.astype(dtype))
    ours = nn.from_sklearn(theirs)
    assert ours.dtype == dtype
    expected = theirs.predict(X.astype(dtype)).reshape(len(X), -1)
    rtol = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(nn.predict(ours, X.astype(dtype)), expected, rtol=rtol, atol=rtol)


def test_a_regressor_of_counts():
    try:
        theirs = MLPRegressor(loss="poisson", hidden_layer_sizes=(5,), max_iter=30)
    except TypeError:
        pytest.skip("this scikit-learn has no such loss")
    with warnings.catch_warnings(action="ignore"):
        theirs.fit(X, np.arange(40) % 4)
    found = nn.predict(nn.from_sklearn(theirs), X)[:, 0]
    np.testing.assert_allclose(found, theirs.predict(X), rtol=1e-12)


def test_names_of_columns_are_kept():
    frame = pytest.importorskip("pandas").DataFrame(X, columns=["a", "b", "c"])
    with warnings.catch_warnings(action="ignore"):
        theirs = MLPClassifier(hidden_layer_sizes=(3,), max_iter=5, random_state=0).fit(
            frame, LABELS["two"]
        )
    assert nn.from_sklearn(theirs).feature_names_in_ == ("a", "b", "c")


@pytest.mark.parametrize("other", [MLPClassifier(), 3, nn.Linear(2, 2), type])
def test_what_is_no_fitted_network_is_refused(other):
    with pytest.raises(TypeError, match="that was fitted, and received"):
        nn.from_sklearn(other)
