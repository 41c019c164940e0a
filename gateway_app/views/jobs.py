"""Jobs that this contract's keys asked for: their state and their licenses (GATEWAY 1)."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway_app import answers, ladder, reads
from gateway_app.paging import page_of_licenses, uuid_of
from gateway_app.refusals import RouteNotFound
from shared.services import partner_reads
from shared.transaction import single_statement

blueprint = Blueprint("jobs", __name__, url_prefix="/api/v1/contracts/<contract>/jobs/<job>")


@blueprint.get("")
def show(contract: str, job: str) -> Response:
    """Return the state of one job, also while the contract is inactive."""
    visitor = ladder.enter(contract)
    ladder.show_calls(visitor)
    reads.count()
    with single_statement():
        row = partner_reads.find_job(contract_id=visitor.blueprint.contract_id, job_id=uuid_of(job))
    if row is None:
        raise RouteNotFound
    return answers.job(row, partner_reads.eta_seconds(row))


@blueprint.get("/licenses")
def licenses(contract: str, job: str) -> Response:
    """Return a page of the licenses made so far."""
    return page_of_licenses(contract, job)
