"""Checkpoints: a run written down every few epochs, to go on from to the same bits."""

from __future__ import annotations

import math
import os
import zlib
from functools import partial
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np

from autograd import AutogradError
from nn.archive import read_tree, write_tree
from nn.errors import FileFormatError
from nn.files import as_path, why_unwritable
from nn.saving import CHECKPOINT, WEIGHTS, description_of
from nn.state import Grid, entries

from .callbacks import Callback, LearningRate, Run, Watching, monitored
from .errors import CheckpointError, TrainingError
from .inputs import whole
from .volatile import generators

__all__ = ["Checkpoint", "in_words", "read_checkpoint", "restore"]


PARTS = {
    "facts": dict, "settings": dict, "epoch": int, "steps": int, "history": dict, "notes": list,
    "description": dict, "model": dict, "optimizer": dict, "names": list, "rng": dict,
    "start": dict, "generators": list, "callbacks": list,
}  # fmt: skip
"""What a checkpoint holds, and of which type; `start` is the generator before the split, `names`
are those of the optimiser's parameters, group by group."""


class Checkpoint(Watching):
    """Write the run to a file each `every` epochs, and after its last one.

    ``fit(..., resume=path)`` goes on from it: model, optimiser, generators (also those inside the
    model, such as dropout's), history and the other callbacks are as they were, so the end is the
    same to the bit as that of a run that was never stopped. ``nn.load(path)`` is the model alone.

    Parameters
    ----------
    path : of the `.npz` file, which is replaced as a whole each time; with names in braces, formats
        as Python's, one file is kept each time: ``"{epoch:02d}-{val_loss:.2f}.npz"``, the epoch
        counting from 1, and any of its numbers.
    every : epochs between two files.
    monitor : one of the epoch's numbers; with it a file is written whenever that is the best so
        far, in place of each `every` epochs.
    mode : "min", "max", or "auto", as of `EarlyStopping`.

    Raises TrainingError (a ValueError) where there is no such folder, or a folder of that name, for
    a name in braces that no format can write, and for that of a file of weights alone; DataError (a
    TypeError) for what is no path.
    """

    last = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        every: int = 1,
        monitor: str | None = None,
        mode: str = "auto",
    ) -> None:
        super().__init__(monitor, mode)
        self.path = as_path("Checkpoint", path)
        self.every = whole("Checkpoint: every", every)
        self.names = _names(self.path)
        if reason := why_unwritable(self.path):
            raise TrainingError(f"Checkpoint: {reason}")
        if self.path.suffix.lower() in WEIGHTS:
            raise TrainingError(
                f"Checkpoint: a {self.path.suffix} holds weights, and a run is more: write .npz "
                "here, and nn.save(model, path) after it"
            )

    def watched(self) -> list[str]:
        return [*super().watched(), *(name for name in self.names if name != "epoch")]

    def begin(self, run: Run) -> None:
        self.best = None
        for value in run.history.history.get(self.monitor or "", []):
            self.improves(math.nan if value is None else value)

    def end_epoch(self, run: Run, epoch: int, logs: dict[str, Any]) -> None:
        ends = run.epoch == run.epochs or run.history.stopped is not None
        if self.monitor is not None:
            due = self.improves(monitored("Checkpoint", self.monitor, logs))
        else:
            due = ends or run.epoch % self.every == 0
        if due:
            write_tree(self._path_for(run.epoch, logs), CHECKPOINT, _tree(run))

    def _path_for(self, epoch: int, logs: dict[str, Any]) -> Path:
        numbers = {
            name: monitored("Checkpoint", name, logs) for name in self.names if name != "epoch"
        }
        return self.path.with_name(self.path.name.format(**numbers, epoch=epoch))


def _names(path: Path) -> list[str]:
    """The names in braces of a file's name.

    Raises TrainingError (a ValueError) for a format that is none.
    """
    try:
        names = [name for _, name, _, _ in Formatter().parse(path.name) if name is not None]
        if not all(name.isidentifier() for name in names):
            raise ValueError("a name in braces is a word, such as {epoch} or {val_loss}")
        path.name.format(**{**dict.fromkeys(names, 0.5), "epoch": 1})
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise TrainingError(
            f"Checkpoint: {path.name!r} is no name of a file: {error}; write "
            '"{epoch:02d}-{val_loss:.2f}.npz", and {{ for a brace'
        ) from None
    return names


def _tree(run: Run) -> dict[str, Any]:
    """Everything that training goes on from."""
    return {
        "facts": run.facts,
        "settings": run.settings,
        "epoch": run.epoch,
        "steps": run.steps,
        "history": run.history.history,
        "notes": run.history.notes,
        "description": description_of(run.model, whole=False),
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "names": _parameter_names(run),
        "rng": run.rng.bit_generator.state,
        "start": run.start,
        "generators": [rng.bit_generator.state for rng in generators(run.model)],
        "callbacks": [[type(c).__name__, c.state_dict()] for c in _stateful(run)],
    }


def _stateful(run: Run) -> list[Callback]:
    """The callbacks that keep something from epoch to epoch."""
    plain = Callback.state_dict
    return [callback for callback in run.callbacks if type(callback).state_dict is not plain]


def _parameter_names(run: Run) -> list[list[str]]:
    """What the model calls the optimiser's parameters, group by group."""
    names: dict[int, str] = {}
    for name, entry in entries(run.model):
        parts = entry.named(name) if isinstance(entry, Grid) else ((name, entry),)
        names.update({id(tensor): own for own, tensor in parts})
    return [[names[id(p)] for p in group["params"]] for group in run.optimizer.param_groups]


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """A checkpoint's parts.

    Raises CheckpointError (a ValueError) where it is none, FileNotFoundError where it is missing,
    DataError (a TypeError) for what is no path.
    """
    where = as_path("resume", path)
    try:
        tree = read_tree(where, CHECKPOINT)
    except FileFormatError as error:
        raise CheckpointError(f"{where} is no checkpoint: {error}") from error
    wrong = [name for name, kind in PARTS.items() if not isinstance(tree.get(name), kind)]
    if wrong:
        raise CheckpointError(f"{where} is damaged: it has no {wrong[0]}")
    return tree


def restore(run: Run, parts: dict[str, Any], path: Any) -> None:
    """Put a run where the checkpoint left it; settings of the optimiser that differ from those
    which the checkpoint's run was given win, and are noted.

    Raises CheckpointError (a ValueError) where it is one of another run, which it names the
    differences to; the model and the optimiser are then as before.
    """
    facts = {name: (parts["facts"].get(name), value) for name, value in run.facts.items()}
    given = _changed(run, parts["settings"])
    facts |= {
        name: pair for name, pair in given.items() if name.rpartition(".")[2] in run.optimizer.FIXED
    }
    other = [
        f"{name} was {then!r} and is now {now!r}"
        for name, (then, now) in facts.items()
        if then != now
    ]
    if other:
        raise CheckpointError(
            f"{path} is a checkpoint of another run: {'; '.join(other)}. For its weights alone "
            f"write nn.load({str(path)!r}, into=model)"
        )
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
        run.optimizer.load_state_dict(_in_order(run, parts["optimizer"], parts["names"]))
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
    run.optimizer.give({name: now for name, (_, now) in given.items()})
    run.history.notes += [
        f"resumed after epoch {run.epoch} with {name}={now!r}, which was {then!r}"
        for name, (then, now) in given.items()
    ]


def _changed(run: Run, settings: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The optimiser's settings that its user gave otherwise than then: what they were and are.

    The rate is not among them where a schedule sets it.
    """
    if settings.keys() != run.settings.keys():
        return {}  # another optimiser, or other groups, which it refuses itself
    pairs = {name: (settings[name], value) for name, value in run.settings.items()}
    scheduled = any(isinstance(callback, LearningRate) for callback in run.callbacks)
    return {
        name: pair for name, pair in pairs.items()
        if pair[0] != pair[1] and not (scheduled and name.rpartition(".")[2] == "lr")
    }  # fmt: skip


def _in_order(run: Run, state: dict[str, Any], saved: list[list[str]]) -> dict[str, Any]:
    """An optimiser's state with its entries in the order of the run's own parameters.

    Raises CheckpointError (a ValueError) where a group has other parameters.
    """
    now = _parameter_names(run)
    if [set(group) for group in now] != [set(group) for group in saved]:
        then, here = {n for g in saved for n in g}, {n for g in now for n in g}
        differ = ", ".join(sorted(then ^ here)[:5]) or "the groups"
        raise CheckpointError(f"its optimiser steps other parameters than this one: {differ}")
    by_name = dict(zip([n for group in saved for n in group], state["state"], strict=True))
    return {**state, "state": [by_name[name] for group in now for name in group]}


def set_states(rngs: list[np.random.Generator], states: list[Any]) -> None:
    """Put generators where others, of the same kinds, stood."""
    for rng, state in zip(rngs, states, strict=True):
        rng.bit_generator.state = state


def in_words(part: Any) -> str | None:
    """What a loss, a penalty or another part of a run is called: alike for alike ones."""
    if part is None or isinstance(part, str):
        return part
    if isinstance(part, partial):
        settings = [*map(_word, part.args), *(f"{k}={_word(v)}" for k, v in part.keywords.items())]
        return f"{in_words(part.func)}({', '.join(settings)})"
    if hasattr(part, "__qualname__"):
        return part.__qualname__
    own = getattr(part, "__dict__", {})
    settings = [f"{name}={_word(value)}" for name, value in own.items()]
    return f"{type(part).__qualname__}({', '.join(settings)})"


def _word(value: Any) -> str:
    """A setting: an array by its digest; of an object that it holds, whose state may change while
    it trains, the class alone."""
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}, {zlib.crc32(value.tobytes()):08x}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_word(item)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_word, value))}]"
    if value is None or isinstance(value, (str, int, float, np.generic)):
        return repr(value)
    if isinstance(value, partial) or hasattr(value, "__qualname__"):
        return str(in_words(value))
    return type(value).__qualname__
