"""What `%load_ext viz` brings to a notebook: the language of its cells."""

from __future__ import annotations

from typing import Any

from autograd.extend import current_language, language


def load_ipython_extension(shell: Any) -> None:
    """The magic ``%language ko``: all cells that follow speak Korean, until ``%language en``.

    A cell may run in a context of its own, so that the language is set before each of them.

    Raises
    ------
    LanguageError (a ValueError), by the magic : there is no such catalogue.
    """
    chosen = "en"

    def speak(*_: Any) -> None:
        if current_language() != chosen:
            language(chosen).__enter__()

    def choose(line: str) -> None:
        nonlocal chosen
        language(line.strip())  # Or it is refused.
        chosen = line.strip()
        speak()

    shell.register_magic_function(choose, "line", "language")
    shell.events.register("pre_run_cell", speak)
