"""Korean particles, whose form depends on the sound that the word before them ends with."""

from __future__ import annotations

import re

__all__ = ["with_particles"]

_PARTICLE = re.compile(r"([^\s()\[\]}'\"’”]?)([)\]}'\"’”]*)\((은|이|을|과|으로)/(는|가|를|와|로)\)")
_FINAL_DIGITS = "013678"  # 영 일 삼 육 칠 팔, and 십, 백, 천, 만
_FINAL_LETTERS = "lmnrLMNRευο⁰¹²³⁴⁵⁶⁷⁸⁹′"  # as names: 엘 엠 엔 알, 엡실론, 제곱, 프라임
_FINAL_WORD = re.compile(r"[a-z](?:[lmn]e?|ng)$", re.IGNORECASE)
_SMALL = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def with_particles(text: str) -> str:
    """A text in which each ``(은/는)``, ``(을/를)``, ``(으로/로)`` is as the word before asks.

    Numerals and letters count as they are read aloud, English words by how they end. After ⟦0⟧, a
    label that a page is to fill in, the page chooses.

    >>> with_particles("x(은/는) 3(이/가) 되고 sum(을/를) 노드 7(으로/로), '값'(과/와)")
    "x는 3이 되고 sum을 노드 7로, '값'과"
    """

    def chosen(match: re.Match[str]) -> str:
        if match[1] == "⟧":
            return match[0]
        final = _final(text[: match.end(1)])
        closed = bool(final) and (final, match[3]) != ("ㄹ", "으로")
        return match[1] + match[2] + match[3 if closed else 4]

    return _PARTICLE.sub(chosen, text)


def _final(word: str) -> str:
    """The consonant with which a word ends as it is read: "ㄹ", another ("x"), or none."""
    last = word[-1:].translate(_SMALL)
    if "가" <= last <= "힣":
        place = (ord(last) - ord("가")) % 28
        return "ㄹ" if place == 8 else "x" if place else ""
    if last.isdigit() and last.isascii():
        return "ㄹ" if last in "178" else "x" if last in _FINAL_DIGITS else ""
    if word[-2:-1].isascii() and word[-2:-1].isalpha() and last.isascii():
        if match := _FINAL_WORD.search(word):
            return "ㄹ" if "l" in match[0].lower()[1:] else "x"
        return ""
    return "" if last not in _FINAL_LETTERS else "ㄹ" if last in "lLrR" else "x"
