"""What nodes, errors and the recording know of a gate: types alone, below all of them.

A gate makes nodes and is kept by them; each would otherwise have to name the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from autograd.floats import Floats

__all__ = ["AppliedGate"]


class AppliedGate(Protocol):
    """The gate that a node was made by, which is an `ag.Gate`; its attributes are told there."""

    forward: Callable[..., Any]
    name: str
    symbol: str
    rule: str
    pattern: str
    local: Any
    vjp: Any
    jvp: Callable[..., Any] | None
    linear: str | None
    into: Callable[..., None] | None
    expansion: Callable[..., Any] | None
    kinks: str | None
    vjps: Any
    texts: Sequence[str | None] | bool | None
    arity: int | None

    @property
    def floats(self) -> Floats | None:
        """Its expressions on Python floats."""

    @property
    def chooses(self) -> bool:
        """Whether a local gradient of 0, of a scalar node, is a choice."""

    @property
    def by_entries(self) -> bool:
        """Whether each operand has an elementwise rule that takes any part of the arrays."""

    @property
    def adding(self) -> AppliedGate:
        """The gate that adds an upstream into an array, as `into` does."""

    def __hash__(self) -> int:
        """As of any object: a gate is equal to itself."""

    def __call__(self, *operands: Any, **options: Any) -> Any:
        """The node of the gate on operands."""

    def local_gradients(
        self,
        wanted: Sequence[bool],
        out: Any,
        values: Sequence[Any],
        settings: dict[str, Any] | None = None,
    ) -> list[Any] | None:
        """d(out)/d(input) of each wanted operand."""

    def vjps_of(
        self,
        upstream: Any,
        wanted: Sequence[bool],
        out: Any,
        values: Sequence[Any],
        settings: dict[str, Any] | None,
    ) -> list[Any]:
        """Upstream times derivative, for each wanted operand."""

    def needs(self, wanted: Sequence[bool], out: Any = None) -> set[int] | None:
        """At whose values the rules of the wanted operands look."""

    def scalar_product(self, given: Any, d: Any) -> Any:
        """A gradient or a tangent of a scalar node times the local gradient."""

    def compute(self, operands: Sequence[Any], settings: dict[str, Any]) -> Any:
        """The function itself: recorded where Tensors are among the operands."""
