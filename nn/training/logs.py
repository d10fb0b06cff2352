"""An epoch's numbers in files that other programs read: CSV, and TensorBoard's."""

from __future__ import annotations

import csv
import io
import os
from typing import Any

from autograd import DependencyError
from nn.files import as_path, why_unwritable, write_whole

from .callbacks import Callback, Run
from .errors import TrainingError

__all__ = ["CSVLog", "TensorBoardLog"]


class CSVLog(Callback):
    """Write the history to a CSV file at each epoch's end: a column for each number.

    The first column is `epoch`, from 1. Of a resumed run the file has the epochs before, too.

    Parameters
    ----------
    path : of the file, which is replaced as a whole each time.

    Raises TrainingError (a ValueError) where no such file can be written, DataError (a TypeError)
    for what is no path.
    """

    last = True
    adds = False

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = as_path("CSVLog", path)
        if reason := why_unwritable(self.path):
            raise TrainingError(f"CSVLog: {reason}")

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        columns = run.history.history
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *columns])
        rows = zip(*columns.values(), strict=True)
        writer.writerows([number, *row] for number, row in enumerate(rows, start=1))
        write_whole(self.path, text.getvalue().encode())


class TensorBoardLog(Callback):
    """Write an epoch's numbers for TensorBoard: ``tensorboard --logdir folder`` shows their curves.

    Each is a scalar of its own name at the epoch's number, from 1.

    Parameters
    ----------
    folder : of the run, made where it is not there; TensorBoard compares those beside one another.

    Raises DependencyError (an ImportError) where the package tensorboard is not installed (extra
    `tensorboard`), DataError (a TypeError) for what is no path.
    """

    last = True
    adds = False

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = as_path("TensorBoardLog", folder)
        self._writer_class()
        if self.folder.is_file():
            raise TrainingError(f"TensorBoardLog: {self.folder} is a file: write a folder's name")

    def _writer_class(self) -> Any:
        try:
            from tensorboard.summary import Writer
        except ImportError as error:
            raise DependencyError(
                "TensorBoardLog needs the package tensorboard, which writes its files: pip install "
                f"'gategrad[tensorboard]' ({error})"
            ) from error
        return Writer

    def begin(self, run: Run) -> None:
        self._writer = self._writer_class()(str(self.folder))

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        for name, value in logs.items():
            if isinstance(value, (int, float)):
                self._writer.add_scalar(name, value, step=epoch + 1)
        self._writer.flush()

    def end(self, run: Run) -> None:
        self._writer.close()
