"""The layers in a file of Keras 3: the kind of each, its arrays, its settings where they are said.

A `.weights.h5` keeps the arrays in HDF5, under the kind of a layer and its number among those of
its kind: the third Dense is ``layers/dense_2``. A `.keras` is an archive of such a file and of the
configuration, which says the order of all layers and their settings.

Source of the layout: `keras.src.saving.saving_lib` of Keras 3.15.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import DependencyError
from nn.errors import FileFormatError, StateError

__all__ = ["Layer", "layers_in"]

DEEPEST = 32
"""Groups inside of groups of a file."""
STEEPEST = 100
"""Times its length: what a part of an archive may unpack to."""


class Layer(NamedTuple):
    """A layer in a file: where it stands, its kind, the arrays of each part of it, its settings."""

    name: str
    kind: str
    parts: dict[str, list[np.ndarray]]
    settings: dict[str, Any]

    def arrays(self, count: int, what: str, part: str = "") -> list[np.ndarray]:
        """Those of a part; raises StateError (a ValueError) where there are not so many."""
        found = self.parts.get(part, [])
        if len(found) != count:
            place = f"{self.name}/{part}" if part else self.name
            raise StateError(f"{place} has {len(found)} arrays, and the model expects {what}")
        return found


def layers_in(where: Path) -> list[Layer]:
    """The layers that have arrays, those of one kind in their order.

    Raises FileFormatError (a ValueError) for a file that is none of Keras 3, DependencyError (an
    ImportError) where h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise DependencyError(
            f'Keras\' files are read by h5py: pip install "gategrad[keras]" ({error})'
        ) from error

    content = where.read_bytes()
    try:
        config = None
        if where.suffix.lower() == ".keras":
            content, config = _unpacked(content)
        with h5py.File(io.BytesIO(content), "r") as file:
            found = [*_Reader(h5py).layers(file, "", config)]
    except StateError as error:
        raise StateError(f"{where} {error}") from None
    except Exception as error:  # zlib's, h5py's and json's are of many kinds
        raise FileFormatError(f"{where} is no file of Keras 3, or is damaged: {error}") from error
    if config is None:
        _check_order(where, found)
    return found


def _unpacked(content: bytes) -> tuple[bytes, dict[str, Any]]:
    """The HDF5 file and the configuration in an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.file_size > STEEPEST * len(content):
                raise ValueError(f"{info.filename} is far larger than the file")
        config = json.loads(archive.read("config.json"))
        return archive.read("model.weights.h5"), config["config"]


def _check_order(where: Path, found: list[Layer]) -> None:
    """Raise where layers of one kind stand in several groups, whose order no one says."""
    groups: dict[str, set[str]] = {}
    for layer in found:
        groups.setdefault(layer.kind, set()).add(layer.name.rpartition("/")[0])
    for kind, places in groups.items():
        if len(places) > 1:
            raise StateError(
                f"{where} does not say in which order the {kind} of {' and '.join(sorted(places))} "
                "are: save the whole model there, model.save('model.keras')"
            )


def unread(here: Mapping[str, Any]) -> str:
    """What is said of a file of Keras' whose layers stand in no order, or elsewhere."""
    if "model_weights" in here:
        return "is of the format before Keras 3: write model.save('model.keras') there"
    return (
        "holds a model of a class of its own, whose layers stand under its attributes, "
        f"{', '.join(sorted(set(here) - {'vars'}))}, in no order: give their arrays by name, "
        "model.load_state_dict({...}), or make it a keras.Sequential or keras.Model(inputs, "
        "outputs) there"
    )


class _Reader:
    """Walks through a file, in which only what is in it is followed."""

    def __init__(self, h5py: Any) -> None:
        self.h5py = h5py

    def layers(self, group: Any, path: str, config: dict[str, Any] | None) -> Iterator[Layer]:
        """Those of a model, by the order of its configuration, else by kind and number."""
        here = self._members(group)
        if "layers" not in here and here.keys() & {"vars", "model_weights"}:
            raise StateError(unread(here))
        members = self._members(here["layers"])
        settings = _by_group(config["layers"]) if config else {name: {} for name in members}
        for name in sorted(members, key=_number) if config is None else settings:
            if name not in members:
                continue
            place = f"{path}layers/{name}"
            if place.count("/") > DEEPEST:
                raise ValueError("it nests layers too deep")
            if "layers" in self._members(members[name]):
                yield from self.layers(members[name], f"{place}/", settings[name] or None)
            elif parts := dict(self._parts(members[name], "")):
                yield Layer(place, re.sub(r"_\d+$", "", name), parts, settings[name])

    def _members(self, group: Any) -> dict[str, Any]:
        """What is in a group; a link out of the file is refused."""
        if not isinstance(group, self.h5py.Group):
            raise ValueError(f"{group.name} is no group")
        links = {name: group.get(name, getlink=True) for name in group}
        if not all(isinstance(link, self.h5py.HardLink) for link in links.values()):
            raise ValueError(f"{group.name} links to something else")
        return {name: group[name] for name in links}

    def _parts(self, group: Any, path: str) -> Iterator[tuple[str, list[np.ndarray]]]:
        """The arrays of a layer and of what it is made of, by the way to each."""
        if path.count("/") > DEEPEST:
            raise ValueError("it nests layers too deep")
        for name, item in self._members(group).items():
            if name == "vars":
                arrays = self._members(item)
                if arrays:
                    yield path, [self._array(arrays[key]) for key in sorted(arrays, key=int)]
            elif isinstance(item, self.h5py.Group):
                yield from self._parts(item, f"{path}/{name}" if path else name)

    def _array(self, dataset: Any) -> np.ndarray:
        """The numbers, which are all in the file."""
        if (
            dataset.external
            or dataset.is_virtual
            or dataset.id.get_storage_size() != dataset.nbytes
        ):
            raise ValueError(f"{dataset.name} is compressed, or not in the file")
        return np.asarray(dataset[()])


def _number(name: str) -> tuple[str, int]:
    """Kind and number of a group's name."""
    kind, _, number = name.rpartition("_")
    return (kind, int(number)) if number.isdecimal() and kind else (name, 0)


def _by_group(layers: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The settings of layers under the names of their groups, as Keras numbers them."""
    seen, found = Counter[str](), {}
    for layer in layers:
        if not isinstance(layer["config"], dict):
            raise ValueError("a layer's configuration is no object")
        kind = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", layer["class_name"]))
        kind = re.sub(r"([a-z])([A-Z])", r"\1_\2", kind).lower()
        found[f"{kind}_{seen[kind]}" if seen[kind] else kind] = layer["config"]
        seen[kind] += 1
    return found
