"""P8 in small: a key is rotated under load, and the partner notices nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests import running
from tests.races.rotation import PER_MINUTE, Rotations, calls_left, rotate_under_load, verdict
from tests.races.wire import generate
from tests.world import World


def test_rotation_with_overlap_costs_no_call(world: World, environ: Mapping[str, str], tmp_path: Path):
    contract, key = world.reseller(quota=100_000, per_minute=PER_MINUTE)
    plan = Rotations(rounds=4)
    with running.gateway(environ, tmp_path) as (_, port):
        first = generate(port, contract.id, key, count=1, idempotency_key="before")
        last = rotate_under_load(plan, world, contract, key, port)
        closing = generate(port, contract.id, last, count=1)
    print(f"\nP8 reduced: {len(plan.answers)} calls, {plan.failures()} failed, {plan}")
    assert verdict(plan, first) == []
    assert len(plan.old_key_lived) == 4
    spent = PER_MINUTE - calls_left(closing)
    watched = spent - len(plan.answers) - len(plan.replays) - 2
    assert 0 <= watched <= 4 * 20  # the looks at the old key before its end count too; nothing was forgotten
    assert world.counters(contract)[0] == len(plan.answers) + 2


def test_rotation_without_overlap_fails_the_same_verdict(world: World, environ: Mapping[str, str], tmp_path: Path):
    """The negative control: whoever takes the new key later than the old one ends is turned away."""
    contract, key = world.reseller(quota=100_000, per_minute=PER_MINUTE)
    plan = Rotations(rounds=1, overlap=0, switch_after=0.3, rest=0.5)
    with running.gateway(environ, tmp_path) as (_, port):
        first = generate(port, contract.id, key, count=1, idempotency_key="before")
        rotate_under_load(plan, world, contract, key, port)
    assert plan.failures() > 0
    assert verdict(plan, first) != []
