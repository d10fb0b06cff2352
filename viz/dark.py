"""Pictures that turn dark with their host: a light picture's colours, and what they are at night.

An image follows `prefers-color-scheme`, which is that of the element it stands in: JupyterLab,
GitHub, Colab and Sphinx' themes say it, else the system does. Where style sheets are taken out, the
picture stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from .themes import COLORBLIND, DARK, LIGHT

MARK = "gategrad-picture"  # A page that takes the SVG in keeps its own colours.
_ROLES = {hue: role for theme in (LIGHT, COLORBLIND) for role, hue in vars(theme).items()}
_PAINTED = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')


def following(svg: str) -> str:
    """The SVG with a style sheet for the dark; of a dark picture the same."""
    if f'fill="{LIGHT.ground}"' not in svg:
        return svg
    rules = [
        f'.{MARK} [{how}="{hue}"]{{{how}:{twin(hue)}}}'
        for how, hue in sorted(set(_PAINTED.findall(svg)))
    ]
    rules.append(f".{MARK}>polygon:first-of-type{{fill:{DARK.ground}}}")  # The ground.
    style = f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"
    return re.sub(r"<svg ([^>]*)>", rf'<svg class="{MARK}" \1>{style}', svg, count=1)


@cache
def twin(hue: str) -> str:
    """What a colour of a light theme is in the dark one; a mixture is the same mixture.

    >>> twin(LIGHT.value) == DARK.value
    True
    """
    if hue in _ROLES:
        return str(getattr(DARK, _ROLES[hue]))
    wanted = _rgb(hue)
    # Between two colours or among three: the shares come nearest, and are none of them negative.
    found = []
    for roles in _MIXED:
        light = np.array([_rgb(getattr(LIGHT, role)) for role in roles]).T
        system = np.vstack([light, np.full(len(roles), 1e3)])
        shares = np.linalg.lstsq(system, np.append(wanted, 1e3), rcond=None)[0]
        error = float(np.abs(light @ shares - wanted).max())
        if shares.min() > -0.02:
            found.append((round(error), len(roles), roles, shares))
    if not found:
        return hue
    _, _, roles, shares = min(found, key=lambda one: one[:2])
    dark = np.array([_rgb(getattr(DARK, role)) for role in roles]).T @ shares
    return "#" + "".join(f"{round(float(np.clip(part, 0, 255))):02x}" for part in dark)


_MIXED = (
    *(("ground", role) for role in vars(LIGHT) if role not in ("ground", "gate")),
    ("ground", "positive", "negative"), ("composite", "positive"),
)  # fmt: skip


def _rgb(hue: str) -> np.ndarray:
    return np.array([int(hue[i : i + 2], 16) for i in (1, 3, 5)], float)
