"""Bulk on the list of contracts: exactly the confirmed ones or none, audited one by one (UX 12, SPEC S-2)."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from tests.admin.conftest import Visits
from tests.admin.office import Visit, words_of
from tests.world import World, one, rows

HOSTILE = ("\x00", "' OR 1=1", "9" * 40, "-", "٣", "<b>", "-9223372036854775809", "1e9")
ASK, APPLY = "/admin/contracts/bulk/", "/admin/contracts/bulk/apply/"


def confirmation(text: str) -> dict[str, Any]:
    """Return the hidden fields of the confirmation, as its button sends them."""
    found: dict[str, Any] = {}
    part = text[text.index('id="dialog-part"') :]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', part):
        found.setdefault(name, []).append(value)
    return found


def active() -> set[str]:
    query = "SELECT name FROM contract JOIN contract_quota ON contract_id = contract.id WHERE accepting"
    return {row.name for row in rows(query)}


def entries(action: str) -> int:
    return int(one("SELECT count(*) AS n FROM audit_entry WHERE action = %(action)s", action=action).n)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_those_who_may_not_edit_see_no_bar_and_are_refused(signed_in: Visits, world: World, role: str) -> None:
    contract = world.contract(name="a")
    person = signed_in(role)
    assert "data-bulk" not in person.get("/admin/contracts").text
    for path in (ASK, APPLY):
        form = {"change": "deactivate", "ids": str(contract.id), "count": "1", "fingerprint": "1"}
        assert person.post(path, form).status_code == 403
    assert active() == {"a"}


def test_what_makes_no_sense_is_refused_with_a_sentence(admin: Visit, world: World) -> None:
    contract = world.contract(name="a")
    for path in (ASK, APPLY):
        assert "Tick at least one" in admin.post(path, {"change": "deactivate", "ids": "x"}).text
        assert "Choose what to do" in admin.post(path, {"change": "erase", "ids": str(contract.id)}).text
    assert admin.post(ASK, {"change": "deactivate", "ids": str(uuid.uuid4())}).status_code == 404
    odd = {"change": "deactivate", "ids": str(contract.id), "count": "9" * 30, "fingerprint": "--1"}
    assert admin.post(APPLY, odd).status_code == 409
    assert active() == {"a"}


def test_contracts_of_another_environment_are_left_alone(admin: Visit, world: World) -> None:
    here = world.contract(name="here")
    there = world.contract(name="there", generator=world.generator(world.product(environment_id=2)))
    assert admin.post(ASK, {"change": "deactivate", "ids": str(there.id)}).status_code == 404
    asked = admin.post(ASK, {"change": "deactivate", "ids": [str(here.id), str(there.id)]})
    assert "1 contract will be deactivated" in words_of(asked)
    assert admin.post(APPLY, confirmation(asked.text)).status_code == 303
    assert active() == {"there"}


def test_all_matching_changes_exactly_what_the_filters_leave(admin: Visit, world: World) -> None:
    generator = world.generator()
    for n in range(25):
        world.contract(generator=generator, name=f"p{n}", type="pool", active=n % 5 == 0)
    world.contract(generator=generator, name="other", active=False)
    page = admin.get("/admin/contracts?type=pool&size=20").text
    assert 'action="/admin/contracts/bulk/?type=pool&amp;size=20"' in page
    assert "All 25 matching" in words_of(admin.get("/admin/contracts?type=pool&size=20"))
    before = entries("contract.activated")
    asked = admin.post(f"{ASK}?type=pool&size=20", {"change": "activate", "all_matching": "1"})
    assert "25 contracts will be activated" in words_of(asked)
    assert active() == {f"p{n}" for n in range(0, 25, 5)}, "asking changes nothing"
    answer = admin.post(f"{APPLY}?type=pool&size=20", confirmation(asked.text))
    assert (answer.status_code, answer.location) == (303, "/admin/contracts?type=pool&size=20")
    assert "20 contracts activated. 5 stayed as before." in words_of(admin.get(answer.location))
    assert active() == {f"p{n}" for n in range(25)}
    assert entries("contract.activated") == before + 20, "one entry for each that changed"
    entry = one("SELECT * FROM audit_entry WHERE action = 'contract.activated' ORDER BY id DESC LIMIT 1")
    assert (entry.environment_id, entry.subject) == (1, f"contract:{entry.contract_id}")
    assert entry.actor.startswith("staff:")
    assert entry.request_id
    assert one("SELECT count(*) AS n FROM audit_unsealed WHERE entry_id = %(id)s", id=entry.id).n == 1
    stamped = "SELECT count(*) AS n FROM contract WHERE activated_at IS NOT NULL AND updated_at >= activated_at"
    assert one(stamped).n == 25


def test_the_first_activation_stays_the_first(admin: Visit, world: World) -> None:
    contract = world.contract(name="a")
    stamp = one("SELECT activated_at FROM contract").activated_at
    for change in ("deactivate", "activate"):
        asked = admin.post(ASK, {"change": change, "ids": str(contract.id)})
        assert admin.post(APPLY, confirmation(asked.text)).status_code == 303
    assert one("SELECT activated_at FROM contract").activated_at == stamp
    assert active() == {"a"}


def test_a_selection_that_changed_is_a_conflict_and_asked_again(admin: Visit, world: World) -> None:
    generator = world.generator()
    world.contract(generator=generator, name="a")
    asked = admin.post(f"{ASK}?status=active", {"change": "deactivate", "all_matching": "1"})
    world.contract(generator=generator, name="b")
    answer = admin.post(f"{APPLY}?status=active", confirmation(asked.text))
    assert answer.status_code == 409
    assert "The selection changed" in answer.text
    assert "2 contracts will be deactivated" in words_of(answer)
    assert active() == {"a", "b"}
    assert admin.post(f"{APPLY}?status=active", confirmation(answer.text)).status_code == 303
    assert active() == set()


def test_as_many_but_other_contracts_are_a_conflict_too(admin: Visit, world: World) -> None:
    generator = world.generator()
    first = world.contract(generator=generator, name="a")
    asked = admin.post(f"{ASK}?status=active", {"change": "deactivate", "all_matching": "1"})
    world.close(first)
    world.contract(generator=generator, name="b")
    assert admin.post(f"{APPLY}?status=active", confirmation(asked.text)).status_code == 409
    assert active() == {"b"}


def test_more_than_one_transaction_takes_are_refused(
    admin: Visit, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = world.generator()
    for name in "abc":
        world.contract(generator=generator, name=name)
    monkeypatch.setattr("shared.services.contract_bulk.BULK_MOST", 2)
    asked = admin.post(ASK, {"change": "deactivate", "all_matching": "1"})
    assert asked.status_code == 409
    assert "3 contracts are chosen and at most 2" in asked.text
    forged = {"change": "deactivate", "all_matching": "1", "count": "3", "fingerprint": "0"}
    assert admin.post(APPLY, forged).status_code == 409
    assert active() == {"a", "b", "c"}


@pytest.mark.parametrize("path", [ASK, APPLY])
def test_no_odd_value_is_a_fault_or_changes_anything(admin: Visit, world: World, path: str) -> None:
    contract = world.contract(name="a")
    good = {"change": "deactivate", "ids": [str(contract.id)] * 900, "count": "1", "fingerprint": "1"}
    assert admin.post(path, good).status_code == (200 if path == ASK else 409), "the same id twice is one contract"
    for name in ("change", "ids", "count", "fingerprint", "all_matching"):
        for odd in HOSTILE:
            assert admin.post(path, {**good, name: odd}).status_code < 500, (name, odd)
    for query in ("search=%00", "product=x", "partner=%ff", "sort=-x", "page=-1", "status=%F0%9F"):
        answer = admin.post(f"{path}?{query}", {"change": "deactivate", "all_matching": "1"})
        assert answer.status_code < 500, query
    assert active() == {"a"}
