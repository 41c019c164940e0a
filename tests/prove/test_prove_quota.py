"""P1 at full size: 10 000 calls against a quota of 5 000, with 20 deaths and 10 cut connections."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.races.quota_storm import Storm, blow, verdict
from tests.world import World


@pytest.mark.prove
def test_the_quota_holds_in_a_full_storm(world: World, environ: Mapping[str, str], owner_url: str, tmp_path: Path):
    storm = Storm(calls=10_000, kills=20, cut_connections=10, threads=16)
    contract = blow(storm, world, environ, owner_url, tmp_path, quota=5000)
    assert verdict(storm, contract) == []
    used, reserved, licenses = world.counters(contract)
    print(f"\nP1: used {used} of 5000, {licenses} licenses, {len(storm.answered)} answered; {storm}")
    assert (storm.landed, storm.cut, reserved, licenses) == (20, 10, 0, used)
    assert storm.landed_before_full >= 10
