"""What a partner may read again: jobs, generations and licenses that the keys of one contract asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Row

from shared import db

_JOB = """
SELECT j.id, j.status, j.done, j.total, j.error_code, j.error,
       extract(epoch FROM now() - j.started_at)::float8 AS seconds
  FROM job j JOIN generation g ON g.id = j.id
 WHERE j.id = %(id)s AND g.contract_id = %(contract_id)s AND g.method = 'api'"""
_GENERATION = """
SELECT id, test FROM generation WHERE id = %(id)s AND contract_id = %(contract_id)s AND method = 'api'"""
_LICENSES = """
SELECT l.id, l.key, l.ordinal, l.expires_at, l.activation_limit, l.test,
       COALESCE(l.features, g.terms -> 'features') AS features,
       CASE WHEN l.status <> 'revoked' AND l.expires_at <= now() THEN 'expired' ELSE l.status END AS status
  FROM license l JOIN generation g ON g.id = l.generation_id
 WHERE l.generation_id = %(id)s AND l.ordinal > %(ordinal)s ORDER BY l.ordinal LIMIT %(limit)s"""


def find_job(*, contract_id: uuid.UUID, job_id: uuid.UUID) -> Row[Any] | None:
    """Return the job of that id when a key of the contract asked for it, else None."""
    return db.first(_JOB, id=job_id, contract_id=contract_id)


def find_generation(*, contract_id: uuid.UUID, generation_id: uuid.UUID) -> Row[Any] | None:
    """Return the generation of that id when a key of the contract asked for it, else None."""
    return db.first(_GENERATION, id=generation_id, contract_id=contract_id)


def licenses_after(*, generation_id: uuid.UUID, ordinal: int, limit: int) -> Sequence[Row[Any]]:
    """Return up to ``limit`` licenses of a generation behind ``ordinal`` (-1 for the first), as they are now."""
    return db.run(_LICENSES, id=generation_id, ordinal=ordinal, limit=limit)


def eta_seconds(job: Row[Any]) -> int | None:
    """Return the whole seconds left at the rate so far, None while there is no rate, 0 when nothing is left to do."""
    if job.status in {"completed", "failed", "cancelled"}:
        return 0
    return round((job.total - job.done) * job.seconds / job.done) if job.done and job.seconds else None
