"""What README.md and README.ko.md promise: their two commands, links that lead somewhere, and
snippets that run."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path

import pytest

from autograd.catalogues import entries

ROOT = Path(__file__).resolve().parent.parent

FRESH = "python3 -m venv .venv && .venv/bin/pip install -e"
COMMANDS = (
    f"{FRESH} . && .venv/bin/python -m viz --demo walkthroughs",
    f'{FRESH} ".[test]" && .venv/bin/python -m pytest -n 2',
)


each_readme = pytest.mark.parametrize("name", ["README.md", "README.ko.md"])


def readme(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@each_readme
@pytest.mark.parametrize("command", COMMANDS, ids=("demo", "test"))
def test_command_stands_in_the_readme_as_one_line(name, command):
    """.ci/run takes both from README.md, each by its own line."""
    assert command in (line.strip() for line in readme(name).splitlines())


@each_readme
def test_snippets_run_in_order(name, tmp_path, monkeypatch):
    """As a reader would: top to bottom, one namespace, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    text = readme(name)
    snippets = list(re.finditer(r"^```(python|pycon|text)\n(.*?)^```", text, re.M | re.S))
    assert snippets, f"{name} shows no Python"
    namespace = {"__name__": "__main__"}
    printed = io.StringIO()
    for snippet in snippets:
        kind, code, line = *snippet.groups(), text[: snippet.start(2)].count("\n")
        if kind == "pycon":
            run_session(name, code, namespace, line)
        elif kind == "text":  # what the snippet before it printed
            assert lines_of(code) == lines_of(printed.getvalue()), f"{name}:{line + 1}"
        else:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                # Blank lines in front make a traceback name the line of the file.
                exec(compile("\n" * line + code, str(ROOT / name), "exec"), namespace)


def lines_of(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def run_session(name: str, code: str, namespace: dict, line: int) -> None:
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    session = doctest.DocTestParser().get_doctest(code, namespace, name, name, line)
    runner = doctest.DebugRunner(optionflags=flags, verbose=False)  # raises at the first mismatch
    try:
        runner.run(session, clear_globs=False)
    except doctest.DocTestFailure as failure:
        where = f"{name}:{line + failure.example.lineno + 1}"
        pytest.fail(
            f"{where}: {failure.example.source}gave {failure.got}not {failure.example.want}"
        )
    namespace.update(session.globs)


def test_the_map_names_files_that_are_there():
    """Each in a package, or in a folder of one that its section has named so far."""
    text = readme("docs/architecture.md")
    packages = [ROOT, *(ROOT / name for name in ("autograd", "autograd/program", "nn", "viz"))]
    for section in re.split("^## ", text, flags=re.M):
        folders = [""]
        for folder, file in re.findall(r"`(?:([\w/]+)/|([\w/]+\.(?:py|js|md)))`", section):
            folders.append(folder or file.rpartition("/")[0])
            places = [home / inner / file for home in packages for inner in folders]
            assert not file or any(place.is_file() for place in places), file
    for picture in re.findall(r"\]\(([\w-]+\.svg)\)", text):
        assert (ROOT / "docs" / picture).exists()


def test_links_of_the_korean_readme_lead_somewhere():
    for link in re.findall(r"\]\(([^)]+)\)", readme("README.ko.md")):
        assert (ROOT / link).exists(), link


def test_the_glossary_has_the_words_of_pictures_and_pages():
    rows = re.findall(r"^\| ([^|]+) \| ([^|]*[가-힣][^|]*) \|", readme("docs/glossary.md"), re.M)
    known = entries((ROOT / "autograd" / "languages" / "ko.po").read_text("utf-8"))
    shared = {english: korean for english, korean in rows if english in known}
    assert len(rows) > 40 and len(shared) > 10
    assert shared == {english: known[english] for english in shared}
    texts = "\n".join(known.values())
    for word in ("상류 기울기", "국소 기울기", "역전파", "은닉층", "가중치", "편향", "수용 영역"):
        assert word in texts and word in dict(rows).values()
