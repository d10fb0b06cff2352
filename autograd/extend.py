"""What packages on top of the engine use of its inside, on one page: `nn` and `viz` use no more.

Public names, `ag.gate` and the errors among them, are in `autograd` itself. Those here are for
whoever writes gates, modules or pictures as the engine's own are written; each file is imported
when one of its names is first asked for.

Values and nodes
    value_of : the value of a Tensor, or of lists that hold some; anything else as it is.
    as_data, as_dtype, is_number : what a node may hold, checked, and whether it is a Python float.
    leaf : a node around data that are known to be right, which wants no gradient.
    is_away : whether a back end keeps the data of a Tensor, which looking would bring back.
    flatten : the leaves of nested lists, tuples and dicts, with their structure.

Gates
    gate : an entry of the table, whose rules are trusted; `ag.gate` checks what rules answer.
    apply, Saved : the node of a gate on operands; what a gate's function keeps for its rule.
    replayed : a check of values that a compiled program repeats at each run.
    identity, as_number : the same value as a node of its own; the one number of an array.
    apply_or_compute : the same of Tensors, or the plain value of values, as rules need it.
    logistic, sigmas, normalised, log_normalised : functions of plain values, which gates share.
    is_half : whether a value is of a dtype in which sums overflow.

Functions that are differentiated or compiled
    call_inside : calls a function to differentiate or to record it: no gradient is lost in it.
    is_inside, warn_at : whether a node was made in such a call; a warning on the user's line.
    current : the mode that holds: its scope, whether it records, whether it watches for anomalies.
    enable_grad : a block that records, also inside of `ag.no_grad`.
    user_frame, warn_on : the frame of the user's line; a warning of any kind on a frame's line.
    Surroundings, is_plain : what a function can reach by name; whether that is a plain value.
    EVERYBODYS, generators, state, set_state : generators of random numbers that it can reach.

Programs
    of_graph : the program of a graph that was recorded already.
    Compiled : what `ag.compile` returns; its programs may go on with the gradients.
    Recording, Instruction, Ref, Value : what is compiled; a call of it, what stands for a value
        among its arguments, and what is known of a value before it is there.
    evaluate, with_registers : runs one call by NumPy; arguments with something in place of each
        `Ref`.
    Threads : a block that runs on a number of BLAS threads.
    Crew, as_threads, processors : threads that wait to do a part of a loop each; a number of them
        that was asked for, checked; how many there are to run on.
    Loop : elementwise calls that write into arrays, as one loop that Numba compiles.
    Placement : devices that share the rows of a compiled function's arguments.
    find_backend, Request : what runs recordings, by name, or the error that names those known;
        what it is told besides.
    Away, giving_up : stands for data that a back end keeps; held while it writes over them.

Numbers, names and rules as text
    number, full, printed, constant, added : a number as it is written, short, in full, as an
        operand, in a sum.
    equals, is_as_printed, sign_of_product, MOST_WRITTEN : when "=" is "≈", when "−" is "+", and
        how many numbers are written out.
    Names, numbered : what nodes without a name are called.
    LETTERS, OPERATORS, SUBSCRIPTS, SUPERSCRIPTS : the characters of rules, in LaTeX.
    in_javascript, UnwritableError : a gate's expression in JavaScript; there is no such text.
    bytes_in_words : ``"1.5 MB"``.

What readers are told, in their language
    say, say_count, phrase : a phrase; one about a number of things; marks one that is said later.
    language, in_language : a block in a language; a function that takes `language=`.
    current_language, in_its_language : that of the block; a function that says what its first
        argument says, in the language which that has kept.
    terminal_width, padded : how many columns of a terminal a text takes; with blanks beside it.
    exit_code_of, HelpFormatter, takes_colour : runs a command line, with messages for tracebacks;
        its help; whether a stream shows colours.

Files, models and errors
    ReadModel : what `ag.from_onnx` and `ag.from_torch` return.
    stranger : the library that a value is from, if we know it, and how its models come here.
    write_whole : writes a file so that nobody ever sees half of it.
    find, missing, Words, MEMORY : the errors of names that other libraries have.
    guarded, unknown_keyword : a function that answers keywords which it does not take; the error.

>>> import autograd as ag
>>> from autograd.extend import apply, gate, value_of
>>> double = gate(lambda a: 2.0 * a, vjp=lambda g, out, a: 2.0 * g, name="double")
>>> y = apply(double, (ag.Tensor([1.0, 2.0]),))
>>> value_of(y), y.gate.name
(array([2., 4.]), 'double')
"""

import sys
from importlib import import_module
from typing import Any

_NAMES = {
    "eager": ("Saved", "apply", "value_of"),
    "data": ("as_data", "as_dtype", "is_number"),
    "tensor": ("is_away", "leaf"),
    "trees": ("flatten",),
    "gates.registry": ("gate",),
    "effects": ("replayed",),
    "gates.rules": ("apply_or_compute",),
    "gates.shapes": ("as_number", "identity"),
    "gates.exponential": ("sigmas",),
    "stable": ("logistic",),
    "gates.probabilities": ("log_normalised", "normalised"),
    "gates.reductions": ("is_half",),
    "inside": ("call_inside", "is_inside"),
    "leaving": ("warn_at",),
    "modes": ("current", "enable_grad"),
    "origins": ("user_frame", "warn_on"),
    "program.settings": ("is_plain",),
    "program.surroundings": ("Surroundings",),
    "generators": ("EVERYBODYS", "generators", "set_state", "state"),
    "program.building": ("of_graph",),
    "program.compiled": ("Compiled",),
    "program.threads": ("Threads",),
    "program.crew": ("Crew", "as_threads", "processors"),
    "program.jit.updates": ("Loop",),
    "program.placement": ("Placement",),
    "away": ("Away", "giving_up"),
    "program.backend": ("Request", "evaluate", "find_backend"),
    "program.instruction": ("Instruction", "Recording", "Ref", "Value", "with_registers"),
    "numerals": (
        "MOST_WRITTEN", "added", "constant", "equals", "full", "is_as_printed", "number", "printed",
        "sign_of_product",
    ),
    "naming": ("Names", "numbered"),
    "expression": ("UnwritableError", "in_javascript"),
    "latex": ("LETTERS", "OPERATORS", "SUBSCRIPTS", "SUPERSCRIPTS"),
    "phrases": (
        "current_language", "in_its_language", "in_language", "language", "padded", "phrase", "say",
        "say_count", "terminal_width",
    ),
    "command_line": ("HelpFormatter", "exit_code_of", "takes_colour"),
    "exchange.reading": ("ReadModel",),
    "strangers": ("stranger",),
    "files": ("bytes_in_words", "write_whole"),
    "foreign": ("MEMORY", "Words", "find", "missing", "unknown_keyword"),
    "keywords": ("guarded",),
}  # fmt: skip

_HOMES = {name: home for home, names in _NAMES.items() for name in names}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        if name.startswith("__"):  # what Python and its tools ask every module for
            raise AttributeError(f"module 'autograd.extend' has no attribute {name!r}")
        from autograd.foreign import NAMES, missing

        raise missing(sys.modules[__name__], name, NAMES)
    globals()[name] = value = getattr(import_module(f"autograd.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
