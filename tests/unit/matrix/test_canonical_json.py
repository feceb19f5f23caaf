import pytest

from myelin.matrix.canonical_json import MAX_DEPTH, decode, decode_object, encode
from myelin.matrix.errors import BadJson, NotJson
from myelin.matrix.json import JsonValue

# Appendices, "Canonical JSON", "Examples".
VECTORS = [
    ("{}", "{}"),
    ('{"one": 1, "two": "Two"}', '{"one":1,"two":"Two"}'),
    ('{"b": "2", "a": "1"}', '{"a":"1","b":"2"}'),
    ('{"b":"2","a":"1"}', '{"a":"1","b":"2"}'),
    (
        """
        {"auth": {"success": true, "mxid": "@john.doe:example.com", "profile": {"display_name": "John Doe",
        "three_pids": [{"medium": "email", "address": "john.doe@example.org"},
        {"medium": "msisdn", "address": "123456789"}]}}}
        """,
        """
        {"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe",
        "three_pids":[{"address":"john.doe@example.org","medium":"email"},
        {"address":"123456789","medium":"msisdn"}]},"success":true}}
        """.replace("\n        ", "").strip(),
    ),
    ('{"a": "日本語"}', '{"a":"日本語"}'),
    ('{"本": 2, "日": 1}', '{"日":1,"本":2}'),
    (r'{"a": "\u65E5"}', '{"a":"日"}'),
    ('{"a": null}', '{"a":null}'),
    ('{"a": -0}', '{"a":0}'),
    # Ours: order is that of code points, not of UTF-16 units, and only what must be escaped is.
    (r'{"\ud800\udc00": 1, "\uffff": 2}', '{"\uffff":2,"\U00010000":1}'),
    (r'"\u0000\u001F\b\t\n\f\r\"\\\/\u007f"', '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\x7f"'),
    ("[9007199254740991, -9007199254740991]", "[9007199254740991,-9007199254740991]"),
]


@pytest.mark.parametrize(("text", "canonical"), VECTORS)
def test_vectors(text: str, canonical: str) -> None:
    assert encode(decode(text.encode())) == canonical.encode()


FORBIDDEN: list[object] = [
    1.5,
    # The last example of the appendices writes ten thousand million with an exponent; to us, as to every parser of
    # the language, that is a float, and floats are not permitted.
    1e10,
    {"a": [1.0]},
    float("nan"),
    2**53,
    -(2**53),
    2**64,
    "\ud800",
    {"\udfff": 1},
    {1: 2},
    (1, 2),
    {"a": b"bytes"},
    {"a": {1, 2}},
]


@pytest.mark.parametrize("value", FORBIDDEN, ids=repr)
def test_what_is_not_canonical_is_refused(value: JsonValue) -> None:
    with pytest.raises(BadJson):
        encode(value)


def nested(depth: int) -> JsonValue:
    value: JsonValue = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_depth_is_limited() -> None:
    assert encode(nested(MAX_DEPTH)) == b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(BadJson, match="deep"):
            encode(nested(depth))


@pytest.mark.parametrize("raw", [b"", b"{", b"[NaN]", b"[Infinity]", b'"\xff"', rb'"\ud800"', b"'a'", b"[" * 100_000])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(NotJson):
        decode(raw)


@pytest.mark.parametrize("raw", [b"[]", b"1", b"null", b'"{}"'])
def test_only_an_object_is_an_object(raw: bytes) -> None:
    with pytest.raises(BadJson):
        decode_object(raw)
