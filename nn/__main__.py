"""The command line: ``python -m nn train mnist --data shared/data/mnist --out mnist.npz``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.extend import HelpFormatter, exit_code_of, say

EXAMPLES = """
  python -m nn train mnist --data ../shared/data/mnist --hidden 128 64 --epochs 30 --out mnist.npz
  python -m nn train mnist --data ../shared/data/mnist --recipe best --out best.npz
  python -m nn train mnist --data ../shared/data/mnist --model lenet --out lenet.npz
  python -m nn evaluate best.npz --data ../shared/data/mnist
  python -m nn summary best.npz
  python -m nn summary --sizes 784 128 64 10
"""
PROGRAM = "python -m nn"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code, after a message on standard error unless 0."""
    return exit_code_of(PROGRAM, argv, lambda words: _run(_parser().parse_args(words)))


def _run(options: argparse.Namespace) -> int:
    from nn import commands  # after the options: a wrong one is answered at once
    from nn.console import Console

    run = {
        "train": commands.train_mnist,
        "evaluate": commands.evaluate_model,
        "summary": commands.summarize_model,
    }[options.command]
    return run(options, Console())


def _parser() -> argparse.ArgumentParser:
    codes = say(
        "exit codes: 0 done; 1 a file could not be read or written; 2 the command line, the data "
        "or a file\nmake no sense; 130 Ctrl-C (training: what was learnt until then is tested and "
        "written)"
    )
    looks: dict[str, Any] = {"formatter_class": HelpFormatter, "allow_abbrev": False,
                             "add_help": False}  # fmt: skip
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=say("Train, test and show networks."),
        epilog=f"{say('examples:')}{EXAMPLES}\n{codes}",
        **looks,
    )
    commands = parser.add_subparsers(
        title=say("commands"), dest="command", required=True, metavar=say("command")
    )
    for name, words, add in [
        ("train", say("train a network on MNIST"), _add_train),
        ("evaluate", say("test a saved model"), _add_evaluate),
        ("summary", say("show a model's layers"), _add_summary),
    ]:
        made = commands.add_parser(name, help=words, description=words, **looks)
        add(made.add_argument_group(say("what is asked for")).add_argument)
        _add_common(made)
    _add_common(parser)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group(say("options")).add_argument
    add("-h", "--help", action="help", help=say("show this and end"))
    add(
        "--language", metavar="CODE", help=say("of what is said in words, such as ko; English (en)")
    )


def _add_train(add: Any) -> None:
    # fmt: off
    add("dataset", choices=["mnist"], help=say("what to learn"))
    add("--data", type=Path, metavar="DIR",
        help=say("the folder of its IDX files (what GATEGRAD_DATA names)"))
    add("--model", choices=["mlp", "lenet"], default="mlp",
        help=say("mlp: linear layers, of the sizes of --hidden; lenet: LeNet-5, with convolutions"))
    add("--hidden", type=int, nargs="*", metavar="N",
        help=say("sizes of the hidden layers of an mlp (128 64)"))
    add("--recipe", choices=["slides", "best", "lenet"],
        help=say("slides: SGD 0.01, 30 epochs; best: AdamW, a cosine rate, shifted images, "
                 "10 epochs; lenet: as best, for that model, 3 epochs (slides of an mlp, lenet of "
                 "a lenet)"))
    add("--epochs", type=_count, metavar="N", help=say("how many, instead of the recipe's"))
    add("--batch-size", type=_count, metavar="N", help=say("rows a step, instead of the recipe's"))
    add("--lr", type=float, metavar="RATE",
        help=say("learning rate, instead of the recipe's or, with --resume, of the run's"))
    add("--validation-split", type=float, default=0.2, metavar="SHARE",
        help=say("of the training images, the last ones, to hold out (0.2)"))
    add("--seed", type=int, default=0, metavar="N", help=say("of weights and shuffling (0)"))
    add("--out", type=Path, metavar="FILE", help=say("write the model: .npz"))
    add("--plot", type=Path, metavar="FILE",
        help=say("write the curves: .png .svg .pdf (with --out: beside it)"))
    add("--checkpoint", type=Path, metavar="FILE", help=say("write the run there while it goes on"))
    add("--every", type=_count, default=1, metavar="N",
        help=say("epochs between two checkpoints (1)"))
    add("--resume", type=Path, metavar="FILE", help=say("go on from a checkpoint"))
    # fmt: on


def _count(text: str) -> int:
    """A whole number of 1 or more."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expects a whole number of 1 or more, received {text!r}")
    return number


def _add_evaluate(add: Any) -> None:
    add("model", type=Path, help=say("a file that train has written"))
    add(
        "--data",
        type=Path,
        metavar="DIR",
        help=say("the folder of MNIST's IDX files (what GATEGRAD_DATA names)"),
    )
    add("--part", choices=["train", "test"], default="test", help=say("which images (test)"))


def _add_summary(add: Any) -> None:
    add("model", type=Path, nargs="?", help=say("a file that train, or nn.save, has written"))
    add("--sizes", type=int, nargs="+", metavar="N", help=say("of an MLP: inputs, hidden, outputs"))
    add("--activation", default="relu", metavar="NAME", help=say("of its hidden layers (relu)"))


if __name__ == "__main__":
    sys.exit(main())
