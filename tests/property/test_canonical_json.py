import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.matrix.canonical_json import MAX_INTEGER, decode, encode
from myelin.matrix.errors import BadJson, MatrixError
from tests.property.values import json_values, objects


@given(json_values)
def test_equal_to_the_form_that_the_standard_prints(value: object) -> None:
    printed = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert encode(value) == printed.encode()  # type: ignore[arg-type]


@given(json_values)
def test_stable_under_reading_and_writing(value: object) -> None:
    canonical = encode(value)  # type: ignore[arg-type]
    assert decode(canonical) == value
    assert encode(decode(canonical)) == canonical


@given(objects)
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert encode(dict(reversed(value.items()))) == encode(value)  # type: ignore[arg-type]


@given(st.integers())
def test_integers_within_53_bits_and_no_others(number: int) -> None:
    if abs(number) <= MAX_INTEGER:
        assert encode(number) == str(number).encode()
    else:
        with pytest.raises(BadJson):
            encode(number)


@given(json_values, st.floats())
def test_a_float_anywhere_is_refused(value: object, number: float) -> None:
    with pytest.raises(BadJson):
        encode({"a": [value, {"b": number}]})  # type: ignore[list-item]


@given(
    st.binary() | st.text().map(str.encode) | st.from_regex(rb'[\[\]{}:,"0-9eE.+\-\\u truefalsn]{0,40}', fullmatch=True)
)
def test_any_bytes_become_a_value_or_a_refusal(raw: bytes) -> None:
    try:
        encode(decode(raw))
    except MatrixError as error:
        assert error.status == 400
    else:
        assert orjson.loads(raw) == decode(raw)
