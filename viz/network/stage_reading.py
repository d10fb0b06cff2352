"""Reading a model's calls into stages."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import say
from viz.errors import VizError
from viz.modules import called

from .stages import Stage, Stages

__all__ = ["as_batch", "has_stages", "is_attention", "read_stages"]

MOST = 120
_BY_STEP = ("Embedding", "LayerNorm", "Linear")
STEPS = 4  # Of a sequence that is made up.
TOKENS = 2  # Axes of a batch of them.


def has_stages(model: Any) -> bool:
    """Whether a model has layers of windows, of steps or of tokens."""
    return bool(_readers(model))


def _readers(model: Any) -> list[Any]:
    """Its layers of windows, steps or tokens; those of tokens come first, they read words."""
    found = [module for module in model.modules() if _reads(module) or is_attention(module)]
    return sorted(found, key=lambda module: _reads(module) != TOKENS)


def _reads(module: Any) -> int:
    """How many axes, with the batch, such a layer reads; 0 for any other."""
    if module.takes_numbers or len(module.modules()) > 1:
        return 0
    if hasattr(module, "hidden_size"):
        return 3
    if type(module).__name__ == "Embedding":
        return TOKENS
    window = _window(module)
    return 2 + len(window) if window else 0


def _window(module: Any) -> tuple[int, ...]:
    """Height and width of the window of a layer that has one."""
    size = getattr(module, "kernel_size", ())
    return (size,) * getattr(module, "axes", 2) if isinstance(size, int) else tuple(size)


def read_stages(model: Any, example: Any) -> Stages:
    """The stages of a model, and of their sizes for an example.

    Raises
    ------
    VizError : an example is needed, or is none; or there are more stages than a picture holds.
    """
    given = tuple(as_batch(one, model) for one in
                  (example if isinstance(example, tuple) else (example,)))  # fmt: skip
    made = called(model, given)
    reading = _Reading(made)
    parameters = sum(p.size for p in model.parameters())
    return Stages(reading.stages, type(model).__name__, parameters)


def as_batch(example: Any, model: Any) -> Any:
    """A sample of a model with stages as a batch of one; made up where it is None.

    Raises
    ------
    VizError : there are several samples, or none and no sizes are known.
    """
    first = _readers(model)[0]
    axes = _reads(first) or 3
    if example is None:
        features = getattr(first, "input_size", getattr(first, "dim", None))
        if axes == TOKENS:
            example = np.arange(STEPS) % len(first.weight)
        elif features is not None:
            example = np.random.default_rng(0).normal(size=(STEPS, features))
        elif hasattr(model, "input_shape"):
            example = np.zeros(model.input_shape)
        else:
            raise VizError(
                f"the sizes in {type(model).__name__} are those of an image: pass one, "
                "draw_network(model, X[0])"
            )
    values = np.asarray(example.data if isinstance(example, Tensor) else example)
    if values.ndim > axes or (values.ndim == axes and len(values) != 1):
        hint = ": write X[0]" if values.ndim == axes else ""
        raise VizError(f"draw_network shows one sample; received shape {values.shape}{hint}")
    values = values.reshape((1,) * (axes - values.ndim) + values.shape)
    is_text = axes == TOKENS and values.dtype.kind in "iu"
    return values if is_text else Tensor(values.astype(model.dtype or float), name="x")


class _Reading:
    """Follows the graph from call to call."""

    def __init__(self, made: Any):
        self.stages: list[Stage] = []
        self.outputs: list[Any] = []
        self.known: dict[int, int] = {}
        outputs = [node for node in _nodes(made.output) if node.gate is not None]
        self.made: dict[int, Any] = {}  # The call that made a node,
        self.passed: dict[int, list[str]] = {}  # and those that gave it back, such as of dropout.
        self.moved = set(map(id, made.inputs))
        for call in _blocks(made.nested):
            before = set(map(id, _nodes(call.inputs)))
            for node in _nodes(call.output):
                if id(node) in before:
                    self.passed.setdefault(id(node), []).append(call.label)
                else:
                    self.made[id(node)] = call
        self.moved.update(self.made)
        for output in outputs:
            for node in ag.Graph(output).nodes:
                if any(id(operand) in self.moved for operand in self.operands(node)):
                    self.moved.add(id(node))
        for i, entry in enumerate(made.inputs, 1):
            name = say("input") if len(made.inputs) == 1 else say("input {number}", number=i)
            is_text = entry.dtype.kind in "iu"
            self.add(Stage([name], entry.shape[1:], is_text=is_text), entry)
        for node in outputs:
            self.find(node)
        self.tell_maps()
        self.tell_steps()
        self.fold()

    def add(self, stage: Stage, *contents: Any) -> int:
        if len(self.stages) == MOST:
            raise VizError(
                f"a network of more than {MOST} layers is too long for draw_network: "
                "viz.draw(model, x) closes what repeats"
            )
        self.stages.append(stage)
        self.outputs.append(contents[0])
        for node in contents:
            self.known[id(node)] = len(self.stages) - 1
            for label in self.passed.pop(id(node), ()):
                source = self.known[id(node)]
                self.add(Stage([label], stage.shape, [source], is_plain=True), node)
        return len(self.stages) - 1

    def find(self, output: Tensor) -> int:
        """The stage that made a node, made from those before it."""
        waiting = [output]
        while waiting:
            node = waiting[-1]
            if id(node) in self.known:
                waiting.pop()
                continue
            call = self.made.get(id(node))
            operands = [o for o in self.operands(node) if id(o) in self.moved]
            missing = [o for o in operands if id(o) not in self.known]
            if missing:
                waiting += reversed(missing)
                continue
            sources = list(dict.fromkeys(self.known[id(o)] for o in operands))
            if call:
                self.add(_of_call(call, sources), *_nodes(call.output))
            else:
                self.of_gate(node, sources)
            waiting.pop()
        return self.known[id(output)]

    def operands(self, node: Tensor) -> list[Tensor]:
        """What a node was computed from: of the output of a module, what that was given."""
        call = self.made.get(id(node))
        return _nodes(call.inputs if call else list(node.inputs))

    def of_gate(self, node: Tensor, sources: list[int]) -> None:
        """What stands between modules."""
        shape = node.shape[1:]
        is_one = len(sources) == 1
        is_moved = is_one and node.gate.pattern == "moves"
        if is_moved and sorted(shape) == sorted(self.stages[sources[0]].shape):
            self.known[id(node)] = sources[0]
            return
        plain = is_one and shape == self.stages[sources[0]].shape
        names = [] if not is_one else [node.gate.name]
        meets = "" if is_one else node.gate.symbol
        stage = Stage(names, shape, sources, meets=meets, is_plain=plain, mixes=not meets)
        self.add(stage, node)

    def tell_maps(self) -> None:
        """Maps have three axes; or two, where a window of one axis slides over them."""
        slides = {i for i, stage in enumerate(self.stages) if len(stage.window) == 1}
        slides |= {source for i in slides for source in self.stages[i].sources}
        for i, stage in enumerate(self.stages):
            stage.is_maps = len(stage.shape) > 2 or (len(stage.shape) == 2 and i in slides)

    def tell_steps(self) -> None:
        """Which stages may read all steps of a sequence, and which give its last."""
        for stage, output in zip(self.stages, self.outputs, strict=True):
            before = stage.sources[0] if len(stage.sources) == 1 else -1
            read = before >= 0 and self.stages[before].is_sequence
            if read and stage.shape == self.stages[before].shape[1:]:
                last = self.outputs[before].data[0, -1]
                stage.picks = np.array_equal(output.data[0], last)
            stage.mixes = read and stage.mixes and not (stage.picks or stage.is_plain)

    def fold(self) -> None:
        """What is plain belongs to the stage that it alone reads."""
        readers = [0] * len(self.stages)
        for stage in self.stages:
            for source in stage.sources:
                readers[source] += 1
        home: list[int] = []
        kept: list[Stage] = []
        for stage in self.stages:
            before = stage.sources[0] if stage.sources else -1
            if stage.is_plain and before and readers[before] == 1:
                into = kept[home[before]]
                into.names += stage.names
                into.parameters += stage.parameters
                home.append(home[before])
                continue
            stage.sources = [home[source] for source in stage.sources]
            home.append(len(kept))
            kept.append(stage)
        self.stages = kept


def _blocks(nested: list[Any]) -> Iterator[Any]:
    """Of all calls those that have a stage: of modules that call no other, and attention whole."""
    within = inf
    for call, after in zip(nested, [*nested[1:], None], strict=True):
        if call.depth > within:
            continue
        within = inf
        if is_attention(call.module):
            within = call.depth
            yield call
        elif after is None or after.depth <= call.depth:
            yield call


def is_attention(module: Any) -> bool:
    """Whether a module takes a weighted mean of steps, and tells the weights."""
    return callable(getattr(module, "weights", None))


def _of_call(call: Any, sources: list[int]) -> Stage:
    """The stage of a call of a module."""
    module, output = call.module, _nodes(call.output)[0]
    given = _nodes(call.inputs)
    shape = output.shape[1:] if sources else output.shape  # Of constants, there is no batch.
    parameters = list(module.parameters())
    slides = not hasattr(module, "output_padding")  # A transposed one has its window in the result.
    window = _window(module) if slides else ()
    recurs = hasattr(module, "hidden_size")
    is_wide = any(len(p.shape) > 1 for p in parameters) or bool(_window(module)) or recurs
    return Stage(
        [call.label],
        shape,
        sources,
        window=window,
        recurs=recurs,
        ways=2 if getattr(module, "bidirectional", False) else 1,
        layers=getattr(module, "num_layers", 1) if recurs else 1,
        states=len(_nodes(call.output)) - 1 if recurs else 1,
        mixes=not recurs and type(module).__name__ not in _BY_STEP,
        is_plain=not is_wide and len(sources) == 1 and shape == given[0].shape[1:],
        parameters=sum(p.size for p in parameters),
    )


def _nodes(content: Any) -> list[Any]:
    """The Tensors in a nest of tuples and lists."""
    if isinstance(content, tuple | list):
        return [node for one in content for node in _nodes(one)]
    return [content] if isinstance(content, Tensor) else []
