"""The table that `module.summary()` returns: what each layer gives, holds and costs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, no_grad
from autograd.extend import (
    bytes_in_words,
    current_language,
    in_its_language,
    in_language,
    padded,
    say,
    say_count,
    terminal_width,
)
from nn.calls import Call, Calls, calls
from nn.errors import OptionError
from nn.modes import evaluating
from nn.options import size, sizes, spread

__all__ = ["Row", "Summary", "summarize"]

WIDEST = 44
"""Letters of a layer as it is written, before it is cut."""


class Row(NamedTuple):
    """One call of a layer, or a module with layers inside.

    Attributes: `name`, as in pictures; `layer`, as it is written; `depth`, of its indentation;
    `output_shape`, without the batch, None for a module that was not called; `parameters`, the
    numbers that are trained; `state`, those that are kept only; `memory` of both in bytes;
    `multiply_adds` for one sample; `is_group`, whether the rows below belong to it;
    `receptive_field`, of a layer of windows, how much of the input each of its outputs sees.
    """

    name: str
    layer: str
    depth: int
    output_shape: tuple[int, ...] | None
    parameters: int = 0
    state: int = 0
    memory: int = 0
    multiply_adds: int = 0
    is_group: bool = False
    receptive_field: tuple[int, ...] | None = None


class Summary:
    """A model's layers and what they cost; printed, a table.

    Attributes: `title`, `rows`, and the totals `parameters`, `state`, `memory` (bytes of both),
    `multiply_adds` and `activations` (bytes of all layers' outputs), the last two for one sample.

    >>> import nn
    >>> summary = nn.MLP(3, [4, 4], 1, activation="sigmoid").summary()
    >>> summary.parameters, summary.multiply_adds
    (41, 32)
    """

    def __init__(
        self, title: str, rows: list[Row], activations: int, dtype: str, scalar: bool
    ) -> None:
        self.title = title
        self.rows = rows
        self.activations = activations
        self.dtype = dtype
        self._scalar = scalar
        self.language = current_language()

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def state(self) -> int:
        return sum(row.state for row in self.rows)

    @property
    def memory(self) -> int:
        return sum(row.memory for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        return sum(row.multiply_adds for row in self.rows)

    @in_its_language
    def __str__(self) -> str:
        head = [
            say("Layer"), "", say("Output shape"), say("Parameters"), say("Memory"),
            say("Multiply-adds"),
        ]  # fmt: skip
        body = [list(self._cells(row)) for row in self.rows]
        foot = [
            say("Total"), "", "", f"{self.parameters + self.state:,}", bytes_in_words(self.memory),
            f"{self.multiply_adds:,}",
        ]  # fmt: skip
        if any(row.receptive_field for row in self.rows):
            head.append(say("Sees"))
            foot.append("")
            for cells, row in zip(body, self.rows, strict=True):
                cells.append("×".join(map(str, row.receptive_field or ())))
        widths = [
            max(map(terminal_width, column)) for column in zip(head, *body, foot, strict=True)
        ]
        full = sum(widths) + 2 * (len(widths) - 1)
        lines = [self.title, "━" * full, laid(head, widths), "─" * full]
        lines += [laid(cells, widths) for cells in body]
        return "\n".join([*lines, "━" * full, laid(foot, widths), self._remark()])

    __repr__ = __str__

    def _cells(self, row: Row) -> tuple[str, ...]:
        name = "  " * row.depth + row.name
        layer = row.layer if len(row.layer) <= WIDEST else row.layer[: WIDEST - 1] + "…"
        numbers = row.parameters + row.state
        if row.is_group and not numbers:
            return (name, layer, "", "", "", "")
        return (
            name, layer, self._shape(row.output_shape),
            f"{numbers:,}" if numbers else "–",
            bytes_in_words(row.memory) if numbers else "–",
            f"{row.multiply_adds:,}" if row.multiply_adds else "–",
        )  # fmt: skip

    def _shape(self, shape: tuple[int, ...] | None) -> str:
        if shape is None:
            return say("not called")
        if self._scalar:
            count = shape[0] if shape else 1
            return say_count("{count} number", "{count} numbers", count)
        return f"({', '.join(['N', *map(str, shape)])})"

    def _remark(self) -> str:
        costs = say(
            "a sample takes {multiply_adds:,} multiply-adds and {memory} for the layers' outputs",
            multiply_adds=self.multiply_adds, memory=bytes_in_words(self.activations),
        )  # fmt: skip
        if not self.state:
            return f"{self.dtype}; {costs}"
        kept = say("{trained:,} trained, {kept:,} kept", trained=self.parameters, kept=self.state)
        return f"{kept}; {self.dtype}; {costs}"


def laid(cells: list[str], widths: list[int]) -> str:
    """A line of the table: words to the left, numbers to the right."""
    parts = [
        padded(cell, width, right=i >= 3)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(parts).rstrip()


# ---- from a model to its rows


@in_language
def summarize(
    model: Any, input_shape: int | tuple[int, ...] | None, *, language: str | None
) -> Summary:
    """The summary of `model`, from one call on a sample of zeros, in evaluation and unrecorded.

    Raises OptionError (a ValueError) where no layer says how many features come in and no
    `input_shape` does; errors of layers that `input_shape` does not fit.
    """
    scalar = model.is_scalar
    shape = shape_of_sample(model, input_shape)
    log = Calls()
    token = calls.set(log)
    try:
        with evaluating(), no_grad(), np.errstate(all="ignore"):
            if scalar:
                model([0.0] * shape[0])
            else:
                model(np.zeros((1, *shape), model.dtype or np.float32))
    finally:
        calls.reset(token)
    made = [call for call in log.made if call is not None]
    counted: set[int] = set()
    fields = receptive_fields(made)
    rows = [row_of(made, i, counted)._replace(receptive_field=fields[i]) for i in range(len(made))]
    if len(rows) > 1 and not rows[0].parameters + rows[0].state:
        rows = [row._replace(depth=row.depth - 1) for row in rows[1:]]
    rows += rows_not_called(model, counted)
    outputs = sum(bytes_of(call.output) for i, call in enumerate(made) if not has_inside(made, i))
    kind = say("Python floats") if scalar else str(model.dtype or say("no parameters"))
    return Summary(title_of(model), rows, outputs, kind, scalar)


def shape_of_sample(model: Any, given: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """What was given, or the number of features that the first layer with one expects."""
    if given is not None:
        if isinstance(given, (tuple, list)):
            return tuple(sizes("summary", "input_shape", given))
        return (size("summary", "input_shape", given),)
    for module in model.modules():
        if type(shape := getattr(module, "input_shape", None)) is tuple:
            return shape
        if type(features := getattr(module, "inputs", None)) is int:
            return (features,)
        if hasattr(module, "in_channels") or hasattr(module, "input_size"):
            break  # images, sequences: of any size
    raise OptionError(
        f"no layer of {type(model).__name__} says how many features come in: write "
        "model.summary(input_shape=(784,)), the shape of one sample, (1, 28, 28) of an image"
    )


def has_inside(made: list[Call], i: int) -> bool:
    """Whether the call made others: they follow it, one deeper."""
    return i + 1 < len(made) and made[i + 1].depth > made[i].depth


def row_of(made: list[Call], i: int, counted: set[int]) -> Row:
    """The row of a call; numbers that a row before has counted are not counted again."""
    call = made[i]
    is_group = has_inside(made, i)
    inner: set[int] = set()
    for later in made[i + 1 :]:
        if later.depth <= call.depth:
            break
        if later.module is not call.module:
            inner |= {id(tensor) for tensor in later.module.tensors()}
    own = [t for t in call.module.tensors() if id(t) not in inner | counted]
    if is_group:  # what modules inside hold that were not called has a row of its own
        held = {id(t) for m in call.module.modules()[1:] for t in m.tensors()}
        own = [t for t in own if id(t) not in held]
    counted.update(map(id, own))
    shape = () if type(call.output) is Tensor and not call.output.shape else shape_of(call.output)
    return Row(
        call.label, type(call.module).__name__ if is_group else repr(call.module), call.depth,
        shape, *numbers_of(own), call.module.multiply_adds(call.inputs, call.output), is_group,
    )  # fmt: skip


def receptive_fields(made: list[Call]) -> list[tuple[int, ...] | None]:
    """Of each call of a layer of windows, how much of the input one of its outputs sees.

    A window of k entries, s apart, sees (k − 1)·j more, where entries are j apart in the input, and
    its outputs are j·s apart. What others compute between the layers is taken to see no more.
    """
    found: list[tuple[int, ...] | None] = [None] * len(made)
    seen: dict[int, Any] = {}  # by the values between, how much of the input each sees, and j

    def follow(i: int, before: Any) -> tuple[int, Any]:
        """The number of the next call at that depth, and what the output of this one sees."""
        call = made[i]
        before = seen.get(id(call.inputs[0]) if call.inputs else 0, before)
        after, following, inner = before, i + 1, []
        while following < len(made) and made[following].depth > call.depth:
            following, after = follow(following, after)
            inner.append(after)
        windows = getattr(call.module, "window", None)
        if inner:
            sizes = [sees for sees, _ in filter(None, inner)]
            after = after and (tuple(map(max, *sizes, *sizes[:1])), after[1])
        elif isinstance(windows, tuple):
            axes = len(windows)
            sees, apart = before or ((1,) * axes, (1,) * axes)
            stride, dilation = call.module.stride or windows, call.module.dilation
            steps = zip(sees, apart, windows, spread(dilation, axes), strict=True)
            found[i] = tuple(n + d * (k - 1) * j for n, j, k, d in steps)
            after = found[i], tuple(map(mul, apart, spread(stride, axes)))
        seen[id(call.output)] = after
        return following, after

    place, state = 0, None
    while place < len(made):
        place, state = follow(place, state)
    return found


def rows_not_called(model: Any, counted: set[int]) -> Iterator[Row]:
    """Rows for what the call did not reach, so that the totals are right."""
    for name, module in model.named_modules():
        inside = {id(t) for m in module.modules()[1:] for t in m.tensors()}
        own = [t for t in module.tensors() if id(t) not in counted | inside]
        if own:
            counted.update(map(id, own))
            yield Row(name, type(module).__name__, 0, None, *numbers_of(own))


def numbers_of(tensors: list[Tensor]) -> tuple[int, int, int]:
    """How many numbers are trained, how many only kept, and the bytes of both.

    A scalar node counts as the objects that it is.
    """
    trained = sum(t.size for t in tensors if t.requires_grad)
    kept = sum(t.size for t in tensors if not t.requires_grad)
    return trained, kept, sum(map(bytes_of, tensors))


def bytes_of(value: Any) -> int:
    """Of an array its data, of a scalar node the node and its float."""
    if isinstance(value, (list, tuple)):
        return sum(map(bytes_of, value))
    if type(value) is not Tensor:
        return getattr(value, "nbytes", 0)
    data = value.data
    return sys.getsizeof(value) + sys.getsizeof(data) if type(data) is float else data.nbytes


def shape_of(output: Any) -> tuple[int, ...]:
    """Without the batch; of a list of scalar nodes, how many; of several outputs, of the first."""
    if isinstance(output, tuple) and output and getattr(output[0], "shape", ()):
        return shape_of(output[0])
    if isinstance(output, (list, tuple)):
        return (len(output),)
    return tuple(getattr(output, "shape", (1,))[1:])


def title_of(model: Any) -> str:
    """The model as it is written, where that is a line."""
    line = repr(model)
    return line if "\n" not in line else type(model).__name__
