"""The page of a contract in a real browser: what is seen at once, a key that hides itself, paper (UX 31, 34, 48)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.admin.office import PASSWORD
from tests.browser.steps import keep, violations
from tests.browser.walk import wider_than
from tests.world import World

Enter = Callable[..., Page]
LIMITS = {"per_minute": "10", "per_hour": "100", "per_day": "500"}


def test_what_a_support_call_asks_for_is_seen_without_scrolling(as_role: Enter, host: str, world: World) -> None:
    contract, _ = world.reseller(name="TechReseller 2026", reference="https://crm.example/7", **LIMITS)
    world.generate(contract, 47)
    page = as_role("super_admin")
    page.goto(f"{host}/admin/contracts/{contract.id}/")
    keep(page, "contract-before-first-call")
    for words in ("active", "Remaining", "Generator", "Licenses expire", "Contract key", "Left", "Last call"):
        found = page.locator("main").get_by_text(words, exact=True).first
        box = found.bounding_box()
        assert box is not None, words
        assert box["y"] + box["height"] <= 900, words


def test_a_revealed_key_hides_itself_and_copying_is_announced(as_role: Enter, host: str, world: World) -> None:
    contract, key = world.reseller()
    page = as_role("admin", password=PASSWORD)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.clock.install()
    page.goto(f"{host}/admin/contracts/{contract.id}/")
    page.get_by_role("button", name="Copy endpoint").click()
    page.clock.run_for(1000)
    expect(page.locator("#announcer")).to_have_text("Copied endpoint")
    page.get_by_role("link", name="Reveal").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Show the key").click()
    secret = page.locator("[data-secret] code")
    expect(secret).to_have_text(key)
    expect(page.locator("[data-secret][data-watched]")).to_have_count(1)  # its time has begun
    page.clock.run_for(31_000)
    expect(secret).to_have_text(re.compile(r"^alk_live_.{4}….{4}$"))
    expect(page.locator("[data-secret] clipboard-copy")).to_have_count(0)


@pytest.mark.parametrize("path", ["", "calls/", "sheet/"])
def test_the_pages_of_a_contract_are_accessible_and_fit(
    examined: Page, as_role: Enter, host: str, world: World, path: str
) -> None:
    contract, _ = world.reseller(**LIMITS)
    examined.context.add_cookies(as_role("viewer").context.cookies())  # type: ignore[arg-type]
    for scheme in ("light", "dark"):
        examined.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        examined.goto(f"{host}/admin/contracts/{contract.id}/{path}")
        assert violations(examined) == []
    assert not wider_than(examined, 320)


def test_on_paper_the_numbers_stay_and_the_menus_go(as_role: Enter, host: str, world: World) -> None:
    contract, _ = world.reseller(**LIMITS)
    page = as_role("admin")
    page.goto(f"{host}/admin/contracts/{contract.id}/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 670, "height": 1000})  # A4 less its margins
    expect(page.get_by_text("Remaining")).to_be_visible()
    for menu in (".sidebar", ".top-row", ".page-actions", "#access .button-row"):
        expect(page.locator(menu)).to_be_hidden()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    keep(page, "contract-on-paper")
