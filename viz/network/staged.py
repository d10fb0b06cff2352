"""Which drawing a network of maps, steps or tokens has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viz.errors import VizError
from viz.themes import Theme

from .marks import Drawn
from .planes import Planes
from .stage_reading import has_stages, read_stages
from .unrolled import Unrolled

__all__ = ["has_stages", "staged"]


def staged(
    model: Any, example: Any, theme: Theme, options: Mapping[str, Any], *, most: int, layers: Any,
    outputs: Any,
) -> Drawn:  # fmt: skip
    """The drawing of a model with stages; `options` are those that it has not.

    Raises
    ------
    VizError : one of those options is given.
    """
    given = [name for name, value in options.items() if value is not None and value is not False]
    if given:
        raise VizError(
            f"{given[0]} is for networks of units alone; {type(model).__name__} has maps or steps, "
            "whose numbers viz.draw(model, x) shows"
        )
    network = read_stages(model, example)
    if network.is_chain and any(stage.recurs for stage in network.stages):
        if outputs is not None:
            raise VizError("outputs are not named where a network is unrolled: leave them out")
        return Unrolled(network, theme, most=most, layers=layers)
    return Planes(network, theme, most=most, layers=layers, outputs=outputs)
