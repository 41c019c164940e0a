"""Answers of the gateway in JSON: an outcome, a job, a page of licenses (GATEWAY 1)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Response, url_for
from sqlalchemy.engine import Row

from shared.errors import DomainError
from shared.rates.limits import Decision
from shared.services.door import Visitor
from shared.services.outcome import Outcome


def outcome(found: Outcome, visitor: Visitor) -> Response:
    """Return 201 with the licenses, or 202 with the job; a replay gives the same status and an equal body."""
    document: dict[str, Any] = {
        "success": True,
        "licenses_generated": len(found.licenses),
        **({"licenses_requested": found.count} if found.is_job else {}),
        "quota_remaining": found.quota_remaining,
        "generation_id": str(found.generation_id),
        **({"test": True} if found.test else {}),
    }
    headers = {"Idempotent-Replayed": "true"} if found.replayed else {}
    if not found.is_job:
        features = _sorted(found.terms["features"])
        document["licenses"] = [_new_license(found, features, *license_) for license_ in found.licenses]
        return _json(document, 201, headers)
    document["job_id"] = str(found.generation_id)
    location = url_for("jobs.show", contract=str(visitor.blueprint.contract_id), job=str(found.generation_id))
    return _json(document, 202, {**headers, "Location": location})


def job(row: Row[Any], eta_seconds: int | None) -> Response:
    """Return the state of a job; ``eta_seconds`` is None while there is no rate to judge by."""
    return _json(
        {
            "job_id": str(row.id),
            "generation_id": str(row.id),
            "status": row.status,
            "done": row.done,
            "total": row.total,
            "eta_seconds": eta_seconds,
            "error": {"code": row.error_code, "detail": row.error} if row.error_code else None,
        }
    )


def licenses(rows: Iterable[Row[Any]], next_cursor: str | None) -> Response:
    """Return a page of licenses as they are now, and the cursor of the next page or None."""
    found = [
        {
            "uuid": str(row.id),
            "key": row.key,
            "status": row.status,
            "expires_at": moment(row.expires_at),
            "activation_limit": row.activation_limit,
            "features": row.features,
            **({"test": True} if row.test else {}),
        }
        for row in rows
    ]
    return _json({"licenses": found, "next_cursor": next_cursor})


def ping(visitor: Visitor, decision: Decision, address: str, refusal: DomainError | None) -> Response:
    """Return what the key is good for, and the refusal a call for one license would meet, or None."""
    return _json(
        {
            "contract": {"uuid": str(visitor.blueprint.contract_id), "name": visitor.blueprint.name},
            "environment": visitor.environment,
            "address": address,
            "limits": [
                {
                    "window": window.limit.name,
                    "limit": window.limit.quota,
                    "remaining": window.remaining,
                    "reset_seconds": window.reset_seconds,
                }
                for window in decision.windows
            ],
            "accepts": refusal is None,
            "refusal": {"code": refusal.code, "detail": str(refusal)} if refusal else None,
        }
    )


def moment(at: datetime | None) -> str | None:
    """Return ``at`` in ISO 8601, in UTC with ``Z``, or None."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _new_license(found: Outcome, features: dict[str, Any], uuid: str, key: str) -> dict[str, Any]:
    expires_at = found.terms["expires_at"]
    return {
        "uuid": uuid,
        "key": key,
        "status": "available",
        "expires_at": moment(datetime.fromisoformat(expires_at)) if expires_at else None,
        "activation_limit": found.terms["activation_limit"],
        "features": features,
        **({"test": True} if found.test else {}),
    }


def _sorted(features: dict[str, Any]) -> dict[str, Any]:
    """Return ``features`` in one order: the database keeps its own, and a replay must equal the first answer."""
    found: dict[str, Any] = json.loads(json.dumps(features, sort_keys=True))
    return found


def _json(document: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(document, separators=(",", ":"))
    return Response(body, status, headers, content_type="application/json")
