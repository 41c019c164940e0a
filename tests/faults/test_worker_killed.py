"""A job survives its workers: killed between chunks, it ends with exactly what was asked for (SPEC G-3, P4)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from shared.config import Settings
from shared.models import Contract
from tests import running
from tests.world import World, one

SLOWED = {"FAILPOINTS": "between_chunks=sleep:0.15", "JOB_CHUNK_SIZE": "100", "JOB_LEASE_SECONDS": "2"}
TOTAL = 2000


def job_of(contract: Contract):
    return one("SELECT status, done, total, error_code FROM job WHERE contract_id = %(id)s", id=contract.id)


def ensure_whole(contract: Contract, total: int) -> None:
    """Check that every ordinal was made once and that the quota says so too."""
    made = one("SELECT count(*) AS n, count(DISTINCT ordinal) AS distinct_n, min(ordinal) AS low, max(ordinal) AS high"
               " FROM license WHERE contract_id = %(id)s", id=contract.id)  # fmt: skip
    assert tuple(made) == (total, total, 0, total - 1)


def test_a_job_whose_worker_is_killed_midway_ends_whole(world: World, environ: Mapping[str, str], tmp_path: Path):
    contract = world.contract(quota=TOTAL)
    world.generate(contract, TOTAL)
    landed = []
    with running.clock(environ, tmp_path), running.worker(environ, tmp_path, **SLOWED) as worker:
        for _ in range(3):
            before = job_of(contract).done
            running.wait_until(lambda before=before: job_of(contract).done > before, 20, "progress of the job")
            worker.kill()
            landed.append(job_of(contract).done)
            worker.start()
        seconds = running.wait_until(lambda: job_of(contract).status == "completed", 40, "the end of the job")
    print(f"\nP4 in small: kills landed at {landed} of {TOTAL}, whole {seconds:.1f} s after the last")
    assert all(0 < done < TOTAL for done in landed)
    ensure_whole(contract, TOTAL)
    assert world.counters(contract) == (TOTAL, 0, TOTAL)


def test_a_job_survives_an_emptied_redis(world: World, environ: Mapping[str, str], settings: Settings, tmp_path: Path):
    contract = world.contract(quota=500)
    world.generate(contract, 500)
    with Redis.from_url(settings.redis_url) as redis:
        redis.flushall()
    with running.clock(environ, tmp_path), running.worker(environ, tmp_path, **SLOWED):
        running.wait_until(lambda: job_of(contract).status == "completed", 40, "the end of the job")
    ensure_whole(contract, 500)


def test_without_the_clock_an_emptied_redis_leaves_the_job_waiting(
    world: World, environ: Mapping[str, str], settings: Settings, tmp_path: Path
):
    """The negative control: it is the sweeper that finds the job again."""
    lost, later = world.contract(), world.contract()
    world.generate(lost, 500)
    with Redis.from_url(settings.redis_url) as redis:
        redis.flushall()
    world.generate(later, 500)
    with running.worker(environ, tmp_path):
        running.wait_until(lambda: job_of(later).status == "completed", 20, "the job asked for afterwards")
    assert (job_of(lost).status, job_of(lost).done) == ("queued", 0)


def test_a_job_made_by_hand_in_redis_is_refused(
    world: World, environ: Mapping[str, str], settings: Settings, tmp_path: Path
):
    """Whoever can write to Redis must not run code of their choice."""
    trace = tmp_path / "trace"
    with Redis.from_url(settings.redis_url) as redis:
        queue = Queue("generation", connection=redis, serializer=JSONSerializer)
        queue.enqueue("os.system", f"touch {trace}")
        contract = world.contract(quota=100)
        world.generate(contract, 100)
        with running.worker(environ, tmp_path) as worker:
            running.wait_until(lambda: job_of(contract).status == "completed", 20, "the honest job behind it")
        assert queue.count == 0
    assert not trace.exists()
    assert "worker.job_refused" in worker.log.read_text()
