"""What the commands do: ``train mnist``, ``evaluate`` and ``summary``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from autograd import AutogradError, DependencyError
from autograd.extend import say
from nn import data, metrics
from nn.console import Console
from nn.curves import check_suffix, save_curves
from nn.files import why_unwritable
from nn.models.lenet import LeNet5
from nn.models.mlp import MLP
from nn.recipes import RECIPES
from nn.saving import load, save
from nn.training import Checkpoint, History, evaluate, fit, predict
from nn.training.checkpoints import read_checkpoint
from nn.training.inputs import held_out

__all__ = ["evaluate_model", "summarize_model", "train_mnist"]

MOST_ROWS = 12
"""Epochs in the final table; of a longer run it shows some."""


class CommandError(AutogradError, ValueError):
    """A command that cannot be carried out as it was given."""


# ---- train


def train_mnist(options: argparse.Namespace, console: Console) -> int:
    """Train, show the epochs, test, and write what was asked for; 130 after Ctrl-C."""
    for path in (options.out, options.plot, options.checkpoint):
        _check_place(path)
    if options.plot is not None:
        check_suffix(options.plot)
    if options.model == "lenet" and options.hidden is not None:
        raise CommandError("--hidden is of --model mlp: the sizes of LeNet-5 are its own")
    chosen = options.recipe or ("lenet" if options.model == "lenet" else "slides")
    recipe = RECIPES[chosen]
    epochs = recipe.epochs if options.epochs is None else options.epochs
    batch = recipe.batch_size if options.batch_size is None else options.batch_size
    lr = options.lr
    if lr is None:
        resumed = options.resume and read_checkpoint(options.resume)["settings"].get("lr")
        lr = resumed or recipe.lr
    found = data.load_mnist(options.data)
    labels, test_labels = found.y_train, found.y_test
    model: Any = (
        LeNet5(rng=options.seed)
        if options.model == "lenet"
        else MLP(784, options.hidden or [128, 64], 10, rng=options.seed)
    )
    images, test_images = (as_read_by(model, rows) for rows in (found.X_train, found.X_test))
    held = held_out(len(images), options.validation_split)
    console.say(str(model.summary()))
    plan = say(
        "{recipe}: {words}; rate {rate:g}, batches of {batch}, epochs: {epochs}; {count:,} images "
        "to train on and {held:,} held out", recipe=console.bold(chosen), words=say(recipe.words),
        rate=lr, batch=batch, epochs=epochs, count=len(images) - held, held=held,
    )  # fmt: skip
    console.say(f"\n{plan}\n")
    callbacks = recipe.callbacks(lr, epochs * -(-(len(images) - held) // batch))
    if options.checkpoint is not None:
        callbacks.append(Checkpoint(options.checkpoint, every=options.every))
    start = perf_counter()
    history = fit(
        model, images, labels, loss=recipe.loss, optimizer=recipe.optimizer(lr), epochs=epochs,
        batch_size=batch, validation_split=options.validation_split, metrics=["accuracy"],
        callbacks=callbacks, rng=options.seed, augment=recipe.augment, resume=options.resume,
    )  # fmt: skip
    seconds = perf_counter() - start
    for note in history.notes:
        console.say(say("note: {note}", note=note))
    if history.stopped:
        console.say(say("stopped: {reason}", reason=history.stopped))
    if len(history):
        show_epochs(history, console)
    test = score(model, test_images, test_labels, console, loss=recipe.loss)
    console.say(say("trained in {seconds:,.1f} s", seconds=seconds))
    if options.out is not None:
        console.say(say("wrote {file}", file=save(model, options.out)))
    plot = options.plot or (
        options.out and options.out.with_name(f"{options.out.stem}-history.png")
    )
    if plot is not None and len(history):
        title = f"MNIST, {model!r}, recipe {chosen}"
        try:
            save_curves(history.history, plot, title, test)
            console.say(say("wrote {file}", file=plot))
        except DependencyError as error:
            console.say(console.dim(say("no plot: {reason}", reason=error)))
    return 130 if history.stopped and "Ctrl-C" in history.stopped else 0


def show_epochs(history: History, console: Console) -> None:
    """The epochs as a table, that of the lowest validation loss bold."""
    columns = {name: values for name, values in history.history.items() if _is_numbers(values)}
    judged = columns.get("val_loss", columns["loss"])
    best = int(np.nanargmin(judged))
    shown = some_epochs(len(history), best)
    rows = [
        [str(i + 1), *(_number(name, values[i]) for name, values in columns.items())] for i in shown
    ]
    heads = [name.removeprefix("epoch_").replace("_", " ") for name in columns]
    console.table(["epoch", *heads], rows, strong=shown.index(best))


def some_epochs(count: int, best: int) -> list[int]:
    """All of a few; else the first ones, each so many, the best and the last one."""
    if count <= MOST_ROWS:
        return list(range(count))
    each = -(-count // (MOST_ROWS - 4))
    return sorted({0, 1, best, count - 1, *range(each - 1, count, each)})


def _is_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def _number(name: str, value: float) -> str:
    if name == "epoch_seconds":
        return f"{value:.2f}"
    return f"{value:.3g}" if name == "learning_rate" else f"{value:.4f}"


# ---- evaluate


def evaluate_model(options: argparse.Namespace, console: Console) -> int:
    """Score a saved model, and show which digits it takes for which."""
    model = load(options.model)
    console.say(console.bold(f"{options.model}: {model!r}"))
    found = data.load_mnist(options.data)
    images, labels = getattr(found, f"X_{options.part}"), getattr(found, f"y_{options.part}")
    images = as_read_by(model, images)
    score(model, images, labels, console, part=options.part)
    counts = metrics.confusion_matrix(predict(model, images), labels)
    console.say("\n" + say("rows are the digits, columns what they were taken for"))
    rows = [
        [str(digit), *(f"{n:,}" if n else "·" for n in row), f"{row[digit] / row.sum():.1%}"]
        for digit, row in enumerate(counts)
    ]
    console.table(["", *map(str, range(10)), say("right")], rows)
    return 0


def as_read_by(model: Any, rows: np.ndarray) -> np.ndarray:
    """Rows of pixels in the shape that a model of images takes."""
    shape = getattr(model, "input_shape", None)
    return rows if shape is None else rows.reshape(-1, *shape)


def score(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    console: Console,
    *,
    part: str = "test",
    loss: Any = "cross_entropy",
) -> Mapping[str, float]:
    """Loss and accuracy, said in a line."""
    found = evaluate(model, images, labels, loss=loss, metrics=["accuracy"])
    wrong = round((1 - found["accuracy"]) * len(labels))
    share = console.bold(say("accuracy {accuracy:.4f}", accuracy=found["accuracy"]))
    told = say(
        "{part}: loss {loss:.4f}, {share} ({wrong:,} of {count:,} wrong)", part=part,
        loss=found["loss"], share=share, wrong=wrong, count=len(labels),
    )  # fmt: skip
    console.say(told)
    return found


# ---- summary


def summarize_model(options: argparse.Namespace, console: Console) -> int:
    """The table of a saved model, or of a network of the given sizes."""
    if (options.model is None) == (options.sizes is None):
        raise CommandError(
            "summary expects one of the two: a file of nn.save, or --sizes such as "
            "--sizes 784 128 64 10"
        )
    if options.model is not None:
        model = load(options.model)
    elif len(options.sizes) < 2:
        raise CommandError("--sizes expects those of the inputs and outputs at least")
    else:
        inputs, *hidden, outputs = options.sizes
        model = MLP(inputs, hidden, outputs, activation=options.activation, rng=0)
    console.say(str(model.summary()))
    return 0


# ---- files


def _check_place(path: Path | None) -> None:
    """Refuse a file that could not be written before anything is computed."""
    if path is not None and (reason := why_unwritable(path)):
        raise CommandError(reason)
