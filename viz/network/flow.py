"""Which column of a network reads which: followed through the graph, between calls of modules."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import say
from viz.errors import VizError

from .columns import Layer, Source

# What works unit by unit, by the pattern of its gate; and what is known to work on a column.
_UNITWISE = ("distributes", "swaps", "routes", "scales", "moves")
_OF_A_COLUMN = ("softmax", "log_softmax")


class Flow:
    """The columns that calls of modules, and gates between them, make of the inputs."""

    def __init__(self, made: Any, model: Any):
        self.model = model
        self.layers: list[Layer] = []
        # Whose output a node is: columns one after another; of scalars, a column and a unit.
        self.known: dict[int, list[int]] = {}
        self.units: dict[int, tuple[int, int]] = {}
        is_bare = model.is_scalar and not isinstance(made.output, list)
        output = [made.output] if is_bare else made.output
        outputs = output if isinstance(output, list) else [output]
        self.moved = _depending(outputs, made.inputs)
        for i, given in enumerate(made.inputs, 1):
            name = say("input") if len(made.inputs) == 1 else say("input {number}", number=i)
            self.add(Layer([name], count_of(given)), given)
        for call in made.calls:
            self.follow(call)
        self.ends = self.columns_of(output)
        self.fold()

    def add(self, layer: Layer, content: Any) -> int:
        """A new column, whose units are a content's elements."""
        layer.output = content
        self.layers.append(layer)
        index = len(self.layers) - 1
        self.learn(content, [index])
        return index

    def learn(self, content: Any, columns: list[int]) -> None:
        if isinstance(content, list):
            places = [(c, unit) for c in columns for unit in range(self.layers[c].count)]
            self.units.update((id(n), p) for n, p in zip(content, places, strict=True))
        else:
            self.known[id(content)] = columns

    def follow(self, call: Any) -> None:
        """The columns that a call of a module makes."""
        from nn.layers.linear import Linear
        from nn.layers.maxout import Maxout

        module = call.module
        if len(call.inputs) != 1:
            raise self.undrawable(call)
        state = module.state_dict()
        if isinstance(module, Linear):
            self.add_weights(call, state["weight"], state.get("bias"), [call.label], call.output)
        elif isinstance(module, Maxout):
            pieces, inputs, outputs = state["weight"].shape
            weight = state["weight"].transpose(1, 0, 2).reshape(inputs, pieces * outputs)
            bias = state["bias"].ravel() if "bias" in state else None
            title = say(
                "{layer}: {outputs} × {pieces} pieces", layer=call.label, outputs=outputs,
                pieces=pieces,
            )  # fmt: skip
            self.add_weights(call, weight, bias, [title], _pieces_of(call.output))
            to = np.tile(np.arange(outputs), pieces)
            source = Source(len(self.layers) - 1, to=to)
            self.add(Layer(["max"], outputs, [source]), call.output)
        else:
            is_wide = any(len(entry.shape) > 1 for entry in state.values())
            columns = self.columns_of(call.inputs[0])
            if is_wide or count_of(call.output) != self.count(columns):
                raise self.undrawable(call)
            self.add_units(call.label, [columns], call.output)

    def add_weights(
        self, call: Any, weight: np.ndarray, bias: Any, names: list[str], output: Any
    ) -> None:
        columns = self.columns_of(call.inputs[0])
        if weight.shape[0] != self.count(columns):
            raise self.undrawable(call)
        starts = np.cumsum([0, *(self.layers[c].count for c in columns)])
        sources = [
            Source(column, weights=weight[start:end], first=int(start))
            for column, start, end in zip(columns, starts[:-1], starts[1:], strict=True)
        ]
        layer = Layer(names, weight.shape[1], sources, bias, module=call.module)
        self.add(layer, output)

    def add_units(self, name: str, operands: list[list[int]], output: Any) -> list[int]:
        """A column that reads each operand unit by unit."""
        sources = []
        for columns in operands:
            start = 0
            for column in columns:
                count = self.layers[column].count
                sources.append(Source(column, to=np.arange(start, start + count)))
                start += count
        return [self.add(Layer([name], count_of(output), sources), output)]

    # ---- between the modules

    def columns_of(self, content: Any) -> list[int]:
        """The columns that a content is, one after another; new ones where gates have made it."""
        found = self.found(content)
        if found is not None:
            return found
        nodes = content if isinstance(content, list) else [content]
        runs = [list(run) for _, run in groupby(nodes, self.kind)]
        if len(runs) > 1:
            return [column for run in runs for column in self.columns_of(run)]
        gates = {node.gate.name if node.gate else "" for node in nodes}
        if len(gates) != 1 or gates == {""}:
            raise self.unreadable(nodes)
        (name,), symbol = gates, nodes[0].gate.symbol
        operands = [
            [o for o in node.inputs if isinstance(o, Tensor) and id(o) in self.moved]
            for node in nodes
        ]
        if len({len(each) for each in operands}) != 1:
            raise self.unreadable(nodes)
        contents: list[Any] = [list(each) for each in zip(*operands, strict=True)]
        if not isinstance(content, list):
            contents = [node for (node,) in contents]
        read = [self.columns_of(each) for each in contents]
        count = count_of(content)
        pattern = "scales" if name in _OF_A_COLUMN else nodes[0].gate.pattern
        joined = [column for each in read for column in each]
        if pattern == "moves" and self.count(joined) == count:
            columns = joined
        elif pattern not in _UNITWISE or any(self.count(each) != count for each in read):
            raise self.unreadable(nodes)
        else:
            columns = self.add_units(symbol, read, content)
        self.learn(content, columns)
        return columns

    def kind(self, node: Tensor) -> Any:
        """What neighbours in a list of scalars share: the column that they are from, or a gate."""
        place = self.units.get(id(node))
        return place[0] if place else node.gate and node.gate.name

    def found(self, content: Any) -> list[int] | None:
        """The columns of a content that is known already."""
        if not isinstance(content, list):
            return self.known.get(id(content))
        places = [self.units.get(id(node)) for node in content]
        columns: list[int] = []
        at = 0
        while at < len(places):
            place = places[at]
            if place is None:
                return None
            count = self.layers[place[0]].count
            if places[at : at + count] != [(place[0], unit) for unit in range(count)]:
                return None
            columns.append(place[0])
            at += count
        return columns

    def count(self, columns: list[int]) -> int:
        return sum(self.layers[column].count for column in columns)

    def fold(self) -> None:
        """What works unit by unit on a column that nothing else reads belongs to that column."""
        readers: dict[int, int] = {}
        for layer in self.layers:
            for source in layer.sources:
                readers[source.layer] = readers.get(source.layer, 0) + 1
        for end in self.ends:
            readers[end] = readers.get(end, 0) + 1
        home: list[int] = []
        kept: list[Layer] = []
        for layer in self.layers:
            before = layer.sources[0] if len(layer.sources) == 1 else None
            place = home[before.layer] if before else -1
            if before and readers[before.layer] == 1 and before.is_straight(layer, kept[place]):
                kept[place].names += layer.names
                kept[place].output = layer.output
                home.append(place)
                continue
            for source in layer.sources:
                source.layer = home[source.layer]
            home.append(len(kept))
            kept.append(layer)
        self.ends = [home[end] for end in self.ends]
        self.layers = kept

    # ---- what cannot be drawn

    def undrawable(self, call: Any) -> VizError:
        return VizError(
            f"draw_network draws linear layers, Maxout, and what works unit by unit; "
            f"{type(self.model).__name__} has {call.label}, which is {call.module!r}. "
            "viz.draw(model, x) draws any model"
        )

    def unreadable(self, nodes: list[Tensor]) -> VizError:
        gate = nodes[0].gate
        what = f"computes {gate.name}" if gate else "reads values"
        return VizError(
            f"{type(self.model).__name__} {what} between its layers, which is neither unit by unit "
            "nor one column after another: viz.draw(model, x) draws any model"
        )


def count_of(content: Any) -> int:
    """How many units a content is."""
    return len(content) if isinstance(content, list) else int(np.size(content.data))


def _depending(outputs: list[Any], inputs: Any) -> set[int]:
    """The nodes that were computed from the inputs, these included."""
    given = [node for one in inputs for node in (one if isinstance(one, list) else [one])]
    moved = set(map(id, given))
    whole = ag.Graph(outputs[0]) if len(outputs) == 1 else ag.Graph(ag.stack(outputs))
    for node in whole.nodes:
        if any(id(operand) in moved for operand in node.inputs):
            moved.add(id(node))
    return moved


def _pieces_of(node: Tensor) -> Tensor:
    """What the largest of was taken."""
    while node.gate is not None and node.gate.name != "max":
        node = node.inputs[0]
    return node.inputs[0]
