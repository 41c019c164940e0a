"""P8: partners who call on while their key is rotated, and the verdict on what they met."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

from shared.db import db
from shared.models import Contract
from shared.services import keys
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.races.wire import LOST, Answer, generate
from tests.world import World, one

PER_MINUTE = 50_000
ENDS = (
    "SELECT extract(epoch FROM ends_at)::float8 AS at FROM contract_key WHERE contract_id = %(id)s AND role = %(role)s"
)


@dataclass
class Rotations:
    """How often, with how long an overlap, and when the partner takes the new key into use."""

    rounds: int
    overlap: float = 1.0
    switch_after: float = 0.5
    rest: float = 1.3
    calls_a_second: int = 50
    answers: list[Answer] = field(default_factory=list, repr=False)
    old_key_lived: list[float] = field(default_factory=list)
    replays: list[Answer] = field(default_factory=list, repr=False)

    def failures(self) -> int:
        """Return how many calls did not get their license."""
        return sum(answer.status != 201 for answer in self.answers)


@dataclass
class _Partner:
    key: str
    on: bool = True


def rotate_under_load(plan: Rotations, world: World, contract: Contract, key: str, port: int) -> str:
    """Call steadily while the key is rotated again and again; return the last key."""
    partner = _Partner(key)
    callers = [threading.Thread(target=_call_on, args=(plan, partner, contract, port, n)) for n in range(10)]
    for caller in callers:
        caller.start()
    try:
        for _ in range(plan.rounds):
            old, started = partner.key, time.monotonic()
            new = _rotate(world, contract, plan.overlap)
            time.sleep(plan.switch_after)
            partner.key = new
            _watch_the_old_key_die(plan, contract, old, port)
            plan.replays.append(generate(port, contract.id, partner.key, count=1, idempotency_key="before"))
            time.sleep(max(0, started + plan.rest - time.monotonic()))
    finally:
        partner.on = False
        for caller in callers:
            caller.join()
    return partner.key


def verdict(plan: Rotations, first: Answer) -> list[str]:
    """Return what is wrong: failed calls, a key that outlived its time, or a memory that did not outlive the key."""
    wrong = [f"{plan.failures()} of {len(plan.answers)} calls failed"] if plan.failures() else []
    wrong += [f"an old key lived {lived:.2f} s past its time" for lived in plan.old_key_lived if lived > 1]
    wrong += [f"an old key died {-lived:.2f} s early" for lived in plan.old_key_lived if lived < -0.1]
    if any(not answer.is_replay or answer.body != first.body for answer in plan.replays):
        wrong.append("an idempotency key did not outlive the rotation")
    made = [answer for answer in plan.answers if answer.status == 201]
    remaining = sorted((answer.document["quota_remaining"] for answer in made), reverse=True)
    quota = first.document["quota_remaining"]
    if remaining != list(range(quota - 1, quota - 1 - len(made), -1)):
        wrong.append("the quota did not go on by one license a call")
    return wrong


def calls_left(answer: Answer) -> int:
    """Return how many calls of the minute an answer says are left."""
    return int(answer.headers["ratelimit"].partition("r=")[2].partition(";")[0])


def _call_on(plan: Rotations, partner: _Partner, contract: Contract, port: int, seed: int) -> None:
    """Make one tenth of the calls, evenly."""
    pause = 10 / plan.calls_a_second
    due = time.monotonic() + pause * seed / 10
    while partner.on:
        time.sleep(max(0, due - time.monotonic()))
        due += pause
        plan.answers.append(generate(port, contract.id, partner.key, count=1))


def _rotate(world: World, contract: Contract, overlap: float) -> str:
    with transaction(environment_id=1):
        row = db.session.get_one(Contract, contract.id)
        return keys.rotate(
            contract=row, overlap=timedelta(seconds=overlap), by=COMMAND, keyring=world.keyring
        ).text  # fmt: skip


def _watch_the_old_key_die(plan: Rotations, contract: Contract, old: str, port: int) -> None:
    """Note how long after its end the old key was still accepted; less than nothing when it died before.

    A refusal was given somewhere between the call and its answer, so only an answer that came before the end is early.
    """
    ends = one(ENDS, id=contract.id, role="previous")
    if ends is None:
        return
    time.sleep(max(0, ends.at - 0.15 - time.time()))
    answer, asked = LOST, time.time()
    while answer.status != 401 and time.time() < ends.at + 5:
        asked = time.time()
        answer = generate(port, contract.id, old, count=0)  # never a license: refused behind the door
        time.sleep(0.02)
    answered = asked + answer.seconds
    plan.old_key_lived.append(min(answered - ends.at, 0) or max(asked - ends.at, 0))
