"""Notebooks in another language are the English ones with their texts translated.

Tests do not execute them: their code is the English notebooks' code, byte for byte, and those are
run. Their outputs are of the same kinds, and in their language.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from notebooks import refresh

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
TRANSLATED = sorted(FOLDER.glob("*/*.ipynb"))

each_translated = pytest.mark.parametrize(
    "path", TRANSLATED, ids=lambda path: f"{path.parent.name}-{path.stem}"
)

FENCED = re.compile(r"```.*?```", re.DOTALL)
VERBATIM = re.compile(r"`[^`]+`|\$[^$]+\$|</?\w+>")  # code, formulas, tags
LINK = re.compile(r"\]\(([^)\s]+)\)")
DIGITS = re.compile(r"\d[\d,.]*(?<![,.])")
NUMBER = re.compile(r"\d[\d,.]*(?<![,.])|[²³¼½]")


def cells_of(path: Path) -> list[dict]:
    """Those that a notebook is about: without its opening."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in cells if not refresh.is_opening(cell)]


def texts(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells_of(path) if cell["cell_type"] == "markdown"]


def pairs(path: Path) -> list[tuple[str, str]]:
    return list(zip(texts(FOLDER / path.name), texts(path), strict=True))


def test_each_catalogue_has_its_notebook():
    assert TRANSLATED, f"no .ipynb in a folder below {FOLDER.name}/"
    assert [path.with_suffix(".po") for path in TRANSLATED] == sorted(FOLDER.glob("*/*.po"))


def printed(output: dict) -> str:
    """An output as text."""
    return "".join(output.get("text") or output["data"]["text/plain"])


@each_translated
def test_code_and_kinds_of_outputs_are_those_of_the_english_notebook(path):
    def but_for_words(whole: str) -> str:
        notebook = json.loads(whole)
        notebook["cells"] = [cell for cell in notebook["cells"] if not refresh.is_opening(cell)]
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                del cell["source"]
            for output in cell.get("outputs", ()):
                output["data"] = sorted(output.get("data", ()))
                output.pop("text", None)
        return json.dumps(notebook)

    english = (FOLDER / path.name).read_text("utf-8")
    assert but_for_words(path.read_text("utf-8")) == but_for_words(english)


@each_translated
def test_outputs_speak_the_language_and_have_the_english_ones_numbers(path):
    both = zip(cells_of(FOLDER / path.name), cells_of(path), strict=True)
    for cell, ours in both:
        for output, own in zip(cell.get("outputs", ()), ours.get("outputs", ()), strict=True):
            text, told = printed(output), printed(own)
            if re.match("<(Picture|Stepper|Playground)", text):
                assert re.search("[가-힣]", told), told
            if re.search("[가-힣]", told):
                assert Counter(DIGITS.findall(told)) == Counter(DIGITS.findall(text)), told
            else:
                assert told == text


@each_translated
def test_code_formulas_and_numbers_are_those_of_the_english_text(path):
    for english, text in pairs(path):
        assert FENCED.findall(text) == FENCED.findall(english)
        prose, english_prose = FENCED.sub("", text), FENCED.sub("", english)
        assert Counter(VERBATIM.findall(prose)) == Counter(VERBATIM.findall(english_prose)), text
        lost = set(NUMBER.findall(english_prose)) - set(NUMBER.findall(prose))
        assert not lost, f"numbers {lost} are not in: {text}"


@each_translated
def test_links_lead_where_those_of_the_english_text_lead(path):
    for english, text in pairs(path):
        links = sorted(LINK.findall(text), key=lambda link: link.removeprefix("../"))
        assert [link.removeprefix("../") for link in links] == sorted(LINK.findall(english)), text
        for link in links:
            if "://" not in link:
                assert (path.parent / link.split("#")[0]).exists(), f"a link to nowhere: {link}"


@each_translated
def test_bold_letters_end_where_markdown_sees_it(path):
    """Between a full stop and a letter, `**` is text: a particle must not follow it at once."""
    for _, text in pairs(path):
        pieces = re.sub("`[^`]+`", "`x`", FENCED.sub("", text)).split("**")
        assert len(pieces) % 2, f"an odd number of **: {text}"
        for before, bold, after in zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False):
            assert not re.match(r"\w[^\w\s]", before[-1:] + bold[0]), f"{before[-9:]}**{bold}"
            assert not re.match(r"[^\w\s]\w", bold[-1] + after[:1]), f"{bold}**{after[:9]}"


@pytest.mark.notebook
@each_translated
def test_headings_lists_and_tables_are_those_of_the_english_text(path):
    """A line that begins with "+ " is a list to Markdown, also where a gate is meant."""
    markdown = pytest.importorskip("markdown_it", reason="needs the extra docs")
    parse = markdown.MarkdownIt().enable("table").parse
    for english, text in pairs(path):
        blocks, ours = (
            [token.tag for token in parse(whole) if token.tag] for whole in (english, text)
        )
        assert ours == blocks, text


@each_translated
def test_index_of_the_language_shows_the_notebook(path):
    index = (path.parent / "README.md").read_text("utf-8")
    assert f"]({path.name})" in index
    for link in LINK.findall(index) + re.findall(r'src="([^"]+)"', index):
        assert "://" in link or (path.parent / link).exists(), f"a link to nowhere: {link}"


@pytest.mark.notebook
@each_translated
def test_committed_notebook_is_what_its_catalogue_gives(path):
    nbformat = pytest.importorskip("nbformat", reason="needs the extra notebook")
    pytest.importorskip("babel", reason="needs the extra notebook")
    built = nbformat.writes(refresh.translated(path.with_suffix(".po")))
    assert path.read_text("utf-8") == built + "\n", "python notebooks/refresh.py --translate"


CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{}'


@pytest.mark.notebook
@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ("", "not translated: '# Why\\?"),
        ('msgid "# Why?"\nmsgstr ""', "not translated: '# Why\\?"),
        ('#, fuzzy\nmsgid "# Why?"\nmsgstr "# 왜?"', "not translated: '# Why\\?"),
        (
            'msgid "# Why?"\nmsgstr "# 왜?"\n\nmsgid "# How?"\nmsgstr "# 어떻게?"',
            "of no cell: '# How",
        ),
    ],
    ids=["missing", "empty", "fuzzy", "stale"],
)
def test_a_cell_without_its_translation_is_named(tmp_path, monkeypatch, entries, said):
    nbformat = pytest.importorskip("nbformat", reason="needs the extra notebook")
    pytest.importorskip("babel", reason="needs the extra notebook")
    monkeypatch.setattr(refresh, "FOLDER", tmp_path)
    v4 = nbformat.v4
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("# Why?")]), tmp_path / "01.ipynb")
    catalogue = tmp_path / "ko" / "01.po"
    catalogue.parent.mkdir()
    catalogue.write_text(CATALOGUE.format(entries), "utf-8")
    with pytest.raises(LookupError, match=rf"(?s)01\.po.*{said}"):
        refresh.translated(catalogue)
