"""Write what code says into the catalogues of translations.

    python docs/phrases.py          all languages that there are
    python docs/phrases.py ja       a new one, too

Each `autograd/languages/*.po` gets the phrases that are new, without a translation, and loses those
that no code says any more; a reworded phrase is a new one, and the old translation stands beside it
as a comment. Translate what is empty, in any editor of .po files, and run the tests. Needs Babel
(extra: translate).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from autograd.gates.registry import PATTERNS
from autograd.reference import families

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "autograd" / "languages"
PACKAGES = ("autograd", "nn", "viz")
PHRASES = {"say": 1, "phrase": 1, "say_count": 2}
"""The functions that take phrases, and how many forms of one."""

HEADER = """\
# What gategrad says, in {name}.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={count}; plural={rule};\\n"

"""

_WHOLE = (ast.Constant, ast.Name, ast.Attribute, ast.Subscript)  # a text, or one from a table

Said = str | tuple[str, ...]
"""A phrase, or its forms for one and for many."""


_MATHEMATICS = {
    "exp", "ln", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos",
    "arctan", "arcsinh", "arccosh", "arctanh", "erf", "sinc", "max", "min", "mod", "clip",
    "where", "relu", "softmax", "det", "cof", "diag", "sym", "skew", "tri", "copyltu",
    "trunc", "sign", "var",
}  # fmt: skip
"""Words of formulas, which are the same in every language."""


def rules() -> Iterator[str]:
    """The rules of gates that have words in them: "a[i] → the upstream at i, 0 elsewhere"."""
    for family in families():
        for row in family.rows:
            if set(re.findall("[a-z]{2,}", row.gate.rule)) - _MATHEMATICS:
                yield row.gate.rule


@cache
def said() -> dict[Said, str]:
    """Every phrase of the code, and where it is said first.

    Raises SyntaxError where a phrase is put together before it is said: nobody could translate it.
    """
    found: dict[Said, str] = dict.fromkeys([*PATTERNS, *rules()], "autograd/gates")
    for path in (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                forms = node.args[: PHRASES.get(node.func.id, 0)]
                place = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
                if not all(isinstance(form, _WHOLE) for form in forms):
                    raise SyntaxError(f"{place}: write a phrase whole, with places in it: {{name}}")
                texts = tuple(str(form.value) for form in forms if isinstance(form, ast.Constant))
                if texts:
                    found.setdefault(texts if len(texts) > 1 else texts[0], place)
    return found


def opened(code: str) -> Any:
    """A language's catalogue; a new one where there is none."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    path = FOLDER / f"{code}.po"
    if not path.exists():
        return Catalog(locale=code, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def refreshed(code: str) -> bytes:
    """The catalogue's file as it ought to be, sorted, so that changes in two places merge."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    before = opened(code)
    texts = said()
    after = Catalog(locale=code)
    gone = {_key(message.id): message.string for message in before if message.id}
    gone = {key: string for key, string in gone.items() if key not in map(_key, texts)}
    for text in sorted(texts, key=_key):
        known = before.get(_key(text))
        entry = after.add(text, known.string if known else None)
        if not known and (near := get_close_matches(_key(text), gone, 1, 0.6)):
            entry.user_comments = [f"was: {near[0]}", f"     {gone[near[0]]}"]
        elif known:
            entry.user_comments = known.user_comments
    file = BytesIO()
    write_po(file, after, width=99, no_location=True, omit_header=True)
    header = HEADER.format(
        name=before.locale.english_name, code=code, count=before.num_plurals,
        rule=before.plural_expr,
    )  # fmt: skip
    return header.encode() + file.getvalue()


def _key(text: Said) -> str:
    return text if isinstance(text, str) else text[0]


def main(codes: Sequence[str]) -> None:
    for code in dict.fromkeys([*(path.stem for path in sorted(FOLDER.glob("*.po"))), *codes]):
        (FOLDER / f"{code}.po").write_bytes(refreshed(code))
        empty = sum(not all(_forms(message.string)) for message in opened(code) if message.id)
        sys.stdout.write(f"{code}: {len(said())} phrases, {empty} to be translated\n")


def _forms(string: Any) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    main(sys.argv[1:])
