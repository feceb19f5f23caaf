"""Media: what is put in comes out unchanged, to those who are signed in, and as something harmless."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer, Contract, Records
from tests.contract.people import Account
from tests.servers import fresh_server

PICTURE = bytes(range(256)) * 8


async def upload(account: Account, content: bytes, content_type: str = "image/png", **query: str) -> dict[str, str]:
    """Where the uploaded file is found: server name and media id."""
    answer = await account.call("uploadContent", content=content, headers={"Content-Type": content_type}, query=query)
    server_name, _, media_id = answer["content_uri"].removeprefix("mxc://").partition("/")
    return {"serverName": server_name, "mediaId": media_id}


async def download(account: Account, place: dict[str, str], **arguments: Any) -> Answer:
    return await account.call("getContentAuthed", **place, **arguments)


async def test_a_file_comes_out_as_it_went_in(wang: Account, li: Account) -> None:
    place = await upload(wang, PICTURE)
    answer = await download(li, place)
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/png"
    assert int(answer.headers["content-length"]) == len(PICTURE)


async def test_an_empty_file_is_a_file(wang: Account) -> None:
    assert (await download(wang, await upload(wang, b""))).content == b""


async def test_the_file_name_comes_along(wang: Account) -> None:
    place = await upload(wang, PICTURE, filename="胸片.png")
    disposition = (await download(wang, place)).headers["content-disposition"]
    assert disposition.startswith("inline")
    assert "%E8%83%B8%E7%89%87.png" in disposition
    renamed = await wang.call("getContentOverrideNameAuthed", **place, fileName="chest.png")
    assert renamed.content == PICTURE
    assert "chest.png" in renamed.headers["content-disposition"]


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/javascript"])
async def test_what_could_run_in_a_browser_is_only_saved(wang: Account, content_type: str) -> None:
    answer = await download(wang, await upload(wang, b"<script>alert(1)</script>", content_type))
    # Only content types that are safe to show may be `inline`.
    assert answer.headers["content-disposition"].startswith("attachment")
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy and "script-src 'none'" in policy
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_what_is_not_there_is_not_found(server: Homeserver, wang: Account) -> None:
    place = await upload(wang, PICTURE)
    await download(wang, {**place, "mediaId": "unknown"}, expect=(404, "M_NOT_FOUND"))
    await wang.call(
        "getContentOverrideNameAuthed", **{**place, "mediaId": "unknown"}, fileName="x.png", expect=(404, "M_NOT_FOUND")
    )


async def test_media_are_for_those_who_are_signed_in(server: Homeserver, wang: Account) -> None:
    place = await upload(wang, PICTURE)
    await server.call("getContentAuthed", **place, expect=(401, "M_MISSING_TOKEN"))
    await server.call("uploadContent", content=PICTURE, expect=(401, "M_MISSING_TOKEN"))
    await server.call("getConfigAuthed", expect=(401, "M_MISSING_TOKEN"))
    path = f"/_matrix/media/v3/download/{place['serverName']}/{place['mediaId']}"
    assert (await server.contract.http.get(path)).status_code == 404


async def test_the_limit_is_told_and_held(wang: Account) -> None:
    limit = (await wang.call("getConfigAuthed"))["m.upload.size"]
    assert limit > 0
    if limit > 200 * 2**20:
        pytest.skip("the limit of this server is too large to try")
    too_much = b"\0" * (limit + 1)
    await wang.call("uploadContent", content=too_much, expect=(413, "M_TOO_LARGE"))


async def test_a_path_cannot_lead_out_of_the_store(wang: Account) -> None:
    place = await upload(wang, PICTURE)
    for media_id in ("../../etc/passwd", "..", "%2e%2e"):
        answer = await wang.call("getContentAuthed", **{**place, "mediaId": media_id}, expect=404)
        assert answer.errcode in ("M_NOT_FOUND", "M_UNRECOGNIZED")


# ------------------------------------------------------------ in part, and not again


async def test_a_part_of_a_file_is_sent(wang: Account) -> None:
    place = await upload(wang, PICTURE)
    part = await download(wang, place, headers={"Range": "bytes=256-511"}, expect=206)
    assert part.content == PICTURE[256:512]
    assert part.headers["content-range"] == f"bytes 256-511/{len(PICTURE)}"
    refused = await download(wang, place, headers={"Range": f"bytes={len(PICTURE)}-"}, expect=416)
    assert refused.headers["content-range"] == f"bytes */{len(PICTURE)}"


async def test_what_is_known_is_not_sent_again(server: Homeserver, wang: Account) -> None:
    place = await upload(wang, PICTURE)
    whole = await download(wang, place)
    assert "immutable" in whole.headers["cache-control"] and "private" in whole.headers["cache-control"]
    known = await download(wang, place, headers={"If-None-Match": whole.headers["etag"]}, expect=304)
    assert known.content == b""
    # The connection is still good for the next answer.
    assert (await download(wang, place)).content == PICTURE
    path = f"/_matrix/client/v1/media/download/{place['serverName']}/{place['mediaId']}"
    head = await server.contract.http.head(path, headers={"Authorization": f"Bearer {wang.access_token}"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(PICTURE)


async def test_a_file_name_ends_no_line(wang: Account) -> None:
    place = await upload(wang, PICTURE, filename='a\r\nSet-Cookie: x=1\r\n\r\n<b>"\u202egpj.exe')
    headers = (await download(wang, place)).headers
    assert "set-cookie" not in headers
    assert "%0D" not in headers["content-disposition"] and "%E2%80%AE" not in headers["content-disposition"]
    named = await wang.call("getContentOverrideNameAuthed", **place, fileName="a\r\nX-Evil: 1")
    assert "x-evil" not in named.headers


async def test_a_type_that_browsers_read_as_another_is_no_type(wang: Account) -> None:
    for content_type in ("image/png; a, text/html", "text/html,image/png", 'image/png; x="a,text/html"'):
        answer = await download(wang, await upload(wang, b"<script>", content_type))
        assert answer.headers["content-type"] in ("image/png", "application/octet-stream")


# ------------------------------------------------------------ thumbnails


def drawn(width: int, height: int, kind: str = "JPEG") -> bytes:
    made = BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(made, kind)
    return made.getvalue()


async def thumbnail(account: Account, place: dict[str, str], **query: Any) -> Answer:
    expect = query.pop("expect", 200)
    wishes = {"width": 96, "height": 96, **query}
    wanted = {name: value for name, value in wishes.items() if value is not None}
    return await account.call("getContentThumbnailAuthed", **place, query=wanted, expect=expect)


async def test_a_picture_has_thumbnails(wang: Account, li: Account) -> None:
    place = await upload(wang, drawn(1200, 800), "image/jpeg")
    cropped = await thumbnail(li, place, method="crop")
    assert Image.open(BytesIO(cropped.content)).size == (96, 96)
    assert cropped.headers["content-type"] == "image/jpeg"
    assert cropped.headers["content-disposition"] == 'inline; filename="thumbnail.jpeg"'
    assert "sandbox" in cropped.headers["content-security-policy"]
    scaled = await thumbnail(li, place, width=300, height=200, method="scale")
    assert Image.open(BytesIO(scaled.content)).size == (320, 213)
    again = await thumbnail(li, place, method="crop")
    assert (again.content, again.headers["etag"]) == (cropped.content, cropped.headers["etag"])


async def test_what_moves_is_asked_for(wang: Account) -> None:
    frames = [Image.effect_noise((300, 300), 60) for _ in range(4)]
    made = BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:], loop=0)
    place = await upload(wang, made.getvalue(), "image/gif")
    moving = await thumbnail(wang, place, animated="true")
    assert (moving.headers["content-type"], getattr(Image.open(BytesIO(moving.content)), "n_frames", 1)) == (
        "image/webp",
        4,
    )
    assert getattr(Image.open(BytesIO((await thumbnail(wang, place)).content)), "n_frames", 1) == 1


async def test_what_is_no_picture_has_no_thumbnail(wang: Account) -> None:
    encrypted = await upload(wang, bytes(reversed(PICTURE)), "application/octet-stream")
    await thumbnail(wang, encrypted, expect=(400, "M_UNKNOWN"))
    await thumbnail(wang, await upload(wang, b"<svg/>", "image/svg+xml"), expect=(400, "M_UNKNOWN"))
    await thumbnail(wang, await upload(wang, drawn(500, 500)[:900], "image/jpeg"), expect=(400, "M_UNKNOWN"))


async def test_a_picture_that_is_too_large_has_no_thumbnail(wang: Account) -> None:
    made = BytesIO()
    Image.new("1", (30_000, 30_000)).save(made, "PNG")
    await thumbnail(wang, await upload(wang, made.getvalue()), expect=(413, "M_TOO_LARGE"))


async def test_a_thumbnail_is_asked_for_in_pixels(wang: Account) -> None:
    place = await upload(wang, drawn(200, 200), "image/jpeg")
    await thumbnail(wang, place, width=None, expect=(400, "M_MISSING_PARAM"))
    for wrong in ({"width": 0}, {"height": -1}, {"width": "ten"}, {"width": "٣"}, {"height": "9" * 5000}):
        await thumbnail(wang, place, **wrong, expect=(400, "M_INVALID_PARAM"))
    await thumbnail(wang, place, method="stretch", expect=(400, "M_INVALID_PARAM"))
    await thumbnail(wang, place, animated="perhaps", expect=(400, "M_INVALID_PARAM"))
    await thumbnail(wang, {**place, "mediaId": "unknown"}, expect=(404, "M_NOT_FOUND"))
    await thumbnail(wang, {**place, "serverName": "other.test"}, expect=(404, "M_NOT_FOUND"))


# ------------------------------------------------------------ first the id, then the content


async def create(account: Account) -> dict[str, str]:
    answer = await account.call("createContent")
    assert answer["unused_expires_at"] > 0
    server_name, _, media_id = answer["content_uri"].removeprefix("mxc://").partition("/")
    return {"serverName": server_name, "mediaId": media_id}


async def fill(account: Account, place: dict[str, str], content: bytes = PICTURE, **arguments: Any) -> Answer:
    headers = {"Content-Type": "image/png"}
    return await account.call("uploadContentToMXC", **place, content=content, headers=headers, **arguments)


async def test_content_comes_after_its_id(wang: Account, li: Account) -> None:
    place = await create(wang)
    query = {"timeout_ms": 0}
    await download(li, place, query=query, expect=(504, "M_NOT_YET_UPLOADED"))
    await li.call(
        "getContentOverrideNameAuthed", **place, fileName="x", query=query, expect=(504, "M_NOT_YET_UPLOADED")
    )
    await thumbnail(li, place, timeout_ms=0, expect=(504, "M_NOT_YET_UPLOADED"))
    await fill(wang, place, query={"filename": "scan.png"})
    answer = await download(li, place)
    assert answer.content == PICTURE
    assert "scan.png" in answer.headers["content-disposition"]


async def test_who_asks_early_waits(wang: Account, li: Account) -> None:
    place = await create(wang)
    waiting = asyncio.create_task(download(li, place, query={"timeout_ms": 30_000}))
    await download(li, place, query={"timeout_ms": 0}, expect=504)
    await fill(wang, place)
    assert (await waiting).content == PICTURE


async def test_content_is_given_once_and_by_its_owner(wang: Account, li: Account) -> None:
    place = await create(wang)
    await fill(li, place, expect=(403, "M_FORBIDDEN"))
    first, second = await asyncio.gather(*(attempt(wang, place, content) for content in (b"one", b"two")))
    assert sorted((first, second)) == [(200, None), (409, "M_CANNOT_OVERWRITE_MEDIA")]
    await fill(wang, place, expect=(409, "M_CANNOT_OVERWRITE_MEDIA"))
    uploaded = await upload(wang, PICTURE)
    await fill(wang, uploaded, expect=(404, "M_NOT_FOUND"))
    await fill(wang, {**place, "mediaId": "unknown"}, expect=(404, "M_NOT_FOUND"))
    await fill(wang, {**place, "serverName": "other.test"}, expect=(404, "M_NOT_FOUND"))


async def attempt(account: Account, place: dict[str, str], content: bytes) -> tuple[int, str | None]:
    """The status and errcode of an upload that may be the second."""
    response = await account.contract.http.put(
        f"/_matrix/media/v3/upload/{place['serverName']}/{place['mediaId']}",
        content=content,
        headers={"Authorization": f"Bearer {account.access_token}"},
    )
    return response.status_code, response.json().get("errcode")


async def test_few_ids_wait_for_their_content(wang: Account) -> None:
    for _ in range(100):
        place = await create(wang)
    refused = await wang.call("createContent", expect=(429, "M_LIMIT_EXCEEDED"))
    assert refused["retry_after_ms"] > 0
    await fill(wang, place)
    await create(wang)


# ------------------------------------------------------------ how much one person may upload

QUOTA_BYTES = 10_000
LIMIT_BYTES = 4_000


@pytest.fixture(scope="module")
def narrow_url(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[str]:
    wishes = {"media_quota_bytes": str(QUOTA_BYTES), "upload_limit_bytes": str(LIMIT_BYTES)}
    with fresh_server(tmp_path_factory.mktemp("narrow"), postgres_url, **wishes) as url:
        yield url


@pytest.fixture
async def narrow(narrow_url: str, unused: Iterator[str], records: Records | None) -> AsyncIterator[Homeserver]:
    async with httpx.AsyncClient(base_url=narrow_url, timeout=60) as http:
        yield Homeserver(narrow_url, Contract(http, records), unused)


async def test_one_person_uploads_so_much(narrow: Homeserver) -> None:
    wang, li = await narrow.register("王护士"), await narrow.register("李医生")
    place = await create(wang)
    await fill(wang, place, bytes(LIMIT_BYTES + 1), expect=(413, "M_TOO_LARGE"))
    for number in range(2):
        # Equal content counts each time: nobody learns from the quota whether a file is there already.
        await upload(wang, bytes(LIMIT_BYTES), number=str(number))
    await wang.call("uploadContent", content=bytes(2_001), expect=(403, "M_FORBIDDEN"))
    await fill(wang, place, bytes(2_001), expect=(403, "M_FORBIDDEN"))
    await upload(wang, bytes(2_000))
    await wang.call("uploadContent", content=b"x", expect=(403, "M_FORBIDDEN"))
    await upload(li, bytes(LIMIT_BYTES))


async def test_uploads_at_once_share_the_quota(narrow: Homeserver) -> None:
    wang = await narrow.register("王护士")

    async def one() -> int:
        response = await narrow.contract.http.post(
            "/_matrix/media/v3/upload",
            content=bytes(3_000),
            headers={"Authorization": f"Bearer {wang.access_token}"},
        )
        return response.status_code

    answers = await asyncio.gather(*(one() for _ in range(10)))
    assert sorted(answers) == [200] * 3 + [403] * 7


async def test_slow_uploads_are_few_and_leave_nothing(narrow: Homeserver) -> None:
    wang = await narrow.register("王护士")
    async with AsyncExitStack() as slow:
        for _ in range(16):
            await slow.enter_async_context(slow_upload(narrow, wang))
        refused = await wang.call("uploadContent", content=b"x", expect=(429, "M_LIMIT_EXCEEDED"))
        assert refused["retry_after_ms"] > 0
    # Whoever hung up takes up no room: the whole quota is there.
    for _ in range(2):
        await until(lambda: wang.contract.http.post(UPLOAD, content=bytes(LIMIT_BYTES), headers=bearer(wang)))
    await upload(wang, bytes(QUOTA_BYTES - 2 * LIMIT_BYTES))


UPLOAD = "/_matrix/media/v3/upload"


def bearer(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.access_token}"}


@asynccontextmanager
async def slow_upload(server: Homeserver, account: Account) -> AsyncIterator[None]:
    """Within it a file is announced that never comes; the server has taken note of it."""
    url = httpx.URL(server.base_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.access_token}\r\n"
    writer.write(f"{head}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n".encode())
    # It asks for the content once it has let the upload begin.
    assert (await reader.readline()).startswith(b"HTTP/1.1 100")
    writer.write(b"x")
    try:
        yield
    finally:
        writer.close()
        await writer.wait_closed()


async def until(ask: Callable[[], Awaitable[httpx.Response]]) -> None:
    """Ask again until the server has noticed who hung up."""
    for _ in range(100):
        if (await ask()).status_code == 200:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the server holds room for those who hung up")
