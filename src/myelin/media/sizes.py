"""The thumbnails that there are: few sizes, so that each picture is computed and kept a few times only."""

from __future__ import annotations

from myelin.media.verdicts import Ask

# Servers SHOULD produce 32x32 and 96x96 cropped, 320x240, 640x480 and 800x600 scaled ("Thumbnails"); the last is
# what a screen of double density asks for.
SCALED = ((32, 32), (96, 96), (320, 240), (640, 480), (800, 600), (1600, 1200))
CROPPED = (32, 96, 320, 640, 800, 1600)
# Of a cropped thumbnail the shorter side is so many sixteenths of the longer.
STEPS = 16


def standard(width: int, height: int, crops: bool, animated: bool) -> Ask:
    """Return the smallest thumbnail that is at least as large as is asked for; above all of them the whole picture."""
    fitting = cropped(width, height) if crops else scaled(width, height)
    return Ask(*fitting, crops, animated) if fitting is not None else Ask(0, 0, False, animated)


def scaled(width: int, height: int) -> tuple[int, int] | None:
    return next((size for size in SCALED if size[0] >= width and size[1] >= height), None)


def cropped(width: int, height: int) -> tuple[int, int] | None:
    """Return a size of nearly the same proportions."""
    longer, shorter = max(width, height), min(width, height)
    side = next((side for side in CROPPED if side >= longer), None)
    if side is None:
        return None
    # Rounded up: no thumbnail is smaller than what was asked for.
    other = side // STEPS * -(-shorter * STEPS // longer)
    return (side, other) if width >= height else (other, side)
