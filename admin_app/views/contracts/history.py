"""The generation history of a contract, in pages (SPEC D-3)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from werkzeug.datastructures import MultiDict

from admin_app.views import people, words
from admin_app.views.listing import ListSpec, parse
from admin_app.views.page import pager
from shared.db import db
from shared.models import Contract, Generation, Job

SPEC = ListSpec(sorts=frozenset({"created"}), default_sort="-created", default_size=20)


def history_of(contract: Contract, page: str) -> dict[str, Any]:
    """Return one page of the contract's generations, newest first, and the links to the others."""
    mine = sa.and_(Generation.environment_id == contract.environment_id, Generation.contract_id == contract.id)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Generation).where(mine)) or 0
    state = parse(MultiDict({"page": page}), SPEC).within(total)
    query = (
        sa.select(Generation, Job)
        .outerjoin(Job, Job.id == Generation.id)
        .where(mine)
        .order_by(Generation.id.desc())
        .offset(state.offset)
        .limit(state.size)
    )
    found = db.session.execute(query).all()
    names = people.names_of(row.Generation.actor for row in found)
    url = url_for("contracts.details_view", row_id=contract.id)
    return {
        "generations": [_line(contract, row.Generation, row.Job, names) for row in found],
        "generations_pager": pager(state, total, url),
    }


def _line(contract: Contract, generation: Generation, job: Job | None, names: dict[str, str]) -> dict[str, Any]:
    if job is not None:
        url = url_for("jobs.details_view", row_id=job.id)
    else:
        url = url_for("contracts.generation_view", row_id=contract.id, generation_id=generation.id)
    return {
        "id": generation.id,
        "at": generation.created_at,
        "count": generation.count,
        "method": words.METHOD_NAMES[generation.method] + (" (test)" if generation.test else ""),
        "is_job": job is not None,
        "by": names[generation.actor],
        "reference": generation.reference,
        "badge": words.gate(job.status if job else generation.status),
        "duration": _duration(job),
        "error": job.error if job else generation.error_code,
        "url": url,
    }


def _duration(job: Job | None) -> str:
    if job is None or job.started_at is None or job.ended_at is None:
        return ""
    return words.length((job.ended_at - job.started_at).total_seconds())
