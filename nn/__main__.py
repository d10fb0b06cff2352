"""The command line: ``python -m nn train mnist --data shared/data/mnist --out mnist.npz``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograd import AutogradError

EXAMPLES = """\
examples:
  python -m nn train mnist --data ../shared/data/mnist --hidden 128 64 --epochs 30 --out mnist.npz
  python -m nn train mnist --data ../shared/data/mnist --recipe best --out best.npz
  python -m nn train mnist --data ../shared/data/mnist --model lenet --out lenet.npz
  python -m nn evaluate best.npz --data ../shared/data/mnist
  python -m nn summary best.npz
  python -m nn summary --sizes 784 128 64 10

exit codes: 0 done; 1 a file could not be read or written; 2 the command line, the data or a file
make no sense; 130 Ctrl-C (training: what was learnt until then is tested and written)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code, after a message on standard error unless 0."""
    parser = _parser()
    _write_any_letter()
    options = parser.parse_args(argv)
    from nn import commands  # after the options: a wrong one is answered at once
    from nn.console import Console

    run = {
        "train": commands.train_mnist,
        "evaluate": commands.evaluate_model,
        "summary": commands.summarize_model,
    }[options.command]
    try:
        return run(options, Console())
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    except AutogradError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nn",
        description="Train, test and show networks.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_train(commands.add_parser("train", help="train a network on MNIST", allow_abbrev=False))
    _add_evaluate(commands.add_parser("evaluate", help="test a saved model", allow_abbrev=False))
    _add_summary(commands.add_parser("summary", help="show a model's layers", allow_abbrev=False))
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    # fmt: off
    add("dataset", choices=["mnist"], help="what to learn")
    add("--data", type=Path, metavar="DIR",
        help="the folder of its IDX files (what GATEGRAD_DATA names)")
    add("--model", choices=["mlp", "lenet"], default="mlp",
        help="mlp: linear layers, of the sizes of --hidden; lenet: LeNet-5, with convolutions")
    add("--hidden", type=int, nargs="*", metavar="N",
        help="sizes of the hidden layers of an mlp (128 64)")
    add("--recipe", choices=["slides", "best", "lenet"],
        help="slides: SGD 0.01, 30 epochs; best: AdamW, a cosine rate, shifted images, 10 epochs; "
        "lenet: as best, for that model, 3 epochs (slides of an mlp, lenet of a lenet)")
    add("--epochs", type=_count, metavar="N", help="how many, instead of the recipe's")
    add("--batch-size", type=_count, metavar="N", help="rows a step, instead of the recipe's")
    add("--lr", type=float, metavar="RATE",
        help="learning rate, instead of the recipe's or, with --resume, of the run's")
    add("--validation-split", type=float, default=0.2, metavar="SHARE",
        help="of the training images, the last ones, to hold out (0.2)")
    add("--seed", type=int, default=0, metavar="N", help="of weights and shuffling (0)")
    add("--out", type=Path, metavar="FILE", help="write the model: .npz")
    add("--plot", type=Path, metavar="FILE",
        help="write the curves: .png .svg .pdf (with --out: beside it)")
    add("--checkpoint", type=Path, metavar="FILE", help="write the run there while it goes on")
    add("--every", type=_count, default=1, metavar="N", help="epochs between two checkpoints (1)")
    add("--resume", type=Path, metavar="FILE", help="go on from a checkpoint")
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


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", type=Path, help="a file that train has written")
    add(
        "--data",
        type=Path,
        metavar="DIR",
        help="the folder of MNIST's IDX files (what GATEGRAD_DATA names)",
    )
    add("--part", choices=["train", "test"], default="test", help="which images (test)")


def _add_summary(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", type=Path, nargs="?", help="a file that train, or nn.save, has written")
    add("--sizes", type=int, nargs="+", metavar="N", help="of an MLP: inputs, hidden, outputs")
    add("--activation", default="relu", metavar="NAME", help="of its hidden layers (relu)")


def _write_any_letter() -> None:
    """Signs such as ━ and → go through a pipe as UTF-8, whatever the system's old code page."""
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
        if encoding != "utf8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
