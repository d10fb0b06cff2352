"""Passes: each takes a recording and returns a better one of the same meaning.

They are small and separate, so that a listing can be printed before and after each. All of them
keep every bit: what runs is a part of what was recorded, or NumPy's own short cut for it.
"""

from __future__ import annotations

from collections.abc import Callable

from autograd.program.instruction import Recording
from autograd.program.passes.batching import batch_copies
from autograd.program.passes.equivalents import use_equivalents
from autograd.program.passes.folding import fold_constants
from autograd.program.passes.pruning import drop_dead_code
from autograd.program.passes.sharing import share_subexpressions

__all__ = ["PASSES", "stages"]

PASSES: tuple[Callable[[Recording], Recording], ...] = (
    drop_dead_code,
    fold_constants,
    batch_copies,
    use_equivalents,
    share_subexpressions,
    drop_dead_code,
)
"""In the order in which they run."""


def stages(recording: Recording) -> list[tuple[str, Recording]]:
    """What each pass made of a recording, by the pass's name; the last is what runs."""
    made = [("as recorded", recording)]
    for improve in PASSES:
        recording = improve(recording)
        made.append((improve.__name__.replace("_", " "), recording))
    return made
