"""Where a program runs: devices, and the arguments of which each of them has a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autograd.errors import DataError
from autograd.program.backend import Devices, find_backend

__all__ = ["Placement"]


class Placement(NamedTuple):
    """What `devices=` and `shard=` of `ag.compile` say.

    Attributes: `devices`, as given; `names`, the numbers and names of the arguments that are
    split, or None for all.
    """

    devices: Any
    names: tuple[int | str, ...] | None = None

    @classmethod
    def of(cls, devices: Any, shard: Any, backend: str) -> Placement | None:
        """As given to `ag.compile`; None where nothing was.

        Raises DataError (a TypeError) for one without the other, for what names no argument, and
        for a back end that has no devices.
        """
        if devices is None and shard is None:
            return None
        if not getattr(find_backend(backend), "places", False):
            raise DataError(
                f"backend={backend!r} runs on this computer's processor alone: write "
                'backend="jax" for devices= and shard='
            )
        names = tuple(shard) if isinstance(shard, (tuple, list)) else (shard,)
        if devices is None or not all(type(name) in (int, str) for name in names):
            raise DataError(
                "compile() expects devices= and shard= together, and of shard the arguments' "
                f"numbers or names, as in devices=4, shard=(1, 2); received devices={devices!r}, "
                f"shard={shard!r}"
            )
        return cls(devices, names)

    def among(self, registers: Mapping[int | str, Sequence[int]]) -> Devices:
        """The same in the registers that each argument of a call has.

        Raises DataError (a TypeError) for an argument that is not there.
        """
        names = tuple(registers) if self.names is None else self.names
        if unknown := [name for name in names if name not in registers]:
            raise DataError(
                f"shard={unknown[0]!r} is none of the arguments of this call: they are "
                f"{', '.join(map(repr, registers))}"
            )
        return Devices(self.devices, frozenset(r for name in names for r in registers[name]))
