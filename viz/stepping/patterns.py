"""What a gate does to the gradient that reaches it, in a sentence; also the hints of a quiz."""

from __future__ import annotations

_SENTENCES = {
    "distributes": "{} distributes: each input receives the upstream gradient as it is.",
    "swaps": "{} swaps: each input receives the upstream gradient times the other input.",
    "routes": "{} routes: the gradient goes to where the value came from, and nowhere else.",
    "scales": "{} scales: the upstream gradient times its own derivative, {rule}.",
    "copies": "{} copies: every element that was added receives the upstream gradient.",
    "moves": "{} moves: each gradient goes back to the place its value came from.",
    "mixes": "{} mixes its inputs, each by its own rule: {rule}.",
}
_OWN = {
    "subtract": "{} distributes: the first input receives the upstream gradient as it is, "
    "the second one with its sign turned.",
}


def in_words(pattern: str, symbol: str, name: str, rule: str) -> str:
    """The pattern of a gate as a sentence.

    >>> in_words("distributes", "+", "add", "a+b → 1, 1")
    '+ distributes: each input receives the upstream gradient as it is.'
    """
    if pattern == "routes" and name not in _EXTREMA:
        symbol = name
    sentence = _OWN.get(name, _SENTENCES[pattern])
    return sentence.format(symbol, rule=rule)


_EXTREMA = ("maximum", "minimum", "max", "min", "fmax", "fmin")
