"""Attention: each step takes a weighted mean of all steps, and computes the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import (
    ShapeError,
    Tensor,
    matmul,
    reshape,
    scaled_dot_product_attention,
    transpose,
)
from nn.errors import OptionError
from nn.layers.activations import activation_module
from nn.layers.inputs import operand, place
from nn.layers.linear import Linear
from nn.layers.noise import Dropout
from nn.layers.noise import mask as dropped
from nn.layers.normalisation import LayerNorm
from nn.module import Module
from nn.options import choice, float_dtype, real, size
from nn.parameters import Initializer, drawn
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class MultiHeadAttention(Module):
    """Several attentions side by side, each on a part of the features.

    Queries, keys and values are linear maps of what comes in; a head's weights are
    softmax(q·kᵀ/√d) over the keys, with d = dim/heads; a linear map joins the heads.

    Parameters
    ----------
    dim, heads : features of a step, and heads, which divide them.
    rng : a seed or a generator that the weights are drawn from, and then what is dropped; fresh
        entropy by default.
    causal : whether a step sees itself and those before it alone.
    bias : whether the linear maps have one.
    dropout : while training, of dropping a weight of a head, the others being divided by
        1 − dropout, as PyTorch has it.
    initializer : of the weights.
    dtype : of the parameters; inputs of another are cast to it.

    Attributes
    ----------
    in_proj_weight, in_proj_bias : Tensors of shape (3·dim, dim) and (3·dim,): the rows of queries,
        of keys and of values. Names and layout are PyTorch's.
    out_proj : a Linear, which joins the heads; its weight is the transpose of PyTorch's.

    Called on (N, T, dim) it gives (N, T, dim). With further arguments `key`, and `value`, both
    (N, S, dim), the steps look at those; `value` is `key` where it is left out. `mask` is True
    where a step may look, of shape (T, S), (N, 1, T, S) or (N, heads, T, S); or floats that are
    added to the scores. Raises ShapeError (a ValueError) for other shapes, DataError (a TypeError)
    for a mask of integers.

    Source: Vaswani et al., Attention is all you need, 2017.

    >>> import numpy as np
    >>> import nn
    >>> attention = nn.MultiHeadAttention(8, 2, rng=0)
    >>> attention(np.zeros((1, 5, 8))).shape, attention.weights(np.zeros((1, 5, 8))).shape
    ((1, 5, 8), (1, 2, 5, 5))
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        rng: Rng = None,
        *,
        causal: bool = False,
        bias: bool = True,
        dropout: float = 0.0,
        initializer: Initializer = "glorot_uniform",
        dtype: DTypeLike = np.float32,
    ) -> None:
        owner = type(self).__name__
        self.dim, self.heads = size(owner, "dim", dim), size(owner, "heads", heads)
        if self.dim % self.heads:
            raise OptionError(f"{owner}: {heads} heads do not divide {dim} features")
        self.causal = choice(owner, "causal", causal)
        self.bias = choice(owner, "bias", bias)
        self.dropout = real(owner, "dropout", dropout, 0.0, 1.0, below=True)
        self.initializer = initializer
        kind, rng = float_dtype(owner, dtype), as_generator(rng)
        if self.dropout:
            self.rng = rng
        values = drawn(owner, initializer, (3, self.dim, self.dim), rng, kind).swapaxes(1, 2)
        values = np.ascontiguousarray(values).reshape(3 * self.dim, self.dim)
        self.in_proj_weight = Tensor(values, name="in_proj_weight")
        self.in_proj_bias: Tensor | None = None
        if self.bias:
            self.in_proj_bias = Tensor(np.zeros(3 * self.dim, kind), name="in_proj_bias")
        self.out_proj = Linear(
            self.dim, self.dim, bias=self.bias, initializer=initializer, rng=rng, dtype=kind
        )

    def forward(
        self, query: Any, key: Any = None, value: Any = None, *, mask: Any = None
    ) -> Tensor:
        q, k, v = self._projected(query, key, value)
        n, _, steps, _ = q.shape
        keep = None
        if self.dropout and self.training:
            shape = (n, self.heads, steps, k.shape[2])
            keep = dropped(self.rng, self.dropout, shape, q.dtype)
        out = scaled_dot_product_attention(q, k, v, mask, self.causal, keep=keep)
        return self.out_proj(reshape(transpose(out, (0, 2, 1, 3)), (n, steps, self.dim)))

    def weights(self, query: Any, key: Any = None, *, mask: Any = None) -> Tensor:
        """How much each step looks at each, nothing dropped: (N, heads, T, S), rows that sum to 1,
        or zeros where a step may look at nothing."""
        q, k, _ = self._projected(query, key, None)
        each = np.eye(k.shape[2], dtype=k.dtype)  # of which the weighted means are the weights
        return scaled_dot_product_attention(q, k, each, mask, self.causal)

    def _projected(self, query: Any, key: Any, value: Any) -> list[Any]:
        """Queries, keys and values, (N, heads, steps, dim/heads) each."""
        x = self._steps(query)
        if key is None and value is None:
            return self._heads(x, 0, 3)
        k = x if key is None else self._steps(key)
        v = k if value is None else self._steps(value)
        return [part for i, given in enumerate((x, k, v)) for part in self._heads(given, i, i + 1)]

    def _heads(self, x: Any, first: int, stop: int) -> list[Any]:
        """The linear maps of those numbers, all in one product, each cut into heads."""
        rows = slice(first * self.dim, stop * self.dim)
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if stop - first < 3:
            weight, bias = weight[rows], None if bias is None else bias[rows]
        n, steps, _ = x.shape
        out = matmul(reshape(x, (-1, self.dim)), transpose(weight))
        out = out if bias is None else out + bias
        parts = reshape(out, (n, steps, stop - first, self.heads, self.dim // self.heads))
        parts = transpose(parts, (2, 0, 3, 1, 4))
        return [parts[i] for i in range(stop - first)]

    def _steps(self, x: Any) -> Any:
        """A batch of steps, checked, in the layer's dtype."""
        x, dtype = operand(x), self.in_proj_weight.dtype
        if len(x.shape) != 3 or x.shape[2] != self.dim:
            hint = ": write x[None] for one of them" if x.shape[1:] == (self.dim,) else ""
            raise ShapeError(
                f"{place(self)} expects sequences (N, T, {self.dim}) and received shape "
                f"{x.shape}{hint}"
            )
        return x if x.dtype == dtype else x.astype(dtype)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        steps = output.shape[1]
        seen = inputs[1].shape[1] if len(inputs) > 1 and inputs[1] is not None else steps
        return (steps + 2 * seen) * self.dim**2 + 2 * steps * seen * self.dim


class TransformerBlock(Module):
    """Attention and a small network, each a difference that is added to what passes by.

    x + attention(norm(x)), and then x + network(norm(x)), with a network of two Linears.

    Parameters
    ----------
    dim, heads : of the attention.
    rng : a seed or a generator for the weights, and then for what is dropped.
    hidden : units of the network; 4·dim by default.
    causal : whether a step sees itself and those before it alone.
    activation : of the network: a name of `nn.activations`, a module or a function. (PyTorch's
        "gelu" is ``"gelu"``, of which the default is a form that takes a third of the time.)
    norm_first : whether what goes in is normalised, which trains more easily; else the sums are, as
        in the paper.
    dropout : while training, of dropping a weight of the attention, a unit of the network, and a
        number of what is added, as PyTorch has it.
    bias : whether its Linears, its attention and its normalisations have one.
    eps : of the normalisations.
    dtype : of the parameters; inputs of another are cast to it.

    Attributes: `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`, as PyTorch calls them.

    Called on (N, T, dim), and with ``mask=`` as `MultiHeadAttention` takes it, it gives
    (N, T, dim).

    Source: Vaswani et al., Attention is all you need, 2017; Xiong et al., On layer normalization in
    the Transformer architecture, 2020.

    >>> import numpy as np
    >>> import nn
    >>> nn.TransformerBlock(8, 2, rng=0)(np.zeros((1, 5, 8))).shape
    (1, 5, 8)
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        rng: Rng = None,
        *,
        hidden: int | None = None,
        causal: bool = False,
        activation: Any = "gelu_tanh",
        norm_first: bool = True,
        dropout: float = 0.0,
        bias: bool = True,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
    ) -> None:
        owner = "TransformerBlock"
        self.dim, self.heads = size(owner, "dim", dim), size(owner, "heads", heads)
        self.hidden = None if hidden is None else size(owner, "hidden", hidden)
        units = self.hidden or 4 * self.dim
        self.causal = choice(owner, "causal", causal)
        self.activation = activation
        self.norm_first = choice(owner, "norm_first", norm_first)
        self.dropout = real(owner, "dropout", dropout, 0.0, 1.0, below=True)
        self.bias = choice(owner, "bias", bias)
        self.eps = real(owner, "eps", eps, 0.0)
        both: Any = {"bias": self.bias, "dtype": dtype}
        options: Any = {"rng": (rng := as_generator(rng)), **both}
        self.norm1 = LayerNorm(self.dim, self.eps, **both)
        self.self_attn = MultiHeadAttention(
            self.dim, self.heads, causal=self.causal, dropout=self.dropout, **options
        )
        self.norm2 = LayerNorm(self.dim, self.eps, **both)
        self.linear1 = Linear(self.dim, units, **options)
        self.function = activation_module(activation)
        self.linear2 = Linear(units, self.dim, **options)
        self.drop = Dropout(self.dropout, rng=rng) if self.dropout else None

    def forward(self, x: Any, *, mask: Any = None) -> Tensor:
        x = self.self_attn._steps(x)
        if self.norm_first:
            x = x + self._dropped(self.self_attn(self.norm1(x), mask=mask))
            return x + self._dropped(self._network(self.norm2(x)))
        x = self.norm1(x + self._dropped(self.self_attn(x, mask=mask)))
        return self.norm2(x + self._dropped(self._network(x)))

    def _network(self, x: Any) -> Any:
        return self.linear2(self._dropped(self.function(self.linear1(x))))

    def _dropped(self, x: Any) -> Any:
        return x if self.drop is None else self.drop(x)
