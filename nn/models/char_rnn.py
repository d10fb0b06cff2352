"""A recurrent network that writes: what comes next, letter by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import DataError, ShapeError, Tensor, no_grad, swapaxes
from autograd.extend import value_of
from nn.errors import OptionError
from nn.layers.embedding import Embedding
from nn.layers.inputs import operand
from nn.layers.linear import Linear
from nn.layers.recurrent import GRU, LSTM, RNN
from nn.modes import evaluating
from nn.module import Module
from nn.names import look_up
from nn.options import at_least_zero, real, size, whole
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

KINDS: dict[str, Any] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


class CharRNN(Module):
    """A recurrent network that reads a text letter by letter and says which one comes next.

    Parameters
    ----------
    letters : the letters that it knows, a text in which each stands once or more.
    hidden_size : units of a recurrent layer.
    kind : ``"lstm"``, ``"gru"`` or ``"rnn"``.
    embedding : the length of the vector that a letter becomes.
    num_layers, dropout : as of `RNN`.
    rng : a seed or a generator for the weights, and then for what is dropped.
    dtype : of the parameters.

    Called on numbers of letters (N, T), as `encode` gives them, it gives logits (N, letters, T): a
    class for each letter on axis 1, as losses and metrics read them. Train it on windows of a text,
    ``nn.fit(model, *model.windows(text, 64), loss="cross_entropy", ...)``.

    Source: Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015; Sutskever,
    Martens, Hinton, Generating text with recurrent neural networks, 2011.

    >>> import nn
    >>> model = nn.CharRNN("hello", hidden_size=8, rng=0)
    >>> model.letters, model.encode("hole").tolist(), model(model.encode("hole")[None]).shape
    ('ehlo', [1, 3, 2, 0], (1, 4, 4))
    """

    def __init__(
        self,
        letters: str,
        *,
        hidden_size: int = 128,
        kind: str = "lstm",
        embedding: int = 32,
        num_layers: int = 1,
        dropout: float = 0.0,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if not isinstance(letters, str):
            raise DataError(f"CharRNN: letters must be a text, received {type(letters).__name__}")
        self.letters = "".join(sorted(set(letters)))
        if len(self.letters) < 2:
            raise OptionError("CharRNN: letters must be two different ones or more")
        self.hidden_size = size("CharRNN", "hidden_size", hidden_size)
        self.kind = look_up("recurrence", kind, {name: name for name in KINDS})
        self.embedding = size("CharRNN", "embedding", embedding)
        self.num_layers = size("CharRNN", "num_layers", num_layers)
        self.dropout = real("CharRNN", "dropout", dropout, 0.0, 1.0, below=True)
        options: Any = {"rng": as_generator(rng), "dtype": dtype}
        self.table = Embedding(len(self.letters), self.embedding, **options)
        self.recurrence = KINDS[self.kind](
            self.embedding, self.hidden_size, num_layers=self.num_layers, dropout=self.dropout,
            **options,
        )  # fmt: skip
        self.output = Linear(self.hidden_size, len(self.letters), **options)

    def forward(self, x: Any) -> Tensor:
        return swapaxes(self.steps(x)[0], 1, 2)

    def steps(self, x: Any, state: Any = None) -> tuple[Tensor, Any]:
        """Logits (N, T, letters), and the state after the last letter; from a state or zeros."""
        outputs, state = self.recurrence(self.table(x), state)
        return self.output(outputs), state

    def encode(self, text: str) -> np.ndarray:
        """The numbers of letters; raises OptionError (a ValueError) for one that it does not
        know, DataError (a TypeError) for what is no text."""
        if not isinstance(text, str):
            raise DataError(f"CharRNN reads a text, and received {text!r:.60}")
        known = {letter: i for i, letter in enumerate(self.letters)}
        strange = sorted(set(text) - known.keys())
        if strange:
            raise OptionError(f"CharRNN does not know {''.join(strange)!r}, only {self.letters!r}")
        return np.array([known[letter] for letter in text], np.int64)

    def decode(self, numbers: Any) -> str:
        """The text of numbers; raises as `tokens` does."""
        return "".join(self.letters[i] for i in tokens("CharRNN", numbers, len(self.letters)))

    def windows(self, text: str, length: int, step: int | None = None) -> tuple[Any, Any]:
        """Windows of a text as X and y for `fit`: the letters, and those that come next, (N,
        length) each. `step` is how far windows are apart; by default they follow each other."""
        size("CharRNN.windows", "length", length)
        step = length if step is None else size("CharRNN.windows", "step", step)
        numbers = self.encode(text)
        if len(numbers) <= length:
            raise ShapeError(
                f"CharRNN.windows of {length} letters need a text that is longer than {len(text)}"
            )
        starts = np.arange(0, len(numbers) - length, step)[:, None] + np.arange(length)
        return numbers[starts], numbers[starts + 1]

    def sample(
        self, start: str, length: int = 200, *, temperature: float = 1.0, rng: Rng = None
    ) -> str:
        """A text that goes on from `start`, each letter drawn from what the model expects.

        A lower temperature draws likelier letters; at 0 the likeliest one is taken.
        """
        rng = as_generator(rng)
        at_least_zero("CharRNN.sample", "temperature", temperature)
        if not start:
            raise ShapeError("CharRNN.sample expects a letter to start from, or more")
        numbers, state = self.encode(start), None
        found: list[int] = []
        with no_grad(), evaluating():
            for _ in range(whole("CharRNN.sample", "length", length)):
                logits, state = self.steps(numbers[None], state)
                found.append(chosen(logits.data[0, -1], temperature, rng))
                numbers = np.array(found[-1:])
        return start + self.decode(found)


def tokens(owner: str, numbers: Any, count: int) -> list[int]:
    """Numbers of tokens, one after the other.

    Raises DataError (a TypeError) for what are no whole numbers, ShapeError (a ValueError) for one
    that is not below `count`.
    """
    row = value_of(operand(numbers))
    if row.size and row.dtype.kind not in "iu":
        raise DataError(f"{owner} expects numbers of tokens, and received {numbers!r:.60}")
    if row.size and not 0 <= row.min() <= row.max() < count:
        raise ShapeError(
            f"{owner} knows tokens from 0 to {count - 1}, and received {row.min()} to {row.max()}"
        )
    return [int(number) for number in row.ravel()]


def chosen(logits: np.ndarray, temperature: float, rng: np.random.Generator) -> int:
    """A number drawn with probabilities softmax(logits/temperature)."""
    if temperature == 0.0:
        return int(np.argmax(logits))
    scores = logits.astype(np.float64) / temperature
    weights = np.exp(scores - scores.max())
    return int(rng.choice(len(weights), p=weights / weights.sum()))
