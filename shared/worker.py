"""The worker: RQ's, made to run only what the product knows, with everything imported before the first job."""

from __future__ import annotations

import os

import structlog
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from shared import failpoints, logs
from shared import queue as queues
from shared.config import read_settings
from shared.db import bare_app, db
from shared.jobs import generation

log = structlog.get_logger()

# Imported above so that a forked child finds it ready; the names are what Redis may ask for.
KNOWN = {queues.FUNCTIONS["generation"]: generation.run_slice}
# RQ's worker listens this long for work before it says again that it lives.
WORKER_TTL_SECONDS = 60


class AllotmentWorker(Worker):
    """Runs each job in a forked child with database connections of its own."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        reason = _refusal(job)
        if reason:
            log.error("worker.job_refused", job_id=job.id, reason=reason)
            job.delete()
            return
        super().execute_job(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        db.engine.dispose(close=False)  # the parent's sockets are not ours to use
        super().main_work_horse(job, queue)


def _refusal(job: Job) -> str | None:
    """Return why ``job`` must not run, or None: whoever can write to Redis must not run code of their choice."""
    try:
        name, arguments, named = job.func_name, job.args, job.kwargs
    except Exception as error:  # noqa: BLE001 - whatever a hand-made job raises, it is refused
        return f"unreadable: {type(error).__name__}"
    if name not in KNOWN or job.instance is not None:
        return f"unknown function {name!r}"
    if named or len(arguments) != 1 or not isinstance(arguments[0], str):
        return "unexpected arguments"
    extras = ("_success_callback_name", "_failure_callback_name", "_stopped_callback_name", "webhooks")
    return "carries callbacks" if any(getattr(job, extra, None) for extra in extras) else None


def build(redis_url: str, *, names: tuple[str, ...] = queues.QUEUES) -> AllotmentWorker:
    """Return a worker on the queues of ``names``; call it inside an app context."""
    connection = queues.connect(redis_url, timeout_seconds=None)
    listening = [Queue(name, connection=connection, serializer=JSONSerializer) for name in names]
    return AllotmentWorker(
        listening, connection=connection, serializer=JSONSerializer, worker_ttl=WORKER_TTL_SECONDS,
        log_job_description=False,
    )  # fmt: skip


def main() -> None:
    """Work until told to stop: SIGTERM finishes the present slice, a second one does not."""
    settings = read_settings(os.environ, process="worker")
    logs.configure(settings.log_level)
    failpoints.arm(settings.failpoints)
    with bare_app(settings).app_context():
        build(settings.redis_url).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
