"""Every endpoint: what it is for, what it takes, what it answers and with which codes it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gateway_app.openapi import examples
from gateway_app.openapi.parameters import CONTRACT, CURSOR, GENERATION, IDEMPOTENCY_KEY, JOB, LIMIT, Parameter
from shared.services.generation import IMMEDIATE_MOST

TAGS = {
    "Licenses": "Generate licenses and read them again.",
    "Connection": "What a key is good for, from here and now.",
    "Reference": "This document and the pages for people.",
    "Health": "For the machines around the gateway.",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer that is no problem document; ``schema`` names a component, or is empty for a page."""

    status: int
    means: str
    schema: str = ""
    media_type: str = "application/json"
    example: Any = None
    headers: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """Return the status in words."""
        return HTTPStatus(self.status).phrase


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One call of the gateway; ``refusals`` are the codes of its problem documents."""

    name: str
    method: str = "GET"
    path: str
    tag: str
    summary: str
    text: str
    answers: tuple[Answer, ...]
    refusals: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    needs_key: bool = False
    has_body: bool = False


_PLAIN = ("malformed_request", "method_not_allowed", "internal_error")
_PUBLIC = ("https_required", *_PLAIN)
_KEY = (*_PUBLIC, "too_many_attempts", "invalid_key", "api_access_disabled", "ip_not_allowed", "rate_limited",
        "unavailable")  # fmt: skip
_CONTRACT = (*_KEY, "not_found", "key_not_for_contract")
_PAGED = (*_CONTRACT, "invalid_parameter", "contract_inactive")
_GENERATE = (
    *_PAGED, "unsupported_media_type", "body_too_large", "idempotency_in_progress",
    "idempotency_key_reused", "licenses_purged", "contract_expired", "product_inactive", "generator_unavailable",
    "key_space_too_small", "keys_collided", "count_out_of_range", "quota_exceeded", "test_limit_reached",
)  # fmt: skip
_CONTRACT_PATH = "/api/v1/contracts/{contract}"
_PAGE_TEXT = "Licenses come in the order they were made, as they are now. Pages neither skip nor repeat any."
_PAGE = Answer(status=200, means="One page of licenses.", schema="LicensePage", example=examples.PAGE)
_HTML = "text/html"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="generate", method="POST", path=f"{_CONTRACT_PATH}/generate", tag="Licenses",
        summary="Generate licenses",
        text=f"Makes up to {IMMEDIATE_MOST} licenses at once; more become a job. All of them or none.",
        parameters=(CONTRACT, IDEMPOTENCY_KEY), needs_key=True, has_body=True,
        answers=(
            Answer(status=201, means="The licenses were made and are in the answer.", schema="Generated",
                   example=examples.GENERATED, headers=("Idempotent-Replayed",)),
            Answer(status=202, means="A job was accepted and its quota reserved.", schema="Accepted",
                   example=examples.ACCEPTED, headers=("Location", "Idempotent-Replayed")),
        ),
        refusals=_GENERATE,
    ),
    Endpoint(
        name="job", path=f"{_CONTRACT_PATH}/jobs/{{job}}", tag="Licenses",
        summary="Look at a job",
        text="Tells how far a job is. Answers while the contract is inactive, too.",
        parameters=(CONTRACT, JOB), needs_key=True,
        answers=(Answer(status=200, means="The state of the job.", schema="Job", example=examples.RUNNING),),
        refusals=_CONTRACT,
    ),
    Endpoint(
        name="job-licenses", path=f"{_CONTRACT_PATH}/jobs/{{job}}/licenses", tag="Licenses",
        summary="Read the licenses of a job",
        text=f"{_PAGE_TEXT} A running job shows what it has made so far.",
        parameters=(CONTRACT, JOB, CURSOR, LIMIT), needs_key=True, answers=(_PAGE,), refusals=_PAGED,
    ),
    Endpoint(
        name="generation-licenses", path=f"{_CONTRACT_PATH}/generations/{{generation}}/licenses", tag="Licenses",
        summary="Read the licenses of a generation again",
        text=f"For when an answer was lost. {_PAGE_TEXT}",
        parameters=(CONTRACT, GENERATION, CURSOR, LIMIT), needs_key=True, answers=(_PAGE,), refusals=_PAGED,
    ),
    Endpoint(
        name="ping", path="/api/v1/ping", tag="Connection",
        summary="Check a key",
        text="Tells contract, environment, your address and limits, and whether a call would be accepted. "
        "Spends no call and no quota.",
        needs_key=True,
        answers=(Answer(status=200, means="The key opens this contract.", schema="Ping", example=examples.PING),),
        refusals=_KEY,
    ),
    Endpoint(
        name="start", path="/", tag="Reference", summary="Start page", text="Where to go from here.",
        answers=(Answer(status=200, means="A page.", media_type=_HTML),), refusals=_PUBLIC,
    ),
    Endpoint(
        name="openapi", path="/openapi.json", tag="Reference", summary="OpenAPI document",
        text="This reference for programs, in OpenAPI 3.1.",
        answers=(Answer(status=200, means="The document.", schema="Document"),), refusals=_PUBLIC,
    ),
    Endpoint(
        name="docs", path="/docs", tag="Reference", summary="Guide and reference", text="The page for people.",
        answers=(Answer(status=200, means="A page.", media_type=_HTML),), refusals=_PUBLIC,
    ),
    Endpoint(
        name="errors", path="/docs/errors", tag="Reference", summary="Errors",
        text="Every code, when it happens and what to do. The type of a problem document points here.",
        answers=(Answer(status=200, means="A page.", media_type=_HTML),), refusals=_PUBLIC,
    ),
    Endpoint(
        name="healthz", path="/healthz", tag="Health", summary="Alive", text="Says that the process answers.",
        answers=(Answer(status=200, means="It answers.", schema="Alive", example={"status": "ok"}),), refusals=_PLAIN,
    ),
    Endpoint(
        name="readyz", path="/readyz", tag="Health", summary="Ready",
        text="Says whether database and Redis are reachable and the schema is current.",
        answers=(
            Answer(status=200, means="Calls can be served.", schema="Ready", example={"status": "ready"}),
            Answer(status=503, means="Not now.", schema="NotReady", example={"status": "not ready"}),
        ),
        refusals=_PLAIN,
    ),
)  # fmt: skip
