"""A network as stages: maps, sequences and units, what makes each, and what each reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

from autograd.extend import say, say_count
from viz.languages import listed

from .columns import given


@dataclass
class Stage:
    """What a layer makes of one sample.

    Attributes
    ----------
    names : of its modules, one after another.
    shape : of what it makes, without the batch.
    sources : the stages that it reads, by their numbers.
    window : (height, width) of what it reads of its source at a place, where it slides.
    meets : the sign of the gate where several sources meet, such as "+".
    recurs : whether it is its own successor; `ways` are 2 where it reads a sequence both ways,
        `layers` and `states` how many it has.
    mixes : whether what it makes of a sequence may come from all of its steps; `picks`, whether it
        is the last one.
    is_plain : whether it works on each number by itself, or on each channel.
    is_maps, is_text : whether what it makes is channels of maps, or tokens; else steps or units.
    parameters : how many it has.
    """

    names: list[str]
    shape: tuple[int, ...]
    sources: list[int] = field(default_factory=list)
    window: tuple[int, ...] = ()
    meets: str = ""
    recurs: bool = False
    ways: int = 1
    layers: int = 1
    states: int = 1
    mixes: bool = False
    picks: bool = False
    is_plain: bool = False
    is_maps: bool = False
    is_text: bool = False
    parameters: int = 0

    @property
    def title(self) -> str:
        return " → ".join([self.meets, *self.names] if self.meets else self.names)

    @property
    def is_units(self) -> bool:
        return not self.is_maps and not self.is_sequence

    @property
    def is_sequence(self) -> bool:
        return self.is_text or (len(self.shape) == 2 and not self.is_maps)

    @property
    def size(self) -> str:
        """Its shape as papers write it: ``6@24×24``, ``84``.

        >>> Stage(["conv"], (6, 24, 24), is_maps=True).size, Stage(["rnn"], (28, 64)).size
        ('6@24×24', '28×64')
        """
        if not self.shape:
            return "1"
        if self.is_maps:
            return f"{self.shape[0]}@{'×'.join(map(str, self.shape[1:]))}"
        return "×".join(map(str, self.shape))


@dataclass
class Stages:
    """A model's stages, the inputs first."""

    stages: list[Stage]
    name: str
    parameters: int

    @property
    def depths(self) -> list[int]:
        depths: list[int] = []
        for stage in self.stages:
            depths.append(max((depths[s] + 1 for s in stage.sources), default=0))
        return depths

    @property
    def reach(self) -> list[int]:
        """How far from each stage the last one stands that reads it."""
        depths = self.depths
        reach = [0] * len(depths)
        for i, stage in enumerate(self.stages):
            for source in stage.sources:
                reach[source] = max(reach[source], depths[i] - depths[source])
        return reach

    @property
    def title(self) -> str:
        return say(
            "Network {name}, {start} → {end}, {stages} stages, {count:,} parameters",
            name=self.name, start=self.stages[0].size, end=self.stages[-1].size,
            stages=len(self.stages), count=self.parameters,
        )  # fmt: skip

    @property
    def is_chain(self) -> bool:
        return all(stage.sources == [i] for i, stage in enumerate(self.stages[1:]))

    def rename(self, layers: Any) -> None:
        """Call stages as was given.

        Raises
        ------
        VizError : not a text for each.
        """
        texts = given(layers, "layers", len(self.stages), "stage")
        for stage, text in zip(self.stages, texts, strict=False):
            stage.names = [text]

    @property
    def description(self) -> str:
        """A sentence a stage."""
        lines = []
        for i, stage in enumerate(self.stages):
            clauses = [f"{stage.title}: {told(stage)}"]
            if stage.window:
                clauses.append(say("of windows {size}", size="×".join(map(str, stage.window))))
            if stage.recurs:
                clauses.append(say("each step after the one before"))
                clauses += [say("both ways")] * (stage.ways - 1)
            if stage.sources and stage.sources != [i - 1]:
                names = listed(self.stages[source].title for source in stage.sources)
                clauses.append(say("of {layers}", layers=names))
            lines.append(f"{', '.join(clauses)}.")
        return "\n".join(lines)


def told(stage: Stage) -> str:
    """What a stage makes, in words."""
    shape = stage.shape
    if stage.is_text:
        return say_count("{count:,} token", "{count:,} tokens", shape[0])
    if stage.is_maps:
        size = "×".join(map(str, shape[1:]))
        return say_count("{count:,} map of {size}", "{count:,} maps of {size}", shape[0], size=size)
    if len(shape) == 2:
        return say("{steps:,} steps of {features:,}", steps=shape[0], features=shape[1])
    return say_count("{count:,} unit", "{count:,} units", prod(shape))
