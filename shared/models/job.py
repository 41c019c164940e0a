"""Jobs: work that outlives a request, with a lease that fences a worker that woke too late."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base, EnvironmentScoped
from shared.models.columns import Big, CreatedAt, Id, Moment, one_of

KINDS = ("generate",)
STATUSES = ("queued", "running", "completed", "failed", "cancelled")
ENDED = ("completed", "failed", "cancelled")


class Job(EnvironmentScoped, Base):
    """One piece of background work; the row is the truth and the queue only a hint (SPEC 7)."""

    __tablename__ = "job"
    __table_args__ = (
        sa.ForeignKeyConstraint(["environment_id"], ["environment.id"]),
        sa.Index("job_due", "not_before", postgresql_where=sa.text("status IN ('queued', 'running')")),
        sa.Index("job_environment_id_id_idx", "environment_id", "id"),
        sa.Index("job_contract_id_id_idx", "contract_id", "id"),
        one_of("kind", KINDS),
        one_of("status", STATUSES),
        sa.CheckConstraint("done >= 0 AND done <= total", name="done_within_total"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    contract_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("contract.id"))
    status: Mapped[str] = mapped_column(server_default="queued", default="queued")
    total: Mapped[Big]
    done: Mapped[Big] = mapped_column(server_default="0", default=0)
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(server_default="0", default=0)
    not_before: Mapped[CreatedAt]
    cancel_requested: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    actor: Mapped[str]
    created_at: Mapped[CreatedAt]
    started_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing more will happen to the job by itself."""
        return self.status in ENDED

    def rate_per_second(self, at: datetime) -> float:
        """Return the licenses made per second since the start, 0 when nothing has been made."""
        seconds = ((self.ended_at or at) - self.started_at).total_seconds() if self.started_at else 0
        return self.done / seconds if seconds > 0 else 0.0

    def eta_seconds(self, at: datetime) -> int | None:
        """Return the whole seconds left at the rate so far; None while there is no rate, 0 when ended."""
        if self.is_ended:
            return 0
        rate = self.rate_per_second(at)
        return round((self.total - self.done) / rate) if rate else None
