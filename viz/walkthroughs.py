"""The demonstration: two worked examples stage by stage, with their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from autograd.extend import say

from . import examples
from .blocks import Piece, Words
from .derivation import Derivation, table
from .drawing import draw
from .errors import RendererError
from .examples import Example
from .picture import Picture

SHOWN = ("chain-rule", "sigmoid-neuron")
KINDS = (".svg", ".png", ".pdf")
WIDTH = 78


def walkthroughs(
    folder: Path, *, theme: str = "light", digits: int | None = None
) -> Iterator[Derivation]:
    """The derivations of E1 and E2, block by block, as text to print; their pictures are written.

    Raises
    ------
    RendererError : nothing here can lay a picture out; the derivations come all the same, before.
    """
    missing = ""
    for count, name in enumerate(SHOWN, 1):
        example = examples.named(name)
        output = example.build()
        yield heading(example, count)
        yield table(output, digits=digits)
        picture = draw(output, title=say(example.title), theme=theme, digits=digits)
        try:
            files = () if missing else _saved(picture, folder, name)
        except RendererError as error:
            missing, files = str(error), ()
        if files:
            yield _said(say("Pictures: {files}", files="  ".join(map(str, files))))
    if missing:
        raise RendererError(f"no pictures were written: {missing}")


def _saved(picture: Picture, folder: Path, name: str) -> list[Path]:
    for kind in KINDS:
        getattr(picture, kind[1:])  # Rendered, or refused, before the folder is made.
    folder.mkdir(parents=True, exist_ok=True)
    return [picture.save(folder / f"{name}{kind}") for kind in KINDS]


def _said(sentence: str) -> Derivation:
    lines = wrap(sentence, WIDTH - 6, break_long_words=False, break_on_hyphens=False)
    return Derivation([Words(([], *([Piece(f"   {line}")] for line in lines), []))])


def heading(example: Example, count: int) -> Derivation:
    """A walkthrough's title between rules, its formula, and one sentence."""
    rule = [Piece("═" * WIDTH, "quiet")]
    title = say(
        "Walkthrough {number} of {count} ({alias}): {title}", number=count, count=len(SHOWN),
        alias=example.alias, title=say(example.title),
    )  # fmt: skip
    formula = [Piece(f"   f = {example.expression}")]
    sentence = [[Piece(f"   {line}")] for line in wrap(say(example.text), WIDTH - 6)]
    lines = (rule, [Piece(title, "title")], rule, [], formula, [], *sentence, [])
    return Derivation([Words(lines)])
