"""Networks of scikit-learn as models of ours."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import DataError
from nn.models.mlp import MLP

__all__ = ["from_sklearn"]

ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}


def from_sklearn(estimator: Any) -> MLP:
    """The model that a fitted MLPClassifier or MLPRegressor of scikit-learn is.

    It gives logits, without the softmax or sigmoid of a classifier: `nn.predict_proba` and
    `nn.predict_classes` answer as its ``predict_proba`` and ``predict``, with the labels that it
    learnt (one that chooses several labels keeps its sigmoids, and has none), and `nn.predict` as
    a regressor's ``predict``, in a column.

    Raises DataError (a TypeError) for anything else, and for one that is not fitted.

    >>> from sklearn.neural_network import MLPClassifier
    >>> import nn
    >>> theirs = MLPClassifier((4,), solver="lbfgs", random_state=0)
    >>> theirs = theirs.fit([[0.0], [0.2], [0.8], [1.0]], ["no", "no", "yes", "yes"])
    >>> model = nn.from_sklearn(theirs)
    >>> model, nn.predict_classes(model, [[0.1], [0.9]]).tolist()
    (MLP(1, [4], 1, dtype=np.float64), ['no', 'yes'])
    """
    weights, biases = (getattr(estimator, name, None) for name in ("coefs_", "intercepts_"))
    if not weights or not biases or getattr(estimator, "activation", None) not in ACTIVATIONS:
        raise DataError(
            "from_sklearn() expects an MLPClassifier or MLPRegressor of scikit-learn's that was "
            f"fitted, and received {type(estimator).__name__}"
        )
    inputs, *hidden, outputs = [len(weight) for weight in weights] + [len(biases[-1])]
    last = estimator.out_activation_
    several = last == "logistic" and outputs > 1
    output = "sigmoid" if several else ag.exp if last == "exp" else None
    model = MLP(
        inputs, hidden, outputs, activation=ACTIVATIONS[estimator.activation],
        output_activation=output, rng=0, dtype=weights[0].dtype,
    )  # fmt: skip
    for layer, weight, bias in zip(model.layers, weights, biases, strict=True):
        layer.load_state_dict({"weight": weight, "bias": bias})
    if last in ("softmax", "logistic") and not several:
        model.classes_ = np.array(estimator.classes_)
    if (names := getattr(estimator, "feature_names_in_", None)) is not None:
        model.feature_names_in_ = tuple(names.tolist())
    return model
