"""Models that `ag.from_onnx` and `ag.from_torch` read, where a module is asked for."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import DataError
from autograd.extend import ReadModel
from nn.module import Module

__all__ = ["AsModule"]


class AsModule(Module):
    """A module around a model that was read: its Tensors are the model's, by the model's names."""

    numbers_parts: ClassVar[bool] = True  # Tensors keep the names that they were read with

    def __init__(self, model: ReadModel) -> None:
        self.read = model
        vars(self)[""] = {**model.parameters, **model.buffers}  # the way to each is its own name

    @classmethod
    def of(cls, model: ReadModel) -> AsModule:
        """The one of a model: what `fit` learns of classes and columns, `predict` knows."""
        held = vars(model)
        if "_module" not in held:
            held["_module"] = cls(model)
        made: AsModule = held["_module"]
        return made

    def run(self, label: str, /, *inputs: Any, **options: Any) -> Any:
        """`forward`, in the scopes that the model has itself."""
        return self.forward(*inputs, **options)

    def forward(self, *inputs: Any, **by_name: Any) -> Any:
        return self.read(*inputs, **by_name)

    def arguments(self) -> dict[str, Any]:
        raise DataError(
            f"{self.read.title} was read from a file or from PyTorch, and nn cannot build it anew: "
            "keep the file, or write nn.export_onnx(model, example, path)"
        )

    def __repr__(self) -> str:
        return repr(self.read)
