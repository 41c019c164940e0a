"""What people were promised, walked in a real browser: first steps, copying, keys alone, environments, paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from playwright.sync_api import Locator, Page, expect

from tests import running
from tests.browser.steps import keep
from tests.gateway.calling import generate
from tests.world import STAGING, World, one

Enter = Callable[[str], Page]
A4 = (595, 842)  # points


def reach(page: Page, target: Locator, key: str = "Tab") -> Locator:
    """Press a key until the focus is on the target."""
    expect(target).to_be_visible()
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return target
        page.keyboard.press(key)
    raise AssertionError(f"{key} never reaches {target}")


def press(page: Page, target: Locator) -> None:
    """Go to a link or button by keyboard and use it."""
    reach(page, target)
    page.keyboard.press("Enter")


def test_the_first_steps_tick_themselves_and_leave(
    as_role: Enter, host: str, world: World, partner: FlaskClient
) -> None:
    page = as_role("super_admin")

    def ticked(count: int) -> None:
        page.goto(f"{host}/admin/")
        expect(page.locator(".checklist .is-done")).to_have_count(count)
        expect(page.locator("section", has_text="First steps").locator(".card-head")).to_contain_text(f"{count} of 5")

    ticked(0)
    product = world.product()
    ticked(1)
    generator = world.generator(product)
    ticked(2)
    contract, key = world.reseller(generator=generator)
    ticked(3)
    world.generate(contract, 1)
    ticked(4)
    keep(page, "home-four-of-five")
    assert generate(partner, contract, key, count=1).status_code == 201
    partner.application.extensions["api_log"].flush()  # written behind the answer
    page.goto(f"{host}/admin/")
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)


def test_copying_says_so_and_copies(as_role: Enter, host: str, world: World) -> None:
    contract, _ = world.reseller()
    page = as_role("admin")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=host)
    page.goto(f"{host}/admin/contracts/{contract.id}/")
    page.wait_for_load_state()
    press(page, page.get_by_role("button", name="Copy Contract uuid"))
    expect(page.locator("#announcer")).to_have_text("Copied Contract uuid")
    assert page.evaluate("navigator.clipboard.readText()") == str(contract.id)


def test_a_contract_is_made_used_and_watched_by_keys_alone(
    as_role: Enter, host: str, world: World, environ: dict[str, str], tmp_path: Path
) -> None:
    world.generator(world.product(name="Nimbus Studio"), name="Standard keys")
    page = as_role("super_admin")
    page.goto(f"{host}/admin/contracts")
    page.wait_for_load_state()
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/new/"))
    page.wait_for_load_state()
    reach(page, page.get_by_label("Name", exact=True))
    page.keyboard.type("By keys alone")
    reach(page, page.locator("#product_id"))
    with page.expect_response(re.compile("product_id=")):
        page.keyboard.type("Nimbus")
        page.keyboard.press("Tab")
    expect(page.locator("#generator_id option", has_text="Standard keys")).to_have_count(1)
    reach(page, page.locator("#generator_id"))
    page.keyboard.type("Standard")
    expect(page.locator("#generator_id option:checked")).to_have_text("Standard keys")
    reach(page, page.get_by_label("Quota", exact=True))
    page.keyboard.type("500")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="By keys alone")).to_be_visible()
    contract_url = page.url

    page.wait_for_load_state()
    page.keyboard.press("g")
    page.wait_for_url(re.compile("/generate/"))
    reach(page, page.get_by_role("spinbutton", name="Licenses"))
    page.keyboard.press("Control+a")
    page.keyboard.type("200")
    page.keyboard.press("Enter")
    expect(page.locator("[data-job]")).to_contain_text("0 / 200")
    with running.worker(environ, tmp_path):
        expect(page.locator("[data-job][data-ended]")).to_contain_text("All 200 licenses are made", timeout=30_000)
    assert one("SELECT used, reserved FROM contract_quota").used == 200
    delete_by_keys(page, contract_url, "By keys alone")
    assert one("SELECT deleted_at IS NOT NULL AS gone FROM contract").gone


def delete_by_keys(page: Page, url: str, name: str) -> None:
    """Deactivate a contract and delete it from its page."""
    page.goto(url)
    page.wait_for_load_state()
    press(page, page.get_by_role("button", name="Deactivate"))
    expect(page.get_by_role("button", name="Activate", exact=True)).to_be_visible()
    page.wait_for_load_state()
    press(page, page.get_by_role("link", name="Delete", exact=True))
    expect(page.locator("dialog #typed_name")).to_be_focused()
    page.keyboard.type(name)
    press(page, page.get_by_role("button", name="Delete for good"))
    expect(page.get_by_text("Its keys are gone")).to_be_visible()


def test_a_switch_of_environment_is_a_switch_of_every_list(as_role: Enter, host: str, world: World) -> None:
    world.generate(world.contract(name="Here"), 2)
    there = world.generator(world.product(environment_id=STAGING, name="Trial"))
    world.generate(world.contract(generator=there, name="There"), 1)
    page = as_role("admin")
    for environment, licenses, contract in (("Production", "2 licenses", "Here"), ("Staging", "1 license", "There")):
        page.goto(f"{host}/admin/contracts")
        page.wait_for_load_state()
        press(page, page.locator("summary", has_text="Environment:"))
        press(page, page.get_by_role("button", name=environment, exact=True))
        page.wait_for_url(f"{host}/admin/")
        expect(page.locator(".environment-bar")).to_have_count(int(environment == "Staging"))
        for noun, said in (("contracts", "1 contract"), ("licenses", licenses), ("products", "1 product"),
                           ("generators", "1 generator")):  # fmt: skip
            page.goto(f"{host}/admin/{noun}")
            expect(page.locator("#result-count")).to_have_text(said)
        page.goto(f"{host}/admin/palette/?q=here")
        expect(page.get_by_role("option", name=contract)).to_have_count(1)
    keep(page, "staging")


def test_a_contract_prints_on_a4_without_menus_and_buttons(as_role: Enter, host: str, world: World) -> None:
    contract, _ = world.reseller(name="On paper")
    world.generate(contract, 40)
    page = as_role("super_admin")
    page.goto(f"{host}/admin/contracts/{contract.id}/")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="On paper")).to_be_visible()
    expect(page.get_by_text(str(contract.id)).first).to_be_visible()
    shown = page.locator("nav:visible, button:visible, .btn:visible, .icon-button:visible, summary:visible")
    assert shown.all_inner_texts() == []
    keep(page, "print")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert box
    assert (round(float(box[1])), round(float(box[2]))) == A4
