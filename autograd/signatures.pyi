"""What `gate` and the functions that transforms make take and give, for type checkers alone."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, TypedDict, TypeVar, overload

from numpy.typing import NDArray

from autograd.gates.rules import Rule
from autograd.tensor import Tensor

T = TypeVar("T")

class Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]

Nest = list[Any] | tuple[Any, ...] | dict[Any, Any] | Dataclass

class Gradient(Protocol):
    """A gradient is of the first argument's kind and nested like it."""

    @overload
    def __call__(self, x: NDArray[Any], /, *args: Any, **kwargs: Any) -> NDArray[Any]: ...
    @overload
    def __call__(self, x: float, /, *args: Any, **kwargs: Any) -> float: ...
    @overload
    def __call__(self, x: T, /, *args: Any, **kwargs: Any) -> T: ...

class ValueAndGradient(Protocol):
    """The value is an array, a float or a Tensor as the argument is."""

    @overload
    def __call__(
        self, x: NDArray[Any], /, *args: Any, **kwargs: Any
    ) -> tuple[NDArray[Any], NDArray[Any]]: ...
    @overload
    def __call__(self, x: float, /, *args: Any, **kwargs: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: Tensor, /, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]: ...
    @overload
    def __call__(self, x: T, /, *args: Any, **kwargs: Any) -> tuple[Any, T]: ...

class Derivatives(Protocol):
    """A Jacobian or a Hessian of an array is an array, of a nest a nest of blocks."""

    @overload
    def __call__(self, x: NDArray[Any], /, *args: Any, **kwargs: Any) -> NDArray[Any]: ...
    @overload
    def __call__(self, x: Tensor, /, *args: Any, **kwargs: Any) -> Tensor: ...
    @overload
    def __call__(self, x: float | Nest, /, *args: Any, **kwargs: Any) -> Any: ...

class Entry(TypedDict, total=False):
    """What `gate` is told besides the function."""

    local: Rule | Sequence[Rule] | None
    vjp: Rule | Sequence[Rule | None] | None
    jvp: Rule | None
    linear: str | None
    into: Callable[..., None] | None
    name: str | None
    symbol: str | None
    rule: str
    pattern: str | None
    floats: Sequence[str | None] | bool | None
    expansion: Callable[..., Any] | None
    kinks: str | None
    doc: str | None
