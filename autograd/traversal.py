"""Which nodes a backward pass visits, in which order, and where their adjoints lie meanwhile.

Adjoints belong to the pass. They lie in a scratch field of each node while it runs, which is much
faster than a dictionary; a pass that starts while another one holds the fields (in another thread,
or inside a rule) runs over stand-ins of its nodes instead. A field that holds anything but None
marks a node as one of this pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from threading import Lock
from typing import Any

from autograd import tensor
from autograd.errors import StaleGraphError
from autograd.quiet import Quiet
from autograd.tensor import Tensor, describe, here, new, operands_of, version_of

__all__ = ["NOTHING", "Pass", "backward_pass", "check_versions", "gates_between", "stand_ins"]

NOTHING = 0.0
"""What an adjoint is before the first contribution: floats are added to it, arrays replace it."""

by_stamp = attrgetter("_stamp")


_fields = Lock()


class Pass:
    """The nodes of one backward pass: ``with backward_pass(...) as nodes``.

    Attributes
    ----------
    order : the gates, from the output back.
    ends : where the pass stops: leaves, or the targets that were asked for.
    partial : whether it visits less than all that wants a gradient below the outputs.
    original : the node that a stand-in stands for; None where the nodes are the graph's own.
    """

    __slots__ = ("_alone", "_asked", "_quiet", "ends", "order", "original", "partial")

    def __init__(
        self, outputs: Sequence[Tensor], seeds: Sequence[Any], targets: Sequence[Tensor] | None
    ) -> None:
        self.order: list[Tensor] = []
        self.ends: list[Tensor] = []
        self.partial = targets is not None
        self.original: Callable[[Tensor], Tensor] | None = None
        self._asked = outputs, seeds, targets
        self._quiet = Quiet()

    def __enter__(self) -> Pass:
        self._alone = _fields.acquire(blocking=False)
        try:
            self._collect(*self._asked)
            self._quiet.__enter__()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *error: Any) -> None:
        self._quiet.__exit__(*error)
        self._leave()

    def _leave(self) -> None:
        for node in self.order:
            node._adjoint = None
        for node in self.ends:
            node._adjoint = None
        if self._alone:
            _fields.release()

    def _collect(
        self, outputs: Sequence[Tensor], seeds: Sequence[Any], targets: Sequence[Tensor] | None
    ) -> None:
        """Mark the nodes between the outputs, which are seeded, and the ends."""
        if not self._alone:
            copies = stand_ins(outputs, targets or ())
            self.original = {copy: node for node, copy in copies.items()}.__getitem__
            outputs = [copies[node] for node in outputs]
            targets = None if targets is None else [copies[node] for node in targets]
        if targets is None:
            for output in outputs:
                _reach(output, self.order, self.ends)
            self.order.sort(key=by_stamp, reverse=True)
            check_versions(self.order)
        else:
            _reach_targets(self, outputs, targets)
        for output, seed in zip(outputs, seeds, strict=True):
            held = output._adjoint
            if held is not None:
                output._adjoint = seed if held is NOTHING else held + seed

    def node(self, node: Tensor) -> Tensor:
        """The graph's own node."""
        return self.original(node) if self.original else node


def backward_pass(
    outputs: Sequence[Tensor], seeds: Sequence[Any], targets: Sequence[Tensor] | None = None
) -> Pass:
    """The nodes between the outputs, which are seeded, and the leaves, or the `targets` alone.

    Afterwards, whatever happened, the scratch fields are empty again.
    """
    return Pass(outputs, seeds, targets)


def _reach(output: Tensor, order: list[Tensor], leaves: list[Tensor]) -> None:
    """Collect what wants a gradient below `output`, each node once, marking its scratch field.

    The walk goes down the newest operand first, which is close to the order wanted.
    """
    if output._adjoint is not None:
        return
    output._adjoint = NOTHING
    if output.gate is None:
        leaves.append(output)
        return
    waiting = [output]
    try:
        _walk(waiting, order, leaves)
    except BaseException:  # an interrupt: what waits is marked and in no list yet
        for node in waiting:
            node._adjoint = None
        raise


def _walk(waiting: list[Tensor], order: list[Tensor], leaves: list[Tensor]) -> None:
    """Follow the operands of those that wait until none does."""
    keep, push, pop, keep_leaf = order.append, waiting.append, waiting.pop, leaves.append
    while waiting:
        node = pop()
        while True:
            keep(node)
            first = node._first
            if type(first) is tuple:
                for operand in first:
                    if type(operand) is Tensor and operand._adjoint is None and operand._wants:
                        operand._adjoint = NOTHING
                        (push if operand.gate else keep_leaf)(operand)
                break
            # A scalar gate points at no Tensor but those that want a gradient.
            second = node._second
            if type(first) is Tensor and first._adjoint is None:
                first._adjoint = NOTHING
                if first.gate is None:
                    keep_leaf(first)
                else:
                    push(first)
            if type(second) is not Tensor or second._adjoint is not None:
                break
            second._adjoint = NOTHING
            if second.gate is None:
                keep_leaf(second)
                break
            node = second


def _reach_targets(nodes: Pass, outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> None:
    """Collect and mark the targets, and the gates on a way from one of them to an output."""
    nodes.order = gates_between(targets, outputs)
    nodes.order.reverse()
    nodes.ends.extend(targets)
    for node in (*nodes.order, *targets):
        node._adjoint = NOTHING


def gates_between(targets: Sequence[Tensor], outputs: Sequence[Tensor]) -> list[Tensor]:
    """The gates on a way from a target to an output, older first."""
    inside = set(targets)
    above = sorted(_above(outputs, inside), key=by_stamp)
    computed = [target for target in targets if target.gate is not None]
    check_versions(sorted([*above, *computed], key=by_stamp) if computed else above)
    gates = []
    for gate in above:
        if any(type(operand) is Tensor and operand in inside for operand in operands_of(gate)):
            inside.add(gate)
            gates.append(gate)
    return gates


def _above(outputs: Sequence[Tensor], ends: set[Tensor]) -> set[Tensor]:
    """The gates that want a gradient, from the outputs down to `ends`."""
    seen = {o for o in outputs if o.gate is not None and o._wants and o not in ends}
    waiting = list(seen)
    while waiting:
        for operand in operands_of(waiting.pop()):
            if (
                type(operand) is Tensor
                and operand._wants
                and operand.gate is not None
                and operand not in seen
                and operand not in ends
            ):
                seen.add(operand)
                waiting.append(operand)
    return seen


def check_versions(gates: Sequence[Tensor]) -> None:
    """Raise where a leaf was assigned to after a gate had read it, whether it wants a gradient or
    is a constant of some rule. `gates` are in the order of their creation, or its reverse.
    """
    if not gates or tensor.latest_change < min(gates[0]._stamp, gates[-1]._stamp):
        return
    for gate in gates:
        for operand in operands_of(gate):
            if type(operand) is Tensor and not operand.gate and version_of(operand) > gate._stamp:
                raise StaleGraphError(
                    f"{describe(operand)} was assigned to after {describe(gate)} had read it, so "
                    "the gradient would belong to other values: compute the expression again "
                    "before .backward()"
                )


def stand_ins(outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """A copy of the graph below the outputs, with scratch fields of its own: node to copy."""
    copies: dict[Tensor, Tensor] = {}
    waiting = [*outputs, *targets]
    while waiting:
        node = waiting.pop()
        if node not in copies:
            copies[node] = _stand_in(node)
            waiting += [o for o in operands_of(node) if type(o) is Tensor]
    for copy in copies.values():
        first = copy._first
        if type(first) is tuple:
            copy._first = tuple(copies[o] if type(o) is Tensor else o for o in first)
        elif type(first) is Tensor:
            copy._first = copies[first]
        if type(copy._second) is Tensor:
            copy._second = copies[copy._second]
    return copies


def _stand_in(node: Tensor) -> Tensor:
    copy = new(Tensor)
    copy._value, copy._wants, copy.name, copy.gate = here(node), node._wants, node.name, node.gate
    copy._first, copy._second = node._first, node._second
    if node.gate is None:
        copy._version, copy._second = version_of(node), None
    else:
        copy._d_first = node._d_first
        if type(node._first) is not tuple and node._second is not None:
            copy._d_second = node._d_second
    copy._stamp = node._stamp
    copy._adjoint = None
    return copy
