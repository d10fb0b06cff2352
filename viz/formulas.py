"""How a graph's nodes are called and its gates written as formulas, in plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import Names, number, numbered, say

from .names import shortened
from .symbols import constant_text, is_scalar_constant, key_text, symbol_of

LONGEST_NAME = 20
_SIGNS = frozenset("+-*/×÷ ")
_INFIX = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "matmul": "@", "dot": "·",
    "remainder": "mod", "floor_divide": "//",
}  # fmt: skip
_WRITTEN = {
    "negative": "{} × (−1)", "reciprocal": "1 ÷ {}", "square": "{}²", "power": "{}^{}",
    "absolute": "|{}|", "transpose": "{}ᵀ",
}  # fmt: skip
_CALLED = {"maximum": "max", "minimum": "min", "sigmoid": "σ", "log": "ln", "sum": "sum",
           "sqrt": "sqrt"}  # fmt: skip


class NodeNames:
    """What each node is called: its own name, `f` for the output, and q1, q2, ... for the rest.

    >>> x, y = Tensor(3.0, name="x"), Tensor(-4.0)
    >>> from autograd import Graph
    >>> f = (x + y) * y
    >>> labels = NodeNames(Graph(f).nodes, f)
    >>> [labels[node] for node in Graph(f).nodes]
    ['x', 'leaf', 'q', 'f']
    """

    def __init__(self, nodes: Iterable[Tensor], output: Tensor) -> None:
        nodes = list(nodes)
        self._kept = nodes  # So that no other object gets the id of one of them.
        names = Names(nodes, output)
        self.taken = names.taken
        self._texts: dict[int, str] = dict(names.texts)
        self.constants: list[tuple[str, Any]] = []
        self._add_constants(nodes, self.taken | set(self._texts.values()))

    def _add_constants(self, nodes: list[Tensor], taken: set[str]) -> None:
        arrays = {
            id(operand): operand
            for node in nodes
            for operand in node.inputs
            if isinstance(operand, np.ndarray) and not is_scalar_constant(operand)
        }
        texts = numbered("c", len(arrays), taken)
        self.constants = list(zip(texts, arrays.values(), strict=True))
        self._texts.update(zip(arrays, texts, strict=True))

    def __getitem__(self, node: Any) -> str:
        return self._texts[id(node)]

    def operand(self, operand: Any, digits: int | None = None) -> str:
        """An operand of a gate: a label, or a constant's number."""
        if id(operand) in self._texts:
            return self._texts[id(operand)]
        if is_scalar_constant(operand):
            return constant_text(operand, digits)
        return "…"


def definition(node: Tensor, labels: NodeNames, digits: int | None = None) -> str:
    """What made `node`, in the labels of its operands: ``q + b``, ``max(z, w)``, ``s × (−1)``."""
    return formula_of(node, [labels.operand(operand, digits) for operand in node.inputs])


def with_numbers(node: Tensor, digits: int | None) -> str | None:
    """The same with the operands' values put in; None where one of them is an array."""
    values = [operand.data if isinstance(operand, Tensor) else operand for operand in node.inputs]
    if not all(np.ndim(value) == 0 and _is_number(value) for value in (*values, node.data)):
        return None
    form = number_form(node, [f"v{slot}" for slot in range(len(values))], digits)
    return with_values(form, lambda name: number(float(values[int(name[1:])]), digits))


def pattern_of(node: Tensor) -> str:
    """What a gate does with the gradient that reaches it; one with a constant cannot swap.

    >>> x = Tensor(3.0)
    >>> pattern_of(x * x), pattern_of(x * 2), pattern_of(x + 2), pattern_of(2 - x)
    ('swaps', 'scales', 'distributes', 'scales')
    """
    return node.gate.pattern_with(receivers(node))


def receivers(node: Tensor) -> list[bool]:
    """Which operands of a gate receive a gradient; all Tensors where no gradient is wanted."""
    given = [operand if isinstance(operand, Tensor) else None for operand in node.inputs]
    wanting = [operand is not None and operand.requires_grad for operand in given]
    return wanting if any(wanting) else [operand is not None for operand in given]


def formula_of(node: Tensor, operands: list[str]) -> str:
    """A gate's formula with these texts for its operands, in brackets where they need them."""
    gate = node.gate
    name, symbol = gate.name, symbol_of(node)
    if name in _INFIX and len(operands) == 2:
        first, second = operands[0], _bracketed(operands[1])
        return f"{first} {_INFIX[name]} {second}"
    if name == "power" and len(operands) == 2 and symbol.startswith("x") and symbol != "xʸ":
        return f"{_bracketed(operands[0])}{symbol[1:]}"
    if name == "index":
        return f"{_bracketed(operands[0])}[{key_text(node.settings['key']) or '…'}]"
    if name in _WRITTEN:
        form = _WRITTEN[name]
        bare = form.startswith("|")
        return form.format(*(text if bare else _bracketed(text) for text in operands))
    return f"{_CALLED.get(name, gate.symbol)}({', '.join([*operands, *_settings(node)])})"


def rule_of(node: Tensor, digits: int | None = None) -> tuple[str, str]:
    """A gate's function and its derivative, its constant put in where it has one.

    >>> x = Tensor(3.0)
    >>> rule_of(x * x), rule_of(x + 1), rule_of(-2 * x), rule_of(x ** 3)
    (('a·b', 'b, a'), ('x+1', '1'), ('(−2)·x', '−2'), ('x³', '3·x²'))
    """
    folded = _folded_rule(node, digits)
    if folded is not None:
        return folded
    rule = told_rule(node.gate)
    function, arrow, derivative = rule.partition("→")
    return (function.strip(), derivative.strip()) if arrow else (rule, "")


def told_rule(gate: Any) -> str:
    """A gate's rule, in the reader's language where it has words."""
    rule = gate.rule or ""
    return say(rule)


def derivative_of(node: Tensor, slot: int) -> str:
    """The part of a gate's rule that is about one operand: ``g·Bᵀ`` for the first of ``A @ B``."""
    derivative = rule_of(node)[1]
    parts = derivative.split(", ")
    return parts[slot] if len(parts) == len(node.inputs) else derivative


def _folded_rule(node: Tensor, digits: int | None) -> tuple[str, str] | None:
    constants = [operand for operand in node.inputs if is_scalar_constant(operand)]
    if len(node.inputs) != 2 or len(constants) != 1:
        return None
    c = constant_text(constants[0], digits)
    inner, first = _bracketed(c), is_scalar_constant(node.inputs[0])
    match node.gate.name, first:
        case "add", _:
            return (f"x{c}" if c.startswith("−") else f"x+{c}"), "1"
        case "subtract", True:
            return f"{c}−x", "−1"
        case "subtract", False:
            return f"x−{inner}", "1"
        case "multiply", _:
            return f"{inner}·x", c
        case "divide", True:
            return f"{c}/x", f"−{inner}/x²"
        case "divide", False:
            return f"x/{inner}", f"1/{inner}"
        case "power", True:
            return f"{c}ˣ", f"{c}ˣ·ln {c}"
        case "power", False:
            less = symbol_of(Tensor(1.0) ** (float(np.ravel(constants[0])[0]) - 1), digits)
            return symbol_of(node, digits), f"{inner}·{'x' if less == 'x¹' else less}"
    return None


def _settings(node: Tensor) -> list[str]:
    """A gate's settings that were chosen, such as ``axis=0``."""
    said = {k: v for k, v in node.settings.items() if v is not None and v is not False}
    return [shortened(f"{key}={value}", LONGEST_NAME) for key, value in said.items()]


def _bracketed(text: str) -> str:
    """A text that is not one word or number, in brackets."""
    split = text.startswith("−") or any(sign in text for sign in _SIGNS)
    return f"({text})" if split and not (text[0] == "(" and text[-1] == ")") else text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number | np.ndarray)


# ---- forms: lines of a derivation with gaps, filled in here, and by the page in its own time.
# ⟦3⟧ is a gap for the label of wire 3. A gap for a number names it by a letter and a place:
#     ⟪v7⟫ the value of node 7, ⟪a7⟫ its gradient, ⟪d7.0⟫ its derivative by its first operand,
#     ⟪t7⟫ its tangent, ⟪c2⟫ the contribution of link 2, ⟪s⟫ the sum of what stands before.
# A "-" at its end asks for brackets around a negative number, a "!" around a power of ten, too.
# ≟ is "=" or "≈", as the numbers turn out.

_LABEL = re.compile(r"⟦(\d+)⟧")
_NUMBER = re.compile(r"⟪(\w[\d.]*)([!-]?)⟫")

# A tangent of forward mode, which the page alone shows: what it is, what an operand adds to it, or
# the input itself, and the same in numbers.
TANGENT = {
    "lead": "∂{to}/∂{input} = ",
    "operand": "∂{to}/∂{of} × ∂{of}/∂{input}",
    "input": "∂{to}/∂{input}",
    "numbers": "⟪d{node}.{slot}-⟫ × ⟪t{from}-⟫",
    "result": " ≟ ⟪t{node}⟫",
    "nothing": "0",
}


def label_gap(index: int) -> str:
    """The gap for a label.

    >>> label_gap(3)
    '⟦3⟧'
    """
    return f"⟦{index}⟧"


def number_gap(name: str, brackets: str = "") -> str:
    """The gap for a number.

    >>> number_gap("v3"), number_gap("d7.0", "-")
    ('⟪v3⟫', '⟪d7.0-⟫')
    """
    return f"⟪{name}{brackets}⟫"


def symbol_form(node: Tensor, labels: Sequence[str], digits: int | None = None) -> str:
    """A gate's formula in these texts for its operands, which stand where they are not ``""``."""
    return formula_of(
        node,
        [label or _constant(o, digits) for o, label in zip(node.inputs, labels, strict=True)],
    )


def number_form(node: Tensor, names: Sequence[str], digits: int | None = None) -> str:
    """A gate's formula with gaps of these names for the values of its operands.

    >>> x, y = Tensor(3.0), Tensor(-4.0)
    >>> number_form(x * y, ["v0", "v1"]), number_form(x.exp(), ["v0"])
    ('⟪v0⟫ × ⟪v1!⟫', 'exp(⟪v0⟫)')
    >>> number_form(x - 2, ["v0", ""])
    '⟪v0⟫ − 2'
    """
    # A text that begins with a minus shows where a negative number gets its brackets.
    gaps = [
        f"−{number_gap(name)}" if isinstance(operand, Tensor) else _constant(operand, digits)
        for name, operand in zip(names, node.inputs, strict=True)
    ]
    # Those of a call, which follow its name, stay whatever is called with.
    form = re.sub(r"(?<![^ (|])\(−⟪(\w+)⟫\)", r"⟪\1!⟫", formula_of(node, gaps))
    return form.replace("−⟪", "⟪")


def with_labels(form: str, label: Callable[[int], str]) -> str:
    """The form with its labels filled in.

    >>> with_labels("⟦0⟧ + ⟦1⟧", ["x", "y"].__getitem__)
    'x + y'
    """
    return _LABEL.sub(lambda gap: label(int(gap[1])), form)


def labels_of(form: str) -> list[str]:
    """The texts of a form and the wires of its gaps for labels, in turn; a text is first.

    >>> labels_of("⟦0⟧ + ⟦12⟧")
    ['', '0', ' + ', '12', '']
    """
    return _LABEL.split(form)


def with_values(form: str, number: Callable[[str], str], sign: str = "=") -> str:
    """The form with its numbers filled in, each by its name, and the sign before its result.

    >>> with_values("⟪a7⟫ × ⟪d7.0-⟫ ≟ ⟪c2⟫", {"a7": "−2", "d7.0": "−3", "c2": "6"}.__getitem__)
    '−2 × (−3) = 6'
    """
    return _NUMBER.sub(lambda gap: in_brackets(number(gap[1]), gap[2]), form).replace("≟", sign)


def gaps_of(form: str) -> list[str]:
    """The texts of a form and the names of its gaps for numbers, in turn; a text is first.

    >>> gaps_of("⟪a7⟫ × ⟪d7.0-⟫ ≟ ⟪c2⟫")
    ['', 'a7', ' × ', 'd7.0', ' ≟ ', 'c2', '']
    """
    return [part for i, part in enumerate(_NUMBER.split(form)) if i % 3 != 2]


def in_brackets(number: str, asked: str) -> str:
    """A number in the brackets that its gap asks for.

    >>> in_brackets("−2", ""), in_brackets("−2", "-"), in_brackets("2×10⁵", "!")
    ('−2', '(−2)', '(2×10⁵)')
    """
    is_split = number.startswith("−") or (asked == "!" and "×" in number)
    return f"({number})" if asked and is_split else number


def _constant(operand: Any, digits: int | None) -> str:
    return constant_text(operand, digits) if is_scalar_constant(operand) else "…"
