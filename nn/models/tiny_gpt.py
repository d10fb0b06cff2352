"""A Transformer of a size that a laptop trains: what comes next, token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ShapeError, Tensor, no_grad, swapaxes
from nn.layers.attention import TransformerBlock
from nn.layers.embedding import Embedding
from nn.layers.inputs import operand, place
from nn.layers.linear import Linear
from nn.layers.normalisation import LayerNorm
from nn.models.char_rnn import chosen, tokens
from nn.modes import evaluating
from nn.module import Module
from nn.options import at_least_zero, real, size, whole
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class TinyGPT(Module):
    """A small Transformer that reads numbers and says which comes next.

    Parameters
    ----------
    vocabulary : how many different numbers, called tokens, there are.
    length : the longest sequence.
    dim, heads, blocks : features of a step, heads of attention, and blocks above each other.
    dropout : while training, of dropping numbers inside of a block; see `TransformerBlock`.
    rng : a seed or a generator for the weights, and then for what is dropped.
    dtype : of the parameters.

    Attributes: `tokens` and `places`, the Embeddings; `layers`, a list of TransformerBlocks that
    look back alone; `norm`; `output`, a Linear.

    Called on tokens (N, T), it gives logits (N, vocabulary, T): a class for each token on axis 1,
    as losses and metrics read them. Raises ShapeError (a ValueError) for longer sequences.

    Source: Radford et al., Language models are unsupervised multitask learners, 2019.

    >>> import nn
    >>> model = nn.TinyGPT(10, 16, dim=8, heads=2, rng=0)
    >>> model([[1, 2, 3]]).shape, model.generate([1, 2, 3], 2, rng=0).shape
    ((1, 10, 3), (5,))
    """

    def __init__(
        self,
        vocabulary: int,
        length: int,
        *,
        dim: int = 64,
        heads: int = 4,
        blocks: int = 2,
        dropout: float = 0.0,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.vocabulary = size("TinyGPT", "vocabulary", vocabulary)
        self.length = size("TinyGPT", "length", length)
        self.dim, self.heads = size("TinyGPT", "dim", dim), size("TinyGPT", "heads", heads)
        self.blocks = size("TinyGPT", "blocks", blocks)
        self.dropout = real("TinyGPT", "dropout", dropout, 0.0, 1.0, below=True)
        options: Any = {"rng": as_generator(rng), "dtype": dtype}
        self.tokens = Embedding(self.vocabulary, self.dim, **options)
        self.places = Embedding(self.length, self.dim, **options)
        self.layers = [
            TransformerBlock(self.dim, self.heads, causal=True, dropout=self.dropout, **options)
            for _ in range(self.blocks)
        ]
        self.norm = LayerNorm(self.dim, dtype=dtype)
        self.output = Linear(self.dim, self.vocabulary, **options)

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        if len(x.shape) != 2 or not 1 <= x.shape[1] <= self.length:
            raise ShapeError(
                f"{place(self)} expects tokens (N, T) with T of {self.length} at most, and "
                f"received shape {x.shape}"
            )
        h = self.tokens(x) + self.places(np.arange(x.shape[1]))
        for block in self.layers:
            h = block(h)
        return swapaxes(self.output(self.norm(h)), 1, 2)

    def generate(
        self, start: Any, length: int, *, temperature: float = 0.0, rng: Rng = None
    ) -> np.ndarray:
        """`start`, a row of tokens, and so many more, each drawn from what the model expects of the
        last `length` of them; at temperature 0 the likeliest one is taken.

        Raises DataError (a TypeError) for tokens that are no whole numbers, ShapeError (a
        ValueError) for none, for several rows, and for one that is not in the vocabulary.
        """
        rng = as_generator(rng)
        at_least_zero("TinyGPT.generate", "temperature", temperature)
        shape = operand(start).shape
        if len(shape) != 1 or not shape[0]:
            raise ShapeError(
                "TinyGPT.generate expects a row of tokens to start from, one or more, and received "
                f"shape {shape}"
            )
        found = tokens("TinyGPT", start, self.vocabulary)
        with no_grad(), evaluating():
            for _ in range(whole("TinyGPT.generate", "length", length)):
                logits = self(np.array([found[-self.length :]]))
                found.append(chosen(logits.data[0, :, -1], temperature, rng))
        return np.array(found)
