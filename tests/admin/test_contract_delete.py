"""Deleting a contract at the back-office, and the page it leaves (SPEC C-13, UX 15, 16)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis import Redis

from shared.config import Settings
from shared.models import Contract
from shared.rates.windows import key_of
from tests.admin.conftest import Visits
from tests.admin.office import Visit, words_of
from tests.world import World, one


@pytest.fixture
def chief(signed_in: Visits) -> Visit:
    return signed_in("super_admin")


@pytest.fixture
def contract(world: World) -> Contract:
    """An inactive contract with a key, three licenses and two test licenses."""
    made, _ = world.reseller(name="Tech & Reseller", quota=500, partner="Tech")
    world.generate(made, 3)
    world.generate(made, 2, test=True)
    world.close(made)
    return made


def path_of(contract: Contract, rest: str = "") -> str:
    return f"/admin/contracts/{contract.id}/{rest}"


def delete(visit: Visit, contract: Contract) -> None:
    answer = visit.post(path_of(contract, "delete/"), {"typed_name": contract.name})
    assert answer.status_code == 303, words_of(answer)


@pytest.mark.parametrize("role", ["admin", "operator", "viewer"])
def test_only_a_super_admin_may_ask_and_delete(signed_in: Visits, contract: Contract, role: str) -> None:
    person = signed_in(role)
    assert person.get(path_of(contract, "delete/")).status_code == 403
    assert person.post(path_of(contract, "delete/"), {"typed_name": contract.name}).status_code == 403
    assert "/delete/" not in person.get(path_of(contract)).text + person.get("/admin/contracts").text
    assert one("SELECT deleted_at FROM contract").deleted_at is None


def test_a_wrong_name_is_refused_by_the_server(chief: Visit, contract: Contract) -> None:
    for typed in ({}, {"typed_name": "tech & reseller"}):
        answer = chief.post(path_of(contract, "delete/"), typed)
        assert answer.status_code == 422
        assert "This is not the name of the contract" in answer.text
    assert one("SELECT deleted_at FROM contract").deleted_at is None


def test_the_question_counts_what_goes_and_what_stays(chief: Visit, contract: Contract) -> None:
    page = chief.get(path_of(contract, "delete/"))
    said = words_of(page)
    for sentence in (
        "Deleting is permanent", "497 licenses left of its quota", "1 contract key stops working",
        "5 licenses: 5 available", "2 generations as history", "entries of the audit trail",
        "Type Tech &amp; Reseller to confirm",
    ):  # fmt: skip
        assert sentence in said.replace("</strong> to", "to").replace("  ", " "), sentence
    assert page.text.index("Keep it inactive") < page.text.index("Delete for good")


def test_an_active_contract_is_to_be_deactivated_first(chief: Visit, world: World) -> None:
    contract = world.contract()
    page = chief.get(path_of(contract, "delete/"))
    assert "is active. Deactivate it first" in words_of(page)
    assert path_of(contract, "deactivate/") in page.text
    assert "typed_name" not in page.text
    assert chief.post(path_of(contract, "delete/"), {"typed_name": contract.name}).status_code == 409


def test_a_job_under_way_is_named_and_linked(chief: Visit, world: World) -> None:
    contract = world.contract()
    job_id = world.generate(contract, 200).generation_id
    world.close(contract)
    page = chief.get(path_of(contract, "delete/"))
    assert f"Job {job_id} of this contract is queued, 0 of 200 done" in words_of(page)
    assert f'href="/admin/jobs/{job_id}/"' in page.text
    assert chief.post(path_of(contract, "delete/"), {"typed_name": contract.name}).status_code == 409


def test_the_old_page_says_when_and_by_whom_and_leads_to_all_that_stays(chief: Visit, contract: Contract) -> None:
    delete(chief, contract)
    page = chief.get(path_of(contract))
    said = words_of(page)
    assert page.status_code == 410
    assert "is deleted. Its name is free again." in said
    for sentence in (f"by {chief.email}", str(contract.id), "Reseller", "Product", "497", "contract deleted", "Tech"):
        assert sentence in said, sentence
    assert f'href="/admin/licenses/?contract={contract.id}&amp;status=available">5</a>' in page.text
    for away in ("edit/", "generate/", "activate/", "delete/", "key/"):
        assert path_of(contract, away) not in page.text, away
    assert "5 licenses" in words_of(chief.get(f"/admin/licenses?contract={contract.id}&status=available"))


def test_the_counts_of_its_calls_are_gone_and_without_redis_it_is_deleted_all_the_same(
    chief: Visit, world: World, contract: Contract, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis: Redis = Redis.from_url(settings.redis_url)
    redis.rpush(key_of(str(contract.id)), "1")
    delete(chief, contract)
    assert not redis.exists(key_of(str(contract.id)))
    redis.close()
    other = world.contract(active=False)
    away = replace(settings, redis_url="redis://127.0.0.1:1/0")
    monkeypatch.setitem(chief.app.extensions, "settings", away)
    monkeypatch.delitem(chief.app.extensions, "redis_circuit", raising=False)
    delete(chief, other)
    assert one("SELECT closed FROM contract_quota WHERE contract_id = %(id)s", id=other.id).closed


def test_history_and_activity_of_a_deleted_contract_can_be_read(chief: Visit, contract: Contract) -> None:
    delete(chief, contract)
    generation = one("SELECT id FROM generation WHERE NOT test").id
    made = chief.get(path_of(contract, f"generations/{generation}/"))
    assert made.status_code == 200
    assert "Generate more" not in made.text
    assert "contract deleted" in words_of(chief.get(path_of(contract, "activity/")))


@pytest.mark.parametrize(("rest", "method"), [("edit/", "GET"), ("generate/", "GET"), ("delete/", "GET"),
                                              ("delete/", "POST"), ("key/reveal/", "GET")])  # fmt: skip
def test_nothing_can_be_done_with_a_deleted_contract(chief: Visit, contract: Contract, rest: str, method: str) -> None:
    delete(chief, contract)
    answer = chief.get(path_of(contract, rest)) if method == "GET" else chief.post(path_of(contract, rest))
    assert answer.status_code == 410
    assert "was deleted" in answer.text


def test_it_is_in_no_list_and_not_in_the_palette(chief: Visit, contract: Contract) -> None:
    delete(chief, contract)
    assert "No contracts" in words_of(chief.get("/admin/contracts"))
    assert path_of(contract) not in chief.get("/admin/palette/?q=reseller").text
    assert path_of(contract) not in chief.get(f"/admin/palette/?q={contract.id}").text


def test_licenses_and_jobs_still_name_it_and_lead_to_its_page(chief: Visit, world: World, contract: Contract) -> None:
    pool = world.contract(name="With a job")
    job_id = world.generate(pool, 100).generation_id
    chief.post(f"/admin/jobs/{job_id}/cancel/")
    world.close(pool)
    for gone in (contract, pool):
        delete(chief, gone)
    licenses = chief.get(f"/admin/licenses?contract={contract.id}")
    assert "Contract: Tech &amp; Reseller" in licenses.text
    assert f'href="{path_of(contract)}"' in licenses.text
    assert f'href="{path_of(pool)}"' in chief.get(f"/admin/jobs/{job_id}/").text


def test_a_tombstone_of_another_environment_is_not_found(chief: Visit, contract: Contract) -> None:
    delete(chief, contract)
    chief.post("/admin/environment", {"environment": "staging"})
    assert chief.get(path_of(contract)).status_code == 404
