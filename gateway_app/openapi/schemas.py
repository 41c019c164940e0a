"""What the gateway answers, as JSON Schema."""

from __future__ import annotations

from typing import Any

from shared.models import job
from shared.models import license as license_
from shared.services.generation import IMMEDIATE_MOST

UUID: dict[str, Any] = {"type": "string", "format": "uuid"}
COUNT: dict[str, Any] = {"type": "integer", "format": "int64", "minimum": 0}
REMAINING = COUNT | {"description": "What the quota has left after this call."}
IS_TEST = {"const": True, "description": "Present on test licenses only."}
GENERATION_ID = UUID | {"description": "The generation; its licenses can be read again under this id."}


def closed(properties: dict[str, Any], *, optional: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """Return an object of exactly ``properties``, all required but the ``optional``."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object", "required": required, "properties": properties, "additionalProperties": False, **more
    }  # fmt: skip


def _list_of(schema: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}, **more}


LICENSE = closed(
    {
        "uuid": UUID,
        "key": {"type": "string", "minLength": 1, "description": "What the customer types in."},
        "status": {
            "enum": [*license_.STATUSES, "expired"],
            "description": "A new license is `available`; the others come with its life.",
        },
        "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "UTC; null means never."},
        "activation_limit": {"type": "integer", "minimum": 1, "description": "On how many devices it can be active."},
        "features": {"type": "object", "description": "What the license unlocks, as the contract says."},
        "test": IS_TEST,
    },
    optional=("test",),
)
GENERATED = closed(
    {
        "success": {"const": True},
        "licenses_generated": {"type": "integer", "minimum": 1, "maximum": IMMEDIATE_MOST},
        "quota_remaining": REMAINING,
        "generation_id": GENERATION_ID,
        "test": IS_TEST,
        "licenses": _list_of("License", minItems=1, maxItems=IMMEDIATE_MOST),
    },
    optional=("test",),
)
ACCEPTED = closed(
    {
        "success": {"const": True},
        "licenses_generated": {"const": 0},
        "licenses_requested": {"type": "integer", "minimum": IMMEDIATE_MOST + 1},
        "quota_remaining": REMAINING | {"description": "What the quota has left; this order is already taken off."},
        "generation_id": GENERATION_ID,
        "job_id": UUID | {"description": "The job that makes the licenses; the same id as the generation."},
    }
)
JOB_ERROR = closed({"code": {"type": "string"}, "detail": {"type": "string"}}, type=["object", "null"])
JOB = closed(
    {
        "job_id": UUID,
        "generation_id": UUID,
        "status": {"enum": list(job.STATUSES)},
        "done": COUNT | {"description": "Licenses made so far."},
        "total": {"type": "integer", "minimum": IMMEDIATE_MOST + 1},
        "eta_seconds": {
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "Seconds left at the rate so far; null while there is none, 0 when the job has ended.",
        },
        "error": JOB_ERROR | {"description": "Why a failed job ended, else null."},
    }
)
LICENSE_PAGE = closed(
    {
        "licenses": _list_of("License"),
        "next_cursor": {
            "type": ["string", "null"],
            "description": "Send it as `cursor` to get the next page; null on the last page.",
        },
    }
)
LIMIT = closed(
    {
        "window": {"enum": ["minute", "hour", "day"]},
        "limit": {"type": "integer", "minimum": 1},
        "remaining": {"type": "integer", "minimum": 0},
        "reset_seconds": {"type": "integer", "minimum": 0},
    }
)
PING = closed(
    {
        "contract": closed({"uuid": UUID, "name": {"type": "string"}}),
        "environment": {"type": "string", "description": "Where the licenses count: production, staging and so on."},
        "address": {"type": "string", "description": "The address your call came from."},
        "limits": {"type": "array", "items": LIMIT, "description": "The rate limits; empty when there are none."},
        "accepts": {"type": "boolean", "description": "Whether a call for one license would be accepted now."},
        "refusal": closed({"code": {"type": "string"}, "detail": {"type": "string"}}, type=["object", "null"])
        | {"description": "What such a call would be refused with, else null."},
    }
)

SCHEMAS: dict[str, dict[str, Any]] = {
    "License": LICENSE,
    "Generated": GENERATED,
    "Accepted": ACCEPTED,
    "Job": JOB,
    "LicensePage": LICENSE_PAGE,
    "Ping": PING,
    "Document": {"type": "object", "required": ["openapi", "info", "paths"]},
    "Alive": closed({"status": {"const": "ok"}}),
    "Ready": closed({"status": {"const": "ready"}}),
    "NotReady": closed({"status": {"const": "not ready"}}),
}
