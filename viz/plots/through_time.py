"""`viz.plot_gradient_through_time`: how much of a gradient is left, step by step back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import in_language, number, say
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import called, is_module

from .canvas import axes, house, log_ticks, titled, whole_ticks
from .inputs import array
from .labelling import End, label_ends
from .palette import series

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@in_language
def plot_gradient_through_time(
    target: Any,
    x: Any = None,
    *,
    loss: Any = None,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The norm of the gradient that arrives at each step of a sequence, on a logarithmic axis.

    What a recurrent network learns of an early step goes through every step after it: where each
    multiplies the gradient by less than 1 it vanishes, by more it explodes (Bengio et al. 1994,
    Learning long-term dependencies with gradient descent is difficult). The label of a line says by
    what a step multiplies it, in the geometric mean.

    Parameters
    ----------
    target : an nn.Module, run in evaluation mode; name -> module, to compare several; or name ->
        norms, the first step first.
    x : with modules, sequences (N, steps, features), or tokens (N, steps), of which the gradient is
        taken by what the first layer makes of them. The norm is over features, its mean over N.
    loss : a function from a module's output to a Tensor of one number; by default the sum of what
        it makes of the last step, of outputs (N, steps, features), (N, classes, steps) or
        (N, features).
    ax, theme, title, language, font : as for every plot.

    Returns the Axes.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : none of these. VizError (a ValueError) : modules without
        sequences, sequences without steps, or a gradient that does not reach them.

    >>> ax = plot_gradient_through_time({"vanishes": 0.5 ** np.arange(20, 0, -1)})
    >>> [text.get_text() for text in ax.texts]
    ['vanishes: ×0.5 a step back']
    """
    norms = _norms(target, x, loss)
    with house("plot_gradient_through_time", theme, font) as colours:
        ax = axes(ax, colours)
        ends = []
        count = max(map(len, norms.values()))
        for (name, values), colour in zip(norms.items(), series(colours, len(norms)), strict=True):
            steps = np.arange(1, len(values) + 1)
            shown = np.where(np.isfinite(values) & (values > 0), values, np.nan)
            ax.plot(steps, shown, color=colour, marker="o", markersize=3.5, label=name)
            known = np.flatnonzero(np.isfinite(shown))
            if known.size:
                text = ": ".join(filter(None, [name, _factor(shown)]))
                ends.append(End(float(steps[known[-1]]), float(shown[known[-1]]), text, colour))
        log_ticks(ax)
        whole_ticks(ax, 1, count)
        ax.set_xlabel(say("step"))
        ax.set_ylabel(say("norm of the gradient"))
        label_ends(ax, ends)
        titled(ax, title, _said(norms))
    return ax


def _norms(target: Any, x: Any, loss: Any) -> dict[str, np.ndarray]:
    """Norms by name, a step after another."""
    if is_module(target):
        return {"": _of_module(target, x, loss)}
    if not isinstance(target, Mapping):
        raise UnsupportedTargetError(
            "plot_gradient_through_time takes an nn.Module with sequences, name -> module, or name "
            f"-> norms; received {type(target).__name__}"
        )
    found = {
        str(name): _of_module(one, x, loss) if is_module(one)
        else array(one, str(name), ndim=1).astype(float)
        for name, one in target.items()
    }  # fmt: skip
    if not found or not all(values.size for values in found.values()):
        raise VizError("there are no norms to show")
    return found


def _of_module(model: Any, x: Any, loss: Any) -> np.ndarray:
    """The norm of the gradient by each step of what a module is given."""
    if x is None:
        raise VizError("plot_gradient_through_time(model, x) takes sequences x")
    values = array(x, "x", ndim=(2, 3))
    if not values.size:
        raise VizError(f"x has sequences with steps; received shape {values.shape}")
    is_text = values.ndim == 2 and values.dtype.kind in "iu"
    if values.ndim == 2 and not is_text:
        raise VizError(
            "x is sequences (N, steps, features), or whole numbers (N, steps), tokens; received "
            f"shape {values.shape} of {values.dtype}: write x[..., None] for one feature"
        )
    given = values if is_text else Tensor(values.astype(model.dtype or float), name="x")
    made = called(model, given)
    by = next((call.output for call in made.calls), None) if is_text else made.inputs[0]
    output = _last_step(made.output, values.shape[1]) if loss is None else loss(made.output)
    if not isinstance(output, Tensor) or not isinstance(by, Tensor):
        raise VizError("loss makes a Tensor of one number of the output of the model")
    gradient = ag.trace(output.sum()).grad(by) if output.requires_grad else None
    if gradient is None:
        raise VizError(f"the gradient of {type(model).__name__} does not reach its sequences")
    return np.linalg.norm(np.asarray(gradient, dtype=float), axis=-1).mean(axis=0)


def _last_step(output: Any, steps: int) -> Any:
    """What a module makes of the last step: of (N, steps, ...) the last, of (N, ...) all."""
    if isinstance(output, tuple):  # Of a recurrent layer: outputs (N, steps, features), and states.
        return output[0][:, -1]
    if not isinstance(output, Tensor) or output.ndim != 3:
        return output
    axes = [axis for axis in (1, 2) if output.shape[axis] == steps]
    if len(axes) == 2:
        raise VizError(
            f"an output of shape {output.shape} has two axes of {steps}, of which either may be "
            "steps: say what is derived, such as loss=lambda out: out[:, -1].sum()"
        )
    return output[:, -1] if axes == [1] else output[:, :, -1] if axes else output


def _factor(values: np.ndarray) -> str:
    """By what one step back multiplies, in the geometric mean."""
    known = np.flatnonzero(np.isfinite(values))
    if known.size < 2:
        return ""
    first, last = known[0], known[-1]
    with np.errstate(all="ignore"):
        rate = (values[first] / values[last]) ** (1 / (last - first))
    return say("×{factor} a step back", factor=number(float(rate), 2))


def _said(norms: Mapping[str, np.ndarray]) -> str:
    if len(norms) > 1:
        return say("Gradient through time")
    (values,) = norms.values()
    with np.errstate(all="ignore"):
        share = values[0] / values[-1]
    if not np.isfinite(share):
        return say("Gradient through time")
    return say("Gradient through time: step 1 gets {share} × that of the last",
               share=number(float(share), 2))  # fmt: skip
