"""Pictures of computational graphs: `viz.draw(f).save("f.svg")`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import autograd

if not hasattr(autograd, "Tensor"):
    from gategrad.clash import another

    raise another(autograd)

__all__ = [
    "Picture", "Playground", "RendererError", "Stepper", "UnsupportedTargetError", "VizError",
    "draw", "draw_network", "language", "playground", "step", "table", "worksheet",
    "GradientFlow", "plot_activations", "plot_attention", "plot_confusion",
    "plot_decision_boundary", "plot_feature_maps", "plot_function", "plot_gradient_flow",
    "plot_gradient_through_time", "plot_history", "plot_kernels", "plot_loss_surface",
    "plot_rates", "plot_receptive_field", "plot_weights",
]  # fmt: skip

_HOMES = {
    "GradientFlow": "plots.flow",
    "Picture": "picture",
    "Playground": "playgrounds",
    "RendererError": "errors",
    "Stepper": "stepper",
    "UnsupportedTargetError": "errors",
    "VizError": "errors",
    "draw": "drawing",
    "draw_network": "network.picture",
    "language": "languages",
    "load_ipython_extension": "ipython",
    "playground": "playgrounds",
    "plot_activations": "plots.activations",
    "plot_attention": "plots.attention",
    "plot_confusion": "plots.confusion",
    "plot_decision_boundary": "plots.boundary",
    "plot_feature_maps": "plots.feature_maps",
    "plot_function": "plots.function",
    "plot_gradient_flow": "plots.flow",
    "plot_gradient_through_time": "plots.through_time",
    "plot_history": "plots.history",
    "plot_kernels": "plots.kernels",
    "plot_loss_surface": "plots.surface",
    "plot_rates": "plots.rates",
    "plot_receptive_field": "plots.receptive_field",
    "plot_weights": "plots.weights",
    "step": "stepper",
    "table": "derivation",
    "worksheet": "worksheets",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that `import viz` costs next to nothing more
    than `autograd`."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
