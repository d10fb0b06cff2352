"""Words of other libraries that a Tensor answers, with an error that says ours.

Each is an attribute of Tensor that raises: not a `__getattr__`, for which Python would take the
slow way to every attribute. What the errors say is in `autograd.foreign`, imported when one is
raised.
"""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["NodeType", "WORDS", "lay_words"]

TEXT = """
_op _prev abs_ acos add add_ addcmul addmm amax amin asin assign assign_add assign_sub at atan base
block_until_ready bmm bool byteswap ceil chunk clamp clamp_ clamp_max clamp_min clone constant
contiguous copy_ cos cosh cpu creator cross ctypes cuda data_ptr det detach_ device dim div div_
double dump dumps eq erf exp_ expand expand_as expm1 fill_ flags flip float floor gather ge getfield
grad_fn gt half index_add index_select iat iloc int inverse is_contiguous is_cuda isinf isnan kron
le lerp loc log10 log1p log2 log_ logical_not long lt masked_fill masked_fill_ masked_select matmul
maximum minimum mm mul mul_ multiply mv narrow ndimension ne neg neg_ nelement norm normal_
null_grad null_gradients numel outer permute pow pow_ register_hook relu_ repeat_interleave
requires_grad_ reshape_as retain_grad rsqrt scatter scatter_ scatter_add scatter_add_ select
setfield setflags sigmoid_ sign silu sin sinh split sqrt_ sub sub_ subtract t tan tanh_ tensor_split
tile to to_device to_numpy tobytes tofile topk tril triu true_divide type type_as unbind unsqueeze
unsqueeze_ value values view view_as where zero_
"""

WORDS = TEXT.split()
"""Methods and attributes of Tensors elsewhere; a test compares them with `foreign.ATTRIBUTES`."""


class Elsewhere:
    """Stands in Tensor for a word of another library's. `hasattr` is False, as without it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, node: Any, owner: type) -> NoReturn:
        from autograd.foreign import missing_attribute

        raise missing_attribute(owner if node is None else node, self.name)


class NodeType(type):
    """The class of Tensor: `dir` and `help` show what a Tensor has, not what it answers."""

    def __dir__(cls) -> list[str]:
        return [
            name for name in super().__dir__() if not isinstance(vars(cls).get(name), Elsewhere)
        ]


def lay_words(owner: type) -> None:
    """Make `owner`, whose class is `NodeType`, answer the words that are no attributes of it."""
    for name in WORDS:
        if name not in vars(owner):
            setattr(owner, name, Elsewhere(name))
