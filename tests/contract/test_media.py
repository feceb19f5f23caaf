"""Media: what is put in comes out unchanged, to those who are signed in, and as something harmless."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer
from tests.contract.people import Account

PICTURE = bytes(range(256)) * 8


async def upload(account: Account, content: bytes, content_type: str = "image/png", **query: str) -> dict[str, str]:
    """Where the uploaded file is found: server name and media id."""
    answer = await account.call("uploadContent", content=content, headers={"Content-Type": content_type}, query=query)
    server_name, _, media_id = answer["content_uri"].removeprefix("mxc://").partition("/")
    return {"serverName": server_name, "mediaId": media_id}


async def download(account: Account, place: dict[str, str], **arguments: object) -> Answer:
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
