"""Where the public names of `nn` are; each file is imported when one of its names is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from autograd.extend import guarded
from nn.index import NAMES

__all__ = ["HOMES", "answering", "load", "load_from"]

Named = TypeVar("Named")

_NAMES = {
    **NAMES,
    "module": ("Module",),
    "modes": ("evaluating",),
    "calling": ("call", "flatten"),
    "training": (
        "CSVLog", "Callback", "Checkpoint", "CheckpointError", "DivergenceError", "EMA",
        "EarlyStopping", "History", "LearningRate", "Rates", "StopTraining", "TensorBoardLog",
        "TrainingError", "evaluate", "find_rate", "fit", "predict", "predict_classes",
        "predict_proba",
    ),
    "saving": ("load", "save"),
    "exchange.onnx_file": ("export_onnx",),
    "exchange.torch_module": ("as_torch",),
    "exchange.pytorch": ("from_torch", "to_torch"),
    "exchange.scikit": ("from_sklearn",),
    "errors": ("DescriptionError", "FileFormatError", "OptionError", "StateError"),
    "losses.errors": ("LogitsWarning", "TargetError"),
    "names": ("UnknownNameError",),
}  # fmt: skip

HOMES = {name: home for home, names in _NAMES.items() for name in names}
"""The file of each name, in this package."""


def load(name: str) -> Any:
    """The public name itself; a layer or model answers keywords that it does not take."""
    value = getattr(import_module(f"nn.{HOMES[name]}"), name)
    return answering(f"nn.{name}")(value) if HOMES[name].startswith(("layers", "models")) else value


def answering(shown: str) -> Callable[[Named], Named]:
    """A decorator: a function, or a class's constructor, has our words for other libraries'
    keywords."""

    def decorated(what: Any) -> Any:
        if not isinstance(what, type):
            return guarded(what, shown, answer=_refuse)
        kind: Any = what
        if "__init__" in vars(kind):
            kind.__init__ = guarded(kind.__init__, shown, method=True, answer=_refuse)
        return kind

    return decorated


def _refuse(function: str, options: Any, known: tuple[str, ...]) -> None:
    from nn.foreign import unknown_option

    unknown_option(function, options, known)


def load_from(package: str, name: str) -> Any:
    """The public name itself, where its file is in the package; else an AttributeError, with our
    word for another library's."""
    if not HOMES.get(name, "").startswith(f"{package}."):
        from autograd.extend import missing
        from nn.foreign import NAMES

        raise missing(sys.modules[f"nn.{package}"], name, NAMES)
    return load(name)
