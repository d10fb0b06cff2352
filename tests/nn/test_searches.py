"""Searches over networks, spread over threads, processes and a cluster: the result stays."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from nn import optim

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def search(**options):
    from sklearn.datasets import make_moons
    from sklearn.model_selection import GridSearchCV

    from nn.estimators import NetworkClassifier

    X, y = make_moons(200, noise=0.2, random_state=0)
    network = NetworkClassifier(epochs=10, random_state=0)
    grid = {"hidden": [(4,), (8,), (16,)], "lr": [0.01, 0.1]}
    return GridSearchCV(network, grid, cv=3, **options).fit(X, y)


def test_a_cluster_and_processes_find_what_one_process_finds():
    pytest.importorskip("sklearn")
    joblib = pytest.importorskip("joblib")
    distributed = pytest.importorskip("distributed")
    alone = search()
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        spread = search()
    for other in (spread, search(n_jobs=2)):
        assert other.best_score_ == alone.best_score_
        assert other.best_params_ == alone.best_params_
        for scores in ("mean_test_score", "std_test_score"):
            np.testing.assert_array_equal(other.cv_results_[scores], alone.cv_results_[scores])


def objective(trial):
    """The loss on held out rows; every trial draws from generators of its own."""
    X, y = nn.data.moons(200, noise=0.2, rng=0)
    width, rate = trial.suggest_int("width", 2, 16), trial.suggest_float("lr", 1e-3, 1e-1, log=True)
    model = nn.MLP(2, [width], 2, rng=0)
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=optim.Adam(lr=rate), epochs=10,
        validation_split=0.25, shuffle_split=True, rng=0, progress=False,
    )  # fmt: skip
    return history.history["val_loss"][-1]


def test_optunas_threads_find_what_one_finds():
    """Trials that do not depend on each other: all are drawn before the first one runs."""
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rng = np.random.default_rng(0)
    drawn = [
        {"width": int(rng.integers(2, 17)), "lr": float(10 ** rng.uniform(-3, -1))}
        for _ in range(16)
    ]
    studies = []
    for jobs in (1, 4):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for parameters in drawn:
            study.enqueue_trial(parameters)
        study.optimize(objective, n_trials=len(drawn), n_jobs=jobs)
        studies.append(study)
    one, four = studies
    assert four.best_value == one.best_value
    assert four.best_params == one.best_params
    values = [{t.params["lr"]: t.value for t in study.trials} for study in studies]
    assert values[0] == values[1]
