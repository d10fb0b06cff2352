"""Checkpoints: a run written down every few epochs, to go on from to the same bits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from autograd import AutogradError, DataError
from nn.archive import read_archive, write_archive
from nn.errors import FileFormatError
from nn.files import as_path

from .callbacks import Callback, Run
from .errors import CheckpointError, TrainingError
from .inputs import whole
from .volatile import generators

__all__ = ["Checkpoint", "read_checkpoint", "read_tree", "restore", "write_tree"]


KIND = "gategrad checkpoint"
PARTS = {
    "facts": dict, "epoch": int, "steps": int, "history": dict, "notes": list,
    "model": dict, "optimizer": dict, "rng": dict, "start": dict, "generators": list,
    "callbacks": list,
}  # fmt: skip
"""What a checkpoint holds, and of which type; `start` is the generator before the split."""


class Checkpoint(Callback):
    """Write the run to a file each `every` epochs, and after its last one.

    ``fit(..., resume=path)`` goes on from it: model, optimiser, generators (also those inside the
    model, such as dropout's), history and the other callbacks are as they were, so the end is the
    same to the bit as that of a run that was never stopped.

    Parameters
    ----------
    path : of the `.npz` file, which is replaced as a whole each time; with ``{epoch}`` in it,
        one file is kept each time: ``"run-{epoch}.npz"``, counting from 1.

    Raises TrainingError (a ValueError) where there is no such folder, DataError (a TypeError) for
    what is no path.
    """

    last = True

    def __init__(self, path: str | os.PathLike[str], *, every: int = 1) -> None:
        self.path = as_path("Checkpoint", path)
        self.every = whole("Checkpoint: every", every)
        if not self.path.parent.is_dir():
            raise TrainingError(f"Checkpoint: there is no folder {self.path.parent} to write to")

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        ends = run.epoch == run.epochs or run.history.stopped is not None
        if ends or run.epoch % self.every == 0:
            name = self.path.name.replace("{epoch}", str(run.epoch))
            write_tree(self.path.with_name(name), KIND, _tree(run))


def _tree(run: Run) -> dict[str, Any]:
    """Everything that training goes on from."""
    return {
        "facts": run.facts,
        "epoch": run.epoch,
        "steps": run.steps,
        "history": run.history.history,
        "notes": run.history.notes,
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "rng": run.rng.bit_generator.state,
        "start": run.start,
        "generators": [rng.bit_generator.state for rng in generators(run.model)],
        "callbacks": [[type(c).__name__, c.state_dict()] for c in _stateful(run)],
    }


def _stateful(run: Run) -> list[Callback]:
    """The callbacks that keep something from epoch to epoch."""
    plain = Callback.state_dict
    return [callback for callback in run.callbacks if type(callback).state_dict is not plain]


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """A checkpoint's parts.

    Raises CheckpointError (a ValueError) where it is none, FileNotFoundError where it is missing,
    DataError (a TypeError) for what is no path.
    """
    where = as_path("resume", path)
    try:
        tree = read_tree(where, KIND)
    except FileFormatError as error:
        raise CheckpointError(f"{where} is no checkpoint: {error}") from error
    wrong = [name for name, kind in PARTS.items() if not isinstance(tree.get(name), kind)]
    if wrong:
        raise CheckpointError(f"{where} is damaged: it has no {wrong[0]}")
    return tree


def restore(run: Run, parts: dict[str, Any], path: Any) -> None:
    """Put a run where the checkpoint left it.

    Raises CheckpointError (a ValueError) where it is one of another run, which it names the
    differences to; the model and the optimiser are then as before.
    """
    facts = {name: (parts["facts"].get(name), value) for name, value in run.facts.items()}
    other = [
        f"{name} was {then!r} and is now {now!r}"
        for name, (then, now) in facts.items()
        if then != now
    ]
    if other:
        raise CheckpointError(f"{path} is a checkpoint of another run: {'; '.join(other)}")
    callbacks = _stateful(run)
    names = [type(callback).__name__ for callback in callbacks]
    saved = [name for name, _ in parts["callbacks"]]
    if names != saved:
        raise CheckpointError(
            f"{path} was made with the callbacks {saved}, and now there are {names}"
        )
    inside = generators(run.model)
    if len(inside) != len(parts["generators"]):
        raise CheckpointError(
            f"{path} has {len(parts['generators'])} generators of modules and the model "
            f"{len(inside)}"
        )
    before = run.model.state_dict(), run.optimizer.state_dict()
    states = [rng.bit_generator.state for rng in (run.rng, *inside)]
    try:
        run.model.load_state_dict(parts["model"])
        run.optimizer.load_state_dict(parts["optimizer"])
        set_states([run.rng, *inside], [parts["rng"], *parts["generators"]])
        for callback, (_, state) in zip(callbacks, parts["callbacks"], strict=True):
            callback.load_state_dict(state)
    except (AutogradError, ValueError, TypeError, KeyError) as error:
        run.model.load_state_dict(before[0])
        run.optimizer.load_state_dict(before[1])
        set_states([run.rng, *inside], states)
        raise CheckpointError(f"{path} does not fit this run: {error}") from error
    run.epoch, run.steps, run.start = parts["epoch"], parts["steps"], parts["start"]
    run.history.history, run.history.notes = parts["history"], parts["notes"]


def set_states(rngs: list[np.random.Generator], states: list[Any]) -> None:
    """Put generators where others, of the same kinds, stood."""
    for rng, state in zip(rngs, states, strict=True):
        rng.bit_generator.state = state


VERSION = 1
ARRAY, FLOATS, NUMBER, PAIRS = "__array__", "__floats__", "__number__", "__pairs__"
"""Keys of the JSON objects that stand for an array, a list of floats, a float that JSON has no
digits for, and a dict whose keys are not all text."""


def write_tree(path: Path, kind: str, tree: Any) -> Path:
    """Write the file whole or not at all. Raises DataError (a TypeError) for other things."""
    arrays: list[np.ndarray] = []
    text = json.dumps(_packed(tree, arrays), allow_nan=False)
    members = {f"array{i}": array for i, array in enumerate(arrays)}
    members["tree"] = np.frombuffer(text.encode(), np.uint8)
    return write_archive(path, {"format": kind, "version": VERSION}, members)


def read_tree(path: Path, kind: str) -> Any:
    """What `write_tree` wrote.

    Raises FileFormatError (a ValueError) for anything else, OSError where there is no such file.
    """
    description, arrays = read_archive(path)
    found = description.get("format"), description.get("version")
    if found != (kind, VERSION) or "tree" not in arrays:
        raise FileFormatError(f"it holds {found[0]!r:.40}, version {found[1]!r:.20}")
    try:
        return _unpacked(json.loads(arrays.pop("tree").tobytes()), arrays)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileFormatError(f"its tree is damaged: {type(error).__name__}: {error}") from error


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: _packed(item, arrays) for key, item in value.items()}
        return {PAIRS: [[_packed(k, arrays), _packed(v, arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        if value and all(type(item) is float for item in value):
            return _stored(np.array(value), arrays, FLOATS)
        return [_packed(item, arrays) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return _stored(np.asarray(value), arrays, ARRAY)
    if type(value) is float and not np.isfinite(value):
        return {NUMBER: repr(value)}
    if value is None or isinstance(value, str | int | float):
        return value
    raise DataError(f"a checkpoint keeps numbers, text, arrays and nests of them: {value!r:.80}")


def _stored(array: np.ndarray, arrays: list[np.ndarray], key: str) -> dict[str, int]:
    arrays.append(array)
    return {key: len(arrays) - 1}


def _unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {ARRAY}:
        return arrays[f"array{value[ARRAY]}"]
    if value.keys() == {FLOATS}:
        return arrays[f"array{value[FLOATS]}"].tolist()
    if value.keys() == {NUMBER}:
        return float(value[NUMBER])
    if value.keys() == {PAIRS}:
        return {_unpacked(k, arrays): _unpacked(v, arrays) for k, v in value[PAIRS]}
    return {key: _unpacked(item, arrays) for key, item in value.items()}
