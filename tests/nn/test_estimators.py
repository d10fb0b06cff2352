"""Networks as scikit-learn's estimators: its own checks, its closed solutions, its tools."""

from __future__ import annotations

import io
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

import nn
from nn import optim

pytest.importorskip("sklearn")
import joblib
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_iris, make_regression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from nn.estimators import NetworkClassifier, NetworkRegressor

X, KIND = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
NAMES = np.array(["setosa", "versicolor", "virginica"])[KIND]
QUICK = {"hidden": (4,), "lr": 0.05, "epochs": 5, "random_state": 0}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "network",
    [
        NetworkClassifier(), NetworkRegressor(), NetworkClassifier(loss="multiclass_hinge"),
        NetworkClassifier(early_stopping=3, lr=0.01),
    ],
    ids=["classifier", "regressor", "hinge", "stopping"],
)  # fmt: skip
def test_scikit_learns_own_checks(network):
    """With no expected failure; what is skipped needs another environment."""
    found = check_estimator(network, on_fail=None, on_skip=None)
    assert not [one for one in found if one["status"] not in ("passed", "skipped")]
    assert {one["check_name"] for one in found if one["status"] == "skipped"} <= {
        "check_array_api_input"
    }


def test_without_hidden_layers_it_is_logistic_regression():
    """Its mean loss and alpha·Σw² are those of C = 1/(2·alpha·N)."""
    network = NetworkClassifier(
        hidden=(), alpha=0.01, optimizer="sgd", lr=0.5, epochs=1000, batch_size=150, random_state=0
    ).fit(X, NAMES)
    exact = LogisticRegression(C=1 / (2 * 0.01 * 150), tol=1e-8).fit(X, NAMES)
    np.testing.assert_allclose(network.predict_proba(X), exact.predict_proba(X), atol=1e-4)
    assert network.score(X, NAMES) == exact.score(X, NAMES)
    np.testing.assert_array_equal(network.classes_, exact.classes_)


@pytest.mark.parametrize("outputs", [1, 3])
def test_without_hidden_layers_it_is_ridge_regression(outputs):
    features, y = make_regression(80, 4, n_targets=outputs, noise=5.0, random_state=0)
    y = y / 100.0
    alpha = 0.01 / outputs  # mse is a mean over the outputs too
    network = NetworkRegressor(
        hidden=(), alpha=alpha, optimizer=optim.SGD(lr=0.3), epochs=800, batch_size=80,
        random_state=0,
    ).fit(features, y)  # fmt: skip
    exact = Ridge(alpha=80 * 0.01).fit(features, y)
    np.testing.assert_allclose(network.predict(features), exact.predict(features), atol=1e-5)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "hinge", "cross_entropy", "kl", "mse"])
def test_two_classes_with_each_loss(loss):
    two = KIND < 2
    network = NetworkClassifier(**QUICK | {"epochs": 30}, loss=loss).fit(X[two], NAMES[two])
    assert network.score(X[two], NAMES[two]) == 1.0
    decision = network.decision_function(X[two])
    assert decision.shape == (100,)
    np.testing.assert_array_equal(network.predict(X[two]) == "versicolor", decision > 0)
    if loss in ("hinge", "mse"):
        assert not hasattr(network, "predict_proba")
    else:
        found = network.predict_proba(X[two])
        np.testing.assert_allclose(found[:, 1], 1 / (1 + np.exp(-decision)), atol=1e-12)
        np.testing.assert_allclose(found.sum(axis=1), 1.0)
    if loss in ("binary_cross_entropy", "hinge"):
        with pytest.raises(ValueError, match="tells two classes apart, and y has 3 classes"):
            clone(network).fit(X, NAMES)


def test_weights_of_classes_and_samples_are_those_of_logistic_regression():
    rows = np.r_[0:50, 50:70, 100:140]
    labels, weights = NAMES[rows], np.random.default_rng(0).uniform(0.0, 2.0, len(rows))
    alpha = 0.01
    for balanced in ("balanced", {"setosa": 1.0, "versicolor": 4.0, "virginica": 0.5}):
        network = NetworkClassifier(
            hidden=(), alpha=alpha, optimizer="sgd", lr=0.5, epochs=1500, batch_size=200,
            random_state=0, class_weight=balanced,
        ).fit(X[rows], labels)  # fmt: skip
        factors = network.set_params(epochs=1)._class_weight()
        counts = np.unique(labels, return_counts=True)[1]
        if balanced == "balanced":
            factors = dict(enumerate(len(rows) / (3 * counts)))
        total = sum(factors[i] * counts[i] for i in range(3))
        exact = LogisticRegression(C=1 / (2 * alpha * total), tol=1e-9, class_weight=balanced)
        found = exact.fit(X[rows], labels).predict_proba(X)
        np.testing.assert_allclose(network.predict_proba(X), found, atol=2e-4)
    network = NetworkRegressor(
        hidden=(), alpha=alpha, optimizer="sgd", lr=0.1, epochs=2000, batch_size=200, random_state=0
    ).fit(X[rows, :2], X[rows, 2], sample_weight=weights)
    ridge = Ridge(alpha=alpha * weights.sum()).fit(X[rows, :2], X[rows, 2], sample_weight=weights)
    np.testing.assert_allclose(network.predict(X[:, :2]), ridge.predict(X[:, :2]), atol=1e-4)


def test_class_weights_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="class_weight has 'rosa', which is none of"):
        NetworkClassifier(**QUICK, class_weight={"rosa": 1.0}).fit(X, NAMES)
    network = NetworkClassifier(**QUICK, class_weight={"setosa": 2.0, "virginica": 0.5})
    network.partial_fit(X[:50], NAMES[:50], classes=np.unique(NAMES))  # setosa alone
    with pytest.raises(ValueError, match="needs all rows"):
        network.set_params(class_weight="balanced").partial_fit(X, NAMES)


def pickled(network):
    file = io.BytesIO()
    joblib.dump(network, file)
    file.seek(0)
    return joblib.load(file)


def test_it_works_in_pipelines_and_searches_and_survives_copies():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcd"))
    search = GridSearchCV(
        make_pipeline(StandardScaler(), NetworkClassifier(**QUICK)),
        {"networkclassifier__hidden": [(4,), (4, 4)], "networkclassifier__activation": ["tanh"]},
        cv=2,
    ).fit(frame, NAMES)
    assert search.best_score_ > 0.8
    best = search.best_estimator_[-1]
    for again in (pickled(best), deepcopy(best)):
        np.testing.assert_array_equal(again.predict_proba(X), best.predict_proba(X))
    alone = NetworkClassifier(**QUICK).fit(frame, NAMES)
    assert alone.feature_names_in_.tolist() == list("abcd")
    assert alone.n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names should match"):
        alone.predict(frame[list("abdc")])
    copy = clone(alone)
    assert not hasattr(copy, "model_")
    np.testing.assert_array_equal(copy.fit(frame, NAMES).predict(frame), alone.predict(frame))


def test_partial_fit_goes_on_and_so_does_a_copy_that_was_pickled():
    network = NetworkClassifier(**QUICK)
    with pytest.raises(ValueError, match="first partial_fit needs classes="):
        network.partial_fit(X, NAMES)
    network.partial_fit(X[:75], NAMES[:75], classes=np.unique(NAMES))
    copy = pickled(network)
    for one in (network, copy):
        for _ in range(8):
            one.partial_fit(X, NAMES)
    assert network.score(X, NAMES) > 0.8
    np.testing.assert_array_equal(copy.predict_proba(X), network.predict_proba(X))
    with pytest.raises(ValueError, match="'rosa', which is none of"):
        network.partial_fit(X, np.where(KIND == 0, "rosa", NAMES))
    regressor = NetworkRegressor(**QUICK)
    losses = [regressor.partial_fit(X, X[:, :2]).history_.history["loss"][-1] for _ in range(20)]
    assert losses[-1] < 0.5 * losses[0]
    assert regressor.n_outputs_ == 2


def test_a_warm_start_goes_on_and_a_cold_one_begins_anew():
    network = NetworkClassifier(**QUICK)
    first = network.fit(X, NAMES).history_.history["loss"]
    assert network.fit(X, NAMES).history_.history["loss"] == first
    assert network.set_params(warm_start=True).fit(X, NAMES).history_.history["loss"][0] < first[0]
    with pytest.raises(ValueError, match="warm_start goes on with the classes"):
        network.fit(X, KIND)


def test_early_stopping_watches_rows_that_are_drawn():
    network = NetworkClassifier(
        **QUICK | {"epochs": 500}, validation_split=0.2, early_stopping=2
    ).fit(X, NAMES)
    history = network.history_
    assert len(history) < 500
    assert "has not improved for 2 epochs" in history.stopped
    assert min(history.history["val_loss"]) == history.history["val_loss"][-3]
    mine = nn.EarlyStopping("loss", patience=1)
    network.set_params(early_stopping=mine, validation_split=0.0).fit(X, NAMES)
    assert mine.best is None  # a copy was used


def narrow(n_features, n_outputs, rng):
    return nn.MLP(n_features, [3], n_outputs, activation="tanh", rng=rng, dtype=np.float64)


def normalising(n_features, n_outputs, rng):
    return nn.Sequential(nn.BatchNorm(n_features), nn.Linear(n_features, n_outputs, rng=rng))


def test_a_function_makes_the_model():
    network = NetworkClassifier(model=narrow, lr=0.05, random_state=0).fit(X, NAMES)
    assert network.model_.hidden == [3]
    assert network.score(X, NAMES) > 0.9
    assert cross_val_score(network, X, NAMES, cv=2).min() > 0.8
    normed = clone(network).set_params(model=normalising, epochs=2, batch_size=149)
    with pytest.raises(ValueError, match="drop_last=True"):
        normed.fit(X, NAMES)
    assert normed.set_params(drop_last=True).fit(X, NAMES).predict(X).shape == (150,)
    with pytest.raises(TypeError, match="model expects a function"):
        clone(network).set_params(model=nn.Linear(4, 3)).fit(X, NAMES)


def test_sparse_and_float32_data_are_taken_as_they_are():
    network = NetworkClassifier(**QUICK).fit(X, NAMES)
    thin = NetworkClassifier(**QUICK).fit(sparse.csr_array(X), NAMES)
    np.testing.assert_array_equal(thin.predict_proba(sparse.csc_array(X)), network.predict_proba(X))
    assert network.model_.dtype == np.float64
    assert NetworkClassifier(**QUICK).fit(X.astype(np.float32), NAMES).model_.dtype == np.float32


def test_unknown_words_are_answered_with_ours():
    for options, words in (
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"loss": "log_loss"}, "write 'cross_entropy'"),
        ({"activation": "rleu"}, "did you mean 'relu'"),
    ):
        with pytest.raises(ValueError, match=words):
            NetworkClassifier(**QUICK | options).fit(X, NAMES)


def test_scikit_learn_is_imported_when_it_is_asked_for():
    code = """
import sys, nn
nn.fit
print("sklearn" in sys.modules)
sys.modules["sklearn.base"] = None
try:
    nn.estimators
except ImportError as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(nn.__file__).parent.parent,
    )  # fmt: skip
    before, error = done.stdout.splitlines()
    assert before == "False"
    assert error.startswith("DependencyError nn.estimators needs scikit-learn: pip install")
