"""Words are explained before they are used.

The glossary lists them, in both languages, and names the notebook in which each first stands. There
it is in bold, as **epoch**, in the sentence that explains it: for whoever reads the notebooks in
the order of their overview.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_notebooks import FOLDER, cells_of, reading_order, text_of

GLOSSARY = (FOLDER.parent / "docs" / "glossary.md").read_text("utf-8")
LINK = r"\[\d\d\]\(\.\./notebooks/(\w+)\.ipynb\)"
ROWS = re.findall(rf"^\| (.+?) \| (.+?) \| .+? \| {LINK} \|$", GLOSSARY, re.MULTILINE)

NO_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\$[^$]*\$|^#+ [^\n]*|\[[^]]*\]\([^)]*\)|<[^>]+>", re.DOTALL | re.MULTILINE
)
"""Code, formulas, headings, which announce, and links, which lead to what explains."""

PARTICLE = "은|는|이|가|을|를|의|에|와|과|로|으로|도|만|입|마다|부터|까지|처럼|들"


def english(word: str) -> str:
    letters = re.escape(word.partition(" (")[0]).replace(r"\ ", r"\s+")
    return rf"(?<![\w-]){letters}(?:s|es)?(?!\w)"


def korean(word: str) -> str:
    letters = re.escape(word).replace(r"\ ", r"\s+")
    return rf"(?<!\w){letters}(?=[^가-힣]|$|{PARTICLE})"


def prose(path: Path) -> str:
    texts = [text_of(cell) for cell in cells_of(path) if cell["cell_type"] == "markdown"]
    return NO_PROSE.sub(" ", "\n\n".join(texts))


def first_stand(word: str, words: list[str], pattern, books: dict[str, str]) -> tuple[str, bool]:
    """The notebook that has a word first, and whether the word is in bold there.

    Local gradient, a word of its own, is no stand of gradient.
    """
    longer = [other for other in words if other != word and re.search(pattern(word), other)]
    for stem, text in books.items():
        for other in longer:
            text = re.sub(pattern(other), lambda found: "~" * len(found[0]), text, flags=re.I)
        if found := re.search(pattern(word), text, re.I):
            return stem, text[: found.start()].endswith("**") and text[found.end() :][:2] == "**"
    return "no notebook", False


def test_rows_have_a_word_in_two_languages_and_its_notebook():
    words = [word for word, *_ in ROWS]
    assert len(words) == len(set(words)) > 80
    heads = 2 * GLOSSARY.count("\n## ")
    assert len(ROWS) == GLOSSARY.count("\n| ") - heads, "a row is not as the others are"


@pytest.mark.parametrize(
    ("folder", "pattern"), [(FOLDER, english), (FOLDER / "ko", korean)], ids=["en", "ko"]
)
def test_word_is_in_bold_where_it_first_stands(folder, pattern):
    books = {path.stem: prose(path) for path in reading_order(folder / "README.md")}
    assert sorted(books) == [path.stem for path in sorted(folder.glob("*.ipynb"))]
    words = [row[pattern is korean] for row in ROWS]
    wrong = [
        f"{word}: {stem}, {'bold' if bold else 'not bold'}, and not {told}, bold"
        for word, (*_, told) in zip(words, ROWS, strict=True)
        if told in books  # not all are translated
        for stem, bold in [first_stand(word, words, pattern, books)]
        if (stem, bold) != (told, True)
    ]
    assert not wrong, "\n".join(["", *wrong])


OTHERS_WORDS = {"label", "categorical"}  # an argument of Matplotlib's, and a loss of Keras'


def test_code_uses_no_word_that_a_later_notebook_explains():
    order = reading_order(FOLDER / "README.md")
    code = [
        "\n".join(text_of(cell) for cell in cells_of(path) if cell["cell_type"] == "code")
        for path in order
    ]
    at = {path.stem: place for place, path in enumerate(order)}
    for word, _, told in [row for row in ROWS if row[0] not in OTHERS_WORDS]:
        parts = re.split(r"[ -]", word.partition(" (")[0])
        name = re.compile(rf"(?<![a-z]){'[ _-]?'.join(map(re.escape, parts))}s?(?![a-z])", re.I)
        early = [path.stem for path, text in zip(order, code, strict=True) if name.search(text)]
        assert not early or at[early[0]] >= at[told], f"{word}: {early[0]}, before {told}"
