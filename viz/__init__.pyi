"""The public names of `viz`, for type checkers and editors.

Made by `python docs/stubs.py` from the tables in `__init__.py`: edit those, not this file.
"""

from viz.derivation import (
    table as table,
)
from viz.drawing import (
    draw as draw,
)
from viz.errors import (
    RendererError as RendererError, UnsupportedTargetError as UnsupportedTargetError,
    VizError as VizError,
)
from viz.ipython import (
    load_ipython_extension as load_ipython_extension,
)
from viz.languages import (
    language as language,
)
from viz.network.picture import (
    draw_network as draw_network,
)
from viz.picture import (
    Picture as Picture,
)
from viz.playgrounds import (
    Playground as Playground, playground as playground,
)
from viz.plots.activations import (
    plot_activations as plot_activations,
)
from viz.plots.attention import (
    plot_attention as plot_attention,
)
from viz.plots.boundary import (
    plot_decision_boundary as plot_decision_boundary,
)
from viz.plots.confusion import (
    plot_confusion as plot_confusion,
)
from viz.plots.feature_maps import (
    plot_feature_maps as plot_feature_maps,
)
from viz.plots.flow import (
    GradientFlow as GradientFlow, plot_gradient_flow as plot_gradient_flow,
)
from viz.plots.function import (
    plot_function as plot_function,
)
from viz.plots.history import (
    plot_history as plot_history,
)
from viz.plots.kernels import (
    plot_kernels as plot_kernels,
)
from viz.plots.rates import (
    plot_rates as plot_rates,
)
from viz.plots.receptive_field import (
    plot_receptive_field as plot_receptive_field,
)
from viz.plots.surface import (
    plot_loss_surface as plot_loss_surface,
)
from viz.plots.through_time import (
    plot_gradient_through_time as plot_gradient_through_time,
)
from viz.plots.weights import (
    plot_weights as plot_weights,
)
from viz.stepper import (
    Stepper as Stepper, step as step,
)
from viz.worksheets import (
    worksheet as worksheet,
)

__all__ = [
    "GradientFlow", "Picture", "Playground", "RendererError", "Stepper", "UnsupportedTargetError",
    "VizError", "draw", "draw_network", "language", "load_ipython_extension", "playground",
    "plot_activations", "plot_attention", "plot_confusion", "plot_decision_boundary",
    "plot_feature_maps", "plot_function", "plot_gradient_flow", "plot_gradient_through_time",
    "plot_history", "plot_kernels", "plot_loss_surface", "plot_rates", "plot_receptive_field",
    "plot_weights", "step", "table", "worksheet",
]
