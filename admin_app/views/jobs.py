"""Background jobs: the list, and one job followed until it ends."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app.permissions import Permission, needs
from admin_app.views import people, words
from admin_app.views.filters import Condition, Expression, Query, contains, fixed
from admin_app.views.page import Column, EmptyState, Fact, Link, Option, Row
from admin_app.views.progress import progress_of
from admin_app.views.read_view import ReadView
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.db import db
from shared.models import Contract, Job
from shared.services import jobs

STATUS_CHOICES = {
    "unfinished": "Queued or running", "completed": "Completed", "failed": "Failed", "cancelled": "Cancelled",
}  # fmt: skip
_GROUPED = sa.case((Job.status.in_(("queued", "running")), "unfinished"), else_=Job.status)


class Jobs(ReadView):
    """List jobs, follow one, cancel it."""

    noun = ("job", "jobs")
    steering = Permission.STEER_JOBS
    columns = (
        Column(key="job", label="Job", kind="link"),
        Column(key="contract", label="Contract"),
        Column(key="done", label="Done", kind="text"),
        Column(key="progress", label="Progress", kind="progress"),
        Column(key="status", label="Status", kind="badge"),
        Column(key="started", label="Accepted", kind="time", sort="created"),
    )
    sorts: ClassVar[Mapping[str, Expression]] = {"created": Job.id}
    sort_options = (Option("-created", "Newest first"), Option("created", "Oldest first"))
    list_filters = (fixed("status", "Status", _GROUPED, STATUS_CHOICES),)
    search_label = "Search job id or contract"
    details_template = "contracts/progress.html"

    def first_use(self) -> EmptyState:
        return EmptyState(
            title="No jobs yet", text="Generating 100 licenses and more runs here, in the background.", icon="activity"
        )

    def base_query(self) -> Query:
        """Return jobs with the name of their contract."""
        return (
            sa.select(Job, Contract.name)
            .outerjoin(Contract, Contract.id == Job.contract_id)
            .where(Job.environment_id == visitor().environment_id)
        )

    def search_condition(self, term: str) -> Condition:
        return contains(term, Job.id, Contract.name)

    def row(self, *result: Any) -> Row:
        job, contract_name = result
        return Row(
            id=str(job.id),
            label=str(job.id),
            cells={
                "job": Link(
                    label=f"Generate {words.number(job.total)}", url=self.details_url(job.id), note=str(job.id)
                ),
                "contract": contract_name,
                "done": f"{words.number(job.done)} / {words.number(job.total)}",
                "progress": job.done * 100 // job.total,
                "status": words.job_status(job, clock.now()),
                "started": job.created_at,
            },
            actions=self.row_actions(job.id),
        )

    def details(self, model: Job) -> Mapping[str, Any]:
        at = clock.now()
        stalled = words.stalled_since(model, at)
        contract = None if model.contract_id is None else db.session.get(Contract, model.contract_id)
        facts = [
            Fact(label="Contract", value=_contract_link(contract), kind="link"),
            Fact(label="By", value=people.names_of([model.actor])[model.actor]),
            Fact(label="Accepted", value=model.created_at, kind="time"),
            Fact(label="Started", value=model.started_at, kind="time"),
            Fact(label="Ended", value=model.ended_at, kind="time"),
        ]
        if stalled:
            facts.append(Fact(label="Stalled", value=f"No worker has worked on it since {words.day(stalled)}."))
        if model.error:
            facts.append(Fact(label="Error", value=model.error, note=model.error_code or ""))
        licenses = Link(label="Show its licenses", url=url_for("licenses.index_view", generation=model.id))
        return {
            "page_title": f"Generate {words.counted(model.total, 'license', 'licenses')}",
            "status": words.job_status(model, at),
            "breadcrumbs": self.crumbs(),
            "job": progress_of(model, at),
            "facts": [*facts, Fact(label="Licenses", value=licenses, kind="link")],
        }

    @expose("/<uuid:row_id>/progress/")
    @needs("reading")
    def progress_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the part of the page that follows the job; it asks for itself until the job has ended."""
        with scoped():
            job = progress_of(self.get_one(row_id), clock.now())
        # At the end the whole page is shown anew: its numbers and states have moved with the job.
        return self.render("contracts/_progress.html", job=job), 200, {} if job.poll_url else {"HX-Refresh": "true"}

    @expose("/<uuid:row_id>/cancel/", methods=("POST",))
    @needs("steering")
    def cancel_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Stop the job at its next chunk; what it did not make goes back to the quota (SPEC G-4)."""
        with scoped():
            jobs.cancel(job_id=self.get_one(row_id).id, by=actor())
        flash("The job stops at its next step. What was not made goes back to the quota.", "success")
        return redirect(self.details_url(row_id), 303)


def _contract_link(contract: Contract | None) -> Link | None:
    if contract is None:
        return None
    return Link(label=contract.name, url=url_for("contracts.details_view", row_id=contract.id))
