"""Thumbnails of what anybody may send: real workers, real pictures, and everything that only looks like one."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from PIL import Image

from myelin.matrix.errors import MatrixError, NoThumbnail, ResourceUnavailable, TooLarge
from myelin.media import workers as module
from myelin.media.files import Files
from myelin.media.sizes import standard
from myelin.media.thumbnails import Thumbnails
from myelin.media.verdicts import Ask
from myelin.media.workers import Workers

SCALED = standard(320, 240, crops=False, animated=False)
CROPPED = standard(96, 96, crops=True, animated=False)
MOVING = standard(96, 96, crops=False, animated=True)
STILL = standard(96, 96, crops=False, animated=False)
RED, BLUE = (200, 0, 0), (0, 0, 200)


class Shop:
    """Files and their thumbnails in a folder."""

    def __init__(self, folder: Path, limit_bytes: int = 10**9) -> None:
        counter = iter(range(100_000))
        random: Callable[[int], bytes] = lambda size: next(counter).to_bytes(size, "big")  # noqa: E731
        self.files = Files(folder / "media", random)
        self.files.prepare()
        self.folder = folder / "thumbnails"
        self.thumbnails = Thumbnails(self.folder, self.files, Workers(2), random, limit_bytes)
        self.thumbnails.prepare()

    async def get(self, content: bytes, ask: Ask, media_id: str = "id-of-one") -> tuple[str, bytes]:
        digest = (await self.files.store(in_one(content), 10**9)).sha256
        thumbnail = await self.thumbnails.get(media_id, digest, ask)
        made = b"".join([part async for part in thumbnail.reading])
        await thumbnail.reading.aclose()
        return thumbnail.content_type, made

    def kept(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


async def in_one(content: bytes) -> AsyncIterator[bytes]:
    yield content


def written(image: Image.Image, kind: str, **wishes: object) -> bytes:
    made = BytesIO()
    image.save(made, kind, **wishes)
    return made.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 80).convert("RGB")


def halves(width: int, height: int) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def moving(kind: str, count: int = 8, side: int = 200) -> bytes:
    frames = [noise(side, side) for _ in range(count)]
    return written(frames[0], kind, save_all=True, append_images=frames[1:], duration=40, loop=0)


def opened(made: bytes) -> Image.Image:
    image = Image.open(BytesIO(made))
    image.load()
    return image


@pytest.mark.parametrize(("kind", "type_"), [("JPEG", "image/jpeg"), ("PNG", "image/jpeg"), ("WEBP", "image/jpeg")])
async def test_a_picture_is_scaled(shop: Shop, kind: str, type_: str) -> None:
    content_type, made = await shop.get(written(noise(1600, 900), kind), SCALED)
    assert content_type == type_
    assert opened(made).size == (320, 180)


async def test_a_picture_is_cropped(shop: Shop) -> None:
    _, made = await shop.get(written(halves(1000, 400), "PNG"), CROPPED)
    image = opened(made)
    assert image.size == (96, 96)
    left, right = image.getpixel((10, 50)), image.getpixel((85, 50))
    assert isinstance(left, tuple) and isinstance(right, tuple)
    assert left[0] > left[2] and right[2] > right[0]


async def test_what_can_be_seen_through_stays_so(shop: Shop) -> None:
    content_type, made = await shop.get(written(Image.new("RGBA", (900, 900), (10, 10, 10, 102)), "PNG"), CROPPED)
    assert content_type == "image/png"
    assert opened(made).getpixel((5, 5)) == (10, 10, 10, 102)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
async def test_every_kind_of_colour_is_shown(shop: Shop, mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    image = Image.new(mode, (700, 700)) if mode == "I;16" else noise(700, 700).convert(mode)
    content = written(image, "JPEG" if kind == "TIFF" else kind)
    assert opened((await shop.get(content, CROPPED))[1]).size == (96, 96)


async def test_a_picture_stands_upright_and_says_nothing_more(shop: Shop) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x8825] = 6, "bed 12", {1: "N"}
    _, made = await shop.get(written(halves(1000, 600), "JPEG", exif=exif, comment=b"bed 12"), SCALED)
    image = opened(made)
    assert image.size == (144, 240)
    top, bottom = image.getpixel((70, 10)), image.getpixel((70, 230))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[0] > top[2] and bottom[2] > bottom[0]
    assert not image.getexif()
    assert b"bed 12" not in made


async def test_a_small_picture_is_its_own_thumbnail(shop: Shop) -> None:
    content = written(noise(90, 60), "PNG")
    assert await shop.get(content, SCALED) == ("image/png", content)


async def test_no_thumbnail_is_larger_than_its_picture(shop: Shop) -> None:
    content = written(Image.new("P", (500, 500)), "PNG")
    content_type, made = await shop.get(content, SCALED)
    assert len(made) <= len(content)
    assert content_type in ("image/png", "image/jpeg")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_what_moves_moves_only_where_that_is_asked_for(shop: Shop, kind: str) -> None:
    content = moving(kind)
    content_type, made = await shop.get(content, MOVING)
    assert content_type == "image/webp"
    assert getattr(opened(made), "n_frames", 1) == 8
    assert opened(made).size == (96, 96)
    assert getattr(opened((await shop.get(content, STILL))[1]), "n_frames", 1) == 1
    # Where the whole picture is wanted it is the original, or its first frame.
    whole = standard(5000, 5000, crops=False, animated=True)
    assert (await shop.get(content, whole))[1] == content
    assert getattr(opened((await shop.get(content, standard(5000, 5000, False, False)))[1]), "n_frames", 1) == 1


async def test_a_film_is_shown_as_its_first_frame(shop: Shop) -> None:
    frames = [Image.new("L", (100, 100), number % 256) for number in range(1000)]
    content = written(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20)
    content_type, made = await shop.get(content, MOVING)
    assert getattr(opened(made), "n_frames", 1) == 1
    assert content_type == "image/jpeg"


# ------------------------------------------------------------ what is no picture


def png_bomb(width: int, height: int) -> bytes:
    """A tiny file that says it is a large picture, and is."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

    pressed = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    lines = b"".join(pressed.compress(row) for _ in range(height)) + pressed.flush()
    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


async def refusal(shop: Shop, content: bytes, ask: Ask = SCALED, media_id: str = "bad") -> type[MatrixError]:
    with pytest.raises(MatrixError) as refused:
        await shop.get(content, ask, media_id)
    return type(refused.value)


async def test_bombs_are_refused(shop: Shop) -> None:
    assert await refusal(shop, png_bomb(30_000, 30_000)) is TooLarge
    assert shop.kept() == ["bad.scale-320x240"]
    # What was found is remembered: the second to ask costs nothing.
    assert await refusal(shop, png_bomb(30_000, 30_000)) is TooLarge


async def test_the_largest_picture_fits_into_the_memory_of_a_worker(shop: Shop) -> None:
    large = Image.new("P", (7000, 7000))
    content = written(large, "PNG", transparency=0, compress_level=1)
    assert opened((await shop.get(content, CROPPED))[1]).size == (96, 96)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5000,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"PK\x03\x04" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + b"\xff" * 50,
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 40,
        b"\xff\xd8\xff\xe0" + b"\xff" * 400,
    ],
)
async def test_what_is_no_picture_has_no_thumbnail(shop: Shop, content: bytes) -> None:
    assert await refusal(shop, content) is NoThumbnail


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "TGA"])
async def test_formats_that_nobody_needs_are_not_read(shop: Shop, kind: str) -> None:
    assert await refusal(shop, written(noise(200, 200), kind)) is NoThumbnail


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
async def test_half_a_picture_is_none(shop: Shop, kind: str) -> None:
    content = written(noise(800, 800), kind)
    for length in (len(content) // 2, 40):
        assert await refusal(shop, content[:length], media_id=f"half-{length}") is NoThumbnail
    small = written(noise(80, 80), kind)
    assert await refusal(shop, small[: len(small) // 2], media_id="small") is NoThumbnail


async def test_a_page_behind_a_picture_is_left_behind(shop: Shop) -> None:
    content = written(noise(900, 900), "JPEG") + b"<script>alert(1)</script>"
    content_type, made = await shop.get(content, SCALED)
    assert content_type == "image/jpeg"
    assert b"<script>" not in made


# ------------------------------------------------------------ workers


async def test_all_who_ask_at_once_wait_for_one_worker(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, ...]] = []
    start = module.start

    def counted(command: tuple[str, ...], source: int, target: int) -> object:
        started.append(command)
        return start(command, source, target)

    monkeypatch.setattr(module, "start", counted)
    content = written(noise(900, 900), "JPEG")
    answers = await asyncio.gather(*(shop.get(content, SCALED) for _ in range(10)))
    assert len(set(answers)) == 1
    await shop.get(content, SCALED)
    assert len(started) == 1
    assert shop.kept() == ["id-of-one.scale-320x240"]


async def test_equal_files_have_thumbnails_of_their_own(shop: Shop) -> None:
    content = written(noise(900, 900), "JPEG")
    await shop.get(content, SCALED, "hers")
    await shop.get(content, SCALED, "his")
    assert shop.kept() == ["hers.scale-320x240", "his.scale-320x240"]


ESCAPES = {
    "a file": "open('/etc/hostname')",
    "a socket": "__import__('socket').socket()",
    "a process": "__import__('os').fork()",
    "memory": "bytearray(10**9)",
    "the environment": "[][not __import__('os').environ]",
    "its limits": "__import__('resource').setrlimit(7, (100, 100))",
}


@pytest.mark.parametrize("attempt", ESCAPES)
async def test_a_worker_that_is_taken_over_gets_nowhere(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, attempt: str
) -> None:
    """Exit code 11 says a PNG was made; here that the attempt was refused, 12 that it was not."""
    seized = (
        "import os, socket, resource; import myelin.media.worker as worker; "
        "import myelin.media.picture; myelin.media.picture.prepare()\n"
        "worker.confine()\n"
        f"try:\n    {ESCAPES[attempt]}\nexcept BaseException: os._exit(11)\nos._exit(12)"
    )
    monkeypatch.setattr(module, "START", f"import sys; sys.path += sys.argv[1:3]\n{seized}")
    other = Shop(shop.folder / "other")
    assert (await other.get(b"x", SCALED))[0] == "image/png"


async def test_a_worker_that_hangs_is_given_up_and_gone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START", "while True: pass")
    monkeypatch.setattr(module, "WALL_S", 0.2)
    other = Shop(shop.folder / "other")
    assert await refusal(other, b"x") is ResourceUnavailable
    # Nothing is remembered: it may have been the machine's fault.
    assert other.kept() == []


@pytest.mark.parametrize(
    ("end", "refused"),
    [("os.kill(os.getpid(), 24)", TooLarge), ("os.abort()", NoThumbnail), ("os._exit(99)", NoThumbnail),
     ("os.kill(os.getpid(), 9)", ResourceUnavailable)],
)  # fmt: skip
async def test_a_worker_that_breaks_down_makes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, end: str, refused: type[MatrixError]
) -> None:
    monkeypatch.setattr(
        module, "START", f"import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); {end}"
    )
    assert await refusal(Shop(shop.folder / "other"), b"x") is refused


async def test_room_is_made_by_what_nobody_asked_for(tmp_path: Path) -> None:
    shop = Shop(tmp_path, limit_bytes=200_000)
    contents = [written(noise(900, 900), "JPEG") for _ in range(12)]
    for number, content in enumerate(contents):
        await shop.get(content, standard(300, 300, True, False), f"id-{number:02}")
    kept = shop.kept()
    assert 1 < len(kept) < 12
    assert kept[-1].startswith("id-11")
    assert sum(path.stat().st_blocks * 512 for path in shop.folder.rglob("id*")) <= 200_000
    # What went is made again.
    assert (await shop.get(contents[0], standard(300, 300, True, False), "id-00"))[0] == "image/jpeg"


async def test_what_a_crash_has_left_is_made_again(shop: Shop) -> None:
    content = written(noise(900, 900), "JPEG")
    answer = await shop.get(content, SCALED)
    (path,) = [path for path in shop.folder.rglob("*") if path.is_file()]
    for rest in (b"", b"\0\0\0\0"):
        path.write_bytes(rest)
        assert await shop.get(content, SCALED) == answer
