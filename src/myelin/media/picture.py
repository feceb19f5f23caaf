"""One thumbnail of one picture. It reads what a stranger sent, and so runs only in a worker, which may do nothing.

Pillow decodes; nothing but pixels reaches the thumbnail. Sizes are (width, height).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import BinaryIO

from PIL import GifImagePlugin, Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from myelin.media.verdicts import Ask, Verdict

FORMATS = tuple(
    plugin.format
    for plugin in (
        PngImagePlugin.PngImageFile,
        JpegImagePlugin.JpegImageFile,
        GifImagePlugin.GifImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)
ORIGINALS: Mapping[str, Verdict] = {
    "JPEG": Verdict.ORIGINAL_JPEG,
    MpoImagePlugin.MpoImageFile.format: Verdict.ORIGINAL_JPEG,
    "PNG": Verdict.ORIGINAL_PNG,
    "GIF": Verdict.ORIGINAL_GIF,
    "WEBP": Verdict.ORIGINAL_WEBP,
}
# What Pillow would look for with a picture, when the worker can open nothing any more.
LATE_MODULES = ("copy", "PIL.ImageColor", "PIL.ImagePalette", "PIL.TiffImagePlugin")
MOVING = frozenset({"PNG", "GIF", "WEBP"})
# JPEG is decoded at a fraction of its size; of the others every pixel is held, in four bytes.
JPEG_PIXELS_LIMIT = 120_000_000
PIXELS_LIMIT = 50_000_000
# An animation that is longer than this is shown as its first frame.
FRAMES_LIMIT = 400
DECODED_PIXELS_LIMIT = 150_000_000
FRAMES_PIXELS_LIMIT = 30_000_000
ORIENTATION = 0x0112
UPRIGHT: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Size = tuple[int, int]
Part = tuple[float, float, float, float]


class TooLong(Exception):
    """This animation is not worth its thumbnail."""


def prepare() -> None:
    """Have Pillow load what it otherwise loads with the first picture, and leave the limits to those below."""
    Image.preinit()
    for name in LATE_MODULES:
        import_module(name)
    Image.MAX_IMAGE_PIXELS = None


def thumbnail(source: BinaryIO, target: BinaryIO, ask: Ask) -> Verdict:
    """Write the thumbnail, unless the original does; whatever is no sound picture raises something."""
    with Image.open(source, formats=FORMATS) as image:
        name = image.format or ""
        is_jpeg = ORIGINALS[name] is Verdict.ORIGINAL_JPEG
        if image.width * image.height > (JPEG_PIXELS_LIMIT if is_jpeg else PIXELS_LIMIT):
            return Verdict.TOO_LARGE
        moves = name in MOVING and bool(getattr(image, "is_animated", False))
        original_does = ask.animated or not moves
        if original_does and fits(image, ask):
            # Whole, not by its head alone: half a picture is none.
            image.load()
            return ORIGINALS[name]
        verdict, made = encoded(image, ask, moves and ask.animated)
    if original_does and len(made) >= os.fstat(source.fileno()).st_size:
        return ORIGINALS[name]
    target.write(made)
    target.flush()
    return verdict


def fits(image: Image.Image, ask: Ask) -> bool:
    """Whether a picture is no larger than its thumbnail would be."""
    width, height = upright(image.size, orientation(image))
    return not ask.width or (width <= ask.width and height <= ask.height)


def encoded(image: Image.Image, ask: Ask, moves: bool) -> tuple[Verdict, bytes]:
    if moves:
        with suppress(TooLong):
            return Verdict.MADE_WEBP, animation(image, ask)
        image.seek(0)
    small = smaller(image, ask)
    made = BytesIO()
    if small.has_transparency_data:
        small.save(made, "PNG")
        return Verdict.MADE_PNG, made.getvalue()
    small.save(made, "JPEG", quality=82)
    return Verdict.MADE_JPEG, made.getvalue()


def animation(image: Image.Image, ask: Ask) -> bytes:
    frames: list[Image.Image] = []
    durations_ms: list[int] = []
    while True:
        try:
            image.seek(len(frames))
        except EOFError:
            break
        frames.append(smaller(image, ask).convert("RGBA"))
        durations_ms.append(int(image.info.get("duration") or 100))
        check_length(image, frames)
    made = BytesIO()
    frames[0].save(
        made,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=durations_ms,
        loop=int(image.info.get("loop", 1)),
        quality=75,
        method=1,
    )
    return made.getvalue()


def check_length(image: Image.Image, frames: list[Image.Image]) -> None:
    count = len(frames)
    decoded = image.width * image.height * count
    kept = frames[0].width * frames[0].height * count
    if count > FRAMES_LIMIT or decoded > DECODED_PIXELS_LIMIT or kept > FRAMES_PIXELS_LIMIT:
        raise TooLong


def smaller(image: Image.Image, ask: Ask) -> Image.Image:
    """Return the picture upright, in its new size, as nothing but pixels."""
    turned = orientation(image)
    wanted = upright((ask.width, ask.height), turned) if ask.width else upright(image.size, turned)
    part, target = region(image.size, wanted, ask.crops)
    share = target[0] / (part[2] - part[0])
    image.draft(None, (int(image.width * share) + 1, int(image.height * share) + 1))
    part, _ = region(image.size, wanted, ask.crops)
    resized = plain(image).resize(target, Image.Resampling.LANCZOS, part, reducing_gap=2.0)
    small = resized.transpose(UPRIGHT[turned]) if turned in UPRIGHT else resized
    small.info = {}
    return small


def region(size: Size, wanted: Size, crops: bool) -> tuple[Part, Size]:
    """Return the part of a picture that is shown and the size that it gets: never larger than it is."""
    width, height = size
    if not crops:
        share = min(wanted[0] / width, wanted[1] / height, 1.0)
        return (0, 0, width, height), (max(1, round(width * share)), max(1, round(height * share)))
    within = min(width / wanted[0], height / wanted[1])
    across, down = wanted[0] * within, wanted[1] * within
    left, top = (width - across) / 2, (height - down) / 2
    share = min(1.0, 1 / within)
    target = (max(1, round(across * share)), max(1, round(down * share)))
    return (left, top, left + across, top + down), target


def plain(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be resized and written."""
    if image.mode in ("RGB", "RGBA", "L"):
        return image.convert("RGBA") if image.mode != "RGBA" and image.has_transparency_data else image
    if image.mode.startswith("I"):
        # Sixteen bits of grey, as X-rays have them.
        return image.convert("I").point(lambda grey: grey / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def orientation(image: Image.Image) -> int:
    """Return how the camera was held, 1 where that is not said in a way that can be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def upright(size: Size, turned: int) -> Size:
    """Return a size as it is seen once the picture stands upright, or the other way round."""
    return (size[1], size[0]) if turned in (5, 6, 7, 8) else size
