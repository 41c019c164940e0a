"""Jobs by hand: claim, make a chunk, look how far it is."""

from __future__ import annotations

import uuid
from datetime import timedelta

from shared import clock
from shared.models import Contract
from shared.services import jobs
from shared.services.generation_chunk import State, make_chunk
from shared.services.jobs import Lease
from shared.transaction import transaction
from tests.world import World, one

QUEUE = "rq:queue:generation"
CHUNK = 40


def claim(job_id: uuid.UUID, *, seconds: float = 60) -> Lease | None:
    with transaction():
        return jobs.claim(job_id=job_id, seconds=seconds)


def chunk(lease: Lease | None, *, days: int = 0) -> State:
    assert lease is not None
    with transaction():
        return make_chunk(lease=lease, size=CHUNK, at=clock.now() + timedelta(days=days))


def sweep() -> int:
    with transaction():
        return jobs.sweep()


def standing(job_id: uuid.UUID) -> tuple[str, int, str | None, str]:
    """Return status, done, error code, and the status of the generation."""
    row = one("SELECT j.status, j.done, j.error_code, g.status AS told FROM job j JOIN generation g ON g.id = j.id"
              " WHERE j.id = %(id)s", id=job_id)  # fmt: skip
    return tuple(row)


def begun(world: World, contract: Contract, count: int = 200) -> uuid.UUID:
    """Return a job of which one chunk is made and nobody holds the lease."""
    job_id = world.generate(contract, count).generation_id
    assert chunk(claim(job_id, seconds=0)) == "more"
    return job_id
