"""What the document says in keywords, said in words for the page."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Any

from gateway_app.catalogue import CATALOGUE, Entry
from gateway_app.openapi.endpoints import Endpoint
from gateway_app.schemas import IDEMPOTENCY_KEY

TYPES = {"integer": "whole number", "boolean": "true or false", "string": "text"}
PATTERNS = {f"^{IDEMPOTENCY_KEY.pattern}$": "1 to 255 visible ASCII characters"}


def rule(schema: Mapping[str, Any], *, is_required: bool) -> str:
    """Return the rule of one member or parameter, as in ``whole number, 1 to 1,000, default 100, optional``."""
    parts = [
        _type(schema),
        f"{schema['minimum']:,} to {schema['maximum']:,}" if "maximum" in schema else "",
        f"at most {schema['maxLength']} characters" if "maxLength" in schema else "",
        PATTERNS.get(schema.get("pattern", ""), ""),
        f"default {str(schema['default']).lower()}" if "default" in schema else "",
        "required" if is_required else "optional",
    ]
    return ", ".join(filter(None, parts))


def refusals_by_status(endpoint: Endpoint) -> list[tuple[str, list[Entry]]]:
    """Return the refusals of an endpoint under statuses such as ``403 Forbidden``."""
    entries = sorted((CATALOGUE[code] for code in endpoint.refusals), key=lambda entry: entry.status)
    return [
        (f"{status} {HTTPStatus(status).phrase}", list(found))
        for status, found in groupby(entries, key=lambda entry: entry.status)
    ]


def _type(schema: Mapping[str, Any]) -> str:
    name: str = schema.get("format", schema["type"])
    return TYPES.get(name, name)
