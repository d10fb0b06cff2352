"""Layers: modules of one step each. All of them are in `nn`, too."""

from typing import Any


def __getattr__(name: str) -> Any:
    import nn

    if not vars(nn)["_HOMES"].get(name, "").startswith("layers."):
        raise AttributeError(f"module 'nn.layers' has no attribute {name!r}")
    return getattr(nn, name)
