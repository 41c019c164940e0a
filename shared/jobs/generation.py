"""The background generation: chunks under a lease, in turns with other jobs (SPEC G-1, G-3, G-8)."""

from __future__ import annotations

import time
import uuid

from shared import clock, failpoints
from shared.config import Settings
from shared.db import current_settings
from shared.services import jobs
from shared.services.generation_chunk import State, make_chunk
from shared.services.jobs import Lease
from shared.transaction import transaction


def run_slice(job_id: str) -> None:
    """Work on one job for a few seconds, then let others take their turn; does nothing when another worker has it."""
    settings = current_settings()
    with transaction():
        lease = jobs.claim(job_id=uuid.UUID(job_id), seconds=settings.job_lease_seconds)
    if lease is not None and _work(lease, settings) == "more":
        with transaction():
            jobs.release(lease)


def _work(lease: Lease, settings: Settings) -> State:
    """Make one chunk at least, however short the slice: a turn that makes nothing would never end the job."""
    enough = time.monotonic() + settings.job_slice_seconds
    while True:
        with transaction():
            state = make_chunk(lease=lease, size=settings.job_chunk_size, at=clock.now())
        failpoints.reach("between_chunks")
        if state != "more" or time.monotonic() >= enough:
            return state
