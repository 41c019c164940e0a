"""Settings of the installation: refused when they cannot be used, changed together, recorded (SPEC X-2)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest
from flask import Flask

from shared import clock, db
from shared.errors import InvalidInput, RevealSwitchedOff, StaleVersion
from shared.services import installation, keys
from shared.services.audit import Actor
from shared.services.installation import Installation
from shared.transaction import transaction
from tests.world import World, one, rows

pytestmark = pytest.mark.usefixtures("world")
ADA = Actor(name="staff:ada")


def change(values: Mapping[str, Any], seen: str = "") -> Installation:
    seen = seen or read().fingerprint
    with transaction():
        return installation.change(values=values, seen=seen, by=ADA, at=clock.now())


def read() -> Installation:
    with transaction():
        return installation.read()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"reveal_policy": "always"}, {"reveal_policy"}),
        ({"reveal_policy": None}, {"reveal_policy"}),
        ({"key_rotation_days": ""}, {"key_rotation_days"}),
        ({"key_rotation_days": "0"}, {"key_rotation_days"}),
        ({"key_rotation_days": "3651"}, {"key_rotation_days"}),
        ({"key_rotation_days": "1.5"}, {"key_rotation_days"}),
        ({"reveal_policy": "off", "key_rotation_days": "\u0663"}, {"key_rotation_days"}),
        ({"reveal_policy": "x\0", "key_rotation_days": "9" * 5000}, {"reveal_policy", "key_rotation_days"}),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_nothing_is_changed(values: dict[str, Any], named: set[str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(values)
    assert set(refusal.value.problems) == named
    assert rows("SELECT 1 FROM setting") == []
    assert rows("SELECT 1 FROM audit_entry") == []


def test_what_was_never_changed_has_its_default_and_no_row() -> None:
    assert read() == Installation(reveal_policy="audited", key_rotation_days=365)
    assert change({"reveal_policy": "audited"}) == Installation()
    assert rows("SELECT 1 FROM setting") == []
    assert rows("SELECT 1 FROM audit_entry") == []


def test_a_change_is_kept_and_recorded_field_by_field() -> None:
    change({"reveal_policy": "off", "key_rotation_days": "90"})
    assert change({"key_rotation_days": " 30 "}) == Installation(reveal_policy="off", key_rotation_days=30) == read()
    assert {row.name: (row.value, row.updated_by) for row in rows("SELECT * FROM setting")} == {
        "reveal_policy": ("off", "staff:ada"),
        "key_rotation_days": (30, "staff:ada"),
    }
    entries = rows("SELECT subject, actor, changes FROM audit_entry WHERE action = 'settings.changed' ORDER BY id")
    assert [tuple(row) for row in entries] == [
        ("settings", "staff:ada", {"reveal_policy": ["audited", "off"], "key_rotation_days": [365, 90]}),
        ("settings", "staff:ada", {"key_rotation_days": [90, 30]}),
    ]


def test_of_two_who_saw_the_same_settings_one_is_told_and_nothing_of_theirs_is_saved(app: Flask) -> None:
    seen, results, gate = read().fingerprint, [], threading.Barrier(4)

    def save(days: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                results.append(change({"key_rotation_days": days}, seen).key_rotation_days)
            except StaleVersion:
                results.append(0)

    threads = [threading.Thread(target=save, args=(days,)) for days in (10, 20, 30, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saved = sum(results)
    assert sorted(results) == [0, 0, 0, saved]
    assert read().key_rotation_days == saved
    assert one("SELECT count(*) AS n FROM audit_entry").n == 1


def test_a_setting_of_a_newer_version_is_left_alone() -> None:
    with transaction():
        db.run("INSERT INTO setting VALUES ('colour_of_the_sky', '\"blue\"', now(), 'command')")
    assert change({"key_rotation_days": 7}).key_rotation_days == 7
    assert one("SELECT value FROM setting WHERE name = 'colour_of_the_sky'").value == "blue"


def test_every_setting_can_be_read_from_a_form() -> None:
    assert set(installation.READ) == {field.name for field in fields(Installation)}


def test_no_key_is_revealed_while_the_policy_is_off(world: World) -> None:
    contract, text = world.reseller()
    change({"reveal_policy": "off"})
    with pytest.raises(RevealSwitchedOff, match="switched that off in Settings"), transaction(environment_id=1):
        keys.reveal(contract=contract, by=ADA, keyring=world.keyring)
    assert rows("SELECT 1 FROM audit_entry WHERE action = 'contract_key.revealed'") == []
    change({"reveal_policy": "audited"})
    with transaction(environment_id=1):
        assert keys.reveal(contract=contract, by=ADA, keyring=world.keyring) == text
