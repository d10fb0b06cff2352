"""A PyTorch model as `torch.export` writes it down, for any number of rows where it can be.

PyTorch follows the model with a symbol for the first length of each input, and notes what it found
out about it, its guards. A guard that holds for all numbers but the smallest or the largest is a
range; one that does not fixes the example's number, and it says which line asked. PyTorch takes it
for granted that the symbol is not 1, so one row is for the caller to try.
"""

from __future__ import annotations

import linecache
import logging
import operator
import os
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from typing import Any, NamedTuple

from autograd.errors import UnsupportedError

__all__ = ["Export", "Range", "exported", "name_of", "operators_of"]

TRIED = (*range(2, 66), 100, 127, 128, 255, 1000, 1024)
"""Numbers of rows that a guard is tried on."""

FEW = 2
"""Rows of an example of one: the least that a symbol stands for."""


class Range(NamedTuple):
    """How many rows a model was read for: `most` None for any, but for some; why not for others."""

    least: int
    most: int | None
    why: str
    but: tuple[int, ...] = ()

    def __contains__(self, n: Any) -> bool:
        return self.least <= n and (self.most is None or n <= self.most) and n not in self.but

    def __str__(self) -> str:
        until = "on" if self.most is None else f"to {self.most}"
        return f"from {self.least} {until}" + "".join(f", but not {n}" for n in self.but)


class Export(NamedTuple):
    """What PyTorch wrote down.

    Attributes
    ----------
    program : its ExportedProgram.
    symbols : what the open lengths are called, by its symbols.
    ranges : of these, by their names.
    fixed : why no length is open; empty where one is.
    """

    program: Any
    symbols: dict[Any, str]
    ranges: dict[str, Range]
    fixed: str

    def length(self, of_torch: Any) -> int | str:
        """A length as PyTorch has it, open ones by their name."""
        if type(of_torch) is int:
            return of_torch
        name = self.symbols.get(of_torch.node.expr)
        return int(of_torch) if name is None else name


def exported(
    torch: Any, module: Any, tensors: tuple[Any, ...], rules: Callable[[str], Any], fixed: str = ""
) -> Export:
    """The model as PyTorch writes it down; what has no rule is taken apart where it can be.

    `fixed` says why the rows shall be those of the example. Raises UnsupportedError (a TypeError)
    for a model that PyTorch cannot write down.
    """
    with _reading(torch):
        found = fixed or _for_any_rows(torch, module, tensors)
        if isinstance(found, str):
            try:
                program = torch.export.export(module, tensors)
            except Exception as error:
                raise _unread(module, error) from error
            found = Export(program, {}, {}, found)
        if all(rules(name_of(node.target)) for node in operators_of(found.program)):
            return found
        table = torch.export.default_decompositions()
        for overload in list(table):
            if rules(name_of(overload)):
                table.pop(overload)
        try:
            return found._replace(program=found.program.run_decompositions(table))
        except Exception as error:
            raise _unread(module, error) from error


def _unread(module: Any, error: Exception) -> UnsupportedError:
    return UnsupportedError(
        "from_torch() reads what torch.export can write down, and it cannot the forward pass of "
        f"{type(module).__name__}: {_said_by(error)}. Write it without branches on values, or read "
        "its submodules one by one"
    )


@contextmanager
def _reading(torch: Any) -> Iterator[None]:
    """Transformers by the operators that they are written in, not by one for all of them, and
    without a look at the numbers of a mask, for which `torch.export` has no words; without what
    PyTorch says of its inside, which the error says."""
    transformer, log = torch.nn.modules.transformer, logging.getLogger("torch.fx.experimental")
    was = torch.backends.mha.get_fastpath_enabled(), transformer._detect_is_causal_mask, log.level
    torch.backends.mha.set_fastpath_enabled(False)
    transformer._detect_is_causal_mask = lambda mask, is_causal=None, size=None: is_causal is True
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was[0])
        transformer._detect_is_causal_mask = was[1]
        log.setLevel(was[2])


def _for_any_rows(torch: Any, module: Any, tensors: tuple[Any, ...]) -> Export | str:
    """The model with open first lengths, or why there are none."""
    lengths = [len(tensor) for tensor in tensors if tensor.ndim]
    if not lengths or 0 in lengths:
        return "its example has no rows"
    if set(lengths) == {1}:
        tensors = tuple(t.expand(FEW, *t.shape[1:]).clone() if t.ndim else t for t in tensors)
    auto = torch.export.Dim.AUTO
    open_axes = tuple({0: auto} if t.ndim and len(t) > 1 else None for t in tensors)
    try:
        program = torch.export.export(module, tensors, dynamic_shapes=(open_axes,)
                                      if _takes_all(module) else open_axes)  # fmt: skip
    except Exception as error:
        return f"for more rows PyTorch says: {_said_by(error)}"
    return _with_ranges(program)


def _takes_all(module: Any) -> bool:
    """Whether its `forward` takes all inputs in one parameter, ``*inputs``."""
    code = getattr(type(module).forward, "__code__", None)
    return bool(code and code.co_flags & 4 and code.co_argcount == 1)


def _with_ranges(program: Any) -> Export | str:
    """The export with what its guards say; why the rows are fixed where one fixes them."""
    specs = program.graph_signature.input_specs
    values = [
        node.meta["val"]
        for one, node in zip(specs, program.graph_module.graph.nodes, strict=False)
        if one.kind.name == "USER_INPUT"
    ]
    environment = values[0].fake_mode.shape_env
    guards = [g for g in environment.guards if not isinstance(g.expr, bool)]
    symbols: dict[Any, str] = {}
    for length in (value.shape[0] for value in values if value.ndim):
        expression = getattr(getattr(length, "node", None), "expr", None)
        if expression is None or expression.is_number:
            continue
        if not expression.is_Symbol:
            return f"one input has {expression} rows where another has {expression.free_symbols}"
        symbols.setdefault(expression, f"rows{len(symbols) + 1}" if symbols else "rows")
    if not symbols:
        return _fixed_by(guards)
    ranges = {name: _limits(program, symbol, guards) for symbol, name in symbols.items()}
    for guard in guards:
        expression = environment.replace(guard.expr)
        inside = [symbols[s] for s in expression.free_symbols if s in symbols]
        fails = list(_failures(expression, [ranges[name] for name in inside]))
        if len(fails) > FEW or (fails and len(inside) > 1):
            return _fixed_by([guard])
        for name in inside:
            old = ranges[name]
            ranges[name] = old._replace(but=(*old.but, *fails))
    return Export(program, symbols, ranges, "")


def _limits(program: Any, symbol: Any, guards: list[Any]) -> Range:
    limits = program.range_constraints.get(symbol)
    least, most = (_whole(limits.lower), _whole(limits.upper)) if limits else (FEW, None)
    why = (_where(guard) for guard in guards if symbol in guard.expr.free_symbols)
    return Range(least or FEW, most, next(filter(None, why), ""))


def _whole(limit: Any) -> int | None:
    return int(limit) if limit.is_finite and limit < 1 << 40 else None


def _failures(expression: Any, ranges: list[Range]) -> Iterator[int]:
    """The numbers of rows, of those tried, that are in the ranges and that a guard excludes."""
    for n in TRIED:
        if all(n in limits for limits in ranges):
            found = expression.subs(dict.fromkeys(expression.free_symbols, n))
            if not bool(found):
                yield n


def _where(guard: Any) -> str:
    """The line of the model's that a guard comes from, as text; empty for PyTorch's own lines."""
    frame = guard.sloc.framework_loc
    if frame is None or _is_pytorchs(frame.filename):
        return ""
    place, line = _place(frame.filename, frame.lineno)
    return f"{place} asks for their number: {line}"


def _is_pytorchs(file: str) -> bool:
    return f"{os.sep}torch{os.sep}" in file


def _place(file: str, number: int) -> tuple[str, str]:
    return f"line {number} of {os.path.basename(file)}", linecache.getline(file, number).strip()


def _fixed_by(guards: list[Any]) -> str:
    """Why no other number of rows fits: the model's own line, or PyTorch's function."""
    for guard in guards:
        if said := _where(guard):
            return said
    guard = guards[0] if guards else None
    function = getattr(getattr(guard, "sloc", None) and guard.sloc.framework_loc, "name", "")
    return "an operator of the model takes no other number" + (
        f" (PyTorch's {function} needs {guard.expr})" if guard and function else ""
    )


def _said_by(error: Exception) -> str:
    """PyTorch's first line, and the line of the model's that it is about."""
    said = " ".join(str(error).strip().splitlines()[:1])
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if file == __file__:
            break
        if not _is_pytorchs(file) and not file.startswith("<"):
            place, line = _place(file, number)
            return f"{said} ({place}: {line})"
    return said


def name_of(target: Any) -> str:
    """An operator and its overload, as in ``"add.Tensor"``; functions of lengths as in
    ``"operator.mul"``."""
    module = getattr(target, "__module__", "")
    if module in ("_operator", "math", "torch"):
        return f"{module.strip('_')}.{target.__name__}"
    return str(target).removeprefix("aten.")


def operators_of(program: Any) -> Iterator[Any]:
    """What computes something: `getitem` and checks of what we check ourselves do not."""
    for node in program.graph_module.graph.nodes:
        if node.op in ("placeholder", "output") or node.target is operator.getitem:
            continue
        if not name_of(node.target).startswith(("_assert", "sym_constrain")):
            yield node
