"""Several devices of JAX's: which they are, and which part of an input each of them has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from autograd.errors import DataError, ShapeError
from autograd.program.backend import Devices
from autograd.program.instruction import Recording

__all__ = ["Split", "placed"]


class Split:
    """Inputs on several devices: a part of the first axis on each, or the whole on all, where they
    cannot share it equally, too."""

    def __init__(self, recording: Recording, devices: Devices) -> None:
        self.mesh = as_mesh(devices.given)
        axis = self.mesh.axis_names[0]
        count = self.mesh.shape[axis]
        self.whole, parts = (NamedSharding(self.mesh, spec) for spec in (P(), P(axis)))
        self.shardings = []
        for register in recording.inputs:
            shape = recording.values[register].shape
            if register in devices.split and not shape:
                raise ShapeError("shard= splits an argument along its rows, and one is a number")
            shared = register in devices.split and shape[0] % count == 0
            self.shardings.append(parts if shared else self.whole)

    def placed(self, given: Sequence[Any]) -> list[Any]:
        """The inputs there, but for None."""
        return [
            None if value is None else placed(value, sharding)
            for value, sharding in zip(given, self.shardings, strict=True)
        ]


def placed(value: Any, sharding: Any) -> jax.Array:
    """A value on several devices. Each process gives the whole, and holds the parts of its own."""
    if isinstance(value, jax.Array) and sharding.is_equivalent_to(value.sharding, value.ndim):
        return value
    return jax.make_array_from_callback(np.shape(value), sharding, np.asarray(value).__getitem__)


def as_mesh(given: Any) -> Mesh:
    """What `devices=` says as a mesh.

    Raises DataError (a TypeError) for anything else, and for more devices than there are.
    """
    if isinstance(given, Mesh):
        return given
    known = jax.devices()
    if type(given) is int and 1 <= given <= len(known):
        given = known[:given]
    if not isinstance(given, (list, tuple)) or not set(given) <= set(known) or not given:
        raise DataError(
            "devices must be a number of devices, a list of JAX's, or a jax.sharding.Mesh; JAX has "
            f"{len(known)} here, {known[0].platform}, and received {given!r}. A processor counts "
            'as four with XLA_FLAGS="--xla_force_host_platform_device_count=4" set before JAX is '
            "imported"
        )
    return Mesh(np.array(given), ("batch",))
