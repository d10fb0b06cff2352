"""What `draw`, `step`, `table` and `worksheet` are given: a graph, and how far it is opened."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import reduce
from operator import getitem
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import phrase, say, stranger

from .arrays import Numbers, check_numbers, plain
from .collapse import Opening, calls_of, path_of
from .errors import UnsupportedTargetError, VizError
from .mathematics import readable
from .modules import called, is_module, is_read, nodes_of

DIRECTIONS = ("LR", "TB")
NEEDS_GRADIENTS = phrase(
    "gradients not drawn: there are {count} outputs, pass gradient= with one for each"
)
NEEDS_GRADIENT = phrase(
    "gradients not drawn: the output has {count} elements, pass gradient= to say which"
)


class OpenedGraph(NamedTuple):
    """A graph with its composite gates opened, its backward pass or None, and why there is none."""

    output: Tensor
    trace: Any
    opening: Opening
    note: str


@dataclass(frozen=True)
class Subject:
    """A graph to show, a snapshot of what was given: what comes later does not change it.

    Attributes: `output`; `trace`, where its backward pass was given; `inputs`, those of a module
    whose output it is; `gradient`, that of the output; `digits`, of printed numbers; `numbers`,
    which arrays are written out; `outputs`, the names of several, whose entries `output` has one
    after the other.
    """

    output: Tensor
    trace: Any = None
    inputs: Collection[Tensor] | None = None
    gradient: Any = None
    digits: int | None = None
    numbers: Numbers = "auto"
    outputs: tuple[str, ...] = ()
    depth: int = 1

    def opened(self, expand: Any, *, backward: bool = True) -> OpenedGraph:
        """The graph, opened as `expand` says, and its own backward pass; `.grad` is untouched.

        A module's modules are closed where `expand` does not open them.
        """
        opening = self._opening(expand)
        output = _with_gates_opened(self.output, opening)
        if not backward:
            return OpenedGraph(output, None, opening, "")
        gradient = self.gradient
        if self.trace is not None and gradient is None:
            if output is self.output:
                return OpenedGraph(output, self.trace, opening, "")
            gradient = self.trace.grad(self.output)
        if not output.requires_grad:
            return OpenedGraph(output, None, opening, say("nothing in this graph wants a gradient"))
        if output.size != 1 and gradient is None:
            if len(self.outputs) > 1:
                note = say(NEEDS_GRADIENTS, count=len(self.outputs))
            else:
                note = say(NEEDS_GRADIENT, count=output.size)
            return OpenedGraph(output, None, opening, note)
        return OpenedGraph(output, ag.trace(output, gradient=gradient), opening, "")

    def _opening(self, expand: Any) -> Opening:
        opening = opening_of(expand)
        unknown = opening.names - {"all"}
        known = _known_names(self.output) if unknown else set()
        if unknown - known and (rest := unknown - known - _calls(self.output)):
            repeats = frozenset(name for name in rest if _ONE_OF_SEVERAL.search(name))
            if rest - repeats:
                raise VizError(
                    f"expand={expand!r}: this graph has no scope or composite gate of that name; "
                    f"it has {', '.join(sorted(known)) or 'none at all'}"
                )
            opening = replace(opening, repeats=repeats, known=frozenset(known))
        return opening if self.inputs is None else replace(opening, default=self.depth)


def subject_of(
    function: str,
    target: Any,
    example: Any,
    *,
    gradient: Any,
    digits: int | None,
    numbers: Numbers = "auto",
) -> Subject:
    """The graph that the `function` of viz was given; options checked.

    Raises
    ------
    VizError (a ValueError) : an example for what has its values already, a module without one,
        or an option that cannot be; UnsupportedTargetError (also a TypeError) : no graph.
    """
    digits, numbers = plain(digits), plain(numbers)
    check_digits(digits)
    check_numbers(numbers)
    check_is_ours(function, target)
    inputs: list[Tensor] | None = None
    was_read = is_read(target)
    if was_read or is_module(target):
        target, inputs = _output_of(function, target, example)
    else:
        check_no_example(function, target, example)
    outputs: tuple[str, ...] = ()
    if function == "draw" and isinstance(target, dict | list | tuple):
        target, gradient, outputs = _joined(target, gradient)
    if inputs is not None and isinstance(target, Tensor):
        kept, depth = _kept(target), _depth_of_whole(target) if was_read else 1
        copies = dict(zip(ag.Graph(target).nodes, kept.nodes, strict=True))
        inputs = [copies.get(node, node) for node in inputs]
        return Subject(kept.output, None, inputs, gradient, digits, numbers, outputs, depth)
    trace = target if isinstance(target, ag.Trace) else None
    output = target if trace is None else trace.output
    if not isinstance(output, Tensor):
        program = ", or a Program (what ag.compile makes)" if function == "draw" else ""
        raise UnsupportedTargetError(
            f"{function} takes a Tensor, a Trace (what ag.trace returns), an nn.Module with an "
            f"example, or one that ag.from_onnx or ag.from_torch read{program}; received "
            f"{type(target).__name__}{_instead(function, target)}"
        )
    if trace is None:
        return Subject(_kept(output).output, None, None, gradient, digits, numbers, outputs)
    kept = trace.snapshot()
    return Subject(_named(kept).output, kept, None, gradient, digits, numbers)


def _instead(function: str, target: Any) -> str:
    """What to write in the place of a target that is none."""
    if hasattr(target, "cache_info"):
        return ": after a call, write fast.program"
    if isinstance(target, str):
        return ': an expression in text is drawn by python -m viz "...", and in viz.playground()'
    return f": write {function}(f(x)), with a Tensor x" if callable(target) else ""


def check_is_ours(function: str, target: Any) -> None:
    """Raise UnsupportedTargetError, which says what to write, for what is another library's."""
    library = stranger(target)
    if library is not None:
        one = target[0] if isinstance(target, list | tuple) else target
        raise UnsupportedTargetError(
            f"{function} shows graphs of gates, which keep what is computed on the way; received "
            f"{library.name}'s {type(one).__name__}. Write {library.model}, and then "
            f"viz.{function}({library.call})"
        )


def _kept(output: Tensor) -> Any:
    """A snapshot of the graph, in memory of its own."""
    return _named(ag.Graph(output).snapshot())


def _named(kept: Any) -> Any:
    """The same, LaTeX in the names of its nodes made readable."""
    for node in kept.nodes:
        if node.name:
            node.name = readable(node.name)
    return kept


class _Output(NamedTuple):
    """One of several outputs; the keys that lead to it, and what it is called."""

    tensor: Tensor
    place: tuple[Any, ...]
    name: str


def _several(
    outputs: Any, place: tuple[Any, ...] = (), keys: tuple[str, ...] = ()
) -> list[_Output]:
    """Several outputs in dicts, lists and tuples: called as dicts' keys, or as themselves."""
    if isinstance(outputs, dict):
        items = [(key, one, (*keys, str(key))) for key, one in outputs.items()]
    elif isinstance(outputs, list | tuple):
        items = [(index, one, keys) for index, one in enumerate(outputs)]
    elif isinstance(outputs, Tensor):
        return [_Output(outputs, place, readable("/".join(keys) or outputs.name or ""))]
    else:
        raise UnsupportedTargetError(
            f"several outputs are Tensors; received {type(outputs).__name__}"
        )
    return [found for key, one, names in items for found in _several(one, (*place, key), names)]


def _joined(outputs: Any, gradient: Any) -> tuple[Tensor, Any, tuple[str, ...]]:
    """The entries of several outputs one after the other, and of their gradients; their names."""
    several = _several(outputs)
    if not several:
        raise UnsupportedTargetError("several outputs are Tensors; received nothing")
    for output, place, name in several:
        if not output.requires_grad:
            called = name or f"output {', '.join(map(str, place))}"
            raise UnsupportedTargetError(
                f"{called} is a constant: it was computed from nothing that wants a gradient, and "
                "is in no graph. Leave it out, or make it of a Tensor with requires_grad=True"
            )
    joined = ag.concatenate([ag.reshape(output, (-1,)) for output, _, _ in several])
    names = tuple(name for _, _, name in several)
    return joined, None if gradient is None else _gradients(gradient, several), names


def _gradients(gradient: Any, several: list[_Output]) -> np.ndarray:
    """The gradients of several outputs as one array."""
    try:
        parts = [
            np.broadcast_to(reduce(getitem, place, gradient), output.shape).ravel()
            for output, place, _ in several
        ]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        shapes = ", ".join(
            f"{', '.join(map(str, place))}: {output.shape}" for output, place, _ in several
        )
        raise VizError(
            f"gradient has one for each output, of its shape ({shapes}); received {gradient!r}"
        ) from error
    return np.concatenate(parts)


def check_digits(digits: Any) -> None:
    """Raise VizError where `digits` is not None or from 1 to 17."""
    if digits is not None and (type(digits) is not int or not 1 <= digits <= 17):
        raise VizError(f"digits is a whole number from 1 to 17; received {digits!r}")


def check_direction(direction: Any) -> None:
    """Raise VizError where `direction` is no direction."""
    if direction not in DIRECTIONS:
        raise VizError(f"direction is one of {', '.join(DIRECTIONS)}; received {direction!r}")


def check_no_example(function: str, target: Any, example: Any) -> None:
    """Raise VizError where an example comes with what was computed, or recorded, already."""
    if example is not None:
        raise VizError(
            f"{function} takes an example only with a Module; a {type(target).__name__} has its "
            "values already"
        )


def opening_of(expand: Any) -> Opening:
    """What `expand` says: nothing, a depth, a scope or gate name, several of them, or "all"."""
    if expand is None:
        return Opening()
    if isinstance(expand, str):
        return Opening(everything=expand == "all", names=frozenset({expand}))
    if isinstance(expand, int) and not isinstance(expand, bool) and expand >= 0:
        return Opening(depth=expand)
    several = isinstance(expand, list | tuple | set | frozenset)
    if several and all(isinstance(name, str) for name in expand):
        return Opening(everything="all" in expand, names=frozenset(expand))
    raise VizError(
        'expand is a depth (0 or more), a scope or gate name, several of them, or "all"; '
        f"received {expand!r}"
    )


def _with_gates_opened(output: Tensor, opening: Opening) -> Tensor:
    """The same graph, its composite gates opened where `opening` says so."""
    if opening.everything:
        return ag.Graph(output).opened("all")
    if not opening.names and opening.depth is None:
        return output
    composite = [node for node in ag.Graph(output).nodes if node.gate and node.gate.expansion]
    names = {
        node.gate.name
        for node in composite
        if node.gate.name in opening.names
        or (opening.depth is not None and len(node.scopes) < opening.depth)
    }
    return ag.Graph(output).opened(names) if names else output


def _known_names(output: Tensor) -> set[str]:
    """Every name that `expand` can open in this graph."""
    names = set()
    for node in ag.Graph(output).nodes:
        if node.gate is not None and node.gate.expansion:
            names.add(node.gate.name)
        names.update(scope.name for scope in node.scopes)
        names.update(path_of(node.scopes[: i + 1]) for i in range(len(node.scopes)))
    return names


def _output_of(function: str, model: Any, example: Any) -> tuple[Any, list[Tensor]]:
    """What a module makes of an example, and its inputs; of scalars in a list one node, where
    several outputs cannot be shown.
    """
    name = model.title if is_read(model) else type(model).__name__
    if example is None:
        raise VizError(
            f"{name}(...) takes an example input x, which makes the graph: write "
            f"viz.{function}(model, x)"
        )
    made = called(model, example)
    found = [node for given in made.inputs for node in nodes_of(given)]
    output, inputs = made.output, [node for node in found if isinstance(node, Tensor)]
    if function != "draw" and isinstance(output, list) and is_module(model) and model.is_scalar:
        output = ag.stack(output)
    if not isinstance(output, Tensor) and (
        function != "draw" or not isinstance(output, dict | list | tuple)
    ):
        raise UnsupportedTargetError(
            f"{function} shows one Tensor, and {name} made {type(output).__name__} of this example"
            + (": viz.draw shows several outputs" if function != "draw" else "")
        )
    return output, inputs


def _depth_of_whole(output: Tensor) -> int:
    """1 where all that has a scope is in one and the same, which is the model; else 0."""
    chains = [node.scopes for node in ag.Graph(output).nodes]
    return int(len({id(chain[0]) for chain in chains if chain}) == 1)


_ONE_OF_SEVERAL = re.compile(r"\[\d+\]$")


def _calls(output: Tensor) -> set[str]:
    """Every name that `expand` has for one scope of several."""
    return {name for names in calls_of(ag.Graph(output).nodes).values() for name in names}
