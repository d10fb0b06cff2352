"""Pictures of computational graphs: `viz.draw(f).save("f.svg")`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["Picture", "RendererError", "UnsupportedTargetError", "VizError", "draw", "table"]

_HOMES = {
    "Picture": "picture",
    "RendererError": "errors",
    "UnsupportedTargetError": "errors",
    "VizError": "errors",
    "draw": "drawing",
    "table": "derivation",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that `import viz` costs next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
