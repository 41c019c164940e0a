"""One chunk of a background generation: fence, make, store, count, all in one transaction (SPEC G-2, G-3)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from shared import db, failpoints
from shared.errors import DomainError, KeysCollided
from shared.services import blueprint as blueprints
from shared.services import generation_sql as sql
from shared.services import jobs
from shared.services.blueprint import Blueprint, ensure_active, ensure_usable
from shared.services.generation import COLLISION_TRIES
from shared.services.jobs import Lease, Standing
from shared.services.license_keys import KeyFormat, make_batch

State = Literal["more", "ended", "lost"]

# The gate and the date are the contract's as they are now; product and generator are those of the generation.
_FACTS = f"""
SELECT {blueprints.COLUMNS}, n.terms FROM generation n JOIN contract c ON c.id = n.contract_id
  JOIN contract_quota q ON q.contract_id = c.id JOIN product p ON p.id = n.product_id
  JOIN generator g ON g.id = n.generator_id WHERE n.id = %(id)s"""  # noqa: S608 - constants
_COUNT = """
WITH moved AS (UPDATE job SET done = done + %(n)s WHERE id = %(id)s)
UPDATE contract_quota SET used = used + %(n)s, reserved = reserved - %(n)s WHERE contract_id = %(contract_id)s"""
_MADE = "SELECT count(*) AS n FROM license WHERE generation_id = %(id)s"


def make_chunk(*, lease: Lease, size: int, at: datetime) -> State:
    """Make up to ``size`` licenses of the leased job.

    Returns ``more`` when licenses are missing still, ``ended`` when the job completed, failed or was cancelled,
    and ``lost`` when another worker holds it; then nothing was changed.
    """
    standing = jobs.hold(lease)
    if standing is None:
        return "lost"
    failpoints.reach("after_claim")
    if standing.cancel_requested:
        jobs.end(job_id=lease.job_id, status="cancelled")
        return "ended"
    facts = dict(db.run(_FACTS, id=lease.job_id)[0]._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    terms = facts.pop("terms")
    try:
        ensure_active(Blueprint(**facts), at=at)
        ensure_usable(Blueprint(**facts), at=at)
        return _fill(lease, standing, Blueprint(**facts), terms, size=size, at=at)
    except DomainError as refusal:
        jobs.end(job_id=lease.job_id, status="failed", code=refusal.code, sentence=str(refusal))
        return "ended"


def _fill(
    lease: Lease, standing: Standing, blueprint: Blueprint, terms: dict[str, Any], *, size: int, at: datetime
) -> State:
    n = min(size, standing.total - standing.done)
    _store(lease.job_id, blueprint, terms, n=n, first=standing.done, at=at)
    failpoints.reach("after_licenses")
    db.run(_COUNT, id=lease.job_id, n=n, contract_id=blueprint.contract_id)
    if standing.done + n < standing.total:
        return "more"
    _complete(lease.job_id, standing.total)
    return "ended"


def _store(job_id: uuid.UUID, blueprint: Blueprint, terms: dict[str, Any], *, n: int, first: int, at: datetime) -> None:
    shape = KeyFormat(terms["format"], terms["pattern"], terms["alphabet"])
    for _ in range(COLLISION_TRIES):
        batch = make_batch(shape, n)
        try:
            with db.attempt():
                db.run(
                    sql.CHUNK_LICENSES, ids=batch.ids, keys=batch.keys, canonical=batch.canonical,
                    environment_id=blueprint.environment_id, product_id=blueprint.product_id,
                    contract_id=blueprint.contract_id, generation_id=job_id, first=first, test=False,
                    activation_limit=terms["activation_limit"], expires_at=terms["expires_at"],
                    pool=terms["pool"], at=at,
                )  # fmt: skip
        except sa.exc.IntegrityError as error:
            if db.broken_constraint(error) not in sql.COLLISIONS:
                raise
            continue
        return
    raise KeysCollided


def _complete(job_id: uuid.UUID, total: int) -> None:
    """Believe the rows, not the counter: a job is complete when its licenses are there."""
    row = db.first(_MADE, id=job_id)
    if row is None or row.n != total:
        raise RuntimeError(f"Job {job_id} counts {total} licenses and {row.n if row else 0} are stored.")
    jobs.end(job_id=job_id, status="completed")
