"""P2: the same request many times at once, or again after a death; and the verdict on what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared.models import Contract
from tests import running
from tests.books import unbalanced
from tests.races.wire import Answer, generate, generate_until_answered
from tests.world import rows

JOB_EVERY, JOB_COUNT = 10, 100  # one key in ten asks for a job
# gunicorn's parent has the code loaded, so that a killed child is followed by another at once.
QUICK_TO_RISE = {"GUNICORN_CMD_ARGS": "--preload", "GATEWAY_WORKERS": "2"}
EFFECTS = """
SELECT COALESCE(idem_key, reference) AS key, count(*) AS n, max(count) AS asked,
       sum((SELECT count(*) FROM license l WHERE l.generation_id = g.id)) AS licenses, bool_or(j.id IS NOT NULL) AS job
  FROM generation g LEFT JOIN job j ON j.id = g.id WHERE g.contract_id = %(id)s GROUP BY 1"""

Send = Callable[[str, int], Answer]


def count_of(number: int) -> int:
    """Return how many licenses the request of that number asks for."""
    return JOB_COUNT if number % JOB_EVERY == 0 else 1 + number % 7


def quota_of(keys: int) -> int:
    """Return the quota that so many requests, each with one effect, use up exactly."""
    return sum(map(count_of, range(keys)))


def send_copies(keys: int, copies: int, send: Send) -> dict[str, list[Answer]]:
    """Send each of ``keys`` requests ``copies`` times at the same instant; return the answers by key."""
    answers: dict[str, list[Answer]] = {f"key-{number}": [] for number in range(keys)}
    together = threading.Barrier(copies)

    def copy(_: int) -> None:
        try:
            for number in range(keys):
                together.wait(timeout=30)
                answers[f"key-{number}"].append(send(f"key-{number}", count_of(number)))
        except BaseException:
            together.abort()  # nobody waits for one that will not come
            raise

    with ThreadPoolExecutor(copies) as pool:
        list(pool.map(copy, range(copies)))
    return answers


def verdict(contract: Contract, answers: Mapping[str, list[Answer]]) -> list[str]:
    """Return what is wrong: not one effect per key, an answer that is no replay, or books that do not balance."""
    wrong = [f"books: {row}" for row in unbalanced()]
    effects = {row.key: row for row in rows(EFFECTS, id=contract.id)}
    for key, given in answers.items():
        effect = effects.get(key)
        if effect is None or effect.n != 1:
            wrong.append(f"{key} had {effect.n if effect else 0} effects")
        elif not effect.job and effect.licenses != effect.asked:
            wrong.append(f"{key} asked for {effect.asked} and {effect.licenses} were made")
        wrong += [f"{key}: {sentence}" for sentence in _wrong_answers(given)]
    return wrong


def tally(answers: Mapping[str, list[Answer]]) -> dict[str, int]:
    """Return how often the first answer, a replay and each refusal came."""
    counted: dict[str, int] = {}
    for answer in (answer for given in answers.values() for answer in given):
        kind = "replay" if answer.is_replay else "original" if answer.status in {201, 202} else str(answer.status)
        counted[kind] = counted.get(kind, 0) + 1
    return counted


def _wrong_answers(given: list[Answer]) -> list[str]:
    """Check the answers to one request: one original, equal replays, and 409 that say when to come back."""
    accepted = [answer for answer in given if answer.status in {201, 202}]
    waits = [
        answer
        for answer in given
        if answer.status == 409
        and answer.document["code"] == "idempotency_in_progress"
        and answer.headers.get("retry-after") == "1"
    ]
    wrong = []
    if len(accepted) + len(waits) != len(given):
        wrong.append(f"answered {sorted(answer.status for answer in given)}")
    if sum(not answer.is_replay for answer in accepted) != 1:
        wrong.append(f"{sum(not answer.is_replay for answer in accepted)} originals")
    if len({(answer.status, answer.body) for answer in accepted}) > 1:
        wrong.append("replays differ from the original")
    return wrong


def die_and_retry(
    contract: Contract, key: str, gateways: tuple[int, int], number: int, *, count: int = 2, **order: object
) -> tuple[Answer, Answer, Answer]:
    """Send one request to a gateway that dies of it and again to one that lives; return both and one more try."""
    dying, living = gateways
    lost = generate(dying, contract.id, key, count=count, reference=f"death-{number}", **order)
    retry = generate_until_answered(living, contract.id, key, count=count, reference=f"death-{number}", **order)
    return lost, retry, generate(living, contract.id, key, count=count, reference=f"death-{number}", **order)


def both_gateways(environ: Mapping[str, str], directory: Path, failpoint: str):
    """Return the two gateways as contexts: one whose processes die where ``failpoint`` says, and one that lives."""
    for name in ("dying", "living"):
        (directory / name).mkdir(exist_ok=True)
    return (
        running.gateway(environ, directory / "dying", FAILPOINTS=f"{failpoint}=kill", **QUICK_TO_RISE),
        running.gateway(environ, directory / "living", **QUICK_TO_RISE),
    )
