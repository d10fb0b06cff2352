"""Promises about languages: every phrase has its translation, and who asks for one gets it."""

from __future__ import annotations

import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from threading import Barrier
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import nn
import viz
import viz.examples
from autograd.catalogues import entries, translations
from autograd.extend import current_language, language, say, say_count
from autograd.particles import with_particles
from docs import phrases as script

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = sorted(path.stem for path in script.FOLDER.glob("*.po"))

each_language = pytest.mark.parametrize("code", LANGUAGES)


def places(text: str) -> set[str]:
    """The names of what is put into a phrase."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# ---- the catalogues


@each_language
def test_every_phrase_is_translated_with_its_places(code):
    pytest.importorskip("babel", reason="needs the extra translate")
    opened = script.opened(code)
    assert not any(message.fuzzy for message in opened if message.id)
    for text in script.said():
        message = opened.get(text if isinstance(text, str) else text[0])
        assert message, f"run python docs/phrases.py, and translate {text!r}"
        free = set() if isinstance(text, str) else {"count"}  # "one gate" need not say it
        for form in script._forms(message.string):
            assert form, f"not translated: {text!r}"
            for said in script._forms(text):
                assert places(form) | free == places(said) | free, form


@each_language
def test_catalogue_holds_what_code_says_and_no_more(code):
    pytest.importorskip("babel", reason="needs the extra translate")
    written = (script.FOLDER / f"{code}.po").read_bytes()
    assert written == script.refreshed(code), "python docs/phrases.py"


@each_language
def test_catalogue_is_read_as_babel_reads_it(code):
    pytest.importorskip("babel", reason="needs the extra translate")
    text = (script.FOLDER / f"{code}.po").read_text("utf-8")
    told = {
        "\0".join(script._forms(message.id)): "\0".join(script._forms(message.string))
        for message in script.opened(code)
        if message.id
    }
    assert {key: value for key, value in entries(text).items() if key} == told
    key, value = max(told.items())
    assert translations(text).gettext(key) == value


@each_language
def test_rules_of_gates_stay_a_function_and_a_derivative_for_each_operand(code):
    text = (script.FOLDER / f"{code}.po").read_text("utf-8")
    known, rules = entries(text), list(script.rules())
    for rule in rules:
        function, derivative = known[rule].split("→")
        assert derivative.count(", ") == rule.split("→")[1].count(", "), rule
        assert function.endswith(" ") and derivative.startswith(" ")
    assert len(rules) > 50


def test_a_phrase_that_is_put_together_is_refused(tmp_path, monkeypatch):
    (tmp_path / "nn").mkdir()
    monkeypatch.setattr(script, "ROOT", tmp_path)
    said = script.said.__wrapped__
    for text in ('say(f"{n} gates")', 'say("a" + b)', 'say("a" if b else "c")'):
        (tmp_path / "nn" / "file.py").write_text(f"x = 1\n{text}\n")
        with pytest.raises(SyntaxError, match=r"nn/file\.py:2: write a phrase whole"):
            said()
    (tmp_path / "nn" / "file.py").write_text('say(TABLE[key]), say_count("{count} a", "many", 2)')
    assert ("{count} a", "many") in said()


def test_forms_of_languages_that_have_several(monkeypatch, tmp_path):
    (tmp_path / "sl.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=4; plural=n%100==1 ? 0 : n%100==2 ? 1 :'
        ' n%100==3||n%100==4 ? 2 : 3;\\n"\n\n# a remark\n'
        'msgid "{count} bear"\nmsgid_plural "{count} bears"\nmsgstr[0] "{count} medved"\n'
        'msgstr[1] "{count} medveda"\nmsgstr[2] "{count} "\n"medvedi"\n'
        'msgstr[3] "{count} medvedov"\n',
        "utf-8",
    )
    monkeypatch.setattr("autograd.phrases.FOLDER", tmp_path)
    with language("sl"):
        told = [say_count("{count} bear", "{count} bears", n) for n in (1, 2, 4, 5, 102)]
        assert told == ["1 medved", "2 medveda", "4 medvedi", "5 medvedov", "102 medveda"]
        assert say("Total") == "Total"  # what has no translation is said in English


# ---- Korean particles


@pytest.mark.parametrize(
    ("template", "right"),
    [
        (
            "{}(은/는)",
            "값은 x는 y는 l은 m은 3은 2는 10은 0.5는 −4는 add는 sum은 exp는 q1은 w₀은 x²은",
        ),
        ("{}(이/가)", "편향이 기울기가 f가 n이 6이 9가 (x)가 'mean'이 multiply가 matmul이"),
        ("{}(을/를)", "그래프를 층을 R을 8을 4를 σ를 ε을 scale을 softmax를 10⁻⁹을"),
        (
            "{}(으로/로)",
            "값으로 층으로 게이트로 출력으로 길로 7로 1로 3으로 2로 l로 n으로 matmul로",
        ),
        ("{}(이/가)", "θ_{ij}가 W_{n}이"),
        ("{}(과/와)", "상류와 국소와 값과 z와 100과 5와"),
    ],
)
def test_particles_follow_the_sound_before_them(template, right):
    for word in right.split():
        bare = re.sub(r"(은|는|이|가|을|를|으로|로|과|와)$", "", word)
        assert with_particles(template.format(bare)) == word


# ---- who is told what


@pytest.mark.notebook
def test_a_notebook_is_told_its_language_once_and_cells_in_contexts_of_their_own_hold_it():
    shells = pytest.importorskip("IPython.core.interactiveshell", reason="needs the extra notebook")
    shell = shells.InteractiveShell()

    def cell(code):
        done = copy_context().run(shell.run_cell, code)
        return done.error_in_exec or done.result

    assert cell("%load_ext viz") is None
    title = "import viz; viz.playground().title"
    assert cell(title) == "Type an expression"
    assert cell("%language ko") is None and cell(title) == "식을 써 보기"
    assert isinstance(cell("%language klingon"), ag.LanguageError) and cell(title) == "식을 써 보기"
    assert cell("%language en") is None and cell(title) == "Type an expression"
    assert current_language() == "en"


def test_a_language_that_opens_no_block_says_how_it_is_used():
    said = repr(viz.language("ko"))
    assert current_language() == "en"
    assert "with viz.language('ko'):" in said and "%language ko" in said


def test_a_function_in_a_language_runs_in_many_threads_at_once():
    inside = Barrier(4)

    @viz.language("ko")
    def told():
        inside.wait()  # All are in, before one is out.
        return current_language()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: told(), range(8))) == ["ko"] * 8
        assert list(pool.map(lambda _: current_language(), range(8))) == ["en"] * 8


def test_language_holds_for_its_block_and_thread_alone():
    with viz.language("ko"):
        assert current_language() == "ko"
        with ThreadPoolExecutor() as pool:
            assert pool.submit(current_language).result() == "en"
        with viz.language("en"), viz.language(None):
            assert say("Total") == "Total"
        with pytest.raises(ZeroDivisionError), viz.language("en"):
            raise ZeroDivisionError
        assert say("Total") == "합계"
    assert current_language() == "en"


def test_unknown_languages_are_refused():
    x = ag.Tensor(3.0, name="x")
    for ask in (viz.language, lambda code: viz.draw(x * x, language=code)):
        for code in ("xx", "KO", 3, "../ko"):
            with pytest.raises(ag.LanguageError, match=r"language is one of 'en', 'ko'; received"):
                ask(code)
    assert issubclass(ag.LanguageError, ValueError)


def test_language_of_the_environment_is_not_guessed():
    code = "import nn, autograd.extend as e; print(e.say('Total'), nn.Linear(1, 2).summary())"
    surroundings = {**os.environ, "LANG": "ko_KR.UTF-8", "LC_ALL": "ko_KR.UTF-8", "LANGUAGE": "ko"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
        env={**surroundings, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stdout.startswith("Total Linear(1, 2)") and "Output shape" in done.stdout


def test_engine_and_networks_load_no_phrases_before_they_are_said():
    code = "import sys, autograd, nn; print(*(m for m in sys.modules if 'phrases' in m))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not done.stdout.split()


def test_what_is_made_keeps_its_language():
    x = ag.Tensor(3.0, name="x")
    with viz.language("ko"):
        picture, stepper, summary = viz.draw(x * x), viz.step(x * x), nn.Linear(1, 2).summary()
    english = viz.draw(x * x), viz.step(x * x), nn.Linear(1, 2).summary()
    asked = (
        viz.draw(x * x, language="ko"), viz.step(x * x, language="ko"),
        nn.Linear(1, 2).summary(language="ko"),
    )  # fmt: skip
    for korean in ((picture, stepper, summary), asked):
        for one, other in zip(korean, english, strict=True):
            assert re.search("[가-힣]", repr(one)) and not re.search("[가-힣]", repr(other))
        assert "값 3" in korean[0].svg and "값 3" in korean[0].description


# ---- nothing slips through


CODE = re.compile(r"<[^>]*>|\{\w+\}|⟪.*?⟫|\b[d∂]?(num|den)\b")  # tags, places, and names
WORD = re.compile(r"(?<![A-Za-z_.&\\#])[A-Za-z][a-z]{2,}(?![\w=(.])")


def known_words() -> set[str]:
    """What stays English in Korean: names of gates, formulas, code and units."""
    known = set(script._MATHEMATICS) | {"nan", "inf", "relu", "flowchart"}
    for family in script.families():
        for row in family.rows:
            known |= set(WORD.findall(f"{row.gate.name} {row.gate.symbol}")) | {row.gate.name}
    for value in entries((script.FOLDER / "ko.po").read_text("utf-8")).values():
        known |= set(WORD.findall(re.sub(r"\{.*?\}", " ", value)))
    return known


def read(svg: str) -> str:
    return "\n".join(text for text in ElementTree.fromstring(svg).itertext() if text.strip())


def everything_about(f: ag.Tensor) -> Iterator[str]:
    """All that is said of a graph in pictures, tables, steps and in its page."""
    picture, stepper = viz.draw(f), viz.step(f)
    yield from (repr(picture), repr(stepper), picture.description, picture.mermaid)
    yield from (read(picture.svg), str(viz.table(f)), viz.table(f).markdown)
    for step in range(len(stepper)):
        yield from (stepper.text(step), read(stepper[step].svg))
    data, _ = stepper._data
    yield from data["said"].values()
    yield from (str(told) for view in data["views"] for moment in view["moments"]
                for kind, told in moment.items() if kind != "phase")  # fmt: skip
    yield from (view["description"] + view["other"] for view in data["views"])


def graphs() -> Iterator[ag.Tensor]:
    yield from (example.build() for example in viz.examples.EXAMPLES.values())
    a, b = ag.Tensor([[0.5, -1.0], [2.0, 3.0]], name="A"), ag.Tensor([0.1, 0.2], name="b")
    yield np.sum(np.maximum(np.tanh(a @ b) + b, 0.3) - np.mean(a[0]) / np.max(b))
    x = total = ag.Tensor(1.0, name="x")
    for _ in range(80):
        total = total * 1.01 + x
    yield total
    yield np.exp(a)


def models() -> Iterator[str]:
    mlp, lenet = nn.MLP(2, [4], 1, rng=0), nn.LeNet5(rng=0)
    rnn = nn.Sequential(nn.RNN(3, 8, rng=0), nn.LastStep())
    pictures = [
        viz.draw(mlp, [[1.0, 2.0]]), viz.draw_network(mlp, [1.0, 2.0], values=True, bias=True),
        viz.draw_network(lenet), viz.draw_network(rnn), viz.draw_network(nn.MLP(99, [3], 1, rng=0)),
        viz.draw_network(inputs=["x", "y"], layers=[3, 3, 1]),
        viz.draw(ag.compile(np.sum(np.tanh(ag.Tensor(np.ones(3), name="t"))))),
    ]  # fmt: skip
    names = "mlp linear relu conv maxpool flatten rnn laststep lenet sequential seed graph dt"
    for picture in pictures:
        told = [picture.title, picture.description, read(picture.svg)]
        yield re.sub(rf"(?i)\b({names.replace(' ', '|')})\w*", "", "\n".join(told))
    for summary in (mlp.summary(), lenet.summary(), rnn.summary((4, 3))):
        yield re.sub(r"\w+\(.*?\)+|\w+\d*  |float32", "", str(summary))


def plots() -> Iterator[str]:
    Text = pytest.importorskip("matplotlib.text", reason="needs the extra plot").Text
    x, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    mlp = nn.MLP(2, [4], 1, rng=0)
    history = nn.fit(
        mlp, x, y, loss="binary_cross_entropy", optimizer=nn.optim.SGD(), epochs=6, rng=0,
        validation_split=0.3, metrics=["accuracy"], progress=False,
    )  # fmt: skip
    yield repr(history)
    axes = [
        viz.plot_history(history), viz.plot_decision_boundary(mlp, x, y, resolution=9),
        viz.plot_confusion(y, y[::-1]), viz.plot_activations(mlp, x), viz.plot_weights(mlp),
        viz.plot_gradient_flow({"a": [1.0, 2.0], "b": [2.0, 3.0]}),
        viz.plot_gradient_through_time({"a": [0.5, 1.0]}), viz.plot_kernels(np.ones((2, 2, 3, 3))),
        viz.plot_attention(np.eye(2)), viz.plot_feature_maps({"a": np.ones((2, 3, 3))}),
        viz.plot_loss_surface(lambda a, b: a * a + b * b),
    ]  # fmt: skip
    for ax in axes:
        yield from (text.get_text() for text in ax.figure.findobj(Text))


@pytest.mark.parametrize("part", [graphs, models, plots])
def test_nothing_is_said_in_english_where_korean_is_asked_for(part):
    known = known_words()
    with viz.language("ko"):
        told = part() if part is not graphs else (t for f in graphs() for t in everything_about(f))
        for text in told:
            for line in CODE.sub(" ", text).split("\n"):
                left = set(WORD.findall(line)) - known
                assert not left, f"not translated: {sorted(left)} in {line[:200]!r}"


def test_pages_say_what_language_they_are_in():
    x = ag.Tensor(3.0, name="x")
    for made in (viz.draw(x * x, language="ko"), viz.step(x * x, language="ko")):
        assert '<html lang="ko">' in made.html
    assert '<html lang="en">' in viz.step(x * x).html
