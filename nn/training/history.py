"""What a training run tells about itself, as plain lists."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from autograd import DependencyError
from autograd.extend import current_language, in_its_language, phrase, say, say_count

__all__ = ["History", "plain"]


def plain(logs: Mapping[str, Any]) -> dict[str, Any]:
    """The same with each number as Python's int or float, whichever library it is of.

    >>> import numpy as np
    >>> plain({"loss": np.float32(0.5), "rows": np.int64(3), "word": "so", "flag": np.True_})
    {'loss': 0.5, 'rows': 3, 'word': 'so', 'flag': True}
    """
    return {name: _number(value) for name, value in logs.items()}


_KNOWN = {
    phrase("loss"), phrase("val_loss"), phrase("accuracy"), phrase("val_accuracy"),
    phrase("binary_accuracy"), phrase("val_binary_accuracy"), phrase("precision"),
    phrase("val_precision"), phrase("recall"), phrase("val_recall"), phrase("penalty"),
    phrase("learning_rate"), phrase("epoch_seconds"),
}  # fmt: skip


def called(name: str) -> str:
    """What readers of other languages call a number of a history; other names are what they are.

    >>> called("val_loss"), called("roc_auc")
    ('val_loss', 'roc_auc')
    """
    return say(name) if name in _KNOWN else name


def _number(value: Any) -> Any:
    if type(value) in (float, int, str, bool):
        return value
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):  # NumPy's, PyTorch's, ours
        value = value.item()
    if isinstance(value, numbers.Integral):
        return value if isinstance(value, bool) else int(value)
    return float(value) if isinstance(value, (numbers.Real, Decimal)) else value


class History:
    """What `fit` returns.

    Attributes
    ----------
    history : a dict of lists with one entry a finished epoch: `loss` and each metric, averaged
        over the epoch's rows while the weights moved; `val_loss` and the like, of the weights at
        its end; `penalty` where there is one (`loss` is without it); `epoch_seconds`, validation
        included; and what callbacks added, such as `learning_rate`.
    stopped : why it ended before the last epoch; None where it did not.
    partial : of the epoch that Ctrl-C cut short: its number, its finished batches, and the
        averages over them; else empty.
    notes : what the run had to say, such as why it was not compiled.

    >>> history = History()
    >>> history.append({"loss": 0.5, "accuracy": 0.75})
    >>> history.append({"loss": 0.25, "accuracy": 1.0})
    >>> history.history, len(history)
    ({'loss': [0.5, 0.25], 'accuracy': [0.75, 1.0]}, 2)
    >>> history
    <History: 2 epochs, loss 0.5 → 0.25, accuracy 0.75 → 1>
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.stopped: str | None = None
        self.partial: dict[str, Any] = {}
        self.notes: list[str] = []
        self.language = current_language()

    def append(self, logs: Mapping[str, Any]) -> None:
        """Add one epoch's numbers; None under a name that has none this time."""
        before, logs = len(self), plain(logs)
        for name in {**self.history, **logs}:
            self.history.setdefault(name, [None] * before).append(logs.get(name))

    def amend(self, logs: dict[str, Any]) -> None:
        """Put what callbacks have added or changed into the last epoch's numbers.

        They are Python's numbers from then on, in `logs` too, where other callbacks read them.
        """
        epochs = len(self)
        logs.update(plain(logs))
        for name, value in logs.items():
            self.history.setdefault(name, [None] * epochs)[-1] = value

    def frame(self) -> Any:
        """The numbers as a pandas DataFrame: a row an epoch, from 1, and a column a number.

        Raises DependencyError (an ImportError) where pandas is not installed.
        """
        try:
            from pandas import DataFrame, RangeIndex
        except ImportError as error:
            raise DependencyError(
                "history.frame() makes a DataFrame and needs pandas: pip install pandas, or take "
                "history.history, a dict of lists"
            ) from error
        return DataFrame(self.history, index=RangeIndex(1, len(self) + 1, name="epoch"))

    def __len__(self) -> int:
        return max(map(len, self.history.values()), default=0)

    @in_its_language
    def __repr__(self) -> str:
        moves = [
            f"{called(name)} {values[0]:.4g} → {values[-1]:.4g}"
            for name, values in self.history.items()
            if name != "epoch_seconds" and all(isinstance(v, (int, float)) for v in values)
        ]
        epochs = say_count("{count} epoch", "{count} epochs", len(self))
        end = f", {self.stopped}" if self.stopped else ""
        return f"<History: {', '.join([epochs, *moves])}{end}>"
