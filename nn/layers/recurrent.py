"""Recurrent layers: layers that are their own successors, step by step along time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd import (
    DataError,
    ShapeError,
    Tensor,
    concatenate,
    flip,
    relu,
    scope,
    stack,
    swapaxes,
    tanh,
    where,
)
from autograd.extend import as_data, replayed, value_of
from nn import recurrence
from nn.errors import OptionError
from nn.layers.inputs import numbers, operand, place, weighted
from nn.layers.noise import mask as dropped
from nn.module import Module
from nn.names import look_up
from nn.options import choice, float_dtype, real, size
from nn.parameters import Initializer, drawn, in_lists
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class _Recurrent(Module):
    """Base of the recurrent layers: their parameters, their order, their states."""

    blocks: ClassVar[int] = 1
    """Gates of a unit, each a block of rows of every parameter."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        bias: bool = True,
        dropout: float = 0.0,
        initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        owner = type(self).__name__
        self.input_size = size(owner, "input_size", input_size)
        self.hidden_size = size(owner, "hidden_size", hidden_size)
        self.num_layers = size(owner, "num_layers", num_layers)
        self.bidirectional = choice(owner, "bidirectional", bidirectional)
        self.bias = choice(owner, "bias", bias)
        self.dropout = real(owner, "dropout", dropout, 0.0, 1.0, below=True)
        self.initializer = initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        rng, kind = as_generator(rng), float_dtype(owner, dtype)
        if self.dropout:
            self.rng = rng
        rows = self.blocks * self.hidden_size
        for layer, suffix in self._parts():
            inputs = self.hidden_size * self._directions if layer else self.input_size
            for name, drawing, n in (
                ("weight_ih", initializer, inputs),
                ("weight_hh", recurrent_initializer, self.hidden_size),
            ):  # each gate is a matrix from inputs to units, as initialisers read shapes
                shape = (self.blocks, n, self.hidden_size)
                values = drawn(owner, drawing, shape, rng, kind).swapaxes(1, 2).reshape(rows, n)
                self._hold(f"{name}_{suffix}", np.ascontiguousarray(values))
            for name in ("bias_ih", "bias_hh") if self.bias else ():
                values = drawn(owner, bias_initializer, (rows,), rng, kind)
                self._hold(f"{name}_{suffix}", values)

    def _hold(self, name: str, values: np.ndarray) -> None:
        setattr(self, name, Tensor(values, name=name))

    def _parts(self) -> list[tuple[int, str]]:
        """Each layer and direction, and how the names of its parameters end."""
        ends = ("", "_reverse")[: self._directions]
        return [(k, f"l{k}{end}") for k in range(self.num_layers) for end in ends]

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _parameters(self, suffix: str) -> list[Any]:
        """Both weights and both biases; zeros for biases that are not there."""
        weights: list[Any] = [getattr(self, f"{n}_{suffix}") for n in ("weight_ih", "weight_hh")]
        if not self.bias:
            return [*weights, *[np.zeros(weights[0].shape[0], weights[0].dtype)] * 2]
        return weights + [getattr(self, f"{name}_{suffix}") for name in ("bias_ih", "bias_hh")]

    @property
    def _gate(self) -> Any:
        return recurrence.GATES[type(self).__name__.lower()]

    def forward(self, x: Any, state: Any = None, *, lengths: Any = None) -> Any:
        x = self._sequences(x)
        n, steps = x.shape[:2]
        states = recurrence.STATES[self._gate.name]
        first = self._first(state, states, n, x.dtype)
        mask = () if lengths is None else (self._mask(lengths, n, steps),)
        x = swapaxes(x, 0, 1)
        last: list[list[Any]] = []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                x = x * dropped(self.rng, self.dropout, x.shape, x.dtype)
            ways = []
            for direction in range(self._directions):
                at = layer * self._directions + direction
                before = [part[at] for part in first]
                out, ends = self._run(x, before, mask, self._parts()[at][1], direction == 1)
                ways.append(out)
                last.append(ends)
            x = ways[0] if len(ways) == 1 else concatenate(ways, axis=2)
        ends = tuple(stack(parts) for parts in zip(*last, strict=True))
        return swapaxes(x, 0, 1), ends if states > 1 else ends[0]

    def _run(
        self, x: Any, before: list[Any], mask: tuple[Any, ...], suffix: str, backwards: bool
    ) -> tuple[Any, list[Any]]:
        """A layer in one direction: its outputs, (T, N, units), and its last states."""
        if backwards:
            x, mask = flip(x, 0), tuple(flip(m, 0) for m in mask)
        rows = self._gate(x, *before, *self._parameters(suffix), *mask)
        steps = len(x)
        out = rows if len(before) == 1 else rows[:steps]
        ends = [rows[steps - 1], *(rows[steps + k] for k in range(len(before) - 1))]
        if mask:
            out = where(mask[0], out, 0.0)
        return flip(out, 0) if backwards else out, ends

    def _sequences(self, x: Any) -> Any:
        """A batch of sequences, checked, in the layer's dtype."""
        x, dtype = operand(x), self.dtype
        shape = x.shape
        if len(shape) != 3 or shape[2] != self.input_size or not shape[1]:
            hint = ""
            if len(shape) == 2 and shape[1] == self.input_size:
                hint = ": write x[None] for a batch of one sequence"
            elif len(shape) == 2 and self.input_size == 1:
                hint = ": write x[:, :, None], each step has one feature"
            raise ShapeError(
                f"{place(self)} expects a batch of sequences (N, T, {self.input_size}), of one "
                f"step or more, and received shape {shape}{hint}"
            )
        return x if x.dtype == dtype else x.astype(dtype)

    def _first(self, state: Any, states: int, n: int, dtype: Any) -> list[Any]:
        """The states before the first step, (layers · directions, N, units) each: zeros unless
        given."""
        shape = (len(self._parts()), n, self.hidden_size)
        if state is None:
            return [np.zeros(shape, dtype)] * states
        parts = [state] if states == 1 else list(state) if isinstance(state, (tuple, list)) else []
        parts = [operand(part) for part in parts]
        if [part.shape for part in parts] != [shape] * states:
            words = "a state" if states == 1 else "a pair of states (h, c)"
            found = [part.shape for part in parts] or type(state).__name__
            raise ShapeError(f"{place(self)} expects {words} of shape {shape}, received {found}")
        return [part if part.dtype == dtype else part.astype(dtype) for part in parts]

    def _mask(self, lengths: Any, n: int, steps: int) -> Any:
        """Which steps count, (T, N, 1)."""
        lengths = value_of(lengths)
        lengths = lengths if hasattr(lengths, "shape") else np.asarray(as_data(lengths, None))
        if lengths.shape != (n,):
            raise ShapeError(
                f"{place(self)} expects a length for each of {n} sequences, received lengths of "
                f"shape {lengths.shape}"
            )
        _check_lengths(lengths, steps, place(self))
        return np.arange(steps)[:, None, None] < lengths[None, :, None]

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "dtype": self.dtype}

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        steps = len(inputs[0]) if self.is_scalar else inputs[0].shape[1]
        return steps * sum(
            weight.size for name, weight in self.state_dict().items() if name.startswith("weight")
        )


@replayed
def _check_lengths(lengths: Any, steps: int, owner: str) -> None:
    """Raise where one is no whole number, or none of a sequence of so many steps."""
    if lengths.dtype.kind not in "fiu" or (lengths != np.floor(lengths)).any():
        raise DataError(
            f"{owner} expects whole numbers as lengths, and received {lengths.tolist()!r:.60}"
        )
    if ((lengths < 0) | (lengths > steps)).any():
        raise ShapeError(
            f"{owner} expects lengths from 0 to {steps}, the steps of its input, and received "
            f"{lengths.min():.0f} to {lengths.max():.0f}"
        )


class RNN(_Recurrent):
    """h' = tanh(W·x + b + U·h + c): the next state, of the input and the state before.

    Parameters
    ----------
    input_size, hidden_size : features of a step, and units.
    activation : ``"tanh"`` or ``"relu"``.
    num_layers : each above the first takes the outputs of the one below.
    bidirectional : whether a second row of layers reads the sequence from its end.
    bias : whether there are b and c.
    dropout : while training, of dropping an output between layers.
    initializer, recurrent_initializer, bias_initializer : of W, of U and of the biases.
    scalar : every weight its own scalar node, of one layer in one direction. The layer is called
        with one sequence then, a list of steps, each a list of numbers, and gives such lists of
        nodes, the states after each step, and the last one; each step is a scope. Names and shapes
        in `state_dict` stay.
    rng : a seed or a generator that the weights are drawn from, and then what is dropped.
    dtype : of the parameters; inputs of another are cast to it. Scalar nodes are Python floats
        whatever it is.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : W (hidden_size, input_size) and U (hidden_size, hidden_size) of the
        first layer; ``_l1`` and so on of further ones, ``_l0_reverse`` of those from the end. Names
        and layout are PyTorch's.
    bias_ih_l0, bias_hh_l0 : b and c, (hidden_size,).

    Called on shape (N, T, input_size), it gives the pair (outputs, state): (N, T, hidden_size), or
    twice as many features for both directions, and the states after the last step,
    (layers · directions, N, hidden_size). A second argument is such a state to start from, else
    zeros. With ``lengths=``, N whole numbers, only so many steps of each sequence count: after them
    the outputs are 0 and the state stays.

    Raises ShapeError (a ValueError) for other shapes, and for lengths that are not from 0 to T;
    DataError (a TypeError) for lengths that are not whole.

    Source: Elman, Finding structure in time, 1990.

    >>> import numpy as np
    >>> import nn
    >>> outputs, state = nn.RNN(3, 5, rng=0)(np.zeros((2, 7, 3)))
    >>> outputs.shape, state.shape
    ((2, 7, 5), (1, 2, 5))
    >>> outputs, state = nn.RNN(1, 2, scalar=True, rng=0)([[1.0], [0.5], [-1.0]])
    >>> len(outputs), [h.gate.name for h in state]
    (3, ['tanh', 'tanh'])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        activation: str = "tanh",
        num_layers: int = 1,
        bidirectional: bool = False,
        bias: bool = True,
        dropout: float = 0.0,
        initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        scalar: bool = False,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.activation = look_up("activation", activation, {"tanh": "tanh", "relu": "relu"})
        self.scalar = choice("RNN", "scalar", scalar)
        if self.scalar and (num_layers != 1 or bidirectional):
            raise OptionError(
                "RNN: scalar=True has one layer in one direction: write one nn.RNN for each"
            )
        super().__init__(
            input_size, hidden_size, num_layers=num_layers, bidirectional=bidirectional, bias=bias,
            dropout=dropout, initializer=initializer, recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer, rng=rng, dtype=np.float64 if self.scalar else dtype,
        )  # fmt: skip

    def forward(self, x: Any, state: Any = None, *, lengths: Any = None) -> Any:
        if not self.scalar:
            return super().forward(x, state, lengths=lengths)
        if lengths is not None:
            raise OptionError(f"{place(self)} takes one sequence at a time: write x[:length]")
        return self._through(x, state)

    def _through(self, x: Any, state: Any) -> tuple[list[Any], list[Any]]:
        """The states after each step of one sequence, and the last one, as scalar nodes."""
        x = x.tolist() if isinstance(x, np.ndarray) else x
        if not isinstance(x, (list, tuple)) or not x:
            raise ShapeError(f"{place(self)} expects a list of steps, received {x!r:.60}")
        steps = [numbers(step, self.input_size, self) for step in x]
        h = numbers([0.0] * self.hidden_size if state is None else state, self.hidden_size, self)
        held, activation = vars(self), {"tanh": tanh, "relu": relu}[self.activation]
        outputs = []
        for t, step in enumerate(steps, start=1):
            with scope(f"step{t}"):
                sums = weighted(held["weight_ih_l0"], step, held.get("bias_ih_l0"))
                from_state = weighted(held["weight_hh_l0"], h, held.get("bias_hh_l0"))
                h = [activation(a + b) for a, b in zip(sums, from_state, strict=True)]
            outputs.append(h)
        return outputs, h

    def _hold(self, name: str, values: np.ndarray) -> None:
        if self.scalar:
            letter = {"weight_ih": "w", "weight_hh": "u", "bias_ih": "b", "bias_hh": "c"}[name[:-3]]
            setattr(self, name, in_lists(letter, values))
        else:
            super()._hold(name, values)

    @property
    def _gate(self) -> Any:
        return recurrence.GATES[f"rnn_{self.activation}"]


class LSTM(_Recurrent):
    """Long short-term memory: cells that forget, take in and give out by gates.

    c' = f·c + i·g and h' = o·tanh(c'), with i, f and o the sigmoids and g the tanh of sums
    W·x + b + U·h + c. Along the cells a gradient is only multiplied by f.

    Parameters as of `RNN`, without `activation`. Attributes as of `RNN`, with 4·hidden_size rows:
    input, forget, candidate and output gate.

    Called as `RNN`, it gives (outputs, (h, c)): a pair of states, as it takes to start from.

    Source: Hochreiter, Schmidhuber, Long short-term memory, 1997; Gers, Schmidhuber, Cummins,
    Learning to forget, 2000.

    >>> import numpy as np
    >>> import nn
    >>> outputs, (h, c) = nn.LSTM(3, 5, bidirectional=True, rng=0)(np.zeros((2, 7, 3)))
    >>> outputs.shape, h.shape, c.shape
    ((2, 7, 10), (2, 2, 5), (2, 2, 5))
    """

    blocks = 4


class GRU(_Recurrent):
    """Gated recurrent unit: a state that is kept or made new, h' = (1 − z)·n + z·h.

    z and r are sigmoids of sums W·x + b + U·h + c, and n is tanh of such a sum with r times
    U·h + c.

    Parameters as of `RNN`, without `activation`. Attributes as of `RNN`, with 3·hidden_size rows:
    reset gate r, update gate z and candidate n. Called as `RNN`.

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder, 2014; r after the
    product as in cuDNN and PyTorch.

    >>> import numpy as np
    >>> import nn
    >>> outputs, state = nn.GRU(3, 5, num_layers=2, rng=0)(np.zeros((2, 7, 3)), lengths=[7, 4])
    >>> outputs.shape, state.shape
    ((2, 7, 5), (2, 2, 5))
    """

    blocks = 3


class LastStep(Module):
    """The outputs after the last step alone, of what a recurrent layer gives.

    Called on the pair (outputs, state), or on outputs, of shape (N, T, features); gives
    (N, features). With both directions, and with ``lengths=``, read the state instead.

    >>> import nn
    >>> model = nn.Sequential(nn.GRU(28, 64, rng=0), nn.LastStep(), nn.Linear(64, 10, rng=0))
    >>> model.summary(input_shape=(28, 28)).parameters
    18698
    """

    def forward(self, x: Any) -> Tensor:
        x = operand(x[0] if isinstance(x, tuple) else x)
        if len(x.shape) != 3 or not x.shape[1]:
            raise ShapeError(
                f"{place(self)} expects (N, T, features) of one step or more, received shape "
                f"{x.shape}"
            )
        return x[:, -1]
