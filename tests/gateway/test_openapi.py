"""The OpenAPI document: valid, complete, and of one mind with the code it describes (GATEWAY 1, UX 49)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from gateway_app.catalogue import CATALOGUE
from gateway_app.openapi.endpoints import ENDPOINTS
from gateway_app.problems import RETRY_AFTER_SECONDS, STATUS
from gateway_app.schemas import GenerateRequestSchema, InvalidParametersError, read_generate_request
from gateway_app.strict_json import MalformedJsonError, parse_object
from tests.gateway.calling import bearer
from tests.world import World

OF_PAGES = {"docs.stylesheet", "docs.mark"}  # what the pages load is no endpoint
PROBLEM = "application/problem+json"
BODIES = [
    "{}", '{"count": 1}', '{"count": 0}', '{"count": -1}', '{"count": 5.0}', '{"count": 1.5}', '{"count": "5"}',
    '{"count": true}', '{"count": null}', '{"count": []}', '{"count": 100000}', '{"count": 100001}',
    '{"count": 5, "test": true}', '{"count": 1, "test": "yes"}', '{"count": 1, "test": null}',
    '{"count": 1, "reference": "PO-1"}', '{"count": 1, "reference": ""}', '{"count": 1, "reference": null}',
    json.dumps({"count": 1, "reference": "\U0001f511" * 200}), json.dumps({"count": 1, "reference": "r" * 201}),
    json.dumps({"count": 1, "reference": "a\x00b"}), '{"count": 1, "idempotency_key": "k"}',
    '{"count": 1, "idempotency_key": ""}', '{"count": 1, "idempotency_key": "a b"}',
    '{"count": 1, "idempotency_key": "\\u00e9"}', json.dumps({"count": 1, "idempotency_key": "k" * 255}),
    json.dumps({"count": 1, "idempotency_key": "k" * 256}), '{"count": 1, "idempotencykey": "k"}', "[]", '"count"',
]  # fmt: skip


@pytest.fixture
def document(partner: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = partner.get("/openapi.json").json or {}
    return found


def test_it_is_valid_openapi_3_1(document: dict[str, Any]):
    assert document["openapi"] == "3.1.0"
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


def test_every_reference_leads_somewhere_and_every_component_is_used(document: dict[str, Any]):
    used = {found["$ref"] for found in _objects(document) if "$ref" in found}
    declared = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "headers")
        for name in document["components"][kind]
    }  # fmt: skip
    assert used == declared


def test_its_schemas_are_schemas(document: dict[str, Any]):
    for name in document["components"]["schemas"]:
        _validator(document, name)


def test_its_examples_are_what_it_says(document: dict[str, Any]):
    shown = 0
    for media in _objects(document):
        if "schema" in media and ({"example", "examples"} & set(media)) and "in" not in media:
            examples = [found["value"] for found in media.get("examples", {}).values()]
            for example in [*examples, *([media["example"]] if "example" in media else [])]:
                _resolved(document, media["schema"]).validate(example)
                shown += 1
    assert shown > 100


def test_its_paths_are_the_routes(document: dict[str, Any], gateway_app: Flask):
    declared = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method)
        for rule in gateway_app.url_map.iter_rules()
        if rule.endpoint not in OF_PAGES
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert declared == routes
    assert len(ENDPOINTS) == len(routes)


def test_every_code_is_told_under_its_status(document: dict[str, Any]):
    told = {
        (code, int(status))
        for status, answer in _answers(document)
        if PROBLEM in answer["content"]
        for code in answer["content"][PROBLEM]["schema"]["properties"]["code"]["enum"]
    }
    assert told == {(refusal.code, status) for refusal, status in STATUS.items()}


def test_every_problem_has_the_members_of_its_sentence():
    for refusal in STATUS:
        entry = CATALOGUE[refusal.code]
        assert type(entry.example) is refusal
        assert set(re.findall(r"{(\w+)}", refusal.sentence)) - {"detail"} <= set(entry.members)
        assert entry.has_retry_after == (refusal in RETRY_AFTER_SECONDS or STATUS[refusal] == 429)


def test_every_answer_has_a_request_id_and_says_when_to_come_back(document: dict[str, Any]):
    for status, answer in _answers(document):
        assert "X-Request-Id" in answer["headers"]
        if status == "429" or (status == "503" and PROBLEM in answer["content"]):
            assert answer["headers"]["Retry-After"] == {"$ref": "#/components/headers/Retry-After"}


def test_only_calls_with_a_key_ask_for_one(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["security"] == ([{"contract_key": []}] if path.startswith("/api/") else [])
            assert ("401" in operation["responses"]) == path.startswith("/api/")


@pytest.mark.parametrize("body", BODIES)
def test_the_request_schema_takes_what_the_gateway_takes(document: dict[str, Any], body: str):
    assert _validator(document, "GenerateRequest").is_valid(json.loads(body)) == _is_taken(body)


def test_the_limit_of_a_call_is_the_operators(partner: FlaskClient, gateway_with: Callable[..., Any]):
    client = gateway_with(max_count_per_call=250)
    request = client.get("/openapi.json").json["components"]["schemas"]["GenerateRequest"]
    assert request["properties"]["count"]["maximum"] == 250
    assert "up to 250 per call" in client.get("/docs").text
    assert "up to 100,000 per call" in partner.get("/docs").text


def test_a_test_generation_is_limited_where_the_document_says(
    world: World, partner: FlaskClient, document: dict[str, Any]
):
    contract, key = world.reseller()
    for count, status in ((5, 201), (6, 422)):
        request = {"count": count, "test": True}
        answer = partner.post(f"/api/v1/contracts/{contract.id}/generate", json=request, headers=bearer(key))
        assert answer.status_code == status
        assert _validator(document, "GenerateRequest").is_valid(request) == (status == 201)


def _is_taken(body: str) -> bool:
    try:
        read_generate_request(parse_object(body.encode()), GenerateRequestSchema(max_count=100_000))
    except (MalformedJsonError, InvalidParametersError):
        return False
    return True


def _answers(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in document["paths"].values():
        for operation in methods.values():
            yield from operation["responses"].items()


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(member)


def _validator(document: dict[str, Any], schema: str) -> jsonschema_rs.Draft202012Validator:
    return _resolved(document, {"$ref": f"#/components/schemas/{schema}"})


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    whole = {**schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
