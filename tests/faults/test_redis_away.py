"""P13 in small: Redis is killed or frozen under load; calls go on, and jobs start when it is back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_limiter import Limiter
from redis import Redis
from redis.exceptions import RedisError

from shared.models import Contract
from shared.rates.windows import connect
from tests import running
from tests.faults.redis_away import (
    Traffic,
    deployment,
    flowing,
    frozen_verdict,
    seconds_of_calls,
    verdict,
)
from tests.gateway.own_valkey import OwnValkey
from tests.races.wire import Answer, generate
from tests.world import World, one

UNFINISHED = "SELECT count(*) AS n FROM job WHERE contract_id = %(id)s AND status <> 'completed'"
UNSTARTED = "SELECT count(*) AS n FROM job WHERE contract_id = %(id)s AND started_at IS NULL"


def kill_redis_under_load(
    world: World, environ: Mapping[str, str], own_valkey: OwnValkey, directory: Path, *, dead_seconds: float
) -> tuple[Traffic, Contract, str]:
    """Kill Redis under steady calls and start it again; return the calls, the contract and a sentence of figures."""
    contract, key = world.reseller(quota=1_000_000, per_minute=100_000)
    with deployment({**environ, "REDIS_URL": own_valkey.url}, directory) as (port, rises):
        traffic = Traffic(port, contract, key)
        traffic.job = generate(port, contract.id, key, count=100).document["job_id"]
        with flowing(traffic):
            time.sleep(1)
            own_valkey.kill()
            time.sleep(dead_seconds)
            waiting = one(UNSTARTED, id=contract.id).n
            own_valkey.start()
            started = running.wait_until(lambda: one(UNSTARTED, id=contract.id).n <= 1, 30, "the start of the jobs")
        running.wait_until(lambda: one(UNFINISHED, id=contract.id).n == 0, 30, "the end of every job")
    slowest = max(answer.seconds for given in traffic.answers.values() for answer in given)
    figures = (
        f"{traffic.tally()}, slowest {slowest:.2f} s; {waiting} jobs waited and started {started:.1f} s after"
        f" Redis was back; the worker was started {rises[0]} times"
    )
    return traffic, contract, figures


def freeze_redis(
    world: World, environ: Mapping[str, str], own_valkey: OwnValkey, directory: Path, seconds: float
) -> tuple[list[float], Traffic]:
    """Freeze Redis and call one process of the gateway without a pause; return how long each call took."""
    contract, key = world.reseller(quota=1_000_000, per_minute=100_000)
    settings = {"REDIS_URL": own_valkey.url, "GATEWAY_WORKERS": "1"}
    with running.gateway({**environ, **settings}, directory) as (_, port):
        traffic = Traffic(port, contract, key)
        traffic.job = generate(port, contract.id, key, count=100).document["job_id"]
        for number in range(20):  # every kind of call has its connection
            traffic.one_call(number)
        own_valkey.freeze()
        waits = seconds_of_calls(traffic.one_call, seconds)
        own_valkey.thaw()
    world.close(contract)
    return waits, traffic


def test_calls_go_on_while_redis_is_dead(
    world: World, environ: Mapping[str, str], own_valkey: OwnValkey, tmp_path: Path
):
    traffic, contract, figures = kill_redis_under_load(world, environ, own_valkey, tmp_path, dead_seconds=3)
    print(f"\nP13 reduced: {figures}")
    assert verdict(traffic.answers) == []
    assert max(answer.seconds for given in traffic.answers.values() for answer in given) < 1.5
    log = (tmp_path / "gateway.log").read_text()
    assert log.count("rate_windows.counted_per_process") in {1, 2}  # once for each process
    assert world.counters(contract)[1] == 0


def test_a_frozen_redis_delays_one_call_in_five_seconds(
    world: World, environ: Mapping[str, str], own_valkey: OwnValkey, tmp_path: Path
):
    waits, traffic = freeze_redis(world, environ, own_valkey, tmp_path, 6)
    late = [round(wait, 2) for wait in waits if wait > 0.25]
    print(f"\nP13 reduced: frozen for 6 s, {len(waits)} calls one after another, delayed {late}; {traffic.tally()}")
    assert verdict(traffic.answers) == []
    assert frozen_verdict(waits, 6) == []
    assert 1 <= len(late) <= 2


def test_asking_a_frozen_redis_each_time_fails_the_same_verdict(own_valkey: OwnValkey):
    """The negative control: a time limit alone delays every call."""
    own_valkey.freeze()
    with connect(own_valkey.url) as client:
        waits = seconds_of_calls(lambda _: _try_ping(client), 2)
    own_valkey.thaw()
    assert len(frozen_verdict(waits, 2)) == 1


def test_a_limiter_without_a_way_around_fails_the_same_verdict(own_valkey: OwnValkey):
    """The negative control: what cannot count must not refuse to serve."""
    app = Flask("naive")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.disabled = True
    limiter = Limiter(lambda: "one", app=app, storage_uri=own_valkey.url)
    app.add_url_rule("/", view_func=limiter.limit("100 per minute")(lambda: "served"))
    own_valkey.kill()
    answer = app.test_client().get("/")
    assert verdict({"ping": [Answer(answer.status_code, {}, answer.data)]}) == ["ping: 500"]


def _try_ping(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False
