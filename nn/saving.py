"""Models in files: `nn.save` and `nn.load`. Nothing in a file is executed.

A file is an `.npz` of the arrays of `state_dict`, under their names, and a description in JSON
that names classes of a closed list (`nn.description.CLASSES`) and what they were made with. One
that is called `.safetensors` has the arrays of `nn.to_torch`, and the same description as metadata.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from autograd import DataError
from nn.archive import read_archive, tree_of, write_archive
from nn.description import build, describe
from nn.errors import DescriptionError, FileFormatError, OptionError, StateError
from nn.exchange.pytorch import as_ours, to_torch
from nn.exchange.safetensors import read_safetensors, write_safetensors
from nn.files import as_path
from nn.module import Module
from nn.parameters import room_for
from nn.state import entries, tie, ties

__all__ = ["CHECKPOINT", "WEIGHTS", "description_of", "load", "save"]

KIND, VERSION = "gategrad model", 1
CHECKPOINT = "gategrad checkpoint"
KERAS = (".keras", ".h5")
WEIGHTS = (*KERAS, ".safetensors")
"""How files are called that hold weights in a format of others."""
SAFETENSORS, METADATA = ".safetensors", "gategrad"
"""What a description is called among a file's metadata; those of safetensors are text by name."""
MOST_TIED = 64
"""Times the numbers of a file: what its description may ask for, to share them out then."""

M = TypeVar("M", bound=Module)


def save(model: Module, path: str | os.PathLike[str], *, weights_only: bool = False) -> Path:
    """Write a model to a file, whole or not at all. Returns its path.

    Parameters
    ----------
    path : of the file; one that is there is replaced. It becomes an `.npz`; called `.safetensors`,
        one of those, under PyTorch's names and in its layouts, which PyTorch's model takes as it
        is: ``theirs.load_state_dict(safetensors.torch.load_file(path))``.
    weights_only : leave out what the model is made of: for classes of your own, whose file is
        then read by ``nn.load(path, into=model)``.

    A layer or a Tensor that the model holds twice is written once, and held twice again by what
    `load` makes. What is random inside, such as a Dropout's generator, is not kept; after loading
    it draws from fresh entropy.

    Raises
    ------
    DescriptionError (a TypeError): a class or a function of your own is part of the model (of one
    in `.safetensors` the weights are written alone then).
    OptionError (a ValueError): the name of a file of Keras', which are read alone.
    DataError (a TypeError): not a module, or no path. OSError: no such folder, or no room.

    >>> import tempfile
    >>> import nn
    >>> model = nn.MLP(2, [3], 1, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = nn.save(model, f"{folder}/model.npz")
    ...     again = nn.load(path)
    >>> again, bool((again([1.0, 2.0]).data == model([1.0, 2.0]).data).all())
    (MLP(2, [3], 1), True)
    """
    if not isinstance(model, Module):
        raise DataError(f"save() expects a module and a path, and received {model!r:.60}")
    where = as_path("save", path)
    if where.suffix.lower() in KERAS:
        raise OptionError(
            f"save() writes .npz and .safetensors, and {where.name} is the name of a file of Keras'"
        )
    tensors = where.suffix.lower() == SAFETENSORS
    found = _learnt_names(model) if weights_only else description_of(model, whole=not tensors)
    description = {"format": KIND, "version": VERSION, "model": None, **found}
    if not tensors:
        return write_archive(where, description, model.state_dict())
    text = json.dumps(description, allow_nan=False)
    return write_safetensors(where, to_torch(model), {"format": "pt", METADATA: text})


def description_of(model: Module, *, whole: bool = True) -> dict[str, Any]:
    """What a file says of a model besides its arrays.

    Raises DescriptionError (a TypeError) for a class or a function of one's own, of which, unless
    `whole`, nothing is said.
    """
    names = _learnt_names(model)
    try:
        described: dict[str, Any] = {"model": describe(model)}
    except DescriptionError:
        if whole:
            raise
        return names
    tied = ties(model)
    return names | described | ({"ties": tied} if tied else {})


def load(path: str | os.PathLike[str], *, into: M | None = None) -> Any:
    """Read a model from a file that `save` wrote, or from a checkpoint of `fit`; or let a model
    take over weights from anybody's `.safetensors`, in PyTorch's names and layouts, or from Keras.

    Everything is checked first: that the file is one of ours, that its description names classes
    of ours, and that names, shapes, dtypes and sizes of all arrays agree with it.

    Parameters
    ----------
    path : of the file. A `.keras` or `.weights.h5` of Keras 3 is read by h5py; its layers of each
        kind go to ours of that kind in their order, channels and gates are put in ours, and rows
        after a Flatten. (Give a normalisation the `eps` that it had: Keras' default is 1e-3.)
    into : a model that takes over the numbers, cast to its dtypes, and is returned; on failure it
        is unchanged. Without it, the model is built from the description.

    Raises
    ------
    FileFormatError (a ValueError): not a file of ours, or a damaged one.
    StateError (a ValueError): a file of another model than `into`.
    DataError (a TypeError): no path, or no module.
    OSError: no file there, such as FileNotFoundError.
    """
    if into is not None and not isinstance(into, Module):
        raise DataError(f"load(path, into=...) expects a module and received {into!r:.60}")
    where = as_path("load", path)
    if where.suffix.lower() in KERAS and into is not None:
        from nn.exchange.keras import from_keras

        into.load_state_dict(from_keras(where, into))
        return into
    description, arrays = _read(where)
    theirs = where.suffix.lower() == SAFETENSORS  # PyTorch's names, and both of what is held twice
    if into is not None:
        names, own = _names_in(description), dict(entries(into))
        if theirs:
            arrays = as_ours("load()", into, arrays)
        else:
            tied = _tied(description, arrays)
            arrays |= {name: arrays[first] for name, first in tied.items() if name in own}
        into.load_state_dict(arrays)
        vars(into).update(names)
        return into
    if description.get("model") is None:
        raise FileFormatError(
            f"{where} holds weights only: make the model, and write nn.load(path, into=model)"
        )
    try:
        tied = _tied(description, None if theirs else arrays)
        twice = sum(arrays[first].size for first in tied.values() if first in arrays)
        with room_for(sum(a.size for a in arrays.values()) + twice, len(arrays) + len(tied)):
            model = build(description["model"])
        tie(model, tied)
        arrays = as_ours("load()", model, arrays) if theirs else arrays
        _check_dtypes(model, arrays)
        model.load_state_dict(arrays)
        vars(model).update(_names_in(description))
    except (FileFormatError, StateError) as error:
        raise FileFormatError(f"{where}: {error}") from error
    return model


def _read(where: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a file says of a model, and the model's arrays."""
    if where.suffix.lower() in KERAS:
        return {"model": None}, {}
    if where.suffix.lower() == SAFETENSORS:
        metadata, arrays = read_safetensors(where)
        if METADATA not in metadata:
            return {"model": None}, arrays
        description = _parsed(where, metadata[METADATA])
    else:
        description, arrays = read_archive(where)
    if description.get("format") == CHECKPOINT:
        try:
            tree = tree_of(CHECKPOINT, description, arrays)
            arrays = {name: np.asarray(array) for name, array in tree["model"].items()}
            return {"model": None, **tree["description"]}, arrays
        except (FileFormatError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise FileFormatError(f"{where} is a damaged checkpoint: {error}") from error
    if description.get("format") != KIND:
        raise FileFormatError(f"{where} holds no model: files of models are written by nn.save")
    version = description.get("version")
    if version != VERSION:
        raise FileFormatError(
            f"{where} is of version {version!r:.20}, and this release reads version {VERSION}"
        )
    return description, arrays


def _parsed(where: Path, text: str) -> dict[str, Any]:
    """A description from its text."""
    try:
        description = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{where}: its description is no JSON: {error}") from error
    if not isinstance(description, dict):
        raise FileFormatError(f"{where}: its description is not an object")
    return description


def _tied(description: dict[str, Any], arrays: dict[str, Any] | None) -> dict[str, str]:
    """Names, each with that of the array which it shares; of a file that has each array once, whose
    arrays are given, all of those are there."""
    tied = description.get("ties", {})
    if not isinstance(tied, dict) or not all(isinstance(first, str) for first in tied.values()):
        raise FileFormatError("what is held twice is no object of names")
    if arrays is None:
        return tied
    if not all(first in arrays for first in tied.values()):
        raise FileFormatError("what is held twice is not among the arrays")
    twice = sum(arrays[first].size for first in tied.values())
    if twice > MOST_TIED * sum(array.size for array in arrays.values()):
        raise FileFormatError("the description asks for more numbers than such a file holds")
    return tied


def _check_dtypes(model: Module, arrays: dict[str, Any]) -> None:
    """The arrays are the model's very own, not merely such as can be cast to them."""
    for name, own in model.state_dict().items():
        if name in arrays and arrays[name].dtype != own.dtype:
            raise FileFormatError(
                f"{name} is {arrays[name].dtype}, and the model described has {own.dtype}"
            )


# ---- what a model learnt besides its numbers: names of columns and of classes


def _learnt_names(model: Module) -> dict[str, Any]:
    """Both as plain data; nothing where the model was trained with numbers alone."""
    found: dict[str, Any] = {}
    if model.feature_names_in_ is not None:
        found["columns"] = model.feature_names_in_
        if isinstance(model.feature_names_in_, dict):  # of several inputs, by names or by places
            found["columns"] = [[key, names] for key, names in model.feature_names_in_.items()]
            found["inputs"] = True
    if model.classes_ is not None:
        found["classes"] = model.classes_.tolist()
    return {"learnt": found} if found else {}


def _names_in(description: Mapping[str, Any]) -> dict[str, Any]:
    """Both as attributes of a model; raises FileFormatError (a ValueError) for none of ours."""
    attributes: dict[str, Any] = {}
    found = description.get("learnt", {})
    if not isinstance(found, dict):
        raise FileFormatError(f"what the model learnt is an object, and not {found!r:.60}")
    columns, classes = found.get("columns"), found.get("classes")
    if columns is not None and found.get("inputs") is True:
        pairs = _listed("columns", columns, (list,))
        if any(len(pair) != 2 or type(pair[0]) not in (str, int) for pair in pairs):
            raise FileFormatError(f"the columns of several inputs are pairs, and not {pairs!r:.60}")
        named = {key: tuple(_listed("columns", names, (str,))) for key, names in pairs}
        attributes["feature_names_in_"] = named
    elif columns is not None:
        attributes["feature_names_in_"] = tuple(_listed("columns", columns, (str,)))
    if classes is not None:
        attributes["classes_"] = np.array(_listed("classes", classes, (str, bool)))
    return attributes


def _listed(what: str, value: Any, kinds: tuple[type, ...]) -> list[Any]:
    """A list of entries of one of these types."""
    if (
        isinstance(value, list)
        and len({type(entry) for entry in value}) == 1
        and type(value[0]) in kinds
    ):
        return value
    raise FileFormatError(f"the {what} in the description are no list of names: {value!r:.60}")
