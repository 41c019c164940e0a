"""The contract key at the back-office: reveal, rotate, revoke, issue anew (SPEC C-9, X-1)."""

from __future__ import annotations

import re
import uuid

import pytest
from flask import Flask

from tests.admin.office import PASSWORD, Visit, hidden
from tests.world import World, one, rows

KEY = re.compile(r"alk_live_[0-9A-Za-z]{61}")


def test_revealing_asks_for_the_password_and_is_recorded_before_it_shows(admin_app: Flask, world: World) -> None:
    person = Visit(admin_app).sign_in_as("admin", password=PASSWORD)
    contract, key = world.reseller()
    path = f"/admin/contracts/{contract.id}/key/reveal/"
    assert key not in person.get(path).text
    wrong = person.post(path, {"password": "wrong"})
    assert wrong.status_code == 401
    assert key not in wrong.text
    assert rows("SELECT 1 FROM audit_entry WHERE action = 'contract_key.revealed'") == []
    shown = person.post(path, {"password": PASSWORD})
    assert key in shown.text
    assert 'data-hide-after="30"' in shown.text
    entry = one("SELECT * FROM audit_entry WHERE action = 'contract_key.revealed'")
    assert entry.actor.startswith("staff:")
    assert key not in str(entry)


def test_guessing_the_password_of_a_reveal_is_slowed(admin_app: Flask, world: World) -> None:
    person = Visit(admin_app).sign_in_as("admin", password=PASSWORD)
    contract, _ = world.reseller()
    path = f"/admin/contracts/{contract.id}/key/reveal/"
    assert [person.post(path, {"password": f"guess {n}"}).status_code for n in range(6)] == [401] * 5 + [429]


@pytest.mark.parametrize(("overlap", "roles"), [("now", ["current", "ended"]), ("24h", ["current", "previous"])])
def test_rotating_makes_one_new_key_and_gives_the_old_one_its_time(
    admin: Visit, world: World, overlap: str, roles: list[str]
) -> None:
    contract, key = world.reseller()
    path = f"/admin/contracts/{contract.id}/key/rotate/"
    form = {"key_id": hidden(admin.get(path), "key_id"), "overlap": overlap}
    (new,) = set(KEY.findall(admin.post(path, form).text))
    assert new != key
    assert [row.role for row in rows("SELECT role FROM contract_key ORDER BY role")] == roles
    assert admin.post(path, form).status_code == 409, "the same form again does not end the old key early"
    assert [row.role for row in rows("SELECT role FROM contract_key ORDER BY role")] == roles


def test_revoking_is_final_and_a_new_key_can_be_issued_once(admin: Visit, world: World) -> None:
    contract, key = world.reseller()
    path = f"/admin/contracts/{contract.id}/"
    form = {"key_id": hidden(admin.get(f"{path}key/revoke/"), "key_id")}
    assert admin.post(f"{path}key/revoke/", {"key_id": str(uuid.uuid4())}).status_code == 409
    assert admin.post(f"{path}key/revoke/", form).status_code == 303
    assert "No key is in force" in admin.get(path).text
    (new,) = set(KEY.findall(admin.post(f"{path}key/issue/").text))
    assert new != key
    assert admin.post(f"{path}key/issue/").status_code == 409
