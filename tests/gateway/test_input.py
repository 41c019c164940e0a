"""Bad input of every kind: each has its decided answer, and none of them makes anything (RELIABILITY, GATEWAY 4)."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.gateway.calling import generate, nothing_made, read, refused, send, url
from tests.world import World

MOST = "This must be an integer from 1 to 100000."
COUNTS = [
    ("0", "invalid_parameter"), ("-1", "invalid_parameter"), ("-0", "invalid_parameter"), ("1.5", "invalid_parameter"),
    ('"5"', "invalid_parameter"), ("true", "invalid_parameter"), ("null", "invalid_parameter"),
    ("[]", "invalid_parameter"), ("{}", "invalid_parameter"), ("1e3", "invalid_parameter"),
    ("100001", "invalid_parameter"), (str(2**63), "invalid_parameter"), ("9" * 300, "invalid_parameter"),
    ("1e400", "malformed_request"), ("9" * 5000, "malformed_request"), ("NaN", "malformed_request"),
    ("Infinity", "malformed_request"), ("-Infinity", "malformed_request"), ("05", "malformed_request"),
    ("+5", "malformed_request"), ("0x5", "malformed_request"), (".5", "malformed_request"), ("", "malformed_request"),
]  # fmt: skip
GOOD = b'{"count": 1}'
BODIES = {
    "empty": b"", "blank": b" \r\n", "no object": b"[1]", "text": b'"count"', "number": b"1", "null": b"null",
    "cut": b'{"count": 1', "trailing data": b'{"count": 1} x', "two objects": b'{"count": 1}{"count": 1}',
    "duplicate member": b'{"count": 1, "count": 2}', "duplicate inside": b'{"count": 1, "reference": {"a": 1, "a": 1}}',
    "byte order mark": b"\xef\xbb\xbf" + GOOD, "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-32": GOOD.decode().encode("utf-32"), "Latin-1": b'{"count": 1, "reference": "\xe9"}',
    "lone surrogate": b'{"count": 1, "reference": "\\ud800"}', "NUL": b'{"count": 1, "reference": "\\u0000"}',
    "NUL byte": b'{"count": 1}\0', "raw control": b'{"count": 1, "reference": "a\nb"}', "form": b"count=1",
    "comment": b'{"count": 1} // one', "single quotes": b"{'count': 1}", "trailing comma": b'{"count": 1,}',
    "8000 arrays": b'{"count": ' + b"[" * 8000 + b"]" * 8000 + b"}", "nine deep": b'{"a":' + b"[" * 8 + b"]" * 8 + b"}",
    "8000 objects": b'{"a":' * 2500 + b"1" + b"}" * 2500,
}  # fmt: skip
MEMBERS = [
    {"idempotencykey": "k"}, {"Count": 1}, {"idempotency_key": ""}, {"idempotency_key": "a b"}, {"idempotency_key": 5},
    {"idempotency_key": None}, {"idempotency_key": "k" * 256}, {"idempotency_key": "\u00e9"}, {"test": "true"},
    {"test": 1}, {"test": None}, {"reference": "r" * 201}, {"reference": 5}, {"__proto__": {}}, {"": 1},
]  # fmt: skip
MEDIA = [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-patch+json",
    "application/jsonx", "json", "*/*", "", "application/json; charset=utf-16", "application/json; charset=latin-1",
    "application/problem+json", "\u00e9",
]  # fmt: skip
QUERIES = [
    "limit=0", "limit=1001", "limit=-1", "limit=abc", "limit=1.5", "limit=1e2", "limit=" + "9" * 30, "limit=%00",
    "limit=--5", "limit=%D9%A3", "limit=1&limit=2", "cursor=-2", "cursor=x", "cursor=--1", "cursor=-", "cursor=1e3",
    "cursor=99999999999999999999", "page=1", "cursor=1&limit=10&x=%ED%A0%80",
]  # fmt: skip


@pytest.mark.parametrize(("count", "code"), COUNTS)
def test_a_count_that_is_no_whole_number_in_range_makes_nothing(
    world: World, partner: FlaskClient, count: str, code: str
) -> None:
    contract, key = world.reseller(quota=2**62, generator=world.generator(format="uuid", pattern=None))
    problem = refused(send(partner, contract, key, b'{"count": %s}' % count.encode()), code)
    if code == "invalid_parameter":
        assert problem["errors"] == [{"pointer": "/count", "detail": MOST}]
    assert nothing_made()


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_two_readers_could_read_differently_is_malformed(
    world: World, partner: FlaskClient, kind: str
) -> None:
    contract, key = world.reseller()
    problem = refused(send(partner, contract, key, BODIES[kind]), "malformed_request")
    assert "count" not in problem["detail"]
    assert nothing_made()


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_a_member_that_is_unknown_or_of_another_kind_is_pointed_at(
    world: World, partner: FlaskClient, member: dict[str, Any]
) -> None:
    contract, key = world.reseller()
    problem = refused(send(partner, contract, key, json.dumps({"count": 1, **member}).encode()), "invalid_parameter")
    assert [set(error) for error in problem["errors"]] == [{"pointer", "detail"}]
    assert nothing_made()


@pytest.mark.parametrize("media", MEDIA)
def test_another_media_type_is_refused(world: World, partner: FlaskClient, media: str) -> None:
    contract, key = world.reseller()
    refused(send(partner, contract, key, GOOD, Content_Type=media), "unsupported_media_type")
    assert nothing_made()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "x"])
def test_an_encoded_body_is_refused(world: World, partner: FlaskClient, encoding: str) -> None:
    contract, key = world.reseller()
    refused(send(partner, contract, key, gzip.compress(GOOD), Content_Encoding=encoding), "unsupported_media_type")


def test_a_missing_media_type_is_refused(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    refused(
        partner.post(url(contract), data=GOOD, headers={"Authorization": f"Bearer {key}"}), "unsupported_media_type"
    )


def test_a_body_of_16_kib_is_read_and_one_byte_more_is_not(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    refused(send(partner, contract, key, GOOD.ljust(16 * 1024 + 1)), "body_too_large")
    assert nothing_made()
    assert send(partner, contract, key, GOOD.ljust(16 * 1024)).status_code == 201


@pytest.mark.parametrize("query", QUERIES)
def test_a_page_that_cannot_be_asked_for_is_refused(world: World, partner: FlaskClient, query: str) -> None:
    contract, key = world.reseller()
    made = generate(partner, contract, key, count=1).json
    problem = refused(
        read(partner, contract, key, f"generations/{made['generation_id']}/licenses?{query}"), "invalid_parameter"
    )
    assert all(set(error) == {"parameter", "detail"} for error in problem["errors"])


@pytest.mark.parametrize("body", [
    GOOD, b'{"count": 1.0}', b' {"count"\t:\r\n1} ', b'{"test": false, "count": 1}', b'{"\\u0063ount": 1}',
    '{"count": 1, "reference": "\u00e9\U0001f511"}'.encode(), b'{"count": 1, "reference": "\\ud83d\\udd11"}',
])  # fmt: skip
@pytest.mark.parametrize("media", ["application/json", "APPLICATION/JSON", 'application/json; charset="UTF-8"'])
def test_other_spellings_of_good_json_are_taken(world: World, partner: FlaskClient, body: bytes, media: str) -> None:
    """The negative control: strict is not the same as picky."""
    contract, key = world.reseller()
    assert send(partner, contract, key, body, Content_Type=media, Content_Encoding="identity").status_code == 201


def test_a_smaller_limit_of_the_operator_holds(world: World, gateway_with: Any) -> None:
    contract, key = world.reseller()
    client = gateway_with(max_count_per_call=10)
    problem = refused(generate(client, contract, key, count=11), "invalid_parameter")
    assert problem["errors"][0]["detail"] == "This must be an integer from 1 to 10."
    assert generate(client, contract, key, count=10).status_code == 201


def test_an_idempotency_key_in_the_query_is_refused_and_not_ignored(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    path = f"/api/v1/contracts/{contract.id}/generate?idempotency_key=k"
    answer = partner.post(path, json={"count": 1}, headers={"Authorization": f"Bearer {key}"})
    refused(answer, "invalid_parameter")
    assert world.counters(contract) == (0, 0, 0)
