"""Pictures that turn dark with their host: a light picture's colours, and what they are at night.

An image follows `prefers-color-scheme`, which is that of the element it stands in: JupyterLab,
GitHub, Colab and the site say it, else the system does. What a host takes into its page, as
VS Code does, follows the theme that the page says it has. Where style sheets are taken out, the
picture stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import numpy as np

from .themes import COLORBLIND, DARK, LIGHT

MARK = "gategrad-picture"  # A page that takes the SVG in keeps its own colours.
DAY, NIGHT = "gategrad-day", "gategrad-night"  # Of two images the one that is shown.
_PAINTED = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
_FOREIGN = 12  # How far, of 255, a colour is from every mixture of ours that is no mixture.


def _hosts(*themes: str) -> str:
    said = [f"[{name}={theme}]" for theme in themes[:1] for name in ("theme", "data-theme")]
    return ",".join([*said, *(f'[data-vscode-theme-kind$="{theme}"]' for theme in themes)])


_DARK_HOST, _LIGHT_HOST = f":is({_hosts('dark', 'contrast')})", f":is({_hosts('light')})"


def following(svg: str, twins: Twins | None = None) -> str:
    """The SVG with a style sheet for the dark; of a dark picture the same.

    `twins` says what colours are there; by default those of pictures, whose ground is their first
    polygon.
    """
    if f'fill="{LIGHT.ground}"' not in svg:
        return svg
    painted = sorted(set(_PAINTED.findall(svg)))
    dark = (twins or TWINS).of({hue for _, hue in painted})
    rules = [f' [{how}="{hue}"]{{{how}:{dark[hue]}}}' for how, hue in painted]
    if twins is None:
        rules.append(f">polygon:first-of-type{{fill:{DARK.ground}}}")
    if NIGHT in svg:
        rules += [f" .{DAY}{{display:none}}", f" .{NIGHT}{{display:inline}}"]
    by_system = "".join(f".{MARK}:not({_LIGHT_HOST} *){rule}" for rule in rules)
    by_host = "".join(f"{_DARK_HOST} .{MARK}{rule}" for rule in rules)
    style = f"<style>@media (prefers-color-scheme:dark){{{by_system}}}{by_host}</style>"
    return re.sub(r"<svg ([^>]*)>", rf'<svg class="{MARK}" \1>{style}', svg, count=1)


class Twins:
    """What light colours are in the dark: those of `known`, and the same mixture of a mixture.

    `mixed` are light colours, two or three, of which there are mixtures, and what those are of. Of
    any other colour what is white in it becomes the ground, and what is black the ink.

    >>> white = {"#ffffff": "#111111"}
    >>> twins = Twins(white, [{**white, "#000000": "#eeeeee"}])
    >>> twins.of(["#ffffff", "#808080"])
    {'#ffffff': '#111111', '#808080': '#7f7f7f'}
    """

    def __init__(self, known: Mapping[str, str], mixed: Collection[Mapping[str, str]]):
        self._known = known
        self._mixed = []
        for pairs in sorted(mixed, key=len):
            light, dark = (np.array([rgb_of(hue) for hue in hues]).T
                           for hues in (pairs, pairs.values()))  # fmt: skip
            # Shares that come nearest, and sum to 1.
            solved = np.linalg.pinv(np.vstack([light, np.full(len(pairs), 1e3)]))
            self._mixed.append((light, dark, solved[:, :3], 1e3 * solved[:, 3]))

    def of(self, hues: Iterable[str]) -> dict[str, str]:
        """The twin of each, as `#rrggbb`."""
        hues = list(hues)
        dark, _ = self.of_many(np.array([rgb_of(hue) for hue in hues]).reshape(-1, 3))
        return {
            hue: self._known.get(hue, f"#{bytes(parts).hex()}")
            for hue, parts in zip(hues, dark, strict=True)
        }

    def of_many(self, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The twins of colours, of shape (n, 3) and from 0 to 255, and which of them are foreign.

        A mixture all: for many, such as those of an image, whose colours are shades.
        """
        colours = np.asarray(colours, dtype=float)
        best = np.full(len(colours), np.inf)
        dark = _of_foreign(colours)
        for light, night, solved, last in self._mixed:
            shares = colours @ solved.T + last
            error = np.rint(np.abs(shares @ light.T - colours).max(axis=1))
            nearer = (error < best) & (error <= _FOREIGN) & (shares.min(axis=1) > -0.02)
            dark[nearer], best[nearer] = (shares @ night.T)[nearer], error[nearer]
        return np.clip(np.rint(dark), 0, 255).astype(np.uint8), np.isinf(best)


def rgb_of(hue: str) -> np.ndarray:
    """The three parts of a colour `#rrggbb`, from 0 to 255."""
    return np.array([int(hue[i : i + 2], 16) for i in (1, 3, 5)], float)


def _of_foreign(colours: np.ndarray) -> np.ndarray:
    white = colours.min(axis=1, keepdims=True)
    black = 255 - colours.max(axis=1, keepdims=True)
    ground, ink = (rgb_of(hue) / 255 for hue in (DARK.ground, DARK.ink))
    return colours - white + white * ground + black * ink


GROUND = {LIGHT.ground: DARK.ground}
ROLES = {hue: getattr(DARK, role) for theme in (LIGHT, COLORBLIND)
         for role, hue in vars(theme).items()}  # fmt: skip
"""What each colour of a light theme is in the dark one; white is that of a gate."""
_SIGNS = {hue: ROLES[hue] for hue in (LIGHT.positive, LIGHT.negative)}
_IN_BOXES = {hue: ROLES[hue] for hue in (LIGHT.composite, LIGHT.positive)}
MIXED = [
    *({**GROUND, hue: dark} for hue, dark in ROLES.items() if hue != LIGHT.ground),
    {**GROUND, **_SIGNS}, _IN_BOXES,
]  # fmt: skip
TWINS = Twins(ROLES, MIXED)
