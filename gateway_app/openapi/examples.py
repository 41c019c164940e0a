"""Example requests and answers, shown in the OpenAPI document and on ``/docs``."""

from __future__ import annotations

from typing import Any

CONTRACT = "01981f3e-7c11-7d3a-9a43-5f0c2f8e6b10"
GENERATION = "01981f42-6a0d-7b62-b0c7-2d94c1a3f7e8"
JOB = "01981f44-02c6-7e0b-8f6d-6b1f0e2a9c55"

ORDER: dict[str, Any] = {"count": 2, "idempotency_key": "order-2041", "reference": "PO-1234"}
LARGE_ORDER: dict[str, Any] = {"count": 500, "idempotency_key": "order-2042"}
LICENSES: list[dict[str, Any]] = [
    {
        "uuid": uuid,
        "key": key,
        "status": "available",
        "expires_at": "2027-11-30T09:12:44Z",
        "activation_limit": 3,
        "features": {"export": "pdf", "seats": 3},
    }
    for uuid, key in (
        ("01981f42-6a0e-7c51-9d08-44b6f1c0a1d2", "SKP-7Q2MX-9RKTD-4HWVN-8CJPF-2YBGL"),
        ("01981f42-6a0e-7c51-9d08-44b7a3e5d09f", "SKP-K3D8V-2TNFH-6PXQR-9MWJC-5GLYB"),
    )
]
GENERATED: dict[str, Any] = {
    "success": True,
    "licenses_generated": 2,
    "quota_remaining": 498,
    "generation_id": GENERATION,
    "licenses": LICENSES,
}
ACCEPTED: dict[str, Any] = {
    "success": True,
    "licenses_generated": 0,
    "licenses_requested": 500,
    "quota_remaining": 9500,
    "generation_id": JOB,
    "job_id": JOB,
}
RUNNING: dict[str, Any] = {
    "job_id": JOB,
    "generation_id": JOB,
    "status": "running",
    "done": 300,
    "total": 500,
    "eta_seconds": 2,
    "error": None,
}
PAGE: dict[str, Any] = {"licenses": LICENSES, "next_cursor": "1"}
PING: dict[str, Any] = {
    "contract": {"uuid": CONTRACT, "name": "TechReseller 2026"},
    "environment": "production",
    "address": "203.0.113.7",
    "limits": [{"window": "minute", "limit": 10, "remaining": 7, "reset_seconds": 41}],
    "accepts": True,
    "refusal": None,
}
