"""The public names of `autograd.extend`, for type checkers and editors.

Made by `python docs/stubs.py` from the tables in `extend.py`: edit those, not this file.
"""

from autograd.away import (
    Away as Away, giving_up as giving_up,
)
from autograd.command_line import (
    HelpFormatter as HelpFormatter, exit_code_of as exit_code_of, takes_colour as takes_colour,
)
from autograd.data import (
    as_data as as_data, as_dtype as as_dtype, is_number as is_number,
)
from autograd.eager import (
    Saved as Saved, apply as apply, value_of as value_of,
)
from autograd.effects import (
    replayed as replayed,
)
from autograd.exchange.reading import (
    ReadModel as ReadModel,
)
from autograd.expression import (
    UnwritableError as UnwritableError, in_javascript as in_javascript,
)
from autograd.files import (
    bytes_in_words as bytes_in_words, write_whole as write_whole,
)
from autograd.foreign import (
    MEMORY as MEMORY, Words as Words, find as find, missing as missing,
    unknown_keyword as unknown_keyword,
)
from autograd.gates.exponential import (
    sigmas as sigmas,
)
from autograd.gates.probabilities import (
    log_normalised as log_normalised, normalised as normalised,
)
from autograd.gates.reductions import (
    is_half as is_half,
)
from autograd.gates.registry import (
    gate as gate,
)
from autograd.gates.rules import (
    apply_or_compute as apply_or_compute,
)
from autograd.gates.shapes import (
    as_number as as_number, identity as identity,
)
from autograd.generators import (
    EVERYBODYS as EVERYBODYS, generators as generators, set_state as set_state, state as state,
)
from autograd.inside import (
    call_inside as call_inside, is_inside as is_inside,
)
from autograd.keywords import (
    guarded as guarded,
)
from autograd.latex import (
    LETTERS as LETTERS, OPERATORS as OPERATORS, SUBSCRIPTS as SUBSCRIPTS,
    SUPERSCRIPTS as SUPERSCRIPTS,
)
from autograd.leaving import (
    warn_at as warn_at,
)
from autograd.modes import (
    current as current, enable_grad as enable_grad,
)
from autograd.naming import (
    Names as Names, numbered as numbered,
)
from autograd.numerals import (
    MOST_WRITTEN as MOST_WRITTEN, added as added, constant as constant, equals as equals,
    full as full, is_as_printed as is_as_printed, number as number, printed as printed,
    sign_of_product as sign_of_product,
)
from autograd.origins import (
    user_frame as user_frame, warn_on as warn_on,
)
from autograd.phrases import (
    current_language as current_language, in_its_language as in_its_language,
    in_language as in_language, language as language, padded as padded, phrase as phrase,
    say as say, say_count as say_count, terminal_width as terminal_width,
)
from autograd.program.backend import (
    Request as Request, evaluate as evaluate, find_backend as find_backend,
)
from autograd.program.building import (
    of_graph as of_graph,
)
from autograd.program.compiled import (
    Compiled as Compiled,
)
from autograd.program.crew import (
    Crew as Crew, as_threads as as_threads, processors as processors,
)
from autograd.program.instruction import (
    Instruction as Instruction, Recording as Recording, Ref as Ref, Value as Value,
    with_registers as with_registers,
)
from autograd.program.jit.updates import (
    Loop as Loop,
)
from autograd.program.placement import (
    Placement as Placement,
)
from autograd.program.settings import (
    is_plain as is_plain,
)
from autograd.program.surroundings import (
    Surroundings as Surroundings,
)
from autograd.program.threads import (
    Threads as Threads,
)
from autograd.stable import (
    logistic as logistic,
)
from autograd.strangers import (
    stranger as stranger,
)
from autograd.tensor import (
    is_away as is_away, leaf as leaf,
)
from autograd.trees import (
    flatten as flatten,
)

__all__ = [
    "Away", "Compiled", "Crew", "EVERYBODYS", "HelpFormatter", "Instruction", "LETTERS", "Loop",
    "MEMORY", "MOST_WRITTEN", "Names", "OPERATORS", "Placement", "ReadModel", "Recording", "Ref",
    "Request", "SUBSCRIPTS", "SUPERSCRIPTS", "Saved", "Surroundings", "Threads", "UnwritableError",
    "Value", "Words", "added", "apply", "apply_or_compute", "as_data", "as_dtype", "as_number",
    "as_threads", "bytes_in_words", "call_inside", "constant", "current", "current_language",
    "enable_grad", "equals", "evaluate", "exit_code_of", "find", "find_backend", "flatten", "full",
    "gate", "generators", "giving_up", "guarded", "identity", "in_its_language", "in_javascript",
    "in_language", "is_as_printed", "is_away", "is_half", "is_inside", "is_number", "is_plain",
    "language", "leaf", "log_normalised", "logistic", "missing", "normalised", "number", "numbered",
    "of_graph", "padded", "phrase", "printed", "processors", "replayed", "say", "say_count",
    "set_state", "sigmas", "sign_of_product", "state", "stranger", "takes_colour", "terminal_width",
    "unknown_keyword", "user_frame", "value_of", "warn_at", "warn_on", "with_registers",
    "write_whole",
]
