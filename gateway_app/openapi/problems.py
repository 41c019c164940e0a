"""Refusals as the OpenAPI document tells them: one schema per code, one answer per status of an endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from gateway_app.catalogue import CATALOGUE, Entry
from gateway_app.openapi.headers import RATE_HEADERS, header_refs
from gateway_app.openapi.schemas import COUNT, closed

MEDIA_TYPE = "application/problem+json"
BEFORE_THE_CONTRACT = frozenset({401, 405, 413, 415, 500})  # answers that know no contract tell no limits of it
MEMBERS: dict[str, dict[str, Any]] = {
    "retry_after": {"type": "integer", "minimum": 1, "description": "Seconds to wait, as in Retry-After."},
    "address": {"type": "string", "description": "The address the call came from."},
    "date": {"type": "string", "format": "date"},
    "errors": {
        "type": "array",
        "minItems": 1,
        "items": {
            **closed(
                {
                    "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the body."},
                    "parameter": {"type": "string", "description": "Name of a query parameter."},
                    "header": {"type": "string", "description": "Name of a request header."},
                    "detail": {"type": "string"},
                },
                optional=("pointer", "parameter", "header"),
            ),
            "minProperties": 2,
            "maxProperties": 2,
        },
    },
    "least": COUNT,
    "most": COUNT,
    "requested": COUNT,
    "test_licenses": COUNT,
    "quota_total": COUNT,
    "quota_used": COUNT,
    "quota_reserved": COUNT,
    "quota_remaining": COUNT,
}


def problem_schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every problem by name (RFC 9457 and the members of GATEWAY 5)."""
    return {entry.schema: _problem(entry) for entry in CATALOGUE.values()}


def refusals(codes: Sequence[str], *, needs_key: bool, host_url: str, instance: str) -> dict[str, Any]:
    """Return the answers of one endpoint that may refuse with ``codes``, by status."""
    entries = sorted((CATALOGUE[code] for code in codes), key=lambda entry: entry.status)
    return {
        str(status): _answer(status, list(found), needs_key=needs_key, host_url=host_url, instance=instance)
        for status, found in groupby(entries, key=lambda entry: entry.status)
    }


def _problem(entry: Entry) -> dict[str, Any]:
    properties = {
        "type": {"type": "string", "format": "uri-reference", "pattern": f"/docs/errors#{entry.code}$"},
        "title": {"const": entry.title},
        "status": {"const": entry.status},
        "detail": {"type": "string", "description": "A sentence for people; it may change."},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path of the call."},
        "code": {"const": entry.code},
        "request_id": {"type": "string"},
        "success": {"const": False},
        **{name: MEMBERS[name] for name in entry.members},
    }
    return closed(properties, description=f"{entry.when} {entry.act}")


def _answer(status: int, entries: list[Entry], *, needs_key: bool, host_url: str, instance: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {"code": {"enum": [entry.code for entry in entries]}},
        "oneOf": [{"$ref": f"#/components/schemas/{entry.schema}"} for entry in entries],
    }
    examples = {entry.code: {"value": entry.problem(host_url=host_url, instance=instance)} for entry in entries}
    return {
        "description": "\n".join(f"- `{entry.code}`: {entry.when}" for entry in entries),
        "headers": _headers(status, entries, needs_key=needs_key),
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }


def _headers(status: int, entries: list[Entry], *, needs_key: bool) -> dict[str, Any]:
    waits = [entry.has_retry_after for entry in entries]
    own = {401: ("WWW-Authenticate",), 405: ("Allow",)}.get(status, ("Retry-After",) if all(waits) else ())
    rates = RATE_HEADERS if needs_key and status not in BEFORE_THE_CONTRACT else ()
    sometimes = {"Retry-After": "Retry-After-With-Some"} if any(waits) and not all(waits) else {}
    return header_refs(*own, *rates, **sometimes)
