"""What a generation answers: the same from the first request and from every replay."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.services.license_keys import Batch


class MadeLicense(NamedTuple):
    """One new license, as the first answer and every replay tell of it."""

    id: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An accepted generation: its licenses, or its job."""

    generation_id: uuid.UUID
    count: int
    is_job: bool
    test: bool
    quota_remaining: int
    terms: dict[str, Any]
    licenses: list[MadeLicense] = field(default_factory=list)
    replayed: bool = False

    @classmethod
    def made(cls, values: dict[str, Any], batch: Batch, *, remaining: int) -> Outcome:
        """Return the outcome of a statement that ran with ``values`` and left ``remaining`` of the quota."""
        return cls(
            generation_id=values["id"], count=values["n"], is_job=not batch.ids, test=values["test"],
            quota_remaining=remaining, terms=values["plain_terms"],
            licenses=[MadeLicense(*pair) for pair in zip(batch.ids, batch.keys, strict=True)],
        )  # fmt: skip
