"""What a key is good for, from here and now; spends nothing (GATEWAY 1)."""

from __future__ import annotations

from flask import Blueprint, Response, g

from gateway_app import answers, ladder, reads
from gateway_app.callers import caller_address
from shared import clock
from shared.errors import DomainError, RateLimited
from shared.services import generation
from shared.services.blueprint import ensure_active, ensure_usable
from shared.services.door import Visitor
from shared.transaction import single_statement

blueprint = Blueprint("ping", __name__)


@blueprint.get("/api/v1/ping")
def ping() -> Response:
    """Return contract, environment, address and limits, and whether a call for one license would be accepted."""
    visitor = ladder.identify()
    ladder.ensure_access(visitor)
    ladder.show_calls(visitor)
    reads.count()
    return answers.ping(visitor, g.decision, str(caller_address()), _refusal(visitor))


def _refusal(visitor: Visitor) -> DomainError | None:
    """Return what a call for one license would be refused with now, or None."""
    try:
        if g.decision.retry_after is not None:
            return RateLimited(retry_after=g.decision.retry_after)
        ensure_active(visitor.blueprint, at=clock.now())
        ensure_usable(visitor.blueprint, at=clock.now())
        with single_statement():
            generation.ensure_remaining(blueprint=visitor.blueprint, count=1)
    except DomainError as refusal:
        return refusal
    return None
