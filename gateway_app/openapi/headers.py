"""The headers of answers, each with what it says."""

from __future__ import annotations

from typing import Any

_POLICY = r'^"[a-z]+";q=\d+;w=\d+(, "[a-z]+";q=\d+;w=\d+)*$'
_STATE = r'^"[a-z]+";r=\d+;t=\d+(, "[a-z]+";r=\d+;t=\d+)*$'


def _header(description: str, example: Any, *, always: bool = False, **schema: Any) -> dict[str, Any]:
    """Return a header object; one that is ``always`` there is on every answer that names it."""
    required = {"required": True} if always else {}
    return {"description": description, **required, "schema": {"type": "string", **schema}, "example": example}


_WAIT = "Whole seconds after which the same call is worth sending again."

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": _header(
        "The id of this call in our log. Tell it when you ask for help.",
        "req_4f1c9a7be2d05836a1c4e9f0",
        always=True,
        pattern="^req_[0-9a-f]{24}$",
    ),
    "RateLimit-Policy": _header(
        "Each limit of the contract: `q` calls in any `w` seconds. Absent when it has none.",
        '"minute";q=10;w=60, "hour";q=100;w=3600',
        pattern=_POLICY,
    ),
    "RateLimit": _header(
        "For each limit, `r` calls that remain now and `t` seconds until the oldest counted call leaves the window.",
        '"minute";r=7;t=41, "hour";r=93;t=2881',
        pattern=_STATE,
    ),
    "Retry-After": _header(_WAIT, 12, always=True, type="integer", minimum=1),
    "Retry-After-With-Some": _header(f"{_WAIT} Not with every code.", 1, type="integer", minimum=1),
    "Idempotent-Replayed": _header(
        "Present when this is the answer to an earlier call with the same idempotency key.", "true", const="true"
    ),
    "Location": _header(
        "The path of the job.",
        "/api/v1/contracts/01981f3e-7c11-7d3a-9a43-5f0c2f8e6b10/jobs/01981f44-02c6-7e0b-8f6d-6b1f0e2a9c55",
        always=True,
        format="uri-reference",
    ),
    "WWW-Authenticate": _header("How to authenticate (RFC 9110).", 'Bearer realm="allotment"', always=True),
    "Allow": _header("The methods this path knows.", "GET, HEAD", always=True),
}
RATE_HEADERS = ("RateLimit-Policy", "RateLimit")


def header_refs(*names: str, **others: str) -> dict[str, Any]:
    """Return the headers of one answer, and the request id; ``others`` have a component of another name."""
    components = {"X-Request-Id": "X-Request-Id", **{name: name for name in names}, **others}
    return {name: {"$ref": f"#/components/headers/{component}"} for name, component in components.items()}
