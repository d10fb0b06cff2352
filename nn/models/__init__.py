"""Models: modules made of layers. All of them are in `nn`, too."""

from typing import Any


def __getattr__(name: str) -> Any:
    import nn

    if not vars(nn)["_HOMES"].get(name, "").startswith("models."):
        raise AttributeError(f"module 'nn.models' has no attribute {name!r}")
    return getattr(nn, name)
