"""What the scripts of a page say; they put the numbers in."""

from __future__ import annotations

from autograd.extend import phrase, say

PHRASES = {
    "picture": phrase("Picture"),
    "whole": phrase("Whole picture"),
    "first": phrase("First step"),
    "back": phrase("Back"),
    "play": phrase("Play"),
    "pause": phrase("Pause"),
    "next": phrase("Next"),
    "last": phrase("Last step"),
    "steps": phrase("Steps"),
    "place": phrase("Step {index} of {last}"),
    "graph": phrase("The graph"),
    "forward": phrase("Forward {place} of {count}"),
    "backward": phrase("Backward {place} of {count}"),
    "gradient": phrase("gradient {gradient}"),
    "more": phrase("… {count} more …"),
    # ---- inputs that are changed, and forward mode
    "mode": phrase("Forward mode"),
    "off": phrase("off"),
    "pushed": phrase("Forward mode: {derivative}, for this one input."),
    "pulled": phrase("The backward pass finds the same, for all inputs at once: {derivative}."),
    "changed": phrase("What if?"),
    "follow": phrase("Drag or type an input; every value and gradient follows."),
    "reset": phrase("Reset"),
    "drag": phrase("{name}, drag"),
    "quiz": phrase("Quiz"),
    # ---- the quiz
    "asked": phrase("gradient that reaches {name}"),
    "check": phrase("Check"),
    "hint": phrase("Hint"),
    "show": phrase("Show"),
    "again": phrase("Again"),
    "right": phrase("Right."),
    "unread": phrase("Type a number, such as −0.39, 1/3 or 2 × (−3)."),
    "part": phrase("{right} of {count} are right."),
    "sign": phrase("The sign is wrong, the size is right."),
    "local": phrase("That is the local gradient: multiply it by the upstream gradient."),
    "upstream": phrase("That is the upstream gradient: multiply it by the local gradient."),
    "total": phrase("That is the sum of all branches: only this one is asked for."),
    "own": phrase("Multiply by the value of the other input, not by its own."),
    "added": phrase("That is upstream plus local: multiply them."),
    "value": phrase("That is the value of the wire: its gradient is asked for."),
    "wrong": phrase("Not yet."),
    "up": phrase("The upstream gradient is {number}."),
    "product": phrase("The local gradient is {number}; the answer is {product}."),
    "unasked": phrase("The quiz leaves out gradients of more than 12 numbers."),
    "score": phrase(
        "Score: {right} of {total} right, {first} at the first go. Answers within 2 % count, and "
        "products such as 2 × (−3). Next shows what is left open."
    ),
    "done": phrase("Done: {right} of {total} right, {first} at the first go, {shown} shown."),
    "perfect": phrase("Every one at the first go."),
    "good": phrase("All are right in the end. Look again at:"),
    "look": phrase("Look again at:"),
}

LACKS = {
    "gate": phrase("Inputs cannot be changed here: the page cannot compute the gate {name}."),
    "array": phrase(
        "Inputs cannot be changed here: the page computes arrays of up to {count} numbers, with "
        "one or two axes, that are written out in the picture."
    ),
    "dtype": phrase(
        "Inputs cannot be changed here: the page computes in double and single precision alone, "
        "np.float64 and np.float32."
    ),
    "graph": phrase("Inputs cannot be changed here: the graph is too large."),
}
"""Why a page has no What if?."""


def phrases() -> dict[str, str]:
    """All of them, in the reader's language."""
    return {name: say(text) for name, text in PHRASES.items()}
