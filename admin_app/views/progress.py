"""How far a job is, as the fragment shows it that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from admin_app.permissions import Permission
from admin_app.views import words
from admin_app.views.page import Action, Badge
from admin_app.visit import visitor
from shared.models import Job


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One state of a followed job; without ``poll_url`` it is the last."""

    id: str
    done: int
    total: int
    percent: int
    rate: str
    time_left: str
    badge: Badge
    sentence: str
    poll_url: str
    cancel: Action | None
    url: str


def progress_of(job: Job, at: datetime) -> Progress:
    """Return how far ``job`` is at ``at``."""
    rate, left = job.rate_per_second(at), job.eta_seconds(at)
    return Progress(
        id=str(job.id),
        done=job.done,
        total=job.total,
        percent=job.done * 100 // job.total,
        rate=f"{words.number(round(rate))} per second" if rate else "",
        time_left=words.length(left) if left else "",
        badge=words.job_status(job, at),
        sentence=_sentence(job),
        poll_url="" if job.is_ended else url_for("jobs.progress_view", row_id=job.id),
        cancel=_cancel(job),
        url=url_for("jobs.details_view", row_id=job.id),
    )


def _sentence(job: Job) -> str:
    done, total = words.number(job.done), words.number(job.total)
    if job.status == "completed":
        return f"All {total} licenses are made"
    if job.status == "failed":
        return f"Failed after {done} of {total}: {job.error}"
    if job.status == "cancelled":
        return f"Cancelled after {done} of {total}"
    if job.cancel_requested:
        return f"Stopping… {done} / {total}"
    return f"Generating… {done} / {total}" if job.started_at else f"Waiting for a worker… {done} / {total}"


def _cancel(job: Job) -> Action | None:
    if job.is_ended or job.cancel_requested or not visitor().may(Permission.STEER_JOBS):
        return None
    return Action(label="Cancel", url=url_for("jobs.cancel_view", row_id=job.id), icon="x", post=True)
