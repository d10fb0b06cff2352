"""Networks as scikit-learn's estimators, for pipelines, searches and whatever else takes one.

>>> from sklearn.datasets import make_moons
>>> from sklearn.model_selection import GridSearchCV
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from nn.estimators import NetworkClassifier
>>> X, y = make_moons(100, noise=0.1, random_state=0)
>>> network = NetworkClassifier(hidden=(16,), lr=0.01, epochs=60, random_state=0)
>>> pipeline = make_pipeline(StandardScaler(), network)
>>> search = GridSearchCV(pipeline, {"networkclassifier__alpha": [0.0, 0.1]}, cv=2)
>>> bool(search.fit(X, y).best_score_ > 0.8)
True

scikit-learn is imported with this module, and with no other one of `nn`.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from autograd import DataError, DependencyError
from nn import losses, optim
from nn.models import MLP
from nn.module import Module
from nn.names import look_up
from nn.penalties import L2
from nn.training import EarlyStopping, TrainingError, fit, predict, predict_proba
from nn.training.sample_weights import class_of

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
except ImportError as error:
    raise DependencyError(
        f'nn.estimators needs scikit-learn: pip install "gategrad[estimators]" ({error})'
    ) from error

__all__ = ["NetworkClassifier", "NetworkRegressor"]

OPTIMIZERS = {name.lower(): kind for name, kind in optim.KINDS.items()}
FLOATS = [np.float64, np.float32]


class _Network(BaseEstimator):
    """What both share: parameters, and how a network is made and trained."""

    _default_loss = "mse"

    def __init__(
        self,
        hidden: Any = (64,),
        activation: Any = "relu",
        loss: Any = None,
        optimizer: Any = "adam",
        lr: float = 1e-3,
        epochs: int = 50,
        batch_size: int = 32,
        validation_split: float = 0.0,
        early_stopping: Any = None,
        model: Callable[..., Module] | None = None,
        random_state: Any = None,
        alpha: float = 0.0,
        warm_start: bool = False,
        shuffle: bool = True,
        compiled: bool | str = True,
        verbose: bool = False,
        drop_last: bool = False,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_split = validation_split
        self.early_stopping = early_stopping
        self.model = model
        self.random_state = random_state
        self.alpha = alpha
        self.warm_start = warm_start
        self.shuffle = shuffle
        self.compiled = compiled
        self.verbose = verbose
        self.drop_last = drop_last

    def _start(self, X: Any, outputs: int) -> None:
        """A new network, with generators and an optimiser of its own."""
        seed = check_random_state(self.random_state).randint(2**32, dtype=np.uint64)
        self._rng = np.random.default_rng(seed)
        if self.model is not None:
            if not callable(self.model) or isinstance(self.model, Module):
                words = "model expects a function (n_features, n_outputs, rng) -> Module"
                raise DataError(f"{words}, and received {self.model!r:.60}")
            self.model_ = self.model(X.shape[1], outputs, self._rng)
        else:
            hidden = [self.hidden] if isinstance(self.hidden, int) else self.hidden
            self.model_ = MLP(
                X.shape[1], hidden, outputs, activation=self.activation, rng=self._rng,
                dtype=X.dtype,
            )  # fmt: skip
        self.optimizer_ = self._optimizer()

    def _optimizer(self) -> optim.Optimizer:
        if isinstance(self.optimizer, optim.Optimizer):
            return deepcopy(self.optimizer)
        return look_up("optimiser", self.optimizer, OPTIMIZERS)(lr=self.lr)

    def _callbacks(self) -> list[Any]:
        asked = self.early_stopping
        if isinstance(asked, EarlyStopping):
            return [deepcopy(asked)]
        return [] if asked in (None, False) else [EarlyStopping(patience=asked)]

    def _loss(self) -> Any:
        return self._default_loss if self.loss is None else self.loss

    def _train(self, X: Any, y: Any, weights: Any, **options: Any) -> Any:
        self.history_ = fit(
            self.model_, X, y, loss=self._loss(), optimizer=self.optimizer_,
            batch_size=self.batch_size, penalty=L2(self.alpha) if self.alpha else None,
            shuffle=self.shuffle, rng=self._rng, progress=self.verbose, compiled=self.compiled,
            sample_weight=weights, drop_last=self.drop_last, **options,
        )  # fmt: skip
        return self

    def _fit(self, X: Any, y: Any, weights: Any, outputs: int, again: bool, **options: Any) -> Any:
        """All epochs; `again` those of a network that is there."""
        if again:
            self.optimizer_ = self._optimizer()
        else:
            self._start(X, outputs)
        return self._train(
            X, y, weights, epochs=self.epochs, callbacks=self._callbacks(),
            validation_split=self.validation_split, shuffle_split=self.validation_split > 0,
            **options,
        )  # fmt: skip

    def _outputs(self, X: Any) -> np.ndarray:
        """Raw ones, a column each."""
        features = self._features(X)
        return predict(self.model_, features).reshape(features.shape[0], -1)

    def _features(self, X: Any) -> Any:
        check_is_fitted(self)
        return validate_data(self, X, accept_sparse="csr", dtype=FLOATS, reset=False)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _has_probabilities(network: Any) -> bool:
    if network._kind().head is None:
        raise AttributeError(f"loss={network.loss!r} gives no probabilities: see decision_function")
    return True


class NetworkClassifier(ClassifierMixin, _Network):
    """A network that tells classes apart.

    Parameters
    ----------
    hidden : sizes of the hidden layers.
    activation : of the hidden layers, a name of `nn.activations`.
    loss : a name of `nn.losses`, or a function ``loss(prediction, target)``; None is cross_entropy.
        Those of one output, such as binary_cross_entropy and hinge, tell two classes apart; mse
        and its like bring the outputs near 1 of the class and 0 of the others.
    optimizer : a name of `nn.optim`, for which `lr` is the rate, or an optimiser without
        parameters, which is copied.
    epochs, batch_size, validation_split : as of `nn.fit`; the rows to validate on are drawn.
    early_stopping : how many epochs may pass without an improvement, of the loss on the rows to
        validate on where there are some; or an `nn.EarlyStopping`, which is copied. None: all run.
    model : a function ``(n_features, n_outputs, rng) -> Module`` in place of `hidden` and
        `activation`. Searches in other processes want one that can be pickled.
    random_state : a seed or a `numpy.random.RandomState`; None is fresh entropy.
    alpha : of the penalty alpha·Σw² on the weights.
    warm_start : whether `fit` goes on with the weights of the last one.
    shuffle, compiled, drop_last : as of `nn.fit`.
    verbose : whether a progress bar is shown.
    class_weight : a dict of labels, or "balanced", as of `nn.fit`.

    A network computes in float32 where `X` is float32, else in float64. Sparse matrices stay
    sparse, and batches of them are made dense.

    Attributes
    ----------
    model_ : the trained `nn.Module`.
    history_ : the `nn.History` of the last fit.
    optimizer_ : with its state, which `partial_fit` goes on with.
    classes_ : the labels, sorted.
    n_features_in_, feature_names_in_ : of `X`, the names where it is a frame.

    Raises what `nn.fit` raises, all of it ValueErrors or TypeErrors.

    >>> from nn.estimators import NetworkClassifier
    >>> network = NetworkClassifier(hidden=(4,), lr=0.1, random_state=0)
    >>> network.fit([[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]).predict([[2.5]])
    array(['high'], dtype='<U4')
    """

    _default_loss = "cross_entropy"

    def __init__(
        self,
        hidden: Any = (64,),
        activation: Any = "relu",
        loss: Any = None,
        optimizer: Any = "adam",
        lr: float = 1e-3,
        epochs: int = 50,
        batch_size: int = 32,
        validation_split: float = 0.0,
        early_stopping: Any = None,
        model: Callable[..., Module] | None = None,
        random_state: Any = None,
        alpha: float = 0.0,
        warm_start: bool = False,
        shuffle: bool = True,
        compiled: bool | str = True,
        verbose: bool = False,
        drop_last: bool = False,
        class_weight: Any = None,
    ) -> None:
        super().__init__(
            hidden, activation, loss, optimizer, lr, epochs, batch_size, validation_split,
            early_stopping, model, random_state, alpha, warm_start, shuffle, compiled, verbose,
            drop_last,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkClassifier:
        """Train with samples (N, features), their labels (N,) and weights (N,); returns itself.

        Raises ValueError where `y` has one class alone, and what `nn.fit` raises.
        """
        again = bool(self.warm_start and hasattr(self, "model_"))
        X, y = self._checked(X, y, reset=not again)
        classes = np.unique(y)
        if again and not np.array_equal(classes, self.classes_):
            raise TrainingError(
                f"warm_start goes on with the classes {self.classes_}, and y has {classes}"
            )
        self._set_classes(classes)
        return self._fit(
            X, self._targets(y), sample_weight, self._width, again,
            class_weight=self._class_weight(),
        )  # fmt: skip

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> NetworkClassifier:
        """Go through samples once more; the first call wants all `classes` that will come."""
        if self.class_weight == "balanced":
            raise TrainingError('class_weight="balanced" needs all rows: give partial_fit a dict')
        first = not hasattr(self, "model_")
        X, y = self._checked(X, y, reset=first)
        if first:
            if classes is None:
                raise TrainingError("the first partial_fit needs classes=, all that will come")
            self._set_classes(np.unique(classes))
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise TrainingError(f"classes was {self.classes_} in the first call, and is {classes}")
        targets = self._targets(y)
        if first:
            self._start(X, self._width)
        weights = self._class_weight(set(class_of(targets).tolist()))
        return self._train(X, targets, sample_weight, epochs=1, class_weight=weights or None)

    def _class_weight(self, present: Any = None) -> Any:
        """By what stands in targets; of the classes that are present alone, where told which."""
        if not isinstance(self.class_weight, dict):
            return self.class_weight
        strange = [label for label in self.class_weight if label not in self.classes_]
        if strange:
            raise TrainingError(
                f"class_weight has {strange[0]!r}, which is none of {self.classes_}"
            )
        labels = np.array([*self.class_weight], self.classes_.dtype)
        codes = self._signed(np.searchsorted(self.classes_, labels)).tolist()
        found = dict(zip(codes, self.class_weight.values(), strict=True))
        return {k: v for k, v in found.items() if present is None or k in present}

    def decision_function(self, X: Any) -> np.ndarray:
        """The raw outputs, (N, classes); of two classes (N,), above 0 for the second one."""
        outputs = self._outputs(X)
        if outputs.shape[1] == 1:
            return outputs[:, 0]
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest label of each sample, (N,)."""
        decision = self.decision_function(X)
        best = decision > 0 if decision.ndim == 1 else decision.argmax(axis=1)
        return self.classes_[best.astype(int)]

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, (N, classes), in the order of `classes_`."""
        features = self._features(X)
        found = predict_proba(self.model_, features).reshape(features.shape[0], -1)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def _checked(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, np.ndarray]:
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=FLOATS, reset=reset)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        return X, y

    def _set_classes(self, classes: np.ndarray) -> None:
        if len(classes) < 2:
            raise TrainingError(
                f"{type(self).__name__} needs two classes at least, and y has 1 class: {classes[0]}"
            )
        if self._is_single() and len(classes) > 2:
            raise TrainingError(
                f"loss={self.loss!r} tells two classes apart, and y has {len(classes)} classes: "
                "leave it out"
            )
        self.classes_, self._width = classes, 1 if self._is_single() else len(classes)

    def _targets(self, y: np.ndarray) -> np.ndarray:
        """Labels as the loss takes them."""
        codes = np.searchsorted(self.classes_, y)
        strange = self.classes_.take(codes, mode="clip") != y
        if strange.any():
            raise TrainingError(
                f"y has {y[strange][:1].item()!r}, which is none of {self.classes_}"
            )
        rows = self._kind().target in ("probabilities", "numbers")
        if rows and losses.function_of(self._loss()) is not None and not self._is_single():
            return np.eye(len(self.classes_))[codes]
        return self._signed(codes)

    def _signed(self, codes: np.ndarray) -> np.ndarray:
        return 2 * codes - 1 if self._kind().target == "signs" else codes

    def _kind(self) -> losses.Kind:
        return losses.kind_of(self._loss())

    def _is_single(self) -> bool:
        """Whether the loss is one of a single output."""
        kind = self._kind()
        return kind.head == "sigmoid" or kind.target == "signs"


class NetworkRegressor(RegressorMixin, MultiOutputMixin, _Network):
    """A network that predicts numbers, one or several a sample.

    Parameters and attributes are those of `NetworkClassifier`, but for the labels; `loss` None is
    mse. Targets far from 0 or of another size than 1 are learnt faster when they are scaled, as
    ``sklearn.compose.TransformedTargetRegressor`` does.

    >>> from nn.estimators import NetworkRegressor
    >>> network = NetworkRegressor(hidden=(), lr=0.1, epochs=200, random_state=0)
    >>> network.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).predict([[3.0]]).round(2)
    array([7.])
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """Train with samples (N, features), targets (N,) or (N, outputs) and weights (N,)."""
        again = bool(self.warm_start and hasattr(self, "model_"))
        X, y = self._checked(X, y, reset=not again)
        return self._fit(X, y, sample_weight, self._set_outputs(y), again)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """Go through samples once more."""
        first = not hasattr(self, "model_")
        X, y = self._checked(X, y, reset=first)
        if first:
            self._start(X, self._set_outputs(y))
        return self._train(X, y, sample_weight, epochs=1)

    def predict(self, X: Any) -> np.ndarray:
        """The numbers of each sample, (N,) or (N, outputs), as the targets were."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._is_flat else outputs

    def _checked(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, np.ndarray]:
        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=FLOATS, reset=reset, multi_output=True,
            y_numeric=True,
        )  # fmt: skip
        return X, y.astype(X.dtype, copy=False)

    def _set_outputs(self, y: np.ndarray) -> int:
        self._is_flat = y.ndim == 1
        self.n_outputs_ = 1 if y.ndim == 1 else y.shape[1]
        return self.n_outputs_
