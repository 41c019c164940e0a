"""P1: many callers, three ways in, deaths in between; and the verdict that any way of counting has to pass."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from shared import clock
from shared.db import bare_app, db
from shared.errors import Busy, DomainError
from shared.models import Contract
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order, generate
from shared.services.idempotency import claim_of
from shared.transaction import transaction
from tests import running
from tests.books import unbalanced
from tests.races.partner import Partner
from tests.world import World, rows

CUT_ONE = """
SELECT count(pg_terminate_backend(pid)) FROM (
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'allotment-gateway'
       AND backend_start > %s
     ORDER BY random() LIMIT 1) one"""
HAS_ROOM = "SELECT (max(quota - used - reserved) > 0)::int FROM contract_quota"
LARGEST = 7
JOB = 100  # one call in a hundred asks for a job


@dataclass
class Storm:
    """How hard to blow, and what came of it."""

    calls: int
    kills: int
    cut_connections: int
    threads: int = 12
    answered: set[str] = field(default_factory=set, repr=False)
    counts: dict[str, int] = field(default_factory=dict)
    landed: int = 0
    landed_before_full: int = 0
    cut: int = 0

    def add(self, what: str, n: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + n


def blow(
    storm: Storm, world: World, environ: Mapping[str, str], owner_url: str, directory: Path, quota: int
) -> Contract:
    """Run the storm against one new contract with ``quota`` and return the contract when all is calm again."""
    contract, key = world.reseller(quota=quota)
    with ExitStack() as stack:
        process, port = stack.enter_context(running.gateway(environ, directory))
        workers = [
            stack.enter_context(
                running.worker(environ, directory, f"worker{n}", JOB_LEASE_SECONDS="2", JOB_CHUNK_SIZE="20")
            )
            for n in range(2)
        ]
        stack.enter_context(running.clock(environ, directory))
        done = threading.Event()
        reaper = threading.Thread(target=_reap, args=(storm, process, workers, owner_url, done))
        reaper.start()
        _call_all(storm, world, contract, Partner(port, str(contract.id), key))
        done.set()
        reaper.join()
        running.wait_until(lambda: not _open_jobs(contract), 60, "the end of every job")
    return contract


def verdict(storm: Storm, contract: Contract) -> list[str]:
    """Return what is wrong: overdraw, duplicates, lost answers, books, gaps or overlaps between generations."""
    stored = rows("SELECT id::text, canonical FROM license WHERE contract_id = %(id)s", id=contract.id)
    ids = {row.id for row in stored}
    wrong = [f"books: {row}" for row in unbalanced()]
    if len({row.canonical for row in stored}) != len(stored):
        wrong.append("duplicate keys")
    missing = storm.answered - ids
    if missing:
        wrong.append(f"{len(missing)} licenses were answered and are missing")
    end = 0
    accepted = rows(
        "SELECT count, used_after FROM generation WHERE contract_id = %(id)s ORDER BY used_after", id=contract.id
    )
    for row in accepted:
        n, used_after = row
        if used_after - n != end:
            wrong.append(f"a generation begins at {used_after - n} where {end} was reached")
            break
        end = used_after
    if end > contract.quota.quota:
        wrong.append(f"{end} licenses from a quota of {contract.quota.quota}")
    return wrong


def _call_all(storm: Storm, world: World, contract: Contract, partner: Partner) -> None:
    """Seven calls in ten over the gateway, three by staff in this process; one in a hundred asks for a job."""
    numbers = iter(range(storm.calls))
    lock = threading.Lock()

    def caller(seed: int) -> None:
        choose = random.Random(seed)  # noqa: S311 - reproducible, not secret
        mine = Partner(partner.port, partner.contract, partner.key)
        app = bare_app(world.settings)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            count = JOB + choose.randrange(50) if number % 100 == 7 else 1 + choose.randrange(LARGEST)
            if choose.random() < 0.7:
                status, answer = mine.generate(count=count, idempotency_key=f"call-{number}")
                found, outcome = [item["uuid"] for item in answer.get("licenses", ())], f"gateway {status}"
            else:
                with app.app_context():
                    found, outcome = _by_staff(contract, count, number)
            with lock:
                storm.answered.update(found)
                storm.add(outcome)
        with lock:
            storm.add("connections lost", mine.unanswered)
        mine.close()
        with app.app_context():
            db.engine.dispose()

    with ThreadPoolExecutor(storm.threads) as pool:
        for future in [pool.submit(caller, seed) for seed in range(storm.threads)]:
            future.result()


def _by_staff(contract: Contract, count: int, number: int) -> tuple[list[str], str]:
    order = Order(count=count, method="manual", by=COMMAND, at=clock.now(),
                  claim=claim_of(scope="ui", key=f"call-{number}", request={"count": count}))  # fmt: skip
    for _ in range(12):
        try:
            with transaction(environment_id=1):
                made = generate(blueprint=get_blueprint(contract_id=contract.id), order=order)
        except Busy:
            time.sleep(0.1)
            continue
        except DomainError as refusal:
            return [], f"staff {refusal.code}"
        return [item.id for item in made.licenses], "staff made"
    raise AssertionError("the back-office had no answer")


def _reap(
    storm: Storm, web: running.Process, workers: list[running.Process], owner_url: str, done: threading.Event
) -> None:
    """Kill a process of the product and cut a database connection, again and again while calls are being made."""
    choose = random.Random(7)  # noqa: S311 - reproducible, not secret
    with psycopg.connect(owner_url, autocommit=True) as owner:
        begun = owner.execute("SELECT now()").fetchone()[0]  # a gateway in this process keeps its connections
        while not done.wait(0.15):
            if storm.cut < storm.cut_connections:
                storm.cut += owner.execute(CUT_ONE, [begun]).fetchone()[0]
            if storm.landed < storm.kills and _kill_one(choose, web, workers):
                storm.landed += 1
                storm.landed_before_full += owner.execute(HAS_ROOM).fetchone()[0]


def _kill_one(choose: random.Random, web: running.Process, workers: list[running.Process]) -> bool:
    """SIGKILL a web process (its parent starts another) or a worker, which is started again here."""
    children = web.family()[1:]
    if children and choose.random() < 0.5:
        choose.choice(children).kill()
        return True
    victim = choose.choice(workers)
    victim.kill()
    victim.start()
    return True


def _open_jobs(contract: Contract) -> int:
    return len(rows("SELECT 1 FROM job WHERE contract_id = %(id)s AND status IN ('queued', 'running')", id=contract.id))
