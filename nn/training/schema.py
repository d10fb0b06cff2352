"""What a model knows of its data: the names of its columns, and its classes where they have names.

`fit` learns both from frames and labels, and keeps them on the model as `feature_names_in_` and
`classes_`, as scikit-learn calls them; `nn.save` writes them into the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError
from nn import losses
from nn.frames import column_names

from .errors import TrainingError
from .outputs import SeveralLosses

__all__ = ["Schema", "labels_of"]

ANEW = "write model.classes_ = None to train it for others"
ANY = "write model.feature_names_in_ = None to train it with others"


class Schema:
    """What is known, and what is learnt from the data that `fit` is given.

    Parameters
    ----------
    loss : what labels are made for: class numbers, 0 and 1, or −1 and 1.
    metrics : a dict, which tells several outputs where there is no loss.
    learning : whether names that are not known yet are taken over.

    Attributes: `dtype`, which the model computes in; `columns`, those of each frame by the place
    that it was given at, "" for X itself; `classes`, labels in the order of the outputs, or None;
    `outputs`, a dict of losses or metrics, by which several outputs are known, or None; `sees_all`,
    whether the labels given are all that there are, which those of a batch are not.
    """

    def __init__(
        self, model: Any, loss: Any = None, *, metrics: Any = (), learning: bool = False
    ) -> None:
        self.model = model
        self.dtype = model.dtype or np.dtype(np.float64)
        known = model.feature_names_in_
        self.columns: dict[Any, Any] = (
            dict(known) if isinstance(known, dict) else {} if known is None else {"": known}
        )
        self.classes = None if model.classes_ is None else np.asarray(model.classes_)
        self.outputs: Any = None
        if isinstance(loss, SeveralLosses):
            self.outputs = loss.parts
        elif loss is None and isinstance(metrics, Mapping):
            self.outputs = metrics
        self.kind = losses.kind_of(loss) if loss is not None else losses.Kind(None, "classes")
        self.learning = learning
        self.sees_all = True

    def remember(self) -> None:
        """Keep on the model what was learnt."""
        model = self.model
        if self.columns:
            model.feature_names_in_ = self.columns.get("", self.columns)
        if self.classes is not None:
            model.classes_ = self.classes

    # ---- inputs and their columns

    def check_inputs(self, X: Any) -> None:
        """Raise DataError (a TypeError) where a tuple or dict of inputs is not what `forward` of
        the model takes."""
        takes = signature(self.model.forward)
        try:
            takes.bind(*X) if isinstance(X, tuple) else takes.bind(**X)
        except TypeError as error:
            received = f"a dict of {', '.join(map(repr, X))}"
            if isinstance(X, tuple):
                received = f"a tuple of {len(X)} arrays: if these are rows, write np.stack(X)"
            raise DataError(
                f"{type(self.model).__name__} takes the inputs {', '.join(takes.parameters)}, and "
                f"X is {received}"
            ) from error

    def check_columns(self, frame: Any, name: str, place: Any) -> None:
        """Raise TrainingError (a ValueError) where a frame has other columns than the model knows,
        or the same in another order."""
        found = column_names(frame)
        if found is None or (place not in self.columns and not self.learning):
            return
        known = self.columns.setdefault(place, found)
        if found == known:
            return
        lost, new = [c for c in known if c not in found], [c for c in found if c not in known]
        if lost or new:
            parts = [f"lacks {_listed(lost)}"] * bool(lost)
            parts += [f"has {_listed(new)}, which the model was not trained with"] * bool(new)
            raise TrainingError(
                f"{name} {' and '.join(parts)}: the columns are {_listed(known)}{self._hint(ANY)}"
            )
        at = next(i for i, column in enumerate(found) if column != known[i])
        raise TrainingError(
            f"{name} has its columns in another order: {found[at]!r} stands where the model was "
            f"trained with {known[at]!r}; write {name}[[*model.feature_names_in_]]{self._hint(ANY)}"
        )

    def _hint(self, words: str) -> str:
        """What to write for what is not known, where it may be learnt."""
        return f": {words}" if self.learning else ""

    # ---- labels

    def encoded(self, labels: np.ndarray, name: str) -> np.ndarray:
        """Labels, text or booleans of shape (N,) or (N, 1), as the numbers that the loss takes.

        Raises DataError (a TypeError) where it takes none, OutOfRangeError (an IndexError) for a
        label that the model does not know, ShapeError or TrainingError (ValueErrors).
        """
        text, target = labels.dtype.kind != "b", self.kind.target
        rows = self.kind.head == "softmax" and target == "probabilities"
        if labels.size != len(labels) or target == "numbers" or rows:
            if not text:  # 0 and 1
                return labels.astype(np.int64)
            takes = "cross_entropy takes labels, one a row"
            if self.outputs is not None:
                takes = "labels are for models of one output"
            raise DataError(
                f"{name} holds text, such as {labels.flat[0].item()!r}, and must hold numbers for "
                f"this loss: {takes}, and class numbers are "
                f"np.unique({name}, return_inverse=True)[1]"
            )
        flat = labels.reshape(len(labels))
        classes = self._classes_for(flat, name)
        order = np.argsort(classes)
        codes = order.take(np.searchsorted(classes, flat, sorter=order), mode="clip")
        known = classes[codes] == flat
        if not known.all():
            row = int(np.argmin(known))
            raise OutOfRangeError(
                f"{name} has the label {flat[row].item()!r} at row {row}, and the model knows "
                f"{_listed(classes.tolist())}{self._hint(ANEW)}"
            )
        if target == "classes":
            return codes
        if len(classes) != 2:
            raise TrainingError(
                f"{name} has {len(classes)} label{'s'[: len(classes) != 1]}, "
                f"{_listed(classes.tolist())}, and this loss tells two apart: cross_entropy takes "
                "any number"
            )
        return 2 * codes - 1 if target == "signs" else codes

    def _classes_for(self, flat: np.ndarray, name: str) -> np.ndarray:
        """The classes that are known, or those of these labels."""
        text = flat.dtype.kind != "b"
        if self.classes is not None:
            if text != (self.classes.dtype.kind != "b"):
                raise DataError(
                    f"{name} holds {'text' if text else 'booleans'}, and the model was trained "
                    f"with the labels {_listed(self.classes.tolist())}: {ANEW}"
                )
            return self.classes
        classes = np.unique(flat) if text else np.array([False, True])
        if self.learning and (self.sees_all or not text):
            self.classes = classes
        elif text:
            raise DataError(
                f"{name} holds text, such as {flat[0].item()!r}, and the model knows no labels: "
                "fit it with all of them, or list them, model.classes_ = np.unique(labels)"
            )
        return classes

    def check_outputs(self, prediction: np.ndarray) -> None:
        """Raise ShapeError (a ValueError) where a classifier has not an output for each label."""
        if self.classes is None or self.kind.target != "classes" or prediction.ndim < 2:
            return
        outputs, count = prediction.shape[1], len(self.classes)
        if outputs != count and not (outputs == 1 and count == 2):
            raise ShapeError(
                f"the model has {outputs} output{'s'[: outputs != 1]}, and there "
                f"{'is 1 label' if count == 1 else f'are {count} labels'}: "
                f"{_listed(self.classes.tolist())}"
            )


def labels_of(model: Any, numbers: np.ndarray) -> np.ndarray:
    """Class numbers as the labels that the model was trained with; as they are where it was with
    numbers."""
    return numbers if model.classes_ is None else model.classes_[numbers]


def _listed(names: Sequence[Any]) -> str:
    """The first few, in quotes."""
    text = ", ".join(map(repr, names[:6]))
    return f"{text} and {len(names) - 6} more" if len(names) > 6 else text
