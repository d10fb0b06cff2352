"""Colours. Contrast with the ground is at least 4.5 for every text; no meaning rests on hue."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import VizError


@dataclass(frozen=True)
class Theme:
    """The colours of one picture, as `#rrggbb`.

    `value` and `gradient` are the numbers above and below a wire; `quiet` is for what is
    constant, dead or not computed; `warning` marks NaN and infinity; `lit` fills the gate that a
    step is about.
    """

    ground: str
    ink: str
    line: str
    value: str
    gradient: str
    quiet: str
    warning: str
    gate: str
    composite: str
    box: str
    box_line: str
    chip: str
    negative: str
    positive: str
    lit: str


LIGHT = Theme(
    ground="#ffffff",
    ink="#1f2328",
    line="#3d444d",
    value="#006d4e",
    gradient="#d4380d",
    quiet="#59636e",
    warning="#a8071a",
    gate="#ffffff",
    composite="#eef3f8",
    box="#f7f9fb",
    box_line="#b6c2cf",
    chip="#eceff3",
    negative="#c2410c",
    positive="#0f5fa8",
    lit="#ffe08a",
)

COLORBLIND = Theme(**{**vars(LIGHT), "value": "#0b5cad", "gradient": "#b45309"})

DARK = Theme(
    ground="#111111",
    ink="#e6edf3",
    line="#9aa4af",
    value="#34d399",
    gradient="#fb923c",
    quiet="#8b949e",
    warning="#ff7b72",
    gate="#1c1f24",
    composite="#222b36",
    box="#16191d",
    box_line="#3d4753",
    chip="#262b31",
    negative="#f08a4b",
    positive="#58a6ff",
    lit="#6b5310",
)

THEMES = {"light": LIGHT, "dark": DARK, "colorblind": COLORBLIND}


def theme_named(name: str) -> Theme:
    """The theme called `name`, one of "light", "dark" and "colorblind"."""
    if name not in THEMES:
        raise VizError(f"theme is one of {', '.join(map(repr, THEMES))}; received {name!r}")
    return THEMES[name]


def mix(ground: str, colour: str, share: float) -> str:
    """`share` of `colour` on `ground`, both `#rrggbb`.

    >>> mix("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = ((int(ground[i : i + 2], 16), int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
