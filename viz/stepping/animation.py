"""All steps one after another, as an animated GIF."""

from __future__ import annotations

import io
from collections.abc import Sequence

from viz.errors import VizError
from viz.picture import Picture
from viz.render import render
from viz.scripts import warn_of_missing_letters

from .sheet import DPI, bitmap

SECONDS = 1.4
LAST_SECONDS = 4.0


def animated(pictures: Sequence[Picture], ground: str) -> bytes:
    """The pictures as frames of one size; they stand on its lower edge, where graphs do not move.

    Raises
    ------
    VizError : Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise VizError(
            "a GIF needs Pillow: pip install pillow (Matplotlib brings it along); "
            ".html and .svg need nothing"
        ) from error
    warn_of_missing_letters(" ".join(picture.title for picture in pictures), render)
    shots = [Image.open(io.BytesIO(bitmap(picture, DPI))).convert("RGB") for picture in pictures]
    size = max(shot.width for shot in shots), max(shot.height for shot in shots)
    frames = []
    for shot in shots:
        frame = Image.new("RGB", size, ground)
        frame.paste(shot, (0, size[1] - shot.height))
        frames.append(frame.quantize(64, dither=Image.Dither.NONE))
    durations = [int(1000 * SECONDS)] * len(frames)
    durations[-1] = int(1000 * LAST_SECONDS)
    file = io.BytesIO()
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0,
        disposal=1,
    )  # fmt: skip
    return file.getvalue()
