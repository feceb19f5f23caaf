"""Canonical JSON: the one form of a JSON value that is hashed and signed (appendices, "Canonical JSON")."""

from typing import cast

import orjson

from myelin.matrix.errors import BadJson, NotJson
from myelin.matrix.json import JsonObject, JsonValue

__all__ = ["MAX_DEPTH", "MAX_INTEGER", "JsonObject", "JsonValue", "decode", "decode_object", "encode"]

MAX_DEPTH = 100
MAX_INTEGER = 2**53 - 1
# orjson sorts keys by their UTF-8 bytes, which is the order of code points, and escapes as the grammar says.
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_SCALARS = frozenset((str, int, bool, type(None)))


def encode(value: JsonValue) -> bytes:
    """The canonical bytes of a value; `BadJson` for what the standard forbids.

    Forbidden are floats, integers beyond 2**53 - 1, lone surrogates, what is not JSON, and here also nesting
    deeper than 100.
    """
    _check(value, MAX_DEPTH)
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError:
        raise BadJson("integers must lie within 53 bits, and strings must be valid Unicode") from None


def decode(raw: bytes) -> JsonValue:
    """The value that JSON bytes stand for; `NotJson` where they stand for none."""
    try:
        return cast(JsonValue, orjson.loads(raw))
    except orjson.JSONDecodeError:
        raise NotJson from None


def decode_object(raw: bytes) -> JsonObject:
    """The object that JSON bytes stand for; `NotJson` for no JSON, `BadJson` for another value."""
    value = decode(raw)
    if not isinstance(value, dict):
        raise BadJson("a JSON object was expected")
    return value


def _check(value: JsonValue, depth: int) -> None:
    kind = type(value)
    if kind is dict:
        children = list(cast(JsonObject, value).values())
    elif kind is list:
        children = cast(list[JsonValue], value)
    elif kind in _SCALARS:
        return
    else:
        raise BadJson("only objects, arrays, strings, whole numbers, booleans and null are allowed")
    if depth == 0:
        raise BadJson(f"JSON may be nested {MAX_DEPTH} levels deep at most")
    for child in children:
        # Most children are strings: not calling for them halves the cost on the hot path.
        if type(child) is not str:
            _check(child, depth - 1)
