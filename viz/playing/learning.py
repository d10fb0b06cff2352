"""The page of a network that learns in it: what it is told, and the whole of it."""

from __future__ import annotations

import json
import operator
from typing import Any

import numpy as np

import nn
from autograd import Tensor
from autograd.extend import UnwritableError, say
from viz.arrays import plain
from viz.errors import VizError
from viz.mathematics import readable, title_in
from viz.names import LONGEST, shortened
from viz.plots.inputs import array
from viz.plots.palette import series
from viz.stepping.javascript import Gates
from viz.stepping.page import SCRIPTS as STEPPER
from viz.stepping.page import program, style_of
from viz.stepping.page_data import told_to_all
from viz.svg import LONGEST_TITLE
from viz.themes import DARK, LIGHT

from .gate_table import entry_of
from .reading import LOSSES, Layer, layers_of, loss_function, scalar_function, steps_of
from .words import LEARNING, SPEEDS, frames, said

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
BATCHES = (1, 4, 16, 32, 64)
CHOICES = ("tanh", "sigmoid", "relu", "leaky_relu", "softplus")
MOST_NUMBERS = 200_000  # Of samples and of weights: a page of some megabytes.
SCRIPTS = (*STEPPER[:-1], "../playing/graph_view", "../playing/drawing", "../playing/network",
           "../playing/plane", "../playing/sketch", "../playing/learning", "mounting")  # fmt: skip
SHEETS = ("stepper", "../playing/learning")
_CHAIN = "const chain=made=>[x=>made(x)[0],x=>made(x)[1]]"
_SYMBOLS = {"binary_cross_entropy": "BCE", "cross_entropy": "CE", "hinge": "hinge", "mse": "MSE",
            "half_sse": "½SE", "l1": "|·|", "log_cosh": "lncosh"}  # fmt: skip


class Lesson:
    """A model, its samples and their targets, checked: `data` and `script` are the page's."""

    def __init__(self, model: Any, X: Any, y: Any, loss: Any, rate: Any, batch: Any, seed: Any):
        self.layers = layers_of(model)
        self.samples = self._samples(X)
        self.names, y = _numbered(y, model.classes_)
        self.loss = self._loss(loss, y)
        self.targets = self._targets(y)
        columns = getattr(X, "columns", ())
        self.inputs = [shortened(readable(str(name)), LONGEST) for name in columns] or [
            f"x{i + 1}" for i in range(self.samples.shape[1])
        ]
        rate, batch, seed = plain(rate), plain(batch), plain(seed)
        self.rate = _positive("learning_rate", rate)
        count = len(self.samples)
        self.batch = min(32, count) if batch is None else batch
        if type(self.batch) is not int or not 1 <= self.batch <= count:
            raise VizError(
                f"batch_size is from 1 to the {count} samples there are; received {batch!r}"
            )
        if type(seed) is not int or seed < 0:
            raise VizError(f"rng is the seed of the page's shuffles, 0 or more; received {seed!r}")
        self.seed = seed

    # ---- checked

    @property
    def outputs(self) -> int:
        return self.layers[-1].weight.shape[1]

    def _samples(self, X: Any) -> np.ndarray:
        samples = array(X, "X", ndim=2).astype(float)
        inputs = len(self.layers[0].weight)
        if not samples.size or samples.shape[1] != inputs:
            raise VizError(
                f"X has a row a sample, of the {inputs} inputs of the model; "
                f"received shape {samples.shape}"
            )
        if samples.size > MOST_NUMBERS:
            raise VizError(
                f"X has {samples.size:,} numbers, and a page holds {MOST_NUMBERS:,}; "
                "give it fewer rows"
            )
        if not np.isfinite(samples).all():
            raise VizError("X has numbers that are not finite; leave those rows out")
        return samples

    def _loss(self, loss: Any, y: Any) -> str:
        if loss is None:
            if self.outputs > 1:
                return "cross_entropy"
            plain = not self.layers[-1].activations
            kinds = set(np.unique(np.asarray(y)).tolist()) if np.size(y) else set()
            if plain and kinds <= {0, 1}:
                return "binary_cross_entropy"
            return "hinge" if plain and kinds <= {-1, 1} else "mse"
        name = getattr(nn.losses.get(loss), "__name__", repr(loss))
        if name not in LOSSES or getattr(nn.losses, name) is not nn.losses.get(loss):
            raise VizError(f"a page knows the losses {', '.join(LOSSES)}; received {loss!r}")
        if (name == "cross_entropy") != (self.outputs > 1):
            outputs = "several outputs, one a class" if name == "cross_entropy" else "one output"
            raise VizError(f"{name} in a page is of {outputs}; the model has {self.outputs}")
        return name

    def _targets(self, y: Any) -> np.ndarray:
        targets = array(y, "y").astype(float)
        if targets.shape not in ((len(self.samples),), (len(self.samples), 1)):
            raise VizError(
                f"y has a target for each of the {len(self.samples)} rows of X; "
                f"received shape {targets.shape}"
            )
        targets, loss = targets.ravel(), self.loss
        allowed = {
            "cross_entropy": (range(self.outputs), f"classes from 0 to {self.outputs - 1}"),
            "hinge": ((-1, 1), "-1 and 1"),
        }.get(loss)
        if allowed is not None and not set(targets.tolist()) <= set(allowed[0]):
            raise VizError(f"{loss} takes the targets {allowed[1]}; y holds others")
        most = 1.0 if loss == "binary_cross_entropy" else np.finfo(float).max
        least = 0.0 if most == 1.0 else -most
        if not ((least <= targets) & (targets <= most)).all():
            told = "from 0 to 1" if most == 1.0 else "that are finite"
            raise VizError(f"{loss} takes targets {told}; y holds others")
        return targets

    # ---- told to the page

    def page(self, theme: str, digits: int, title: str | None) -> tuple[dict[str, Any], str]:
        """The page's data, and its script."""
        gates = Gates()
        functions = _Functions(gates)
        known = {functions.number_of(getattr(nn.activations, name)): name for name in CHOICES}
        known[functions.number_of()] = "linear"
        used = [functions.number_of(*layer.activations) for layer in self.layers]
        circuit = {
            "times": entry_of(operator.mul, ("x", "x"), gates),
            "plus": entry_of(operator.add, ("x", "x"), gates),
            "activations": functions.circuits,
        }
        count, words = len(self.samples), said(LEARNING)
        data = {
            "theme": theme, "digits": digits, "style": style_of(theme, SHEETS),
            "title": shortened(title_in(title) or self.title, LONGEST_TITLE),
            "words": {**words, "gate": _SYMBOLS[self.loss]},
            "layers": [_layer(layer, i) for layer, i in zip(self.layers, used, strict=True)],
            "choices": _choices(known, set(used[:-1]), words["given"]),
            "samples": self.samples.tolist(), "targets": _plain(self.targets),
            "inputs": self.inputs, "output": "z" if self._is_logit else "o",
            "features": self.inputs[:2] if self._is_seen else [],
            "spreads": self.samples.std(axis=0).tolist(), "limits": self._limits,
            "score": self._score, "classes": self._classes, "names": self.names,
            "rate": self.rate, "rates": sorted({*RATES, self.rate}),
            "batch": self.batch, "seed": self.seed,
            "batches": sorted({n for n in (*BATCHES, self.batch) if n < count} | {count}),
            "speeds": [(speed, say(text)) for speed, text in SPEEDS.items()],
            "circuit": circuit, "stepper": told_to_all(theme, digits),
            "hues": [series(theme, 10) for theme in (LIGHT, DARK)],
        }  # fmt: skip
        constants = {
            "ACTIVATIONS": f"[{','.join(functions.texts)}]",
            "LOSS": loss_function(self.loss, gates) or "null",
            "FRAMES": json.dumps(frames(), ensure_ascii=False, separators=(",", ":")),
        }
        told = ",".join(f"{name}={text}" for name, text in constants.items())
        return data, program(f"{gates.javascript}\n{_CHAIN};const {told};", SCRIPTS, "learn")

    @property
    def title(self) -> str:
        sizes = [len(self.layers[0].weight), *(layer.weight.shape[1] for layer in self.layers)]
        return say(
            "A network {sizes} learns from {count:,} samples", sizes="–".join(map(str, sizes)),
            count=len(self.samples),
        )  # fmt: skip

    @property
    def _is_logit(self) -> bool:
        return self.loss in ("binary_cross_entropy", "cross_entropy", "hinge")

    @property
    def _is_seen(self) -> bool:
        """Whether its inputs are a plane, or a line over which its one output is a curve."""
        inputs = self.samples.shape[1]
        return inputs == 2 or (inputs == 1 and self.outputs == 1)

    @property
    def _classes(self) -> list[float] | None:
        """The targets in order where they are classes: of several outputs, or two of one."""
        if self.outputs > 1:
            return list(range(self.outputs))
        found = _plain(np.unique(self.targets))
        return found if len(found) == 2 else None

    @property
    def _score(self) -> dict[str, Any]:
        """Around which output it changes its mind, and how far from there it is sure; None where
        the output is a logit."""
        low, high = float(self.targets.min()), float(self.targets.max())
        if self.loss == "binary_cross_entropy":
            return {"middle": None, "half": 1}
        return {"middle": (low + high) / 2, "half": (high - low) / 2 or 1.0}

    @property
    def _limits(self) -> list[list[float]]:
        """What is shown of each axis; of a line, the second one is that of its output."""
        axes = [*self.samples.T[:2]]
        if len(axes) == 1:
            axes.append(self.targets)
        return [_around(axis) for axis in axes]


class _Functions:
    """The activations of a page: each once, as JavaScript, and as the gates that are told."""

    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.texts: list[str] = []
        self.circuits: list[list[dict[str, Any]]] = []

    def number_of(self, *activations: Any) -> int:
        """The number of these functions, one after another."""
        try:
            text = scalar_function(activations, self.gates)
        except (UnwritableError, TypeError, ValueError) as error:
            named = ", ".join(getattr(f, "__name__", type(f).__name__) for f in activations)
            raise VizError(f"a page cannot compute {named}: {error}") from error
        if text not in self.texts:
            self.texts.append(text)
            self.circuits.append(steps_of(activations, self.gates))
        return self.texts.index(text)


def _choices(known: dict[int, str], used: set[int], given: str) -> list[tuple[int | str, str]]:
    """The activations to choose from: what there is, and the model's own, where that is another."""
    own = known.get(next(iter(used))) if len(used) == 1 else None
    others: list[tuple[int | str, str]] = [(i, name) for i, name in known.items() if name != own]
    return [("as given", own or given), *others]


def _numbered(y: Any, known: np.ndarray | None) -> tuple[list[str] | None, Any]:
    """The names of classes, and their numbers in their order; None and y itself for numbers."""
    values = np.asarray(y.data if isinstance(y, Tensor) else y)
    if not values.size or not all(isinstance(value, str) for value in values.flat):
        return None, y
    classes = np.unique(values) if known is None else known
    codes = np.searchsorted(classes, values)
    if (strange := values[classes.take(codes, mode="clip") != values]).size:
        raise VizError(f"y has {str(strange[0])!r}, none of the model's classes {classes.tolist()}")
    return [readable(str(name)) for name in classes], codes


def _layer(layer: Layer, activation: int) -> dict[str, Any]:
    bias = None if layer.bias is None else layer.bias.tolist()
    return {"weight": layer.weight.tolist(), "bias": bias, "activation": activation}


def _plain(values: np.ndarray) -> list[float]:
    return [int(v) if v == int(v) else v for v in values.tolist()]


def _around(values: np.ndarray) -> list[float]:
    low, high = float(values.min()), float(values.max())
    room = 0.12 * (high - low) or 1.0
    return [low - room, high + room]


def _positive(name: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < float("inf"):
        raise VizError(f"{name} is a number above 0; received {value!r}")
    return float(value)
