"""The parameters of paths, queries and request headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from gateway_app.openapi.examples import CONTRACT as CONTRACT_ID
from gateway_app.openapi.examples import GENERATION as GENERATION_ID
from gateway_app.openapi.examples import JOB as JOB_ID
from gateway_app.openapi.schemas import UUID
from gateway_app.paging import PAGE, PAGE_MOST
from gateway_app.schemas import IDEMPOTENCY_KEY as KEY_PATTERN


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter: where it stands, what it means and what it may be."""

    name: str
    place: Literal["path", "query", "header"]
    means: str
    schema: dict[str, Any]
    example: Any

    @property
    def is_required(self) -> bool:
        """Tell whether a call without it cannot be made."""
        return self.place == "path"


CONTRACT = Parameter(
    name="contract", place="path", means="The uuid of the contract your key was issued for.", schema=UUID,
    example=CONTRACT_ID,
)  # fmt: skip
JOB = Parameter(
    name="job", place="path", means="The job_id of a 202 answer.", schema=UUID, example=JOB_ID,
)  # fmt: skip
GENERATION = Parameter(
    name="generation", place="path", means="The generation_id of an answer.", schema=UUID, example=GENERATION_ID,
)  # fmt: skip
CURSOR = Parameter(
    name="cursor", place="query", means="The next_cursor of the page before; empty or left out for the first page.",
    schema={"type": "string", "pattern": "^[0-9]{0,15}$"}, example="99",
)  # fmt: skip
LIMIT = Parameter(
    name="limit", place="query", means="How many licenses a page has at most.",
    schema={"type": "integer", "minimum": 1, "maximum": PAGE_MOST, "default": PAGE}, example=PAGE_MOST,
)  # fmt: skip
IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key", place="header",
    means="The idempotency key, for clients that keep it in a header. In body and header it must be the same.",
    schema={"type": "string", "pattern": f"^{KEY_PATTERN.pattern}$"}, example="order-2041",
)  # fmt: skip
