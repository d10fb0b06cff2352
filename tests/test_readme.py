"""What README.md promises: its two commands stand in it, and its snippets run."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FRESH = "python3 -m venv .venv && .venv/bin/pip install -e"
COMMANDS = (
    f"{FRESH} . && .venv/bin/python -m viz --demo walkthroughs",
    f'{FRESH} ".[test]" && .venv/bin/python -m pytest -n 2',
)


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=("demo", "test"))
def test_command_stands_in_the_readme_as_one_line(command):
    """.ci/run takes both from there, each by its own line."""
    assert command in (line.strip() for line in readme().splitlines())


def test_snippets_run_in_order(tmp_path, monkeypatch):
    """As a reader would: top to bottom, one namespace, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    text = readme()
    snippets = list(re.finditer(r"^```(python|pycon|text)\n(.*?)^```", text, re.M | re.S))
    assert snippets, "README.md shows no Python"
    namespace = {"__name__": "__main__"}
    printed = io.StringIO()
    for snippet in snippets:
        kind, code, line = *snippet.groups(), text[: snippet.start(2)].count("\n")
        if kind == "pycon":
            run_session(code, namespace, line)
        elif kind == "text":  # what the snippet before it printed
            assert lines_of(code) == lines_of(printed.getvalue()), f"README.md:{line + 1}"
        else:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                # Blank lines in front make a traceback name the line of README.md.
                exec(compile("\n" * line + code, str(ROOT / "README.md"), "exec"), namespace)


def lines_of(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def run_session(code: str, namespace: dict, line: int) -> None:
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    session = doctest.DocTestParser().get_doctest(code, namespace, "README", "README.md", line)
    runner = doctest.DebugRunner(optionflags=flags, verbose=False)  # raises at the first mismatch
    try:
        runner.run(session, clear_globs=False)
    except doctest.DocTestFailure as failure:
        where = f"README.md:{line + failure.example.lineno + 1}"
        pytest.fail(
            f"{where}: {failure.example.source}gave {failure.got}not {failure.example.want}"
        )
    namespace.update(session.globs)


def test_the_map_names_files_that_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("[abdnt]*/**/*.*")}
    for package in ("viz", "gategrad"):
        files |= {path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*.*")}
    for name in re.findall(r"`([\w/]+\.(?:py|md))`|\]\(([\w-]+\.svg)\)", text):
        assert any(f"/{file}".endswith(f"/{''.join(name)}") for file in files), name
