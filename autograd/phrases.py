"""What readers are told, in their language: English in the code, others in `languages/`.

A phrase is a whole sentence, or a word that stands alone, with named places for what varies; code
says it by `say` and `say_count`. A language is a gettext catalogue, `languages/ko.po`, and is read
as translators' tools write it: it merges as text, a checkout, an editable install and a wheel hold
the same file, and nothing has to be compiled before it holds. The rules for plurals and what is
done without a translation are the standard library's (`catalogues.py`).

The language is a context variable, local to a thread and an async task; that of the environment is
never guessed. What is made in a block keeps its language, and what says something later says it in
that (`in_its_language`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ContextDecorator
from contextvars import ContextVar
from functools import lru_cache, wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from unicodedata import category, east_asian_width

from autograd.errors import LanguageError
from autograd.particles import with_particles

__all__ = [
    "current_language", "in_its_language", "in_language", "language", "language_asked", "padded",
    "phrase", "say", "say_count", "terminal_width",
]  # fmt: skip

FOLDER = Path(__file__).parent / "languages"

P = ParamSpec("P")
T = TypeVar("T")

_languages: ContextVar[tuple[str, ...]] = ContextVar("languages", default=("en",))
"""Those of the open blocks, the innermost last."""


def language(code: str | None) -> AbstractContextManager[None]:
    """A block in which readers are told things in a language, `"en"` or `"ko"`.

    What is made inside, such as a picture, keeps it. None leaves the language as it is. In a
    notebook ``%load_ext viz`` and then ``%language ko`` set it for all cells that follow.

    Raises
    ------
    LanguageError (a ValueError) : there is no such catalogue.

    >>> import viz
    >>> from autograd import Tensor
    >>> x = Tensor(3.0, name="x")
    >>> with viz.language("ko"):
    ...     picture = viz.draw(x * x)
    >>> picture
    <Picture: 계산 그래프, 게이트 1개>
    """
    if code is not None and code not in (known := languages()):
        raise LanguageError(f"language is one of {', '.join(map(repr, known))}; received {code!r}")
    return _Block(code)


class _Block(AbstractContextManager[None], ContextDecorator):
    """It keeps nothing of who is in it: a decorated function may run in many threads."""

    def __init__(self, code: str | None) -> None:
        self._code = code

    def __enter__(self) -> None:
        _languages.set((*_languages.get(), self._code or current_language()))

    def __exit__(self, *_: object) -> None:
        _languages.set(_languages.get()[:-1])

    def __repr__(self) -> str:
        return (
            f"<language {self._code!r}, of a block: write with viz.language({self._code!r}): and "
            "the block; of a notebook's cells: %load_ext viz, then %language ko>"
        )


def language_asked(words: Sequence[str]) -> str | None:
    """The language that the words of a command line ask for, before they are parsed: what is said
    of the options is said in it.

    >>> language_asked(["--help", "--language", "ko"]), language_asked(["--language=ko"])
    ('ko', 'ko')
    """
    after = [following for word, following in pairwise(words) if word == "--language"]
    joined = [word.partition("=")[2] for word in words if word.startswith("--language=")]
    return next(iter(after + joined), None)


def languages() -> list[str]:
    """Those that there are: English, and one a catalogue."""
    return ["en", *sorted(path.stem for path in FOLDER.glob("*.po"))]


def current_language() -> str:
    """The language of the block that one is in."""
    return _languages.get()[-1]


def in_language(function: Callable[P, T]) -> Callable[P, T]:
    """A decorator: the function runs in the language that its keyword `language` names."""

    @wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        code: Any = kwargs.get("language")
        if code is None:
            return function(*args, **kwargs)
        with language(code):
            return function(*args, **kwargs)

    return told


def in_its_language(function: Callable[P, T]) -> Callable[P, T]:
    """A decorator: the function runs in the language that its first argument has kept.

    That is its attribute `language`, taken from `current_language()` when it was made.
    """

    @wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        kept: Any = args[0]
        with _Block(kept.language):
            return function(*args, **kwargs)

    return told


# ---- phrases


def phrase(text: str) -> str:
    """Marks a phrase that stands in a table and is said later: `say(TABLE[key])`."""
    return text


def say(phrase: str, /, **values: Any) -> str:
    """A phrase in the reader's language, `values` put in at their names.

    >>> say("Step {index} of {last}", index=2, last=5)
    'Step 2 of 5'
    """
    code = current_language()
    is_known = code != "en" and phrase != ""  # gettext has a catalogue's header under no text
    return _filled(code, _catalogue(code).gettext(phrase) if is_known else phrase, values)


def say_count(one: str, many: str, count: int, /, **values: Any) -> str:
    """A phrase about a number of things, `{count}`, in the form that the number asks for.

    >>> [say_count("{count:,} gate", "{count:,} gates", n) for n in (1, 1200)]
    ['1 gate', '1,200 gates']
    """
    code = current_language()
    if code == "en":
        text = one if count == 1 else many
    else:
        text = _catalogue(code).ngettext(one, many, count)
    return _filled(code, text, {"count": count, **values})


@lru_cache
def _catalogue(code: str) -> Any:
    """A language's phrases, as the standard library knows them."""
    from autograd.catalogues import translations

    return translations((FOLDER / f"{code}.po").read_text("utf-8"))


def _filled(code: str, text: str, values: dict[str, Any]) -> str:
    made = text.format(**values) if values else text
    return with_particles(made) if code == "ko" and values else made


# ---- their width


def terminal_width(text: str) -> int:
    """How many columns of a terminal `text` takes; Korean letters take two, accents none.

    >>> terminal_width("w0"), terminal_width("가중치"), terminal_width("é")
    (2, 6, 1)
    """
    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    marks = sum(category(letter) in ("Mn", "Me", "Cf") for letter in text)
    return len(text) + wide - marks


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A text with the blanks after it, or before it, that make it `width` columns wide.

    >>> padded("층", 4), padded("12", 4, right=True)
    ('층  ', '  12')
    """
    blanks = " " * (width - terminal_width(text))
    return blanks + text if right else text + blanks
