"""A program: a recording with its passes, its plan and its written form, to be run again."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from operator import attrgetter, is_
from threading import RLock
from typing import Any, NamedTuple

import numpy as np

from autograd import modes
from autograd.away import Away
from autograd.backward import depositing
from autograd.data import ALONE_WITH_LOCAL, getrefcount
from autograd.errors import (
    AutogradError,
    CompileError,
    DataError,
    GradientError,
    LinAlgError,
    OutOfRangeError,
    StaleGraphError,
)
from autograd.files import bytes_in_words
from autograd.origins import GENERATED
from autograd.program.backend import Devices, Request, find_backend, prepare
from autograd.program.handing_on import export_onnx, stablehlo
from autograd.program.instruction import Instruction, Plan, Recording, listing
from autograd.program.memory import layout
from autograd.program.passes import stages
from autograd.program.threads import Threads
from autograd.tensor import Tensor, describe, here

__all__ = ["Input", "Program"]

NUMBERS_REFUSED = (np.linalg.LinAlgError, IndexError)
"""What NumPy raises where the numbers of a run will not do: shapes are those that were recorded."""

WANTED, HELD = attrgetter("_wants"), attrgetter("_value")
"""Of a Tensor, read without an instruction of Python's each."""

tensors: Any = sys.modules[Tensor.__module__]
"""The file, for its `latest_change`: asked for `tensor`, `autograd` tells of PyTorch's,
and loads what it knows of other libraries."""


class Input(NamedTuple):
    """What a program reads at each run: a Tensor, or an argument of the compiled function.

    Attributes: `register`; `tensor`, None of an argument; `name`; `shape` and `dtype`.
    """

    register: int
    tensor: Tensor | None
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype


class Program:
    """A flat list of calls to NumPy that computes what was recorded, again and again.

    `print(program)` lists it, one call a line. `ag.compile` makes it. Threads may call one program:
    its runs, which share their memory, wait for each other.

    Attributes
    ----------
    inputs : what is read at each run, arguments first.
    tensors : the Tensors among them, in that order.
    outputs : the registers of the results.
    assigned : the Tensors that have new data after a run.
    instructions : all calls, in their order; those of the backward half come last.
    peak : the bytes that a run's intermediate arrays take at most.
    source : the Python text that a run executes.

    >>> import autograd as ag
    >>> x, y = ag.Tensor(3.0, name="x"), ag.Tensor(-4.0, name="y")
    >>> program = ag.compile(x * y)
    >>> program.run()
    -12.0
    >>> program.backward()
    >>> x.grad, y.grad
    (-4.0, 3.0)
    >>> x.data = 5.0
    >>> program.run()
    -20.0
    """

    def __init__(
        self,
        recording: Recording | None,
        inputs: Sequence[Input],
        *,
        assigned: Sequence[tuple[Tensor, bool]] = (),
        wanted: Sequence[Tensor] = (),
        used: Sequence[Tensor] = (),
        mixed: Sequence[Tensor] = (),
        reuse_outputs: bool = False,
        blas_threads: int | None = None,
        threads: int | None = None,
        devices: Devices | None = None,
        backend: str = "numpy",
        title: str = "program",
    ) -> None:
        self._recorded = recording
        self.inputs = tuple(inputs)
        self._assigned = tuple(assigned)
        self._wanted = tuple(wanted)
        self._used, self._mixed = tuple(used), tuple(mixed)
        self._title = title
        self._reuse = reuse_outputs
        self._blas_threads = blas_threads
        self._shared_by = threads
        self._devices = devices
        self._backend = backend
        self.tensors = [i.tensor for i in self.inputs if i.tensor is not None]
        self._wants = [tensor._wants for tensor in self.tensors]
        self._layouts = [_layout(here(tensor)) for tensor in self.tensors]
        self._seen: list[Any] = [None] * len(self.tensors)
        self._lock = RLock()
        self._runs = self._swept = False
        self._last: tuple[Any, ...] | None = None
        self._given: tuple[Any, ...] = ()
        self._read = 0
        self._other_wants = False
        self._assigned_at: dict[Tensor, int] = {}

    # ---- looking

    @cached_property
    def stages(self) -> list[tuple[str, Recording]]:
        """The recording before and after each pass, by the pass's name; each of them prints."""
        assert self._recorded is not None
        return stages(self._recorded)

    @property
    def recording(self) -> Recording:
        """What runs: the recording after all passes."""
        return self.stages[-1][1]

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        return self.recording.instructions

    @property
    def outputs(self) -> tuple[int, ...]:
        return self.recording.outputs

    @property
    def assigned(self) -> list[Tensor]:
        return [tensor for tensor, _ in self._assigned]

    @property
    def peak(self) -> int:
        return self._prepared.peak

    @property
    def source(self) -> str:
        return self._prepared.source

    @property
    def plan(self) -> Plan:
        """Which buffer each register is written into; nothing, where the back end does not say."""
        return self._plan or Plan()

    @property
    def _plan(self) -> Plan | None:
        found: Plan | None = getattr(self._prepared, "plan", None)
        return found

    def __str__(self) -> str:
        count, plan = len(self.instructions), self._plan
        title = f"{self._title}: {count} instruction{'s'[: count != 1]}"
        if plan is not None:
            buffers = len(plan.sizes)
            title += f", {buffers} buffer{'s'[: buffers != 1]}"
            title += f", {bytes_in_words(self.peak)} at the peak"
        called = {i.register: i.name for i in self.inputs if i.tensor is not None}
        return listing(self.recording, plan, title, called)

    def __reduce__(self) -> Any:
        raise DataError(
            f"{self!r} is bound to the Tensors that it reads, and is not copied or pickled: copy "
            "what it was made of, and compile that again"
        )

    def __repr__(self) -> str:
        return f"<Program {self._title}: {len(self.instructions)} instructions>"

    # ---- handing on

    export_onnx = export_onnx
    stablehlo = stablehlo

    # ---- running

    def run(self, *arguments: Any) -> Any:
        """Compute the results anew, from what the inputs are now.

        Returns the value, or a tuple of several. Tensors among the inputs are read at each run.

        Raises what the same calls raise outside of a program, LinAlgError (a ValueError) for a
        matrix that will not do among them, and CompileError (a TypeError) for arguments in another
        number than it has.
        """
        self._other_wants = [tensor._wants for tensor in self.tensors] != self._wants
        results = self.results(arguments)
        return results[0] if len(results) == 1 else results

    def results(self, arguments: Sequence[Any]) -> Any:
        """All results as a tuple; Tensors that the program assigns to have new data afterwards."""
        if modes.open_blocks and modes.current().anomaly:
            raise CompileError(
                f"{self!r} replays calls to NumPy, and detect_anomaly looks at the gates of a "
                "graph: compute the graph anew inside it"
            )
        given = (*arguments, *self.data())
        if len(given) != len(self.inputs):
            raise CompileError(
                f"{self!r} takes {len(self.inputs) - len(self.tensors)} arguments and received "
                f"{len(arguments)}"
            )
        return self.replayed(*given)

    def replayed(self, *given: Any) -> Any:
        """The same of all that it reads, arguments first, then what its Tensors hold."""
        with self._lock:
            if self._runs:
                raise CompileError(f"{self!r} is run by a function that it calls itself")
            self._read = tensors.latest_change
            self._last, self._runs = None, True
            try:
                results, self._last = self._forward(*given)
            except NUMBERS_REFUSED as error:
                if isinstance(error, AutogradError):
                    raise
                raise self._explained(error) from error
            finally:
                self._runs = False
            if self.fetch is None:
                self._given = given
            if self._assigned:
                results, new = results[: self._count], results[self._count :]
                self._assign(new)
        return results

    @property
    def direct(self) -> Callable[..., Any]:
        """`replayed`, or what the back end knows to do in its place where a run reads arguments
        alone and leaves nothing behind."""
        if self.tensors or self._assigned or self.recording.seed is not None:
            return self.replayed
        return getattr(self._prepared, "direct", None) or self.replayed

    @cached_property
    def _forward(self) -> Callable[..., Any]:
        forward: Callable[..., Any] = self._prepared.forward
        threads = self._threads
        if threads.idle:
            return forward

        def on_threads(*given: Any) -> Any:
            with threads:
                return forward(*given)

        return on_threads

    def _assign(self, new: Sequence[Any]) -> None:
        """New data for Tensors, in the arrays that they have where the program wrote into those."""
        tensors.latest_change = now = tensors.stamp()
        for (tensor, in_place), data in zip(self._assigned, new, strict=True):
            if type(data) is Away:
                if data.there is not None:  # or another thread has got hold of them already
                    tensor._value = data
                if data.lands:
                    data.back(tensor)
            elif data is not tensor._value:
                if in_place and type(data) is not float:
                    np.copyto(tensor._value, data)
                else:
                    tensor._value = data
            tensor._version = now
            if tensor._second is not None:
                tensor._mark_changed()
        if self._wanted:
            self._assigned_at = {tensor: tensor._version for tensor, _ in self._assigned}

    @cached_property
    def _count(self) -> int:
        return len(self.outputs)

    @contextmanager
    def repeated(self) -> Iterator[Callable[..., Any]]:
        """A block that has the program to itself, as a function that may be called in it again and
        again: of all inputs, with a tuple of results and what the second half would need."""
        with self._lock, self._threads:
            yield self._prepared.forward

    def backward(self, gradient: Any = None) -> None:
        """Add the gradients of the first result, as of the last run, to the leaves' `.grad`.

        `gradient` is d(loss)/d(result), of its shape; 1 where it has one element.

        Raises GradientError (a RuntimeError) where the program was not run yet, or nothing in it
        wants a gradient, and StaleGraphError (one, too) where a leaf that they depend on was
        assigned to since the run, or frozen or thawed since the program was made. What the program
        itself assigns is part of its run.
        """
        adjoints = self.gradients(gradient)
        with depositing:  # adding to a leaf that another thread adds to would lose one of the two
            for leaf, adjoint in zip(self._wanted, adjoints, strict=True):
                if leaf._grad is None:
                    leaf._grad = adjoint
                else:
                    total = leaf._grad + adjoint
                    leaf._grad = np.asarray(total) if isinstance(total, np.generic) else total

    def gradients(self, gradient: Any = None) -> tuple[Any, ...]:
        """The same gradients as a tuple, one for each of the Tensors that want one.

        They lie in memory that no run writes.
        """
        if not self._wanted and self.recording.seed is None:
            raise GradientError(f"nothing that {self!r} reads wants a gradient")
        seed = self._seed(gradient)
        with self._lock:
            if self._last is None:
                raise GradientError(f"{self!r} was not run yet: call run() before backward()")
            if tensors.latest_change > self._read:
                self._check_versions()
            if self._mixed or self._other_wants:
                self._check_wants()
            try:
                with self._threads:
                    return self._prepared.backward(seed, *self._given, *self._last)
            except NUMBERS_REFUSED as error:
                if isinstance(error, AutogradError):
                    raise
                raise self._explained(error) from error

    def _explained(self, error: Exception) -> AutogradError:
        """NumPy's refusal of the numbers of a run in our words, with the line that it came from."""
        line, trace = "", error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if code.co_filename.startswith(GENERATED):
                line = dict(enumerate(self.source.splitlines(), 1)).get(trace.tb_lineno, "")
            trace = trace.tb_next
        kind = LinAlgError if isinstance(error, np.linalg.LinAlgError) else OutOfRangeError
        return kind(f"{self!r} cannot compute {line.strip() or 'with these numbers'}: {error}")

    def _check_versions(self) -> None:
        """Raise where a Tensor that the derivatives depend on has other data than the run read."""
        for tensor in self._used:
            if tensor._version > max(self._read, self._assigned_at.get(tensor, 0)):
                raise StaleGraphError(
                    f"{describe(tensor)} was assigned to after {self!r} had read it, so the "
                    "gradient would belong to other values: run the program again before backward()"
                )

    def _check_wants(self) -> None:
        """Raise where it has not the gradients that are wanted now, or ones of two values."""
        for tensor in self._mixed:
            raise StaleGraphError(
                f"{self!r} reads {describe(tensor)}, assigns to it, and reads it again, so that "
                "its gradient would belong to two values: assign after the last reading"
            )
        for tensor, wanted in zip(self.tensors, self._wants, strict=True):
            if tensor._wants != wanted:
                raise StaleGraphError(
                    f"requires_grad of {describe(tensor)} was set after {self!r} was recorded, "
                    "so that it has other gradients: compile it again"
                )

    def is_current(self) -> bool:
        """Whether the Tensors that it reads are as when it was recorded: whether they want
        gradients, and how their data lie in memory."""
        return self.held() is not None

    def held(self) -> list[Any] | None:
        """The data of the Tensors that it reads, if it is current."""
        if [*map(WANTED, self.tensors)] != self._wants:
            return None
        data = [*map(HELD, self.tensors)]
        if not all(map(is_, data, self._seen)):  # the very arrays that were looked at before
            data.clear()  # so that nobody holds on to what may be kept
            data = self.data()
            if [*map(_layout, data)] != self._layouts:
                return None
            self._seen = data
            if self.fetch is not None:
                self._seen = [None if type(value) is np.ndarray else value for value in data]
        return data

    def data(self) -> list[Any]:
        """What the Tensors that it reads hold, as a run is given it.

        A back end that keeps data gets those of a Tensor that it assigns to as an `Away`.
        """
        if self.fetch is not None:
            for tensor, in_place in self._assigned:
                value = tensor._value
                if type(value) is np.ndarray:
                    lands = in_place and value.base is not None
                    if in_place and not lands and getrefcount(value) != ALONE_WITH_LOCAL:
                        if not self._swept:  # of what recording left, which is in circles
                            self._swept = True
                            gc.collect()
                        lands = getrefcount(value) != ALONE_WITH_LOCAL
                    tensor._value = Away(value, self.fetch, lands)
        data = [*map(HELD, self.tensors)]
        if self.fetch is None and Away in map(type, data):
            data = [value.copy() if type(value) is Away else value for value in data]
        return data

    @cached_property
    def fetch(self) -> Callable[[Any], np.ndarray] | None:
        """What brings back the data that the back end keeps; None where it keeps none. The second
        half reads what the first was given, which must stay as it was."""
        if self._recorded is None or self._recorded.seed is not None:
            return None
        return getattr(find_backend(self._backend), "fetch", None)

    @cached_property
    def _one(self) -> Any:
        """The seed of one number."""
        assert self.recording.seed is not None
        value = self.recording.values[self.recording.seed]
        if value.size != 1:
            raise GradientError(
                f"the result has shape {value.shape}, and only one number has a gradient: "
                "write program.backward(gradient=...) with an array of that shape"
            )
        return 1.0 if value.weak else np.ones(value.shape, value.dtype)

    def _seed(self, gradient: Any) -> Any:
        if gradient is None:
            return self._one
        assert self.recording.seed is not None
        value = self.recording.values[self.recording.seed]
        received = np.asarray(gradient.data if type(gradient) is Tensor else gradient)
        if received.shape != value.shape:
            raise GradientError(
                f"gradient must have the shape of the result, {value.shape}, and received "
                f"{received.shape}"
            )
        return float(received) if value.weak else received.astype(value.dtype)

    @cached_property
    def _threads(self) -> Threads:
        if getattr(self._prepared, "has_threads", False):
            return Threads(None)
        return Threads.for_products(self.recording, self._blas_threads)

    @cached_property
    def _prepared(self) -> Any:
        """The two functions, by the back end."""
        registers = {i.tensor: i.register for i in self.inputs if i.tensor is not None}
        over = {
            register: registers[tensor]
            for register, (tensor, in_place) in zip(
                self.recording.assigned, self._assigned, strict=True
            )
            if in_place
        }
        homes = [registers[tensor] for tensor, _ in self._assigned]
        request = Request(over, self._reuse, self._shared_by, self._devices, homes)
        return prepare(self._backend, self.recording, request)


def _layout(data: Any) -> Hashable:
    """How a Tensor's data lie in memory, or will where they are brought back; None of a number."""
    if type(data) is Away:
        data = data.array
        return "C" if data is None else layout(data)
    return layout(data) if type(data) is np.ndarray else None
