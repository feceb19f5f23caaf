from collections.abc import Callable

import pytest

from myelin.matrix import identifiers
from myelin.matrix.errors import InvalidParam, InvalidUsername
from myelin.matrix.identifiers import MxcUri

HASH = "Nhcu5BS-UMnFX7hBVfVSoXiD7OgH6iRT-xyIuqDnpYQ"

GOOD: list[tuple[Callable[[str], str], list[str]]] = [
    (
        identifiers.check_server_name,
        ["matrix.org", "matrix.org:8888", "1.2.3.4", "1.2.3.4:1234", "[1234:5678::abcd]", "[1234:5678::abcd]:5678"],
    ),
    (identifiers.check_user_id, ["@alice:example.org", "@:example.org", "@Älice B:example.org:8448", "@x:[::1]:80"]),
    (identifiers.check_room_id, ["!ward:example.org", "!" + HASH]),
    (identifiers.check_room_alias, ["#ward:example.org", "#心内科:example.org"]),
    (identifiers.check_event_id, ["$" + HASH, "$0:example.org"]),
    (identifiers.check_device_id, ["ABCDEFGH", "my phone", "a" * 255]),
]
BAD: list[tuple[Callable[[str], str], list[str]]] = [
    (
        identifiers.check_server_name,
        ["", "a b", "example.org:", "example.org:123456", "[::1", "exämple.org", "a\n", "١.٢.٣.٤", "a" * 256],
    ),
    (
        identifiers.check_user_id,
        ["", "alice:example.org", "@alice", "@alice:", "@a\0b:example.org", "@\ud800:example.org", "@a:b c", "@a:b\n"],
    ),
    (identifiers.check_user_id, ["@" + "a" * 250 + ":b.example", "@" + "ä" * 125 + ":b.example"]),
    (identifiers.check_room_id, ["", "!", "!ward", "!" + HASH + "a", "!" + HASH[1:], "#ward:example.org", "!a:b:c:d"]),
    (identifiers.check_room_alias, ["", "#ward", "#:example.org", "!ward:example.org", "#a\0:example.org"]),
    (identifiers.check_event_id, ["", "$", HASH, "$" + "a" * 255]),
    (identifiers.check_device_id, ["", "a\n", "a" * 256]),
]


@pytest.mark.parametrize(("check", "text"), [(check, text) for check, texts in GOOD for text in texts])
def test_good_identifiers_pass(check: Callable[[str], str], text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize(("check", "text"), [(check, text) for check, texts in BAD for text in texts])
def test_bad_identifiers_are_refused(check: Callable[[str], str], text: str) -> None:
    with pytest.raises(InvalidParam):
        check(text)


def test_a_new_user_id_obeys_the_strict_grammar() -> None:
    assert identifiers.user_id("a-z0-9._=-/+", "example.org") == "@a-z0-9._=-/+:example.org"
    for localpart in ("", "Alice", "al ice", "älice", "a:b", "alice\n", "a" * 250):
        with pytest.raises(InvalidUsername):
            identifiers.user_id(localpart, "example.org")


def test_parts_of_identifiers() -> None:
    assert identifiers.localpart_of("@alice:example.org:8448") == "alice"
    assert identifiers.server_name_of("@alice:example.org:8448") == "example.org:8448"
    assert identifiers.server_name_of("!" + HASH) == ""
    assert identifiers.room_id("ward", "example.org") == "!ward:example.org"
    assert identifiers.room_alias("ward", "example.org") == "#ward:example.org"


def test_content_addresses() -> None:
    assert identifiers.parse_mxc_uri("mxc://example.org:1/a_B-3") == MxcUri("example.org:1", "a_B-3")
    assert identifiers.mxc_uri("example.org", "abc") == "mxc://example.org/abc"
    for text in ("", "mxc://", "mxc://example.org", "mxc://example.org/", "http://example.org/a", "mxc://a/b/c"):
        with pytest.raises(InvalidParam):
            identifiers.parse_mxc_uri(text)
    for media_id in ("..", "a%2Fb", "a\n", "ä"):
        with pytest.raises(InvalidParam):
            identifiers.parse_mxc_uri(f"mxc://example.org/{media_id}")


# Appendices, "Unpadded Base64".
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg"),
        (b"fooba", "Zm9vYmE"),
        (b"foobar", "Zm9vYmFy"),
    ],
)
def test_base64_vectors(raw: bytes, text: str) -> None:
    assert identifiers.encode_base64(raw) == text
    assert identifiers.decode_base64(text) == raw
    assert identifiers.decode_base64(text + "=" * (-len(text) % 4)) == raw


def test_base64_alphabets() -> None:
    assert identifiers.encode_base64(b"\xfb\xff") == "+/8"
    assert identifiers.encode_base64url(b"\xfb\xff") == "-_8"
    assert identifiers.decode_base64url("-_8") == b"\xfb\xff"


@pytest.mark.parametrize("text", ["a", "-_8", "Zm9v!", "Zm 9v", "Zg\n", "日本"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidParam):
        identifiers.decode_base64(text)


@pytest.mark.parametrize("text", ["+/8", "a", "日本"])
def test_what_is_not_base64_for_urls_is_refused(text: str) -> None:
    with pytest.raises(InvalidParam):
        identifiers.decode_base64url(text)
