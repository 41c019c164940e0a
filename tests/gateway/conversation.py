"""Talking to the gateway by its own document: schemathesis makes the calls and compares the answers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from flask.testing import FlaskClient
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from shared.models import Contract
from tests.world import World

QUOTA = 10**12
# Where the judge is told less than all: a valid call may be refused for the idempotency key another call used.
OF_OTHER_CALLS = ("idempotency_key_reused", "two different idempotency keys")


@dataclass(frozen=True)
class Partner:
    """A reseller with a large quota and no rate limits, and ids of its own to read."""

    contract: Contract
    key: str
    job: str
    generation: str

    @property
    def ids(self) -> dict[str, str]:
        return {"contract": str(self.contract.id), "job": self.job, "generation": self.generation}


@dataclass
class Verdict:
    """What a talk came to: how often each answer came, and what the document did not allow."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return self.answers.total()

    @property
    def statuses(self) -> set[int]:
        return {status for _, status in self.answers}


def partner_of(world: World, client: FlaskClient) -> Partner:
    """Return a fresh partner that has a job and a generation already."""
    contract, key = world.reseller(quota=QUOTA)
    made = [
        client.post(
            f"/api/v1/contracts/{contract.id}/generate", json={"count": n}, headers={"Authorization": f"Bearer {key}"}
        )
        for n in (100, 7)
    ]
    job, generation = (answer.get_json()["generation_id"] for answer in made)
    return Partner(contract, key, job, generation)


def config_of(partner: Partner, *, own_ids: bool, examples: int, seed: int | None = None) -> SchemathesisConfig:
    """Return how to talk: so many random calls to each endpoint, on ids of the partner or on any."""
    return SchemathesisConfig.from_dict(
        {
            **({"seed": seed} if seed is not None else {}),
            "headers": {"Authorization": f"Bearer {partner.key}"},
            "generation": {"max-examples": examples, "database": "none"},
            "parameters": {f"path.{name}": value for name, value in partner.ids.items()} if own_ids else {},
            "warnings": False,
            "continue-on-failure": True,
        }
    )


def talk(document: schemathesis.BaseSchema) -> Verdict:
    """Make calls by ``document`` in all of schemathesis' ways: examples, limits of each value, random, in turn."""
    document.hook(filter_failure)
    verdict = Verdict()
    for event in from_schema(document).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(verdict, event)
        elif isinstance(event, events.NonFatalError):
            verdict.faults.append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return verdict


def filter_failure(_context: Any, failure: Any, _case: Any, response: schemathesis.Response) -> bool:
    """Keep every failure but a valid call refused for its idempotency key."""
    if "accepted" not in str(failure.title).lower() and "Rejected" not in str(failure.title):
        return True
    problem = json.loads(response.content)
    return not any(words in (problem["code"] + problem["detail"]) for words in OF_OTHER_CALLS)


def _note(verdict: Verdict, event: events.ScenarioFinished) -> None:
    for case_id, interaction in event.recorder.interactions.items():
        answer = interaction.response.status_code if interaction.response else 0
        verdict.answers[event.recorder.cases[case_id].value.operation.label, answer] += 1
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.status == Status.FAILURE and check.failure_info:
                failure = check.failure_info.failure
                verdict.faults.append(f"{check.name}: {failure.title}\n{failure.message}\n{check.failure_info.code_sample}")
