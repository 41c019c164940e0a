"""Generate licenses under a contract, and read again what an immediate generation made (GATEWAY 1)."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway_app import answers, body, ladder
from gateway_app.paging import page_of_licenses
from gateway_app.schemas import GenerateRequest
from shared import clock
from shared.services.door import Visitor
from shared.services.generation import Order, generate
from shared.services.idempotency import claim_of
from shared.transaction import single_statement

blueprint = Blueprint("generations", __name__, url_prefix="/api/v1/contracts/<contract>")


@blueprint.post("/generate")
def create(contract: str) -> Response:
    """Walk the ladder of GATEWAY 2 and make the licenses, or accept the job that will."""
    raw = body.read_bytes()  # rung 1
    visitor = ladder.enter(contract)  # rungs 2 to 5
    ladder.spend_call(visitor)  # rung 6
    wanted, key = body.read_request(raw)  # rung 7
    order = _order(visitor, wanted, key)
    with single_statement():
        found = generate(blueprint=visitor.blueprint, order=order)  # rungs 8 to 11
    return answers.outcome(found, visitor)


@blueprint.get("/generations/<generation>/licenses")
def licenses(contract: str, generation: str) -> Response:
    """Return a page of what this contract's keys generated."""
    return page_of_licenses(contract, generation)


def _order(visitor: Visitor, wanted: GenerateRequest, key: str | None) -> Order:
    effective = {"count": wanted.count, "test": wanted.test, "reference": wanted.reference}
    return Order(
        count=wanted.count,
        method="api",
        by=ladder.actor_of(visitor),
        at=clock.now(),
        test=wanted.test,
        reference=wanted.reference,
        claim=claim_of(scope="api", key=key, request=effective),
    )
