"""What all optimisers share: parameters in groups, their state, and one step over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from autograd import Tensor
from nn.options import above_zero, at_least_zero, choice

from .clipping import clip_grad_norm, clip_grad_value
from .engine import BACKENDS, Engine, Rule, Typed, Update
from .errors import OptimizerError, UnboundError
from .groups import groups_of
from .packs import Pack, packs_of
from .states import checked_state

__all__ = ["Optimizer", "effective_gradient"]


_NO_SETTINGS = frozenset({
    "self", "params", "clip_norm", "clip_value", "backend", "threads", "__class__",
})  # fmt: skip
"""What else is among the arguments of a constructor, whose `locals()` are given."""


class Optimizer:
    """Base of the optimisers. Two ways to give it parameters, and then `step` after `backward`:

    ``optim.Adam(model.parameters(), lr=1e-3)``, or ``optim.Adam(lr=1e-3)``, which `nn.fit` binds
    to its model, as ``.bind(parameters)`` does. Parameters are leaves, arrays or scalar nodes, or
    groups of them, dictionaries such as ``{"params": [w], "lr": 0.1, "weight_decay": 0.0}``.

    Attributes: `param_groups`, a dictionary a group with ``"params"`` and every setting, read at
    each step; `lr`, the rate. Parameters without a gradient are left alone, their state too.
    Arrays are updated in place. The same gradients in the same order give the same bits, by any
    back end: ``backend="numba"`` compiles the rule to one loop (with the extra `jit`), and
    `threads` share an array of 2¹⁸ numbers or more, one of them by default and with "numba" as many
    as there are processors, four at most.
    """

    CHECKS: ClassVar[dict[str, Callable[[str, str, Any], Any]]] = {
        "lr": at_least_zero,
        "weight_decay": at_least_zero,
        "maximize": choice,
    }
    FIXED: ClassVar[tuple[str, ...]] = ()  # settings that the state depends on

    def __init__(
        self,
        params: Iterable[Any] | None,
        given: Mapping[str, Any],
    ) -> None:
        name = type(self).__name__
        if isinstance(params, (int, float)):
            raise OptimizerError(
                f"{name}: parameters come first and received {params!r}: write "
                f"{name}(lr={params!r}), or {name}(model.parameters(), lr={params!r})"
            )
        settings = {key: value for key, value in given.items() if key not in _NO_SETTINGS}
        self.defaults = self.checked(settings)
        self.clip_norm = _limit(name, "clip_norm", given["clip_norm"])
        self.clip_value = _limit(name, "clip_value", given["clip_value"])
        self.engine = Engine(name, given["backend"], given["threads"])
        self.param_groups: list[dict[str, Any]] = []
        self._lr: float = self.defaults["lr"]
        self._ratios: list[float] = []  # of a group's own rate to `lr`
        self.packs: list[list[Pack]] = []  # by group
        self._fixed: list[list[Any]] = []  # by group, the values of FIXED
        if params is not None:
            self.bind(params)

    # ---- what an optimiser defines

    def checked(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """`settings` with every value looked at; raises OptionError or DataError."""
        name = type(self).__name__
        for key in settings:
            if key not in self.CHECKS:
                raise OptimizerError(
                    f"{name} has no setting {key!r}: it has {', '.join(self.CHECKS)}"
                )
        return {key: self.CHECKS[key](name, key, value) for key, value in settings.items()}

    def state_names(self, settings: Mapping[str, Any]) -> dict[str, float]:
        """The arrays that are kept beside each parameter, and what fills them at first."""
        raise NotImplementedError

    def rule(self, steps: int, settings: Mapping[str, Any], typed: Typed) -> Rule:
        """The update number `steps`, counted from 1, as a function on arrays: see `packs`.

        `typed` makes a constant of the arrays' dtype, which NumPy takes faster than a float.
        Numbers decide what is called here, not in the function.
        """
        raise NotImplementedError

    def is_steady(self, settings: Mapping[str, Any]) -> bool:
        """Whether `rule` is the same at all steps but the first."""
        return False

    # ---- what users call

    def bind(self, parameters: Iterable[Any]) -> Self:
        """Give it the parameters to step: Tensors, or dictionaries of groups. Returns itself.

        Bound again to the same parameters it keeps its state, so training goes on.

        Raises OptimizerError (a ValueError) where there are none, where one is no leaf or comes
        twice, where a group has an unknown setting, or where it is bound to others already.
        """
        groups = groups_of(type(self).__name__, parameters, self.defaults, self.checked)
        if self.param_groups:
            if [_ids(group) for group in groups] != [_ids(g) for g in self.param_groups]:
                raise OptimizerError(
                    f"{self!r} is bound to other parameters already, and its state belongs to "
                    f"them: make another {type(self).__name__}"
                )
            return self
        base = self.defaults["lr"]
        if base == 0.0 and any(group["lr"] for group in groups):
            raise OptimizerError(
                f"{type(self).__name__}: a group has a rate of its own and lr is 0, so their "
                "ratio is unknown: give the optimiser a rate above 0"
            )
        self._check_rules(self.engine, groups)
        self._ratios = [group["lr"] / base if group["lr"] != base else 1.0 for group in groups]
        self.param_groups = groups
        self._fix()
        self.packs = [packs_of(g["params"], [(0, {})] * len(g["params"])) for g in groups]
        return self

    @property
    def parameters(self) -> list[Tensor]:
        """All parameters, group after group."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    @property
    def lr(self) -> float:
        """The rate. Setting it sets every group's; one with its own keeps its ratio to this one."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = at_least_zero(type(self).__name__, "lr", value)
        for group, ratio in zip(self.param_groups, self._ratios, strict=True):
            group["lr"] = self._lr * ratio

    def zero_grad(self) -> None:
        """Forget all gradients: `grad` is None again."""
        for parameter in self._bound().parameters:
            parameter.zero_grad()

    def step(self) -> None:
        """Update every parameter that has a gradient, in place.

        Raises UnboundError (a RuntimeError) where it has no parameters yet.
        """
        self._bound()
        if self.clip_value is not None:
            clip_grad_value(self.parameters, self.clip_value)
        if self.clip_norm is not None:
            clip_grad_norm(self.parameters, self.clip_norm)
        for packs in self.packs:
            packs[:] = [part for pack in packs for part in pack.split()]
        # Whether training diverged is for the loop to say, with the gate that made the first NaN.
        with np.errstate(all="ignore"):
            for pack, update, fills in self.coming():
                if pack.has_gradients:
                    pack.step(update, fills, self.engine)
                    pack.steps += 1

    def engine_for(self, backend: str | None) -> Engine:
        """What steps it in a training by a back end: loops, where that has them and its rules can
        be such, and else what it was made with."""
        if self.engine.loops or not BACKENDS.get(str(backend)):
            return self.engine
        engine = Engine(self.engine.owner, str(backend), self.engine.threads)
        try:
            self._check_rules(engine, self.param_groups)
        except OptimizerError:  # a rule of one's own
            return self.engine
        return engine

    def _check_rules(self, engine: Engine, groups: list[dict[str, Any]]) -> None:
        for group in groups:
            engine.check(partial(self.rule, 1, group), len(self.state_names(group)))

    def coming(self) -> list[tuple[Pack, Update, dict[str, float]]]:
        """Of the step to come, each pack with its update, and what fills its state at first.

        Raises OptimizerError (a ValueError) where a setting has changed that must not.
        """
        found = []
        for group, packs, fixed in zip(self.param_groups, self.packs, self._fixed, strict=True):
            if [group[name] for name in self.FIXED] != fixed:
                raise OptimizerError(
                    f"{type(self).__name__}: {', '.join(self.FIXED)} cannot change once it is "
                    f"bound, its state depends on them: make another {type(self).__name__}"
                )
            fills = self.state_names(group)
            updates: dict[tuple[int, np.dtype], Update] = {}  # most often one for all
            for pack in packs:
                key = pack.steps + 1, pack.dtype
                if key not in updates:
                    rule = partial(self.rule, pack.steps + 1, group)
                    updates[key] = Update(rule, pack.dtype, len(fills))
                found.append((pack, updates[key], fills))
        return found

    def count(self) -> None:
        """A program has taken a step of all parameters."""
        for packs in self.packs:
            for pack in packs:
                pack.steps += 1

    def _fix(self) -> None:
        self._fixed = [[group[name] for name in self.FIXED] for group in self.param_groups]

    # ---- state

    def state_dict(self) -> dict[str, Any]:
        """Everything to go on from, to the same bits: settings, and copies of the state.

        Keys: ``"optimizer"`` (its class's name), ``"lr"``, ``"param_groups"`` (the settings of
        each, and how many parameters under ``"params"``), and ``"state"``, an entry a parameter:
        ``"step"`` and its arrays (floats for scalar nodes), by PyTorch's names.
        """
        state = []
        for group, packs in zip(self._bound().param_groups, self.packs, strict=True):
            entries = {
                id(parameter): {"step": steps, **arrays}
                for pack in packs
                for parameter, steps, arrays in pack.entries()
            }
            state += [entries[id(parameter)] for parameter in group["params"]]
        return {
            "optimizer": type(self).__name__,
            "lr": self._lr,
            "param_groups": [
                {**group, "params": len(group["params"])} for group in self.param_groups
            ],
            "state": state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; the parameters' values are the model's to restore.

        Raises OptimizerError (a ValueError), and changes nothing, where it is another optimiser's
        or other parameters', or holds a value that cannot be; UnboundError before `bind`.
        """
        lr, settings, entries = checked_state(self._bound(), state)
        for group, found in zip(self.param_groups, settings, strict=True):
            group.update(found)
        self._lr = lr
        self._fix()
        rest = iter(entries)
        self.packs = [
            packs_of(group["params"], [next(rest) for _ in group["params"]])
            for group in self.param_groups
        ]

    def given(self) -> dict[str, Any]:
        """Every setting by its name, as plain data; of several groups ``"param_groups[1].eps"``."""
        found: dict[str, Any] = {
            "lr": self._lr, "clip_norm": self.clip_norm, "clip_value": self.clip_value,
        }  # fmt: skip
        for key, group, name in self._settings():
            value = group[name]
            found[key] = list(value) if isinstance(value, tuple) else value
        return found

    def give(self, settings: Mapping[str, Any]) -> None:
        """Set what `given` named; a group's own rate keeps its ratio to the common one."""
        owner = type(self).__name__
        self.clip_norm = _limit(owner, "clip_norm", settings.get("clip_norm", self.clip_norm))
        self.clip_value = _limit(owner, "clip_value", settings.get("clip_value", self.clip_value))
        for key, group, name in self._settings():
            if key in settings:
                group[name] = self.CHECKS[name](owner, key, settings[key])
        self.lr = settings.get("lr", self._lr)

    def _settings(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        """A name, the group, and the name in it, of each setting; the rate of a group that has one
        of its own."""
        for i, (group, ratio) in enumerate(zip(self.param_groups, self._ratios, strict=True)):
            several = len(self.param_groups) > 1
            for name in self.defaults:
                if name != "lr" or ratio != 1.0:
                    own = several or name == "lr"
                    yield f"param_groups[{i}].{name}" if own else name, group, name

    def __repr__(self) -> str:
        settings = ", ".join(f"{key}={self._present(key)!r}" for key in self.defaults)
        return f"{type(self).__name__}({settings})"

    def _present(self, key: str) -> Any:
        """A setting as the next step will read it: the groups' one value, or a list of theirs."""
        values = [group[key] for group in self.param_groups]
        if not values:
            return self._lr if key == "lr" else self.defaults[key]
        return values[0] if all(value == values[0] for value in values) else values

    def _bound(self) -> Self:
        if not self.param_groups:
            raise UnboundError(
                f"{self!r} has no parameters yet: write "
                f"{type(self).__name__}(model.parameters(), ...), .bind(parameters), or give it "
                "to nn.fit"
            )
        return self


def effective_gradient(
    p: Any, g: Any, spare: Any, scratch: Any, weight_decay: float, maximize: bool
) -> Any:
    """The gradient with its sign turned where `maximize`, and `weight_decay` of `p` added.

    It is `g` itself where neither is asked for, else it is written to `spare`.
    """
    if maximize:
        g = np.negative(g, spare)
    if weight_decay:
        np.multiply(p, weight_decay, scratch)
        g = np.add(g, scratch, spare)
    return g


def _limit(owner: str, name: str, value: float | None) -> float | None:
    return None if value is None else above_zero(owner, name, value)


def _ids(group: Mapping[str, Any]) -> list[int]:
    return [id(parameter) for parameter in group["params"]]
