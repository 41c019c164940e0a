"""Generating by hand: one generation a form, now or as a job that can be followed (SPEC D-9, G-1, C-11)."""

from __future__ import annotations

import re
import uuid

import pytest
from flask import Flask

from shared.db import run
from shared.jobs.generation import run_slice
from shared.models import Contract
from shared.transaction import transaction
from tests.admin.conftest import Visits
from tests.admin.office import Visit, hidden, words_of
from tests.world import World, one, rows


def path_of(contract: Contract) -> str:
    return f"/admin/contracts/{contract.id}/generate/"


def send(visit: Visit, contract: Contract, count: str, **fields: str) -> tuple[int, str]:
    """Open the form and send it; return the status and where it leads, or what it says."""
    token = hidden(visit.get(path_of(contract)), "submit_token")
    answer = visit.post(path_of(contract), {"submit_token": token, "count": count, **fields})
    return answer.status_code, answer.headers.get("Location") or words_of(answer)


def test_the_form_starts_at_one_and_shows_what_will_be(admin: Visit, world: World) -> None:
    contract = world.contract(
        quota=1000, activation_limit="4", expiry_kind="duration", expiry_n="1", expiry_unit="years"
    )
    world.generate(contract, 10)
    page = admin.get(path_of(contract))
    said = words_of(page)
    assert 'value="1"' in page.text
    assert "990 remain of 1 000 . After this: 989" in said
    assert "Runs at once" in said
    assert "1 year after generation" in said
    assert re.search(r"TST(-[2-9A-Z]{5}){5}", said)
    assert one("SELECT count(*) AS n FROM license").n == 10, "a sample is not a license"


def test_the_preview_follows_the_number(admin: Visit, world: World) -> None:
    contract = world.contract(quota=150)
    assert "Runs at once" in admin.get(f"{path_of(contract)}?count=99").text
    assert "background job" in admin.get(f"{path_of(contract)}?count=100").text
    assert "200 is more than remains" in words_of(admin.get(f"{path_of(contract)}?count=200"))
    for odd in ("", "x", "-1", "9" * 500, "%00", "1.5"):
        assert admin.get(f"{path_of(contract)}?count={odd}").status_code == 200, odd


def test_up_to_99_are_made_at_once_and_their_keys_listed(admin: Visit, world: World) -> None:
    contract = world.contract()
    status, path = send(admin, contract, "99", reference="PO-7")
    assert status == 303
    page = admin.get(path)
    keys = [row.key for row in rows("SELECT key FROM license")]
    assert len(keys) == 99
    assert all(key in page.text for key in keys)
    assert "99 licenses made, 901 remain." in page.text
    assert "PO-7" in page.text
    row = one("SELECT * FROM generation")
    assert (row.method, row.idem_scope, row.count) == ("manual", "ui", 99)
    assert row.actor == one("SELECT 'staff:' || id AS name FROM staff").name


def test_a_double_click_and_a_reload_make_one_generation(admin: Visit, world: World) -> None:
    contract = world.contract()
    form = {"submit_token": hidden(admin.get(path_of(contract)), "submit_token"), "count": "5"}
    answers = [admin.post(path_of(contract), form) for _ in range(3)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (303, answers[0].headers["Location"])
    }
    assert world.counters(contract) == (5, 0, 5)


def test_a_form_sent_again_with_another_number_is_refused_and_can_be_sent_anew(admin: Visit, world: World) -> None:
    contract = world.contract()
    form = {"submit_token": hidden(admin.get(path_of(contract)), "submit_token"), "count": "5"}
    admin.post(path_of(contract), form)
    refused = admin.post(path_of(contract), {**form, "count": "6"})
    assert refused.status_code == 422
    assert "sent before with other values" in refused.text
    form["submit_token"] = hidden(refused, "submit_token")
    assert admin.post(path_of(contract), {**form, "count": "6"}).status_code == 303
    assert world.counters(contract) == (11, 0, 11)


def test_a_hundred_become_a_job_that_is_followed_to_its_end(admin: Visit, world: World, bare: Flask) -> None:
    contract = world.contract()
    status, path = send(admin, contract, "250")
    assert (status, path.startswith("/admin/jobs/")) == (303, True)
    page = admin.get(path)
    assert "Waiting for a worker… 0 / 250" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    on_contract = admin.get(f"/admin/contracts/{contract.id}/")
    assert "Waiting for a worker… 0 / 250" in on_contract.text
    assert "Reserved 250" in words_of(on_contract)
    with bare.app_context():
        run_slice(path.split("/")[3])
    last = admin.get(f"{path}progress/")
    assert last.headers["HX-Refresh"] == "true"
    assert "All 250 licenses are made" in last.text
    assert "hx-get" not in last.text
    assert "completed" in words_of(admin.get(path))
    assert "250 licenses" in words_of(admin.get(f"/admin/licenses?generation={path.split('/')[3]}"))
    assert world.counters(contract) == (250, 0, 250)


def test_cancelling_gives_back_what_was_not_made(admin: Visit, world: World) -> None:
    contract = world.contract()
    _, path = send(admin, contract, "250")
    assert admin.post(f"{path}cancel/").status_code == 303
    assert "Cancelled after 0 of 250" in admin.get(path).text
    assert world.counters(contract) == (0, 0, 0)
    assert admin.post(f"{path}cancel/").status_code == 409


@pytest.mark.parametrize("count", ["", "0", "-1", "x", "1.5", "1e3", "٣", "9" * 400, " "])
def test_a_number_that_is_none_is_refused(admin: Visit, world: World, count: str) -> None:
    contract = world.contract()
    status, said = send(admin, contract, count)
    assert status == 422
    assert "Ask for a whole number of licenses" in said
    assert world.counters(contract) == (0, 0, 0)


def test_more_than_remains_names_both_numbers(admin: Visit, world: World) -> None:
    contract = world.contract(quota=20)
    world.generate(contract, 15)
    status, said = send(admin, contract, "6")
    assert status == 422
    assert "6 licenses were asked for and 5 of 20 remain" in said
    assert world.counters(contract) == (15, 0, 15)


def test_an_inactive_contract_says_so_and_still_makes_test_licenses(admin: Visit, world: World) -> None:
    contract = world.contract(active=False)
    status, said = send(admin, contract, "1")
    assert status == 422
    assert "This contract is inactive" in said
    status, path = send(admin, contract, "2", is_test="y")
    assert status == 303
    assert "2 test licenses" in words_of(admin.get(path))
    assert one("SELECT bool_and(test) AS test, count(*) AS n FROM license").n == 2
    assert world.counters(contract) == (0, 0, 0)


def test_a_contract_of_another_environment_generates_nothing_here(admin: Visit, world: World) -> None:
    contract = world.contract(generator=world.generator(world.product(environment_id=2)))
    mine = world.contract()
    token = hidden(admin.get(path_of(mine)), "submit_token")
    assert admin.post(path_of(contract), {"submit_token": token, "count": "1"}).status_code == 404
    assert world.counters(contract) == (0, 0, 0)


def test_a_generation_is_shown_under_its_own_contract_only(admin: Visit, world: World) -> None:
    contract, other = world.contract(), world.contract()
    made = world.generate(contract, 2)
    assert admin.get(f"/admin/contracts/{contract.id}/generations/{made.generation_id}/").status_code == 200
    assert admin.get(f"/admin/contracts/{other.id}/generations/{made.generation_id}/").status_code == 404
    assert admin.get(f"/admin/contracts/{contract.id}/generations/{uuid.uuid4()}/").status_code == 404


def test_the_history_tells_who_how_and_what_became_of_it(admin: Visit, signed_in: Visits, world: World) -> None:
    contract = world.contract()
    send(admin, contract, "3", reference="PO-9")
    send(signed_in("super_admin"), contract, "120")
    said = words_of(signed_in("viewer").get(f"/admin/contracts/{contract.id}/"))
    assert f"3 manual {admin.email} PO-9 completed" in said
    assert "120 manual background job super_admin-" in said


def test_a_job_nobody_works_on_says_so(admin: Visit, world: World) -> None:
    contract = world.contract()
    _, path = send(admin, contract, "250")
    with transaction():
        run("UPDATE job SET not_before = now() - interval '2 minutes'")
    page = admin.get(path)
    assert "stalled" in page.text
    assert "No worker has worked on it since" in page.text
