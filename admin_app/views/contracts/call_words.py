"""API calls in words: what was asked, and what became of it."""

from __future__ import annotations

from admin_app.views.page import Badge
from shared.errors import AddressNotAllowed, RateLimited
from shared.models import ApiCall

REFUSED_FROM, FAILED_FROM = 300, 500  # statuses: below the first a call was accepted, from the second on we failed
RESULTS = {
    "accepted": "Accepted",
    "address": "Refused: address",
    "limit": "Refused: rate limit",
    "refused": "Refused: other reason",
    "failed": "Failed",
}
_BY_CODE = {AddressNotAllowed.code: "address refused", RateLimited.code: "over the rate limit"}
_CALLS = {
    "generations.create": "Generate",
    "generations.licenses": "Licenses of a generation",
    "jobs.show": "Follow a job",
    "jobs.licenses": "Licenses of a job",
    "ping.ping": "Ping",
}


def call_of(call: ApiCall) -> str:
    """Return what the program asked for."""
    return _CALLS.get(call.endpoint, call.endpoint or call.method)


def result_of(call: ApiCall) -> Badge:
    """Return what became of a call; the two refusals that staff can lift by an edit have words of their own."""
    if call.status < REFUSED_FROM:
        return Badge("accepted", "success")
    if call.status >= FAILED_FROM:
        return Badge("failed", "danger")
    return Badge(_BY_CODE.get(call.code or "", "refused"), "warning")
