"""What symbols, writes and readings ask of the recorder that they belong to: types alone.

A `Tape` makes all three and holds them; they know it by this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from autograd.program.instruction import Instruction
    from autograd.program.registers import Registers

__all__ = ["Readings", "Recorder", "Writes"]


class Writes(Protocol):
    """Writing into traced arrays: `in_place.InPlace`."""

    def into(self, outs: Any, function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """A call that writes into an array."""

    def item(self, target: Any, key: Any, value: Any) -> None:
        """Writing by index."""

    def at(self, ufunc: Any, target: Any, *rest: Any) -> None:
        """``ufunc.at``."""

    def check_reads(self, reads: Any) -> None:
        """Raise where a call reads an array as it was before it was written into."""


class Readings(Protocol):
    """Tensors from outside: `outside.Outside`."""

    @property
    def assigned(self) -> dict[Any, tuple[Any, bool]]:
        """Those that were given new data, with the symbol of it."""

    def assign(self, node: Any, value: Any, in_place: bool = False) -> None:
        """A Tensor has new data from here on."""

    def is_data(self, node: Any, symbol: Any) -> bool:
        """Whether a symbol stands for the data that a Tensor has now."""

    def is_first(self, node: Any, symbol: Any) -> bool:
        """Whether a symbol stands for the data that a Tensor had at first."""

    def is_held(self, symbol: Any, but: Any) -> bool:
        """Whether the memory of a value is that of the data of a Tensor, of another than `but`."""


class Recorder(Protocol):
    """The recorder itself: `tape.Tape`."""

    registers: Registers
    inputs: list[Any]
    instructions: list[Instruction]
    examples: dict[int, Any]
    closed: bool

    @property
    def outside(self) -> Readings:
        """What was read that is no argument."""

    @property
    def in_place(self) -> Writes:
        """What was written into."""

    def input(self, value: Any) -> Any:
        """A register that is given at each run."""

    def record(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any] | None = None,
        *,
        effect: bool = False,
    ) -> Any:
        """Call the function, and write the call down."""

    def concrete(self, tree: Any) -> Any:
        """A nest of arguments with the numbers of now in place of symbols."""

    def constant(self, value: Any) -> Any:
        """The symbol of a number, or of an array as it is now."""
