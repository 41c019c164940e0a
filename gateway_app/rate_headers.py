"""The headers that tell a caller what its windows hold (GATEWAY 7)."""

from __future__ import annotations

from shared.rates.limits import Decision


def rate_limit_headers(decision: Decision) -> dict[str, str]:
    """Return the answer's headers ``RateLimit-Policy`` and ``RateLimit``; when to come back a refusal says itself.

    Structured fields (RFC 9651) as draft-ietf-httpapi-ratelimit-headers names them: q calls in w seconds, r
    remain, the next one comes back in t seconds. A contract without limits has none of them.
    """
    if not decision.windows:
        return {}
    policy = (f'"{w.limit.name}";q={w.limit.quota};w={w.limit.seconds}' for w in decision.windows)
    state = (f'"{w.limit.name}";r={w.remaining};t={w.reset_seconds}' for w in decision.windows)
    return {"RateLimit-Policy": ", ".join(policy), "RateLimit": ", ".join(state)}
