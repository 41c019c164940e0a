"""A worker that runs in the test's own process, slice by slice, and the queue it is asked through."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis

from shared import db as database
from shared.config import Settings
from shared.jobs.generation import run_slice
from tests.services.working import CHUNK


@pytest.fixture
def worker(app: Flask, settings: Settings) -> Iterator[Callable[[uuid.UUID], None]]:  # noqa: ARG001
    """Runs one slice of a job: as many chunks of 40 as there are, or one with ``brief``."""
    apps = {
        brief: database.bare_app(replace(settings, job_chunk_size=CHUNK, job_slice_seconds=0.0 if brief else 60.0))
        for brief in (False, True)
    }

    def work(job_id: uuid.UUID, *, brief: bool = False) -> None:
        with apps[brief].app_context():
            run_slice(str(job_id))

    yield work
    for made in apps.values():
        with made.app_context():
            database.db.engine.dispose()


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    client: Redis = Redis.from_url(settings.redis_url)
    yield client
    client.close()
