"""The backward pass, step by step: what a gate received, its derivative, what it sent back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backward import make_seed
from autograd.data import no_tensor
from autograd.eager import value_of
from autograd.errors import DataError
from autograd.graph import Edge, Graph, is_borrowed, snapshot_of
from autograd.naming import Names
from autograd.numerals import number, sign_of_product
from autograd.propagation import propagate, stored_local
from autograd.tensor import Tensor, describe
from autograd.traversal import backward_pass

__all__ = ["Step", "Trace", "trace"]


class Step:
    """One gate being passed on the way back.

    Attributes
    ----------
    node : the gate's output.
    upstream : dL/d(output), of the output's shape.
    local : d(output)/d(input), aligned with `inputs`, in the output's shape; None for constants
        and where the gate is not elementwise.
    downstream : dL/d(input), aligned with `inputs`, in each input's shape: this gate's
        contribution alone; None for constants.
    """

    __slots__ = ("_names", "downstream", "local", "node", "upstream")

    def __init__(
        self, node: Tensor, upstream: Any, downstream: list[Any], names: Names | None = None
    ) -> None:
        self.node = node
        self._names = names or Names([*(i for i in node.inputs if type(i) is Tensor), node], node)
        self.upstream = upstream
        self.downstream = tuple(downstream)
        self.local = _local(node, [d is not None for d in downstream])

    @property
    def gate(self) -> Any:
        """The gate itself."""
        return self.node.gate

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The operands, as they were given."""
        return self.node.inputs

    @property
    def pattern(self) -> str:
        """What the gate does to its upstream gradient: distributes, swaps, routes, ...

        That of the gate with these operands: with a constant, × has nothing to swap and scales.

        >>> import autograd as ag
        >>> x = ag.Tensor(3.0)
        >>> ag.trace(x * x).steps[0].pattern, ag.trace(2 * x).steps[0].pattern
        ('swaps', 'scales')
        """
        return self.gate.pattern_with([down is not None for down in self.downstream])

    @property
    def rule(self) -> str:
        """The function and its derivative, such as ``"1/x → −1/x²"``."""
        return self.gate.rule

    @property
    def formula(self) -> str:
        """Upstream × local = downstream for each input, in one line with the numbers put in.

        Inputs are called as in `viz.table`. "≈" stands where the factors as printed do not
        multiply to the product as printed, or one of them looks whole and is not.

        >>> import autograd as ag
        >>> x, y = ag.Tensor(3.0, name="x"), ag.Tensor(-4.0, name="y")
        >>> ag.trace(x * y).steps[0].formula
        'x: 1 × (−4) = −4;  y: 1 × 3 = 3'
        """
        pairs = zip(self.inputs, self.products, strict=True)
        return ";  ".join(f"{self._names[o]}: {text}" for o, text in pairs if text is not None)

    @property
    def products(self) -> tuple[str | None, ...]:
        """The formula's part for each input, without its name; None for constants.

        >>> import autograd as ag
        >>> ag.trace(2.0 * ag.Tensor(3.0)).steps[0].products
        (None, '1 × 2 = 2')
        """
        rows = zip(self.local, self.downstream, strict=True)
        return tuple(
            None if down is None else _product(self.upstream, local, down) for local, down in rows
        )

    def __repr__(self) -> str:
        return f"<Step {describe(self.node)}: {self.formula}>"


class Trace:
    """A backward pass that was written down; it leaves every `.grad` as it was.

    Attributes: `output`; `graph`; `nodes`, as of the graph; `steps`, in the order of the pass;
    `edges`, each with the value and the gradient on that wire.
    """

    __slots__ = ("_sums", "edges", "graph", "nodes", "output", "steps")

    def __init__(self, output: Tensor, gradient: Any = None) -> None:
        seed = make_seed(output, gradient)
        self.output = output
        self.graph = Graph(output)
        self.nodes = self.graph.nodes
        self.steps: list[Step] = []
        with backward_pass([output], [seed]) as nodes:
            names = Names(self.nodes, output)
            propagate(nodes, lambda node, g, down: self.steps.append(Step(node, g, down, names)))
            self._sums = {nodes.node(n): n._adjoint for n in (*nodes.order, *nodes.ends)}
        self.edges = self._wires()

    def _wires(self) -> list[Edge]:
        # Leaves' arrays, and views of them, are copied: what a trace shows stays true when an
        # optimiser writes into their memory.
        values = {n: _kept(n.data) if n.is_leaf or is_borrowed(n) else n.data for n in self.nodes}
        downstream = {step.node: step.downstream for step in self.steps}
        return [
            Edge(e.source, e.target, e.slot, values[e.source], downstream[e.target][e.slot])
            for e in self.graph.edges
        ]

    def grad(self, node: Tensor) -> Any:
        """dL/d(node), the sum over the edges out of it; for the output, the seed.

        None where the node wants no gradient. Raises `DataError` for a node of another graph.
        """
        if type(node) is Tensor and node in self._sums:
            return self._sums[node]
        if not any(node is known for known in self.nodes):
            raise DataError(f"grad() expects a node of this trace and received {node!r}")
        return None

    def snapshot(self) -> Trace:
        """The same pass over a `Graph.snapshot`, whose leaves have the values that they had here.

        >>> import autograd as ag
        >>> x = ag.Tensor(3.0, name="x")
        >>> t = ag.trace(x * x)
        >>> x.data = 5.0
        >>> kept = t.snapshot()
        >>> kept.nodes[0].data, kept.grad(kept.nodes[0])
        (3.0, 6.0)
        """
        leaves = {edge.source: edge.value for edge in self.edges if edge.source.is_leaf}
        kept = snapshot_of(self.graph, leaves)
        return Trace(kept.output, self.grad(self.output))

    def __repr__(self) -> str:
        return f"<Trace of {describe(self.output)}: {len(self.steps)} steps>"


def trace(output: Tensor, gradient: Any = None) -> Trace:
    """Run a backward pass of its own from `output` and write every step of it down.

    Parameters
    ----------
    output : the node to differentiate.
    gradient : dL/d(output), of its shape; 1 where it has one element.

    Raises as `Tensor.backward` does, and `DataError` for anything but a Tensor.

    >>> import autograd as ag
    >>> x, y, z = (ag.Tensor(v, name=n) for v, n in [(1.0, "x"), (-2.0, "y"), (1.0, "z")])
    >>> t = ag.trace((x + y) * z)
    >>> for s in t.steps:
    ...     print(s.gate.name, s.upstream, s.local, s.downstream)
    multiply 1.0 (1.0, -1.0) (1.0, -1.0)
    add 1.0 (1.0, 1.0) (1.0, 1.0)
    >>> t.grad(z), z.grad
    (-1.0, None)
    """
    if type(output) is not Tensor:
        raise no_tensor("trace()", output)
    return Trace(output, gradient)


def _local(node: Tensor, wanted: list[bool]) -> tuple[Any, ...]:
    """The local gradients of a node, in its own shape; None where there is none."""
    if type(node._first) is not tuple:
        stored = stored_local(node)
        return tuple(d if want else None for d, want in zip(stored, wanted, strict=True))
    assert node.gate is not None
    values = [value_of(operand) for operand in node.inputs]
    local = node.gate.local_gradients(wanted, node._value, values, node._d_first)
    if local is None:
        return (None,) * len(wanted)
    if type(node._value) is float:
        return tuple(None if d is None else float(d) for d in local)
    # A derivative may be an operand itself, whose memory an optimiser writes into.
    local = [_kept(d) if any(d is value for value in values) else d for d in local]
    return tuple(
        None if d is None else np.broadcast_to(np.asarray(d, node.dtype), node.shape) for d in local
    )


def _kept(value: Any) -> Any:
    """The value as it is now, in memory of its own."""
    return value.copy() if type(value) is np.ndarray else value


def _product(upstream: Any, local: Any, downstream: Any) -> str:
    """One input's line of a formula."""
    if local is None:
        return f"{_text(upstream)} → {_text(downstream)}"
    given, factor, received = _text(upstream), _text(local), _text(downstream)
    is_of_numbers = np.size(upstream) == np.size(local) == np.size(downstream) == 1
    sign = sign_of_product(upstream, local, downstream) if is_of_numbers else "="
    if factor.startswith("−"):
        factor = f"({factor})"
    return f"{given} × {factor} {sign} {received}"


def _text(value: Any) -> str:
    """A number as people write it; of an array, its shape."""
    if np.size(value) == 1:
        return number(np.asarray(value).item())
    return "(" + "×".join(map(str, np.shape(value))) + ")"
