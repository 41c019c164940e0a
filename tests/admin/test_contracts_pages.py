"""Making a contract at the back-office, and its page (SPEC 2, 4, C-9)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from admin_app import submit_token
from tests.admin.office import Visit, hidden, words_of
from tests.world import World, one, rows

KEY = re.compile(r"alk_live_[0-9A-Za-z]{61}")


def filled(visit: Visit, world: World, **fields: str) -> dict[str, str]:
    """Return the form of a new contract as a person would send it."""
    generator = world.generator()
    return {
        "submit_token": hidden(visit.get("/admin/contracts/new/"), "submit_token"),
        "name": "TechReseller",
        "type": "reseller",
        "product_id": str(generator.product_id),
        "generator_id": str(generator.id),
        "quota": "500",
        "active": "y",
        "expiry_kind": "never",
        **fields,
    }


def test_a_contract_is_made_active_in_the_environment_of_its_product(admin: Visit, world: World) -> None:
    answer = admin.post("/admin/contracts/new/", filled(admin, world, overrides='{"seats": 9}'))
    assert answer.status_code == 303
    page = admin.get(answer.headers["Location"])
    row = one("SELECT * FROM contract c JOIN contract_quota q ON q.contract_id = c.id")
    assert (row.name, row.type, row.quota, row.accepting, row.environment_id) == (
        "TechReseller",
        "reseller",
        500,
        True,
        1,
    )
    assert row.overrides == {"seats": 9}
    assert "overridden here" in page.text
    assert f"by {admin.email}" in words_of(page)


def test_a_contract_can_be_saved_inactive(admin: Visit, world: World) -> None:
    fields = filled(admin, world)
    del fields["active"]
    admin.post("/admin/contracts/new/", fields)
    assert not one("SELECT accepting FROM contract_quota").accepting


def test_the_key_is_shown_once_and_kept_nowhere_in_the_browser(admin: Visit, world: World) -> None:
    fields = filled(admin, world, api_access="y", rate_preset="small", allow="192.0.2.0/24  # office")
    answer = admin.post("/admin/contracts/new/", fields)
    (key,) = set(KEY.findall(answer.text))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "secure channel" in words_of(answer) or "Use a secure" in words_of(answer)
    assert "10 a minute, 100 an hour, 500 a day" in answer.text
    assert key not in str(answer.headers)
    with admin.client.session_transaction() as session:
        assert "alk_" not in str(dict(session))
    contract_id = one("SELECT id FROM contract").id
    page = admin.get(f"/admin/contracts/{contract_id}/")
    assert key not in page.text
    assert f"{key[:13]}…{key[-4:]}" in page.text
    assert f"/api/v1/contracts/{contract_id}/generate" in page.text


def test_a_form_sent_twice_makes_one_contract_and_leads_to_it(admin: Visit, world: World) -> None:
    fields = filled(admin, world, api_access="y")
    admin.post("/admin/contracts/new/", fields)
    again = admin.post("/admin/contracts/new/", fields)
    assert again.status_code == 303
    (contract,) = rows("SELECT id FROM contract")
    assert again.headers["Location"] == f"/admin/contracts/{contract.id}/"
    assert one("SELECT count(*) AS n FROM contract_key").n == 1


@pytest.mark.parametrize("token", ["", "made-up", "WyJ4Il0.aaaa.bbbb"])
def test_a_submit_token_that_is_not_ours_is_refused(admin: Visit, world: World, token: str) -> None:
    assert admin.post("/admin/contracts/new/", filled(admin, world, submit_token=token)).status_code == 403
    assert one("SELECT count(*) AS n FROM contract").n == 0


def test_every_mistake_is_named_at_once(admin: Visit, world: World) -> None:
    fields = filled(admin, world, name=" ", quota="0", overrides='{"a": 1,\n "b": }', activation_limit="x")
    fields |= {"allow": "10.0.0.1/8\n# fine\nnonsense", "per_minute": "0", "expiry_kind": "date", "expiry_date": "soon"}
    answer = admin.post("/admin/contracts/new/", fields)
    said = words_of(answer)
    assert answer.status_code == 422
    for sentence in (
        "7 fields need a change",
        "A contract needs a name.",
        "line 2, column 7",
        "Line 1: &#39;10.0.0.1/8&#39; has host bits",
        "Line 3: &#39;nonsense&#39; is no address",
        "Choose the last day",
    ):
        assert sentence in said, sentence
    assert one("SELECT count(*) AS n FROM contract").n == 0


def test_nothing_chosen_is_a_sentence_and_not_a_fault(admin: Visit) -> None:
    token = hidden(admin.get("/admin/contracts/new/"), "submit_token")
    answer = admin.post("/admin/contracts/new/", {"submit_token": token})
    assert answer.status_code == 422
    assert "Choose a product." in answer.text


def test_a_generator_of_another_product_is_refused(admin: Visit, world: World) -> None:
    other = world.generator()
    answer = admin.post("/admin/contracts/new/", filled(admin, world, generator_id=str(other.id)))
    assert "Choose a generator of this product." in answer.text


def test_a_name_that_is_taken_keeps_the_form_as_it_was_typed(admin: Visit, world: World) -> None:
    world.contract(name="techreseller")
    answer = admin.post("/admin/contracts/new/", filled(admin, world, partner="Kept partner"))
    assert answer.status_code == 422
    assert "Another contract is named" in answer.text
    assert 'value="Kept partner"' in answer.text


def test_choosing_a_product_leaves_only_its_generators(admin: Visit, world: World) -> None:
    mine, other = world.generator(), world.generator()
    every = admin.get("/admin/contracts/new/").text
    assert str(mine.id) in every
    assert str(other.id) in every
    chosen = admin.get(f"/admin/contracts/new/?product_id={mine.product_id}").text
    assert str(mine.id) in chosen
    assert str(other.id) not in chosen


def test_a_submit_token_is_a_signed_uuid(admin_app: Flask) -> None:
    with admin_app.test_request_context("/"):
        assert submit_token.read(submit_token.new()).version == 7


def test_a_form_sent_again_from_another_environment_is_refused_with_a_sentence(admin: Visit, world: World) -> None:
    fields = filled(admin, world)
    assert admin.post("/admin/contracts/new/", fields).status_code == 303
    admin.post("/admin/environment", {"environment": "staging"})
    there = world.generator(world.product(environment_id=2))
    moved = {**fields, "product_id": str(there.product_id), "generator_id": str(there.id)}
    answer = admin.post("/admin/contracts/new/", moved)
    assert answer.status_code == 422
    assert "This form was sent before" in answer.text
    fresh = {**moved, "submit_token": hidden(answer, "submit_token")}
    assert admin.post("/admin/contracts/new/", fresh).status_code == 303
