"""The page's script and style without what only their readers need: comments and blanks.

Names stay as they are, so that a page's script can still be read beside its source.
"""

from __future__ import annotations

import re

# Strings, templates (without another inside), regular expressions, which follow an operator.
_TOKEN = re.compile(
    r"""(?P<kept>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`
        |(?<=[(,=:\[!&|?{};\n ])/(?![/* ])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<blank>\s+)
    |(?P<other>[\w$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[\w$]")
_OPEN, _CLOSE = "{;,([:?=&|>", ")}],.?:&|=<"  # After and before which a line does not end.


def script(source: str) -> str:
    """JavaScript without comments and blanks; lines end where they must, and ``const`` is ``let``.

    >>> script("// Says so.\\nif (a) {\\n  b(a + 1);  // twice\\n}\\nconst c = /[/ ]+/g;\\n")
    'if(a){b(a+1)}\\nlet c=/[/ ]+/g;'
    """
    written = ""
    waiting = ""  # The blanks since the last token.
    for found in _TOKEN.finditer(source):
        token = found[0]
        if found["blank"] or found["comment"]:
            waiting += token if found["blank"] else "\n" if "\n" in token else " "
            continue
        token = "let" if token == "const" else token
        last, first = written[-1:], token[0]
        if waiting and last:
            if "\n" in waiting and last not in _OPEN and first not in _CLOSE:
                written += "\n"
            elif (_WORD.match(last) and _WORD.match(first)) or last + first in ("++", "--"):
                written += " "
        if token == "}" and last == ";":
            written = written[:-1]
        written += token
        waiting = ""
    return written


def style(source: str) -> str:
    """CSS without comments and blanks.

    >>> style("/* Red. */ .a .b { color: red; }")
    '.a .b{color:red;}'
    """
    text = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,]) ?|(?<=[\w-]): ", lambda found: found[1] or ":", text).strip()
