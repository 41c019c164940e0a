"""What the form of a contract offers, explains and refuses before anything is saved (SPEC 2, UX 19, 20, 22)."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from shared import clock
from shared.services import generators, products
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.admin.office import Visit, words_of
from tests.admin.test_contract_edit import edited
from tests.admin.test_contracts_pages import filled
from tests.world import World, one

NEW = "/admin/contracts/new/"


def test_nothing_to_choose_says_what_to_make_first(admin: Visit, world: World) -> None:
    said = words_of(admin.get(NEW))
    assert "There is no active product in Production to make licenses for. Create a product first" in said
    product = world.product()
    said = words_of(admin.get(NEW))
    assert "No product has an active generator." in said
    page = admin.get(f"{NEW}?product_id={product.id}")
    assert f"{product.name} has no active generator." in page.text
    assert f"/admin/generators/new/?product_id={product.id}" in page.text


def test_an_inactive_generator_is_no_choice_but_may_be_kept(admin: Visit, world: World) -> None:
    generator = world.generator()
    contract = world.contract(generator=generator)
    with transaction(environment_id=1):
        generators.amend(generator_id=generator.id, fields={"status": "inactive"}, by=COMMAND)
    assert str(generator.id) not in admin.get(f"{NEW}?product_id={generator.product_id}").text
    page = admin.get(f"/admin/contracts/{contract.id}/edit/")
    assert f"{generator.name} (inactive)" in page.text
    assert "It is inactive: nothing is generated" in page.text


def test_a_generator_of_an_inactive_product_is_no_choice(admin: Visit, world: World) -> None:
    generator = world.generator()
    with transaction(environment_id=1):
        products.amend(product_id=generator.product_id, fields={"status": "inactive"}, by=COMMAND)
    page = admin.get(f"{NEW}?generator_id={generator.id}")
    assert str(generator.id) not in page.text
    assert "What it makes" not in page.text


def test_a_generator_of_another_environment_is_no_choice_and_not_described(admin: Visit, world: World) -> None:
    other = world.generator(world.product(environment_id=2))
    page = admin.get(f"{NEW}?product_id={other.product_id}&generator_id={other.id}")
    assert str(other.id) not in re.sub(r'href="[^"]*"', "", page.text)
    assert "What it makes" not in page.text


def test_the_chosen_generator_shows_what_it_makes_and_a_control_for_each_feature(admin: Visit, world: World) -> None:
    features = {"beta": True, "seats": 5, "tier": "gold", "limits": {"api": 3}}
    generator = world.generator(features=features, activation_limit=4, pattern="ABC-*****-*****-*****-*****")
    page = admin.get(f"{NEW}?product_id={generator.product_id}&generator_id={generator.id}")
    said = words_of(page)
    assert re.search(r"Sample key ABC-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5} ", said)
    assert "Activation limit 4" in said
    assert "Inherit (on) On Off" in said
    assert 'placeholder="Inherit: 5"' in page.text
    assert "change it in the JSON" in said
    assert not re.search(r"<[^>]*data-feature[^>]* name=", page.text), "the JSON alone is sent"


@pytest.mark.parametrize("chosen", ["nonsense", "", str(uuid.UUID(int=0))])
def test_a_choice_that_is_none_shows_no_generator(admin: Visit, world: World, chosen: str) -> None:
    world.generator()
    page = admin.get(f"{NEW}?generator_id={chosen}")
    assert page.status_code == 200
    assert "What it makes" not in page.text


def test_choosing_on_the_form_of_a_contract_changes_nothing_yet(admin: Visit, world: World) -> None:
    contract = world.contract()
    other = world.generator(contract.product, features={"extra": 1})
    page = admin.get(f"/admin/contracts/{contract.id}/edit/?generator_id={other.id}&name=Forged")
    assert f"What {other.name} makes" in page.text
    assert "Forged" not in page.text
    assert one("SELECT generator_id FROM contract").generator_id == contract.generator_id


def test_save_as_inactive_is_the_second_button_and_makes_a_closed_contract(admin: Visit, world: World) -> None:
    buttons = re.findall(r'<button class="btn[^"]*" name="active" value="(\w*)"', admin.get(NEW).text)
    assert buttons == ["y", ""], "Enter sends the first"
    assert admin.post(NEW, filled(admin, world, active="")).status_code == 303
    assert not one("SELECT accepting FROM contract_quota").accepting


def test_a_date_that_is_over_is_refused_with_every_other_mistake(admin: Visit, world: World) -> None:
    fields = filled(admin, world, expiry_kind="date", expiry_date="2020-02-29")
    answer = admin.post(NEW, fields)
    assert answer.status_code == 422
    assert "29 Feb 2020 is over. Choose today" in answer.text
    assert one("SELECT count(*) AS n FROM contract").n == 0
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action LIKE 'contract.%%'").n == 0
    said = words_of(admin.post(NEW, {**fields, "name": ""}))
    assert "2 fields need a change" in said


def test_today_is_good_and_a_date_that_passed_may_stay_as_it_is(admin: Visit, world: World) -> None:
    today = clock.now().date()
    sent = filled(admin, world, expiry_kind="date", expiry_date=today.isoformat())
    assert admin.post(NEW, sent).status_code == 303
    passed = world.contract(expiry_kind="date", expiry_date=today - timedelta(days=3))
    path, kept = f"/admin/contracts/{passed.id}/edit/", (today - timedelta(days=3)).isoformat()
    assert admin.post(path, edited(admin, passed.id, expiry_date=kept, name="Kept")).status_code == 303
    earlier = (today - timedelta(days=4)).isoformat()
    assert admin.post(path, edited(admin, passed.id, expiry_date=earlier, name="Moved")).status_code == 422
    assert one("SELECT name FROM contract WHERE id = %(id)s", id=passed.id).name == "Kept"


def test_a_large_quota_is_a_hint_and_no_refusal(admin: Visit, world: World) -> None:
    hint = "More than 10\u202f000 licenses: check the number."
    answer = admin.post(NEW, filled(admin, world, quota="10001"))
    assert hint in admin.get(answer.headers["Location"]).text
    assert hint not in admin.get(answer.headers["Location"]).text, "said once"
    contract_id = one("SELECT id FROM contract").id
    path = f"/admin/contracts/{contract_id}/edit/"
    admin.post(path, edited(admin, contract_id, name="Renamed"))
    assert hint not in admin.get(f"/admin/contracts/{contract_id}/").text, "the quota is as it was"
    admin.post(path, edited(admin, contract_id, quota="20 000"))
    assert hint in admin.get(f"/admin/contracts/{contract_id}/").text


def selected_preset(page: str) -> str:
    found = re.search(r'<option selected value="(small|large|self_service)"', page)
    return found[1] if found else ""


def test_the_numbers_of_a_preset_are_recognised_and_may_be_changed_without_scripts(admin: Visit, world: World) -> None:
    contract, _ = world.reseller(per_minute=10, per_hour=100, per_day=500)
    path = f"/admin/contracts/{contract.id}/edit/"
    assert selected_preset(admin.get(path).text) == "small"
    shown = {"rate_preset": "small", "preset_shown": "small", "per_hour": "100", "per_day": "500"}
    assert admin.post(path, edited(admin, contract.id, **shown, per_minute="11")).status_code == 303
    assert one("SELECT per_minute FROM contract").per_minute == 11
    assert selected_preset(admin.get(path).text) == ""
    chosen = {"rate_preset": "large", "preset_shown": "", "per_minute": "11", "per_hour": "100", "per_day": "500"}
    assert admin.post(path, edited(admin, contract.id, **chosen)).status_code == 303
    row = one("SELECT per_minute, per_hour, per_day FROM contract")
    assert (row.per_minute, row.per_hour, row.per_day) == (50, 500, 5000)


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ('{\n  "seats": 5,\n  "beta": yes\n}', "The JSON is broken at line 3, column 11"),
        ("[1, 2]", "Write a JSON object"),
        ('{"a": "' + "x" * 20_001 + '"}', "Use at most 20000 characters of JSON"),
    ],
)
def test_json_that_cannot_be_saved_is_refused_and_kept(
    admin: Visit, world: World, overrides: str, sentence: str
) -> None:
    contract = world.contract()
    path = f"/admin/contracts/{contract.id}/edit/"
    answer = admin.post(path, edited(admin, contract.id, overrides=overrides))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert overrides.partition("\n")[0].replace('"', "&#34;")[:50] in answer.text
    assert one("SELECT overrides, version FROM contract").version == 1


def test_a_webhook_address_is_saved_with_the_contract_and_ends_when_it_is_cleared(admin: Visit, world: World) -> None:
    answer = admin.post(NEW, filled(admin, world, webhook_url="https://partner.example/hooks"))
    assert answer.status_code == 303
    contract_id = one("SELECT id FROM contract").id
    path = f"/admin/contracts/{contract_id}/edit/"
    assert 'value="https://partner.example/hooks"' in admin.get(path).text
    assert one("SELECT count(*) AS n FROM webhook_secret").n == 1
    assert admin.post(path, edited(admin, contract_id, webhook_url="https://other.example/")).status_code == 303
    assert one("SELECT url FROM webhook_endpoint").url == "https://other.example/"
    assert admin.post(path, edited(admin, contract_id, webhook_url="")).status_code == 303
    assert one("SELECT count(*) AS n FROM webhook_endpoint").n == 0


def test_a_webhook_address_that_is_none_is_refused_at_its_field(admin: Visit, world: World) -> None:
    answer = admin.post(NEW, filled(admin, world, webhook_url="partner.example/hooks"))
    assert answer.status_code == 422
    assert "Webhook URL: Write the whole address" in words_of(answer)
    assert one("SELECT count(*) AS n FROM contract").n == 0


def test_partners_already_named_are_offered_while_typing(admin: Visit, world: World) -> None:
    world.contract(partner="TechReseller")
    page = admin.get(NEW).text
    assert 'list="partners"' in page
    assert '<option value="TechReseller"></option>' in page
