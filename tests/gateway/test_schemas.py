"""A generate request is taken exactly as its schema says, and every fault is pointed at."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_app.schemas import (
    GenerateRequest,
    GenerateRequestSchema,
    InvalidParametersError,
    is_idempotency_key,
    read_generate_request,
)
from gateway_app.strict_json import parse_object

MOST = 1_000
SCHEMA = GenerateRequestSchema(max_count=MOST)
LONG_KEY = "k" * 255
COUNT = "This must be an integer from 1 to 1000."
KEY = "This must be 1 to 255 visible ASCII characters, without spaces."
BOOLEAN = "This must be true or false."
TEXT = "This must be a text; leave it out when there is none."

BAD_COUNTS = [
    "0",
    "-1",
    "-0",
    "-0.0",
    "0.0",
    "1.5",
    "1e3",
    "1E1",
    "1e0",
    "10e-1",
    "5.0e0",
    "5.0000000000000000001",
    "1001",
    "1001.0",
    "9223372036854775808",
    "9" * 300,
    '"5"',
    '"5.0"',
    '""',
    "true",
    "false",
    "null",
    "[]",
    "[5]",
    "{}",
    '{"5": 5}',
]

BAD_MEMBERS = [
    ("idempotency_key", '""', KEY),
    ("idempotency_key", "null", KEY),
    ("idempotency_key", "5", KEY),
    ("idempotency_key", "true", KEY),
    ("idempotency_key", '["a"]', KEY),
    ("idempotency_key", '"a b"', KEY),
    ("idempotency_key", '" a"', KEY),
    ("idempotency_key", '"a\\n"', KEY),
    ("idempotency_key", '"\\u007f"', KEY),
    ("idempotency_key", '"é"', KEY),
    ("idempotency_key", '"\uff11"', KEY),
    ("idempotency_key", f'"{"k" * 256}"', KEY),
    ("test", "null", BOOLEAN),
    ("test", "0", BOOLEAN),
    ("test", "1", BOOLEAN),
    ("test", "1.0", BOOLEAN),
    ("test", '"true"', BOOLEAN),
    ("test", '"false"', BOOLEAN),
    ("test", "[]", BOOLEAN),
    ("reference", "null", TEXT),
    ("reference", "5", TEXT),
    ("reference", "false", TEXT),
    ("reference", '["PO"]', TEXT),
    ("reference", f'"{"r" * 201}"', "This has more than 200 characters."),
]

UNKNOWN = [
    ("idempotencykey", "/idempotencykey"),
    ("Idempotency_Key", "/Idempotency_Key"),
    ("idempotency_key ", "/idempotency_key "),
    ("Count", "/Count"),
    ("", ""),
    ("a/b", "/a~1b"),
    ("~a", "/~0a"),
    ("~1", "/~01"),
    ("x" * 32, "/" + "x" * 32),
    ("x" * 33, ""),
    ("é", ""),
    ("a\nb", ""),
    ("__proto__", "/__proto__"),
]


def read(body: str) -> GenerateRequest:
    return read_generate_request(parse_object(body.encode()), SCHEMA)


def errors_of(body: str) -> list[dict[str, str]]:
    with pytest.raises(InvalidParametersError) as refusal:
        read(body)
    return refusal.value.errors


@pytest.mark.parametrize("count", BAD_COUNTS)
def test_a_count_that_is_no_integer_in_range_is_refused(count: str) -> None:
    assert errors_of(f'{{"count": {count}}}') == [{"pointer": "/count", "detail": COUNT}]


def test_a_missing_count_is_pointed_at() -> None:
    assert errors_of("{}") == [{"pointer": "/count", "detail": COUNT}]


@pytest.mark.parametrize(("name", "value", "sentence"), BAD_MEMBERS)
def test_a_member_of_another_kind_is_refused(name: str, value: str, sentence: str) -> None:
    assert errors_of(f'{{"count": 1, "{name}": {value}}}') == [{"pointer": f"/{name}", "detail": sentence}]


@pytest.mark.parametrize(("name", "pointer"), UNKNOWN)
def test_an_unknown_member_is_refused_and_pointed_at_when_its_name_is_plain(name: str, pointer: str) -> None:
    [error] = errors_of(json.dumps({"count": 1, name: 1}))
    assert error["pointer"] == pointer
    assert error["detail"].endswith("is not known.")


def test_all_faults_are_named_in_a_fixed_order_up_to_twenty() -> None:
    body = {"count": 0, "test": 1, **{f"z{n:02}": n for n in range(50)}}
    pointers = [error["pointer"] for error in errors_of(json.dumps(body))]
    assert pointers == ["/count", "/test", *(f"/z{n:02}" for n in range(18))]


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        ('{"count": 1}', GenerateRequest(count=1)),
        ('{"count": 1000}', GenerateRequest(count=1000)),
        ('{"count": 5.0}', GenerateRequest(count=5)),
        ('{"count": 5.000, "test": false}', GenerateRequest(count=5)),
        ('{"test": true, "count": 5}', GenerateRequest(count=5, test=True)),
        ('{"count": 1, "idempotency_key": "!~"}', GenerateRequest(count=1, idempotency_key="!~")),
        (f'{{"count": 1, "idempotency_key": "{LONG_KEY}"}}', GenerateRequest(count=1, idempotency_key=LONG_KEY)),
        ('{"count": 1, "reference": ""}', GenerateRequest(count=1, reference="")),
        (f'{{"count": 1, "reference": "{"é" * 200}"}}', GenerateRequest(count=1, reference="é" * 200)),
    ],
)
def test_a_valid_request_is_taken(body: str, request_: GenerateRequest) -> None:
    found = read(body)
    assert found == request_
    assert type(found.count) is int


@given(count=st.integers(-2 * MOST, 2 * MOST), zeros=st.integers(0, 20))
def test_a_count_is_taken_exactly_within_its_range(count: int, zeros: int) -> None:
    body = f'{{"count": {count}{"." * bool(zeros)}{"0" * zeros}}}'
    if 1 <= count <= MOST:
        assert read(body).count == count
    else:
        assert errors_of(body)


@given(key=st.text(max_size=300))
def test_idempotency_keys_are_visible_ascii(key: str) -> None:
    fits = 1 <= len(key) <= 255 and all("!" <= symbol <= "~" for symbol in key)
    assert is_idempotency_key(key) is fits


@given(
    document=st.dictionaries(
        st.sampled_from(["count", "idempotency_key", "test", "reference", "other"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2),
    )
)
def test_any_document_is_taken_or_refused_with_pointers(document: dict[str, Any]) -> None:
    try:
        found = read_generate_request(document, SCHEMA)
    except InvalidParametersError as refusal:
        assert all(set(error) == {"pointer", "detail"} for error in refusal.errors)  # noqa: PT017
        assert 1 <= len(refusal.errors) <= 20  # noqa: PT017
    else:
        assert 1 <= found.count <= MOST
        assert found == GenerateRequest(**document)


def test_two_schemas_keep_their_own_limit() -> None:
    small = GenerateRequestSchema(max_count=2)
    assert read('{"count": 3}').count == 3
    with pytest.raises(InvalidParametersError) as refusal:
        read_generate_request({"count": 3}, small)
    assert refusal.value.errors[0]["detail"] == "This must be an integer from 1 to 2."
    assert errors_of('{"count": null}')[0]["detail"] == COUNT
