"""What a module is: parameters found on attributes, a call that opens a scope, and its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Protocol, TypeVar

import numpy as np

from autograd import Tensor, UnsupportedError, scope
from nn.calls import Call, calls
from nn.modes import evaluation
from nn.options import choice
from nn.state import Grid, Holder, Loaded, entries, inside, load_entries, named_tensors, walk

if TYPE_CHECKING:
    from nn.summaries import Summary

    Given = ParamSpec("Given")
    Output = TypeVar("Output", covariant=True)

    class Forward(Protocol[Given, Output]):
        """Something that has a `forward`."""

        def forward(self, *inputs: Given.args, **options: Given.kwargs) -> Output: ...


__all__ = ["Module", "name_parts"]

Self = TypeVar("Self", bound="Module")


class Module(Holder):
    """Base of everything with parameters. Write `forward`, and call the module itself.

    Parameters are Tensors found on attributes, also inside lists, tuples, dicts and other modules.
    A Tensor that wants no gradient is state: it is in `state_dict`, not in `parameters`. A list of
    scalar nodes, or a rectangular list of such lists, is one array in `state_dict`.

    Attributes
    ----------
    training : whether dropout drops and batch normalisation counts; set it by `train` and `eval`.
        Inside of `nn.evaluating`, and so of `predict` and `evaluate`, it is False.
    classes_, feature_names_in_ : the labels and the names of columns that `fit` trained it with, or
        None. Both are saved with it; `predict` looks whether a frame has these columns.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Tensor(2.0), Tensor(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data, [name for name, p in line.named_parameters()]
    (7.0, ['slope', 'offset'])
    """

    _training = True
    _frozen: tuple[str, ...] | None = None  # the names of what `freeze` froze
    _stays: bool | None = None  # of a copy that `nn.call` makes: whether the module is frozen
    classes_: np.ndarray | None = None
    feature_names_in_: Any = None
    elementwise: ClassVar[bool] = False
    """Whether each entry of its output depends on the same entry of its input alone."""
    numbers_parts: ClassVar[bool] = False
    """Whether it calls the modules that it holds by numbered names, not by those of attributes."""

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """The output for the inputs; what a module of your own defines."""
        raise UnsupportedError(
            f"{type(self).__name__} does not say what it computes: define forward(self, x)"
        )

    if TYPE_CHECKING:  # takes and returns what the `forward` of the class does

        def __call__(
            self: Forward[Given, Output], *inputs: Given.args, **options: Given.kwargs
        ) -> Output: ...

    else:

        def __call__(self, *inputs, **options):
            """`forward`, in a scope of the module's label."""
            return self.run(self.label, *inputs, **options)

    def run(self, label: str, /, *inputs: Any, **options: Any) -> Any:
        """`forward`, in a scope called `label`: for modules that number what they hold."""
        log = calls.get()
        if log is None:
            with scope(label):
                return self.forward(*inputs, **options)
        place = len(log.made)
        log.made.append(None)
        log.depth += 1
        try:
            with scope(label):
                output = self.forward(*inputs, **options)
        finally:
            log.depth -= 1
        log.made[place] = Call(self, label, log.depth, inputs, output, options)
        return output

    @property
    def label(self) -> str:
        """What pictures, summaries and errors call it, unless assigned: the attribute that it was
        first assigned to, such as ``"encoder"`` or ``"blocks.0"``; else its kind."""
        found = vars(self)
        return found.get("label") or found.get("_attribute") or self.kind_label

    @label.setter
    def label(self, value: str) -> None:
        vars(self)["label"] = value

    @property
    def kind_label(self) -> str:
        """What it is called among others: its label where one was assigned, else its class's name
        in small letters."""
        return vars(self).get("label") or type(self).__name__.lower()

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if not self.numbers_parts:
            name_parts(value, name)

    # ---- what it holds

    def parameters(self) -> list[Tensor]:
        """The Tensors that are trained, each once, in the order of the attributes."""
        return [tensor for _, tensor in self.named_parameters()]

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Names such as ``"layers.0.weight"``, and the Tensors; a shared one by its first name."""
        yield from (pair for pair in named_tensors(self) if pair[1].requires_grad)

    def tensors(self) -> list[Tensor]:
        """Every Tensor that it holds, trained or not, each once."""
        return [tensor for _, tensor in named_tensors(self)]

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Itself under the empty name, and the modules inside with names such as ``"layers.0"``."""
        seen: set[int] = set()
        yield from _modules(self, "", seen, "")

    def modules(self) -> list[Module]:
        """Itself and the modules inside, each once, the outer ones first."""
        return [module for _, module in self.named_modules()]

    @property
    def takes_numbers(self) -> bool:
        """Whether it was made with ``scalar=True``, and takes lists of numbers."""
        return bool(vars(self).get("scalar"))

    @property
    def is_scalar(self) -> bool:
        """Whether it, or a module inside, takes lists of numbers, each weight a scalar node."""
        return any(module.takes_numbers for module in self.modules())

    @property
    def dtype(self) -> np.dtype | None:
        """Of its first array of floats; None where it has none (scalar nodes are Python floats)."""
        for _, entry in entries(self):
            if (
                isinstance(entry, Tensor)
                and entry.dtype.kind == "f"
                and type(entry.data) is not float
            ):
                return entry.dtype
        return None

    # ---- its modes and its state

    @property
    def training(self) -> bool:
        return self._training and not evaluation.get()

    @training.setter
    def training(self, mode: bool) -> None:
        self._training = bool(mode)

    def train(self: Self, mode: bool = True) -> Self:
        """Make it, and the modules inside, behave as in training; returns itself."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: Self) -> Self:
        """Make it, and the modules inside, behave as in use; returns itself."""
        return self.train(False)

    def freeze(self: Self) -> Self:
        """Leave its parameters, and those of the modules inside, as they are; returns itself.

        They want no gradient and are no longer among `parameters()`; batch normalisation inside
        computes with its running averages, and counts no more; dropout goes on. A file does not
        keep that a model was frozen.

        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm(3), nn.Linear(3, 1))
        >>> frozen = model[0].freeze(), model[1].freeze()
        >>> len(model.parameters()), len(model.unfreeze().parameters())
        (2, 6)
        """
        names = [[name for name, _ in module.named_parameters()] for module in self.modules()]
        for module, own in zip(self.modules(), names, strict=True):
            vars(module)["_frozen"] = (*(module._frozen or ()), *own)
        for tensor in self.parameters():
            tensor.requires_grad = False
        return self

    def unfreeze(self: Self) -> Self:
        """Train again what `freeze` froze, here and in the modules inside; returns itself."""
        for module in self.modules():
            frozen = vars(module).pop("_frozen", ())
            for name, tensor in named_tensors(module):
                if name in frozen:
                    tensor.requires_grad = True
        return self

    @property
    def is_frozen(self) -> bool:
        """Whether it stays as it is: `freeze` was called on it, or on a module around it."""
        return self._frozen is not None if self._stays is None else self._stays

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: `grad` is None again."""
        for tensor in self.parameters():
            tensor.zero_grad()

    def state_dict(self) -> dict[str, np.ndarray]:
        """Copies of all parameters and state, by name; what is held twice by its first name alone.

        `nn.to_torch` gives them under PyTorch's names and in its layouts, and `nn.from_torch` takes
        those over.
        """
        return {
            name: entry.array() if isinstance(entry, Grid) else np.array(entry.data)
            for name, entry in entries(self)
        }

    def load_state_dict(self, state: Mapping[str, Any], *, strict: bool = True) -> Loaded | None:
        """Take over arrays by name, cast to the model's dtypes; all of them are checked first.

        What is held twice may come under any of its names, and under several with equal arrays.
        With ``strict=False`` names may be missing or unknown: they are returned, as ``missing`` and
        ``unexpected``, and left alone.

        Raises StateError (a ValueError) for names that are missing or unknown, for other shapes,
        for anything but real numbers, and inside of a transform for what it differentiates, whose
        gradient would be lost: `nn.call` computes with such a state. Nothing is changed then.
        Elsewhere a computed Tensor that wants a gradient is taken with a DetachedWarning.
        """
        strict = choice("load_state_dict", "strict", strict)
        left = load_entries(f"{type(self).__name__}.load_state_dict()", self, state, strict)
        return None if strict else left

    # ---- how it is shown and written down

    def summary(
        self, input_shape: int | tuple[int, ...] | None = None, *, language: str | None = None
    ) -> Summary:
        """A table of its layers: output shapes, parameters, memory, multiply-adds.

        Parameters
        ----------
        input_shape : of one sample, without the batch; by default what the first layer expects.
        language : of its words, `"en"` or `"ko"`; by default that of `with viz.language(...)`.

        >>> import nn
        >>> nn.MLP(3, [4], 2).summary().parameters
        26
        """
        from nn.summaries import summarize

        return summarize(self, input_shape, language=language)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """How many it takes to compute `output` from `inputs`, modules inside not counted."""
        return 0

    def arguments(self) -> dict[str, Any]:
        """What it was made with, by name: read from attributes of the constructor's names."""
        from nn.written import arguments_of

        return arguments_of(self)

    if not TYPE_CHECKING:  # for type checkers it would have every attribute

        def __getattr__(self, name: str) -> Any:
            """Of a name that it does not have: the error, with our word for another library's."""
            if name.startswith("__") or hasattr(type(self), name):
                # Python's own error, or that of a property, which says why.
                return object.__getattribute__(self, name)
            from nn.foreign import missing_attribute

            raise missing_attribute(self, name)

    def __repr__(self) -> str:
        from nn.written import written

        return written(self)


def name_parts(value: Any, name: str) -> None:
    """Call modules, held by an attribute of that name or in a container there, and their Tensors
    after it; the first name that a module gets it keeps."""
    if isinstance(value, Module):
        if "_attribute" not in vars(value):
            vars(value)["_attribute"] = name
            for _, entry in walk(value):
                for tensor in entry.nodes if isinstance(entry, Grid) else [entry]:
                    tensor.name = tensor.name and f"{name}.{tensor.name}"
    elif isinstance(value, (list, tuple, dict)):
        held = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in held:
            if not isinstance(item, (Module, list, tuple, dict)):
                return  # numbers, most often
            name_parts(item, f"{name}.{key}")


def _modules(
    value: Any, path: str, seen: set[int], own: str | None = None
) -> Iterator[tuple[str, Module]]:
    """Modules in `value`, a module or a container, with their names; `own` is the way from the
    module that holds it, after which what an attribute got later, in a list, is called too."""
    held = inside(value)
    if held is None or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Module):
        if own and "_attribute" not in vars(value):
            name_parts(value, own)
        own = None if value.numbers_parts else ""
        yield path, value
    for name, item in held:
        if inside(item) is None:
            continue
        inner = own if own is None else f"{own}.{name}" if own else str(name)
        yield from _modules(item, f"{path}.{name}" if path else str(name), seen, inner)
