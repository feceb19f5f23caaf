"""Matrix identifiers and their grammars (appendices, "Identifier Grammar"), and unpadded Base64.

`check_...` returns its argument or raises; `is_...` answers. New user ids obey the strict grammar; user ids met in
events may be historical ones. Server names are case-sensitive.
"""

import binascii
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import NamedTuple

from myelin.matrix.errors import InvalidParam, InvalidUsername

MAX_BYTES = 255

_SERVER_NAME = re.compile(
    r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,255})(?::\d{1,5})?", re.ASCII
)
_NEW_LOCALPART = re.compile(r"[a-z0-9._=/+-]+")
_OPAQUE = re.compile(r"[^:\x00\ud800-\udfff]*")
_REFERENCE_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]+")
_DEVICE_ID = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")


class MxcUri(NamedTuple):
    """The two parts of `mxc://server_name/media_id`."""

    server_name: str
    media_id: str

    def __str__(self) -> str:
        return f"mxc://{self.server_name}/{self.media_id}"


def user_id(localpart: str, server_name: str) -> str:
    """The id of a new user; `InvalidUsername` where the localpart breaks the strict grammar."""
    if not _NEW_LOCALPART.fullmatch(localpart):
        raise InvalidUsername
    identifier = f"@{localpart}:{server_name}"
    if len(identifier) > MAX_BYTES:
        raise InvalidUsername("this user name is too long")
    return identifier


def room_id(opaque_id: str, server_name: str) -> str:
    """The id of a room of version 11 or older; newer rooms are named by their create event."""
    return f"!{opaque_id}:{server_name}"


def room_alias(localpart: str, server_name: str) -> str:
    """The alias of a room on this server; `InvalidParam` where the localpart is not allowed."""
    return check_room_alias(f"#{localpart}:{server_name}")


def mxc_uri(server_name: str, media_id: str) -> str:
    """The address of a stored file."""
    return str(MxcUri(server_name, media_id))


def localpart_of(identifier: str) -> str:
    """What stands between the sigil and the first colon."""
    return identifier[1:].partition(":")[0]


def server_name_of(identifier: str) -> str:
    """What follows the first colon; empty for an id without a domain."""
    return identifier.partition(":")[2]


def is_server_name(text: str) -> bool:
    """Whether this is a host name or address, with or without a port."""
    return _SERVER_NAME.fullmatch(text) is not None


def is_user_id(text: str) -> bool:
    """Whether this is a user id that may occur in an event, historical ones included."""
    return _has_domain("@", text)


def is_room_id(text: str) -> bool:
    """Whether this is a room id of any version."""
    return _has_domain("!", text) or (text[:1] == "!" and _REFERENCE_HASH.fullmatch(text, 1) is not None)


def is_room_alias(text: str) -> bool:
    """Whether this is a room alias with a localpart."""
    return _has_domain("#", text) and not text.startswith("#:")


def is_event_id(text: str) -> bool:
    """Whether this may be an event id; ids of old rooms are opaque, so little is asked of them."""
    return text[:1] == "$" and len(text) > 1 and "\x00" not in text and _fits(text)


def is_device_id(text: str) -> bool:
    """Whether this may name a device: any text without control characters."""
    return _DEVICE_ID.fullmatch(text) is not None and _fits(text)


def check_server_name(text: str) -> str:
    """The text, or `InvalidParam`."""
    if not is_server_name(text):
        raise InvalidParam("this is not a server name")
    return text


def check_user_id(text: str) -> str:
    """The text, or `InvalidParam`."""
    if not is_user_id(text):
        raise InvalidParam("this is not a user id; one looks like @name:server")
    return text


def check_room_id(text: str) -> str:
    """The text, or `InvalidParam`."""
    if not is_room_id(text):
        raise InvalidParam("this is not a room id")
    return text


def check_room_alias(text: str) -> str:
    """The text, or `InvalidParam`."""
    if not is_room_alias(text):
        raise InvalidParam("this is not a room alias; one looks like #name:server")
    return text


def check_event_id(text: str) -> str:
    """The text, or `InvalidParam`."""
    if not is_event_id(text):
        raise InvalidParam("this is not an event id")
    return text


def check_device_id(text: str) -> str:
    """The text, or `InvalidParam`."""
    if not is_device_id(text):
        raise InvalidParam("this is not a device id")
    return text


def parse_mxc_uri(text: str) -> MxcUri:
    """The parts of a content address; `InvalidParam` where it is none."""
    server_name, slash, media_id = text.removeprefix("mxc://").partition("/")
    if not text.startswith("mxc://") or not slash:
        raise InvalidParam("this is not a content address; one looks like mxc://server/id")
    if not is_server_name(server_name) or not _MEDIA_ID.fullmatch(media_id):
        raise InvalidParam("this is not a content address; one looks like mxc://server/id")
    return MxcUri(server_name, media_id)


def encode_base64(raw: bytes) -> str:
    """Unpadded Base64 (appendices, "Unpadded Base64")."""
    return b64encode(raw).rstrip(b"=").decode()


def encode_base64url(raw: bytes) -> str:
    """Unpadded Base64 of the alphabet for URLs."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes:
    """The bytes of standard Base64, with or without padding; `InvalidParam` where it is none."""
    try:
        return b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParam("this is not Base64") from None


def decode_base64url(text: str) -> bytes:
    """The bytes of Base64 of the alphabet for URLs, with or without padding."""
    if "+" in text or "/" in text:
        raise InvalidParam("this is not Base64 for URLs")
    return decode_base64(text.translate({ord("-"): "+", ord("_"): "/"}))


def _has_domain(sigil: str, text: str) -> bool:
    opaque_id, colon, server_name = text[1:].partition(":")
    return (
        text[:1] == sigil
        and colon == ":"
        and _OPAQUE.fullmatch(opaque_id) is not None
        and is_server_name(server_name)
        and _fits(text)
    )


def _fits(text: str) -> bool:
    return len(text.encode(errors="surrogatepass")) <= MAX_BYTES
