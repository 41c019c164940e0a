"""Talking to the gateway by its own document: schemathesis makes the calls and compares the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import schemathesis
from flask.testing import FlaskClient
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from shared.models import Contract
from tests.world import World

QUOTA = 10**12
LONGEST_KEY = 255
OWN = ("contract", "job", "generation")
# Whose ids the paths have: all the partner's, only its contract's, or anybody's.
PATHS: tuple[tuple[str, ...], ...] = (OWN, OWN[:1], ())
NUMBERS = count(1)


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
    def by_status(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for (_, status), times in self.answers.items():
            found[status] += times
        return found


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


def config_of(
    partner: Partner, own: Sequence[str], *, host: str, examples: int, seed: int | None = None, is_short: bool = False
) -> SchemathesisConfig:
    """Return how to talk: so many random calls to each endpoint, on the ``own`` ids of the partner, else on any.

    A short talk leaves out the hundred calls an endpoint gets for the limits of each of its values.
    """
    return SchemathesisConfig.from_dict(
        {
            **({} if seed is None else {"seed": seed}),
            "base-url": host,
            "headers": {"Authorization": f"Bearer {partner.key}"},
            "generation": {"max-examples": examples, "database": "none"},
            "parameters": {f"path.{name}": partner.ids[name] for name in own},
            "phases": {"coverage": {"enabled": not is_short}},
            "warnings": False,
            "continue-on-failure": True,
        }
    )


def talk(document: schemathesis.BaseSchema) -> Verdict:
    """Make calls by ``document`` in all of schemathesis' ways: examples, limits of each value, random, in turn."""
    verdict = Verdict()
    for event in from_schema(document).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(verdict, event)
        elif isinstance(event, events.NonFatalError):
            verdict.faults.append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return verdict


@schemathesis.hook
def before_call(_context: Any, case: schemathesis.Case, _options: dict[str, Any]) -> None:
    """Give each valid generate call an idempotency key of its own, as a partner would.

    Else most valid calls were rightly refused for the key another call had used, and nothing was learned of them.
    """
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_valid or not isinstance(case.body, dict) or "count" not in case.body:
        return
    end = f"-{next(NUMBERS)}"
    in_body, in_header = case.body.pop("idempotency_key", None), case.headers.pop("Idempotency-Key", None)
    if in_body:
        case.body["idempotency_key"] = in_body[: LONGEST_KEY - len(end)] + end
    elif in_header:
        case.headers["Idempotency-Key"] = in_header[: LONGEST_KEY - len(end)] + end


def _note(verdict: Verdict, event: events.ScenarioFinished) -> None:
    for case_id, interaction in event.recorder.interactions.items():
        answer = interaction.response.status_code if interaction.response else 0
        verdict.answers[event.recorder.cases[case_id].value.operation.label, answer] += 1
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.status == Status.FAILURE and check.failure_info:
                failure = check.failure_info.failure
                verdict.faults.append(
                    f"{check.name}: {failure.title}\n{failure.message}\n{check.failure_info.code_sample}"
                )
