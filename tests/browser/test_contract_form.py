"""The form of a contract in a browser: choices that bring facts, controls in step with the JSON (SPEC 2, UX 22)."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from shared.models import Generator
from tests.world import World, one

SETTLED = "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
FEATURES = {"beta": True, "seats": 5, "tier": "gold", "__proto__": 1}


def choose(page: Page, host: str, generator: Generator) -> None:
    """Open the form and choose product and generator, one after the other."""
    page.goto(f"{host}/admin/contracts/new/")
    page.wait_for_load_state()
    with page.expect_response(re.compile("product_id=")):
        page.locator("#product_id").select_option(str(generator.product_id))
    page.wait_for_function(SETTLED)
    with page.expect_response(re.compile("generator_id=")):
        page.locator("#generator_id").select_option(str(generator.id))
    expect(page.get_by_text("Sample key")).to_be_visible()


def test_controls_of_features_and_the_json_stay_in_step(
    as_role: Callable[[str], Page], host: str, world: World
) -> None:
    page = as_role("admin")
    choose(page, host, world.generator(features=FEATURES))
    json = page.get_by_label("Feature overrides as JSON")
    page.get_by_label("beta").select_option("Off")
    page.get_by_label("seats").fill("12")
    page.get_by_label("__proto__").fill("2")
    expect(json).to_have_value('{\n  "beta": false,\n  "seats": 12,\n  "__proto__": 2\n}')
    page.get_by_label("seats").fill("twelve")
    expect(page.get_by_text("seats takes a number")).to_be_visible()
    expect(json).to_have_value(re.compile('"seats": 12'))
    json.fill('{"beta": true, ')
    expect(page.get_by_label("beta")).to_be_disabled()
    json.fill('{"beta": true, "tier": "silver"}')
    expect(page.get_by_label("beta")).to_have_value("true")
    expect(page.get_by_label("seats")).to_have_value("")
    page.get_by_label("tier").fill("")
    expect(json).to_have_value('{\n  "beta": true\n}')


def test_only_what_was_chosen_is_asked_and_presets_follow_the_numbers(
    as_role: Callable[[str], Page], host: str, world: World
) -> None:
    page = as_role("admin")
    choose(page, host, world.generator())
    expect(page.get_by_label("Last good day")).to_be_hidden()
    page.get_by_label("After a time from generation").check()
    page.get_by_label("How long").fill("1")
    page.get_by_label("Quota", exact=True).fill("10 001")
    expect(page.get_by_text("check the number")).to_be_visible()
    page.get_by_label("Quota", exact=True).fill("500")
    expect(page.get_by_text("check the number")).to_be_hidden()
    expect(page.get_by_label("Calls per minute")).to_be_hidden()
    page.get_by_label("API access").check()
    page.get_by_label("Rate limits").select_option("large")
    expect(page.get_by_label("Calls per day")).to_have_value("5000")
    page.get_by_label("Calls per minute").fill("49")
    expect(page.get_by_label("Rate limits")).to_have_value("")
    page.get_by_label("API access").uncheck()
    page.get_by_label("Name").fill("From a browser")
    page.get_by_role("button", name="Save as inactive").click()
    expect(page.get_by_role("heading", name="From a browser")).to_be_visible()
    row = one("SELECT * FROM contract c JOIN contract_quota q ON q.contract_id = c.id")
    assert (row.expiry_n, row.accepting, row.per_minute, row.per_day) == (1, False, 49, 5000)


def test_enter_creates_the_contract_active(as_role: Callable[[str], Page], host: str, world: World) -> None:
    generator = world.generator()
    page = as_role("admin")
    page.goto(f"{host}/admin/contracts/new/?product_id={generator.product_id}&generator_id={generator.id}")
    page.get_by_label("Name").fill("By Enter")
    page.get_by_label("Quota", exact=True).fill("5")
    page.get_by_label("Quota", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="By Enter")).to_be_visible()
    assert one("SELECT accepting FROM contract_quota").accepting
