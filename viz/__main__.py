"""The command line: ``python -m viz "(x+y)*z" x=1 y=-2 z=1 -o chain.svg``."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import viz
from autograd import Tensor
from autograd.extend import HelpFormatter, exit_code_of, say, takes_colour

from . import examples
from .derivation import Derivation, table
from .drawing import draw
from .errors import RendererError, VizError
from .expression import assignment, nearest, parse
from .picture import GraphPicture
from .stepper import step
from .themes import THEMES
from .walkthroughs import walkthroughs

_EXAMPLES = """
  python -m viz "1/(1+exp(-(w0*x0+w1*x1+w2)))" w0=2 x0=-1 w1=-3 x1=-2 w2=-3
  python -m viz "sum((W@x)**2)" "W=[[.1,.5],[-.3,.8]]" "x=[.2,.4]" -o matrix.svg
  python -m viz --example sigmoid-neuron -o neuron.html
  python -m viz --demo walkthroughs
  python -m viz --playground -o page.html
"""
PROGRAM = "python -m viz"

WALKS = (".html", ".pptx")  # Suffixes of files that step through a derivation.
SUFFIXES = dict.fromkeys([*GraphPicture.formats, *WALKS])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code, after a message on standard error unless 0."""
    return exit_code_of(PROGRAM, argv, _answered, (RendererError, OSError))


def _answered(words: list[str]) -> int:
    with np.errstate(all="ignore"):  # Infinities are marked where they are shown.
        parser = _parser()
        _run(parser, _parsed(parser, words))
    return 0


def _parser() -> argparse.ArgumentParser:
    told = [
        say(
            "Without -o the derivation is printed. An expression that begins with a minus stands "
            'after the\noptions and "--":'
        ),
        say(
            "exit codes: 0 done; 1 a file could not be written, or nothing here can lay pictures "
            "out;\n2 the command line, the expression or a value cannot be read"
        ),
    ]
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=say('python -m viz [options] "expression" [name=value ...]'),
        description=say(
            "Draw a computational graph, or print its derivation: values forward,\n"
            "gradients backward, gate by gate."
        ),
        epilog=f'{say("examples:")}{_EXAMPLES}\n{told[0]}  python -m viz -o f.svg -- "-x*y" x=1 '
        f"y=2\n\n{told[1]}",
        formatter_class=HelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    # fmt: off
    parser.add_argument_group(say("what is drawn")).add_argument(
        "words", nargs="*", metavar=say("expression, name=value"),
        help=say("such as (x+y)*z x=1 y=-2 z=1; a value is a number or a list [[1, 2], [3, 4]]"))
    add = parser.add_argument_group(say("options")).add_argument
    add("-h", "--help", action="help", help=say("show this and end"))
    add("-o", "--output", type=Path, metavar="FILE",
        help=say("write a picture instead: {kinds};\n{others} step through the derivation",
                 kinds=" ".join(GraphPicture.formats), others=" ".join(WALKS)))
    add("--table", action="store_true", help=say("print the derivation, with -o as well"))
    add("--example", metavar="NAME", help=say("a worked example, such as chain-rule or E1"))
    add("--list", action="store_true", help=say("list the worked examples"))
    add("--demo", type=Path, metavar="DIR",
        help=say("print the worked examples E1 and E2 stage by stage, and write their pictures\n"
                 "into the folder DIR, as SVG, PNG and PDF"))
    add("--playground", action="store_true",
        help=say("write a page into which expressions are typed, with -o page.html"))
    add("--expand", type=_expand, metavar="WHAT",
        help=say("composite gates or scopes to open: names with commas between, a depth, or all"))
    add("--gradient", metavar="LIST",
        help=say("dL/d(output), for an output of several elements"))
    add("--no-backward", action="store_true", help=say("values only, no gradients"))
    add("--numbers", type=_numbers, default="auto", metavar="WHICH",
        help=say("arrays that are written out: auto, all, or those of up to so many numbers"))
    add("--digits", type=int, metavar="N", help=say("significant digits (4)"))
    add("--theme", choices=list(THEMES), default="light", help=say("colours of the picture"))
    add("--direction", choices=["LR", "TB"], default="LR", help=say("from left, or from top"))
    add("--layout", choices=["gategrad", "dot"], default="gategrad",
        help=say("who lays the picture out: this package, or Graphviz"))
    add("--width", type=_width, metavar="WHERE",
        help=say("slide, page, column or points; in rows where the picture is too wide for it"))
    add("--dpi", type=float, metavar="N", help=say("pixels of a .png an inch (144)"))
    add("--leaves", choices=["once", "repeat"], default="once",
        help=say("whether inputs stand wherever they are used"))
    add("--language", metavar="CODE",
        help=say("of what is said in words, such as ko; English (en)"))
    add("--title", metavar="TEXT", help=say("title of the picture"))
    # fmt: on
    return parser


def _parsed(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """The options, wherever they stand; all after a "--" is expression and values."""
    end = words.index("--") if "--" in words else len(words)
    arguments, unknown = parser.parse_known_intermixed_args(words[:end])
    if unknown:
        options = [name for action in parser._actions for name in action.option_strings]
        near = nearest(unknown[0].partition("=")[0], [o for o in options if o.startswith("--")])
        if near:
            raise VizError(f"no option is called {unknown[0]}; perhaps {near}")
        raise VizError(
            f"no option is called {unknown[0]}; an expression that begins with a minus stands "
            f'after the options and "--":  python -m viz -- "{unknown[0]}"'
        )
    arguments.words += words[end + 1 :]
    return arguments


def _run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.demo is not None:
        _only(arguments, "--demo")
        if arguments.demo.exists() and not arguments.demo.is_dir():
            raise VizError(f"--demo {arguments.demo}: this is a file; write the name of a folder")
        looks = {"theme": arguments.theme, "digits": arguments.digits}
        for block in walkthroughs(arguments.demo, **looks):
            print(for_terminal(block), flush=True)
        return
    if arguments.list:
        _only(arguments, "--list")
        for example in examples.EXAMPLES.values():
            print(
                f"{example.alias}  {example.name:<15} {example.expression:<32} {say(example.title)}"
            )
        return
    if arguments.output is not None:
        _check_output(arguments.output)
    if arguments.playground:
        _only(arguments, "--playground")
        if arguments.output is None:
            raise VizError("--playground writes a page; write -o page.html")
        viz.playground(theme=arguments.theme, title=arguments.title).save(arguments.output)
        print(say("wrote {file}", file=arguments.output))
        return
    gradient = arguments.gradient and assignment(f"gradient={arguments.gradient}")[1]
    options = {
        "backward": not arguments.no_backward, "gradient": gradient,
        "expand": arguments.expand, "digits": arguments.digits, "numbers": arguments.numbers,
    }  # fmt: skip
    output, title = _graph(parser, arguments)
    if arguments.output is None or arguments.table:
        print(for_terminal(table(output, **options)))
    if arguments.output is None:
        return
    looks = {"theme": arguments.theme, "title": arguments.title or title}
    is_plain = (arguments.width, arguments.leaves, arguments.layout) == (None, "once", "gategrad")
    walks = options.pop("backward") and arguments.direction == "LR" and is_plain
    if walks and arguments.output.suffix.lower() in WALKS:
        step(output, **options, **looks).save(arguments.output)
    else:
        looks |= {
            "backward": not arguments.no_backward, "direction": arguments.direction,
            "width": arguments.width, "leaves": arguments.leaves, "layout": arguments.layout,
        }  # fmt: skip
        draw(output, **options, **looks).save(arguments.output, dpi=arguments.dpi)
    wrote = say("wrote {file}", file=arguments.output)
    print(f"\n{wrote}" if arguments.table else wrote)


def _graph(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> tuple[Tensor, Any]:
    """The graph that is asked for, and its title."""
    if arguments.example is not None:
        _only(arguments, "--example")
        example = examples.named(arguments.example)
        return example.build(), say(example.title)
    formulas = [word for word in arguments.words if not _is_assignment(word)]
    if not arguments.words:
        parser.error("an expression is needed, or --example NAME, --list, --demo DIR")
    if len(formulas) != 1:
        several = f"received {'  '.join(map(repr, formulas)) or 'values alone'}"
        for word in arguments.words if not formulas else ():
            name, _, value = map(str.strip, word.partition("="))
            if re.search(r"[^\W\d]", re.sub(r"\d[eE]|inf|nan", "", value)):
                several += f'. Is {name} what is computed? Write "{value}"'
                break
        raise VizError(f'one expression is needed, in quotes, such as "(x+y)*z"; {several}')
    values: dict[str, Any] = {}
    for word in arguments.words:
        if _is_assignment(word):
            name, value = assignment(word)
            if name in values:
                raise VizError(f"{name} is given twice; write one value for it")
            values[name] = value
    expression = parse(formulas[0], values)
    output = expression.build(values)
    if not expression.reading:
        return output, None
    reading = say("read as {expression}", expression=expression.reading)
    print(f"{reading}\n")
    return output, reading


def _is_assignment(word: str) -> bool:
    """Whether a word holds a lone = (in a comparison there would be another sign beside it)."""
    before, sign, after = word.partition("=")
    return bool(sign) and not after.startswith("=") and before[-1:] not in ("<", ">", "!")


def _only(arguments: argparse.Namespace, option: str) -> None:
    if arguments.words:
        words = " ".join(arguments.words)
        raise VizError(f"{option} takes no expression and no values; received {words}")
    asked = {
        "--demo": arguments.demo, "--list": arguments.list, "--example": arguments.example,
        "--playground": arguments.playground,
    }  # fmt: skip
    others = [name for name, value in asked.items() if value and name != option]
    if option in ("--demo", "--list"):
        others += ["-o"] if arguments.output else []
    if others:
        raise VizError(f"{option} does not go together with {others[0]}")


def _check_output(path: Path) -> None:
    """Refuse a file that could not be written before anything is computed."""
    if path.suffix.lower() not in SUFFIXES:
        raise VizError(f"-o writes {' '.join(SUFFIXES)} by suffix; received {str(path)!r}")
    if not path.parent.is_dir():
        raise VizError(f"-o {path}: there is no folder {path.parent}")


def _numbers(text: str) -> Any:
    return int(text) if text.isdecimal() else text


def _width(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _expand(text: str) -> Any:
    if text.isdecimal():
        return int(text)
    names = [name.strip() for name in text.split(",") if name.strip()]
    return names[0] if len(names) == 1 else names


def for_terminal(derivation: Derivation) -> str:
    """The text, in colour where standard output takes it."""
    return derivation.colored if takes_colour(sys.stdout) else str(derivation)


if __name__ == "__main__":
    sys.exit(main())
