"""What the command lines of packages on top share: letters, language, messages, exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import AutogradError
from autograd.phrases import language, language_asked, say

__all__ = ["HelpFormatter", "exit_code_of", "takes_colour"]


def exit_code_of(
    program: str,
    argv: Sequence[str] | None,
    run: Callable[[list[str]], int],
    failures: tuple[type[Exception], ...] = (OSError,),
) -> int:
    """What `run` returns of the words of a command line, in the language that they ask for.

    A message on standard error takes the place of a traceback: 1 for `failures`, of files and what
    writes them, 2 for other errors of ours, 130 after Ctrl-C. A reader who has seen enough, such as
    `head`, is no failure.
    """
    _write_any_letter()
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        with language(language_asked(words)):
            code = run(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except failures as error:
        sys.stderr.write(f"{program}: {error}\n")
        return 1
    except AutogradError as error:
        sys.stderr.write(f"{program}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _write_any_letter() -> None:
    """Signs such as − and → go through a pipe as UTF-8, whatever the system's old code page."""
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
        if encoding != "utf8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


def takes_colour(stream: Any) -> bool:
    """Whether a terminal reads it that has colours, and nobody asked for none (NO_COLOR)."""
    reads = hasattr(stream, "isatty") and stream.isatty()
    return bool(reads and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Texts as they are, the first word in the reader's language."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, say("usage: ") if prefix is None else prefix)
