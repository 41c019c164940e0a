"""Changing a contract at the back-office: what is fixed, what only grows, and two people at once (SPEC C-1, C-5)."""

from __future__ import annotations

import json
import re
import uuid
from html import unescape

import pytest

from tests.admin.conftest import Visits
from tests.admin.office import Visit, hidden, words_of
from tests.world import World, one

KEY = re.compile(r"alk_live_[0-9A-Za-z]{61}")


def edited(visit: Visit, contract_id: uuid.UUID, **fields: str) -> dict[str, str]:
    """Return the form of a contract as it is shown, with some fields changed."""
    page = visit.get(f"/admin/contracts/{contract_id}/edit/")
    row = one("SELECT c.*, q.quota FROM contract c JOIN contract_quota q ON q.contract_id = c.id WHERE c.id = %(id)s",
              id=contract_id)  # fmt: skip
    as_shown = {
        "name": row.name, "generator_id": str(row.generator_id), "quota": str(row.quota), "low_stock": "100",
        "overrides": json.dumps(row.overrides), "expiry_kind": row.expiry_kind, "version": hidden(page, "version"),
        "allow": "\n".join(str(block) for block in row.allow), "partner": row.partner or "",
    }  # fmt: skip
    return {**as_shown, **({"api_access": "y"} if row.api_access else {}), **fields}


def test_a_change_is_in_the_activity_with_before_and_after(admin: Visit, world: World) -> None:
    contract = world.contract(name="Before")
    path = f"/admin/contracts/{contract.id}/"
    answer = admin.post(f"{path}edit/", edited(admin, contract.id, name="After", quota="2000"))
    assert answer.status_code == 303
    said = words_of(admin.get(path))
    assert "name: Before → After" in said
    assert "quota: 1000 → 2000" in said
    assert f"contract amended by {admin.email}" in said
    everything = words_of(admin.get(f"{path}activity/"))
    assert "name: Before → After" in everything
    assert "3 entries" in everything


def test_saving_without_a_change_changes_nothing(admin: Visit, world: World) -> None:
    contract, _ = world.reseller(allow="192.0.2.0/24", overrides={"seats": 4})
    before = one("SELECT count(*) AS n FROM audit_entry").n
    assert admin.post(f"/admin/contracts/{contract.id}/edit/", edited(admin, contract.id)).status_code == 303
    assert one("SELECT version FROM contract").version == 1
    assert one("SELECT count(*) AS n FROM audit_entry").n == before


def test_what_is_fixed_is_shown_locked_and_a_forged_form_is_refused(admin: Visit, world: World) -> None:
    contract, other = world.contract(), world.product()
    path = f"/admin/contracts/{contract.id}/edit/"
    page = admin.get(path)
    assert page.text.count("field-locked") == 4
    assert 'name="type"' not in page.text
    assert 'name="product_id"' not in page.text
    for forged in ({"type": "pool"}, {"product_id": str(other.id)}, {"product_id": "nonsense"}):
        answer = admin.post(path, edited(admin, contract.id, name="New name", **forged))
        assert answer.status_code == 422, forged
        assert "is fixed when it is created" in answer.text, forged
    row = one("SELECT name, type, product_id FROM contract")
    assert (row.name, row.type, row.product_id) == (contract.name, "standard", contract.product_id)


def test_a_quota_that_would_shrink_names_both_numbers_and_the_way_out(admin: Visit, world: World) -> None:
    contract = world.contract(quota=50)
    world.generate(contract, 7)
    answer = admin.post(f"/admin/contracts/{contract.id}/edit/", edited(admin, contract.id, quota="20"))
    assert answer.status_code == 422
    assert "The quota is 50 and 7 licenses were drawn from it" in answer.text
    assert "make a new one" in answer.text


def test_the_second_of_two_editors_sees_what_differs_and_decides(admin: Visit, signed_in: Visits, world: World) -> None:
    contract = world.contract(name="Opened", partner="P")
    path = f"/admin/contracts/{contract.id}/edit/"
    other = signed_in("admin")
    mine = edited(admin, contract.id, name="Mine")
    assert other.post(path, edited(other, contract.id, name="Theirs", quota="1500")).status_code == 303
    answer = admin.post(path, mine)
    assert answer.status_code == 409
    said = words_of(answer)
    assert f"{other.email} saved this page after you opened it" in said
    assert "Name Opened Theirs Mine" in said
    assert "Quota 1000 1500 1000" in said
    assert one("SELECT name FROM contract").name == "Theirs"
    resent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert admin.post(path, {**resent, "quota": "1500"}).status_code == 303
    assert one("SELECT name, partner FROM contract").name == "Mine"
    assert one("SELECT name, partner FROM contract").partner == "P"


@pytest.mark.parametrize("version", ["", "0", "-1", "9" * 5000, "x", "٣"])
def test_a_version_that_makes_no_sense_is_a_conflict(admin: Visit, world: World, version: str) -> None:
    contract = world.contract()
    path = f"/admin/contracts/{contract.id}/edit/"
    assert admin.post(path, edited(admin, contract.id, version=version)).status_code == 409


def test_a_form_without_its_version_is_a_conflict_and_not_the_newest(admin: Visit, world: World) -> None:
    contract = world.contract(name="Kept")
    form = edited(admin, contract.id, name="Blind")
    del form["version"]
    assert admin.post(f"/admin/contracts/{contract.id}/edit/", form).status_code == 409
    assert one("SELECT name FROM contract").name == "Kept"


def test_switching_api_access_on_shows_the_first_key(admin: Visit, world: World) -> None:
    contract = world.contract()
    path = f"/admin/contracts/{contract.id}/edit/"
    answer = admin.post(path, edited(admin, contract.id, api_access="y"))
    assert len(set(KEY.findall(answer.text))) == 1
    off = edited(admin, contract.id)
    del off["api_access"]
    assert admin.post(path, off).status_code == 303
    assert admin.post(path, edited(admin, contract.id, api_access="y")).status_code == 303, (
        "the same key, not a new one"
    )


def test_the_gate_is_closed_and_opened_from_the_page(admin: Visit, world: World) -> None:
    contract = world.contract()
    path = f"/admin/contracts/{contract.id}/"
    admin.post(f"{path}deactivate/")
    assert not one("SELECT accepting FROM contract_quota").accepting
    assert "Activate" in admin.get(path).text
    admin.post(f"{path}activate/")
    assert one("SELECT accepting FROM contract_quota").accepting


@pytest.mark.parametrize(
    "forged",
    [
        {"environment_id": "2"}, {"environment": "staging"}, {"id": str(uuid.uuid4())}, {"uuid": "x"}, {"owner": "x"},
        {"created_by": "staff:x"}, {"created_at": "2020-01-01"}, {"used": "0"}, {"reserved": "0"}, {"test_live": "9"},
        {"accepting": ""}, {"active": ""}, {"activated_at": ""}, {"deleted_at": "2020-01-01"}, {"updated_at": "2020"},
    ],
    ids=lambda forged: next(iter(forged)),
)  # fmt: skip
def test_what_is_no_field_of_the_form_is_ignored(admin: Visit, world: World, forged: dict[str, str]) -> None:
    contract = world.contract(quota=50)
    world.generate(contract, 7)
    everything = "SELECT c.*, q.* FROM contract c JOIN contract_quota q ON q.contract_id = c.id"
    before = one(everything)
    sent = edited(admin, contract.id, **forged)
    assert admin.post(f"/admin/contracts/{contract.id}/edit/", sent).status_code == 303
    assert one(everything) == before


def test_the_conflict_page_shows_each_kind_of_field_as_people_read_it(
    admin: Visit, signed_in: Visits, world: World
) -> None:
    contract, _ = world.reseller(overrides={"seats": 4, "tier": "gold"}, allow="192.0.2.0/24", partner="P", notes="N")
    other_generator = world.generator(contract.product, name="Other keys")
    path, other = f"/admin/contracts/{contract.id}/edit/", signed_in("admin")
    mine = {"overrides": '{"seats":9,"tier":"gold"}', "allow": "192.0.2.0/24 # office\n2001:db8::/32", "partner": ""}
    mine |= {"quota": "3000", "expiry_kind": "duration", "expiry_n": "2", "expiry_unit": "years"}
    mine = edited(admin, contract.id, **mine)
    theirs = {"overrides": '{"seats": 5, "beta": true}', "allow": "198.51.100.7", "quota": "2000"}
    theirs |= {"generator_id": str(other_generator.id)}
    assert other.post(path, edited(other, contract.id, **theirs)).status_code == 303
    answer = admin.post(path, mine)
    said = words_of(answer)
    assert answer.status_code == 409
    for line in (
        "Quota 1000 2000 3000",
        "Override of seats 4 5 9",
        "Override of beta inherited true inherited",
        "Override of tier &#34;gold&#34; inherited &#34;gold&#34;",
        "IP allowlist 192.0.2.0/24 198.51.100.7/32 192.0.2.0/24 2001:db8::/32",
        f"Generator {contract.generator.name} Other keys {contract.generator.name}",
        "Licenses expire Never Never After a time from generation",
    ):
        assert line in said, line
    assert one("SELECT version FROM contract").version == 3, "quota and fields: two steps of theirs, none of mine"
    resent = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', answer.text)}
    assert admin.post(path, resent).status_code == 303
    row = one("SELECT * FROM contract c JOIN contract_quota q ON q.contract_id = c.id")
    assert (row.overrides, row.partner, row.quota) == ({"seats": 9, "tier": "gold"}, None, 3000)
    assert (row.expiry_kind, row.expiry_n, row.expiry_unit, row.api_access) == ("duration", 2, "years", True)
    assert [str(block) for block in row.allow] == ["192.0.2.0/24", "2001:db8::/32"]


def test_starting_again_shows_what_is_saved(admin: Visit, signed_in: Visits, world: World) -> None:
    contract = world.contract(name="Opened")
    path, other, mine = (
        f"/admin/contracts/{contract.id}/edit/",
        signed_in("admin"),
        edited(admin, contract.id, name="Mine"),
    )
    other.post(path, edited(other, contract.id, name="Theirs"))
    assert f'href="{path}">Start again from what is saved' in admin.post(path, mine).text
    page = admin.get(path)
    assert 'value="Theirs"' in page.text
    assert hidden(page, "version") == "2"


def test_the_same_change_by_two_people_is_no_difference(admin: Visit, signed_in: Visits, world: World) -> None:
    contract = world.contract(overrides={"seats": 4})
    path, other, mine = (
        f"/admin/contracts/{contract.id}/edit/",
        signed_in("admin"),
        edited(admin, contract.id, name="Same"),
    )
    other.post(path, edited(other, contract.id, name="Same", overrides='{ "seats" : 4 }'))
    assert "what is saved now is what you typed" in words_of(admin.post(path, mine))
