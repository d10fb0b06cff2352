"""Models: modules made of layers. All of them are in `nn`, too."""

from typing import Any

from nn.homes import load_from


def __getattr__(name: str) -> Any:
    return load_from("models", name)
