"""``python -m nn``: training, testing and showing networks from the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.__main__ import main
from nn.commands import some_epochs
from nn.console import Console
from nn.curves import HELD_OUT, TRAINED, save_curves

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Files like MNIST's, of a few images: a digit is a bright row of its own, with noise."""
    folder = tmp_path_factory.mktemp("mnist")
    rng = np.random.default_rng(0)
    for part, count in (("train", 250), ("t10k", 100)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = rng.integers(0, 60, size=(count, 28, 28)).astype(np.uint8)
        images[np.arange(count), 2 * labels + 4] += 150
        nn.data.save_idx(images, folder / f"{part}-images-idx3-ubyte.gz")
        nn.data.save_idx(labels, folder / f"{part}-labels-idx1-ubyte.gz")
    return folder


def train(folder: Path, *options: object) -> int:
    words = ["train", "mnist", "--data", folder, "--hidden", 16, "--batch-size", 20, *options]
    return main([str(word) for word in words])


def numbers(text: str, name: str) -> float:
    return float(re.search(rf"{name} ([\d.]+)", text)[1])


def test_train_shows_the_network_the_epochs_and_the_test_and_writes_the_model(
    folder, tmp_path, capsys
):
    out = tmp_path / "model.npz"
    assert train(folder, "--epochs", 5, "--lr", 0.1, "--out", out) == 0
    shown = capsys.readouterr().out
    assert "MLP(784, [16], 10)" in shown
    assert "12,730" in shown  # 784·16 + 16 + 16·10 + 10
    assert "200 images to train on and 50 held out" in shown
    rows = [line.split() for line in shown.splitlines() if re.match(r" +\d+  ", line)]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
    assert all(len(row) == 6 for row in rows)
    assert float(rows[-1][1]) < float(rows[0][1])
    model = nn.load(out)
    test = nn.data.load_mnist(folder)
    found = nn.evaluate(model, test.X_test, test.y_test, loss="cross_entropy", metrics=["accuracy"])
    assert numbers(shown, "accuracy") == pytest.approx(found["accuracy"], abs=1e-4)
    assert (tmp_path / "model-history.png").read_bytes()[1:4] == b"PNG"
    assert "\x1b" not in shown  # no colours into a pipe


def test_train_takes_lenet_and_evaluate_takes_what_it_wrote(folder, tmp_path, capsys):
    out = tmp_path / "lenet.npz"
    words = ["train", "mnist", "--data", folder, "--model", "lenet", "--epochs", 2, "--out", out]
    assert main([str(word) for word in words]) == 0
    shown = capsys.readouterr().out
    assert "61,706" in shown
    assert "lenet: AdamW" in shown
    assert repr(nn.load(out)) == "LeNet5()"
    assert main(["evaluate", str(out), "--data", str(folder)]) == 0
    assert numbers(capsys.readouterr().out, "accuracy") == numbers(shown, "accuracy")


def test_lenet_has_no_hidden_sizes(folder, capsys):
    assert train(folder, "--model", "lenet") == 2
    assert "--hidden is of --model mlp" in capsys.readouterr().err


def test_the_curves_of_a_single_epoch_are_dots(tmp_path):
    history = {"loss": [1.0], "val_loss": [0.5], "accuracy": [0.5], "val_accuracy": [0.75]}
    save_curves(history, tmp_path / "one.svg", "one epoch", {"loss": 0.5, "accuracy": 0.75})
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    for colour in (TRAINED, HELD_OUT):
        # On both panels a dot, and another one in the legend.
        assert drawn.count(f"fill: {colour}; stroke: {colour}") >= 4


def test_the_same_seed_trains_the_same_model(folder, tmp_path):
    files = [tmp_path / f"{name}.npz" for name in "abc"]
    for path, seed in zip(files, (3, 3, 4), strict=True):
        train(folder, "--epochs", 1, "--seed", seed, "--out", path)
    one, same, other = (nn.load(path).state_dict() for path in files)
    np.testing.assert_equal(one, same)
    assert not np.array_equal(one["layers.0.weight"], other["layers.0.weight"])


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["slides", "best"])
def test_a_run_goes_on_from_its_checkpoint(folder, tmp_path, recipe):
    whole, parts, run = (tmp_path / f"{name}.npz" for name in ("whole", "parts", "run"))
    recipe = ("--recipe", recipe, "--lr", 0.01)
    train(folder, *recipe, "--epochs", 4, "--out", whole, "--checkpoint", run, "--every", 3)
    run.rename(tmp_path / "end.npz")
    train(folder, *recipe, "--epochs", 4, "--out", parts, "--resume", tmp_path / "end.npz")
    np.testing.assert_equal(nn.load(parts).state_dict(), nn.load(whole).state_dict())


def test_a_run_goes_on_at_the_rate_that_is_given_and_at_its_own_otherwise(folder, tmp_path, capsys):
    run, other = tmp_path / "run.npz", tmp_path / "other.npz"
    train(folder, "--epochs", 2, "--lr", 0.2, "--checkpoint", run)
    models = []
    for options in (["--lr", 0.2], [], ["--lr", 0.05]):
        capsys.readouterr()
        train(folder, "--epochs", 3, "--resume", run, "--out", other, *options)
        shown = capsys.readouterr().out
        models.append(nn.load(other).state_dict())
    np.testing.assert_equal(models[0], models[1])
    step = [np.abs(m["layers.0.weight"] - nn.load(run).layers[0].weight.data) for m in models]
    assert step[2].sum() < 0.5 * step[0].sum()
    assert "rate 0.05" in shown
    assert "note: resumed after epoch 2 with lr=0.05, which was 0.2" in shown


def test_evaluate_counts_which_digits_are_taken_for_which(folder, tmp_path, capsys):
    out = tmp_path / "model.npz"
    train(folder, "--epochs", 20, "--lr", 0.1, "--out", out)
    tested = capsys.readouterr().out
    assert main(["evaluate", str(out), "--data", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert numbers(shown, "accuracy") == numbers(tested, "accuracy")
    rows = [line.split() for line in shown.splitlines() if re.match(r"\d  ", line)]
    assert len(rows) == 10
    counts = np.array([[0 if n == "·" else int(n) for n in row[1:11]] for row in rows])
    assert counts.sum(axis=1).tolist() == [10] * 10
    assert counts.trace() / 100 == pytest.approx(numbers(shown, "accuracy"))
    assert [row[11] for row in rows] == [f"{n:.1%}" for n in counts.diagonal() / 10]


def test_summary_shows_a_network_of_sizes_and_one_in_a_file(tmp_path, capsys):
    assert main(["summary", "--sizes", "784", "128", "64", "10"]) == 0
    assert "109,386" in capsys.readouterr().out
    path = nn.save(nn.MLP(3, [4], 2, rng=0), tmp_path / "model.npz")
    assert main(["summary", str(path)]) == 0
    assert "MLP(3, [4], 2)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["train", "mnist", "--data", "{tmp}"], 1, "train-images-idx3-ubyte"),
        (["train", "mnist", "--data", "{data}", "--out", "{tmp}/no/model.npz"], 2, "no folder"),
        (["train", "mnist", "--data", "{data}", "--plot", "{tmp}/run.gif"], 2, ".png, .svg, .pdf"),
        (["train", "mnist", "--data", "{data}", "--validation-split", "2"], 2, "from 0 to below 1"),
        (["train", "mnist", "--data", "{data}", "--out", "{tmp}"], 2, "is a folder"),
        (["train", "mnist", "--data", "{data}", "--checkpoint", "{tmp}"], 2, "is a folder"),
        (["train", "mnist", "--data", "{data}", "--hidden", "0"], 2, "hidden"),
        (["train", "mnist", "--data", "{data}", "--resume", "{tmp}/none.npz"], 1, "none.npz"),
        (["train", "mnist", "--data", "{data}", "--lr", "1e30"], 2, "matmul in mlp"),
        (["evaluate", "{tmp}/none.npz", "--data", "{data}"], 1, "none.npz"),
        (["evaluate", "{data}/train-labels-idx1-ubyte.gz", "--data", "{data}"], 2, "no file of"),
        (["summary"], 2, "--sizes"),
        (["summary", "--sizes", "3"], 2, "inputs and outputs"),
        (["summary", "--sizes", "3", "4", "2", "--activation", "rellu"], 2, "did you mean 'relu'"),
    ],
)
def test_what_cannot_be_done_is_said_and_gives_a_code(
    words, code, message, folder, tmp_path, capsys
):
    words = [word.format(tmp=tmp_path, data=folder) for word in words]
    if "--batch-size" not in words and words[0] == "train":
        words += ["--batch-size", "20"]
    assert main(words) == code
    complaint = capsys.readouterr().err
    assert message in complaint
    assert code == 0 or complaint.startswith("python -m nn: ")


@pytest.mark.parametrize(
    "words",
    ["", "trian", "train cifar", "summary --size 3", "train mnist --epochs 0",
     "train mnist --batch-size -2", "train mnist --every half"],
)  # fmt: skip
def test_words_that_make_no_sense_are_refused(words):
    with pytest.raises(SystemExit) as caught:
        main(words.split())
    assert caught.value.code == 2


def test_it_speaks_the_language_that_is_asked_for(folder, capsys):
    for words in (["--language", "ko", "--help"], ["train", "-h", "--language=ko"]):
        with pytest.raises(SystemExit):
            main(words)
        assert capsys.readouterr().out.startswith("사용법: python -m nn")
    given = ["--data", str(folder), "--epochs", "1", "--hidden", "3"]
    assert main(["train", "mnist", *given, "--language", "ko"]) == 0
    shown = capsys.readouterr().out
    assert "훈련 이미지 200개, 검증 이미지 50개" in shown and "정확도" in shown
    assert not re.search(r"\b(held out|wrong|trained in)\b", shown)
    assert main(["--language", "xx", "summary", "--sizes", "3", "1"]) == 2
    assert "language is one of" in capsys.readouterr().err


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "nn", "summary", "--sizes", "3", "4", "2"],
        cwd=ROOT, capture_output=True, encoding="utf-8", env=None,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Total" in done.stdout
    assert "26" in done.stdout


@pytest.mark.parametrize(
    ("count", "best", "shown"),
    [(1, 0, [0]), (12, 5, list(range(12))), (30, 22, [0, 1, 3, 7, 11, 15, 19, 22, 23, 27, 29])],
)
def test_a_long_run_is_shown_in_a_few_rows(count, best, shown):
    assert some_epochs(count, best) == shown


def test_terminals_get_emphasis_unless_they_ask_for_none(monkeypatch):
    class Terminal:
        text = ""

        def isatty(self):
            return True

        def write(self, text):
            self.text += text

        def flush(self):
            pass

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Console(Terminal()).bold("a") == "\x1b[1ma\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert Console(Terminal()).bold("a") == "a"
