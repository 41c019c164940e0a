"""The gateway under a login of its own: it serves all it should, and its login may do nothing else (SCHEMA 9)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import running
from tests.faults.login_probes import PROBES, allowed
from tests.races.wire import call, generate
from tests.world import World, one

LOGIN = "allotment_gateway_login"


@pytest.fixture
def login_url(world: World, owner_url: str) -> Iterator[str]:  # noqa: ARG001 - the roles exist once it is migrated
    """A login role that has the gateway's rights and nothing more."""
    password = secrets.token_urlsafe(16)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE allotment_gateway").format(
                sql.Identifier(LOGIN), sql.Literal(password)
            )
        )
        yield f"postgresql://{LOGIN}:{password}@{owner_url.rpartition('@')[2]}"
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(LOGIN)))


def test_the_gateway_serves_under_its_own_login(
    world: World, environ: Mapping[str, str], login_url: str, tmp_path: Path
):
    contract, key = world.reseller(quota=1000, per_minute=100)
    own = {
        name: value for name, value in environ.items() if name != "DATABASE_URL"
    }  # the owner's password is not there
    url = login_url.replace("postgresql://", "postgresql+psycopg://")
    with running.gateway(own, tmp_path, GATEWAY_DATABASE_URL=url) as (_, port):
        made = generate(port, contract.id, key, count=3, idempotency_key="once")
        again = generate(port, contract.id, key, count=3, idempotency_key="once")
        queued = generate(port, contract.id, key, count=100)
        job = call(port, f"/api/v1/contracts/{contract.id}/jobs/{queued.document['job_id']}", key=key)
        page = f"/api/v1/contracts/{contract.id}/generations/{made.document['generation_id']}/licenses"
        read = call(port, page, key=key)
        ping = call(port, "/api/v1/ping", key=key)
        ready = call(port, "/readyz")
        unknown = call(port, "/api/v1/ping", key="unknown")
        running.wait_until(lambda: _logged(contract.id) == 6, 2, "the log of the calls")
    assert [answer.status for answer in (made, again, queued, job, read, ping, ready, unknown)] == [
        201, 201, 202, 200, 200, 200, 200, 401,
    ]  # fmt: skip
    assert again.body == made.body
    assert len(read.document["licenses"]) == 3
    assert one("SELECT last_used_at FROM contract_key WHERE contract_id = %(id)s", id=contract.id).last_used_at


def test_its_login_is_refused_the_rest(world: World, login_url: str):
    world.reseller()
    print(f"\nSCHEMA 9: {len(PROBES)} statements tried under the gateway's login, {len(allowed(login_url))} allowed")
    assert allowed(login_url) == []


def test_the_owner_fails_the_same_probes(world: World, owner_url: str):
    """The negative control: the probes find rights where there are some."""
    world.reseller()
    assert len(allowed(owner_url)) > len(PROBES) / 2


def _logged(contract_id: object) -> int:
    return one("SELECT count(*) AS n FROM api_call WHERE contract_id = %(id)s", id=contract_id).n
