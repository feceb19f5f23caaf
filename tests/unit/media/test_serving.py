"""A file is handed out whole, in part, or not again; as RFC 9110 says."""

from io import FileIO
from pathlib import Path

import pytest

from myelin.api.media.serving import served
from myelin.http.messages import Request, Response
from myelin.media.files import reading_of

CONTENT = bytes(range(200))
TAG = b'"tag"'


async def asked(
    tmp_path: Path, content: bytes = CONTENT, method: str = "GET", **headers: str
) -> tuple[Response, bytes]:
    """The answer to a request with these headers, and what it sends."""
    path = tmp_path / "file"
    path.write_bytes(content)
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    request = Request(method, (), b"", named, b"", "127.0.0.1")
    response = await served(request, reading_of(FileIO(path)), "tag", ((b"content-type", b"image/png"),))
    if response.stream is None:
        return response, response.body
    sent = b"".join([part async for part in response.stream])
    await response.stream.aclose()
    return response, sent


def header(response: Response, name: bytes) -> bytes | None:
    return dict(response.headers).get(name)


async def test_a_whole_file_may_be_kept(tmp_path: Path) -> None:
    response, sent = await asked(tmp_path)
    assert (response.status, sent) == (200, CONTENT)
    assert header(response, b"etag") == TAG
    assert header(response, b"accept-ranges") == b"bytes"
    kept = header(response, b"cache-control")
    assert kept is not None and b"private" in kept and b"immutable" in kept


@pytest.mark.parametrize(
    ("wanted", "first", "end"),
    [("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=190-", 190, 200), ("bytes=-5", 195, 200),
     ("bytes=0-999999", 0, 200), ("bytes=-999", 0, 200), ("bytes = 3-4", 3, 5)],
)  # fmt: skip
async def test_a_part_is_sent(tmp_path: Path, wanted: str, first: int, end: int) -> None:
    response, sent = await asked(tmp_path, range=wanted)
    assert (response.status, sent) == (206, CONTENT[first:end])
    assert header(response, b"content-range") == f"bytes {first}-{end - 1}/200".encode()
    assert header(response, b"content-length") == str(end - first).encode()


@pytest.mark.parametrize("wanted", ["bytes=200-", "bytes=500-600", "bytes=-0"])
async def test_a_part_that_is_not_there_is_refused(tmp_path: Path, wanted: str) -> None:
    response, _ = await asked(tmp_path, range=wanted)
    assert response.status == 416
    assert header(response, b"content-range") == b"bytes */200"


@pytest.mark.parametrize(
    "wanted", ["bytes=5-2", "bytes=-", "bytes=1-2,5-6", "lines=1-2", "bytes=a-b", "bytes=1", "bytes=" + "9" * 19 + "-"]
)
async def test_what_is_no_single_range_is_not_looked_at(tmp_path: Path, wanted: str) -> None:
    response, sent = await asked(tmp_path, range=wanted)
    assert (response.status, sent) == (200, CONTENT)


async def test_an_empty_file_has_no_part(tmp_path: Path) -> None:
    assert (await asked(tmp_path, b"", range="bytes=0-"))[0].status == 416
    assert (await asked(tmp_path, b""))[0].status == 200


async def test_a_part_of_another_version_is_the_whole(tmp_path: Path) -> None:
    assert (await asked(tmp_path, range="bytes=1-2", if_range='"other"'))[0].status == 200
    assert (await asked(tmp_path, range="bytes=1-2", if_range='"tag"'))[0].status == 206
    # Only a strong tag can vouch for the bytes beside it.
    assert (await asked(tmp_path, range="bytes=1-2", if_range='W/"tag"'))[0].status == 200


async def test_a_head_is_never_partial(tmp_path: Path) -> None:
    response, _ = await asked(tmp_path, method="HEAD", range="bytes=1-2")
    assert response.status == 200
    assert header(response, b"content-length") == b"200"


@pytest.mark.parametrize("known", ['"tag"', 'W/"tag"', '"other", "tag"', "*"])
async def test_what_the_client_has_is_not_sent_again(tmp_path: Path, known: str) -> None:
    response, _ = await asked(tmp_path, if_none_match=known)
    assert response.status == 304
    assert header(response, b"content-length") == b"200"
