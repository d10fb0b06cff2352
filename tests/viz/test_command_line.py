"""``python -m viz``, in a process of its own and through `main`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from viz import __main__ as command_line

ROOT = Path(__file__).resolve().parents[2]
NEURON = ["1/(1+exp(-(w0*x0+w1*x1+w2)))", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3"]


def run(*words: str, **settings) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "viz", *words], capture_output=True, text=True, check=False,
        encoding="utf-8", env={**environment, **settings.pop("env", {})}, **settings,
    )  # fmt: skip


@pytest.fixture
def refused(capsys):
    """What the command line says on standard error, after its exit code and nothing printed."""

    def call(*words: str, code: int = 2) -> str:
        try:
            assert command_line.main(words) == code
        except SystemExit as stopped:
            assert stopped.code == code
        out, err = capsys.readouterr()
        assert out == ""
        assert "Traceback" not in err
        return err

    return call


def test_table_in_a_process_of_its_own():
    done = run(*NEURON)
    assert done.returncode == 0, done.stderr
    assert "df/dx1  =  −0.5898" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_picture_in_a_process_of_its_own(tmp_path):
    done = run(*NEURON, "-o", "neuron.svg", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "wrote neuron.svg\n"), done.stderr
    svg = (tmp_path / "neuron.svg").read_text("utf-8")
    assert "<svg" in svg
    assert "−0.5898" in svg


def test_signs_go_through_an_old_code_page():
    done = run("x-y", "x=1", "y=2", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert "−1" in done.stdout


def test_errors_have_no_traceback():
    done = run("x.y", "x=1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "python -m viz: there are no attributes; write functions as in exp(x)\n    x.y\n     ^^\n"
    )


def test_the_reading_of_products_without_a_sign_is_told(tmp_path, capsys):
    assert command_line.main(["(x+y)z", "x=1", "y=-2", "z=1"]) == 0
    assert capsys.readouterr().out.startswith("read as (x+y)*z\n")
    assert command_line.main(["2xy", "x=1", "y=-2", "-o", str(tmp_path / "f.svg")]) == 0
    assert "<title>read as 2*x*y</title>" in (tmp_path / "f.svg").read_text()
    assert command_line.main(["1/2x", "x=1"]) == 2


@pytest.mark.parametrize("name", ["sigmoid-neuron", "E2", "e2"])
def test_examples_by_name_and_number(name, capsys):
    assert command_line.main(["--example", name]) == 0
    assert "0.7311" in capsys.readouterr().out


def test_list_of_examples(capsys):
    assert command_line.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["E1", "chain-rule"], ["E2", "sigmoid-neuron"], ["E3", "max-router"], ["E4", "fork"],
        ["E5", "matrix"],
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf", ".dot", ".html"])
def test_every_kind_of_file(suffix, tmp_path, capsys):
    file = tmp_path / f"f{suffix}"
    options = ["--theme", "dark", "--direction", "TB", "--digits", "3", "--title", "A neuron"]
    assert command_line.main(["--example", "E2", "-o", str(file), *options]) == 0
    assert file.stat().st_size > 500


def test_options_stand_anywhere(capsys):
    assert command_line.main(["x*y", "--digits", "2", "x=1.234", "y=2", "--no-backward"]) == 0
    out = capsys.readouterr().out
    assert "1.2" in out
    assert "Backward" not in out


def test_expression_that_begins_with_a_minus(capsys, refused):
    assert command_line.main(["--digits", "3", "--", "-x*y", "x=1", "y=2"]) == 0
    assert "df/dy  =  −1" in capsys.readouterr().out
    assert '-- "-x*y"' in refused("-x*y", "x=1", "y=2")


def test_composites_are_opened(capsys):
    assert command_line.main(["sigmoid(x)", "x=1", "--expand", "sigmoid"]) == 0
    assert "in sigmoid" in capsys.readouterr().out
    assert command_line.main(["sigmoid(x)", "x=1", "--expand", "1"]) == 0
    assert "in sigmoid" in capsys.readouterr().out


def test_gradient_of_an_output_of_several_elements(capsys):
    assert command_line.main(["x*2", "x=[1, 2]", "--gradient", "[1, 10]"]) == 0
    assert "[2  20]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "an expression is needed"),
        (["x*y", "x=1"], "y=..."),
        (["x", "y", "x=1"], "one expression"),
        (["x=1"], "one expression"),
        (["x*2", "x=1", "x=2"], "given twice"),
        (["x*2", "x=1", "z=2"], "does not occur"),
        (["x*2", "x=one"], "a number or a list"),
        (["x*2 == 4", "x=1"], "no comparisons"),
        (["x <= 4", "x=1"], "no comparisons"),
        (["__import__('os')", "x=1"], "no function is called"),
        (["y = x+1", "x=1"], 'Is y what is computed? Write "x+1"'),
        (["--example", "E9"], "chain-rule (E1)"),
        (["--example", "E1", "x=1"], "takes no expression"),
        (["--list", "x=1"], "takes no expression"),
        (["--demo"], "expected one argument"),
        (["--demo", "folder", "x=1"], "takes no expression"),
        (["--demo", "folder", "-o", "f.svg"], "does not go together with -o"),
        (["--demo", __file__], "this is a file"),
        (["--playground"], "write -o page.html"),
        (["--playground", "x*y", "-o", "p.html"], "takes no expression"),
        (["--playground", "-o", "p.svg"], "a playground is saved as .html"),
        (["--playground", "--list"], "does not go together with"),
        (["--list", "--example", "E1"], "does not go together with --example"),
        (["--example", "fokr"], "perhaps fork"),
        (["xo*2", "x0=1"], "did you mean x0?"),
        (["tahn(x)", "x=1"], "tanh"),
        (["--exmaple", "E1"], "perhaps --example"),
        (["x*2", "x=1", "-o", "f.gif"], ".svg .png .pdf .dot .html"),
        (["x*2", "x=1", "-o", "f"], ".svg .png .pdf .dot .html"),
        (["x*2", "x=1", "-o", "nowhere/f.svg"], "no folder nowhere"),
        (["x*2", "x=1", "--digits", "0"], "digits"),
        (["x*2", "x=1", "--expand", "conv"], "no scope or composite gate"),
        (["x*2", "x=1", "--theme", "pink"], "colorblind"),
        (["x*2", "x=[1,2]", "--gradient", "[1,2,3]"], "shape"),
        (["x*2", "x=1", "--colour"], "--colour"),
    ],
)
def test_errors_say_what_to_write(words, message, refused):
    assert message in refused(*words)


def test_suffix_is_checked_before_anything_is_computed(refused, monkeypatch):
    monkeypatch.setattr(command_line, "parse", lambda text: pytest.fail("was parsed"))
    assert ".svg" in refused("x", "x=1", "-o", "f.gif")


def test_colours_only_in_a_terminal_that_wants_them(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    command_line.main(["x*2", "x=1"])
    assert "\x1b[32m" in capsys.readouterr().out
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as here:
            here.setenv(name, value)
            command_line.main(["x*2", "x=1"])
            assert "\x1b" not in capsys.readouterr().out


def test_demo_prints_two_derivations_and_writes_six_pictures_into_its_folder(tmp_path):
    done = run("--demo", "pictures/of lecture 1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for part in ("(E1)", "(E2)", "f = (x + y)·z", "1  The graph: 8 gates, 5 inputs",
                 "df/dz  =  −1", "df/dx1  =  −0.5898"):  # fmt: skip
        assert part in done.stdout
    assert os.listdir(tmp_path) == ["pictures"]
    folder = tmp_path / "pictures" / "of lecture 1"
    starts = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF"}
    names = {f"{name}{kind}" for name in ("chain-rule", "sigmoid-neuron") for kind in starts}
    assert set(os.listdir(folder)) == names
    for file in folder.iterdir():
        assert file.name in done.stdout
        assert file.read_bytes().startswith(starts[file.suffix])


def test_demo_without_a_renderer_prints_its_derivations_and_fails(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    folder = tmp_path / "out"
    assert command_line.main(["--demo", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert "df/dx1  =  −0.5898" in out
    assert "no pictures were written: a PNG is drawn by resvg: pip install resvg-py" in err
    assert not folder.exists()


def test_table_beside_a_picture(tmp_path, capsys):
    file = tmp_path / "f.svg"
    assert command_line.main(["x*y", "x=1", "y=2", "-o", str(file), "--table"]) == 0
    out = capsys.readouterr().out
    assert "df/dx  =  2" in out
    assert out.endswith(f"wrote {file}\n")
    assert file.exists()
    assert command_line.main(["x*y", "x=1", "y=2", "--table"]) == 0
    assert "df/dx  =  2" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_exit_code_1(tmp_path, refused):
    (tmp_path / "f.svg").mkdir()
    assert "f.svg" in refused("x*2", "x=1", "-o", str(tmp_path / "f.svg"), code=1)


def test_help_tells_options_examples_and_exit_codes(capsys):
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    for part in ("--demo DIR", "--table", "--list", "exit codes", 'W=[[.1,.5],[-.3,.8]]"'):
        assert part in out


def test_help_is_told_in_the_language_that_is_asked_for(capsys):
    for words in (["--help", "--language", "ko"], ["--language=ko", "-h"]):
        with pytest.raises(SystemExit) as stopped:
            command_line.main(words)
        out = capsys.readouterr().out
        assert stopped.value.code == 0
        assert out.startswith("사용법: python -m viz [옵션]") and "종료 코드: 0" in out
        english = re.findall(r"^ +-.*?  +([a-z].*)", out, re.MULTILINE)
        assert not [line for line in english if not re.search("[가-힣]", line)]


def test_picture_without_a_renderer_is_an_error(tmp_path, monkeypatch, refused):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert "pip install resvg-py" in refused("x*2", "x=1", "-o", str(tmp_path / "f.png"), code=1)
    assert not list(tmp_path.iterdir())
