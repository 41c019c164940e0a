"""P2 and P3 at full size: 500 keys in 20 copies at once, 200 keys changed in every field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests import running
from tests.races import wire
from tests.races.fingerprints import licenses_of, try_keys
from tests.races.retries import quota_of, send_copies, tally, verdict
from tests.races.test_fingerprints import sender
from tests.world import World

pytestmark = pytest.mark.prove


def test_five_hundred_keys_in_twenty_copies(world: World, environ: Mapping[str, str], tmp_path: Path):
    contract, key = world.reseller(quota=quota_of(500))
    with running.gateway(environ, tmp_path) as (_, port):
        answers = send_copies(
            500, 20, lambda name, n: wire.generate(port, contract.id, key, count=n, idempotency_key=name)
        )
    print(f"\nP2: 500 keys x 20 copies: {tally(answers)}, effects {len(answers)}")
    assert verdict(contract, answers) == []
    assert sum(world.counters(contract)[:2]) == quota_of(500)


def test_two_hundred_keys_changed_in_every_field(world: World, partner: FlaskClient):
    contract, key = world.reseller(quota=10_000)
    found = try_keys(200, sender(partner, contract.id, key))
    print(f"\nP3: 200 keys, {found.changed} changed requests refused, {found.rewritten} rewritten ones replayed")
    assert found.wrong == []
    assert world.counters(contract) == (licenses_of(200), 0, licenses_of(200))
