"""One endpoint as an operation object of OpenAPI."""

from __future__ import annotations

from typing import Any

from gateway_app.openapi import examples
from gateway_app.openapi.endpoints import Answer, Endpoint
from gateway_app.openapi.headers import RATE_HEADERS, header_refs
from gateway_app.openapi.parameters import Parameter
from gateway_app.openapi.problems import refusals


def operation(endpoint: Endpoint, *, host_url: str) -> dict[str, Any]:
    """Return the operation object of ``endpoint``."""
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.text,
        "security": [{"contract_key": []}] if endpoint.needs_key else [],
    }
    if endpoint.parameters:
        found["parameters"] = [_parameter(parameter) for parameter in endpoint.parameters]
    if endpoint.has_body:
        found["requestBody"] = _body()
    found["responses"] = _responses(endpoint, host_url)
    return found


def example_path(endpoint: Endpoint) -> str:
    """Return the path of ``endpoint`` with example values in it."""
    return endpoint.path.format(**{parameter.name: parameter.example for parameter in endpoint.parameters})


def _responses(endpoint: Endpoint, host_url: str) -> dict[str, Any]:
    answers = {str(answer.status): _answer(answer, needs_key=endpoint.needs_key) for answer in endpoint.answers}
    instance = example_path(endpoint)
    refused = refusals(endpoint.refusals, needs_key=endpoint.needs_key, host_url=host_url, instance=instance)
    return {**answers, **refused}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.means,
        "required": parameter.is_required,
        "schema": parameter.schema,
        "example": parameter.example,
    }


def _body() -> dict[str, Any]:
    shown = {
        "immediate": {"summary": "Licenses at once", "value": examples.ORDER},
        "job": {"summary": "A job", "value": examples.LARGE_ORDER},
        "test": {"summary": "Test licenses", "value": {"count": 1, "test": True}},
    }
    schema = {"$ref": "#/components/schemas/GenerateRequest"}
    return {
        "description": "One JSON object in UTF-8, at most 16 KiB. Unknown members are refused.",
        "required": True,
        "content": {"application/json": {"schema": schema, "examples": shown}},
    }


def _answer(answer: Answer, *, needs_key: bool) -> dict[str, Any]:
    rates = RATE_HEADERS if needs_key else ()
    schema = {"$ref": f"#/components/schemas/{answer.schema}"} if answer.schema else {"type": "string"}
    shown = {} if answer.example is None else {"example": answer.example}
    return {
        "description": answer.means,
        "headers": header_refs(*answer.headers, *rates),
        "content": {answer.media_type: {"schema": schema, **shown}},
    }
