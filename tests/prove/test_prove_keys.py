"""P7 and P8 at full size: 40 contracts with 40 keys, and 20 rotations under load."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests import running
from tests.races.key_matrix import Matrix
from tests.races.rotation import PER_MINUTE, Rotations, calls_left, rotate_under_load, verdict
from tests.races.test_keys_and_contracts import matrix_of
from tests.races.wire import generate
from tests.world import World, one

pytestmark = pytest.mark.prove


def test_forty_keys_open_forty_contracts(world: World, partner: FlaskClient):
    found = matrix_of(world, partner, 40)
    print(f"\nP7: {found.accepted} accepted, {40 * 39} + {40 * 2} refused in {found.shapes} shape; {found}")
    assert found == Matrix(accepted=40, refused=40 * 39 + 40 * 2, shapes=1, wrong=[])
    assert one("SELECT sum(used) AS n FROM contract_quota").n == 40


def test_twenty_rotations_cost_no_call(world: World, environ: Mapping[str, str], tmp_path: Path):
    contract, key = world.reseller(quota=100_000, per_minute=PER_MINUTE)
    plan = Rotations(rounds=20)
    with running.gateway(environ, tmp_path) as (_, port):
        first = generate(port, contract.id, key, count=1, idempotency_key="before")
        last = rotate_under_load(plan, world, contract, key, port)
        closing = generate(port, contract.id, last, count=1)
    print(
        f"\nP8: {len(plan.answers)} calls, {plan.failures()} failed;"
        f" old keys ended {max(plan.old_key_lived):.3f} s late"
    )
    assert verdict(plan, first) == []
    assert len(plan.old_key_lived) == 20
    assert PER_MINUTE - calls_left(closing) >= len(plan.answers) + len(plan.replays) + 2
    assert world.counters(contract)[0] == len(plan.answers) + 2
