"""Values of other libraries where ours are asked for: whose they are, and what to write instead.

Loaded when such a value has been refused. Nothing of those libraries is imported.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Stranger", "stranger", "way_here"]


class Stranger(NamedTuple):
    """A library: its name, how a value becomes NumPy's, how a model becomes a function of gates,
    and what that is then called with."""

    name: str
    numbers: str
    model: str
    call: str = "f, x"


FILE = 'model.export("m.onnx", format="onnx") and f = ag.from_onnx("m.onnx")'
NUMPYS = "the function f with NumPy's names, np for jnp, which take Tensors"

LIBRARIES = {
    "keras": Stranger("Keras", "np.asarray(x)", FILE),
    "tensorflow": Stranger("TensorFlow", "np.asarray(x)", FILE),
    "torch": Stranger("PyTorch", "t.detach().numpy()", "f = ag.from_torch(module, example)"),
    "jax": Stranger("JAX", "np.asarray(x) outside of jax.jit and jax.grad", NUMPYS, "f(x)"),
}
LIBRARIES["jaxlib"] = LIBRARIES["jax"]
"""By the first part of the module that a type is from; a Keras model on PyTorch is Keras' first."""


def stranger(value: Any) -> Stranger | None:
    """The library that a value, or the first of a list of some, is from."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    roots = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    return next((library for root, library in LIBRARIES.items() if root in roots), None)


def way_here(value: Any) -> str:
    """What to write in place of a value; empty for what is of no other library that we know.

    >>> way_here(3.0)
    ''
    """
    library = stranger(value)
    if library is None:
        return ""
    return (
        f"{library.name} keeps how it was computed, where gates see none of it. Write "
        f"{library.numbers} for its numbers, or {library.model} for what computed it"
    )
