"""P12: whatever partners send and whatever breaks, no secret is in logs, Redis, tables or error answers."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from redis import Redis

from shared.crypto import read_key
from shared.db import db
from shared.local.servers import Servers
from shared.models import Contract
from shared.services import keys
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests import running
from tests.faults.careless_partner import careless, well_behaved, without_right
from tests.faults.secrets_search import Places, files, forms, hits, redis_contents, tables
from tests.races.wire import Answer, generate
from tests.world import World, one, rows

Needles = dict[str, tuple[bytes, ...]]
DONE = "SELECT bool_and(status = 'completed') AS yes FROM job"
BROKEN = (("INSERT ON license", "allotment_gateway"), ("SELECT ON contract_key", "allotment_gateway"))


def use_up(world: World, environ: Mapping[str, str], owner_url: str, directory: Path) -> tuple[list[Answer], list[str]]:
    """Run a deployment that logs all it can, through good days and bad ones; return the answers and the keys used."""
    contract, old = world.reseller(quota=10_000)
    loud = {"LOG_LEVEL": "DEBUG", "FAILED_KEYS_PER_MINUTE": "1000"}
    with (
        running.gateway(environ, directory, **loud) as (_, port),
        running.worker(environ, directory, JOB_LEASE_SECONDS="0.5", **loud),
        running.clock(environ, directory, **loud),
    ):
        with transaction(environment_id=1):
            row = db.session.get_one(Contract, contract.id)
            new = keys.rotate(contract=row, overlap=timedelta(minutes=5), by=COMMAND, keyring=world.keyring).text
        answers = [*well_behaved(port, str(contract.id), new)]
        for key in (old, new):
            answers += careless(port, str(contract.id), key)
        for right, role in BROKEN:
            with without_right(owner_url, right, role):
                answers += [generate(port, contract.id, key, count=2, reference="broken") for key in (old, new)]
        with without_right(owner_url, "INSERT ON license", "allotment_app"):
            answers.append(generate(port, contract.id, new, count=100))
            running.wait_until(lambda: "InsufficientPrivilege" in _text(directory / "worker.log"), 10, "the fault")
        running.wait_until(lambda: one(DONE).yes, 30, "the end of the jobs")
    return answers, [old, new]


def secrets_of(environ: Mapping[str, str], contract_keys: list[str]) -> Needles:
    """Return the secrets nobody may find: of the contract keys, the deployment, and its servers."""
    parts = {f"contract key {n}": read_key(text).secret for n, text in enumerate(contract_keys)}
    words = {name: environ[name] for name in ("KEY_PEPPER", "SECRETS_KEYS", "SESSION_SECRET")}
    raw = {f"{name} in bytes": base64.urlsafe_b64decode(word + "=") for name, word in words.items()}
    servers = {name: urlsplit(environ[name]).password or "" for name in ("DATABASE_URL", "REDIS_URL")}
    return {name: forms(secret) for name, secret in {**parts, **words, **raw, **servers}.items()}


def left_behind(directory: Path, servers: Servers, environ: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Give what a deployment leaves besides its tables: its logs, those of the servers, and Redis."""
    yield from files(*(directory / f"{name}.log" for name in ("gateway", "worker", "clock")))
    yield from files(*(Path(f"/proc/{server.running.pid}/fd/1").resolve() for server in servers.embedded))
    yield from redis_contents(environ["REDIS_URL"])


def test_no_secret_is_left_anywhere(
    world: World, environ: Mapping[str, str], servers: Servers, owner_url: str, tmp_path: Path
):
    answers, contract_keys = use_up(world, environ, owner_url, tmp_path)
    secret = secrets_of(environ, contract_keys)
    licenses: Needles = {row.id: (row.key.encode(),) for row in rows("SELECT id::text, key FROM license")}
    refusals = [(f"answer {answer.status}", answer.body) for answer in answers if answer.status >= 400]
    logs: Places = [*left_behind(tmp_path, servers, environ), *refusals]
    assert hits(logs, secret | licenses) == []
    assert hits(tables(owner_url), secret) == []
    assert hits(tables(owner_url, without=("license",)), licenses) == []
    faults = sum(answer.status == 500 for answer in answers)
    print(
        f"\nP12: {len(answers)} calls, {faults} of them forced 500; {len(secret)} secrets and {len(licenses)} license"
        f" keys looked for in {len(logs)} logs, Redis values and error answers and in all tables: 0 hits"
    )
    assert faults == 4
    assert "gateway.fault" in _text(tmp_path / "gateway.log")
    assert not any(answer.status == 0 for answer in answers)


def test_the_same_search_finds_what_is_planted(
    world: World, environ: Mapping[str, str], owner_url: str, tmp_path: Path
):
    """The negative control: in a log, compressed in Redis, in a column of text and in one of bytes."""
    contract, key = world.reseller()
    secret = secrets_of(environ, [key])
    (tmp_path / "gateway.log").write_text(f'{{"event": "x", "authorization": "Bearer {key}"}}')
    with Redis.from_url(environ["REDIS_URL"]) as redis:
        redis.hset("rq:job:1", "data", zlib.compress(environ["DATABASE_URL"].encode()))
    pepper = base64.urlsafe_b64decode(environ["KEY_PEPPER"] + "=")
    with psycopg.connect(owner_url) as owner:
        owner.execute("UPDATE contract SET notes = %s WHERE id = %s", [key, contract.id])
        owner.execute("UPDATE contract_key_secret SET ciphertext = %s", [pepper])
    assert hits(files(tmp_path / "gateway.log"), secret) == ["gateway.log holds contract key 0"]
    assert hits(redis_contents(environ["REDIS_URL"]), secret) == ["Redis rq:job:1 holds DATABASE_URL"]
    assert hits(tables(owner_url), secret) == [
        "table contract holds contract key 0", "table contract_key_secret holds KEY_PEPPER in bytes",
    ]  # fmt: skip


def _text(path: Path) -> str:
    return path.read_text(errors="replace")
