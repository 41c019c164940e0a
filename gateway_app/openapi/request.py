"""The body of a generate call as JSON Schema, read off the schema that checks it."""

from __future__ import annotations

from typing import Any

import marshmallow
from marshmallow import fields, validate

from gateway_app.openapi.examples import ORDER
from gateway_app.schemas import GenerateRequestSchema
from shared.services.generation import IMMEDIATE_MOST, TEST_MOST

TYPES: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Integer, "integer"),
    (fields.Boolean, "boolean"),
    (fields.String, "string"),
)
MEANINGS: dict[str, str] = {
    "count": f"How many licenses to make. Up to {IMMEDIATE_MOST} come back at once; more become a job.",
    "idempotency_key": "Your own name for this order, at most 255 visible ASCII characters. Sent again, it gives the "
    "first answer again.",
    "test": f"Make test licenses, at most {TEST_MOST}, which use no quota and expire within seven days.",
    "reference": "Anything your vendor should find the order by, such as a purchase order.",
}
# Strict JSON refuses NUL wherever it stands; the only member in which it could is this one.
BEYOND: dict[str, dict[str, Any]] = {"reference": {"pattern": "^[^\\u0000]*$"}}


def request_schema(schema: GenerateRequestSchema) -> dict[str, Any]:
    """Return JSON Schema that takes what ``schema`` takes."""
    return {
        "type": "object",
        "required": [name for name, field in schema.fields.items() if field.required],
        "properties": {name: _member(name, field) for name, field in schema.fields.items()},
        "additionalProperties": False,
        "if": {"properties": {"test": {"const": True}}, "required": ["test"]},
        "then": {"properties": {"count": {"maximum": TEST_MOST}}},
        "examples": [ORDER],
    }


def _member(name: str, field: fields.Field[Any]) -> dict[str, Any]:
    type_ = next(word for kind, word in TYPES if isinstance(field, kind))
    default = {} if field.load_default is marshmallow.missing else {"default": field.load_default}
    return {
        "type": type_,
        "description": MEANINGS[name],
        **default,
        **_limits(field),
        **field.metadata,
        **BEYOND.get(name, {}),
    }


def _limits(field: fields.Field[Any]) -> dict[str, Any]:
    """Return the validators of a field as keywords of JSON Schema."""
    found: dict[str, Any] = {}
    for rule in field.validators:
        if isinstance(rule, validate.Range):
            found |= {"minimum": rule.min, "maximum": rule.max}
        if isinstance(rule, validate.Length):
            found |= {"maxLength": rule.max}
    return found
