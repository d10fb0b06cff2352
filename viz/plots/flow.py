"""`viz.plot_gradient_flow`, and the recorder that it plots: norms of gradients, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.extend import in_language, number, say
from nn.training.callbacks import Callback
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import is_module
from viz.names import shortened

from .canvas import axes, house, log_ticks, titled, whole_ticks
from .inputs import array
from .labelling import LONGEST_NAME, End, label_ends
from .palette import ramp

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LABELS = 12
_MANY_STEPS = 60  # From here on the norms of single steps are faint, under a smooth line.


class GradientFlow(Callback):
    """Records the norm of each layer's gradient while `nn.fit` trains: one of its callbacks.

    In a loop of your own, call ``flow.record(model)`` after the backward pass instead.

    Parameters
    ----------
    every : record each so many steps.

    Attributes
    ----------
    norms : layer -> list of norms, over all of its parameters.
    steps : at which step each was recorded, from 1.

    >>> import nn
    >>> model, flow = nn.MLP(2, [3], 1, rng=0), GradientFlow()
    >>> model([[1.0, 2.0]]).sum().backward()
    >>> flow.record(model)
    >>> list(flow.norms), flow.steps
    (['layers.0', 'layers.1'], [1])
    """

    def __init__(self, every: int = 1) -> None:
        if type(every) is not int or every < 1:
            raise VizError(
                f"GradientFlow records every so many steps, 1 or more; received {every!r}"
            )
        self.every = every
        self._forget()

    def _forget(self) -> None:
        self.norms: dict[str, list[float]] = {}
        self.steps: list[int] = []

    def record(self, model: Any, step: int | None = None) -> None:
        """Add the norms of the gradients that the model's parameters have now."""
        if not is_module(model):
            raise UnsupportedTargetError(
                f"GradientFlow.record takes an nn.Module; received {type(model).__name__}"
            )
        found = {name: _norm(group) for name, group in layers_of(model).items()}
        if self.norms and list(found) != list(self.norms):
            raise VizError("this GradientFlow has recorded another model: make a new one")
        for name, norm in found.items():
            self.norms.setdefault(name, []).append(norm)
        self.steps.append(step or (self.steps[-1] + self.every if self.steps else 1))

    # ---- as a callback

    def begin(self, run: Any) -> None:
        if run.epoch == 0:
            self._forget()

    def before_batch(self, run: Any) -> None:
        """The gradients of the step before are still there."""
        if run.steps and run.steps % self.every == 0:
            self._record_once(run)

    def end(self, run: Any) -> None:
        if run.steps % self.every == 0:
            self._record_once(run)

    def _record_once(self, run: Any) -> None:
        if not self.steps or self.steps[-1] != run.steps:
            self.record(run.model, run.steps)

    def state_dict(self) -> dict[str, Any]:
        return {"norms": {k: list(v) for k, v in self.norms.items()}, "steps": list(self.steps)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.norms = {name: list(values) for name, values in state["norms"].items()}
        self.steps = list(state["steps"])


def layers_of(model: Any) -> dict[str, list[Tensor]]:
    """The parameters by the innermost module that holds them, in order."""
    modules = sorted((name for name, _ in model.named_modules()), key=len, reverse=True)
    layers: dict[str, list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        owner = next((m for m in modules if m and name.startswith((f"{m}.", f"{m}["))), "")
        layers.setdefault(owner or type(model).__name__.lower(), []).append(parameter)
    return layers


def _norm(parameters: list[Tensor]) -> float:
    """Of all gradients together; NaN where there is none yet."""
    gradients = [getattr(p.grad, "data", p.grad) for p in parameters if p.grad is not None]
    if not gradients:
        return float("nan")
    with np.errstate(all="ignore"):
        return float(np.sqrt(sum(float(np.sum(np.square(g, dtype=float))) for g in gradients)))


@in_language
def plot_gradient_flow(
    flow: Any,
    *,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The norm of each layer's gradient over the steps of training, on a logarithmic axis.

    The first layer is dark blue, the last one light: where they lie far apart, gradients vanish
    or explode on their way back. Of many steps, a geometric mean is drawn over the norms.

    Parameters
    ----------
    flow : a `GradientFlow` that has recorded; layer -> norms, one a step; or an nn.Module after a
        backward pass, for one step.
    ax, theme, title, language, font : as for every plot; the title compares the first layer
        with the last.

    Returns the Axes.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : none of these. VizError (a ValueError) : nothing was
        recorded, or lists of different lengths.

    >>> ax = plot_gradient_flow({"first": [0.1, 0.2], "last": [1.0, 2.0]})
    >>> ax.get_title(loc="left")
    'Gradient norms: first gets 0.1 × that of last'
    """
    norms, steps = _recorded(flow)
    with house("plot_gradient_flow", theme, font) as colours:
        ax = axes(ax, colours)
        ends = []
        shades = ramp(colours, len(norms))
        faint = min(0.25, 1 / len(norms))
        labelled = _evenly(len(norms), _MOST_LABELS)
        for i, ((name, values), colour) in enumerate(zip(norms.items(), shades, strict=True)):
            shown = np.where(np.isfinite(values) & (values > 0), values, np.nan)
            smooth = _smoothed(shown)
            ax.plot(steps, shown, color=colour, linewidth=1.4 if smooth is shown else 0.8,
                    alpha=1 if smooth is shown else faint, label=name,
                    marker="o" if len(steps) == 1 else None)  # fmt: skip
            if smooth is not shown:
                ax.plot(steps, smooth, color=colour, linewidth=1.8, label=f"_{name}, smoothed")
            last = np.flatnonzero(np.isfinite(smooth))
            if last.size and i in labelled:
                text = shortened(name, LONGEST_NAME)
                ends.append(End(float(steps[last[-1]]), float(smooth[last[-1]]), text, colour))
        log_ticks(ax)
        whole_ticks(ax, int(steps[0]), int(steps[-1]))
        ax.set_xlabel(say("step"))
        ax.set_ylabel(say("norm of the gradient"))
        label_ends(ax, ends)
        titled(ax, title, _compared(norms))
    return ax


def _recorded(flow: Any) -> tuple[dict[str, np.ndarray], np.ndarray]:
    if is_module(flow):
        now = GradientFlow()
        now.record(flow)
        flow = now
    content = flow.norms if isinstance(flow, GradientFlow) else flow
    if not isinstance(content, Mapping):
        raise UnsupportedTargetError(
            "plot_gradient_flow takes a viz.GradientFlow, or layer -> norms; "
            f"received {type(flow).__name__}"
        )
    norms = {str(k): array(v, f"flow[{k!r}]", ndim=1).astype(float) for k, v in content.items()}
    lengths = {len(values) for values in norms.values()}
    if lengths in (set(), {0}) or all(np.all(np.isnan(values)) for values in norms.values()):
        raise VizError(
            "no gradients were recorded: train with callbacks=[flow], or call flow.record(model) "
            "after a backward pass"
        )
    if len(lengths) > 1:
        raise VizError(f"every layer has as many norms; received lengths {sorted(lengths)}")
    steps = flow.steps if isinstance(flow, GradientFlow) else range(1, lengths.pop() + 1)
    return norms, np.asarray(steps)


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Of many steps, the geometric mean around each; few are as they are."""
    if len(values) < _MANY_STEPS:
        return values
    half = max(2, len(values) // 40)
    known = np.isfinite(values)
    sums = np.cumsum(np.pad(np.where(known, np.log(np.where(known, values, 1.0)), 0.0), (1, 0)))
    counts = np.cumsum(np.pad(known.astype(int), (1, 0)))
    places = np.arange(len(values))
    first, last = np.maximum(places - half, 0), np.minimum(places + half + 1, len(values))
    with np.errstate(all="ignore"):
        return np.exp((sums[last] - sums[first]) / (counts[last] - counts[first]))


def _evenly(count: int, most: int) -> set[int]:
    """Which of `count` to label: all, or so many of them, first and last included."""
    return set(np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist())


def _compared(norms: Mapping[str, np.ndarray]) -> str:
    (first, start), *_, (last, end) = [*norms.items()] * (2 if len(norms) == 1 else 1)
    quarter = -max(1, len(start) // 4)
    with np.errstate(all="ignore"):
        share = np.median(start[quarter:]) / np.median(end[quarter:])
    if len(norms) == 1 or not np.isfinite(share):
        return say("Gradient norms")
    first, last = (shortened(name, LONGEST_NAME) for name in (first, last))
    return say(
        "Gradient norms: {first} gets {share} × that of {last}", first=first, last=last,
        share=number(float(share), 2),
    )  # fmt: skip
