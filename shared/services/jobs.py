"""Jobs: lease, release, cancel, end, and find those nobody works on (SPEC 7, G-3, G-4).

Lock order everywhere: job and generation, then license, then contract_quota (SCHEMA 1).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from shared import db, queue
from shared.errors import JobEnded, NotFound
from shared.services import audit
from shared.services.audit import Actor

ATTEMPTS_MOST = 10
# How long a hint may take to reach a worker before the sweeper sends another.
HINT_SECONDS = 10
SWEEP_MOST = 1000

_CLAIM = """
UPDATE job SET status = 'running', lease_token = %(token)s, attempts = attempts + 1,
       lease_until = now() + %(seconds)s * interval '1 second', not_before = now() + %(seconds)s * interval '1 second',
       started_at = COALESCE(started_at, now())
 WHERE id = %(id)s AND status IN ('queued', 'running') AND (lease_until IS NULL OR lease_until <= now())
RETURNING attempts"""
_FENCE = """
UPDATE job SET lease_until = now() + %(seconds)s * interval '1 second', attempts = 0,
       not_before = now() + %(seconds)s * interval '1 second'
 WHERE id = %(id)s AND lease_token = %(token)s AND status = 'running'
RETURNING total, done, cancel_requested"""
_RELEASE = """
UPDATE job SET lease_token = NULL, lease_until = NULL, not_before = now() + %(seconds)s * interval '1 second'
 WHERE id = %(id)s AND lease_token = %(token)s AND status = 'running' RETURNING id"""
_ASK_CANCEL = """
UPDATE job SET cancel_requested = true WHERE id = %(id)s AND status IN ('queued', 'running')
RETURNING environment_id, contract_id,
          status = 'queued' OR lease_until IS NULL OR lease_until <= now() AS nobody_works"""
_END = """
WITH ended AS (
    UPDATE job SET status = %(status)s, ended_at = clock_timestamp(), error_code = %(code)s, error = %(sentence)s,
           lease_token = NULL, lease_until = NULL
     WHERE id = %(id)s AND status IN ('queued', 'running')
    RETURNING id, environment_id, contract_id, total - done AS missing
), told AS (
    UPDATE generation g SET status = %(status)s, error_code = %(code)s FROM ended WHERE g.id = ended.id
), given_back AS (
    UPDATE contract_quota q SET reserved = q.reserved - ended.missing FROM ended
     WHERE q.contract_id = ended.contract_id AND ended.missing > 0
), noted AS (
    INSERT INTO audit_entry (id, environment_id, contract_id, subject, action, actor, address, request_id, changes)
    SELECT %(entry_id)s, environment_id, contract_id, 'job:' || id, %(action)s, %(actor)s, %(address)s::inet,
           %(request_id)s, %(changes)s || jsonb_build_object('not_made', missing) FROM ended RETURNING id
), unsealed AS (INSERT INTO audit_unsealed (entry_id) SELECT id FROM noted)
SELECT id FROM ended"""
_DUE = """
UPDATE job SET not_before = now() + %(seconds)s * interval '1 second'
 WHERE id IN (SELECT id FROM job WHERE status IN ('queued', 'running') AND not_before <= now()
               ORDER BY not_before LIMIT %(most)s FOR UPDATE SKIP LOCKED)
RETURNING id"""

WORKER = Actor(name="worker")


@dataclass(frozen=True)
class Lease:
    """The right to work on one job until the lease runs out; a later lease makes this one worthless."""

    job_id: uuid.UUID
    token: uuid.UUID
    seconds: float


@dataclass(frozen=True)
class Standing:
    """How far a leased job is: licenses asked for, licenses made, and whether somebody wants it stopped."""

    total: int
    done: int
    cancel_requested: bool


def claim(*, job_id: uuid.UUID, seconds: float) -> Lease | None:
    """Lease a job for ``seconds``; None when it has ended or another worker holds it.

    A job whose workers died too often without making anything is ended as failed (it poisons workers).
    """
    lease = Lease(job_id, uuid7(), seconds)
    row = db.first(_CLAIM, id=job_id, token=lease.token, seconds=seconds)
    if row is None:
        return None
    if row.attempts > ATTEMPTS_MOST:
        sentence = f"The job was started {ATTEMPTS_MOST} times and made nothing each time."
        end(job_id=job_id, status="failed", code="attempts_exhausted", sentence=sentence)
        return None
    return lease


def hold(lease: Lease) -> Standing | None:
    """Renew the lease and return how far the job is; None when the lease is no longer ours. Locks the job."""
    row = db.first(_FENCE, id=lease.job_id, token=lease.token, seconds=lease.seconds)
    return None if row is None else Standing(row.total, row.done, row.cancel_requested)


def release(lease: Lease) -> None:
    """Give the job back unfinished, behind all others that wait (SPEC G-8)."""
    if db.first(_RELEASE, id=lease.job_id, token=lease.token, seconds=HINT_SECONDS):
        queue.later("generation", lease.job_id)


def end(
    *, job_id: uuid.UUID, status: str, code: str | None = None, sentence: str | None = None, by: Actor = WORKER
) -> None:
    """End a job once: its generation too, and what it did not make goes back to the quota (SPEC C-5)."""
    changes: dict[str, Any] = {"code": code} if code else {}
    db.run(_END, id=job_id, status=status, code=code, sentence=sentence, entry_id=uuid7(), action=f"job.{status}",
           actor=by.name, address=by.address, request_id=by.request_id, changes=Jsonb(changes))  # fmt: skip


def cancel(*, job_id: uuid.UUID, by: Actor) -> None:
    """Stop a job at its next chunk, or now when nobody works on it (SPEC G-4).

    Raises:
        JobEnded: it has ended already.
        NotFound: there is no such job.

    """
    row = db.first(_ASK_CANCEL, id=job_id)
    if row is None:
        found = db.first("SELECT status FROM job WHERE id = %(id)s", id=job_id)
        raise JobEnded(status=found.status) if found else NotFound("No job")
    audit.record(
        action="job.cancel_requested",
        subject=f"job:{job_id}",
        by=by,
        environment_id=row.environment_id,
        contract_id=row.contract_id,
    )
    if row.nobody_works:
        end(job_id=job_id, status="cancelled", by=by)


def sweep() -> int:
    """Send a hint again for each job that waits or whose worker fell silent; return how many (SPEC G-3)."""
    due = db.run(_DUE, seconds=HINT_SECONDS, most=SWEEP_MOST)
    for row in due:
        queue.later("generation", row.id, again=True)
    return len(due)
