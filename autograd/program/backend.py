"""Back ends: what runs a recording, by name, loaded when it is asked for.

A *factory* makes two functions of a recording: `forward` and `backward`. The compiler knows no more
of a back end than that. `BUILT_IN` says where those of the package are; `register_backend` adds
others for the whole process, the one thing that is kept here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import Any, NamedTuple, Protocol

import numpy as np

from autograd.away import Away
from autograd.errors import CompileError, DataError, DependencyError
from autograd.program.instruction import Instruction, Recording, Value, with_registers
from autograd.program.numbers import on_floats

__all__ = [
    "Devices", "Factory", "Prepared", "Request", "evaluate", "find_backend", "leaves_of", "prepare",
    "register_backend",
]  # fmt: skip

BUILT_IN = {
    "numpy": "autograd.program.arrays.backend:Planned",
    "numba": "autograd.program.jit.backend:Kerneled",
    "jax": "autograd.program.lowering.jax_backend:Jitted",
    "torch": "autograd.program.lowering.torch_backend:Traced",
    "torch.compile": "autograd.program.lowering.torch_backend:Compiled",
    "wide": "autograd.program.scalars.backend:Grouped",
    "wide_numba": "autograd.program.scalars.backend:Looped",
    "wide_jax": "autograd.program.lowering.jax_scalars:GroupedByXla",
}
"""Where the factories of the package are."""

NEEDED = {
    "jax": 'JAX: pip install "gategrad[jax]"',
    "onnx": 'the package onnx: pip install "gategrad[onnx]"',
    "torch": "PyTorch: pip install torch",
}
"""What to install where a module cannot be imported for want of a package."""

ONNX = "autograd.program.lowering.onnx_export:write"
"""What writes a recording to a file for other engines."""

_registered: dict[str, Factory] = {}


class Devices(NamedTuple):
    """Where a program runs, for a factory that has `places`.

    Attributes: `given`, what `devices=` was; `split`, the registers of the inputs of which each
    device has a part of the first axis.
    """

    given: Any
    split: frozenset[int]


class Request(NamedTuple):
    """What a factory may make use of, and need not.

    Attributes
    ----------
    over : new data of a Tensor that are copied into its old ones afterwards, by register, each with
        the register of the input that these are: they may be written there at once, by the last
        calls.
    reuse : whether results may lie in memory that the next run writes over.
    threads : how many may share a large array; None leaves it to the back end.
    devices : those asked for, of a factory that has `places`.
    homes : of the new data of Tensors, in their order, the register of the input that each Tensor's
        old ones are.
    """

    over: Mapping[int, int] = {}
    reuse: bool = False
    threads: int | None = None
    devices: Devices | None = None
    homes: Sequence[int] = ()


class Prepared(Protocol):
    """What a factory makes. `source` and `peak` may be missing: what runs as text, and the most
    bytes that it takes; so may `has_threads`, true where no product is NumPy's, and `direct`, a
    function of the inputs that returns the results, where a run leaves nothing behind: threads call
    it at the same time."""

    def forward(self, *given: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        """The results, then the new data of Tensors; and what `backward` needs of the run.

        `given` are the inputs. Results are arrays of the recorded dtypes and shapes, in memory of
        their own, and Python floats.
        """

    def backward(self, seed: Any, *given_and_left: Any) -> Sequence[Any]:
        """The gradients, from that of the first result, the inputs and what `forward` left."""


class Factory(Protocol):
    """Makes the two functions of a recording.

    It may have `check()`, called when its name is asked for, which raises where a package is
    missing, `scalars`, the name of the back end for graphs of single numbers, `places`, true where
    it runs on the devices of a request, and `fetch`, of what it keeps of Tensors' new data.
    """

    def __call__(self, recording: Recording, request: Request, /) -> Prepared: ...


def register_backend(name: str, factory: Factory) -> None:
    """Add a back end from outside: `ag.compile(f, backend=name)` then runs through it.

    It is there for the whole process, and a name stands for one factory. `docs/architecture.md`
    says what a factory gets and gives.

    Parameters
    ----------
    name : what `backend=` calls it.
    factory : takes a recording and a request, and returns an object with two methods, `forward` and
        `backward`.

    Raises DataError (a TypeError) for a name that is no text or stands for another back end, and
    for a factory that cannot be called.

    >>> import numpy as np
    >>> import autograd as ag
    >>> from autograd.extend import evaluate
    >>> class Plain:
    ...     "Call by call, values alone."
    ...     def __init__(self, recording, request):
    ...         self.recording = recording
    ...     def forward(self, *given):
    ...         known = {**self.recording.constants, **dict(zip(self.recording.inputs, given))}
    ...         for instruction in self.recording.instructions:
    ...             evaluate(instruction, known, self.recording.values)
    ...         return [np.copy(known[register]) for register in self.recording.outputs], ()
    >>> ag.register_backend("plain", Plain)
    >>> ag.compile(lambda x: np.tanh(x) * 2.0, backend="plain")(np.array([0.0, 1.0])).round(3)
    array([0.   , 1.523])
    """
    if type(name) is not str or not name.strip():
        raise DataError(f"register_backend: the name must be a text, received {name!r}")
    if not callable(factory):
        raise DataError(
            f"register_backend: the factory of {name!r} must be a function or a class that takes "
            f"a recording and a request, received {factory!r}"
        )
    if name in BUILT_IN or _registered.setdefault(name, factory) is not factory:
        raise DataError(
            f"register_backend: {name!r} is the name of another back end already: register "
            f"{factory!r} under a name of its own"
        )


def find_backend(name: Any, asked: str = "backend must be one of") -> Factory:
    """The factory of a name; `asked` begins what is said of one that stands for none.

    Raises DataError (a TypeError) for a name that stands for none, and what the back end raises
    where a package that it needs is not installed: DependencyError (an ImportError).
    """
    factory = _registered.get(name) if type(name) is str else None
    if factory is None:
        place = BUILT_IN.get(name) if type(name) is str else None
        if place is None:
            known = ", ".join(f'"{known}"' for known in (*BUILT_IN, *_registered))
            raise DataError(
                f"{asked} {known}, or one that ag.register_backend(name, factory) "
                'adds; Numba\'s needs pip install "gategrad[jit]"; '
                f"received {name!r}"
            )
        factory = of_place(place)
    check = getattr(factory, "check", None)
    if check is not None:
        check()
    return factory


def of_place(place: str) -> Any:
    """What stands at ``"module:name"``, imported when it is asked for.

    Raises DependencyError (an ImportError) where the package that it is for is missing.
    """
    module, attribute = place.split(":")
    try:
        return getattr(import_module(module), attribute)
    except ImportError as error:
        package = NEEDED.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        raise DependencyError(f"this needs {package}") from error


def prepare(name: str, recording: Recording, request: Request) -> Any:
    """What runs a recording; that of a factory from outside is looked at, at each run."""
    made = find_backend(name)(recording, request)
    if name not in _registered:
        return made
    halves = ["forward"] if recording.seed is None else ["forward", "backward"]
    for half in halves:
        if not callable(getattr(made, half, None)):
            raise DataError(
                f"the factory of back end {name!r} must return an object with "
                f"{' and '.join(halves)}, methods to be called at each run; received {made!r}"
            )
    return _Watched(name, recording, request, made)


class _Watched:
    """What a factory from outside made; what it returns must be what was recorded."""

    def __init__(self, name: str, recording: Recording, request: Request, made: Any) -> None:
        self.made, self.name, self.recording, self.request = made, name, recording, request
        self.source: str = getattr(made, "source", "")
        self.peak: int = getattr(made, "peak", 0)

    def forward(self, *given: Any) -> tuple[tuple[Any, ...], Sequence[Any]]:
        results, left = self.made.forward(*given)
        recording = self.recording
        registers = (*recording.outputs, *recording.assigned)
        return self.checked("forward", results, registers, given), left

    def backward(self, seed: Any, *given_and_left: Any) -> tuple[Any, ...]:
        gradients = self.made.backward(seed, *given_and_left)
        given = (seed, *given_and_left[: len(self.recording.inputs)])
        return self.checked("backward", gradients, self.recording.gradients, given)

    def checked(
        self, half: str, results: Sequence[Any], registers: Sequence[int], given: Sequence[Any]
    ) -> tuple[Any, ...]:
        """The results, each of its register's kind and in memory of its own."""
        if len(results) != len(registers):
            raise CompileError(
                f"{half} of back end {self.name!r} must return {len(registers)} results, and "
                f"returned {len(results)}"
            )
        others = [a for a in (*given, *self.recording.constants.values()) if type(a) is np.ndarray]
        for register, result in zip(registers, results, strict=True):
            value = self.recording.values[register]
            if type(result) is Away and any(result is one for one in given):
                continue
            if not _is_of(result, value):
                raise CompileError(
                    f"{half} of back end {self.name!r} must return a "
                    f"{'Python float' if value.weak else f'writeable array, {value.kind},'} for "
                    f"%{register}, and returned {_kind_of(result)}"
                )
            if value.weak or register in self.request.over:
                continue
            if _lies_in(result, others):
                raise CompileError(
                    f"{half} of back end {self.name!r} must return arrays in memory of their own, "
                    f"and what it returned for %{register} lies in that of an input, a constant or "
                    "another result: return a copy"
                )
            others.append(result)
        return tuple(results)


def _lies_in(result: np.ndarray, others: Sequence[np.ndarray]) -> bool:
    """Whether an array is one of the others or a view of one."""
    if result.flags.owndata:  # spares most of the comparisons
        return any(result is other or result is other.base for other in others)
    return any(np.may_share_memory(result, other) for other in others)


def _is_of(result: Any, value: Value) -> bool:
    if value.weak or type(result) is not np.ndarray:
        return value.weak and type(result) is float
    return (result.shape, result.dtype, result.flags.writeable) == (value.shape, value.dtype, True)


def _kind_of(result: Any) -> str:
    if type(result) is not np.ndarray:
        return f"a {type(result).__name__}"
    locked = "" if result.flags.writeable else "a read-only array, "
    return f"{locked}{Value(result.shape, result.dtype, ()).kind}"


def evaluate(instruction: Instruction, known: dict[int, Any], values: Sequence[Value]) -> None:
    """Run one instruction by NumPy: from what `known` has for the registers that it reads, to what
    it then has for those that it writes, arrays and Python floats, with the bits of eager.

    `values` are the recording's. An array may be a view of another one.
    """
    args, kwargs = (
        with_registers(given, known.__getitem__) for given in (instruction.args, instruction.kwargs)
    )
    function = instruction.function
    if not kwargs and all(
        values[register].weak for register in (*instruction.outputs, *instruction.reads)
    ):
        function = on_floats(function, len(args)) or function
    with np.errstate(all="ignore") if instruction.quiet else nullcontext():
        result = function(*args, **kwargs)
    results = leaves_of(result) if instruction.several else [result]
    for register, one in zip(instruction.outputs, results, strict=bool(instruction.outputs)):
        if not instruction.several and np.shape(one) != values[register].shape:
            raise CompileError(not_of_shape(values[register].shape, np.shape(one)))
        known[register] = float(one) if values[register].weak else np.asarray(one)


def leaves_of(nest: Any) -> list[Any]:
    """The arrays of a nest of results, in order."""
    if isinstance(nest, (tuple, list)):
        return [leaf for part in nest for leaf in leaves_of(part)]
    return [nest] if isinstance(nest, (np.ndarray, np.generic, float)) else []


def not_of_shape(recorded: tuple[int, ...], now: tuple[int, ...]) -> str:
    """What to say where a traced integer among the arguments asks for another shape."""
    return (
        f"a compiled function made an array of shape {recorded} when it was recorded, and now of "
        f"shape {now}: a program has one shape for each value; pass what decides "
        "as an int, for which a program of its own is made"
    )
