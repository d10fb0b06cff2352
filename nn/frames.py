"""Frames and series of pandas, polars and whoever speaks as they do, as arrays of numbers.

None of these libraries is imported: a frame is what has `columns` and `dtypes`, a column says by
its dtype whether it holds numbers, and gives them by `to_numpy`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DataError, Tensor

__all__ = ["array_of", "column_names", "frame_array", "is_frame", "is_series", "take_rows"]


def is_frame(value: Any) -> bool:
    """Whether it is a table, whose columns have dtypes of their own.

    Raises DataError (a TypeError) for a lazy one, and for pyarrow's.
    """
    kind = type(value)  # asking a lazy frame itself for its columns may compute it
    if not (hasattr(kind, "columns") and (hasattr(kind, "dtypes") or hasattr(kind, "schema"))):
        return False
    if hasattr(kind, "collect"):
        raise DataError("a lazy frame holds no data yet: write frame.collect()")
    if hasattr(kind, "column_names"):
        raise DataError("a table of pyarrow is no frame: write table.to_pandas()")
    return True


def is_series(value: Any) -> bool:
    """Whether it is one such column: an array with a name, and perhaps gaps."""
    return (
        not isinstance(value, (np.ndarray, np.generic))
        and hasattr(value, "to_numpy")
        and hasattr(value, "dtype")
    )


def column_names(frame: Any) -> tuple[str, ...] | None:
    """The names of a frame's columns where all are text; None where they are numbers.

    Raises DataError (a TypeError) where a name stands twice.
    """
    names = tuple(frame.columns)
    if not names or not all(isinstance(name, str) for name in names):
        return None
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise DataError(f"a frame has several columns called {', '.join(map(repr, twice))}")
    return names


def frame_array(frame: Any, dtype: np.dtype, name: str) -> np.ndarray:
    """All columns side by side, of shape (N, columns); what is missing in them is nan.

    Raises DataError (a TypeError) for columns that hold no numbers, each by its name and dtype.
    The codes of categories are no numbers: they have no order and no distance.
    """
    columns = _columns(frame)
    wrong = {str(label): column.dtype for label, column in columns if not _is_number(column.dtype)}
    if wrong:
        listed = ", ".join(f"{label!r} ({kind})" for label, kind in [*wrong.items()][:5])
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise DataError(
            f"{name} has columns that hold no numbers: {listed}{more}. {_remedy(frame, [*wrong])}"
        )
    out = np.empty((len(frame), len(columns)), dtype)
    for place, (_, column) in enumerate(columns):
        out[:, place] = numbers_of(column, dtype)
    return out


def take_rows(data: Any, rows: Any) -> Any:
    """Those rows, of a frame, a series or an array."""
    return data.iloc[rows] if hasattr(data, "iloc") else data[rows]


def _columns(frame: Any) -> list[tuple[Any, Any]]:
    if hasattr(frame, "iloc"):  # where a name may stand twice
        return [(label, frame.iloc[:, i]) for i, label in enumerate(frame.columns)]
    return [(label, frame[label]) for label in frame.columns]


def _is_number(dtype: Any) -> bool:
    """Whether a column of that dtype holds real numbers or booleans."""
    kind = getattr(dtype, "kind", None)
    if kind is not None:  # NumPy's, and pandas' own ones, Arrow's among them
        return kind in "fiub"
    return str(dtype) == "Boolean" or bool(getattr(dtype, "is_numeric", bool)())


def numbers_of(column: Any, dtype: np.dtype) -> np.ndarray:
    """A column as floats, with nan for what is missing."""
    if hasattr(column, "iloc"):
        return column.to_numpy(dtype=dtype, na_value=np.nan)
    return np.asarray(column.to_numpy(), dtype)  # None becomes nan


def _remedy(frame: Any, wrong: list[str]) -> str:
    """What to write instead."""
    if hasattr(frame, "to_dummies"):
        return f"One-hot columns of categories are X.to_dummies({wrong!r:.80})"
    return (
        f"One-hot columns of categories are pd.get_dummies(X, columns={wrong!r:.80}); numbers in "
        "columns of objects become such by X.astype(float)"
    )


def series_array(series: Any) -> np.ndarray:
    """A column as an array of its own kind of numbers, where nothing is missing; else of floats.

    What holds no numbers comes as objects: text, and of categories the labels, not their codes.
    """
    dtype = series.dtype
    if not _is_number(dtype):
        return np.asarray(series.to_numpy(), object)
    if isinstance(dtype, np.dtype):
        return series.to_numpy()
    if hasattr(series, "iloc"):
        floats = numbers_of(series, np.dtype(np.float64))
        return floats if np.isnan(floats).any() else series.to_numpy(dtype=KINDS[dtype.kind])
    array = series.to_numpy()
    return array if array.dtype.kind in "fiub" else array.astype(np.float64)


def array_of(value: Any, name: str) -> np.ndarray:
    """Whatever holds numbers or labels as an array; raises DataError (a TypeError) otherwise."""
    if is_series(value):
        return series_array(value)
    if isinstance(value, np.ma.MaskedArray):
        raise DataError(
            f"{name} is a masked array, whose mask would be lost: write {name}.filled(value), or "
            "drop such rows"
        )
    if hasattr(value, "tocsr"):
        raise DataError(f"{name} is a sparse matrix, which only X may be: write {name}.toarray()")
    try:
        return np.asarray(value.data if type(value) is Tensor else value)
    except (ValueError, TypeError, RuntimeError) as error:  # PyTorch's, of what wants a gradient
        raise DataError(f"{name} must be an array of numbers: {error}") from error


KINDS = {"b": np.bool_, "i": np.int64, "u": np.uint64, "f": np.float64}
"""NumPy's dtypes for those of pandas that can hold gaps."""
